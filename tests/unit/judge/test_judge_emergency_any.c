/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever people try, in whatever order: nothing is granted without two distinct people who are listed and were there
 * together, or one of them by a voucher of their own, which is for somebody who was there; and no seat but `self` is
 * held by who is kept apart. Generated; the seed is printed. D4, 6.3, 6.6
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_emergency.h"
#include "support/author_glass.h"

enum { CAP_BYTES = 64 << 20, LOGS = 40, STEPS = 120, WINDOW_MS = 120000 };

static uint64_t seed = 20260105;

static unsigned any(unsigned below)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)((seed >> 33) % below);
}

static const char *one_of(const char *const *words, unsigned count)
{
    return words[any(count)];
}

struct attempt {
    struct author_log *l;
    uint64_t emergency[STEPS];
    uint64_t about[STEPS]; /* the deployment of each */
    unsigned emergencies;
    uint64_t voucher[STEPS];
    unsigned vouchers;
    uint64_t request[STEPS];
    unsigned requests;
    bool of_bea[STEPS];   /* the request: she wrote it, or asked for it */
    bool for_tina[STEPS]; /* the voucher: for her alone */
};

/* Somebody who could, where they could: so that enough of it comes to something. */
static void sign_rightly(struct attempt *a)
{
    static const struct {
        const char *person;
        const char *seat;
        const char *port;
    } right[] = {{"tina", "emergency/operator", "1-1"},
                 {"tom", "emergency/operator", "1-1"},
                 {"bea", "emergency/endorse", "1-2"},
                 {"bill", "emergency/endorse", "1-2"},
                 {"olga", "emergency/second", "1-3"}};
    const unsigned i = any(5);
    const unsigned newest = a->emergencies - 1;
    (void)glass_sign(a->l, right[i].person, a->emergency[any(4) == 0 ? any(a->emergencies) : newest], right[i].seat,
                     right[i].port);
}

static void try_signing(struct attempt *a)
{
    static const char *const people[] = {"tina", "tom", "bea", "bill", "olga", "omar", "odette"};
    static const char *const seats[] = {"emergency/operator", "emergency/endorse", "emergency/second",
                                        "production/tech", "production/business"};
    static const char *const ports[] = {"1-1", "1-2", "1-3", "4-4"};
    const char *person = one_of(people, 7);
    struct author_wrong how = {.port = one_of(ports, 4)};
    if (a->emergencies == 0) {
        return;
    }
    if (any(3) != 0) {
        sign_rightly(a);
        return;
    }
    how.key_of = any(6) == 0 ? one_of(people, 7) : NULL;
    how.no_verification = any(8) == 0;
    how.other_sheet = any(8) == 0;
    const bool ordinary = any(6) == 0 && a->requests > 0;
    const uint64_t id = ordinary ? a->request[any(a->requests)] : a->emergency[any(a->emergencies)];
    (void)author_log_decide(a->l, person, id, one_of(seats, 5), any(10) == 0 ? DECISION_REJECT : DECISION_APPROVE,
                            "a reason long enough", &how);
}

static void try_opening(struct attempt *a)
{
    static const char *const initiators[] = {"tina", "tom", "bea", "olga", "nemo"};
    uint64_t id = 0;
    const struct glass_ask ask = {.request = a->request[any(a->requests)],
                                  .initiator = one_of(initiators, 5),
                                  .voucher = a->vouchers > 0 && any(2) == 0 ? a->voucher[any(a->vouchers)] : 0};
    if (glass_open(a->l, &ask, &id).allow) {
        a->about[a->emergencies] = ask.request;
        a->emergency[a->emergencies++] = id;
    }
}

static void try_voucher(struct attempt *a)
{
    static const char *const givers[] = {"bea", "bill", "tina"};
    uint64_t id = 0;
    const char *giver = one_of(givers, 3);
    const bool for_tina = any(2) == 0;
    const struct glass_voucher how = {.initiator = giver, .life_s = 1 + any(600), .person = for_tina ? "tina" : NULL};
    if (!glass_voucher(a->l, &how, &id).allow) {
        return;
    }
    a->for_tina[a->vouchers] = for_tina;
    a->voucher[a->vouchers++] = id;
    (void)author_log_decide(a->l, any(4) == 0 ? "bea" : giver, id, "voucher/endorse", DECISION_APPROVE, NULL, NULL);
}

/* Often something of bea's, who can endorse and give vouchers. */
static void try_requesting(struct attempt *a)
{
    const unsigned of = any(4);
    const struct author_request q = {
        .title = "Hotfix", .author = of == 0 ? "bea" : NULL, .initiator = of == 1 ? "person:bea" : NULL};
    uint64_t id = 0;
    if (author_log_request(a->l, &q, &id).allow) {
        a->of_bea[a->requests] = of < 2;
        a->request[a->requests++] = id;
    }
}

/* Of a deployment that was rejected meanwhile there is nothing to write a grant from. */
static void try_granting(struct attempt *a)
{
    const struct state *s = &author_log_judge(a->l)->state;
    if (a->emergencies == 0) {
        return;
    }
    const unsigned i = any(2) == 0 ? any(a->emergencies) : a->emergencies - 1;
    if (state_request_find(s, a->emergency[i])->open != NULL && state_request_find(s, a->about[i])->open != NULL) {
        (void)author_log_grant(a->l, a->emergency[i], NULL);
    }
}

