/* SPDX-License-Identifier: Apache-2.0 */
/* Duty plans, local times and what clocks do twice a year. Requirement 2.1. */
#include <fcntl.h>

#include "draft/draft_delegate.h"
#include "draft/draft_duty.h"
#include "draft_bed.h"
#include "file/file_read.h"

/* Central Europe in 2026 by its rules, on purpose not the system's table: forward at 01:00 UTC on 29 March, back at
 * 01:00 UTC on 25 October. */
static const struct draft_zone berlin = {.shift = {{CALENDAR_FROM_S, 3600}, {1774746000, 7200}, {1792890000, 3600}},
                                         .count = 3};

enum { DAY_S = 86400 };

static int64_t utc(const char *date, int64_t seconds)
{
    int64_t day = 0;
    int64_t at = 0;
    assert_int_equal(draft_duty_day(span_str(date), &day).code, CS_OK);
    assert_int_equal(draft_duty_utc(&berlin, day * DAY_S + seconds, &at).code, CS_OK);
    return at;
}

static int64_t clock_of(const char *date, int64_t utc_seconds)
{
    int64_t day = 0;
    assert_int_equal(draft_duty_day(span_str(date), &day).code, CS_OK);
    return day * DAY_S + utc_seconds;
}

static void clocks_go_forward_and_back(void **state)
{
    enum { HOUR = 3600 };
    static const struct row {
        const char *date;
        int64_t local;
        int64_t utc;
    } rows[] = {
        {"2026-01-10", 8 * HOUR, 7 * HOUR},
        {"2026-07-10", 8 * HOUR, 6 * HOUR},
        {"2026-03-29", 2 * HOUR - 1, HOUR - 1}, /* the last second before */
        {"2026-03-29", 2 * HOUR, HOUR},         /* 02:00 to 03:00 is left out: 02:00 is 03:00, */
        {"2026-03-29", 2 * HOUR + 1800, HOUR + 1800},
        {"2026-03-29", 3 * HOUR, HOUR}, /* the same moment */
        {"2026-03-29", 4 * HOUR, 2 * HOUR},
        {"2026-10-25", 2 * HOUR, 0}, /* shown twice: the earlier */
        {"2026-10-25", 3 * HOUR - 1, HOUR - 1},
        {"2026-10-25", 3 * HOUR, 2 * HOUR},
        {"2028-02-29", 12 * HOUR, 11 * HOUR},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (utc(rows[i].date, rows[i].local) != clock_of(rows[i].date, rows[i].utc)) {
            fail_msg("row %zu: %lld", i, (long long)utc(rows[i].date, rows[i].local));
        }
    }
}

static void dates_are_dates(void **state)
{
    static const char *const wrong[] = {"2026-02-29",  "2026-13-01", "2026-1-01", "26-01-01",
                                        "2026-01-01x", "",           "2026/01/01"};
    int64_t day = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_not_equal(draft_duty_day(span_str(wrong[i]), &day).code, CS_OK);
    }
    assert_int_equal(draft_duty_day(SPAN_LIT("1970-01-02"), &day).code, CS_OK);
    assert_int_equal(day, 1);
}

static void the_systems_table_agrees(void **state)
{
    static struct draft_zone z;
    AUTO_WRITER file = wr_heap((size_t)DRAFT_ZONE_FILE_MAX + 1);
    (void)state;
    assert_int_equal(file_read(AT_FDCWD, "/usr/share/zoneinfo/Europe/Berlin", O_NOCTTY, &file).code, CS_OK);
    assert_int_equal(draft_zone_decode(wr_span(&file), &z).code, CS_OK);
    for (int64_t local = 1767225600; local < 1798761600; local += 900) { /* 2026, each quarter of an hour */
        int64_t theirs = 0;
        int64_t ours = 0;
        assert_int_equal(draft_duty_utc(&z, local, &theirs).code, CS_OK);
        assert_int_equal(draft_duty_utc(&berlin, local, &ours).code, CS_OK);
        assert_true(theirs == ours);
    }
    assert_int_equal(draft_duty_utc(&z, 0, &(int64_t){0}).code, CS_E_RANGE);
    assert_int_equal(draft_duty_utc(&z, CALENDAR_UNTIL_S + 86400, &(int64_t){0}).code, CS_E_RANGE);
}

/* --- plans --- */

