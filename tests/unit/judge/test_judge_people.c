/* SPDX-License-Identifier: Apache-2.0 */
/* People who are suspended and restored. Requirements 2.1, 2.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/author_change.h"

enum { CAP_BYTES = 64 << 20 };

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static int begin(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    author_log_standard(l);
    *state = l;
    return 0;
}

static int end(void **state)
{
    author_log_free(*state);
    return 0;
}

static void expect(struct verdict v, enum policy_reason want, const char *what)
{
    if (v.reason != want || v.allow != (want == REASON_OK)) {
        fail_msg("%s: %s (%s), wanted %s", what, policy_reason_code(v.reason), v.cause.msg, policy_reason_code(want));
    }
}

static uint64_t opened(struct author_log *l, const char *title)
{
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = title}, &id), REASON_OK, title);
    return id;
}

static struct verdict approve(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static struct verdict change(struct author_log *l, enum change_op op, const char *who)
{
    struct roster_change c = {.op = op, .id = span_str(who)};
    return author_change_roster(l, &c, 1);
}

/* Asked for, and not signed. */
static struct verdict asked(struct author_log *l, struct roster_change *items, size_t n, const char *by,
                            uint64_t *ret_id)
{
    const struct roster_content c = {.changes = {.item = items, .count = n},
                                     .initiator = span_str(by),
                                     .reason = SPAN_LIT("as agreed"),
                                     .title = SPAN_LIT("Roster")};
    AUTO_WRITER text = wr_heap(MODEL_LEAF_MAX);
    assert_int_equal(model_roster_content_encode(&c, &text).code, CS_OK);
    return author_log_propose(l, KIND_ROSTER, wr_span(&text), ret_id);
}

static void who_is_suspended_signs_nothing(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(change(l, CHANGE_SUSPEND_PERSON, "tom"), REASON_OK, "suspend");
    expect(approve(l, "tom", id, tech), REASON_SUSPENDED, "tom");
    expect(author_log_decide(l, "tom", id, tech, DECISION_REJECT, "nothing of it is ready", NULL), REASON_SUSPENDED,
           "tom says no");
    expect(approve(l, "tina", id, tech), REASON_OK, "tina");
    expect(change(l, CHANGE_RESTORE_PERSON, "tom"), REASON_OK, "restore");
    expect(approve(l, "tom", opened(l, "Next release"), tech), REASON_OK, "tom again");
}

/* What was signed stands only as long as its signer does, whether it is approved or not. */
static void signatures_of_the_suspended_hold_no_seat(void **state)
{
    struct author_log *l = *state;
    const uint64_t open = opened(l, "Open");
    const uint64_t done = opened(l, "Approved");
    expect(approve(l, "tom", open, tech), REASON_OK, "tom");
    expect(approve(l, "tom", done, tech), REASON_OK, "tom");
    expect(approve(l, "bea", done, business), REASON_OK, "bea");
    expect(change(l, CHANGE_SUSPEND_PERSON, "tom"), REASON_OK, "suspend");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "used");
    expect(approve(l, "tina", open, tech), REASON_OK, "the seat is free");
    expect(approve(l, "bea", open, business), REASON_OK, "bea");
    expect(author_log_redeem(l, open, false), REASON_OK, "two who count");
    expect(change(l, CHANGE_RESTORE_PERSON, "tom"), REASON_OK, "restore");
    expect(author_log_redeem(l, done, false), REASON_OK, "it stands again");
}

static void a_suspension_begins_and_ends_once_and_stays(void **state)
{
    struct author_log *l = *state;
    uint64_t id = 0;
    struct roster_change twice[2] = {{.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("tom")},
                                     {.op = CHANGE_RESTORE_PERSON, .id = SPAN_LIT("tom")}};
    expect(change(l, CHANGE_SUSPEND_PERSON, "mallory"), REASON_ROSTER_INVALID, "nobody");
    expect(change(l, CHANGE_RESTORE_PERSON, "tom"), REASON_ROSTER_INVALID, "not suspended");
    expect(asked(l, twice, 2, "system:operator", &id), REASON_ROSTER_INVALID, "named twice");
    expect(change(l, CHANGE_SUSPEND_PERSON, "tom"), REASON_OK, "suspend");
    expect(change(l, CHANGE_SUSPEND_PERSON, "tom"), REASON_ROSTER_INVALID, "suspended already");
    expect(author_change_roles(l, "tom", "business tech"), REASON_OK, "put anew");
    expect(approve(l, "tom", opened(l, "Release"), tech), REASON_SUSPENDED, "still");
}

