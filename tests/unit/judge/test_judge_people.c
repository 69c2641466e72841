/* SPDX-License-Identifier: Apache-2.0 */
/* People who are suspended and restored, and people on duty. Requirements 2.1, 2.5. */
#include "judge_bed.h"

#include "support/author_change.h"

static const char tech[] = "production/tech";
static const char business[] = "production/business";

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

/* --- duty --- */

enum { HOUR_MS = 3600000 };

/* One shift after the other, from a time on; names parted by blanks. */
struct test_shift {
    uint64_t from_ms;
    uint64_t until_ms;
    const char *people;
};

static struct verdict put_duty(struct author_log *l, const char *id, const struct test_shift *shifts, size_t n)
{
    struct duty_shift *made = calloc(n + 1, sizeof(*made));
    struct roster_change put = {.op = CHANGE_PUT_DUTY, .id = span_str(id)};
    assert_non_null(made);
    const struct duty_roster duty = {
        .id = put.id, .hand_over_s = 900, .shifts = made, .shift_count = n, .zone = SPAN_LIT("Europe/Berlin")};
    put.duty = &duty;
    for (size_t i = 0; i < n; i++) {
        made[i] = (struct duty_shift){.from_ms = shifts[i].from_ms, .until_ms = shifts[i].until_ms};
        for (struct span rest = span_str(shifts[i].people); rest.left > 0;) {
            const uint8_t *blank = memchr(rest.p, ' ', rest.left);
            const size_t len = blank != NULL ? (size_t)(blank - rest.p) : rest.left;
            made[i].people[made[i].person_count++] = span_make(rest.p, len);
            rest = span_from(rest, blank != NULL ? len + 1 : len);
        }
    }
    const struct verdict v = author_change_roster(l, &put, 1);
    free(made);
    return v;
}

/* The policy in force, with `duty` for these roles. */
static void adopt_duty(struct author_log *l, const char *duty)
{
    const struct span now = author_log_judge(l)->state.policy->text;
    AUTO_WRITER w = wr_heap(MODEL_LEAF_MAX);
    const uint8_t *at = memmem(now.p, now.left, "\"environments\":", 15);
    const uint8_t *version = memmem(now.p, now.left, "\"version\":", 10);
    const uint8_t *had = memmem(now.p, now.left, "\"duty\":", 7);
    assert_true(at != NULL && version != NULL);
    wr_bytes(&w, span_make(now.p, (size_t)((had != NULL ? had : at) - now.p)));
    wr_text(&w, duty);
    wr_bytes(&w, span_make(at, (size_t)(version + 10 - at)));
    wr_dec(&w, author_log_judge(l)->state.policy->doc.version + 1);
    wr_text(&w, "}");
    author_log_adopt(l, wr_span(&w));
}

#define DUTY_TECH "\"duty\":[{\"role\":\"tech\",\"roster\":\"ops\"}],"

static void who_is_off_duty_does_not_sign(void **state)
{
    struct author_log *l = *state;
    const uint64_t now = author_log_now(l);
    const struct test_shift shifts[] = {{now, now + 8 * HOUR_MS, "tom"},
                                        {now + 8 * HOUR_MS, now + 16 * HOUR_MS, "tina"}};
    expect(put_duty(l, "ops", shifts, 2), REASON_OK, "roster");
    adopt_duty(l, DUTY_TECH);
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tina", id, tech), REASON_OFF_DUTY, "before her shift");
    expect(author_log_decide(l, "tina", id, tech, DECISION_REJECT, "nothing of it is ready", NULL), REASON_OFF_DUTY,
           "nor does she say no");
    expect(approve(l, "bea", id, business), REASON_OK, "a role without a roster");
    expect(approve(l, "tom", id, tech), REASON_OK, "on duty");
}

/* The shift's first moment is in it, its last one is not, and a hand-over has both. */
static void shifts_begin_and_end_to_the_moment(void **state)
{
    enum { HAND_OVER_MS = 900000 };
    struct author_log *l = *state;
    const uint64_t change = author_log_now(l) + 8 * (uint64_t)HOUR_MS;
    const struct test_shift shifts[] = {{author_log_now(l), change, "tom"}, {change, change + 8 * HOUR_MS, "tina"}};
    expect(put_duty(l, "ops", shifts, 2), REASON_OK, "roster");
    adopt_duty(l, DUTY_TECH);
    const uint64_t one = opened(l, "One");
    const uint64_t two = opened(l, "Two");
    const uint64_t three = opened(l, "Three");
    author_log_advance(l, change - 1 - author_log_now(l));
    expect(approve(l, "tina", one, tech), REASON_OFF_DUTY, "one moment early");
    author_log_advance(l, change - author_log_now(l));
    expect(approve(l, "tina", one, tech), REASON_OK, "from the first moment on");
    author_log_advance(l, change + HAND_OVER_MS - 1 - author_log_now(l));
    expect(approve(l, "tom", two, tech), REASON_OK, "handing over");
    author_log_advance(l, change + HAND_OVER_MS - author_log_now(l));
    expect(approve(l, "tom", three, tech), REASON_OFF_DUTY, "it is handed over");
}

