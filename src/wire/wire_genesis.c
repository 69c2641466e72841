/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

enum { SIG_MAX = 1024 };

static CS_RESULT get_signature(struct json_in *in, struct genesis_signature *s)
{
    TRY(json_item_object(in, "signature"));
    TRY(wire_get_auth_data(in, "signature.auth_data", &s->auth_data));
    TRY(json_get_sha256(in, "signature.credential", s->credential_sha256.b));
    TRY(json_get_id(in, "signature.person", MODEL_ID_MAX, &s->person));
    TRY(json_get_bytes(in, "signature.sig", SIG_MAX, &s->sig));
    return json_close(in, "signature");
}

CS_RESULT wire_genesis_get(struct json_in *in, struct wire_command *c)
{
    struct genesis *g = &c->genesis;

    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(json_get_id(in, "genesis.kiosk", MODEL_ID_MAX, &c->kiosk));
    TRY(json_get_array(in, "genesis.signatures"));
    while (json_more(in)) {
        ENSURE(g->signature_count < GENESIS_SIGNATURES_MAX, CS_E_FULL, "genesis.signatures");
        TRY(get_signature(in, &g->signatures[g->signature_count]));
        g->signature_count++;
    }
    TRY(json_close_array(in, "genesis.signatures"));
    return json_get_str(in, "genesis.statement", WIRE_STATEMENT_MAX, &g->statement);
}

void wire_genesis_put(struct json_out *o, const struct wire_command *c)
{
    const struct genesis *g = &c->genesis;

    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_str(o, "kiosk", c->kiosk);
    json_put_array(o, "signatures");
    for (size_t i = 0; i < g->signature_count; i++) {
        const struct genesis_signature *s = &g->signatures[i];
        json_put_object(o, NULL);
        wire_put_auth_data(o, s->auth_data);
        json_put_hex(o, "credential", sha256_span(&s->credential_sha256));
        json_put_str(o, "person", s->person);
        json_put_bytes(o, "sig", s->sig);
        json_put_close(o);
    }
    json_put_close(o);
    json_put_str(o, "statement", g->statement);
}
