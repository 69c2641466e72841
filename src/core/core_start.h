/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the log: verify all of it, fold it, and decide whether it may be written on. */
#ifndef CORE_START_H
#define CORE_START_H

#include "core/core.h"

/* What stands in the state directory; NUL-terminated paths, borrowed for the call. */
struct core_files {
    const char *log;  /* SQLite file; made when it does not exist */
    const char *keys; /* directory of the two keys; they are made when the log is made */
};

/**
 * Open log and keys. Nothing is read yet: call it while files may still be opened.
 * Errors: the store's and the seal's: the program cannot start
 */
CS_RESULT core_open(struct core *c, const struct core_files *files);

/**
 * Recompute the tree and hold it against every checkpoint and the head file; fold every entry. Signatures were verified
 * when the entries were appended, and the checkpoints prove that these are those entries; with `prove` they are
 * verified again. Whatever does not fit seals the log, c->log.why says why. Appends nothing.
 *
 * Errors: CS_E_IO, CS_E_NOMEM
 */
CS_RESULT core_load(struct core *c, bool prove);

#endif
