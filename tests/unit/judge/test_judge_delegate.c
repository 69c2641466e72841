/* SPDX-License-Identifier: Apache-2.0 */
/* Standing in for somebody: who may lend what to whom, and what it is good for. Requirements 2.3, 2.5. */
#include "judge_bed.h"

#include "model/model_state_delegate.h"
#include "support/author_change.h"

enum { HOUR_MS = 3600000 };

#define DAY_MS     ((uint64_t)24 * HOUR_MS)
#define DELEGATION "\"delegation\":[{\"most_s\":864000,\"role\":\"tech\",\"to\":[\"deputy\"]}],"
#define NO_RULES   ""
#define MORE_ROLES "\"roles\":[\"business\",\"deputy\",\"officer\",\"tech\"],"

static const char tech[] = "production/tech";
static const char business[] = "production/business";

/* The policy in force, with the role deputy and, if it is said, who may stand in. */
static void adopt(struct author_log *l, const char *delegation)
{
    const struct span now = author_log_judge(l)->state.policy->text;
    const uint8_t *environments = memmem(now.p, now.left, "\"environments\":", 15);
    const uint8_t *roles = memmem(now.p, now.left, "\"roles\":", 8);
    const uint8_t *rules = memmem(now.p, now.left, "\"rules\":", 8);
    const uint8_t *version = memmem(now.p, now.left, "\"version\":", 10);
    const uint8_t *had = memmem(now.p, now.left, "\"delegation\":", 13);
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    assert_true(environments != NULL && roles != NULL && rules != NULL && version != NULL);
    wr_bytes(&w, span_make(now.p, (size_t)((had != NULL ? had : environments) - now.p)));
    wr_text(&w, delegation);
    wr_bytes(&w, span_make(environments, (size_t)(roles - environments)));
    wr_text(&w, MORE_ROLES);
    wr_bytes(&w, span_make(rules, (size_t)(version + 10 - rules)));
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

/* tom and tina are tech; dora is a deputy with a key, bea of the business is one, too. */
static int begin(void **state)
{
    static const char *const deputy[] = {"deputy"};
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    struct arena a;
    assert_non_null(l);
    author_log_standard(l);
    adopt(l, DELEGATION);
    arena_init(&a, 16 << 20);
    struct roster_change *dora = arena_array(&a, 2, sizeof(*dora));
    assert_non_null(dora);
    assert_int_equal(author_log_person(l, "dora", deputy, 1, &a, dora).code, CS_OK);
    expect(author_change_roster(l, dora, 2), REASON_OK, "dora");
    arena_release(&a);
    expect(author_change_roles(l, "bea", "business deputy"), REASON_OK, "bea");
    *state = l;
    return 0;
}

static uint64_t opened_by(struct author_log *l, const char *title, const char *initiator, const char *author)
{
    uint64_t id = 0;
    const struct author_request q = {.title = title, .initiator = initiator, .author = author};
    expect(author_log_request(l, &q, &id), REASON_OK, title);
    return id;
}

static struct verdict approve_by(struct author_log *l, const char *who, uint64_t id, const char *seat, uint64_t by)
{
    return author_log_decide(l, who, id, seat, DECISION_APPROVE, NULL, &(struct author_wrong){.delegation = by});
}

static struct verdict asked(struct author_log *l, const struct delegate_content *c, uint64_t *ret_id)
{
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_delegate_content_encode(c, &text).code, CS_OK);
    return author_log_propose(l, KIND_DELEGATE, wr_span(&text), ret_id);
}

/* From now on for a day, from tom to dora, in his role tech. */
static struct delegate_content usual(struct author_log *l)
{
    return (struct delegate_content){.from_ms = author_log_now(l),
                                     .initiator = SPAN_LIT("tom"),
                                     .reason = SPAN_LIT("away"),
                                     .role = SPAN_LIT("tech"),
                                     .to = SPAN_LIT("dora"),
                                     .until_ms = author_log_now(l) + DAY_MS};
}

/* Asked for, signed by its delegator, in force. */
static uint64_t given(struct author_log *l, const struct delegate_content *c)
{
    char by[64];
    uint64_t id = 0;
    (void)snprintf(by, sizeof(by), "%.*s", (int)(c->initiator.left & 63U), (const char *)c->initiator.p);
    expect(asked(l, c, &id), REASON_OK, "asked");
    expect(approve(l, by, id, "delegation/delegator"), REASON_OK, "signed");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "in force");
    return id;
}

