/* SPDX-License-Identifier: Apache-2.0 */
/* Calendars as people write them, and the time zones that they name. Requirements 1.3 and 4.5. */
#include "draft_bed.h"
#include "draft/draft_zone.h"
#include "file/file_read.h"

#include <fcntl.h>

#define CALENDAR(items) BED_HEAD "  []\ncalendar:\n" items
#define ITEM(rest)      CALENDAR("  - { id: a, environments: [production], " rest " }\n")
#define DENY(window)    ITEM("deny: " window)

static const struct bed_row rows[] = {
    {"weekend", DENY("{ days: [sat, sun] }"), 0, 0, ""},
    {"one day without brackets", DENY("{ days: sat }"), 0, 0, ""},
    {"a zone", DENY("{ days: [sat, sun], zone: Europe/Berlin }"), 0, 0, ""},
    {"UTC by name", DENY("{ days: [sat, sun], zone: UTC }"), 0, 0, ""},
    {"two windows", ITEM("allow: [ { days: tue, hours: 09:00-12:00 }, { days: thu, hours: [09:00-12:00] } ]"), 0, 0,
     ""},
    {"dates", DENY("{ dates: [2026-12-20..2027-01-06, 12-24, 02-29] }"), 0, 0, ""},
    {"a map", BED_HEAD "  []\ncalendar: { a: b }\n", 12, 11, "`calendar` is a list of 1 to 32 items"},
    {"nothing", BED_HEAD "  []\ncalendar: []\n", 12, 11, "`calendar` is a list of 1 to 32 items"},
    {"an item that is a word", CALENDAR("  - weekend\n"), 13, 5, "a calendar's item is a map"},
    {"an unknown word", ITEM("deny: { days: sat }, denny: { days: sat }"), 13, 63,
     "`denny` is not known in a calendar's item; did you mean `deny`?"},
    {"neither", CALENDAR("  - { id: a, environments: [production] }\n"), 13, 5, "say either `allow`"},
    {"both", ITEM("deny: { days: sat }, allow: { days: mon }"), 13, 5, "say either `allow`"},
    {"no id", CALENDAR("  - { environments: [production], deny: { days: sat } }\n"), 13, 5, "`id` is missing"},
    {"no environment", CALENDAR("  - { id: a, deny: { days: sat } }\n"), 13, 5, "`environments` is missing"},
    {"unknown environment", CALENDAR("  - { id: a, environments: [prod], deny: { days: sat } }\n"), 13, 29,
     "`environments` does not have `prod`"},
    {"two of one id",
     CALENDAR("  - { id: a, environments: [staging], deny: { days: sat } }\n"
              "  - { id: a, environments: [staging], deny: { days: sun } }\n"),
     14, 11, "another item in line 13 has the id `a`"},
    {"no window", DENY("[]"), 13, 48, "`deny` is a map such as { days: [sat, sun] }"},
    {"a window that is a word", DENY("weekend"), 13, 48, "`deny` is a map such as { days: [sat, sun] }"},
    {"a window of always", DENY("{ zone: UTC }"), 13, 48, "say `days`, `hours` or `dates`"},
    {"an unknown word in a window", DENY("{ day: sat }"), 13, 50,
     "`day` is not known in a window; did you mean `days`?"},
    {"no day", DENY("{ days: [sat, saturday] }"), 13, 62, "`saturday` is no day: mon,"},
    {"every day", DENY("{ days: [mon, tue, wed, thu, fri, sat, sun] }"), 13, 56, "these are all days of the week"},
    {"no date", DENY("{ dates: christmas }"), 13, 57, "`christmas` is no date: 2026-12-24,"},
    {"31 November", DENY("{ dates: 2026-11-31 }"), 13, 57, "`2026-11-31` is no day of the years 2024 to 2037"},
    {"29 February 2027", DENY("{ dates: 2027-02-29 }"), 13, 57, "`2027-02-29` is no day"},
    {"dates backwards", DENY("{ dates: 2027-01-06..2026-12-20 }"), 13, 57, "`2027-01-06..2026-12-20` ends before"},
    {"no hours", DENY("{ hours: noon }"), 13, 57, "`noon` is no time of day such as 09:00-17:30"},
    {"past midnight", DENY("{ hours: 22:00-06:00 }"), 13, 57, "`22:00-06:00` goes past midnight; write it in two"},
    {"no such minute", DENY("{ hours: 09:00-17:60 }"), 13, 57, "`09:00-17:60` is no time of day such as"},
    {"all hours", DENY("{ hours: 00:00-24:00 }"), 13, 57, "`00:00-24:00` is no part of a day"},
    {"hours that overlap", DENY("{ hours: [09:00-12:00, 11:00-13:00] }"), 13, 71,
     "`11:00-13:00` begins before `09:00-12:00` is over"},
    {"no such zone", DENY("{ days: sat, zone: Europe/Berln }"), 13, 67,
     "the time zones of this machine do not have `Europe/Berln`"},
    {"a zone out of its place", DENY("{ days: sat, zone: ../../etc/passwd }"), 13, 67,
     "`../../etc/passwd` is no time zone such as Europe/Berlin"},
    {"a zone that is a path", DENY("{ days: sat, zone: /etc/localtime }"), 13, 67, "`/etc/localtime` is no time zone"},
    {"a zone that counts leap seconds", DENY("{ days: sat, zone: right/Europe/Berlin }"), 13, 67,
     "the time zone `right/Europe/Berlin` cannot be used here: zone.leap"},
    {"a window that never is", DENY("[ { days: sat }, { days: sat, dates: 2026-12-21 } ]"), 13, 65,
     "no time of the years 2024 to 2037 is in this window"},
    {"what never opens",
     CALENDAR("  - { id: days, environments: [production, staging], allow: { days: [mon, tue] } }\n"
              "  - { id: more, environments: [production], deny: { days: [mon] } }\n"
              "  - { id: last, environments: [production], deny: { days: [tue] } }\n"),
     15, 11, "with this, `production` never opens"},
    {"a freeze", BED_HEAD "  []\nfreeze: { thaw_by: tech, pass: remediates }\n", 0, 0, ""},
    {"a freeze that nothing passes", BED_HEAD "  []\nfreeze: { thaw_by: tech }\n", 0, 0, ""},
    {"a freeze for ever", BED_HEAD "  []\nfreeze: { pass: nothing }\n", 12, 9, "`thaw_by` is missing in `freeze`"},
    {"a freeze that nobody ends", BED_HEAD "  []\nfreeze: { thaw_by: commander }\n", 12, 20,
     "`roles` does not have `commander`"},
    {"a freeze that all passes", BED_HEAD "  []\nfreeze: { thaw_by: tech, pass: everything }\n", 12, 32,
     "what passes is `remediates` or `nothing`"},
    {"a freeze that is a word", BED_HEAD "  []\nfreeze: yes\n", 12, 9, "`freeze` is a map"},
    {"what never opens, for the zone's sake",
     CALENDAR("  - { id: here, environments: [production], allow: { hours: 09:00-12:00 } }\n"
              "  - { id: there, environments: [production], allow: { hours: 09:00-12:00, zone: Asia/Tokyo } }\n"),
     14, 11, "with this, `production` never opens"},
};

