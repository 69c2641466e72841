/* SPDX-License-Identifier: Apache-2.0 */
/* The list, one request's pages, and what happens when it changes under the reader. */
#include "screen/screen_flow_in.h"

/* ---- the list */

static bool waits(const struct state_request *q)
{
    return q->status == STATUS_ELIGIBLE;
}

static bool before(const struct state_request *a, const struct state_request *b)
{
    return a->sign_by_ms != b->sign_by_ms ? a->sign_by_ms < b->sign_by_ms : a->index < b->index;
}

size_t flow_queue_count(const struct state *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->live_count; i++) {
        n += waits(s->live[i]) ? 1U : 0U;
    }
    return n;
}

/* The first that comes after `last`; NULL at the end. */
static const struct state_request *next_after(const struct state *s, const struct state_request *last)
{
    const struct state_request *best = NULL;
    for (size_t i = 0; i < s->live_count; i++) {
        const struct state_request *q = s->live[i];
        if (waits(q) && (last == NULL || before(last, q)) && (best == NULL || before(q, best))) {
            best = q;
        }
    }
    return best;
}

size_t flow_queue(const struct state *s, size_t page, const struct state_request *ret_rows[FLOW_QUEUE_ROWS])
{
    const struct state_request *q = NULL;
    size_t n = 0;
    for (size_t skip = 0; skip < page * FLOW_QUEUE_ROWS; skip++) {
        q = next_after(s, q);
        if (q == NULL) {
            return 0;
        }
    }
    for (q = next_after(s, q); q != NULL && n < FLOW_QUEUE_ROWS; q = next_after(s, q)) {
        ret_rows[n++] = q;
    }
    return n;
}

static void open_row(const struct turn *t, size_t row)
{
    const struct state_request *rows[FLOW_QUEUE_ROWS];
    const size_t n = flow_queue(t->w->state, t->f->queue_page, rows);
    if (row < n) {
        flow_read_open(t, rows[row]->index);
    }
}

static bool turn_list(const struct turn *t, uint32_t point)
{
    struct flow *f = t->f;
    const size_t pages = (flow_queue_count(t->w->state) + FLOW_QUEUE_ROWS - 1) / FLOW_QUEUE_ROWS;
    const bool on = t->in->press == PRESS_PAGE_DOWN || point == 'n' || point == ' ';
    const bool off = t->in->press == PRESS_PAGE_UP || point == 'p';
    if (on && f->queue_page + 1 < pages) {
        f->queue_page++;
    } else if (off && f->queue_page > 0) {
        f->queue_page--;
    }
    return on || off;
}

void flow_queue_press(const struct turn *t)
{
    struct flow *f = t->f;
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    flow_say(f, WORD_NONE);
    if (turn_list(t, point)) {
        return;
    }
    const enum form_kind asks = flow_form_of_key(t->in->press == PRESS_F8 ? 'b' : point);
    if (point >= '1' && point < '1' + FLOW_QUEUE_ROWS) {
        open_row(t, point - '1');
    } else if (asks != FORM_NONE) {
        flow_emergency_open(t, asks);
    } else if (t->in->press == PRESS_F7 || point == 'e') {
        flow_people_open(t);
    } else if (t->in->press == PRESS_F1 || point == '?') {
        (void)flow_go(t, FLOW_EV_HELP);
    }
}

/* ---- one request */

const struct state_request *flow_request(const struct turn *t)
{
    return t->f->reading.open ? state_request_find(t->w->state, t->f->reading.request.index) : NULL;
}

/* The last file or waiver of the deployment that is read, or that the waiver is about; 0: none. */
static uint64_t last_file(const struct turn *t)
{
    const struct flow_reading *r = &t->f->reading;
    const struct waiver_content *w = r->sheet.in.waiver;
    const struct state_request *q = state_request_find(t->w->state, w != NULL ? w->request : r->request.index);
    return q != NULL ? state_evidence_last(q) : 0;
}

