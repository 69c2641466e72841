/* SPDX-License-Identifier: Apache-2.0 */
/* What a key says about itself: whatever it is, a statement that is taken has a signature and a bounded chain. */
#include "token/token_attestation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct token_outcome out = {.code = TOKEN_FAILED};
    struct arena a;
    uint64_t level = 0;

    if (token_protection_decode(span_make(data, size), &level).code != CS_OK && level != 0) {
        abort();
    }
    arena_init(&a, 1 << 20);
    if (token_attestation_decode(span_make(data, size), &a, &out).code == CS_OK) {
        bool holds = out.sig.left > 0 && out.x5c_count >= 1 && out.x5c_count <= TOKEN_CHAIN_MAX;
        for (size_t i = 0; holds && i < out.x5c_count; i++) {
            holds = out.x5c[i].left >= 1 && out.x5c[i].left <= TOKEN_CERT_MAX;
        }
        if (!holds) {
            abort();
        }
    }
    arena_release(&a);
    return 0;
}