static void a_delegate_signs_in_the_place_of_one(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "dora", id, tech), REASON_NO_ROLE, "not of her own");
    const uint64_t g = given(l, &c);
    expect(approve(l, "dora", id, tech), REASON_NO_ROLE, "nor without saying for whom");
    expect(approve_by(l, "dora", id, tech, g), REASON_OK, "for tom");
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    assert_true(span_is(q->decisions[0].person->id, "dora"));
    assert_true(span_is(q->decisions[0].delegation->by->id, "tom"));
    expect(approve(l, "bea", id, business), REASON_OK, "bea");
    expect(author_log_redeem(l, id, false), REASON_OK, "used");
    assert_non_null(memmem(author_log_last_leaf(l).p, author_log_last_leaf(l).left, "envelope", 8));
}

/* --- giving --- */

static void a_delegation_is_signed_by_whose_role_it_is(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    uint64_t id = 0;
    expect(asked(l, &c, &id), REASON_OK, "asked");
    expect(approve(l, "tina", id, "delegation/delegator"), REASON_DELEGATION_PERSON, "another of the role");
    expect(approve(l, "dora", id, "delegation/delegator"), REASON_NO_ROLE, "the delegate");
    expect(approve(l, "olga", id, "delegation/delegator"), REASON_NO_ROLE, "an officer");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_NOT_APPROVED, "unsigned");
    expect(approve(l, "tom", id, "delegation/delegator"), REASON_OK, "tom");
    expect(author_log_effect(l, ENTRY_POLICY, id), REASON_WRONG_EFFECT, "as a policy");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "in force");
}

static void only_what_the_policy_lets_is_delegated(void **state)
{
    struct author_log *l = *state;
    struct span nowhere[] = {SPAN_LIT("moon")};
    struct span anywhere[] = {SPAN_LIT("production"), SPAN_LIT("staging")};
    uint64_t id = 0;
    struct delegate_content c = usual(l);
    c.initiator = SPAN_LIT("bill");
    c.role = SPAN_LIT("business");
    expect(asked(l, &c, &id), REASON_NOT_DELEGABLE, "a role that is not delegable");
    c = usual(l);
    c.initiator = SPAN_LIT("olga");
    c.role = SPAN_LIT("officer");
    expect(asked(l, &c, &id), REASON_NOT_DELEGABLE, "nor ever officers");
    c = usual(l);
    c.initiator = SPAN_LIT("dora");
    c.to = SPAN_LIT("bea");
    expect(asked(l, &c, &id), REASON_NO_ROLE, "somebody else's role");
    c = usual(l);
    c.to = SPAN_LIT("bill");
    expect(asked(l, &c, &id), REASON_DELEGATE_TO, "to somebody of another role");
    c.to = SPAN_LIT("mallory");
    expect(asked(l, &c, &id), REASON_DELEGATE_TO, "to nobody");
    c.to = SPAN_LIT("tom");
    expect(asked(l, &c, &id), REASON_DELEGATE_TO, "to oneself");
    c = usual(l);
    c.until_ms = c.from_ms + 10 * DAY_MS + 1;
    expect(asked(l, &c, &id), REASON_DELEGATION_TIME, "for too long");
    c.until_ms = c.from_ms + 10 * DAY_MS;
    expect(asked(l, &c, &id), REASON_OK, "for as long as may be");
    c.from_ms -= 2 * DAY_MS;
    c.until_ms = author_log_now(l);
    expect(asked(l, &c, &id), REASON_DELEGATION_TIME, "for what is past");
    c = usual(l);
    c.environments = nowhere;
    c.environment_count = 1;
    expect(asked(l, &c, &id), REASON_UNKNOWN_ENVIRONMENT, "for nowhere");
    c.environments = anywhere;
    c.environment_count = 2;
    expect(asked(l, &c, &id), REASON_OK, "for both");
    struct roster_change off = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("tom")};
    expect(author_change_roster(l, &off, 1), REASON_OK, "suspend");
    c = usual(l);
    expect(asked(l, &c, &id), REASON_SUSPENDED, "while suspended");
}

