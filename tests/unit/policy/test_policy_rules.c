/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated rules and requests. Requirement 4.1: adding a rule never approves more, the order of rules does not matter,
 * and leaving a value out of a request never avoids a rule. `test_policy_rules SEED` repeats a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/random.h>

#include "policy/policy_match.h"

enum { ROUNDS = 3000, RULES = 6, NAMES = 5, VALUES = 4 };

static uint64_t seed;

struct world {
    struct arena arena;
    uint64_t random;
    struct policy_rule rules[RULES];
    struct deploy_content deploy;
    struct state_policy policy;
};

/* xorshift64* */
static uint64_t draw(struct world *w, uint64_t below)
{
    w->random ^= w->random >> 12;
    w->random ^= w->random << 25;
    w->random ^= w->random >> 27;
    return (w->random * UINT64_C(2685821657736338717) >> 33) % below;
}

static struct span name_of(uint64_t i)
{
    static const char *const names[NAMES] = {"environment", "service", "attributes.a", "attributes.b", "attributes.n"};
    return span_str(names[i]);
}

static struct span value_of(uint64_t i)
{
    static const char *const values[VALUES] = {"-3", "12", "axb", "ayb"};
    return span_str(values[i]);
}

static struct policy_test make_test(struct world *w)
{
    static const char *const patterns[VALUES] = {"*", "-*", "a*b", "*yb"};
    struct policy_test t = {.kind = (enum policy_test_kind)(1 + draw(w, TEST_LE)), .name = name_of(draw(w, NAMES))};

    t.bound = (int64_t)draw(w, 30) - 10;
    if (t.kind != TEST_GE && t.kind != TEST_LE) {
        t.value_count = 1 + draw(w, 2);
        t.values = arena_array(&w->arena, t.value_count, sizeof(*t.values));
        assert_non_null(t.values);
        for (size_t i = 0; i < t.value_count; i++) {
            const uint64_t v = draw(w, VALUES);
            t.values[i] = t.kind == TEST_GLOB || t.kind == TEST_GLOB_NOT ? span_str(patterns[v]) : value_of(v);
        }
    }
    return t;
}

static void make_when(struct world *w, struct policy_rule *r)
{
    r->when_count = draw(w, 3);
    r->when = arena_array(&w->arena, r->when_count, sizeof(*r->when));
    assert_non_null(r->when);
    for (size_t i = 0; i < r->when_count; i++) {
        struct policy_when *c = &r->when[i];
        c->any_count = 1 + draw(w, 3);
        c->any = arena_array(&w->arena, c->any_count, sizeof(*c->any));
        assert_non_null(c->any);
        for (size_t k = 0; k < c->any_count; k++) {
            c->any[k] = make_test(w);
        }
    }
}

static void make_rule(struct world *w, size_t index)
{
    static const char *const ids[RULES] = {"r0", "r1", "r2", "r3", "r4", "r5"};
    static const char *const fields[VALUES] = {"title", "ticket", "attributes.a", "documentation.backout_plan"};
    struct policy_rule *r = &w->rules[index];

    *r = (struct policy_rule){.id = span_str(ids[index]),
                              .separate = (uint32_t)draw(w, 16),
                              .bind = (uint32_t)draw(w, 8),
                              .sign_by_s = draw(w, 3) * 100,
                              .use_by_s = draw(w, 3) * 100,
                              .reason_approve_min = (uint32_t)draw(w, 20),
                              .reason_reject_min = (uint32_t)draw(w, 20)};
    make_when(w, r);
    r->field_count = draw(w, 2);
    r->fields = arena_array(&w->arena, 1, sizeof(*r->fields));
    r->seat_count = draw(w, 3);
    r->seats = arena_array(&w->arena, 2, sizeof(*r->seats));
    assert_non_null(r->fields);
    assert_non_null(r->seats);
    r->fields[0] = span_str(fields[draw(w, VALUES)]);
    for (size_t i = 0; i < r->seat_count; i++) {
        r->seats[i] = (struct policy_seat){.id = i == 0 ? SPAN_LIT("a") : SPAN_LIT("b"),
                                           .role = SPAN_LIT("tech"),
                                           .count = (uint32_t)(1 + draw(w, 3))};
    }
}

