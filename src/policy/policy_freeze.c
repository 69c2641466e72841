/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_freeze.h"

#include "policy/policy_tokens.h"

/* A client that freezes everything it can think of leaves room for the others, and all of them for the kiosk. */
enum { FREEZES_MAX = 256, FREEZES_OF_ONE_MAX = 32, AHEAD_DAYS = 400 };

/* The account itself is named, or somebody on the roster has it who is named by another one. */
static bool is_responder(const struct state *s, const struct state_freeze *f, struct span account)
{
    size_t at = 0;
    const struct state_person *p = NULL;

    if (state_freeze_responds(f, account)) {
        return true;
    }
    while ((p = map_next(&s->people, &at)) != NULL) {
        if (p->removed || !state_person_is(p, account)) {
            continue;
        }
        bool named = state_freeze_responds(f, p->id);
        for (size_t i = 0; !named && i < p->account_count; i++) {
            named = state_freeze_responds(f, p->accounts[i]);
        }
        if (named) {
            return true;
        }
    }
    return false;
}

static bool holds(const struct state_freeze *f, const struct deploy_content *d)
{
    return state_freeze_is_for(f, d->environment, d->service);
}

enum policy_reason policy_frozen(const struct state *s, const struct deploy_content *d, bool remediates,
                                 const struct state_freeze **ret_by)
{
    for (size_t i = 0; i < s->freeze_count; i++) {
        const struct state_freeze *f = s->freezes[i];
        if (!holds(f, d)) {
            continue;
        }
        *ret_by = f;
        if (!remediates || !span_among(f->incident, d->remediates, d->remediates_count)) {
            return REASON_FROZEN;
        }
        if (!is_responder(s, f, d->initiator)) {
            return REASON_NOT_RESPONDER;
        }
    }
    return REASON_OK;
}

enum policy_reason policy_frozen_emergency(const struct state *s, const struct deploy_content *d, struct span incident,
                                           const struct state_freeze **ret_by)
{
    for (size_t i = 0; i < s->freeze_count; i++) {
        const struct state_freeze *f = s->freezes[i];
        if (!holds(f, d)) {
            continue;
        }
        *ret_by = f;
        if (!span_eq(f->incident, incident) && !span_among(f->incident, d->remediates, d->remediates_count)) {
            return REASON_FROZEN;
        }
    }
    return REASON_OK;
}

/* Was this incident's freeze there when it was granted? */
static bool known_then(const struct state *s, struct span incident, uint64_t grant)
{
    size_t i = 0;
    while (i < s->freeze_count && !(s->freezes[i]->index < grant && span_eq(s->freezes[i]->incident, incident))) {
        i++;
    }
    return i < s->freeze_count;
}

enum policy_reason policy_frozen_granted(const struct state *s, const struct deploy_content *d,
                                         const struct state_grant *g)
{
    for (size_t i = 0; i < s->freeze_count; i++) {
        const struct state_freeze *f = s->freezes[i];
        if (holds(f, d) && !known_then(s, f->incident, g->index) &&
            !span_among(f->incident, d->remediates, d->remediates_count)) {
            return REASON_FROZEN;
        }
    }
    return REASON_OK;
}

static bool has_room(const struct state *s, struct span by)
{
    size_t own = 0;

    if (span_is(by, "system:kiosk")) {
        return s->freeze_count < FREEZES_MAX;
    }
    for (size_t i = 0; i < s->freeze_count; i++) {
        own += span_eq(s->freezes[i]->by, by) ? 1U : 0U;
    }
    return s->freeze_count < FREEZES_MAX - FREEZES_OF_ONE_MAX && own < FREEZES_OF_ONE_MAX;
}

struct verdict policy_freeze_may(const struct state *s, const struct freeze *f, struct span by)
{
    const struct policy_doc *doc = &s->policy->doc;

    if (doc->freeze == NULL) {
        return VERDICT_DENY(REASON_NO_FREEZES);
    }
    for (size_t i = 0; i < f->environment_count; i++) {
        if (!model_policy_has_environment(doc, f->environments[i])) {
            return VERDICT_DENY(REASON_UNKNOWN_ENVIRONMENT);
        }
    }
    if (state_freeze_same(s, f) != NULL) {
        return VERDICT_DENY(REASON_ALREADY_FROZEN);
    }
    return has_room(s, by) ? VERDICT_ALLOW : VERDICT_DENY(REASON_BUSY);
}

struct verdict policy_thaw_may(const struct state *s, const struct thaw_content *c)
{
    const struct state_person *p = state_person_find(s, c->initiator);

    if (s->policy->doc.freeze == NULL) {
        return VERDICT_DENY(REASON_NO_FREEZES);
    }
    if (p == NULL || p->removed) {
        return VERDICT_DENY(REASON_UNKNOWN_INITIATOR);
    }
    return state_freeze_find(s, c->freeze) != NULL ? VERDICT_ALLOW : VERDICT_DENY(REASON_NOT_FROZEN);
}

static bool keeps_freezes(const struct policy_doc *doc, const struct state *s)
{
    for (size_t i = 0; i < s->freeze_count; i++) {
        const struct state_freeze *f = s->freezes[i];
        bool all = doc->freeze != NULL;
        for (size_t k = 0; all && k < f->environment_count; k++) {
            all = model_policy_has_environment(doc, f->environments[k]);
        }
        if (!all) {
            return false;
        }
    }
    return true;
}

/* A genesis has no time before it: its calendar is looked at from the first year that it knows. */
static bool all_open(const struct policy_doc *doc, const struct state *s)
{
    const uint64_t first_ms = (uint64_t)CALENDAR_FROM_S * 1000;
    const uint64_t from_ms = s->time_ms > first_ms ? s->time_ms : first_ms;
    const uint64_t until_ms = from_ms + (uint64_t)AHEAD_DAYS * CALENDAR_DAY_S * 1000;

    for (size_t i = 0; i < doc->environment_count; i++) {
        if (model_calendar_opens(doc->calendar, doc->calendar_count, doc->environments[i], from_ms, until_ms) ==
            UINT64_MAX) {
            return false;
        }
    }
    return true;
}

struct verdict policy_times_load(const struct policy_doc *doc, const struct state *s)
{
    if (!keeps_freezes(doc, s)) {
        return VERDICT_DENY(REASON_FROZEN);
    }
    if (doc->freeze != NULL && policy_role_holders(doc, s, doc->freeze->thaw_by) == 0) {
        return VERDICT_CAUSE(REASON_UNFILLABLE_SEAT, CS_FAIL(CS_E_RANGE, "policy.freeze"));
    }
    return all_open(doc, s) ? VERDICT_ALLOW : VERDICT_DENY(REASON_NEVER_OPENS);
}
