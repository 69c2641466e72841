/* SPDX-License-Identifier: Apache-2.0 */
/* Word and reason, the statement that we build, PIN, touch, and its way into our own fold. */
#include "screen/screen_flow_in.h"

#include "model/model_state_delegate.h"

#include "note/note_client_data.h"
#include "note/note_sshsig.h"
#include "screen/screen_sign.h"

enum { STATEMENT_LEAST_LEFT_MS = 35000, STATEMENT_BYTES = 64 << 10 };

/* ---- word and reason */

static uint64_t reason_least(const struct flow_reading *r)
{
    if (r->word != DECISION_REJECT) {
        return r->sheet.reason_approve_min;
    }
    return r->sheet.reason_reject_min > FLOW_REJECT_LEAST ? r->sheet.reason_reject_min : FLOW_REJECT_LEAST;
}

static struct span reason_of(const struct flow_reading *r)
{
    return flow_trim(span_make(r->reason, r->reason_len));
}

void flow_decide_press(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_reading *r = &f->reading;
    flow_say(f, WORD_NONE);
    if (t->in->press == PRESS_CHAR) {
        (void)flow_type(r->reason, &r->reason_len, sizeof(r->reason), t->in->point);
    } else if (t->in->press == PRESS_ERASE) {
        flow_erase(r->reason, &r->reason_len);
    } else if (t->in->press == PRESS_ESC) {
        (void)flow_go(t, FLOW_EV_BACK);
    } else if (t->in->press == PRESS_ENTER) {
        const uint64_t least = reason_least(r);
        if (flow_points(reason_of(r)) >= least) {
            (void)flow_go(t, FLOW_EV_REASONED);
        } else {
            flow_say_count(f, r->word == DECISION_REJECT ? WORD_REASON_REJECT : WORD_REASON_APPROVE, least);
        }
    }
}

/* ---- the statement */

static void ask_begin(const struct turn *t)
{
    const struct flow_ask *a = flow_ask(t->f, ASK_BEGIN);
    t->f->sign.begin_id = a != NULL ? a->id : 0;
    t->f->sign.ready = false;
}

void flow_pin_enter(const struct turn *t)
{
    struct flow *f = t->f;
    memset(&f->sign, 0, sizeof(f->sign));
    arena_reset(&f->signing);
    flow_wipe_pin(f);
    ask_begin(t);
}

static bool fill_seat(const struct turn *t, const struct sheet *sheet, struct statement *s)
{
    struct flow *f = t->f;
    const struct state_credential *k = state_credential_find(t->w->state, &f->token.credential);
    const struct sheet_line *line = policy_sheet_seat(sheet, flow_text(&f->reading.seat));
    const struct state_delegation *by =
        k != NULL && line != NULL ? policy_stands_in(sheet, k, f->reading.word, line) : NULL;
    const struct verdict v = k != NULL && line != NULL ? policy_may_say_as(sheet, k, by, f->reading.word, line)
                                                       : VERDICT_DENY(REASON_UNKNOWN_SEAT);
    if (!v.allow) {
        flow_note_access(t, span_str(policy_reason_code(v.reason)));
        flow_say_refused(t, flow_text(&f->sign.person), v.reason);
        return false;
    }
    s->seat = flow_text(&f->reading.seat);
    s->has_delegation = by != NULL;
    s->delegation = by != NULL ? by->request : 0;
    if (policy_previous(sheet, line, f->reading.word, k->person, &s->previous, &s->has_previous).code != CS_OK) {
        flow_say_reason(f, REASON_PREVIOUS);
        return false;
    }
    return true;
}

