/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass at the kiosk: what is asked, in which order, what is sent, and what must be so meanwhile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_emergency.h"
#include "screen_bed.h"
#include "support/author_glass.h"

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

/* ---- the whole way, over a log whose judge lets it in */

struct glass {
    struct author_log *log;
    struct bed bed;
    uint64_t request;
};

static int break_set_up(void **state)
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

static int break_tear_down(void **state)
{
    struct glass *v = *state;
    bed_release(&v->bed);
    author_log_free(v->log);
    return 0;
}

static void in_at(struct bed *b, uint64_t number, const char *port, const char *person)
{
    const struct flow_plug plug = {.number = number, .port = span_str(port)};
    bed_plugs(b, &plug, 1);
    bed_done_as(b, person);
}

static uint64_t opened(struct glass *v)
{
    struct bed *b = &v->bed;
    uint64_t q = 0;
    in_at(b, 101, "1-1", "tina");
    bed_press(b, PRESS_F8);
    assert_true(bed_shows(b, "2  outage")); /* deadline, outage, patch */
    bed_type(b, "2");
    bed_type(b, "1");
    bed_type(b, "INC-4711");
    bed_press(b, PRESS_ENTER);
    bed_type(b, "Payments are down since 09:00.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    const struct glass_ask ask = {.request = v->request};
    assert_true(glass_open(v->log, &ask, &q).allow); /* the same content */
    bed_answer(b, ASK_PROPOSE, "ok", q);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_READ);
    return q;
}

static void to_touch(struct bed *b)
{
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_DECIDE);
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    bed_pin(b, "1234");
    assert_int_equal(b->flow.state, FLOW_SIGN);
}

static void recorded(struct glass *v, const char *person, uint64_t q, const char *seat, const char *port)
{
    struct bed *b = &v->bed;
    bed_done_as(b, person);
    assert_true(glass_sign(v->log, person, q, seat, port).allow);
    bed_answer(b, ASK_DECISION, "ok", author_log_size(v->log) - 1);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_RECEIPT);
}

/* The second kind may be another one by now: what was chosen is asked again. */
static void another_policy_begins_the_form_anew(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const struct glass_policy how = {.version = 4, .presence_switch = true};
    in_at(b, 101, "1-1", "tina");
    bed_press(b, PRESS_F8);
    bed_type(b, "2");
    glass_policy(v->log, &how);
    bed_type(b, "1"); /* an answer to what is no longer asked */
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_int_equal(b->flow.message.word, WORD_FORM_AGAIN);
    assert_true(bed_shows(b, "2  outage"));
}

static void two_people_break_the_glass_together(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const uint64_t q = opened(v);
    assert_true(bed_shows(b, "////"));
    assert_true(bed_shows(b, "EMERGENCY: outage"));
    assert_true(bed_shows(b, "Two people, here, now"));
    bed_read_all(b);
    to_touch(b);
    assert_true(bed_shows(b, "EMERGENCY: APPROVE for emergency/operator"));
    recorded(v, "tina", q, "emergency/operator", "1-1");
    assert_true(bed_shows(b, "Nothing is granted yet."));
    bed_plugs(b, NULL, 0);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_true(bed_shows(b, "Second person"));
    assert_true(bed_shows(b, "[x] operator 1 of 1"));
    in_at(b, 101, "1-1", "tina"); /* the same person again */
    bed_read_all(b);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_ALREADY_SIGNED);
    in_at(b, 102, "1-2", "bea");
    to_touch(b);
    bed_done_as(b, "bea");
    assert_true(glass_sign(v->log, "bea", q, "emergency/endorse", "1-2").allow);
    const uint64_t at = author_log_size(v->log) - 1;
    assert_true(author_log_grant(v->log, q, NULL).allow); /* in the same commit */
    bed_answer(b, ASK_DECISION, "ok", at);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_RECEIPT);
    assert_true(bed_shows(b, "may deploy this once"));
    assert_true(bed_shows(b, "Review due"));
    bed_plugs(b, NULL, 0);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_true(bed_shows(b, "Reviews are owed"));
    assert_true(bed_shows(b, "payments: in"));
    b->world.clock_ms += UINT64_C(25) * 3600 * 1000;
    assert_true(bed_shows(b, "payments: OVERDUE"));
}

static void a_key_elsewhere_is_not_here(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    (void)opened(v);
    bed_read_all(b);
    in_at(b, 102, "3-1.4", "tina"); /* at the end of a long cable */
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_PORT);
    assert_true(bed_noted(b, "port"));
    assert_int_equal(bed_count(b, ASK_SIGN), 0);
}

static void a_first_signature_grows_stale(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const uint64_t q = opened(v);
    bed_read_all(b);
    to_touch(b);
    recorded(v, "tina", q, "emergency/operator", "1-1");
    bed_plugs(b, NULL, 0);
    b->world.clock_ms += UINT64_C(1000) * author_log_judge(v->log)->state.policy->doc.emergency->window_s + 1000;
    assert_true(bed_shows(b, "[ ] operator 0 of 1"));
    assert_true(bed_shows(b, "too old"));
    assert_true(bed_shows(b, "All at once"));
}

