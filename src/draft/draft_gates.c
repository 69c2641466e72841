/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule asks of a request's source and ticket. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void put_true(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    bool said = false;

    if (draft_take_bool(c, v, row->key, &said) && said) {
        json_put_bool(c->o, row->member, true);
    }
}

static void put_merged(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v->kind != DRAFT_SCALAR || !span_is(v->text, "merged")) {
        draft_fault(c->d, v->at, "`%s` is merged, or left out", row->key);
        return;
    }
    json_put_str(c->o, row->member, v->text);
}

static void put_refs(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, POLICY_FIELDS_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        const struct span ref = set.item[i].node->text;
        if (ref.left > MODEL_NAME_MAX || !model_policy_is_ref(ref)) {
            draft_fault(c->d, set.item[i].node->at,
                        "`%s` is no ref, such as refs/heads/main, nor a pattern with a star, such as refs/tags/v*",
                        draft_show(ref).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

static const struct draft_row source_rows[] = {
    {"protected", DRAFT_MAY, put_true, "protected", 0, 0, 0},
    {"pull_request", DRAFT_MAY, put_merged, "pull_request", 0, 0, 0},
    {"refs", DRAFT_MAY, put_refs, "refs", 0, 0, 0},
    {"reviewers", DRAFT_MAY, draft_put_int, "reviewers", 1, POLICY_COUNT_MAX, 0},
};

void draft_put_source(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *only = draft_member(v, "protected");
    bool said = true;

    if (!draft_is(c, v, DRAFT_MAP, "`source` is a map, such as { refs: [refs/heads/main], reviewers: 1 }")) {
        return;
    }
    json_put_object(c->o, row->member);
    draft_rows(c, v, source_rows, COUNT(source_rows), "`source`");
    json_put_close(c->o);
    if (v->count == 0 || (v->count == 1 && only != NULL && draft_take_bool(c, only, "protected", &said) && !said)) {
        draft_fault(c->d, v->at, "nothing is asked of the source");
    }
}

static void put_system(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v == NULL) {
        json_put_text(c->o, row->member, "any");
    } else if (v->kind != DRAFT_SCALAR || text_id_check(v->text, MODEL_ID_MAX, row->key).code != CS_OK) {
        draft_fault(c->d, v->at, "`system` is the name of one, or any");
    } else {
        json_put_str(c->o, row->member, v->text);
    }
}

static void put_states(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, POLICY_FIELDS_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        if (text_id_check(set.item[i].node->text, MODEL_ID_MAX, row->key).code != CS_OK) {
            draft_fault(c->d, set.item[i].node->at, "`%s` is no state: letters, digits and ._@+:/- only, at most 64",
                        draft_show(set.item[i].node->text).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

static const struct draft_row ticket_rows[] = {
    {"state", DRAFT_MAY, put_states, "state", 0, 0, 0},
    {"system", DRAFT_ALWAYS, put_system, "system", 0, 0, 0},
};

void draft_put_ticket(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (draft_is(c, v, DRAFT_MAP, "`ticket` is a map, such as { system: any, state: [implement] }")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, ticket_rows, COUNT(ticket_rows), "`ticket`");
        json_put_close(c->o);
    }
}
