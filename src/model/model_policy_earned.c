/* SPDX-License-Identifier: Apache-2.0 */
/* Member `earned` of a policy: the only way down. Pure. Source: docs/formats/policy.md. */
#include "model/model_policy_in.h"
#include "model/model_policy_when.h"
#include "model/model_take.h"

static CS_RESULT take_one(struct json_in *in, struct policy_earned *e)
{
    uint64_t count = 0;

    TRY(json_item_object(in, "policy.earned"));
    TRY(json_get_uint(in, "earned.count", POLICY_COUNT_MAX, &count));
    ENSURE(count >= 1, CS_E_RANGE, "earned.count");
    e->count = (uint32_t)count;
    TRY(model_policy_part_id(in, "earned.rule", &e->rule));
    TRY(model_policy_part_id(in, "earned.seat", &e->seat));
    TRY(model_when_take(in, "earned.when", &e->when, &e->when_count));
    ENSURE(e->when_count >= 1, CS_E_MISSING, "earned.when");
    return json_close(in, "policy.earned");
}

CS_RESULT model_policy_earned_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.earned")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.earned"));
    TRY(model_count_items(in, "policy.earned", &doc->earned_count));
    ENSURE(doc->earned_count >= 1 && doc->earned_count <= POLICY_SEATS_MAX, CS_E_RANGE, "policy.earned");
    doc->earned = arena_array(in->arena, doc->earned_count, sizeof(*doc->earned));
    ENSURE(doc->earned != NULL, CS_E_NOMEM, "policy.earned");
    for (size_t i = 0; i < doc->earned_count; i++) {
        TRY(take_one(in, &doc->earned[i]));
    }
    return json_close_array(in, "policy.earned");
}

static const struct policy_seat *find_seat(const struct policy_doc *doc, const struct policy_earned *e)
{
    for (size_t i = 0; i < doc->rule_count; i++) {
        const struct policy_rule *rule = &doc->rules[i];
        for (size_t k = 0; span_eq(rule->id, e->rule) && k < rule->seat_count; k++) {
            if (span_eq(rule->seats[k].id, e->seat)) {
                return &rule->seats[k];
            }
        }
    }
    return NULL;
}

/* It must ask for fewer people than the seat does, and only of how things went: what a request says of itself is no
 * merit. */
static CS_RESULT check_one(struct policy_doc *doc, const struct policy_earned *e)
{
    const struct policy_seat *seat = find_seat(doc, e);

    ENSURE(seat != NULL, CS_E_UNKNOWN, "earned.seat");
    const bool whole = seat->quorum == QUORUM_MAJORITY || seat->quorum == QUORUM_TWO_THIRDS;
    ENSURE(whole || e->count < seat->count, CS_E_RANGE, "earned.count");
    for (size_t i = 0; i < e->when_count; i++) {
        for (size_t k = 0; k < e->when[i].any_count; k++) {
            ENSURE(e->when[i].any[k].window_s != 0, CS_E_TYPE, "earned.when");
        }
    }
    return model_when_windows(doc, e->when, e->when_count);
}

CS_RESULT model_policy_earned_check(struct policy_doc *doc)
{
    for (size_t i = 0; i < doc->earned_count; i++) {
        const struct policy_earned *e = &doc->earned[i];
        for (size_t k = 0; k < i; k++) {
            const bool same = span_eq(doc->earned[k].rule, e->rule) && span_eq(doc->earned[k].seat, e->seat);
            ENSURE(!same, CS_E_DUPLICATE, "earned.seat");
        }
        TRY(check_one(doc, e));
    }
    return CS_SUCCESS;
}
