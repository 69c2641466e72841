/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that ask how a service went before, by the log's own outcomes. Requirement 7.4. */
#include "judge_bed.h"

#include "support/author_change.h"

enum { HOUR_MS = 3600000, DAY_MS = 24 * HOUR_MS };

#define BASE       "{\"id\":\"production\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}"
#define MORE(test) "{\"id\":\"shaky\",\"require\":{\"fields\":[\"ticket\"]},\"when\":[{" test ",\"window_s\":2592000}]}"
#define FAILS      "\"ge\":150001,\"name\":\"history.change_fail_rate\""
#define MANY       "\"ge\":3,\"name\":\"history.deployments\""
#define SLOW       "\"ge\":3601,\"name\":\"history.recovery\""

static struct author_log *begin(void **state, const char *rules)
{
    struct author_log *l = standard_log();
    assert_true(author_change_policy(l, rules).allow);
    *state = l;
    return l;
}

static enum policy_reason ask(struct author_log *l, const char *title, const char *service, uint64_t *ret_id)
{
    return author_log_request(l, &(struct author_request){.title = title, .service = service}, ret_id).reason;
}

/* Opens, decides, uses; STATUS_NONE: its outcome is never told. */
static void deploy(struct author_log *l, const char *title, const char *service, enum request_status outcome)
{
    uint64_t id = 0;
    assert_int_equal(ask(l, title, service, &id), REASON_OK);
    assert_true(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(l, id, false).allow);
    if (outcome != STATUS_NONE) {
        assert_true(author_log_outcome(l, id, outcome).allow);
    }
}

/* Before the rule is there, so that it keeps nothing out. */
static struct author_log *deployed(void **state, const enum request_status *outcomes, size_t count, const char *rules)
{
    struct author_log *l = begin(state, BASE);
    for (size_t i = 0; i < count; i++) {
        char title[32];
        (void)snprintf(title, sizeof(title), "Release %zu", i);
        deploy(l, title, NULL, outcomes[i]);
        author_log_advance(l, HOUR_MS);
    }
    assert_true(author_change_policy(l, rules).allow);
    return l;
}

static void a_share_of_failures_adds_what_the_rule_asks(void **state)
{
    static const enum request_status shaky[] = {STATUS_SUCCEEDED, STATUS_FAILED, STATUS_SUCCEEDED, STATUS_ROLLED_BACK};
    static const enum request_status good[] = {STATUS_SUCCEEDED, STATUS_SUCCEEDED, STATUS_SUCCEEDED};
    uint64_t id = 0;
    struct author_log *l = deployed(state, shaky, 4, BASE "," MORE(FAILS));
    assert_int_equal(ask(l, "Next", NULL, &id), REASON_MISSING_FIELD);
    /* of a service without history the rate cannot be told, and what cannot be told makes the rule apply */
    assert_int_equal(ask(l, "First", "ledger", &id), REASON_MISSING_FIELD);
    author_log_free(l);
    l = deployed(state, good, 3, BASE "," MORE(FAILS));
    assert_int_equal(ask(l, "Next", NULL, &id), REASON_OK);
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    struct arena a;
    struct state_loaded loaded;
    arena_init(&a, 4 << 20);
    assert_int_equal(state_load(q, &a, &loaded).code, CS_OK);
    assert_int_equal(loaded.request.history_count, 1);
    assert_int_equal(loaded.request.history[0].deployments, 3);
    assert_int_equal(loaded.request.history[0].failed, 0);
    arena_release(&a);
}

static void what_is_older_than_the_window_does_not_count(void **state)
{
    static const enum request_status bad[] = {STATUS_FAILED, STATUS_FAILED, STATUS_FAILED};
    uint64_t id = 0;
    struct author_log *l = deployed(state, bad, 3, BASE "," MORE(MANY));
    assert_int_equal(ask(l, "Next", NULL, &id), REASON_MISSING_FIELD);
    author_log_advance(l, (uint64_t)30 * DAY_MS);
    assert_int_equal(ask(l, "Later", NULL, &id), REASON_OK);
}

static void silence_does_not_look_like_success(void **state)
{
    static const enum request_status silent[] = {STATUS_SUCCEEDED, STATUS_NONE};
    uint64_t id = 0;
    struct author_log *l = deployed(state, silent, 2, BASE "," MORE(FAILS));
    assert_int_equal(ask(l, "Soon", NULL, &id), REASON_OK); /* it may still be under way */
    author_log_advance(l, DAY_MS);
    assert_int_equal(ask(l, "Next day", NULL, &id), REASON_MISSING_FIELD);
}