/* Everything from our own fold; from the core only nonce and times. False with words when it cannot be signed now. */
static bool fill(const struct turn *t, const struct flow_answer *a, struct statement *s)
{
    struct flow *f = t->f;
    const struct state *state = t->w->state;
    const struct state_request *q = flow_request(t);
    struct sheet sheet;
    if (q == NULL || q->status != STATUS_ELIGIBLE || flow_sheet(t->w, q, &f->signing, &sheet).code != CS_OK) {
        flow_say(f, WORD_NOT_OPEN);
        return false;
    }
    if (!sha256_eq(&sheet.digest, &f->reading.sheet.digest) ||
        !sha256_eq(&q->leaf_sha256, &f->reading.request.leaf_sha256)) {
        flow_say(f, WORD_RULES_CHANGED);
        return false;
    }
    f->sign.person = f->token.person;
    *s = (struct statement){.anchor_size = state->size,
                            .anchor_root = t->w->root,
                            .credential_sha256 = f->token.credential,
                            .decision = f->reading.word,
                            .expires_at_ms = a->expires_ms,
                            .issued_at_ms = a->time_ms,
                            .kind = q->kind,
                            .kiosk = flow_text(&f->kiosk),
                            .origin = state->origin,
                            .person = flow_text(&f->sign.person),
                            .policy_index = state->policy_index,
                            .policy_sha256 = state->policy->sha256,
                            .reason = reason_of(&f->reading),
                            .request_index = q->index,
                            .request_leaf_sha256 = q->leaf_sha256,
                            .request_revision = q->revision,
                            .roster_index = state->roster_index,
                            .sheet_sha256 = sheet.digest};
    memcpy(s->nonce, a->nonce, sizeof(s->nonce));
    if (request_kind_deploys(s->kind) && f->reading.sheet.in.deploy != NULL) {
        s->environment = f->reading.sheet.in.deploy->environment;
    }
    s->subject_count = policy_subjects(&f->reading.sheet.in, &f->signing, s->subject);
    return fill_seat(t, &sheet, s);
}

static bool encode(struct flow *f)
{
    AUTO_WRITER w = wr_heap(STATEMENT_BYTES);
    if (model_statement_encode(&f->sign.statement, &w).code != CS_OK ||
        arena_copy(&f->signing, wr_span(&w), &f->sign.text).code != CS_OK) {
        return false;
    }
    f->sign.digest = digest_sha256(f->sign.text);
    return true;
}

void flow_sign_set(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_short name;
    flow_key_name(t->w->state, &f->token.credential, &name);
    const struct state_delegation *by =
        f->sign.statement.has_delegation ? state_delegation_find(t->w->state, f->sign.statement.delegation) : NULL;
    const struct sign_input in = {.statement = &f->sign.statement,
                                  .delegator = by != NULL ? by->by->id : SPAN_NONE,
                                  .digest = f->sign.digest,
                                  .title =
                                      screen_title(t->w->state, &f->reading.request, &f->reading.sheet.in, &f->signing),
                                  .key_name = flow_text(&name),
                                  .refreshed = f->sign.refreshed};
    doc_init(&f->sign.page.doc, &f->signing, REPERTOIRE_CELLS);
    screen_sign(&f->sign.page.doc, &in);
    flow_set_pages(f, &f->sign.page, &f->signing, t->w->now_ms);
    f->sign.ready = !f->sign.page.pages.too_long && !f->sign.page.doc.unshown;
}

void flow_pin_answer(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_answer *a = t->in->answer;
    f->sign.begin_id = 0;
    if (!span_is(a->code, "ok")) {
        flow_note_access(t, a->code);
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say_reason(f, policy_reason_of(a->code));
        return;
    }
    if (!fill(t, a, &f->sign.statement)) {
        (void)flow_go(t, FLOW_EV_BACK); /* fill said why */
        return;
    }
    if (encode(f)) {
        flow_sign_set(t);
    }
    if (!f->sign.ready) {
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say(f, WORD_UNSHOWN);
    }
}

/* Made again under the reader: marked, and to be looked at before the PIN is sent. */
static void refresh(const struct turn *t)
{
    struct flow *f = t->f;
    if (f->sign.begin_id == 0) {
        f->sign.refreshed = true;
        arena_reset(&f->signing);
        ask_begin(t);
        flow_say(f, WORD_REFRESHED);
    }
}

static bool still_fresh(const struct turn *t)
{
    return t->f->sign.ready && t->w->clock_ms + STATEMENT_LEAST_LEFT_MS <= t->f->sign.statement.expires_at_ms;
}

