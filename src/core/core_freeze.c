/* SPDX-License-Identifier: Apache-2.0 */
/* An incident holds environments: for a client that may say so, or for whoever stands at the kiosk. */
#include "core/core_make.h"

/* The same that holds already is answered with its place: incident tools say things twice. */
static CS_RESULT append_freeze(struct core *c, const struct core_call *call, struct freeze *f, struct span actor,
                               struct wire_answer *a)
{
    const struct state *s = &c->judge.state;
    struct core_draft d = {.type = ENTRY_FREEZE, .actor = actor, .origin = core_origin(call)};
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    f->prev = s->freeze_index;
    TRY(core_body_writer(c, &body));
    const struct cs_result r = model_freeze_encode(f, &body);
    if (r.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r));
        return CS_SUCCESS;
    }
    d.body = wr_span(&body);
    TRY(core_append(c, &d, &v, &index));
    const struct state_freeze *same = v.reason == REASON_ALREADY_FROZEN ? state_freeze_same(s, f) : NULL;
    if (v.allow) {
        core_done(a, index);
    } else if (same != NULL) {
        a->code = span_str(policy_reason_code(v.reason));
        a->has_index = true;
        a->index = same->index;
    } else {
        core_refuse(c, a, v);
    }
    return CS_SUCCESS;
}

CS_RESULT core_do_freeze(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    struct freeze *f = arena_alloc(&c->scratch, sizeof(*f));
    struct span actor = SPAN_LIT("system:kiosk");

    ENSURE(f != NULL, CS_E_NOMEM, "core.scratch");
    if (!c->judge.state.begun) {
        core_refuse(c, a, VERDICT_DENY(REASON_NO_GENESIS));
        return CS_SUCCESS;
    }
    if (call->peer != CORE_KIOSK) {
        TRY(core_actor(c, "client:", call->c->client, &actor));
    }
    const struct cs_result r = model_freeze_content_decode(call->c->freeze.content, &c->scratch, f);
    ENSURE(r.code != CS_E_NOMEM, CS_E_NOMEM, "core.scratch");
    if (r.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r));
        return CS_SUCCESS;
    }
    return append_freeze(c, call, f, actor, a);
}
