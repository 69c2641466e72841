/* SPDX-License-Identifier: Apache-2.0 */
/* Opened public keys, so that parsing a key does not cost more than verifying with it. Inside the room only. */
#ifndef JUDGE_KEYS_H
#define JUDGE_KEYS_H

#include "base/base_digest.h"

struct judge_keys;
struct crypt_key;

/* NULL without memory. */
struct judge_keys *judge_keys_new(void);
void judge_keys_free(struct judge_keys *keys);
/* The P-256 key of this SubjectPublicKeyInfo, opened once. Owned by the cache. CS_E_CRYPTO or CS_E_NOMEM. */
CS_RESULT judge_keys_open(struct judge_keys *keys, struct span spki, struct crypt_key **ret_key);

#endif
