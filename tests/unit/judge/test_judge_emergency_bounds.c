/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people who break glass might lean on, and cannot: a voucher for somebody else, a voucher of somebody whom the
 * rules keep apart, a signature over another sheet, rules of the past, a seat of the same name. D4, 6.3, 6.4, 6.6
 */
#include "judge_bed.h"

#include "policy/policy_emergency.h"
#include "support/author_glass.h"

static const struct glass_policy plain = {.version = 3};

static struct author_log *begin(const struct glass_policy *how)
{
    struct author_log *l = standard_log();
    glass_policy(l, how);
    return l;
}

static enum request_status status(struct author_log *l, uint64_t id)
{
    return state_request_find(state_of(l), id)->status;
}

static uint64_t opened_asking(struct author_log *l, const struct glass_ask *ask)
{
    uint64_t id = 0;
    expect(glass_open(l, ask, &id), REASON_OK, "open");
    return id;
}

/* The plain policy with another text in one place. */
static struct verdict adopt_with(struct author_log *l, uint64_t version, const char *from, const char *to)
{
    AUTO_WRITER plain_text = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER changed = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    glass_policy_text(&(struct glass_policy){.version = version}, &plain_text);
    wr_u8(&plain_text, 0);
    const char *t = (const char *)wr_span(&plain_text).p;
    const char *at = strstr(t, from);
    assert_non_null(at);
    wr_bytes(&changed, span_make((const uint8_t *)t, (size_t)(at - t)));
    wr_text(&changed, to);
    wr_text(&changed, at + strlen(from));
    const struct policy_content p = {
        .initiator = SPAN_LIT("odette"), .policy = wr_span(&changed), .title = SPAN_LIT("Emergencies")};
    assert_int_equal(model_policy_content_encode(&p, &text).code, CS_OK);
    const struct verdict v = author_log_propose(l, KIND_POLICY, wr_span(&text), &id);
    if (!v.allow) {
        return v;
    }
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    return author_log_effect(l, ENTRY_POLICY, id);
}

/* --- vouchers --- */

static void a_voucher_for_one_is_not_signed_upon_by_another(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t v = glass_voucher_signed(l, &(struct glass_voucher){.person = "tina"});
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    const uint64_t m = opened_asking(l, &(struct glass_ask){.request = q, .initiator = "tina", .voucher = v});
    expect(glass_sign(l, "tom", m, "emergency/operator", "1-1"), REASON_VOUCHER_SCOPE, "tom, in her name");
    expect(author_log_grant(l, m, NULL), REASON_NOT_APPROVED, "nobody signed");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "tina");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    author_log_free(l);
}

static void who_holds_a_voucher_signs_first(void **state)
{
    struct author_log *l = begin(&plain);
    (void)state;
    (void)glass_break(l, glass_request(l, "One", NULL));
    (void)glass_break(l, glass_request(l, "Two", NULL));
    const uint64_t v = glass_voucher_signed(l, &(struct glass_voucher){0});
    const uint64_t m = opened_asking(l, &(struct glass_ask){.request = glass_request(l, "Three", NULL), .voucher = v});
    expect(glass_sign(l, "olga", m, "emergency/second", "1-3"), REASON_VOUCHER_SCOPE, "it is not for officers");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "it is for her");
    author_log_advance(l, 120000);
    expect(glass_sign(l, "olga", m, "emergency/second", "1-3"), REASON_VOUCHER_SCOPE, "she is gone");
    expect(glass_sign(l, "tom", m, "emergency/operator", "1-1"), REASON_OK, "for the role, so for him");
    expect(glass_sign(l, "olga", m, "emergency/second", "1-3"), REASON_OK, "with him");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    author_log_free(l);
}

static void a_voucher_goes_around_no_separation(void **state)
{
    static const struct {
        const char *what;
        struct author_request of;
    } rows[] = {
        {"of its author", {.title = "A", .author = "bea"}},
        {"of who asked for it", {.title = "R", .initiator = "bea"}},
        {"of both", {.title = "B", .initiator = "bea", .author = "bea"}},
    };
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t v = glass_voucher_signed(l, &(struct glass_voucher){0});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t q = 0;
        uint64_t id = 0;
        expect(author_log_request(l, &rows[i].of, &q), REASON_OK, rows[i].what);
        expect(glass_open(l, &(struct glass_ask){.request = q, .voucher = v}, &id), REASON_VOUCHER_SCOPE, rows[i].what);
        const uint64_t m = opened_asking(l, &(struct glass_ask){.request = q, .anchor = "INC-2"});
        expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"),
               rows[i].of.initiator != NULL ? REASON_IS_REQUESTER : REASON_IS_AUTHOR, "herself");
    }
    author_log_free(l);
}

