/* SPDX-License-Identifier: Apache-2.0 */
/* Who may act for whom, asked for at the kiosk: delegations and their end, access reviews, shifts that somebody else
 * takes. 2.1, 2.5, 5.6 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/model_people.h"
#include "model/model_state_delegate.h"
#include "model/model_state_duty.h"
#include "screen_golden.h"
#include "support/author_change.h"

#define DAY_MS (UINT64_C(86400) * 1000)
#define WORD(s)                                                                                                        \
    {                                                                                                                  \
        (const uint8_t *)(s), sizeof(s) - 1                                                                            \
    }

static struct span business[] = {WORD("business")};
static struct policy_delegation lends[] = {{.most_s = 864000, .role = WORD("tech"), .to = business, .to_count = 1}};
static struct policy_duty duties[] = {{.role = WORD("tech"), .roster = WORD("ops")}};

/* From now on tech may be lent to the business for ten days, and is reviewed every ninety. */
static int set_up(void **state)
{
    bed_set_up(state);
    struct bed_visit *v = *state;
    struct policy_doc *doc = &author_log_judge(v->log)->state.policy->doc;
    doc->delegations = lends;
    doc->delegation_count = 1;
    doc->access_review = (struct policy_review){.every_s = 7776000, .unused_s = 5184000};
    return 0;
}

static void comes(struct bed *b, const char *person)
{
    bed_devices(b, 1);
    bed_done_as(b, person);
}

static void answer(struct bed *b, const char *question, const char *text)
{
    if (!bed_shows(b, question)) {
        AUTO_WRITER w = wr_heap(1 << 20);
        bed_twin(b, &w);
        fail_msg("%s: not asked\n%.*s", question, (int)w.len, (const char *)wr_span(&w).p);
    }
    bed_type(b, text);
}

static void enter(struct bed *b, const char *question, const char *text)
{
    answer(b, question, text);
    bed_press(b, PRESS_ENTER);
}

static void erase(struct bed *b)
{
    for (unsigned i = 0; i < 32; i++) {
        bed_press(b, PRESS_ERASE);
    }
}

static struct span proposed(const struct bed *b)
{
    return span_make(b->content, b->content_len);
}

/* tom is in, and answers until the end of the delegation is asked for. */
static void to_until(struct bed *b)
{
    comes(b, "tom");
    answer(b, "[m] Ask for", "m");
    golden(b, "ask");
    answer(b, "Let somebody sign for you: d", "1");
    golden(b, "lend-role");
    assert_true(bed_shows(b, "at most 10 d, to business"));
    answer(b, "In which of your roles?", "1");
    golden(b, "lend-to");
    assert_true(bed_shows(b, "bill"));
    assert_false(bed_shows(b, "tina")); /* tech, like him: not whom the policy names */
    answer(b, "Who signs for you?", "1");
    golden(b, "lend-from");
    enter(b, "From when?", "");
    golden(b, "lend-until");
}

static void a_delegation_is_asked_and_read(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct delegate_content c;
    struct arena arena;

    to_until(b);
    assert_true(bed_shows(b, "2026-01-06 09:00")); /* what stands there is a day */
    erase(b);
    enter(b, "Until when?", "in a week");
    assert_int_equal(b->flow.message.word, WORD_FORM_TIME);
    golden(b, "lend-until-form");
    erase(b);
    enter(b, "Until when?", "2026-02-30 10:00");
    assert_int_equal(b->flow.message.word, WORD_FORM_TIME);
    erase(b);
    enter(b, "Until when?", "2026-01-05 08:00");
    assert_int_equal(b->flow.message.word, WORD_DELEGATE_TIME);
    erase(b);
    enter(b, "Until when?", "2026-01-16 09:00");
    assert_int_equal(b->flow.message.word, WORD_DELEGATE_TIME);
    golden(b, "lend-until-late");
    erase(b);
    enter(b, "Until when?", "2026-01-10 18:30");
    golden(b, "lend-where");
    answer(b, "Where may they sign for you?", "2");
    golden(b, "lend-places");
    enter(b, "In which environments?", "");
    assert_true(bed_shows(b, "In which environments?")); /* none chosen is not all of them */
    enter(b, "In which environments?", "1");
    golden(b, "lend-services");
    enter(b, "Only some services?", "payments, payroll");
    golden(b, "lend-why");
    enter(b, "Why?", "Away until Saturday.");
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_delegate_content_decode(proposed(b), &arena, &c).code, CS_OK);
    assert_true(span_is(c.initiator, "tom") && span_is(c.to, "bea") && span_is(c.role, "tech"));
    assert_int_equal(c.until_ms - c.from_ms, 5 * DAY_MS + 34200000);
    assert_int_equal(c.environment_count, 1);
    assert_true(span_is(c.environments[0], "production"));
    assert_int_equal(c.service_count, 2);
    arena_release(&arena);
    (void)bed_takes_proposal(b, KIND_DELEGATE);
    assert_int_equal(b->flow.state, FLOW_READ);
    golden(b, "read-delegation");
    assert_true(bed_shows(b, "Let somebody sign for you"));
    assert_true(bed_shows(b, "payroll"));
    bed_read_all(b);
    bed_type(b, "a");
    assert_int_equal(b->flow.state, FLOW_DECIDE); /* his own key is in, and it is his to sign */
    assert_true(bed_shows(b, "delegation/delegator"));
}