static void nobody_decides_about_their_own_suspension(void **state)
{
    struct author_log *l = *state;
    struct roster_change olga = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("olga")};
    uint64_t id = 0;
    expect(asked(l, &olga, 1, "system:operator", &id), REASON_OK, "olga");
    expect(approve(l, "olga", id, "officers/officers"), REASON_IS_SUBJECT, "her own");
    expect(approve(l, "omar", id, "officers/officers"), REASON_OK, "omar");
    expect(approve(l, "odette", id, "officers/officers"), REASON_OK, "odette");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "suspended");
    olga.op = CHANGE_RESTORE_PERSON;
    expect(asked(l, &olga, 1, "system:operator", &id), REASON_OK, "back");
    expect(approve(l, "olga", id, "officers/officers"), REASON_SUSPENDED, "not by herself");
    expect(approve(l, "omar", id, "officers/officers"), REASON_OK, "omar");
    expect(approve(l, "odette", id, "officers/officers"), REASON_OK, "odette");
    expect(author_log_effect(l, ENTRY_ROSTER, id), REASON_OK, "restored");
}

static void who_is_suspended_asks_for_nothing(void **state)
{
    struct author_log *l = *state;
    struct roster_change tina = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("tina")};
    uint64_t id = 0;
    expect(change(l, CHANGE_SUSPEND_PERSON, "tom"), REASON_OK, "suspend");
    expect(asked(l, &tina, 1, "tom", &id), REASON_SUSPENDED, "by tom");
    expect(asked(l, &tina, 1, "bea", &id), REASON_OK, "by bea");
}

/* Nobody is counted who cannot sign: neither among officers nor where a policy asks for people. */
static void the_suspended_are_not_counted(void **state)
{
    struct author_log *l = *state;
    struct roster_change two[2] = {{.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("odette")},
                                   {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("omar")}};
    static const char rule[] = "{\"id\":\"r\",\"require\":{\"seats\":[{\"count\":2,\"id\":\"a\",\"role\":\"tech\"}]}}";
    uint64_t id = 0;
    expect(asked(l, two, 2, "system:operator", &id), REASON_TOO_FEW_OFFICERS, "one officer left");
    expect(author_change_policy(l, rule), REASON_OK, "two of two");
    expect(change(l, CHANGE_SUSPEND_PERSON, "tom"), REASON_OK, "suspend");
    expect(author_change_policy(l, rule), REASON_UNFILLABLE_SEAT, "two of one");
    expect(change(l, CHANGE_RESTORE_PERSON, "tom"), REASON_OK, "restore");
    expect(author_change_policy(l, rule), REASON_OK, "two of two again");

    /* odette asks for policies in these tests, so she is the one who is suspended */
    expect(author_change_roster(l, two, 1), REASON_OK, "two officers left");
    expect(asked(l, &two[1], 1, "system:operator", &id), REASON_TOO_FEW_OFFICERS, "not one more");
    two[0].op = CHANGE_RESTORE_PERSON;
    expect(asked(l, two, 2, "system:operator", &id), REASON_OK, "one back, one out");
    struct roster_change put = {.op = CHANGE_PUT_PERSON, .id = two[0].id};
    put.person = (struct person){.id = put.id, .roles = {SPAN_LIT("officer")}, .role_count = 1};
    two[0] = put;
    expect(asked(l, two, 2, "system:operator", &id), REASON_TOO_FEW_OFFICERS, "putting her anew lifts nothing");
}

/* The state's digest tells a suspension, and a restored person leaves no trace in it beside the entries. */
static void the_digest_tells(void **state)
{
    struct author_log *l = *state;
    const struct state *s = &author_log_judge(l)->state;
    struct state_person *tom = state_person_find(s, SPAN_LIT("tom"));
    const struct sha256 before = state_digest(s);
    assert_false(tom->suspended);
    tom->suspended = true;
    const struct sha256 suspended = state_digest(s);
    assert_false(sha256_eq(&before, &suspended));
    tom->suspended = false;
    const struct sha256 after = state_digest(s);
    assert_true(sha256_eq(&before, &after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(who_is_suspended_signs_nothing, begin, end),
        cmocka_unit_test_setup_teardown(signatures_of_the_suspended_hold_no_seat, begin, end),
        cmocka_unit_test_setup_teardown(a_suspension_begins_and_ends_once_and_stays, begin, end),
        cmocka_unit_test_setup_teardown(nobody_decides_about_their_own_suspension, begin, end),
        cmocka_unit_test_setup_teardown(who_is_suspended_asks_for_nothing, begin, end),
        cmocka_unit_test_setup_teardown(the_suspended_are_not_counted, begin, end),
        cmocka_unit_test_setup_teardown(the_digest_tells, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