static void being_down_counts_until_it_ends(void **state)
{
    static const enum request_status down[] = {STATUS_SUCCEEDED, STATUS_FAILED};
    static const enum request_status up[] = {STATUS_FAILED, STATUS_SUCCEEDED};
    uint64_t id = 0;
    struct author_log *l = deployed(state, up, 2, BASE "," MORE(SLOW));
    author_log_advance(l, (uint64_t)5 * HOUR_MS);
    assert_int_equal(ask(l, "Up again", NULL, &id), REASON_OK); /* down for an hour and some entries, not more */
    author_log_free(l);
    l = deployed(state, down, 2, BASE "," MORE(SLOW));
    author_log_advance(l, HOUR_MS);
    assert_int_equal(ask(l, "Down", NULL, &id), REASON_MISSING_FIELD);
}

/* Nothing that ran says nothing about recovery. */
static void what_never_ran_has_not_recovered(void **state)
{
    static const enum request_status good[] = {STATUS_SUCCEEDED};
    uint64_t id = 0;
    struct author_log *l = deployed(state, good, 1, BASE "," MORE(SLOW));
    assert_int_equal(ask(l, "Ran", NULL, &id), REASON_OK);
    assert_int_equal(ask(l, "Never ran", "ledger", &id), REASON_MISSING_FIELD);
    const struct history_window w = {.failed = 0, .recovery_s = 0, .window_s = 60};
    int64_t value = -1;
    assert_false(model_history_value(&w, 1, SPAN_LIT("history.recovery"), 60, &value));
    assert_true(model_history_value(&w, 1, SPAN_LIT("history.deployments"), 60, &value));
    assert_int_equal(value, 0);
}

/* Neither a bound from above nor one from below is met by rounding. */
static void a_rate_is_rounded_up(void **state)
{
    const struct history_window w = {.deployments = 3, .failed = 1, .window_s = 60};
    int64_t value = 0;
    (void)state;
    assert_true(model_history_value(&w, 1, SPAN_LIT("history.change_fail_rate"), 60, &value));
    assert_int_equal(value, 333334);
}

/* As a request that is opened at now_ms would say it. */
static struct history_window seen(struct author_log *l, uint64_t window_s, uint64_t now_ms)
{
    static struct deploy_content d;
    d.service = SPAN_LIT("payments");
    d.environment = SPAN_LIT("production");
    return state_history(&author_log_judge(l)->state, &d, window_s, now_ms);
}

static const struct state_run *last_run(struct author_log *l)
{
    return state_place_find(&author_log_judge(l)->state, SPAN_LIT("payments"), SPAN_LIT("production"))->now;
}

/* The moment itself, and one millisecond past it. */
static void windows_have_an_edge(void **state)
{
    enum { WINDOW_S = 7 * 86400 };
    struct author_log *l = begin(state, BASE);
    deploy(l, "Fails", NULL, STATUS_FAILED);
    const uint64_t told_ms = last_run(l)->outcome_ms;
    assert_int_equal(seen(l, WINDOW_S, told_ms + WINDOW_S * 1000ULL).failed, 1);
    assert_int_equal(seen(l, WINDOW_S, told_ms + WINDOW_S * 1000ULL + 1).deployments, 0);
    author_log_advance(l, HOUR_MS);
    deploy(l, "Works", NULL, STATUS_SUCCEEDED);
    const uint64_t up_ms = last_run(l)->outcome_ms;
    const uint64_t down_s = (up_ms - told_ms) / 1000;
    assert_true(down_s >= 3600);
    assert_int_equal(seen(l, WINDOW_S, up_ms + WINDOW_S * 1000ULL).recovery_s, down_s);
    assert_int_equal(seen(l, WINDOW_S, up_ms + WINDOW_S * 1000ULL + 1).recovery_s, 0);
    /* of what ended within the window the whole time counts */
    assert_int_equal(seen(l, 60, up_ms + 1).recovery_s, down_s);
    deploy(l, "Silent", NULL, STATUS_NONE);
    const uint64_t used_ms = last_run(l)->redeemed_ms;
    assert_int_equal(seen(l, WINDOW_S, used_ms + DAY_MS - 1).deployments, 2);
    assert_int_equal(seen(l, WINDOW_S, used_ms + DAY_MS).deployments, 3);
    assert_int_equal(seen(l, WINDOW_S, used_ms + DAY_MS).failed, 2);
}

