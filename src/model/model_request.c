/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_request.h"

#include "base/base_text.h"
#include "model/model_take.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

enum { IDEMPOTENCY_KEY_MAX = 128 };

static CS_RESULT take_revision(struct json_in *in, struct request *q)
{
    q->revises_set = json_next_is(in, "request.revises");
    if (q->revises_set) {
        TRY(json_get_uint(in, "request.revises", INDEX_MAX, &q->revises));
    }
    TRY(json_get_uint(in, "request.revision", INDEX_MAX, &q->revision));
    ENSURE(q->revises_set ? q->revision > 1 : q->revision == 1, CS_E_RANGE, "request.revision");
    return CS_SUCCESS;
}

CS_RESULT model_request_decode(struct span body, struct arena *arena, struct request *ret_request)
{
    struct json_in in = json_in_make(body, arena);
    struct request q = {0};
    struct span word = SPAN_NONE;

    TRY(json_open(&in, "request"));
    TRY(json_get_sha256(&in, "request.body_sha256", q.body_sha256.b));
    TRY(model_take_raw_object(&in, "request.content", &q.content));
    TRY(model_history_take(&in, &q.history, &q.history_count));
    TRY(model_take_printable(&in, "request.idempotency_key", 1, IDEMPOTENCY_KEY_MAX, &q.idempotency_key));
    TRY(json_get_str(&in, "request.kind", MODEL_ID_MAX, &word));
    TRY(request_kind_decode(word, &q.kind, "request.kind"));
    ENSURE(q.history_count == 0 || q.kind == KIND_DEPLOY, CS_E_UNKNOWN, "request.history");
    TRY(json_get_uint(&in, "request.policy", INDEX_MAX, &q.policy));
    TRY(take_revision(&in, &q));
    TRY(json_get_uint(&in, "request.roster", INDEX_MAX, &q.roster));
    TRY(json_get_sha256(&in, "request.sheet_sha256", q.sheet_sha256.b));
    TRY(json_close(&in, "request"));
    TRY(json_end(&in, "request"));
    *ret_request = q;
    return CS_SUCCESS;
}

CS_RESULT model_request_encode(const struct request *q, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_hex(&o, "body_sha256", sha256_span(&q->body_sha256));
    json_put_raw(&o, "content", q->content);
    model_history_put(&o, "history", q->history, q->history_count);
    json_put_str(&o, "idempotency_key", q->idempotency_key);
    json_put_text(&o, "kind", request_kind_text(q->kind));
    json_put_uint(&o, "policy", q->policy);
    if (q->revises_set) {
        json_put_uint(&o, "revises", q->revises);
    }
    json_put_uint(&o, "revision", q->revision);
    json_put_uint(&o, "roster", q->roster);
    json_put_hex(&o, "sheet_sha256", sha256_span(&q->sheet_sha256));
    json_put_close(&o);
    return json_out_end(&o, "request");
}

CS_RESULT model_policy_content_decode(struct span content, struct arena *arena, struct policy_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct policy_content c = {0};

    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_open(&in, "content"));
    TRY(json_get_id(&in, "content.initiator", MODEL_ACCOUNT_MAX, &c.initiator));
    TRY(model_take_raw_object(&in, "content.policy", &c.policy));
    TRY(model_take_text(&in, "content.reason", 0, MODEL_FIELD_MAX, &c.reason));
    TRY(model_take_text(&in, "content.title", 1, MODEL_TITLE_MAX, &c.title));
    TRY(json_close(&in, "content"));
    TRY(json_end(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_policy_content_encode(const struct policy_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_str(&o, "initiator", c->initiator);
    json_put_raw(&o, "policy", c->policy);
    json_put_str(&o, "reason", c->reason);
    json_put_str(&o, "title", c->title);
    json_put_close(&o);
    return json_out_end(&o, "content");
}

CS_RESULT model_roster_content_decode(struct span content, struct arena *arena, struct roster_content *ret_content)
{
    struct json_in in = json_in_make(content, arena);
    struct roster_content c = {0};

    ENSURE(content.left <= MODEL_CONTENT_MAX, CS_E_FULL, "content");
    TRY(json_open(&in, "content"));
    TRY(model_changes_get(&in, "content.changes", &c.changes));
    TRY(json_get_id(&in, "content.initiator", MODEL_ACCOUNT_MAX, &c.initiator));
    TRY(model_take_text(&in, "content.reason", 0, MODEL_FIELD_MAX, &c.reason));
    TRY(model_take_text(&in, "content.title", 1, MODEL_TITLE_MAX, &c.title));
    TRY(json_close(&in, "content"));
    TRY(json_end(&in, "content"));
    *ret_content = c;
    return CS_SUCCESS;
}

CS_RESULT model_roster_content_encode(const struct roster_content *c, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_changes_put(&o, "changes", &c->changes);
    json_put_str(&o, "initiator", c->initiator);
    json_put_str(&o, "reason", c->reason);
    json_put_str(&o, "title", c->title);
    json_put_close(&o);
    return json_out_end(&o, "content");
}
