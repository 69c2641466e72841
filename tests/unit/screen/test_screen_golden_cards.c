/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of cards that are enrolled, of vouchers, and of taking back, as they are written down (screen_golden.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "judge/judge_facts.h"
#include "model/model_state_roster.h"
#include "screen_golden.h"
#include "support/author_glass.h"

static struct bed b; /* large */

static void in_at(uint64_t number, const char *port, const char *person)
{
    const struct flow_plug plug = {.number = number, .port = span_str(port)};
    bed_plugs(&b, &plug, 1);
    bed_done_as(&b, person);
}

/* ---- a card is enrolled that cannot say all of itself */

static void card_made(const struct card *c)
{
    static const uint8_t id[32] = {7};
    const struct flow_done d = {.op = b.flow.token.op,
                                .code = SPAN_LIT("ok"),
                                .device = b.flow.token.op_device,
                                .credential = SPAN_OF(id),
                                .sig = c->sig,
                                .key = c->key,
                                .certificate = c->certificate,
                                .pin_policy = SPAN_LIT("unknown"),
                                .touch_policy = SPAN_LIT("unknown")};
    bed_step(&b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

static void a_card_is_declared_as_written_down(void **state)
{
    static const struct card_issuer issuers[] = {
        {.id = {(const uint8_t *)"acme-pki", 8}, .name = {(const uint8_t *)"Acme PKI", 8}},
        {.id = {(const uint8_t *)"state-id", 8}, .name = {(const uint8_t *)"State ID cards", 14}}};
    static const struct flow_plug card = {.number = 77, .card = true, .port = {(const uint8_t *)"1-3", 3}};
    (void)state;
    struct author_log *l = author_log_new(JUDGE_FOLD, BED_STATE_BYTES);
    author_log_standard(l);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(state_issuer_put(&author_log_judge(l)->state, &issuers[i]).code, CS_OK);
    }
    const struct cardpki_plan plan = {.serial = 300};
    const struct author_card how = {.certificate = &plan, .touch = CARD_USE_CACHED};
    struct roster_change made;
    struct arena a;
    arena_init(&a, 1 << 20);
    assert_int_equal(author_log_card(l, "tom", &how, &a, &made).code, CS_OK);
    bed_init(&b, l);
    b.world.facts = judge_change_facts;
    bed_press(&b, PRESS_F7);
    bed_type(&b, "1");
    bed_type(&b, "nora");
    bed_press(&b, PRESS_TAB);
    bed_type(&b, "3");
    bed_press(&b, PRESS_ENTER);
    bed_plugs(&b, &card, 1);
    bed_type(&b, "123456");
    golden(&b, "card-pin");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "card-checking");
    bed_touch(&b);
    golden(&b, "card-touch");
    card_made(&made.card);
    golden(&b, "card-issuer");
    bed_type(&b, "2");
    golden(&b, "card-declare-pin");
    bed_type(&b, "2");
    golden(&b, "card-declare-no-pin");
    bed_type(&b, "1");
    golden(&b, "card-declare-touch");
    bed_type(&b, "2");
    golden(&b, "card-take-out");
    bed_plugs(&b, NULL, 0);
    golden(&b, "people-card");
    bed_release(&b);
    arena_release(&a);
    author_log_free(l);
}

/* ---- vouchers */

static struct author_log *glass_log(void)
{
    const struct glass_policy how = {.version = 3};
    struct author_log *l = author_log_new(JUDGE_FOLD, BED_STATE_BYTES);
    author_log_standard(l);
    glass_policy(l, &how);
    return l;
}

static void a_voucher_is_given_as_written_down(void **state)
{
    (void)state;
    struct author_log *l = glass_log();
    const struct glass_voucher how = {.life_s = 86400};
    uint64_t q = 0;
    bed_init(&b, l);
    in_at(101, "1-2", "bea");
    bed_type(&b, "v");
    bed_type(&b, "2");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "form-voucher-places");
    bed_type(&b, "1");
    bed_press(&b, PRESS_ENTER);
    bed_type(&b, "4");
    bed_type(&b, "On a plane until noon.");
    golden(&b, "form-voucher-why");
    bed_press(&b, PRESS_ESC);
    bed_press(&b, PRESS_ESC);
    bed_press(&b, PRESS_ESC);
    bed_press(&b, PRESS_ESC);
    assert_int_equal(b.flow.state, FLOW_QUEUE);
    assert_true(glass_voucher(l, &how, &q).allow);
    bed_fold(&b);
    golden(&b, "queue-voucher");
    bed_type(&b, "1");
    golden(&b, "read-voucher");
    bed_read_all(&b);
    bed_press(&b, PRESS_F12);
    bed_press(&b, PRESS_ENTER);
    bed_answer(&b, ASK_BEGIN, "ok", 0);
    golden(&b, "pin-voucher");
    bed_pin(&b, "1234");
    bed_done_as(&b, "bea");
    assert_true(author_log_decide(l, "bea", q, "voucher/endorse", DECISION_APPROVE, NULL, NULL).allow);
    bed_answer(&b, ASK_DECISION, "ok", author_log_size(l) - 1);
    bed_fold(&b);
    golden(&b, "receipt-voucher");
    bed_release(&b);
    author_log_free(l);
}

