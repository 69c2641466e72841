/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_calendar.h"

#include "base/base_text.h"

enum { MINUTE_S = 60, DAY_MINUTES = 1440, YEARLY = 10000, THURSDAY = 3 };

static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
enum { DAYS = 7 };

uint32_t model_day_of(struct span word)
{
    uint32_t i = 0;
    while (i < DAYS && !span_is(word, days[i])) {
        i++;
    }
    return i;
}

const char *model_day_text(uint32_t day)
{
    return day < DAYS ? days[day] : "none";
}

/* Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days; for days since 1970 or later. */
uint32_t model_date_of(int64_t days_since)
{
    const uint64_t z = (uint64_t)(days_since < 0 ? 0 : days_since) + 719468;
    const uint64_t era = z / 146097;
    const uint64_t doe = z - era * 146097;
    const uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const uint64_t mp = (5 * doy + 2) / 153;
    const uint64_t month = mp < 10 ? mp + 3 : mp - 9;
    const uint64_t year = yoe + era * 400 + (month <= 2 ? 1U : 0U);
    return (uint32_t)(year * 10000 + month * 100 + (doy - (153 * mp + 2) / 5 + 1));
}

/* --- what is written --- */

static bool digits(struct span text, size_t at, size_t n, uint32_t *ret_value)
{
    uint32_t v = 0;

    if (text.left < at + n) {
        return false;
    }
    for (size_t i = at; i < at + n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        v = v * 10 + (uint32_t)(text.p[i] - '0');
    }
    *ret_value = v;
    return true;
}

/* In a year that is not named, February may have 29 days. */
static bool is_day(uint32_t year, uint32_t month, uint32_t day)
{
    static const uint32_t most[] = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year == 0 || year % 4 == 0; /* no century in the years that a calendar knows */

    return month >= 1 && month <= 12 && day >= 1 && day <= most[month] && (leap || month != 2 || day <= 28);
}

static CS_RESULT take_date(struct span text, uint32_t *ret_date, const char *what)
{
    const bool whole = text.left == 10;
    uint32_t year = 0;
    uint32_t month = 0;
    uint32_t day = 0;

    ENSURE(whole || text.left == 5, CS_E_SYNTAX, what);
    ENSURE(!whole || (digits(text, 0, 4, &year) && text.p[4] == '-'), CS_E_SYNTAX, what);
    const size_t at = whole ? 5 : 0;
    ENSURE(digits(text, at, 2, &month) && text.p[at + 2] == '-' && digits(text, at + 3, 2, &day), CS_E_SYNTAX, what);
    ENSURE(!whole || (year >= 2024 && year <= 2037), CS_E_RANGE, what); /* CALENDAR_FROM_S, CALENDAR_UNTIL_S */
    ENSURE(is_day(year, month, day), CS_E_RANGE, what);
    *ret_date = year * 10000 + month * 100 + day;
    return CS_SUCCESS;
}

CS_RESULT model_dates_decode(struct span text, struct policy_dates *ret_dates, const char *what)
{
    const bool range = text.left == 12 || text.left == 22;
    const size_t half = range ? text.left / 2 - 1 : 0;
    struct policy_dates d = {.yearly = text.left == 5 || text.left == 12};

    if (!range) {
        TRY(take_date(text, &d.first, what));
        d.last = d.first;
    } else {
        ENSURE(text.p[half] == '.' && text.p[half + 1] == '.', CS_E_SYNTAX, what);
        TRY(take_date(span_make(text.p, half), &d.first, what));
        TRY(take_date(span_from(text, half + 2), &d.last, what));
        ENSURE(d.yearly ? d.first != d.last : d.first < d.last, CS_E_ORDER, what);
    }
    *ret_dates = d;
    return CS_SUCCESS;
}

/* "HH:MM" */
static CS_RESULT take_minutes(struct span text, size_t at, uint32_t *ret_minutes, const char *what)
{
    uint32_t hour = 0;
    uint32_t minute = 0;

    ENSURE(digits(text, at, 2, &hour) && text.p[at + 2] == ':' && digits(text, at + 3, 2, &minute), CS_E_SYNTAX, what);
    ENSURE(minute < 60 && hour * 60 + minute <= DAY_MINUTES, CS_E_RANGE, what);
    *ret_minutes = hour * 60 + minute;
    return CS_SUCCESS;
}

CS_RESULT model_hours_decode(struct span text, struct policy_hours *ret_hours, const char *what)
{
    struct policy_hours h = {0};

    ENSURE(text.left == 11 && text.p[5] == '-', CS_E_SYNTAX, what);
    TRY(take_minutes(text, 0, &h.from, what));
    TRY(take_minutes(text, 6, &h.until, what));
    ENSURE(h.from < h.until, CS_E_ORDER, what);
    ENSURE(h.from > 0 || h.until < DAY_MINUTES, CS_E_RANGE, what); /* a whole day is written by leaving hours out */
    *ret_hours = h;
    return CS_SUCCESS;
}

