/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated logs under generated policies that have every word of the language. Requirements 2.2, 3.1, 4.1: of every
 * request, at many moments, what is not approved as it is would not be with a requirement more, nor with a person, a
 * key, a file, a waiver or a delegation less. `test_judge_any_less SEED ROUND` repeats one log, and prints it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/random.h>

#include "model/model_state_delegate.h"
#include "support/any_log.h"

enum { ROUNDS = 16, ARENA_BYTES = 64 << 20, LOOKS_EVERY = 3 };

static uint64_t seed;
static uint64_t only = UINT64_MAX; /* this round alone */

/* One request at one moment. */
struct moment {
    struct any_log *l;
    uint64_t round;
    const struct state_request *q;
    struct arena loaded;
    struct arena tried;
    struct sheet_input in;
    struct sheet sheet;
    bool met;
};

static struct {
    size_t moments;
    size_t met;
    size_t kept; /* what was met is not any more: the change was one */
} tally;

_Noreturn static void fail_at(const struct moment *m, const char *what)
{
    any_log_print(m->l);
    fail_msg("request %llu is approved %s (seed %llu, round %llu, entry %llu)", (unsigned long long)m->q->index, what,
             (unsigned long long)seed, (unsigned long long)m->round, (unsigned long long)author_log_size(m->l->log));
    abort();
}

/* Lives until the next. */
static struct sheet sheet_of(struct moment *m, const struct sheet_input *in)
{
    struct sheet s;

    arena_reset(&m->tried);
    assert_int_equal(policy_sheet(in, &m->tried, &s).code, CS_OK);
    return s;
}

static bool has_seat(const struct sheet *s, const struct sheet_line *seat)
{
    size_t i = 0;
    while (i < s->count && !(s->lines[i].kind == SHEET_SEAT && span_eq(s->lines[i].rule, seat->rule) &&
                             span_eq(s->lines[i].id, seat->id) && span_eq(s->lines[i].role, seat->role))) {
        i++;
    }
    return i < s->count;
}

/* Somebody is asked, and in seats that people could sign in: with one policy less, a seat that two policies mean
 * otherwise has another name. */
static bool asks_somebody(const struct moment *m, const struct sheet *s)
{
    bool any = false;
    for (size_t i = 0; i < s->count; i++) {
        if (s->lines[i].kind == SHEET_SEAT && !has_seat(&m->sheet, &s->lines[i])) {
            return false;
        }
        any = any || s->lines[i].kind == SHEET_SEAT;
    }
    return any;
}

/* A change that only takes away. */
static void takes_away(struct moment *m, const struct sheet_input *in, const char *what)
{
    const struct sheet s = sheet_of(m, in);
    const bool met = policy_sheet_met(&s).allow;

    if (met && !m->met) {
        fail_at(m, what);
    }
    tally.kept += m->met && !met ? 1U : 0U;
}

/* A requirement less: what is approved with it is approved without it. But where nobody is asked for a signature,
 * nothing is approved. */
static void asks_less(struct moment *m, const struct sheet_input *in, const char *what)
{
    const struct sheet s = sheet_of(m, in);
    const bool met = policy_sheet_met(&s).allow;

    if (m->met && !met && asks_somebody(m, &s)) {
        fail_at(m, what);
    }
    tally.kept += met && !m->met ? 1U : 0U;
}

/* --- a requirement more --- */

/* In one of the two policies, or, where they are the same, in both. */
static void with_policy(struct moment *m, const struct state_policy *was, const struct state_policy *is,
                        const char *what)
{
    struct sheet_input in = m->in;

    in.opened_under = in.opened_under == was ? is : in.opened_under;
    in.in_force = in.in_force == was ? is : in.in_force;
    asks_less(m, &in, what);
}

static struct state_policy less_rule(struct moment *m, const struct state_policy *p, size_t rule)
{
    struct state_policy less = *p;
    size_t n = 0;

