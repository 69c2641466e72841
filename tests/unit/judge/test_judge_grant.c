/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass afterwards: as long as what does a grant stand, what is left when it is not used, who pays. D4, 6.2, 6.4,
 * 6.5 */
#include "judge_bed_receipt.h"

#include "support/author_glass.h"

enum { TEXT_MAX = 65536, DAY_MS = 86400000 };

static struct author_log *begin(bool untrusted_clock)
{
    struct author_log *l = standard_log();
    glass_policy(l, &(struct glass_policy){.version = 3, .untrusted_clock = untrusted_clock});
    return l;
}

static struct verdict opens(struct author_log *l, uint64_t request)
{
    uint64_t id = 0;
    return glass_open(l, &(struct glass_ask){.request = request, .anchor = "INC-9"}, &id);
}

/* --- what is left when a grant is not used --- */

static void runs_out(struct author_log *l, uint64_t q)
{
    author_log_advance(l, 1800000);
    expect(author_log_expire(l, q), REASON_OK, "runs out");
}
static void is_withdrawn(struct author_log *l, uint64_t q)
{
    expect(author_log_withdraw(l, q, "client:ci"), REASON_OK, "withdraw");
}
static void drifts(struct author_log *l, uint64_t q)
{
    expect(author_log_redeem(l, q, true), REASON_OK, "drift");
}
static void is_revised(struct author_log *l, uint64_t q)
{
    uint64_t id = 0;
    const struct author_request r = {.title = "Other", .revises_set = true, .revises = q};
    expect(author_log_request(l, &r, &id), REASON_OK, "revise");
}

static void what_ran_outlives_a_grant_that_is_not_used(void **state)
{
    static void (*const ways[])(struct author_log *, uint64_t) = {runs_out, is_withdrawn, drifts, is_revised};
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct author_log *l = begin(false);
        const uint64_t q = glass_request(l, "Release 1", NULL);
        (void)glass_break(l, q);
        glass_use(l, q);
        const struct state_request was = *found(l, q);
        (void)glass_break(l, q);
        ways[i](l, q);
        const struct state_request *is = found(l, q);
        assert_int_equal(is->status, STATUS_SUCCEEDED);
        assert_true(is->redeem_index == was.redeem_index && is->grant == was.grant);
        assert_true(is->approved_ms == was.approved_ms && is->use_by_ms == was.use_by_ms);
        assert_true(is->successor == 0);
        receipt_holds(l, q);
        expect(opens(l, glass_request(l, "Back", "Release 1")), REASON_OK, "back to its digest");
        (void)glass_break(l, q); /* and to itself: it is used this time */
        glass_use(l, q);
        receipt_holds(l, q);
        ends(l);
    }
}

static void what_was_granted_first_ends_as_ever(void **state)
{
    struct author_log *l = begin(false);
    (void)state;
    const uint64_t a = glass_request(l, "One", NULL);
    (void)glass_break(l, a);
    is_withdrawn(l, a);
    assert_int_equal(found(l, a)->status, STATUS_WITHDRAWN);
    const uint64_t b = glass_request(l, "Two", NULL);
    (void)glass_break(l, b);
    drifts(l, b);
    assert_int_equal(found(l, b)->status, STATUS_VOID);
    ends(l);
}

static void the_eight_are_those_that_ran_last(void **state)
{
    struct author_log *l = begin(false);
    uint64_t release[9] = {0};
    (void)state;
    for (int i = 0; i < 8; i++) {
        char title[16];
        (void)snprintf(title, sizeof(title), "Release %d", i + 1);
        release[i] = glass_request(l, title, NULL);
        (void)glass_break(l, release[i]);
        glass_use(l, release[i]);
    }
    (void)glass_break(l, release[0]); /* back to the first: that is what runs */
    glass_use(l, release[0]);
    release[8] = glass_request(l, "Release 9", NULL);
    (void)glass_break(l, release[8]);
    glass_use(l, release[8]);
    expect(opens(l, release[0]), REASON_OK, "what ran just before");
    expect(opens(l, release[1]), REASON_NEVER_DEPLOYED, "what ran longest ago");
    ends(l);
}

/* --- as long as what it stands on --- */

