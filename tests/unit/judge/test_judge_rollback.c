/* SPDX-License-Identifier: Apache-2.0 */
/* The rollback that is signed together with a deployment: when it may be used, for what, and that it is once.
 * Requirement 1.6. */
#include "judge_bed_receipt.h"

#include "support/author_change.h"
#include "support/author_gates.h"
#include "support/author_glass.h"

enum { USE_BY_MS = 14400 * 1000, DAY_MS = 86400 * 1000 };

static struct author_log *begin(void)
{
    struct author_log *l = standard_log();
    gates_policy(l, &(struct gates_policy){.version = 3, .none = true});
    (void)gates_run(l, "production", "Release 1", STATUS_SUCCEEDED);
    return l;
}

static enum policy_reason without(struct author_log *l, uint64_t request, uint64_t index)
{
    const struct bed_receipt r = {.request = request, .subject = "Release 1", .without = entry_at, .which = index};
    return receipt_says(l, &r).reason;
}

static struct verdict opens(struct author_log *l, const char *title, const char *rollback, uint64_t *ret_index)
{
    const struct author_request q = {.title = title, .rollback = rollback};
    return author_log_request(l, &q, ret_index);
}

static uint64_t opened_with(struct author_log *l, const char *title, const char *rollback)
{
    uint64_t id = 0;
    expect(opens(l, title, rollback, &id), REASON_OK, title);
    return id;
}

/* Release 2, which may go back to Release 1, is used. */
static uint64_t used(struct author_log *l)
{
    const uint64_t id = opened_with(l, "Release 2", "Release 1");
    gates_use(l, id);
    return id;
}

/* 1.6 */
static void once_after_its_trigger(void **state)
{
    struct author_log *l = begin();
    (void)state;
    const uint64_t id = used(l);
    const uint64_t first = found(l, id)->redeem_index;
    expect(author_log_go_back(l, id, false), REASON_NO_ROLLBACK, "it has not failed");
    expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
    const uint64_t failed = author_log_size(l) - 1;
    expect(author_log_redeem(l, id, false), REASON_REDEEMED, "the deployment again");
    expect(author_log_go_back(l, id, true), REASON_DRIFTED, "something else");
    assert_int_equal(found(l, id)->status, STATUS_FAILED);
    expect(author_log_go_back(l, id, false), REASON_OK, "back");
    assert_int_equal(found(l, id)->status, STATUS_REDEEMED);
    expect(author_log_go_back(l, id, false), REASON_REDEEMED, "twice");
    assert_int_equal(receipt_says(l, &(struct bed_receipt){.request = id, .subject = "Release 1"}).class,
                     FINDING_HOLDS);
    assert_int_equal(receipt_says(l, &(struct bed_receipt){.request = id, .subject = "Release 2"}).class,
                     FINDING_SUBJECT);
    assert_int_equal(without(l, id, first), REASON_NO_OUTCOME);
    assert_int_equal(without(l, id, failed), REASON_NO_ROLLBACK);
    expect(author_log_outcome(l, id, STATUS_SUCCEEDED), REASON_ROLLBACK_OUTCOME, "what went back succeeded");
    expect(author_log_outcome(l, id, STATUS_ROLLED_BACK), REASON_OK, "rolled back");
    assert_int_equal(found(l, id)->status, STATUS_ROLLED_BACK);
    expect(author_log_go_back(l, id, false), REASON_REDEEMED, "once more");
    assert_int_equal(receipt_says(l, &(struct bed_receipt){.request = id, .subject = "Release 1"}).class,
                     FINDING_HOLDS);
    /* Release 1 runs there again, and is what the next one goes back to */
    const uint64_t next = opened_with(l, "Release 3", "Release 1");
    gates_use(l, next);
    expect(author_log_failed(l, next, "error_rate"), REASON_OK, "fails");
    expect(author_log_go_back(l, next, false), REASON_OK, "back again");
    expect(author_log_failed(l, next, "error_rate"), REASON_OK, "going back fails");
    assert_int_equal(found(l, next)->status, STATUS_FAILED);
    expect(author_log_go_back(l, next, false), REASON_REDEEMED, "there is only one");
    uint64_t after = 0;
    expect(opens(l, "Release 4", "Release 1", &after), REASON_NEVER_DEPLOYED, "it failed there last");
    ends(l);
}

static void forget(struct statement *st)
{
    st->subject_count = 1;
}
static void other(struct statement *st)
{
    st->subject[1].sha256.b[0] ^= 1;
}