/* Our own copy of the request and its sheet; false when it is not there any more, or there is no memory. */
static bool load(const struct turn *t, uint64_t index)
{
    struct flow *f = t->f;
    struct flow_reading *r = &f->reading;
    const struct state_request *q = state_request_find(t->w->state, index);
    if (q == NULL || q->open == NULL) {
        return false;
    }
    arena_reset(&f->visit);
    const unsigned tries = r->tries;
    memset(r, 0, sizeof(*r));
    r->tries = tries;
    r->copy = *q->open;
    r->request = *q;
    if (arena_copy(&f->visit, q->open->leaf, &r->copy.leaf).code != CS_OK) {
        return false;
    }
    r->request.open = &r->copy;
    r->request.decisions = NULL;
    r->request.decision_count = 0;
    if (flow_sheet(t->w, &r->request, &f->visit, &r->sheet).code != CS_OK) {
        return false;
    }
    if (r->sheet.in.roster != NULL) {
        r->facts = flow_facts(t->w, &r->sheet.in.roster->changes, &f->visit);
    }
    r->policy_index = t->w->state->policy_index;
    r->roster_index = t->w->state->roster_index;
    r->evidence_index = last_file(t);
    r->open = true;
    return true;
}

void flow_read_set(const struct turn *t)
{
    struct flow *f = t->f;
    const struct read_input in = {.state = t->w->state,
                                  .request = &f->reading.request,
                                  .sheet = &f->reading.sheet,
                                  .facts = f->reading.facts,
                                  .rejection = f->reading.rejected ? &f->reading.rejection : NULL};
    doc_init(&f->reading.page.doc, &f->visit, REPERTOIRE_CELLS);
    screen_read_request(&f->reading.page.doc, &in);
    flow_set_pages(f, &f->reading.page, &f->visit, t->w->now_ms);
}

void flow_read_open(const struct turn *t, uint64_t index)
{
    if (!load(t, index)) {
        flow_say(t->f, WORD_NOT_OPEN);
        return;
    }
    flow_read_set(t);
    if (flow_go(t, FLOW_EV_OPEN)) {
        flow_identify(t);
    }
}

/* What was proposed in this visit, and every emergency: the others are here. */
bool flow_goes_on(const struct flow *f, const struct state *s)
{
    const struct state_request *q = state_request_find(s, f->receipt.request);
    const bool together = q != NULL && (q->kind == KIND_EMERGENCY || q->index == f->ceremony);
    return together && !f->receipt.genesis && q->status == STATUS_ELIGIBLE;
}

void flow_receipt_leave(const struct turn *t)
{
    struct flow *f = t->f;
    if (!flow_goes_on(f, t->w->state)) {
        (void)flow_go(t, FLOW_EV_LEAVE);
        return;
    }
    f->reading.tries = 0; /* of somebody else */
    flow_read_open(t, f->receipt.request);
    flow_say(f, WORD_NEXT_SIGNER);
}

void flow_read_leave(struct flow *f)
{
    memset(&f->reading, 0, sizeof(f->reading));
    memset(&f->sign, 0, sizeof(f->sign));
    memset(&f->receipt, 0, sizeof(f->receipt));
    arena_reset(&f->visit);
    arena_reset(&f->signing);
}

/* On page 1, from now on; false when there is no memory for it. */
static bool show_rejection(const struct turn *t, const struct state_decision *no)
{
    struct flow_reading *r = &t->f->reading;
    struct span reason = SPAN_NONE;
    if (r->rejected) {
        return true;
    }
    if (arena_copy(&t->f->visit, no->reason, &reason).code != CS_OK) {
        return false;
    }
    r->rejection = *no;
    r->rejection.reason = reason;
    r->rejected = true;
    flow_read_set(t);
    return true;
}

