/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_policy.h"

#include "base/base_text.h"
#include "model/model_policy_when.h"
#include "model/model_policy_in.h"
#include "model/model_take.h"

bool model_policy_has_role(const struct policy_doc *doc, struct span role)
{
    return span_among(role, doc->roles, doc->role_count);
}

bool model_policy_has_environment(const struct policy_doc *doc, struct span environment)
{
    return span_among(environment, doc->environments, doc->environment_count);
}

bool model_policy_has_change_type(const struct policy_doc *doc, struct span change_type)
{
    return span_among(change_type, doc->change_types, doc->change_type_count);
}

/* Rule and seat ids are joined by a slash in a seat's full name, so they hold none. */
CS_RESULT model_policy_part_id(struct json_in *in, const char *what, struct span *ret_id)
{
    struct span id = SPAN_NONE;
    TRY(json_get_id(in, what, MODEL_ID_MAX, &id));
    ENSURE(memchr(id.p, '/', id.left) == NULL, CS_E_SYNTAX, what);
    *ret_id = id;
    return CS_SUCCESS;
}

/* "attributes.KEY" or "documentation.KEY". */
bool model_is_free_member(struct span name, struct span prefix)
{
    struct span key = span_from(name, prefix.left);
    bool good = span_starts(name, prefix) && key.left >= 1 && key.p[0] >= 'a' && key.p[0] <= 'z';

    for (size_t i = 1; good && i < key.left; i++) {
        const uint8_t c = key.p[i];
        good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return good;
}

/* A name that no request can have would block every one of them, or match every one: it does not load. */
bool model_policy_is_field(struct span name)
{
    static const char *const fields[] = {"initiator",         "rollback", "service", "source.commit", "source.ref",
                                         "source.repository", "ticket",   "title",   "trigger"};
    return model_is_free_member(name, SPAN_LIT("attributes.")) ||
           model_is_free_member(name, SPAN_LIT("documentation.")) ||
           model_is_among(name, fields, sizeof(fields) / sizeof(fields[0]));
}

struct bit_word {
    const char *word;
    uint32_t bit;
};

/* A sorted set of words, as bits. */
static CS_RESULT take_bits(struct json_in *in, const char *what, const struct bit_word *words, size_t count,
                           uint32_t *ret_bits)
{
    const struct model_set set = {.min = 1, .max = 4, .id_max = MODEL_ID_MAX};
    struct span items[4];
    size_t n = 0;
    uint32_t bits = 0;

    if (!json_next_is(in, what)) {
        return CS_SUCCESS;
    }
    TRY(model_take_set(in, what, set, items, &n));
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < count && !span_is(items[i], words[k].word)) {
            k++;
        }
        ENSURE(k < count, CS_E_UNKNOWN, what);
        bits |= words[k].bit;
    }
    *ret_bits = bits;
    return CS_SUCCESS;
}

static CS_RESULT take_bind(struct json_in *in, uint32_t *ret_bits)
{
    static const struct bit_word words[] = {
        {"artifacts", BIND_ARTIFACTS}, {"config", BIND_CONFIG}, {"plan", BIND_PLAN}};
    return take_bits(in, "require.bind", words, sizeof(words) / sizeof(words[0]), ret_bits);
}

static CS_RESULT take_separate(struct json_in *in, uint32_t *ret_bits)
{
    static const struct bit_word words[] = {{"authors", SEPARATE_AUTHORS},
                                            {"initiator", SEPARATE_INITIATOR},
                                            {"policy_editor", SEPARATE_POLICY_EDITOR},
                                            {"trigger", SEPARATE_TRIGGER}};
    return take_bits(in, "require.separate", words, sizeof(words) / sizeof(words[0]), ret_bits);
}

static CS_RESULT take_fields(struct json_in *in, struct policy_rule *rule)
{
    const struct model_set set = {.min = 1, .max = POLICY_FIELDS_MAX, .id_max = MODEL_ACCOUNT_MAX};

    if (!json_next_is(in, "require.fields")) {
        return CS_SUCCESS;
    }
    TRY(model_take_set_arena(in, "require.fields", set, &rule->fields, &rule->field_count));
    for (size_t i = 0; i < rule->field_count; i++) {
        ENSURE(model_policy_is_field(rule->fields[i]), CS_E_UNKNOWN, "require.fields");
    }
    return CS_SUCCESS;
}

