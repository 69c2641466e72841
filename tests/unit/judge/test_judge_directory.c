/* SPDX-License-Identifier: Apache-2.0 */
/* A directory outside takes roles away and gives none; silent for too long, it takes them all. Requirement 2.4. */
#include "judge_bed.h"

#include "model/model_state_directory.h"
#include "policy/policy_access.h"
#include "policy/policy_alarm.h"
#include "policy/policy_directory.h"
#include "support/author_change.h"
#include "support/author_directory.h"

#define DAY_MS ((uint64_t)86400000)
#define ALL    "bea:business bill:business odette:officer olga:officer omar:officer tina:tech tom:tech"

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static int begin(void **state)
{
    struct author_log *l = standard_log();
    expect(author_directory_begin(l, AUTHOR_DIRECTORY), REASON_OK, "client");
    *state = l;
    return 0;
}

static struct verdict say(struct author_log *l, const char *people, int64_t total)
{
    return author_directory_say(l, &(struct author_reading){.people = people, .total = total});
}

static enum state_bar bar(struct author_log *l, const char *person, const char *role)
{
    return state_directory_bar(state_person_find(state_of(l), span_str(person)), span_str(role));
}

static bool alarmed(struct author_log *l, const char *code)
{
    struct alarms *x = calloc(1, sizeof(*x));
    bool has = false;
    assert_non_null(x);
    policy_alarms(state_of(l), author_log_now(l), x);
    for (size_t i = 0; i < x->count; i++) {
        has = has || span_is(x->item[i].code, code);
    }
    free(x);
    return has;
}

static void nobody_counts_before_it_was_read(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "tom", id, tech), REASON_DIRECTORY_STALE, "never read");
    assert_true(alarmed(l, "directory_stale") && alarmed(l, "unfillable_seat"));
    expect(say(l, "bea:business bill:business", AUTHOR_MORE), REASON_OK, "the first part");
    expect(approve(l, "bea", id, business), REASON_DIRECTORY_STALE, "half read");
    expect(say(l, "tom:tech", 3), REASON_OK, "the rest");
    assert_false(alarmed(l, "directory_stale"));
    expect(approve(l, "tom", id, tech), REASON_OK, "tom is in it");
    expect(approve(l, "tina", id, tech), REASON_NOT_IN_DIRECTORY, "tina is not");
    expect(approve(l, "bea", id, business), REASON_OK, "bea is in it");
    expect(author_log_redeem(l, id, false), REASON_OK, "used");
}

static void who_leaves_loses_the_seat_at_once(void **state)
{
    struct author_log *l = *state;
    expect(say(l, ALL, 7), REASON_OK, "all");
    const uint64_t open = opened(l, "Open");
    const uint64_t done = opened(l, "Approved");
    expect(approve(l, "tom", open, tech), REASON_OK, "tom");
    expect(approve(l, "tom", done, tech), REASON_OK, "tom");
    expect(approve(l, "bea", done, business), REASON_OK, "bea");
    expect(say(l, "tom:", 6), REASON_OK, "tom leaves");
    assert_int_equal(bar(l, "tom", "tech"), BAR_UNLISTED);
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "stands on him");
    expect(approve(l, "tom", opened(l, "Next"), tech), REASON_NOT_IN_DIRECTORY, "next");
    expect(approve(l, "tina", open, tech), REASON_OK, "the seat is free again");
    expect(say(l, "tom:tech", 7), REASON_OK, "tom is back");
    expect(author_log_redeem(l, done, false), REASON_OK, "and what he signed");
}