/* --- what time it is there --- */

static const struct zone_shift *shift_at(const struct policy_zone *z, int64_t now_s)
{
    const struct zone_shift *s = NULL;

    for (size_t i = 0; z != NULL && i < z->shift_count && z->shifts[i].from_s <= now_s; i++) {
        s = &z->shifts[i];
    }
    return now_s < CALENDAR_UNTIL_S ? s : NULL;
}

bool model_zone_local(const struct policy_zone *z, uint64_t now_ms, struct local_time *ret_local)
{
    const int64_t now_s = (int64_t)(now_ms / 1000);
    const struct zone_shift *shift = shift_at(z, now_s);

    if (shift == NULL) {
        return false;
    }
    const int64_t local_s = now_s + shift->offset_s; /* a zone begins in 2024, so it is not before 1970 */
    const int64_t day = local_s / CALENDAR_DAY_S;
    *ret_local = (struct local_time){.date = model_date_of(day),
                                     .day = (uint32_t)((day + THURSDAY) % DAYS),
                                     .second = (uint32_t)(local_s % CALENDAR_DAY_S)};
    return true;
}

static bool on_date(const struct policy_dates *d, uint32_t date)
{
    const uint32_t at = d->yearly ? date % YEARLY : date;
    const bool after = at >= d->first;
    const bool before = at <= d->last;

    return d->first <= d->last ? after && before : after || before;
}

static bool within(const struct policy_window *w, const struct local_time *t)
{
    const uint32_t minute = t->second / MINUTE_S;
    bool dates = w->date_count == 0;
    bool hours = w->hour_count == 0;

    for (size_t i = 0; i < w->date_count; i++) {
        dates = dates || on_date(&w->dates[i], t->date);
    }
    for (size_t i = 0; i < w->hour_count; i++) {
        hours = hours || (minute >= w->hours[i].from && minute < w->hours[i].until);
    }
    return dates && hours && (w->days == 0 || (w->days >> t->day & 1U) != 0);
}

bool model_calendar_is_for(const struct policy_calendar *c, struct span environment)
{
    size_t i = 0;
    while (i < c->environment_count && !span_eq(c->environments[i], environment)) {
        i++;
    }
    return i < c->environment_count;
}

bool model_calendar_open(const struct policy_calendar *c, uint64_t now_ms)
{
    bool in = false;

    for (size_t i = 0; i < c->window_count; i++) {
        struct local_time t;
        if (!model_zone_local(c->windows[i].at, now_ms, &t)) {
            return false;
        }
        in = in || within(&c->windows[i], &t);
    }
    return c->window_count > 0 && in == c->allow;
}

static int64_t sooner(int64_t a, int64_t b, int64_t after)
{
    return b > after && b < a ? b : a;
}

/* Nothing in a window changes between one of these and the next: midnight, its hours, a shift of its zone. */
static int64_t next_edge(const struct policy_window *w, int64_t now_s)
{
    const struct zone_shift *shift = shift_at(w->at, now_s);
    int64_t next = now_s < CALENDAR_FROM_S ? CALENDAR_FROM_S : CALENDAR_UNTIL_S;

    if (shift == NULL) {
        return next > now_s ? next : INT64_MAX;
    }
    const int64_t midnight = now_s - (now_s + shift->offset_s) % CALENDAR_DAY_S;
    next = sooner(next, midnight + CALENDAR_DAY_S, now_s);
    for (size_t i = 0; i < w->hour_count; i++) {
        next = sooner(next, midnight + (int64_t)w->hours[i].from * MINUTE_S, now_s);
        next = sooner(next, midnight + (int64_t)w->hours[i].until * MINUTE_S, now_s);
    }
    return shift + 1 < w->at->shifts + w->at->shift_count ? sooner(next, shift[1].from_s, now_s) : next;
}

uint64_t model_calendar_until(const struct policy_calendar *c, uint64_t now_ms)
{
    int64_t next = INT64_MAX;

    for (size_t i = 0; i < c->window_count; i++) {
        next = sooner(next, next_edge(&c->windows[i], (int64_t)(now_ms / 1000)), INT64_MIN);
    }
    return next == INT64_MAX ? UINT64_MAX : (uint64_t)next * 1000;
}

uint64_t model_calendar_opens(const struct policy_calendar *items, size_t count, struct span environment,
                              uint64_t from_ms, uint64_t until_ms)
{
    uint64_t now = from_ms;

    while (now < until_ms) {
        bool open = true;
        uint64_t next = 0; /* what is closed stays so until its next edge: the last of these is the next chance */
        for (size_t i = 0; i < count; i++) {
            if (model_calendar_is_for(&items[i], environment) && !model_calendar_open(&items[i], now)) {
                const uint64_t may = model_calendar_until(&items[i], now);
                open = false;
                next = may > next ? may : next;
            }
        }
        if (open) {
            return now;
        }
        now = next;
    }
    return UINT64_MAX;
}

