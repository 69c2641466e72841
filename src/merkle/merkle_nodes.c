/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/merkle_nodes.h"

enum { FIRST_NODES = 64 };

void merkle_nodes_init(struct merkle_nodes *n, uint64_t max_leaves)
{
    *n = (struct merkle_nodes){.size = 0, .max_leaves = max_leaves};
}

void merkle_nodes_release(struct merkle_nodes *n)
{
    for (unsigned i = 0; i < MERKLE_LEVELS; i++) {
        free(n->level[i].node);
    }
    *n = (struct merkle_nodes){0};
}

static CS_RESULT reserve(struct merkle_level *l, uint64_t count)
{
    if (count <= l->cap) {
        return CS_SUCCESS;
    }
    const size_t cap = l->cap > 0 ? l->cap * 2 : (size_t)FIRST_NODES;
    ENSURE(cap <= SIZE_MAX / sizeof(struct sha256), CS_E_NOMEM, "tree.nodes");
    struct sha256 *p = realloc(l->node, cap * sizeof(*p));
    ENSURE(p != NULL, CS_E_NOMEM, "tree.nodes");
    l->node = p;
    l->cap = cap;
    return CS_SUCCESS;
}

CS_RESULT merkle_nodes_append(struct merkle_nodes *n, const struct sha256 *leaf)
{
    ENSURE(n->size < n->max_leaves && n->size < MERKLE_SIZE_MAX, CS_E_FULL, "tree.size");
    const uint64_t size = n->size + 1;
    const unsigned levels = (unsigned)__builtin_ctzll(size) + 1;

    for (unsigned i = 0; i < levels; i++) { /* all room first: a failure half way would leave levels that disagree */
        TRY(reserve(&n->level[i], size >> i));
    }
    n->level[0].node[n->size] = *leaf;
    for (unsigned i = 1; i < levels; i++) {
        const uint64_t at = (size >> i) - 1;
        const struct sha256 *below = &n->level[i - 1].node[2 * at];
        n->level[i].node[at] = merkle_node(&below[0], &below[1]);
    }
    n->size = size;
    return CS_SUCCESS;
}

static struct cs_result node_at(const void *ctx, unsigned level, uint64_t index, struct sha256 *ret_hash)
{
    const struct merkle_nodes *n = ctx;

    ENSURE(level < MERKLE_LEVELS && index < n->size >> level, CS_E_RANGE, "tree.node");
    *ret_hash = n->level[level].node[index];
    return CS_SUCCESS;
}

struct merkle_source merkle_nodes_source(const struct merkle_nodes *n)
{
    return (struct merkle_source){.node = node_at, .ctx = n};
}

CS_RESULT merkle_nodes_root(const struct merkle_nodes *n, uint64_t size, struct sha256 *ret_root)
{
    const struct merkle_source s = merkle_nodes_source(n);
    ENSURE(size <= n->size, CS_E_RANGE, "tree.size");
    return merkle_root_at(&s, size, ret_root);
}

CS_RESULT merkle_nodes_inclusion(const struct merkle_nodes *n, uint64_t index, uint64_t size,
                                 struct merkle_proof *ret_proof)
{
    const struct merkle_source s = merkle_nodes_source(n);
    ENSURE(size <= n->size, CS_E_RANGE, "inclusion.size");
    return merkle_prove_inclusion(&s, index, size, ret_proof);
}

CS_RESULT merkle_nodes_consistency(const struct merkle_nodes *n, uint64_t old_size, uint64_t new_size,
                                   struct merkle_proof *ret_proof)
{
    const struct merkle_source s = merkle_nodes_source(n);
    ENSURE(new_size <= n->size, CS_E_RANGE, "consistency.size");
    return merkle_prove_consistency(&s, old_size, new_size, ret_proof);
}
