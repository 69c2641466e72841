/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes of the log's tree, and its right edge. RFC 6962 §2.1; docs/formats/tree.md §1. Pure. */
#ifndef MERKLE_TREE_H
#define MERKLE_TREE_H

#include "base/base_digest.h"

/* Leaves are counted below 2^63, so a tree has at most this many levels and a proof at most this many hashes. */
enum { MERKLE_LEVELS = 63 };
#define MERKLE_SIZE_MAX ((uint64_t)INT64_MAX)

struct sha256 merkle_empty(void);                                                 /* SHA-256("") */
struct sha256 merkle_leaf(struct span entry);                                     /* SHA-256(00 || entry) */
struct sha256 merkle_node(const struct sha256 *left, const struct sha256 *right); /* SHA-256(01 || left || right) */

/* What is needed to append and to know the root: the complete subtrees on the right edge. All-zero is the empty tree.
 */
struct merkle_frontier {
    uint64_t size;
    struct sha256 peak[MERKLE_LEVELS]; /* [k] counts only where bit k of size is set */
};

/* CS_E_FULL at MERKLE_SIZE_MAX leaves, and nothing changed. About one hash an append. */
CS_RESULT merkle_append(struct merkle_frontier *f, const struct sha256 *leaf);
/* Up to 62 hashes: ask once a batch. */
struct sha256 merkle_root(const struct merkle_frontier *f);

#endif