    less.doc.rules = arena_array(&m->loaded, p->doc.rule_count, sizeof(*less.doc.rules));
    less.doc.earned = arena_array(&m->loaded, p->doc.earned_count + 1, sizeof(*less.doc.earned));
    assert_true(less.doc.rules != NULL && less.doc.earned != NULL);
    for (size_t i = 0; i < p->doc.rule_count; i++) {
        if (i != rule) {
            less.doc.rules[n++] = p->doc.rules[i];
        }
    }
    less.doc.rule_count = n;
    n = 0;
    for (size_t i = 0; i < p->doc.earned_count; i++) {
        const struct policy_earned *e = &p->doc.earned[i];
        if (!span_eq(e->rule, p->doc.rules[rule].id)) {
            less.doc.earned[n++] = *e;
        }
    }
    less.doc.earned_count = n;
    return less;
}

static void less_evidence(struct moment *m, const struct state_policy *p, size_t rule)
{
    struct state_policy less = *p;

    less.doc.rules = arena_array(&m->loaded, p->doc.rule_count, sizeof(*less.doc.rules));
    assert_non_null(less.doc.rules);
    memcpy(less.doc.rules, p->doc.rules, p->doc.rule_count * sizeof(*less.doc.rules));
    less.doc.rules[rule].evidence_count = 0;
    with_policy(m, p, &less, "with evidence more");
    less.doc.rules[rule] = p->doc.rules[rule];
    less.doc.rules[rule].field_count = 0;
    less.doc.rules[rule].bind = 0;
    less.doc.rules[rule].source = NULL;
    less.doc.rules[rule].ticket = NULL;
    less.doc.rules[rule].token_attested = false;
    less.doc.rules[rule].separate = 0;
    with_policy(m, p, &less, "with fields, source, ticket or separation more");
}

static void ask_of_policy(struct moment *m, const struct state_policy *p)
{
    struct state_policy less = *p;

    for (size_t i = 0; i < p->doc.rule_count; i++) {
        if (p->doc.rule_count > 1) {
            const struct state_policy without = less_rule(m, p, i);
            with_policy(m, p, &without, "with a rule more");
        }
        less_evidence(m, p, i);
    }
    less.doc.calendar_count = 0;
    with_policy(m, p, &less, "with a calendar more");
    less = *p;
    less.doc.promotion_count = 0;
    with_policy(m, p, &less, "with stages more");
    less = *p;
    less.doc.token_count = 0;
    with_policy(m, p, &less, "with keys named more");
}

/* What lets more pass, left out. */
static void trust_less(struct moment *m, const struct state_policy *p)
{
    struct state_policy less = *p;
    struct sheet_input in = m->in;

    less.doc.earned_count = 0;
    in.opened_under = in.opened_under == p ? &less : in.opened_under;
    in.in_force = in.in_force == p ? &less : in.in_force;
    takes_away(m, &in, "with nothing earned");
    less.doc.earned_count = p->doc.earned_count;
    less.doc.delegation_count = 0;
    takes_away(m, &in, "with nobody standing in");
    in = m->in;
    in.step_count = 0;
    takes_away(m, &in, "with no escalation");
}

/* --- somebody or something less --- */

static void without_people(struct moment *m)
{
    for (size_t i = 0; i < ANY_PEOPLE; i++) {
        struct state_person *p = state_person_find(any_state(m->l), span_str(m->l->people[i].id));
        const struct sha256 id = author_log_credential(m->l->log, m->l->people[i].id);
        struct state_credential *key = state_credential_find(any_state(m->l), &id);
        const bool removed = p->removed;
        const bool suspended = p->suspended;
        const size_t roles = p->role_count;
        const bool revoked = key->revoked;

        p->removed = true;
        takes_away(m, &m->in, "with a person less");
        p->removed = removed;
        p->suspended = true;
        takes_away(m, &m->in, "with a person suspended");
        p->suspended = suspended;
        p->role_count = 0;
        takes_away(m, &m->in, "with a person's roles less");
        p->role_count = roles;
        key->revoked = true;
        takes_away(m, &m->in, "with a key less");
        key->revoked = revoked;
    }
}

