/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolment and lost keys as ceremonies: what is proposed here is signed in the same visit, one officer after the
 * other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "model/model_state_roster.h"
#include "screen_bed.h"

static const struct flow_plug card_in[] = {{.number = 77, .card = true, .port = {(const uint8_t *)"1-3", 3}}};

/* ---- what was proposed is signed by those who are here */

static void propose_to_switch_off(struct bed *b, const char *person)
{
    const struct state_credential *rows[FLOW_QUEUE_ROWS];
    bed_press(b, PRESS_F7);
    bed_type(b, "2");
    const size_t n = flow_keys(b->world.state, 0, rows);
    for (size_t i = 0; i < n; i++) {
        if (span_is(rows[i]->person->id, person)) {
            const char digit[2] = {(char)('1' + i), '\0'};
            bed_type(b, digit);
            break;
        }
    }
    assert_int_equal(b->flow.making.count, 1);
    bed_type(b, "3");
    bed_type(b, "lost in the canal");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
}

struct visit_sign {
    struct bed_visit *v;
    uint64_t request;
    const char *person;
};

static void sign_as(struct visit_sign s)
{
    struct bed *b = &s.v->bed;
    bed_read_all(b);
    bed_devices(b, 1);
    bed_done_as(b, s.person);
    bed_press(b, PRESS_F12);
    bed_press(b, PRESS_ENTER);
    bed_answer(b, ASK_BEGIN, "ok", 0);
    bed_pin(b, "1234");
    assert_int_equal(b->flow.state, FLOW_SIGN);
    bed_done_as(b, s.person);
    assert_true(
        author_log_decide(s.v->log, s.person, s.request, "officers/officers", DECISION_APPROVE, "", NULL).allow);
    bed_answer(b, ASK_DECISION, "ok", author_log_size(s.v->log) - 1);
    bed_fold(b);
    assert_int_equal(b->flow.state, FLOW_RECEIPT);
}

static void two_officers_sign_what_was_proposed_in_one_visit(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    propose_to_switch_off(b, "tom");
    const uint64_t q = bed_takes_proposal(b, KIND_ROSTER);
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.reading.request.index, q);
    assert_int_equal(b->flow.message.word, WORD_PROPOSED);
    assert_int_equal(b->flow.making.count, 0);
    sign_as((struct visit_sign){v, q, "olga"});
    bed_devices(b, 0); /* takes her key out: the next one's turn */
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_int_equal(b->flow.message.word, WORD_NEXT_SIGNER);
    bed_press(b, PRESS_F12);
    assert_int_equal(b->flow.message.word, WORD_READ_ALL); /* and reads all of it, too */
    sign_as((struct visit_sign){v, q, "omar"});
    bed_devices(b, 0);
    assert_int_equal(b->flow.state, FLOW_QUEUE); /* both have signed */
    assert_true(author_log_effect(v->log, ENTRY_ROSTER, q).allow);
    bed_fold(b);
    const struct state_credential *rows[FLOW_QUEUE_ROWS];
    const size_t n = flow_keys(b->world.state, 0, rows);
    for (size_t i = 0; i < n; i++) {
        assert_false(span_is(rows[i]->person->id, "tom"));
    }
}

static void the_rest_may_sign_later(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    propose_to_switch_off(b, "tom");
    const uint64_t q = bed_takes_proposal(b, KIND_ROSTER);
    sign_as((struct visit_sign){v, q, "olga"});
    bed_devices(b, 0);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.ceremony, 0);
    assert_true(bed_shows(b, "Change the roster"));
}

static void a_proposal_that_never_comes_back_is_looked_for_in_the_list(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    propose_to_switch_off(b, "tom");
    bed_answer(b, ASK_PROPOSE, "ok", 9999); /* our own fold never gets there */
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    bed_wait(b, FLOW_VERIFY_MS);
    assert_int_equal(b->flow.state, FLOW_QUEUE);
    assert_int_equal(b->flow.message.word, WORD_NO_ANSWER);
}

static void open_decisions_of_a_lost_key_are_listed(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    assert_true(author_log_decide(v->log, "tom", v->request, "production/tech", DECISION_APPROVE, "", NULL).allow);
    bed_fold(b);
    propose_to_switch_off(b, "tom");
    (void)bed_takes_proposal(b, KIND_ROSTER);
    bool found = false;
    for (size_t i = 0; i < b->flow.reading.page.pages.count; i++) {
        found = found || (bed_shows(b, "look again at request") && bed_shows(b, "for production/tech"));
        bed_press(b, PRESS_PAGE_DOWN);
    }
    assert_true(found);
}

