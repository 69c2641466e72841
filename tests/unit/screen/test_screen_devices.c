/* SPDX-License-Identifier: Apache-2.0 */
/* Two tokens in two ports, two people at one kiosk: which one is used, and that no other ever counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen_bed.h"

static const struct flow_plug two[] = {{.number = 1, .port = {(const uint8_t *)"1-2", 3}},
                                       {.number = 2, .port = {(const uint8_t *)"1-3", 3}}};
static const struct flow_plug cards[] = {{.number = 1, .card = true, .port = {(const uint8_t *)"1-2", 3}},
                                         {.number = 2, .card = true, .port = {(const uint8_t *)"1-3", 3}}};

/* The end of whatever is asked now, of this device, with this person's credential; NULL: it holds none. */
static void answers(struct bed *b, uint64_t device, const char *person)
{
    size_t at = 0;
    struct flow_done d = {.op = b->flow.token.op, .code = SPAN_LIT("wrong_key"), .device = device};
    for (const struct state_credential *k = map_next(&b->world.state->credentials, &at); k != NULL && person != NULL;
         k = map_next(&b->world.state->credentials, &at)) {
        if (span_is(k->person->id, person)) {
            d.code = SPAN_LIT("ok");
            d.credential = k->id;
            d.auth_data = SPAN_LIT("auth");
            d.sig = SPAN_LIT("sig");
        }
    }
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

/* Both are in and were asked whose they are, in the order in which they came. */
static void both_in(struct bed *b, const struct flow_plug *plugs, const char *first, const char *second)
{
    bed_plugs(b, plugs, 2);
    assert_int_equal(b->flow.token.op_kind, ASK_IDENTIFY);
    assert_int_equal(b->flow.token.op_device, 1);
    answers(b, 1, first);
    assert_int_equal(b->flow.token.op_device, 2);
    answers(b, 2, second);
    assert_int_equal(b->flow.token.op, 0);
}

static void one_of_two_that_may_sign_is_used_and_named(void **state)
{
    static const struct row {
        const char *first;
        const char *second;
        uint64_t used;
    } rows[] = {{"olga", "tom", 2}, {"tom", "olga", 1}, {"tom", NULL, 1}, {NULL, "tom", 2}};
    struct bed_visit *v = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bed *b = &v->bed;
        bed_to_read(b);
        both_in(b, two, rows[i].first, rows[i].second);
        bed_press(b, PRESS_F12);
        if (b->flow.state == FLOW_IDENTIFY) { /* the strange one is asked once more */
            answers(b, b->flow.token.op_device, NULL);
        }
        assert_int_equal(b->flow.state, FLOW_DECIDE);
        assert_int_equal(b->flow.token.number, rows[i].used);
        assert_true(bed_shows(b, "Person          tom"));
        bed_press(b, PRESS_ESC);
        bed_plugs(b, NULL, 0);
        bed_press(b, PRESS_ESC);
    }
}

static void to_choose(struct bed *b, const struct flow_plug *plugs)
{
    bed_to_read(b);
    both_in(b, plugs, "tom", "bea");
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_CHOOSE);
    assert_true(bed_shows(b, "Who decides?"));
}

static void of_several_the_digit_says_which(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    to_choose(b, two);
    assert_int_equal(b->flow.token.op_kind, ASK_SELECT);
    bed_type(b, "3"); /* there is no third */
    assert_int_equal(b->flow.state, FLOW_CHOOSE);
    bed_type(b, "2");
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    assert_int_equal(b->flow.token.number, 2);
    assert_true(span_is(flow_text(&b->flow.token.person), "bea"));
    assert_int_equal(bed_count(b, ASK_CANCEL), 1); /* nobody else blinks any more */
}