/* 1.6: who approves signs what it goes back to, digest by digest. */
static void it_is_signed_with_the_approval(void **state)
{
    struct author_log *l = begin();
    (void)state;
    const uint64_t id = opened_with(l, "Release 2", "Release 1");
    expect(author_log_decide(l, "tom", id, "every/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend_subjects = forget}),
           REASON_STATEMENT, "without it");
    expect(author_log_decide(l, "tom", id, "every/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend_subjects = other}),
           REASON_STATEMENT, "another digest");
    expect(gates_sign(l, id), REASON_OK, "with it");
    const struct sha256 back = digest_sha256(SPAN_LIT("Release 1"));
    AUTO_WRITER want = wr_heap(256);
    wr_text(&want, "{\"name\":\"rollback/payments-api\",\"sha256\":\"");
    wr_hex(&want, sha256_span(&back));
    const struct span said = author_log_last_statement(l);
    assert_non_null(memmem(said.p, said.left, want.p, want.len));
    ends(l);
}

static void only_to_what_ran_there(void **state)
{
    struct author_log *l = begin();
    uint64_t id = 0;
    (void)state;
    expect(opens(l, "Release 2", "Release 0", &id), REASON_NEVER_DEPLOYED, "never ran");
    (void)gates_run(l, "staging", "Release 0", STATUS_SUCCEEDED);
    expect(opens(l, "Release 2", "Release 0", &id), REASON_NEVER_DEPLOYED, "ran elsewhere");
    (void)gates_run(l, "production", "Release 0", STATUS_FAILED);
    expect(opens(l, "Release 2", "Release 0", &id), REASON_NEVER_DEPLOYED, "failed there");
    gates_use(l, gates_open(l, "production", "Release 0"));
    expect(opens(l, "Release 2", "Release 0", &id), REASON_NEVER_DEPLOYED, "not reported");
    (void)gates_run(l, "production", "Release 0", STATUS_SUCCEEDED);
    expect(opens(l, "Release 2", "Release 0", &id), REASON_OK, "ran there");
    ends(l);
}

/* What does not meet a trigger opens nothing. */
static void nothing_else_arms_it(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct author_log *l = begin();
        const uint64_t id =
            i == 0 ? gates_open(l, "production", "Release 2") : opened_with(l, "Release 2", "Release 1");
        gates_use(l, id);
        if (i == 1) {
            expect(author_log_failed(l, id, NULL), REASON_OK, "by no trigger");
        } else if (i == 2) {
            expect(author_log_failed(l, id, "latency"), REASON_OK, "by another");
        } else if (i == 3) {
            expect(author_log_outcome(l, id, STATUS_ROLLED_BACK), REASON_OK, "rolled back by itself");
        } else {
            expect(author_log_failed(l, id, "error_rate"), REASON_OK, "without a rollback");
        }
        expect(author_log_go_back(l, id, false), REASON_NO_ROLLBACK, "back");
        ends(l);
    }
}

/* What others deployed there since is not undone by it. */
static void not_over_the_work_of_others(void **state)
{
    (void)state;
    for (int before = 0; before < 2; before++) {
        struct author_log *l = begin();
        const uint64_t id = used(l);
        const uint64_t hotfix = gates_open(l, "production", "Hotfix");
        if (before == 0) {
            expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
        }
        gates_use(l, hotfix);
        if (before == 1) {
            expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails, told late");
        }
        expect(author_log_go_back(l, id, false), REASON_NO_ROLLBACK, "over a hotfix");
        ends(l);
    }
}

static void it_runs_out(void **state)
{
    (void)state;
    for (uint64_t late = 0; late < 2; late++) {
        struct author_log *l = begin();
        const uint64_t id = used(l);
        const uint64_t at = author_log_now(l);
        expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
        author_log_advance(l, at + USE_BY_MS + late - author_log_now(l));
        expect(author_log_go_back(l, id, false), late == 0 ? REASON_OK : REASON_LAPSED, "back");
        ends(l);
    }
}

/* A use that is silent for a day counts as failed; nobody has a way back in the drawer until then. */
static void it_is_armed_within_a_day(void **state)
{
    (void)state;
    for (uint64_t late = 0; late < 2; late++) {
        struct author_log *l = begin();
        const uint64_t id = used(l);
        author_log_advance(l, found(l, id)->run->redeemed_ms + DAY_MS - 1 + late - author_log_now(l));
        expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
        expect(author_log_go_back(l, id, false), late == 0 ? REASON_OK : REASON_NO_ROLLBACK, "back");
        ends(l);
    }
}

/* It stands on the same signatures, and on what ran. */
static void what_it_stands_on_must_hold(void **state)
{
    struct author_log *l = begin();
    (void)state;
    const uint64_t again = gates_open(l, "production", "Release 1");
    gates_use(l, again);
    const uint64_t id = used(l);
    expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
    gates_end(l, again, STATUS_FAILED); /* what it would go back to failed, too: this is told late */
    expect(author_log_go_back(l, id, false), REASON_NEVER_DEPLOYED, "back to what failed");
    ends(l);
    l = begin();
    const uint64_t other_one = used(l);
    expect(author_log_failed(l, other_one, "error_rate"), REASON_OK, "fails");
    gates_policy(l, &(struct gates_policy){.version = 4,
                                           .none = true,
                                           .require = "\"seats\":[{\"count\":1,\"id\":\"b\",\"role\":\"business\"}]"});
    expect(author_log_go_back(l, other_one, false), REASON_TOO_FEW_SIGNED, "another seat is asked for");
    ends(l);
}

static void the_clock_and_emergencies(void **state)
{
    struct author_log *l = begin();
    (void)state;
    const uint64_t id = used(l);
    expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
    expect(author_log_clock(l, 5000), REASON_OK, "clock");
    expect(author_log_go_back(l, id, false), REASON_CLOCK, "while the clock is back");
    expect(author_log_clock(l, 0), REASON_OK, "clock");
    expect(author_log_go_back(l, id, false), REASON_OK, "back");
    /* an emergency grants the deployment alone: nobody signed its rollback */
    glass_policy(l, &(struct glass_policy){.version = 4});
    const uint64_t quick = opened_with(l, "Hotfix", "Release 1");
    (void)glass_break(l, quick);
    expect(author_log_redeem(l, quick, false), REASON_OK, "redeem");
    expect(author_log_failed(l, quick, "error_rate"), REASON_OK, "fails");
    expect(author_log_go_back(l, quick, false), REASON_NO_ROLLBACK, "of an emergency");
    ends(l);
}

static struct verdict presented(struct author_log *l, const struct redeem *r)
{
    bool same = false;
    return judge_may_redeem(author_log_judge(l), r, SPAN_LIT("client:ci"), author_log_now(l), &same);
}

/* What went back with a configuration: opens, signs, uses, and fails by its trigger. */
static uint64_t failed_with_config(struct author_log *l)
{
    static const char digest[] =
        "\"config_sha256\":\"00000000000000000000000000000000000000000000000000000000000000cc\",";
    struct arena arena;
    struct state_loaded q;
    uint64_t id = opened_with(l, "Release 2", "Release 1");
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);

    arena_init(&arena, 4 << 20);
    assert_int_equal(state_load(found(l, id), &arena, &q).code, CS_OK);
    const struct span content = q.request.content;
    const uint8_t *at = memmem(content.p, content.left, "\"triggers\":", 11);
    assert_non_null(at);
    wr_bytes(&w, span_make(content.p, (size_t)(at - content.p)));
    wr_text(&w, digest);
    wr_bytes(&w, span_from(content, (size_t)(at - content.p)));
    expect(author_log_deploy(l, wr_span(&w), NULL, &id), REASON_OK, "with a configuration");
    arena_release(&arena);
    gates_use(l, id);
    expect(author_log_failed(l, id, "error_rate"), REASON_OK, "fails");
    return id;
}