/* Only these two exist, wherever the test runs. */
static struct cs_result zone(struct span name, struct writer *w)
{
    static const char leap[] = "TZif2"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\0"
                               "TZif2"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\0"
                               "\0\0\0\1"
                               "\0\0\0\0"
                               "\0\0\0\1"
                               "\0\0\0\1";
    if (span_is(name, "right/Europe/Berlin")) {
        wr_bytes(w, SPAN_OF(leap));
        return CS_SUCCESS;
    }
    if (!span_is(name, "Europe/Berlin") && !span_is(name, "Asia/Tokyo")) {
        return CS_FAIL(CS_E_MISSING, "zone");
    }
    return file_read(
        AT_FDCWD, span_is(name, "Asia/Tokyo") ? "/usr/share/zoneinfo/Asia/Tokyo" : "/usr/share/zoneinfo/Europe/Berlin",
        0, w);
}

static void each_row_holds(void **state)
{
    (void)state;
    bed_rows_hold(rows, sizeof(rows) / sizeof(rows[0]), zone);
}

/* Zones that several windows name stand once, sorted; the document's order of words does not matter. */
static void zones_stand_once(void **state)
{
    static const char text[] = CALENDAR(
        "  - { id: a, environments: production, deny: { zone: Europe/Berlin, hours: [22:00-24:00, 00:00-06:00] } }\n"
        "  - { id: b, environments: production, allow: [ { days: [tue, mon], zone: Asia/Tokyo },\n"
        "      { zone: Europe/Berlin, days: [mon] } ] }\n");
    static const char calendar[] =
        "{\"calendar\":[{\"deny\":[{\"hours\":[\"00:00-06:00\",\"22:00-24:00\"],\"zone\":\"Europe/Berlin\"}],"
        "\"environments\":[\"production\"],\"id\":\"a\"},{\"allow\":[{\"days\":[\"mon\",\"tue\"],\"zone\":\"Asia/"
        "Tokyo\"},{\"days\":[\"mon\"],\"zone\":\"Europe/Berlin\"}],\"environments\":[\"production\"],\"id\":\"b\"}],";
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    bed_compile_with(&b, text, NULL, zone);
    assert_int_equal(b.result.code, CS_OK);
    assert_true(span_starts(wr_span(&b.out), span_str(calendar)));
    assert_int_equal(b.doc.zone_count, 2);
    assert_true(span_is(b.doc.zones[0].id, "Asia/Tokyo"));
    assert_int_equal(b.doc.zones[0].shift_count, 1);
    assert_int_equal(b.doc.zones[0].shifts[0].offset_s, 9 * 3600);
    assert_int_equal(b.doc.zones[1].shift_count, 1 + 2 * 14); /* two a year, 2024 to 2037 */
    bed_release(&b);
}