/* It is asked when it takes effect what was asked when it was proposed. */
static void what_does_not_hold_any_more_does_not_take_effect(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    uint64_t id = 0;
    expect(asked(l, &c, &id), REASON_OK, "asked");
    expect(approve(l, "tom", id, "delegation/delegator"), REASON_OK, "signed");
    expect(author_change_roles(l, "dora", "business"), REASON_OK, "dora is no deputy now");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_DELEGATE_TO, "too late");
}

/* --- using --- */

static void it_is_good_for_its_scope_and_time_only(void **state)
{
    struct author_log *l = *state;
    struct span staging[] = {SPAN_LIT("staging")};
    struct span ledger[] = {SPAN_LIT("ledger")};
    struct delegate_content c = usual(l);
    const uint64_t id = opened(l, "Release");
    c.from_ms += HOUR_MS;
    c.until_ms = c.from_ms + HOUR_MS;
    const uint64_t g = given(l, &c);
    c = usual(l);
    c.environments = staging;
    c.environment_count = 1;
    const uint64_t elsewhere = given(l, &c);
    c = usual(l);
    c.services = ledger;
    c.service_count = 1;
    const uint64_t other = given(l, &c);
    expect(approve_by(l, "dora", id, tech, elsewhere), REASON_DELEGATION_SCOPE, "another environment");
    expect(approve_by(l, "dora", id, tech, other), REASON_DELEGATION_SCOPE, "another service");
    expect(approve_by(l, "dora", id, tech, id), REASON_DELEGATION_SCOPE, "no delegation at all");
    expect(approve_by(l, "bea", id, tech, g), REASON_DELEGATION_SCOPE, "somebody else's");
    expect(approve_by(l, "dora", id, business, g), REASON_DELEGATION_SCOPE, "another role");
    expect(approve_by(l, "dora", id, tech, g), REASON_DELEGATION_SCOPE, "not yet");
    author_log_advance(l, HOUR_MS - (author_log_now(l) % HOUR_MS) % HOUR_MS + HOUR_MS / 2);
    expect(approve_by(l, "dora", id, tech, g), REASON_OK, "now");
    const uint64_t late = opened(l, "Late");
    author_log_advance(l, DAY_MS / 2);
    expect(approve_by(l, "dora", late, tech, g), REASON_DELEGATION_SCOPE, "over");
    uint64_t change = 0;
    struct roster_change nothing = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("bill")};
    const struct roster_content r = {.changes = {.item = &nothing, .count = 1},
                                     .initiator = SPAN_LIT("system:operator"),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Roster")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&r, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &change), REASON_OK, "propose");
    expect(approve_by(l, "dora", change, "officers/officers", other), REASON_DELEGATION_SCOPE,
           "people and policy never");
}

/* Whoever is kept apart lends nothing, and who stands in must be free to decide as well. */
static void both_must_be_free_to_decide(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    const uint64_t g = given(l, &c);
    expect(approve_by(l, "dora", opened_by(l, "Tom asked", "tom", NULL), tech, g), REASON_IS_REQUESTER, "tom asked");
    expect(approve_by(l, "dora", opened_by(l, "Dora asked", "dora", NULL), tech, g), REASON_IS_REQUESTER, "dora asked");
    expect(approve_by(l, "dora", opened_by(l, "Tom wrote", NULL, "tom"), tech, g), REASON_IS_AUTHOR, "tom wrote it");
    expect(approve_by(l, "dora", opened_by(l, "Dora wrote", NULL, "dora"), tech, g), REASON_IS_AUTHOR, "dora wrote it");
    expect(approve_by(l, "dora", opened(l, "Neither"), tech, g), REASON_OK, "neither");
}

