/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_outcome_get(struct json_in *in, struct wire_command *c)
{
    struct outcome *x = &c->outcome;
    struct span result = SPAN_NONE;

    TRY(json_get_id(in, "outcome.client", MODEL_ID_MAX, &c->client));
    TRY(wire_get_cmd(in));
    TRY(json_get_time(in, "outcome.finished", &x->finished_ms));
    TRY(wire_get_id(in, c));
    TRY(wire_get_word(in, "outcome.incident", 0, &x->incident));
    TRY(wire_get_word(in, "outcome.ip", 1, &c->ip));
    TRY(wire_get_index(in, "outcome.request", &x->request));
    TRY(json_get_str(in, "outcome.result", MODEL_ID_MAX, &result));
    TRY(request_status_decode(result, &x->result, "outcome.result"));
    TRY(json_get_time(in, "outcome.started", &x->started_ms));
    return wire_get_word_opt(in, "outcome.trigger", &x->trigger);
}

void wire_outcome_put(struct json_out *o, const struct wire_command *c)
{
    const struct outcome *x = &c->outcome;

    json_put_str(o, "client", c->client);
    wire_put_cmd(o, c);
    json_put_time(o, "finished", x->finished_ms);
    wire_put_id(o, c);
    json_put_str(o, "incident", x->incident);
    json_put_str(o, "ip", c->ip);
    json_put_uint(o, "request", x->request);
    json_put_text(o, "result", request_status_text(x->result));
    json_put_time(o, "started", x->started_ms);
    wire_put_opt(o, "trigger", x->trigger);
}
