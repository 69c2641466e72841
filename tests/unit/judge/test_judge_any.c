/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated logs under generated policies that have every word of the language.
 * Requirements 2.2, 2.4, 3.1, 4.1, 4.2, 4.3, 7.2: whatever happens, an approved request was signed by different people
 * in all its seats, none of them kept apart, with every file, stage and window that was asked for; a follower and the
 * auditor's replay end where the judge that wrote the log did, refuse what it refused, and do so twice; the receipt of
 * each approval holds (D7); and the order in which a policy has its rules changes nothing. `test_judge_any SEED ROUND
 * TEST` repeats one log, and prints it when something is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/random.h>

#include "any_oracle.h"
#include "judge/judge_replay.h"
#include "support/author_export.h"

enum { ROUNDS = 16, STATE_BYTES = 64 << 20, NOTE_BYTES = 4096 };

static uint64_t seed;
static uint64_t only = UINT64_MAX; /* this round alone */

struct tally {
    size_t logs;
    size_t entries;
    size_t approved;
    size_t used;
    size_t granted;
    size_t refused;
};

_Noreturn static void fail_log(struct any_log *l, uint64_t round, const char *what)
{
    any_log_print(l);
    fail_msg("%s (seed %llu, round %llu)", what, (unsigned long long)seed, (unsigned long long)round);
    abort();
}

static uint64_t first_round(void)
{
    return only != UINT64_MAX ? only : 0;
}

static uint64_t end_of_rounds(void)
{
    return only != UINT64_MAX ? only + 1 : ROUNDS;
}

/* --- who signed --- */

static const char *look_at(struct any_log *l, struct any_request *r, struct tally *t)
{
    const struct state_request *q = state_request_find(any_state(l), r->index);
    const bool approved = q->status == STATUS_APPROVED && r->status != STATUS_APPROVED;
    const bool used = q->status == STATUS_REDEEMED && r->status != STATUS_REDEEMED;
    const bool back = r->status == STATUS_FAILED;

    r->status = q->status;
    if (!approved && !used) {
        return NULL;
    }
    t->approved += approved ? 1U : 0U;
    t->used += used ? 1U : 0U;
    if (q->grant == NULL) {
        return oracle_objects(l, r, approved ? ORACLE_APPROVED : (back ? ORACLE_WENT_BACK : ORACLE_USED));
    }
    t->granted++;
    return oracle_objects_to_grant(l, q->grant->emergency->index,
                                   q->grant->voucher != NULL ? q->grant->voucher->index : 0);
}

static void approved_by_different_people_none_kept_apart(void **state)
{
    struct tally t = {0};
    (void)state;
    for (uint64_t round = first_round(); round < end_of_rounds(); round++) {
        struct any_log *l = any_log_new(seed, round, false);
        while (any_log_step(l)) {
            for (size_t i = 0; i < l->request_count; i++) {
                const char *wrong = look_at(l, &l->requests[i], &t);
                if (wrong != NULL) {
                    fail_log(l, round, wrong);
                }
            }
        }
        t.entries += author_log_size(l->log);
        any_log_free(l);
    }
    print_message("%zu entries: %zu approved, %zu used, %zu of that in emergencies\n", t.entries, t.approved, t.used,
                  t.granted);
    /* of 16 rounds there are 50 and 25 or so; a hard policy in most of them leaves few */
    assert_true(only != UINT64_MAX || (t.approved > 4 && t.used > 0 && t.granted > 0));
}

/* --- the same again --- */

static bool agrees(struct judge *j, const struct any_log *l)
{
    for (size_t i = 0; i < l->refused_count; i++) {
        const struct any_refused *x = &l->refused[i];
        if (x->at == j->state.size) {
            const struct verdict v = judge_would(j, x->leaf);
            if (v.allow || v.reason != x->reason) {
                return false;
            }
        }
    }
    return true;
}

/* The auditor's way: from a signed checkpoint, every signature verified. */
static const char *replay(struct any_log *l, struct sha256 *ret_digest)
{
    struct author_export *x = author_export_new(l->log);
    AUTO_WRITER note = wr_heap(NOTE_BYTES);
    struct replay r;
    const char *wrong = NULL;

    author_export_note(x, author_log_size(l->log), &note);
    const struct trust trust = author_export_trust(x);
    struct finding f = judge_replay_begin(wr_span(&note), &trust, STATE_BYTES, &r);
    assert_int_equal(f.class, FINDING_HOLDS);
    for (uint64_t i = 0; i < author_log_size(l->log) && f.class == FINDING_HOLDS; i++) {
        wrong = agrees(&r.judge, l) ? wrong : "the auditor does not refuse what was refused";
        f = judge_replay_entry(&r, author_log_leaf(l->log, i), NULL);
    }
    f = f.class == FINDING_HOLDS ? judge_replay_end(&r) : f;
    wrong = f.class == FINDING_HOLDS ? wrong : "the auditor refuses what was taken";
    *ret_digest = state_digest(&r.judge.state);
    judge_replay_release(&r);
    author_export_free(x);
    return wrong;
}