/* Nothing that it can say is more than what officers signed. */
static void it_gives_nothing(void **state)
{
    struct author_log *l = *state;
    expect(say(l, ALL, 7), REASON_OK, "all");
    expect(say(l, "tom:business,tech", AUTHOR_RIGHT), REASON_DIRECTORY_PERSON, "a role that he does not have");
    expect(say(l, "mallory:tech", AUTHOR_RIGHT), REASON_DIRECTORY_PERSON, "nobody on the roster");
    expect(author_change_roles(l, "tom", "business tech"), REASON_OK, "officers give it");
    assert_int_equal(bar(l, "tom", "business"), BAR_UNLISTED);
    assert_int_equal(bar(l, "tom", "tech"), BAR_NONE);
    expect(say(l, "tom:business,tech", 8), REASON_OK, "and the directory has it");
    expect(approve(l, "tom", opened(l, "Release"), business), REASON_OK, "business");
    struct roster_change out = {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("tom")};
    expect(author_change_roster(l, &out, 1), REASON_OK, "removed");
    expect(say(l, "tom:", AUTHOR_RIGHT), REASON_DIRECTORY_PERSON, "no longer on the roster");
    expect(author_change_roles(l, "tom", "tech"), REASON_OK, "put anew");
    assert_int_equal(bar(l, "tom", "tech"), BAR_UNLISTED);
    expect(say(l, "tom:business", AUTHOR_RIGHT), REASON_DIRECTORY_PERSON, "what he had before");
}

static void a_reading_is_whole_fresh_and_about_what_is_so(void **state)
{
    struct author_log *l = *state;
    struct author_reading r = {.people = ALL, .total = 7};
    expect(say(l, "bea:business", 7), REASON_DIRECTORY_TOTAL, "a part that says it is whole");
    r.actor = "client:ci";
    expect(author_directory_say(l, &r), REASON_NO_SCOPE, "a pipeline");
    r.actor = "system:kiosk";
    expect(author_directory_say(l, &r), REASON_UNKNOWN_CLIENT, "the kiosk");
    r = (struct author_reading){.people = ALL, .total = 7, .source = "ad"};
    expect(author_directory_say(l, &r), REASON_DIRECTORY_SOURCE, "another one");
    r = (struct author_reading){.people = ALL, .total = 7, .elsewhere = true};
    expect(author_directory_say(l, &r), REASON_DIRECTORY_MOVED, "out of its chain");
    r = (struct author_reading){.people = ALL, .total = 7, .age_ms = DAY_MS};
    expect(author_directory_say(l, &r), REASON_DIRECTORY_OLD, "from yesterday");
    r.age_ms = DAY_MS - 1;
    author_log_advance(l, 2 * DAY_MS);
    expect(author_directory_say(l, &r), REASON_OK, "just in time");
    const uint64_t moved = state_of(l)->roster_index;
    r = (struct author_reading){.people = "", .total = 7};
    expect(author_directory_say(l, &r), REASON_OK, "as before");
    assert_true(state_of(l)->roster_index == moved); /* in no chain: it changes nothing */
    r.age_ms = 60000;
    expect(author_directory_say(l, &r), REASON_DIRECTORY_OLD, "from before the last");
    expect(say(l, "bea:business bill:business tina:tech tom:tech", 4), REASON_DIRECTORY_TOTAL, "who left is left out");
    expect(say(l, "tina:tech tom:", 7), REASON_DIRECTORY_TOTAL, "as many as before, but others");
    expect(say(l, "tina:tech tom:", 6), REASON_OK, "one less");
}

