/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of a visit: list, reading, deciding, signing, receipt. */
#include "screen/screen_scene_in.h"
#include "screen/screen_sign.h"

#include "policy/policy_alarm.h"

/* ---- the list */

static void put_left(struct writer *w, const struct stage *g, uint64_t until_ms)
{
    if (until_ms <= g->w->clock_ms) {
        wr_text(w, "time is up");
        return;
    }
    screen_write_span(w, until_ms - g->w->clock_ms);
}

static void put_missing(struct writer *w, const struct state_request *q, const struct sheet *sheet)
{
    uint32_t n = 0;
    const struct sheet_line *first = NULL;
    const enum request_status seen = policy_status(q, sheet);
    if (seen == STATUS_PAUSED || seen == STATUS_BLOCKED) {
        wr_text(w, seen == STATUS_PAUSED ? "paused" : "blocked");
        return;
    }
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        if (l->kind == SHEET_SEAT && l->have < l->count) {
            n += l->count - l->have;
            first = first == NULL ? l : first;
        }
    }
    wr_text(w, "needs ");
    wr_dec(w, n);
    if (first != NULL && n == first->count - first->have) {
        wr_text(w, ": ");
        wr_bytes(w, first->role);
    }
}

static void fill_row(struct stage *g, const struct state_request *q, struct scene_row *row)
{
    static const struct text_rule rule = {.form = TEXT_LINE, .repertoire = REPERTOIRE_CELLS, .max_points = 1024};
    struct sheet sheet;
    if (flow_sheet(g->w, q, g->arena, &sheet).code != CS_OK ||
        screen_text(screen_title(g->w->state, q, &sheet.in, g->arena), &rule, g->arena, &row->title).code != CS_OK) {
        g->fail = CS_E_NOMEM;
        return;
    }
    struct scene_text x;
    scene_text(&x, g);
    if (q->kind == KIND_DEPLOY && sheet.in.deploy != NULL) {
        wr_bytes(&x.w, sheet.in.deploy->environment);
        wr_text(&x.w, "  ");
        wr_bytes(&x.w, sheet.in.deploy->service);
    } else {
        wr_text(&x.w, screen_kind_words(q->kind));
    }
    row->below = scene_text_end(&x);
    scene_text(&x, g);
    put_left(&x.w, g, q->sign_by_ms);
    row->right = scene_text_end(&x);
    scene_text(&x, g);
    put_missing(&x.w, q, &sheet);
    row->right_below = scene_text_end(&x);
    for (size_t i = 0; i < g->f->token.devices; i++) {
        row->mine = row->mine || flow_device_may(&g->f->token.device[i], g->w->state, &sheet, DECISION_NONE).allow;
    }
}

static const char *thing_of(bool card)
{
    return card ? "Your card is in" : "Your key is in";
}

static void card_hello(struct stage *g)
{
    const struct state_person *p = flow_person(g->f, g->w->state);
    if (g->f->token.devices > 1) {
        scene_card_several(g, "What one of them can sign is marked with *.");
        return;
    }
    if (p == NULL) {
        struct scene_card *c = scene_card(g, CARD_ACT, "Insert your key or card");
        scene_say_text(c, INK_ACT, "Or press a number to read a request.");
        return;
    }
    struct scene_card *c = scene_card(g, CARD_PLAIN, thing_of(g->f->token.card));
    struct flow_short name;
    struct scene_text x;
    scene_say(c, INK_FRAME_STRONG, p->id);
    flow_key_name(g->w->state, &g->f->token.credential, &name);
    scene_text(&x, g);
    wr_bytes(&x.w, flow_text(&name));
    scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
    scene_say_text(c, INK_FRAME, "Requests that you can sign are marked with *.");
}

/* 64 hex digits, four groups of four a line. */
static void say_digest(struct stage *g, struct scene_card *c, const struct sha256 *d)
{
    for (size_t row = 0; row < 4; row++) {
        struct scene_text x;
        scene_text(&x, g);
        for (size_t i = 0; i < 4; i++) {
            wr_text(&x.w, i > 0 ? " " : "");
            wr_hex(&x.w, span_make(d->b + (row * 8) + (i * 2), 2));
        }
        scene_say(c, INK_FRAME_STRONG, scene_text_end(&x));
    }
}

