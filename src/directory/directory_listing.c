/* SPDX-License-Identifier: Apache-2.0 */
#include "directory/directory_listing.h"

#include <stdlib.h>

#include "base/base_text.h"

enum { FIRST_CAP = 256, PERSON_OVERHEAD = 64, ROLE_OVERHEAD = 3 };

static CS_RESULT copy_ids(const struct json_value *v, const char *what, size_t id_max, struct arena *arena,
                          struct span ret_ids[MODEL_ROLES_MAX], size_t *ret_count)
{
    const char *dot = strrchr(what, '.');
    const struct json_value *list = json_tree_member(v, dot + 1);

    ENSURE(list != NULL && list->kind == JSON_ARRAY, CS_E_TYPE, what);
    ENSURE(list->count <= MODEL_ROLES_MAX, CS_E_RANGE, what);
    *ret_count = 0;
    for (const struct json_value *m = list->child; m != NULL; m = m->next) {
        ENSURE(m->kind == JSON_STRING, CS_E_TYPE, what);
        TRY(text_id_check(m->text, id_max, what));
        TRY(arena_copy(arena, m->text, &ret_ids[(*ret_count)++]));
    }
    return CS_SUCCESS;
}

static CS_RESULT take_person(const struct json_value *v, struct arena *arena, struct directory_person *p)
{
    const struct json_value *id = json_tree_member(v, "person");
    struct span listed[MODEL_ROLES_MAX];
    size_t listed_count = 0;

    ENSURE(id != NULL && id->kind == JSON_STRING, CS_E_TYPE, "items.person");
    TRY(text_id_check(id->text, MODEL_ID_MAX, "items.person"));
    TRY(arena_copy(arena, id->text, &p->id));
    TRY(copy_ids(v, "items.accounts", MODEL_ACCOUNT_MAX, arena, p->accounts, &p->account_count));
    TRY(copy_ids(v, "items.roles", MODEL_ID_MAX, arena, p->roles, &p->role_count));
    TRY(copy_ids(v, "items.listed", MODEL_ID_MAX, arena, listed, &listed_count));
    for (size_t i = 0; i < p->role_count; i++) {
        ENSURE(i == 0 || span_cmp(p->roles[i - 1], p->roles[i]) < 0, CS_E_ORDER, "items.roles");
        p->listed[i] = span_among(p->roles[i], listed, listed_count);
    }
    return CS_SUCCESS;
}

static CS_RESULT add_person(struct directory_listing *l, const struct json_value *v, struct arena *arena)
{
    ENSURE(l->count < DIRECTORY_PEOPLE_MAX, CS_E_FULL, "items");
    if (l->count == l->cap) {
        const size_t cap = l->cap == 0 ? (size_t)FIRST_CAP : l->cap * 2;
        struct directory_person **person = arena_array(arena, cap, sizeof(struct directory_person *));
        ENSURE(person != NULL, CS_E_NOMEM, "items");
        if (l->count > 0) {
            memcpy(person, l->person, l->count * sizeof(struct directory_person *));
        }
        l->person = person;
        l->cap = cap;
    }
    struct directory_person *p = arena_alloc(arena, sizeof(*p));
    ENSURE(p != NULL, CS_E_NOMEM, "items");
    TRY(take_person(v, arena, p));
    l->person[l->count++] = p;
    return CS_SUCCESS;
}

static CS_RESULT take_uint(const struct json_value *top, const char *name, uint64_t *ret_value)
{
    const struct json_value *m = json_tree_member(top, name);
    ENSURE(m != NULL && m->kind == JSON_INT && m->number >= 0, CS_E_TYPE, "listed");
    *ret_value = (uint64_t)m->number;
    return CS_SUCCESS;
}

static int by_id(const void *va, const void *vb)
{
    const struct directory_person *const *a = va;
    const struct directory_person *const *b = vb;
    return span_cmp((*a)->id, (*b)->id);
}

