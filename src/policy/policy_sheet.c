/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_sheet.h"

#include "policy/policy_emergency.h"
#include "policy/policy_freeze.h"
#include "policy/policy_grant.h"
#include "policy/policy_match.h"
#include "policy/policy_sheet_in.h"

enum { DEFAULT_SIGN_BY_S = 86400, DEFAULT_USE_BY_S = 14400 };

static const struct span officers = {(const uint8_t *)"officers", 8};
static const struct span officer = {(const uint8_t *)"officer", 7};

static CS_RESULT add_fields(struct builder *b, const struct policy_rule *rule)
{
    for (size_t i = 0; i < rule->field_count; i++) {
        const struct span value = policy_value(b->sheet->in.deploy, rule->fields[i]);
        const bool met = value.left > 0;
        TRY(policy_line_add(b, &(struct sheet_line){.kind = SHEET_FIELD,
                                                    .rule = rule->id,
                                                    .id = rule->fields[i],
                                                    .value = met ? SPAN_LIT("given") : SPAN_LIT("missing"),
                                                    .limit = SPAN_LIT("required"),
                                                    .state = met ? SHEET_MET : SHEET_MISSING,
                                                    .reason = met ? REASON_OK : REASON_MISSING_FIELD}));
    }
    return CS_SUCCESS;
}

static CS_RESULT add_word(struct builder *b, const struct policy_rule *rule, enum sheet_kind kind, struct span id,
                          bool met)
{
    return policy_line_add(b,
                           &(struct sheet_line){.kind = kind,
                                                .rule = rule->id,
                                                .id = id,
                                                .value = met ? SPAN_LIT("given") : SPAN_LIT("missing"),
                                                .limit = kind == SHEET_BIND ? SPAN_LIT("bound") : SPAN_LIT("separate"),
                                                .state = met ? SHEET_MET : SHEET_MISSING,
                                                .reason = met ? REASON_OK : REASON_MISSING_FIELD});
}

static CS_RESULT add_words(struct builder *b, const struct policy_rule *rule)
{
    const struct deploy_content *d = b->sheet->in.deploy;
    static const struct {
        uint32_t bit;
        struct span id;
    } separate[] = {
        {SEPARATE_AUTHORS, {(const uint8_t *)"authors", 7}},
        {SEPARATE_INITIATOR, {(const uint8_t *)"initiator", 9}},
        {SEPARATE_POLICY_EDITOR, {(const uint8_t *)"policy_editor", 13}},
        {SEPARATE_TRIGGER, {(const uint8_t *)"trigger", 7}},
    };
    for (size_t i = 0; i < sizeof(separate) / sizeof(separate[0]); i++) {
        if ((rule->separate & separate[i].bit) != 0) {
            TRY(add_word(b, rule, SHEET_SEPARATE, separate[i].id, true));
        }
    }
    if ((rule->bind & BIND_ARTIFACTS) != 0) {
        TRY(add_word(b, rule, SHEET_BIND, SPAN_LIT("artifacts"), d->artifact_count > 0));
    }
    if ((rule->bind & BIND_CONFIG) != 0) {
        const bool back = d->rollback == NULL || d->rollback->has_config;
        TRY(add_word(b, rule, SHEET_BIND, SPAN_LIT("config"), d->has_config && back));
    }
    if ((rule->bind & BIND_PLAN) != 0) {
        const bool back = d->rollback == NULL || d->rollback->has_plan;
        TRY(add_word(b, rule, SHEET_BIND, SPAN_LIT("plan"), d->has_plan && back));
    }
    b->sheet->separate |= rule->separate;
    return CS_SUCCESS;
}

/* Which keys sign. That each asks for its PIN or fingerprint is so anyway; it is said where a policy says it. */
static CS_RESULT add_tokens(struct builder *b, const struct policy_rule *rule)
{
    const struct {
        bool asked;
        struct span id;
    } words[] = {{rule->token_attested, SPAN_LIT("attested")}, {rule->token_verification, SPAN_LIT("verification")}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (words[i].asked) {
            TRY(policy_line_add(b, &(struct sheet_line){.kind = SHEET_TOKEN,
                                                        .rule = rule->id,
                                                        .id = words[i].id,
                                                        .value = SPAN_LIT("every signature"),
                                                        .limit = SPAN_LIT("required"),
                                                        .state = SHEET_MET,
                                                        .reason = REASON_OK}));
        }
    }
    b->sheet->attested = b->sheet->attested || rule->token_attested;
    return CS_SUCCESS;
}

