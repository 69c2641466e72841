/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_pool.h"

enum { POOL_FIRST_ITEMS = 8 };

void pool_init(struct pool *p, struct arena *arena)
{
    *p = (struct pool){.arena = arena};
}

static unsigned class_of(size_t n)
{
    unsigned c = 0;
    while (c < POOL_CLASSES && ((size_t)1 << (c + POOL_LEAST_SHIFT)) < n) {
        c++;
    }
    return c;
}

void *pool_alloc(struct pool *p, size_t n)
{
    const unsigned c = class_of(n);
    if (c >= POOL_CLASSES || p->arena == NULL) {
        return NULL;
    }
    struct pool_free *block = p->free[c];
    if (block == NULL) {
        return arena_alloc(p->arena, (size_t)1 << (c + POOL_LEAST_SHIFT));
    }
    p->free[c] = block->next;
    memset(block, 0, (size_t)1 << (c + POOL_LEAST_SHIFT));
    return block;
}

void pool_free(struct pool *p, void *block, size_t n)
{
    const unsigned c = class_of(n);
    if (block == NULL || c >= POOL_CLASSES) {
        return;
    }
    struct pool_free *f = block;
    f->next = p->free[c];
    p->free[c] = f;
}

CS_RESULT pool_grow(struct pool *p, void **items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap) {
        return CS_SUCCESS;
    }
    size_t bytes = 0;
    const size_t more = *cap > 0 ? *cap * 2 : (size_t)POOL_FIRST_ITEMS;
    ENSURE(more > *cap && !__builtin_mul_overflow(more, size, &bytes), CS_E_NOMEM, "pool");
    void *grown = pool_alloc(p, bytes);
    ENSURE(grown != NULL, CS_E_NOMEM, "pool");
    if (count > 0) {
        memcpy(grown, *items, count * size);
    }
    pool_free(p, *items, *cap * size);
    *items = grown;
    *cap = more;
    return CS_SUCCESS;
}

CS_RESULT pool_copy(struct pool *p, struct span s, struct span *ret_copy)
{
    uint8_t *block = pool_alloc(p, s.left);
    ENSURE(block != NULL, CS_E_NOMEM, "pool");
    if (s.left > 0) {
        memcpy(block, s.p, s.left);
    }
    *ret_copy = span_make(block, s.left);
    return CS_SUCCESS;
}

void pool_free_copy(struct pool *p, struct span *copy)
{
    void *block = NULL;
    memcpy(&block, &copy->p, sizeof(block)); /* a span is const; the block behind a copy is ours */
    pool_free(p, block, copy->left);
    *copy = SPAN_NONE;
}
