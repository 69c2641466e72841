/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated groups, orders over rules and escalations. Requirements 4.1, 4.2, 4.3, 4.4: whoever fills a seat of a group
 * was of it, a rule more never approves more, under two policies no more is approved than under the first, an
 * escalation changes nobody's number and takes nothing away, a person less never approves more, and the order of rules
 * does not matter. `test_policy_route SEED` repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/random.h>

#include "policy/policy_match.h"
#include "policy/policy_route.h"

enum {
    ROUNDS = 400,
    RULES = 3,
    SEATS = 3,
    ROLES = 4, /* the last one is only escalated to */
    PEOPLE = 14,
    SAID_MAX = 50,
    NAME_BYTES = 32,
    OPENED = 100,
    VERSION = 7,
};

static uint64_t seed;

struct signer {
    struct state_person person;
    struct state_credential key;
    struct span roles[2];
};

struct policy {
    struct state_policy p;
    struct policy_rule rules[RULES];
    struct policy_seat seats[RULES][SEATS];
    struct policy_step steps[RULES];
    uint8_t after[RULES * SEATS][NAME_BYTES];
};

struct world {
    struct arena arena;
    struct arena kept;
    uint64_t random;
    struct state state;
    struct policy a;
    struct policy b;
    struct deploy_content deploy;
    struct state_model model;
    struct signer people[PEOPLE];
    struct state_step steps[RULES];
    size_t step_count;
    struct state_decision said[SAID_MAX];
    uint8_t names[SAID_MAX][NAME_BYTES];
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

static const char *const role_words[ROLES] = {"x", "y", "z", "duty"};
static const char *const rule_words[RULES] = {"r0", "r1", "r2"};
static const char *const seat_words[SEATS] = {"a", "b", "c"};

static struct span role_of(uint64_t i)
{
    return span_str(role_words[i]);
}

static enum policy_quorum any_quorum(struct world *w)
{
    static const enum policy_quorum all[] = {QUORUM_COUNT, QUORUM_MAJORITY, QUORUM_TWO_THIRDS};
    return all[draw(w, 3)];
}

/* A seat comes after one that was made before it, of its own or another rule: so no turn comes back to itself. */
static void make_after(struct world *w, struct policy *p, size_t made, size_t rule, struct policy_seat *seat)
{
    const size_t to = draw(w, made);
    size_t at = 0;
    size_t of = 0;
    while (to >= at + p->rules[of].seat_count) {
        at += p->rules[of++].seat_count;
    }
    struct writer name = wr_fixed(p->after[made], NAME_BYTES);
    if (of != rule) {
        wr_bytes(&name, p->rules[of].id);
        wr_u8(&name, '/');
    }
    wr_bytes(&name, p->seats[of][to - at].id);
    seat->after = wr_span(&name);
}

static void make_seat(struct world *w, struct policy *p, size_t rule, struct policy_seat *seat, size_t made)
{
    static struct span veto = {(const uint8_t *)"z", 1};

    seat->role = role_of(draw(w, ROLES - 1));
    seat->count = (uint32_t)(1 + draw(w, 4) / 3);
    if (draw(w, 2) == 0) {
        seat->quorum = any_quorum(w);
        seat->veto = &veto;
        seat->veto_count = draw(w, 2);
    }
    if (made > 0 && draw(w, 3) == 0) {
        make_after(w, p, made, rule, seat);
    }
}

static void make_policy(struct world *w, struct policy *p, uint64_t version)
{
    size_t made = 0;

    p->p.doc = (struct policy_doc){.version = version, .rules = p->rules, .rule_count = 1 + draw(w, RULES)};
    for (size_t i = 0; i < p->p.doc.rule_count; i++) {
        struct policy_rule *r = &p->rules[i];
        *r = (struct policy_rule){.id = span_str(rule_words[i]), .seats = p->seats[i], .steps = &p->steps[i]};
        const size_t seats = 1 + draw(w, SEATS);
        for (size_t k = 0; k < seats; k++) {
            p->seats[i][k] = (struct policy_seat){.id = span_str(seat_words[k])};
            r->seat_count = k; /* it comes after none of itself */
            make_seat(w, p, i, &p->seats[i][k], made++);
        }
        r->seat_count = seats;
        p->steps[i] = (struct policy_step){.after_s = 60, .to = role_of(ROLES - 1)};
        r->step_count = draw(w, 2);
    }
}

static void tenure(struct world *w, const struct signer *who, struct span role, uint64_t from, uint64_t until)
{
    const struct sha256 key = digest_sha256(role);
    struct state_role *r = map_get(&w->state.roles, &key);

    if (r == NULL) {
        r = arena_alloc(&w->kept, sizeof(*r));
        assert_non_null(r);
        r->tenure = arena_array(&w->kept, (size_t)4 * PEOPLE, sizeof(*r->tenure));
        assert_non_null(r->tenure);
        assert_int_equal(map_put(&w->state.roles, &w->state.pool, &key, r).code, CS_OK);
    }
    r->tenure[r->count++] = (struct state_tenure){.person = &who->person, .from = from, .until = until};
}

/* Some were of a group and left, some came when the request was open already, most were and are. */
static void make_people(struct world *w)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        struct signer *s = &w->people[i];
        const struct span role = role_of(draw(w, 8) == 0 ? ROLES - 1 : i % (ROLES - 1));
        const uint64_t how = draw(w, 8);
        s->key = (struct state_credential){.kind = CREDENTIAL_FIDO2, .person = &s->person, .model = &w->model};
        s->person = (struct state_person){.id = SPAN_LIT("somebody"), .roles = s->roles};
        tenure(w, s, role, how == 0 ? OPENED + 10 : 1, how == 1 ? OPENED + 20 : (how == 2 ? 50 : UINT64_MAX));
        if (how != 1 && how != 2) {
            s->roles[s->person.role_count++] = role;
        }
        if (draw(w, 3) == 0) {
            tenure(w, s, role_of((i + 1) % (ROLES - 1)), 2, UINT64_MAX);
            s->roles[s->person.role_count++] = role_of((i + 1) % (ROLES - 1));
        }
    }
}

