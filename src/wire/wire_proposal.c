/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_proposal_get(struct json_in *in, struct wire_command *c)
{
    TRY(wire_get_cmd(in));
    return wire_get_id(in, c);
}

void wire_proposal_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_cmd(o, c);
    wire_put_id(o, c);
}