/* Only whose role it is signs it; who asked can take the request back unsigned. */
static void nobody_else_signs_it(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;

    to_until(b);
    enter(b, "Until when?", "");
    answer(b, "Where may they sign for you?", "1");
    enter(b, "Only some services?", "");
    enter(b, "Why?", "Away.");
    (void)bed_takes_proposal(b, KIND_DELEGATE);
    bed_devices(b, 0);
    bed_read_all(b);
    comes(b, "tina");
    bed_type(b, "a");
    assert_int_equal(b->flow.state, FLOW_READ);
    assert_true(bed_noted(b, "delegation_person"));
    comes(b, "tom");
    bed_type(b, "w");
    assert_int_equal(b->flow.state, FLOW_BACK);
}

static uint64_t lent(struct bed_visit *v, const char *by)
{
    const struct delegate_content c = {.from_ms = author_log_now(v->log),
                                       .until_ms = author_log_now(v->log) + DAY_MS,
                                       .initiator = span_str(by),
                                       .reason = SPAN_LIT("away"),
                                       .role = SPAN_LIT("tech"),
                                       .to = SPAN_LIT("bea")};
    uint64_t id = 0;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_delegate_content_encode(&c, &w).code, CS_OK);
    assert_true(author_log_propose(v->log, KIND_DELEGATE, wr_span(&w), &id).allow);
    assert_true(author_log_decide(v->log, by, id, "delegation/delegator", DECISION_APPROVE, NULL, NULL).allow);
    assert_true(author_log_effect(v->log, ENTRY_ROSTER, id).allow);
    bed_fold(&v->bed);
    return id;
}

static void what_was_lent_is_taken_back(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct delegate_content c;
    struct arena arena;
    const uint64_t id = lent(v, "tom");

    (void)lent(v, "tina"); /* which is not his to end */
    comes(b, "tom");
    bed_type(b, "d");
    golden(b, "lend-which");
    assert_true(bed_shows(b, "A new one"));
    assert_false(bed_shows(b, "│  3  "));
    answer(b, "Take back: tech to bea", "2");
    enter(b, "Why?", "Back early.");
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_delegate_content_decode(proposed(b), &arena, &c).code, CS_OK);
    assert_true(c.revokes_set && span_is(c.initiator, "tom"));
    assert_int_equal(c.revokes, id);
    arena_release(&arena);
    (void)bed_takes_proposal(b, KIND_DELEGATE);
    golden(b, "read-delegation-end");
    assert_true(bed_shows(b, "Take a delegation back"));
}

/* What could be chosen may be something else now: nothing that was answered is kept. */
static void a_change_of_people_begins_anew(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;

    to_until(b);
    assert_true(author_change_roles(v->log, "bea", "business tech").allow);
    bed_press(b, PRESS_ENTER); /* an answer to what is no longer asked */
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_int_equal(b->flow.message.word, WORD_FORM_AGAIN);
    golden(b, "lend-again");
    assert_true(bed_shows(b, "In which of your roles?"));
    answer(b, "In which of your roles?", "1");
    assert_true(author_change_roles(v->log, "bea", "business").allow);
    bed_fold(b);
    assert_int_equal(b->flow.message.word, WORD_FORM_AGAIN);
    assert_true(bed_shows(b, "In which of your roles?"));
}

