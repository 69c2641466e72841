/* SPDX-License-Identifier: Apache-2.0 */
/* A log from genesis to outcome, and what cannot stand in it. Requirements D2, D3, D5, D7, D8. */
#include "judge_bed.h"

static enum request_status status_of(struct author_log *l, uint64_t id)
{
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    return q != NULL ? q->status : STATUS_NONE;
}

static uint64_t approved(struct author_log *l, const char *title)
{
    const uint64_t id = opened(l, title);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    assert_int_equal(status_of(l, id), STATUS_ELIGIBLE);
    expect(author_log_decide(l, "bea", id, "production/business", DECISION_APPROVE, "go", NULL), REASON_OK, "bea");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
    return id;
}

static void from_request_to_outcome(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = approved(l, "Release 4.18.2");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    assert_int_equal(status_of(l, id), STATUS_REDEEMED);
    expect(author_log_redeem(l, id, false), REASON_REDEEMED, "redeem twice");
    expect(author_log_outcome(l, id, STATUS_SUCCEEDED), REASON_OK, "outcome");
    assert_int_equal(status_of(l, id), STATUS_SUCCEEDED);
    expect(author_log_outcome(l, id, STATUS_FAILED), REASON_NO_OUTCOME, "outcome twice");
}

static void what_differs_at_redeem_ends_the_approval(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = approved(l, "Release");
    expect(author_log_redeem(l, id, true), REASON_OK, "drift is logged");
    assert_int_equal(status_of(l, id), STATUS_VOID);
    expect(author_log_redeem(l, id, false), REASON_NOT_OPEN, "void");
}

/* Another client of the roster, with the scopes to ask and to redeem. */
static void enrol_other(struct author_log *l)
{
    struct roster_change change = {.op = CHANGE_PUT_CLIENT, .id = SPAN_LIT("other")};
    struct roster_content c = {.changes = {.item = &change, .count = 1},
                               .initiator = SPAN_LIT("person:odette"),
                               .reason = SPAN_LIT("another pipeline"),
                               .title = SPAN_LIT("A client")};
    uint64_t id = 0;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);

    change.client = (struct client){.id = change.id,
                                    .scopes = 1U << SCOPE_REQUEST | 1U << SCOPE_REDEEM | 1U << SCOPE_OUTCOME,
                                    .tokens = {{{1}}},
                                    .token_count = 1};
    assert_int_equal(model_roster_content_encode(&c, &w).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&w), &id), REASON_OK, "another client");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "the roster");
}

/* Else whoever may redeem anything could use up, or end, what others were given. docs/adr/0034-redeem-is-the-askers.md
 */
static void only_who_opened_it_redeems(void **state)
{
    struct author_log *l = *state;
    enrol_other(l);
    const uint64_t id = approved(l, "Of ci");
    expect(author_log_redeem_as(l, id, true, "client:other"), REASON_NOT_YOURS, "wrong digests, to end it");
    expect(author_log_redeem_as(l, id, false, "client:other"), REASON_NOT_YOURS, "right digests, to use it up");
    expect(author_log_withdraw(l, id, "client:other"), REASON_NOT_YOURS, "taking it back");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
    expect(author_log_redeem_as(l, id, false, "client:ci"), REASON_OK, "ci");
    assert_int_equal(status_of(l, id), STATUS_REDEEMED);
    expect(author_log_redeem_as(l, id, false, "client:other"), REASON_NOT_YOURS, "not even told that it is used");
}

static struct verdict report(struct author_log *l, uint64_t id, enum request_status result, const char *actor)
{
    const struct outcome o = {.request = id, .result = result, .started_ms = 1, .finished_ms = 2};
    AUTO_WRITER w = wr_heap(4096);

    assert_int_equal(model_outcome_encode(&o, &w).code, CS_OK);
    return author_log_append(l, ENTRY_OUTCOME, actor, wr_span(&w));
}

/* That it went well promotes, earns and ends an outage; that it failed only takes away, so whoever watches may say so.
 * docs/adr/0034-redeem-is-the-askers.md */
static void only_who_opened_it_says_that_it_went_well(void **state)
{
    struct author_log *l = *state;
    enrol_other(l);
    const uint64_t id = approved(l, "Of ci");
    expect(author_log_redeem(l, id, false), REASON_OK, "use");
    expect(report(l, id, STATUS_SUCCEEDED, "client:other"), REASON_NOT_YOURS, "it is still rolling out");
    expect(report(l, id, STATUS_ROLLED_BACK, "client:other"), REASON_NOT_YOURS, "likewise");
    assert_int_equal(status_of(l, id), STATUS_REDEEMED);
    expect(report(l, id, STATUS_SUCCEEDED, "client:ci"), REASON_OK, "ci");
    const uint64_t bad = approved(l, "Of ci, too");
    expect(author_log_redeem(l, bad, false), REASON_OK, "use");
    expect(report(l, bad, STATUS_FAILED, "client:other"), REASON_OK, "monitoring saw it fail");
    expect(report(l, bad, STATUS_SUCCEEDED, "client:ci"), REASON_NO_OUTCOME, "there is one");
    assert_int_equal(status_of(l, bad), STATUS_FAILED);
}