/* A stricter policy after it was opened: the seat empties, and there is no signing. */
static void a_voucher_falls_when_its_giver_is_kept_apart(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t q = 0;
    (void)state;
    expect(adopt_with(l, 4, "\"separate\":[\"authors\",\"initiator\"]", "\"separate\":[\"initiator\"]"), REASON_OK,
           "looser");
    expect(author_log_request(l, &(struct author_request){.title = "A", .author = "bea"}, &q), REASON_OK, "hers");
    const uint64_t v = glass_voucher_signed(l, &(struct glass_voucher){0});
    const uint64_t m = opened_asking(l, &(struct glass_ask){.request = q, .voucher = v});
    glass_policy(l, &(struct glass_policy){.version = 5});
    struct arena a;
    struct sheet sheet;
    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(state_of(l), state_request_find(state_of(l), m), &a, &sheet).code, CS_OK);
    assert_int_equal(policy_sheet_seat(&sheet, SPAN_LIT("emergency/endorse"))->have, 0);
    arena_release(&a);
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_VOUCHER_SCOPE, "with her voucher");
    author_log_free(l);
}

/* --- what was signed --- */

static void a_clock_entry_empties_the_seat(void **state)
{
    struct author_log *l = begin(&(struct glass_policy){.version = 3, .untrusted_clock = true});
    (void)state;
    const uint64_t m = opened_asking(l, &(struct glass_ask){.request = glass_request(l, "Hotfix", NULL)});
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    expect(author_log_clock(l, 500000), REASON_OK, "back");
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse");
    assert_int_equal(status(l, m), STATUS_ELIGIBLE);
    expect(author_log_grant(l, m, NULL), REASON_NOT_APPROVED, "tina signed for a clock that could be trusted");
    expect(author_log_clock(l, 400000), REASON_OK, "still back: the same lines, but time was set");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator again");
    assert_int_equal(status(l, m), STATUS_ELIGIBLE);
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse again");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    author_log_free(l);
}

/* The budget's period goes on with time alone: no entry says so. */
static void a_budget_that_slides_empties_the_seat(void **state)
{
    enum { PERIOD_S = 2592000, WINDOW_MS = 120000 };
    struct author_log *l = begin(&plain);
    (void)state;
    const uint64_t one = glass_break(l, glass_request(l, "One", NULL));
    author_log_advance(l, 10ULL * WINDOW_MS);
    const uint64_t two = glass_break(l, glass_request(l, "Two", NULL));
    const uint64_t ends_ms = state_of(l)->emergencies[0]->granted_ms + PERIOD_S * 1000ULL;
    author_log_advance(l, ends_ms - author_log_now(l) - WINDOW_MS / 2);
    glass_pay(l, one);
    glass_pay(l, two);
    const uint64_t m = opened_asking(l, &(struct glass_ask){.request = glass_request(l, "Three", NULL)});
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator, past the budget");
    author_log_advance(l, WINDOW_MS / 2);
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_OK, "endorse, within it");
    assert_int_equal(status(l, m), STATUS_ELIGIBLE);
    expect(author_log_grant(l, m, NULL), REASON_NOT_APPROVED, "they signed two sheets");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator again");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    author_log_free(l);
}

/* --- going back --- */

static size_t skipped(struct author_log *l, uint64_t emergency, const char *seat)
{
    struct arena a;
    struct sheet sheet;
    size_t n = 0;

    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(state_of(l), state_request_find(state_of(l), emergency), &a, &sheet).code, CS_OK);
    for (size_t i = 0; i < sheet.count; i++) {
        n += sheet.lines[i].kind == SHEET_SKIPPED && span_is(sheet.lines[i].id, seat) ? 1U : 0U;
    }
    arena_release(&a);
    return n;
}

static void going_back_is_judged_by_todays_rules(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t old = 0;
    (void)state;
    expect(adopt_with(l, 4, "\"separate\":[\"authors\",\"initiator\"]", "\"separate\":[\"initiator\"]"), REASON_OK,
           "looser");
    expect(author_log_request(l, &(struct author_request){.title = "A", .author = "bea"}, &old), REASON_OK, "hers");
    (void)glass_break(l, old); /* she may endorse it under that policy */
    glass_use(l, old);
    /* stricter again, with one more seat and fields and digests that the old one does not have */
    expect(adopt_with(l, 5, "\"bind\":[\"artifacts\"],\"fields\":[\"title\"],\"separate\":",
                      "\"bind\":[\"artifacts\",\"plan\"],\"fields\":[\"ticket\",\"title\"],"
                      "\"seats\":[{\"count\":1,\"id\":\"audit\",\"role\":\"officer\"}],\"separate\":"),
           REASON_OK, "stricter");
    const uint64_t m = opened_asking(l, &(struct glass_ask){.request = old});
    assert_int_equal(skipped(l, m, "audit"), 1);
    assert_int_equal(skipped(l, m, "tech"), 1);
    expect(glass_sign(l, "bea", m, "emergency/endorse", "1-2"), REASON_IS_AUTHOR, "not under this one");
    expect(glass_sign(l, "tina", m, "emergency/operator", "1-1"), REASON_OK, "operator");
    expect(glass_sign(l, "bill", m, "emergency/endorse", "1-2"), REASON_OK, "somebody else");
    expect(author_log_grant(l, m, NULL), REASON_OK, "grant");
    author_log_free(l);
}

/* --- reviews under two policies --- */

#define AUTHOR_SEAT "\"id\":\"author\",\"role\":\"tech\",\"self\":true"

