/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

/* Of a client it has client and ip, of the kiosk its name; never both. */
CS_RESULT wire_freeze_get(struct json_in *in, struct wire_command *c)
{
    const bool by_client = json_next_is(in, "freeze.client");

    TRY(by_client ? json_get_id(in, "freeze.client", MODEL_ID_MAX, &c->client) : CS_SUCCESS);
    TRY(wire_get_cmd(in));
    TRY(json_get_str(in, "freeze.content", WIRE_CONTENT_MAX, &c->freeze.content));
    TRY(wire_get_id(in, c));
    return by_client ? wire_get_word(in, "freeze.ip", 1, &c->ip)
                     : json_get_id(in, "freeze.kiosk", MODEL_ID_MAX, &c->kiosk);
}

void wire_freeze_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_opt(o, "client", c->client);
    wire_put_cmd(o, c);
    json_put_str(o, "content", c->freeze.content);
    wire_put_id(o, c);
    wire_put_opt(o, "ip", c->ip);
    wire_put_opt(o, "kiosk", c->kiosk);
}