static void of_several_the_first_touch_says_which(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    for (uint64_t first = 1; first <= 2; first++) {
        to_choose(b, two);
        const uint64_t op = b->flow.token.op;
        const struct flow_done touched = {.op = op, .code = SPAN_LIT("ok"), .device = first};
        const struct flow_done late = {.op = op, .code = SPAN_LIT("ok"), .device = 3 - first};
        bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &touched});
        assert_int_equal(b->flow.state, FLOW_DECIDE);
        bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &late}); /* the race was decided */
        assert_int_equal(b->flow.token.number, first);
        bed_press(b, PRESS_ESC);
        bed_plugs(b, NULL, 0);
        bed_press(b, PRESS_ESC);
        assert_int_equal(b->flow.state, FLOW_QUEUE);
    }
}

static void a_digit_after_the_touch_changes_nothing(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    to_choose(b, two);
    const uint64_t op = b->flow.token.op;
    bed_type(b, "1");
    const struct flow_done late = {.op = op, .code = SPAN_LIT("ok"), .device = 2};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &late});
    assert_int_equal(b->flow.token.number, 1);
    assert_true(span_is(flow_text(&b->flow.token.person), "tom"));
}

static void cards_are_chosen_by_digit_alone(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    to_choose(b, cards);
    assert_int_equal(b->flow.token.op, 0); /* there is nothing to touch */
    bed_type(b, "1");
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    assert_true(b->flow.token.card);
}

static void a_touch_of_one_that_is_not_offered_chooses_nobody(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    static const struct flow_plug three[] = {{.number = 1}, {.number = 2}, {.number = 3}};
    bed_to_read(b);
    bed_plugs(b, three, 3);
    answers(b, 1, "tom");
    answers(b, 2, "bea");
    answers(b, 3, "olga"); /* no seat of hers */
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_CHOOSE);
    assert_int_equal(b->flow.token.choices, 2);
    const struct flow_done touched = {.op = b->flow.token.op, .code = SPAN_LIT("ok"), .device = 3};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &touched});
    assert_int_equal(b->flow.state, FLOW_CHOOSE);
    assert_int_equal(b->flow.message.word, WORD_NOT_OFFERED);
    assert_int_equal(b->flow.token.op_kind, ASK_SELECT); /* they blink again */
}

static void when_nobody_may_sign_it_is_said_and_noted(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_read(b);
    both_in(b, two, "olga", "omar");
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NONE_MAY);
    assert_int_equal(bed_count(b, ASK_ACCESS), 1);
}

static void a_choice_ends_when_one_of_them_goes(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    for (size_t left = 0; left < 2; left++) {
        to_choose(b, two);
        bed_plugs(b, &two[left], 1);
        assert_int_equal(b->flow.state, FLOW_DECIDE);
        assert_int_equal(b->flow.token.number, two[left].number);
        bed_press(b, PRESS_ESC);
        bed_plugs(b, NULL, 0);
        bed_press(b, PRESS_ESC);
    }
    to_choose(b, two);
    bed_plugs(b, NULL, 0);
    assert_int_equal(b->flow.state, FLOW_IDENTIFY);
    assert_true(bed_shows(b, "Insert your key or card"));
}

static void to_sign_as_bea(struct bed *b)
{
    to_choose(b, two);
    bed_type(b, "2");
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    bed_pin(b, "1234");
    assert_int_equal(b->flow.state, FLOW_SIGN);
    assert_int_equal(b->flow.token.op_device, 2);
}

static void only_the_answer_of_the_one_that_blinks_counts(void **state)
{
    static const struct row {
        uint64_t device;
        const char *person;
    } rows[] = {{1, "tom"}, {1, "bea"}, {2, "tom"}, {0, "bea"}};
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bed_forget(b);
        to_sign_as_bea(b);
        answers(b, rows[i].device, rows[i].person);
        assert_int_equal(b->flow.state, FLOW_READ);
        assert_int_equal(bed_count(b, ASK_DECISION), 0);
        assert_true(bed_count(b, ASK_ACCESS) > 0);
        bed_plugs(b, NULL, 0);
        bed_press(b, PRESS_ESC);
    }
    to_sign_as_bea(b);
    answers(b, 2, "bea");
    assert_int_equal(b->flow.state, FLOW_VERIFY);
    assert_int_equal(bed_count(b, ASK_DECISION), 1);
}

