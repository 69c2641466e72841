/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_events.h"

#include "base/base_text.h"
#include "model/model_take.h"

#define INDEX_MAX ((uint64_t)JSON_INT_MAX)

static CS_RESULT finish(struct json_in *in, const char *what)
{
    TRY(json_close(in, what));
    return json_end(in, what);
}

static CS_RESULT finish_out(struct json_out *o, const char *what)
{
    json_put_close(o);
    return json_out_end(o, what);
}

CS_RESULT model_decision_decode(struct span body, struct arena *arena, struct decision *ret_decision)
{
    struct json_in in = json_in_make(body, arena);
    struct decision d = {0};

    TRY(json_open(&in, "decision"));
    TRY(model_take_auth_data(&in, "decision.auth_data", &d.auth_data));
    TRY(model_take_bytes(&in, "decision.sig", MODEL_SIG_LEAST, MODEL_SIG_MAX, &d.sig));
    TRY(json_get_str(&in, "decision.statement", MODEL_STATEMENT_MAX, &d.statement));
    TRY(finish(&in, "decision"));
    *ret_decision = d;
    return CS_SUCCESS;
}

CS_RESULT model_decision_encode(const struct decision *d, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_put_auth_data(&o, d->auth_data);
    json_put_bytes(&o, "sig", d->sig);
    json_put_str(&o, "statement", d->statement);
    return finish_out(&o, "decision");
}

CS_RESULT model_effect_decode(struct span body, struct arena *arena, struct effect *ret_effect)
{
    struct json_in in = json_in_make(body, arena);
    struct effect e = {0};

    TRY(json_open(&in, "effect"));
    TRY(json_get_uint(&in, "effect.prev", INDEX_MAX, &e.prev));
    TRY(json_get_uint(&in, "effect.request", INDEX_MAX, &e.request));
    TRY(json_get_sha256(&in, "effect.sha256", e.sha256.b));
    TRY(finish(&in, "effect"));
    *ret_effect = e;
    return CS_SUCCESS;
}

CS_RESULT model_effect_encode(const struct effect *e, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "prev", e->prev);
    json_put_uint(&o, "request", e->request);
    json_put_hex(&o, "sha256", sha256_span(&e->sha256));
    return finish_out(&o, "effect");
}

CS_RESULT model_withdraw_decode(struct span body, struct arena *arena, struct withdraw *ret_withdraw)
{
    struct json_in in = json_in_make(body, arena);
    struct withdraw x = {0};

    TRY(json_open(&in, "withdraw"));
    TRY(model_take_text(&in, "withdraw.reason", 0, MODEL_FIELD_MAX, &x.reason));
    TRY(json_get_uint(&in, "withdraw.request", INDEX_MAX, &x.request));
    TRY(finish(&in, "withdraw"));
    *ret_withdraw = x;
    return CS_SUCCESS;
}

CS_RESULT model_withdraw_encode(const struct withdraw *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_str(&o, "reason", x->reason);
    json_put_uint(&o, "request", x->request);
    return finish_out(&o, "withdraw");
}

CS_RESULT model_expire_decode(struct span body, struct arena *arena, struct expire *ret_expire)
{
    struct json_in in = json_in_make(body, arena);
    struct expire x = {0};

    TRY(json_open(&in, "expire"));
    TRY(json_get_uint(&in, "expire.request", INDEX_MAX, &x.request));
    TRY(finish(&in, "expire"));
    *ret_expire = x;
    return CS_SUCCESS;
}

CS_RESULT model_expire_encode(const struct expire *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "request", x->request);
    return finish_out(&o, "expire");
}

CS_RESULT model_escalate_decode(struct span body, struct arena *arena, struct escalate *ret_escalate)
{
    struct json_in in = json_in_make(body, arena);
    struct escalate x = {0};

    TRY(json_open(&in, "escalate"));
    TRY(json_get_uint(&in, "escalate.request", INDEX_MAX, &x.request));
    TRY(json_get_id(&in, "escalate.rule", MODEL_ID_MAX, &x.rule));
    TRY(json_get_id(&in, "escalate.to", MODEL_ID_MAX, &x.to));
    TRY(finish(&in, "escalate"));
    *ret_escalate = x;
    return CS_SUCCESS;
}

CS_RESULT model_escalate_encode(const struct escalate *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "request", x->request);
    json_put_str(&o, "rule", x->rule);
    json_put_str(&o, "to", x->to);
    return finish_out(&o, "escalate");
}

/* True, or left out. */
static CS_RESULT take_rollback(struct json_in *in, struct redeem *x)
{
    if (json_next_is(in, "redeem.rollback")) {
        TRY(json_get_bool(in, "redeem.rollback", &x->rollback));
        ENSURE(x->rollback, CS_E_RANGE, "redeem.rollback");
    }
    return CS_SUCCESS;
}

CS_RESULT model_redeem_decode(struct span body, struct arena *arena, struct redeem *ret_redeem)
{
    struct json_in in = json_in_make(body, arena);
    struct redeem x = {0};

    TRY(json_open(&in, "redeem"));
    TRY(model_take_digests(&in, "redeem.artifacts", 0, x.artifacts, &x.artifact_count));
    TRY(model_take_digest_if(&in, "redeem.config_sha256", &x.has_config, &x.config_sha256));
    TRY(json_get_str(&in, "redeem.envelope", MODEL_ENVELOPE_MAX, &x.envelope));
    TRY(model_take_digest_if(&in, "redeem.plan_sha256", &x.has_plan, &x.plan_sha256));
    TRY(json_get_uint(&in, "redeem.request", INDEX_MAX, &x.request));
    TRY(take_rollback(&in, &x));
    TRY(finish(&in, "redeem"));
    *ret_redeem = x;
    return CS_SUCCESS;
}

