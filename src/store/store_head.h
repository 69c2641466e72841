/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the head file, which holds the last signed checkpoint outside of the database, so that an older
 * copy of the database, or one whose journal lost its end, is noticed. */
#ifndef STORE_HEAD_H
#define STORE_HEAD_H

#include "base/base_writer.h"

enum { STORE_HEAD_SUFFIX_BYTES = 9 }; /* ".head.new" */

/* Replaces it whole: a file beside it, fsync, rename, fsync of the directory. CS_E_IO: the outcome is unknown. */
CS_RESULT store_head_write(const char *db_path, struct span note);
/* Appends it to w. CS_E_MISSING, CS_E_FULL above w's room, CS_E_IO. */
CS_RESULT store_head_read(const char *db_path, struct writer *w);

#endif
