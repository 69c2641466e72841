/* SPDX-License-Identifier: Apache-2.0 */
/* A person's decision. The order of the checks is the order of refusal in docs/policy.md. */
#include "judge/judge_recent.h"
#include "judge/judge_rules.h"
#include "policy/policy_route.h"
#include "policy/policy_delegate.h"

static struct verdict timely(const struct judge_case *c)
{
    const struct statement *st = &c->body->statement;

    if (state_nonce_used(&c->j->state, st->nonce)) {
        return VERDICT_DENY(REASON_NONCE_USED);
    }
    if (c->e.time_ms < st->issued_at_ms || c->e.time_ms > st->expires_at_ms) {
        return VERDICT_DENY(REASON_STATEMENT_EXPIRED);
    }
    return judge_clock_allows(&c->j->state, st->kind) ? VERDICT_ALLOW : VERDICT_DENY(REASON_CLOCK);
}

static enum policy_reason why_not_counted(const struct state_credential *k, uint64_t time_ms)
{
    if (!state_credential_counts(k) || state_credential_counts_at(k, time_ms)) {
        return policy_standing_reason(state_credential_standing(k));
    }
    return time_ms < k->card->facts.not_before_ms ? REASON_CERT_NOT_YET : REASON_CERT_EXPIRED;
}

static struct verdict signed_by(const struct judge_case *c, const struct state_credential *k)
{
    const struct judge_assertion a = {.kind = k->kind,
                                      .auth_data = c->body->decision.auth_data,
                                      .sig = c->body->decision.sig,
                                      .statement = c->body->decision.statement,
                                      .rp_id = c->j->state.rp_id,
                                      .key = k->key,
                                      .credential_sha256 = k->id_sha256,
                                      .counter_before = k->counter};
    if (c->j->depth == JUDGE_PROVE) {
        const struct verdict v = judge_assertion_holds(c->j, &a);
        if (!v.allow) {
            return v;
        }
    }
    const enum policy_reason counts = why_not_counted(k, c->e.time_ms);
    if (counts != REASON_OK) {
        return VERDICT_DENY(counts);
    }
    const struct span actor = model_actor_person(c->e.actor);
    const bool same = span_eq(k->person->id, c->body->statement.person) && span_eq(k->person->id, actor);
    return same ? VERDICT_ALLOW : VERDICT_DENY(REASON_WRONG_PERSON);
}

static bool same_subjects(const struct statement *st, const struct sheet_input *in, struct arena *scratch)
{
    struct named_digest want[MODEL_ARTIFACTS_MAX];
    const size_t n = policy_subjects(in, scratch, want);

    if (n == 0 || n != st->subject_count) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!span_eq(want[i].name, st->subject[i].name) || !sha256_eq(&want[i].sha256, &st->subject[i].sha256)) {
            return false;
        }
    }
    return true;
}

/* Every member of the statement that is not judged on its own says what the log says. */
static bool describes(const struct judge_case *c, const struct state_request *q, const struct sheet *sheet)
{
    const struct statement *st = &c->body->statement;
    const bool there = request_kind_deploys(q->kind) && sheet->in.deploy != NULL;
    const struct span environment = there ? sheet->in.deploy->environment : SPAN_NONE;

    return span_eq(st->origin, c->j->state.origin) && st->kind == q->kind && span_eq(st->environment, environment) &&
           sha256_eq(&st->request_leaf_sha256, &q->leaf_sha256) && st->request_revision == q->revision &&
           span_eq(st->kiosk, c->e.origin.kiosk) && same_subjects(st, &sheet->in, &c->j->scratch);
}

static size_t code_points(struct span text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.left; i++) {
        n += (text.p[i] & 0xc0U) != 0x80U ? 1U : 0U;
    }
    return n;
}

static struct verdict seat_given(const struct judge_case *c, const struct sheet *sheet,
                                 const struct state_credential *k)
{
    const struct statement *st = &c->body->statement;
    const struct sheet_line *line = policy_sheet_seat(sheet, st->seat);

    if (line == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_SEAT);
    }
    const struct state_delegation *by = st->has_delegation ? state_delegation_find(&c->j->state, st->delegation) : NULL;
    if (st->has_delegation && by == NULL) {
        return VERDICT_DENY(REASON_DELEGATION_SCOPE);
    }
    const struct verdict v = policy_may_say_as(sheet, k, by, st->decision, line);
    if (!v.allow) {
        return v;
    }
    bool sequence = false;
    struct sha256 previous = {{0}};
    if (policy_previous(sheet, line, st->decision, k->person, &previous, &sequence).code != CS_OK) {
        return VERDICT_DENY(REASON_PREVIOUS);
    }
    if (sequence != st->has_previous || (sequence && !sha256_eq(&previous, &st->previous))) {
        return VERDICT_DENY(REASON_PREVIOUS);
    }
    const uint32_t least = st->decision == DECISION_REJECT ? sheet->reason_reject_min : sheet->reason_approve_min;
    return code_points(st->reason) >= least ? VERDICT_ALLOW : VERDICT_DENY(REASON_REASON_SHORT);
}