static CS_RESULT take_least(struct json_in *in, const char *what, uint32_t *ret_points)
{
    uint64_t v = 0;
    TRY(json_get_uint(in, what, MODEL_FIELD_MAX, &v));
    *ret_points = (uint32_t)v;
    return CS_SUCCESS;
}

static CS_RESULT take_reason(struct json_in *in, struct policy_rule *rule)
{
    if (!json_next_is(in, "require.reason")) {
        return CS_SUCCESS;
    }
    TRY(json_get_object(in, "require.reason"));
    TRY(take_least(in, "reason.approve", &rule->reason_approve_min));
    TRY(take_least(in, "reason.reject", &rule->reason_reject_min));
    return json_close(in, "require.reason");
}

static CS_RESULT take_seat(struct json_in *in, struct policy_seat *ret_seat)
{
    struct policy_seat seat = {0};
    uint64_t count = 0;

    TRY(json_item_object(in, "require.seats"));
    TRY(model_policy_after_if(in, &seat));
    TRY(json_get_uint(in, "seat.count", POLICY_COUNT_MAX, &count));
    ENSURE(count >= 1, CS_E_RANGE, "seat.count");
    seat.count = (uint32_t)count;
    TRY(model_policy_part_id(in, "seat.id", &seat.id));
    TRY(model_policy_quorum_if(in, &seat));
    TRY(json_get_id(in, "seat.role", MODEL_ID_MAX, &seat.role));
    TRY(model_policy_veto_if(in, &seat));
    TRY(json_close(in, "require.seats"));
    *ret_seat = seat;
    return CS_SUCCESS;
}

static CS_RESULT take_seats(struct json_in *in, struct policy_rule *rule)
{
    if (!json_next_is(in, "require.seats")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "require.seats"));
    TRY(model_count_items(in, "require.seats", &rule->seat_count));
    ENSURE(rule->seat_count >= 1 && rule->seat_count <= POLICY_SEATS_MAX, CS_E_RANGE, "require.seats");
    rule->seats = arena_array(in->arena, rule->seat_count, sizeof(*rule->seats));
    ENSURE(rule->seats != NULL, CS_E_NOMEM, "require.seats");
    for (size_t i = 0; i < rule->seat_count; i++) {
        TRY(take_seat(in, &rule->seats[i]));
    }
    return json_close_array(in, "require.seats");
}

CS_RESULT model_policy_seconds(struct json_in *in, const char *what, uint64_t *ret_seconds)
{
    uint64_t v = 0;
    TRY(json_get_uint(in, what, POLICY_SECONDS_MAX, &v));
    ENSURE(v >= 1, CS_E_RANGE, what);
    *ret_seconds = v;
    return CS_SUCCESS;
}

static CS_RESULT take_seconds_if(struct json_in *in, const char *what, uint64_t *ret_seconds)
{
    return json_next_is(in, what) ? model_policy_seconds(in, what, ret_seconds) : CS_SUCCESS;
}

static CS_RESULT take_require(struct json_in *in, struct policy_rule *rule)
{
    TRY(json_get_object(in, "rule.require"));
    TRY(take_bind(in, &rule->bind));
    TRY(model_policy_steps_if(in, rule));
    TRY(model_policy_evidence_if(in, rule));
    TRY(take_fields(in, rule));
    TRY(take_reason(in, rule));
    TRY(take_seats(in, rule));
    TRY(take_separate(in, &rule->separate));
    TRY(take_seconds_if(in, "require.sign_by_s", &rule->sign_by_s));
    TRY(model_policy_source_if(in, rule));
    TRY(model_policy_ticket_if(in, rule));
    TRY(model_policy_rule_token_if(in, rule));
    TRY(take_seconds_if(in, "require.use_by_s", &rule->use_by_s));
    return json_close(in, "rule.require");
}

