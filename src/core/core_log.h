/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log while it is written: a group of entries, one checkpoint that covers them, one commit. An error from a writing
 * call means that what is on disk is not known: the process ends without answering anybody.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include "seal/seal.h"
#include "store/store.h"

enum { CORE_GROUP_MAX = 512, CORE_WHY_MAX = 512 };

struct core_log {
    struct store *store;
    struct seal *seal;
    uint64_t committed; /* entries that are durable */
    struct writer note; /* the signed checkpoint over them; empty while there is none */
    bool open;          /* a group is being written */
    /* The leaves of the group that is open, or of the last one: what live followers want next. */
    uint64_t first;
    struct writer leaves;
    size_t end[CORE_GROUP_MAX];
    struct sha256 hash[CORE_GROUP_MAX];
    size_t count;
    bool sealed;
    char why[CORE_WHY_MAX + 1];
};

void core_log_init(struct core_log *l);
void core_log_release(struct core_log *l);
/* From now on read-only; the first reason stays. */
void core_log_seal(struct core_log *l, const char *why);

/* No room for one more entry in the group: commit first. */
bool core_log_full(const struct core_log *l);
/* CS_E_FULL when the group is; CS_E_STATE when sealed; else the store's errors. */
CS_RESULT core_log_append(struct core_log *l, uint64_t index, struct span leaf);
/* After the entry that names it, in the same group: a file, kept under its SHA-256. The store's errors. */
CS_RESULT core_log_blob(struct core_log *l, struct span data);
/* tree is over everything appended. Durable, and in the head file, when it returns CS_OK. */
CS_RESULT core_log_commit(struct core_log *l, const struct merkle_frontier *tree, uint64_t time_ms);

/**
 * Calls fn for committed leaves from `first` on, at most `count` of them.
 * Errors: the store's; fn's own
 */
CS_RESULT core_log_each(struct core_log *l, uint64_t first, uint64_t count,
                        struct cs_result (*fn)(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash),
                        void *ctx);

#endif
