/* SPDX-License-Identifier: Apache-2.0 */
/* Visits to the kiosk, from the list to the receipt or to whatever else ends them. Requirement 4.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_text.h"
#include "screen_bed.h"

/* ---- the table: every cell, written down a second time, by what may follow what */

struct cell {
    enum flow_state from;
    enum flow_event event;
    enum flow_state to;
};

/* clang-format off */
static const struct cell cells[] = {
    {FLOW_OUT, FLOW_EV_READY, FLOW_QUEUE}, {FLOW_OUT, FLOW_EV_EMPTY, FLOW_CEREMONY},
    {FLOW_QUEUE, FLOW_EV_OPEN, FLOW_READ}, {FLOW_QUEUE, FLOW_EV_PEOPLE, FLOW_PEOPLE},
    {FLOW_QUEUE, FLOW_EV_HELP, FLOW_HELP},
    {FLOW_READ, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_READ, FLOW_EV_ASK_KEY, FLOW_IDENTIFY},
    {FLOW_READ, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_READ, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_IDENTIFY, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_IDENTIFY, FLOW_EV_KNOWN, FLOW_DECIDE},
    {FLOW_IDENTIFY, FLOW_EV_BACK, FLOW_READ}, {FLOW_IDENTIFY, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_IDENTIFY, FLOW_EV_SEVERAL, FLOW_CHOOSE},
    {FLOW_CHOOSE, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_CHOOSE, FLOW_EV_KNOWN, FLOW_DECIDE},
    {FLOW_CHOOSE, FLOW_EV_ASK_KEY, FLOW_IDENTIFY}, {FLOW_CHOOSE, FLOW_EV_BACK, FLOW_READ},
    {FLOW_CHOOSE, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_DECIDE, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_DECIDE, FLOW_EV_BACK, FLOW_READ},
    {FLOW_DECIDE, FLOW_EV_REASONED, FLOW_PIN}, {FLOW_DECIDE, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_DECIDE, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_PIN, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_PIN, FLOW_EV_BACK, FLOW_READ},
    {FLOW_PIN, FLOW_EV_PINNED, FLOW_SIGN}, {FLOW_PIN, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_SIGN, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_SIGN, FLOW_EV_BACK, FLOW_READ},
    {FLOW_SIGN, FLOW_EV_AGAIN, FLOW_PIN}, {FLOW_SIGN, FLOW_EV_SIGNED, FLOW_VERIFY},
    {FLOW_SIGN, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_VERIFY, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_VERIFY, FLOW_EV_BACK, FLOW_READ},
    {FLOW_VERIFY, FLOW_EV_RECORDED, FLOW_RECEIPT}, {FLOW_VERIFY, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_RECEIPT, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_RECEIPT, FLOW_EV_OPEN, FLOW_READ},
    {FLOW_CHANGED, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_CHANGED, FLOW_EV_OPEN, FLOW_READ},
    {FLOW_CHANGED, FLOW_EV_CHANGED, FLOW_CHANGED}, {FLOW_CHANGED, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_STILL, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_STILL, FLOW_EV_AWAKE, FLOW_STILL},
    {FLOW_STILL, FLOW_EV_CHANGED, FLOW_CHANGED},
    {FLOW_HELP, FLOW_EV_AWAKE, FLOW_HELP},
    {FLOW_CEREMONY, FLOW_EV_BEGIN, FLOW_KEY}, {FLOW_CEREMONY, FLOW_EV_READY, FLOW_QUEUE},
    {FLOW_KEY, FLOW_EV_INSERTED, FLOW_KEY_PIN}, {FLOW_KEY, FLOW_EV_BACK, FLOW_CEREMONY},
    {FLOW_KEY, FLOW_EV_PEOPLE, FLOW_PEOPLE}, {FLOW_KEY, FLOW_EV_NEXT, FLOW_KEY},
    {FLOW_KEY_PIN, FLOW_EV_PINNED, FLOW_KEY_TOUCH}, {FLOW_KEY_PIN, FLOW_EV_BACK, FLOW_KEY},
    {FLOW_KEY_TOUCH, FLOW_EV_MADE, FLOW_KEY_OUT}, {FLOW_KEY_TOUCH, FLOW_EV_AGAIN, FLOW_KEY_PIN},
    {FLOW_KEY_TOUCH, FLOW_EV_BACK, FLOW_KEY}, {FLOW_KEY_TOUCH, FLOW_EV_ALL, FLOW_SEAL},
    {FLOW_KEY_TOUCH, FLOW_EV_DECLARE, FLOW_DECLARE},
    {FLOW_DECLARE, FLOW_EV_MADE, FLOW_KEY_OUT}, {FLOW_DECLARE, FLOW_EV_BACK, FLOW_KEY},
    {FLOW_KEY_OUT, FLOW_EV_NEXT, FLOW_KEY}, {FLOW_KEY_OUT, FLOW_EV_PEOPLE, FLOW_PEOPLE},
    {FLOW_SEAL, FLOW_EV_RECORDED, FLOW_RECEIPT}, {FLOW_SEAL, FLOW_EV_BACK, FLOW_CEREMONY},
    {FLOW_PEOPLE, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_PEOPLE, FLOW_EV_ADD, FLOW_PERSON},
    {FLOW_PEOPLE, FLOW_EV_SWITCH_OFF, FLOW_KEYS}, {FLOW_PEOPLE, FLOW_EV_WRITE, FLOW_PROPOSE},
    {FLOW_PEOPLE, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_PERSON, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_PERSON, FLOW_EV_PEOPLE, FLOW_PEOPLE},
    {FLOW_PERSON, FLOW_EV_NEXT, FLOW_KEY}, {FLOW_PERSON, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_KEYS, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_KEYS, FLOW_EV_PEOPLE, FLOW_PEOPLE},
    {FLOW_KEYS, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_PROPOSE, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_PROPOSE, FLOW_EV_PEOPLE, FLOW_PEOPLE},
    {FLOW_PROPOSE, FLOW_EV_SENT, FLOW_PROPOSING}, {FLOW_PROPOSE, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_PROPOSING, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_PROPOSING, FLOW_EV_BACK, FLOW_PROPOSE},
    {FLOW_PROPOSING, FLOW_EV_OPEN, FLOW_READ}, {FLOW_PROPOSING, FLOW_EV_FORM, FLOW_FORM},
    {FLOW_QUEUE, FLOW_EV_FORM, FLOW_FORM}, {FLOW_FORM, FLOW_EV_LEAVE, FLOW_QUEUE},
    {FLOW_FORM, FLOW_EV_SENT, FLOW_PROPOSING}, {FLOW_FORM, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_FORM, FLOW_EV_OPEN, FLOW_READ}, {FLOW_FORM, FLOW_EV_FORM, FLOW_FORM},
    {FLOW_READ, FLOW_EV_TAKE, FLOW_BACK}, {FLOW_BACK, FLOW_EV_LEAVE, FLOW_QUEUE},
    {FLOW_BACK, FLOW_EV_BACK, FLOW_READ}, {FLOW_BACK, FLOW_EV_SENT, FLOW_TAKING},
    {FLOW_BACK, FLOW_EV_IDLE, FLOW_STILL},
    {FLOW_TAKING, FLOW_EV_LEAVE, FLOW_QUEUE}, {FLOW_TAKING, FLOW_EV_BACK, FLOW_READ},
};
/* clang-format on */

