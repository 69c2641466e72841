/* SPDX-License-Identifier: Apache-2.0 */
/* Nonces given out by `begin`, so that a statement is made after it was asked for here, and soon. Pure but for the
 * bytes, which the caller brings. */
#ifndef CORE_NONCES_H
#define CORE_NONCES_H

#include "model/model_names.h"

enum { CORE_NONCES_MAX = 1024 };

struct core_nonces {
    struct {
        uint8_t nonce[MODEL_NONCE_BYTES];
        uint64_t expires_at_ms;
    } item[CORE_NONCES_MAX];
    size_t count;
};

/* Forgets what is expired, then keeps this one for MODEL_STATEMENT_LIFE_MS. CS_E_FULL when too many are out. */
CS_RESULT core_nonces_issue(struct core_nonces *n, const uint8_t nonce[MODEL_NONCE_BYTES], uint64_t now_ms,
                            uint64_t *ret_expires_at_ms);
/* Was it given out by this process, and is it not expired? It stays known until then: used ones are the log's to know.
 */
bool core_nonces_known(const struct core_nonces *n, const uint8_t nonce[MODEL_NONCE_BYTES], uint64_t now_ms);

#endif
