/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every complete node of a growing tree in memory, 64 bytes a leaf: proofs between any two sizes up to the current one
 * are look-ups. One owner; readers may share it only while nobody appends.
 */
#ifndef MERKLE_NODES_H
#define MERKLE_NODES_H

#include "merkle/merkle_proof.h"

/* All-zero is an empty store that takes no leaf. */
struct merkle_nodes {
    uint64_t size;
    uint64_t max_leaves;
    struct merkle_level {
        struct sha256 *node; /* size >> level of them */
        size_t cap;
    } level[MERKLE_LEVELS];
};

void merkle_nodes_init(struct merkle_nodes *n, uint64_t max_leaves);
void merkle_nodes_release(struct merkle_nodes *n);
/* CS_E_FULL past max_leaves, CS_E_NOMEM; then nothing changed. */
CS_RESULT merkle_nodes_append(struct merkle_nodes *n, const struct sha256 *leaf);

/* CS_E_RANGE for anything past the current size, or as merkle_prove_* says. */
CS_RESULT merkle_nodes_root(const struct merkle_nodes *n, uint64_t size, struct sha256 *ret_root);
CS_RESULT merkle_nodes_inclusion(const struct merkle_nodes *n, uint64_t index, uint64_t size,
                                 struct merkle_proof *ret_proof);
CS_RESULT merkle_nodes_consistency(const struct merkle_nodes *n, uint64_t old_size, uint64_t new_size,
                                   struct merkle_proof *ret_proof);
/* Borrows n. */
struct merkle_source merkle_nodes_source(const struct merkle_nodes *n);

#endif
