/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_keys.h"

#include "base/base_map.h"
#include "crypt/crypt_verify.h"

/* A roster of 10,000 people with two keys each fits; past it keys are opened again, which is only slower. */
enum { KEYS_BYTES = 8 * 1024 * 1024, KEYS_MOST = 32768 };

struct judge_keys {
    struct arena arena;
    struct pool pool;
    struct map map; /* SHA-256(SPKI) -> crypt_key */
};

struct judge_keys *judge_keys_new(void)
{
    struct judge_keys *k = calloc(1, sizeof(*k));
    if (k != NULL) {
        arena_init(&k->arena, KEYS_BYTES);
        pool_init(&k->pool, &k->arena);
    }
    return k;
}

static void forget_all(struct judge_keys *keys)
{
    size_t at = 0;
    struct crypt_key *key = NULL;
    while ((key = map_next(&keys->map, &at)) != NULL) {
        crypt_key_free(key);
    }
    keys->map = (struct map){0};
    arena_release(&keys->arena);
    arena_init(&keys->arena, KEYS_BYTES);
    pool_init(&keys->pool, &keys->arena);
}

void judge_keys_free(struct judge_keys *keys)
{
    if (keys != NULL) {
        forget_all(keys);
        free(keys);
    }
}

CS_RESULT judge_keys_open(struct judge_keys *keys, struct span spki, struct crypt_key **ret_key)
{
    const struct sha256 d = digest_sha256(spki);
    struct crypt_key *key = map_get(&keys->map, &d);

    if (key == NULL) {
        if (keys->map.count >= KEYS_MOST) {
            forget_all(keys);
        }
        TRY(crypt_key_open(spki, &key));
        const struct cs_result kept = map_put(&keys->map, &keys->pool, &d, key);
        if (kept.code != CS_OK) {
            crypt_key_free(key);
            return kept;
        }
    }
    *ret_key = key;
    return CS_SUCCESS;
}