/* --- time zone files --- */

static struct draft_zone decoded(struct span file)
{
    struct draft_zone z = {.count = 0};
    assert_int_equal(draft_zone_decode(file, &z).code, CS_OK);
    return z;
}

static void same_zone(const struct draft_zone *a, const struct draft_zone *b)
{
    assert_int_equal(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->shift[i].from_s, b->shift[i].from_s);
        assert_int_equal(a->shift[i].offset_s, b->shift[i].offset_s);
    }
}

#define NONE(n) "\0\0\0" n
/* isut, isstd, leap, time, type, char */
#define COUNTS NONE("\0") NONE("\0") NONE("\0") NONE("\0") NONE("\1") NONE("\1")
#define FIRST                                                                                                          \
    "TZif2"                                                                                                            \
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" COUNTS "\0\0\0\0\0\0"                                                             \
    "\0"
#define ONLY(foot) FIRST FIRST "\n" foot "\n"

/* What the footer says is what the file's own transitions say. */
static void a_footer_goes_on_as_the_file_would(void **state)
{
    const struct {
        const char *path;
        struct span footer_only;
    } zones[] = {
        {"/usr/share/zoneinfo/Europe/Berlin", SPAN_LIT(ONLY("CET-1CEST,M3.5.0,M10.5.0/3"))},
        {"/usr/share/zoneinfo/America/New_York", SPAN_LIT(ONLY("EST5EDT,M3.2.0,M11.1.0"))},
        {"/usr/share/zoneinfo/Australia/Sydney", SPAN_LIT(ONLY("AEST-10AEDT,M10.1.0,M4.1.0/3"))},
        {"/usr/share/zoneinfo/Asia/Jerusalem", SPAN_LIT(ONLY("IST-2IDT,M3.4.4/26,M10.5.0"))},
        {"/usr/share/zoneinfo/Pacific/Chatham", SPAN_LIT(ONLY("<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45"))},
        {"/usr/share/zoneinfo/Europe/Dublin", SPAN_LIT(ONLY("GMT0IST,M3.5.0/1,M10.5.0"))},
    };
    (void)state;

    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        AUTO_WRITER file = wr_heap(DRAFT_ZONE_FILE_MAX);
        assert_int_equal(file_read(AT_FDCWD, zones[i].path, 0, &file).code, CS_OK);
        const struct draft_zone whole = decoded(wr_span(&file));
        const struct draft_zone footer = decoded(zones[i].footer_only);
        assert_int_equal(whole.count, 1 + 2 * 14);
        same_zone(&whole, &footer);
    }
}

#define BAD(name, lit, code)                                                                                           \
    {                                                                                                                  \
        name, {(const uint8_t *)(lit), sizeof(lit) - 1}, (code)                                                        \
    }
