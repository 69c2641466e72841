/* SPDX-License-Identifier: Apache-2.0 */
/* Environments, and in which order they are reached. */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Of these the compiled form has a member of its own: the rows only look. */
static void look_after(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)row;
    (void)draft_is(c, v, DRAFT_SCALAR, "`after` names one environment");
}

static void look_soak(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    uint64_t seconds = 0;

    if (!draft_seconds(v, &seconds) || seconds < 1 || seconds > POLICY_SECONDS_MAX) {
        draft_fault(c->d, v->at, "`%s` is a time such as 30m, 24h or 90d, from 1s to 3652d", row->key);
    }
}

static const struct draft_row environment_rows[] = {
    {"after", DRAFT_MAY, look_after, NULL, 0, 0, 0},
    {"soak", DRAFT_MAY, look_soak, NULL, 0, 0, 0},
};

/* Following `after` from an environment must end. */
static void check_order(struct draft_ctx *c, const struct draft_node *all, const struct draft_node *from)
{
    const struct draft_node *at = from;
    const struct draft_node *after = draft_member(at, "after");

    for (size_t steps = 0; after != NULL; steps++) {
        const struct draft_node *next = all->child;
        while (next != NULL && !span_eq(next->key->text, after->text)) {
            next = next->next;
        }
        if (next == NULL) {
            if (at == from) {
                draft_fault(c->d, after->at, "there is no environment `%s`%s", draft_show(after->text).text,
                            draft_hint_names(after->text, c->environments).text);
            }
            return;
        }
        if (next == from) {
            draft_fault(c->d, from->key->at, "environment `%s` comes after itself: the order is a circle",
                        draft_show(from->key->text).text);
            return;
        }
        if (steps > all->count) {
            return; /* a circle further on, which its own members report */
        }
        at = next;
        after = draft_member(at, "after");
    }
}

static void check_environment(struct draft_ctx *c, const struct draft_node *all, const struct draft_node *m)
{
    const struct draft_node *soak = draft_member(m, "soak");

    check_order(c, all, m);
    if (soak != NULL && draft_member(m, "after") == NULL) {
        draft_fault(c->d, soak->at, "`soak` is how long it ran in another environment: `after` must say which");
    }
}

static int by_key(const void *va, const void *vb)
{
    const struct draft_item *a = va;
    const struct draft_item *b = vb;
    return span_cmp(a->node->text, b->node->text);
}

/* A map, of which the compiled form keeps the names. */
void draft_put_environments(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    struct draft_set set = {.item = arena_array(c->d->arena, v->count + 1, sizeof(*set.item))};

    if (set.item == NULL) {
        c->d->no_room = true;
        return;
    }
    if (!draft_is(c, v, DRAFT_MAP, "`environments` is a map, such as { test: {}, production: {} }")) {
        return;
    }
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        set.item[set.count++].node = m->key;
        draft_check_name(c, m->key);
        if (!draft_is_empty(m) && draft_is(c, m, DRAFT_MAP, "an environment is a map; {} for one without conditions")) {
            draft_rows(c, m, environment_rows, COUNT(environment_rows), "an environment");
            check_environment(c, v, m);
        }
    }
    if (set.count == 0 || set.count > POLICY_NAMES_MAX) {
        draft_fault(c->d, v->at, "from 1 to %d environments", POLICY_NAMES_MAX);
    }
    if (set.count > 1) {
        qsort(set.item, set.count, sizeof(set.item[0]), by_key);
    }
    draft_put_set(c, row->member, &set);
}

static void put_one(struct draft_ctx *c, const struct draft_node *m)
{
    const struct draft_node *after = draft_member(m, "after");
    const struct draft_node *soak = draft_member(m, "soak");
    uint64_t seconds = 0;

    json_put_object(c->o, NULL);
    json_put_str(c->o, "after", after->text);
    json_put_str(c->o, "environment", m->key->text);
    if (soak != NULL && draft_seconds(soak, &seconds)) {
        json_put_uint(c->o, "soak_s", seconds);
    }
    json_put_close(c->o);
}

void draft_put_promotion(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *all = draft_member(c->top, "environments");
    size_t n = 0;

    (void)v;
    if (all == NULL || all->kind != DRAFT_MAP || all->count == 0 || all->count > POLICY_NAMES_MAX) {
        return; /* its own row says so */
    }
    const struct draft_set set = draft_members(c, all, POLICY_NAMES_MAX);
    for (size_t i = 0; i < set.count; i++) {
        if (draft_member(set.item[i].node, "after") == NULL) {
            continue;
        }
        if (n++ == 0) {
            json_put_array(c->o, row->member);
        }
        put_one(c, set.item[i].node);
    }
    if (n > 0) {
        json_put_close(c->o);
    }
}