struct made {
    struct arena arena;
    struct draft draft;
    struct duty_roster roster;
};

static void make(struct made *m, const char *text)
{
    const struct draft_node *top = NULL;
    arena_init(&m->arena, 64U << 20);
    draft_init(&m->draft, &m->arena);
    m->roster = (struct duty_roster){.shift_count = 0};
    assert_int_equal(draft_load(&m->draft, span_str(text), &top).code, CS_OK);
    assert_int_equal(draft_duty(&m->draft, top, &berlin, &m->roster).code, CS_OK);
}

#define HEAD "roster: ops\nzone: Europe/Berlin\nhand_over: 15m\n"

static void shifts_follow_the_clocks_on_the_wall(void **state)
{
    struct made m;
    (void)state;
    /* Saturday to Monday over the change of March */
    make(&m, HEAD "from: 2026-03-28\nuntil: 2026-03-31\n"
                  "shifts:\n"
                  "  - { from: \"08:00\", until: \"20:00\", people: [tom, anna] }\n"
                  "  - { from: \"20:00\", until: \"08:00\", people: tina }\n");
    assert_true(draft_good(&m.draft));
    assert_true(span_is(m.roster.id, "ops"));
    assert_int_equal(m.roster.hand_over_s, 900);
    assert_int_equal(m.roster.shift_count, 6);
    const struct duty_shift *s = m.roster.shifts;
    assert_true(span_is(s[0].people[0], "anna") && span_is(s[0].people[1], "tom"));
    assert_int_equal(s[0].from_ms / 1000, utc("2026-03-28", 8 * 3600));
    for (size_t i = 0; i + 1 < 6; i++) {
        assert_true(s[i].until_ms == s[i + 1].from_ms); /* nobody is missing for an hour */
    }
    assert_int_equal((s[1].until_ms - s[1].from_ms) / 3600000, 11); /* the short night */
    assert_int_equal((s[3].until_ms - s[3].from_ms) / 3600000, 12);
    arena_release(&m.arena);
}

static void turns_go_by_the_week_and_days_by_name(void **state)
{
    struct made m;
    (void)state;
    /* Wednesday, so the first week is a short one; 29 February of a leap year is a day like another */
    make(&m, HEAD "from: 2028-02-23\nuntil: 2028-03-08\n"
                  "shifts:\n  - { days: [tue, wed, thu], from: \"00:00\", until: \"24:00\", turns: [anna, tom] }\n");
    assert_true(draft_good(&m.draft));
    assert_int_equal(m.roster.shift_count, 6);
    for (size_t i = 0; i < 5; i++) { /* 23 24 | 29 1 2 | 7 */
        const char *who = i < 2 ? "anna" : i < 5 ? "tom" : "anna";
        assert_true(span_is(m.roster.shifts[i].people[0], who));
    }
    assert_true(span_is(m.roster.shifts[5].people[0], "anna"));
    assert_int_equal(m.roster.shifts[2].from_ms / 1000, clock_of("2028-02-28", 23 * 3600));
    arena_release(&m.arena);
}

