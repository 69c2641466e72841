/* SPDX-License-Identifier: Apache-2.0 */
/* The member `evidence` of a rule. Source: docs/formats/policy.md. */
#include "model/model_policy_in.h"
#include "model/model_policy_when.h"
#include "model/model_take.h"

/* Numbers that a file of each kind can say. */
enum { NAMES_MOST = 10 };
static const char *const known[REPORT_KIND_COUNT][NAMES_MOST + 1] = {
    [REPORT_CANARY] = {"gap_s", "window_s"}, /* and least_METRIC, most_METRIC */
    [REPORT_COVERAGE] = {"branch_ppm", "line_ppm"},
    [REPORT_CYCLONEDX] = {"critical", "high", "info", "low", "medium", "suppressed", "unrated"},
    [REPORT_JUNIT] = {"failed", "pass_ppm", "passed", "skipped"},
    [REPORT_MIGRATION] = {"reversible"},
    [REPORT_PLAN] = {"create", "delete", "drift", "forget", "replace", "update"},
    [REPORT_SARIF] = {"critical", "error", "high", "info", "low", "medium", "note", "suppressed", "unrated", "warning"},
};

bool policy_evidence_knows(enum report_kind file, struct span name)
{
    size_t n = 0;
    while ((size_t)file < REPORT_KIND_COUNT && known[file][n] != NULL) {
        n++;
    }
    const bool metric = file == REPORT_CANARY && (model_is_free_member(name, SPAN_LIT("least_")) ||
                                                  model_is_free_member(name, SPAN_LIT("most_")));
    return metric || (n > 0 && model_is_among(name, known[file], n));
}

bool policy_evidence_takes(const struct policy_evidence *e, enum report_kind file)
{
    if (e->kind != REPORT_IAC) {
        return file == e->kind && file != REPORT_NONE;
    }
    return file == REPORT_SARIF || file == REPORT_PLAN;
}

/* Does some file of the line say this number? */
static bool says(const struct policy_evidence *e, struct span name)
{
    for (unsigned k = REPORT_NONE + 1; k < REPORT_KIND_COUNT; k++) {
        if (policy_evidence_takes(e, (enum report_kind)k) && policy_evidence_knows((enum report_kind)k, name)) {
            return true;
        }
    }
    return false;
}

static CS_RESULT take_bound(struct json_in *in, struct policy_limit *l)
{
    static const struct {
        const char *what;
        enum limit_kind kind;
    } forms[] = {{"limit.drop", LIMIT_DROP}, {"limit.ge", LIMIT_GE}, {"limit.le", LIMIT_LE}};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (json_next_is(in, forms[i].what)) {
            l->kind = forms[i].kind;
            return json_get_uint(in, forms[i].what, (uint64_t)JSON_INT_MAX, &l->bound);
        }
    }
    return CS_FAIL(CS_E_MISSING, "limit.le");
}

static CS_RESULT take_limits(struct json_in *in, struct policy_evidence *e)
{
    static const char what[] = "evidence.limits";

    if (!json_next_is(in, what)) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &e->limit_count));
    ENSURE(e->limit_count >= 1 && e->limit_count <= POLICY_LIMITS_MAX, CS_E_RANGE, what);
    e->limits = arena_array(in->arena, e->limit_count, sizeof(*e->limits));
    ENSURE(e->limits != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < e->limit_count; i++) {
        struct policy_limit *l = &e->limits[i];
        TRY(json_item_object(in, what));
        TRY(take_bound(in, l));
        TRY(json_get_id(in, "limit.name", MODEL_ID_MAX, &l->name));
        ENSURE(model_is_free_member(l->name, SPAN_LIT("")), CS_E_SYNTAX, "limit.name");
        TRY(json_close(in, what));
        int order = i > 0 ? span_cmp(l[-1].name, l->name) : -1;
        order = order == 0 ? (int)l[-1].kind - (int)l->kind : order;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "limit.name");
    }
    return json_close_array(in, what);
}

/* "deployed", or left out. */
static CS_RESULT take_deployed(struct json_in *in, const char *what, bool *ret_asked)
{
    struct span word = SPAN_NONE;

    if (json_next_is(in, what)) {
        TRY(json_get_str(in, what, MODEL_ID_MAX, &word));
        ENSURE(span_is(word, "deployed"), CS_E_UNKNOWN, what);
        *ret_asked = true;
    }
    return CS_SUCCESS;
}

static CS_RESULT take_seconds(struct json_in *in, const char *what, uint64_t *ret_seconds)
{
    return json_next_is(in, what) ? model_policy_seconds(in, what, ret_seconds) : CS_SUCCESS;
}