static const struct bad {
    const char *name;
    struct span file;
    enum cs_code want;
} bads[] = {
    BAD("no footer", ONLY(""), CS_OK),
    BAD("a footer without a summer", ONLY("<-03>3"), CS_OK),
    BAD("empty", "", CS_E_SHORT),
    BAD("another file", "PK\3\4................................................", CS_E_SYNTAX),
    BAD("version 1",
        "TZif\0"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" COUNTS,
        CS_E_SYNTAX),
    BAD("cut in its first header", "TZif2", CS_E_SHORT),
    BAD("cut before its second header", FIRST, CS_E_SHORT),
    BAD("cut before its footer", FIRST FIRST, CS_E_SHORT),
    BAD("cut in its footer", FIRST FIRST "\nCET", CS_E_SHORT),
    BAD("too many transitions",
        "TZif2"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" NONE("\0") NONE("\0") NONE("\0") "\0\0\x20\1" NONE("\1") NONE("\1"),
        CS_E_RANGE),
    BAD("no type",
        FIRST "TZif2"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" NONE("\0") NONE("\0") NONE("\0") NONE("\0") NONE("\0")
                  NONE("\1") "\0\n\n",
        CS_E_RANGE),
    BAD("a type that is not there",
        FIRST "TZif2"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" NONE("\0") NONE("\0") NONE("\0") NONE("\1") NONE("\1")
                  NONE("\1") "\0\0\0\0\1\2\3\4"
                             "\1"
                             "\0\0\0\0\0\0"
                             "\0"
                             "\n\n",
        CS_E_SHORT),
    BAD("an offset of two days",
        FIRST "TZif2"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" COUNTS "\0\2\xa3\0\0\0"
              "\0"
              "\n\n",
        CS_E_RANGE),
    BAD("transitions backwards",
        FIRST "TZif2"
              "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" NONE("\0") NONE("\0") NONE("\0") NONE("\2") NONE("\1")
                  NONE("\1") "\0\0\0\0\1\2\3\4"
                             "\0\0\0\0\1\2\3\4"
                             "\0\0"
                             "\0\0\0\0\0\0"
                             "\0"
                             "\n\n",
        CS_E_ORDER),
    BAD("a footer with a day of the year", ONLY("CET-1CEST,J60,M10.5.0/3"), CS_E_UNKNOWN),
    BAD("a footer without rules", ONLY("CET-1CEST"), CS_E_SYNTAX),
    BAD("a footer without an offset", ONLY("CET"), CS_E_SYNTAX),
    BAD("a footer with a short name", ONLY("CE-1"), CS_E_SYNTAX),
    BAD("a footer with an open name", ONLY("<+01-1"), CS_E_SYNTAX),
    BAD("a footer with month 13", ONLY("CET-1CEST,M13.5.0,M10.5.0"), CS_E_SYNTAX),
    BAD("a footer with week 0", ONLY("CET-1CEST,M3.0.0,M10.5.0"), CS_E_SYNTAX),
    BAD("a footer with week 6", ONLY("CET-1CEST,M3.6.0,M10.5.0"), CS_E_SYNTAX),
    BAD("a footer with day 7", ONLY("CET-1CEST,M3.5.7,M10.5.0"), CS_E_SYNTAX),
    BAD("a footer with hour 168", ONLY("CET-1CEST,M3.5.0/168,M10.5.0"), CS_E_SYNTAX),
    BAD("a footer and more", ONLY("CET-1CEST,M3.5.0,M10.5.0/3,"), CS_E_SYNTAX),
};

static void bad_files_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct draft_zone z;
        struct draft_zone before;
        memset(&z, 0x5a, sizeof(z));
        memcpy(&before, &z, sizeof(z));
        const struct cs_result r = draft_zone_decode(bads[i].file, &z);
        if (r.code != bads[i].want) {
            fail_msg("%s: %s %s", bads[i].name, r.msg, cs_code_name(r.code));
        }
        if (r.code != CS_OK) {
            assert_memory_equal(&z, &before, sizeof(z));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_holds),
        cmocka_unit_test(zones_stand_once),
        cmocka_unit_test(a_footer_goes_on_as_the_file_would),
        cmocka_unit_test(bad_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
