/* SPDX-License-Identifier: Apache-2.0 */
/* Who has to come, in which order, and who may come when nobody does: quorum, veto, `after`, escalation, rule tokens.
 * Source: docs/formats/policy.md. */
#include "base/base_text.h"
#include "model/model_policy_in.h"
#include "model/model_policy_when.h"
#include "model/model_take.h"

static const char *const quorums[QUORUM_KINDS] = {[QUORUM_NONE] = "none",
                                                  [QUORUM_COUNT] = "count",
                                                  [QUORUM_MAJORITY] = "majority",
                                                  [QUORUM_TWO_THIRDS] = "two_thirds"};

const char *policy_quorum_text(enum policy_quorum q)
{
    return quorums[(size_t)q < QUORUM_KINDS ? q : QUORUM_NONE];
}

CS_RESULT model_policy_quorum_if(struct json_in *in, struct policy_seat *seat)
{
    struct span word = SPAN_NONE;

    if (!json_next_is(in, "seat.quorum")) {
        return CS_SUCCESS;
    }
    TRY(json_get_str(in, "seat.quorum", MODEL_ID_MAX, &word));
    for (size_t i = QUORUM_NONE + 1; i < QUORUM_KINDS; i++) {
        if (span_is(word, quorums[i])) {
            seat->quorum = (enum policy_quorum)i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, "seat.quorum");
}

CS_RESULT model_policy_veto_if(struct json_in *in, struct policy_seat *seat)
{
    const struct model_set set = {.min = 1, .max = POLICY_VETO_MAX, .id_max = MODEL_ID_MAX};

    if (!json_next_is(in, "seat.veto")) {
        return CS_SUCCESS;
    }
    ENSURE(seat->quorum != QUORUM_NONE, CS_E_MISSING, "seat.quorum");
    return model_take_set_arena(in, "seat.veto", set, &seat->veto, &seat->veto_count);
}

static size_t slash_at(struct span id)
{
    const uint8_t *slash = id.left > 0 ? memchr(id.p, '/', id.left) : NULL;
    return slash != NULL ? (size_t)(slash - id.p) : id.left;
}

struct policy_seat_ref model_policy_after(struct span rule, struct span after)
{
    const size_t at = slash_at(after);

    if (at == after.left) {
        return (struct policy_seat_ref){.rule = rule, .seat = after};
    }
    return (struct policy_seat_ref){.rule = span_make(after.p, at), .seat = span_from(after, at + 1)};
}

CS_RESULT model_policy_after_if(struct json_in *in, struct policy_seat *seat)
{
    if (!json_next_is(in, "seat.after")) {
        return CS_SUCCESS;
    }
    TRY(json_get_id(in, "seat.after", 2 * (size_t)MODEL_ID_MAX + 1, &seat->after));
    const struct policy_seat_ref ref = model_policy_after(SPAN_NONE, seat->after);
    const bool other = ref.seat.left < seat->after.left;
    ENSURE(slash_at(ref.seat) == ref.seat.left, CS_E_SYNTAX, "seat.after");
    TRY(text_id_check(ref.seat, MODEL_ID_MAX, "seat.after"));
    return other ? text_id_check(ref.rule, MODEL_ID_MAX, "seat.after") : CS_SUCCESS;
}

/* --- escalation --- */

static CS_RESULT take_step(struct json_in *in, struct policy_step *ret_step)
{
    struct policy_step step = {0};

    TRY(json_item_object(in, "require.escalate"));
    TRY(model_policy_seconds(in, "escalate.after_s", &step.after_s));
    TRY(json_get_id(in, "escalate.to", MODEL_ID_MAX, &step.to));
    TRY(model_when_take(in, "escalate.when", &step.when, &step.when_count));
    TRY(json_close(in, "require.escalate"));
    *ret_step = step;
    return CS_SUCCESS;
}

static int step_order(const struct policy_step *a, const struct policy_step *b)
{
    if (a->after_s != b->after_s) {
        return a->after_s < b->after_s ? -1 : 1;
    }
    return span_cmp(a->to, b->to);
}

CS_RESULT model_policy_steps_if(struct json_in *in, struct policy_rule *rule)
{
    if (!json_next_is(in, "require.escalate")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "require.escalate"));
    TRY(model_count_items(in, "require.escalate", &rule->step_count));
    ENSURE(rule->step_count >= 1 && rule->step_count <= POLICY_STEPS_MAX, CS_E_RANGE, "require.escalate");
    rule->steps = arena_array(in->arena, rule->step_count, sizeof(*rule->steps));
    ENSURE(rule->steps != NULL, CS_E_NOMEM, "require.escalate");
    for (size_t i = 0; i < rule->step_count; i++) {
        TRY(take_step(in, &rule->steps[i]));
        const int order = i > 0 ? step_order(&rule->steps[i - 1], &rule->steps[i]) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "require.escalate");
    }
    return json_close_array(in, "require.escalate");
}

