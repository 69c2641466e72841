/* SPDX-License-Identifier: Apache-2.0 */
/* All of it, or an error. */
#ifndef FILE_WRITE_H
#define FILE_WRITE_H

#include "base/base_span.h"

/* Where fd stands. Blocks as fd does. CS_E_IO: how much was written is unknown. */
CS_RESULT file_write_all(int fd, struct span bytes);

#endif
