/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents at the kiosk: what is asked, what is sent, what the list and the pages say. 4.5 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_freeze.h"
#include "screen_golden.h"
#include "support/author_freeze.h"

#define CALENDAR                                                                                                       \
    "\"calendar\":[{\"allow\":[{\"dates\":[\"12-24..01-06\"],\"hours\":[\"09:00-12:00\"],\"zone\":\"UTC\"},{\"days\":" \
    "[\"mon\",\"tue\"],\"zone\":\"UTC\"}],\"environments\":[\"production\"],\"id\":\"office\"}],"

static int set_up(void **state)
{
    bed_set_up(state);
    struct bed_visit *v = *state;
    freeze_policy(v->log, 3, CALENDAR, FREEZES_PASS);
    bed_fold(&v->bed);
    return 0;
}

static void tom_is_in(struct bed *b)
{
    bed_devices(b, 1);
    bed_done_as(b, "tom");
}

/* Nobody needs a key for it. */
static void anybody_here_freezes(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct freeze f;
    struct arena arena;

    assert_true(bed_shows(b, "[m] Ask for"));
    bed_type(b, "m");
    assert_true(bed_shows(b, "What do you want to ask for?"));
    assert_true(bed_shows(b, "Freeze for an incident: f"));
    assert_false(bed_shows(b, "Give a voucher")); /* the policy has none */
    bed_type(b, "1");
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_true(bed_shows(b, "Which incident?"));
    bed_type(b, "it broke");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_BAD_NAME);
    for (unsigned i = 0; i < 8; i++) {
        bed_press(b, PRESS_ERASE);
    }
    bed_type(b, "INC-7");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "Which environments?"));
    bed_press(b, PRESS_ENTER); /* none yet: it stays */
    assert_true(bed_shows(b, "Which environments?"));
    bed_type(b, "1");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "Only some services?"));
    golden(b, "freeze-services");
    bed_type(b, "pay");
    bed_type(b, "!");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_BAD_NAME);
    for (unsigned i = 0; i < 8; i++) {
        bed_press(b, PRESS_ERASE);
    }
    bed_type(b, "payroll payments, payroll");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "Who may remediate?"));
    bed_type(b, "tina, gitlab:7 tina");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    assert_int_equal(bed_count(b, ASK_FREEZE), 1);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_freeze_content_decode(span_make(b->content, b->content_len), &arena, &f).code, CS_OK);
    assert_true(span_is(f.incident, "INC-7"));
    assert_int_equal(f.environment_count, 1);
    assert_true(span_is(f.environments[0], "production"));
    assert_int_equal(f.service_count, 2);
    assert_true(span_is(f.services[0], "payments") && span_is(f.services[1], "payroll"));
    assert_int_equal(f.responder_count, 2);
    assert_true(span_is(f.responders[0], "gitlab:7"));
    const uint64_t index = freeze_begin(v->log, &f);
    bed_answer(b, ASK_FREEZE, "ok", index);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_FROZEN_NOW);
    assert_true(bed_shows(b, "INC-7: production"));
    arena_release(&arena);
}

static void what_cannot_be_frozen_says_why(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;

    bed_type(b, "t");
    assert_int_equal(b->flow.message.word, WORD_NOTHING_FROZEN);
    bed_type(b, "f");
    bed_type(b, "INC-7");
    bed_press(b, PRESS_ENTER);
    bed_type(b, "1");
    bed_press(b, PRESS_ENTER);
    bed_press(b, PRESS_ENTER);
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_FREEZE, "busy", 0); /* refused: back in the form, nothing lost */
    assert_int_equal(b->flow.state, FLOW_FORM);
    author_log_judge(v->log)->state.policy->doc.freeze = NULL;
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    bed_type(b, "f");
    assert_int_equal(b->flow.message.word, WORD_NO_FREEZES);
    bed_type(b, "t");
    assert_int_equal(b->flow.message.word, WORD_NO_FREEZES);
}