CS_RESULT directory_listing_add(struct directory_listing *l, struct span page, struct arena *arena)
{
    const struct json_value *top = NULL;
    uint64_t prev = 0;
    uint64_t next = 0;

    TRY(json_tree_parse(page, arena, &top));
    const struct json_value *items = json_tree_member(top, "items");
    const struct json_value *source = json_tree_member(top, "source");
    ENSURE(items != NULL && items->kind == JSON_ARRAY, CS_E_TYPE, "listed.items");
    ENSURE(source != NULL && source->kind == JSON_STRING, CS_E_TYPE, "listed.source");
    TRY(take_uint(top, "prev", &prev));
    ENSURE(!l->begun || l->prev == prev, CS_E_STATE, "listed.prev");
    l->more = json_tree_member(top, "next") != NULL;
    if (l->more) {
        TRY(take_uint(top, "next", &next));
        ENSURE(next > l->next, CS_E_RANGE, "listed.next");
    }
    l->begun = true;
    l->prev = prev;
    l->next = next;
    TRY(arena_copy(arena, source->text, &l->source));
    for (const struct json_value *m = items->child; m != NULL; m = m->next) {
        TRY(add_person(l, m, arena));
    }
    if (!l->more && l->count > 1) {
        qsort(l->person, l->count, sizeof(struct directory_person *), by_id);
    }
    return CS_SUCCESS;
}

/* --- what differs --- */

/* By the id, or by an account with the prefix. */
static bool is_in(const struct directory_person *p, const struct directory_config *c, const struct directory_names *n,
                  struct span role)
{
    bool in = directory_names_has(n, role, p->id);

    for (size_t i = 0; !in && i < p->account_count; i++) {
        const struct span account = p->accounts[i];
        in = c->prefix.left > 0 && span_starts(account, c->prefix) &&
             directory_names_has(n, role, span_from(account, c->prefix.left));
    }
    return in;
}

size_t directory_listing_wanted(const struct directory_person *p, const struct directory_config *c,
                                const struct directory_names *n, bool ret_wanted[MODEL_ROLES_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < p->role_count; i++) {
        ret_wanted[i] = is_in(p, c, n, p->roles[i]);
        count += ret_wanted[i] ? 1U : 0U;
    }
    return count;
}

struct span directory_listing_unsaid(const struct directory_listing *l, const struct directory_config *c)
{
    for (size_t i = 0; i < l->count; i++) {
        for (size_t k = 0; k < l->person[i]->role_count; k++) {
            if (!directory_config_has(c, l->person[i]->roles[k])) {
                return l->person[i]->roles[k];
            }
        }
    }
    return SPAN_NONE;
}

uint64_t directory_listing_total(const struct directory_listing *l, const struct directory_config *c,
                                 const struct directory_names *n)
{
    bool wanted[MODEL_ROLES_MAX];
    uint64_t total = 0;

    for (size_t i = 0; i < l->count; i++) {
        total += directory_listing_wanted(l->person[i], c, n, wanted);
    }
    return total;
}

static bool differs(const struct directory_person *p, const bool wanted[MODEL_ROLES_MAX])
{
    size_t i = 0;
    while (i < p->role_count && p->listed[i] == wanted[i]) {
        i++;
    }
    return i < p->role_count;
}

static size_t put_item(const struct directory_person *p, const bool wanted[MODEL_ROLES_MAX], struct entitlement *e)
{
    size_t bytes = PERSON_OVERHEAD + p->id.left;

    *e = (struct entitlement){.person = p->id};
    for (size_t i = 0; i < p->role_count; i++) {
        if (wanted[i]) {
            e->roles[e->role_count++] = p->roles[i];
            bytes += ROLE_OVERHEAD + p->roles[i].left;
        }
    }
    return bytes;
}

CS_RESULT directory_listing_next(const struct directory_listing *l, const struct directory_config *c,
                                 const struct directory_names *n, struct arena *arena, size_t *at,
                                 struct directory_note *ret_note)
{
    bool wanted[MODEL_ROLES_MAX];
    struct directory_note x = {.source = c->source, .prev = l->prev};
    size_t bytes = 0;

    x.item = arena_array(arena, MODEL_LISTED_MAX, sizeof(*x.item));
    ENSURE(x.item != NULL, CS_E_NOMEM, "directory.people");
    while (*at < l->count && x.count < MODEL_LISTED_MAX && bytes < DIRECTORY_BODY_MAX) {
        const struct directory_person *p = l->person[(*at)++];
        (void)directory_listing_wanted(p, c, n, wanted);
        if (differs(p, wanted)) {
            bytes += put_item(p, wanted, &x.item[x.count++]);
        }
    }
    x.total_set = *at == l->count;
    x.total = x.total_set ? directory_listing_total(l, c, n) : 0;
    *ret_note = x;
    return CS_SUCCESS;
}
