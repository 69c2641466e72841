/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_route.h"

#include "policy/policy_match.h"

/* --- groups --- */

uint32_t policy_quorum_need(const struct policy_seat *seat, uint32_t of)
{
    uint32_t need = 0;

    switch (seat->quorum) {
    case QUORUM_MAJORITY:
        need = of / 2 + 1;
        break;
    case QUORUM_TWO_THIRDS:
        need = (uint32_t)(((uint64_t)of * 2 + 2) / 3);
        break;
    case QUORUM_COUNT:
    case QUORUM_NONE:
    case QUORUM_KINDS:
        break;
    }
    return need > seat->count ? need : seat->count;
}

uint64_t policy_opened_at(const struct sheet_input *in)
{
    return in->index != 0 ? in->index : in->state->size;
}

const struct span *policy_sits_as(const struct sheet_line *line, const struct state_person *p)
{
    if (state_person_has_role(p, line->role)) {
        return &line->role;
    }
    for (size_t i = 0; i < line->also_count; i++) {
        if (state_person_has_role(p, line->also[i])) {
            return &line->also[i];
        }
    }
    return NULL;
}

static bool had_role(const struct sheet *s, const struct state_person *p, struct span role)
{
    return s->in.state != NULL && state_had_role(s->in.state, p, role, policy_opened_at(&s->in));
}

bool policy_in_group(const struct sheet *s, const struct sheet_line *line, const struct state_person *p)
{
    bool in = line->quorum == QUORUM_NONE || had_role(s, p, line->role);
    for (size_t i = 0; !in && i < line->also_count; i++) {
        in = had_role(s, p, line->also[i]);
    }
    return in;
}

/* The newest word of each person is theirs, as long as their key counts. */
static const struct state_decision *word_of(const struct sheet *s, const struct state_person *p)
{
    for (size_t k = s->in.decision_count; k > 0; k--) {
        const struct state_decision *d = &s->in.decisions[k - 1];
        if (d->person == p) {
            return !d->lapsed && state_credential_counts(d->credential) && policy_is_fresh(s, d) ? d : NULL;
        }
    }
    return NULL;
}

bool policy_has_spoken(const struct sheet *s, const struct state_person *p)
{
    const struct state_decision *d = word_of(s, p);
    return d != NULL && (d->word == DECISION_REJECT || d->word == DECISION_ABSTAIN);
}

/* Whoever holds a seat, has spoken, lost the role or is kept apart will not agree any more. */
static bool may_agree(const struct sheet *s, const struct sheet_line *line, const struct state_person *p)
{
    return policy_sits_as(line, p) != NULL && policy_separated(s, p) == REASON_OK && !policy_has_seat(s, p) &&
           !policy_has_spoken(s, p);
}

/* Of the group by a role that was gone through before this one. */
static bool counted_before(const struct sheet *s, const struct sheet_line *line, const struct state_person *p,
                           size_t role)
{
    bool before = role > 0 && had_role(s, p, line->role);
    for (size_t i = 0; !before && i + 1 < role; i++) {
        before = had_role(s, p, line->also[i]);
    }
    return before;
}

static uint32_t count_role(const struct sheet *s, const struct sheet_line *line, size_t at)
{
    const struct span role = at == 0 ? line->role : line->also[at - 1];
    const struct state_role *r = state_role_find(s->in.state, role);
    uint32_t n = 0;

    for (size_t i = 0; r != NULL && i < r->count; i++) {
        const struct state_tenure *t = &r->tenure[i];
        n += state_tenure_lasted(t, policy_opened_at(&s->in)) && !counted_before(s, line, t->person, at) &&
                     may_agree(s, line, t->person)
                 ? 1U
                 : 0U;
    }
    return n;
}

void policy_count_votes(const struct sheet *s, struct sheet_line *line)
{
    for (size_t k = 0; k < s->in.decision_count; k++) {
        const struct state_decision *d = &s->in.decisions[k];
        if (policy_seat_is(line, d->seat) && word_of(s, d->person) == d) {
            line->against += d->word == DECISION_REJECT ? 1U : 0U;
            line->abstained += d->word == DECISION_ABSTAIN ? 1U : 0U;
        }
    }
    for (size_t at = 0; s->in.state != NULL && at <= line->also_count; at++) {
        line->can += count_role(s, line, at);
    }
}

/* --- vetoes --- */