static void step(struct attempt *a)
{
    switch (any(12)) {
    case 0:
        try_requesting(a);
        break;
    case 1:
        try_opening(a);
        break;
    case 2:
        try_voucher(a);
        break;
    case 3:
        author_log_advance(a->l, any(WINDOW_MS));
        break;
    case 4:
        try_granting(a);
        break;
    default:
        try_signing(a);
        break;
    }
}

static bool has(const struct state_person *p, const char *role)
{
    return state_person_has_role(p, span_str(role));
}

static size_t at_index(const uint64_t *ids, unsigned count, uint64_t id)
{
    size_t i = 0;
    while (i < count && ids[i] != id) {
        i++;
    }
    assert_true(i < count);
    return i;
}

static bool is_person(const struct state_person *p, const char *id)
{
    return span_is(p->id, id);
}

enum { PEOPLE_MAX = 8 };

/* Those who counted: fresh, each at a port of their own, and over one sheet. */
static size_t check_present(const struct state_request *m, const struct state_emergency *x,
                            const struct state_person **who)
{
    const struct sha256 *sheet = NULL;
    size_t n = 0;

    for (size_t i = 0; i < m->decision_count; i++) {
        const struct state_decision *d = &m->decisions[i];
        if (!d->counted) {
            continue;
        }
        assert_true(d->word == DECISION_APPROVE);
        assert_true(d->time_ms + WINDOW_MS >= x->granted_ms - 1);
        assert_true(sheet == NULL || sha256_eq(sheet, &d->sheet_sha256));
        sheet = &d->sheet_sha256;
        for (size_t k = 0; k < i; k++) {
            assert_true(!m->decisions[k].counted || m->decisions[k].port != d->port);
        }
        who[n++] = d->person;
    }
    assert_true(n >= 1);
    return n;
}

/* Who gave the voucher stands beside those who were there, one of whom it is for. */
static size_t check_voucher(const struct attempt *a, const struct state_request *v, const struct state_person **who,
                            size_t n)
{
    const bool for_tina = a->for_tina[at_index(a->voucher, a->vouchers, v->index)];
    bool there = false;

    assert_int_equal(v->status, STATUS_APPLIED);
    for (size_t i = 0; i < n; i++) {
        there = there || (for_tina ? is_person(who[i], "tina") : has(who[i], "tech"));
    }
    assert_true(there);
    who[n] = policy_voucher_decision(v)->person;
    return n + 1;
}

/* The people of one grant: who counted, and whoever gave the voucher. */
static void check_grant(const struct attempt *a, const struct state *s, const struct state_emergency *x)
{
    const struct state_request *m = state_request_find(s, x->request);
    const struct state_request *q = state_request_find(s, x->grants);
    const struct state_person *who[PEOPLE_MAX] = {0};
    const bool of_bea = a->of_bea[at_index(a->request, a->requests, q->index)];
    size_t n = check_present(m, x, who);
    bool asked = false;
    bool endorser = false;

    if (q->grant->voucher != NULL) {
        n = check_voucher(a, q->grant->voucher, who, n);
    }
    assert_true(n >= 2);
    for (size_t i = 0; i < n; i++) {
        asked = asked || has(who[i], "tech");
        endorser = endorser || has(who[i], "business");
        assert_false(of_bea && is_person(who[i], "bea")); /* her seat is the endorser's, which is not `self` */
        for (size_t k = 0; k < i; k++) {
            assert_true(who[i] != who[k]);
        }
    }
    assert_true(asked && endorser);
    assert_true(!x->over_budget || n >= 3);
}

static void nothing_without_two_distinct_listed_people(void **state)
{
    uint64_t granted = 0;
    uint64_t vouched = 0;
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int i = 0; i < LOGS; i++) {
        struct attempt a = {.l = author_log_new(JUDGE_PROVE, CAP_BYTES)};
        assert_non_null(a.l);
        author_log_standard(a.l);
        glass_policy(a.l, &(struct glass_policy){.version = 3});
        a.request[a.requests++] = glass_request(a.l, "Hotfix", NULL);
        for (int k = 0; k < STEPS - 1; k++) {
            step(&a);
        }
        const struct state *s = &author_log_judge(a.l)->state;
        for (size_t k = 0; k < s->emergency_count; k++) {
            check_grant(&a, s, s->emergencies[k]);
            granted++;
            vouched += state_request_find(s, s->emergencies[k]->grants)->grant->voucher != NULL ? 1U : 0U;
        }
        for (size_t k = 0; k < s->request_count;
             k++) { /* and no deployment is approved that nobody granted or signed */
            const struct state_request *q = s->requests[k];
            if (q->kind == KIND_DEPLOY && q->status == STATUS_APPROVED && q->grant == NULL) {
                assert_true(q->decision_count >= 2);
            }
        }
        author_log_free(a.l);
    }
    print_message("%llu granted, %llu with a voucher\n", (unsigned long long)granted, (unsigned long long)vouched);
    assert_true(granted >= 3); /* else the property was not tried */
    assert_true(vouched >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_without_two_distinct_listed_people)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
