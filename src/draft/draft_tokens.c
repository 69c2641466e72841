/* SPDX-License-Identifier: Apache-2.0 */
/* `tokens`: which keys may sign in a role. A map of roles; in the compiled form a list sorted by role. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

/* Asked for, or left out: the compiled form has one spelling. */
static void put_true(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    bool asked = false;
    if (draft_take_bool(c, v, row->key, &asked) && asked) {
        json_put_bool(c->o, row->member, true);
    }
}

static void put_models(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, POLICY_NAMES_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        uint8_t raw[MODEL_AAGUID_BYTES];
        if (text_hex_decode(set.item[i].node->text, raw, sizeof(raw), row->key).code != CS_OK) {
            draft_fault(c->d, set.item[i].node->at, "a model is its AAGUID: 32 lower-case hex digits, in quotes");
        }
    }
    draft_put_set(c, row->member, &set);
}

static void put_role_of(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)v;
    json_put_str(c->o, row->member, c->key->text);
}

static const struct draft_row rows[] = {
    {"attested", DRAFT_MAY, put_true, "attested", 0, 0, 0},
    {"certification", DRAFT_MAY, draft_put_id, "certification", 0, 0, 0},
    {"issuers", DRAFT_MAY, draft_put_names, "issuers", 0, 0, 0},
    {"models", DRAFT_MAY, put_models, "models", 0, 0, 0},
    {"", DRAFT_ALWAYS, put_role_of, "role", 0, 0, 0},
    {"touch", DRAFT_MAY, put_true, "touch", 0, 0, 0},
};

static void put_token(struct draft_ctx *c, const struct draft_node *v)
{
    if (!draft_has(c->roles, v->key->text)) {
        draft_fault(c->d, v->key->at, "`roles` does not have `%s`%s", draft_show(v->key->text).text,
                    draft_hint_names(v->key->text, c->roles).text);
    }
    if (!draft_is(c, v, DRAFT_MAP, "what the keys of a role must be is a map, such as { touch: true }")) {
        return;
    }
    const struct draft_node *m = v->child;
    while (m != NULL && span_is(m->text, "false")) {
        m = m->next;
    }
    if (m == NULL) {
        draft_fault(c->d, v->at, "nothing is asked of these keys; leave the role out");
    }
    c->key = v->key;
    json_put_object(c->o, NULL);
    draft_rows(c, v, rows, sizeof(rows) / sizeof(rows[0]), "`tokens`");
    json_put_close(c->o);
}

void draft_put_tokens(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_MAP, "`tokens` is a map of roles, such as { tech: { touch: true } }")) {
        return;
    }
    const struct draft_set roles = draft_members(c, v, POLICY_NAMES_MAX);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < roles.count; i++) {
        put_token(c, roles.item[i].node);
    }
    json_put_close(c->o);
}
