/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_map.h"

enum { MAP_FIRST = 16 };

static size_t home_of(const struct map *m, const struct sha256 *key)
{
    uint64_t h = 0;
    memcpy(&h, key->b, sizeof(h));
    return (size_t)(h & (m->cap - 1));
}

/* The key's slot, or the free one where it would stand. There is always a free one. */
static struct map_slot *slot_of(const struct map *m, const struct sha256 *key)
{
    size_t i = home_of(m, key);
    while (m->slots[i].value != NULL && !sha256_eq(&m->slots[i].key, key)) {
        i = (i + 1) & (m->cap - 1);
    }
    return &m->slots[i];
}

void *map_get(const struct map *m, const struct sha256 *key)
{
    return m->cap == 0 ? NULL : slot_of(m, key)->value;
}

static CS_RESULT map_grow(struct map *m, struct pool *p)
{
    struct map bigger = {.cap = m->cap > 0 ? m->cap * 2 : (size_t)MAP_FIRST, .count = m->count};

    bigger.slots = pool_alloc(p, bigger.cap * sizeof(*bigger.slots));
    ENSURE(bigger.slots != NULL, CS_E_NOMEM, "map");
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].value != NULL) {
            *slot_of(&bigger, &m->slots[i].key) = m->slots[i];
        }
    }
    pool_free(p, m->slots, m->cap * sizeof(*m->slots));
    *m = bigger;
    return CS_SUCCESS;
}

CS_RESULT map_put(struct map *m, struct pool *p, const struct sha256 *key, void *value)
{
    ENSURE(value != NULL, CS_E_RANGE, "map.value");
    if (m->cap == 0 || (m->count + 1) * 4 > m->cap * 3) {
        TRY(map_grow(m, p));
    }
    struct map_slot *s = slot_of(m, key);
    m->count += s->value == NULL ? 1U : 0U;
    s->key = *key;
    s->value = value;
    return CS_SUCCESS;
}

void map_remove(struct map *m, const struct sha256 *key)
{
    if (m->cap == 0) {
        return;
    }
    struct map_slot *s = slot_of(m, key);
    if (s->value == NULL) {
        return;
    }
    m->count--;
    /* close the gap: move up whatever would no longer be found past it */
    size_t gap = (size_t)(s - m->slots);
    size_t i = gap;
    for (;;) {
        i = (i + 1) & (m->cap - 1);
        if (m->slots[i].value == NULL) {
            break;
        }
        const size_t home = home_of(m, &m->slots[i].key);
        if (((i - home) & (m->cap - 1)) >= ((i - gap) & (m->cap - 1))) {
            m->slots[gap] = m->slots[i];
            gap = i;
        }
    }
    m->slots[gap] = (struct map_slot){0};
}

void *map_next(const struct map *m, size_t *at)
{
    while (*at < m->cap) {
        void *v = m->slots[(*at)++].value;
        if (v != NULL) {
            return v;
        }
    }
    return NULL;
}
