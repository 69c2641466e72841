/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_alarm.h"

#include "model/model_state_duty.h"
#include "policy/policy_access.h"
#include "policy/policy_directory.h"
#include "policy/policy_emergency.h"
#include "policy/policy_tokens.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

static const struct alarm_word {
    const char *code;
    const char *text;
} words[] = {
    {"directory_stale", "The directory was not read in time, so the roles that it governs do not count."},
    {"nobody_on_duty", "Nobody is on duty who could sign in this role."},
    {"officers_unlisted", "Officers whom the directory does not have stay, because too few would be left."},
    {"officers_unreviewed", "Officers whose roles were not reviewed in time stay, because too few would be left."},
    {"too_few_officers", "Fewer officers can sign than the threshold plus one."},
    {"unfillable_emergency", "Too few people can sign an emergency or its review."},
    {"unfillable_seat", "Too few people can sign what this rule asks of this role."},
};
enum {
    DIRECTORY_STALE,
    NOBODY_ON_DUTY,
    OFFICERS_UNLISTED,
    OFFICERS_UNREVIEWED,
    TOO_FEW_OFFICERS,
    UNFILLABLE_EMERGENCY,
    UNFILLABLE_SEAT
};

const char *policy_alarm_text(struct span code)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(code, words[i].code)) {
            return words[i].text;
        }
    }
    return "";
}

static int cmp(const struct alarm *a, const struct alarm *b)
{
    int c = span_cmp(a->code, b->code);
    c = c != 0 ? c : span_cmp(a->subject, b->subject);
    return c != 0 ? c : span_cmp(a->role, b->role);
}

/* In order, each once; of more than there is room for the first ones. */
static void add(struct alarms *x, size_t word, struct span subject, struct span role)
{
    const struct alarm item = {.code = span_str(words[word].code), .subject = subject, .role = role};
    size_t at = x->count;

    while (at > 0 && cmp(&x->item[at - 1], &item) > 0) {
        at--;
    }
    if (at == MODEL_ALARMS_MAX || (at > 0 && cmp(&x->item[at - 1], &item) == 0)) {
        return;
    }
    const size_t kept = x->count < MODEL_ALARMS_MAX ? x->count : (size_t)MODEL_ALARMS_MAX - 1;
    memmove(&x->item[at + 1], &x->item[at], (kept - at) * sizeof(x->item[0]));
    x->item[at] = item;
    x->count = kept + 1;
}

static bool anybody_on_duty(const struct state *s, const struct policy_duty *d, uint64_t now_ms)
{
    const struct state_duty *duty = state_duty_find(s, d->roster);
    size_t at = 0;
    const struct state_person *p = NULL;

    while (duty != NULL && (p = state_duty_each(duty, now_ms, &at)) != NULL) {
        if (state_person_has_role(p, d->role)) {
            return true;
        }
    }
    return false;
}

void policy_alarms(const struct state *s, uint64_t now_ms, struct alarms *ret_alarms)
{
    const struct policy_doc *doc = &s->policy->doc;

    ret_alarms->count = 0;
    for (size_t i = 0; i < doc->rule_count; i++) {
        size_t at = 0;
        struct span role;
        while ((role = policy_rule_lacks(doc, &doc->rules[i], s, &at)).left > 0) {
            add(ret_alarms, UNFILLABLE_SEAT, doc->rules[i].id, role);
        }
    }
    for (size_t i = 0; i < doc->duty_count; i++) {
        if (!anybody_on_duty(s, &doc->duties[i], now_ms)) {
            add(ret_alarms, NOBODY_ON_DUTY, doc->duties[i].roster, doc->duties[i].role);
        }
    }
    if (doc->freeze != NULL && !policy_rule_enough(doc, NULL, s, doc->freeze->thaw_by, 1)) {
        add(ret_alarms, UNFILLABLE_SEAT, SPAN_LIT("freeze"), doc->freeze->thaw_by);
    }
    if (!policy_rule_enough(doc, NULL, s, officer, (uint64_t)doc->officers_threshold + 1)) {
        add(ret_alarms, TOO_FEW_OFFICERS, officer, officer);
    }
    if (policy_officers_overdue(s, now_ms) > 0) {
        add(ret_alarms, OFFICERS_UNREVIEWED, officer, officer);
    }
    if (policy_officers_unlisted(s) > 0) {
        add(ret_alarms, OFFICERS_UNLISTED, officer, officer);
    }
    if (policy_directory_silent(s, now_ms)) {
        add(ret_alarms, DIRECTORY_STALE, doc->directory.source, SPAN_LIT("any"));
    }
    if (!policy_emergency_fillable(doc, s)) {
        add(ret_alarms, UNFILLABLE_EMERGENCY, SPAN_LIT("emergency"), SPAN_LIT("any"));
    }
}

uint64_t policy_alarm_next(const struct state *s, uint64_t now_ms)
{
    const uint64_t shift = s->policy->doc.duty_count > 0 ? state_duty_next(s, now_ms) : UINT64_MAX;
    const uint64_t lapse = policy_lapse_next(s, now_ms);
    return shift < lapse ? shift : lapse;
}

bool policy_alarms_known(const struct state *s, const struct alarms *x)
{
    bool same = s->alarm_count == x->count;
    for (size_t i = 0; same && i < x->count; i++) {
        same = cmp(&s->alarms[i], &x->item[i]) == 0;
    }
    return same;
}
