/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy says of people: who must be on duty, who may stand in for whom. */
#include "model/model_policy_in.h"
#include "model/model_take.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

struct span model_policy_duty(const struct policy_doc *doc, struct span role)
{
    for (size_t i = 0; i < doc->duty_count; i++) {
        if (span_eq(doc->duties[i].role, role)) {
            return doc->duties[i].roster;
        }
    }
    return SPAN_NONE;
}

static CS_RESULT take_duty(struct json_in *in, struct policy_duty *d)
{
    TRY(json_item_object(in, "policy.duty"));
    TRY(json_get_id(in, "duty.role", MODEL_ID_MAX, &d->role));
    TRY(json_get_id(in, "duty.roster", MODEL_ID_MAX, &d->roster));
    return json_close(in, "policy.duty");
}

CS_RESULT model_policy_duty_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.duty")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.duty"));
    TRY(model_count_items(in, "policy.duty", &doc->duty_count));
    ENSURE(doc->duty_count >= 1 && doc->duty_count <= POLICY_NAMES_MAX, CS_E_RANGE, "policy.duty");
    doc->duties = arena_array(in->arena, doc->duty_count, sizeof(*doc->duties));
    ENSURE(doc->duties != NULL, CS_E_NOMEM, "policy.duty");
    for (size_t i = 0; i < doc->duty_count; i++) {
        TRY(take_duty(in, &doc->duties[i]));
        const int order = i > 0 ? span_cmp(doc->duties[i - 1].role, doc->duties[i].role) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "duty.role");
    }
    return json_close_array(in, "policy.duty");
}

const struct policy_delegation *model_policy_delegation(const struct policy_doc *doc, struct span role)
{
    for (size_t i = 0; i < doc->delegation_count; i++) {
        if (span_eq(doc->delegations[i].role, role)) {
            return &doc->delegations[i];
        }
    }
    return NULL;
}

static CS_RESULT take_delegation(struct json_in *in, struct policy_delegation *d)
{
    const struct model_set to = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_item_object(in, "policy.delegation"));
    TRY(model_policy_seconds(in, "delegation.most_s", &d->most_s));
    TRY(json_get_id(in, "delegation.role", MODEL_ID_MAX, &d->role));
    TRY(model_take_set_arena(in, "delegation.to", to, &d->to, &d->to_count));
    return json_close(in, "policy.delegation");
}

CS_RESULT model_policy_delegation_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.delegation")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.delegation"));
    TRY(model_count_items(in, "policy.delegation", &doc->delegation_count));
    ENSURE(doc->delegation_count >= 1 && doc->delegation_count <= POLICY_NAMES_MAX, CS_E_RANGE, "policy.delegation");
    doc->delegations = arena_array(in->arena, doc->delegation_count, sizeof(*doc->delegations));
    ENSURE(doc->delegations != NULL, CS_E_NOMEM, "policy.delegation");
    for (size_t i = 0; i < doc->delegation_count; i++) {
        struct policy_delegation *d = &doc->delegations[i];
        TRY(take_delegation(in, d));
        const int order = i > 0 ? span_cmp(d[-1].role, d->role) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "delegation.role");
    }
    return json_close_array(in, "policy.delegation");
}

/* A signature about policy and people is nobody's to lend. */
static CS_RESULT check_delegation(const struct policy_doc *doc, const struct policy_delegation *d)
{
    ENSURE(model_policy_has_role(doc, d->role), CS_E_UNKNOWN, "delegation.role");
    ENSURE(!span_eq(d->role, officer), CS_E_RANGE, "delegation.role");
    for (size_t i = 0; i < d->to_count; i++) {
        ENSURE(model_policy_has_role(doc, d->to[i]), CS_E_UNKNOWN, "delegation.to");
    }
    return CS_SUCCESS;
}

/* `on_miss` is not in the compiled form: there is one thing that can happen. */
CS_RESULT model_policy_review_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.access_review")) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "policy.access_review"));
    TRY(model_policy_seconds(in, "access_review.every_s", &doc->access_review.every_s));
    if (json_next_is(in, "access_review.unused_s")) {
        TRY(model_policy_seconds(in, "access_review.unused_s", &doc->access_review.unused_s));
    }
    return json_close(in, "policy.access_review");
}

bool model_policy_directory_governs(const struct policy_doc *doc, struct span role)
{
    return span_among(role, doc->directory.roles, doc->directory.role_count);
}

CS_RESULT model_policy_directory_if(struct json_in *in, struct policy_directory *ret_directory)
{
    const struct model_set roles = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};
    struct policy_directory d = {0};

    if (!json_next_is(in, "policy.directory")) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "policy.directory"));
    TRY(model_policy_seconds(in, "directory.max_stale_s", &d.max_stale_s));
    TRY(model_take_set_arena(in, "directory.roles", roles, &d.roles, &d.role_count));
    TRY(json_get_id(in, "directory.source", MODEL_ID_MAX, &d.source));
    TRY(json_close(in, "policy.directory"));
    *ret_directory = d;
    return CS_SUCCESS;
}

/* Officers make the duty rosters: were they kept out by one, nobody could make another. */
CS_RESULT model_policy_people_check(const struct policy_doc *doc)
{
    for (size_t i = 0; i < doc->duty_count; i++) {
        ENSURE(model_policy_has_role(doc, doc->duties[i].role), CS_E_UNKNOWN, "duty.role");
        ENSURE(!span_eq(doc->duties[i].role, officer), CS_E_RANGE, "duty.role");
    }
    for (size_t i = 0; i < doc->delegation_count; i++) {
        TRY(check_delegation(doc, &doc->delegations[i]));
    }
    for (size_t i = 0; i < doc->directory.role_count; i++) {
        ENSURE(model_policy_has_role(doc, doc->directory.roles[i]), CS_E_UNKNOWN, "directory.roles");
    }
    return CS_SUCCESS;
}