static void a_review_seat_for_another_role_is_one_more(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    const uint64_t owed = glass_break(l, q);
    glass_use(l, q);
    expect(adopt_with(l, 4, AUTHOR_SEAT, "\"id\":\"author\",\"role\":\"business\",\"self\":false"), REASON_OK,
           "another role");
    expect(glass_review(l, owed, NULL, &id), REASON_OK, "review");
    expect(author_log_decide(l, "tina", id, "review/author", DECISION_APPROVE, NULL, NULL), REASON_OK, "as it was");
    expect(author_log_decide(l, "omar", id, "review/board", DECISION_APPROVE, NULL, NULL), REASON_OK, "board");
    expect(author_log_paid(l, id, owed), REASON_NOT_APPROVED, "today's author is missing");
    expect(author_log_decide(l, "bill", id, "review/author/v4", DECISION_APPROVE, NULL, NULL), REASON_OK, "business");
    expect(author_log_paid(l, id, owed), REASON_OK, "paid");
    author_log_free(l);
}

static void a_review_seat_is_self_only_if_both_policies_say_so(void **state)
{
    struct author_log *l = begin(&plain);
    uint64_t id = 0;
    (void)state;
    const uint64_t q = glass_request(l, "Hotfix", NULL);
    const uint64_t owed = glass_break(l, q);
    glass_use(l, q);
    expect(adopt_with(l, 4, AUTHOR_SEAT, "\"id\":\"author\",\"role\":\"tech\",\"self\":false"), REASON_OK, "not self");
    expect(glass_review(l, owed, NULL, &id), REASON_OK, "review");
    expect(author_log_decide(l, "tina", id, "review/author", DECISION_APPROVE, NULL, NULL), REASON_IS_REQUESTER,
           "who wrote it");
    expect(author_log_decide(l, "tom", id, "review/author", DECISION_APPROVE, NULL, NULL), REASON_OK, "somebody else");
    expect(author_log_decide(l, "omar", id, "review/board", DECISION_APPROVE, NULL, NULL), REASON_OK, "board");
    expect(author_log_paid(l, id, owed), REASON_OK, "paid");
    author_log_free(l);
}

/* --- who could sit --- */

/* Gives one person these roles. */
static void give_roles(struct author_log *l, const char *person, const char *first, const char *second)
{
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = span_str(person)};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    uint64_t id = 0;

    put.person.id = put.id;
    put.person.roles[put.person.role_count++] = span_str(first);
    if (second != NULL) {
        put.person.roles[put.person.role_count++] = span_str(second);
    }
    const struct roster_content change = {.changes = {.item = &put, .count = 1},
                                          .initiator = SPAN_LIT("system:operator"),
                                          .reason = SPAN_LIT("moved"),
                                          .title = SPAN_LIT("Roles")};
    assert_int_equal(model_roster_content_encode(&change, &text).code, CS_OK);
    expect(author_log_propose(l, KIND_ROSTER, wr_span(&text), &id), REASON_OK, "propose");
    expect(author_log_decide(l, "olga", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "olga");
    expect(author_log_decide(l, "omar", id, "officers/officers", DECISION_APPROVE, NULL, NULL), REASON_OK, "omar");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "effect");
}

/* The plain seats are operator (tech), endorse (business) and, past the budget, second (officer). */
static void every_seat_needs_a_person_of_its_own(void **state)
{
    static const struct {
        const char *people;
        enum policy_reason want;
        const char *what;
    } rows[] = {
        {"[\"bea\",\"olga\",\"tina\"]", REASON_OK, "tina operates, bea must leave it to her"},
        {"[\"bea\",\"bill\",\"olga\"]", REASON_OK, "bea operates, so bill endorses"},
        {"[\"bea\",\"olga\"]", REASON_UNFILLABLE_SEAT, "bea can sit in each of two seats, and only in one"},
        {"[\"bill\",\"olga\",\"omar\"]", REASON_UNFILLABLE_SEAT, "nobody operates"},
    };
    struct author_log *l = begin(&plain);
    (void)state;
    give_roles(l, "bea", "business", "tech");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER list = wr_heap(256);
        wr_text(&list, "\"people\":");
        wr_text(&list, rows[i].people);
        wr_text(&list, ",\"presence\":");
        wr_u8(&list, 0);
        expect(adopt_with(l, 4 + i, "\"presence\":", (const char *)wr_span(&list).p), rows[i].want, rows[i].what);
    }
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_voucher_for_one_is_not_signed_upon_by_another),
        cmocka_unit_test(who_holds_a_voucher_signs_first),
        cmocka_unit_test(a_voucher_goes_around_no_separation),
        cmocka_unit_test(a_voucher_falls_when_its_giver_is_kept_apart),
        cmocka_unit_test(a_clock_entry_empties_the_seat),
        cmocka_unit_test(a_budget_that_slides_empties_the_seat),
        cmocka_unit_test(going_back_is_judged_by_todays_rules),
        cmocka_unit_test(a_review_seat_for_another_role_is_one_more),
        cmocka_unit_test(a_review_seat_is_self_only_if_both_policies_say_so),
        cmocka_unit_test(every_seat_needs_a_person_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
