/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft_delegate.h"

#include "base/base_text.h"

static void take_id(struct draft *d, const struct draft_node *m, struct span *ret_id)
{
    if (m->kind != DRAFT_SCALAR || text_id_check(m->text, MODEL_ID_MAX, "name").code != CS_OK) {
        draft_fault(d, m->at, "a name belongs here: letters, digits and ._@+:/- only");
        return;
    }
    *ret_id = m->text;
}

/* In its place among the n that are there; false, with a fault, when it is one of them. */
static bool insert(struct draft *d, const struct draft_node *m, struct span *items, size_t n)
{
    size_t at = n;

    while (at > 0 && span_cmp(items[at - 1], m->text) > 0) {
        at--;
    }
    if (at > 0 && span_eq(items[at - 1], m->text)) {
        draft_fault(d, m->at, "`%s` stands here twice", draft_show(m->text).text);
        return false;
    }
    memmove(&items[at + 1], &items[at], (n - at) * sizeof(*items));
    items[at] = m->text;
    return true;
}

/* Names are sorted and distinct in the log, in any order in a document. */
static CS_RESULT take_names(struct draft *d, const struct draft_node *v, struct span **ret_items, size_t *ret_count)
{
    const bool one = v->kind == DRAFT_SCALAR;
    struct span *items = arena_array(d->arena, v->count + 1, sizeof(*items));
    size_t n = 0;

    ENSURE(items != NULL, CS_E_NOMEM, "delegation");
    if (!one && (v->kind != DRAFT_LIST || v->count < 1 || v->count > MODEL_SCOPE_MAX)) {
        draft_fault(d, v->at, "from 1 to %d names belong here; leave it out for any", MODEL_SCOPE_MAX);
        return CS_SUCCESS;
    }
    for (const struct draft_node *m = one ? v : v->child; m != NULL; m = one ? NULL : m->next) {
        struct span name = SPAN_NONE;
        take_id(d, m, &name);
        n += name.left > 0 && insert(d, m, items, n) ? 1U : 0U;
    }
    *ret_items = items;
    *ret_count = n;
    return CS_SUCCESS;
}

/* "2026-12-24T00:00:00Z": without parts of a second, which nobody means. */
static void take_moment(struct draft *d, const struct draft_node *m, uint64_t *ret_ms)
{
    uint8_t text[TEXT_TIME_LEN];
    struct writer w = wr_fixed(text, sizeof(text));

    if (m->kind == DRAFT_SCALAR && m->text.left == 20) {
        wr_bytes(&w, span_make(m->text.p, 19));
        wr_text(&w, m->text.p[19] == 'Z' ? ".000Z" : "?");
    }
    if (text_time_decode(wr_span(&w), ret_ms, "time").code != CS_OK) {
        draft_fault(d, m->at, "a time is written as in 2026-12-24T08:00:00Z, in UTC");
    }
}

static CS_RESULT take_member(struct draft *d, const struct draft_node *m, struct delegate_content *c)
{
    const struct span key = m->key->text;

    if (span_is(key, "environments")) {
        return take_names(d, m, &c->environments, &c->environment_count);
    }
    if (span_is(key, "services")) {
        return take_names(d, m, &c->services, &c->service_count);
    }
    if (span_is(key, "role") || span_is(key, "to")) {
        take_id(d, m, span_is(key, "to") ? &c->to : &c->role);
    } else if (span_is(key, "from") || span_is(key, "until")) {
        take_moment(d, m, span_is(key, "from") ? &c->from_ms : &c->until_ms);
    } else if (span_is(key, "revokes")) {
        c->revokes_set = true;
        if (text_dec_decode(m->text, &c->revokes, "revokes").code != CS_OK) {
            draft_fault(d, m->at, "the number of the request that made the delegation belongs here");
        }
    } else {
        draft_fault(d, m->key->at, "`%s` is not known in a delegation", draft_show(key).text);
    }
    return CS_SUCCESS;
}

CS_RESULT draft_delegate(struct draft *d, const struct draft_node *top, struct delegate_content *c)
{
    if (top == NULL || top->kind != DRAFT_MAP) {
        draft_fault(d, top != NULL ? top->at : (struct draft_place){1, 1},
                    "a delegation is a map with `role`, `to`, `from` and `until`, or with `revokes`");
        return CS_SUCCESS;
    }
    for (const struct draft_node *m = top->child; m != NULL; m = m->next) {
        TRY(take_member(d, m, c));
    }
    const bool whole = c->role.left > 0 && c->to.left > 0 && c->from_ms != 0 && c->from_ms < c->until_ms;
    if (draft_good(d) && (c->revokes_set ? top->count != 1 : !whole)) {
        draft_fault(d, top->at,
                    c->revokes_set ? "`revokes` stands alone"
                                   : "a delegation has `role`, `to`, `from` and a later `until`");
    }
    return CS_SUCCESS;
}