static void without_files(struct moment *m)
{
    struct state_open *o = m->q->open;
    const size_t n = o->evidence_count;

    for (size_t i = 0; i < n; i++) {
        const struct state_evidence kept = o->evidence[i];
        o->evidence[i] = o->evidence[n - 1];
        o->evidence_count = n - 1;
        takes_away(m, &m->in, "with a file or a waiver less");
        o->evidence_count = n;
        o->evidence[i] = kept;
    }
}

static void without_delegations(struct moment *m)
{
    const struct state *s = any_state(m->l);

    for (size_t i = 0; i < s->delegation_count; i++) {
        struct state_delegation *g = s->delegations[i];
        const struct state_delegation kept = *g;
        g->ended_index = g->ended_index != 0 ? g->ended_index : s->size;
        takes_away(m, &m->in, "with a delegation less");
        *g = kept;
    }
}

/* --- moments --- */

static void look(struct any_log *l, uint64_t round, const struct state_request *q)
{
    struct moment m = {.l = l, .round = round, .q = q};
    struct state_loaded *loaded = NULL;
    struct sheet s;

    arena_init(&m.loaded, ARENA_BYTES);
    arena_init(&m.tried, ARENA_BYTES);
    loaded = arena_alloc(&m.loaded, sizeof(*loaded));
    assert_non_null(loaded);
    assert_int_equal(state_load(q, &m.loaded, loaded).code, CS_OK);
    assert_int_equal(policy_sheet_at(any_state(l), q, loaded, author_log_now(l->log), &m.loaded, &s).code, CS_OK);
    m.in = s.in;
    m.in.digest = NULL;
    m.sheet = s;
    m.met = policy_sheet_met(&s).allow;
    tally.moments++;
    tally.met += m.met ? 1U : 0U;
    ask_of_policy(&m, m.in.in_force);
    trust_less(&m, m.in.in_force);
    if (m.in.opened_under != m.in.in_force) {
        ask_of_policy(&m, m.in.opened_under);
        trust_less(&m, m.in.opened_under);
    }
    without_people(&m);
    without_files(&m);
    without_delegations(&m);
    arena_release(&m.loaded);
    arena_release(&m.tried);
}

/* The newest that is about a deployment: what just happened was most often about it. */
static const struct state_request *newest(struct any_log *l)
{
    const struct state *s = any_state(l);
    const struct state_request *q = NULL;

    for (size_t i = 0; i < s->live_count; i++) {
        const bool here = s->live[i]->kind == KIND_DEPLOY && s->live[i]->grant == NULL;
        q = here && (q == NULL || s->live[i]->last_index > q->last_index) ? s->live[i] : q;
    }
    return q;
}

static void less_never_approves_more(void **state)
{
    (void)state;
    const uint64_t first = only != UINT64_MAX ? only : 0;
    for (uint64_t round = first; round < (only != UINT64_MAX ? only + 1 : ROUNDS); round++) {
        struct any_log *l = any_log_new(seed, round, false);
        size_t steps = 0;
        while (any_log_step(l)) {
            const struct state_request *q = ++steps % LOOKS_EVERY == 0 ? newest(l) : NULL;
            if (q != NULL) {
                look(l, round, q);
            }
        }
        any_log_free(l);
    }
    print_message("%zu moments, %zu approved; %zu changes mattered\n", tally.moments, tally.met, tally.kept);
    assert_true(only != UINT64_MAX ||
                (tally.moments > (size_t)ROUNDS * 10 && tally.met > ROUNDS && tally.kept > ROUNDS));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(less_never_approves_more),
    };
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    only = argc > 2 ? strtoull(argv[2], NULL, 10) : only;
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
