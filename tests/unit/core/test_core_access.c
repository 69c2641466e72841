/* SPDX-License-Identifier: Apache-2.0 */
/* Counting attempts, and nonces that were given out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/core_access.h"
#include "core/core_nonces.h"

static struct core_access access_table; /* too large for the stack */

static int clean(void **state)
{
    (void)state;
    memset(&access_table, 0, sizeof(access_table));
    return 0;
}

static struct core_attempt attempt(const char *code, uint64_t request, uint64_t count)
{
    return (struct core_attempt){.actor = SPAN_LIT("system:kiosk"),
                                 .origin = {.peer = SPAN_LIT("kiosk")},
                                 .note = {.code = span_str(code),
                                          .count = count,
                                          .person = SPAN_LIT("dan"),
                                          .has_request = true,
                                          .request = request}};
}

static void the_first_is_written_the_rest_counted(void **state)
{
    (void)state;
    const struct core_attempt t = attempt("no_presence", 5, 1);
    struct core_attempt due;

    assert_true(core_access_add(&access_table, &t, 1000));
    for (unsigned i = 0; i < 10; i++) {
        assert_false(core_access_add(&access_table, &t, 1000 + i));
    }
    assert_true(core_access_wake_ms(&access_table) == 1000 + CORE_ACCESS_WINDOW_MS);
    assert_false(core_access_due(&access_table, 1000 + CORE_ACCESS_WINDOW_MS - 1, false, &due));
    assert_true(core_access_due(&access_table, 1000 + CORE_ACCESS_WINDOW_MS, false, &due));
    assert_int_equal(due.note.count, 10);
    assert_true(span_is(due.note.code, "no_presence"));
    assert_true(span_is(due.note.person, "dan"));
    assert_int_equal(due.note.request, 5);
    assert_false(core_access_due(&access_table, 1000 + CORE_ACCESS_WINDOW_MS, false, &due));
    assert_true(core_access_add(&access_table, &t, 90000)); /* a new minute, written at once again */
}

/* What a refused decision said stands in a frame that is gone by the time its minute ends. */
static void every_text_is_kept(void **state)
{
    (void)state;
    char frame[][8] = {"kiosk-1", "1-1", "on"};
    struct core_attempt t = attempt("presence_port", 5, 1);
    struct core_attempt due;

    t.origin.kiosk = span_str(frame[0]);
    t.origin.port = span_str(frame[1]);
    t.origin.presence_switch = span_str(frame[2]);
    assert_true(core_access_add(&access_table, &t, 0));
    assert_false(core_access_add(&access_table, &t, 1));
    memset(frame, 'x', sizeof(frame));
    assert_true(core_access_due(&access_table, CORE_ACCESS_WINDOW_MS, false, &due));
    assert_true(span_is(due.origin.kiosk, "kiosk-1"));
    assert_true(span_is(due.origin.port, "1-1"));
    assert_true(span_is(due.origin.presence_switch, "on"));
}

static void one_alone_is_not_written_twice(void **state)
{
    (void)state;
    const struct core_attempt t = attempt("no_presence", 5, 1);
    struct core_attempt due;

    assert_true(core_access_add(&access_table, &t, 0));
    assert_false(core_access_due(&access_table, CORE_ACCESS_WINDOW_MS, false, &due));
    assert_true(core_access_wake_ms(&access_table) == UINT64_MAX);
}

static void what_differs_is_told_apart(void **state)
{
    (void)state;
    struct core_attempt t = attempt("no_presence", 5, 1);

    assert_true(core_access_add(&access_table, &t, 0));
    t.note.request = 6;
    assert_true(core_access_add(&access_table, &t, 0));
    t.note.has_request = false;
    assert_true(core_access_add(&access_table, &t, 0));
    t.note.code = SPAN_LIT("rp_id");
    assert_true(core_access_add(&access_table, &t, 0));
    t.origin.port = SPAN_LIT("1-1");
    assert_true(core_access_add(&access_table, &t, 0));
    t.actor = SPAN_LIT("system:http");
    assert_true(core_access_add(&access_table, &t, 0));
    t.note.has_credential = true;
    assert_true(core_access_add(&access_table, &t, 0));
    t.note.credential_sha256.b[31] = 1;
    assert_true(core_access_add(&access_table, &t, 0));
    assert_false(core_access_add(&access_table, &t, 0));
}

