/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the log: verify all of it, fold it, and decide whether it may be written on. */
#ifndef CORE_START_H
#define CORE_START_H

#include "core/core.h"

/* What stands in the state directory; NUL-terminated paths, borrowed for the call. */
struct core_files {
    const char *log;  /* SQLite file; made when it does not exist */
    const char *keys; /* directory of the two keys; they are made while the log is empty */
};

/**
 * Open log and keys, after c->proposal was set: while the log is empty, it says the log's name. Nothing else is read
 * yet: call it while files may still be opened.
 *
 * Errors: CS_E_MISSING  "proposal.json": nothing says what this log is
 *         the store's and the seal's: the program cannot start
 */
CS_RESULT core_open(struct core *c, const struct core_files *files);

/**
 * Recompute the tree and hold it against every checkpoint and the head file; fold every entry. Signatures of people
 * were verified when their entries were appended, and the last checkpoint's signature, which is verified, says that
 * these are those entries. With `prove` all signatures are verified again: of people, and of every checkpoint. Whatever
 * does not fit seals the log, and c->log.why says why. Appends nothing.
 *
 * Errors: CS_E_IO, CS_E_NOMEM
 */
CS_RESULT core_load(struct core *c, bool prove);

#endif