/* Why a request that is not open can no longer be signed. */
static void say_closed(const struct turn *t, const struct state_request *q)
{
    const struct state_decision *last = q->decision_count > 0 ? &q->decisions[q->decision_count - 1] : NULL;
    struct word_args args = {0};
    enum screen_word word = WORD_NOT_OPEN;
    if (q->status == STATUS_APPROVED || q->status == STATUS_APPLIED || q->status == STATUS_REDEEMED) {
        word = WORD_QUORUM_MET;
        args.when_ms = q->approved_ms;
    } else if (q->status == STATUS_REJECTED && last != NULL && show_rejection(t, last)) {
        word = WORD_WAS_REJECTED;
        args.when_ms = last->time_ms;
        args.person = last->person->id;
    } else if (q->status == STATUS_EXPIRED) {
        word = WORD_EXPIRED;
        args.when_ms = q->sign_by_ms;
    } else if (q->status == STATUS_WITHDRAWN) {
        word = q->kind == KIND_DEPLOY ? WORD_WITHDRAWN : WORD_WAS_TAKEN;
    }
    flow_say_args(t->f, word, &args);
}

static bool may_sign_here(const struct turn *t, enum decision_word word)
{
    struct flow *f = t->f;
    const struct state_request *q = flow_request(t);
    enum screen_word why = WORD_NONE;
    if (q == NULL || q->status != STATUS_ELIGIBLE) {
        if (q != NULL) {
            say_closed(t, q);
        }
        return false;
    }
    if (f->reading.page.doc.unshown || f->reading.page.pages.too_long) {
        why = WORD_UNSHOWN;
    } else if (word == DECISION_APPROVE && f->reading.page.doc.hidden) {
        why = WORD_HIDDEN;
    } else if (word == DECISION_APPROVE && !flow_all_read(&f->reading.page, t->w->now_ms)) {
        why = WORD_READ_ALL;
    } else if (flow_clock_bars(f, t->w)) {
        why = WORD_CLOCK;
    } else if (flow_emergency_bars(t) != WORD_NONE) {
        why = flow_emergency_bars(t);
    } else if (!t->w->token_up) {
        why = WORD_NO_READER;
    }
    flow_say(f, why);
    return why == WORD_NONE;
}

bool flow_votes(const struct sheet *sheet)
{
    size_t i = 0;
    while (i < sheet->count && sheet->lines[i].quorum == QUORUM_NONE) {
        i++;
    }
    return i < sheet->count;
}

static void choose(const struct turn *t, enum decision_word word)
{
    struct flow *f = t->f;
    if (!may_sign_here(t, word) || flow_hold_bars(t, word)) {
        return;
    }
    if (f->reading.word != word) {
        f->reading.reason_len = 0;
    }
    f->reading.word = word;
    (void)flow_go(t, FLOW_EV_ASK_KEY);
}

void flow_read_press(const struct turn *t)
{
    struct flow *f = t->f;
    const uint32_t point = t->in->press == PRESS_CHAR ? t->in->point : 0;
    if (flow_turn_page(t, &f->reading.page, true)) {
        return;
    }
    if (t->in->press == PRESS_F12 || point == 'a') {
        choose(t, DECISION_APPROVE);
    } else if (t->in->press == PRESS_F4 || point == 'r') {
        choose(t, DECISION_REJECT);
    } else if (point == 'w') {
        flow_back_open(t);
    } else if ((t->in->press == PRESS_F8 || point == 'b') && flow_votes(&f->reading.sheet)) {
        choose(t, DECISION_ABSTAIN);
    } else if (t->in->press == PRESS_ESC || point == 'q') {
        (void)flow_go(t, FLOW_EV_LEAVE);
        flow_say(f, WORD_NONE);
    }
}

/* When it was so, and for what, as far as the fold knows. */
static void add_facts(const struct state_request *q, struct span person, enum policy_reason reason,
                      struct word_args *args)
{
    for (size_t i = 0; reason == REASON_ALREADY_SIGNED && i < q->decision_count; i++) {
        if (span_eq(q->decisions[i].person->id, person)) {
            args->when_ms = q->decisions[i].time_ms;
            args->seat = q->decisions[i].seat;
        }
    }
    if (reason == REASON_QUORUM_MET) {
        args->when_ms = q->approved_ms;
    } else if (reason == REASON_EXPIRED) {
        args->when_ms = q->sign_by_ms;
    }
}

