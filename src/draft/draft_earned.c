/* SPDX-License-Identifier: Apache-2.0 */
/* `earned: [ { rule, seat, to: { quorum: 2 }, when: { history } } ]` */
#include "draft/draft_diff.h"
#include "draft/draft_parts.h"
#include "policy/policy_match.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void put_to(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_node *count = draft_member(v, "count");
    const struct draft_node *quorum = draft_member(v, "quorum");

    if (!draft_is(c, v, DRAFT_MAP, "`to` is { quorum: 2 } or { count: 1 }")) {
        return;
    }
    if (v->count != 1 || (count == NULL && quorum == NULL)) {
        draft_fault(c->d, v->at, "`to` is { quorum: 2 } or { count: 1 }: so many people are enough then");
        return;
    }
    draft_put_int(c, row, count != NULL ? count : quorum);
}

static const struct draft_row earned_rows[] = {
    {"to", DRAFT_MUST, put_to, "count", 1, POLICY_COUNT_MAX, 0},
    {"rule", DRAFT_MUST, draft_put_id, "rule", 0, 0, 0},
    {"seat", DRAFT_MUST, draft_put_id, "seat", 0, 0, 0},
    {"when", DRAFT_MUST, draft_put_when, "when", 0, 0, DRAFT_WHEN_EARNS},
};

/* Of a list, the item whose member `key` is this text. */
static const struct draft_node *item_of(const struct draft_node *list, const char *key, const struct draft_node *text)
{
    const struct draft_node *m = list != NULL && list->kind == DRAFT_LIST ? list->child : NULL;
    while (m != NULL) {
        const struct draft_node *id = draft_member(m, key);
        if (id != NULL && span_eq(id->text, text->text)) {
            return m;
        }
        m = m->next;
    }
    return NULL;
}

/* A share of a group has no number to be below. */
static void check_fewer(struct draft_ctx *c, const struct draft_node *item, const struct draft_node *seat)
{
    const struct draft_node *to = draft_member(item, "to");
    const struct draft_node *asked = draft_member(seat, "quorum");
    int64_t people = 1;
    int64_t enough = 0;

    asked = asked != NULL ? asked : draft_member(seat, "count");
    if (to == NULL || to->kind != DRAFT_MAP || to->child == NULL || !draft_integer(to->child, &enough) ||
        (asked != NULL && !draft_integer(asked, &people))) {
        return; /* said already, or a share */
    }
    if (enough >= people) {
        draft_fault(c->d, to->child->at, "the seat asks for %lld: fewer than that can be earned", (long long)people);
    }
}

static void check_seat(struct draft_ctx *c, const struct draft_node *item)
{
    const struct draft_node *rule_id = draft_member(item, "rule");
    const struct draft_node *seat_id = draft_member(item, "seat");

    if (rule_id == NULL || seat_id == NULL) {
        return; /* said already */
    }
    const struct draft_node *rule = item_of(draft_member(c->top, "rules"), "id", rule_id);
    if (rule == NULL) {
        draft_fault(c->d, rule_id->at, "there is no rule `%s`", draft_show(rule_id->text).text);
        return;
    }
    const struct draft_node *require = draft_member(rule, "require");
    const struct draft_node *seats = require != NULL ? draft_member(require, "seats") : NULL;
    const struct draft_node *seat = item_of(seats, "id", seat_id);
    if (seat == NULL) {
        draft_fault(c->d, seat_id->at, "rule `%s` has no seat `%s`", draft_show(rule_id->text).text,
                    draft_show(seat_id->text).text);
        return;
    }
    check_fewer(c, item, seat);
}

/* One of the items before it is about the same seat. */
static void check_once(struct draft_ctx *c, const struct draft_node *list, const struct draft_node *item)
{
    const struct draft_node *rule = draft_member(item, "rule");
    const struct draft_node *seat = draft_member(item, "seat");

    for (const struct draft_node *m = list->child; rule != NULL && seat != NULL && m != item; m = m->next) {
        const struct draft_node *r = draft_member(m, "rule");
        const struct draft_node *s = draft_member(m, "seat");
        if (r != NULL && s != NULL && span_eq(r->text, rule->text) && span_eq(s->text, seat->text)) {
            draft_fault(c->d, item->at, "seat `%s` of rule `%s` stands twice in `earned`", draft_show(seat->text).text,
                        draft_show(rule->text).text);
            return;
        }
    }
}

