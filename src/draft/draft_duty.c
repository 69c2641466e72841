/* SPDX-License-Identifier: Apache-2.0 */
#include "draft/draft_duty.h"

#include "base/base_text.h"

enum { DAY_S = 86400, WEEK_DAYS = 7, DAYS_MAX = 3660, TURNS_MAX = 64 };

/* One line of `shifts`: on some days of the week, from one time of the day to another, by the same people or in turns
 * of a week each. */
struct line {
    bool day[WEEK_DAYS];                      /* Monday first */
    int64_t from_s;                           /* of the day */
    int64_t until_s;                          /* past the day's end for one that goes over midnight */
    const struct draft_node *turn[TURNS_MAX]; /* lists of names, or one name */
    size_t turns;
};

/* The plan while its shifts are made. */
struct plan {
    struct draft *d;
    const struct draft_zone *zone;
    int64_t first_day; /* since 1970 */
    int64_t end_day;
    struct duty_roster *roster;
};

CS_RESULT draft_duty_utc(const struct draft_zone *zone, int64_t local_s, int64_t *ret_utc_s)
{
    ENSURE(zone->count >= 1, CS_E_RANGE, "zone");
    int64_t utc = local_s - zone->shift[0].offset_s;

    for (size_t i = 1; i < zone->count && utc >= zone->shift[i].from_s; i++) {
        const int64_t after = local_s - zone->shift[i].offset_s;
        if (after < zone->shift[i].from_s) {
            break; /* left out by this change: as clocks would show it had they not gone forward */
        }
        utc = after;
    }
    ENSURE(utc >= CALENDAR_FROM_S && utc < CALENDAR_UNTIL_S, CS_E_RANGE, "zone");
    *ret_utc_s = utc;
    return CS_SUCCESS;
}

CS_RESULT draft_duty_day(struct span date, int64_t *ret_day)
{
    uint8_t text[TEXT_TIME_LEN];
    struct writer w = wr_fixed(text, sizeof(text));
    uint64_t ms = 0;

    ENSURE(date.left == 10, CS_E_SYNTAX, "date");
    wr_bytes(&w, date);
    wr_text(&w, "T00:00:00.000Z");
    TRY(wr_end(&w, "date"));
    TRY(text_time_decode(wr_span(&w), &ms, "date"));
    *ret_day = (int64_t)(ms / 1000 / DAY_S);
    return CS_SUCCESS;
}

static const char *const day_words[WEEK_DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static const char *const plan_words[] = {"from", "hand_over", "roster", "shifts", "until", "zone"};
static const char *const line_words[] = {"days", "from", "people", "turns", "until"};

static void check_words(struct draft *d, const struct draft_node *v, const char *const *words, size_t count,
                        const char *what)
{
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        size_t i = 0;
        while (i < count && !span_is(m->key->text, words[i])) {
            i++;
        }
        if (i == count) {
            draft_fault(d, m->key->at, "`%s` is not known in %s", draft_show(m->key->text).text, what);
        }
    }
}

/* A scalar that must be there. */
static const struct draft_node *scalar(struct draft *d, const struct draft_node *v, const char *key)
{
    const struct draft_node *m = draft_member(v, key);
    if (m == NULL || m->kind != DRAFT_SCALAR) {
        draft_fault(d, m != NULL ? m->at : v->at, "`%s` belongs here", key);
        return NULL;
    }
    return m;
}

static struct span take_id(struct draft *d, const struct draft_node *v, const char *key)
{
    const struct draft_node *m = scalar(d, v, key);
    if (m == NULL) {
        return SPAN_NONE;
    }
    if (text_id_check(m->text, MODEL_ID_MAX, key).code != CS_OK) {
        draft_fault(d, m->at, "`%s` is no name: letters, digits and ._@+:/- only, at most 64",
                    draft_show(m->text).text);
        return SPAN_NONE;
    }
    return m->text;
}

struct span draft_duty_zone(struct draft *d, const struct draft_node *top)
{
    if (top == NULL || top->kind != DRAFT_MAP) {
        draft_fault(d, top != NULL ? top->at : (struct draft_place){1, 1},
                    "a duty plan is a map with `roster`, `zone`, `from`, `until` and `shifts`");
        return SPAN_NONE;
    }
    const struct span zone = take_id(d, top, "zone");
    for (size_t i = 0; i + 1 < zone.left; i++) {
        if (zone.p[i] == '.') { /* it becomes a path */
            draft_fault(d, draft_member(top, "zone")->at, "a zone is written as in `Europe/Berlin`");
            return SPAN_NONE;
        }
    }
    return zone;
}

static int64_t take_day(struct draft *d, const struct draft_node *v, const char *key)
{
    const struct draft_node *m = scalar(d, v, key);
    int64_t day = 0;
    if (m != NULL && draft_duty_day(m->text, &day).code != CS_OK) {
        draft_fault(d, m->at, "`%s` is a date such as 2026-11-30", key);
    }
    return day;
}