static enum flow_state wanted(enum flow_state from, enum flow_event event)
{
    if (event == FLOW_EV_LOST) {
        return from == FLOW_OUT || from == FLOW_NONE ? FLOW_NONE : FLOW_OUT;
    }
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        if (cells[i].from == from && cells[i].event == event) {
            return cells[i].to;
        }
    }
    return FLOW_NONE;
}

static void every_cell_moves_or_refuses(void **state)
{
    (void)state;
    for (unsigned s = 0; s < FLOW_STATE_COUNT; s++) {
        for (unsigned e = 0; e < FLOW_EVENT_COUNT; e++) {
            const enum flow_state from = (enum flow_state)s;
            const enum flow_state to = flow_next(from, (enum flow_event)e);
            if (to != wanted(from, (enum flow_event)e)) {
                fail_msg("%s, event %u: %s", flow_state_text(from), e, flow_state_text(to));
            }
        }
    }
}

/* ---- visits */

static void approve_unlocks_when_every_page_was_shown(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_type(b, "1");
    const size_t pages = b->flow.reading.page.pages.count;
    assert_true(pages >= 2);
    for (size_t i = 0; i < pages; i++) {
        bed_press(b, PRESS_F12);
        assert_int_equal(b->flow.state, FLOW_READ);
        assert_int_equal(b->flow.message.word, WORD_READ_ALL);
        bed_wait(b, FLOW_PAGE_MS - 1);
        bed_press(b, PRESS_F12);
        assert_int_equal(b->flow.state, FLOW_READ); /* one millisecond short of this page */
        assert_int_equal(b->flow.message.word, WORD_READ_ALL);
        bed_wait(b, 1);
        assert_int_equal(b->flow.message.word, i + 1 < pages ? WORD_READ_ALL : WORD_NONE);
        bed_press(b, PRESS_PAGE_DOWN);
    }
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_IDENTIFY);
}