/* The policy of the emergencies with one text in place of another, as often as it stands there. */
static void adopt_with(struct author_log *l, uint64_t version, const char *from, const char *to)
{
    AUTO_WRITER plain = wr_heap(TEXT_MAX);
    AUTO_WRITER bent = wr_heap(TEXT_MAX);
    bool any = false;

    glass_policy_text(&(struct glass_policy){.version = version}, &plain);
    wr_u8(&plain, 0);
    const char *rest = (const char *)plain.p;
    for (const char *at = strstr(rest, from); at != NULL; at = strstr(rest, from)) {
        wr_bytes(&bent, span_make((const uint8_t *)rest, (size_t)(at - rest)));
        wr_text(&bent, to);
        rest = at + strlen(from);
        any = true;
    }
    wr_text(&bent, rest);
    assert_true(any);
    author_log_adopt(l, wr_span(&bent));
}

/* A gate says before what the core says then. */
static enum request_status seen(struct author_log *l, uint64_t id)
{
    struct arena a;
    struct sheet sheet;
    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(&author_log_judge(l)->state, found(l, id), &a, &sheet).code, CS_OK);
    const enum request_status s = policy_status(found(l, id), &sheet);
    arena_release(&a);
    return s;
}

static void a_grant_stands_only_under_the_policy_in_force(void **state)
{
    static const struct {
        const char *what;
        const char *from;
        const char *to;
        enum policy_reason want;
    } rows[] = {
        {"the same", "\"window_s\":120", "\"window_s\":60", REASON_OK},
        {"no such kind", "\"id\":\"outage\"", "\"id\":\"outages\"", REASON_EMERGENCY_KIND},
        {"not there", "\"environments\":[\"production\"],\"id\":\"outage\"",
         "\"environments\":[\"staging\"],\"id\":\"outage\"", REASON_EMERGENCY_ENVIRONMENT},
        {"not of this type", "[\"normal\",\"rollback\"]", "[\"rollback\"]", REASON_EMERGENCY_CHANGE_TYPE},
        {"another role", "\"id\":\"endorse\",\"role\":\"business\"", "\"id\":\"endorse\",\"role\":\"officer\"",
         REASON_TOO_FEW_SIGNED},
        {"a seat that nobody filled", "\"id\":\"endorse\"", "\"id\":\"sponsor\"", REASON_TOO_FEW_SIGNED},
        {"not on the list", "\"presence\":{", "\"people\":[\"bill\",\"olga\",\"tina\"],\"presence\":{",
         REASON_TOO_FEW_SIGNED},
        {"a field more", "\"fields\":[\"title\"]", "\"fields\":[\"documentation.extra\",\"title\"]",
         REASON_MISSING_FIELD},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct author_log *l = begin(false);
        const uint64_t q = glass_request(l, "Hotfix", NULL);
        (void)glass_break(l, q);
        adopt_with(l, 4, rows[i].from, rows[i].to);
        assert_int_equal(seen(l, q), rows[i].want == REASON_OK ? STATUS_APPROVED : STATUS_PAUSED);
        expect(author_log_redeem(l, q, false), rows[i].want, rows[i].what);
        ends(l);
    }
}

static void without_emergencies_in_force_there_is_no_grant(void **state)
{
    struct author_log *l = begin(false);
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    (void)glass_break(l, q);
    glass_policy(l, &(struct glass_policy){.version = 4, .none = true});
    expect(author_log_redeem(l, q, false), REASON_NO_EMERGENCIES, "no emergencies");
    glass_policy(l, &(struct glass_policy){.version = 5});
    expect(author_log_redeem(l, q, false), REASON_OK, "and again");
    receipt_holds(l, q);
    ends(l);
}

