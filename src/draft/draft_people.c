/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy says of people: `access_review`, `delegation`, `directory` and `duty`. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

/* A role that the policy declares, but not officers. */
static void check_role(struct draft_ctx *c, const struct draft_node *key, const char *why)
{
    if (!draft_has(c->roles, key->text)) {
        draft_fault(c->d, key->at, "`roles` does not have `%s`%s", draft_show(key->text).text,
                    draft_hint_names(key->text, c->roles).text);
    } else if (span_is(key->text, "officer")) {
        draft_fault(c->d, key->at, "%s", why);
    }
}

/* `roles: { tech: ops-roster }`: in the compiled form a list sorted by role. */
static void put_duty_roles(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_MAP, "`roles` is a map of roles to duty rosters, such as { tech: ops-roster }")) {
        return;
    }
    const struct draft_set roles = draft_members(c, v, POLICY_NAMES_MAX);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < roles.count; i++) {
        const struct draft_node *m = roles.item[i].node;
        check_role(c, m->key, "officers make the duty rosters, and are never off duty");
        if (m->kind != DRAFT_SCALAR || text_id_check(m->text, MODEL_ID_MAX, row->key).code != CS_OK) {
            draft_fault(c->d, m->at, "the name of a duty roster belongs here");
            continue;
        }
        json_put_object(c->o, NULL);
        json_put_str(c->o, "role", m->key->text);
        json_put_str(c->o, "roster", m->text);
        json_put_close(c->o);
    }
    json_put_close(c->o);
}

void draft_put_duty(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {{"roles", DRAFT_MUST, put_duty_roles, "duty", 0, 0, 0}};
    (void)row;
    if (draft_is(c, v, DRAFT_MAP, "`duty` is a map, such as { roles: { tech: ops-roster } }")) {
        draft_rows(c, v, rows, sizeof(rows) / sizeof(rows[0]), "`duty`");
    }
}

/* --- delegation --- */

static void put_role_of(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)v;
    json_put_str(c->o, row->member, c->key->text);
}

static void put_to(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, POLICY_NAMES_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        if (!draft_has(c->roles, set.item[i].node->text)) {
            draft_fault(c->d, set.item[i].node->at, "`roles` does not have `%s`%s",
                        draft_show(set.item[i].node->text).text,
                        draft_hint_names(set.item[i].node->text, c->roles).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

static void put_delegations(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {
        {"most", DRAFT_MUST, draft_put_duration, "most_s", 0, 0, 0},
        {"", DRAFT_ALWAYS, put_role_of, "role", 0, 0, 0},
        {"to", DRAFT_MUST, put_to, "to", 0, 0, 0},
    };
    if (!draft_is(c, v, DRAFT_MAP, "`roles` is a map of roles, such as { tech: { to: duty-manager, most: 14d } }")) {
        return;
    }
    const struct draft_set roles = draft_members(c, v, POLICY_NAMES_MAX);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < roles.count; i++) {
        const struct draft_node *m = roles.item[i].node;
        check_role(c, m->key, "nobody lends their signature as an officer");
        if (draft_is(c, m, DRAFT_MAP, "who may stand in is a map, such as { to: duty-manager, most: 14d }")) {
            c->key = m->key;
            json_put_object(c->o, NULL);
            draft_rows(c, m, rows, sizeof(rows) / sizeof(rows[0]), "a delegation");
            json_put_close(c->o);
        }
    }
    json_put_close(c->o);
}

void draft_put_delegation(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {{"roles", DRAFT_MUST, put_delegations, "delegation", 0, 0, 0}};
    (void)row;
    if (draft_is(c, v, DRAFT_MAP,
                 "`delegation` is a map, such as { roles: { tech: { to: duty-manager, most: 14d } } }")) {
        draft_rows(c, v, rows, sizeof(rows) / sizeof(rows[0]), "`delegation`");
    }
}

/* --- access_review --- */

/* One thing can happen, and whoever writes the policy says that they know it. */
static void put_on_miss(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)row;
    if (v->kind != DRAFT_SCALAR || !span_is(v->text, "suspend")) {
        draft_fault(c->d, v->at, "`on_miss` is `suspend`: what is not reviewed in time does not count until it is");
    }
}

void draft_put_access_review(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {
        {"every", DRAFT_MUST, draft_put_duration, "every_s", 0, 0, 0},
        {"on_miss", DRAFT_MUST, put_on_miss, "", 0, 0, 0},
        {"unused", DRAFT_MAY, draft_put_duration, "unused_s", 0, 0, 0},
    };
    if (draft_is(c, v, DRAFT_MAP, "`access_review` is a map, such as { every: 90d, unused: 60d, on_miss: suspend }")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, rows, sizeof(rows) / sizeof(rows[0]), "`access_review`");
        json_put_close(c->o);
    }
}

/* --- directory --- */

/* Declared roles, and without the member all of them: what is not said is not let out. */
static void put_governed(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *list = v != NULL ? v : draft_member(c->top, "roles");

    if (list == NULL) {
        return; /* that is a fault of its own */
    }
    const struct draft_set set = draft_take_set(c, list, POLICY_NAMES_MAX, "roles");
    for (size_t i = 0; v != NULL && i < set.count; i++) {
        const struct draft_node *m = set.item[i].node;
        if (!draft_has(c->roles, m->text)) {
            draft_fault(c->d, m->at, "`roles` does not have `%s`%s", draft_show(m->text).text,
                        draft_hint_names(m->text, c->roles).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

void draft_put_directory(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    static const struct draft_row rows[] = {
        {"max_stale", DRAFT_MUST, draft_put_duration, "max_stale_s", 0, 0, 0},
        {"roles", DRAFT_ALWAYS, put_governed, "roles", 0, 0, 0},
        {"source", DRAFT_MUST, draft_put_id, "source", 0, 0, 0},
    };
    if (draft_is(c, v, DRAFT_MAP, "`directory` is a map, such as { source: ldap, max_stale: 24h }")) {
        json_put_object(c->o, row->member);
        draft_rows(c, v, rows, sizeof(rows) / sizeof(rows[0]), "`directory`");
        json_put_close(c->o);
    }
}