static void silence_takes_all_but_officers(void **state)
{
    struct author_log *l = *state;
    expect(say(l, ALL, 7), REASON_OK, "all");
    const uint64_t read = state_of(l)->directory.read_ms;
    author_log_advance(l, DAY_MS / 2); /* requests are not open for longer than the directory may be silent */
    const uint64_t id = opened(l, "Release");
    expect(approve(l, "bea", id, business), REASON_OK, "bea");
    expect(author_directory_silent(l, "system:core"), REASON_NOT_DUE, "not yet");
    author_log_advance(l, read + DAY_MS - 6 - author_log_now(l));
    expect(approve(l, "tom", opened(l, "In time"), tech), REASON_OK, "in the last moment");
    const uint64_t done = opened(l, "Approved");
    expect(approve(l, "tom", done, tech), REASON_OK, "tom");
    expect(approve(l, "bea", done, business), REASON_OK, "bea");
    author_log_advance(l, 10);
    expect(approve(l, "tom", id, tech), REASON_DIRECTORY_STALE, "before the entry that says so");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "nor is anything used that was signed in time");
    expect(author_directory_silent(l, "client:dir"), REASON_WRONG_ACTOR, "by the client");
    assert_true(policy_directory_stale_due(state_of(l), author_log_now(l)));
    expect(author_directory_silent(l, "system:core"), REASON_OK, "the core");
    expect(author_directory_silent(l, "system:core"), REASON_WRONG_EFFECT, "twice");
    assert_int_equal(bar(l, "bea", "business"), BAR_STALE);
    assert_int_equal(bar(l, "olga", "officer"), BAR_NONE);
    assert_int_equal(author_directory_lapses(l), 0);
    assert_true(alarmed(l, "directory_stale"));
    expect(approve(l, "tom", id, tech), REASON_DIRECTORY_STALE, "after it");
    expect(author_change_roles(l, "bill", "business tech"), REASON_OK, "officers go on");
    expect(say(l, "", 7), REASON_OK, "read again");
    assert_false(alarmed(l, "directory_stale"));
    expect(approve(l, "tom", id, tech), REASON_OK, "tom");
    expect(author_log_redeem(l, id, false), REASON_OK, "what bea signed before counts again");
}

/* Whoever runs the directory may take one of four officers, and not the three that can repair it. */
static void officers_stay_enough(void **state)
{
    struct author_log *l = *state;
    static const char *const roles[] = {"officer"};
    struct arena a;
    arena_init(&a, 16 << 20);
    struct roster_change *otto = arena_array(&a, 2, sizeof(*otto));
    assert_non_null(otto);
    assert_int_equal(author_log_person(l, "otto", roles, 1, &a, otto).code, CS_OK);
    expect(author_change_roster(l, otto, 2), REASON_OK, "otto");
    arena_release(&a);
    assert_int_equal(author_directory_lapses(l), 0); /* nothing was read */
    expect(say(l, "bea:business bill:business tina:tech tom:tech", 4), REASON_OK, "no officer");
    assert_true(alarmed(l, "officers_unlisted"));
    assert_int_equal(author_directory_lapses(l), 1);
    assert_int_equal(policy_officers_unlisted(state_of(l)), 3);
    size_t out = 0;
    const char *gone = NULL;
    static const char *const officers[] = {"odette", "olga", "omar", "otto"};
    for (size_t i = 0; i < 4; i++) {
        if (bar(l, officers[i], "officer") != BAR_NONE) {
            gone = officers[i];
            out++;
        }
    }
    assert_int_equal(out, 1);
    assert_non_null(gone);
    struct lapse *x = calloc(1, sizeof(*x));
    AUTO_WRITER body = wr_heap(MODEL_LEAF_MAX);
    assert_non_null(x);
    *x = (struct lapse){.count = 1, .prev = state_of(l)->roster_index};
    x->item[0] = (struct lapsed){.person = span_str(gone == officers[0] ? officers[1] : officers[0]),
                                 .role = SPAN_LIT("officer"),
                                 .unlisted = true};
    assert_int_equal(model_lapse_encode(x, &body).code, CS_OK);
    free(x);
    expect(author_log_append(l, ENTRY_LAPSE, "system:core", wr_span(&body)), REASON_TOO_FEW_OFFICERS, "one too many");
    char back[64];
    (void)snprintf(back, sizeof(back), "%s:officer", gone);
    expect(say(l, back, 5), REASON_OK, "back in the directory");
    assert_int_equal(bar(l, gone, "officer"), BAR_NONE);
    assert_int_equal(author_directory_lapses(l), 1); /* then another may go */
}

