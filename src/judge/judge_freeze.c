/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents: what is frozen, and how that ends. docs/policy.md, "Freezes". */
#include "judge/judge_rules.h"
#include "policy/policy_freeze.h"

/* It only takes away, so no person needs to sign: a client that may, or somebody at the kiosk. */
struct verdict judge_freeze(struct judge_case *c)
{
    const struct freeze *f = &c->body->freeze;
    const struct state *s = &c->j->state;

    struct verdict v = span_is(c->e.actor, "system:kiosk") ? VERDICT_ALLOW : judge_client(c, SCOPE_INCIDENT);
    v = v.allow ? policy_freeze_may(s, f, c->e.actor) : v;
    if (!v.allow) {
        return v;
    }
    return f->prev == s->freeze_index ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_EFFECT);
}

struct verdict judge_thaw_content(const struct judge_case *c, const struct request *q, struct sheet_input *in)
{
    struct thaw_content *x = arena_alloc(&c->j->scratch, sizeof(*x));
    if (x == NULL) {
        return VERDICT_DENY(REASON_NO_ROOM);
    }
    const struct cs_result r = model_thaw_content_decode(q->content, &c->j->scratch, x);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_INVALID_REQUEST, r);
    }
    in->thaw = x;
    in->content = q->content;
    return policy_thaw_may(&c->j->state, x);
}

struct verdict judge_thaw(struct judge_case *c)
{
    const struct thaw *x = &c->body->thaw;
    const struct state_request *q = NULL;
    struct sheet sheet;

    struct verdict v = judge_approved(c, x->request, KIND_THAW, &q, &sheet);
    v = v.allow ? policy_thaw_may(&c->j->state, sheet.in.thaw) : v;
    if (!v.allow) {
        return v;
    }
    const bool same = sheet.in.thaw->freeze == x->freeze && x->prev == c->j->state.freeze_index;
    return same ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_EFFECT);
}
