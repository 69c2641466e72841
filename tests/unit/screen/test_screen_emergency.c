/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass at the kiosk: what is asked, in which order, what is sent, and what must be so meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_emergency.h"
#include "screen_bed.h"

#define WORD(s)                                                                                                        \
    {                                                                                                                  \
        (const uint8_t *)(s), sizeof(s) - 1                                                                            \
    }

static struct policy_emergency *rules;

static int set_up(void **state)
{
    bed_set_up(state);
    struct bed_visit *v = *state;
    rules = bed_emergencies(v->log);
    return 0;
}

static void tom_is_in(struct bed *b)
{
    bed_devices(b, 1);
    bed_done_as(b, "tom");
}

static void an_emergency_is_asked_question_by_question(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct emergency_content c;
    struct arena arena;
    bed_press(b, PRESS_F8);
    assert_int_equal(b->flow.message.word, WORD_WHO_ASKS);
    tom_is_in(b);
    bed_press(b, PRESS_F8);
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_true(bed_shows(b, "What kind of emergency is it?")); /* who asks needs no question: one key is in */
    assert_true(bed_shows(b, "////"));
    bed_type(b, "3"); /* there is no third */
    bed_type(b, "1");
    assert_true(bed_shows(b, "Which deployment?"));
    assert_true(bed_shows(b, "Payments API"));
    bed_type(b, "1");
    assert_true(bed_shows(b, "Which incident?"));
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_FORM_EMPTY);
    bed_type(b, "INC0098123");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "Why can it not wait?")); /* no voucher fits: that is not asked */
    bed_press(b, PRESS_ESC);
    assert_true(bed_shows(b, "INC0098123")); /* what was written is still there */
    bed_press(b, PRESS_ENTER);
    bed_type(b, "Settles twice.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_FORM_SHORT);
    bed_type(b, " Cut-off is at 15:15.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_emergency_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
    assert_true(span_is(c.initiator, "tom"));
    assert_true(span_is(c.kind, "outage"));
    assert_true(span_is(c.anchor, "INC0098123"));
    assert_true(span_is(c.justification, "Settles twice. Cut-off is at 15:15."));
    assert_int_equal(c.request, v->request);
    assert_false(c.has_voucher);
    arena_release(&arena);
    bed_answer(b, ASK_PROPOSE, "not_open", 0); /* refused: back at the last question, nothing lost */
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_true(bed_shows(b, "Settles twice."));
}

static void an_anchor_must_fit_its_kind(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    tom_is_in(b);
    bed_press(b, PRESS_F8);
    bed_type(b, "21");
    assert_true(bed_shows(b, "Which CVE?"));
    bed_type(b, "INC1");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_ANCHOR);
    assert_true(bed_shows(b, "Which CVE?"));
    for (unsigned i = 0; i < 4; i++) {
        bed_press(b, PRESS_ERASE);
    }
    bed_type(b, "CVE-2026-12345");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "Why can it not wait?"));
}

static void of_two_who_are_in_it_is_asked_who_asks(void **state)
{
    static const struct flow_plug two[] = {{.number = 1, .port = WORD("1-2")}, {.number = 2, .port = WORD("1-3")}};
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_plugs(b, two, 2);
    bed_done_as(b, "tom");
    bed_done_as(b, "bea");
    bed_press(b, PRESS_F8);
    assert_true(bed_shows(b, "Who asks?"));
    bed_type(b, "2");
    assert_true(span_is(b->flow.form.answer[0].text, "bea"));
    assert_true(bed_shows(b, "What kind of emergency is it?"));
    bed_press(b, PRESS_ESC);
    assert_true(bed_shows(b, "Who asks?"));
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(bed_count(b, ASK_PROPOSE), 0);
}

static void without_rules_there_is_no_way_around_them(void **state)
{
    struct bed_visit *v = *state;
    author_log_judge(v->log)->state.policy->doc.emergency = NULL;
    tom_is_in(&v->bed);
    bed_press(&v->bed, PRESS_F8);
    assert_int_equal(v->bed.flow.state, FLOW_QUEUE);
    assert_int_equal(v->bed.flow.message.word, WORD_NO_EMERGENCY);
    bed_type(&v->bed, "9");
    assert_int_equal(v->bed.flow.message.word, WORD_NO_DEBT);
    bed_type(&v->bed, "v");
    assert_int_equal(v->bed.flow.message.word, WORD_NO_EMERGENCY);
}

static void the_switch_must_be_on(void **state)
{
    static const struct row {
        enum flow_switch stands;
        enum screen_word word;
        enum flow_state then;
    } rows[] = {{SWITCH_NONE, WORD_NO_SWITCH, FLOW_QUEUE},
                {SWITCH_OFF, WORD_SWITCH_OFF, FLOW_QUEUE},
                {SWITCH_ON, WORD_NONE, FLOW_FORM}};
    struct bed_visit *v = *state;
    rules->presence_switch = true;
    tom_is_in(&v->bed);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        v->bed.world.presence_switch = rows[i].stands;
        bed_press(&v->bed, PRESS_F8);
        assert_int_equal(v->bed.flow.message.word, rows[i].word);
        assert_int_equal(v->bed.flow.state, rows[i].then);
    }
}

static void a_voucher_is_made_within_what_the_policy_allows(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct voucher_content c;
    struct arena arena;
    bed_devices(b, 1);
    bed_done_as(b, "bea");
    bed_type(b, "v");
    assert_true(bed_shows(b, "For which kinds of emergency?")); /* one seat takes a voucher */
    bed_press(b, PRESS_ENTER);                                  /* none chosen */
    assert_true(bed_shows(b, "For which kinds of emergency?"));
    bed_type(b, "12");
    assert_true(bed_shows(b, "[x] patch"));
    bed_type(b, "2");
    assert_true(bed_shows(b, "[ ] patch"));
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "For which environments?"));
    bed_type(b, "1");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "How long does it hold?"));
    assert_true(bed_shows(b, "1 day"));
    assert_false(bed_shows(b, "3 days")); /* the policy allows a day */
    bed_type(b, "2");
    bed_type(b, "On a plane until noon.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_voucher_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
    assert_true(span_is(c.initiator, "bea"));
    assert_true(span_is(c.seat, "endorse"));
    assert_true(span_is(c.role, "tech"));
    assert_int_equal(c.life_s, 14400);
    assert_int_equal(c.kind_count, 1);
    assert_true(span_is(c.kinds[0], "outage"));
    assert_int_equal(c.service_count, 0);
    arena_release(&arena);
}

static void idle_leaves_a_form_and_keeps_nothing(void **state)
{
    struct bed_visit *v = *state;
    tom_is_in(&v->bed);
    bed_press(&v->bed, PRESS_F8);
    bed_wait(&v->bed, FLOW_IDLE_MS + FLOW_STILL_MS);
    assert_int_equal(v->bed.flow.state, FLOW_QUEUE);
    assert_int_equal(v->bed.flow.form.what, FORM_NONE);
}

#define VISIT(f) cmocka_unit_test_setup_teardown(f, set_up, bed_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        VISIT(an_emergency_is_asked_question_by_question),
        VISIT(an_anchor_must_fit_its_kind),
        VISIT(of_two_who_are_in_it_is_asked_who_asks),
        VISIT(without_rules_there_is_no_way_around_them),
        VISIT(the_switch_must_be_on),
        VISIT(a_voucher_is_made_within_what_the_policy_allows),
        VISIT(idle_leaves_a_form_and_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
