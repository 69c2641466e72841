/* SPDX-License-Identifier: Apache-2.0 */
/* Two policies about one request. */
#include "draft/draft_try.h"

struct compare {
    const struct draft_trial *a;
    const struct draft_trial *b;
    struct writer *w;
    struct draft_change change;
};

static void begin(struct compare *c, bool more)
{
    c->change.more += more ? 1U : 0U;
    c->change.less += more ? 0U : 1U;
    wr_text(c->w, more ? "more: " : "less: ");
}

static void number(struct compare *c, uint64_t a, uint64_t b, bool more, const char *what)
{
    begin(c, more);
    wr_text(c->w, what);
    wr_text(c->w, " ");
    wr_dec(c->w, b);
    wr_text(c->w, ", was ");
    wr_dec(c->w, a);
    wr_text(c->w, "\n");
}

/* Lines that are there or not, and what they say when it is not their name alone. */
static const char *const words[] = {
    [SHEET_FIELD] = "the field ",   [SHEET_BIND] = "the same ",      [SHEET_SEPARATE] = "kept from signing: ",
    [SHEET_SOURCE] = "source: ",    [SHEET_TICKET] = "ticket: ",     [SHEET_PROMOTION] = "the stage before: ",
    [SHEET_TOKEN] = "every key: ",  [SHEET_EVIDENCE] = "evidence: ", [SHEET_WINDOW] = "window: ",
    [SHEET_FREEZE] = "held by an ",
};

static bool is_word(enum sheet_kind kind)
{
    return (size_t)kind < sizeof(words) / sizeof(words[0]) && words[kind] != NULL;
}

static bool has_limit(enum sheet_kind kind)
{
    return kind > SHEET_SEPARATE;
}

/* Whatever their rules are called. */
static bool same(const struct sheet_line *a, const struct sheet_line *b)
{
    return a->kind == b->kind && span_eq(a->id, b->id) && (!has_limit(a->kind) || span_eq(a->limit, b->limit));
}

static bool asks(const struct draft_trial *t, size_t lines, const struct sheet_line *line)
{
    size_t i = 0;
    while (i < lines && !same(&t->sheet.lines[i], line)) {
        i++;
    }
    return i < lines;
}

static void say_word(struct compare *c, const struct sheet_line *l, bool more)
{
    begin(c, more);
    wr_text(c->w, words[l->kind]);
    wr_text(c->w, draft_show(l->id).text);
    if (has_limit(l->kind)) {
        wr_text(c->w, ", ");
        wr_text(c->w, draft_show(l->limit).text);
    }
    wr_text(c->w, l->kind == SHEET_BIND ? " at redeem\n" : "\n");
}

static void words_of(struct compare *c, const struct draft_trial *have, const struct draft_trial *other, bool more)
{
    for (size_t i = 0; i < have->sheet.count; i++) {
        const struct sheet_line *l = &have->sheet.lines[i];
        const bool always = l->kind == SHEET_SEPARATE && span_is(l->id, "initiator"); /* said or not */
        if (is_word(l->kind) && !always && !asks(have, i, l) && !asks(other, other->sheet.count, l)) {
            say_word(c, l, more);
        }
    }
}

static uint64_t seats_of(const struct draft_trial *t, struct span role)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->sheet.count; i++) {
        const struct sheet_line *l = &t->sheet.lines[i];
        n += l->kind == SHEET_SEAT && span_eq(l->role, role) ? l->count : 0U;
    }
    return n;
}

/* Is this line the first seat of its role? */
static bool new_role(const struct draft_trial *t, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        const struct sheet_line *l = &t->sheet.lines[i];
        if (l->kind == SHEET_SEAT && span_eq(l->role, t->sheet.lines[at].role)) {
            return false;
        }
    }
    return t->sheet.lines[at].kind == SHEET_SEAT;
}

