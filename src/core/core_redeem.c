/* SPDX-License-Identifier: Apache-2.0 */
/* Using an approval: the outcome key signs only what the judge would have signed. */
#include "core/core_make.h"

enum { PAYLOAD_MAX = 65536 };

/* The order of the log: by name. */
static void sort_artifacts(struct redeem *x)
{
    for (size_t i = 1; i < x->artifact_count; i++) {
        const struct named_digest d = x->artifacts[i];
        size_t at = i;
        while (at > 0 && span_cmp(x->artifacts[at - 1].name, d.name) > 0) {
            x->artifacts[at] = x->artifacts[at - 1];
            at--;
        }
        x->artifacts[at] = d;
    }
}

static CS_RESULT make_envelope(struct core *c, const struct state_request *q, struct redeem *x)
{
    const struct sha256 head = judge_root(&c->judge);
    const struct state *s = &c->judge.state;
    AUTO_WRITER payload = wr_heap(PAYLOAD_MAX);
    struct writer envelope;

    const struct judge_place at = {.seq = s->size, .head = &head, .time_ms = core_time_ms(c)};
    TRY(judge_outcome_payload(s, q, &at, &c->scratch, &payload));
    TRY(core_body_writer(c, &envelope));
    TRY(seal_outcome(c->log.seal, SPAN_LIT(JUDGE_OUTCOME_TYPE), wr_span(&payload), &envelope));
    x->envelope = wr_span(&envelope);
    return CS_SUCCESS;
}

/* An envelope only for a redeem that the judge allows, of exactly what was approved; the log keeps the rest as drifted.
 */
static CS_RESULT prepare(struct core *c, struct redeem *x, struct span actor, struct verdict *ret_verdict)
{
    bool same = false;

    *ret_verdict = judge_may_redeem(&c->judge, x, actor, core_time_ms(c), &same);
    ENSURE(ret_verdict->reason != REASON_NO_ROOM, CS_E_NOMEM, "core.state");
    return same ? make_envelope(c, state_request_find(&c->judge.state, x->request), x) : CS_SUCCESS;
}

CS_RESULT core_do_redeem(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    struct redeem x = call->c->redeem;
    struct core_draft d = {.type = ENTRY_REDEEM, .origin = core_origin(call)};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    sort_artifacts(&x);
    TRY(core_actor(c, "client:", call->c->client, &d.actor));
    TRY(prepare(c, &x, d.actor, &v));
    if (!v.allow) {
        core_refuse(c, a, v);
        return CS_SUCCESS;
    }
    TRY(core_body_writer(c, &body));
    const struct cs_result r = model_redeem_encode(&x, &body);
    if (r.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r));
        return CS_SUCCESS;
    }
    d.body = wr_span(&body);
    TRY(core_append(c, &d, &v, &index));
    if (!v.allow) {
        core_refuse(c, a, v);
        return CS_SUCCESS;
    }
    core_done(a, index);
    if (x.envelope.left == 0) { /* it is in the log, and the approval is void */
        core_refuse(c, a, VERDICT_DENY(REASON_DRIFTED));
    }
    return CS_SUCCESS;
}