static void plans_that_say_something_else_are_refused(void **state)
{
    static const struct row {
        const char *text;
        const char *says;
    } rows[] = {
        {"[]", "a duty plan is a map"},
        {"roster: ops\nzone: ../../etc/passwd\nfrom: 2026-01-01\nuntil: 2026-01-02\nshifts: []\n", "no name"},
        {"roster: ops\nzone: a/../../b\nfrom: 2026-01-01\nuntil: 2026-01-02\nshifts: []\n", "Europe/Berlin"},
        {HEAD "from: 2026-01-02\nuntil: 2026-01-02\nshifts: []\n", "first day after"},
        {HEAD "from: 2026-02-30\nuntil: 2026-03-02\nshifts: []\n", "is a date"},
        {HEAD "from: 2026-01-01\nuntil: 2026-01-02\nshift: []\n", "`shift` is not known"},
        {HEAD "from: 2026-01-01\nuntil: 2026-01-02\nshifts: [ { from: \"8:00\", until: \"9:00\", people: a } ]\n",
         "time of the day"},
        {HEAD "from: 2026-01-01\nuntil: 2026-01-02\nshifts: [ { from: \"08:00\", until: \"24:01\", people: a } ]\n",
         "time of the day"},
        {HEAD "from: 2026-01-01\nuntil: 2026-01-02\nshifts: [ { from: \"08:00\", until: \"09:00\" } ]\n",
         "`people`, or"},
        {HEAD
         "from: 2026-01-01\nuntil: 2026-01-02\nshifts: [ { days: monday, from: \"08:00\", until: \"09:00\", people: "
         "a } ]\n",
         "mon, tue"},
        {HEAD "from: 2026-01-01\nuntil: 2027-12-02\nshifts: [ { from: \"08:00\", until: \"09:00\", people: a } ]\n",
         "more than 512 shifts"},
        {"roster: ops\nzone: UTC\nhand_over: 25h\nfrom: 2026-01-01\nuntil: 2026-01-02\nshifts: []\n", "hand_over"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made m;
        make(&m, rows[i].text);
        assert_false(draft_good(&m.draft));
        bool said = false;
        for (size_t k = 0; k < m.draft.fault_count; k++) {
            said = said || strstr(m.draft.fault[k].sentence, rows[i].says) != NULL;
        }
        if (!said) {
            fail_msg("row %zu: %s", i, m.draft.fault[0].sentence);
        }
        arena_release(&m.arena);
    }
}

static void a_policy_names_the_rosters(void **state)
{
    struct bed b;
    (void)state;
    bed_compile(&b, BED_HEAD "  []\nduty: { roles: { tech: ops, business: desk } }\n", NULL);
    assert_int_equal(b.result.code, CS_OK);
    assert_int_equal(b.doc.duty_count, 2);
    assert_true(span_is(model_policy_duty(&b.doc, SPAN_LIT("tech")), "ops"));
    assert_true(model_policy_duty(&b.doc, SPAN_LIT("officer")).left == 0);
    bed_release(&b);
    bed_compile(&b, BED_HEAD "  []\nduty: { roles: { officer: ops } }\n", NULL);
    assert_int_equal(b.result.code, CS_E_REFUSED);
    bed_release(&b);
    bed_compile(&b, BED_HEAD "  []\nduty: { roles: { teck: ops } }\n", NULL);
    assert_int_equal(b.result.code, CS_E_REFUSED);
    assert_non_null(strstr(b.draft.fault[0].sentence, "`tech`"));
    bed_release(&b);
}

/* --- what a policy says of people, and what becomes of it --- */

#define PEOPLE_A                                                                                                       \
    "duty: { roles: { tech: ops } }\ndelegation: { roles: { tech: { to: business, most: 10d } } }\n"                   \
    "access_review: { every: 90d, unused: 60d, on_miss: suspend }\n"                                                   \
    "directory: { source: ldap, max_stale: 24h, roles: [business, officer] }\n"
#define PEOPLE_B                                                                                                       \
    "duty: { roles: { business: ops } }\ndelegation: { roles: { tech: { to: [business, tech], most: 2d } } }\n"        \
    "access_review: { every: 30d, on_miss: suspend }\n"                                                                \
    "directory: { source: ad, max_stale: 12h, roles: [officer, tech] }\n"

static void what_changes_is_told(void **state)
{
    static const char *const says[] = {
        "stricter: role business: must be on duty in ops\n",
        "looser: role tech: must be on duty in ops no longer\n",
        "looser: role tech: may be lent to tech\n",
        "stricter: role tech: seconds that it may be lent for: ",
        "stricter: access_review seconds until a role must be reviewed: ",
        "looser: access_review seconds that a role may go unused: ",
        "stricter: role tech: must be in the directory ad\n",
        "looser: role business: must be in the directory ldap no longer\n",
        "stricter: directory seconds that it may be old: ",
        "directory is now ad\n",
    };
    struct bed a;
    struct bed b;
    AUTO_WRITER w = wr_heap(1 << 16);
    (void)state;
    bed_compile(&a, BED_HEAD "  []\n" PEOPLE_A, NULL);
    bed_compile(&b, BED_HEAD "  []\n" PEOPLE_B, NULL);
    assert_int_equal(a.result.code, CS_OK);
    assert_int_equal(b.result.code, CS_OK);
    assert_int_equal(a.doc.access_review.every_s, 90 * 86400);
    assert_int_equal(a.doc.access_review.unused_s, 60 * 86400);
    assert_int_equal(b.doc.delegations[0].to_count, 2);
    (void)draft_diff(&a.doc, &a.doc, &w);
    assert_int_equal(w.len, 0);
    (void)draft_diff(&a.doc, &b.doc, &w);
    for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++) {
        if (memmem(w.p, w.len, says[i], strlen(says[i])) == NULL) {
            fail_msg("%s is not in\n%.*s", says[i], (int)w.len, (const char *)w.p);
        }
    }
    bed_release(&a);
    bed_release(&b);
}

