/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_evidence.h"

#include "policy/policy_match.h"
#include "policy/policy_sheet_in.h"

static bool names(const struct policy_rule *rule, const struct policy_evidence *e, struct span line)
{
    const size_t r = rule->id.left;
    return line.left == r + 1 + e->id.left && span_starts(line, rule->id) && line.p[r] == '/' &&
           span_eq(span_from(line, r + 1), e->id);
}

static const struct policy_evidence *asked_by(const struct policy_doc *doc, const struct deploy_content *d,
                                              struct span line)
{
    for (size_t i = 0; i < doc->rule_count; i++) {
        const struct policy_rule *rule = &doc->rules[i];
        for (size_t k = 0; k < rule->evidence_count; k++) {
            if (names(rule, &rule->evidence[k], line)) {
                return policy_matches(rule, d) ? &rule->evidence[k] : NULL; /* ids of rules are distinct */
            }
        }
    }
    return NULL;
}

struct evidence_asked policy_evidence_asked(const struct sheet_input *in, struct span line)
{
    const struct state_policy *const under[2] = {in->opened_under, in->in_force};
    struct evidence_asked a = {.count = 0};

    for (size_t i = 0; in->deploy != NULL && i < 2; i++) {
        const struct policy_evidence *e = asked_by(&under[i]->doc, in->deploy, line);
        if (e != NULL && (i == 0 || under[1] != under[0])) {
            a.item[a.count++] = e;
        }
    }
    return a;
}

bool policy_evidence_wanted(const struct evidence_asked *a, enum report_kind file)
{
    for (size_t i = 0; i < a->count; i++) {
        if (policy_evidence_takes(a->item[i], file)) {
            return true;
        }
    }
    return false;
}

bool policy_evidence_compares(const struct evidence_asked *a)
{
    bool compares = false;
    for (size_t i = 0; i < a->count; i++) {
        const struct policy_evidence *e = a->item[i];
        compares = compares || e->baseline || e->schema_from;
        for (size_t k = 0; k < e->limit_count; k++) {
            compares = compares || e->limits[k].kind == LIMIT_DROP;
        }
    }
    return compares;
}

/* --- what ran before --- */

static CS_RESULT compare(const struct state_evidence *before, const struct report *r, struct arena *arena,
                         struct report_baseline *b)
{
    struct evidence_note *e = arena_alloc(arena, sizeof(*e));

    ENSURE(e != NULL, CS_E_NOMEM, "evidence.baseline");
    TRY(model_evidence_decode(before->body, arena, e));
    for (size_t i = 0; i < r->finding_count; i++) {
        if (model_report_finding(&e->report, r->findings[i].id) != NULL) {
            b->known[b->known_count++] = (uint32_t)i;
        }
    }
    b->fixed = e->report.finding_count - b->known_count; /* ids are distinct on both sides */
    b->numbers = e->report.numbers;
    b->number_count = e->report.number_count;
    memcpy(b->texts, e->report.texts, sizeof(b->texts));
    b->text_count = e->report.text_count;
    return CS_SUCCESS;
}

CS_RESULT policy_evidence_baseline(const struct sheet_input *in, struct span line, const struct report *r,
                                   struct arena *arena, struct report_baseline *ret_baseline)
{
    const struct evidence_asked a = policy_evidence_asked(in, line);
    const struct state_place *p = state_place_find(in->state, in->deploy->service, in->deploy->environment);

    *ret_baseline = (struct report_baseline){.present = false};
    if (!policy_evidence_compares(&a) || p == NULL || p->count == 0) {
        return CS_SUCCESS;
    }
    const struct state_request *ran = p->ran[p->count - 1];
    ret_baseline->present = true;
    ret_baseline->request = ran->index;
    const struct state_evidence *before = ran->kept != NULL ? state_evidence_find(ran->kept, line, r->kind) : NULL;
    return before != NULL ? compare(before, r, arena, ret_baseline) : CS_SUCCESS;
}

CS_RESULT policy_evidence_fixed(const struct state *s, const struct evidence_note *x, struct arena *arena,
                                const struct report_finding ***ret_findings, size_t *ret_count)
{
    const struct state_request *ran = x->baseline.present ? state_request_find(s, x->baseline.request) : NULL;
    const struct state_evidence *before =
        ran != NULL && ran->kept != NULL ? state_evidence_find(ran->kept, x->line, x->report.kind) : NULL;
    const struct report_finding **gone = NULL;
    size_t count = 0;

    if (before != NULL) {
        struct evidence_note *b = arena_alloc(arena, sizeof(*b));
        ENSURE(b != NULL, CS_E_NOMEM, "evidence.fixed");
        TRY(model_evidence_decode(before->body, arena, b));
        gone = arena_array(arena, b->report.finding_count, sizeof(*gone));
        ENSURE(gone != NULL, CS_E_NOMEM, "evidence.fixed");
        for (size_t i = 0; i < b->report.finding_count; i++) {
            if (model_report_finding(&x->report, b->report.findings[i].id) == NULL) {
                gone[count++] = &b->report.findings[i];
            }
        }
    }
    *ret_findings = gone;
    *ret_count = count;
    return CS_SUCCESS;
}

/* --- lines --- */

bool policy_evidence_is_of(struct span rule, struct span id, struct span line)
{
    const size_t r = rule.left;
    const struct span name = line.left > r + 1 ? span_from(line, r + 1) : SPAN_NONE;
    return name.left > 0 && span_starts(line, rule) && line.p[r] == '/' && span_starts(id, name) &&
           (id.left == name.left || id.p[name.left] == '/');
}

/* --- waivers --- */