static void nothing_is_redeemed_before_the_last_seat(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(author_log_redeem(l, id, false), REASON_NOT_APPROVED, "no seat");
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_OK, "tom");
    expect(author_log_redeem(l, id, false), REASON_NOT_APPROVED, "one seat");
}

static void deadlines_pass_by_entries(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Late");
    author_log_advance(l, 86400000 - 10);
    expect(author_log_expire(l, id), REASON_NOT_DUE, "too early");
    author_log_advance(l, 10);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_EXPIRED,
           "no entry yet, but the time is over");
    expect(author_log_expire(l, id), REASON_OK, "due");
    assert_int_equal(status_of(l, id), STATUS_EXPIRED);
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL), REASON_UNKNOWN_REQUEST,
           "gone"); /* author_log signs live requests only */

    const uint64_t used = approved(l, "Unused");
    author_log_advance(l, 14400000 + 1);
    expect(author_log_redeem(l, used, false), REASON_LAPSED, "too late to use");
    expect(author_log_expire(l, used), REASON_OK, "lapse");
    assert_int_equal(status_of(l, used), STATUS_LAPSED);
}

static void one_answer_per_idempotency_key(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    const struct author_request q = {.title = "Same", .key = "k1"};
    const struct author_request other = {.title = "Other", .key = "k1"};
    expect(author_log_request(l, &q, &id), REASON_OK, "first");
    expect(author_log_request(l, &q, &id), REASON_SAME_REQUEST, "same body");
    expect(author_log_request(l, &other, &id), REASON_IDEMPOTENCY_MISMATCH, "other body");
}

static void a_revision_supersedes(void **state)
{
    struct author_log *l = *state;
    const uint64_t first = opened(l, "First");
    uint64_t second = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Second", .revises_set = true, .revises = first},
                              &second),
           REASON_OK, "revision");
    assert_int_equal(status_of(l, first), STATUS_SUPERSEDED);
    assert_int_equal(state_request_find(&author_log_judge(l)->state, first)->successor, second);
    assert_int_equal(state_request_find(&author_log_judge(l)->state, second)->revision, 2);
    uint64_t third = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Third", .revises_set = true, .revises = first},
                              &third),
           REASON_CANNOT_REVISE, "superseded one");
}

static void requests_that_cannot_be_judged_are_refused(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = "No plan", .backout = ""}, &id),
           REASON_MISSING_FIELD, "backout plan missing");
    expect(author_log_request(l, &(struct author_request){.title = "Where", .environment = "moon"}, &id),
           REASON_UNKNOWN_ENVIRONMENT, "environment");
}

static void only_who_opened_it_withdraws(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Withdrawn");
    expect(author_log_withdraw(l, id, "client:other"), REASON_UNKNOWN_CLIENT, "other client");
    expect(author_log_withdraw(l, id, "person:tom"), REASON_UNKNOWN_CLIENT, "a person");
    expect(author_log_withdraw(l, id, "client:ci"), REASON_OK, "ci");
    assert_int_equal(status_of(l, id), STATUS_WITHDRAWN);
    expect(author_log_withdraw(l, id, "client:ci"), REASON_NOT_OPEN, "twice");
}

/* A leaf is judged at its own place only: repeated, moved or with a byte changed it is refused. */
static void a_leaf_is_pinned_to_its_place(void **state)
{
    struct author_log *l = *state;
    (void)opened(l, "One");
    const uint64_t last = author_log_size(l) - 1;
    expect(author_log_append_leaf(l, author_log_leaf(l, last)), REASON_WRONG_SEQ, "repeated");

    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    const struct boot b = {.version = SPAN_LIT("1")};
    AUTO_WRITER body = wr_heap(256);
    assert_int_equal(model_boot_encode(&b, &body).code, CS_OK);
    assert_int_equal(author_log_build(l, ENTRY_BOOT, "system:core", wr_span(&body), &w).code, CS_OK);
    struct arena a;
    arena_init(&a, 1 << 20);
    struct entry e;
    assert_int_equal(model_entry_decode(wr_span(&w), &a, &e).code, CS_OK);
    struct entry wrong = e;
    wrong.head.b[5] ^= 1;
    AUTO_WRITER other = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_entry_encode(&wrong, &other).code, CS_OK);
    expect(author_log_append_leaf(l, wr_span(&other)), REASON_WRONG_HEAD, "other head");
    wrong = e;
    wrong.time_ms -= 60000;
    AUTO_WRITER early = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_entry_encode(&wrong, &early).code, CS_OK);
    expect(author_log_append_leaf(l, wr_span(&early)), REASON_TIME_BACK, "earlier");
    wrong = e;
    wrong.actor = SPAN_LIT("client:ci");
    AUTO_WRITER actor = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_entry_encode(&wrong, &actor).code, CS_OK);
    expect(author_log_append_leaf(l, wr_span(&actor)), REASON_WRONG_ACTOR, "client boots");
    expect(author_log_append_leaf(l, wr_span(&w)), REASON_OK, "the right one");
    arena_release(&a);
}

