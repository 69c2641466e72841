/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory outside says. */
#include "wire/wire_kinds.h"

CS_RESULT wire_directory_get(struct json_in *in, struct wire_command *c)
{
    TRY(json_get_id(in, "directory.client", MODEL_ID_MAX, &c->client));
    TRY(wire_get_cmd(in));
    TRY(json_get_str(in, "directory.content", WIRE_CONTENT_MAX, &c->directory.content));
    TRY(wire_get_id(in, c));
    return wire_get_word(in, "directory.ip", 1, &c->ip);
}

void wire_directory_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_opt(o, "client", c->client);
    wire_put_cmd(o, c);
    json_put_str(o, "content", c->directory.content);
    wire_put_id(o, c);
    wire_put_opt(o, "ip", c->ip);
}