static struct world *world(uint64_t round)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    arena_init(&w->arena, 64 << 20);
    arena_init(&w->kept, 16 << 20);
    pool_init(&w->state.pool, &w->kept);
    w->state.size = OPENED + 100;
    w->random = (seed + round * UINT64_C(0x9e3779b97f4a7c15)) | 1U;
    make_policy(w, &w->a, 2);
    make_policy(w, &w->b, VERSION);
    make_people(w);
    for (size_t i = 0; i < w->a.p.doc.rule_count; i++) {
        if (draw(w, 2) == 0) {
            w->steps[w->step_count++] =
                (struct state_step){.index = OPENED + 1, .rule = w->a.rules[i].id, .to = role_of(ROLES - 1)};
        }
    }
    w->deploy.title = SPAN_LIT("Release");
    return w;
}

static void release(struct world *w)
{
    arena_release(&w->arena);
    arena_release(&w->kept);
    free(w);
}

static void fail_round(uint64_t round, const char *what)
{
    fail_msg("%s (seed %llu, round %llu)", what, (unsigned long long)seed, (unsigned long long)round);
}

struct asked {
    const struct state_policy *under;
    const struct state_policy *now;
    size_t steps;
};

static struct sheet sheet_of(struct world *w, struct asked a)
{
    const struct sheet_input in = {.kind = KIND_DEPLOY,
                                   .deploy = &w->deploy,
                                   .state = &w->state,
                                   .index = OPENED,
                                   .opened_under = a.under,
                                   .in_force = a.now,
                                   .steps = w->steps,
                                   .step_count = a.steps,
                                   .decisions = w->said,
                                   .decision_count = w->count};
    struct sheet s;
    assert_int_equal(policy_sheet(&in, &w->arena, &s).code, CS_OK);
    return s;
}

static const struct sheet_line *any_seat(struct world *w, const struct sheet *s)
{
    size_t i = draw(w, s->count);
    while (s->lines[i].kind != SHEET_SEAT) {
        i = (i + 1) % s->count;
    }
    return &s->lines[i];
}

