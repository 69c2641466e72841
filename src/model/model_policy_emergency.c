/* SPDX-License-Identifier: Apache-2.0 */
/* The member `emergency` of a policy document. Source: docs/formats/policy.md. */
#include "base/base_text.h"
#include "model/model_policy_in.h"
#include "model/model_take.h"

static const char *const anchors[] = {
    [ANCHOR_NONE] = "none", [ANCHOR_CVE] = "cve", [ANCHOR_DATE] = "date", [ANCHOR_INCIDENT] = "incident"};

const char *policy_anchor_text(enum policy_anchor a)
{
    return (size_t)a < sizeof(anchors) / sizeof(anchors[0]) ? anchors[a] : anchors[ANCHOR_NONE];
}

static CS_RESULT take_anchor(struct json_in *in, enum policy_anchor *ret_anchor)
{
    struct span word = SPAN_NONE;

    TRY(json_get_str(in, "kind.anchor", MODEL_ID_MAX, &word));
    for (size_t i = ANCHOR_NONE + 1; i < sizeof(anchors) / sizeof(anchors[0]); i++) {
        if (span_is(word, anchors[i])) {
            *ret_anchor = (enum policy_anchor)i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, "kind.anchor");
}

static CS_RESULT take_kind(struct json_in *in, struct policy_emergency_kind *k)
{
    const struct model_set names = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_item_object(in, "emergency.kinds"));
    TRY(take_anchor(in, &k->anchor));
    TRY(model_take_set_arena(in, "kind.change_types", names, &k->change_types, &k->change_type_count));
    TRY(model_take_set_arena(in, "kind.environments", names, &k->environments, &k->environment_count));
    TRY(json_get_id(in, "kind.id", MODEL_ID_MAX, &k->id));
    return json_close(in, "emergency.kinds");
}

/* Sorted by id, distinct: one spelling. */
static CS_RESULT take_kinds(struct json_in *in, struct policy_emergency *e)
{
    TRY(json_get_array(in, "emergency.kinds"));
    TRY(model_count_items(in, "emergency.kinds", &e->kind_count));
    ENSURE(e->kind_count >= 1 && e->kind_count <= POLICY_KINDS_MAX, CS_E_RANGE, "emergency.kinds");
    e->kinds = arena_array(in->arena, e->kind_count, sizeof(*e->kinds));
    ENSURE(e->kinds != NULL, CS_E_NOMEM, "emergency.kinds");
    for (size_t i = 0; i < e->kind_count; i++) {
        TRY(take_kind(in, &e->kinds[i]));
        const int order = i > 0 ? span_cmp(e->kinds[i - 1].id, e->kinds[i].id) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "kind.id");
    }
    return json_close_array(in, "emergency.kinds");
}

static CS_RESULT take_seat(struct json_in *in, bool vouchers, struct policy_seat *s)
{
    uint64_t count = 0;

    TRY(json_item_object(in, "emergency.seats"));
    TRY(json_get_uint(in, "seat.count", POLICY_COUNT_MAX, &count));
    ENSURE(count >= 1, CS_E_RANGE, "seat.count");
    s->count = (uint32_t)count;
    TRY(model_policy_part_id(in, "seat.id", &s->id));
    TRY(json_get_id(in, "seat.role", MODEL_ID_MAX, &s->role));
    TRY(json_get_bool(in, "seat.self", &s->self));
    if (vouchers) {
        TRY(json_get_bool(in, "seat.voucher", &s->voucher));
    }
    return json_close(in, "emergency.seats");
}

static CS_RESULT take_seats(struct json_in *in, const char *what, bool vouchers, struct policy_seats *ret_seats)
{
    struct policy_seats s = {0};

    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &s.count));
    ENSURE(s.count >= 1 && s.count <= POLICY_SEATS_MAX, CS_E_RANGE, what);
    s.item = arena_array(in->arena, s.count, sizeof(*s.item));
    ENSURE(s.item != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < s.count; i++) {
        TRY(take_seat(in, vouchers, &s.item[i]));
        for (size_t k = 0; k < i; k++) {
            ENSURE(!span_eq(s.item[k].id, s.item[i].id), CS_E_DUPLICATE, "seat.id");
        }
    }
    *ret_seats = s;
    return json_close_array(in, what);
}

static CS_RESULT take_count(struct json_in *in, const char *what, uint64_t least, uint64_t most, uint32_t *ret_count)
{
    uint64_t v = 0;
    TRY(json_get_uint(in, what, most, &v));
    ENSURE(v >= least, CS_E_RANGE, what);
    *ret_count = (uint32_t)v;
    return CS_SUCCESS;
}

static CS_RESULT take_budget(struct json_in *in, struct policy_emergency *e)
{
    e->has_budget = json_next_is(in, "emergency.budget");
    if (!e->has_budget) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "emergency.budget"));
    TRY(take_count(in, "budget.count", 0, POLICY_NAMES_MAX, &e->budget_count));
    TRY(take_seats(in, "budget.over", false, &e->over));
    TRY(model_policy_seconds(in, "budget.per_s", &e->budget_per_s));
    return json_close(in, "emergency.budget");
}

static CS_RESULT take_presence(struct json_in *in, struct policy_emergency *e)
{
    const struct model_set ports = {.min = 2, .max = POLICY_PORTS_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_get_object(in, "emergency.presence"));
    TRY(model_take_set_arena(in, "presence.ports", ports, &e->ports, &e->port_count));
    TRY(json_get_bool(in, "presence.switch", &e->presence_switch));
    TRY(take_count(in, "presence.tokens", 2, POLICY_COUNT_MAX, &e->tokens));
    TRY(model_policy_seconds(in, "presence.window_s", &e->window_s));
    ENSURE(e->window_s <= POLICY_WINDOW_MAX, CS_E_RANGE, "presence.window_s");
    return json_close(in, "emergency.presence");
}

