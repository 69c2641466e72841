/* SPDX-License-Identifier: Apache-2.0 */
/* Taking back what was asked for at the kiosk: who can, what is sent, when it is over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen_bed.h"
#include "support/author_glass.h"

struct glass {
    struct author_log *log;
    struct bed bed;
    uint64_t request;
};

static int set_up(void **state)
{
    static struct glass v;
    const struct glass_policy how = {.version = 3};
    memset(&v, 0, sizeof(v));
    v.log = author_log_new(JUDGE_FOLD, BED_STATE_BYTES);
    author_log_standard(v.log);
    glass_policy(v.log, &how);
    v.request = glass_request(v.log, "Payments API 4.18.2", NULL);
    bed_init(&v.bed, v.log);
    *state = &v;
    return 0;
}

static int tear_down(void **state)
{
    struct glass *v = *state;
    bed_release(&v->bed);
    author_log_free(v->log);
    return 0;
}

static void in(struct bed *b, const char *person)
{
    static uint64_t number = 100;
    const struct flow_plug plug = {.number = ++number, .port = SPAN_LIT("1-1")};
    bed_plugs(b, &plug, 1);
    bed_done_as(b, person);
}

/* From the list, which has two rows at most. */
static void open_it(struct bed *b, uint64_t q)
{
    bed_type(b, "1");
    if (b->flow.reading.request.index != q) {
        bed_press(b, PRESS_ESC);
        bed_type(b, "2");
    }
}

/* tina's emergency about the one request, open on the screen. */
static uint64_t emergency(struct glass *v)
{
    const struct glass_ask ask = {.request = v->request};
    uint64_t q = 0;
    assert_true(glass_open(v->log, &ask, &q).allow);
    bed_fold(&v->bed);
    open_it(&v->bed, q);
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    assert_int_equal(v->bed.flow.reading.request.index, q);
    return q;
}

static const char why[] = "It was the wrong deployment.";

static void who_asked_takes_it_back(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const uint64_t q = emergency(v);
    in(b, "tina");
    assert_true(bed_shows(b, "tina can take it back: w"));
    bed_type(b, "w");
    assert_int_equal(b->flow.state, FLOW_BACK);
    assert_true(bed_shows(b, "Take it back?") && bed_shows(b, "[Esc] Keep it"));
    bed_press(b, PRESS_ENTER); /* never without a word */
    assert_int_equal(b->flow.message.word, WORD_REASON_BACK);
    bed_type(b, why);
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_TAKING);
    assert_int_equal(bed_count(b, ASK_WITHDRAW), 1);
    assert_true(span_is(span_make(b->content, b->content_len), "tina: It was the wrong deployment."));
    bed_press(b, PRESS_ESC); /* it is on its way */
    assert_int_equal(b->flow.state, FLOW_TAKING);
    bed_answer(b, ASK_WITHDRAW, "ok", author_log_size(v->log));
    assert_int_equal(b->flow.state, FLOW_TAKING); /* said, and not yet in our own fold */
    assert_true(author_log_withdraw(v->log, q, "system:kiosk").allow);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_TAKEN_BACK);
    assert_false(bed_shows(b, "EMERGENCY: outage"));
}

static void nobody_else_does(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    (void)emergency(v);
    assert_false(bed_shows(b, "take it back"));
    bed_type(b, "w");
    assert_int_equal(b->flow.message.word, WORD_NOT_ASKER);
    assert_true(bed_shows(b, "tina asked for this."));
    in(b, "bea");
    assert_false(bed_shows(b, "take it back"));
    bed_type(b, "w");
    assert_int_equal(b->flow.message.word, WORD_NOT_ASKER);
    in(b, "tina");
    bed_type(b, "w");
    bed_type(b, why);
    bed_plugs(b, NULL, 0); /* gone before it was sent */
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NOT_ASKER);
    assert_int_equal(bed_count(b, ASK_WITHDRAW), 0);
}

/* A deployment is its pipeline's, and what the officers decide is theirs to reject. */
static void what_nobody_asked_for_here_is_not_taken_back(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    in(b, "tom");
    bed_type(b, "1");
    bed_type(b, "w");
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NO_WAY_BACK);
}

