/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_nonces.h"

static void forget_expired(struct core_nonces *n, uint64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < n->count; i++) {
        if (n->item[i].expires_at_ms >= now_ms) {
            n->item[kept++] = n->item[i];
        }
    }
    n->count = kept;
}

CS_RESULT core_nonces_issue(struct core_nonces *n, const uint8_t nonce[MODEL_NONCE_BYTES], uint64_t now_ms,
                            uint64_t *ret_expires_at_ms)
{
    if (n->count == CORE_NONCES_MAX) {
        forget_expired(n, now_ms);
    }
    ENSURE(n->count < CORE_NONCES_MAX, CS_E_FULL, "nonces");
    memcpy(n->item[n->count].nonce, nonce, MODEL_NONCE_BYTES);
    n->item[n->count].expires_at_ms = now_ms + MODEL_STATEMENT_LIFE_MS;
    *ret_expires_at_ms = n->item[n->count].expires_at_ms;
    n->count++;
    return CS_SUCCESS;
}

bool core_nonces_known(const struct core_nonces *n, const uint8_t nonce[MODEL_NONCE_BYTES], uint64_t now_ms)
{
    for (size_t i = 0; i < n->count; i++) {
        if (memcmp(n->item[i].nonce, nonce, MODEL_NONCE_BYTES) == 0) {
            return n->item[i].expires_at_ms >= now_ms;
        }
    }
    return false;
}
