/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When an environment is open: the closed periods and change windows of a policy. Days and hours are those of a place,
 * and the compiled document spells out how far that place is from UTC and since when, so nothing here asks a clock or a
 * file. Pure. Source: docs/formats/policy.md.
 */
#ifndef MODEL_CALENDAR_H
#define MODEL_CALENDAR_H

#include "base/base_writer.h"
#include "json/json_in.h"

enum {
    CALENDAR_ITEMS_MAX = 32,
    CALENDAR_WINDOWS_MAX = 8,
    CALENDAR_DATES_MAX = 32,
    CALENDAR_HOURS_MAX = 4,
    ZONES_MAX = 16,
    ZONE_SHIFTS_MAX = 128,
    ZONE_OFFSET_MAX = 93599, /* seconds; RFC 9636 §3.2 */
    CALENDAR_DAY_S = 86400,
};
/* What calendars know: the years 2024 to 2037. At any other time none is open. */
#define CALENDAR_FROM_S  INT64_C(1704067200)
#define CALENDAR_UNTIL_S INT64_C(2145916800)

/* From then on local time is UTC and offset_s. */
struct zone_shift {
    int64_t from_s;
    int64_t offset_s;
};

struct policy_zone {
    struct span id;
    struct zone_shift *shifts; /* ascending; the first at CALENDAR_FROM_S */
    size_t shift_count;
};

/* Both days belong to it: YYYYMMDD, or of every year MMDD, and then it may go past the year's end. */
struct policy_dates {
    bool yearly;
    uint32_t first;
    uint32_t last;
};

/* Minutes of a day: from is in it, until is not. */
struct policy_hours {
    uint32_t from;
    uint32_t until;
};

/* Times that are on one of the days, on one of the dates, and within some hours; what is not said holds always. */
struct policy_window {
    uint32_t days; /* bit 0 Monday … bit 6 Sunday; 0: not said */
    struct policy_dates *dates;
    size_t date_count;
    struct policy_hours *hours;
    size_t hour_count;
    struct span zone;
    const struct policy_zone *at; /* NULL: not known, and then nothing is open */
};

struct policy_calendar {
    struct span id;
    bool allow; /* open only within a window; otherwise closed within each */
    struct span *environments;
    size_t environment_count;
    struct policy_window *windows;
    size_t window_count;
};

struct policy_doc;

/* A time somewhere. */
struct local_time {
    uint32_t date;   /* YYYYMMDD */
    uint32_t day;    /* of the week: 0 Monday … 6 Sunday */
    uint32_t second; /* of the day */
};
/* False when the zone does not know. */
bool model_zone_local(const struct policy_zone *z, uint64_t now_ms, struct local_time *ret_local);

bool model_calendar_is_for(const struct policy_calendar *c, struct span environment);
/* False also when a zone does not know. */
bool model_calendar_open(const struct policy_calendar *c, uint64_t now_ms);
/* The first time after now_ms at which that may change; UINT64_MAX: it does not. */
uint64_t model_calendar_until(const struct policy_calendar *c, uint64_t now_ms);
/* The first time, not before from_ms and before until_ms, at which all of these that are for the environment are open;
 * UINT64_MAX: none. Looks at each time at which one of them may change. */
uint64_t model_calendar_opens(const struct policy_calendar *items, size_t count, struct span environment,
                              uint64_t from_ms, uint64_t until_ms);
/* Is there any time at all within it? */
bool model_window_occurs(const struct policy_window *w);

/* "2026-12-24", "12-24", "12-20..01-06"; "09:00-17:30". CS_E_SYNTAX, or CS_E_RANGE for a day or time that there is not.
 */
CS_RESULT model_dates_decode(struct span text, struct policy_dates *ret_dates, const char *what);
CS_RESULT model_hours_decode(struct span text, struct policy_hours *ret_hours, const char *what);
/* "mon" … "sun": 0 … 6; 7 for any other word. */
uint32_t model_day_of(struct span word);
const char *model_day_text(uint32_t day);
/* Days since 1970-01-01 as YYYYMMDD; for years 1970 to 9999. */
uint32_t model_date_of(int64_t days);
/* As they are decoded. */
void model_dates_write(const struct policy_dates *d, struct writer *out);
void model_hours_write(const struct policy_hours *h, struct writer *out);
/* Of a window, in words: "sat sun 09:00-17:00 Europe/Berlin". */
void model_window_write(const struct policy_window *w, struct writer *out);
/* "closed sat sun UTC", "open only mon 09:00-12:00 UTC or tue UTC": all that it asks, but for where. */
void model_calendar_write(const struct policy_calendar *c, struct writer *out);
/* "2026-03-29T01:00:00.000Z UTC+02:00" */
void model_shift_write(const struct zone_shift *s, struct writer *out);
/* Do both ask the same of the same environments, in zones that are the same? */
bool model_calendar_same(const struct policy_calendar *a, const struct policy_calendar *b);

#endif