/* The kiosk's and the HTTP front's way: what the core proved is folded. */
static struct sha256 follow(struct any_log *l)
{
    struct judge j;

    assert_int_equal(judge_init(&j, JUDGE_FOLD, STATE_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < author_log_size(l->log); i++) {
        if (!judge_entry(&j, author_log_leaf(l->log, i), NULL).allow) {
            break;
        }
    }
    const struct sha256 d = state_digest(&j.state);
    judge_release(&j);
    return d;
}

static void everybody_reads_the_same(void **state)
{
    struct tally t = {0};
    (void)state;
    for (uint64_t round = first_round(); round < end_of_rounds(); round++) {
        struct any_log *l = any_log_new(seed, round, false);
        struct sha256 once = {{0}};
        struct sha256 twice = {{0}};
        while (any_log_step(l)) {
        }
        const struct sha256 wrote = state_digest(any_state(l));
        const char *wrong = replay(l, &once);
        wrong = wrong != NULL ? wrong : replay(l, &twice);
        const struct sha256 followed = follow(l);
        if (wrong != NULL || !sha256_eq(&wrote, &once) || !sha256_eq(&once, &twice) || !sha256_eq(&wrote, &followed)) {
            fail_log(l, round, wrong != NULL ? wrong : "another state");
        }
        t.entries += author_log_size(l->log);
        t.refused += l->refused_count;
        any_log_free(l);
    }
    print_message("%zu entries read, %zu refused\n", t.entries, t.refused);
    assert_true(only != UINT64_MAX || (t.entries > (size_t)ROUNDS * 80 && t.refused > ROUNDS));
}

/* --- receipts --- */

static struct finding receipt_holds(struct author_export *x, const struct state *s, uint64_t request)
{
    static const struct receipt_ask nothing = {0};
    const struct trust trust = author_export_trust(x);
    AUTO_WRITER text = wr_heap(RECEIPT_MAX_BYTES);
    struct receipt r;
    struct arena arena;
    struct judge j;

    arena_init(&arena, RECEIPT_ARENA_BYTES);
    author_export_receipt(x, s, request, &text);
    assert_int_equal(judge_receipt_decode(wr_span(&text), &arena, &r).code, CS_OK);
    assert_int_equal(judge_init(&j, JUDGE_PROVE, STATE_BYTES).code, CS_OK);
    const struct finding f = judge_receipt_verify(&r, &trust, &nothing, &j);
    judge_release(&j);
    arena_release(&arena);
    return f;
}

/* Of all that is approved or was used. */
static void every_receipt_holds(void **state)
{
    size_t held = 0;
    (void)state;
    for (uint64_t round = first_round(); round < end_of_rounds(); round++) {
        struct any_log *l = any_log_new(seed, round, false);
        while (any_log_step(l)) {
        }
        struct author_export *x = author_export_new(l->log);
        for (size_t i = 0; i < l->request_count; i++) {
            const struct state_request *q = state_request_find(any_state(l), l->requests[i].index);
            const bool counts = judge_is_approved(q->status);
            const struct finding f =
                counts ? receipt_holds(x, any_state(l), q->index) : (struct finding){.class = FINDING_HOLDS};
            if (f.class != FINDING_HOLDS) {
                (void)fprintf(stderr, "request %llu: %s at %llu: %s %s\n", (unsigned long long)q->index,
                              judge_finding_word(f.class), (unsigned long long)f.index, policy_reason_code(f.reason),
                              f.cause.msg != NULL ? f.cause.msg : "");
                fail_log(l, round, "a receipt does not hold");
            }
            held += counts ? 1U : 0U;
        }
        author_export_free(x);
        any_log_free(l);
    }
    print_message("%zu receipts hold\n", held);
    assert_true(only != UINT64_MAX || held > ROUNDS / 4);
}

/* --- the order of rules --- */

static void the_order_of_rules_changes_nothing(void **state)
{
    size_t done = 0;
    (void)state;
    for (uint64_t round = first_round(); round < end_of_rounds(); round++) {
        struct any_log *a = any_log_new(seed, round, false);
        struct any_log *b = any_log_new(seed, round, true);
        bool more = true;
        while (more) {
            more = any_log_step(a);
            if (any_log_step(b) != more || !span_eq(wr_span(&a->trace), wr_span(&b->trace))) {
                any_log_print(a);
                fail_log(b, round, "the order of rules matters");
            }
        }
        done += a->done;
        any_log_free(a);
        any_log_free(b);
    }
    print_message("%zu things done alike\n", done);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approved_by_different_people_none_kept_apart),
        cmocka_unit_test(everybody_reads_the_same),
        cmocka_unit_test(every_receipt_holds),
        cmocka_unit_test(the_order_of_rules_changes_nothing),
    };
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed)) {
        return 1;
    }
    only = argc > 2 && argv[2][0] != '-' ? strtoull(argv[2], NULL, 10) : only;
    if (argc > 3) {
        cmocka_set_test_filter(argv[3]);
    }
    (void)printf("seed %llu\n", (unsigned long long)seed);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
