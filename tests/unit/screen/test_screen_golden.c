/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every screen as text, compared byte for byte with tests/golden/screens. `test_screen_golden write` writes them anew;
 * then look at what changed before it is committed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen_golden.h"
#include "support/author_glass.h"

/* A standard log with three requests, the one of interest first to close. */
static struct author_log *log_with_requests(uint64_t *ret_first)
{
    struct author_log *l = author_log_new(JUDGE_FOLD, 64 << 20);
    uint64_t other = 0;
    author_log_standard(l);
    const struct author_request first = {.title = "Payments API 4.18.2: move card tokenisation to the HSM pool",
                                         .author = "gitlab:8",
                                         .backout = "Roll back to 4.18.1 by flag, under 3 minutes.\n"
                                                    "Automatic if checkout errors pass 0.5 % for 2 minutes."};
    const struct author_request second = {.title = "Customer portal 12.3: new statement download"};
    const struct author_request third = {.title = "Ledger \u202E2.7.0: fix rounding", .key = "hidden"};
    assert_true(author_log_request(l, &first, ret_first).allow);
    author_log_advance(l, 60000);
    assert_true(author_log_request(l, &second, &other).allow);
    author_log_advance(l, 60000);
    assert_true(author_log_request(l, &third, &other).allow);
    author_log_advance(l, 60000);
    return l;
}

static void to_signing_page(struct bed *b)
{
    bed_type(b, "1");
    bed_read_all(b);
    bed_devices(b, 1);
    bed_done_as(b, "tom");
    bed_type(b, "a");
    bed_type(b, "Checked canary graphs and on-call cover until 22:00.");
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_BEGIN, "ok", 0);
}

static void a_visit_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    bed_init(&b, l);
    golden(&b, "queue");
    bed_press(&b, PRESS_F1);
    golden(&b, "help");
    bed_press(&b, PRESS_ESC);
    bed_type(&b, "1");
    golden(&b, "read-1");
    bed_wait(&b, 2000);
    bed_type(&b, "n");
    golden(&b, "read-2");
    bed_read_all(&b);
    golden(&b, "read-end");
    bed_press(&b, PRESS_F12);
    golden(&b, "identify");
    bed_wait(&b, FLOW_KEY_MS);
    golden(&b, "read-key-late");
    bed_wait(&b, FLOW_IDLE_MS - FLOW_KEY_MS);
    golden(&b, "still");
    bed_press(&b, PRESS_ESC);
    bed_devices(&b, 1);
    bed_done_as(&b, "tom");
    golden(&b, "read-key-in");
    bed_type(&b, "r");
    golden(&b, "decide-reject");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "decide-reject-short");
    bed_press(&b, PRESS_ESC);
    bed_type(&b, "a");
    bed_type(&b, "Checked canary graphs and on-call cover until 22:00.");
    golden(&b, "decide-approve");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "pin-waiting");
    bed_answer(&b, ASK_BEGIN, "ok", 0);
    bed_type(&b, "1234");
    golden(&b, "pin-1");
    bed_press(&b, PRESS_PAGE_DOWN);
    golden(&b, "pin-2");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "pin-unread");
    bed_look(&b);
    bed_press(&b, PRESS_ENTER);
    golden(&b, "sign-checking");
    bed_touch(&b);
    bed_wait(&b, 6000);
    golden(&b, "sign-touch");
    bed_done(&b, "pin_wrong", 2);
    golden(&b, "pin-wrong");
    bed_release(&b);
    author_log_free(l);
}

static void what_was_recorded_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    bed_init(&b, l);
    to_signing_page(&b);
    bed_pin(&b, "1234");
    bed_done_as(&b, "tom");
    golden(&b, "verify");
    bed_answer(&b, ASK_DECISION, "ok", author_log_size(l));
    assert_int_equal(b.flow.state, FLOW_VERIFY);
    assert_true(author_log_decide(l, "tom", request, "production/tech", DECISION_APPROVE,
                                  "Checked canary graphs and on-call cover until 22:00.", NULL)
                    .allow);
    bed_fold(&b);
    golden(&b, "receipt");
    bed_devices(&b, 0);
    golden(&b, "queue-after");
    bed_release(&b);
    author_log_free(l);
}

