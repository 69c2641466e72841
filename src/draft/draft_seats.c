/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_text.h"
#include "draft/draft_parts.h"

void draft_put_role(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_SCALAR, "a role belongs here")) {
        return;
    }
    if (!draft_has(c->roles, v->text)) {
        draft_fault(c->d, v->at, "`roles` does not have `%s`%s", draft_show(v->text).text,
                    draft_hint_names(v->text, c->roles).text);
    }
    json_put_str(c->o, row->member, v->text);
}

static const struct draft_row rows[] = {
    {"after", DRAFT_MAY, draft_put_id, "after", 0, 0, 0},
    {"count", DRAFT_ALWAYS, draft_put_int, "count", 1, POLICY_COUNT_MAX, 1},
    {"id", DRAFT_MUST, draft_put_id, "id", 0, 0, 0},
    {"quorum", DRAFT_MAY, NULL, NULL, 0, 0, 0},
    {"role", DRAFT_MUST, draft_put_role, "role", 0, 0, 0},
    {"veto", DRAFT_MAY, NULL, NULL, 0, 0, 0},
};

static const struct draft_node *seat_of(const struct draft_node *list, struct span id)
{
    for (const struct draft_node *m = list->child; m != NULL; m = m->next) {
        const struct draft_node *have = draft_member(m, "id");
        if (have != NULL && have->kind == DRAFT_SCALAR && span_eq(have->text, id)) {
            return m;
        }
    }
    return NULL;
}

/* Does any other rule have such a seat? */
static bool elsewhere(const struct draft_ctx *c, struct span id)
{
    const struct draft_node *rules = draft_member(c->top, "rules");

    for (const struct draft_node *r = rules != NULL ? rules->child : NULL; r != NULL; r = r->next) {
        const struct draft_node *seats = draft_member(draft_member(r, "require"), "seats");
        if (seats != NULL && seat_of(seats, id) != NULL) {
            return true;
        }
    }
    return false;
}

/* Each `after` is a seat of the rule, and following them ends: else nobody could ever sit there. */
static void check_after(struct draft_ctx *c, const struct draft_node *list, const struct draft_node *seat)
{
    const struct draft_node *first = draft_member(seat, "after");
    const struct draft_node *after = first;

    for (size_t steps = 0; after != NULL && steps <= list->count; steps++) {
        const struct draft_node *next = seat_of(list, after->text);
        if (next == NULL && after == first) {
            draft_fault(c->d, after->at,
                        elsewhere(c, after->text)
                            ? "this version cannot enforce `after` the seat `%s` of another rule yet"
                            : "this rule has no seat `%s`",
                        draft_show(after->text).text);
        }
        if (next == seat) {
            draft_fault(c->d, first->at, "seats that wait for each other in a circle: nobody could ever sign");
            return;
        }
        after = draft_member(next, "after");
    }
}

uint64_t draft_seat_count(const struct draft_node *seat)
{
    const struct draft_node *v = draft_member(seat, "count");
    int64_t n = 1;
    if (v != NULL && (!draft_integer(v, &n) || n < 0)) {
        n = 0; /* a fault of its own */
    }
    return (uint64_t)n;
}

/* As policy_loads counts: the people of one role over all seats of the rule. */
void draft_check_fillable(struct draft_ctx *c, const struct draft_node *list, const struct draft_node *seat)
{
    const struct draft_node *role = draft_member(seat, "role");
    uint64_t need = 0;

    if (c->roster == NULL || role == NULL || !draft_has(c->roles, role->text)) {
        return;
    }
    if (list == seat) {
        need = draft_seat_count(seat);
    }
    for (const struct draft_node *m = list == seat ? NULL : list->child; m != NULL; m = m->next) {
        const struct draft_node *other = draft_member(m, "role");
        need += other != NULL && span_eq(other->text, role->text) ? draft_seat_count(m) : 0U;
    }
    const size_t have = draft_holders(c->roster, role->text);
    if (need > have) {
        draft_fault(c->d, role->at, "these seats need %llu people of role `%s`; the roster has %zu",
                    (unsigned long long)need, draft_show(role->text).text, have);
    }
}

void draft_put_seats(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_LIST, "`seats` is a list of maps with `id` and `role`")) {
        return;
    }
    if (v->count < 1 || v->count > POLICY_SEATS_MAX) {
        draft_fault(c->d, v->at, "from 1 to %d seats in one rule", POLICY_SEATS_MAX);
        return;
    }
    json_put_array(c->o, row->member);
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (draft_is(c, m, DRAFT_MAP, "a seat is a map with `id` and `role`")) {
            json_put_object(c->o, NULL);
            draft_rows(c, m, rows, sizeof(rows) / sizeof(rows[0]), "a seat");
            json_put_close(c->o);
            check_after(c, v, m);
            draft_check_fillable(c, v, m);
        }
    }
    json_put_close(c->o);
    draft_check_ids(c, v, "seat");
}
