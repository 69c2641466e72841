/* SPDX-License-Identifier: Apache-2.0 */
/* Stages: what must have run before, for how long, and that a receipt shows it. Requirement 1.1. */
#include "judge_bed_receipt.h"

#include "support/author_gates.h"

enum { HOUR_MS = 3600000 };

static struct author_log *begin(void)
{
    struct author_log *l = standard_log();
    gates_policy(l, &(struct gates_policy){.version = 3});
    return l;
}

static enum policy_reason without(struct author_log *l, uint64_t request, uint64_t index)
{
    return receipt_says(l, &(struct bed_receipt){.request = request, .without = entry_at, .which = index}).reason;
}

/* 1.1 */
static void only_what_ran_in_the_stage_before(void **state)
{
    struct author_log *l = begin();
    (void)state;
    expect(gates_sign(l, gates_open(l, "staging", "A")), REASON_NOT_PROMOTED, "nothing ran in test");
    (void)gates_run(l, "test", "A", STATUS_SUCCEEDED);
    (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
    author_log_advance(l, HOUR_MS);
    /* another digest, another service, and the stage before the stage before are not what ran there */
    expect(gates_sign(l, gates_open(l, "production", "B")), REASON_NOT_PROMOTED, "another digest");
    uint64_t other = 0;
    const struct author_request q = {.title = "A", .service = "ledger"};
    expect(author_log_request(l, &q, &other), REASON_OK, "another service");
    expect(gates_sign(l, other), REASON_NOT_PROMOTED, "another service");
    (void)gates_run(l, "test", "C", STATUS_SUCCEEDED);
    author_log_advance(l, HOUR_MS);
    expect(gates_sign(l, gates_open(l, "production", "C")), REASON_NOT_PROMOTED, "one stage left out");
    const uint64_t id = gates_open(l, "production", "A");
    gates_use(l, id);
    receipt_holds(l, id);
    ends(l);
}

/* A blocked request can be rejected, and waits for what is missing. */
static void what_is_missing_may_still_come(void **state)
{
    struct author_log *l = begin();
    (void)state;
    const uint64_t id = gates_open(l, "staging", "A");
    const uint64_t no = gates_open(l, "staging", "A");
    expect(gates_sign(l, id), REASON_NOT_PROMOTED, "early");
    expect(author_log_decide(l, "tom", no, "every/tech", DECISION_REJECT, "not this one, please", NULL), REASON_OK,
           "reject");
    (void)gates_run(l, "test", "A", STATUS_SUCCEEDED);
    gates_use(l, id);
    receipt_holds(l, id);
    ends(l);
}

/* 1.1: the clock of the soak begins with the outcome's entry, and its last millisecond counts. */
static void the_soak_counts_from_the_outcome(void **state)
{
    struct author_log *l = begin();
    (void)state;
    (void)gates_run(l, "test", "A", STATUS_SUCCEEDED);
    const uint64_t there = gates_open(l, "staging", "A");
    const uint64_t id = gates_open(l, "production", "A");
    gates_use(l, there);
    author_log_advance(l, 2 * (uint64_t)HOUR_MS);
    expect(gates_sign(l, id), REASON_NOT_PROMOTED, "no outcome yet");
    const uint64_t at = author_log_now(l);
    gates_end(l, there, STATUS_SUCCEEDED);
    expect(gates_sign(l, id), REASON_SOAKING, "at once");
    author_log_advance(l, at + HOUR_MS - 1 - author_log_now(l));
    expect(gates_sign(l, id), REASON_SOAKING, "a millisecond early");
    author_log_advance(l, at + HOUR_MS - author_log_now(l));
    expect(gates_sign(l, id), REASON_OK, "in time");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    receipt_holds(l, id);
    ends(l);
}

/* 1.1: a later failure of the same artifacts blocks, whenever their runs began; a new success heals. */
static void a_later_failure_blocks(void **state)
{
    static const enum request_status bad[] = {STATUS_FAILED, STATUS_ROLLED_BACK};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct author_log *l = begin();
        (void)gates_run(l, "test", "A", STATUS_SUCCEEDED);
        const uint64_t first = gates_open(l, "staging", "A");
        gates_use(l, first);
        (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
        author_log_advance(l, HOUR_MS);
        const uint64_t id = gates_open(l, "production", "A");
        const uint64_t late = gates_open(l, "production", "A");
        expect(gates_sign(l, id), REASON_OK, "before");
        gates_end(l, first, bad[i]); /* it began before the one that succeeded */
        expect(gates_sign(l, late), REASON_STAGE_FAILED, "sign after a failure");
        expect(author_log_redeem(l, id, false), REASON_STAGE_FAILED, "use after a failure");
        (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
        expect(author_log_redeem(l, id, false), REASON_SOAKING, "again there, not for long");
        author_log_advance(l, HOUR_MS);
        expect(author_log_redeem(l, id, false), REASON_OK, "healed");
        receipt_holds(l, id);
        ends(l);
    }
}

/* Another artifact's failure there, or the same one's elsewhere, is not its. */
static void failures_of_others_do_not_block(void **state)
{
    struct author_log *l = begin();
    (void)state;
    (void)gates_run(l, "test", "A", STATUS_SUCCEEDED);
    (void)gates_run(l, "test", "B", STATUS_SUCCEEDED);
    (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
    author_log_advance(l, HOUR_MS);
    (void)gates_run(l, "staging", "B", STATUS_FAILED);
    (void)gates_run(l, "test", "A", STATUS_FAILED);
    const uint64_t id = gates_open(l, "production", "A");
    gates_use(l, id);
    receipt_holds(l, id);
    expect(gates_sign(l, gates_open(l, "staging", "A")), REASON_STAGE_FAILED, "but staging is after test");
    ends(l);
}

/* What was replaced before its time was over did not soak; what stayed long enough did, whatever came then. */
static void a_soak_that_was_cut_does_not_count(void **state)
{
    struct author_log *l = begin();
    (void)state;
    (void)gates_run(l, "test", "A", STATUS_SUCCEEDED);
    (void)gates_run(l, "test", "B", STATUS_SUCCEEDED);
    (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
    author_log_advance(l, HOUR_MS / 2);
    (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED); /* the same once more cuts nothing */
    author_log_advance(l, HOUR_MS / 4);
    (void)gates_run(l, "staging", "B", STATUS_SUCCEEDED);
    author_log_advance(l, 2 * (uint64_t)HOUR_MS);
    const uint64_t a = gates_open(l, "production", "A");
    expect(gates_sign(l, a), REASON_SOAK_CUT, "three quarters of an hour");
    const uint64_t b = gates_open(l, "production", "B");
    gates_use(l, b);
    (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
    expect(gates_sign(l, a), REASON_SOAKING, "begun anew");
    author_log_advance(l, HOUR_MS);
    (void)gates_run(l, "staging", "B", STATUS_SUCCEEDED);
    gates_use(l, a);
    receipt_holds(l, a);
    receipt_holds(l, b);
    ends(l);
}

/* A policy that begins to ask reaches what ran before it, and what is open or approved. */
static void a_new_order_reaches_what_is_open(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    (void)state;
    assert_non_null(l);
    author_log_standard(l);
    gates_policy(l, &(struct gates_policy){.version = 3, .none = true});
    (void)gates_run(l, "staging", "A", STATUS_SUCCEEDED);
    const uint64_t a = gates_open(l, "production", "A");
    const uint64_t b = gates_open(l, "production", "B");
    const uint64_t c = gates_open(l, "production", "B");
    expect(gates_sign(l, b), REASON_OK, "no order yet");
    author_log_advance(l, HOUR_MS);
    gates_policy(l, &(struct gates_policy){.version = 4});
    expect(author_log_redeem(l, b, false), REASON_NOT_PROMOTED, "approved before");
    expect(gates_sign(l, c), REASON_NOT_PROMOTED, "open before");
    gates_use(l, a);
    receipt_holds(l, a);
    /* and one that asks for less does not reach what was opened under more */
    const uint64_t d = gates_open(l, "production", "D");
    gates_policy(l, &(struct gates_policy){.version = 5, .none = true});
    expect(gates_sign(l, d), REASON_NOT_PROMOTED, "opened under more");
    ends(l);
}

/* A receipt without what promoted the artifacts does not hold. */
static void a_receipt_shows_what_promoted(void **state)
{
    struct author_log *l = begin();
    (void)state;
    const uint64_t first = gates_run(l, "test", "A", STATUS_SUCCEEDED);
    const uint64_t second = gates_run(l, "staging", "A", STATUS_SUCCEEDED);
    author_log_advance(l, HOUR_MS);
    const uint64_t id = gates_open(l, "production", "A");
    gates_use(l, id);
    receipt_holds(l, id);
    /* each of them was opened, signed, used and reported, in this order */
    static const enum policy_reason why[] = {REASON_UNKNOWN_REQUEST, REASON_NOT_APPROVED, REASON_NO_OUTCOME};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(without(l, id, first + i), why[i]);
        assert_int_equal(without(l, id, second + i), why[i]);
    }
    assert_int_equal(without(l, id, first + 3), REASON_NOT_PROMOTED);
    assert_int_equal(without(l, id, second + 3), REASON_NOT_PROMOTED);
    ends(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_ran_in_the_stage_before), cmocka_unit_test(what_is_missing_may_still_come),
        cmocka_unit_test(the_soak_counts_from_the_outcome),  cmocka_unit_test(a_later_failure_blocks),
        cmocka_unit_test(failures_of_others_do_not_block),   cmocka_unit_test(a_soak_that_was_cut_does_not_count),
        cmocka_unit_test(a_new_order_reaches_what_is_open),  cmocka_unit_test(a_receipt_shows_what_promoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
