/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_request_get(struct json_in *in, struct wire_command *c)
{
    TRY(json_get_str(in, "request.body", WIRE_BODY_MAX, &c->request.body));
    TRY(json_get_id(in, "request.client", MODEL_ID_MAX, &c->client));
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(wire_get_word(in, "request.ip", 1, &c->ip));
    return wire_get_word(in, "request.key", 1, &c->request.key);
}

void wire_request_put(struct json_out *o, const struct wire_command *c)
{
    json_put_str(o, "body", c->request.body);
    json_put_str(o, "client", c->client);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_str(o, "ip", c->ip);
    json_put_str(o, "key", c->request.key);
}