static void its_end_is_asked_and_read(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    const struct freeze f = freeze_incident("INC-7");
    struct thaw_content c;
    struct arena arena;

    const uint64_t index = freeze_begin(v->log, &f);
    bed_fold(b);
    bed_type(b, "t");
    assert_int_equal(b->flow.message.word, WORD_WHO_ASKS);
    tom_is_in(b);
    bed_type(b, "t");
    assert_true(bed_shows(b, "Which freeze ends?"));
    assert_true(bed_shows(b, "INC-7"));
    bed_type(b, "1");
    assert_true(bed_shows(b, "Why may it end?"));
    bed_type(b, "It is over.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_thaw_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
    assert_true(span_is(c.initiator, "tom"));
    assert_int_equal(c.freeze, index);
    (void)bed_takes_proposal(b, KIND_THAW);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_true(bed_shows(b, "End a freeze"));
    assert_true(bed_shows(b, "It is over."));
    assert_true(bed_shows(b, "tina"));
    arena_release(&arena);
}

/* What is asked stands on the pages whether or not it holds now: these stay the same while they are read. */
static void the_pages_say_what_holds_it(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    const struct freeze f = freeze_incident("INC-7");

    (void)freeze_begin(v->log, &f);
    bed_fold(b);
    bed_to_read(b);
    assert_true(bed_shows(b, "Paused"));
    assert_true(bed_shows(b, "INC-7 holds this."));
    assert_true(bed_shows(b, "(F12 a) Approve"));
    bool calendar = false;
    bool freeze = false;
    for (unsigned i = 0; i < 8; i++) {
        calendar = calendar || bed_shows(b, "office");
        freeze = freeze || bed_shows(b, "no freeze");
        bed_press(b, PRESS_PAGE_UP);
    }
    assert_true(calendar && freeze);
}

static void to_approve(struct bed *b, enum flow_state to)
{
    bed_to_read(b);
    tom_is_in(b);
    bed_type(b, "a");
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    if (to == FLOW_DECIDE) {
        return;
    }
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    assert_int_equal(b->flow.state, FLOW_PIN);
    if (to == FLOW_SIGN) {
        bed_pin(b, "1234");
        assert_int_equal(b->flow.state, FLOW_SIGN);
    }
}

/* While it is read: nobody can press Approve any more, only reject; and again when the freeze ends. */
static void a_freeze_pauses_what_is_read(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    const struct freeze f = freeze_incident("INC-7");

    bed_to_read(b);
    assert_true(bed_shows(b, "[F12 a] Approve"));
    const uint64_t index = freeze_begin(v->log, &f);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_true(bed_shows(b, "Paused"));
    assert_true(bed_shows(b, "(F12 a) Approve"));
    assert_true(bed_shows(b, "[F4 r] Reject"));
    bed_type(b, "a");
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_HELD);
    golden(b, "read-paused");
    bed_type(b, "r");
    assert_int_equal(b->flow.state, FLOW_IDENTIFY);
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_ESC);
    assert_true(bed_shows(b, "paused"));
    golden(b, "queue-paused");
    freeze_end(v->log, index);
    bed_fold(b);
    assert_false(bed_shows(b, "paused"));
    bed_to_read(b);
    assert_true(bed_shows(b, "[F12 a] Approve"));
}

/* While somebody is about to approve, as far as the touch: it stops, and nothing goes to the core. */
static void a_freeze_stops_who_is_about_to_approve(void **state)
{
    static const enum flow_state at[] = {FLOW_DECIDE, FLOW_PIN, FLOW_SIGN};
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;

    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        const struct freeze f = freeze_incident("INC-7");
        to_approve(b, at[i]);
        bed_forget(b);
        const uint64_t index = freeze_begin(v->log, &f);
        bed_fold(b);
        assert_int_equal(b->flow.state, FLOW_READ);
        assert_int_equal(b->flow.message.word, WORD_HELD);
        assert_int_equal(bed_count(b, ASK_DECISION), 0);
        assert_int_equal(bed_noted(b, "cancelled"), at[i] == FLOW_SIGN);
        bed_devices(b, 0);
        bed_press(b, PRESS_ESC);
        freeze_end(v->log, index);
        bed_fold(b);
    }
}

/* Nothing holds a rejection. */
static void who_rejects_goes_on(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    const struct freeze f = freeze_incident("INC-7");

    bed_to_read(b);
    tom_is_in(b);
    bed_type(b, "r");
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    (void)freeze_begin(v->log, &f);
    bed_fold(b);
    bed_wait(b, 1000);
    assert_int_equal(b->flow.state, FLOW_DECIDE);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, set_up, bed_tear_down)
int main(int argc, char **argv)
{
    golden_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        WITH(anybody_here_freezes),         WITH(what_cannot_be_frozen_says_why),
        WITH(its_end_is_asked_and_read),    WITH(the_pages_say_what_holds_it),
        WITH(a_freeze_pauses_what_is_read), WITH(a_freeze_stops_who_is_about_to_approve),
        WITH(who_rejects_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