static void turning_the_switch_back_stops_a_touch(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    const struct glass_policy how = {.version = 4, .presence_switch = true};
    glass_policy(v->log, &how);
    b->world.presence_switch = SWITCH_ON;
    (void)opened(v);
    bed_read_all(b);
    to_touch(b);
    b->world.presence_switch = SWITCH_OFF;
    bed_wait(b, 500);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_SWITCH_OFF);
    assert_int_equal(bed_count(b, ASK_CANCEL), 1);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_SWITCH_OFF);
    b->world.presence_switch = SWITCH_ON;
    to_touch(b);
    bed_done_as(b, "tina");
    assert_int_equal(b->flow.state, FLOW_VERIFY);
}

static void an_untrusted_clock_is_the_policys_to_allow(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    (void)opened(v);
    bed_read_all(b);
    author_log_judge(v->log)->state.clock_back = true;
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_CLOCK);
    author_log_judge(v->log)->state.clock_back = false;
    bed_press(b, PRESS_ESC);
    const struct glass_policy how = {.version = 4, .untrusted_clock = true};
    glass_policy(v->log, &how);
    bed_fold(b);
    bed_type(b, "1");
    bed_read_all(b);
    author_log_judge(v->log)->state.clock_back = true;
    bed_press(b, PRESS_F12);
    assert_int_not_equal(b->flow.message.word, WORD_CLOCK);
    author_log_judge(v->log)->state.clock_back = false;
}

static void the_review_asks_what_the_policy_asks(void **state)
{
    struct glass *v = *state;
    struct bed *b = &v->bed;
    struct review_content c;
    struct arena arena;
    const uint64_t entry = glass_break(v->log, v->request);
    bed_fold(b);
    in_at(b, 101, "1-1", "tina");
    bed_type(b, "9");
    assert_true(bed_shows(b, "Which emergency?"));
    assert_true(bed_shows(b, "outage for payments"));
    bed_type(b, "1");
    assert_true(bed_shows(b, "impact"));
    bed_type(b, "None settled twice.");
    bed_press(b, PRESS_ENTER);
    assert_true(bed_shows(b, "what_happened"));
    bed_type(b, "A retry ran twice.");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_review_content_decode(span_make(b->content, b->content_len), &arena, &c).code, CS_OK);
    assert_int_equal(c.emergency, entry);
    assert_int_equal(c.field_count, 2);
    assert_true(span_is(c.fields[0].key, "impact") && span_is(c.fields[0].value, "None settled twice."));
    assert_true(span_is(c.initiator, "tina"));
    arena_release(&arena);
}

/* Whoever signs a policy reads how to go around it: every member of it stands on the pages. */
static void a_policys_emergencies_are_read_before_they_are_signed(void **state)
{
    static const char *const words[] = {"The way around the rules",
                                        "deadline, pointing to: date",
                                        "outage, pointing to: incident",
                                        "patch, pointing to: cve",
                                        "rollback",
                                        "production",
                                        "1 x tech for operator, may be who asks",
                                        "1 x business for endorse, takes a voucher",
                                        "Reason, characters",
                                        "20",
                                        "People, least",
                                        "All within",
                                        "2 min",
                                        "1-1",
                                        "1-2",
                                        "1-3",
                                        "must be on",
                                        "does not stop it",
                                        "tina",
                                        "Must be signed in",
                                        "1 h",
                                        "Must be used in",
                                        "30 min",
                                        "Review owed in",
                                        "1 d",
                                        "impact",
                                        "what_happened",
                                        "1 x tech for author",
                                        "1 x officer for board",
                                        "Vouchers hold for",
                                        "7 d",
                                        "Emergencies",
                                        "30 d",
                                        "1 x officer for second",
                                        "As it was until now"};
    struct glass *v = *state;
    const struct glass_policy how = {
        .version = 4, .untrusted_clock = true, .presence_switch = true, .people = "[\"bea\",\"olga\",\"tina\"]"};
    glass_policy(v->log, &how);
    const struct policy_doc *policy = &author_log_judge(v->log)->state.policy->doc;
    struct arena arena;
    struct doc d;
    struct pages p;
    AUTO_WRITER w = wr_heap(1 << 20);
    arena_init(&arena, 16 << 20);
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_policy(&d, policy, policy);
    assert_false(d.unshown);
    assert_int_equal(screen_pages(&d, 100, 40, &arena, &p).code, CS_OK);
    for (size_t i = 0; i < p.line_count; i++) {
        for (size_t k = 0; k < p.lines[i].count; k++) {
            wr_bytes(&w, p.lines[i].pieces[k].text);
        }
        wr_u8(&w, '\n');
    }
    const struct span text = wr_span(&w);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (memmem(text.p, text.left, words[i], strlen(words[i])) == NULL) {
            fail_msg("the pages do not say: %s", words[i]);
        }
    }
    arena_release(&arena);
}

#define BREAK(f) cmocka_unit_test_setup_teardown(f, break_set_up, break_tear_down)
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
        BREAK(another_policy_begins_the_form_anew),
        BREAK(two_people_break_the_glass_together),
        BREAK(a_key_elsewhere_is_not_here),
        BREAK(a_first_signature_grows_stale),
        BREAK(turning_the_switch_back_stops_a_touch),
        BREAK(an_untrusted_clock_is_the_policys_to_allow),
        BREAK(the_review_asks_what_the_policy_asks),
        BREAK(a_policys_emergencies_are_read_before_they_are_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