static CS_RESULT add_number(struct builder *b, const struct policy_rule *rule, enum sheet_kind kind, struct span id,
                            uint64_t v)
{
    if (v == 0) {
        return CS_SUCCESS;
    }
    return policy_line_add(b, &(struct sheet_line){.kind = kind,
                                                   .rule = rule->id,
                                                   .id = id,
                                                   .state = SHEET_MET,
                                                   .reason = REASON_OK,
                                                   .count = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX});
}

static uint64_t least(uint64_t have, uint64_t asked)
{
    return asked != 0 && (have == 0 || asked < have) ? asked : have;
}

static CS_RESULT add_numbers(struct builder *b, const struct policy_rule *rule)
{
    struct sheet *s = b->sheet;

    TRY(add_number(b, rule, SHEET_REASON, SPAN_LIT("approve"), rule->reason_approve_min));
    TRY(add_number(b, rule, SHEET_REASON, SPAN_LIT("reject"), rule->reason_reject_min));
    TRY(add_number(b, rule, SHEET_CLOCK, SPAN_LIT("sign_by"), rule->sign_by_s));
    TRY(add_number(b, rule, SHEET_CLOCK, SPAN_LIT("use_by"), rule->use_by_s));
    s->reason_approve_min =
        rule->reason_approve_min > s->reason_approve_min ? rule->reason_approve_min : s->reason_approve_min;
    s->reason_reject_min =
        rule->reason_reject_min > s->reason_reject_min ? rule->reason_reject_min : s->reason_reject_min;
    s->sign_by_s = least(s->sign_by_s, rule->sign_by_s);
    s->use_by_s = least(s->use_by_s, rule->use_by_s);
    return CS_SUCCESS;
}

CS_RESULT policy_rules_add(struct builder *b, const struct policy_doc *doc)
{
    for (size_t i = 0; i < doc->rule_count; i++) {
        const struct policy_rule *rule = &doc->rules[i];
        if (!policy_matches(rule, b->sheet->in.deploy)) {
            continue;
        }
        TRY(add_fields(b, rule));
        TRY(add_words(b, rule));
        TRY(policy_source_add(b, rule, doc->version));
        TRY(add_numbers(b, rule));
        TRY(policy_evidence_add(b, rule, doc->version));
        TRY(add_tokens(b, rule));
    }
    TRY(policy_windows_add(b, doc));
    TRY(policy_promotion_add(b, doc));
    return policy_rule_seats_add(b, doc);
}

/* Policy and roster are changed by officers alone, under the larger threshold. Who signs is an officer before and
 * after, because nobody may decide about their own roles. */
static CS_RESULT add_officers(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;
    uint32_t need = in->in_force->doc.officers_threshold;
    const uint32_t before = in->opened_under->doc.officers_threshold;
    need = before > need ? before : need;
    if (in->kind == KIND_POLICY) {
        struct policy_doc doc;
        TRY(model_policy_decode(in->policy->policy, b->arena, &doc));
        need = doc.officers_threshold > need ? doc.officers_threshold : need;
    }
    const struct policy_rule rule = {.id = officers};
    TRY(add_word(b, &rule, SHEET_SEPARATE, SPAN_LIT("initiator"), true));
    TRY(add_word(b, &rule, SHEET_SEPARATE, SPAN_LIT("subject"), true));
    TRY(add_number(b, &rule, SHEET_CLOCK, SPAN_LIT("sign_by"), in->in_force->doc.officers_sign_by_s));
    b->sheet->separate = SEPARATE_INITIATOR;
    b->sheet->sign_by_s = in->in_force->doc.officers_sign_by_s;
    return policy_line_add(
        b, &(struct sheet_line){.kind = SHEET_SEAT, .rule = officers, .id = officers, .role = officer, .count = need});
}

