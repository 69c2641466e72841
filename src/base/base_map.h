/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 -> pointer. The keys are digests, so nobody can choose where they fall. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/base_digest.h"
#include "base/base_pool.h"

struct map_slot {
    struct sha256 key;
    void *value; /* NULL: free */
};

/* All-zero is an empty map. Open addressing, at most three quarters full, never shrinks. */
struct map {
    struct map_slot *slots;
    size_t cap; /* power of two */
    size_t count;
};

void *map_get(const struct map *m, const struct sha256 *key);
/* Replaces the value of a key that is there. value must not be NULL. CS_E_NOMEM leaves the map as it was. */
CS_RESULT map_put(struct map *m, struct pool *p, const struct sha256 *key, void *value);
void map_remove(struct map *m, const struct sha256 *key);
/* Walks all values: start with *at == 0; NULL at the end. The order is that of the digests' slots, not of anything
 * else. */
void *map_next(const struct map *m, size_t *at);

#endif