static void a_page_that_was_skipped_keeps_it_locked(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_type(b, "1");
    bed_press(b, PRESS_PAGE_DOWN); /* the first page was shown for no time */
    for (size_t i = 1; i < b->flow.reading.page.pages.count; i++) {
        bed_wait(b, FLOW_PAGE_MS);
        bed_press(b, PRESS_PAGE_DOWN);
    }
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_READ_ALL);
}

static void another_size_must_be_read_again(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_read(b);
    bed_size(b, 100, 30);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_READ_ALL);
    bed_size(b, 60, 20);
    bed_wait(b, 60000);
    bed_press(b, PRESS_F4);
    assert_int_equal(b->flow.message.word, WORD_UNSHOWN); /* nothing can be shown, so nothing can be signed */
}

static void reject_needs_no_reading_but_a_reason(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_type(b, "1");
    bed_devices(b, 1);
    bed_done_as(b, "tom");
    bed_press(b, PRESS_F4);
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    bed_type(b, "fourteen chars   "); /* spaces at the end do not count */
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    bed_press(b, PRESS_ERASE);
    bed_press(b, PRESS_ERASE);
    bed_press(b, PRESS_ERASE);
    bed_type(b, "s");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PIN);
}

static void who_may_not_sign_is_told_why(void **state)
{
    static const struct row {
        const char *person;
        enum screen_word word;
    } rows[] = {
        {"olga", WORD_NO_ROLE}, /* an officer only */
    };
    struct bed_visit *v = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bed_to_decide(&v->bed, rows[i].person);
        assert_int_equal(v->bed.flow.state, FLOW_READ);
        assert_int_equal(v->bed.flow.message.word, rows[i].word);
    }
}

static void one_person_signs_once(void **state)
{
    struct bed_visit *v = *state;
    assert_true(author_log_decide(v->log, "tom", v->request, "production/tech", DECISION_APPROVE, "", NULL).allow);
    bed_fold(&v->bed);
    bed_to_decide(&v->bed, "tom");
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    assert_int_equal(v->bed.flow.message.word, WORD_ALREADY_SIGNED);
}

static void an_unknown_key_is_told_and_logged(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_read(b);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_IDENTIFY);
    bed_devices(b, 1);
    bed_done(b, "wrong_key", -1);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NOT_ENROLLED);
    assert_int_equal(bed_count(b, ASK_ACCESS), 1);
    assert_string_equal(b->asked[b->asked_count - 1].code, "not_enrolled");
}

static void a_key_that_was_switched_off_meanwhile_does_not_count(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    size_t at = 0;
    bed_to_read(b);
    bed_devices(b, 1);
    bed_done_as(b, "tom");
    const struct map *all = &author_log_judge(v->log)->state.credentials;
    for (struct state_credential *k = map_next(all, &at); k != NULL; k = map_next(all, &at)) {
        k->revoked = k->revoked || span_is(k->person->id, "tom");
    }
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_KEY_OFF);
}