bool model_window_occurs(const struct policy_window *w)
{
    struct policy_window copy = *w;
    struct span any = SPAN_LIT("any");
    const struct policy_calendar c = {
        .allow = true, .environments = &any, .environment_count = 1, .windows = &copy, .window_count = 1};

    return model_calendar_opens(&c, 1, any, (uint64_t)CALENDAR_FROM_S * 1000, (uint64_t)CALENDAR_UNTIL_S * 1000) !=
           UINT64_MAX;
}

/* --- in words --- */

static void write_date(struct writer *w, uint32_t date, bool yearly)
{
    if (!yearly) {
        wr_padded(w, date / YEARLY, 4);
        wr_u8(w, '-');
    }
    wr_padded(w, date % YEARLY / 100, 2);
    wr_u8(w, '-');
    wr_padded(w, date % 100, 2);
}

static void write_minutes(struct writer *w, uint32_t minutes)
{
    wr_padded(w, minutes / 60, 2);
    wr_u8(w, ':');
    wr_padded(w, minutes % 60, 2);
}

void model_dates_write(const struct policy_dates *d, struct writer *out)
{
    write_date(out, d->first, d->yearly);
    if (d->last != d->first) {
        wr_text(out, "..");
        write_date(out, d->last, d->yearly);
    }
}

void model_hours_write(const struct policy_hours *h, struct writer *out)
{
    write_minutes(out, h->from);
    wr_u8(out, '-');
    write_minutes(out, h->until);
}

void model_window_write(const struct policy_window *w, struct writer *out)
{
    for (uint32_t i = 0; i < DAYS; i++) {
        if ((w->days >> i & 1U) != 0) {
            wr_text(out, days[i]);
            wr_u8(out, ' ');
        }
    }
    for (size_t i = 0; i < w->date_count; i++) {
        model_dates_write(&w->dates[i], out);
        wr_u8(out, ' ');
    }
    for (size_t i = 0; i < w->hour_count; i++) {
        model_hours_write(&w->hours[i], out);
        wr_u8(out, ' ');
    }
    wr_bytes(out, w->zone);
}

void model_calendar_write(const struct policy_calendar *c, struct writer *out)
{
    wr_text(out, c->allow ? "open only " : "closed ");
    for (size_t i = 0; i < c->window_count; i++) {
        wr_text(out, i == 0 ? "" : " or ");
        model_window_write(&c->windows[i], out);
    }
}

void model_shift_write(const struct zone_shift *s, struct writer *out)
{
    const uint32_t offset_s = (uint32_t)(s->offset_s < 0 ? -s->offset_s : s->offset_s);

    text_time_write(out, (uint64_t)s->from_s * 1000);
    wr_text(out, s->offset_s < 0 ? " UTC-" : " UTC+");
    write_minutes(out, offset_s / MINUTE_S);
    if (offset_s % MINUTE_S != 0) {
        wr_u8(out, ':');
        wr_padded(out, offset_s % MINUTE_S, 2);
    }
}

static bool same_zone(const struct policy_zone *a, const struct policy_zone *b)
{
    bool same = a != NULL && b != NULL && span_eq(a->id, b->id) && a->shift_count == b->shift_count;

    for (size_t i = 0; same && i < a->shift_count; i++) {
        same = a->shifts[i].from_s == b->shifts[i].from_s && a->shifts[i].offset_s == b->shifts[i].offset_s;
    }
    return same;
}

static bool same_window(const struct policy_window *a, const struct policy_window *b)
{
    bool same = a->days == b->days && a->date_count == b->date_count && a->hour_count == b->hour_count &&
                same_zone(a->at, b->at);

    for (size_t i = 0; same && i < a->date_count; i++) {
        same = a->dates[i].yearly == b->dates[i].yearly && a->dates[i].first == b->dates[i].first &&
               a->dates[i].last == b->dates[i].last;
    }
    for (size_t i = 0; same && i < a->hour_count; i++) {
        same = a->hours[i].from == b->hours[i].from && a->hours[i].until == b->hours[i].until;
    }
    return same;
}

bool model_calendar_same(const struct policy_calendar *a, const struct policy_calendar *b)
{
    bool same =
        a->allow == b->allow && a->environment_count == b->environment_count && a->window_count == b->window_count;

    for (size_t i = 0; same && i < a->environment_count; i++) {
        same = span_eq(a->environments[i], b->environments[i]);
    }
    for (size_t i = 0; same && i < a->window_count; i++) {
        same = same_window(&a->windows[i], &b->windows[i]);
    }
    return same;
}