bool policy_line_passes(const struct sheet_line *line)
{
    return line->state == SHEET_MET || line->state == SHEET_WAIVED;
}

static bool any_moves(const struct sheet *s)
{
    size_t i = 0;
    while (i < s->count && !s->lines[i].moves) {
        i++;
    }
    return i < s->count;
}

static CS_RESULT add_lines(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;

    switch (in->kind) {
    case KIND_DEPLOY:
        TRY(policy_rules_add(b, &in->opened_under->doc));
        TRY(in->in_force != in->opened_under ? policy_rules_add(b, &in->in_force->doc) : CS_SUCCESS);
        return policy_freeze_add(b);
    case KIND_THAW:
        return policy_thaw_add(b);
    case KIND_POLICY:
    case KIND_ROSTER:
    case KIND_ACCESS_REVIEW:
        return add_officers(b);
    case KIND_WAIVER:
        return policy_waiver_lines(b);
    case KIND_DELEGATE:
        return policy_delegate_lines(b);
    case KIND_EMERGENCY:
    case KIND_REVIEW:
    case KIND_VOUCHER:
    case KIND_NONE:
    case KIND_COUNT:
        break;
    }
    return policy_emergency_lines(b);
}

static bool is_complete(const struct sheet *s)
{
    size_t i = 0;
    while (i < s->count && (s->lines[i].kind == SHEET_SEAT || policy_line_passes(&s->lines[i]))) {
        i++;
    }
    return i == s->count;
}

/* Of its own: officers, a freeze, an owner. */
static size_t lines_most(const struct sheet_input *in)
{
    enum { OWN = 16 };
    size_t n = OWN + policy_rules_lines(&in->opened_under->doc) + policy_emergency_lines_most(in);
    n += in->in_force != in->opened_under ? policy_rules_lines(&in->in_force->doc) : 0;
    return n;
}

CS_RESULT policy_sheet(const struct sheet_input *in, struct arena *arena, struct sheet *ret_sheet)
{
    struct sheet s = {.in = *in, .until_ms = UINT64_MAX};
    struct builder b = {.arena = arena, .sheet = &s};

    TRY(policy_lines_make(&b, lines_most(in)));
    TRY(add_lines(&b));
    TRY(policy_seats_order(&b));
    TRY(policy_lines_limits(&b));
    TRY(policy_promotion_look(&b));
    s.lines = b.lines;
    s.count = b.count;
    s.sign_by_s = s.sign_by_s != 0 ? s.sign_by_s : DEFAULT_SIGN_BY_S;
    s.use_by_s = s.use_by_s != 0 ? s.use_by_s : DEFAULT_USE_BY_S;
    policy_lines_sort(&s);
    if (in->digest != NULL && !any_moves(&s)) {
        s.digest = *in->digest;
    } else {
        TRY(policy_sheet_digest(&s));
    }
    policy_emergency_fresh(&s);
    TRY(policy_seats_fill(&s, arena)); /* which asks for the digest */
    s.complete = is_complete(&s);
    *ret_sheet = s;
    return CS_SUCCESS;
}

struct verdict policy_sheet_said(const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        const bool later = l->kind >= SHEET_SOURCE && l->kind <= SHEET_FREEZE;
        if (!later && l->kind != SHEET_SEAT && !policy_line_passes(l)) {
            return VERDICT_DENY(l->reason);
        }
    }
    return VERDICT_ALLOW;
}

struct verdict policy_sheet_complete(const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        if (l->kind != SHEET_SEAT && !policy_line_passes(l)) {
            return VERDICT_DENY(l->reason);
        }
    }
    return sheet->complete ? VERDICT_ALLOW : VERDICT_DENY(REASON_MISSING_FIELD);
}

struct verdict policy_sheet_signable(const struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        if (l->kind != SHEET_SEAT && l->kind != SHEET_WINDOW && !policy_line_passes(l)) {
            return VERDICT_DENY(l->reason);
        }
    }
    return VERDICT_ALLOW;
}