/* From a day after its use it counts as down, until something succeeds that was used after it. */
static void silence_is_an_outage(void **state)
{
    enum { MONTH_S = 30 * 86400 };
    struct author_log *l = begin(state, BASE);
    deploy(l, "Silent", NULL, STATUS_NONE);
    const uint64_t down_ms = last_run(l)->redeemed_ms + DAY_MS;
    assert_int_equal(seen(l, MONTH_S, down_ms + 999).recovery_s, 0);
    assert_int_equal(seen(l, MONTH_S, down_ms + HOUR_MS).recovery_s, 3600);
    author_log_advance(l, (uint64_t)3 * DAY_MS);
    deploy(l, "Works", NULL, STATUS_SUCCEEDED);
    const uint64_t took_s = (last_run(l)->outcome_ms - down_ms) / 1000;
    assert_int_equal(seen(l, MONTH_S, last_run(l)->outcome_ms + HOUR_MS).recovery_s, took_s);
    assert_int_equal(seen(l, MONTH_S, last_run(l)->outcome_ms + MONTH_S * 1000ULL).recovery_s, took_s);
    assert_int_equal(seen(l, MONTH_S, last_run(l)->outcome_ms + MONTH_S * 1000ULL + 1).recovery_s, 0);
    /* what comes before the day is over ends it before it begins */
    author_log_advance(l, (uint64_t)60 * DAY_MS);
    deploy(l, "Silent again", NULL, STATUS_NONE);
    deploy(l, "Works again", NULL, STATUS_SUCCEEDED);
    assert_int_equal(seen(l, MONTH_S, last_run(l)->outcome_ms + 2ULL * DAY_MS).recovery_s, 0);
}

/* Being told late that it failed does not make the outage shorter. */
static void silence_that_failed_was_down_before(void **state)
{
    struct author_log *l = begin(state, BASE);
    uint64_t id = 0;
    assert_int_equal(ask(l, "Fails", NULL, &id), REASON_OK);
    assert_true(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(l, id, false).allow);
    const uint64_t used_ms = last_run(l)->redeemed_ms;
    author_log_advance(l, (uint64_t)5 * DAY_MS);
    assert_true(author_log_outcome(l, id, STATUS_FAILED).allow);
    assert_int_equal(seen(l, 30ULL * 86400, used_ms + 5ULL * DAY_MS).recovery_s, 4 * 86400);
}

/* What was used before what failed, and is told afterwards, is not what runs. */
static void an_older_success_ends_no_outage(void **state)
{
    struct author_log *l = begin(state, BASE);
    const struct state_run *old = NULL;
    uint64_t id = 0;
    assert_int_equal(ask(l, "Old", NULL, &id), REASON_OK);
    assert_true(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(l, id, false).allow);
    old = last_run(l);
    deploy(l, "Fails", NULL, STATUS_FAILED);
    const uint64_t down_ms = last_run(l)->outcome_ms;
    assert_true(author_log_outcome(l, id, STATUS_SUCCEEDED).allow);
    assert_true(old->good);
    assert_int_equal(seen(l, 86400, down_ms + HOUR_MS).recovery_s, 3600);
    /* nor does one that was taken back before it ran for good */
    deploy(l, "Taken back", NULL, STATUS_ROLLED_BACK);
    assert_int_equal(seen(l, 86400, down_ms + HOUR_MS).recovery_s, 3600);
    deploy(l, "Works", NULL, STATUS_SUCCEEDED);
    assert_true(seen(l, 86400, down_ms + HOUR_MS).recovery_s < 3600);
}

