/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who holds the seats. Decisions are gone through in the order of the log, by the people, keys and lines of this
 * moment: an approval holds its seat if its key counts and may sign in the seat's role, its person still has the role
 * and is kept apart by no rule, no later decision of the same person takes its place, and the seat before it, where
 * there is one, was full by then. Whoever holds none may sign again. In an emergency it must also be fresh, and a
 * voucher may hold one seat.
 */
#include "model/model_state_directory.h"
#include "policy/policy_access.h"
#include "policy/policy_delegate.h"
#include "policy/policy_directory.h"
#include "policy/policy_duty.h"
#include "policy/policy_emergency.h"
#include "policy/policy_match.h"
#include "policy/policy_route.h"

const struct sheet_line *policy_seat_before(const struct sheet *s, const struct sheet_line *line)
{
    const struct span rule = line->after_rule.left > 0 ? line->after_rule : line->rule;

    for (size_t i = 0; line->after.left > 0 && i < s->count; i++) {
        const struct sheet_line *x = &s->lines[i];
        if (x->kind == SHEET_SEAT && span_eq(x->rule, rule) && span_eq(x->id, line->after)) {
            return x;
        }
    }
    return NULL;
}

bool policy_seat_is(const struct sheet_line *line, struct span seat)
{
    const size_t r = line->rule.left;
    return line->kind == SHEET_SEAT && seat.left == r + 1 + line->id.left && span_starts(seat, line->rule) &&
           seat.p[r] == '/' && span_eq(span_from(seat, r + 1), line->id);
}

static struct sheet_line *line_of(const struct sheet *s, struct span seat)
{
    for (size_t i = 0; i < s->count; i++) {
        if (policy_seat_is(&s->lines[i], seat)) {
            return &s->lines[i];
        }
    }
    return NULL;
}

const struct sheet_line *policy_sheet_seat(const struct sheet *sheet, struct span seat)
{
    return line_of(sheet, seat);
}

void policy_seat_name(const struct sheet_line *line, struct writer *w)
{
    wr_bytes(w, line->rule);
    wr_u8(w, '/');
    wr_bytes(w, line->id);
}

/* Do two decisions speak for one and the same, as signer or as whoever is signed for? */
static bool shares(const struct state_decision *a, const struct state_decision *b)
{
    const struct state_person *lent_a = a->delegation != NULL ? a->delegation->by : a->person;
    const struct state_person *lent_b = b->delegation != NULL ? b->delegation->by : b->person;
    return a->person == b->person || a->person == lent_b || lent_a == b->person || lent_a == lent_b;
}

/* One person, one seat: only the newest decision of each can hold one. */
static bool is_newest(const struct sheet_input *in, size_t k)
{
    for (size_t i = k + 1; i < in->decision_count; i++) {
        if (shares(&in->decisions[i], &in->decisions[k])) {
            return false;
        }
    }
    return true;
}

bool policy_is_fresh(const struct sheet *s, const struct state_decision *d)
{
    if (s->in.kind == KIND_EMERGENCY && !sha256_eq(&d->sheet_sha256, &s->digest)) {
        return false; /* signed over other lines than these */
    }
    return d->time_ms >= s->fresh_ms && d->index >= s->fresh_index;
}

/* A voucher that holds stands in its seat like a signature of who gave it, who must be let sit there. */
static uint32_t vouched(const struct sheet *s, const struct sheet_line *line)
{
    const struct emergency_case *x = s->in.emergency;
    const bool here =
        x != NULL && line->voucher && x->content->has_voucher && x->scope != NULL && span_eq(x->scope->seat, line->id);
    if (!here || policy_voucher_holds(s->in.state, x, s->in.now_ms) != REASON_OK) {
        return 0;
    }
    const struct state_person *giver = policy_voucher_decision(x->voucher)->person;
    return line->self || policy_separated(s, giver) == REASON_OK ? 1U : 0U;
}

/* Whose role it is. */
static const struct state_person *holder_of(const struct state_decision *d)
{
    return d->delegation != NULL ? d->delegation->by : d->person;
}

/* Somebody signed here, but what was signed for has changed, the others came too late to be there together, or the
 * directory took the role away. */
static enum policy_reason why_missing(const struct sheet *s, const struct sheet_line *line)
{
    for (size_t i = 0; i < s->in.decision_count; i++) {
        const enum state_bar bar = state_directory_bar(holder_of(&s->in.decisions[i]), line->role);
        if (bar != BAR_NONE && policy_seat_is(line, s->in.decisions[i].seat)) {
            return policy_bar_reason(bar);
        }
        if (s->in.decisions[i].lapsed && policy_seat_is(line, s->in.decisions[i].seat)) {
            return REASON_EVIDENCE_CHANGED;
        }
        if (!policy_is_fresh(s, &s->in.decisions[i]) && policy_seat_is(line, s->in.decisions[i].seat)) {
            return REASON_PRESENCE_WINDOW;
        }
    }
    return REASON_TOO_FEW_SIGNED;
}

