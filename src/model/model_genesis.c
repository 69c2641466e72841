/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_events.h"
#include "model/model_take.h"

static CS_RESULT take_signature(struct json_in *in, struct genesis_signature *ret_signature)
{
    struct genesis_signature s = {0};

    TRY(json_item_object(in, "genesis.signatures"));
    TRY(model_take_auth_data(in, "signature.auth_data", &s.auth_data));
    TRY(json_get_sha256(in, "signature.credential", s.credential_sha256.b));
    TRY(json_get_id(in, "signature.person", MODEL_ID_MAX, &s.person));
    TRY(model_take_bytes(in, "signature.sig", MODEL_SIG_LEAST, MODEL_SIG_MAX, &s.sig));
    TRY(json_close(in, "genesis.signatures"));
    *ret_signature = s;
    return CS_SUCCESS;
}

CS_RESULT model_genesis_decode(struct span body, struct arena *arena, struct genesis *ret_genesis)
{
    struct json_in in = json_in_make(body, arena);
    struct genesis g = {0};

    TRY(json_open(&in, "genesis"));
    TRY(json_get_array(&in, "genesis.signatures"));
    while (json_more(&in)) {
        ENSURE(g.signature_count < GENESIS_SIGNATURES_MAX, CS_E_RANGE, "genesis.signatures");
        TRY(take_signature(&in, &g.signatures[g.signature_count]));
        g.signature_count++;
    }
    TRY(json_close_array(&in, "genesis.signatures"));
    TRY(json_get_str(&in, "genesis.statement", MODEL_STATEMENT_MAX, &g.statement));
    TRY(json_close(&in, "genesis"));
    TRY(json_end(&in, "genesis"));
    *ret_genesis = g;
    return CS_SUCCESS;
}

CS_RESULT model_genesis_encode(const struct genesis *g, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_array(&o, "signatures");
    for (size_t i = 0; i < g->signature_count; i++) {
        const struct genesis_signature *s = &g->signatures[i];
        json_put_object(&o, NULL);
        model_put_auth_data(&o, s->auth_data);
        json_put_hex(&o, "credential", sha256_span(&s->credential_sha256));
        json_put_str(&o, "person", s->person);
        json_put_bytes(&o, "sig", s->sig);
        json_put_close(&o);
    }
    json_put_close(&o);
    json_put_str(&o, "statement", g->statement);
    json_put_close(&o);
    return json_out_end(&o, "genesis");
}

CS_RESULT model_genesis_statement_decode(struct span text, struct arena *arena, struct genesis_statement *ret_statement)
{
    struct json_in in = json_in_make(text, arena);
    struct genesis_statement g = {0};

    TRY(json_open(&in, "genesis"));
    TRY(model_changes_get(&in, "genesis.changes", &g.changes));
    TRY(json_get_time(&in, "genesis.created", &g.created_ms));
    TRY(model_take_bytes(&in, "genesis.log_key", MODEL_LOG_KEY_BYTES, MODEL_LOG_KEY_BYTES, &g.log_key));
    TRY(json_get_id(&in, "genesis.origin", MODEL_ACCOUNT_MAX, &g.origin));
    /* the origin names the log's key, and a key name has no plus (signed-note) */
    ENSURE(memchr(g.origin.p, '+', g.origin.left) == NULL, CS_E_SYNTAX, "genesis.origin");
    TRY(model_take_bytes(&in, "genesis.outcome_key", MODEL_SPKI_BYTES, MODEL_SPKI_BYTES, &g.outcome_key));
    TRY(model_take_raw_object(&in, "genesis.policy", &g.policy));
    TRY(json_get_id(&in, "genesis.rp_id", MODEL_ACCOUNT_MAX, &g.rp_id));
    TRY(model_take_version(&in, "genesis.v"));
    TRY(json_close(&in, "genesis"));
    TRY(json_end(&in, "genesis"));
    *ret_statement = g;
    return CS_SUCCESS;
}

CS_RESULT model_genesis_statement_encode(const struct genesis_statement *g, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_changes_put(&o, "changes", &g->changes);
    json_put_time(&o, "created", g->created_ms);
    json_put_bytes(&o, "log_key", g->log_key);
    json_put_str(&o, "origin", g->origin);
    json_put_bytes(&o, "outcome_key", g->outcome_key);
    json_put_raw(&o, "policy", g->policy);
    json_put_str(&o, "rp_id", g->rp_id);
    json_put_int(&o, "v", 1);
    json_put_close(&o);
    return json_out_end(&o, "genesis");
}