static void what_nothing_enforces_does_not_compile(void **state)
{
    static const char *const wrong[] = {
        "access_review: { every: 90d, unused: 60d }\n",
        "access_review: { every: 90d, on_miss: warn }\n",
        "access_review: { on_miss: suspend }\n",
        "delegation: { roles: { officer: { to: tech, most: 1d } } }\n",
        "delegation: { roles: { tech: { to: cab, most: 1d } } }\n",
        "delegation: { roles: { tech: { to: business } } }\n",
        "delegation: { tech: business }\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        char text[1024];
        struct bed b;
        (void)snprintf(text, sizeof(text), "%s  []\n%s", BED_HEAD, wrong[i]);
        bed_compile(&b, text, NULL);
        if (b.result.code != CS_E_REFUSED) {
            fail_msg("%s", wrong[i]);
        }
        bed_release(&b);
    }
}

/* --- delegations --- */

static void a_delegation_is_whole_or_takes_one_back(void **state)
{
    static const struct row {
        const char *text;
        bool good;
    } rows[] = {
        {"role: tech\nto: dora\nfrom: 2026-12-21T00:00:00Z\nuntil: 2027-01-02T00:00:00Z\n", true},
        {"role: tech\nto: dora\nfrom: 2026-12-21T00:00:00Z\nuntil: 2027-01-02T00:00:00Z\nservices: [b, a]\n", true},
        {"revokes: 17\n", true},
        {"revokes: 17\nrole: tech\n", false},
        {"role: tech\nto: dora\nfrom: 2026-12-21T00:00:00Z\n", false},
        {"role: tech\nto: dora\nfrom: 2026-12-21T00:00:00Z\nuntil: 2026-12-21T00:00:00Z\n", false},
        {"role: tech\nto: dora\nfrom: 2026-12-21 00:00\nuntil: 2027-01-02T00:00:00Z\n", false},
        {"role: tech\nto: dora\nfrom: 2026-12-21T00:00:00Z\nuntil: 2027-01-02T00:00:00Z\nservices: [a, a]\n", false},
        {"role: tech\nwho: dora\nfrom: 2026-12-21T00:00:00Z\nuntil: 2027-01-02T00:00:00Z\n", false},
        {"revokes: -1\n", false},
        {"[]\n", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made m;
        const struct draft_node *top = NULL;
        struct delegate_content c = {.initiator = SPAN_LIT("tom"), .reason = SPAN_LIT("away")};
        arena_init(&m.arena, 16U << 20);
        draft_init(&m.draft, &m.arena);
        assert_int_equal(draft_load(&m.draft, span_str(rows[i].text), &top).code, CS_OK);
        assert_int_equal(draft_delegate(&m.draft, top, &c).code, CS_OK);
        if (draft_good(&m.draft) != rows[i].good) {
            fail_msg("row %zu", i);
        }
        if (rows[i].good) { /* what is good is canonical */
            AUTO_WRITER w = wr_heap(1 << 14);
            struct delegate_content again;
            assert_int_equal(model_delegate_content_encode(&c, &w).code, CS_OK);
            assert_int_equal(model_delegate_content_decode(wr_span(&w), &m.arena, &again).code, CS_OK);
        }
        arena_release(&m.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_go_forward_and_back),
        cmocka_unit_test(dates_are_dates),
        cmocka_unit_test(the_systems_table_agrees),
        cmocka_unit_test(shifts_follow_the_clocks_on_the_wall),
        cmocka_unit_test(turns_go_by_the_week_and_days_by_name),
        cmocka_unit_test(plans_that_say_something_else_are_refused),
        cmocka_unit_test(a_policy_names_the_rosters),
        cmocka_unit_test(what_changes_is_told),
        cmocka_unit_test(what_nothing_enforces_does_not_compile),
        cmocka_unit_test(a_delegation_is_whole_or_takes_one_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