static enum decision_word any_word(struct world *w)
{
    static const enum decision_word words[] = {DECISION_ABSTAIN, DECISION_REJECT};
    return draw(w, 12) > 0 ? DECISION_APPROVE : words[draw(w, 2)];
}

/* People say what they may, as the judge would let them, until it is approved, rejected or nobody has anything to say;
 * now and then a key is switched off. */
static struct sheet say_under(struct world *w, struct asked a)
{
    struct sheet s = sheet_of(w, a);
    for (size_t step = 0; step < (size_t)12 * SAID_MAX && !s.seats_full && w->count < SAID_MAX; step++) {
        struct signer *who = &w->people[draw(w, PEOPLE)];
        const struct sheet_line *line = any_seat(w, &s);
        const enum decision_word word = any_word(w);
        if (draw(w, 60) == 0) {
            who->key.revoked = !who->key.revoked;
        } else if (!who->key.revoked && policy_may_say_with(&s, &who->key, word, line, NULL).allow) {
            if (word == DECISION_REJECT && !policy_outvotable(&who->person, line)) {
                break;
            }
            struct writer name = wr_fixed(w->names[w->count], NAME_BYTES);
            policy_seat_name(line, &name);
            w->said[w->count] = (struct state_decision){.index = OPENED + 10 + w->count,
                                                        .word = word,
                                                        .person = &who->person,
                                                        .credential = &who->key,
                                                        .seat = wr_span(&name)};
            w->count++;
        } else {
            continue;
        }
        arena_reset(&w->arena);
        s = sheet_of(w, a);
    }
    return s;
}

static struct asked under_a(struct world *w)
{
    return (struct asked){&w->a.p, &w->a.p, w->step_count};
}

static const struct sheet_line *line_of(const struct sheet *s, size_t k)
{
    return policy_sheet_seat(s, s->in.decisions[k].seat);
}

/* Full means: so many different people, who were there when it was opened, and said yes. */
static void who_fills_a_group_was_of_it(void **state)
{
    size_t approved = 0;
    size_t votes = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet s = say_under(w, under_a(w));
        approved += s.seats_full ? 1U : 0U;
        for (size_t k = 0; k < w->count; k++) {
            const struct sheet_line *line = line_of(&s, k);
            if (!s.held[k]) {
                continue;
            }
            bool was = line->quorum == QUORUM_NONE || state_had_role(&w->state, w->said[k].person, line->role, OPENED);
            for (size_t i = 0; i < line->also_count; i++) {
                was = was || state_had_role(&w->state, w->said[k].person, line->also[i], OPENED);
            }
            for (size_t i = k + 1; i < w->count; i++) {
                if (s.held[i] && w->said[i].person == w->said[k].person) {
                    fail_round(round, "somebody holds two seats");
                }
            }
            votes += line->quorum != QUORUM_NONE ? 1U : 0U;
            if (!was || w->said[k].word != DECISION_APPROVE) {
                fail_round(round, "somebody who was not of the group, or did not approve, holds a seat");
            }
        }
        release(w);
    }
    print_message("%zu of %d approved, with %zu votes\n", approved, ROUNDS, votes);
    assert_true(approved > ROUNDS / 20 && votes > ROUNDS / 4);
}

static void a_number_is_what_it_was(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet before = sheet_of(w, under_a(w));
        struct signer *who = &w->people[draw(w, PEOPLE)];
        tenure(w, who, role_of(draw(w, ROLES)), OPENED + 30, UINT64_MAX); /* comes */
        const struct sha256 key = digest_sha256(role_of(draw(w, ROLES)));
        struct state_role *r = map_get(&w->state.roles, &key);
        if (r != NULL && r->tenure[0].until == UINT64_MAX) {
            r->tenure[0].until = OPENED + 40; /* leaves */
        }
        const struct sheet after = sheet_of(w, under_a(w));
        if (!sha256_eq(&before.digest, &after.digest)) {
            fail_round(round, "who comes or leaves changes what is signed");
        }
        release(w);
    }
}

