/* SPDX-License-Identifier: Apache-2.0 */
/* The one place of this program that opens files, and it only reads. */
#ifndef AUDIT_FILE_H
#define AUDIT_FILE_H

#include "base/base_writer.h"

/* Appends the whole file at path under the directory dir (AT_FDCWD: as it stands). CS_E_MISSING: there is none;
 * CS_E_FULL: larger than the writer takes; CS_E_IO, CS_E_NOMEM. */
CS_RESULT audit_file_read(int dir, const char *path, struct writer *w);
/* A directory to read under; *ret_fd is -1 when path is no directory. The caller closes it. CS_E_MISSING, CS_E_IO. */
CS_RESULT audit_dir_open(const char *path, int *ret_fd);

#endif
