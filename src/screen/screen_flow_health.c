/* SPDX-License-Identifier: Apache-2.0 */
/* Is the core there, and its log to be believed; and what became of a decision that it did not answer. */
#include "screen/screen_flow_in.h"

static enum screen_word why_out(const struct flow_world *w)
{
    if (w->broken) {
        return WORD_BROKEN;
    }
    if (!w->live) {
        return WORD_CORE_GONE;
    }
    return w->sealed ? WORD_SEALED : WORD_NONE;
}

bool flow_health(const struct turn *t)
{
    struct flow *f = t->f;
    const enum screen_word why = why_out(t->w);
    if (why != WORD_NONE) {
        if (f->state != FLOW_OUT) {
            (void)flow_go(t, FLOW_EV_LOST);
        }
        f->out = why == WORD_CORE_GONE && f->out == WORD_CATCHING_UP ? WORD_CATCHING_UP : why;
        return true;
    }
    if (t->w->state->begun && (f->state == FLOW_OUT || f->state == FLOW_CEREMONY)) {
        (void)flow_go(t, FLOW_EV_READY);
        flow_identify(t);
    } else if (!t->w->state->begun && f->state == FLOW_OUT) {
        flow_proposal_ask(t);
    }
    f->out = f->state == FLOW_OUT ? f->out : WORD_NONE;
    return f->state == FLOW_OUT;
}

/* ---- sent, and not answered */

void flow_sent_wait(const struct turn *t, struct span sig)
{
    struct flow *f = t->f;
    f->sent = (struct flow_sent){.waits = true,
                                 .request = f->reading.request.index,
                                 .sig_sha256 = digest_sha256(sig),
                                 .until_ms = f->sign.statement.expires_at_ms};
}

static const struct state_decision *found(const struct flow_sent *s, const struct state *state)
{
    const struct state_request *q = state_request_find(state, s->request);
    for (size_t i = 0; q != NULL && i < q->decision_count; i++) {
        if (sha256_eq(&q->decisions[i].sig_sha256, &s->sig_sha256)) {
            return &q->decisions[i];
        }
    }
    return NULL;
}

/* The core went away before it answered, or took too long: the log tells, and once the statement is too old for ever.
 */
void flow_sent_look(const struct turn *t)
{
    struct flow *f = t->f;
    struct flow_sent *s = &f->sent;
    if (!s->waits || f->state != FLOW_QUEUE) {
        return;
    }
    const struct state_decision *d = found(s, t->w->state);
    if (d != NULL) {
        s->waits = false;
        flow_say_count(f, WORD_RECORDED_LATE, d->index);
    } else if (t->w->clock_ms > s->until_ms) {
        s->waits = false;
        flow_say(f, WORD_NOT_RECORDED);
    } else if (!s->told && f->message.word != WORD_NO_ANSWER) { /* which says as much */
        s->told = true;
        flow_say(f, WORD_NOT_THERE);
    }
}