/* So many that no list is of use: one is written, and the policy looks at it. */
static void of_many_one_is_named(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct delegate_content c;
    struct arena arena;
    static char names[64][8];
    struct roster_change *many = calloc(MODEL_CHANGES_MAX, sizeof(*many));

    assert_non_null(many);
    for (size_t i = 0; i < 64; i++) {
        struct roster_change *put = &many[i % MODEL_CHANGES_MAX];
        (void)snprintf(names[i], sizeof(names[i]), "p%02zu", i);
        *put = (struct roster_change){.op = CHANGE_PUT_PERSON, .id = span_str(names[i])};
        put->person.id = put->id;
        put->person.roles[put->person.role_count++] = SPAN_LIT("business");
        if (i % MODEL_CHANGES_MAX == MODEL_CHANGES_MAX - 1) {
            assert_true(author_change_roster(v->log, many, MODEL_CHANGES_MAX).allow);
        }
    }
    free(many);
    bed_fold(b);
    comes(b, "tom");
    bed_type(b, "d");
    answer(b, "In which of your roles?", "1");
    golden(b, "lend-name");
    enter(b, "Who signs for you? Write their name", "tina");
    assert_int_equal(b->flow.message.word, WORD_DELEGATE_TO);
    erase(b);
    enter(b, "Who signs for you? Write their name", "p63");
    enter(b, "From when?", "");
    enter(b, "Until when?", "");
    answer(b, "Where may they sign for you?", "1");
    enter(b, "Only some services?", "");
    enter(b, "Why?", "Away.");
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_delegate_content_decode(proposed(b), &arena, &c).code, CS_OK);
    assert_true(span_is(c.to, "p63") && c.environment_count == 0 && c.service_count == 0);
    arena_release(&arena);
}

static void what_the_policy_does_not_have_says_so(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct policy_doc *doc = &author_log_judge(v->log)->state.policy->doc;

    bed_type(b, "d");
    assert_int_equal(b->flow.message.word, WORD_WHO_ASKS);
    comes(b, "bea");
    bed_type(b, "d");
    golden(b, "lend-nothing");
    assert_true(bed_shows(b, "sign in your roles, and"));
    bed_press(b, PRESS_ESC);
    bed_type(b, "s");
    assert_int_equal(b->flow.message.word, WORD_NO_DUTY);
    doc->delegation_count = 0;
    doc->access_review.every_s = 0;
    bed_type(b, "d");
    assert_int_equal(b->flow.message.word, WORD_NO_DELEGATION);
    bed_type(b, "r");
    assert_int_equal(b->flow.message.word, WORD_NO_ACCESS_REVIEW);
    bed_type(b, "m");
    assert_int_equal(b->flow.message.word, WORD_NOTHING_TO_ASK);
    assert_false(bed_shows(b, "[m]"));
}

/* ---- access reviews */

static void roles_are_kept_line_by_line(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct access_review_content c;
    struct arena arena;

    comes(b, "tom");
    bed_type(b, "r");
    assert_true(bed_shows(b, "[ ] bea: business"));
    assert_true(bed_shows(b, "lapses in 59 d 23 h, never used"));
    assert_true(bed_shows(b, "used 2026-01-05 "));
    bed_press(b, PRESS_ENTER); /* nothing is marked: nothing is asked */
    assert_true(bed_shows(b, "Who keeps which role?"));
    answer(b, "bill: business", "67");
    golden(b, "review-roles");
    assert_true(bed_shows(b, "[x] bea: business"));
    bed_press(b, PRESS_ENTER);
    enter(b, "What did you look at?", "Their line manager says so.");
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_access_review_content_decode(proposed(b), &arena, &c).code, CS_OK);
    assert_int_equal(c.count, 2);
    assert_true(span_is(c.item[0].person, "bea") && span_is(c.item[0].roles[0], "business"));
    assert_true(span_is(c.item[1].person, "bill") && span_is(c.initiator, "tom"));
    arena_release(&arena);
    (void)bed_takes_proposal(b, KIND_ACCESS_REVIEW);
    golden(b, "read-access-review");
    assert_true(bed_shows(b, "Access review"));
    bed_read_all(b);
    comes(b, "olga");
    bed_type(b, "a");
    assert_int_equal(b->flow.state, FLOW_DECIDE);
}