void flow_say_refused(const struct turn *t, struct span person, enum policy_reason reason)
{
    const struct state_request *q = flow_request(t);
    const struct state_credential *k = state_credential_find(t->w->state, &t->f->token.credential);
    struct word_args args = {.of_core = policy_reason_sentence(reason)};
    enum screen_word word = screen_word_of_reason(reason);
    if (q != NULL) {
        add_facts(q, person, reason, &args);
    }
    if (k != NULL && !state_credential_counts(k)) {
        word = screen_word_of_standing(state_credential_standing(k));
        args.when_ms = k->revoked_ms;
    }
    flow_say_args(t->f, word == WORD_NONE ? WORD_REFUSED : word, &args);
}

static struct verdict does_not_count(const struct state_credential *k)
{
    const enum policy_reason why = k != NULL ? policy_standing_reason(state_credential_standing(k)) : REASON_REVOKED;
    return VERDICT_DENY(why != REASON_OK ? why : REASON_REVOKED);
}

/* With this key and at this time: a card's certificate may have run out. */
static struct verdict may_sign_now(const struct turn *t, const struct sheet *sheet, const struct sheet_line **ret_line)
{
    const struct state_credential *k = state_credential_find(t->w->state, &t->f->token.credential);
    if (k == NULL || !state_credential_counts(k)) {
        return does_not_count(k);
    }
    return state_credential_counts_at(k, t->w->clock_ms)
               ? policy_may_say_with(sheet, k, t->f->reading.word, NULL, ret_line)
               : VERDICT_DENY(REASON_CERT_EXPIRED);
}

void flow_try_decide(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_request *q = flow_request(t);
    const struct state_person *p = flow_person(f, t->w->state);
    const struct sheet_line *line = NULL;
    struct sheet sheet;
    struct verdict v = VERDICT_DENY(REASON_NOT_OPEN);
    if (p == NULL) {
        v = does_not_count(state_credential_find(t->w->state, &f->token.credential));
    } else if (q != NULL && q->status == STATUS_ELIGIBLE && flow_sheet(t->w, q, &f->step, &sheet).code == CS_OK) {
        v = may_sign_now(t, &sheet, &line);
    }
    if (!v.allow) {
        flow_note_access(t, span_str(policy_reason_code(v.reason)));
        flow_say_refused(t, flow_text(&f->token.person), v.reason);
        (void)flow_go(t, FLOW_EV_BACK);
        return;
    }
    if (!flow_port_fits(t)) {
        flow_note_access(t, SPAN_LIT("port"));
        flow_say(f, WORD_PORT);
        (void)flow_go(t, FLOW_EV_BACK);
        return;
    }
    struct writer w = wr_fixed(f->reading.seat.b, sizeof(f->reading.seat.b));
    policy_seat_name(line, &w);
    f->reading.seat.len = wr_span(&w).left;
    flow_say(f, WORD_NONE);
    (void)flow_go(t, FLOW_EV_KNOWN);
}

/* ---- it changes under the reader */

static bool in_visit(enum flow_state s)
{
    return s == FLOW_READ || s == FLOW_IDENTIFY || s == FLOW_DECIDE || s == FLOW_PIN || s == FLOW_SIGN ||
           s == FLOW_CHANGED || s == FLOW_BACK || s == FLOW_STILL;
}

/* A file or waiver came that says something else: what people sign is not what is shown any more. */
static bool says_other(const struct turn *t)
{
    struct flow_reading *r = &t->f->reading;
    const uint64_t last = last_file(t);
    struct sheet now;
    if (last == r->evidence_index) {
        return false;
    }
    r->evidence_index = last;
    return flow_sheet(t->w, flow_request(t), &t->f->step, &now).code != CS_OK ||
           !sha256_eq(&now.digest, &r->sheet.digest);
}