static void a_refused_genesis_is_read_again(void **state)
{
    (void)state;
    static struct bed b; /* large */
    static const char proposal[] =
        "{\"changes\":[{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"olga\",\"roles\":[\"officer\"]}},"
        "{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"omar\",\"roles\":[\"officer\"]}}],"
        "\"origin\":\"approval.example/"
        "log1\",\"policy\":{\"change_types\":[\"normal\"],\"environments\":[\"production\"],"
        "\"name\":\"start\",\"officers\":{\"sign_by_s\":86400,\"threshold\":2},\"roles\":[\"officer\"],\"rules\":[],"
        "\"v\":1,\"version\":1},\"rp_id\":\"approval.example\",\"v\":1}";
    static const char *const names[] = {"olga's", "omar's"};
    bed_init(&b, NULL);
    bed_answer_proposal(&b, span_str(proposal));
    bed_read_all(&b);
    bed_press(&b, PRESS_F12);
    for (unsigned round = 0; round < 4; round++) {
        bed_devices(&b, 1);
        if (round >= 2) {
            bed_found(&b, names[round - 2]);
        }
        bed_pin(&b, "1234");
        if (round < 2) {
            bed_made(&b, names[round]);
        } else {
            bed_found(&b, names[round - 2]);
        }
        bed_devices(&b, 0);
    }
    assert_int_equal(b.flow.state, FLOW_SEAL);
    bed_answer(&b, ASK_GENESIS, "attestation", 0);
    assert_int_equal(b.flow.state, FLOW_OUT);
    assert_int_equal(b.flow.making.count, 0);
    bed_wait(&b, 500);
    bed_answer_proposal(&b, span_str(proposal));
    assert_int_equal(b.flow.state, FLOW_CEREMONY);
    assert_true(bed_shows(&b, "could not prove its model"));
    bed_release(&b);
}

static void no_key_in_sixty_seconds_goes_back(void **state)
{
    struct bed_visit *v = *state;
    bed_to_read(&v->bed);
    bed_press(&v->bed, PRESS_F12);
    bed_wait(&v->bed, FLOW_KEY_MS - 500);
    assert_int_equal(v->bed.flow.state, FLOW_IDENTIFY);
    bed_wait(&v->bed, 500);
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    assert_int_equal(v->bed.flow.message.word, WORD_KEY_LATE);
}

static void the_statement_says_what_the_fold_says(void **state)
{
    struct bed_visit *v = *state;
    const struct state *s = &author_log_judge(v->log)->state;
    bed_to_pin(&v->bed);
    const struct statement *st = &v->bed.flow.sign.statement;
    assert_true(v->bed.flow.sign.ready);
    assert_int_equal(st->request_index, v->request);
    assert_int_equal(st->anchor_size, s->size);
    assert_int_equal(st->decision, DECISION_APPROVE);
    assert_true(span_is(st->person, "tom"));
    assert_true(span_is(st->seat, "production/tech"));
    assert_true(span_is(st->kiosk, AUTHOR_KIOSK));
    assert_true(span_is(st->environment, "production"));
    assert_int_equal(st->subject_count, 1);
    const struct sha256 digest = digest_sha256(v->bed.flow.sign.text);
    assert_true(sha256_eq(&digest, &v->bed.flow.sign.digest));
}

static void a_pin_is_never_kept(void **state)
{
    static const uint8_t zero[FLOW_PIN_MAX + 1];
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_pin(b);
    bed_look(b);
    bed_type(b, "1234");
    assert_int_equal(b->flow.token.pin_len, 4);
    assert_true(bed_shows(b, "●●●●"));
    assert_false(bed_shows(b, "1234_"));
    bed_press(b, PRESS_ENTER);
    assert_int_equal(bed_count(b, ASK_SIGN), 1);
    assert_memory_equal(b->flow.token.pin, zero, sizeof(zero)); /* wiped when it was sent */
    bed_press(b, PRESS_ESC);
    bed_press(b, PRESS_F12);
    bed_press(b, PRESS_ENTER);
    bed_type(b, "98765");
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_memory_equal(b->flow.token.pin, zero, sizeof(zero));
}

