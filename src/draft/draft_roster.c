/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_text.h"
#include "draft/draft_policy.h"

size_t draft_holders(const struct draft_roster *r, struct span role)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        size_t k = 0;
        while (k < r->item[i].role_count && !span_eq(r->item[i].roles[k], role)) {
            k++;
        }
        n += k < r->item[i].role_count ? 1U : 0U;
    }
    return n;
}

static CS_RESULT take_names(struct draft *d, const struct draft_node *v, size_t max_bytes, struct span **ret_names,
                            size_t *ret_count)
{
    struct span *item = arena_array(d->arena, v->count + 1, sizeof(*item));
    const struct draft_node *m = v->kind == DRAFT_LIST ? v->child : v;
    size_t n = 0;

    ENSURE(item != NULL, CS_E_NOMEM, "roster");
    while (m != NULL && !(m == v && draft_is_empty(v))) {
        if (m->kind != DRAFT_SCALAR || text_id_check(m->text, max_bytes, "roster").code != CS_OK) {
            draft_fault(d, m->at, "a name belongs here: letters, digits and ._@+:/- only");
        } else if (n < MODEL_ROLES_MAX && n <= v->count) {
            item[n++] = m->text;
        } else {
            draft_fault(d, m->at, "more than %d roles or accounts of one person", MODEL_ROLES_MAX);
        }
        m = m == v ? NULL : m->next;
    }
    *ret_names = item;
    *ret_count = n;
    return CS_SUCCESS;
}

static CS_RESULT take_person(struct draft *d, const struct draft_node *v, struct draft_person *p)
{
    p->id = v->key->text;
    if (text_id_check(p->id, MODEL_ID_MAX, "person").code != CS_OK) {
        draft_fault(d, v->key->at, "`%s` is no name of a person", draft_show(p->id).text);
    }
    if (v->kind != DRAFT_MAP) {
        return take_names(d, v, MODEL_ID_MAX, &p->roles, &p->role_count);
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (span_is(m->key->text, "roles")) {
            TRY(take_names(d, m, MODEL_ID_MAX, &p->roles, &p->role_count));
        } else if (span_is(m->key->text, "accounts")) {
            TRY(take_names(d, m, MODEL_ACCOUNT_MAX, &p->accounts, &p->account_count));
        } else {
            draft_fault(d, m->key->at, "`%s` is not known in a person: `roles` and `accounts` are",
                        draft_show(m->key->text).text);
        }
    }
    return CS_SUCCESS;
}

CS_RESULT draft_roster(struct draft *d, const struct draft_node *v, struct draft_roster *ret_roster)
{
    struct draft_roster r = {.count = 0};

    if (v == NULL || v->kind != DRAFT_MAP || v->count > DRAFT_PEOPLE_MAX) {
        draft_fault(d, v != NULL ? v->at : (struct draft_place){1, 1},
                    "a roster is a map of at most %d people, such as { anna: [tech, officer] }", DRAFT_PEOPLE_MAX);
        return CS_SUCCESS;
    }
    r.item = arena_array(d->arena, v->count + 1, sizeof(*r.item));
    ENSURE(r.item != NULL, CS_E_NOMEM, "roster");
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        TRY(take_person(d, m, &r.item[r.count++]));
    }
    *ret_roster = r;
    return CS_SUCCESS;
}