/* Neither two seats for one who signs, nor two signatures for one who is signed for. */
static void nobody_fills_two_seats_by_it(void **state)
{
    struct author_log *l = *state;
    struct delegate_content c = usual(l);
    c.to = SPAN_LIT("bea"); /* who has a seat of her own to fill */
    const uint64_t to_bea = given(l, &c);
    c = usual(l);
    const uint64_t to_dora = given(l, &c);
    const uint64_t two = opened(l, "Two seats");
    expect(approve(l, "bea", two, business), REASON_OK, "bea's own");
    expect(approve_by(l, "bea", two, tech, to_bea), REASON_ALREADY_SIGNED, "and tom's");
    expect(approve_by(l, "dora", two, tech, to_dora), REASON_OK, "dora for tom");

    expect(author_change_roles(l, "tom", "business tech"), REASON_OK, "tom could fill either");
    const uint64_t both = opened(l, "Tom and his delegate");
    expect(approve(l, "tom", both, business), REASON_OK, "tom himself");
    expect(approve_by(l, "dora", both, tech, to_dora), REASON_ALREADY_SIGNED, "and by dora");
    expect(approve(l, "tina", both, tech), REASON_OK, "tina");
    const uint64_t turned = opened(l, "The other way round");
    expect(approve_by(l, "dora", turned, tech, to_dora), REASON_OK, "dora for tom");
    expect(approve(l, "tom", turned, business), REASON_ALREADY_SIGNED, "tom himself");
    expect(approve(l, "bill", turned, business), REASON_OK, "bill");
    expect(author_log_redeem(l, turned, false), REASON_OK, "two people for two");
}

/* What somebody has by a delegation is not theirs to pass on. */
static void a_delegation_is_not_passed_on(void **state)
{
    struct author_log *l = *state;
    struct delegate_content c = usual(l);
    uint64_t id = 0;
    (void)given(l, &c);
    c.initiator = SPAN_LIT("dora");
    c.to = SPAN_LIT("bea");
    expect(asked(l, &c, &id), REASON_NO_ROLE, "dora lends what was lent");
}

/* --- ending --- */

static void it_ends_with_what_it_stands_on(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    const uint64_t g = given(l, &c);
    const uint64_t done = opened(l, "Approved");
    expect(approve_by(l, "dora", done, tech, g), REASON_OK, "dora");
    expect(approve(l, "bea", done, business), REASON_OK, "bea");
    expect(author_change_roles(l, "tom", "business"), REASON_OK, "tom is tech no more");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "used");
    expect(approve_by(l, "dora", opened(l, "Next"), tech, g), REASON_DELEGATION_SCOPE, "next");
    expect(author_change_roles(l, "tom", "tech"), REASON_OK, "tom is back");
    expect(author_change_roles(l, "dora", "business"), REASON_OK, "dora is no deputy");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "used");
    expect(author_change_roles(l, "dora", "deputy"), REASON_OK, "dora is back");
    struct roster_change off = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("tom")};
    expect(author_change_roster(l, &off, 1), REASON_OK, "suspend");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "used");
    off.op = CHANGE_RESTORE_PERSON;
    expect(author_change_roster(l, &off, 1), REASON_OK, "restore");
    adopt(l, NO_RULES);
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "no longer delegable");
    adopt(l, DELEGATION);
    author_log_advance(l, HOUR_MS);
    expect(author_log_redeem(l, done, false), REASON_OK, "all is as it was");
}

static void it_is_taken_back_by_who_gave_it(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    const uint64_t g = given(l, &c);
    const uint64_t done = opened(l, "Approved");
    struct delegate_content back = {
        .initiator = SPAN_LIT("tina"), .reason = SPAN_LIT("back early"), .revokes_set = true, .revokes = g};
    uint64_t id = 0;
    expect(approve_by(l, "dora", done, tech, g), REASON_OK, "dora");
    expect(approve(l, "bea", done, business), REASON_OK, "bea");
    expect(asked(l, &back, &id), REASON_DELEGATION_UNKNOWN, "somebody else");
    back.initiator = SPAN_LIT("tom");
    back.revokes = done;
    expect(asked(l, &back, &id), REASON_DELEGATION_UNKNOWN, "what is none");
    back.revokes = g;
    expect(asked(l, &back, &id), REASON_OK, "asked");
    expect(approve(l, "dora", id, "delegation/delegator"), REASON_NO_ROLE, "not by dora");
    expect(approve(l, "tom", id, "delegation/delegator"), REASON_OK, "tom");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "taken back");
    expect(approve_by(l, "dora", opened(l, "Next"), tech, g), REASON_DELEGATION_SCOPE, "next");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "what it carried");
    expect(asked(l, &back, &id), REASON_DELEGATION_UNKNOWN, "twice");
}

