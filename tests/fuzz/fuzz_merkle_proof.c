/* SPDX-License-Identifier: Apache-2.0 */
/* index:u64 size:u64 leaf:32 hashes: any proof ends with an answer, and one bit of difference changes the root. */
#include "merkle/merkle_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(uint64_t a, uint64_t b, const struct sha256 *leaf, struct merkle_proof *p)
{
    struct sha256 root;

    if (merkle_root_by_inclusion(a, b, leaf, p, &root).code == CS_OK) {
        if (merkle_check_inclusion(a, b, leaf, p, &root).code != CS_OK) {
            abort();
        }
        for (size_t i = 0; i < p->count; i++) {
            p->hash[i].b[0] ^= 1;
            if (merkle_check_inclusion(a, b, leaf, p, &root).code != CS_E_MISMATCH) {
                abort();
            }
            p->hash[i].b[0] ^= 1;
        }
    }
    if (merkle_check_consistency(a, b, leaf, leaf, p).code == CS_OK && a != b) {
        abort(); /* two sizes of one root: a collision */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    uint64_t a = 0;
    uint64_t b = 0;
    struct span leaf_bytes = SPAN_NONE;
    struct sha256 leaf;
    struct merkle_proof p;

    if (rd_u64(&r, &a, "a").code != CS_OK || rd_u64(&r, &b, "b").code != CS_OK ||
        rd_take(&r, SHA256_BYTES, &leaf_bytes, "leaf").code != CS_OK || merkle_proof_decode(r.rest, &p).code != CS_OK) {
        return 0;
    }
    memcpy(leaf.b, leaf_bytes.p, SHA256_BYTES);
    check(a, b, &leaf, &p);
    return 0;
}
