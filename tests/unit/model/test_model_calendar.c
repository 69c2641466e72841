/* SPDX-License-Identifier: Apache-2.0 */
/* When environments are open: days, hours, dates, leap days and the hours that a zone skips or has twice. Requirements
 * 1.3 and 4.5. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_text.h"
#include "model/model_policy.h"
#include "model_samples.h"

/* Berlin's summer of 2026, as the compiler would write it. */
#define BERLIN "{\"id\":\"Europe/Berlin\",\"offsets\":[1704067200,3600,1774746000,7200,1792890000,3600]}"
#define WITH(calendar, zones)                                                                                          \
    "{\"calendar\":[" calendar "]," HEAD_REST POLICY_OFFICERS "],\"v\":1,\"version\":1" zones "}"
#define HEAD_REST              "\"change_types\":[\"normal\"],\"environments\":[\"production\",\"test\"],\"name\":\"main\","
#define ZONES                  ",\"zones\":[" BERLIN "]"
#define ITEM(how, windows, id) "{\"" how "\":[" windows "],\"environments\":[\"production\"],\"id\":\"" id "\"}"
#define UTC                    "\"zone\":\"UTC\""
#define LOCAL                  "\"zone\":\"Europe/Berlin\""

static uint64_t at(const char *time)
{
    uint64_t ms = 0;
    assert_int_equal(text_time_decode(span_str(time), &ms, "time").code, CS_OK);
    return ms;
}

struct bed {
    struct arena arena;
    struct policy_doc doc;
    struct cs_result result;
};

static void decode(struct bed *b, const char *text)
{
    arena_init(&b->arena, 1U << 20);
    b->result = model_policy_decode(span_str(text), &b->arena, &b->doc);
}

/* --- what is open --- */

struct times {
    const char *name;
    const char *calendar;
    const char *open[4];
    const char *closed[4];
};

