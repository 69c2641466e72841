/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft_zone.h"

enum { COUNT_MAX = 8192, TYPE_BYTES = 6, HOUR_S = 3600, RULE_HOURS_MAX = 167, FIRST_YEAR = 2023, LAST_YEAR = 2037 };

/* --- collecting --- */

struct collect {
    struct draft_zone zone;
    int64_t last_s; /* of the transitions so far */
    bool full;
};

/* From at_s on the offset is this; called in the order of time. */
static void shift(struct collect *c, int64_t at_s, int64_t offset_s)
{
    struct draft_zone *z = &c->zone;

    if (at_s <= CALENDAR_FROM_S || z->count == 0) {
        z->shift[0] = (struct zone_shift){.from_s = CALENDAR_FROM_S, .offset_s = offset_s};
        z->count = 1;
    } else if (at_s < CALENDAR_UNTIL_S && offset_s != z->shift[z->count - 1].offset_s) {
        c->full = c->full || z->count == ZONE_SHIFTS_MAX;
        if (!c->full) {
            z->shift[z->count++] = (struct zone_shift){.from_s = at_s, .offset_s = offset_s};
        }
    }
}

/* --- the footer: a POSIX TZ string --- */

struct rule {
    uint32_t month;
    uint32_t week; /* 5: the last */
    uint32_t day;  /* 0: Sunday */
    int64_t time_s;
};

struct footer {
    int64_t standard_s; /* offsets from UTC */
    bool has_summer;
    int64_t summer_s;
    struct rule start;
    struct rule end;
};

static bool next_is(const struct span *at, uint8_t c)
{
    return at->left > 0 && at->p[0] == c;
}

static bool skip(struct span *at, uint8_t c)
{
    const bool is = next_is(at, c);
    *at = span_from(*at, is ? 1 : 0);
    return is;
}

static CS_RESULT take_number(struct span *at, uint32_t most, uint32_t *ret_value)
{
    uint32_t v = 0;
    size_t n = 0;

    while (n < at->left && at->p[n] >= '0' && at->p[n] <= '9' && v <= most) {
        v = v * 10 + (uint32_t)(at->p[n] - '0');
        n++;
    }
    ENSURE(n > 0 && v <= most, CS_E_SYNTAX, "zone.footer");
    *at = span_from(*at, n);
    *ret_value = v;
    return CS_SUCCESS;
}

/* "CET" or "<+01>" */
static CS_RESULT take_name(struct span *at)
{
    const bool quoted = skip(at, '<');
    size_t n = 0;

    while (n < at->left &&
           (quoted ? at->p[n] != '>' : (at->p[n] >= 'A' && at->p[n] <= 'Z') || (at->p[n] >= 'a' && at->p[n] <= 'z'))) {
        n++;
    }
    *at = span_from(*at, n);
    ENSURE(n >= 3 && (!quoted || skip(at, '>')), CS_E_SYNTAX, "zone.footer");
    return CS_SUCCESS;
}

/* [+-]hh[:mm[:ss]] */
static CS_RESULT take_time(struct span *at, int64_t *ret_seconds)
{
    const bool minus = skip(at, '-');
    uint32_t part[3] = {0};

    if (!minus) {
        (void)skip(at, '+');
    }
    TRY(take_number(at, RULE_HOURS_MAX, &part[0]));
    for (size_t i = 1; i < 3 && skip(at, ':'); i++) {
        TRY(take_number(at, 59, &part[i]));
    }
    const int64_t s = (int64_t)part[0] * HOUR_S + (int64_t)part[1] * 60 + part[2];
    *ret_seconds = minus ? -s : s;
    return CS_SUCCESS;
}