bool policy_waives(const struct policy_doc *doc)
{
    bool any = false;
    for (size_t i = 0; i < doc->rule_count; i++) {
        for (size_t k = 0; k < doc->rules[i].evidence_count; k++) {
            any = any || doc->rules[i].evidence[k].waivable_by.left > 0;
        }
    }
    return any;
}

static struct span waivable_by(const struct evidence_asked *a)
{
    struct span role = a->count > 0 ? a->item[0]->waivable_by : SPAN_NONE;
    for (size_t i = 1; i < a->count; i++) { /* the one in force says who; both must let somebody */
        role = role.left > 0 ? a->item[i]->waivable_by : role;
    }
    return role;
}

/* Is every finding in one of the line's files? */
static CS_RESULT all_found(const struct state_open *o, const struct waiver_content *c, struct arena *arena,
                           bool *ret_found)
{
    size_t found = 0;

    for (size_t i = 0; i < o->evidence_count; i++) {
        const struct state_evidence *x = &o->evidence[i];
        if (x->waiver || !span_eq(x->line, c->line)) {
            continue;
        }
        struct evidence_note *e = arena_alloc(arena, sizeof(*e));
        ENSURE(e != NULL, CS_E_NOMEM, "waiver.findings");
        TRY(model_evidence_decode(x->body, arena, e));
        for (size_t k = 0; k < c->finding_count; k++) {
            found += model_report_finding(&e->report, c->findings[k]) != NULL ? 1U : 0U;
        }
    }
    *ret_found = found >= c->finding_count; /* one file has each id once; two are of two kinds, whose ids differ */
    return CS_SUCCESS;
}

static uint64_t newest(const struct state_open *o, struct span line)
{
    uint64_t index = 0;
    for (size_t i = 0; i < o->evidence_count; i++) {
        const struct state_evidence *x = &o->evidence[i];
        index = !x->waiver && span_eq(x->line, line) && x->index > index ? x->index : index;
    }
    return index;
}

static bool on_roster(const struct state *s, struct span id)
{
    const struct state_person *p = state_person_find(s, id);
    return p != NULL && !p->removed;
}

struct verdict policy_waiver_may(const struct state *s, const struct waiver_content *c,
                                 const struct deploy_content *deploy, uint64_t now_ms, struct arena *arena,
                                 struct waiver_ground *ret_ground)
{
    const struct state_request *q = state_request_find(s, c->request);
    bool found = false;

    if (q == NULL || q->kind != KIND_DEPLOY) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (!state_is_live(q->status) || q->open == NULL || deploy == NULL) {
        return VERDICT_DENY(REASON_NOT_OPEN);
    }
    if (!on_roster(s, c->initiator)) {
        return VERDICT_DENY(REASON_UNKNOWN_INITIATOR);
    }
    const struct sheet_input in = {.deploy = deploy, .opened_under = q->open->opened_under, .in_force = s->policy};
    const struct evidence_asked a = policy_evidence_asked(&in, c->line);
    const struct waiver_ground ground = {.role = waivable_by(&a), .stood = newest(q->open, c->line)};
    if (ground.role.left == 0) {
        return VERDICT_DENY(a.count > 0 ? REASON_WAIVER_LINE : REASON_EVIDENCE_LINE);
    }
    const struct cs_result r = all_found(q->open, c, arena, &found);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    if (!found || ground.stood == 0) {
        return VERDICT_DENY(REASON_WAIVER_FINDINGS);
    }
    if (c->expires_ms <= now_ms || c->expires_ms - now_ms > (uint64_t)WAIVER_LIFE_MAX_S * 1000) {
        return VERDICT_DENY(REASON_WAIVER_EXPIRED);
    }
    *ret_ground = ground;
    return VERDICT_ALLOW;
}

CS_RESULT policy_sheet_waiver(const struct state *s, const struct waiver_content *content, uint64_t now_ms,
                              struct arena *arena, struct sheet_input *in)
{
    const struct state_request *q = state_request_find(s, content->request);

    in->waiver = content;
    in->state = s;
    in->now_ms = now_ms;
    if (q == NULL || q->kind != KIND_DEPLOY || q->open == NULL) {
        return CS_SUCCESS;
    }
    struct state_loaded *l = arena_alloc(arena, sizeof(*l));
    ENSURE(l != NULL, CS_E_NOMEM, "sheet.waiver");
    TRY(state_load(q, arena, l));
    in->deploy = l->deploy;
    return CS_SUCCESS;
}

/* Its one seat is its owner's, whom the deployment's own rules would keep apart as well. */
CS_RESULT policy_waiver_lines(struct builder *b)
{
    const struct sheet_input *in = &b->sheet->in;
    static const struct span waiver = {(const uint8_t *)"waiver", 6};
    struct waiver_ground g = {.stood = 0};
    struct verdict v = VERDICT_DENY(REASON_NOT_OPEN);

    if (in->state != NULL) {
        v = policy_waiver_may(in->state, in->waiver, in->deploy, in->now_ms, b->arena, &g);
    }
    ENSURE(v.reason != REASON_NO_ROOM, CS_E_NOMEM, "sheet.waiver");
    b->sheet->separate = SEPARATE_AUTHORS | SEPARATE_INITIATOR | SEPARATE_TRIGGER;
    if (!v.allow) {
        return policy_line_add(b, &(struct sheet_line){.kind = SHEET_FIELD,
                                                       .rule = waiver,
                                                       .id = SPAN_LIT("line"),
                                                       .value = SPAN_LIT("missing"),
                                                       .limit = SPAN_LIT("waivable"),
                                                       .reason = v.reason,
                                                       .moves = true});
    }
    return policy_line_add(
        b,
        &(struct sheet_line){.kind = SHEET_SEAT, .rule = waiver, .id = SPAN_LIT("owner"), .role = g.role, .count = 1});
}