static const struct times times[] = {
    {"weekends are closed",
     ITEM("deny", "{\"days\":[\"sat\",\"sun\"]," UTC "}", "weekend"),
     {"2026-11-27T23:59:59.999Z", "2026-11-30T00:00:00.000Z"},
     {"2026-11-28T00:00:00.000Z", "2026-11-29T23:59:59.999Z"}},
    {"working hours",
     ITEM("allow", "{\"days\":[\"mon\"],\"hours\":[\"09:00-12:00\",\"13:00-17:30\"]," UTC "}", "h"),
     {"2026-11-30T09:00:00.000Z", "2026-11-30T11:59:59.999Z", "2026-11-30T17:29:59.999Z"},
     {"2026-11-30T08:59:59.999Z", "2026-11-30T12:00:00.000Z", "2026-11-30T17:30:00.000Z", "2026-12-01T10:00:00.000Z"}},
    {"until the day's end",
     ITEM("allow", "{\"hours\":[\"22:00-24:00\"]," UTC "}", "night"),
     {"2026-11-30T22:00:00.000Z", "2026-11-30T23:59:59.999Z"},
     {"2026-11-30T21:59:59.999Z", "2026-12-01T00:00:00.000Z"}},
    {"two windows: either",
     ITEM("allow", "{\"days\":[\"mon\"]," UTC "},{\"days\":[\"wed\"],\"hours\":[\"10:00-11:00\"]," UTC "}", "e"),
     {"2026-11-30T00:00:00.000Z", "2026-12-02T10:30:00.000Z"},
     {"2026-12-01T10:30:00.000Z", "2026-12-02T09:30:00.000Z"}},
    {"a date range has both its ends",
     ITEM("deny", "{\"dates\":[\"2026-12-20..2027-01-06\"]," UTC "}", "d"),
     {"2026-12-19T23:59:59.999Z", "2027-01-07T00:00:00.000Z", "2027-12-24T00:00:00.000Z"},
     {"2026-12-20T00:00:00.000Z", "2027-01-06T23:59:59.999Z"}},
    {"a yearly range goes past the year's end",
     ITEM("deny", "{\"dates\":[\"12-20..01-06\"]," UTC "}", "d"),
     {"2026-12-19T00:00:00.000Z", "2027-01-07T00:00:00.000Z", "2030-06-01T00:00:00.000Z"},
     {"2026-12-31T00:00:00.000Z", "2027-01-01T00:00:00.000Z", "2031-01-06T23:59:59.999Z"}},
    {"29 February is in leap years",
     ITEM("deny", "{\"dates\":[\"02-29\"]," UTC "}", "leap"),
     {"2027-02-28T23:59:59.999Z", "2027-03-01T00:00:00.000Z", "2028-02-28T12:00:00.000Z", "2028-03-01T00:00:00.000Z"},
     {"2028-02-29T00:00:00.000Z", "2032-02-29T23:59:59.999Z", "2024-02-29T12:00:00.000Z"}},
    {"up to 29 February: in other years up to the 28th",
     ITEM("deny", "{\"dates\":[\"02-01..02-29\"]," UTC "}", "leap"),
     {"2027-03-01T00:00:00.000Z", "2028-01-31T23:59:59.999Z"},
     {"2027-02-28T23:59:59.999Z", "2028-02-29T23:59:59.999Z"}},
    {"hours of a place, in winter and in summer",
     ITEM("allow", "{\"hours\":[\"09:00-10:00\"]," LOCAL "}", "b"),
     {"2026-01-05T08:00:00.000Z", "2026-07-06T07:00:00.000Z"},
     {"2026-01-05T07:59:59.999Z", "2026-01-05T09:00:00.000Z", "2026-07-06T08:00:00.000Z", "2026-07-06T06:59:59.999Z"}},
    {"a day begins at its place's midnight",
     ITEM("deny", "{\"days\":[\"sat\"]," LOCAL "}", "b"),
     {"2026-07-03T21:59:59.999Z", "2026-07-04T22:00:00.000Z"},
     {"2026-07-03T22:00:00.000Z", "2026-07-04T21:59:59.999Z", "2026-01-02T23:00:00.000Z"}},
    {"an hour that is skipped is not there", /* 2026-03-29: 02:00 is 03:00 */
     ITEM("allow", "{\"hours\":[\"01:00-02:00\",\"02:30-03:30\"]," LOCAL "}", "b"),
     {"2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00.000Z", "2026-03-29T01:29:59.999Z"},
     {"2026-03-29T01:30:00.000Z", "2026-03-28T23:59:59.999Z"}},
    {"an hour that is there twice counts twice", /* 2026-10-25: 03:00 is 02:00 */
     ITEM("allow", "{\"hours\":[\"02:00-03:00\"]," LOCAL "}", "b"),
     {"2026-10-25T00:00:00.000Z", "2026-10-25T01:59:59.999Z"},
     {"2026-10-24T23:59:59.999Z", "2026-10-25T02:00:00.000Z"}},
    {"nothing is open in years that no calendar knows",
     ITEM("deny", "{\"days\":[\"sat\"]," UTC "}", "b"),
     {"2037-12-31T23:59:59.999Z", "2024-01-01T00:00:00.000Z"},
     {"2038-01-01T00:00:00.000Z", "2023-12-31T23:59:59.999Z", "2050-06-01T00:00:00.000Z"}},
};

static void each_time_is_open_or_closed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        AUTO_WRITER text = wr_heap(1U << 16);
        struct bed b = {.result = CS_SUCCESS};
        wr_text(&text, "{\"calendar\":[");
        wr_text(&text, times[i].calendar);
        wr_text(&text, "]," HEAD_REST POLICY_OFFICERS "],\"v\":1,\"version\":1" ZONES "}");
        wr_u8(&text, 0);
        decode(&b, (const char *)text.p);
        if (b.result.code != CS_OK) {
            fail_msg("%s: %s %s", times[i].name, b.result.msg, cs_code_text(b.result.code));
        }
        for (size_t k = 0; k < 4 && times[i].open[k] != NULL; k++) {
            if (!model_calendar_open(&b.doc.calendar[0], at(times[i].open[k]))) {
                fail_msg("%s: closed at %s", times[i].name, times[i].open[k]);
            }
        }
        for (size_t k = 0; k < 4 && times[i].closed[k] != NULL; k++) {
            if (model_calendar_open(&b.doc.calendar[0], at(times[i].closed[k]))) {
                fail_msg("%s: open at %s", times[i].name, times[i].closed[k]);
            }
        }
        arena_release(&b.arena);
    }
}

/* Between a time and what model_calendar_until says of it nothing changes; found by trying each quarter of an hour of
 * the weeks around both changes of the clock. */
