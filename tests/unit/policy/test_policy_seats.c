/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated pairs of policies, requests and decisions. Requirements 2.2, 4.1, 4.3: what is approved under two policies
 * at once is approved under each of them alone, adding a rule never approves more, the order of rules does not matter,
 * and nobody holds two seats. `test_policy_seats SEED` repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/random.h>

#include "policy/policy_match.h"

enum { ROUNDS = 500, RULES = 3, SEATS = 3, ROLES = 3, PEOPLE = 10, FIELDS = 3, STEPS = 60, NAME_MAX_BYTES = 32 };

static uint64_t seed;

struct signer {
    struct state_person person;
    struct state_credential key;
    struct span roles[ROLES];
};

struct policy {
    struct state_policy p;
    struct policy_rule rules[RULES];
    struct policy_seat seats[RULES][SEATS];
    struct span fields[RULES];
};

struct world {
    struct arena arena;
    uint64_t random;
    struct policy a;
    struct policy b;
    struct deploy_content deploy;
    struct state_model model;
    struct signer people[PEOPLE];
    struct state_decision decisions[STEPS];
    uint8_t names[STEPS][NAME_MAX_BYTES];
    size_t count;
};

/* xorshift64* */
static uint64_t draw(struct world *w, uint64_t below)
{
    w->random ^= w->random >> 12;
    w->random ^= w->random << 25;
    w->random ^= w->random >> 27;
    return (w->random * UINT64_C(2685821657736338717) >> 33) % below;
}

static struct span pick(uint64_t i, const char *const *words)
{
    return span_str(words[i]);
}

static struct span role_of(uint64_t i)
{
    static const char *const roles[ROLES] = {"x", "y", "z"};
    return pick(i, roles);
}

/* A seat comes after one before it in a random order, so that no turn comes back to itself. */
static void make_seats(struct world *w, struct policy_rule *r, struct policy_seat *seats)
{
    static const char *const ids[SEATS] = {"a", "b", "c"};
    const uint64_t first = draw(w, SEATS);

    r->seats = seats;
    r->seat_count = 1 + draw(w, SEATS);
    for (size_t i = 0; i < r->seat_count; i++) {
        seats[i] = (struct policy_seat){.id = pick((first + i) % SEATS, ids),
                                        .role = role_of(draw(w, 4) > 0 ? i % ROLES : draw(w, ROLES)),
                                        .count = (uint32_t)(1 + draw(w, 5) / 4)};
        if (i > 0 && draw(w, 2) == 0) {
            seats[i].after = seats[draw(w, i)].id;
        }
    }
}

static void make_policy(struct world *w, struct policy *p, uint64_t version)
{
    static const char *const ids[RULES] = {"r0", "r1", "r2"};
    static const char *const fields[FIELDS] = {"title", "ticket", "service"};

    p->p.doc = (struct policy_doc){.version = version, .rules = p->rules, .rule_count = 1 + draw(w, RULES)};
    for (size_t i = 0; i < p->p.doc.rule_count; i++) {
        p->rules[i] = (struct policy_rule){.id = pick(i, ids), .bind = (uint32_t)(draw(w, 4) == 0 ? draw(w, 8) : 0)};
        make_seats(w, &p->rules[i], p->seats[i]);
        p->fields[i] = pick(draw(w, FIELDS), fields);
        p->rules[i].fields = &p->fields[i];
        p->rules[i].field_count = draw(w, 3) == 0 ? 1 : 0;
    }
}

static void make_people(struct world *w)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        struct signer *s = &w->people[i];
        s->key = (struct state_credential){.kind = CREDENTIAL_FIDO2, .person = &s->person, .model = &w->model};
        s->person = (struct state_person){.id = SPAN_LIT("somebody"), .roles = s->roles};
        s->roles[s->person.role_count++] = role_of(i % ROLES);
        if (draw(w, 3) == 0) {
            s->roles[s->person.role_count++] = role_of((i + 1) % ROLES);
        }
    }
}