static void a_short_pin_is_not_sent(void **state)
{
    struct bed_visit *v = *state;
    bed_to_pin(&v->bed);
    bed_press(&v->bed, PRESS_ENTER); /* pages are left: no PIN is asked for yet */
    assert_int_equal(v->bed.flow.message.word, WORD_SIGN_PAGES);
    bed_pin(&v->bed, "123");
    assert_int_equal(v->bed.flow.state, FLOW_PIN);
    assert_int_equal(bed_count(&v->bed, ASK_SIGN), 0);
    assert_int_equal(v->bed.flow.message.word, WORD_PIN_SHORT);
}

static void a_statement_that_grows_old_is_made_again(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_pin(b);
    /* the core's clock jumps: the statement is nearly over before the PIN is */
    b->world.clock_ms += MODEL_STATEMENT_LIFE_MS - 30000;
    bed_type(b, "1234");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PIN);
    assert_int_equal(b->flow.message.word, WORD_REFRESHED);
    assert_int_equal(bed_count(b, ASK_BEGIN), 2);
    assert_int_equal(bed_count(b, ASK_SIGN), 0);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    assert_true(bed_shows(b, "Refreshed"));
    bed_look(b); /* it is another statement: looked at again */
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_SIGN);
}

static void what_was_not_looked_at_is_not_signed(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_pin(b);
    const size_t pages = b->flow.sign.page.pages.count;
    assert_true(pages >= 2);
    bed_type(b, "1234");
    bed_press(b, PRESS_ENTER); /* the first page stands there, but not long enough */
    assert_int_equal(b->flow.sign.page.at, 0);
    for (size_t i = 0; i < pages; i++) {
        assert_int_equal(b->flow.sign.page.at, i);
        assert_int_equal(b->flow.state, FLOW_PIN);
        assert_int_equal(b->flow.message.word, WORD_SIGN_PAGES);
        assert_int_equal(bed_count(b, ASK_SIGN), 0);
        bed_wait(b, FLOW_PAGE_MS);
        bed_press(b, PRESS_ENTER); /* goes on to the next one, and signs after the last */
    }
    assert_int_equal(b->flow.state, FLOW_SIGN);
    assert_int_equal(bed_count(b, ASK_SIGN), 1);
}

static void a_late_answer_of_the_key_does_not_count(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_touch(b);
    const uint64_t op = b->flow.token.op;
    bed_wait(b, FLOW_TOUCH_MS);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_TOUCH_LATE);
    assert_int_equal(bed_count(b, ASK_CANCEL), 1);
    const struct flow_done late = {.op = op, .code = SPAN_LIT("ok"), .sig = SPAN_LIT("s"), .auth_data = SPAN_LIT("a")};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &late});
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(bed_count(b, ASK_DECISION), 0);
}

static void removal_stops_at_once(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_touch(b);
    bed_devices(b, 0);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_REMOVED);
    assert_int_equal(bed_count(b, ASK_CANCEL), 1);
    assert_false(b->flow.token.known);
}

static void another_key_is_another_person(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_pin(b);
    bed_devices(b, 1); /* a new insertion, without a removal in between */
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_false(b->flow.token.known);
    assert_int_equal(b->flow.token.op_kind, ASK_IDENTIFY);
}

static void three_tries_end_the_visit(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_done(b, "pin_wrong", 7);
    for (int left = 6; left >= 5; left--) {
        assert_int_equal(b->flow.state, FLOW_PIN);
        assert_int_equal(b->flow.message.word, WORD_PIN_WRONG);
        assert_int_equal(b->flow.message.args.tries, left + 1);
        bed_answer(b, ASK_BEGIN, "ok", 0);
        bed_pin(b, "1234");
        assert_int_equal(b->flow.state, FLOW_SIGN);
        bed_done(b, "pin_wrong", left);
    }
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_TRIES_USED);
    assert_int_equal(bed_count(b, ASK_ACCESS), 3);
}

