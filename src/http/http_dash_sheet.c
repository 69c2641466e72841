/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a request's page that are made from what `explain` says of it, and documents of the kiosk. */
#include "http/http_dash_in.h"

#include "base/base_text.h"
#include "model/model_state_delegate.h"
#include "screen/screen_words.h"

/* ---- who must sign ---- */

static const char *said(enum decision_word word)
{
    switch (word) {
    case DECISION_APPROVE:
        return "approved";
    case DECISION_REJECT:
        return "rejected";
    case DECISION_ABSTAIN:
        return "abstained";
    case DECISION_NONE:
    case DECISION_COUNT:
        break;
    }
    return "";
}

static void decision(struct html *h, const struct state_decision *d)
{
    html_ours(h, "<li>");
    html_text(h, d->person->id);
    if (d->delegation != NULL) {
        html_ours(h, " for ");
        html_text(h, d->delegation->by->id);
    }
    html_ours(h, " <strong>");
    html_word(h, said(d->word));
    html_ours(h, "</strong>, ");
    html_time(h, d->time_ms);
    html_ours(h, d->lapsed ? "; no longer counts, since evidence has changed" : "");
    if (d->word == DECISION_REJECT && d->reason.left > 0) {
        html_ours(h, "<span class=\"quote\">");
        html_lines(h, d->reason);
        html_ours(h, "</span>");
    }
    html_ours(h, "</li>");
}

static void sitting(struct html *h, const struct state_request *q, struct span seat)
{
    size_t n = 0;
    for (size_t i = 0; i < q->decision_count; i++) {
        if (span_eq(q->decisions[i].seat, seat)) {
            html_ours(h, n++ == 0 ? "<ul class=\"plain\">" : "");
            decision(h, &q->decisions[i]);
        }
    }
    html_ours(h, n > 0 ? "</ul>" : "nobody yet");
}