static void nothing_changes_before_its_edge(void **state)
{
    struct bed b = {.result = CS_SUCCESS};
    static const char *const weeks[] = {"2026-03-25T00:00:00.000Z", "2026-10-21T00:00:00.000Z"};
    enum { QUARTER_MS = 900000, QUARTERS = 10 * 96 };
    (void)state;

    decode(&b, WITH(ITEM("allow",
                         "{\"days\":[\"sat\",\"sun\",\"wed\"],\"hours\":[\"01:45-02:15\",\"02:45-23:00\"]," LOCAL
                         "},{\"dates\":[\"2026-10-25\"]," UTC "}",
                         "x"),
                    ZONES));
    assert_int_equal(b.result.code, CS_OK);
    for (size_t w = 0; w < 2; w++) {
        uint64_t now = at(weeks[w]);
        for (size_t i = 0; i < QUARTERS; i++) {
            const uint64_t until = model_calendar_until(&b.doc.calendar[0], now);
            assert_true(until > now);
            const bool open = model_calendar_open(&b.doc.calendar[0], now);
            assert_int_equal(model_calendar_open(&b.doc.calendar[0], until - 1), open);
            if (now + QUARTER_MS < until) {
                assert_int_equal(model_calendar_open(&b.doc.calendar[0], now + QUARTER_MS), open);
            }
            now += QUARTER_MS;
        }
    }
    arena_release(&b.arena);
}

static void it_says_when_it_opens(void **state)
{
    struct bed b = {.result = CS_SUCCESS};
    const struct span production = SPAN_LIT("production");
    const uint64_t end = (uint64_t)CALENDAR_UNTIL_S * 1000;
    (void)state;

    decode(&b, WITH(ITEM("deny", "{\"days\":[\"sat\",\"sun\"]," LOCAL "}",
                         "a") "," ITEM("allow", "{\"hours\":[\"09:00-17:00\"]," LOCAL "}", "b"),
                    ZONES));
    assert_int_equal(b.result.code, CS_OK);
    assert_int_equal(model_calendar_opens(b.doc.calendar, 2, production, at("2026-07-03T14:59:59.999Z"), end),
                     at("2026-07-03T14:59:59.999Z"));
    assert_int_equal(model_calendar_opens(b.doc.calendar, 2, production, at("2026-07-03T15:00:00.000Z"), end),
                     at("2026-07-06T07:00:00.000Z"));
    assert_int_equal(model_calendar_opens(b.doc.calendar, 2, production, at("2026-07-03T15:00:00.000Z"),
                                          at("2026-07-06T07:00:00.000Z")),
                     UINT64_MAX);
    /* no item is for it */
    assert_int_equal(model_calendar_opens(b.doc.calendar, 2, SPAN_LIT("test"), 5, end), 5);
    arena_release(&b.arena);
}

/* Monday alone and not Monday: nothing is left. */
static void what_never_opens_is_found(void **state)
{
    struct bed b = {.result = CS_SUCCESS};
    const uint64_t from = (uint64_t)CALENDAR_FROM_S * 1000;
    const uint64_t end = (uint64_t)CALENDAR_UNTIL_S * 1000;
    (void)state;

    decode(&b, WITH(ITEM("allow", "{\"days\":[\"mon\"]," UTC "}", "a") "," ITEM("deny", "{\"days\":[\"mon\"]," UTC "}",
                                                                                "b"),
                    ""));
    assert_int_equal(b.result.code, CS_OK);
    assert_int_equal(model_calendar_opens(b.doc.calendar, 1, SPAN_LIT("production"), from, end), from);
    assert_int_equal(model_calendar_opens(b.doc.calendar, 2, SPAN_LIT("production"), from, end), UINT64_MAX);
    assert_true(model_window_occurs(&b.doc.calendar[0].windows[0]));
    arena_release(&b.arena);
    decode(&b, WITH(ITEM("deny", "{\"dates\":[\"2026-12-21\"],\"days\":[\"sat\"]," UTC "}", "a"), ""));
    assert_int_equal(b.result.code, CS_OK);
    assert_false(model_window_occurs(&b.doc.calendar[0].windows[0]));
    arena_release(&b.arena);
}

static void nothing_known_is_closed(void **state)
{
    const struct policy_window window = {.days = 1};
    const struct policy_calendar none = {.allow = false};
    struct policy_window copy = window;
    const struct policy_calendar unknown = {.windows = &copy, .window_count = 1};
    (void)state;

    assert_false(model_calendar_open(&none, at("2026-07-03T00:00:00.000Z")));
    assert_false(model_calendar_open(&unknown, at("2026-07-03T00:00:00.000Z")));
}