static void removal_of_the_other_changes_nothing_of_the_used_all(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    to_sign_as_bea(b);
    bed_plugs(b, &two[1], 1);
    assert_int_equal(b->flow.state, FLOW_SIGN);
    assert_int_equal(b->flow.token.op_device, 2);
    bed_plugs(b, two, 2); /* and another one in */
    assert_int_equal(b->flow.state, FLOW_SIGN);
    bed_plugs(b, &two[0], 1);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_REMOVED);
    assert_int_equal(bed_count(b, ASK_DECISION), 0);
    assert_true(bed_noted(b, "removed"));
}

static void what_comes_while_somebody_decides_is_asked_afterwards(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_read(b);
    bed_plugs(b, two, 1);
    answers(b, 1, "tom");
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    bed_plugs(b, two, 2);
    assert_int_equal(b->flow.token.op, 0); /* not now */
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.token.op_device, 2);
    answers(b, 2, "bea");
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_CHOOSE);
}

static void one_token_with_two_faces_is_no_stranger(void **state)
{
    static const struct flow_plug faces[] = {{.number = 1, .card = true, .port = {(const uint8_t *)"1-2", 3}},
                                             {.number = 2, .port = {(const uint8_t *)"1-2", 3}}};
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_plugs(b, faces, 2);
    answers(b, 1, NULL);
    answers(b, 2, "tom");
    assert_int_equal(b->flow.message.word, WORD_NONE);
    assert_int_equal(bed_count(b, ASK_ACCESS), 0);
    assert_true(b->flow.token.known);
    assert_int_equal(b->flow.token.number, 2);
}

static void an_agent_that_never_answers_is_not_waited_for(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_plugs(b, two, 1);
    assert_int_equal(b->flow.token.op_kind, ASK_IDENTIFY);
    bed_wait(b, FLOW_OP_MS);
    assert_int_equal(b->flow.token.op, 0);
    assert_int_equal(b->flow.message.word, WORD_KEY_FAILED);
    assert_int_equal(bed_count(b, ASK_CANCEL), 1);
    assert_int_equal(bed_count(b, ASK_IDENTIFY), 1); /* not asked for ever */
}

static void more_than_there_is_room_for_are_left_out(void **state)
{
    struct bed_visit *v = *state;
    struct flow_plug many[FLOW_DEVICES_MAX + 4];
    for (size_t i = 0; i < FLOW_DEVICES_MAX + 4; i++) {
        many[i] = (struct flow_plug){.number = i + 1};
    }
    bed_plugs(&v->bed, many, FLOW_DEVICES_MAX + 4);
    assert_int_equal(v->bed.flow.token.devices, FLOW_DEVICES_MAX);
    for (uint64_t i = 1; i <= FLOW_DEVICES_MAX; i++) {
        answers(&v->bed, i, NULL);
    }
    assert_int_equal(v->bed.flow.token.op, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_VISIT(one_of_two_that_may_sign_is_used_and_named),
        BED_VISIT(of_several_the_digit_says_which),
        BED_VISIT(of_several_the_first_touch_says_which),
        BED_VISIT(a_digit_after_the_touch_changes_nothing),
        BED_VISIT(cards_are_chosen_by_digit_alone),
        BED_VISIT(a_touch_of_one_that_is_not_offered_chooses_nobody),
        BED_VISIT(when_nobody_may_sign_it_is_said_and_noted),
        BED_VISIT(a_choice_ends_when_one_of_them_goes),
        BED_VISIT(only_the_answer_of_the_one_that_blinks_counts),
        BED_VISIT(removal_of_the_other_changes_nothing_of_the_used_all),
        BED_VISIT(what_comes_while_somebody_decides_is_asked_afterwards),
        BED_VISIT(one_token_with_two_faces_is_no_stranger),
        BED_VISIT(an_agent_that_never_answers_is_not_waited_for),
        BED_VISIT(more_than_there_is_room_for_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