/* 1.6: nothing more, nothing less and nothing else than what was signed. */
static void exactly_what_was_signed_goes_back(void **state)
{
    struct author_log *l = begin();
    static struct redeem right;
    static struct redeem r;
    (void)state;
    const uint64_t id = failed_with_config(l);
    right = (struct redeem){.request = id, .rollback = true, .artifact_count = 1, .has_config = true};
    right.artifacts[0].name = SPAN_LIT("payments-api");
    right.artifacts[0].sha256 = digest_sha256(SPAN_LIT("Release 1"));
    right.config_sha256.b[31] = 0xcc;
    expect(presented(l, &right), REASON_OK, "as signed");
    r = right;
    r.artifact_count = 2;
    r.artifacts[1].name = SPAN_LIT("worker");
    expect(presented(l, &r), REASON_DRIFTED, "one artifact more");
    r = right;
    r.artifact_count = 0;
    expect(presented(l, &r), REASON_DRIFTED, "one artifact less");
    r = right;
    r.artifacts[0].name = SPAN_LIT("payments-app");
    expect(presented(l, &r), REASON_DRIFTED, "another name");
    r = right;
    r.has_config = false;
    expect(presented(l, &r), REASON_DRIFTED, "without the configuration");
    r = right;
    r.config_sha256.b[0] ^= 1;
    expect(presented(l, &r), REASON_DRIFTED, "another configuration");
    r = right;
    r.has_plan = true;
    expect(presented(l, &r), REASON_DRIFTED, "a plan");
    ends(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(once_after_its_trigger),      cmocka_unit_test(it_is_signed_with_the_approval),
        cmocka_unit_test(only_to_what_ran_there),      cmocka_unit_test(nothing_else_arms_it),
        cmocka_unit_test(not_over_the_work_of_others), cmocka_unit_test(it_runs_out),
        cmocka_unit_test(it_is_armed_within_a_day),    cmocka_unit_test(exactly_what_was_signed_goes_back),
        cmocka_unit_test(what_it_stands_on_must_hold), cmocka_unit_test(the_clock_and_emergencies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
