/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/merkle_proof.h"

/* Where a proof stands: the node's place in its level, and that of the level's last node. */
struct climb {
    uint64_t fn;
    uint64_t sn;
};

/* Is the next proof hash the left sibling? */
static bool joins_left(const struct climb *c)
{
    return (c->fn & 1) != 0 || c->fn == c->sn;
}

/* One level up; a node that is last at an even place rises unjoined until it is a right child or alone. */
static void rise(struct climb *c)
{
    if (joins_left(c)) {
        while ((c->fn & 1) == 0 && c->fn != 0) {
            c->fn >>= 1;
            c->sn >>= 1;
        }
    }
    c->fn >>= 1;
    c->sn >>= 1;
}

CS_RESULT merkle_root_by_inclusion(uint64_t index, uint64_t size, const struct sha256 *leaf,
                                   const struct merkle_proof *proof, struct sha256 *ret_root)
{
    ENSURE(index < size, CS_E_RANGE, "inclusion.index");
    ENSURE(proof->count <= MERKLE_LEVELS, CS_E_RANGE, "inclusion.proof");
    struct climb c = {.fn = index, .sn = size - 1};
    struct sha256 r = *leaf;

    for (size_t i = 0; i < proof->count; i++) {
        ENSURE(c.sn != 0, CS_E_TRAILING, "inclusion.proof");
        r = joins_left(&c) ? merkle_node(&proof->hash[i], &r) : merkle_node(&r, &proof->hash[i]);
        rise(&c);
    }
    ENSURE(c.sn == 0, CS_E_SHORT, "inclusion.proof");
    *ret_root = r;
    return CS_SUCCESS;
}

CS_RESULT merkle_check_inclusion(uint64_t index, uint64_t size, const struct sha256 *leaf,
                                 const struct merkle_proof *proof, const struct sha256 *root)
{
    struct sha256 got;

    TRY(merkle_root_by_inclusion(index, size, leaf, proof, &got));
    ENSURE(sha256_eq(&got, root), CS_E_MISMATCH, "inclusion.root");
    return CS_SUCCESS;
}

CS_RESULT merkle_check_consistency(uint64_t old_size, uint64_t new_size, const struct sha256 *old_root,
                                   const struct sha256 *new_root, const struct merkle_proof *proof)
{
    ENSURE(old_size != 0 && old_size <= new_size, CS_E_RANGE, "consistency.size");
    ENSURE(proof->count <= MERKLE_LEVELS, CS_E_RANGE, "consistency.proof");
    if (old_size == new_size) {
        ENSURE(proof->count == 0, CS_E_TRAILING, "consistency.proof");
        ENSURE(sha256_eq(old_root, new_root), CS_E_MISMATCH, "consistency.new_root");
        return CS_SUCCESS;
    }
    struct climb c = {.fn = old_size - 1, .sn = new_size - 1};
    while ((c.fn & 1) != 0) {
        c.fn >>= 1;
        c.sn >>= 1;
    }
    const bool whole = (old_size & (old_size - 1)) == 0; /* then the old root is itself a node of the new tree */
    size_t i = whole ? 0 : 1;
    ENSURE(i <= proof->count, CS_E_SHORT, "consistency.proof");
    struct sha256 fr = whole ? *old_root : proof->hash[0];
    struct sha256 sr = fr;

    for (; i < proof->count; i++) {
        const struct sha256 *h = &proof->hash[i];
        ENSURE(c.sn != 0, CS_E_TRAILING, "consistency.proof");
        if (joins_left(&c)) {
            fr = merkle_node(h, &fr);
            sr = merkle_node(h, &sr);
        } else {
            sr = merkle_node(&sr, h);
        }
        rise(&c);
    }
    ENSURE(c.sn == 0, CS_E_SHORT, "consistency.proof");
    ENSURE(sha256_eq(&fr, old_root), CS_E_MISMATCH, "consistency.old_root");
    ENSURE(sha256_eq(&sr, new_root), CS_E_MISMATCH, "consistency.new_root");
    return CS_SUCCESS;
}