CS_RESULT model_policy_rule_token_if(struct json_in *in, struct policy_rule *rule)
{
    if (!json_next_is(in, "require.token")) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "require.token"));
    TRY(model_policy_true_if(in, "token.attested", &rule->token_attested));
    TRY(model_policy_true_if(in, "token.verification", &rule->token_verification));
    ENSURE(rule->token_attested || rule->token_verification, CS_E_MISSING, "require.token");
    return json_close(in, "require.token");
}

/* --- what belongs together --- */

static CS_RESULT check_step(const struct policy_doc *doc, const struct policy_step *step)
{
    ENSURE(model_policy_has_role(doc, step->to), CS_E_UNKNOWN, "escalate.to");
    for (size_t i = 0; i < step->when_count; i++) {
        TRY(model_when_check(doc, &step->when[i]));
    }
    return CS_SUCCESS;
}

static CS_RESULT check_names(struct policy_doc *doc, const struct policy_rule *rule)
{
    for (size_t i = 0; i < rule->seat_count; i++) {
        const struct policy_seat *seat = &rule->seats[i];
        doc->has_quorum = doc->has_quorum || seat->quorum != QUORUM_NONE;
        for (size_t k = 0; k < i; k++) {
            ENSURE(!span_eq(rule->seats[k].id, seat->id), CS_E_DUPLICATE, "seat.id");
        }
        for (size_t k = 0; k < seat->veto_count; k++) {
            ENSURE(model_policy_has_role(doc, seat->veto[k]), CS_E_UNKNOWN, "seat.veto");
        }
    }
    doc->has_steps = doc->has_steps || rule->step_count > 0;
    ENSURE(rule->step_count == 0 || rule->seat_count > 0, CS_E_MISSING, "require.seats");
    for (size_t i = 0; i < rule->step_count; i++) {
        TRY(check_step(doc, &rule->steps[i]));
        TRY(model_when_windows(doc, rule->steps[i].when, rule->steps[i].when_count));
    }
    return CS_SUCCESS;
}

/* Every seat of the document, by a number; of each the one that comes before it. */
struct order {
    size_t *first; /* of each rule: the number of its first seat */
    size_t *before;
    size_t *walk; /* by which walk it was come by; 0 for none */
    size_t count;
};
#define NO_SEAT SIZE_MAX

static size_t find_seat(const struct policy_doc *doc, const struct order *o, struct policy_seat_ref ref)
{
    for (size_t i = 0; i < doc->rule_count; i++) {
        const struct policy_rule *rule = &doc->rules[i];
        for (size_t k = 0; span_eq(rule->id, ref.rule) && k < rule->seat_count; k++) {
            if (span_eq(rule->seats[k].id, ref.seat)) {
                return o->first[i] + k;
            }
        }
    }
    return NO_SEAT;
}

static CS_RESULT number_seats(const struct policy_doc *doc, struct arena *arena, struct order *o)
{
    o->first = arena_array(arena, doc->rule_count, sizeof(*o->first));
    ENSURE(doc->rule_count == 0 || o->first != NULL, CS_E_NOMEM, "policy.rules");
    for (size_t i = 0; i < doc->rule_count; i++) {
        o->first[i] = o->count;
        o->count += doc->rules[i].seat_count;
    }
    o->before = arena_array(arena, o->count, sizeof(*o->before));
    o->walk = arena_array(arena, o->count, sizeof(*o->walk));
    ENSURE(o->count == 0 || (o->before != NULL && o->walk != NULL), CS_E_NOMEM, "policy.rules");
    return CS_SUCCESS;
}

static CS_RESULT link_seats(const struct policy_doc *doc, struct order *o)
{
    for (size_t i = 0; i < doc->rule_count; i++) {
        const struct policy_rule *rule = &doc->rules[i];
        for (size_t k = 0; k < rule->seat_count; k++) {
            const struct span after = rule->seats[k].after;
            const struct policy_seat_ref ref = model_policy_after(rule->id, after);
            const bool spelled = ref.seat.left < after.left; /* with its rule: which is another one, */
            ENSURE(!spelled || !span_eq(ref.rule, rule->id), CS_E_SYNTAX, "seat.after"); /* so it has one spelling */
            const size_t before = after.left > 0 ? find_seat(doc, o, ref) : NO_SEAT;
            ENSURE(after.left == 0 || before != NO_SEAT, CS_E_UNKNOWN, "seat.after");
            o->before[o->first[i] + k] = before;
        }
    }
    return CS_SUCCESS;
}

/* Each seat is come by once: a walk that meets itself goes round. */
static CS_RESULT check_order(const struct order *o)
{
    for (size_t i = 0; i < o->count; i++) {
        size_t at = i;
        while (at != NO_SEAT && o->walk[at] == 0) {
            o->walk[at] = i + 1;
            at = o->before[at];
        }
        ENSURE(at == NO_SEAT || o->walk[at] != i + 1, CS_E_ORDER, "seat.after");
    }
    return CS_SUCCESS;
}

CS_RESULT model_policy_route_check(struct policy_doc *doc, struct arena *arena)
{
    struct order o = {0};

    for (size_t i = 0; i < doc->rule_count; i++) {
        TRY(check_names(doc, &doc->rules[i]));
    }
    TRY(number_seats(doc, arena, &o));
    TRY(link_seats(doc, &o));
    return check_order(&o);
}
