/* SPDX-License-Identifier: Apache-2.0 */
/* When escalations are due, over everything that is open. Requirement 4.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/core_steps.h"
#include "support/author_route.h"

enum { CAP_BYTES = 64 << 20, MINUTE_MS = 60000 };

#define STEP(after, to) "{\"after_s\":" after ",\"to\":\"" to "\"}"
#define RULES(steps)                                                                                                   \
    "{\"id\":\"r\",\"require\":{\"escalate\":[" steps "],\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}" \
    "}"
#define NO_STEPS "{\"id\":\"r\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}"

struct bed {
    struct author_log *log;
    struct core_steps steps;
};

static struct bed *begun(void **state, const char *rules)
{
    struct bed *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    *state = b;
    b->log = author_log_new(JUDGE_FOLD, CAP_BYTES);
    assert_non_null(b->log);
    core_steps_init(&b->steps);
    route_begin(b->log, rules);
    return b;
}

static int end(void **state)
{
    struct bed *b = *state;
    core_steps_release(&b->steps);
    author_log_free(b->log);
    free(b);
    return 0;
}

static const struct state *state_of(const struct bed *b)
{
    return &author_log_judge(b->log)->state;
}

static uint64_t due(struct bed *b)
{
    uint64_t due_ms = 0;
    assert_int_equal(core_steps_due(&b->steps, state_of(b), &due_ms).code, CS_OK);
    return due_ms;
}

static uint64_t opened_ms(struct bed *b, uint64_t id)
{
    return state_request_find(state_of(b), id)->opened_ms;
}

static void the_earliest_of_all_is_due(void **state)
{
    struct bed *b = begun(state, RULES(STEP("60", "duty") "," STEP("120", "security")));
    assert_true(due(b) == UINT64_MAX); /* nothing is open */
    assert_null(core_steps_first(&b->steps, state_of(b)));
    const uint64_t one = route_open(b->log, "One");
    assert_int_equal(due(b), opened_ms(b, one) + MINUTE_MS);
    author_log_advance(b->log, MINUTE_MS / 2);
    const uint64_t two = route_open(b->log, "Two");
    assert_int_equal(due(b), opened_ms(b, one) + MINUTE_MS);
    assert_int_equal(core_steps_first(&b->steps, state_of(b))->index, one);
    author_log_advance(b->log, MINUTE_MS / 2);
    assert_true(route_escalate(b->log, "system:core", one, "r", "duty").allow);
    assert_int_equal(due(b), opened_ms(b, two) + MINUTE_MS);
    assert_int_equal(core_steps_first(&b->steps, state_of(b))->index, two);
    assert_true(route_say(b->log, "tom", two, "r/tech", DECISION_APPROVE).allow); /* nobody needs to come any more */
    assert_int_equal(due(b), opened_ms(b, one) + 2 * (uint64_t)MINUTE_MS);
    author_log_advance(b->log, MINUTE_MS);
    assert_true(route_escalate(b->log, "system:core", one, "r", "security").allow);
    assert_true(due(b) == UINT64_MAX);
}

static void another_policy_is_asked_anew(void **state)
{
    struct bed *b = begun(state, RULES(STEP("60", "duty")));
    const uint64_t id = route_open(b->log, "One");
    assert_int_equal(due(b), opened_ms(b, id) + MINUTE_MS);
    route_rules(b->log, RULES(STEP("600", "duty")));
    assert_int_equal(due(b), opened_ms(b, id) + 10 * (uint64_t)MINUTE_MS); /* the later of both */
    route_rules(b->log, NO_STEPS);
    assert_true(due(b) == UINT64_MAX);
    const uint64_t plain = route_open(b->log, "Two");
    assert_true(due(b) == UINT64_MAX);
    route_rules(b->log, RULES(STEP("60", "duty")));
    assert_int_equal(due(b), opened_ms(b, id) + MINUTE_MS); /* what was opened under none stays so */
    assert_true(opened_ms(b, plain) > opened_ms(b, id));
}

/* More than what is kept at first, in no order of time. */
static void many_are_open(void **state)
{
    struct bed *b = begun(state, RULES(STEP("60", "duty")));
    uint64_t first = 0;
    for (unsigned i = 0; i < 100; i++) {
        char title[32];
        (void)snprintf(title, sizeof(title), "Release %u", i);
        const uint64_t id = route_open(b->log, title);
        first = i == 0 ? id : first;
        assert_int_equal(due(b), opened_ms(b, first) + MINUTE_MS);
    }
    assert_int_equal(b->steps.count, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_earliest_of_all_is_due, end),
        cmocka_unit_test_teardown(another_policy_is_asked_anew, end),
        cmocka_unit_test_teardown(many_are_open, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