static struct world *world(uint64_t round)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    arena_init(&w->arena, 64 << 20);
    w->random = (seed + round * UINT64_C(0x9e3779b97f4a7c15)) | 1U;
    make_policy(w, &w->a, 2);
    make_policy(w, &w->b, 7);
    if (draw(w, 2) == 0) { /* often nearly the same: then names meet */
        for (size_t i = 0; i < w->b.p.doc.rule_count && i < w->a.p.doc.rule_count; i++) {
            memcpy(w->b.seats[i], w->a.seats[i], sizeof(w->b.seats[i]));
            w->b.rules[i].seat_count = w->a.rules[i].seat_count;
            struct policy_seat *one = &w->b.seats[i][draw(w, w->b.rules[i].seat_count)];
            one->role = role_of(draw(w, ROLES));
            one->count = (uint32_t)(1 + draw(w, 2));
        }
    }
    make_people(w);
    w->deploy.artifact_count = 1;
    w->deploy.has_config = draw(w, 4) > 0;
    w->deploy.has_plan = draw(w, 4) > 0;
    w->deploy.title = draw(w, 5) > 0 ? SPAN_LIT("Release") : SPAN_NONE;
    w->deploy.ticket = draw(w, 5) > 0 ? SPAN_LIT("CHG-1") : SPAN_NONE;
    w->deploy.service = SPAN_LIT("payments");
    return w;
}

static void release(struct world *w)
{
    arena_release(&w->arena);
    free(w);
}

static void fail_round(uint64_t round, const char *what)
{
    fail_msg("%s (seed %llu, round %llu)", what, (unsigned long long)seed, (unsigned long long)round);
}

static struct sheet sheet_of(struct world *w, const struct state_policy *under, const struct state_policy *now,
                             const struct state_decision *decisions, size_t count)
{
    const struct sheet_input in = {.kind = KIND_DEPLOY,
                                   .deploy = &w->deploy,
                                   .opened_under = under,
                                   .in_force = now,
                                   .decisions = decisions,
                                   .decision_count = count};
    struct sheet s;
    assert_int_equal(policy_sheet(&in, &w->arena, &s).code, CS_OK);
    return s;
}

static void add_decision(struct world *w, struct signer *who, const struct sheet_line *line)
{
    struct writer name = wr_fixed(w->names[w->count], NAME_MAX_BYTES);
    policy_seat_name(line, &name);
    assert_int_equal(wr_end(&name, "name").code, CS_OK);
    w->decisions[w->count] = (struct state_decision){.index = w->count + 1,
                                                     .word = DECISION_APPROVE,
                                                     .person = &who->person,
                                                     .credential = &who->key,
                                                     .seat = wr_span(&name)};
    w->count++;
}

static struct sheet_line *any_seat(struct world *w, const struct sheet *s)
{
    size_t i = draw(w, s->count);
    while (s->lines[i].kind != SHEET_SEAT) {
        i = (i + 1) % s->count;
    }
    return &s->lines[i];
}

/* People sign where they may, lose a key or a role now and then, and sign again. */
static struct sheet sign_under(struct world *w, const struct state_policy *under, const struct state_policy *now)
{
    struct sheet s = sheet_of(w, under, now, w->decisions, w->count);
    for (size_t step = 0; step < (size_t)12 * STEPS && !s.seats_full && w->count < STEPS; step++) {
        struct signer *who = &w->people[draw(w, PEOPLE)];
        const struct sheet_line *line = any_seat(w, &s);
        const bool signs = policy_may_say_with(&s, &who->key, DECISION_APPROVE, line, NULL).allow;
        const uint64_t change = draw(w, 80);
        if (signs) {
            add_decision(w, who, line);
        }
        if (change == 0) {
            who->key.revoked = !who->key.revoked;
        } else if (change == 1) {
            who->roles[0] = role_of(draw(w, ROLES));
        }
        if (signs || change < 2) {
            arena_reset(&w->arena);
            s = sheet_of(w, under, now, w->decisions, w->count);
        }
    }
    return s;
}

static bool is_of_version(struct span seat)
{
    return seat.left > 3 && span_is(span_from(seat, seat.left - 3), "/v7");
}

/* Is there a seat of this name in a meaning of its own for the policy in force? */
static bool has_twin(const struct sheet *s, struct span seat)
{
    uint8_t name[NAME_MAX_BYTES + 3];
    struct writer w = wr_fixed(name, sizeof(name));
    wr_bytes(&w, seat);
    wr_text(&w, "/v7");
    return policy_sheet_seat(s, wr_span(&w)) != NULL;
}