/* The way back is how a failure ends, and is no deployment: else a service that always fails fails every other time. */
static void going_back_is_no_deployment(void **state)
{
    enum { MONTH_S = 30 * 86400 };
    struct author_log *l = begin(state, BASE);
    deploy(l, "Release 1", NULL, STATUS_SUCCEEDED);
    for (unsigned i = 0; i < 3; i++) {
        uint64_t id = 0;
        char title[32];
        (void)snprintf(title, sizeof(title), "Bad %u", i);
        assert_true(
            author_log_request(l, &(struct author_request){.title = title, .rollback = "Release 1"}, &id).allow);
        assert_true(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
        assert_true(author_log_redeem(l, id, false).allow);
        assert_true(author_log_failed(l, id, "error_rate").allow);
        const uint64_t down_ms = last_run(l)->outcome_ms;
        assert_int_equal(seen(l, MONTH_S, down_ms + HOUR_MS).recovery_s, 3600);
        assert_true(author_log_go_back(l, id, false).allow);
        assert_true(last_run(l)->back);
        assert_int_equal(seen(l, MONTH_S, down_ms + HOUR_MS).recovery_s, 3600);
        assert_true(author_log_outcome(l, id, STATUS_ROLLED_BACK).allow);
        const struct history_window w = seen(l, MONTH_S, down_ms + HOUR_MS);
        assert_int_equal(w.deployments, 2 + i);
        assert_int_equal(w.failed, 1 + i);
        assert_int_equal(w.recovery_s, 0); /* it is where it was meant to be */
    }
}

/* It stays what it was when it was opened. */
static void later_outcomes_do_not_move_an_open_request(void **state)
{
    static const enum request_status good[] = {STATUS_SUCCEEDED, STATUS_SUCCEEDED, STATUS_SUCCEEDED};
    uint64_t open = 0;
    uint64_t id = 0;
    struct author_log *l = deployed(state, good, 3, BASE "," MORE(FAILS));
    assert_int_equal(ask(l, "Open", NULL, &open), REASON_OK);
    deploy(l, "Breaks", NULL, STATUS_FAILED);
    assert_int_equal(ask(l, "After", NULL, &id), REASON_MISSING_FIELD);
    assert_true(author_log_decide(l, "tom", open, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(l, open, false).allow);
}

/* The core cannot say that it went better than it did. */
static void a_request_that_says_otherwise_is_refused(void **state)
{
    static const enum request_status bad[] = {STATUS_FAILED, STATUS_SUCCEEDED};
    static const char *const bends[][2] = {{"\"failed\":1", "\"failed\":0"},
                                           {"\"deployments\":2", "\"deployments\":9"},
                                           {"\"recovery_s\":3", "\"recovery_s\":1"},
                                           {"\"window_s\":2592000", "\"window_s\":2592001"}};
    uint64_t id = 0;
    struct author_log *l =
        deployed(state, bad, 2, BASE "," MORE("\"ge\":900000,\"name\":\"history.change_fail_rate\""));
    assert_int_equal(ask(l, "Honest", NULL, &id), REASON_OK);
    const struct span leaf = author_log_leaf(l, id); /* not the last one's: each bend is of what was right */
    for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); i++) {
        static const char key[] = "\"idempotency_key\":\"";
        struct entry e;
        struct arena a;
        arena_init(&a, 4 << 20);
        assert_int_equal(model_entry_decode(leaf, &a, &e).code, CS_OK);
        char *text = calloc(1, e.body.left + 1);
        assert_non_null(text);
        memcpy(text, e.body.p, e.body.left);
        char *at = strstr(text, bends[i][0]);
        assert_non_null(at);
        assert_int_equal(strlen(bends[i][0]), strlen(bends[i][1]));
        memcpy(at, bends[i][1], strlen(bends[i][1]));
        at = strstr(text, key);
        assert_non_null(at);
        at[strlen(key)] = (char)('A' + (int)i); /* another request */
        assert_int_equal(author_log_append(l, ENTRY_REQUEST, "client:ci", span_str(text)).reason, REASON_HISTORY);
        free(text);
        arena_release(&a);
    }
}

/* --- what is earned --- */

#define FIVE_GOOD                                                                                                      \
    "{\"ge\":5,\"name\":\"history.deployments\",\"window_s\":7776000},"                                                \
    "{\"le\":49999,\"name\":\"history.change_fail_rate\",\"window_s\":7776000}"