void flow_pin_tick(const struct turn *t)
{
    if (t->f->sign.ready && !still_fresh(t)) {
        refresh(t);
    }
}

/* ---- PIN and touch */

static CS_RESULT write_client_data(const struct note_tosign *tosign, struct span rp_id, struct writer *w)
{
    return note_client_data_write(w, NOTE_WEBAUTHN_GET, span_make(tosign->b, sizeof(tosign->b)), rp_id);
}

bool flow_ask_sign(const struct turn *t, const struct flow_sign_ask *what)
{
    struct flow *f = t->f;
    AUTO_WRITER w = wr_heap(NOTE_CLIENT_DATA_MAX);
    struct span *id = arena_alloc(&f->step, sizeof(*id));
    const struct note_tosign tosign = note_sshsig_tosign(what->statement);
    if (id == NULL || write_client_data(&tosign, what->rp_id, &w).code != CS_OK) {
        flow_say(f, WORD_NO_MEMORY);
        return false;
    }
    struct flow_ask *a = flow_ask_token(f, ASK_SIGN, f->token.number);
    if (a == NULL) {
        return false;
    }
    *id = what->credential;
    a->ids = id;
    a->id_count = 1;
    a->rp_id = what->rp_id;
    a->client_data = flow_keep(f, wr_span(&w));
    a->message = flow_keep(f, span_make(tosign.b, sizeof(tosign.b)));
    if (a->client_data.left == 0 || a->message.left == 0) {
        flow_unask(f, a);
        return false;
    }
    a->pin = span_make(f->token.pin, f->token.pin_len);
    a->timeout_ms = FLOW_TOKEN_MS;
    return true;
}

static void sign(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_credential *k = state_credential_find(t->w->state, &f->token.credential);
    if (k == NULL || !flow_go(t, FLOW_EV_PINNED)) {
        return;
    }
    const struct flow_sign_ask what = {.statement = f->sign.text, .rp_id = t->w->state->rp_id, .credential = k->id};
    f->reading.tries++;
    f->sign.page.at = 0; /* the decision itself stands there while the key blinks */
    flow_say(f, WORD_NONE);
    if (!flow_ask_sign(t, &what)) {
        (void)flow_go(t, FLOW_EV_BACK);
    }
}

/* Every page of what will be signed is looked at before the PIN is sent: Enter goes on to the next one. */
static void next_unread(const struct turn *t)
{
    struct flow_pages *p = &t->f->sign.page;
    for (size_t n = 0; n < p->pages.count; n++) {
        if (!p->seen[n]) {
            if (n != p->at) {
                p->at = n;
                p->shown_ms = t->w->now_ms;
            }
            flow_say(t->f, WORD_SIGN_PAGES);
            return;
        }
    }
}

void flow_pin_press(const struct turn *t)
{
    struct flow *f = t->f;
    if (flow_turn_page(t, &f->sign.page, false)) {
        return;
    }
    if (t->in->press == PRESS_ESC) {
        flow_stop(t);
        return;
    }
    if (t->in->press != PRESS_ENTER) {
        flow_say(f, WORD_NONE);
    } else if (still_fresh(t) && !flow_all_read(&f->sign.page, t->w->now_ms)) {
        next_unread(t); /* whatever was typed so far: Enter means this until all was seen */
        return;
    }
    if (!flow_pin_typed(t)) {
        return;
    }
    if (!f->sign.ready) {
        flow_say(f, WORD_NOT_YET);
    } else if (!still_fresh(t)) {
        refresh(t);
    } else {
        sign(t);
    }
}

static bool pin_may_be_tried_again(struct span code)
{
    return span_is(code, "pin_wrong") || span_is(code, "bad_request");
}