static void a_blocked_key_says_so_whatever_the_tries(void **state)
{
    struct bed_visit *v = *state;
    bed_to_sign(&v->bed);
    bed_done(&v->bed, "pin_blocked", 0);
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    assert_int_equal(v->bed.flow.message.word, WORD_PIN_BLOCKED);
}

static void nothing_is_done_before_it_stands_in_our_own_fold(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_done_as(b, "tom");
    assert_int_equal(b->flow.state, FLOW_VERIFY);
    bed_answer(b, ASK_DECISION, "ok", author_log_size(v->log));
    assert_int_equal(b->flow.state, FLOW_VERIFY);
    assert_false(bed_shows(b, "recorded"));
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_VERIFY);
    assert_true(author_log_decide(v->log, "tom", v->request, "production/tech", DECISION_APPROVE, "", NULL).allow);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_RECEIPT);
    bed_devices(b, 0);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
}

static void what_the_core_says_is_there_must_be_what_was_signed(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_done_as(b, "tom");
    /* another decision stands where ours should */
    assert_true(author_log_decide(v->log, "bea", v->request, "production/business", DECISION_APPROVE, "", NULL).allow);
    bed_answer(b, ASK_DECISION, "ok", author_log_size(v->log) - 1);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_NOT_RECORDED);
}

static void a_refused_decision_is_told(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_done_as(b, "tom");
    bed_answer(b, ASK_DECISION, "counter", 0);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_true(bed_shows(b, "counter went back"));
}

static void no_answer_leaves_it_open(void **state)
{
    struct bed_visit *v = *state;
    bed_to_sign(&v->bed);
    bed_done_as(&v->bed, "tom");
    bed_wait(&v->bed, FLOW_VERIFY_MS);
    assert_int_equal(v->bed.flow.state, FLOW_QUEUE);
    assert_int_equal(v->bed.flow.message.word, WORD_NO_ANSWER);
}

/* The core dies over a disk that is full, or the way to it breaks: the log is asked when it is back. */
static void sent_and_the_core_is_gone(struct bed_visit *v)
{
    struct bed *b = &v->bed;
    bed_to_sign(b);
    bed_done_as(b, "tom");
    assert_int_equal(b->flow.state, FLOW_VERIFY);
    b->world.live = false;
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_OUT);
    bed_wait(b, 5000);
    b->world.live = true;
}

static void what_was_not_recorded_is_said_when_the_core_is_back(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    sent_and_the_core_is_gone(v);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_true(bed_shows(b, "is not in the log so far"));
    bed_press(b, PRESS_PAGE_DOWN); /* it was read */
    bed_wait(b, 1000);
    assert_int_equal(b->flow.message.word, WORD_NONE);
    const uint64_t until_ms = b->flow.sent.until_ms;
    bed_wait(b, until_ms - b->world.clock_ms);
    assert_int_equal(b->flow.message.word, WORD_NONE); /* it may still come */
    bed_wait(b, 500);
    assert_int_equal(b->flow.message.word, WORD_NOT_RECORDED);
    bed_press(b, PRESS_PAGE_DOWN);
    bed_wait(b, 1000);
    assert_int_equal(b->flow.message.word, WORD_NONE); /* once */
}

static void what_was_recorded_all_the_same_is_said_too(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    sent_and_the_core_is_gone(v);
    assert_true(author_log_decide(v->log, "tom", v->request, "production/tech", DECISION_APPROVE, NULL, NULL).allow);
    const struct state_request *q = state_request_find(&author_log_judge(v->log)->state, v->request);
    bed_fold(b);
    assert_int_equal(b->flow.message.word, WORD_NOT_THERE); /* another signature over the same is not this one */
    b->flow.sent.sig_sha256 = q->decisions[0].sig_sha256;
    bed_fold(b);
    assert_int_equal(b->flow.message.word, WORD_RECORDED_LATE);
    assert_int_equal(b->flow.message.args.count, q->decisions[0].index);
    assert_false(b->flow.sent.waits);
}