static void a_role_that_is_taken_ends_the_grant(void **state)
{
    struct author_log *l = begin(false);
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = SPAN_LIT("bea")};
    struct span roles[] = {SPAN_LIT("tech")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    (void)glass_break(l, q);
    put.person.id = put.id;
    put.person.roles[0] = roles[0];
    put.person.role_count = 1;
    const struct roster_content change = {.changes = {.item = &put, .count = 1},
                                          .initiator = SPAN_LIT("system:operator"),
                                          .reason = SPAN_LIT("left"),
                                          .title = SPAN_LIT("Left")};
    assert_int_equal(model_roster_content_encode(&change, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "effect");
    expect(author_log_redeem(l, q, false), REASON_TOO_FEW_SIGNED, "bea is not of the business any more");
    ends(l);
}

/* Time rests under the policy in force, so the grant would never run out. */
static void both_policies_let_it_be_used_under_a_clock_that_is_back(void **state)
{
    struct author_log *l = begin(true);
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    (void)glass_break(l, q);
    glass_policy(l, &(struct glass_policy){.version = 4});
    expect(author_log_clock(l, 500000), REASON_OK, "back");
    expect(author_log_redeem(l, q, false), REASON_CLOCK, "the one in force does not");
    ends(l);
}

/* --- the debt --- */

static void a_debt_is_not_paid_in_advance(void **state)
{
    struct author_log *l = begin(false);
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    const uint64_t owed = glass_break(l, q);
    expect(glass_review(l, owed, NULL, &id), REASON_REVIEW_EARLY, "before its use");
    expect(author_log_redeem(l, q, false), REASON_OK, "use");
    expect(glass_review(l, owed, NULL, &id), REASON_REVIEW_EARLY, "before its outcome");
    expect(author_log_outcome(l, q, STATUS_SUCCEEDED), REASON_OK, "outcome");
    (void)glass_break(l, q); /* another one's grant is another debt's */
    glass_pay(l, owed);
    const uint64_t p = glass_request(l, "Never reported", NULL);
    const uint64_t late = glass_break(l, p);
    expect(author_log_redeem(l, p, false), REASON_OK, "use");
    author_log_advance(l, DAY_MS);
    glass_pay(l, late); /* due: nobody waits for an outcome any longer */
    ends(l);
}

static void who_signed_the_emergency_does_not_review_it(void **state)
{
    struct author_log *l = begin(false);
    uint64_t id = 0;
    uint64_t m = 0;
    (void)state;
    adopt_with(l, 4, "\"id\":\"board\",\"role\":\"officer\"", "\"id\":\"board\",\"role\":\"business\"");
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    const uint64_t owed = glass_break(l, q); /* tina and bea */
    glass_use(l, q);
    expect(glass_review(l, owed, NULL, &id), REASON_OK, "review");
#define BOARD(who) author_log_decide(l, who, id, "review/board", DECISION_APPROVE, NULL, NULL)
    expect(author_log_decide(l, "tina", id, "review/author", DECISION_APPROVE, NULL, NULL), REASON_OK, "her own seat");
    expect(BOARD("bea"), REASON_IS_GRANTER, "she signed it");
    expect(BOARD("bill"), REASON_OK, "somebody else");
    expect(author_log_paid(l, id, owed), REASON_OK, "paid");

    const uint64_t voucher = glass_voucher_signed(l, &(struct glass_voucher){0});
    const uint64_t p = glass_request(l, "Another", NULL);
    expect(glass_open(l, &(struct glass_ask){.request = p, .voucher = voucher}, &m), REASON_OK, "open");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    const uint64_t second = author_log_size(l) - 1;
    glass_use(l, p);
    expect(glass_review(l, second, NULL, &id), REASON_OK, "review");
    expect(BOARD("bea"), REASON_IS_GRANTER, "she gave the voucher");
    expect(BOARD("bill"), REASON_OK, "somebody else");
#undef BOARD
    ends(l);
}

static void a_debt_does_not_yield_to_spelling(void **state)
{
    struct author_log *l = begin(false);
    uint64_t q = 0;
    (void)state;
    (void)glass_break(l, glass_request(l, "One", NULL));
    author_log_advance(l, DAY_MS);
    expect(author_log_request(l, &(struct author_request){.title = "S", .service = "Payments"}, &q), REASON_OK, "q");
    expect(opens(l, q), REASON_REVIEW_OVERDUE, "the same service");
    ends(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_ran_outlives_a_grant_that_is_not_used),
        cmocka_unit_test(what_was_granted_first_ends_as_ever),
        cmocka_unit_test(the_eight_are_those_that_ran_last),
        cmocka_unit_test(a_grant_stands_only_under_the_policy_in_force),
        cmocka_unit_test(without_emergencies_in_force_there_is_no_grant),
        cmocka_unit_test(a_role_that_is_taken_ends_the_grant),
        cmocka_unit_test(both_policies_let_it_be_used_under_a_clock_that_is_back),
        cmocka_unit_test(a_debt_is_not_paid_in_advance),
        cmocka_unit_test(who_signed_the_emergency_does_not_review_it),
        cmocka_unit_test(a_debt_does_not_yield_to_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
