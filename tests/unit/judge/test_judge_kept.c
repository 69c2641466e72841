/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known or asked for only after somebody signed reaches the seat that they hold. Requirements 2.1, 2.3, 4.2:
 * nobody who is kept apart has signed, whenever it came out.
 */
#include "judge_bed.h"

#include "model/model_state_review.h"
#include "policy/policy_alarm.h"
#include "policy/policy_sheet.h"
#include "support/author_change.h"
#include "support/author_route.h"

enum { HOUR_MS = 3600000 };

#define SEAT(id, role)  "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define TWO             "\"seats\":[" SEAT("business", "business") "," SEAT("tech", "tech") "]"
#define RULE(require)   "{\"id\":\"r\",\"require\":{" require "}}"
#define SEPARATE(word)  RULE(TWO ",\"separate\":[\"" word "\"]")
#define ESCALATE(after) "\"escalate\":[{\"after_s\":" after ",\"to\":\"duty\"}],"
#define MAJORITY        "{\"count\":1,\"id\":\"cab\",\"quorum\":\"majority\",\"role\":\"cab\",\"veto\":[\"security\"]}"
#define GROUP           RULE(ESCALATE("60") "\"seats\":[" MAJORITY "]")

static struct author_log *begun(void **state, const char *rules)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    *state = l;
    route_begin(l, rules);
    return l;
}

static enum request_status status_of(struct author_log *l, uint64_t id)
{
    const struct state_request *q = state_request_find(state_of(l), id);
    assert_non_null(q);
    return q->status;
}

static void expect_seats(struct author_log *l, uint64_t id, uint32_t tech, uint32_t business)
{
    struct arena a;
    struct sheet s;
    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(state_of(l), state_request_find(state_of(l), id), &a, &s).code, CS_OK);
    assert_int_equal(policy_sheet_seat(&s, SPAN_LIT("r/tech"))->have, tech);
    assert_int_equal(policy_sheet_seat(&s, SPAN_LIT("r/business"))->have, business);
    arena_release(&a);
}

static void yes(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    expect(route_say(l, who, id, seat, DECISION_APPROVE), REASON_OK, who);
}

static uint64_t opened_by(struct author_log *l, const char *author)
{
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Release", .author = author}, &id), REASON_OK,
           "request");
    return id;
}

/* The seat of tom is empty, whoever else signs; tina fills it. */
static void expect_without_tom(struct author_log *l, uint64_t id)
{
    expect_seats(l, id, 0, 0);
    yes(l, "bea", id, "r/business");
    assert_int_equal(status_of(l, id), STATUS_ELIGIBLE);
    expect(author_log_redeem(l, id, false), REASON_NOT_APPROVED, "half");
    yes(l, "tina", id, "r/tech");
    assert_int_equal(status_of(l, id), STATUS_APPROVED);
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
}

static void an_account_that_turns_out_to_be_theirs(void **state)
{
    struct author_log *l = begun(state, RULE(TWO));
    const uint64_t id = route_open(l, "Release");
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("tom")};
    yes(l, "tom", id, "r/tech");
    put.person = (struct person){.id = put.id,
                                 .roles = {SPAN_LIT("cab"), SPAN_LIT("tech")},
                                 .role_count = 2,
                                 .accounts = {SPAN_LIT("gitlab:7")}, /* whose request it is */
                                 .account_count = 1};
    expect(author_change_roster(l, &put, 1), REASON_OK, "tom is gitlab:7");
    expect_without_tom(l, id);
}

static void a_policy_that_keeps_authors_apart(void **state)
{
    struct author_log *l = begun(state, RULE(TWO));
    const uint64_t id = opened_by(l, "tom");
    yes(l, "tom", id, "r/tech");
    route_rules(l, SEPARATE("authors"));
    expect_without_tom(l, id);
}

/* Approved, and not used yet: what was enough is not enough any more. */
static void an_approval_that_was_not_used(void **state)
{
    struct author_log *l = begun(state, RULE(TWO));
    const uint64_t id = opened_by(l, "tom");
    struct arena a;
    struct sheet s;
    yes(l, "tom", id, "r/tech");
    yes(l, "bea", id, "r/business");
    route_rules(l, SEPARATE("authors"));
    expect(author_log_redeem(l, id, false), REASON_TOO_FEW_SIGNED, "redeem");
    arena_init(&a, 16 << 20);
    const struct state_request *q = state_request_find(state_of(l), id);
    assert_int_equal(policy_sheet_of(state_of(l), q, &a, &s).code, CS_OK);
    assert_int_equal(policy_status(q, &s), STATUS_PAUSED);
    arena_release(&a);
}

