/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_arena.h"

#include <stdalign.h>

enum { CHUNK_BYTES = 16384, ALIGN = alignof(max_align_t) };

struct arena_chunk {
    struct arena_chunk *next;
    size_t size; /* usable bytes in data */
    size_t used;
    alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *a, size_t cap_bytes)
{
    *a = (struct arena){.head = NULL, .used_bytes = 0, .cap_bytes = cap_bytes};
}

void arena_release(struct arena *a)
{
    struct arena_chunk *c = a->head;
    while (c != NULL) {
        struct arena_chunk *next = c->next;
        free(c);
        c = next;
    }
    *a = (struct arena){0};
}

void arena_reset(struct arena *a)
{
    struct arena_chunk *keep = a->head;
    if (keep == NULL) {
        return;
    }
    struct arena_chunk *c = keep->next;
    while (c != NULL) {
        struct arena_chunk *next = c->next;
        free(c);
        c = next;
    }
    memset(keep->data, 0, keep->used);
    keep->next = NULL;
    keep->used = 0;
    a->used_bytes = sizeof(*keep) + keep->size;
}

static struct arena_chunk *new_chunk(struct arena *a, size_t n)
{
    const size_t size = n > CHUNK_BYTES ? n : (size_t)CHUNK_BYTES;

    if (size > SIZE_MAX - sizeof(struct arena_chunk)) {
        return NULL;
    }
    const size_t total = sizeof(struct arena_chunk) + size;
    if (total > a->cap_bytes - a->used_bytes) {
        return NULL;
    }
    struct arena_chunk *c = calloc(1, total);
    if (c == NULL) {
        return NULL;
    }
    c->size = size;
    c->next = a->head;
    a->head = c;
    a->used_bytes += total;
    return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX - (size_t)ALIGN) {
        return NULL;
    }
    const size_t need = (n + ((size_t)ALIGN - 1)) / (size_t)ALIGN * (size_t)ALIGN;
    struct arena_chunk *c = a->head;
    if (c == NULL || need > c->size - c->used) {
        c = new_chunk(a, need);
    }
    if (c == NULL) {
        return NULL;
    }
    void *p = c->data + c->used;
    c->used += need;
    return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t n = 0;
    return __builtin_mul_overflow(count, size, &n) ? NULL : arena_alloc(a, n);
}

CS_RESULT arena_copy(struct arena *a, struct span s, struct span *ret_copy)
{
    uint8_t *p = arena_alloc(a, s.left);
    ENSURE(p != NULL, CS_E_NOMEM, "arena");
    if (s.left > 0) {
        memcpy(p, s.p, s.left);
    }
    *ret_copy = span_make(p, s.left);
    return CS_SUCCESS;
}
