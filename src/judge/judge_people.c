/* SPDX-License-Identifier: Apache-2.0 */
/* Requests about who may act for whom, and what comes of them. docs/policy.md, "Standing in". */
#include "judge/judge_rules.h"
#include "policy/policy_access.h"
#include "policy/policy_alarm.h"
#include "policy/policy_delegate.h"
#include "policy/policy_directory.h"

struct verdict judge_delegate_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    struct delegate_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_delegate_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->delegate = x;
    return policy_delegate_may(&c->j->state, x, c->e.time_ms);
}

struct verdict judge_access_review_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    struct access_review_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_access_review_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->access_review = x;
    return policy_access_review_may(&c->j->state, x);
}

struct verdict judge_people_effect(const struct judge_case *c, const struct state_loaded *l)
{
    const struct sha256 d = digest_sha256(l->request.content);

    if (c->body->effect.prev != c->j->state.roster_index || !sha256_eq(&d, &c->body->effect.sha256)) {
        return VERDICT_DENY(REASON_WRONG_EFFECT);
    }
    return l->delegate != NULL ? policy_delegate_may(&c->j->state, l->delegate, c->e.time_ms)
                               : policy_access_review_may(&c->j->state, l->access_review);
}

struct verdict judge_lapse(struct judge_case *c)
{
    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (c->body->lapse.prev != c->j->state.roster_index) {
        return VERDICT_DENY(REASON_WRONG_EFFECT);
    }
    return policy_lapse_may(&c->j->state, &c->body->lapse, c->e.time_ms);
}

/* A client says who is listed; the core, that nobody said so for too long. */
struct verdict judge_directory(struct judge_case *c)
{
    const struct directory_note *x = &c->body->directory;
    const struct state *s = &c->j->state;

    if (!x->stale) {
        const struct verdict v = judge_client(c, SCOPE_DIRECTORY);
        return v.allow ? policy_directory_may(s, x, c->e.time_ms) : v;
    }
    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    const struct verdict v = policy_directory_stale_may(s, c->e.time_ms);
    return v.allow && x->prev != s->roster_index ? VERDICT_DENY(REASON_WRONG_EFFECT) : v;
}

static bool same_alarms(const struct alarms *a, const struct alarms *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = span_eq(a->item[i].code, b->item[i].code) && span_eq(a->item[i].subject, b->item[i].subject) &&
               span_eq(a->item[i].role, b->item[i].role);
    }
    return same;
}

/* It says what is so, and what was not said before. */
struct verdict judge_alarm(struct judge_case *c)
{
    const struct state *s = &c->j->state;
    struct alarms *now = arena_alloc(&c->j->scratch, sizeof(*now));

    if (!span_is(c->e.actor, "system:core")) {
        return VERDICT_DENY(REASON_WRONG_ACTOR);
    }
    if (now == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    if (s->partial) {
        return VERDICT_ALLOW; /* nothing follows from it, and not all that it is about is there */
    }
    policy_alarms(s, c->e.time_ms, now);
    const bool right = same_alarms(now, &c->body->alarms) && !policy_alarms_known(s, now);
    return right ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_EFFECT);
}
