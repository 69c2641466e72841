/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_log.h"

/* A command brings at most this many entries: the decision, its effect, an attempt; genesis and boot. */
enum { GROUP_SLACK = 8 };

void core_log_init(struct core_log *l)
{
    memset(l, 0, sizeof(*l)); /* too large to be copied over the stack */
    l->note = wr_heap(STORE_NOTE_MAX_BYTES);
    l->leaves = wr_heap((size_t)CORE_GROUP_MAX * STORE_LEAF_MAX_BYTES);
}

void core_log_release(struct core_log *l)
{
    store_close(l->store);
    seal_close(l->seal);
    wr_release(&l->note);
    wr_release(&l->leaves);
    memset(l, 0, sizeof(*l));
}

void core_log_seal(struct core_log *l, const char *why)
{
    if (!l->sealed) {
        (void)snprintf(l->why, sizeof(l->why), "%s", why);
    }
    l->sealed = true;
}

bool core_log_full(const struct core_log *l)
{
    return l->open && l->count + GROUP_SLACK >= CORE_GROUP_MAX;
}

static CS_RESULT begin(struct core_log *l)
{
    TRY(store_begin(l->store));
    l->open = true;
    l->first = l->committed;
    l->leaves.len = 0;
    l->count = 0;
    return CS_SUCCESS;
}

CS_RESULT core_log_append(struct core_log *l, uint64_t index, struct span leaf)
{
    const struct sha256 hash = merkle_leaf(leaf);

    ENSURE(!l->sealed, CS_E_STATE, "log.sealed");
    if (!l->open) {
        TRY(begin(l));
    }
    ENSURE(l->count < CORE_GROUP_MAX, CS_E_FULL, "log.group");
    TRY(store_put_entry(l->store, index, leaf, &hash));
    wr_bytes(&l->leaves, leaf);
    TRY(wr_end(&l->leaves, "log.leaves"));
    l->end[l->count] = l->leaves.len;
    l->hash[l->count] = hash;
    l->count++;
    return CS_SUCCESS;
}

CS_RESULT core_log_blob(struct core_log *l, struct span data)
{
    struct sha256 sha256;

    ENSURE(l->open, CS_E_STATE, "log.blob");
    return store_put_blob(l->store, data, &sha256);
}

CS_RESULT core_log_commit(struct core_log *l, const struct merkle_frontier *tree, uint64_t time_ms)
{
    if (!l->open) {
        return CS_SUCCESS;
    }
    const struct sha256 root = merkle_root(tree);
    l->note.len = 0;
    TRY(seal_checkpoint(l->seal, l->hash, l->count, tree->size, &root, &l->note));
    TRY(store_put_checkpoint(l->store, tree->size, wr_span(&l->note), time_ms));
    TRY(store_commit(l->store));
    l->open = false;
    l->committed = tree->size;
    return CS_SUCCESS;
}

CS_RESULT core_log_each(struct core_log *l, uint64_t first, uint64_t count,
                        struct cs_result (*fn)(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash),
                        void *ctx)
{
    if (l->count == 0 || first < l->first) {
        return store_each_entry(l->store, first, count, fn, ctx);
    }
    for (uint64_t i = first - l->first; i < l->count && count > 0; i++, count--) {
        const size_t start = i > 0 ? l->end[i - 1] : 0;
        TRY(fn(ctx, l->first + i, span_make(l->leaves.p + start, l->end[i] - start), &l->hash[i]));
    }
    return CS_SUCCESS;
}
