/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire_kinds.h"

CS_RESULT wire_get_artifacts(struct json_in *in, struct redeem *x)
{
    TRY(json_get_array(in, "presented.artifacts"));
    while (json_more(in)) {
        ENSURE(x->artifact_count < MODEL_ARTIFACTS_MAX, CS_E_FULL, "presented.artifacts");
        struct named_digest *d = &x->artifacts[x->artifact_count++];
        TRY(json_item_object(in, "artifact"));
        TRY(json_get_str(in, "artifact.name", MODEL_FIELD_MAX, &d->name));
        TRY(json_get_sha256(in, "artifact.sha256", d->sha256.b));
        TRY(json_close(in, "artifact"));
    }
    return json_close_array(in, "presented.artifacts");
}

void wire_put_artifacts(struct json_out *o, const struct redeem *x)
{
    json_put_array(o, "artifacts");
    for (size_t i = 0; i < x->artifact_count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "name", x->artifacts[i].name);
        json_put_hex(o, "sha256", sha256_span(&x->artifacts[i].sha256));
        json_put_close(o);
    }
    json_put_close(o);
}

static CS_RESULT get_presented(struct json_in *in, struct redeem *x)
{
    TRY(json_get_object(in, "redeem.presented"));
    TRY(wire_get_artifacts(in, x));
    x->has_config = json_next_is(in, "presented.config_sha256");
    if (x->has_config) {
        TRY(json_get_sha256(in, "presented.config_sha256", x->config_sha256.b));
    }
    x->has_plan = json_next_is(in, "presented.plan_sha256");
    if (x->has_plan) {
        TRY(json_get_sha256(in, "presented.plan_sha256", x->plan_sha256.b));
    }
    return json_close(in, "redeem.presented");
}

CS_RESULT wire_redeem_get(struct json_in *in, struct wire_command *c)
{
    TRY(json_get_id(in, "redeem.client", MODEL_ID_MAX, &c->client));
    TRY(wire_get_cmd(in));
    TRY(wire_get_id(in, c));
    TRY(wire_get_word(in, "redeem.ip", 1, &c->ip));
    TRY(get_presented(in, &c->redeem));
    TRY(wire_get_index(in, "redeem.request", &c->redeem.request));
    if (json_next_is(in, "redeem.rollback")) {
        TRY(json_get_bool(in, "redeem.rollback", &c->redeem.rollback));
        ENSURE(c->redeem.rollback, CS_E_RANGE, "redeem.rollback");
    }
    return CS_SUCCESS;
}

void wire_redeem_put(struct json_out *o, const struct wire_command *c)
{
    const struct redeem *x = &c->redeem;

    json_put_str(o, "client", c->client);
    wire_put_cmd(o, c);
    wire_put_id(o, c);
    json_put_str(o, "ip", c->ip);
    json_put_object(o, "presented");
    wire_put_artifacts(o, x);
    if (x->has_config) {
        json_put_hex(o, "config_sha256", sha256_span(&x->config_sha256));
    }
    if (x->has_plan) {
        json_put_hex(o, "plan_sha256", sha256_span(&x->plan_sha256));
    }
    json_put_close(o);
    json_put_uint(o, "request", x->request);
    if (x->rollback) {
        json_put_bool(o, "rollback", true);
    }
}