static void nothing_stands_before_the_genesis(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    const struct boot b = {.version = SPAN_LIT("1")};
    AUTO_WRITER body = wr_heap(256);
    (void)state;
    assert_int_equal(model_boot_encode(&b, &body).code, CS_OK);
    expect(author_log_append(l, ENTRY_BOOT, "system:core", wr_span(&body)), REASON_NO_GENESIS, "boot first");
    author_log_begin(l);
    expect(author_log_append(l, ENTRY_BOOT, "system:core", wr_span(&body)), REASON_OK, "boot");
    author_log_free(l);
}

/* Any one byte of any leaf changed: the replay refuses that leaf or one behind it (D5, D7). */
static enum policy_reason replay_with(struct author_log *l, uint64_t at, size_t byte)
{
    struct judge j;
    enum policy_reason why = REASON_OK;
    static uint8_t leaf[MODEL_LEAF_MAX];
    assert_int_equal(judge_init(&j, JUDGE_PROVE, CAP_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < author_log_size(l) && why == REASON_OK; i++) {
        struct span s = author_log_leaf(l, i);
        if (i == at) {
            memcpy(leaf, s.p, s.left);
            leaf[byte] ^= 1;
            s = span_make(leaf, s.left);
        }
        why = judge_entry(&j, s, NULL).reason;
    }
    judge_release(&j);
    return why;
}

static void a_changed_byte_is_found(void **state)
{
    struct author_log *l = *state;
    (void)approved(l, "Release");
    const uint64_t last = author_log_size(l) - 1;
    unsigned tried = 0;
    for (uint64_t i = 0; i <= last; i += i + 4 > last ? 1 : 3) {
        const size_t n = author_log_leaf(l, i).left;
        for (size_t byte = n / 7; byte < n; byte += n / 3) {
            if (i == last) {
                continue; /* nothing stands behind it: the checkpoint and the signature cover it, below */
            }
            assert_int_not_equal(replay_with(l, i, byte), REASON_OK);
            tried++;
        }
    }
    assert_true(tried > 10);
    assert_int_equal(replay_with(l, last + 1, 0), REASON_OK);
}

static void replay_twice_gives_the_same_state(void **state)
{
    struct author_log *l = *state;
    struct judge fold;
    const uint64_t id = approved(l, "Release");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    assert_int_equal(judge_init(&fold, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        expect(judge_entry(&fold, author_log_leaf(l, i), NULL), REASON_OK, "fold");
    }
    const struct sha256 a = state_digest(&author_log_judge(l)->state);
    const struct sha256 b = state_digest(&fold.state);
    assert_true(sha256_eq(&a, &b));
    const struct sha256 ra = judge_root(author_log_judge(l));
    const struct sha256 rb = judge_root(&fold);
    assert_true(sha256_eq(&ra, &rb));
    judge_release(&fold);
}

/* A sender of requests can make the state grow to its cap and no further, and gets an answer (question 9). */
static void the_state_has_a_cap(void **state)
{
    struct author_log *l = author_log_new(JUDGE_FOLD, (size_t)4 << 20);
    (void)state;
    author_log_standard(l);
    struct verdict v = VERDICT_ALLOW;
    unsigned n = 0;
    for (; n < 5000 && v.allow; n++) {
        uint64_t id = 0;
        v = author_log_request(l, &(struct author_request){.title = "More"}, &id);
    }
    assert_int_equal(v.reason, REASON_NO_ROOM);
    assert_true(n > 100);
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(from_request_to_outcome, begin_standard, end),
        cmocka_unit_test_setup_teardown(what_differs_at_redeem_ends_the_approval, begin_standard, end),
        cmocka_unit_test_setup_teardown(only_who_opened_it_redeems, begin_standard, end),
        cmocka_unit_test_setup_teardown(only_who_opened_it_says_that_it_went_well, begin_standard, end),
        cmocka_unit_test_setup_teardown(nothing_is_redeemed_before_the_last_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(deadlines_pass_by_entries, begin_standard, end),
        cmocka_unit_test_setup_teardown(one_answer_per_idempotency_key, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_revision_supersedes, begin_standard, end),
        cmocka_unit_test_setup_teardown(requests_that_cannot_be_judged_are_refused, begin_standard, end),
        cmocka_unit_test_setup_teardown(only_who_opened_it_withdraws, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_leaf_is_pinned_to_its_place, begin_standard, end),
        cmocka_unit_test(nothing_stands_before_the_genesis),
        cmocka_unit_test_setup_teardown(a_changed_byte_is_found, begin_standard, end),
        cmocka_unit_test_setup_teardown(replay_twice_gives_the_same_state, begin_standard, end),
        cmocka_unit_test(the_state_has_a_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
