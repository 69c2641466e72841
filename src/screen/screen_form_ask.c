/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked for at this kiosk, as its policy has it: a list, each with the key that begins it at once. */
#include "screen/screen_form_in.h"

#include "policy/policy_evidence.h"

static bool has_emergencies(const struct policy_doc *doc)
{
    return doc->emergency != NULL;
}

static bool has_vouchers(const struct policy_doc *doc)
{
    return doc->emergency != NULL && doc->emergency->voucher_life_s > 0;
}

static bool has_freezes(const struct policy_doc *doc)
{
    return doc->freeze != NULL;
}

static bool has_delegations(const struct policy_doc *doc)
{
    return doc->delegation_count > 0;
}

static bool has_reviews(const struct policy_doc *doc)
{
    return doc->access_review.every_s > 0;
}

static bool has_duties(const struct policy_doc *doc)
{
    return doc->duty_count > 0;
}

static const struct askable {
    char key;
    enum form_kind what;
    bool (*of)(const struct policy_doc *doc);
    const char *title;
    const char *below;
} askables[] = {
    {'d', FORM_DELEGATE, has_delegations, "Let somebody sign for you", "for a time; or take that back"},
    {'s', FORM_DUTY, has_duties, "Hand over a shift", "of a duty roster; or swap two"},
    {'r', FORM_ACCESS, has_reviews, "Review who has which role", "what nobody reviews lapses"},
    {'x', FORM_WAIVER, policy_waives, "Waive a finding", "of a request that waits"},
    {'f', FORM_FREEZE, has_freezes, "Freeze for an incident", "at once, without a signature"},
    {'t', FORM_THAW, has_freezes, "End a freeze", "the incident is over"},
    {'v', FORM_VOUCHER, has_vouchers, "Give a voucher", "for an emergency while you are away"},
    {'9', FORM_REVIEW, has_emergencies, "Review an emergency", "that was granted here"},
    {'b', FORM_EMERGENCY, has_emergencies, NULL, NULL}, /* it has its place in the list of requests */
    {'m', FORM_ASK, flow_asks_anything, NULL, NULL},
};
enum { ASKABLES = sizeof(askables) / sizeof(askables[0]) };

enum form_kind flow_form_of_key(uint32_t point)
{
    for (size_t i = 0; i < ASKABLES; i++) {
        if (point == (uint32_t)askables[i].key) {
            return askables[i].what;
        }
    }
    return FORM_NONE;
}

/* Those of the list that the policy has; how many. */
static size_t asked_by(const struct policy_doc *doc, const struct askable *ret_items[ASKABLES])
{
    size_t n = 0;
    for (size_t i = 0; i < ASKABLES; i++) {
        if (askables[i].title != NULL && askables[i].of(doc)) {
            ret_items[n++] = &askables[i];
        }
    }
    return n;
}

bool flow_asks_anything(const struct policy_doc *doc)
{
    const struct askable *items[ASKABLES];
    return asked_by(doc, items) > 0;
}

static bool question(const struct flow *f, const struct flow_world *w, size_t at, struct question *q)
{
    const struct askable *items[ASKABLES];
    (void)f;
    if (at > 0) {
        return false;
    }
    *q = (struct question){.kind = QUESTION_ONE,
                           .title = "What do you want to ask for?",
                           .hint = "The letter does the same on the list of requests.",
                           .options = asked_by(&w->state->policy->doc, items),
                           .always = true};
    return true;
}

static void option(const struct flow *f, const struct flow_world *w, size_t at, size_t i, struct form_choice *o)
{
    const struct askable *items[ASKABLES];
    const size_t n = asked_by(&w->state->policy->doc, items);
    (void)f;
    (void)at;
    if (i < n) {
        wr_text(&o->title, items[i]->title);
        wr_text(&o->title, ": ");
        wr_u8(&o->title, (uint8_t)items[i]->key);
        wr_text(&o->below, items[i]->below);
    }
}

static void end(const struct turn *t)
{
    const struct askable *items[ASKABLES];
    const size_t n = asked_by(&t->w->state->policy->doc, items);
    const size_t chosen = t->f->form.answer[0].chosen;
    if (chosen > 0 && chosen <= n) {
        flow_emergency_open(t, items[chosen - 1]->what); /* says why, if it cannot be */
    }
}

const struct form_script form_ask = {
    .find = NULL, .question = question, .option = option, .refuse = form_accepts, .end = end, .of_roster = true};