static void a_flood_of_kinds_is_one_entry(void **state)
{
    (void)state;
    struct core_attempt due;
    unsigned written = 0;
    uint64_t counted = 0;

    for (uint64_t i = 0; i < 1000; i++) {
        const struct core_attempt t = attempt("no_presence", i, 2);
        written += core_access_add(&access_table, &t, 0) ? 1 : 0;
    }
    assert_int_equal(written, CORE_ACCESS_KINDS);
    while (core_access_due(&access_table, CORE_ACCESS_WINDOW_MS, false, &due)) {
        assert_true(span_is(due.note.code, "too_many_attempts"));
        counted += due.note.count;
    }
    assert_int_equal(counted, 2 * (1000 - CORE_ACCESS_KINDS)); /* none is lost */
}

static void the_end_writes_what_is_left(void **state)
{
    (void)state;
    const struct core_attempt t = attempt("no_presence", 5, 1);
    struct core_attempt due;

    assert_true(core_access_add(&access_table, &t, 0));
    assert_false(core_access_add(&access_table, &t, 0));
    assert_false(core_access_due(&access_table, 1, false, &due));
    assert_true(core_access_due(&access_table, 1, true, &due));
    assert_int_equal(due.note.count, 1);
}

static void a_text_that_is_too_long_is_counted_without_it(void **state)
{
    (void)state;
    char text[CORE_ACCESS_TEXT_MAX + 2] = {0};
    struct core_attempt t = attempt("no_presence", 5, 1);
    struct core_attempt due;

    memset(text, 'x', CORE_ACCESS_TEXT_MAX + 1);
    t.origin.ip = span_str(text);
    assert_false(core_access_add(&access_table, &t, 0));
    assert_true(core_access_due(&access_table, 1, true, &due));
    assert_true(span_is(due.note.code, "too_many_attempts"));
    t.origin.ip.left = CORE_ACCESS_TEXT_MAX;
    assert_true(core_access_add(&access_table, &t, 0));
}

static void nonces_live_two_minutes(void **state)
{
    (void)state;
    static struct core_nonces n;
    uint8_t one[MODEL_NONCE_BYTES] = {1};
    const uint8_t other[MODEL_NONCE_BYTES] = {0, 0, 0, 0, 9};
    uint64_t expires = 0;

    assert_false(core_nonces_known(&n, one, 0));
    assert_int_equal(core_nonces_issue(&n, one, 1000, &expires).code, CS_OK);
    assert_int_equal(expires, 1000 + MODEL_STATEMENT_LIFE_MS);
    assert_true(core_nonces_known(&n, one, expires));
    assert_false(core_nonces_known(&n, one, expires + 1));
    assert_false(core_nonces_known(&n, other, 1000));
    for (unsigned i = 1; i < CORE_NONCES_MAX; i++) {
        memcpy(one, &i, sizeof(i));
        assert_int_equal(core_nonces_issue(&n, one, 2000, &expires).code, CS_OK);
    }
    expires = 7;
    assert_int_equal(core_nonces_issue(&n, other, 2000, &expires).code, CS_E_FULL);
    assert_int_equal(expires, 7);
    /* the oldest has gone: there is room for one */
    assert_int_equal(core_nonces_issue(&n, other, 1001 + MODEL_STATEMENT_LIFE_MS, &expires).code, CS_OK);
    assert_true(core_nonces_known(&n, other, expires));
    assert_true(core_nonces_known(&n, one, 2000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_first_is_written_the_rest_counted, clean),
        cmocka_unit_test_setup(every_text_is_kept, clean),
        cmocka_unit_test_setup(one_alone_is_not_written_twice, clean),
        cmocka_unit_test_setup(what_differs_is_told_apart, clean),
        cmocka_unit_test_setup(a_flood_of_kinds_is_one_entry, clean),
        cmocka_unit_test_setup(the_end_writes_what_is_left, clean),
        cmocka_unit_test_setup(a_text_that_is_too_long_is_counted_without_it, clean),
        cmocka_unit_test(nonces_live_two_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