/* Duty is asked when somebody signs; what was signed stays when the shift is over. */
static void what_was_signed_on_duty_stays(void **state)
{
    struct author_log *l = *state;
    const uint64_t now = author_log_now(l);
    const struct test_shift shifts[] = {{now, now + HOUR_MS, "tom"}};
    expect(put_duty(l, "ops", shifts, 1), REASON_OK, "roster");
    adopt_duty(l, DUTY_TECH);
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, tech), REASON_OK, "on duty");
    author_log_advance(l, 2 * HOUR_MS);
    expect(approve(l, "bea", id, business), REASON_OK, "later");
    expect(author_log_redeem(l, id, false), REASON_OK, "used");
}

/* Nobody at all: without the roster, without its shifts, without those who are on it. */
static void a_roster_without_people_lets_nobody_sign(void **state)
{
    struct author_log *l = *state;
    const uint64_t now = author_log_now(l);
    const struct test_shift shifts[] = {{now, now + 8 * HOUR_MS, "tom"}};
    const struct test_shift unknown[] = {{now, now + HOUR_MS, "mallory"}};
    adopt_duty(l, DUTY_TECH);
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, tech), REASON_OFF_DUTY, "no roster");
    expect(put_duty(l, "other", shifts, 1), REASON_OK, "another roster");
    expect(approve(l, "tom", id, tech), REASON_OFF_DUTY, "not this one");
    expect(put_duty(l, "ops", unknown, 1), REASON_ROSTER_INVALID, "of somebody who is not there");
    expect(put_duty(l, "ops", shifts, 1), REASON_OK, "roster");
    expect(put_duty(l, "ops", NULL, 0), REASON_OK, "emptied");
    expect(approve(l, "tom", id, tech), REASON_OFF_DUTY, "no shifts");
    adopt_duty(l, "");
    expect(approve(l, "tom", id, tech), REASON_OFF_DUTY, "the policy that it was opened under still asks");
    expect(approve(l, "tom", opened(l, "Next"), tech), REASON_OK, "no duty");
}

/* Requests from before must keep to a new roster, too. */
static void duty_reaches_what_is_open(void **state)
{
    struct author_log *l = *state;
    const uint64_t now = author_log_now(l);
    const struct test_shift shifts[] = {{now, now + 8 * HOUR_MS, "tina"}};
    const uint64_t id = opened(l, "Open");
    expect(put_duty(l, "ops", shifts, 1), REASON_OK, "roster");
    adopt_duty(l, DUTY_TECH);
    expect(approve(l, "tom", id, tech), REASON_OFF_DUTY, "tom");
    expect(approve(l, "tina", id, tech), REASON_OK, "tina");
}

/* The sheet says in which roster, and whether anybody is there. */
static void the_sheet_says_who_is_there(void **state)
{
    struct author_log *l = *state;
    const struct state *s = &author_log_judge(l)->state;
    const uint64_t now = author_log_now(l);
    const struct test_shift shifts[] = {{now, now + 8 * HOUR_MS, "bea tom"},
                                        {now + HOUR_MS, now + 9 * HOUR_MS, "tina"}};
    expect(put_duty(l, "ops", shifts, 2), REASON_OK, "roster");
    adopt_duty(l, DUTY_TECH);
    const uint64_t id = opened(l, "Release");
    static const struct row {
        uint64_t after_ms;
        uint32_t want;
    } rows[] = {{0, 1}, {HOUR_MS, 2}, {8 * (uint64_t)HOUR_MS + 900000, 1}, {10 * (uint64_t)HOUR_MS, 0}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct state_loaded loaded;
        struct sheet sheet;
        arena_init(&a, 16 << 20);
        assert_int_equal(state_load(state_request_find(s, id), &a, &loaded).code, CS_OK);
        const uint64_t at = now + 1000 + rows[i].after_ms;
        assert_int_equal(policy_sheet_at(s, state_request_find(s, id), &loaded, at, &a, &sheet).code, CS_OK);
        const struct sheet_line *line = policy_sheet_seat(&sheet, span_str(tech));
        assert_non_null(line);
        assert_true(span_is(line->duty, "ops"));
        assert_int_equal(line->on_duty, rows[i].want); /* bea has another role */
        assert_int_equal(policy_sheet_seat(&sheet, span_str(business))->duty.left, 0);
        assert_true(sheet.until_ms > at);
        arena_release(&a);
    }
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
        cmocka_unit_test_setup_teardown(who_is_suspended_signs_nothing, begin_standard, end),
        cmocka_unit_test_setup_teardown(signatures_of_the_suspended_hold_no_seat, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_suspension_begins_and_ends_once_and_stays, begin_standard, end),
        cmocka_unit_test_setup_teardown(nobody_decides_about_their_own_suspension, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_is_suspended_asks_for_nothing, begin_standard, end),
        cmocka_unit_test_setup_teardown(the_suspended_are_not_counted, begin_standard, end),
        cmocka_unit_test_setup_teardown(who_is_off_duty_does_not_sign, begin_standard, end),
        cmocka_unit_test_setup_teardown(shifts_begin_and_end_to_the_moment, begin_standard, end),
        cmocka_unit_test_setup_teardown(what_was_signed_on_duty_stays, begin_standard, end),
        cmocka_unit_test_setup_teardown(a_roster_without_people_lets_nobody_sign, begin_standard, end),
        cmocka_unit_test_setup_teardown(duty_reaches_what_is_open, begin_standard, end),
        cmocka_unit_test_setup_teardown(the_sheet_says_who_is_there, begin_standard, end),
        cmocka_unit_test_setup_teardown(the_digest_tells, begin_standard, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