static bool two_digits(const uint8_t *p, int64_t *ret_value)
{
    *ret_value = (int64_t)(p[0] - '0') * 10 + (p[1] - '0');
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';
}

/* "08:00" to "24:00", which YAML 1.1 would read as a number: a plain one is the text that stands there all the same. */
static int64_t take_time(struct draft *d, const struct draft_node *v, const char *key)
{
    const struct draft_node *m = scalar(d, v, key);
    int64_t hours = 0;
    int64_t minutes = 0;
    if (m == NULL) {
        return 0;
    }
    const bool right = m->text.left == 5 && m->text.p[2] == ':' && two_digits(m->text.p, &hours) &&
                       two_digits(m->text.p + 3, &minutes) && minutes < 60 && hours * 60 + minutes <= INT64_C(1440);
    if (!right) {
        draft_fault(d, m->at, "`%s` is a time of the day such as \"08:00\"", key);
        return 0;
    }
    return (hours * 60 + minutes) * 60;
}

static void take_days(struct draft *d, const struct draft_node *v, struct line *l)
{
    const struct draft_node *list = draft_member(v, "days");
    const bool one = list != NULL && list->kind == DRAFT_SCALAR;

    for (size_t i = 0; list == NULL && i < WEEK_DAYS; i++) {
        l->day[i] = true;
    }
    for (const struct draft_node *m = one || list == NULL ? list : list->child; m != NULL; m = one ? NULL : m->next) {
        size_t i = 0;
        while (i < WEEK_DAYS && !span_is(m->text, day_words[i])) {
            i++;
        }
        if (i == WEEK_DAYS) {
            draft_fault(d, m->at, "a day is one of mon, tue, wed, thu, fri, sat, sun");
        } else {
            l->day[i] = true;
        }
    }
}

static void check_people(struct draft *d, const struct draft_node *v)
{
    const bool one = v->kind == DRAFT_SCALAR;
    const struct draft_node *m = one ? v : v->child;

    if (!one && (v->kind != DRAFT_LIST || v->count < 1 || v->count > MODEL_SHIFT_PEOPLE_MAX)) {
        draft_fault(d, v->at, "from 1 to %d people share a shift", MODEL_SHIFT_PEOPLE_MAX);
        return;
    }
    for (; m != NULL; m = one ? NULL : m->next) {
        if (m->kind != DRAFT_SCALAR || text_id_check(m->text, MODEL_ID_MAX, "people").code != CS_OK) {
            draft_fault(d, m->at, "the name of a person belongs here");
        }
    }
}

static void take_people(struct draft *d, const struct draft_node *v, struct line *l)
{
    const struct draft_node *people = draft_member(v, "people");
    const struct draft_node *turns = draft_member(v, "turns");

    if ((people != NULL) == (turns != NULL)) {
        draft_fault(d, v->at, "a shift has `people`, or `turns` of a week each");
        return;
    }
    if (people != NULL) {
        l->turn[l->turns++] = people;
    } else if (turns->kind != DRAFT_LIST || turns->count < 1 || turns->count > TURNS_MAX) {
        draft_fault(d, turns->at, "`turns` is a list of up to %d names, or lists of names", TURNS_MAX);
    } else {
        for (const struct draft_node *m = turns->child; m != NULL; m = m->next) {
            l->turn[l->turns++] = m;
        }
    }
    for (size_t i = 0; i < l->turns; i++) {
        check_people(d, l->turn[i]);
    }
}

static void take_line(struct draft *d, const struct draft_node *v, struct line *ret_line)
{
    *ret_line = (struct line){.turns = 0};
    if (v->kind != DRAFT_MAP) {
        draft_fault(d, v->at, "a shift is a map with `from`, `until` and `people`");
        return;
    }
    check_words(d, v, line_words, sizeof(line_words) / sizeof(line_words[0]), "a shift");
    take_days(d, v, ret_line);
    ret_line->from_s = take_time(d, v, "from");
    ret_line->until_s = take_time(d, v, "until");
    ret_line->until_s += ret_line->until_s <= ret_line->from_s ? DAY_S : 0;
    take_people(d, v, ret_line);
}

/* --- the shifts --- */

static bool add_person(struct duty_shift *s, struct span id)
{
    size_t at = s->person_count;
    while (at > 0 && span_cmp(s->people[at - 1], id) > 0) {
        at--;
    }
    if (at > 0 && span_eq(s->people[at - 1], id)) {
        return true;
    }
    if (s->person_count == MODEL_SHIFT_PEOPLE_MAX) {
        return false;
    }
    memmove(&s->people[at + 1], &s->people[at], (s->person_count - at) * sizeof(s->people[0]));
    s->people[at] = id;
    s->person_count++;
    return true;
}

static bool add_people(struct duty_shift *s, const struct draft_node *turn)
{
    const bool one = turn->kind == DRAFT_SCALAR;
    bool room = true;
    for (const struct draft_node *m = one ? turn : turn->child; m != NULL; m = one ? NULL : m->next) {
        room = add_person(s, m->text) && room;
    }
    return room;
}

