/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass: asking for it, being there, what it grants, what is owed. docs/policy.md, "Emergencies". */
#include "judge/judge_recent.h"
#include "judge/judge_rules.h"
#include "policy/policy_emergency.h"
#include "policy/policy_grant.h"

enum { GRANT_TEXT_MAX = MODEL_LEAF_MAX };

/* --- requests --- */

struct verdict judge_emergency_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    const struct state *s = &c->j->state;
    struct emergency_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    struct cs_result r = model_emergency_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->now_ms = c->e.time_ms;
    r = policy_sheet_about(s, x, &c->j->scratch, in);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    return policy_emergency_may(s, in->emergency, c->e.time_ms, c->j->sparse);
}

struct verdict judge_voucher_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    struct voucher_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_voucher_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->voucher = x;
    return policy_voucher_may(&c->j->state, x);
}

struct verdict judge_review_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    struct review_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_review_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->review = x;
    in->debt = state_emergency_find(&c->j->state, x->emergency);
    const struct verdict v = policy_review_may(&c->j->state, x);
    const bool early = v.allow && policy_review_early(&c->j->state, in->debt, c->e.time_ms);
    return early ? VERDICT_DENY(REASON_REVIEW_EARLY) : v;
}

/* --- decisions --- */

bool judge_clock_allows(const struct state *s, enum request_kind kind)
{
    const struct policy_emergency *e = s->policy->doc.emergency;
    return !s->clock_back || (kind == KIND_EMERGENCY && e != NULL && e->untrusted_clock);
}

/* One more than the port's place in the policy; 0 when it is not there. */
static uint16_t port_place(const struct policy_emergency *e, struct span port)
{
    for (size_t i = 0; i < e->port_count; i++) {
        if (span_eq(e->ports[i], port)) {
            return (uint16_t)(i + 1);
        }
    }
    return 0;
}

static bool port_taken(const struct sheet *sheet, uint16_t port)
{
    for (size_t i = 0; i < sheet->in.decision_count; i++) {
        const struct state_decision *d = &sheet->in.decisions[i];
        if (d->port == port && policy_is_fresh(sheet, d)) {
            return true;
        }
    }
    return false;
}

struct verdict judge_is_present(struct judge_case *c, const struct sheet *sheet)
{
    const struct policy_emergency *e = c->j->state.policy->doc.emergency;

    if (e == NULL) {
        return VERDICT_DENY(REASON_NO_EMERGENCIES);
    }
    const uint16_t port = port_place(e, c->e.origin.port);
    if (port == 0 || port_taken(sheet, port)) {
        return VERDICT_DENY(REASON_PRESENCE_PORT);
    }
    if (e->presence_switch && !span_is(c->e.origin.presence_switch, "on")) {
        return VERDICT_DENY(REASON_PRESENCE_SWITCH);
    }
    c->facts.port = port;
    return policy_emergency_may(&c->j->state, sheet->in.emergency, c->e.time_ms, c->j->sparse);
}

/* --- effects --- */

struct verdict judge_approved(const struct judge_case *c, uint64_t request, enum request_kind kind,
                              const struct state_request **ret_q, struct sheet *ret_sheet)
{
    const struct state *s = &c->j->state;
    const struct state_request *q = state_request_find(s, request);
    struct state_loaded *l = arena_alloc(&c->j->scratch, sizeof(*l));

    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (q->kind != kind || l == NULL) {
        return VERDICT_DENY(l == NULL ? REASON_NO_ROOM : REASON_WRONG_EFFECT);
    }
    if (q->status != STATUS_APPROVED) {
        return VERDICT_DENY(REASON_NOT_APPROVED);
    }
    if (c->e.time_ms > q->use_by_ms) {
        return VERDICT_DENY(REASON_LAPSED);
    }
    struct cs_result r = state_load(q, &c->j->scratch, l);
    r = r.code == CS_OK ? policy_sheet_at(s, q, l, c->e.time_ms, &c->j->scratch, ret_sheet) : r;
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    *ret_q = q;
    return policy_sheet_met(ret_sheet);
}

static bool says(const struct judge_case *c, const struct emergency_grant *g)
{
    uint8_t *p = arena_alloc(&c->j->scratch, GRANT_TEXT_MAX);
    struct writer w = wr_fixed(p, p != NULL ? (size_t)GRANT_TEXT_MAX : 0);
    return model_grant_encode(g, &w).code == CS_OK && span_eq(wr_span(&w), c->e.body);
}

struct verdict judge_grant(struct judge_case *c)
{
    const struct state *s = &c->j->state;
    const struct state_request *q = NULL;
    struct emergency_grant *g = arena_alloc(&c->j->scratch, sizeof(*g));
    struct sheet sheet;

    if (g == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    struct verdict v = judge_approved(c, c->body->emergency.request, KIND_EMERGENCY, &q, &sheet);
    v = v.allow && !judge_clock_allows(s, KIND_EMERGENCY) ? VERDICT_DENY(REASON_CLOCK) : v;
    v = v.allow ? policy_emergency_may(s, sheet.in.emergency, c->e.time_ms, false) : v;
    if (!v.allow) {
        return v;
    }
    const struct cs_result r = policy_emergency_grant(s, q, &sheet, &c->j->scratch, g);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(r.code == CS_E_NOMEM ? REASON_NO_ROOM : REASON_WRONG_EFFECT, r);
    }
    return says(c, g) ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_EFFECT);
}

struct verdict judge_overdue(struct judge_case *c)
{
    const struct state *s = &c->j->state;
    const struct state_emergency *m = state_emergency_find(s, c->body->overdue.emergency);

    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (m == NULL || m->review_index != 0 || m->overdue_index != 0) {
        return VERDICT_DENY(REASON_REVIEW_NOT_OWED);
    }
    if (c->e.time_ms < m->due_ms) {
        return VERDICT_DENY(REASON_NOT_DUE);
    }
    return c->body->overdue.prev == s->emergency_index ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_EFFECT);
}

struct verdict judge_review_effect(struct judge_case *c)
{
    const struct review_effect *x = &c->body->review;
    const struct state_request *q = NULL;
    struct sheet sheet;

    struct verdict v = judge_approved(c, x->request, KIND_REVIEW, &q, &sheet);
    v = v.allow ? policy_review_may(&c->j->state, sheet.in.review) : v;
    if (!v.allow) {
        return v;
    }
    const bool same = sheet.in.review->emergency == x->emergency && x->prev == c->j->state.emergency_index;
    return same ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_EFFECT);
}

/* --- using a grant --- */

bool judge_grant_without_clock(const struct state *s, const struct state_request *q)
{
    const struct state_emergency *m = q->grant != NULL ? state_emergency_find(s, q->grant->index) : NULL;
    const struct policy_emergency *then = m != NULL ? m->under->doc.emergency : NULL;
    const struct policy_emergency *now = s->policy->doc.emergency;
    /* where the policy in force does not let it, time rests, and the grant would never run out */
    return then != NULL && now != NULL && then->untrusted_clock && now->untrusted_clock;
}