struct verdict policy_sheet_met(const struct sheet *sheet)
{
    const struct verdict v = policy_sheet_complete(sheet);
    if (!v.allow) {
        return v;
    }
    return sheet->seats_full ? VERDICT_ALLOW : VERDICT_DENY(REASON_TOO_FEW_SIGNED);
}

/* As a redeem will be judged. */
static struct verdict usable(const struct state_request *q, const struct sheet *sheet)
{
    if (q->grant == NULL) {
        return policy_sheet_met(sheet);
    }
    const struct sheet_input *in = &sheet->in;
    return in->deploy != NULL ? policy_grant_stands(in->state, q, in->deploy, sheet) : VERDICT_ALLOW;
}

enum request_status policy_status(const struct state_request *q, const struct sheet *sheet)
{
    bool frozen = false;
    for (size_t i = 0; i < sheet->count; i++) {
        frozen = frozen || (sheet->lines[i].kind == SHEET_FREEZE && !policy_line_passes(&sheet->lines[i]));
    }
    if (q->status == STATUS_ELIGIBLE && !policy_sheet_signable(sheet).allow) {
        return frozen ? STATUS_PAUSED : STATUS_BLOCKED;
    }
    if (q->status != STATUS_APPROVED) {
        return q->status;
    }
    return usable(q, sheet).allow ? q->status : STATUS_PAUSED;
}

CS_RESULT policy_sheet_about(const struct state *s, const struct emergency_content *content, struct arena *arena,
                             struct sheet_input *in)
{
    struct emergency_case *x = arena_alloc(arena, sizeof(*x));

    ENSURE(x != NULL, CS_E_NOMEM, "sheet.emergency");
    TRY(policy_emergency_look(s, content, arena, x));
    in->emergency = x;
    in->deploy = x->deploy;
    return CS_SUCCESS;
}

CS_RESULT policy_sheet_loaded(const struct state *s, const struct state_request *q, const struct state_loaded *l,
                              struct arena *arena, struct sheet *ret_sheet)
{
    return policy_sheet_at(s, q, l, s->time_ms, arena, ret_sheet);
}

CS_RESULT policy_sheet_at(const struct state *s, const struct state_request *q, const struct state_loaded *l,
                          uint64_t now_ms, struct arena *arena, struct sheet *ret_sheet)
{
    /* the digest it was opened with was judged then, and stays right as long as no other policy adds lines; that of an
     * emergency goes with the budget */
    const bool unchanged = state_words(q)->opened_under == s->policy && q->kind != KIND_EMERGENCY;
    struct sheet_input in = {.kind = q->kind,
                             .deploy = l->deploy,
                             .policy = l->policy,
                             .roster = l->roster,
                             .voucher = l->voucher,
                             .review = l->review,
                             .open = q->open,
                             .thaw = l->thaw,
                             .delegate = l->delegate,
                             .access_review = l->access_review,
                             .content = l->request.content,
                             .state = s,
                             .index = q->index,
                             .opened_ms = q->opened_ms,
                             .steps = q->steps,
                             .step_count = q->step_count,
                             .now_ms = now_ms,
                             .opened_under = state_words(q)->opened_under,
                             .in_force = s->policy,
                             .decisions = q->decisions,
                             .decision_count = q->decision_count,
                             .settled = q->approved_ms > 0,
                             .digest = unchanged ? &l->request.sheet_sha256 : NULL};
    if (l->emergency != NULL) {
        TRY(policy_sheet_about(s, l->emergency, arena, &in));
    }
    if (l->waiver != NULL) {
        TRY(policy_sheet_waiver(s, l->waiver, now_ms, arena, &in));
    }
    if (l->review != NULL) {
        in.debt = state_emergency_find(s, l->review->emergency);
    }
    return policy_sheet(&in, arena, ret_sheet);
}

CS_RESULT policy_sheet_of(const struct state *s, const struct state_request *q, struct arena *arena,
                          struct sheet *ret_sheet)
{
    struct state_loaded l = {0};

    TRY(state_load(q, arena, &l));
    TRY(policy_sheet_loaded(s, q, &l, arena, ret_sheet));
    ret_sheet->in.digest = NULL; /* it pointed into l */
    return CS_SUCCESS;
}