/* A new officer counts until a reading that is later does not have them. */
static void a_reading_from_before_says_nothing_of_a_new_officer(void **state)
{
    struct author_log *l = *state;
    expect(say(l, ALL, 7), REASON_OK, "all");
    expect(author_change_roles(l, "tom", "officer tech"), REASON_OK, "tom becomes one");
    assert_int_equal(author_directory_lapses(l), 0);
    expect(say(l, "", 7), REASON_OK, "read again, without him");
    assert_int_equal(author_directory_lapses(l), 1);
    assert_int_equal(bar(l, "tom", "officer"), BAR_UNLISTED);
    struct roster_change tina = {.op = CHANGE_SUSPEND_PERSON, .id = SPAN_LIT("tina")};
    expect(author_change_roster(l, &tina, 1), REASON_OK, "a change");
    expect(say(l, "tom:officer,tech", 8), REASON_OK, "and with him");
    assert_int_equal(bar(l, "tom", "officer"), BAR_NONE);
}

/* Nor does one from before the policy asked about officers say anything of any of them. */
static void a_reading_that_asked_of_no_officer_takes_none(void **state)
{
    struct author_log *l = *state;
    expect(author_change_roles(l, "tom", "officer tech"), REASON_OK, "a fourth officer");
    author_directory_policy(l, "\"directory\":{\"max_stale_s\":86400,\"roles\":[\"tech\"],\"source\":\"ldap\"},");
    expect(say(l, "tina:tech tom:tech", 2), REASON_OK, "of tech alone");
    author_directory_policy(
        l, "\"directory\":{\"max_stale_s\":86400,\"roles\":[\"officer\",\"tech\"],\"source\":\"ldap\"},");
    assert_int_equal(author_directory_lapses(l), 0);
    assert_false(alarmed(l, "officers_unlisted"));
    expect(say(l, "", 2), REASON_OK, "asked of officers, too");
    assert_int_equal(author_directory_lapses(l), 1);
}

static void officers_can_end_it_while_it_is_silent(void **state)
{
    struct author_log *l = *state;
    assert_int_equal(bar(l, "tom", "tech"), BAR_STALE);
    author_directory_policy(l, ""); /* loads, though nobody counts in any seat now */
    assert_int_equal(bar(l, "tom", "tech"), BAR_NONE);
    expect(approve(l, "tom", opened(l, "Release"), tech), REASON_OK, "tom");
    expect(say(l, ALL, 7), REASON_NO_DIRECTORY, "it is not asked");
    expect(author_directory_silent(l, "system:core"), REASON_NO_DIRECTORY, "nor missed");
    author_directory_policy(l, AUTHOR_DIRECTORY);
    expect(say(l, ALL, 7), REASON_OK, "again");
    author_directory_policy(l, "\"directory\":{\"max_stale_s\":60,\"roles\":[\"tech\"],\"source\":\"ldap\"},");
    assert_int_equal(bar(l, "tom", "tech"), BAR_NONE); /* the same one: what it said stays, of what it governs */
    assert_int_equal((int)state_directory_total(state_of(l)), 2);
    assert_int_equal(bar(l, "bea", "business"), BAR_NONE);
    author_directory_policy(l, "\"directory\":{\"max_stale_s\":60,\"roles\":[\"tech\"],\"source\":\"ad\"},");
    assert_int_equal(bar(l, "tom", "tech"), BAR_STALE); /* another one has said nothing */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_counts_before_it_was_read, begin, end),
        cmocka_unit_test_setup_teardown(who_leaves_loses_the_seat_at_once, begin, end),
        cmocka_unit_test_setup_teardown(it_gives_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_reading_is_whole_fresh_and_about_what_is_so, begin, end),
        cmocka_unit_test_setup_teardown(silence_takes_all_but_officers, begin, end),
        cmocka_unit_test_setup_teardown(officers_stay_enough, begin, end),
        cmocka_unit_test_setup_teardown(a_reading_from_before_says_nothing_of_a_new_officer, begin, end),
        cmocka_unit_test_setup_teardown(a_reading_that_asked_of_no_officer_takes_none, begin, end),
        cmocka_unit_test_setup_teardown(officers_can_end_it_while_it_is_silent, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