/* Somebody else's no, read by who was about to sign; and a core that went away over a signature. */
static void what_ended_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    bed_init(&b, l);
    to_signing_page(&b);
    bed_pin(&b, "1234");
    bed_done_as(&b, "tom");
    b.world.live = false;
    bed_fold(&b);
    b.world.live = true;
    bed_fold(&b);
    golden(&b, "queue-not-there");
    bed_wait(&b, MODEL_STATEMENT_LIFE_MS);
    bed_wait(&b, 1000);
    golden(&b, "queue-not-recorded");
    bed_type(&b, "1");
    assert_true(author_log_decide(l, "bea", request, "production/business", DECISION_REJECT,
                                  "Payments freezes for the quarter's end on Friday: the plan for going back needs two "
                                  "hours more than we have. Ask again on Monday, with the rehearsal's times.",
                                  NULL)
                    .allow);
    bed_fold(&b);
    golden(&b, "read-rejected");
    bed_release(&b);
    author_log_free(l);
}

static void trouble_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    uint64_t next = 0;
    struct author_log *l = log_with_requests(&request);
    bed_init(&b, l);
    bed_type(&b, "3");
    bed_press(&b, PRESS_F12);
    golden(&b, "read-hidden");
    bed_press(&b, PRESS_ESC);
    bed_type(&b, "1");
    const struct author_request again = {.title = "Payments API 4.18.3: move card tokenisation to the HSM pool",
                                         .author = "gitlab:8",
                                         .backout = "Roll back to 4.18.1 by flag.",
                                         .revises_set = true,
                                         .revises = request};
    assert_true(author_log_request(l, &again, &next).allow);
    bed_fold(&b);
    golden(&b, "changed");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "read-revision");
    assert_true(author_log_withdraw(l, next, "client:ci").allow);
    bed_fold(&b);
    golden(&b, "read-withdrawn");
    b.world.sealed = true;
    bed_fold(&b);
    golden(&b, "out-sealed");
    b.world.broken = true;
    bed_fold(&b);
    golden(&b, "out-broken");
    bed_size(&b, 79, 24);
    golden(&b, "small");
    bed_release(&b);
    author_log_free(l);
}

static void card_done(struct bed *b, const char *code, int tries)
{
    const struct flow_done d = {
        .op = b->flow.token.op, .code = span_str(code), .has_tries = true, .tries = (uint64_t)tries};
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

static void two_at_once_and_cards_look_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    static const struct flow_plug both[] = {{.number = 1, .card = true, .port = {(const uint8_t *)"1-3", 3}},
                                            {.number = 2, .port = {(const uint8_t *)"1-2", 3}}};
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    bed_init(&b, l);
    bed_plugs(&b, both, 2);
    bed_done_as(&b, "tom");
    golden(&b, "queue-two-asking");
    bed_done_as(&b, "bea");
    golden(&b, "queue-two");
    bed_type(&b, "1");
    bed_read_all(&b);
    bed_press(&b, PRESS_F12);
    golden(&b, "choose");
    bed_touch(&b);
    golden(&b, "choose-touch");
    bed_type(&b, "1");
    bed_press(&b, PRESS_ENTER);
    bed_answer(&b, ASK_BEGIN, "ok", 0);
    bed_look(&b);
    bed_type(&b, "123456");
    golden(&b, "pin-card");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "sign-card");
    bed_touch(&b);
    golden(&b, "sign-card-touch");
    card_done(&b, "pin_wrong", 2);
    golden(&b, "pin-card-wrong");
    bed_plugs(&b, &both[1], 1);
    golden(&b, "read-card-out");
    bed_release(&b);
    author_log_free(l);
}

static void people_look_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    bed_init(&b, l);
    bed_press(&b, PRESS_F7);
    golden(&b, "people-empty");
    bed_type(&b, "1");
    bed_type(&b, "nora");
    bed_press(&b, PRESS_TAB);
    bed_type(&b, "3");
    bed_press(&b, PRESS_TAB);
    bed_type(&b, "gitlab:77");
    golden(&b, "person");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "person-insert");
    bed_devices(&b, 1);
    bed_type(&b, "123456");
    golden(&b, "person-pin");
    bed_press(&b, PRESS_ENTER);
    bed_touch(&b);
    golden(&b, "person-touch");
    bed_made(&b, "credential of nora");
    golden(&b, "person-take-out");
    bed_devices(&b, 0);
    golden(&b, "people-one");
    bed_type(&b, "2");
    golden(&b, "keys");
    bed_type(&b, "1");
    golden(&b, "people-two");
    bed_type(&b, "3");
    bed_type(&b, "Nora joins the technical desk.");
    golden(&b, "propose");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "proposing");
    bed_release(&b);
    author_log_free(l);
}

