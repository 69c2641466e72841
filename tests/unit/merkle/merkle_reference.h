/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 6962 as it is written, by its recursive definitions: slow, and independent of the code under test. */
#ifndef MERKLE_REFERENCE_H
#define MERKLE_REFERENCE_H

#include "merkle/merkle_proof.h"

struct sha256 reference_root(const struct sha256 *leaf, size_t n);
void reference_path(size_t m, const struct sha256 *leaf, size_t n, struct merkle_proof *proof);
void reference_consistency(size_t m, const struct sha256 *leaf, size_t n, struct merkle_proof *proof);

#endif