static void make_request(struct world *w)
{
    struct deploy_content *d = &w->deploy;

    memset(d, 0, sizeof(*d));
    d->artifact_count = draw(w, 2);
    d->has_config = draw(w, 2) == 1;
    d->has_plan = draw(w, 2) == 1;
    d->title = draw(w, 4) > 0 ? SPAN_LIT("Release") : SPAN_NONE;
    d->ticket = draw(w, 2) > 0 ? SPAN_LIT("CHG-1") : SPAN_NONE;
    d->environment = value_of(draw(w, VALUES));
    d->service = value_of(draw(w, VALUES));
    static const char *const keys[3] = {"a", "b", "n"};
    for (size_t i = 0; i < 3; i++) {
        if (draw(w, 3) > 0) {
            d->attributes[d->attribute_count++] =
                (struct text_pair){.key = span_str(keys[i]), .value = value_of(draw(w, VALUES))};
        }
    }
}

static struct world *world(uint64_t round)
{
    struct world *w = calloc(1, sizeof(*w));
    assert_non_null(w);
    arena_init(&w->arena, 16 << 20);
    w->random = (seed + round * UINT64_C(0x9e3779b97f4a7c15)) | 1U;
    for (size_t i = 0; i < RULES; i++) {
        make_rule(w, i);
    }
    make_request(w);
    return w;
}

static void release(struct world *w)
{
    arena_release(&w->arena);
    free(w);
}

static struct sheet sheet_of(struct world *w, size_t rule_count)
{
    struct sheet s;
    w->policy.doc = (struct policy_doc){.rules = w->rules, .rule_count = rule_count};
    const struct sheet_input in = {
        .kind = KIND_DEPLOY, .deploy = &w->deploy, .opened_under = &w->policy, .in_force = &w->policy};
    assert_int_equal(policy_sheet(&in, &w->arena, &s).code, CS_OK);
    return s;
}

static bool has_line(const struct sheet *s, const struct sheet_line *line)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct sheet_line *l = &s->lines[i];
        if (l->kind == line->kind && span_eq(l->rule, line->rule) && span_eq(l->id, line->id)) {
            return l->count == line->count && l->state == line->state;
        }
    }
    return false;
}

static void fail_round(uint64_t round, const char *what)
{
    fail_msg("%s (seed %llu, round %llu)", what, (unsigned long long)seed, (unsigned long long)round);
}

/* Everything that fewer rules asked for is still asked for, at the same value or a stricter one. */
static const char *looser(const struct sheet *less, const struct sheet *more)
{
    for (size_t i = 0; i < less->count; i++) {
        if (!has_line(more, &less->lines[i])) {
            return "a line went away";
        }
    }
    if (more->complete && !less->complete) {
        return "what was missing is not asked for";
    }
    if ((more->separate & less->separate) != less->separate || more->sign_by_s > less->sign_by_s ||
        more->use_by_s > less->use_by_s || more->reason_approve_min < less->reason_approve_min ||
        more->reason_reject_min < less->reason_reject_min) {
        return "a number became looser";
    }
    return NULL;
}

static void adding_a_rule_never_approves_more(void **state)
{
    size_t added = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        for (size_t n = 0; n < RULES; n++) {
            const struct sheet less = sheet_of(w, n);
            const struct sheet more = sheet_of(w, n + 1);
            const char *what = looser(&less, &more);
            if (what != NULL) {
                fail_round(round, what);
            }
            added += more.count > less.count ? 1U : 0U;
        }
        release(w);
    }
    assert_true(added > ROUNDS); /* or the rules made here ask for nothing */
}