static void a_lost_key_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    assert_true(author_log_decide(l, "bea", request, "production/business", DECISION_APPROVE, "", NULL).allow);
    bed_init(&b, l);
    bed_press(&b, PRESS_F7);
    bed_type(&b, "21"); /* bea's */
    golden(&b, "people-lost");
    bed_type(&b, "3");
    bed_type(&b, "Left in a taxi this morning.");
    bed_press(&b, PRESS_ENTER);
    (void)bed_takes_proposal(&b, KIND_ROSTER);
    golden(&b, "read-proposed");
    bed_release(&b);
    author_log_free(l);
}

static void an_emergency_is_asked_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    bed_emergencies(l)->presence_switch = true;
    bed_init(&b, l);
    b.world.presence_switch = SWITCH_ON;
    bed_devices(&b, 1);
    bed_done_as(&b, "tom");
    golden(&b, "queue-emergencies");
    bed_press(&b, PRESS_F8);
    golden(&b, "form-kind");
    bed_type(&b, "1");
    golden(&b, "form-deployment");
    bed_type(&b, "3");
    bed_type(&b, "INC0098123");
    golden(&b, "form-anchor");
    bed_press(&b, PRESS_ENTER);
    bed_type(&b, "2.7.0 settles FX trades twice.");
    golden(&b, "form-why");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "form-asking");
    bed_release(&b);
    author_log_free(l);
}

static void a_voucher_is_made_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    uint64_t request = 0;
    struct author_log *l = log_with_requests(&request);
    (void)bed_emergencies(l);
    bed_init(&b, l);
    bed_devices(&b, 1);
    bed_done_as(&b, "bea");
    bed_type(&b, "v");
    bed_type(&b, "1");
    golden(&b, "form-voucher-kinds");
    bed_press(&b, PRESS_ENTER);
    bed_type(&b, "1");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "form-voucher-life");
    bed_release(&b);
    author_log_free(l);
}

static void in_at(struct bed *b, uint64_t number, const char *port, const char *person)
{
    const struct flow_plug plug = {.number = number, .port = span_str(port)};
    bed_plugs(b, &plug, 1);
    bed_done_as(b, person);
}

static void to_emergency_touch(struct bed *b)
{
    bed_press(b, PRESS_F12);
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    bed_pin(b, "1234");
    bed_touch(b);
    bed_wait(b, 11000);
}

static void breaking_the_glass_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    const struct glass_policy how = {.version = 3};
    uint64_t q = 0;
    struct author_log *l = author_log_new(JUDGE_FOLD, 64 << 20);
    author_log_standard(l);
    glass_policy(l, &how);
    const struct glass_ask ask = {.request = glass_request(l, "Roll out the settlement fix 2.7.1", NULL)};
    bed_init(&b, l);
    assert_true(glass_open(l, &ask, &q).allow);
    bed_fold(&b);
    golden(&b, "queue-emergency");
    bed_type(&b, "1");
    golden(&b, "read-emergency-1");
    bed_wait(&b, 2000);
    bed_type(&b, "n");
    golden(&b, "read-emergency-2");
    bed_read_all(&b);
    in_at(&b, 101, "1-1", "tina");
    to_emergency_touch(&b);
    golden(&b, "sign-emergency");
    bed_done_as(&b, "tina");
    assert_true(glass_sign(l, "tina", q, "emergency/operator", "1-1").allow);
    bed_answer(&b, ASK_DECISION, "ok", author_log_size(l) - 1);
    bed_fold(&b);
    golden(&b, "receipt-emergency-first");
    bed_plugs(&b, NULL, 0);
    golden(&b, "read-emergency-second");
    bed_read_all(&b);
    in_at(&b, 102, "3-1", "bea");
    bed_press(&b, PRESS_F12);
    golden(&b, "read-emergency-port");
    in_at(&b, 103, "1-2", "bea");
    to_emergency_touch(&b);
    golden(&b, "sign-emergency-second");
    bed_done_as(&b, "bea");
    assert_true(glass_sign(l, "bea", q, "emergency/endorse", "1-2").allow);
    const uint64_t at = author_log_size(l) - 1;
    assert_true(author_log_grant(l, q, NULL).allow);
    bed_answer(&b, ASK_DECISION, "ok", at);
    bed_fold(&b);
    golden(&b, "receipt-emergency-granted");
    bed_plugs(&b, NULL, 0);
    golden(&b, "queue-owed");
    b.world.clock_ms += UINT64_C(25) * 3600 * 1000;
    golden(&b, "queue-overdue");
    in_at(&b, 104, "1-1", "tina");
    bed_type(&b, "9");
    golden(&b, "form-review");
    bed_type(&b, "1");
    bed_type(&b, "Two trades settled twice.");
    golden(&b, "form-review-field");
    bed_release(&b);
    author_log_free(l);
}