/* What the request needs, or what is there, may have changed, so it is read again. */
static void reload(const struct turn *t, enum screen_word why)
{
    struct flow *f = t->f;
    (void)flow_go(t, FLOW_EV_BACK);
    if (!load(t, f->reading.request.index)) {
        (void)flow_go(t, FLOW_EV_LEAVE);
        flow_say(f, WORD_NO_MEMORY);
        return;
    }
    flow_read_set(t);
    flow_say(f, why);
}

/* The newest revision of what was open. */
static const struct state_request *newest(const struct turn *t)
{
    const struct state_request *q = flow_request(t);
    for (size_t n = 0; q != NULL && q->status == STATUS_SUPERSEDED && n < t->w->state->request_count; n++) {
        q = state_request_find(t->w->state, q->successor);
    }
    return q;
}

/* Nobody is there to see it: what was begun is read again when they come back. */
static void while_away(const struct turn *t)
{
    if (t->f->state == FLOW_STILL) {
        t->f->back = FLOW_READ;
    }
}

static void superseded(const struct turn *t)
{
    const struct state_request *now = newest(t);
    const bool shown = t->f->state == FLOW_CHANGED && now != NULL && now->index == t->f->receipt.request;
    if (!shown) {
        (void)flow_go(t, FLOW_EV_CHANGED);
    }
}

void flow_read_fold(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_request *q = flow_request(t);
    if (!in_visit(f->state) || q == NULL) {
        return;
    }
    if (q->status == STATUS_SUPERSEDED) {
        superseded(t);
    } else if (q->status != f->reading.request.status) { /* what was given already stays open until it is used */
        while_away(t);
        (void)flow_go(t, FLOW_EV_BACK);
        say_closed(t, q);
    } else if (f->reading.policy_index != t->w->state->policy_index ||
               f->reading.roster_index != t->w->state->roster_index) {
        while_away(t);
        reload(t, WORD_RULES_CHANGED);
    } else if (says_other(t)) {
        while_away(t);
        reload(t, WORD_FILES_CHANGED);
    } else {
        (void)flow_hold_look(t);
    }
}

void flow_changed_enter(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_pages *p = &f->receipt.page; /* not in use before something is recorded */
    const struct state_request *now = newest(t);
    struct state_loaded next = {0};
    arena_reset(&f->signing);
    memset(&f->sign, 0, sizeof(f->sign));
    memset(&f->receipt, 0, sizeof(f->receipt));
    f->receipt.request = now != NULL ? now->index : 0;
    doc_init(&p->doc, &f->signing, REPERTOIRE_CELLS);
    const struct deploy_content *was = f->reading.sheet.in.deploy;
    if (now != NULL && now->open != NULL && was != NULL && state_load(now, &f->signing, &next).code == CS_OK &&
        next.deploy != NULL) {
        doc_note(&p->doc, "[-] as you read it, [+] as it is now");
        screen_read_difference(&p->doc, was, next.deploy);
    } else {
        doc_note(&p->doc, "The new revision is not open any more.");
    }
    flow_set_pages(f, p, &f->signing, t->w->now_ms);
    flow_say(f, WORD_CHANGED);
}

void flow_changed_press(const struct turn *t)
{
    struct flow *f = t->f;
    if (flow_turn_page(t, &f->receipt.page, true)) {
        return;
    }
    const struct state_request *now = newest(t);
    if (t->in->press == PRESS_ENTER && now != NULL && now->status == STATUS_ELIGIBLE) {
        flow_say(f, WORD_NONE);
        flow_read_open(t, now->index);
    } else if (t->in->press == PRESS_ESC || t->in->press == PRESS_ENTER) {
        (void)flow_go(t, FLOW_EV_LEAVE);
        flow_say(f, WORD_NONE);
    }
}