/* Escalated while the policy said a minute; the one in force now says a day. */
static void two_policies_wait_for_the_later_step(void **state)
{
    struct author_log *l = begun(state, RULE(ESCALATE("60") TWO));
    const uint64_t id = route_open(l, "Release");
    author_log_advance(l, 60000);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_OK, "due");
    route_rules(l, RULE(ESCALATE("80000") TWO));
    expect(route_say(l, "dora", id, "r/tech", DECISION_APPROVE), REASON_NO_ROLE, "not for a day");
    author_log_advance(l, (uint64_t)80000 * 1000 - 120000);
    expect(route_say(l, "dora", id, "r/tech", DECISION_APPROVE), REASON_NO_ROLE, "a minute before");
    author_log_advance(l, 120000);
    yes(l, "dora", id, "r/tech");
}

static void expect_alarm(struct author_log *l, const char *role)
{
    struct alarms *x = calloc(1, sizeof(*x));
    assert_non_null(x);
    policy_alarms(state_of(l), author_log_now(l), x);
    if (role == NULL) {
        assert_int_equal(x->count, 0);
    } else {
        assert_int_equal(x->count, 1);
        assert_true(span_is(x->item[0].code, "unfillable_seat"));
        assert_true(span_is(x->item[0].role, role));
    }
    free(x);
}

static void suspend(struct author_log *l, const char *who, enum change_op op)
{
    struct roster_change c = {.op = op, .id = span_str(who)};
    expect(author_change_roster(l, &c, 1), REASON_OK, who);
}

/* What would not load is an alarm, and nothing else is. */
static void what_would_not_load_is_an_alarm(void **state)
{
    static const char *const of_five[] = {"bea", "bill", "cleo"};
    struct author_log *l = begun(state, GROUP);
    for (size_t i = 0; i < 3; i++) {
        expect_alarm(l, NULL);
        expect(author_change_policy(l, GROUP), REASON_OK, "loads");
        suspend(l, of_five[i], CHANGE_SUSPEND_PERSON);
    }
    expect_alarm(l, "cab");
    expect(author_change_policy(l, GROUP), REASON_UNFILLABLE_SEAT, "two of five are no majority");
    suspend(l, "bea", CHANGE_RESTORE_PERSON);
    expect_alarm(l, NULL);
    suspend(l, "dora", CHANGE_SUSPEND_PERSON);
    expect_alarm(l, "duty"); /* nobody to escalate to */
    expect(author_change_policy(l, GROUP), REASON_UNFILLABLE_SEAT, "nobody stands in");
}

/* Who ends requests by a veto uses that role, of a group or not. */
static void a_veto_is_a_use_of_its_role(void **state)
{
    struct author_log *l = begun(state, GROUP);
    const struct state_person *sam = state_person_find(state_of(l), SPAN_LIT("sam"));
    author_log_advance(l, 24 * HOUR_MS);
    const uint64_t id = route_open(l, "Release");
    expect(route_say(l, "sam", id, "r/cab", DECISION_REJECT), REASON_OK, "sam");
    assert_int_equal(status_of(l, id), STATUS_REJECTED);
    assert_int_equal(state_entitlement_find(sam, SPAN_LIT("security"))->used_ms, state_of(l)->time_ms);
}

/* Two hold one seat, and one of them is suspended: what is signed of the use names who carries it. */
static void the_statement_names_who_carries_it(void **state)
{
    struct author_log *l = begun(state, RULE(TWO));
    const uint64_t id = route_open(l, "Release");
    struct sha256 head = {{0}};
    const struct judge_place at = {
        .seq = author_log_size(l) + 8, .head = &head, .time_ms = author_log_now(l) + HOUR_MS};
    AUTO_WRITER said = wr_heap(65536);
    struct arena a;
    yes(l, "tom", id, "r/tech");
    suspend(l, "tom", CHANGE_SUSPEND_PERSON);
    yes(l, "tina", id, "r/tech");
    suspend(l, "tom", CHANGE_RESTORE_PERSON);
    yes(l, "bea", id, "r/business");
    suspend(l, "tom", CHANGE_SUSPEND_PERSON);
    arena_init(&a, 16 << 20);
    const struct state_request *q = state_request_find(state_of(l), id);
    assert_int_equal(judge_outcome_payload(state_of(l), q, &at, &a, &said).code, CS_OK);
    arena_release(&a);
    const struct span text = wr_span(&said);
    assert_non_null(memmem(text.p, text.left, "\"person\":\"tina\"", 15));
    assert_non_null(memmem(text.p, text.left, "\"person\":\"bea\"", 14));
    assert_null(memmem(text.p, text.left, "\"person\":\"tom\"", 14));
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_account_that_turns_out_to_be_theirs, end),
        cmocka_unit_test_teardown(a_policy_that_keeps_authors_apart, end),
        cmocka_unit_test_teardown(an_approval_that_was_not_used, end),
        cmocka_unit_test_teardown(two_policies_wait_for_the_later_step, end),
        cmocka_unit_test_teardown(what_would_not_load_is_an_alarm, end),
        cmocka_unit_test_teardown(a_veto_is_a_use_of_its_role, end),
        cmocka_unit_test_teardown(the_statement_names_who_carries_it, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
