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
    {"after", DRAFT_MAY, draft_put_after, "after", 0, 0, 0},
    {"count", DRAFT_ALWAYS, draft_put_count, "count", 1, POLICY_COUNT_MAX, 1},
    {"id", DRAFT_MUST, draft_put_id, "id", 0, 0, 0},
    {"quorum", DRAFT_MAY, draft_put_quorum, "quorum", 1, POLICY_COUNT_MAX, 0},
    {"role", DRAFT_MUST, draft_put_role, "role", 0, 0, 0},
    {"veto", DRAFT_MAY, draft_put_veto, "veto", 0, POLICY_VETO_MAX, 0},
};

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
    const size_t have = draft_holders(c->roster, role->text);
    if (list == seat) {
        need = draft_seat_count(seat);
    }
    for (const struct draft_node *m = list == seat ? NULL : list->child; m != NULL; m = m->next) {
        const struct draft_node *other = draft_member(m, "role");
        need += other != NULL && span_eq(other->text, role->text) ? draft_seat_need(m, have) : 0U;
    }
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
            c->seat = m;
            json_put_object(c->o, NULL);
            draft_rows(c, m, rows, sizeof(rows) / sizeof(rows[0]), "a seat");
            json_put_close(c->o);
            draft_check_fillable(c, v, m);
        }
    }
    json_put_close(c->o);
    draft_check_ids(c, v, "seat");
}