static CS_RESULT take_rules(struct json_in *in, struct policy_doc *doc)
{
    TRY(json_get_array(in, "policy.rules"));
    TRY(model_count_items(in, "policy.rules", &doc->rule_count));
    ENSURE(doc->rule_count <= POLICY_RULES_MAX, CS_E_RANGE, "policy.rules"); /* none: only officers can do anything */
    doc->rules = arena_array(in->arena, doc->rule_count, sizeof(*doc->rules));
    ENSURE(doc->rules != NULL, CS_E_NOMEM, "policy.rules");
    for (size_t i = 0; i < doc->rule_count; i++) {
        struct policy_rule *rule = &doc->rules[i];
        TRY(json_item_object(in, "policy.rules"));
        TRY(model_policy_part_id(in, "rule.id", &rule->id));
        TRY(take_require(in, rule));
        TRY(model_when_take(in, "rule.when", &rule->when, &rule->when_count));
        TRY(json_close(in, "policy.rules"));
    }
    return json_close_array(in, "policy.rules");
}

static CS_RESULT check_rule(const struct policy_doc *doc, size_t at)
{
    const struct policy_rule *rule = &doc->rules[at];

    for (size_t i = 0; i < at; i++) {
        ENSURE(!span_eq(doc->rules[i].id, rule->id), CS_E_DUPLICATE, "rule.id");
    }
    for (size_t i = 0; i < rule->seat_count; i++) {
        ENSURE(model_policy_has_role(doc, rule->seats[i].role), CS_E_UNKNOWN, "seat.role");
    }
    for (size_t i = 0; i < rule->when_count; i++) {
        TRY(model_when_check(doc, &rule->when[i]));
    }
    return model_policy_evidence_check(doc, rule);
}

static CS_RESULT take_officers(struct json_in *in, struct policy_doc *doc)
{
    uint64_t threshold = 0;

    TRY(json_get_object(in, "policy.officers"));
    TRY(model_policy_seconds(in, "officers.sign_by_s", &doc->officers_sign_by_s));
    TRY(json_get_uint(in, "officers.threshold", POLICY_COUNT_MAX, &threshold));
    ENSURE(threshold >= 2, CS_E_RANGE, "officers.threshold");
    doc->officers_threshold = (uint32_t)threshold;
    return json_close(in, "policy.officers");
}

static CS_RESULT take_models(struct json_in *in, struct policy_token *t)
{
    const struct model_set set = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = (size_t)2 * MODEL_AAGUID_BYTES};

    if (!json_next_is(in, "token.models")) {
        return CS_SUCCESS;
    }
    TRY(model_take_set_arena(in, "token.models", set, &t->models, &t->model_count));
    for (size_t i = 0; i < t->model_count; i++) {
        uint8_t *raw = arena_alloc(in->arena, MODEL_AAGUID_BYTES);
        ENSURE(raw != NULL, CS_E_NOMEM, "token.models");
        TRY(text_hex_decode(t->models[i], raw, MODEL_AAGUID_BYTES, "token.models"));
        t->models[i] = span_make(raw, MODEL_AAGUID_BYTES);
    }
    return CS_SUCCESS;
}

static CS_RESULT take_issuers(struct json_in *in, struct policy_token *t)
{
    const struct model_set set = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};

    if (!json_next_is(in, "token.issuers")) {
        return CS_SUCCESS;
    }
    return model_take_set_arena(in, "token.issuers", set, &t->issuers, &t->issuer_count);
}

/* Asked for, or left out: it has one spelling. */
CS_RESULT model_policy_true_if(struct json_in *in, const char *what, bool *ret_asked)
{
    if (json_next_is(in, what)) {
        TRY(json_get_bool(in, what, ret_asked));
        ENSURE(*ret_asked, CS_E_RANGE, what);
    }
    return CS_SUCCESS;
}