static void a_rejection_by_somebody_else_ends_it(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_pin(b);
    assert_true(author_log_decide(v->log, "bea", v->request, "production/business", DECISION_REJECT,
                                  "the window is wrong", NULL)
                    .allow);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_true(bed_shows(b, "bea rejected this at"));
    assert_true(bed_shows(b, "Page 1 of"));
    assert_true(bed_shows(b, "the window is wrong"));
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_READ);
    bed_press(b, PRESS_PAGE_DOWN);
    assert_true(bed_shows(b, "Page 2 of"));
    bed_fold(b); /* what goes on in the log turns no page back */
    assert_true(bed_shows(b, "Page 2 of"));
    bed_size(b, 100, 30);
    assert_true(bed_shows(b, "the window is wrong"));
}

static void a_new_revision_stops_a_signature(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    uint64_t next = 0;
    bed_to_sign(b);
    const struct author_request q = {
        .title = "Payments API 4.18.3", .author = "gitlab:8", .revises_set = true, .revises = v->request};
    assert_true(author_log_request(v->log, &q, &next).allow);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_CHANGED);
    assert_int_equal(bed_count(b, ASK_CANCEL), 1);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_CHANGED);
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.reading.request.index, next);
    assert_int_equal(b->flow.reading.page.at, 0);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_READ_ALL);
}

static void idle_asks_and_then_leaves(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_type(b, "1");
    bed_wait(b, FLOW_IDLE_MS - 500);
    assert_int_equal(b->flow.state, FLOW_READ);
    bed_wait(b, 500);
    assert_int_equal(b->flow.state, FLOW_STILL);
    bed_press(b, PRESS_F12); /* the key that wakes does nothing else */
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NONE);
    bed_wait(b, FLOW_IDLE_MS + FLOW_STILL_MS);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_IDLE_OVER);
}

static void a_key_that_goes_while_nobody_looks_is_gone(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_decide(b, "tom");
    bed_wait(b, FLOW_IDLE_MS);
    assert_int_equal(b->flow.state, FLOW_STILL);
    bed_devices(b, 0);
    assert_int_equal(b->flow.state, FLOW_STILL);
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_READ); /* not where a key is needed */
}

static void a_visit_ends_after_fifteen_minutes(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_type(b, "1");
    for (uint64_t at = 0; at < FLOW_VISIT_MS - 60000; at += 60000) {
        bed_wait(b, 60000);
        bed_press(b, PRESS_UP);
        assert_int_equal(b->flow.state, FLOW_READ);
    }
    bed_wait(b, 60000);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_VISIT_OVER);
}

static void out_of_service_ends_everything(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_to_sign(b);
    b->world.live = false;
    bed_wait(b, 500);
    assert_int_equal(b->flow.state, FLOW_OUT);
    assert_int_equal(bed_count(b, ASK_CANCEL), 1);
    assert_false(b->flow.reading.open);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_OUT);
    b->world.live = true;
    bed_wait(b, 500);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    b->world.broken = true;
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_OUT);
    assert_true(bed_shows(b, "does not add up"));
}

static void an_untrusted_clock_lets_people_read_only(void **state)
{
    struct bed_visit *v = *state;
    struct judge *j = author_log_judge(v->log);
    j->state.clock_back = true;
    bed_to_read(&v->bed);
    bed_press(&v->bed, PRESS_F12);
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    assert_int_equal(v->bed.flow.message.word, WORD_CLOCK);
    bed_press(&v->bed, PRESS_F4);
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    j->state.clock_back = false;
}

static void without_a_reader_people_read_only(void **state)
{
    struct bed_visit *v = *state;
    v->bed.world.token_up = false;
    bed_to_read(&v->bed);
    bed_press(&v->bed, PRESS_F12);
    assert_int_equal(v->bed.flow.state, FLOW_READ);
    assert_int_equal(v->bed.flow.message.word, WORD_NO_READER);
}