static void a_rule_more_never_approves_more(void **state)
{
    size_t approved = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const bool more = say_under(w, under_a(w)).seats_full;
        const size_t rules = w->a.p.doc.rule_count;
        approved += more ? 1U : 0U;
        for (size_t left_out = 0; rules > 1 && left_out < rules; left_out++) {
            struct policy less = w->a;
            less.p.doc.rules = less.rules;
            less.rules[left_out] = less.rules[rules - 1];
            less.p.doc.rule_count = rules - 1;
            if (more && !sheet_of(w, (struct asked){&less.p, &less.p, w->step_count}).seats_full) {
                fail_round(round, "approved with a rule more");
            }
        }
        release(w);
    }
    assert_true(approved > ROUNDS / 20);
}

static bool is_of_b(struct span seat)
{
    return seat.left > 3 && span_is(span_from(seat, seat.left - 3), "/v7");
}

static void two_policies_never_approve_more(void **state)
{
    size_t approved = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        if (draw(w, 2) == 0) { /* often nearly the same: then names meet */
            memcpy(&w->b.seats, &w->a.seats, sizeof(w->b.seats));
            for (size_t i = 0; i < RULES; i++) {
                w->b.rules[i] = w->a.rules[i];
                w->b.rules[i].seats = w->b.seats[i];
                w->b.rules[i].steps = &w->b.steps[i];
            }
            w->b.p.doc.rule_count = w->a.p.doc.rule_count;
            w->b.seats[0][0].quorum = any_quorum(w);
        }
        const bool both = say_under(w, (struct asked){&w->a.p, &w->b.p, w->step_count}).seats_full;
        size_t n = 0;
        for (size_t k = 0; k < w->count; k++) {
            if (!is_of_b(w->said[k].seat)) {
                w->said[n++] = w->said[k];
            }
        }
        w->count = n;
        approved += both ? 1U : 0U;
        if (both && !sheet_of(w, under_a(w)).seats_full) {
            fail_round(round, "approved under both, and not under the first");
        }
        release(w);
    }
    assert_true(approved > ROUNDS / 40);
}

static void an_escalation_takes_nothing_away(void **state)
{
    size_t approved = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet none = say_under(w, (struct asked){&w->a.p, &w->a.p, 0});
        const bool *held = none.held;
        const struct sheet some = sheet_of(w, under_a(w));
        approved += none.seats_full ? 1U : 0U;
        for (size_t i = 0; i < none.count; i++) {
            if (none.lines[i].count != some.lines[i].count || none.lines[i].of != some.lines[i].of) {
                fail_round(round, "an escalation changes how many must agree");
            }
        }
        for (size_t k = 0; k < w->count; k++) {
            if (held[k] && !some.held[k]) {
                fail_round(round, "an escalation takes a seat away");
            }
        }
        release(w);
    }
    assert_true(approved > ROUNDS / 20);
}

static void a_person_less_never_approves_more(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const bool before = say_under(w, under_a(w)).seats_full;
        for (size_t i = 0; i < PEOPLE; i++) {
            w->people[i].person.removed = true;
            if (sheet_of(w, under_a(w)).seats_full && !before) {
                fail_round(round, "approved with a person less");
            }
            w->people[i].person.removed = false;
        }
        release(w);
    }
}

static void the_order_of_rules_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet before = say_under(w, (struct asked){&w->a.p, &w->b.p, w->step_count});
        const struct policy_rule first = w->a.rules[0];
        w->a.rules[0] = w->a.rules[w->a.p.doc.rule_count - 1];
        w->a.rules[w->a.p.doc.rule_count - 1] = first;
        const struct sheet after = sheet_of(w, (struct asked){&w->a.p, &w->b.p, w->step_count});
        if (!sha256_eq(&before.digest, &after.digest) || before.seats_full != after.seats_full) {
            fail_round(round, "the order of rules matters");
        }
        release(w);
    }
}