void draft_put_earned(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (!draft_is(c, v, DRAFT_LIST,
                  "`earned` is a list, such as [ { rule: ..., seat: ..., to: { count: 1 }, when: { ... } } ]")) {
        return;
    }
    if (v->count < 1 || v->count > POLICY_SEATS_MAX) {
        draft_fault(c->d, v->at, "from 1 to %d items belong here", POLICY_SEATS_MAX);
    }
    json_put_array(c->o, row->member);
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        if (draft_is(c, m, DRAFT_MAP,
                     "an item is a map, such as { rule: ..., seat: ..., to: { count: 1 }, when: { ... } }")) {
            json_put_object(c->o, NULL);
            draft_rows(c, m, earned_rows, COUNT(earned_rows), "`earned`");
            json_put_close(c->o);
            check_seat(c, m);
            check_once(c, v, m);
        }
    }
    json_put_close(c->o);
}

/* --- what became of it --- */

static bool same_when(const struct policy_earned *a, const struct policy_earned *b)
{
    const struct policy_rule was = {.when = a->when, .when_count = a->when_count};
    const struct policy_rule now = {.when = b->when, .when_count = b->when_count};

    return draft_diff_within(&was, &now) && draft_diff_within(&now, &was);
}

static void say(struct draft_diff *d, enum draft_way way, const struct policy_earned *e, const char *what)
{
    const struct policy_rule when = {.when = e->when, .when_count = e->when_count};
    d->about = "earned ";
    d->name = e->rule;
    draft_diff_begin(d, way);
    wr_text(d->w, what);
    wr_dec(d->w, e->count);
    wr_text(d->w, " enough for ");
    wr_text(d->w, draft_show(e->seat).text);
    wr_text(d->w, " ");
    policy_rule_words(&when, d->w);
    wr_text(d->w, "\n");
    d->about = NULL;
}

/* Which way the conditions went, and which way the number: looser when fewer are asked for. */
static enum draft_way when_way(const struct policy_earned *a, const struct policy_earned *b)
{
    const struct policy_rule was = {.when = a->when, .when_count = a->when_count};
    const struct policy_rule now = {.when = b->when, .when_count = b->when_count};

    if (draft_diff_within(&was, &now)) {
        return WAY_STRICTER; /* all that it asked for, and more */
    }
    return draft_diff_within(&now, &was) ? WAY_LOOSER : WAY_OTHER;
}

static void compare_earned(struct draft_diff *d, const struct policy_earned *a, const struct policy_earned *b)
{
    const enum draft_way number = b->count < a->count ? WAY_LOOSER : WAY_STRICTER;
    const enum draft_way when = same_when(a, b) ? number : when_way(a, b);

    if (a->count != b->count || !same_when(a, b)) {
        say(d, a->count == b->count || when == number ? when : WAY_OTHER, b, "is now: ");
    }
}

static const struct policy_earned *earned_of(const struct policy_doc *doc, const struct policy_earned *like)
{
    size_t i = 0;
    while (i < doc->earned_count &&
           !(span_eq(doc->earned[i].rule, like->rule) && span_eq(doc->earned[i].seat, like->seat))) {
        i++;
    }
    return i < doc->earned_count ? &doc->earned[i] : NULL;
}

void draft_diff_earned(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    for (size_t i = 0; i < b->earned_count; i++) {
        const struct policy_earned *had = earned_of(a, &b->earned[i]);
        if (had == NULL) {
            say(d, WAY_LOOSER, &b->earned[i], "is new: ");
        } else {
            compare_earned(d, had, &b->earned[i]);
        }
    }
    for (size_t i = 0; i < a->earned_count; i++) {
        if (earned_of(b, &a->earned[i]) == NULL) {
            say(d, WAY_STRICTER, &a->earned[i], "is gone: ");
        }
    }
}
