/* SPDX-License-Identifier: Apache-2.0 */
/* Checking and making inclusion and consistency proofs. RFC 6962 §2.1.1, §2.1.2; docs/formats/tree.md §2. Pure. */
#ifndef MERKLE_PROOF_H
#define MERKLE_PROOF_H

#include "merkle/merkle_tree.h"

struct merkle_proof {
    size_t count;
    struct sha256 hash[MERKLE_LEVELS];
};

/*
 * The root that this proof gives for the leaf.
 *
 * CS_E_RANGE    index >= size ("inclusion.index"), or more than MERKLE_LEVELS hashes ("inclusion.proof")
 * CS_E_SHORT    the proof has too few hashes for index and size
 * CS_E_TRAILING it has too many
 */
CS_RESULT merkle_root_by_inclusion(uint64_t index, uint64_t size, const struct sha256 *leaf,
                                   const struct merkle_proof *proof, struct sha256 *ret_root);
/* The same, and CS_E_MISMATCH "inclusion.root" unless it is this root. */
CS_RESULT merkle_check_inclusion(uint64_t index, uint64_t size, const struct sha256 *leaf,
                                 const struct merkle_proof *proof, const struct sha256 *root);

/*
 * Is the tree of old_size and old_root a beginning of the tree of new_size and new_root?
 *
 * CS_E_RANGE    old_size == 0 or old_size > new_size ("consistency.size"), or too many hashes ("consistency.proof")
 * CS_E_SHORT, CS_E_TRAILING  the number of hashes does not fit the sizes; equal sizes need none
 * CS_E_MISMATCH "consistency.old_root" or "consistency.new_root"
 */
CS_RESULT merkle_check_consistency(uint64_t old_size, uint64_t new_size, const struct sha256 *old_root,
                                   const struct sha256 *new_root, const struct merkle_proof *proof);

/* Count hashes of 32 bytes each, one after the other. CS_E_RANGE on length or number. */
CS_RESULT merkle_proof_decode(struct span hashes, struct merkle_proof *ret_proof);

/*
 * Where proofs are made from: `node` gives the hash of the complete subtree of 2^level leaves that starts at leaf
 * index << level, and fails if it is not at hand; only complete subtrees of the asked-for tree are asked for.
 */
struct merkle_source {
    struct cs_result (*node)(const void *ctx, unsigned level, uint64_t index, struct sha256 *ret_hash);
    const void *ctx;
};

/* CS_E_RANGE if size > MERKLE_SIZE_MAX; else the source's error. Size 0 gives the empty root. */
CS_RESULT merkle_root_at(const struct merkle_source *s, uint64_t size, struct sha256 *ret_root);
/* CS_E_RANGE unless index < size. */
CS_RESULT merkle_prove_inclusion(const struct merkle_source *s, uint64_t index, uint64_t size,
                                 struct merkle_proof *ret_proof);
/* CS_E_RANGE unless 0 < old_size <= new_size. */
CS_RESULT merkle_prove_consistency(const struct merkle_source *s, uint64_t old_size, uint64_t new_size,
                                   struct merkle_proof *ret_proof);

#endif
