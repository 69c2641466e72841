/* SPDX-License-Identifier: Apache-2.0 */
/* Waivers: who may let what pass, and what their sheet asks. */
#include "policy/policy_access.h"
#include "policy/policy_directory.h"
#include "policy/policy_evidence.h"
#include "policy/policy_evidence_there.h"
#include "policy/policy_match.h"
#include "policy/policy_sheet_in.h"

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

/* Is every finding in one of the line's files, at the level that the waiver says? */
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
            const struct report_finding *f = model_report_finding(&e->report, c->findings[k].id);
            found += f != NULL && span_eq(f->level, c->findings[k].level) ? 1U : 0U;
        }
    }
    *ret_found = found >= c->finding_count; /* one file has each id once; two are of two kinds, whose ids differ */
    return CS_SUCCESS;
}

/* A finding that no limit counts is not let pass by waiving it. */
static bool is_counted(const struct evidence_asked *a, struct span level)
{
    for (size_t i = 0; i < a->count; i++) {
        for (size_t k = 0; k < a->item[i]->limit_count; k++) {
            const struct policy_limit *l = &a->item[i]->limits[k];
            if (l->kind == LIMIT_LE && span_eq(l->name, level)) {
                return true;
            }
        }
    }
    return false;
}

static bool all_counted(const struct evidence_asked *a, const struct waiver_content *c)
{
    size_t i = 0;
    while (i < c->finding_count && is_counted(a, c->findings[i].level)) {
        i++;
    }
    return i == c->finding_count;
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
    const struct waiver_ground ground = {.role = waivable_by(&a), .stood = policy_evidence_newest(q->open, c->line)};
    if (ground.role.left == 0) {
        return VERDICT_DENY(a.count > 0 ? REASON_WAIVER_LINE : REASON_EVIDENCE_LINE);
    }
    const struct cs_result r = all_found(q->open, c, arena, &found);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    if (!found || !all_counted(&a, c) || ground.stood == 0) {
        return VERDICT_DENY(REASON_WAIVER_FINDINGS);
    }
    if (c->finding_count == 0 && c->evidence != ground.stood) {
        return VERDICT_DENY(REASON_WAIVER_EVIDENCE); /* all of a file is of that file, and of no other */
    }
    if (c->expires_ms <= now_ms || c->expires_ms - now_ms > (uint64_t)WAIVER_LIFE_MAX_S * 1000) {
        return VERDICT_DENY(REASON_WAIVER_EXPIRED);
    }
    *ret_ground = ground;
    return VERDICT_ALLOW;
}

/* Whom a waiver is no business of: those whom the deployment's rules keep apart, and whoever asked for it in any case.
 */
static uint32_t separate(const struct sheet_input *in)
{
    const struct state_policy *const under[2] = {in->opened_under, in->in_force};
    uint32_t bits = SEPARATE_AUTHORS | SEPARATE_INITIATOR | SEPARATE_TRIGGER;

    for (size_t i = 0; in->deploy != NULL && i < 2; i++) {
        for (size_t k = 0; k < under[i]->doc.rule_count; k++) {
            const struct policy_rule *rule = &under[i]->doc.rules[k];
            bits |= policy_matches(rule, in->deploy) ? rule->separate : 0;
        }
    }
    return bits;
}

bool policy_waiver_counts(const struct sheet_input *in, const struct policy_evidence *e, const struct waiver_content *c)
{
    const struct state_person *p = state_person_find(in->state, c->initiator);
    const struct sheet now = {.in = *in, .separate = separate(in)};

    return e->waivable_by.left > 0 && p != NULL && !p->removed && !p->suspended &&
           state_person_has_role(p, e->waivable_by) && !policy_role_overdue(in->state, p, e->waivable_by, in->now_ms) &&
           !policy_directory_late(in->state, e->waivable_by, in->now_ms) && policy_separated(&now, p) == REASON_OK;
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

/* What the files of the line say now: who signs the waiver has read that, and nothing else. */
static CS_RESULT add_says(struct builder *b, struct span rule)
{
    const struct sheet_input *in = &b->sheet->in;
    const struct state_request *q = state_request_find(in->state, in->waiver->request);
    struct sheet_line line = {.kind = SHEET_FIELD,
                              .rule = rule,
                              .id = SPAN_LIT("evidence"),
                              .value = SPAN_LIT("as it is"),
                              .limit = SPAN_LIT("the same"),
                              .state = SHEET_MET,
                              .reason = REASON_OK,
                              .moves = true,
                              .has_says = true};
    struct evidence_there *t = arena_alloc(b->arena, sizeof(*t));

    ENSURE(t != NULL, CS_E_NOMEM, "sheet.waiver");
    TRY(policy_evidence_load(q->open, in->waiver->line, NULL, b->arena, t));
    TRY(policy_evidence_digest(t, &line.says));
    return policy_line_add(b, &line);
}

/* Its one seat is its owner's, whom the deployment's own rules do not keep apart. */
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
    b->sheet->separate = separate(in);
    if (!v.allow) {
        return policy_line_add(b, &(struct sheet_line){.kind = SHEET_FIELD,
                                                       .rule = waiver,
                                                       .id = SPAN_LIT("line"),
                                                       .value = SPAN_LIT("missing"),
                                                       .limit = SPAN_LIT("waivable"),
                                                       .reason = v.reason,
                                                       .moves = true});
    }
    TRY(add_says(b, waiver));
    return policy_line_add(
        b,
        &(struct sheet_line){.kind = SHEET_SEAT, .rule = waiver, .id = SPAN_LIT("owner"), .role = g.role, .count = 1});
}