static void a_voucher_is_used_as_written_down(void **state)
{
    (void)state;
    struct author_log *l = glass_log();
    const struct glass_voucher how = {.life_s = 86400};
    const struct glass_ask ask = {.request = glass_request(l, "Roll out the settlement fix 2.7.1", NULL),
                                  .voucher = glass_voucher_signed(l, &how)};
    uint64_t q = 0;
    bed_init(&b, l);
    in_at(101, "1-1", "tina");
    bed_type(&b, "b");
    bed_type(&b, "2");
    bed_type(&b, "1");
    bed_type(&b, "INC-4711");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "form-voucher-use");
    bed_press(&b, PRESS_ESC);
    bed_press(&b, PRESS_ESC);
    bed_press(&b, PRESS_ESC);
    bed_press(&b, PRESS_ESC);
    assert_int_equal(b.flow.state, FLOW_QUEUE);
    assert_true(glass_open(l, &ask, &q).allow);
    bed_fold(&b);
    bed_plugs(&b, NULL, 0);
    bed_type(&b, "1");
    golden(&b, "read-emergency-voucher");
    bed_release(&b);
    author_log_free(l);
}

/* ---- taking back */

static const char why[] = "It was the wrong deployment.";

static void taking_back_looks_as_written_down(void **state)
{
    (void)state;
    struct author_log *l = glass_log();
    const struct glass_voucher how = {.life_s = 86400};
    const struct glass_ask ask = {.request = glass_request(l, "Roll out the settlement fix 2.7.1", NULL)};
    uint64_t q = 0;
    bed_init(&b, l);
    assert_true(glass_open(l, &ask, &q).allow);
    bed_fold(&b);
    bed_type(&b, "1");
    bed_type(&b, "w");
    golden(&b, "back-not-asker");
    in_at(101, "1-1", "tina");
    golden(&b, "read-emergency-asker");
    bed_type(&b, "w");
    bed_type(&b, "A mistake");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "back-short");
    bed_press(&b, PRESS_ESC);
    bed_type(&b, "w");
    bed_type(&b, why);
    golden(&b, "back-emergency");
    bed_press(&b, PRESS_ENTER);
    golden(&b, "back-sent");
    assert_true(author_log_withdraw(l, q, "system:kiosk").allow);
    bed_answer(&b, ASK_WITHDRAW, "ok", author_log_size(l) - 1);
    golden(&b, "queue-taken-back");
    (void)glass_voucher_signed(l, &how);
    bed_fold(&b);
    in_at(102, "1-1", "bea");
    bed_type(&b, "v");
    golden(&b, "form-voucher-which");
    bed_type(&b, "2");
    golden(&b, "read-voucher-given");
    bed_type(&b, "w");
    bed_type(&b, "No longer on call this week.");
    golden(&b, "back-voucher");
    bed_release(&b);
    author_log_free(l);
}

int main(int argc, char **argv)
{
    golden_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_is_declared_as_written_down),
        cmocka_unit_test(a_voucher_is_given_as_written_down),
        cmocka_unit_test(a_voucher_is_used_as_written_down),
        cmocka_unit_test(taking_back_looks_as_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
