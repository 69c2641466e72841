/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle/merkle_tree.h"

struct sha256 merkle_empty(void)
{
    return digest_sha256(SPAN_NONE);
}

struct sha256 merkle_leaf(struct span entry)
{
    const struct span parts[2] = {SPAN_LIT("\x00"), entry};
    return digest_sha256_parts(parts, 2);
}

struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right)
{
    uint8_t block[1 + 2 * SHA256_BYTES];

    block[0] = 0x01;
    memcpy(block + 1, left->b, SHA256_BYTES);
    memcpy(block + 1 + SHA256_BYTES, right->b, SHA256_BYTES);
    return digest_sha256(SPAN_OF(block));
}

CS_RESULT merkle_append(struct merkle_frontier *f, const struct sha256 *leaf)
{
    struct sha256 h = *leaf;
    unsigned level = 0;

    ENSURE(f->size < MERKLE_SIZE_MAX, CS_E_FULL, "tree.size");
    while ((f->size >> level & 1) != 0) {
        h = merkle_node(&f->peak[level], &h);
        level++;
    }
    f->peak[level] = h;
    f->size++;
    return CS_SUCCESS;
}

struct sha256 merkle_root(const struct merkle_frontier *f)
{
    bool any = false;
    struct sha256 root = merkle_empty();

    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if ((f->size >> level & 1) != 0) {
            root = any ? merkle_node(&f->peak[level], &root) : f->peak[level];
            any = true;
        }
    }
    return root;
}