const struct span *policy_vetoes_as(const struct state_person *person, const struct sheet_line *line)
{
    for (size_t i = 0; i < line->veto_count; i++) {
        if (state_person_has_role(person, line->veto[i])) {
            return &line->veto[i];
        }
    }
    return NULL;
}

bool policy_vetoes(const struct state_person *person, const struct sheet_line *line)
{
    return policy_vetoes_as(person, line) != NULL;
}

bool policy_outvotable(const struct state_person *person, const struct sheet_line *line)
{
    const bool votes = line->quorum != QUORUM_NONE && !policy_vetoes(person, line);
    return votes && line->can > 0 && line->have + (line->can - 1) >= line->count;
}

/* --- escalation --- */

static const struct policy_rule *rule_of(const struct policy_doc *doc, struct span id, const struct deploy_content *d)
{
    for (size_t i = 0; i < doc->rule_count; i++) {
        if (span_eq(doc->rules[i].id, id)) {
            return policy_matches(&doc->rules[i], d) ? &doc->rules[i] : NULL;
        }
    }
    return NULL;
}

/* Steps are sorted by time, so the first that holds is the earliest. */
static const struct policy_step *step_of(const struct policy_rule *rule, struct span to, const struct deploy_content *d)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        if (span_eq(rule->steps[i].to, to) && policy_surely(rule->steps[i].when, rule->steps[i].when_count, d)) {
            return &rule->steps[i];
        }
    }
    return NULL;
}

bool policy_step_due(const struct sheet_input *in, struct span rule, struct span to, uint64_t *ret_due_ms)
{
    const uint64_t most = (UINT64_MAX - in->opened_ms) / 1000;
    const struct state_policy *of[] = {in->opened_under, in->in_force};
    uint64_t after_s = 0;
    bool any = false;

    for (size_t i = 0; i < 2; i++) {
        const struct policy_rule *r = rule_of(&of[i]->doc, rule, in->deploy);
        const struct policy_step *step = r != NULL ? step_of(r, to, in->deploy) : NULL;
        if (r != NULL && step == NULL) {
            return false;
        }
        any = any || step != NULL;
        after_s = step != NULL && step->after_s > after_s ? step->after_s : after_s;
    }
    *ret_due_ms = in->opened_ms + (after_s < most ? after_s : most) * 1000;
    return any;
}

static bool comes_first(const struct policy_escalation *a, const struct policy_escalation *b)
{
    if (a->due_ms != b->due_ms) {
        return a->due_ms < b->due_ms;
    }
    const int c = span_cmp(a->rule, b->rule);
    return c < 0 || (c == 0 && span_cmp(a->to, b->to) < 0);
}

static void next_of_rule(const struct sheet_input *in, const struct state_request *q, const struct policy_rule *rule,
                         struct policy_escalation *best)
{
    for (size_t i = 0; i < rule->step_count; i++) {
        struct policy_escalation x = {.rule = rule->id, .to = rule->steps[i].to};
        if (state_escalated(q, x.rule, x.to) || !policy_step_due(in, x.rule, x.to, &x.due_ms)) {
            continue;
        }
        if (best->rule.left == 0 || comes_first(&x, best)) {
            *best = x;
        }
    }
}

bool policy_next_escalation(const struct state *s, const struct state_request *q, const struct deploy_content *d,
                            struct policy_escalation *ret_next)
{
    const struct sheet_input in = {
        .deploy = d, .opened_ms = q->opened_ms, .opened_under = q->open->opened_under, .in_force = s->policy};
    const struct state_policy *of[] = {in.opened_under, in.in_force};
    struct policy_escalation best = {.due_ms = UINT64_MAX};

    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; of[k]->doc.has_steps && i < of[k]->doc.rule_count; i++) {
            next_of_rule(&in, q, &of[k]->doc.rules[i], &best);
        }
    }
    if (best.rule.left == 0) {
        return false;
    }
    *ret_next = best;
    return true;
}

enum policy_reason policy_escalates(const struct state *s, const struct state_request *q,
                                    const struct deploy_content *d, const struct escalate *x, uint64_t now_ms)
{
    const struct sheet_input in = {
        .deploy = d, .opened_ms = q->opened_ms, .opened_under = q->open->opened_under, .in_force = s->policy};
    uint64_t due_ms = 0;

    if (state_escalated(q, x->rule, x->to) || !policy_step_due(&in, x->rule, x->to, &due_ms)) {
        return REASON_WRONG_EFFECT;
    }
    return now_ms >= due_ms ? REASON_OK : REASON_NOT_DUE;
}