/* Who stands in does so on the delegator's shift. */
static void duty_is_the_delegators(void **state)
{
    struct author_log *l = *state;
    const struct state *s = &author_log_judge(l)->state;
    const struct delegate_content c = usual(l);
    const uint64_t g = given(l, &c);
    const uint64_t now = author_log_now(l);
    struct duty_shift shift = {
        .from_ms = now, .until_ms = now + HOUR_MS, .people = {SPAN_LIT("tom")}, .person_count = 1};
    const struct duty_roster duty = {
        .id = SPAN_LIT("ops"), .shifts = &shift, .shift_count = 1, .zone = SPAN_LIT("UTC")};
    struct roster_change put = {.op = CHANGE_PUT_DUTY, .id = duty.id, .duty = &duty};
    expect(author_change_roster(l, &put, 1), REASON_OK, "duty");
    adopt(l, DELEGATION "\"duty\":[{\"role\":\"tech\",\"roster\":\"ops\"}],");
    const uint64_t id = opened(l, "Release");
    const uint64_t next = opened(l, "Next");
    expect(approve_by(l, "dora", id, tech, g), REASON_OK, "on tom's shift");
    author_log_advance(l, 2 * HOUR_MS);
    expect(approve_by(l, "dora", next, tech, g), REASON_OFF_DUTY, "after it");
    assert_true(s->delegation_count == 1);
}

/* A delegation that is longer than the policy lets it be by now gives nothing. */
static void it_is_no_longer_than_the_policy_lets_it_be(void **state)
{
    struct author_log *l = *state;
    struct delegate_content c = usual(l);
    c.until_ms = author_log_now(l) + 9 * DAY_MS;
    const uint64_t g = given(l, &c);
    const uint64_t early = opened(l, "Early");
    expect(approve_by(l, "dora", early, tech, g), REASON_OK, "as the policy lets it be");
    adopt(l, "\"delegation\":[{\"most_s\":3600,\"role\":\"tech\",\"to\":[\"deputy\"]}],");
    author_log_advance(l, DAY_MS);
    expect(approve_by(l, "dora", opened(l, "Later"), tech, g), REASON_DELEGATION_SCOPE, "longer than it lets them be");
    adopt(l, DELEGATION);
    expect(approve_by(l, "dora", opened(l, "As before"), tech, g), REASON_OK, "as before");
}

/* Whoever had the key may have given it: what is signed by it waits for another delegation. */
static void it_ends_with_the_key_that_signed_it(void **state)
{
    struct author_log *l = *state;
    const struct delegate_content c = usual(l);
    const uint64_t g = given(l, &c);
    const uint64_t id = opened(l, "Release");
    expect(approve_by(l, "dora", id, tech, g), REASON_OK, "dora");
    expect(author_change_revoke(l, "tom"), REASON_OK, "tom's key is lost");
    expect(approve_by(l, "dora", opened(l, "Next"), tech, g), REASON_DELEGATION_SCOPE, "with it");
    expect(approve(l, "bea", id, business), REASON_OK, "bea");
    expect(author_log_redeem(l, id, false), REASON_NOT_APPROVED, "half");
    expect(approve(l, "tina", id, tech), REASON_OK, "tina");
    expect(author_log_redeem(l, id, false), REASON_OK, "whole");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_delegate_signs_in_the_place_of_one, begin, end),
        cmocka_unit_test_setup_teardown(a_delegation_is_signed_by_whose_role_it_is, begin, end),
        cmocka_unit_test_setup_teardown(only_what_the_policy_lets_is_delegated, begin, end),
        cmocka_unit_test_setup_teardown(what_does_not_hold_any_more_does_not_take_effect, begin, end),
        cmocka_unit_test_setup_teardown(it_is_good_for_its_scope_and_time_only, begin, end),
        cmocka_unit_test_setup_teardown(both_must_be_free_to_decide, begin, end),
        cmocka_unit_test_setup_teardown(nobody_fills_two_seats_by_it, begin, end),
        cmocka_unit_test_setup_teardown(a_delegation_is_not_passed_on, begin, end),
        cmocka_unit_test_setup_teardown(it_ends_with_what_it_stands_on, begin, end),
        cmocka_unit_test_setup_teardown(it_is_taken_back_by_who_gave_it, begin, end),
        cmocka_unit_test_setup_teardown(duty_is_the_delegators, begin, end),
        cmocka_unit_test_setup_teardown(it_ends_with_the_key_that_signed_it, begin, end),
        cmocka_unit_test_setup_teardown(it_is_no_longer_than_the_policy_lets_it_be, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
