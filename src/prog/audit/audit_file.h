/* SPDX-License-Identifier: Apache-2.0 */
/* The directory of an export. */
#ifndef AUDIT_FILE_H
#define AUDIT_FILE_H

#include "base/base_result.h"

/* A directory to read under; *ret_fd is -1 when path is no directory. The caller closes it. CS_E_MISSING, CS_E_IO. */
CS_RESULT audit_dir_open(const char *path, int *ret_fd);

#endif
