/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files into memory; the writer's maximum is the bound. */
#ifndef FILE_READ_H
#define FILE_READ_H

#include "base/base_writer.h"

/**
 * Append everything from where fd stands to its end. Blocks as fd does.
 *
 * Errors: CS_E_IO   a read failed
 *         CS_E_FULL, CS_E_NOMEM  more than w takes
 */
CS_RESULT file_read_all(int fd, struct writer *w);

/**
 * Append a whole file.
 *
 * @dir    directory of a relative path, or AT_FDCWD.
 * @flags  of open(2), beside O_RDONLY and O_CLOEXEC.
 *
 * Errors: CS_E_MISSING  there is no such file
 *         CS_E_IO       it is there and cannot be opened; and those of file_read_all
 */
CS_RESULT file_read(int dir, const char *path, int flags, struct writer *w);

#endif
