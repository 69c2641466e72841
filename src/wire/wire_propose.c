/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_propose_get(struct json_in *in, struct wire_command *c)
{
    struct span kind = SPAN_NONE;

    TRY(wire_get_cmd(in));
    TRY(json_get_str(in, "propose.content", WIRE_CONTENT_MAX, &c->propose.content));
    TRY(wire_get_id(in, c));
    TRY(json_get_str(in, "propose.kind", MODEL_ID_MAX, &kind));
    TRY(request_kind_decode(kind, &c->propose.kind, "propose.kind"));
    ENSURE(c->propose.kind != KIND_DEPLOY, CS_E_RANGE, "propose.kind");
    if (json_next_is(in, "propose.kiosk")) {
        TRY(json_get_id(in, "propose.kiosk", MODEL_ID_MAX, &c->kiosk));
    }
    return CS_SUCCESS;
}

void wire_propose_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_cmd(o, c);
    json_put_str(o, "content", c->propose.content);
    wire_put_id(o, c);
    json_put_text(o, "kind", request_kind_text(c->propose.kind));
    wire_put_opt(o, "kiosk", c->kiosk);
}
