/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds a request that is open here: an incident, or something that is missing. Nobody can approve it meanwhile,
 * and it may begin to hold, or end, at any moment while somebody reads or signs.
 */
#include "screen/screen_flow_in.h"

struct verdict flow_approvable(const struct flow *f, const struct flow_world *w, struct arena *arena)
{
    const struct state_request *q = f->reading.open ? state_request_find(w->state, f->reading.request.index) : NULL;
    struct sheet sheet;

    if (q == NULL || q->status != STATUS_ELIGIBLE) {
        return VERDICT_DENY(REASON_NOT_OPEN);
    }
    const struct cs_result r = flow_sheet(w, q, arena, &sheet);
    return r.code == CS_OK ? policy_sheet_signable(&sheet) : VERDICT_CAUSE(REASON_NO_ROOM, r);
}

static void say(struct flow *f, enum policy_reason reason)
{
    const enum screen_word word = screen_word_of_reason(reason);
    const struct word_args args = {.of_core = policy_reason_sentence(reason)};
    flow_say_args(f, word == WORD_NONE ? WORD_BLOCKED : word, &args);
}

bool flow_hold_bars(const struct turn *t, enum decision_word word)
{
    struct verdict v = VERDICT_ALLOW;
    if (word == DECISION_APPROVE) {
        v = flow_approvable(t->f, t->w, &t->f->step);
    }
    if (!v.allow) {
        say(t->f, v.reason);
    }
    return !v.allow;
}

bool flow_hold_look(const struct turn *t)
{
    struct flow *f = t->f;
    const bool begun = f->state == FLOW_IDENTIFY || f->state == FLOW_CHOOSE || f->state == FLOW_DECIDE ||
                       f->state == FLOW_PIN || f->state == FLOW_SIGN;
    const struct verdict v =
        begun && f->reading.word == DECISION_APPROVE ? flow_approvable(f, t->w, &f->step) : VERDICT_ALLOW;
    if (v.allow || v.reason == REASON_NO_ROOM) { /* without memory for it nothing is known: it is looked at again */
        return false;
    }
    if (f->state == FLOW_SIGN) {
        flow_note_access(t, SPAN_LIT("cancelled"));
    }
    (void)flow_go(t, FLOW_EV_BACK);
    say(f, v.reason);
    return true;
}