CS_RESULT merkle_proof_decode(struct span hashes, struct merkle_proof *ret_proof)
{
    const size_t n = hashes.left / SHA256_BYTES;

    ENSURE(hashes.left % SHA256_BYTES == 0 && n <= MERKLE_LEVELS, CS_E_RANGE, "proof");
    ret_proof->count = n;
    if (n > 0) {
        memcpy(ret_proof->hash, hashes.p, hashes.left);
    }
    return CS_SUCCESS;
}

/* A run of leaves [start, start + size) whose subtree is a node of the tree; start is a multiple of its full width. */
struct range {
    uint64_t start;
    uint64_t size;
};

/* Folds the complete subtrees of the range from the right. size > 0. */
static CS_RESULT range_hash(const struct merkle_source *s, struct range range, struct sha256 *ret_hash)
{
    uint64_t left = range.size;
    struct sha256 acc = {{0}};

    while (left != 0) {
        const unsigned level = (unsigned)__builtin_ctzll(left);
        const bool first = left == range.size;
        struct sha256 h;
        left &= left - 1;
        TRY(s->node(s->ctx, level, (range.start + left) >> level, &h));
        acc = first ? h : merkle_node(&h, &acc);
    }
    *ret_hash = acc;
    return CS_SUCCESS;
}

CS_RESULT merkle_root_at(const struct merkle_source *s, uint64_t size, struct sha256 *ret_root)
{
    ENSURE(size <= MERKLE_SIZE_MAX, CS_E_RANGE, "tree.size");
    if (size == 0) {
        *ret_root = merkle_empty();
        return CS_SUCCESS;
    }
    return range_hash(s, (struct range){.start = 0, .size = size}, ret_root);
}

/* Leaves in the left subtree of a tree of n > 1 leaves: the largest power of two below n. */
static uint64_t split(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* Goes from the root to leaf `at`, into `ret`, and hands the sibling on the other side to the proof. */
static CS_RESULT descend(const struct merkle_source *s, struct range *r, uint64_t at, struct merkle_proof *proof)
{
    const uint64_t k = split(r->size);
    const struct range left = {.start = r->start, .size = k};
    const struct range right = {.start = r->start + k, .size = r->size - k};
    const bool go_left = at - r->start < k;

    TRY(range_hash(s, go_left ? right : left, &proof->hash[proof->count]));
    proof->count++;
    *r = go_left ? left : right;
    return CS_SUCCESS;
}

/* Proofs are written from the leaf up, and were found from the root down. */
static void publish(const struct merkle_proof *found, struct merkle_proof *ret_proof)
{
    for (size_t i = 0; i < found->count; i++) {
        ret_proof->hash[i] = found->hash[found->count - 1 - i];
    }
    ret_proof->count = found->count;
}

CS_RESULT merkle_prove_inclusion(const struct merkle_source *s, uint64_t index, uint64_t size,
                                 struct merkle_proof *ret_proof)
{
    ENSURE(index < size && size <= MERKLE_SIZE_MAX, CS_E_RANGE, "inclusion.index");
    struct range r = {.start = 0, .size = size};
    struct merkle_proof proof;

    proof.count = 0;
    while (r.size > 1) {
        TRY(descend(s, &r, index, &proof));
    }
    publish(&proof, ret_proof);
    return CS_SUCCESS;
}

CS_RESULT merkle_prove_consistency(const struct merkle_source *s, uint64_t old_size, uint64_t new_size,
                                   struct merkle_proof *ret_proof)
{
    ENSURE(old_size > 0 && old_size <= new_size && new_size <= MERKLE_SIZE_MAX, CS_E_RANGE, "consistency.size");
    struct range r = {.start = 0, .size = new_size};
    struct merkle_proof proof;

    proof.count = 0;
    /* down to the subtree that ends where the old tree ended */
    while (r.start + r.size != old_size) {
        TRY(descend(s, &r, old_size - 1, &proof));
    }
    if (r.start != 0) { /* otherwise that subtree is the whole old tree, whose root the verifier has */
        TRY(range_hash(s, r, &proof.hash[proof.count]));
        proof.count++;
    }
    publish(&proof, ret_proof);
    return CS_SUCCESS;
}