static void put_seat(struct html *h, const struct state_request *q, const struct json_value *s)
{
    const uint64_t count = dash_uint(s, "count");
    const uint64_t have = dash_uint(s, "have");
    html_ours(h, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><code>");
    html_text(h, dash_text(s, "seat"));
    html_ours(h, "</code></th><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Role</span><span>");
    html_text(h, dash_text(s, "role"));
    html_ours(
        h, "</span></td><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Signed</span><span class=\"mark ");
    html_ours(h, have >= count ? "ok\"><span aria-hidden=\"true\">\u2713</span> "
                               : "open\"><span aria-hidden=\"true\">\u25cb</span> ");
    html_dec(h, have);
    html_ours(h, " of ");
    html_dec(h, count);
    if (json_tree_member(s, "of") != NULL) {
        html_ours(h, ", from a group of ");
        html_dec(h, dash_uint(s, "of"));
        html_ours(h, dash_flag(s, "reachable") ? "" : "; too few left to agree");
    }
    html_ours(h, "</span></td><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Who</span><span>");
    sitting(h, q, dash_text(s, "seat"));
    html_ours(h, "</span></td></tr>\n");
}

void dash_seats(struct html *h, const struct state_request *q, const struct json_value *seats)
{
    html_ours(h, "<section aria-labelledby=\"seats\">\n<h2 id=\"seats\">Who must sign</h2>\n");
    if (seats->child == NULL) {
        html_ours(h, "<p>No seat is asked for.</p>\n</section>\n");
        return;
    }
    html_ours(
        h, "<table role=\"table\" class=\"stack seats\">\n<caption class=\"vh\">Seats, and who sits there</caption>\n"
           "<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\">Seat</th>"
           "<th role=\"columnheader\" scope=\"col\">Role</th><th role=\"columnheader\" scope=\"col\">Signed</th>"
           "<th role=\"columnheader\" scope=\"col\">Who</th></tr></thead>\n<tbody role=\"rowgroup\">\n");
    for (const struct json_value *s = seats->child; s != NULL; s = s->next) {
        put_seat(h, q, s);
    }
    html_ours(h, "</tbody></table>\n</section>\n");
}

/* ---- the sheet ---- */

/* Before the id: as the kiosk says it, without what joins it to the id there. */
static void need(struct html *h, struct span kind)
{
    for (unsigned k = 0; k <= SHEET_SKIPPED; k++) {
        if (span_is(kind, policy_sheet_word((enum sheet_kind)k))) {
            struct span words = span_str(screen_need_words((enum sheet_kind)k));
            while (words.left > 0 && (words.p[words.left - 1] == ' ' || words.p[words.left - 1] == ':' ||
                                      words.p[words.left - 1] == ',')) {
                words.left--;
            }
            html_text(h, words);
            return;
        }
    }
    html_text(h, kind);
}

/* The sign before a state's word. */
static const char *mark_of(struct span state)
{
    if (span_is(state, "met")) {
        return "ok\"><span aria-hidden=\"true\">\u2713</span> ";
    }
    if (span_is(state, "waived")) {
        return "warn\"><span aria-hidden=\"true\">\u2713</span> ";
    }
    if (span_is(state, "failed")) {
        return "bad\"><span aria-hidden=\"true\">\u2715</span> ";
    }
    if (span_is(state, "skipped")) {
        return "plain\"><span aria-hidden=\"true\">\u2013</span> ";
    }
    return "open\"><span aria-hidden=\"true\">\u25cb</span> ";
}

/* Numbers with their unit, as the kiosk writes them; anything else as it stands. */
static void limit(struct html *h, const struct json_value *line)
{
    const struct span text = dash_text(line, "limit");
    uint64_t n = 0;
    const bool number = text_dec_decode(text, &n, "limit").code == CS_OK;
    if (number && span_is(dash_text(line, "kind"), policy_sheet_word(SHEET_CLOCK))) {
        screen_write_exact(h->w, n);
    } else if (number && span_is(dash_text(line, "kind"), policy_sheet_word(SHEET_REASON))) {
        html_count(h, n, "character", "characters");
    } else {
        html_text(h, text);
    }
}

static void asked(struct html *h, const struct json_value *line)
{
    const struct span role = dash_text(line, "role");
    if (role.left == 0) {
        limit(h, line);
        return;
    }
    html_dec(h, dash_uint(line, "count"));
    html_ours(h, "\u00a0\u00d7\u00a0");
    html_text(h, role);
    const struct json_value *also = json_tree_member(line, "also");
    for (const struct json_value *a = also != NULL ? also->child : NULL; a != NULL; a = a->next) {
        html_ours(h, " or ");
        html_text(h, a->text);
    }
    if (dash_text(line, "after").left > 0) {
        html_ours(h, ", after ");
        html_text(h, dash_text(line, "after_rule"));
        html_ours(h, dash_text(line, "after_rule").left > 0 ? "/" : "");
        html_text(h, dash_text(line, "after"));
    }
    if (dash_text(line, "duty").left > 0) {
        html_ours(h, ", on duty in ");
        html_text(h, dash_text(line, "duty"));
    }
}

static void there(struct html *h, const struct json_value *line)
{
    if (dash_text(line, "role").left > 0) {
        html_count(h, dash_uint(line, "have"), "person", "people");
    } else if (dash_text(line, "value").left > 0) {
        html_text(h, dash_text(line, "value"));
    } else {
        html_ours(h, "<span aria-hidden=\"true\">\u2013</span>");
    }
}

static void age(struct html *h, const struct dash_world *x, const struct json_value *line)
{
    uint64_t at_ms = 0;
    if (text_time_decode(dash_text(line, "at"), &at_ms, "at").code == CS_OK) {
        html_ours(h, "<span class=\"sub\">");
        screen_write_span(h->w, x->now_ms > at_ms ? x->now_ms - at_ms : 0);
        html_ours(h, " old, came ");
        html_time(h, at_ms);
        html_ours(h, "</span>");
    }
    if (dash_text(line, "source").left > 0) {
        html_ours(h, "<span class=\"sub\">from ");
        html_text(h, dash_text(line, "source"));
        html_ours(h, "</span>");
    }
}

static void put_line(struct html *h, const struct dash_world *x, const struct json_value *line)
{
    const struct span reason = dash_text(line, "reason");
    html_ours(h, "<tr role=\"row\"><th role=\"rowheader\" scope=\"row\"><span class=\"sub\">");
    need(h, dash_text(line, "kind"));
    html_ours(h, "</span>");
    html_text(h, dash_text(line, "id"));
    html_ours(h, "</th><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Rule</span><span>");
    html_text(h, dash_text(line, "rule"));
    html_ours(h, "</span></td><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">Asked</span><span>");
    asked(h, line);
    html_ours(h, "</span></td><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">There</span><span>");
    there(h, line);
    age(h, x, line);
    html_ours(
        h,
        "</span></td><td role=\"cell\"><span class=\"cap\" aria-hidden=\"true\">State</span><span><span class=\"mark ");
    html_ours(h, mark_of(dash_text(line, "state")));
    html_text(h, dash_text(line, "state"));
    html_ours(h, "</span>");
    if (!span_is(reason, policy_reason_code(REASON_OK))) {
        html_ours(h, "<span class=\"sub\">");
        html_word(h, policy_reason_sentence(policy_reason_of(reason)));
        html_ours(h, " <code>");
        html_text(h, reason);
        html_ours(h, "</code></span>");
    }
    html_ours(h, "</span></td></tr>\n");
}

void dash_sheet(struct html *h, const struct dash_world *x, const struct json_value *sheet)
{
    html_ours(
        h,
        "<section aria-labelledby=\"sheet\">\n<h2 id=\"sheet\">What the policy asks</h2>\n"
        "<table role=\"table\" class=\"stack sheet\">\n<caption class=\"vh\">The sheet, in the order in which people "
        "sign it</caption>\n<thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\">What</th>"
        "<th role=\"columnheader\" scope=\"col\">Rule</th><th role=\"columnheader\" scope=\"col\">Asked</th>"
        "<th role=\"columnheader\" scope=\"col\">There</th><th role=\"columnheader\" scope=\"col\">State</th></tr>"
        "</thead>\n<tbody role=\"rowgroup\">\n");
    for (const struct json_value *line = sheet->child; line != NULL; line = line->next) {
        put_line(h, x, line);
    }
    html_ours(h, "</tbody></table>\n</section>\n");
}

void dash_rules(struct html *h, const struct json_value *rules)
{
    if (rules->child == NULL) {
        return;
    }
    html_ours(h, "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules that apply, and why</h2>\n<dl>\n");
    for (const struct json_value *r = rules->child; r != NULL; r = r->next) {
        html_ours(h, "<dt>");
        html_text(h, dash_text(r, "rule"));
        html_ours(h, "</dt><dd>");
        html_text(h, dash_text(r, "because"));
        html_ours(h, " <span class=\"sub\">policy entry ");
        html_dec(h, dash_uint(r, "policy"));
        html_ours(h, "</span></dd>\n");
    }
    html_ours(h, "</dl>\n</section>\n");
}

/* ---- documents of the kiosk ---- */

enum list { LIST_NONE, LIST_PAIRS, LIST_POINTS };

static void change_list(struct html *h, enum list *open, enum list wanted)
{
    static const char *const opens[] = {
        [LIST_NONE] = "", [LIST_PAIRS] = "<dl>\n", [LIST_POINTS] = "<ul class=\"points\">\n"};
    static const char *const closes[] = {[LIST_NONE] = "", [LIST_PAIRS] = "</dl>\n", [LIST_POINTS] = "</ul>\n"};
    if (*open != wanted) {
        html_ours(h, closes[*open]);
        html_ours(h, opens[wanted]);
        *open = wanted;
    }
}

static const char *sign_of(enum item_mark mark)
{
    switch (mark) {
    case MARK_OK:
        return "<span class=\"mark ok\"><span aria-hidden=\"true\">\u2713</span><span class=\"vh\">met: "
               "</span></span> ";
    case MARK_OPEN:
        return "<span class=\"mark open\"><span aria-hidden=\"true\">\u25cb</span><span class=\"vh\">open: "
               "</span></span> ";
    case MARK_WARN:
        return "<span class=\"mark warn\"><span aria-hidden=\"true\">\u25b2</span><span class=\"vh\">look at: "
               "</span></span> ";
    case MARK_NEW:
        return "<span class=\"mark ok\"><span aria-hidden=\"true\">+</span><span class=\"vh\">new: </span></span> ";
    case MARK_GONE:
        return "<span class=\"mark bad\"><span aria-hidden=\"true\">\u2212</span><span class=\"vh\">gone: "
               "</span></span> ";
    case MARK_NONE:
        break;
    }
    return "";
}

/* Without a label it goes on what stands before. */
static void pair(struct html *h, const struct doc_item *i)
{
    if (i->label.count > 0) {
        html_ours(h, "<dt>");
        html_runs(h, &i->label);
        html_ours(h, "</dt>");
    }
    html_ours(h, "<dd>");
    if (i->kind == ITEM_DIGEST) {
        html_digest(h, &i->digest);
    } else {
        html_runs(h, &i->value);
    }
    html_ours(h, "</dd>\n");
}

static void item(struct html *h, const struct doc_item *i, enum list *open)
{
    switch (i->kind) {
    case ITEM_TITLE:
        return; /* the page's own heading */
    case ITEM_HEADING:
        change_list(h, open, LIST_NONE);
        html_ours(h, "<h3>");
        html_runs(h, &i->label);
        html_ours(h, "</h3>\n");
        return;
    case ITEM_FIELD:
    case ITEM_TEXT:
    case ITEM_DIGEST:
        change_list(h, open, LIST_PAIRS);
        pair(h, i);
        return;
    case ITEM_POINT:
        change_list(h, open, LIST_POINTS);
        html_ours(h, "<li>");
        html_ours(h, sign_of(i->mark));
        html_runs(h, &i->value);
        html_ours(h, "</li>\n");
        return;
    case ITEM_WORD:
    case ITEM_NOTE:
        change_list(h, open, LIST_NONE);
        html_ours(h, "<p class=\"note\">");
        html_runs(h, &i->value);
        html_ours(h, "</p>\n");
        return;
    }
}

void dash_doc(struct html *h, const struct doc *d)
{
    enum list open = LIST_NONE;
    for (size_t i = 0; i < d->count; i++) {
        item(h, &d->items[i], &open);
    }
    change_list(h, &open, LIST_NONE);
}
