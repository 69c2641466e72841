/* SPDX-License-Identifier: Apache-2.0 */
/* The leaves a follower has read, in a file without a name: written once, read back by index, gone with the process. */
#ifndef FOLLOW_SPOOL_H
#define FOLLOW_SPOOL_H

#include "base/base_span.h"

/* All-zero is closed: append and read fail with CS_E_STATE. One owner. */
struct follow_spool {
    bool open;
    int fd;
    uint64_t count;
    uint64_t *end; /* [i] is where leaf i ends and leaf i + 1 starts */
    size_t cap;
};

/**
 * A nameless file in directory `dir` (O_TMPFILE), or in memory when dir is NULL.
 * Errors: CS_E_IO  the directory or the kernel refused
 */
CS_RESULT follow_spool_open(struct follow_spool *s, const char *dir);
void follow_spool_close(struct follow_spool *s);
/* CS_E_NOMEM, CS_E_IO (no space); then nothing was added, and nothing more can be. */
CS_RESULT follow_spool_append(struct follow_spool *s, struct span leaf);
/**
 * Leaf `index` into buf; *ret_leaf borrows from buf.
 * Errors: CS_E_RANGE  no such leaf, or it is longer than cap
 *         CS_E_IO     the file could not be read
 */
CS_RESULT follow_spool_read(const struct follow_spool *s, uint64_t index, uint8_t *buf, size_t cap,
                            struct span *ret_leaf);

#endif