static void card_health(struct stage *g)
{
    struct scene_card *c = scene_card(g, CARD_PLAIN, "This kiosk");
    struct scene_text x;
    const bool clock = !g->w->state->clock_back;
    scene_say_text(c, clock ? INK_FRAME_OK : INK_FRAME_BAD, clock ? "[x] Clock trusted" : "[!] Clock not trusted");
    scene_say_text(c, g->w->token_up ? INK_FRAME_OK : INK_FRAME_BAD,
                   g->w->token_up ? "[x] Key reader answers" : "[!] Key reader is gone");
    scene_say_text(c, INK_FRAME_OK, "[x] Log adds up");
    scene_text(&x, g);
    wr_text(&x.w, "Log of ");
    wr_dec(&x.w, g->w->state->size);
    wr_text(&x.w, " entries, head");
    scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
    say_digest(g, c, &g->w->root);
}

/* What nobody can sign; the rest of a long list is in the API and in the log. */
static void card_alarms(struct stage *g)
{
    enum { SHOWN = 3 };
    const struct state *s = g->w->state;
    struct scene_card *c = scene_card(g, CARD_BAD, "Nobody can sign this");
    struct scene_text x;
    for (size_t i = 0; i < s->alarm_count && i < SHOWN; i++) {
        scene_text(&x, g);
        wr_bytes(&x.w, s->alarms[i].role);
        wr_text(&x.w, ", ");
        wr_bytes(&x.w, s->alarms[i].subject);
        scene_say(c, INK_FRAME_BAD, scene_text_end(&x));
        scene_say_text(c, INK_FRAME, policy_alarm_text(s->alarms[i].code));
    }
    if (s->alarm_count > SHOWN) {
        scene_text(&x, g);
        wr_text(&x.w, "and ");
        wr_dec(&x.w, s->alarm_count - SHOWN);
        wr_text(&x.w, " more");
        scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
    }
}

void scene_queue(struct stage *g)
{
    const struct state_request *rows[FLOW_QUEUE_ROWS];
    const size_t count = flow_queue_count(g->w->state);
    const size_t n = flow_queue(g->w->state, g->f->queue_page, rows);
    struct scene_text x;
    for (size_t i = 0; i < n; i++) {
        g->s->row[i].digit = (char)('1' + i);
        fill_row(g, rows[i], &g->s->row[i]);
    }
    g->s->row_count = n;
    g->s->empty = count == 0 ? "Nothing waits for a decision." : "Nothing on this page. Press p to go back.";
    scene_text(&x, g);
    wr_dec(&x.w, count);
    wr_text(&x.w, count == 1 ? " request waits for a decision" : " requests wait for a decision");
    g->s->heading = scene_text_end(&x);
    const size_t pages = (count + FLOW_QUEUE_ROWS - 1) / FLOW_QUEUE_ROWS;
    if (pages > 1) {
        scene_text(&x, g);
        wr_text(&x.w, "Page ");
        wr_dec(&x.w, g->f->queue_page + 1);
        wr_text(&x.w, " of ");
        wr_dec(&x.w, pages);
        g->s->foot = scene_text_end(&x);
    } else {
        g->s->foot = SPAN_LIT("soonest to close first");
    }
    if (g->w->state->alarm_count > 0) {
        card_alarms(g);
    }
    card_hello(g);
    scene_card_debts(g);
    scene_card_frozen(g);
    card_health(g);
    scene_button(g, "1-8", "", "Read", n > 0);
    if (pages > 1) {
        scene_button(g, "PgDn", "n", "More", g->f->queue_page + 1 < pages);
        scene_button(g, "PgUp", "p", "Back", g->f->queue_page > 0);
    }
    if (g->w->state->policy->doc.emergency != NULL) {
        scene_button(g, "F8", "b", "Emergency", true);
    }
    if (flow_asks_anything(&g->w->state->policy->doc)) {
        scene_button(g, "m", "", "Ask for", true);
    }
    scene_button(g, "F7", "e", pages > 1 ? "People" : "People, keys", true);
    scene_button(g, "F1", "?", "Help", true);
}

/* ---- reading */

/* To decide; or, of what was given already, to use it. */
static void card_time(struct stage *g)
{
    const struct state_request *q = &g->f->reading.request;
    const bool given = q->status == STATUS_APPROVED;
    const uint64_t until_ms = given ? q->use_by_ms : q->sign_by_ms;
    struct scene_card *c = scene_card(g, CARD_PLAIN, given ? "Time left to use it" : "Time left to decide");
    struct scene_text x;
    scene_text(&x, g);
    put_left(&x.w, g, until_ms);
    scene_say(c, INK_FRAME_STRONG, scene_text_end(&x));
    scene_text(&x, g);
    wr_text(&x.w, given ? "ends " : "closes ");
    screen_write_minute(&x.w, until_ms);
    scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
}