static void not_signed(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_done *d = t->in->done;
    flow_note_access(t, d->code);
    const bool card = f->token.card; /* the key may be nobody's on the way back, if several are in */
    const bool again = pin_may_be_tried_again(d->code) && f->reading.tries < FLOW_TRIES_MAX;
    const bool used_up = f->reading.tries >= FLOW_TRIES_MAX;
    if (used_up) {
        (void)flow_go(t, FLOW_EV_LEAVE);
    } else {
        (void)flow_go(t, again ? FLOW_EV_AGAIN : FLOW_EV_BACK);
    }
    /* a key that is blocked is more to know than that three tries are used */
    const bool plain = span_is(d->code, "pin_wrong") || span_is(d->code, "timeout") || span_is(d->code, "removed");
    if (used_up && plain) {
        flow_say(f, WORD_TRIES_USED);
    } else {
        struct flow_short name;
        flow_key_name(t->w->state, &f->token.credential, &name);
        const struct word_args args = {
            .card = card, .has_tries = d->has_tries, .tries = d->tries, .key = flow_text(&name)};
        flow_say_args(f, screen_word_of_token(d->code), &args);
    }
}

void flow_sign_done(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_done *d = t->in->done;
    if (!span_is(d->code, "ok")) {
        not_signed(t);
        return;
    }
    const struct sha256 credential = digest_sha256(d->credential);
    if (!sha256_eq(&credential, &f->token.credential)) {
        flow_note_access(t, SPAN_LIT("wrong_key"));
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say(f, WORD_OTHER_KEY);
        return;
    }
    struct flow_ask *a = flow_ask(f, ASK_DECISION);
    if (a == NULL || !flow_go(t, FLOW_EV_SIGNED)) {
        return;
    }
    a->auth_data = flow_keep(f, d->auth_data);
    a->sig = flow_keep(f, d->sig);
    a->statement = f->sign.text;
    a->port = flow_keep(f, d->port);
    a->presence_switch = f->reading.request.kind == KIND_EMERGENCY && t->w->presence_switch == SWITCH_ON;
    f->sign.decision_id = a->id;
    f->sign.answered = false;
    flow_sent_wait(t, d->sig);
}

/* ---- into the log, and back to us */

static const struct state_decision *recorded(const struct turn *t)
{
    const struct state_request *q = flow_request(t);
    for (size_t i = 0; q != NULL && i < q->decision_count; i++) {
        if (q->decisions[i].index == t->f->sign.index) {
            return &q->decisions[i];
        }
    }
    return NULL;
}

/* What the last signature of an emergency brought about, in the same commit. */
static void take_grant(const struct turn *t, const struct state_request *q, struct flow_receipt *r)
{
    const struct state *s = t->w->state;
    for (size_t i = s->emergency_count; q->kind == KIND_EMERGENCY && i > 0; i--) {
        const struct state_emergency *x = s->emergencies[i - 1];
        const struct state_request *of = x->request == q->index ? state_request_find(s, x->grants) : NULL;
        if (of != NULL) {
            r->use_by_ms = of->use_by_ms;
            r->due_ms = x->due_ms;
            return;
        }
    }
}

void flow_verify_fold(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_request *q = flow_request(t);
    if (!f->sign.answered || t->w->state->size <= f->sign.index) {
        return;
    }
    const struct state_decision *d = recorded(t);
    f->sent.waits = false;
    if (d == NULL || d->word != f->sign.statement.decision || !span_eq(d->person->id, f->sign.statement.person)) {
        (void)flow_go(t, FLOW_EV_LEAVE); /* the core says that something is there, and it is not what was signed */
        flow_say(f, WORD_NOT_RECORDED);
        return;
    }
    struct flow_receipt *r = &f->receipt;
    memset(r, 0, sizeof(*r));
    r->word = d->word;
    r->status = q->status;
    r->kind = q->kind;
    take_grant(t, q, r);
    r->request = q->index;
    r->revision = q->revision;
    r->index = d->index;
    r->time_ms = d->time_ms;
    r->size = t->w->state->size;
    r->statement = f->sign.digest;
    r->head = t->w->root;
    flow_short_set(&r->person, d->person->id);
    flow_short_set(&r->seat, d->seat);
    (void)flow_go(t, FLOW_EV_RECORDED);
}