/* The proposal that a log's own genesis could have come from. */
static const char proposal[] =
    "{\"changes\":[{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"olga\",\"roles\":[\"officer\"]}},"
    "{\"op\":\"put_person\",\"person\":{\"accounts\":[\"gitlab:5\"],\"id\":\"omar\",\"roles\":[\"officer\"]}},"
    "{\"op\":\"put_person\",\"person\":{\"accounts\":[],\"id\":\"tom\",\"roles\":[\"tech\"]}}],"
    "\"origin\":\"approval.example/log1\",\"policy\":{\"change_types\":[\"normal\"],\"environments\":[\"production\"],"
    "\"name\":\"start\",\"officers\":{\"sign_by_s\":86400,\"threshold\":2},\"roles\":[\"officer\",\"tech\"],"
    "\"rules\":[{\"id\":\"production\",\"require\":{\"seats\":[{\"count\":1,\"id\":\"tech\",\"role\":\"tech\"}]}}],"
    "\"v\":1,\"version\":1},\"rp_id\":\"approval.example\",\"v\":1}";

static void enrol_one(struct bed *b, const char *name)
{
    bed_devices(b, 1);
    bed_pin(b, "1234");
    bed_touch(b);
    bed_made(b, name);
    bed_devices(b, 0);
}

static void the_ceremony_looks_as_written_down(void **state)
{
    (void)state;
    static struct bed b; /* large */
    bed_init(&b, NULL);
    golden(&b, "out-starting");
    bed_answer(&b, ASK_PROPOSAL, "unknown_request", 0);
    golden(&b, "out-no-proposal");
    bed_wait(&b, 6000);
    bed_answer_proposal(&b, span_str(proposal));
    golden(&b, "ceremony-1");
    bed_read_all(&b);
    golden(&b, "ceremony-end");
    bed_press(&b, PRESS_F12);
    golden(&b, "ceremony-insert");
    enrol_one(&b, "olga's");
    golden(&b, "ceremony-second");
    enrol_one(&b, "omar's");
    bed_press(&b, PRESS_TAB); /* tom is no officer: he may come later */
    golden(&b, "ceremony-seal");
    bed_devices(&b, 1);
    bed_found(&b, "omar's");
    golden(&b, "ceremony-seal-pin");
    bed_pin(&b, "1234");
    bed_found(&b, "omar's");
    golden(&b, "ceremony-seal-out");
    bed_devices(&b, 0);
    bed_devices(&b, 1);
    bed_found(&b, "omar's");
    golden(&b, "ceremony-seal-twice");
    bed_devices(&b, 0);
    bed_devices(&b, 1);
    bed_found(&b, "olga's");
    bed_pin(&b, "1234");
    bed_found(&b, "olga's");
    golden(&b, "ceremony-send");
    assert_int_equal(bed_count(&b, ASK_GENESIS), 1);
    bed_release(&b);
}

int main(int argc, char **argv)
{
    golden_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_visit_looks_as_written_down),
        cmocka_unit_test(what_was_recorded_looks_as_written_down),
        cmocka_unit_test(two_at_once_and_cards_look_as_written_down),
        cmocka_unit_test(what_ended_looks_as_written_down),
        cmocka_unit_test(trouble_looks_as_written_down),
        cmocka_unit_test(people_look_as_written_down),
        cmocka_unit_test(an_emergency_is_asked_as_written_down),
        cmocka_unit_test(a_voucher_is_made_as_written_down),
        cmocka_unit_test(breaking_the_glass_looks_as_written_down),
        cmocka_unit_test(a_lost_key_looks_as_written_down),
        cmocka_unit_test(the_ceremony_looks_as_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