/* A step's condition must hold for sure; a rule's holds when it cannot be told. */
static void what_is_not_given_never_widens(void **state)
{
    struct span critical = SPAN_LIT("critical");
    struct policy_test test = {
        .kind = TEST_IS, .name = SPAN_LIT("attributes.criticality"), .values = &critical, .value_count = 1};
    struct policy_when when = {.any = &test, .any_count = 1};
    struct policy_step step = {.after_s = 60, .to = SPAN_LIT("duty"), .when = &when, .when_count = 1};
    struct policy_rule rule = {.id = SPAN_LIT("r"), .steps = &step, .step_count = 1};
    struct state_policy p = {.doc = {.rules = &rule, .rule_count = 1, .has_steps = true}};
    static struct deploy_content d = {.title = {(const uint8_t *)"Release", 7}};
    const struct sheet_input in = {.deploy = &d, .opened_ms = 1000, .opened_under = &p, .in_force = &p};
    uint64_t due_ms = 0;
    (void)state;
    assert_true(policy_condition_holds(&when, &d));
    assert_false(policy_step_due(&in, rule.id, step.to, &due_ms));
    d.attributes[0] = (struct text_pair){.key = SPAN_LIT("criticality"), .value = SPAN_LIT("low")};
    d.attribute_count = 1;
    assert_false(policy_step_due(&in, rule.id, step.to, &due_ms));
    d.attributes[0].value = critical;
    assert_true(policy_step_due(&in, rule.id, step.to, &due_ms));
    assert_int_equal(due_ms, 61000);
    test.kind = TEST_IS_NOT; /* nor does leaving it out under a `not` */
    d.attribute_count = 0;
    assert_false(policy_step_due(&in, rule.id, step.to, &due_ms));
}

/* Which key signs, whatever the role. */
static void every_key_is_what_a_rule_asks(void **state)
{
    struct span tech = SPAN_LIT("tech");
    struct policy_seat seat = {.id = SPAN_LIT("a"), .role = SPAN_LIT("tech"), .count = 1};
    struct policy_rule rules[] = {{.id = SPAN_LIT("one"), .seats = &seat, .seat_count = 1},
                                  {.id = SPAN_LIT("two"), .token_attested = true, .token_verification = true}};
    struct state_policy p = {.doc = {.rules = rules, .rule_count = 2}};
    static const struct deploy_content d = {.title = {(const uint8_t *)"Release", 7}}; /* too large for the stack */
    struct state_issuer issuer = {.id = SPAN_LIT("acme")};
    struct state_card card = {.issuer = &issuer};
    struct state_person person = {.id = SPAN_LIT("tom"), .roles = &tech, .role_count = 1};
    struct state_credential key = {.kind = CREDENTIAL_PIV, .person = &person, .card = &card};
    const struct sheet_input in = {.kind = KIND_DEPLOY, .deploy = &d, .opened_under = &p, .in_force = &p};
    struct arena a;
    struct sheet s;
    (void)state;
    arena_init(&a, 1 << 20);
    assert_int_equal(policy_sheet(&in, &a, &s).code, CS_OK);
    assert_int_equal(policy_may_say_with(&s, &key, DECISION_APPROVE, NULL, NULL).reason, REASON_TOKEN_NOT_ALLOWED);
    card.facts.attested = true;
    assert_true(policy_may_say_with(&s, &key, DECISION_APPROVE, NULL, NULL).allow);
    size_t lines = 0;
    for (size_t i = 0; i < s.count; i++) {
        lines += s.lines[i].kind == SHEET_TOKEN && span_is(s.lines[i].rule, "two") ? 1U : 0U;
    }
    assert_int_equal(lines, 2);
    arena_release(&a);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_fills_a_group_was_of_it),        cmocka_unit_test(a_number_is_what_it_was),
        cmocka_unit_test(a_rule_more_never_approves_more),    cmocka_unit_test(two_policies_never_approve_more),
        cmocka_unit_test(an_escalation_takes_nothing_away),   cmocka_unit_test(a_person_less_never_approves_more),
        cmocka_unit_test(the_order_of_rules_does_not_matter), cmocka_unit_test(what_is_not_given_never_widens),
        cmocka_unit_test(every_key_is_what_a_rule_asks),
    };
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
