/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seats of stages that no rule gives any. What another environment comes after must be deployed there first, and
 * nothing is deployed without a signature: such a stage asks for the seats that the environments behind it ask for, by
 * a rule that the compiler adds. docs/adr/0072-example.md
 */
#include "base/base_text.h"
#include "draft/draft_parts.h"

#define COUNT(a)     (sizeof(a) / sizeof((a)[0]))
#define STAGE_PREFIX "stage-"

static const struct draft_node *seats_of(const struct draft_node *rule)
{
    return draft_member(draft_member(rule, "require"), "seats");
}

/* Does the rule apply there whatever else a request says? */
static bool is_about(const struct draft_node *rule, struct span environment)
{
    const struct draft_node *when = draft_member(rule, "when");
    const struct draft_node *v = draft_member(when, "environment");

    if (when == NULL) {
        return true;
    }
    if (v == NULL || when->count != 1 || v->kind == DRAFT_MAP) {
        return false;
    }
    if (v->kind == DRAFT_SCALAR) {
        return span_eq(v->text, environment);
    }
    const struct draft_node *m = v->child;
    while (m != NULL && !span_eq(m->text, environment)) {
        m = m->next;
    }
    return m != NULL;
}

static bool has_seats(const struct draft_node *rules, struct span environment)
{
    const struct draft_node *m = rules->child;
    while (m != NULL && !(seats_of(m) != NULL && is_about(m, environment))) {
        m = m->next;
    }
    return m != NULL;
}

static const struct draft_node *named(const struct draft_node *all, struct span name)
{
    const struct draft_node *m = all->child;
    while (m != NULL && !span_eq(m->key->text, name)) {
        m = m->next;
    }
    return m;
}

/* Must what is deployed in `later` have been in `stage` before? A circle is a fault of its own. */
static bool comes_after(const struct draft_node *all, const struct draft_node *later, struct span stage)
{
    const struct draft_node *after = draft_member(later, "after");

    for (size_t steps = 0; after != NULL && steps <= all->count; steps++) {
        if (span_eq(after->text, stage)) {
            return true;
        }
        const struct draft_node *next = named(all, after->text);
        after = next != NULL ? draft_member(next, "after") : NULL;
    }
    return false;
}

/* Is the rule about an environment that comes after the stage? */
static bool is_behind(const struct draft_node *all, const struct draft_node *rule, struct span stage)
{
    for (const struct draft_node *m = all->child; m != NULL; m = m->next) {
        if (comes_after(all, m, stage) && is_about(rule, m->key->text)) {
            return true;
        }
    }
    return false;
}

static void put_id(struct draft_ctx *c, const struct draft_node *rule)
{
    const struct draft_node *id = draft_member(rule, "id");
    char text[sizeof(STAGE_PREFIX) + MODEL_ID_MAX];
    struct writer w = wr_fixed(text, sizeof(text));

    wr_text(&w, STAGE_PREFIX);
    wr_bytes(&w, id->text);
    for (const struct draft_node *m = draft_member(c->top, "rules")->child; m != NULL; m = m->next) {
        const struct draft_node *other = draft_member(m, "id");
        if (other != NULL && span_eq(other->text, wr_span(&w))) {
            draft_fault(c->d, other->at, "`%s` is what the seats of stages before `%s` are called; name it otherwise",
                        draft_show(other->text).text, draft_show(id->text).text);
        }
    }
    if (wr_span(&w).left > MODEL_ID_MAX) {
        draft_fault(c->d, id->at, "`%s` is too long: its seats are asked for in stages before, as `" STAGE_PREFIX "…`",
                    draft_show(id->text).text);
    }
    json_put_str(c->o, "id", wr_span(&w));
}

static void put_stage_rule(struct draft_ctx *c, const struct draft_node *rule, const struct draft_set *stages)
{
    static const struct draft_row seats = {"seats", DRAFT_MUST, draft_put_seats, "seats", 0, 0, 0};

    c->rule = rule;
    json_put_object(c->o, NULL);
    put_id(c, rule);
    json_put_object(c->o, "require");
    draft_put_seats(c, &seats, seats_of(rule));
    json_put_close(c->o);
    json_put_array(c->o, "when");
    json_put_object(c->o, NULL);
    json_put_array(c->o, "is");
    for (size_t i = 0; i < stages->count; i++) {
        json_put_str(c->o, NULL, stages->item[i].node->key->text);
    }
    json_put_close(c->o);
    json_put_str(c->o, "name", SPAN_LIT("environment"));
    json_put_close(c->o);
    json_put_close(c->o);
    json_put_close(c->o);
}

/* Those before this rule's environments that have no seats; sorted by name. */
static struct draft_set stages_before(struct draft_ctx *c, const struct draft_node *rule, const struct draft_node *all)
{
    const struct draft_node *rules = draft_member(c->top, "rules");
    struct draft_set set = {.item = arena_array(c->d->arena, all->count, sizeof(*set.item))};

    c->d->no_room = c->d->no_room || set.item == NULL;
    for (const struct draft_node *m = all->child; set.item != NULL && m != NULL; m = m->next) {
        if (has_seats(rules, m->key->text) || !is_behind(all, rule, m->key->text)) {
            continue;
        }
        size_t at = set.count++;
        for (; at > 0 && span_cmp(set.item[at - 1].node->key->text, m->key->text) > 0; at--) {
            set.item[at] = set.item[at - 1];
        }
        set.item[at].node = m;
    }
    return set;
}

void draft_put_stage_rules(struct draft_ctx *c, const struct draft_node *rules)
{
    const struct draft_node *all = draft_member(c->top, "environments");

    if (!draft_good(c->d) || all == NULL || all->kind != DRAFT_MAP) {
        return; /* what is wrong is said once */
    }
    for (const struct draft_node *m = rules->child; m != NULL; m = m->next) {
        if (seats_of(m) != NULL && draft_member(m, "when") != NULL) {
            const struct draft_set stages = stages_before(c, m, all);
            if (stages.count > 0) {
                put_stage_rule(c, m, &stages);
            }
        }
    }
}
