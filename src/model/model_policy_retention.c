/* SPDX-License-Identifier: Apache-2.0 */
/* Member `retention` of a policy. Pure. */
#include "model/model_policy_in.h"
#include "model/model_take.h"

static CS_RESULT take_classes(struct json_in *in, struct policy_retention *r)
{
    if (!json_next_is(in, "retention.classes")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "retention.classes"));
    TRY(model_count_items(in, "retention.classes", &r->class_count));
    ENSURE(r->class_count >= 1 && r->class_count <= POLICY_FIELDS_MAX, CS_E_RANGE, "retention.classes");
    r->classes = arena_array(in->arena, r->class_count, sizeof(*r->classes));
    ENSURE(r->classes != NULL, CS_E_NOMEM, "retention.classes");
    for (size_t i = 0; i < r->class_count; i++) {
        struct policy_class *c = &r->classes[i];
        TRY(json_item_object(in, "retention.classes"));
        TRY(model_policy_part_id(in, "class.id", &c->id));
        TRY(model_policy_seconds(in, "class.keep_s", &c->keep_s));
        TRY(json_close(in, "retention.classes"));
        const int order = i > 0 ? span_cmp(c[-1].id, c->id) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "class.id");
    }
    return json_close_array(in, "retention.classes");
}

CS_RESULT model_policy_retention_if(struct json_in *in, struct policy_retention *ret_retention)
{
    if (!json_next_is(in, "policy.retention")) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "policy.retention"));
    TRY(take_classes(in, ret_retention));
    TRY(model_policy_seconds(in, "retention.default_s", &ret_retention->default_s));
    return json_close(in, "policy.retention");
}
