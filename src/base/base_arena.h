/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is freed whole, under a cap set at the start. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base_span.h"

struct arena_chunk;

/* All-zero is an arena that refuses every allocation. */
struct arena {
    struct arena_chunk *head;
    size_t used_bytes; /* over all chunks, headers included */
    size_t cap_bytes;
};

/* Takes no memory yet. */
void arena_init(struct arena *a, size_t cap_bytes);
void arena_release(struct arena *a);
/* Forgets every allocation but keeps one chunk for the next round: for per-message scratch. */
void arena_reset(struct arena *a);
/* Zeroed, aligned for any type; NULL past the cap or when the system has none. n == 0 gives a valid pointer. */
void *arena_alloc(struct arena *a, size_t n);
/* count * size with overflow checked. */
void *arena_array(struct arena *a, size_t count, size_t size);
CS_RESULT arena_copy(struct arena *a, struct span s, struct span *ret_copy);

#endif