static void a_name_needs_a_form_and_a_role(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_press(b, PRESS_F7);
    bed_type(b, "3");
    assert_int_equal(b->flow.message.word, WORD_LIST_EMPTY);
    bed_type(b, "1");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_BAD_ID);
    bed_type(b, "nora");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.message.word, WORD_NEEDS_ROLE);
    bed_press(b, PRESS_TAB);
    bed_type(b, "1");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_KEY);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    assert_int_equal(b->flow.making.count, 1);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.making.count, 0);
}

static void a_second_key_changes_nothing_about_the_person(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_press(b, PRESS_F7);
    bed_type(b, "1");
    bed_type(b, "tom");
    bed_press(b, PRESS_ENTER); /* on the roster already: roles and accounts are filled in */
    assert_int_equal(b->flow.state, FLOW_KEY);
    assert_int_equal(b->flow.making.count, 0);
    bed_devices(b, 1);
    bed_pin(b, "1234");
    bed_made(b, "another key of tom");
    assert_int_equal(b->flow.state, FLOW_KEY_OUT);
    bed_devices(b, 0);
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    assert_int_equal(b->flow.making.count, 1);
    assert_int_equal(b->flow.making.item[0].op, CHANGE_ADD_CREDENTIAL);
}

static void a_refused_proposal_keeps_what_was_typed(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_press(b, PRESS_F7);
    bed_type(b, "21");
    bed_type(b, "3");
    bed_type(b, "lost in the canal");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    bed_answer(b, ASK_PROPOSE, "roster_invalid", 0);
    assert_int_equal(b->flow.state, FLOW_PROPOSE);
    assert_true(bed_shows(b, "lost in the canal"));
    assert_true(bed_shows(b, "does not fit the roster"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_moves_or_refuses),
        BED_VISIT(approve_unlocks_when_every_page_was_shown),
        BED_VISIT(a_page_that_was_skipped_keeps_it_locked),
        BED_VISIT(another_size_must_be_read_again),
        BED_VISIT(reject_needs_no_reading_but_a_reason),
        BED_VISIT(who_may_not_sign_is_told_why),
        BED_VISIT(one_person_signs_once),
        BED_VISIT(an_unknown_key_is_told_and_logged),
        BED_VISIT(a_key_that_was_switched_off_meanwhile_does_not_count),
        cmocka_unit_test(a_refused_genesis_is_read_again),
        BED_VISIT(no_key_in_sixty_seconds_goes_back),
        BED_VISIT(the_statement_says_what_the_fold_says),
        BED_VISIT(a_pin_is_never_kept),
        BED_VISIT(a_short_pin_is_not_sent),
        BED_VISIT(a_statement_that_grows_old_is_made_again),
        BED_VISIT(what_was_not_looked_at_is_not_signed),
        BED_VISIT(a_late_answer_of_the_key_does_not_count),
        BED_VISIT(removal_stops_at_once),
        BED_VISIT(another_key_is_another_person),
        BED_VISIT(three_tries_end_the_visit),
        BED_VISIT(a_blocked_key_says_so_whatever_the_tries),
        BED_VISIT(nothing_is_done_before_it_stands_in_our_own_fold),
        BED_VISIT(what_the_core_says_is_there_must_be_what_was_signed),
        BED_VISIT(a_refused_decision_is_told),
        BED_VISIT(no_answer_leaves_it_open),
        BED_VISIT(what_was_not_recorded_is_said_when_the_core_is_back),
        BED_VISIT(what_was_recorded_all_the_same_is_said_too),
        BED_VISIT(a_rejection_by_somebody_else_ends_it),
        BED_VISIT(a_new_revision_stops_a_signature),
        BED_VISIT(idle_asks_and_then_leaves),
        BED_VISIT(a_key_that_goes_while_nobody_looks_is_gone),
        BED_VISIT(a_visit_ends_after_fifteen_minutes),
        BED_VISIT(out_of_service_ends_everything),
        BED_VISIT(an_untrusted_clock_lets_people_read_only),
        BED_VISIT(without_a_reader_people_read_only),
        BED_VISIT(a_name_needs_a_form_and_a_role),
        BED_VISIT(a_second_key_changes_nothing_about_the_person),
        BED_VISIT(a_refused_proposal_keeps_what_was_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
