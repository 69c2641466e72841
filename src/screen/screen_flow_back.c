/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking back what was asked for at a kiosk: an emergency that was a mistake, a voucher, a review. It only takes away,
 * so nobody signs it; whoever asked does it, with a key or card of theirs in. docs/adr/0048-taking-back.md.
 */
#include "screen/screen_flow_in.h"

#include "model/model_emergency.h"
#include "policy/policy_emergency.h"

struct span flow_asker(const struct flow *f)
{
    const struct sheet_input *in = &f->reading.sheet.in;
    if (!f->reading.open) {
        return SPAN_NONE;
    }
    if (in->emergency != NULL) {
        return in->emergency->content->initiator;
    }
    if (in->voucher != NULL) {
        return in->voucher->initiator;
    }
    if (in->thaw != NULL) {
        return in->thaw->initiator;
    }
    if (in->roster != NULL) { /* a change of people and keys is the place's own */
        return span_starts(in->roster->initiator, SPAN_LIT("system:")) ? SPAN_NONE : in->roster->initiator;
    }
    if (in->delegate != NULL) {
        return in->delegate->initiator;
    }
    if (in->access_review != NULL) {
        return in->access_review->initiator;
    }
    return in->review != NULL ? in->review->initiator : SPAN_NONE;
}

static bool may_end(const struct state_request *q)
{
    return q != NULL && state_next(q->status, EVENT_WITHDRAWN) != STATUS_NONE;
}

bool flow_can_take_back(const struct flow *f, const struct flow_world *w)
{
    return flow_asker(f).left > 0 && may_end(state_request_find(w->state, f->reading.request.index));
}

bool flow_asker_is_in(const struct flow *f, const struct flow_world *w)
{
    const struct span asker = flow_asker(f);
    for (size_t i = 0; i < f->token.devices; i++) {
        const struct state_person *p = flow_device_person(&f->token.device[i], w->state);
        if (p != NULL && span_eq(p->id, asker)) {
            return true;
        }
    }
    return false;
}

/* WORD_NONE: it may be taken back, here and now. */
static enum screen_word why_not(const struct turn *t)
{
    if (!flow_can_take_back(t->f, t->w)) {
        return WORD_NO_WAY_BACK;
    }
    return flow_asker_is_in(t->f, t->w) ? WORD_NONE : WORD_NOT_ASKER;
}

static void say(const struct turn *t, enum screen_word word)
{
    const struct word_args args = {.person = flow_asker(t->f)};
    flow_say_args(t->f, word, &args);
}

void flow_back_open(const struct turn *t)
{
    struct flow *f = t->f;
    const enum screen_word why = why_not(t);
    say(t, why);
    if (why == WORD_NONE) {
        f->reading.reason_len = 0;
        (void)flow_go(t, FLOW_EV_TAKE);
    }
}

/* The entry comes from the kiosk: that it says who did it is the kiosk's word, like the port of a key. */
static void send(const struct turn *t, struct span reason)
{
    struct flow *f = t->f;
    AUTO_WRITER text = wr_heap(MODEL_ID_MAX + FLOW_REASON_MAX + 2);
    wr_bytes(&text, flow_asker(f));
    wr_text(&text, ": ");
    wr_bytes(&text, reason);
    struct flow_ask *a = text.fail == CS_OK ? flow_ask(f, ASK_WITHDRAW) : NULL;
    if (a == NULL) {
        flow_say(f, WORD_NO_MEMORY);
        return;
    }
    a->request = f->reading.request.index;
    a->reason = flow_keep(f, wr_span(&text));
    if (a->reason.left == 0) {
        flow_unask(f, a);
        return;
    }
    f->reading.take_id = a->id;
    f->reading.taken = 0;
    (void)flow_go(t, FLOW_EV_SENT);
}

/* What was written is no reason of a decision. */
static void keep(const struct turn *t)
{
    t->f->reading.reason_len = 0;
    (void)flow_go(t, FLOW_EV_BACK);
}

static void take(const struct turn *t)
{
    struct flow *f = t->f;
    const struct span reason = flow_trim(span_make(f->reading.reason, f->reading.reason_len));
    const enum screen_word why = why_not(t);
    if (why != WORD_NONE) {
        keep(t);
        say(t, why);
    } else if (flow_points(reason) < FLOW_REJECT_LEAST) {
        flow_say_count(f, WORD_REASON_BACK, FLOW_REJECT_LEAST);
    } else {
        send(t, reason);
    }
}

void flow_back_press(const struct turn *t)
{
    struct flow_reading *r = &t->f->reading;
    flow_say(t->f, WORD_NONE);
    if (t->in->press == PRESS_CHAR) {
        (void)flow_type(r->reason, &r->reason_len, sizeof(r->reason), t->in->point);
    } else if (t->in->press == PRESS_ERASE) {
        flow_erase(r->reason, &r->reason_len);
    } else if (t->in->press == PRESS_ESC) {
        keep(t);
    } else if (t->in->press == PRESS_ENTER) {
        take(t);
    }
}

void flow_taking_answer(const struct turn *t)
{
    struct flow *f = t->f;
    const struct flow_answer *a = t->in->answer;
    if (!span_is(a->code, "ok")) {
        keep(t);
        flow_say_reason(f, policy_reason_of(a->code));
        flow_read_fold(t); /* it may have been closed meanwhile */
        return;
    }
    f->reading.taken = a->index;
    flow_taking_fold(t);
}

/* It counts when it stands in our own fold. */
void flow_taking_fold(const struct turn *t)
{
    struct flow *f = t->f;
    const struct state_request *q = flow_request(t);
    if (f->reading.taken == 0 || t->w->state->size <= f->reading.taken) {
        return;
    }
    const bool taken = q != NULL && q->status == STATUS_WITHDRAWN;
    (void)flow_go(t, FLOW_EV_LEAVE);
    flow_say(f, taken ? WORD_TAKEN_BACK : WORD_NOT_RECORDED);
}