/* Two people, or one once it went so. */
static void adopt_seat(struct author_log *l, const char *count, const char *seat, const char *when)
{
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    const struct span now = author_log_judge(l)->state.policy->text;
    const uint8_t *after = memmem(now.p, now.left, "\"environments\":", 15);
    const uint8_t *rules = memmem(now.p, now.left, "\"rules\":[", 9);
    assert_true(after != NULL && rules != NULL);
    wr_bytes(&w, span_make(now.p, (size_t)(after - now.p)));
    wr_text(&w, "\"earned\":[{\"count\":");
    wr_text(&w, count);
    wr_text(&w, ",\"rule\":\"two\",\"seat\":\"tech\",\"when\":[");
    wr_text(&w, when);
    wr_text(&w, "]}],");
    wr_bytes(&w, span_make(after, (size_t)(rules - after) + 9));
    wr_text(&w, "{\"id\":\"two\",\"require\":{\"seats\":[{");
    wr_text(&w, seat);
    wr_text(&w, ",\"role\":\"tech\"}]}}],\"v\":1,\"version\":");
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

static void adopt_earned(struct author_log *l, const char *when)
{
    adopt_seat(l, "1", "\"count\":2,\"id\":\"tech\"", when);
}

static uint32_t asked(struct author_log *l, uint64_t id)
{
    const struct state *s = &author_log_judge(l)->state;
    struct sheet sheet;
    struct arena a;
    uint32_t count = 0;
    arena_init(&a, 4 << 20);
    assert_int_equal(policy_sheet_of(s, state_request_find(s, id), &a, &sheet).code, CS_OK);
    for (size_t i = 0; i < sheet.count; i++) {
        count += sheet.lines[i].kind == SHEET_SEAT ? sheet.lines[i].count : 0U;
    }
    arena_release(&a);
    return count;
}

static void trust_is_earned_and_lost(void **state)
{
    uint64_t earned = 0;
    uint64_t id = 0;
    struct author_log *l = begin(state, BASE);
    for (unsigned i = 0; i < 5; i++) {
        char title[32];
        (void)snprintf(title, sizeof(title), "Release %u", i);
        deploy(l, title, NULL, STATUS_SUCCEEDED);
    }
    adopt_earned(l, FIVE_GOOD);
    assert_int_equal(ask(l, "Earned", NULL, &earned), REASON_OK);
    assert_int_equal(asked(l, earned), 1);
    assert_true(author_log_decide(l, "tom", earned, "two/tech", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_redeem(l, earned, false).allow);
    /* a service without history has earned nothing, */
    assert_int_equal(ask(l, "New", "ledger", &id), REASON_OK);
    assert_int_equal(asked(l, id), 2);
    /* and one failure of six is too many */
    assert_true(author_log_outcome(l, earned, STATUS_FAILED).allow);
    assert_int_equal(ask(l, "Lost", NULL, &id), REASON_OK);
    assert_int_equal(asked(l, id), 2);
}

/* Of a small group no more are asked for than the group itself needs. */
static void what_is_earned_is_never_more(void **state)
{
    uint64_t id = 0;
    struct author_log *l = begin(state, BASE);
    for (unsigned i = 0; i < 5; i++) {
        char title[32];
        (void)snprintf(title, sizeof(title), "Release %u", i);
        deploy(l, title, NULL, STATUS_SUCCEEDED);
    }
    adopt_seat(l, "3", "\"count\":1,\"id\":\"tech\",\"quorum\":\"majority\"", FIVE_GOOD);
    assert_int_equal(ask(l, "Earned", NULL, &id), REASON_OK);
    assert_int_equal(asked(l, id), 2);
}

static void nothing_earns_nothing(void **state)
{
    uint64_t id = 0;
    struct author_log *l = begin(state, BASE);
    deploy(l, "Release", NULL, STATUS_SUCCEEDED);
    adopt_earned(l, "{\"le\":14399,\"name\":\"history.recovery\",\"window_s\":7776000}");
    assert_int_equal(ask(l, "Ran", NULL, &id), REASON_OK);
    assert_int_equal(asked(l, id), 1);
    assert_int_equal(ask(l, "Never ran", "Payments", &id), REASON_OK);
    assert_int_equal(asked(l, id), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_share_of_failures_adds_what_the_rule_asks, end),
        cmocka_unit_test_teardown(what_is_older_than_the_window_does_not_count, end),
        cmocka_unit_test_teardown(silence_does_not_look_like_success, end),
        cmocka_unit_test_teardown(being_down_counts_until_it_ends, end),
        cmocka_unit_test_teardown(later_outcomes_do_not_move_an_open_request, end),
        cmocka_unit_test_teardown(a_request_that_says_otherwise_is_refused, end),
        cmocka_unit_test_teardown(trust_is_earned_and_lost, end),
        cmocka_unit_test_teardown(nothing_earns_nothing, end),
        cmocka_unit_test_teardown(what_is_earned_is_never_more, end),
        cmocka_unit_test_teardown(what_never_ran_has_not_recovered, end),
        cmocka_unit_test(a_rate_is_rounded_up),
        cmocka_unit_test_teardown(windows_have_an_edge, end),
        cmocka_unit_test_teardown(silence_is_an_outage, end),
        cmocka_unit_test_teardown(silence_that_failed_was_down_before, end),
        cmocka_unit_test_teardown(an_older_success_ends_no_outage, end),
        cmocka_unit_test_teardown(going_back_is_no_deployment, end),
    };
    return cmocka_run_group_tests_name("judge.history", tests, NULL, NULL);
}