static void keeping_it_keeps_no_word_of_it(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    (void)emergency(v);
    bed_read_all(b);
    in(b, "tina");
    bed_type(b, "w");
    bed_type(b, why);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_READ);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    assert_int_equal(b->flow.reading.reason_len, 0);
    bed_press(b, PRESS_ESC);
    bed_type(b, "w");
    bed_wait(b, FLOW_IDLE_MS + FLOW_STILL_MS);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(bed_count(b, ASK_WITHDRAW), 0);
}

static void to_taking(struct bed *b)
{
    bed_type(b, "w");
    bed_type(b, why);
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_TAKING);
}

static void what_the_core_refuses_is_said(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const uint64_t q = emergency(v);
    in(b, "tina");
    to_taking(b);
    bed_answer(b, ASK_WITHDRAW, "busy", 0);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NOT_RECORDED);
    to_taking(b);
    bed_answer(b, ASK_WITHDRAW, "ok", author_log_size(v->log));
    author_log_advance(v->log, 1000);
    (void)glass_request(v->log, "Another", NULL); /* the core says one thing, and its log another */
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_NOT_RECORDED);
    open_it(b, q);
    to_taking(b);
    bed_wait(b, FLOW_VERIFY_MS);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_NO_ANSWER);
}

/* From another kiosk, while it is read or while the reason is typed here. */
static void what_was_taken_back_elsewhere_is_told(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const uint64_t q = emergency(v);
    in(b, "tina");
    bed_type(b, "w");
    bed_type(b, why);
    assert_true(author_log_withdraw(v->log, q, "system:kiosk").allow);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_WAS_TAKEN);
    bed_type(b, "w");
    assert_int_equal(b->flow.message.word, WORD_NO_WAY_BACK);
    assert_int_equal(bed_count(b, ASK_WITHDRAW), 0);
}

static void a_voucher_that_was_given_is_found_and_taken_back(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const struct glass_voucher how = {.kind = NULL};
    const uint64_t q = glass_voucher_signed(v->log, &how);
    bed_fold(b);
    in(b, "tina"); /* who may use it, and did not give it */
    bed_type(b, "v");
    assert_false(bed_shows(b, "Which voucher?"));
    bed_press(b, PRESS_ESC);
    in(b, "bea");
    bed_type(b, "v");
    assert_true(bed_shows(b, "Which voucher?"));
    assert_true(bed_shows(b, "A new one") && bed_shows(b, "of bea"));
    bed_type(b, "1");
    assert_true(bed_shows(b, "For which kinds of emergency?"));
    bed_press(b, PRESS_ESC);
    assert_true(bed_shows(b, "Which voucher?"));
    bed_type(b, "2");
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.reading.request.index, q);
    assert_true(bed_shows(b, "Time left to use it"));
    assert_false(bed_shows(b, "Approve"));
    bed_fold(b);
    assert_int_equal(b->flow.message.word, WORD_NONE); /* nothing happened to it */
    bed_read_all(b);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_QUORUM_MET);
    to_taking(b);
    bed_answer(b, ASK_WITHDRAW, "ok", author_log_size(v->log));
    assert_true(author_log_withdraw(v->log, q, "system:kiosk").allow);
    bed_fold(b);
    assert_int_equal(b->flow.message.word, WORD_TAKEN_BACK);
    bed_type(b, "v");
    assert_true(bed_shows(b, "For which kinds of emergency?"));
}

static void a_voucher_that_ran_out_is_not_offered(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const struct glass_voucher how = {.life_s = 3600};
    (void)glass_voucher_signed(v->log, &how);
    bed_fold(b);
    in(b, "bea");
    b->world.clock_ms += UINT64_C(3601) * 1000;
    bed_type(b, "v");
    assert_false(bed_shows(b, "Which voucher?"));
}

#define BACK(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BACK(who_asked_takes_it_back),
        BACK(nobody_else_does),
        BACK(what_nobody_asked_for_here_is_not_taken_back),
        BACK(keeping_it_keeps_no_word_of_it),
        BACK(what_the_core_refuses_is_said),
        BACK(what_was_taken_back_elsewhere_is_told),
        BACK(a_voucher_that_was_given_is_found_and_taken_back),
        BACK(a_voucher_that_ran_out_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
