/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_delegate.h"

#include "policy/policy_access.h"
#include "policy/policy_sheet_in.h"

/* Has this person one of the roles that may stand in for this one? */
static bool may_stand_in(const struct policy_delegation *d, const struct state *s, const struct state_person *p,
                         uint64_t now_ms)
{
    for (size_t i = 0; d != NULL && i < d->to_count; i++) {
        if (policy_role_counts(s, p, d->to[i], now_ms)) {
            return true;
        }
    }
    return false;
}

static struct verdict may_revoke(const struct state *s, const struct delegate_content *c)
{
    const struct state_delegation *g = state_delegation_find(s, c->revokes);
    const bool own = g != NULL && g->ended_index == 0 && span_eq(g->by->id, c->initiator);
    return own ? VERDICT_ALLOW : VERDICT_DENY(REASON_DELEGATION_UNKNOWN);
}

static enum policy_reason people_fit(const struct state *s, const struct policy_delegation *d,
                                     const struct delegate_content *c, uint64_t now_ms)
{
    const struct state_person *by = state_person_find(s, c->initiator);
    const struct state_person *to = state_person_find(s, c->to);

    if (by == NULL || by->removed) {
        return REASON_UNKNOWN_INITIATOR;
    }
    if (by->suspended) {
        return REASON_SUSPENDED;
    }
    if (!policy_role_counts(s, by, c->role, now_ms)) {
        return REASON_NO_ROLE; /* what somebody has by a delegation is not theirs to give */
    }
    return to != NULL && to != by && may_stand_in(d, s, to, now_ms) ? REASON_OK : REASON_DELEGATE_TO;
}

struct verdict policy_delegate_may(const struct state *s, const struct delegate_content *c, uint64_t now_ms)
{
    const struct policy_doc *doc = &s->policy->doc;

    if (c->revokes_set) {
        return may_revoke(s, c);
    }
    const struct policy_delegation *d = model_policy_delegation(doc, c->role);
    if (d == NULL) {
        return VERDICT_DENY(REASON_NOT_DELEGABLE);
    }
    const enum policy_reason r = people_fit(s, d, c, now_ms);
    if (r != REASON_OK) {
        return VERDICT_DENY(r);
    }
    if (c->until_ms <= now_ms || c->until_ms - c->from_ms > d->most_s * 1000) {
        return VERDICT_DENY(REASON_DELEGATION_TIME);
    }
    for (size_t i = 0; i < c->environment_count; i++) {
        if (!model_policy_has_environment(doc, c->environments[i])) {
            return VERDICT_DENY(REASON_UNKNOWN_ENVIRONMENT);
        }
    }
    return VERDICT_ALLOW;
}

/* As short as the policy lets it be. */
static bool is_short(const struct policy_delegation *d, const struct state_delegation *g)
{
    return d != NULL && g->until_ms - g->from_ms <= d->most_s * 1000;
}

bool policy_delegation_stands(const struct sheet *s, const struct state_delegation *g)
{
    const struct policy_delegation *now = model_policy_delegation(&s->in.in_force->doc, g->role);
    const struct policy_delegation *then = model_policy_delegation(&s->in.opened_under->doc, g->role);

    return g->ended_index == 0 && state_credential_counts(g->key) && is_short(now, g) && is_short(then, g) &&
           policy_role_counts(s->in.state, g->by, g->role, s->in.now_ms) &&
           may_stand_in(now, s->in.state, g->to, s->in.now_ms) && may_stand_in(then, s->in.state, g->to, s->in.now_ms);
}

bool policy_delegation_covers(const struct sheet *s, const struct state_delegation *g, const struct state_person *p,
                              struct span role)
{
    const struct deploy_content *d = s->in.deploy;

    if (s->in.kind != KIND_DEPLOY || d == NULL || g->to != p || !span_eq(g->role, role)) {
        return false;
    }
    if (s->in.now_ms < g->from_ms || s->in.now_ms >= g->until_ms || !policy_delegation_stands(s, g)) {
        return false;
    }
    return (g->environment_count == 0 || span_among(d->environment, g->environments, g->environment_count)) &&
           (g->service_count == 0 || span_among(d->service, g->services, g->service_count));
}

/* What is taken back is what was given: its role. */
static struct span role_of(const struct sheet_input *in)
{
    const struct delegate_content *c = in->delegate;
    const struct state_delegation *g =
        c->revokes_set && in->state != NULL ? state_delegation_find(in->state, c->revokes) : NULL;
    return c->revokes_set ? (g != NULL ? g->role : SPAN_NONE) : c->role;
}

CS_RESULT policy_delegate_lines(struct builder *b)
{
    const struct policy_doc *doc = &b->sheet->in.in_force->doc;
    const struct span rule = SPAN_LIT("delegation");
    const uint64_t s = doc->officers_sign_by_s;

    b->sheet->sign_by_s = s;
    TRY(policy_line_add(b, &(struct sheet_line){.kind = SHEET_CLOCK,
                                                .rule = rule,
                                                .id = SPAN_LIT("sign_by"),
                                                .state = SHEET_MET,
                                                .reason = REASON_OK,
                                                .count = s < UINT32_MAX ? (uint32_t)s : UINT32_MAX}));
    return policy_line_add(b, &(struct sheet_line){.kind = SHEET_SEAT,
                                                   .rule = rule,
                                                   .id = SPAN_LIT("delegator"),
                                                   .role = role_of(&b->sheet->in),
                                                   .count = 1,
                                                   .self = true});
}