static void seat_line(struct compare *c, struct span role)
{
    const uint64_t a = seats_of(c->a, role);
    const uint64_t b = seats_of(c->b, role);

    if (a != b) {
        begin(c, b > a);
        wr_dec(c->w, b);
        wr_text(c->w, b == 1 ? " person of role " : " people of role ");
        wr_text(c->w, draft_show(role).text);
        wr_text(c->w, ", was ");
        wr_dec(c->w, a);
        wr_text(c->w, "\n");
    }
}

static void seats(struct compare *c)
{
    for (size_t i = 0; i < c->b->sheet.count; i++) {
        if (new_role(c->b, i)) {
            seat_line(c, c->b->sheet.lines[i].role);
        }
    }
    for (size_t i = 0; i < c->a->sheet.count; i++) {
        if (new_role(c->a, i) && seats_of(c->b, c->a->sheet.lines[i].role) == 0) {
            seat_line(c, c->a->sheet.lines[i].role);
        }
    }
}

/* May somebody of this role end it alone, from a seat that votes? */
static bool may_veto(const struct sheet *s, struct span role)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct sheet_line *l = &s->lines[i];
        if (l->kind == SHEET_SEAT && span_among(role, l->veto, l->veto_count)) {
            return true;
        }
    }
    return false;
}

static void vetoes_of(struct compare *c, const struct sheet *have, const struct sheet *other, bool more)
{
    for (size_t i = 0; i < have->count; i++) {
        const struct sheet_line *l = &have->lines[i];
        for (size_t k = 0; l->kind == SHEET_SEAT && k < l->veto_count; k++) {
            if (!may_veto(other, l->veto[k])) {
                begin(c, more);
                wr_text(c->w, "a no of role ");
                wr_text(c->w, draft_show(l->veto[k]).text);
                wr_text(c->w, " ends it\n");
            }
        }
    }
}

/* Seats of one role that wait for another one's: "tech after business". */
static size_t waits(const struct draft_trial *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->sheet.count; i++) {
        n += t->sheet.lines[i].kind == SHEET_SEAT && t->sheet.lines[i].after.left > 0 ? 1U : 0U;
    }
    return n;
}

static void numbers(struct compare *c)
{
    const struct sheet *a = &c->a->sheet;
    const struct sheet *b = &c->b->sheet;

    if (waits(c->a) != waits(c->b)) {
        number(c, waits(c->a), waits(c->b), waits(c->b) > waits(c->a), "seats that wait for another:");
    }
    if (a->reason_approve_min != b->reason_approve_min) {
        number(c, a->reason_approve_min, b->reason_approve_min, b->reason_approve_min > a->reason_approve_min,
               "characters of a reason to approve:");
    }
    if (a->reason_reject_min != b->reason_reject_min) {
        number(c, a->reason_reject_min, b->reason_reject_min, b->reason_reject_min > a->reason_reject_min,
               "characters of a reason to reject:");
    }
    if (a->sign_by_s != b->sign_by_s) {
        number(c, a->sign_by_s, b->sign_by_s, b->sign_by_s < a->sign_by_s, "seconds to sign:");
    }
    if (a->use_by_s != b->use_by_s) {
        number(c, a->use_by_s, b->use_by_s, b->use_by_s < a->use_by_s, "seconds to use it:");
    }
}

struct draft_change draft_compare(const struct draft_trial *a, const struct draft_trial *b, struct writer *w)
{
    struct compare c = {.a = a, .b = b, .w = w};

    if (a->reason != b->reason && (a->reason == REASON_OK || b->reason == REASON_OK)) {
        begin(&c, a->reason == REASON_OK);
        wr_text(w, a->reason == REASON_OK ? "it is refused, " : "it is no longer refused, ");
        wr_text(w, policy_reason_code(a->reason == REASON_OK ? b->reason : a->reason));
        wr_text(w, "\n");
    }
    if (a->has_sheet && b->has_sheet) {
        words_of(&c, b, a, true);
        words_of(&c, a, b, false);
        seats(&c);
        vetoes_of(&c, &b->sheet, &a->sheet, true);
        vetoes_of(&c, &a->sheet, &b->sheet, false);
        numbers(&c);
    }
    return c.change;
}