CS_RESULT model_redeem_encode(const struct redeem *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    model_put_digests(&o, "artifacts", x->artifacts, x->artifact_count);
    model_put_digest_if(&o, "config_sha256", x->has_config, &x->config_sha256);
    json_put_str(&o, "envelope", x->envelope);
    model_put_digest_if(&o, "plan_sha256", x->has_plan, &x->plan_sha256);
    json_put_uint(&o, "request", x->request);
    if (x->rollback) {
        json_put_bool(&o, "rollback", true);
    }
    return finish_out(&o, "redeem");
}

CS_RESULT model_outcome_decode(struct span body, struct arena *arena, struct outcome *ret_outcome)
{
    struct json_in in = json_in_make(body, arena);
    struct outcome x = {0};
    struct span word = SPAN_NONE;

    TRY(json_open(&in, "outcome"));
    TRY(json_get_time(&in, "outcome.finished", &x.finished_ms));
    TRY(model_take_id_or_empty(&in, "outcome.incident", MODEL_ACCOUNT_MAX, &x.incident));
    TRY(json_get_uint(&in, "outcome.request", INDEX_MAX, &x.request));
    TRY(json_get_str(&in, "outcome.result", MODEL_ID_MAX, &word));
    TRY(request_status_decode(word, &x.result, "outcome.result"));
    ENSURE(x.result == STATUS_SUCCEEDED || x.result == STATUS_FAILED || x.result == STATUS_ROLLED_BACK, CS_E_UNKNOWN,
           "outcome.result");
    TRY(json_get_time(&in, "outcome.started", &x.started_ms));
    ENSURE(x.started_ms <= x.finished_ms, CS_E_RANGE, "outcome.finished");
    TRY(model_take_id_if(&in, "outcome.trigger", MODEL_ID_MAX, &x.trigger));
    ENSURE(x.trigger.left == 0 || x.result == STATUS_FAILED, CS_E_STATE, "outcome.trigger");
    TRY(finish(&in, "outcome"));
    *ret_outcome = x;
    return CS_SUCCESS;
}

CS_RESULT model_outcome_encode(const struct outcome *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_time(&o, "finished", x->finished_ms);
    json_put_str(&o, "incident", x->incident);
    json_put_uint(&o, "request", x->request);
    json_put_text(&o, "result", request_status_text(x->result));
    json_put_time(&o, "started", x->started_ms);
    model_put_id_if(&o, "trigger", x->trigger);
    return finish_out(&o, "outcome");
}

CS_RESULT model_access_decode(struct span body, struct arena *arena, struct access_note *ret_access)
{
    struct json_in in = json_in_make(body, arena);
    struct access_note x = {0};

    TRY(json_open(&in, "access"));
    TRY(json_get_id(&in, "access.code", MODEL_ID_MAX, &x.code));
    TRY(json_get_uint(&in, "access.count", INDEX_MAX, &x.count));
    ENSURE(x.count >= 1, CS_E_RANGE, "access.count");
    TRY(model_take_digest_if(&in, "access.credential", &x.has_credential, &x.credential_sha256));
    TRY(model_take_id_or_empty(&in, "access.person", MODEL_ID_MAX, &x.person));
    x.has_request = json_next_is(&in, "access.request");
    if (x.has_request) {
        TRY(json_get_uint(&in, "access.request", INDEX_MAX, &x.request));
    }
    TRY(finish(&in, "access"));
    *ret_access = x;
    return CS_SUCCESS;
}

CS_RESULT model_access_encode(const struct access_note *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_str(&o, "code", x->code);
    json_put_uint(&o, "count", x->count);
    model_put_digest_if(&o, "credential", x->has_credential, &x->credential_sha256);
    json_put_str(&o, "person", x->person);
    if (x->has_request) {
        json_put_uint(&o, "request", x->request);
    }
    return finish_out(&o, "access");
}

CS_RESULT model_boot_decode(struct span body, struct arena *arena, struct boot *ret_boot)
{
    struct json_in in = json_in_make(body, arena);
    struct boot x = {0};

    TRY(json_open(&in, "boot"));
    TRY(model_take_printable(&in, "boot.version", 1, MODEL_ID_MAX, &x.version));
    TRY(finish(&in, "boot"));
    *ret_boot = x;
    return CS_SUCCESS;
}

CS_RESULT model_boot_encode(const struct boot *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_str(&o, "version", x->version);
    return finish_out(&o, "boot");
}

CS_RESULT model_clock_decode(struct span body, struct arena *arena, struct clock_note *ret_clock)
{
    struct json_in in = json_in_make(body, arena);
    struct clock_note x = {0};

    TRY(json_open(&in, "clock"));
    TRY(json_get_uint(&in, "clock.back_ms", INDEX_MAX, &x.back_ms));
    TRY(finish(&in, "clock"));
    *ret_clock = x;
    return CS_SUCCESS;
}

CS_RESULT model_clock_encode(const struct clock_note *x, struct writer *w)
{
    struct json_out o = json_out_make(w);

    json_put_object(&o, NULL);
    json_put_uint(&o, "back_ms", x->back_ms);
    return finish_out(&o, "clock");
}
