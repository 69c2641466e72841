/* SPDX-License-Identifier: Apache-2.0 */
/* A directory outside says who is in which roles there. */
#include "core/core_make.h"

CS_RESULT core_do_directory(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    struct directory_note x = {0};
    struct core_draft d = {.type = ENTRY_DIRECTORY, .origin = core_origin(call), .body = call->c->directory.content};
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    if (!c->judge.state.begun) {
        core_refuse(c, a, VERDICT_DENY(REASON_NO_GENESIS));
        return CS_SUCCESS;
    }
    TRY(core_actor(c, "client:", call->c->client, &d.actor));
    const struct cs_result r = model_directory_decode(d.body, &c->scratch, &x);
    ENSURE(r.code != CS_E_NOMEM, CS_E_NOMEM, "core.scratch");
    if (r.code != CS_OK || x.stale || d.body.left > MODEL_CONTENT_MAX) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r)); /* silence is the core's own to tell */
        return CS_SUCCESS;
    }
    TRY(core_append(c, &d, &v, &index));
    if (v.allow) {
        core_done(a, index);
    } else {
        core_refuse(c, a, v);
    }
    return CS_SUCCESS;
}