/* Tab tells whether a row is about the key or about whose it is; the same row suspends and restores. */
static void a_person_is_suspended_and_restored_from_the_list(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    const struct state_credential *rows[FLOW_QUEUE_ROWS];
    bed_press(b, PRESS_F7);
    bed_type(b, "2");
    bed_press(b, PRESS_TAB);
    assert_true(bed_shows(b, "Who is suspended, or restored?"));
    assert_true(flow_keys(b->world.state, 0, rows) > 0);
    struct state_person *first = rows[0]->person;
    bed_type(b, "1");
    assert_int_equal(b->flow.making.count, 1);
    assert_int_equal(b->flow.making.item[0].op, CHANGE_SUSPEND_PERSON);
    assert_true(span_eq(b->flow.making.item[0].id, first->id));
    assert_true(bed_shows(b, "Suspend, until restored, person"));

    first->suspended = true; /* as the fold would have it */
    bed_type(b, "2");
    assert_false(bed_shows(b, "suspended, or restored?")); /* it begins with keys each time */
    bed_press(b, PRESS_TAB);
    assert_true(bed_shows(b, ", suspended"));
    bed_type(b, "1");
    assert_int_equal(b->flow.making.item[1].op, CHANGE_RESTORE_PERSON);
    assert_true(bed_shows(b, "End the suspension of"));
}

/* ---- cards */

static void allow_issuers(struct bed_visit *v, size_t count, size_t attesting)
{
    static const char *const ids[] = {"acme-pki", "state-id"};
    struct state *s = &author_log_judge(v->log)->state;
    for (size_t i = 0; i < count; i++) {
        const struct card_issuer x = {.id = span_str(ids[i]),
                                      .name = span_str(i == 0 ? "Acme PKI" : "State ID cards"),
                                      .attestation_roots = {SPAN_LIT("root")},
                                      .attestation_root_count = i < attesting ? 1 : 0};
        assert_int_equal(state_issuer_put(s, &x).code, CS_OK);
    }
}

static void to_card_pin(struct bed *b)
{
    bed_press(b, PRESS_F7);
    bed_type(b, "1");
    bed_type(b, "nora");
    bed_press(b, PRESS_TAB);
    bed_type(b, "3");
    bed_press(b, PRESS_TAB);
    bed_press(b, PRESS_TAB);
    bed_type(b, "blue card");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_KEY);
    bed_plugs(b, card_in, 1);
}

struct made {
    const char *pin;
    const char *touch;
    size_t x5c;
};

static void card_made(struct bed *b, struct made m)
{
    static const uint8_t key[91] = {0x30};
    static const uint8_t id[32] = {7};
    struct flow_done d = {.op = b->flow.token.op,
                          .code = SPAN_LIT("ok"),
                          .device = b->flow.token.op_device,
                          .credential = SPAN_OF(id),
                          .sig = SPAN_LIT("sig"),
                          .key = SPAN_OF(key),
                          .certificate = SPAN_LIT("certificate"),
                          .pin_policy = span_str(m.pin),
                          .touch_policy = span_str(m.touch),
                          .x5c_count = m.x5c};
    for (size_t i = 0; i < m.x5c; i++) {
        d.x5c[i] = SPAN_LIT("attestation");
    }
    bed_step(b, &(struct flow_input){.kind = INPUT_DONE, .done = &d});
}

static void what_a_card_cannot_prove_is_declared(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    allow_issuers(v, 2, 0);
    to_card_pin(b);
    assert_int_equal(b->flow.state, FLOW_KEY_PIN);
    bed_pin(b, "123456");
    card_made(b, (struct made){"unknown", "unknown", 0});
    assert_int_equal(b->flow.state, FLOW_DECLARE);
    assert_true(bed_shows(b, "Who issued this card?"));
    bed_type(b, "3"); /* there are two */
    assert_true(bed_shows(b, "Who issued this card?"));
    bed_type(b, "2");
    assert_true(bed_shows(b, "PIN at every signature?"));
    bed_type(b, "2"); /* no */
    assert_int_equal(b->flow.message.word, WORD_CARD_PIN);
    assert_int_equal(b->flow.making.count, 1); /* the person, and no card */
    bed_type(b, "1");
    assert_true(bed_shows(b, "touched?"));
    bed_press(b, PRESS_ESC);
    assert_true(bed_shows(b, "PIN at every signature?"));
    bed_type(b, "12");
    assert_int_equal(b->flow.state, FLOW_KEY_OUT);
    const struct roster_change *c = &b->flow.making.item[1];
    assert_int_equal(c->op, CHANGE_ADD_CARD);
    assert_true(span_is(c->card.issuer, "state-id"));
    assert_true(span_is(c->card.nickname, "blue card"));
    assert_int_equal(c->card.pin, CARD_USE_ALWAYS);
    assert_int_equal(c->card.touch, CARD_USE_CACHED);
    bed_plugs(b, NULL, 0);
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    bed_press(b, PRESS_PAGE_DOWN);
    assert_true(bed_shows(b, "declared by officers"));
    bed_type(b, "3"); /* the card's questions are over: what is asked now is the reason of the proposal */
    assert_int_equal(b->flow.state, FLOW_PROPOSE);
    assert_true(bed_shows(b, "Why this change?"));
}