/* A head that this log has had: the one this entry stands on, or one before. */
static bool anchored(const struct judge_case *c)
{
    const struct statement *st = &c->body->statement;

    if (c->j->sparse) {
        return true; /* the receipt proves each anchor by a consistency proof */
    }
    const struct sha256 *head = st->anchor_size == c->e.seq ? &c->e.head : state_head(&c->j->state, st->anchor_size);
    return head != NULL && sha256_eq(head, &st->anchor_root);
}

static struct verdict still_current(const struct judge_case *c, const struct sheet *sheet)
{
    const struct statement *st = &c->body->statement;
    const struct state *s = &c->j->state;

    if (!anchored(c)) {
        return VERDICT_DENY(REASON_ANCHOR);
    }
    if (st->policy_index != s->policy_index || !sha256_eq(&st->policy_sha256, &s->policy->sha256) ||
        st->roster_index != s->roster_index) {
        return VERDICT_DENY(REASON_POLICY_CHANGED);
    }
    return sha256_eq(&st->sheet_sha256, &sheet->digest) ? VERDICT_ALLOW : VERDICT_DENY(REASON_SHEET_CHANGED);
}

/* Would every seat be full with this one more? */
static bool fills_last(const struct sheet *sheet, struct span seat)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        if (l->kind != SHEET_SEAT) {
            continue;
        }
        const uint32_t have = l->have + (policy_sheet_seat(sheet, seat) == l ? 1U : 0U);
        if (have < l->count) {
            return false;
        }
    }
    return true;
}

static void tell_fold(struct judge_case *c, const struct sheet *sheet, const struct state_credential *k)
{
    const struct statement *st = &c->body->statement;
    const struct sheet_line *line = policy_sheet_seat(sheet, st->seat);
    const struct span *role = policy_sits_as(line, k->person);

    if (role == NULL && st->decision == DECISION_REJECT) {
        role = policy_vetoes_as(k->person, line);
    }
    c->facts.held = sheet->held;
    c->facts.used_role = st->has_delegation || role == NULL ? SPAN_NONE : *role;
    c->facts.seats_full = st->decision == DECISION_APPROVE && fills_last(sheet, st->seat);
    c->facts.stays_open = st->decision == DECISION_REJECT && policy_outvotable(k->person, line);
}

static struct verdict about_request(struct judge_case *c, const struct state_credential *k)
{
    const struct statement *st = &c->body->statement;
    const struct state_request *q = state_request_find(&c->j->state, st->request_index);
    struct sheet sheet;

    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (q->status != STATUS_ELIGIBLE) {
        return VERDICT_DENY(judge_why_not_open(q));
    }
    if (c->e.time_ms >= q->sign_by_ms) {
        return VERDICT_DENY(REASON_EXPIRED);
    }
    const struct state_loaded *loaded = NULL;
    struct cs_result r = judge_recent_load(c->j->recent, q, &loaded);
    if (r.code == CS_OK) {
        r = policy_sheet_at(&c->j->state, q, loaded, c->e.time_ms, &c->j->scratch, &sheet);
    }
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    if (!describes(c, q, &sheet)) {
        return VERDICT_DENY(REASON_STATEMENT);
    }
    struct verdict v = seat_given(c, &sheet, k);
    v = v.allow && q->kind == KIND_EMERGENCY ? judge_is_present(c, &sheet) : v;
    v = v.allow ? still_current(c, &sheet) : v;
    /* a newer policy may ask for what this request does not say: it can be rejected, and never approved */
    v = v.allow && st->decision == DECISION_APPROVE ? policy_sheet_signable(&sheet) : v;
    if (!v.allow) {
        return v;
    }
    tell_fold(c, &sheet, k);
    return VERDICT_ALLOW;
}

struct verdict judge_decision(struct judge_case *c)
{
    const struct verdict v = timely(c);
    if (!v.allow) {
        return v;
    }
    const struct state_credential *k = state_credential_find(&c->j->state, &c->body->statement.credential_sha256);
    if (k == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_CREDENTIAL);
    }
    const struct verdict signature = signed_by(c, k);
    return signature.allow ? about_request(c, k) : signature;
}