/* The same people under one policy alone: does each stand in a seat of it? */
static bool alone(struct world *w, const struct sheet *both, const struct state_policy *p, bool newer)
{
    struct state_decision *mine = arena_array(&w->arena, STEPS, sizeof(*mine));
    size_t n = 0;

    assert_non_null(mine);
    for (size_t k = 0; k < w->count; k++) {
        struct state_decision d = w->decisions[k];
        const bool versioned = is_of_version(d.seat);
        if (!both->held[k] || (versioned && !newer) || (!versioned && newer && has_twin(both, d.seat))) {
            continue;
        }
        d.seat.left -= versioned ? 3U : 0U;
        mine[n++] = d;
    }
    const struct sheet s = sheet_of(w, p, p, mine, n);
    return policy_sheet_met(&s).allow;
}

static void nobody_holds_two(const struct world *w, const struct sheet *s, uint64_t round)
{
    size_t have = 0;
    size_t holders = 0;
    for (size_t i = 0; i < s->count; i++) {
        have += s->lines[i].kind == SHEET_SEAT ? s->lines[i].have : 0U;
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        holders += policy_has_seat(s, &w->people[i].person) ? 1U : 0U;
    }
    if (have != holders) {
        fail_round(round, "somebody holds two seats");
    }
}

static void both_is_each(void **state)
{
    size_t approved = 0;
    size_t renamed = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet s = sign_under(w, &w->a.p, &w->b.p);
        nobody_holds_two(w, &s, round);
        if (policy_sheet_met(&s).allow) {
            approved++;
            for (size_t k = 0; k < w->count; k++) {
                renamed += s.held[k] && is_of_version(w->decisions[k].seat) ? 1U : 0U;
            }
            if (!alone(w, &s, &w->a.p, false) || !alone(w, &s, &w->b.p, true)) {
                fail_round(round, "approved under both, and not under each");
            }
        }
        release(w);
    }
    print_message("%zu of %d approved, %zu in renamed seats\n", approved, ROUNDS, renamed);
    assert_true(approved > ROUNDS / 20 && renamed > ROUNDS / 20); /* or nothing was tried */
}

/* Decisions as they come, right or wrong: what a policy approves, it approves with a rule less. */
static void a_rule_more_never_approves_more(void **state)
{
    size_t approved = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet all = sign_under(w, &w->a.p, &w->a.p);
        const bool more = policy_sheet_met(&all).allow;
        const size_t rules = w->a.p.doc.rule_count;
        approved += more ? 1U : 0U;
        for (size_t left_out = 0; rules > 1 && left_out < rules; left_out++) {
            struct policy less = w->a;
            less.p.doc.rules = less.rules;
            less.rules[left_out] = less.rules[rules - 1];
            less.p.doc.rule_count = rules - 1;
            const struct sheet s = sheet_of(w, &less.p, &less.p, w->decisions, w->count);
            if (more && !policy_sheet_met(&s).allow) {
                fail_round(round, "approved with a rule more");
            }
        }
        release(w);
    }
    assert_true(approved > ROUNDS / 10);
}

static void turn_around(struct policy *p)
{
    for (size_t i = 0; i < p->p.doc.rule_count / 2; i++) {
        struct policy_rule *last = &p->rules[p->p.doc.rule_count - 1 - i];
        const struct policy_rule rule = p->rules[i];
        p->rules[i] = *last;
        *last = rule;
    }
}

static void the_order_of_rules_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet before = sign_under(w, &w->a.p, &w->b.p);
        turn_around(&w->a);
        turn_around(&w->b);
        const struct sheet after = sheet_of(w, &w->a.p, &w->b.p, w->decisions, w->count);
        if (!sha256_eq(&before.digest, &after.digest) || before.seats_full != after.seats_full ||
            before.complete != after.complete) {
            fail_round(round, "the order mattered");
        }
        release(w);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_is_each),
        cmocka_unit_test(a_rule_more_never_approves_more),
        cmocka_unit_test(the_order_of_rules_does_not_matter),
    };
    if (argc == 2) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