/* Its questions need no card: whoever takes it out before they are answered finds it in the list all the same. */
static void a_card_may_go_before_its_questions_are_over(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    allow_issuers(v, 2, 0);
    to_card_pin(b);
    bed_pin(b, "123456");
    card_made(b, (struct made){"unknown", "unknown", 0});
    bed_plugs(b, NULL, 0);
    assert_int_equal(b->flow.state, FLOW_DECLARE);
    bed_type(b, "212");
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    assert_int_equal(b->flow.making.count, 2);
    bed_press(b, PRESS_PAGE_DOWN);
    assert_true(bed_shows(b, "declared by officers"));
}

static void a_list_that_is_full_takes_no_key(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    to_card_pin(b); /* nobody issues cards here: a key, then */
    bed_plugs(b, NULL, 0);
    while (b->flow.making.count < MODEL_CHANGES_MAX) {
        b->flow.making.item[b->flow.making.count++] =
            (struct roster_change){.op = CHANGE_REMOVE_ISSUER, .id = SPAN_LIT("x")};
    }
    bed_devices(b, 1);
    bed_pin(b, "123456");
    bed_made(b, "credential of nora");
    assert_int_equal(b->flow.state, FLOW_KEY);
    assert_int_equal(b->flow.message.word, WORD_LIST_FULL);
    assert_int_equal(b->flow.making.count, MODEL_CHANGES_MAX);
}

/* What could not be read to its end could not be signed: the list takes nothing more in time, and is not proposed. */
static void a_list_of_too_many_pages_takes_nothing_more(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_type(b, "e");
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    while (b->flow.making.count < 16) {
        struct roster_change *c = &b->flow.making.item[b->flow.making.count++];
        *c = (struct roster_change){.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("nora")};
        c->person.id = c->id;
        for (size_t i = 0; i < 16; i++) {
            c->person.roles[c->person.role_count++] = SPAN_LIT("tech");
            c->person.accounts[c->person.account_count++] =
                SPAN_LIT("gitlab:a-name-that-is-long-enough-to-fill-most-of-a-line");
        }
    }
    bed_type(b, "1");
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    assert_int_equal(b->flow.message.word, WORD_LIST_FULL);
    bed_type(b, "2");
    assert_int_equal(b->flow.message.word, WORD_LIST_FULL);
    bed_type(b, "3");
    assert_int_equal(b->flow.state, FLOW_PROPOSE);
    bed_type(b, "all of them join today");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.state, FLOW_PROPOSE);
    assert_int_equal(b->flow.message.word, WORD_TOO_LONG);
    assert_int_equal(bed_count(b, ASK_PROPOSE), 0);
    b->flow.making.count = 2;
    bed_press(b, PRESS_ENTER);
    assert_int_equal(bed_count(b, ASK_PROPOSE), 1);
}

static void what_a_card_attests_is_not_asked(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    allow_issuers(v, 1, 1);
    to_card_pin(b);
    bed_pin(b, "123456");
    card_made(b, (struct made){"once", "never", 2});
    assert_int_equal(b->flow.state, FLOW_KEY); /* it says that it signs without its PIN */
    assert_int_equal(b->flow.message.word, WORD_CARD_PIN);
    bed_press(b, PRESS_ENTER);
    bed_pin(b, "123456");
    card_made(b, (struct made){"always", "never", 2});
    assert_int_equal(b->flow.state, FLOW_KEY_OUT); /* one issuer, attested policies: nothing to ask */
    assert_int_equal(b->flow.making.item[1].card.pin, CARD_USE_ALWAYS);
    assert_int_equal(b->flow.making.item[1].card.x5c_count, 2);
}