/* The shift of these times, a new one if there is none; NULL when there is no room. */
static struct duty_shift *shift_of(struct duty_roster *r, uint64_t from_ms, uint64_t until_ms)
{
    size_t at = r->shift_count;
    while (at > 0 && (r->shifts[at - 1].from_ms > from_ms ||
                      (r->shifts[at - 1].from_ms == from_ms && r->shifts[at - 1].until_ms > until_ms))) {
        at--;
    }
    if (at > 0 && r->shifts[at - 1].from_ms == from_ms && r->shifts[at - 1].until_ms == until_ms) {
        return &r->shifts[at - 1];
    }
    if (r->shift_count == MODEL_SHIFTS_MAX) {
        return NULL;
    }
    memmove(&r->shifts[at + 1], &r->shifts[at], (r->shift_count - at) * sizeof(r->shifts[0]));
    r->shifts[at] = (struct duty_shift){.from_ms = from_ms, .until_ms = until_ms};
    r->shift_count++;
    return &r->shifts[at];
}

/* 1970-01-01 was a Thursday. */
static size_t weekday(int64_t day)
{
    return (size_t)((day + 3) % WEEK_DAYS);
}

/* Mondays begin a week, so that everybody's turn is a whole one. */
static size_t week_of(const struct plan *p, int64_t day)
{
    const int64_t monday = p->first_day - (int64_t)weekday(p->first_day);
    return (size_t)((day - monday) / WEEK_DAYS);
}

static bool add_shift(const struct plan *p, const struct line *l, struct draft_place at, int64_t day)
{
    int64_t from = 0;
    int64_t until = 0;
    if (draft_duty_utc(p->zone, day * DAY_S + l->from_s, &from).code != CS_OK ||
        draft_duty_utc(p->zone, day * DAY_S + l->until_s, &until).code != CS_OK) {
        draft_fault(p->d, at, "the file of this zone does not say what its clocks show by then");
        return false;
    }
    if (from < 0 || from >= until) { /* clocks went forward over all of it */
        return true;
    }
    struct duty_shift *s = shift_of(p->roster, (uint64_t)from * 1000, (uint64_t)until * 1000);
    if (s == NULL) {
        draft_fault(p->d, at, "more than %d shifts: write the plan for a shorter time", MODEL_SHIFTS_MAX);
        return false;
    }
    if (!add_people(s, l->turn[week_of(p, day) % l->turns])) {
        draft_fault(p->d, at, "more than %d people share a shift", MODEL_SHIFT_PEOPLE_MAX);
        return false;
    }
    return true;
}

static void add_shifts(const struct plan *p, const struct line *l, struct draft_place at)
{
    for (int64_t day = p->first_day; day < p->end_day; day++) {
        if (l->day[weekday(day)] && !add_shift(p, l, at, day)) {
            return;
        }
    }
}

static void put_lines(const struct plan *p, const struct draft_node *list)
{
    for (const struct draft_node *m = list->child; m != NULL; m = m->next) {
        struct line l;
        take_line(p->d, m, &l);
        if (draft_good(p->d) && l.turns > 0) {
            add_shifts(p, &l, m->at);
        }
    }
}

static uint64_t take_hand_over(struct draft *d, const struct draft_node *top)
{
    const struct draft_node *m = draft_member(top, "hand_over");
    uint64_t seconds = 0;
    if (m != NULL && (!draft_seconds(m, &seconds) || seconds > MODEL_HAND_OVER_MAX_S)) {
        draft_fault(d, m->at, "`hand_over` is a time such as 15m, at most 24h");
    }
    return seconds;
}

CS_RESULT draft_duty(struct draft *d, const struct draft_node *top, const struct draft_zone *zone,
                     struct duty_roster *ret_roster)
{
    struct duty_roster r = {.zone = draft_duty_zone(d, top)};
    struct plan p = {.d = d, .zone = zone, .roster = &r};

    r.shifts = arena_array(d->arena, MODEL_SHIFTS_MAX, sizeof(*r.shifts));
    ENSURE(r.shifts != NULL, CS_E_NOMEM, "duty");
    if (!draft_good(d)) {
        return CS_SUCCESS;
    }
    check_words(d, top, plan_words, sizeof(plan_words) / sizeof(plan_words[0]), "a duty plan");
    r.id = take_id(d, top, "roster");
    r.hand_over_s = take_hand_over(d, top);
    p.first_day = take_day(d, top, "from");
    p.end_day = take_day(d, top, "until");
    const struct draft_node *shifts = draft_member(top, "shifts");
    if (shifts == NULL || shifts->kind != DRAFT_LIST) {
        draft_fault(d, top->at, "`shifts` is a list; [] for nobody on duty");
    } else if (p.end_day <= p.first_day || p.end_day - p.first_day > DAYS_MAX) {
        draft_fault(d, top->at, "`until` is the first day after the plan, at most ten years after `from`");
    } else {
        put_lines(&p, shifts);
    }
    *ret_roster = r;
    return CS_SUCCESS;
}