/* ",Mm.w.d[/time]" */
static CS_RESULT take_rule(struct span *at, struct rule *r)
{
    ENSURE(skip(at, ','), CS_E_SYNTAX, "zone.footer");
    ENSURE(skip(at, 'M'), CS_E_UNKNOWN, "zone.footer");
    TRY(take_number(at, 12, &r->month));
    ENSURE(r->month >= 1 && skip(at, '.'), CS_E_SYNTAX, "zone.footer");
    TRY(take_number(at, 5, &r->week));
    ENSURE(r->week >= 1 && skip(at, '.'), CS_E_SYNTAX, "zone.footer");
    TRY(take_number(at, 6, &r->day));
    r->time_s = (int64_t)2 * HOUR_S;
    return skip(at, '/') ? take_time(at, &r->time_s) : CS_SUCCESS;
}

static CS_RESULT take_footer(struct span at, struct footer *f)
{
    TRY(take_name(&at));
    TRY(take_time(&at, &f->standard_s)); /* POSIX counts westward */
    f->standard_s = -f->standard_s;
    f->has_summer = at.left > 0;
    if (!f->has_summer) {
        return CS_SUCCESS;
    }
    TRY(take_name(&at));
    f->summer_s = f->standard_s + HOUR_S;
    if (!next_is(&at, ',')) {
        TRY(take_time(&at, &f->summer_s));
        f->summer_s = -f->summer_s;
    }
    TRY(take_rule(&at, &f->start));
    TRY(take_rule(&at, &f->end));
    ENSURE(at.left == 0, CS_E_SYNTAX, "zone.footer");
    return CS_SUCCESS;
}

/* Days since 1970-01-01 of the first of a month; for years 1970 to 2099. */
static int64_t first_of(uint32_t year, uint32_t month)
{
    static const uint32_t before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    const uint32_t years = year - 1970;
    const uint32_t leap = year % 4 == 0 && month > 2 ? 1 : 0;

    return (int64_t)years * 365 + (years + 1) / 4 + before[(month - 1) % 12] + leap;
}

/* Seconds since 1970 in the local time that holds before it. */
static int64_t rule_at(const struct rule *r, uint32_t year)
{
    const int64_t first = first_of(year, r->month);
    const int64_t next = r->month == 12 ? first_of(year + 1, 1) : first_of(year, r->month + 1);
    const int64_t weekday = (first + 4) % 7; /* 1970-01-01 was a Thursday; 0 is Sunday */
    int64_t day = first + ((int64_t)r->day - weekday + 7) % 7 + (int64_t)(r->week - 1) * 7;

    while (day >= next) {
        day -= 7;
    }
    return day * CALENDAR_DAY_S + r->time_s;
}

static void shift_later(struct collect *c, int64_t at_s, int64_t offset_s)
{
    if (at_s > c->last_s) {
        shift(c, at_s, offset_s);
        c->last_s = at_s;
    }
}

static void apply_footer(struct collect *c, const struct footer *f)
{
    for (uint32_t year = FIRST_YEAR; f->has_summer && year <= LAST_YEAR; year++) {
        const int64_t start = rule_at(&f->start, year) - f->standard_s;
        const int64_t end = rule_at(&f->end, year) - f->summer_s;
        if (start < end) {
            shift_later(c, start, f->summer_s);
            shift_later(c, end, f->standard_s);
        } else {
            shift_later(c, end, f->standard_s);
            shift_later(c, start, f->summer_s);
        }
    }
}

/* --- the file --- */

struct counts {
    uint32_t isut;
    uint32_t isstd;
    uint32_t leap;
    uint32_t time;
    uint32_t type;
    uint32_t chars;
};

static CS_RESULT take_count(struct reader *r, uint32_t *ret_count)
{
    uint32_t n = 0;
    TRY(rd_u32(r, &n, "zone.header"));
    ENSURE(n <= COUNT_MAX, CS_E_RANGE, "zone.header");
    *ret_count = n;
    return CS_SUCCESS;
}

static CS_RESULT take_header(struct reader *r, struct counts *n)
{
    struct span magic = SPAN_NONE;
    struct span unused = SPAN_NONE;
    uint8_t version = 0;

    TRY(rd_take(r, 4, &magic, "zone.magic"));
    ENSURE(span_is(magic, "TZif"), CS_E_SYNTAX, "zone.magic");
    TRY(rd_u8(r, &version, "zone.version"));
    ENSURE(version >= '2' && version <= '9', CS_E_SYNTAX, "zone.version");
    TRY(rd_take(r, 15, &unused, "zone.header"));
    TRY(take_count(r, &n->isut));
    TRY(take_count(r, &n->isstd));
    TRY(take_count(r, &n->leap));
    TRY(take_count(r, &n->time));
    TRY(take_count(r, &n->type));
    return take_count(r, &n->chars);
}