void flow_verify_answer(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_answer *a = t->in->answer;
    if (!span_is(a->code, "ok")) {
        f->sent.waits = false;
        (void)flow_go(t, FLOW_EV_BACK);
        flow_say_refused(t, flow_text(&f->sign.person), policy_reason_of(a->code));
        flow_read_fold(t); /* it may have been closed or replaced meanwhile */
        return;
    }
    f->sign.answered = true;
    f->sign.index = a->index;
    flow_verify_fold(t);
}

static void receipt_genesis(struct doc *d, const struct flow_receipt *r)
{
    doc_title(d, SPAN_LIT("The log has begun"));
    doc_note(d, "The officers' signatures stand in its first entry. Take the last key with you.");
    doc_digest(d, "Genesis sha256", &r->statement);
    doc_digest(d, "Log head", &r->head);
}

/* What this kind of request comes to with one signature more. */
static const char *signed_means(const struct flow_receipt *r)
{
    const bool open = r->status == STATUS_ELIGIBLE;
    if (open && r->kind == KIND_EMERGENCY) {
        return "Nothing is granted yet. The second person signs now, with another key.";
    }
    if (r->kind == KIND_VOUCHER) {
        return "The voucher can be used once.";
    }
    if (r->kind == KIND_WAIVER) {
        return "It is waived from now on. Who signed the request before signs again.";
    }
    if (r->kind == KIND_REVIEW || r->kind == KIND_DELEGATE || (r->kind == KIND_ACCESS_REVIEW && !open)) {
        return "It stands in the log.";
    }
    if (!open && r->kind == KIND_THAW) {
        return "The freeze has ended. What waited may go on.";
    }
    return open ? "More signatures are needed before anything is deployed."
                : "Every signature is there: the rules are met.";
}

static const char *receipt_means(const struct flow_receipt *r)
{
    if (r->due_ms != 0) {
        return "The pipeline may deploy this once. The log says whose seats were passed over. A review is owed.";
    }
    if (r->word != DECISION_APPROVE && r->status != STATUS_ELIGIBLE) {
        return "Nothing will be deployed from this request.";
    }
    if (r->word != DECISION_APPROVE) {
        return r->word == DECISION_REJECT ? "It is one vote against it. The others may still agree."
                                          : "It counts for nobody. The others decide.";
    }
    return signed_means(r);
}

static void receipt_decision(struct doc *d, const struct flow_receipt *r)
{
    if (r->kind == KIND_EMERGENCY && r->status == STATUS_ELIGIBLE) {
        doc_title(d, SPAN_LIT("Signed and recorded"));
    } else {
        static const char *const titles[DECISION_COUNT] = {[DECISION_NONE] = "Recorded",
                                                           [DECISION_APPROVE] = "Approved and recorded",
                                                           [DECISION_REJECT] = "Rejected and recorded",
                                                           [DECISION_ABSTAIN] = "Abstained and recorded"};
        doc_title(d, span_str(titles[r->word]));
    }
    doc_note(d, receipt_means(r));
    if (r->due_ms != 0) {
        doc_time(d, "Works until", r->use_by_ms);
        doc_time(d, "Review due", r->due_ms);
    }
    doc_number(d, "Request", r->request);
    doc_number(d, "Revision", r->revision);
    doc_field(d, "Signed by", flow_text(&r->person), DOC_PLAIN);
    doc_field(d, "For", flow_text(&r->seat), DOC_PLAIN);
    doc_time(d, "Recorded", r->time_ms);
    doc_number(d, "Log entry", r->index);
    doc_digest(d, "Statement you signed", &r->statement);
    doc_number(d, "Log size", r->size);
    doc_digest(d, "Log head", &r->head);
}

void flow_receipt_set(const struct turn *t)
{
    struct flow *f = t->f;
    doc_init(&f->receipt.page.doc, &f->signing, REPERTOIRE_CELLS);
    if (f->receipt.genesis) {
        receipt_genesis(&f->receipt.page.doc, &f->receipt);
    } else {
        receipt_decision(&f->receipt.page.doc, &f->receipt);
    }
    flow_set_pages(f, &f->receipt.page, &f->signing, t->w->now_ms);
}