/* --- what is decoded --- */

#define ROW(name, text, code)                                                                                          \
    {                                                                                                                  \
        name, text, code                                                                                               \
    }
#define ONE(windows) WITH(ITEM("deny", windows, "a"), ZONES)
static const struct row {
    const char *name;
    const char *text;
    enum cs_code want;
} rows[] = {
    ROW("whole", ONE("{\"dates\":[\"12-24\",\"2026-12-31\"],\"days\":[\"mon\"],\"hours\":[\"00:00-06:00\"]," LOCAL "}"),
        CS_OK),
    ROW("no item", WITH("", ZONES), CS_E_RANGE),
    ROW("no window", ONE(""), CS_E_RANGE),
    ROW("a window of always", ONE("{" UTC "}"), CS_E_MISSING),
    ROW("no zone", ONE("{\"days\":[\"mon\"]}"), CS_E_MISSING),
    ROW("unknown zone", ONE("{\"days\":[\"mon\"],\"zone\":\"Europe/Paris\"}"), CS_E_UNKNOWN),
    ROW("zone that nobody declares", WITH(ITEM("deny", "{\"days\":[\"mon\"]," LOCAL "}", "a"), ""), CS_E_UNKNOWN),
    ROW("unknown day", ONE("{\"days\":[\"day\"]," UTC "}"), CS_E_UNKNOWN),
    ROW("days out of order", ONE("{\"days\":[\"mon\",\"fri\"]," UTC "}"), CS_E_ORDER),
    ROW("a day twice", ONE("{\"days\":[\"mon\",\"mon\"]," UTC "}"), CS_E_DUPLICATE),
    ROW("all days", ONE("{\"days\":[\"fri\",\"mon\",\"sat\",\"sun\",\"thu\",\"tue\",\"wed\"]," UTC "}"), CS_E_RANGE),
    ROW("30 February", ONE("{\"dates\":[\"02-30\"]," UTC "}"), CS_E_RANGE),
    ROW("29 February 2027", ONE("{\"dates\":[\"2027-02-29\"]," UTC "}"), CS_E_RANGE),
    ROW("29 February 2028", ONE("{\"dates\":[\"2028-02-29\"]," UTC "}"), CS_OK),
    ROW("month 13", ONE("{\"dates\":[\"13-01\"]," UTC "}"), CS_E_RANGE),
    ROW("day 0", ONE("{\"dates\":[\"12-00\"]," UTC "}"), CS_E_RANGE),
    ROW("31 April", ONE("{\"dates\":[\"04-31\"]," UTC "}"), CS_E_RANGE),
    ROW("a year before", ONE("{\"dates\":[\"2023-12-31\"]," UTC "}"), CS_E_RANGE),
    ROW("a year after", ONE("{\"dates\":[\"2038-01-01\"]," UTC "}"), CS_E_RANGE),
    ROW("no date", ONE("{\"dates\":[\"today\"]," UTC "}"), CS_E_SYNTAX),
    ROW("an empty date", ONE("{\"dates\":[\"\"]," UTC "}"), CS_E_SYNTAX),
    ROW("a range of two kinds", ONE("{\"dates\":[\"2026-12-24..01-06\"]," UTC "}"), CS_E_SYNTAX),
    ROW("a range backwards", ONE("{\"dates\":[\"2027-01-06..2026-12-24\"]," UTC "}"), CS_E_ORDER),
    ROW("a range of one day", ONE("{\"dates\":[\"12-24..12-24\"]," UTC "}"), CS_E_ORDER),
    ROW("hours past midnight", ONE("{\"hours\":[\"22:00-06:00\"]," UTC "}"), CS_E_ORDER),
    ROW("no hours", ONE("{\"hours\":[\"09:00-09:00\"]," UTC "}"), CS_E_ORDER),
    ROW("a whole day", ONE("{\"hours\":[\"00:00-24:00\"]," UTC "}"), CS_E_RANGE),
    ROW("24:01", ONE("{\"hours\":[\"09:00-24:01\"]," UTC "}"), CS_E_RANGE),
    ROW("minute 60", ONE("{\"hours\":[\"09:60-10:00\"]," UTC "}"), CS_E_RANGE),
    ROW("9:00", ONE("{\"hours\":[\"9:00-10:00\"]," UTC "}"), CS_E_SYNTAX),
    ROW("hours that touch", ONE("{\"hours\":[\"09:00-10:00\",\"10:00-11:00\"]," UTC "}"), CS_E_ORDER),
    ROW("hours that overlap", ONE("{\"hours\":[\"09:00-10:00\",\"09:30-11:00\"]," UTC "}"), CS_E_ORDER),
    ROW("two items of one id",
        WITH(ITEM("deny", "{\"days\":[\"mon\"]," UTC "}", "a") "," ITEM("deny", "{\"days\":[\"tue\"]," UTC "}", "a"),
             ZONES),
        CS_E_DUPLICATE),
    ROW("an id with a slash", WITH(ITEM("deny", "{\"days\":[\"mon\"]," UTC "}", "a/b"), ZONES), CS_E_SYNTAX),
    ROW("neither allow nor deny", WITH("{\"environments\":[\"production\"],\"id\":\"a\"}", ZONES), CS_E_MISSING),
    ROW("both allow and deny",
        WITH("{\"allow\":[{\"days\":[\"mon\"]," UTC "}],\"deny\":[{\"days\":[\"tue\"]," UTC
             "}],\"environments\":[\"production\"],\"id\":\"a\"}",
             ZONES),
        CS_E_UNKNOWN),
    ROW("unknown environment",
        WITH("{\"deny\":[{\"days\":[\"mon\"]," UTC "}],\"environments\":[\"prod\"],\"id\":\"a\"}", ZONES),
        CS_E_UNKNOWN),
#define ZONE(id, offsets)                                                                                              \
    WITH(ITEM("deny", "{\"days\":[\"mon\"]," UTC "}", "a"),                                                            \
         ",\"zones\":[{\"id\":\"" id "\",\"offsets\":[" offsets "]}]")
    ROW("a zone", ZONE("Z", "1704067200,-3600"), CS_OK),
    ROW("a zone called UTC", ZONE("UTC", "1704067200,0"), CS_E_DUPLICATE),
    ROW("a zone without offsets", ZONE("Z", ""), CS_E_RANGE),
    ROW("half an offset", ZONE("Z", "1704067200"), CS_E_RANGE),
    ROW("a zone that begins late", ZONE("Z", "1704067201,0"), CS_E_ORDER),
    ROW("a zone past the end", ZONE("Z", "1704067200,0,2145916800,3600"), CS_E_RANGE),
    ROW("a zone backwards", ZONE("Z", "1704067200,0,1704067200,3600"), CS_E_ORDER),
    ROW("a shift of nothing", ZONE("Z", "1704067200,0,1704067300,0"), CS_E_DUPLICATE),
    ROW("an offset of 26 hours", ZONE("Z", "1704067200,93600"), CS_E_RANGE),
    ROW("zones out of order",
        WITH(ITEM("deny", "{\"days\":[\"mon\"]," UTC "}", "a"),
             ",\"zones\":[{\"id\":\"b\",\"offsets\":[1704067200,0]},{\"id\":\"a\",\"offsets\":[1704067200,0]}]"),
        CS_E_ORDER),
};

static void decode_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bed b = {.result = CS_SUCCESS};
        decode(&b, rows[i].text);
        if (b.result.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].name, b.result.msg, cs_code_name(b.result.code));
        }
        arena_release(&b.arena);
    }
}

static void windows_in_words(void **state)
{
    AUTO_WRITER w = wr_heap(1024);
    struct bed b = {.result = CS_SUCCESS};
    (void)state;

    decode(&b, rows[0].text);
    assert_int_equal(b.result.code, CS_OK);
    model_window_write(&b.doc.calendar[0].windows[0], &w);
    assert_true(span_is(wr_span(&w), "mon 12-24 2026-12-31 00:00-06:00 Europe/Berlin"));
    arena_release(&b.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_time_is_open_or_closed),
        cmocka_unit_test(nothing_changes_before_its_edge),
        cmocka_unit_test(it_says_when_it_opens),
        cmocka_unit_test(what_never_opens_is_found),
        cmocka_unit_test(nothing_known_is_closed),
        cmocka_unit_test(decode_rows),
        cmocka_unit_test(windows_in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
