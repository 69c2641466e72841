/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

/* {"cmd":"follow","from":N} */
CS_RESULT wire_follow_get(struct json_in *in, struct wire_command *c)
{
    TRY(wire_get_cmd(in));
    return wire_get_index(in, "follow.from", &c->from);
}

void wire_follow_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_cmd(o, c);
    json_put_uint(o, "from", c->from);
}
