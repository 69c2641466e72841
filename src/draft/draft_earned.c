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
    {"when", DRAFT_MUST, draft_put_when, "when", 0, 0, 0},
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
    if (item_of(seats, "id", seat_id) == NULL) {
        draft_fault(c->d, seat_id->at, "rule `%s` has no seat `%s`", draft_show(rule_id->text).text,
                    draft_show(seat_id->text).text);
    }
}

/* What a request says of itself earns nothing. */
static void check_when(struct draft_ctx *c, const struct draft_node *when)
{
    for (const struct draft_node *m = when != NULL && when->kind == DRAFT_MAP ? when->child : NULL; m != NULL;
         m = m->next) {
        const bool nests = span_is(m->key->text, "all") || span_is(m->key->text, "any") || span_is(m->key->text, "not");
        if (!nests && !span_is(m->key->text, "history")) {
            draft_fault(c->d, m->key->at, "only `history` earns anything, not what a request says of itself");
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
            check_when(c, draft_member(m, "when"));
        }
    }
    json_put_close(c->o);
}

/* --- what became of it --- */

static bool same_words(const struct policy_earned *a, const struct policy_earned *b)
{
    AUTO_WRITER wa = wr_heap(DRAFT_TEXT_MAX);
    AUTO_WRITER wb = wr_heap(DRAFT_TEXT_MAX);
    const struct policy_rule ra = {.when = a->when, .when_count = a->when_count};
    const struct policy_rule rb = {.when = b->when, .when_count = b->when_count};
    policy_rule_words(&ra, &wa);
    policy_rule_words(&rb, &wb);
    return a->count == b->count && span_eq(wr_span(&wa), wr_span(&wb));
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

void draft_diff_earned(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    for (size_t i = 0; i < b->earned_count; i++) {
        const struct policy_earned *had = earned_of(a, &b->earned[i]);
        if (had == NULL) {
            say(d, WAY_LOOSER, &b->earned[i], "is new: ");
        } else if (!same_words(had, &b->earned[i])) {
            say(d, WAY_OTHER, &b->earned[i], "is now: ");
        }
    }
    for (size_t i = 0; i < a->earned_count; i++) {
        if (earned_of(b, &a->earned[i]) == NULL) {
            say(d, WAY_STRICTER, &a->earned[i], "is gone: ");
        }
    }
}
