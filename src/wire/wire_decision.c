/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

enum { SIG_MAX = 1024 };

CS_RESULT wire_decision_get(struct json_in *in, struct wire_command *c)
{
    TRY(wire_get_auth_data(in, "decision.auth_data", &c->decision.auth_data));
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(json_get_id(in, "decision.kiosk", MODEL_ID_MAX, &c->kiosk));
    TRY(wire_get_word(in, "decision.port", 0, &c->port));
    TRY(json_get_bytes(in, "decision.sig", SIG_MAX, &c->decision.sig));
    TRY(json_get_str(in, "decision.statement", WIRE_STATEMENT_MAX, &c->decision.statement));
    return wire_get_word_opt(in, "decision.switch", &c->presence_switch);
}

void wire_decision_put(struct json_out *o, const struct wire_command *c)
{
    wire_put_auth_data(o, c->decision.auth_data);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_str(o, "kiosk", c->kiosk);
    json_put_str(o, "port", c->port);
    json_put_bytes(o, "sig", c->decision.sig);
    json_put_str(o, "statement", c->decision.statement);
    wire_put_opt(o, "switch", c->presence_switch);
}
