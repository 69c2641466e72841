/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that can be given back, in size classes of powers of two on an arena. */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/base_arena.h"

enum { POOL_CLASSES = 24, POOL_LEAST_SHIFT = 4 }; /* 16 bytes to 128 MiB */

struct pool_free {
    struct pool_free *next;
};

/* All-zero refuses every allocation. */
struct pool {
    struct arena *arena; /* borrowed */
    struct pool_free *free[POOL_CLASSES];
};

void pool_init(struct pool *p, struct arena *arena);
/* Zeroed, aligned for any type; NULL when the arena has no room. */
void *pool_alloc(struct pool *p, size_t n);
/* n is the size it was asked for; block may be NULL. */
void pool_free(struct pool *p, void *block, size_t n);
/* Room for one more in an array of `size`-byte items: grows by doubling, keeps the items. CS_E_NOMEM leaves all as it
 * was. */
CS_RESULT pool_grow(struct pool *p, void **items, size_t count, size_t *cap, size_t size);
CS_RESULT pool_copy(struct pool *p, struct span s, struct span *ret_copy);
/* Gives back what pool_copy made, and empties it. */
void pool_free_copy(struct pool *p, struct span *copy);

#endif
