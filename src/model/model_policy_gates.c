/* SPDX-License-Identifier: Apache-2.0 */
/* The order of environments of a policy document. Source: docs/formats/policy.md. */
#include "model/model_policy_in.h"
#include "model/model_take.h"

const struct policy_promotion *model_policy_promotion(const struct policy_doc *doc, struct span environment)
{
    for (size_t i = 0; i < doc->promotion_count; i++) {
        if (span_eq(doc->promotions[i].environment, environment)) {
            return &doc->promotions[i];
        }
    }
    return NULL;
}

static CS_RESULT take_promotion(struct json_in *in, struct policy_promotion *ret_promotion)
{
    struct policy_promotion p = {0};

    TRY(json_item_object(in, "policy.promotion"));
    TRY(json_get_id(in, "promotion.after", MODEL_ID_MAX, &p.after));
    TRY(json_get_id(in, "promotion.environment", MODEL_ID_MAX, &p.environment));
    if (json_next_is(in, "promotion.soak_s")) {
        TRY(model_policy_seconds(in, "promotion.soak_s", &p.soak_s));
    }
    TRY(json_close(in, "policy.promotion"));
    *ret_promotion = p;
    return CS_SUCCESS;
}

/* Following `after` from each of them comes to an end. */
static CS_RESULT check_order(const struct policy_doc *doc)
{
    for (size_t i = 0; i < doc->promotion_count; i++) {
        const struct policy_promotion *at = &doc->promotions[i];
        for (size_t steps = 0; at != NULL; steps++) {
            ENSURE(steps < doc->promotion_count, CS_E_ORDER, "promotion.after");
            at = model_policy_promotion(doc, at->after);
        }
    }
    return CS_SUCCESS;
}

CS_RESULT model_policy_promotion_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.promotion")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.promotion"));
    TRY(model_count_items(in, "policy.promotion", &doc->promotion_count));
    ENSURE(doc->promotion_count >= 1 && doc->promotion_count <= POLICY_NAMES_MAX, CS_E_RANGE, "policy.promotion");
    doc->promotions = arena_array(in->arena, doc->promotion_count, sizeof(*doc->promotions));
    ENSURE(doc->promotions != NULL, CS_E_NOMEM, "policy.promotion");
    for (size_t i = 0; i < doc->promotion_count; i++) {
        struct policy_promotion *p = &doc->promotions[i];
        TRY(take_promotion(in, p));
        ENSURE(model_policy_has_environment(doc, p->environment), CS_E_UNKNOWN, "promotion.environment");
        ENSURE(model_policy_has_environment(doc, p->after), CS_E_UNKNOWN, "promotion.after");
        const int order = i > 0 ? span_cmp(p[-1].environment, p->environment) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "promotion.environment");
    }
    TRY(json_close_array(in, "policy.promotion"));
    return check_order(doc);
}