/* The first block has times of 32 bits, for readers of version 1. */
static CS_RESULT skip_first(struct reader *r)
{
    struct counts n = {0};
    struct span unused = SPAN_NONE;

    TRY(take_header(r, &n));
    const size_t bytes =
        (size_t)n.time * 5 + (size_t)n.type * TYPE_BYTES + n.chars + (size_t)n.leap * 8 + n.isstd + n.isut;
    return rd_take(r, bytes, &unused, "zone.data");
}

static CS_RESULT type_offset(struct span types, size_t at, int64_t *ret_offset_s)
{
    struct reader r = rd_make(span_from(types, at * TYPE_BYTES));
    uint32_t v = 0;

    TRY(rd_u32(&r, &v, "zone.type"));
    const int64_t offset = v <= INT32_MAX ? (int64_t)v : (int64_t)v - (INT64_C(1) << 32);
    ENSURE(offset >= -ZONE_OFFSET_MAX && offset <= ZONE_OFFSET_MAX, CS_E_RANGE, "zone.type");
    *ret_offset_s = offset;
    return CS_SUCCESS;
}

static CS_RESULT take_transitions(struct span times, struct span at, struct span types, struct collect *c)
{
    struct reader r = rd_make(times);
    int64_t offset = 0;

    TRY(type_offset(types, 0, &offset)); /* before the first */
    shift(c, INT64_MIN, offset);
    for (size_t i = 0; i < at.left; i++) {
        uint64_t v = 0;
        TRY(rd_u64(&r, &v, "zone.time"));
        const int64_t when = (int64_t)v;
        ENSURE(i == 0 || when > c->last_s, CS_E_ORDER, "zone.time");
        TRY(type_offset(types, at.p[i], &offset));
        shift(c, when, offset);
        c->last_s = when;
    }
    return CS_SUCCESS;
}

static CS_RESULT take_second(struct reader *r, struct collect *c)
{
    struct counts n = {0};
    struct span times = SPAN_NONE;
    struct span at = SPAN_NONE;
    struct span types = SPAN_NONE;
    struct span unused = SPAN_NONE;

    TRY(take_header(r, &n));
    ENSURE(n.leap == 0, CS_E_UNKNOWN, "zone.leap");
    ENSURE(n.type >= 1, CS_E_RANGE, "zone.type");
    TRY(rd_take(r, (size_t)n.time * 8, &times, "zone.time"));
    TRY(rd_take(r, n.time, &at, "zone.time"));
    TRY(rd_take(r, (size_t)n.type * TYPE_BYTES, &types, "zone.type"));
    TRY(rd_take(r, (size_t)n.chars + n.isstd + n.isut, &unused, "zone.data"));
    return take_transitions(times, at, types, c);
}

CS_RESULT draft_zone_decode(struct span file, struct draft_zone *ret_zone)
{
    struct reader r = rd_make(file);
    struct collect c = {.last_s = INT64_MIN};
    struct footer f = {0};
    struct span text = SPAN_NONE;

    ENSURE(file.left <= DRAFT_ZONE_FILE_MAX, CS_E_RANGE, "zone");
    TRY(skip_first(&r));
    TRY(take_second(&r, &c));
    TRY(rd_until(&r, '\n', &text, "zone.footer"));
    ENSURE(text.left == 0, CS_E_SYNTAX, "zone.footer");
    TRY(rd_until(&r, '\n', &text, "zone.footer"));
    if (text.left > 0) {
        TRY(take_footer(text, &f));
        apply_footer(&c, &f);
    }
    ENSURE(!c.full, CS_E_RANGE, "zone");
    *ret_zone = c.zone;
    return CS_SUCCESS;
}