/* A review that too few could sign is not even asked for. */
static void enough_officers_are_left_to_sign(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;

    comes(b, "tom");
    bed_type(b, "r");
    bed_type(b, "12345678"); /* all that is on the first page */
    bed_press(b, PRESS_ENTER);
    enter(b, "What did you look at?", "Everybody.");
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_int_equal(b->flow.message.word, WORD_TOO_FEW_LEFT);
    golden(b, "review-too-few");
}

/* ---- shifts */

/* tom and tina in turns of a day, from yesterday on; with so many shifts. */
static void put_duty(struct bed_visit *v, size_t shifts, size_t people)
{
    struct arena a;
    arena_init(&a, 1 << 20);
    struct duty_roster *r = arena_alloc(&a, sizeof(*r));
    struct roster_change *put = arena_alloc(&a, sizeof(*put));
    struct duty_shift *all = arena_array(&a, shifts, sizeof(*all));
    if (r == NULL || put == NULL || all == NULL) {
        abort();
    }
    *r = (struct duty_roster){.shifts = all};
    const uint64_t midnight = author_log_now(v->log) / DAY_MS * DAY_MS;
    *put = (struct roster_change){.op = CHANGE_PUT_DUTY, .id = SPAN_LIT("ops"), .duty = r};
    r->id = put->id;
    r->zone = SPAN_LIT("Europe/Berlin");
    r->hand_over_s = 900;
    for (; r->shift_count < shifts; r->shift_count++) {
        struct duty_shift *s = &all[r->shift_count];
        *s = (struct duty_shift){.person_count = 0};
        s->from_ms = midnight + r->shift_count * DAY_MS - DAY_MS;
        s->until_ms = s->from_ms + DAY_MS;
        s->people[s->person_count++] = r->shift_count % 2 == 0 ? SPAN_LIT("tina") : SPAN_LIT("tom");
        if (people > 1) {
            s->people[0] = SPAN_LIT("tina");
            s->people[s->person_count++] = SPAN_LIT("tom");
        }
    }
    assert_true(author_change_roster(v->log, put, 1).allow);
    arena_release(&a);
    struct policy_doc *doc = &author_log_judge(v->log)->state.policy->doc;
    doc->duties = duties;
    doc->duty_count = 1;
    bed_fold(&v->bed);
}

static void a_shift_is_swapped_for_another(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    struct roster_content *c = calloc(1, sizeof(*c));
    struct arena arena;

    assert_non_null(c);
    put_duty(v, 4, 1);
    comes(b, "tom");
    bed_type(b, "s");
    golden(b, "swap-shift");
    assert_false(bed_shows(b, "2026-01-04")); /* it is over */
    answer(b, "2026-01-05 00:00 to 2026-01-06 00:00", "1");
    golden(b, "swap-takes");
    answer(b, "Who takes it?", "1");
    golden(b, "swap-back");
    assert_true(bed_shows(b, "Do they give one for it?"));
    answer(b, "2026-01-06 00:00 to 2026-01-07 00:00", "2");
    enter(b, "Why?", "The dentist.");
    assert_int_equal(b->flow.state, FLOW_PROPOSING);
    arena_init(&arena, 1 << 20);
    assert_int_equal(model_roster_content_decode(proposed(b), &arena, c).code, CS_OK);
    const struct duty_roster *r = c->changes.item[0].duty;
    assert_int_equal(r->shift_count, 3);
    assert_true(span_is(r->shifts[0].people[0], "tina") && span_is(r->shifts[1].people[0], "tom"));
    assert_true(span_is(r->shifts[2].people[0], "tom"));
    assert_int_equal(r->shifts[0].until_ms - r->shifts[0].from_ms, DAY_MS); /* and not the hand-over besides */
    assert_int_equal(r->hand_over_s, 900);
    assert_true(span_is(r->zone, "Europe/Berlin") && span_is(c->title, "Swap shifts of tom and tina"));
    (void)bed_takes_proposal(b, KIND_ROSTER);
    assert_true(flow_can_take_back(&b->flow, &b->world));
    AUTO_WRITER w = wr_heap(1 << 20);
    golden(b, "read-swap-1");
    bed_twin(b, &w);
    bed_press(b, PRESS_PAGE_DOWN);
    golden(b, "read-swap-2");
    bed_twin(b, &w);
    static const char *const lines[] = {
        "[-] 2026-01-05 00:00 to 2026-01-06 00:00: tom", "[+] 2026-01-05 00:00 to 2026-01-06 00:00: tina",
        "[-] 2026-01-06 00:00 to 2026-01-07 00:00: tina", "[+] 2026-01-06 00:00 to 2026-01-07 00:00: tom",
        "[x] 2026-01-07 00:00 to 2026-01-08 00:00: tom"};
    struct span rest = wr_span(&w);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) { /* in this order */
        const uint8_t *at = rest.left > 0 ? memmem(rest.p, rest.left, lines[i], strlen(lines[i])) : NULL;
        if (at == NULL) {
            fail_msg("%s: not there\n%.*s", lines[i], (int)w.len, (const char *)wr_span(&w).p);
        }
        rest = span_from(rest, (size_t)(at - rest.p));
    }
    arena_release(&arena);
    free(c);
}