static void order_of_rules_does_not_matter(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        const struct sheet before = sheet_of(w, RULES);
        for (size_t i = RULES - 1; i > 0; i--) {
            const size_t k = draw(w, i + 1);
            const struct policy_rule rule = w->rules[i];
            w->rules[i] = w->rules[k];
            w->rules[k] = rule;
        }
        const struct sheet after = sheet_of(w, RULES);
        if (!sha256_eq(&before.digest, &after.digest) || before.sign_by_s != after.sign_by_s ||
            before.use_by_s != after.use_by_s || before.complete != after.complete) {
            fail_round(round, "the order mattered");
        }
        release(w);
    }
}

/* How many rules apply; each that did before must. */
static size_t still_apply(struct world *w, uint64_t round, bool applied[RULES])
{
    size_t n = 0;
    for (size_t i = 0; i < RULES; i++) {
        const bool now = policy_matches(&w->rules[i], &w->deploy);
        if (applied[i] && !now) {
            fail_round(round, "a rule was avoided");
        }
        applied[i] = now;
        n += now ? 1U : 0U;
    }
    return n;
}

static void leaving_a_value_out_never_avoids_a_rule(void **state)
{
    size_t left_out = 0;
    size_t applied = 0;
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        bool before[RULES] = {false};
        applied += still_apply(w, round, before);
        while (w->deploy.attribute_count > 0) {
            w->deploy.attribute_count--;
            left_out++;
            (void)still_apply(w, round, before);
        }
        release(w);
    }
    assert_true(left_out > ROUNDS && applied > ROUNDS);
}

/* A test and its opposite: exactly one of them says no when the value is there, none when it is not. */
static void opposites_are_opposite(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        struct world *w = world(round);
        struct policy_test t = make_test(w);
        struct policy_test u = t;
        switch (t.kind) {
        case TEST_IS:
            u.kind = TEST_IS_NOT;
            break;
        case TEST_GLOB:
            u.kind = TEST_GLOB_NOT;
            break;
        case TEST_GE:
            u.kind = TEST_LE;
            u.bound = t.bound - 1;
            break;
        case TEST_NONE:
        case TEST_IS_NOT:
        case TEST_GLOB_NOT:
        case TEST_LE:
            u.kind = TEST_NONE;
            break;
        }
        const enum policy_answer a = policy_test_answer(&t, &w->deploy);
        const enum policy_answer b = policy_test_answer(&u, &w->deploy);
        if (u.kind != TEST_NONE && !(a == POLICY_UNTOLD && b == POLICY_UNTOLD) &&
            !(a == POLICY_YES && b == POLICY_NO) && !(a == POLICY_NO && b == POLICY_YES)) {
            fail_round(round, "not opposite");
        }
        release(w);
    }
}

struct glob_row {
    const char *pattern;
    const char *text;
    bool like;
};

static void patterns(void **state)
{
    static const struct glob_row rows[] = {
        {"*", "", true},
        {"*", "abc", true},
        {"a*", "a", true},
        {"a*", "ba", false},
        {"*a", "bca", true},
        {"*a", "bcab", false},
        {"a*c", "abbc", true},
        {"a*c", "ac", true},
        {"a*c", "a", false},
        {"a*b*c", "axbxc", true},
        {"a*b*c", "axcxb", false},
        {"*ab*ab", "abab", true},
        {"*ab*ab", "ab", false},
        {"refs/tags/v*", "refs/tags/v1.2", true},
        {"refs/tags/v*", "refs/heads/v1", false},
        {"", "", true},
        {"", "a", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (model_glob(span_str(rows[i].pattern), span_str(rows[i].text)) != rows[i].like) {
            fail_msg("%s and %s", rows[i].pattern, rows[i].text);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adding_a_rule_never_approves_more),
        cmocka_unit_test(order_of_rules_does_not_matter),
        cmocka_unit_test(leaving_a_value_out_never_avoids_a_rule),
        cmocka_unit_test(opposites_are_opposite),
        cmocka_unit_test(patterns),
    };
    if (argc == 2) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