static void rail_time(struct stage *g)
{
    const struct state_request *q = state_request_find(g->w->state, g->f->reading.request.index);
    if (q == NULL || (q->status != STATUS_ELIGIBLE && q->status != g->f->reading.request.status)) {
        return; /* it ended while it was open here: no time runs any more */
    }
    if (flow_emergency(g->f, g->w) != NULL) {
        scene_card_window(g, q);
    } else {
        card_time(g);
    }
}

/* On a signing page: how long it waits; of an emergency also who has signed, and how long the others have. */
static void rail_signing(struct stage *g)
{
    if (flow_emergency(g->f, g->w) != NULL) {
        scene_card_seats(g);
    }
    rail_time(g);
}

static void card_chips(struct stage *g, const struct doc *d)
{
    struct scene_card *c = scene_card(g, CARD_BAD, d->hidden ? "This text hides something" : "Not all can be shown");
    if (!d->hidden && !d->unshown) {
        c->heading = "Marked signs in the text";
    }
    for (size_t i = 0; i < d->chip_count; i++) {
        struct scene_text x;
        char code[TEXT_CHIP_MAX];
        screen_chip_text(&d->chips[i].run, code);
        scene_text(&x, g);
        wr_text(&x.w, code);
        wr_text(&x.w, " ");
        wr_text(&x.w, screen_chip_meaning(&d->chips[i].run));
        scene_say(c, INK_FRAME, scene_text_end(&x));
    }
    if (d->unshown) {
        scene_say_text(c, INK_FRAME_BAD, "It cannot be signed here.");
    } else if (d->hidden) {
        scene_say_text(c, INK_FRAME_BAD, "You can only reject it.");
    }
}

static void card_reader(struct stage *g, bool all_read)
{
    const struct state_person *p = flow_person(g->f, g->w->state);
    if (g->f->token.devices > 1) {
        scene_card_several(g, all_read ? "All pages read." : "Approve unlocks when every page was seen.");
        return;
    }
    struct scene_card *c = scene_card(g, CARD_PLAIN, p != NULL ? thing_of(g->f->token.card) : "Decide");
    if (p != NULL) {
        scene_say(c, INK_FRAME_STRONG, p->id);
    }
    scene_say_text(c, INK_FRAME_DIM, all_read ? "All pages read." : "Approve unlocks when you have seen every page.");
}

static void heading_of_request(struct stage *g)
{
    struct scene_text x;
    scene_text(&x, g);
    wr_text(&x.w, "Request ");
    wr_dec(&x.w, g->f->reading.request.index);
    wr_text(&x.w, ", revision ");
    wr_dec(&x.w, g->f->reading.request.revision);
    g->s->heading = scene_text_end(&x);
}

void scene_rail(struct stage *g)
{
    heading_of_request(g);
    scene_card_seats(g);
    rail_time(g);
}

void scene_read(struct stage *g)
{
    const struct flow_pages *p = &g->f->reading.page;
    const bool all = flow_all_read(p, g->w->now_ms);
    const bool shown = !p->doc.unshown && !p->pages.too_long;
    const struct state_request *q = state_request_find(g->w->state, g->f->reading.request.index);
    const bool waits = q != NULL && q->status == STATUS_ELIGIBLE;
    const bool open = waits && !flow_clock_bars(g->f, g->w) && g->w->token_up;
    scene_rail(g);
    if (p->doc.chipped || p->doc.unshown) {
        card_chips(g, &p->doc);
    } else if (waits) {
        card_reader(g, all);
    }
    scene_card_held(g);
    scene_card_asker(g);
    scene_button(g, "Esc", "q", "Leave", true);
    scene_pages(g, p, true);
    if (g->f->reading.request.status != STATUS_ELIGIBLE) {
        return; /* given already */
    }
    scene_button(g, "F4", "r", "Reject", shown && open);
    if (flow_votes(&g->f->reading.sheet)) {
        scene_button(g, "F8", "b", "Abstain", shown && open);
    }
    scene_button(g, "F12", "a", "Approve",
                 all && shown && !p->doc.hidden && open && flow_approvable(g->f, g->w, g->arena).allow);
}

/* ---- word and reason */

static void put_decision(struct stage *g, struct doc *d)
{
    struct scene_text x;
    scene_text(&x, g);
    wr_text(&x.w, screen_decision_word(g->f->reading.word));
    wr_text(&x.w, " for ");
    wr_bytes(&x.w, flow_text(&g->f->reading.seat));
    doc_word(d, scene_text_end(&x));
    doc_title(d, screen_title(g->w->state, &g->f->reading.request, &g->f->reading.sheet.in, g->arena));
    doc_field(d, "Person", flow_text(&g->f->token.person), DOC_PLAIN);
}

