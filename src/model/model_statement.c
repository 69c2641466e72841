/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_text.h"
#include "model/model_events.h"
#include "model/model_take.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

static CS_RESULT take_anchor(struct json_in *in, struct statement *s)
{
    TRY(json_get_object(in, "statement.anchor"));
    TRY(model_take_root(in, "anchor.root", &s->anchor_root));
    TRY(json_get_uint(in, "anchor.size", INDEX_MAX, &s->anchor_size));
    return json_close(in, "statement.anchor");
}

static CS_RESULT take_request(struct json_in *in, struct statement *s)
{
    TRY(json_get_object(in, "statement.request"));
    TRY(json_get_uint(in, "request.index", INDEX_MAX, &s->request_index));
    TRY(json_get_sha256(in, "request.leaf_sha256", s->request_leaf_sha256.b));
    TRY(json_get_uint(in, "request.revision", INDEX_MAX, &s->request_revision));
    return json_close(in, "statement.request");
}

static CS_RESULT take_policy(struct json_in *in, struct statement *s)
{
    TRY(json_get_object(in, "statement.policy"));
    TRY(json_get_uint(in, "policy.index", INDEX_MAX, &s->policy_index));
    TRY(json_get_sha256(in, "policy.sha256", s->policy_sha256.b));
    return json_close(in, "statement.policy");
}

/* anchor … kind: members up to the one that says whether environment may stand. */
static CS_RESULT take_first_half(struct json_in *in, struct statement *s)
{
    struct span word = SPAN_NONE;

    TRY(take_anchor(in, s));
    TRY(json_get_sha256(in, "statement.credential", s->credential_sha256.b));
    TRY(json_get_str(in, "statement.decision", MODEL_ID_MAX, &word));
    TRY(decision_word_decode(word, &s->decision, "statement.decision"));
    if (json_next_is(in, "statement.delegation")) {
        s->has_delegation = true;
        TRY(json_get_uint(in, "statement.delegation", INDEX_MAX, &s->delegation));
    }
    if (json_next_is(in, "statement.environment")) {
        TRY(json_get_id(in, "statement.environment", MODEL_ID_MAX, &s->environment));
    }
    TRY(json_get_time(in, "statement.expires_at", &s->expires_at_ms));
    TRY(json_get_time(in, "statement.issued_at", &s->issued_at_ms));
    ENSURE(s->expires_at_ms > s->issued_at_ms && s->expires_at_ms - s->issued_at_ms <= MODEL_STATEMENT_LIFE_MS,
           CS_E_RANGE, "statement.expires_at");
    TRY(json_get_str(in, "statement.kind", MODEL_ID_MAX, &word));
    TRY(request_kind_decode(word, &s->kind, "statement.kind"));
    ENSURE(request_kind_deploys(s->kind) == (s->environment.left > 0), CS_E_MISSING, "statement.environment");
    return CS_SUCCESS;
}

static CS_RESULT take_nonce(struct json_in *in, struct statement *s)
{
    struct span text = SPAN_NONE;

    TRY(json_get_str(in, "statement.nonce", 22, &text));
    return text_base64url_exact(text, s->nonce, MODEL_NONCE_BYTES, "statement.nonce");
}

static CS_RESULT take_second_half(struct json_in *in, struct statement *s)
{
    TRY(json_get_id(in, "statement.kiosk", MODEL_ID_MAX, &s->kiosk));
    TRY(take_nonce(in, s));
    TRY(json_get_id(in, "statement.origin", MODEL_ACCOUNT_MAX, &s->origin));
    TRY(json_get_id(in, "statement.person", MODEL_ID_MAX, &s->person));
    TRY(take_policy(in, s));
    TRY(model_take_digest_if(in, "statement.previous", &s->has_previous, &s->previous));
    TRY(model_take_text(in, "statement.reason", 0, MODEL_FIELD_MAX, &s->reason));
    TRY(take_request(in, s));
    TRY(json_get_uint(in, "statement.roster", INDEX_MAX, &s->roster_index));
    TRY(json_get_id(in, "statement.seat", MODEL_SEAT_MAX, &s->seat));
    TRY(json_get_sha256(in, "statement.sheet_sha256", s->sheet_sha256.b));
    TRY(model_take_digests(in, "statement.subject", 1, s->subject, &s->subject_count));
    return model_take_version(in, "statement.v");
}

CS_RESULT model_statement_decode(struct span text, struct arena *arena, struct statement *ret_statement)
{
    struct json_in in = json_in_make(text, arena);
    struct statement s = {0};

    ENSURE(text.left <= MODEL_STATEMENT_MAX, CS_E_FULL, "statement");
    TRY(json_open(&in, "statement"));
    TRY(take_first_half(&in, &s));
    TRY(take_second_half(&in, &s));
    TRY(json_close(&in, "statement"));
    TRY(json_end(&in, "statement"));
    *ret_statement = s;
    return CS_SUCCESS;
}

static void put_references(struct json_out *o, const struct statement *s)
{
    json_put_object(o, "policy");
    json_put_uint(o, "index", s->policy_index);
    json_put_hex(o, "sha256", sha256_span(&s->policy_sha256));
    json_put_close(o);
    model_put_digest_if(o, "previous", s->has_previous, &s->previous);
    json_put_str(o, "reason", s->reason);
    json_put_object(o, "request");
    json_put_uint(o, "index", s->request_index);
    json_put_hex(o, "leaf_sha256", sha256_span(&s->request_leaf_sha256));
    json_put_uint(o, "revision", s->request_revision);
    json_put_close(o);
    json_put_uint(o, "roster", s->roster_index);
}

CS_RESULT model_statement_encode(const struct statement *s, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_object(&o, "anchor");
    json_put_bytes(&o, "root", sha256_span(&s->anchor_root));
    json_put_uint(&o, "size", s->anchor_size);
    json_put_close(&o);
    json_put_hex(&o, "credential", sha256_span(&s->credential_sha256));
    json_put_text(&o, "decision", decision_word_text(s->decision));
    if (s->has_delegation) {
        json_put_uint(&o, "delegation", s->delegation);
    }
    if (s->environment.left > 0) {
        json_put_str(&o, "environment", s->environment);
    }
    json_put_time(&o, "expires_at", s->expires_at_ms);
    json_put_time(&o, "issued_at", s->issued_at_ms);
    json_put_text(&o, "kind", request_kind_text(s->kind));
    json_put_str(&o, "kiosk", s->kiosk);
    json_put_bytes(&o, "nonce", SPAN_OF(s->nonce));
    json_put_str(&o, "origin", s->origin);
    json_put_str(&o, "person", s->person);
    put_references(&o, s);
    json_put_str(&o, "seat", s->seat);
    json_put_hex(&o, "sheet_sha256", sha256_span(&s->sheet_sha256));
    model_put_digests(&o, "subject", s->subject, s->subject_count);
    json_put_int(&o, "v", 1);
    json_put_close(&o);
    return json_out_end(&o, "statement");
}
