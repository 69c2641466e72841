/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

/* Of a client it has client and ip, of the kiosk its name; never both. */
CS_RESULT wire_withdraw_get(struct json_in *in, struct wire_command *c)
{
    const bool by_client = json_next_is(in, "withdraw.client");

    TRY(by_client ? json_get_id(in, "withdraw.client", MODEL_ID_MAX, &c->client) : CS_SUCCESS);
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(by_client ? wire_get_word(in, "withdraw.ip", 1, &c->ip)
                  : json_get_id(in, "withdraw.kiosk", MODEL_ID_MAX, &c->kiosk));
    TRY(json_get_str(in, "withdraw.reason", WIRE_REASON_MAX, &c->withdraw.reason));
    return wire_get_index(in, "withdraw.request", &c->withdraw.request);
}

void wire_withdraw_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_opt(o, "client", c->client);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    wire_put_opt(o, "ip", c->ip);
    wire_put_opt(o, "kiosk", c->kiosk);
    json_put_str(o, "reason", c->withdraw.reason);
    json_put_uint(o, "request", c->withdraw.request);
}