/* They are keys of a JSON object, so they are spelled as such. */
static CS_RESULT check_field(struct span name)
{
    bool good = name.left >= 1 && name.left <= JSON_KEY_MAX && name.p[0] >= 'a' && name.p[0] <= 'z';
    for (size_t i = 1; good && i < name.left; i++) {
        const uint8_t c = name.p[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    ENSURE(good, CS_E_SYNTAX, "review.fields");
    return CS_SUCCESS;
}

static CS_RESULT take_review(struct json_in *in, struct policy_emergency *e)
{
    const struct model_set fields = {.min = 1, .max = MODEL_DOCS_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_get_object(in, "emergency.review"));
    TRY(model_policy_seconds(in, "review.due_s", &e->review_due_s));
    TRY(model_take_set_arena(in, "review.fields", fields, &e->review_fields, &e->review_field_count));
    for (size_t i = 0; i < e->review_field_count; i++) {
        TRY(check_field(e->review_fields[i]));
    }
    TRY(take_seats(in, "review.seats", false, &e->review));
    return json_close(in, "emergency.review");
}

/* People over all seats, and of those the ones that neither a voucher nor who asks can fill. */
static CS_RESULT check_people(const struct policy_emergency *e)
{
    uint32_t people = 0;
    uint32_t present = 0;
    uint32_t others = 0;
    bool vouchers = false;

    for (size_t i = 0; i < e->seats.count; i++) {
        const struct policy_seat *s = &e->seats.item[i];
        people += s->count;
        present += s->voucher ? 0U : s->count;
        others += s->self ? 0U : s->count;
        vouchers = vouchers || s->voucher;
    }
    ENSURE(people >= e->tokens, CS_E_RANGE, "presence.tokens");
    ENSURE(present >= 1, CS_E_RANGE, "emergency.seats");           /* a voucher alone grants nothing */
    ENSURE(others >= 1, CS_E_RANGE, "emergency.seats");            /* nor does who asks */
    ENSURE(people <= e->port_count, CS_E_RANGE, "presence.ports"); /* each token has a port of its own */
    ENSURE(vouchers == (e->voucher_life_s > 0), CS_E_MISSING, "emergency.voucher_life_s");
    for (size_t i = 0; i < e->over.count; i++) {
        for (size_t k = 0; k < e->seats.count; k++) {
            ENSURE(!span_eq(e->over.item[i].id, e->seats.item[k].id), CS_E_DUPLICATE, "budget.over");
        }
        people += e->over.item[i].count;
    }
    ENSURE(people <= e->port_count, CS_E_RANGE, "presence.ports");
    return CS_SUCCESS;
}

static CS_RESULT take_emergency(struct json_in *in, struct policy_emergency *e)
{
    const struct model_set people = {.min = 2, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_get_object(in, "policy.emergency"));
    TRY(take_budget(in, e));
    TRY(take_count(in, "emergency.justification_min", 1, MODEL_FIELD_MAX, &e->justification_min));
    TRY(take_kinds(in, e));
    if (json_next_is(in, "emergency.people")) {
        TRY(model_take_set_arena(in, "emergency.people", people, &e->people, &e->person_count));
    }
    TRY(take_presence(in, e));
    TRY(take_review(in, e));
    TRY(take_seats(in, "emergency.seats", true, &e->seats));
    TRY(model_policy_seconds(in, "emergency.sign_by_s", &e->sign_by_s));
    TRY(json_get_bool(in, "emergency.untrusted_clock", &e->untrusted_clock));
    TRY(model_policy_seconds(in, "emergency.use_by_s", &e->use_by_s));
    if (json_next_is(in, "emergency.voucher_life_s")) {
        TRY(model_policy_seconds(in, "emergency.voucher_life_s", &e->voucher_life_s));
    }
    TRY(json_close(in, "policy.emergency"));
    return check_people(e);
}

CS_RESULT model_policy_emergency_if(struct json_in *in, const struct policy_emergency **ret_emergency)
{
    if (!json_next_is(in, "policy.emergency")) {
        return CS_SUCCESS;
    }
    struct policy_emergency *e = arena_alloc(in->arena, sizeof(*e));
    ENSURE(e != NULL, CS_E_NOMEM, "policy.emergency");
    TRY(take_emergency(in, e));
    *ret_emergency = e;
    return CS_SUCCESS;
}

static CS_RESULT check_roles(const struct policy_doc *doc, const struct policy_seats *seats)
{
    for (size_t i = 0; i < seats->count; i++) {
        ENSURE(model_policy_has_role(doc, seats->item[i].role), CS_E_UNKNOWN, "seat.role");
    }
    return CS_SUCCESS;
}

CS_RESULT model_policy_emergency_check(const struct policy_doc *doc)
{
    const struct policy_emergency *e = doc->emergency;

    if (e == NULL) {
        return CS_SUCCESS;
    }
    for (size_t i = 0; i < e->kind_count; i++) {
        const struct policy_emergency_kind *k = &e->kinds[i];
        for (size_t n = 0; n < k->environment_count; n++) {
            ENSURE(model_policy_has_environment(doc, k->environments[n]), CS_E_UNKNOWN, "kind.environments");
        }
        for (size_t n = 0; n < k->change_type_count; n++) {
            ENSURE(model_policy_has_change_type(doc, k->change_types[n]), CS_E_UNKNOWN, "kind.change_types");
        }
    }
    TRY(check_roles(doc, &e->seats));
    TRY(check_roles(doc, &e->over));
    return check_roles(doc, &e->review);
}
