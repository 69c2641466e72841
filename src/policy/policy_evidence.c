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
        gone = arena_array(arena, b->report.finding_count, sizeof(struct report_finding *));
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
