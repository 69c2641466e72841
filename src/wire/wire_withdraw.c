/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_withdraw_get(struct json_in *in, struct wire_command *c)
{
    TRY(json_get_id(in, "withdraw.client", MODEL_ID_MAX, &c->client));
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(wire_get_word(in, "withdraw.ip", 1, &c->ip));
    TRY(json_get_str(in, "withdraw.reason", WIRE_REASON_MAX, &c->withdraw.reason));
    return wire_get_index(in, "withdraw.request", &c->withdraw.request);
}

void wire_withdraw_put(struct json_out *o, const struct wire_command *c)
{
    json_put_str(o, "client", c->client);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_str(o, "ip", c->ip);
    json_put_str(o, "reason", c->withdraw.reason);
    json_put_uint(o, "request", c->withdraw.request);
}