/* Officers sign every digit of a time. */
static void a_shift_between_two_minutes_is_shown_as_it_is(void **state)
{
    struct bed_visit *v = *state;
    struct duty_shift s = {.from_ms = 1767603601000, .until_ms = 1767603661050, .person_count = 1};
    const struct duty_roster r = {.id = SPAN_LIT("ops"), .zone = SPAN_LIT("UTC"), .shifts = &s, .shift_count = 1};
    static const char want[] = "2026-01-05 09:00:01 to 2026-01-05 09:01:01.050: tom";
    struct arena arena;
    struct doc d;
    struct pages p;
    bool shown = false;

    s.people[0] = SPAN_LIT("tom");
    arena_init(&arena, 1 << 20);
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    screen_read_duty(&d, &r, &author_log_judge(v->log)->state);
    assert_int_equal(screen_pages(&d, 100, 40, &arena, &p).code, CS_OK);
    for (size_t i = 0; i < p.line_count; i++) {
        for (size_t k = 0; k < p.lines[i].count; k++) {
            shown = shown || span_is(p.lines[i].pieces[k].text, want);
        }
    }
    assert_true(shown);
    arena_release(&arena);
}

/* What could not be read to its end could not be signed: it is refused when it is asked for. */
static void a_roster_of_too_many_pages_is_not_asked_for(void **state)
{
    struct bed_visit *v = *state;
    struct bed *b = &v->bed;
    static const char *const roles[] = {"tech"};
    struct roster_change uwe[2];
    struct arena arena;

    arena_init(&arena, 1 << 20);
    assert_int_equal(author_log_person(v->log, "uwe", roles, 1, &arena, uwe).code, CS_OK);
    assert_true(author_change_roster(v->log, uwe, 2).allow);
    arena_release(&arena);
    put_duty(v, 250, 2);
    comes(b, "tom");
    bed_type(b, "s");
    answer(b, "Which shift?", "1");
    answer(b, "Who leaves it?", "2");
    answer(b, "Who takes it?", "1");
    enter(b, "Why?", "The dentist.");
    assert_int_equal(b->flow.state, FLOW_FORM);
    assert_int_equal(b->flow.message.word, WORD_TOO_LONG);
    golden(b, "swap-too-long");
    assert_int_equal(bed_count(b, ASK_PROPOSE), 0);
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, set_up, bed_tear_down)
int main(int argc, char **argv)
{
    golden_begin(argc, argv);
    const struct CMUnitTest tests[] = {
        WITH(a_delegation_is_asked_and_read),
        WITH(nobody_else_signs_it),
        WITH(what_was_lent_is_taken_back),
        WITH(a_change_of_people_begins_anew),
        WITH(of_many_one_is_named),
        WITH(what_the_policy_does_not_have_says_so),
        WITH(roles_are_kept_line_by_line),
        WITH(enough_officers_are_left_to_sign),
        WITH(a_shift_between_two_minutes_is_shown_as_it_is),
        WITH(a_shift_is_swapped_for_another),
        WITH(a_roster_of_too_many_pages_is_not_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