/* Theirs, or lent by somebody who still has it. */
static bool has_role(const struct sheet *s, const struct state_decision *d, struct span role)
{
    const struct state_delegation *g = d->delegation;
    return g == NULL ? policy_role_counts(s->in.state, d->person, role, s->in.now_ms)
                     : span_eq(g->role, role) && policy_delegation_stands(s, g);
}

/* A policy that came into force since may keep out whom another one let sign, and so may their account. */
static bool kept_apart(const struct sheet *s, const struct state_decision *d, const struct sheet_line *line)
{
    return !line->self &&
           (policy_separated(s, d->person) != REASON_OK || policy_separated(s, holder_of(d)) != REASON_OK);
}

static bool holds(const struct sheet *s, size_t k, const struct sheet_line *line)
{
    const struct state_decision *d = &s->in.decisions[k];

    if (d->lapsed || d->word != DECISION_APPROVE || (s->in.settled && !d->counted) || !is_newest(&s->in, k) ||
        !policy_is_fresh(s, d) || kept_apart(s, d, line)) {
        return false;
    }
    const struct span *role = policy_sits_as(line, holder_of(d));
    if (role == NULL || !state_credential_counts(d->credential) || !policy_key_may(s, d->credential, line->role) ||
        !policy_key_may(s, d->credential, *role) || !policy_in_group(s, line, d->person) || !has_role(s, d, *role)) {
        return false;
    }
    const struct sheet_line *first = policy_seat_before(s, line);
    return line->after.left == 0 || (first != NULL && first->have >= first->count);
}

/* Says of each seat whether it is full, and of all together. */
static void settle_seats(struct sheet *s)
{
    bool any = false;
    bool full = true;

    for (size_t i = 0; i < s->count; i++) {
        struct sheet_line *line = &s->lines[i];
        if (line->kind != SHEET_SEAT) {
            continue;
        }
        const bool met = line->count > 0 && line->have >= line->count;
        if (line->quorum != QUORUM_NONE) {
            policy_count_votes(s, line);
        }
        line->state = met ? SHEET_MET : SHEET_MISSING;
        line->reason = met ? REASON_OK : why_missing(s, line);
        if (line->quorum != QUORUM_NONE && !met && s->in.state != NULL && line->have + line->can < line->count) {
            line->state = SHEET_FAILED; /* whoever is left */
            line->reason = REASON_QUORUM_UNREACHABLE;
        }
        any = true;
        full = full && met;
    }
    s->seats_full = any && full;
}

CS_RESULT policy_seats_fill(struct sheet *s, struct arena *arena)
{
    bool *held = arena_array(arena, s->in.decision_count, sizeof(*held));

    ENSURE(s->in.decision_count == 0 || held != NULL, CS_E_NOMEM, "sheet.held");
    for (size_t i = 0; i < s->count; i++) {
        s->lines[i].have += s->lines[i].kind == SHEET_SEAT ? vouched(s, &s->lines[i]) : 0U;
    }
    for (size_t k = 0; k < s->in.decision_count; k++) {
        struct sheet_line *line = line_of(s, s->in.decisions[k].seat);
        held[k] = line != NULL && holds(s, k, line);
        if (held[k]) {
            line->have++;
        }
    }
    s->held = held;
    settle_seats(s);
    policy_duty_seats(s);
    return CS_SUCCESS;
}

bool policy_has_seat(const struct sheet *s, const struct state_person *p)
{
    for (size_t k = 0; k < s->in.decision_count; k++) {
        const struct state_decision *d = &s->in.decisions[k];
        if (s->held[k] && (d->person == p || (d->delegation != NULL && d->delegation->by == p))) {
            return true;
        }
    }
    /* who gave the voucher has signed, too: two seats are two people */
    const struct state_decision *given =
        s->in.emergency != NULL ? policy_voucher_decision(s->in.emergency->voucher) : NULL;
    return given != NULL && given->person == p;
}

CS_RESULT policy_previous(const struct sheet *sheet, const struct sheet_line *line, enum decision_word word,
                          const struct state_person *person, struct sha256 *ret_previous, bool *ret_has)
{
    const struct sheet_line *first = policy_seat_before(sheet, line);

    *ret_has = false;
    if (line->after.left == 0 || (word == DECISION_REJECT && policy_vetoes(person, line))) {
        return CS_SUCCESS; /* a veto has no turn */
    }
    ENSURE(first != NULL, CS_E_STATE, "seat.after");
    for (size_t k = sheet->in.decision_count; k > 0; k--) {
        const struct state_decision *d = &sheet->in.decisions[k - 1];
        if (sheet->held[k - 1] && policy_seat_is(first, d->seat)) {
            *ret_previous = d->sig_sha256;
            *ret_has = true;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_STATE, "seat.after");
}