static void card_reason(struct stage *g, uint64_t least)
{
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Your reason");
    struct scene_text x;
    const struct span text = span_make(g->f->reading.reason, g->f->reading.reason_len);
    size_t have = 0;
    for (size_t i = 0; i < text.left; i++) {
        have += (text.p[i] & 0xC0U) != 0x80U ? 1U : 0U;
    }
    scene_text(&x, g);
    if (least == 0) {
        wr_text(&x.w, "May stay empty. It is signed with your decision.");
    } else {
        wr_dec(&x.w, have);
        wr_text(&x.w, " of at least ");
        wr_dec(&x.w, least);
        wr_text(&x.w, " characters. It is signed with your decision.");
    }
    scene_say(c, INK_FRAME, scene_text_end(&x));
}

void scene_decide(struct stage *g)
{
    const struct flow_reading *r = &g->f->reading;
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    put_decision(g, &p->doc);
    doc_text(&p->doc, SPAN_LIT("Your reason"), scene_typed(g, span_make(r->reason, r->reason_len)), DOC_FREE);
    scene_sheet_end(g, p);
    scene_rail(g);
    uint64_t least = r->sheet.reason_approve_min;
    if (r->word == DECISION_REJECT) {
        least = r->sheet.reason_reject_min > FLOW_REJECT_LEAST ? r->sheet.reason_reject_min : FLOW_REJECT_LEAST;
    }
    card_reason(g, least);
    scene_button(g, "Esc", "", "Stop, sign nothing", true);
    scene_button(g, "Enter", "", "Go to the signing page", true);
}

/* ---- signing */

static void signing_sheet(struct stage *g)
{
    heading_of_request(g);
    if (g->f->sign.ready) {
        scene_pages(g, &g->f->sign.page, false);
        return;
    }
    struct flow_pages *p = scene_sheet(g);
    if (p != NULL) {
        put_decision(g, &p->doc);
        doc_note(&p->doc, "The page you sign is being made.");
        scene_sheet_end(g, p);
    }
}

void scene_pin(struct stage *g)
{
    scene_button(g, "Esc", "", "Stop, sign nothing", true);
    signing_sheet(g);
    rail_signing(g);
    scene_pin_card(g);
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Signing page");
    scene_say_text(c, INK_FRAME_DIM, "The pages on the left are exactly what you sign.");
    const bool looked = flow_all_read(&g->f->sign.page, g->w->now_ms);
    scene_button(g, "Enter", "", looked ? "Use this PIN" : "Next page", g->f->sign.ready);
}

void scene_sign(struct stage *g)
{
    scene_button(g, "Esc", "", "Stop, sign nothing", true);
    signing_sheet(g);
    rail_signing(g);
    scene_touch_card(g);
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Signing page");
    scene_say_text(c, INK_FRAME_DIM, "The pages on the left are exactly what you sign.");
}

void scene_verify(struct stage *g)
{
    signing_sheet(g);
    g->s->button_count = 0; /* nothing can be pressed while it is on its way */
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Checking your signature");
    scene_say_text(c, INK_FRAME, "It counts when it stands in the log. One moment.");
}

void scene_receipt(struct stage *g)
{
    struct scene_text x;
    g->s->heading = SPAN_LIT("Receipt");
    const bool on = flow_goes_on(g->f, g->w->state);
    scene_button(g, "Enter", "", on ? "The next one signs" : "Back to the list", true);
    scene_pages(g, &g->f->receipt.page, true);
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Take your key with you");
    scene_text(&x, g);
    wr_text(&x.w, "This screen closes in ");
    wr_dec(&x.w, scene_seconds_left(g, g->f->entered_ms, FLOW_RECEIPT_MS));
    wr_text(&x.w, " s, or when the key is out.");
    scene_say(c, INK_FRAME, scene_text_end(&x));
}

void scene_changed(struct stage *g)
{
    heading_of_request(g);
    scene_button(g, "Esc", "", "Leave", true);
    scene_pages(g, &g->f->receipt.page, true);
    struct scene_card *c = scene_card(g, CARD_BAD, "This request changed");
    scene_say_text(c, INK_FRAME, "Nothing was signed. The pages you read no longer count. Read the new revision.");
    scene_button(g, "Enter", "", "Read the new revision", true);
}
