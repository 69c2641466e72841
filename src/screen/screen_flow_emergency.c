/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass at the kiosk: how it begins, and what must be so while it is signed. */
#include "policy/policy_evidence.h"
#include "screen/screen_flow_in.h"

static const struct policy_emergency *rules(const struct turn *t)
{
    return t->w->state->policy->doc.emergency;
}

static bool owes(const struct state *s)
{
    for (size_t i = 0; i < s->emergency_count; i++) {
        if (s->emergencies[i]->review_index == 0) {
            return true;
        }
    }
    return false;
}

static bool somebody_is_in(const struct turn *t)
{
    for (size_t i = 0; i < t->f->token.devices; i++) {
        if (flow_device_person(&t->f->token.device[i], t->w->state) != NULL) {
            return true;
        }
    }
    return false;
}

static enum screen_word switch_bars(const struct turn *t)
{
    const struct policy_emergency *e = rules(t);
    if (e == NULL || !e->presence_switch || t->w->presence_switch == SWITCH_ON) {
        return WORD_NONE;
    }
    return t->w->presence_switch == SWITCH_OFF ? WORD_SWITCH_OFF : WORD_NO_SWITCH;
}

static enum screen_word who_asks(const struct turn *t)
{
    if (!t->w->token_up) {
        return WORD_NO_READER;
    }
    return somebody_is_in(t) ? WORD_NONE : WORD_WHO_ASKS;
}

static enum screen_word why_not_incident(const struct turn *t, enum form_kind what)
{
    if (t->w->state->policy->doc.freeze == NULL) {
        return WORD_NO_FREEZES;
    }
    if (what == FORM_FREEZE) {
        return WORD_NONE; /* it only takes away: nobody signs it */
    }
    if (t->w->state->freeze_count == 0) {
        return WORD_NOTHING_FROZEN;
    }
    return who_asks(t);
}

static enum screen_word why_not_people(const struct turn *t, enum form_kind what)
{
    const struct policy_doc *doc = &t->w->state->policy->doc;
    if (what == FORM_DELEGATE && doc->delegation_count == 0) {
        return WORD_NO_DELEGATION;
    }
    if (what == FORM_ACCESS && doc->access_review.every_s == 0) {
        return WORD_NO_ACCESS_REVIEW;
    }
    return what == FORM_DUTY && !flow_has_shifts(t->w) ? WORD_NO_DUTY : who_asks(t);
}

static enum screen_word why_not_emergency(const struct turn *t, enum form_kind what)
{
    const struct policy_emergency *e = rules(t);
    if (what == FORM_REVIEW ? !owes(t->w->state) : e == NULL) {
        return what == FORM_REVIEW ? WORD_NO_DEBT : WORD_NO_EMERGENCY;
    }
    if (what == FORM_VOUCHER && e->voucher_life_s == 0) {
        return WORD_NO_VOUCHER;
    }
    if (t->w->token_up && what == FORM_EMERGENCY && switch_bars(t) != WORD_NONE) {
        return switch_bars(t);
    }
    return who_asks(t);
}

static enum screen_word why_not(const struct turn *t, enum form_kind what)
{
    switch (what) {
    case FORM_ASK:
        return flow_asks_anything(&t->w->state->policy->doc) ? WORD_NONE : WORD_NOTHING_TO_ASK;
    case FORM_DELEGATE:
    case FORM_ACCESS:
    case FORM_DUTY:
        return why_not_people(t, what);
    case FORM_FREEZE:
    case FORM_THAW:
        return why_not_incident(t, what);
    case FORM_WAIVER:
        return policy_waives(&t->w->state->policy->doc) ? who_asks(t) : WORD_NO_WAIVER;
    case FORM_EMERGENCY:
    case FORM_REVIEW:
    case FORM_VOUCHER:
        return why_not_emergency(t, what);
    case FORM_NONE:
    case FORM_CARD:
    case FORM_KIND_COUNT:
        break;
    }
    return WORD_NOTHING_TO_ASK;
}

void flow_emergency_open(const struct turn *t, enum form_kind what)
{
    const enum screen_word why = why_not(t, what);
    flow_say(t->f, why);
    if (why == WORD_NONE) {
        flow_making_drop(t->f);
        flow_form_start(t, what);
    }
}

/* ---- while it is signed */

const struct policy_emergency *flow_emergency(const struct flow *f, const struct flow_world *w)
{
    const bool is = f->reading.open && f->reading.request.kind == KIND_EMERGENCY;
    return is ? w->state->policy->doc.emergency : NULL;
}

enum screen_word flow_emergency_bars(const struct turn *t)
{
    const struct policy_emergency *e = flow_emergency(t->f, t->w);
    return e != NULL ? switch_bars(t) : WORD_NONE;
}

bool flow_clock_bars(const struct flow *f, const struct flow_world *w)
{
    const struct policy_emergency *e = flow_emergency(f, w);
    return w->state->clock_back && (e == NULL || !e->untrusted_clock);
}

/* Presence is the appliance's own ports: a key on a long cable is somewhere else. */
bool flow_port_fits(const struct turn *t)
{
    const struct policy_emergency *e = flow_emergency(t->f, t->w);
    const struct span port = flow_text(&t->f->token.port);
    size_t i = 0;
    while (e != NULL && i < e->port_count && !span_eq(e->ports[i], port)) {
        i++;
    }
    return e == NULL || i < e->port_count;
}

/* Turning the switch back stops everything. */
bool flow_emergency_tick(const struct turn *t)
{
    struct flow *f = t->f;
    const bool signing = f->state == FLOW_DECIDE || f->state == FLOW_PIN || f->state == FLOW_SIGN;
    const enum screen_word why = signing ? flow_emergency_bars(t) : WORD_NONE;
    if (why == WORD_NONE) {
        return false;
    }
    if (f->state == FLOW_SIGN) {
        flow_note_access(t, SPAN_LIT("cancelled"));
    }
    (void)flow_go(t, FLOW_EV_BACK);
    flow_say(f, why);
    return true;
}
