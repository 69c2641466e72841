/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_access_get(struct json_in *in, struct wire_command *c)
{
    struct access_note *n = &c->access.note;

    TRY(wire_get_word(in, "access.actor", 1, &c->access.actor));
    TRY(wire_get_cmd(in));
    TRY(json_get_id(in, "access.code", MODEL_ID_MAX, &n->code));
    TRY(wire_get_index(in, "access.count", &n->count));
    ENSURE(n->count >= 1, CS_E_RANGE, "access.count");
    n->has_credential = json_next_is(in, "access.credential");
    if (n->has_credential) {
        TRY(json_get_sha256(in, "access.credential", n->credential_sha256.b));
    }
    TRY(wire_get_id(in, c));
    TRY(wire_get_word_opt(in, "access.ip", &c->ip));
    TRY(wire_get_word_opt(in, "access.person", &n->person));
    TRY(wire_get_word_opt(in, "access.port", &c->port));
    n->has_request = json_next_is(in, "access.request");
    return n->has_request ? wire_get_index(in, "access.request", &n->request) : CS_SUCCESS;
}

void wire_access_put(struct json_out *o, const struct wire_command *c)
{
    const struct access_note *n = &c->access.note;

    json_put_str(o, "actor", c->access.actor);
    wire_put_cmd(o, c);
    json_put_str(o, "code", n->code);
    json_put_uint(o, "count", n->count);
    if (n->has_credential) {
        json_put_hex(o, "credential", sha256_span(&n->credential_sha256));
    }
    wire_put_id(o, c);
    wire_put_opt(o, "ip", c->ip);
    wire_put_opt(o, "person", n->person);
    wire_put_opt(o, "port", c->port);
    if (n->has_request) {
        json_put_uint(o, "request", n->request);
    }
}
