/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that steps back hides no time that has passed: docs/formats/core.md, "Time". Requirements D4, 6.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core_bed.h"

static const uint64_t second_ms = 1000;
static const int64_t hour_ms = 3600000;

/* Both clocks go on, and the wall clock jumps besides; the core looks. */
static void pass(struct inside *w, uint64_t ms, int64_t jump_ms)
{
    w->core.mono_ms += ms;
    w->core.real_ms += ms + (uint64_t)jump_ms;
    assert_int_equal(core_tick(&w->core).code, CS_OK);
    inside_commit(w);
}

static const struct state *state_of(const struct inside *w)
{
    return &w->core.judge.state;
}

static uint64_t asked(struct inside *w)
{
    struct sha256 artifact;
    return inside_request(w, &artifact);
}

static void a_step_back_hides_no_time(void **state)
{
    struct inside *w = bed_core(state);
    (void)asked(w);
    const uint64_t at_ms = state_of(w)->time_ms;
    const uint64_t size = state_of(w)->size;
    pass(w, 5 * second_ms, -4500); /* still after the last entry */
    assert_true(state_of(w)->clock_back);
    assert_int_equal(state_of(w)->size, size + 1);
    assert_int_equal(state_of(w)->time_ms, at_ms + 5 * second_ms);
    pass(w, 4 * second_ms, 0);
    assert_true(state_of(w)->clock_back);
    pass(w, second_ms, 0);
    assert_false(state_of(w)->clock_back);
    assert_int_equal(state_of(w)->size, size + 2);
    pass(w, second_ms, 0); /* and from there time is the clock's again */
    assert_false(state_of(w)->clock_back);
    assert_true(core_time_ms(&w->core) == w->core.real_ms);
}

static void a_deadline_is_not_moved_by_a_step_back(void **state)
{
    struct inside *w = bed_core(state);
    const struct state_request *q = state_request_find(state_of(w), asked(w));
    const uint64_t wait_ms = q->sign_by_ms - q->opened_ms;
    pass(w, wait_ms - 1, 0);
    assert_int_equal(q->status, STATUS_ELIGIBLE);
    pass(w, 1, -hour_ms);
    assert_true(state_of(w)->clock_back);
    assert_int_equal(q->status, STATUS_EXPIRED);
}

/* Each of them is within the slack; together they are not. */
static void small_steps_add_up(void **state)
{
    struct inside *w = bed_core(state);
    (void)asked(w);
    const uint64_t at_ms = state_of(w)->time_ms;
    pass(w, second_ms, -900);
    (void)asked(w); /* an entry in between does not let the line down */
    assert_false(state_of(w)->clock_back);
    pass(w, second_ms, -900);
    assert_true(state_of(w)->clock_back);
    assert_int_equal(state_of(w)->time_ms, at_ms + 2 * second_ms);
}

static void a_clock_that_stays_right_is_never_noted(void **state)
{
    struct inside *w = bed_core(state);
    const uint64_t size = state_of(w)->size;
    for (unsigned i = 0; i < 100; i++) {
        pass(w, second_ms, i == 50 ? hour_ms : 0); /* ahead is no step back */
    }
    pass(w, second_ms, -1000); /* as after a leap second */
    assert_int_equal(state_of(w)->size, size);
    assert_int_equal(state_of(w)->clock_count, 0);
}

/* What was signed before the power went is not from now, where nobody can say how long it was off. */
static void a_start_under_a_clock_that_is_back_is_noted(void **state)
{
    struct inside *w = bed_core(state);
    (void)asked(w);
    pass(w, second_ms, -hour_ms);
    assert_int_equal(state_of(w)->clock_count, 1);
    const uint64_t behind_ms = w->core.real_ms;
    inside_stop(w);
    inside_start(w, CORE_BED_STATE_BYTES);
    w->core.real_ms = behind_ms;
    assert_int_equal(core_boot(&w->core).code, CS_OK);
    assert_int_equal(state_of(w)->clock_count, 2);
    assert_true(state_of(w)->clock_back);
    pass(w, 2 * (uint64_t)hour_ms, 0);
    assert_false(state_of(w)->clock_back);
    assert_int_equal(state_of(w)->clock_count, 3);
}

static void the_core_sleeps_until_the_clock_is_past_the_last_entry(void **state)
{
    struct inside *w = bed_core(state);
    (void)asked(w);
    pass(w, second_ms, -30000);
    assert_int_equal(core_wake_in_ms(&w->core), 30 * second_ms);
    pass(w, 30 * second_ms, 0);
    assert_false(state_of(w)->clock_back);
    assert_true(core_wake_in_ms(&w->core) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CORE_BEGUN(a_step_back_hides_no_time),
        CORE_BEGUN(a_deadline_is_not_moved_by_a_step_back),
        CORE_BEGUN(small_steps_add_up),
        CORE_BEGUN(a_clock_that_stays_right_is_never_noted),
        CORE_BEGUN(a_start_under_a_clock_that_is_back_is_noted),
        CORE_BEGUN(the_core_sleeps_until_the_clock_is_past_the_last_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
