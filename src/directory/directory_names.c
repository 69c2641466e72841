/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/directory_names.h"

#include <stdlib.h>

#include "base/base_text.h"

enum { FIRST_CAP = 256 };

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20U) : c;
}

static CS_RESULT grow(struct directory_names *n)
{
    const size_t cap = n->cap == 0 ? (size_t)FIRST_CAP : n->cap * 2;
    struct directory_name *item = arena_array(n->arena, cap, sizeof(*item));

    ENSURE(item != NULL, CS_E_NOMEM, "directory.names");
    if (n->count > 0) {
        memcpy(item, n->item, n->count * sizeof(*item));
    }
    n->item = item;
    n->cap = cap;
    return CS_SUCCESS;
}

CS_RESULT directory_names_add(struct directory_names *n, struct span role, struct span name)
{
    if (text_id_check(name, DIRECTORY_NAME_MAX, "name").code != CS_OK) {
        return CS_SUCCESS;
    }
    ENSURE(n->count < DIRECTORY_NAMES_MAX, CS_E_FULL, "directory.names");
    if (n->count == n->cap) {
        TRY(grow(n));
    }
    uint8_t *copy = arena_alloc(n->arena, name.left);
    ENSURE(copy != NULL, CS_E_NOMEM, "directory.names");
    for (size_t i = 0; i < name.left; i++) {
        copy[i] = lower(name.p[i]);
    }
    n->item[n->count++] = (struct directory_name){.role = role, .name = span_make(copy, name.left)};
    return CS_SUCCESS;
}

static int cmp(const void *va, const void *vb)
{
    const struct directory_name *a = va;
    const struct directory_name *b = vb;
    const int order = span_cmp(a->role, b->role);
    return order != 0 ? order : span_cmp(a->name, b->name);
}

void directory_names_finish(struct directory_names *n)
{
    if (n->count > 1) {
        qsort(n->item, n->count, sizeof(n->item[0]), cmp);
    }
}

bool directory_names_has(const struct directory_names *n, struct span role, struct span name)
{
    uint8_t text[DIRECTORY_NAME_MAX];

    if (n->count == 0 || name.left > sizeof(text)) {
        return false;
    }
    for (size_t i = 0; i < name.left; i++) {
        text[i] = lower(name.p[i]);
    }
    const struct directory_name key = {.role = role, .name = span_make(text, name.left)};
    return bsearch(&key, n->item, n->count, sizeof(n->item[0]), cmp) != NULL;
}