static CS_RESULT take_key(struct json_in *in, struct policy_evidence *e)
{
    if (!json_next_is(in, "evidence.key")) {
        return CS_SUCCESS;
    }
    return model_take_bytes(in, "evidence.key", MODEL_SPKI_BYTES, MODEL_SPKI_BYTES, &e->key);
}

static CS_RESULT take_line(struct json_in *in, struct policy_evidence *e)
{
    struct span word = SPAN_NONE;

    TRY(json_item_object(in, "require.evidence"));
    TRY(take_seconds(in, "evidence.backup_max_age_s", &e->backup_max_age_s));
    TRY(take_deployed(in, "evidence.baseline", &e->baseline));
    TRY(model_take_id_if(in, "evidence.from", MODEL_ID_MAX, &e->from));
    TRY(model_policy_part_id(in, "evidence.id", &e->id));
    TRY(take_key(in, e));
    TRY(json_get_str(in, "evidence.kind", MODEL_ID_MAX, &word));
    TRY(report_kind_decode(word, &e->kind, "evidence.kind"));
    TRY(take_limits(in, e));
    TRY(take_seconds(in, "evidence.max_age_s", &e->max_age_s));
    TRY(take_seconds(in, "evidence.restore_max_age_s", &e->restore_max_age_s));
    TRY(take_deployed(in, "evidence.schema_from", &e->schema_from));
    TRY(model_take_id_if(in, "evidence.waivable_by", MODEL_ID_MAX, &e->waivable_by));
    return json_close(in, "require.evidence");
}

/* What no file of the kind can say would block every request, and what it could not break would be no rule. */
static CS_RESULT check_line(const struct policy_evidence *e)
{
    const bool migration = e->backup_max_age_s > 0 || e->restore_max_age_s > 0 || e->schema_from;

    ENSURE(!migration || e->kind == REPORT_MIGRATION, CS_E_UNKNOWN, "evidence.kind");
    ENSURE((e->from.left > 0) == (e->kind == REPORT_CANARY), CS_E_MISSING, "evidence.from");
    ENSURE((e->key.left > 0) == (e->kind == REPORT_PROVENANCE), CS_E_MISSING, "evidence.key");
    /* it comes and goes, and what people sign does not cover it: no waiver lets it pass behind them, and no old one */
    ENSURE(e->kind != REPORT_CANARY || e->waivable_by.left == 0, CS_E_UNKNOWN, "evidence.waivable_by");
    ENSURE(e->kind != REPORT_CANARY || e->max_age_s > 0, CS_E_MISSING, "evidence.max_age_s");
    const bool findings = e->kind == REPORT_SARIF || e->kind == REPORT_CYCLONEDX || e->kind == REPORT_IAC;
    ENSURE(!e->baseline || findings, CS_E_UNKNOWN, "evidence.baseline");
    for (size_t i = 0; i < e->limit_count; i++) {
        ENSURE(says(e, e->limits[i].name), CS_E_UNKNOWN, "limit.name");
    }
    const bool judged = migration || e->kind == REPORT_PROVENANCE || e->limit_count > 0;
    ENSURE(judged, CS_E_MISSING, "evidence.limits");
    return CS_SUCCESS;
}

CS_RESULT model_policy_evidence_if(struct json_in *in, struct policy_rule *rule)
{
    static const char what[] = "require.evidence";

    if (!json_next_is(in, what)) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &rule->evidence_count));
    ENSURE(rule->evidence_count >= 1 && rule->evidence_count <= POLICY_EVIDENCE_MAX, CS_E_RANGE, what);
    rule->evidence = arena_array(in->arena, rule->evidence_count, sizeof(*rule->evidence));
    ENSURE(rule->evidence != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < rule->evidence_count; i++) {
        struct policy_evidence *e = &rule->evidence[i];
        TRY(take_line(in, e));
        TRY(check_line(e));
        const int order = i > 0 ? span_cmp(e[-1].id, e->id) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "evidence.id");
    }
    return json_close_array(in, what);
}

CS_RESULT model_policy_evidence_check(const struct policy_doc *doc, const struct policy_rule *rule)
{
    for (size_t i = 0; i < rule->evidence_count; i++) {
        const struct policy_evidence *e = &rule->evidence[i];
        const bool role = e->waivable_by.left == 0 || model_policy_has_role(doc, e->waivable_by);
        ENSURE(role, CS_E_UNKNOWN, "evidence.waivable_by");
        const bool from = e->from.left == 0 || model_policy_has_environment(doc, e->from);
        ENSURE(from, CS_E_UNKNOWN, "evidence.from");
    }
    return CS_SUCCESS;
}