static CS_RESULT take_token(struct json_in *in, struct policy_token *ret_token)
{
    struct policy_token t = {0};

    TRY(json_item_object(in, "policy.tokens"));
    TRY(model_policy_true_if(in, "token.attested", &t.attested));
    TRY(model_take_id_if(in, "token.certification", MODEL_ID_MAX, &t.certification));
    TRY(take_issuers(in, &t));
    TRY(take_models(in, &t));
    TRY(json_get_id(in, "token.role", MODEL_ID_MAX, &t.role));
    TRY(model_policy_true_if(in, "token.touch", &t.touch));
    TRY(json_close(in, "policy.tokens"));
    const bool asks = t.attested || t.touch || t.certification.left > 0 || t.issuer_count > 0 || t.model_count > 0;
    ENSURE(asks, CS_E_MISSING, "policy.tokens");
    *ret_token = t;
    return CS_SUCCESS;
}

static CS_RESULT take_tokens(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.tokens")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.tokens"));
    TRY(model_count_items(in, "policy.tokens", &doc->token_count));
    ENSURE(doc->token_count >= 1 && doc->token_count <= POLICY_NAMES_MAX, CS_E_RANGE, "policy.tokens");
    doc->tokens = arena_array(in->arena, doc->token_count, sizeof(*doc->tokens));
    ENSURE(doc->tokens != NULL, CS_E_NOMEM, "policy.tokens");
    for (size_t i = 0; i < doc->token_count; i++) {
        struct policy_token *t = &doc->tokens[i];
        TRY(take_token(in, t));
        ENSURE(model_policy_has_role(doc, t->role), CS_E_UNKNOWN, "token.role");
        const int order = i > 0 ? span_cmp(t[-1].role, t->role) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "token.role");
    }
    return json_close_array(in, "policy.tokens");
}

CS_RESULT model_policy_decode(struct span text, struct arena *arena, struct policy_doc *ret_doc)
{
    struct json_in in = json_in_make(text, arena);
    const struct model_set names = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};
    struct policy_doc doc = {0};

    TRY(json_open(&in, "policy"));
    TRY(model_policy_review_if(&in, &doc));
    TRY(model_policy_calendar_if(&in, &doc));
    TRY(model_take_set_arena(&in, "policy.change_types", names, &doc.change_types, &doc.change_type_count));
    TRY(model_policy_delegation_if(&in, &doc));
    TRY(model_policy_directory_if(&in, &doc.directory));
    TRY(model_policy_duty_if(&in, &doc));
    TRY(model_policy_earned_if(&in, &doc));
    TRY(model_policy_emergency_if(&in, &doc.emergency));
    TRY(model_take_set_arena(&in, "policy.environments", names, &doc.environments, &doc.environment_count));
    TRY(model_policy_freeze_if(&in, &doc.freeze));
    TRY(json_get_id(&in, "policy.name", MODEL_ID_MAX, &doc.name));
    TRY(take_officers(&in, &doc));
    TRY(model_policy_promotion_if(&in, &doc));
    TRY(model_policy_retention_if(&in, &doc.retention));
    TRY(model_take_set_arena(&in, "policy.roles", names, &doc.roles, &doc.role_count));
    ENSURE(model_policy_has_role(&doc, SPAN_LIT("officer")), CS_E_MISSING, "policy.roles");
    TRY(take_rules(&in, &doc));
    TRY(take_tokens(&in, &doc));
    TRY(model_take_version(&in, "policy.v"));
    TRY(json_get_uint(&in, "policy.version", (uint64_t)JSON_INT_MAX, &doc.version));
    ENSURE(doc.version >= 1, CS_E_RANGE, "policy.version");
    TRY(model_policy_zones_if(&in, &doc));
    TRY(json_close(&in, "policy"));
    TRY(json_end(&in, "policy"));
    for (size_t i = 0; i < doc.rule_count; i++) {
        TRY(check_rule(&doc, i));
        TRY(model_when_windows(&doc, doc.rules[i].when, doc.rules[i].when_count));
    }
    TRY(model_policy_earned_check(&doc));
    TRY(model_policy_calendar_check(&doc));
    TRY(model_policy_route_check(&doc, arena));
    TRY(model_policy_emergency_check(&doc));
    TRY(model_policy_people_check(&doc));
    *ret_doc = doc;
    return CS_SUCCESS;
}