/* Nobody could tell whether it is true: the card is enrolled as one that attests nothing. */
static void what_no_root_ends_is_asked(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    allow_issuers(v, 2, 1);
    for (size_t issuer = 0; issuer < 2; issuer++) {
        to_card_pin(b);
        bed_pin(b, "123456");
        card_made(b, (struct made){"always", "never", 2});
        assert_true(bed_shows(b, "Who issued this card?"));
        bed_type(b, issuer == 0 ? "2" : "1"); /* state-id has no roots for attestations, acme-pki has one */
        if (issuer == 0) {
            assert_true(bed_shows(b, "PIN at every signature?"));
            bed_type(b, "12");
        }
        assert_int_equal(b->flow.state, FLOW_KEY_OUT);
        const struct card *c = &b->flow.making.item[b->flow.making.count - 1].card;
        assert_true(span_is(c->issuer, issuer == 0 ? "state-id" : "acme-pki"));
        assert_int_equal(c->x5c_count, issuer == 0 ? 0 : 2);
        assert_int_equal(c->pin, CARD_USE_ALWAYS);
        assert_int_equal(c->touch, issuer == 0 ? CARD_USE_CACHED : CARD_USE_NEVER);
        bed_plugs(b, NULL, 0);
        assert_int_equal(b->flow.state, FLOW_PEOPLE);
        bed_press(b, PRESS_ESC);
        bed_press(b, PRESS_ESC);
        assert_int_equal(b->flow.state, FLOW_QUEUE);
    }
}

static void without_an_issuer_no_card_is_enrolled(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    to_card_pin(b);
    assert_int_equal(b->flow.state, FLOW_KEY);
    assert_int_equal(b->flow.message.word, WORD_NO_ISSUER);
    assert_int_equal(bed_count(b, ASK_ENROL), 0);
}

static void a_declaration_that_is_left_enrols_nothing(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    allow_issuers(v, 1, 1);
    to_card_pin(b);
    bed_pin(b, "123456");
    card_made(b, (struct made){"unknown", "unknown", 0});
    assert_int_equal(b->flow.state, FLOW_DECLARE);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_KEY);
    bed_press(b, PRESS_ESC);
    assert_int_equal(b->flow.state, FLOW_PEOPLE);
    assert_int_equal(b->flow.making.count, 1);
}

static void of_several_that_are_in_a_number_says_which_is_enrolled(void **state)
{
    static const struct flow_plug two[] = {{.number = 5}, {.number = 6}};
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    bed_press(b, PRESS_F7);
    bed_type(b, "1");
    bed_type(b, "tom");
    bed_press(b, PRESS_ENTER);
    bed_plugs(b, two, 2);
    assert_int_equal(b->flow.state, FLOW_KEY);
    assert_int_equal(b->flow.message.word, WORD_WHICH);
    bed_type(b, "3");
    assert_int_equal(b->flow.state, FLOW_KEY);
    bed_type(b, "2");
    assert_int_equal(b->flow.state, FLOW_KEY_PIN);
    bed_type(b, "1234");
    bed_press(b, PRESS_ENTER);
    assert_int_equal(b->flow.token.op_device, 6);
    bed_plugs(b, &two[1], 1); /* the other one goes: nothing happens */
    assert_int_equal(b->flow.state, FLOW_KEY_TOUCH);
    bed_plugs(b, NULL, 0);
    assert_int_equal(b->flow.state, FLOW_KEY);
    assert_int_equal(b->flow.message.word, WORD_REMOVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BED_VISIT(two_officers_sign_what_was_proposed_in_one_visit),
        BED_VISIT(the_rest_may_sign_later),
        BED_VISIT(a_proposal_that_never_comes_back_is_looked_for_in_the_list),
        BED_VISIT(open_decisions_of_a_lost_key_are_listed),
        BED_VISIT(a_person_is_suspended_and_restored_from_the_list),
        BED_VISIT(what_a_card_cannot_prove_is_declared),
        BED_VISIT(a_card_may_go_before_its_questions_are_over),
        BED_VISIT(a_list_that_is_full_takes_no_key),
        BED_VISIT(a_list_of_too_many_pages_takes_nothing_more),
        BED_VISIT(what_a_card_attests_is_not_asked),
        BED_VISIT(what_no_root_ends_is_asked),
        BED_VISIT(without_an_issuer_no_card_is_enrolled),
        BED_VISIT(a_declaration_that_is_left_enrols_nothing),
        BED_VISIT(of_several_that_are_in_a_number_says_which_is_enrolled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
