/* SPDX-License-Identifier: Apache-2.0 */
/* The members `calendar`, `freeze` and `zones` of a policy document. Source: docs/formats/policy.md. */
#include "model/model_policy_in.h"
#include "model/model_take.h"

enum { DATES_BYTES_MAX = 22, HOURS_BYTES_MAX = 11, DAY_BYTES_MAX = 3, DAYS_MOST = 6 };

static const struct policy_zone utc = {
    .id = {(const uint8_t *)"UTC", 3},
    .shifts = &(struct zone_shift){.from_s = CALENDAR_FROM_S, .offset_s = 0},
    .shift_count = 1,
};

/* --- zones --- */

/* [from, offset, from, offset …] */
static CS_RESULT take_shifts(struct json_in *in, struct policy_zone *z)
{
    size_t numbers = 0;

    TRY(json_get_array(in, "zone.offsets"));
    TRY(model_count_items(in, "zone.offsets", &numbers));
    ENSURE(numbers >= 2 && numbers % 2 == 0 && numbers / 2 <= ZONE_SHIFTS_MAX, CS_E_RANGE, "zone.offsets");
    z->shift_count = numbers / 2;
    z->shifts = arena_array(in->arena, z->shift_count, sizeof(*z->shifts));
    ENSURE(z->shifts != NULL, CS_E_NOMEM, "zone.offsets");
    for (size_t i = 0; i < z->shift_count; i++) {
        struct zone_shift *s = &z->shifts[i];
        TRY(json_item_int(in, "zone.offsets", CALENDAR_FROM_S, CALENDAR_UNTIL_S - 1, &s->from_s));
        TRY(json_item_int(in, "zone.offsets", -ZONE_OFFSET_MAX, ZONE_OFFSET_MAX, &s->offset_s));
        ENSURE(i > 0 ? s->from_s > s[-1].from_s : s->from_s == CALENDAR_FROM_S, CS_E_ORDER, "zone.offsets");
        ENSURE(i == 0 || s->offset_s != s[-1].offset_s, CS_E_DUPLICATE, "zone.offsets");
    }
    return json_close_array(in, "zone.offsets");
}

CS_RESULT model_policy_zones_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.zones")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.zones"));
    TRY(model_count_items(in, "policy.zones", &doc->zone_count));
    ENSURE(doc->zone_count >= 1 && doc->zone_count <= ZONES_MAX, CS_E_RANGE, "policy.zones");
    doc->zones = arena_array(in->arena, doc->zone_count, sizeof(*doc->zones));
    ENSURE(doc->zones != NULL, CS_E_NOMEM, "policy.zones");
    for (size_t i = 0; i < doc->zone_count; i++) {
        struct policy_zone *z = &doc->zones[i];
        TRY(json_item_object(in, "policy.zones"));
        TRY(json_get_id(in, "zone.id", MODEL_ID_MAX, &z->id));
        ENSURE(!span_eq(z->id, utc.id), CS_E_DUPLICATE, "zone.id");
        TRY(take_shifts(in, z));
        TRY(json_close(in, "policy.zones"));
        const int order = i > 0 ? span_cmp(z[-1].id, z->id) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, "zone.id");
    }
    return json_close_array(in, "policy.zones");
}

const struct policy_zone *model_policy_zone(const struct policy_doc *doc, struct span id)
{
    size_t i = 0;

    if (span_eq(id, utc.id)) {
        return &utc;
    }
    while (i < doc->zone_count && !span_eq(doc->zones[i].id, id)) {
        i++;
    }
    return i < doc->zone_count ? &doc->zones[i] : NULL;
}

/* --- windows --- */

/* Opens the array and says how many texts are in it. */
static CS_RESULT open_texts(struct json_in *in, const char *what, size_t most, size_t *ret_count)
{
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, ret_count));
    ENSURE(*ret_count >= 1 && *ret_count <= most, CS_E_RANGE, what);
    return CS_SUCCESS;
}

/* The next of them, after the one before in the order of spelling. */
static CS_RESULT take_text(struct json_in *in, const char *what, size_t most, struct span *text)
{
    const struct span before = *text;

    TRY(json_item_str(in, what, most, text));
    const int order = before.p != NULL ? span_cmp(before, *text) : -1;
    ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what);
    return CS_SUCCESS;
}

static CS_RESULT take_dates(struct json_in *in, struct policy_window *w)
{
    struct span text = SPAN_NONE;

    if (!json_next_is(in, "window.dates")) {
        return CS_SUCCESS;
    }
    TRY(open_texts(in, "window.dates", CALENDAR_DATES_MAX, &w->date_count));
    w->dates = arena_array(in->arena, w->date_count, sizeof(*w->dates));
    ENSURE(w->dates != NULL, CS_E_NOMEM, "window.dates");
    for (size_t i = 0; i < w->date_count; i++) {
        TRY(take_text(in, "window.dates", DATES_BYTES_MAX, &text));
        TRY(model_dates_decode(text, &w->dates[i], "window.dates"));
    }
    return json_close_array(in, "window.dates");
}

static CS_RESULT take_days(struct json_in *in, struct policy_window *w)
{
    struct span text = SPAN_NONE;
    size_t count = 0;

    if (!json_next_is(in, "window.days")) {
        return CS_SUCCESS;
    }
    TRY(open_texts(in, "window.days", DAYS_MOST, &count)); /* all seven are written by leaving days out */
    for (size_t i = 0; i < count; i++) {
        TRY(take_text(in, "window.days", DAY_BYTES_MAX, &text));
        const uint32_t day = model_day_of(text);
        ENSURE(day <= DAYS_MOST, CS_E_UNKNOWN, "window.days");
        w->days |= 1U << day;
    }
    return json_close_array(in, "window.days");
}

/* Neither overlapping nor touching: times have one spelling. */
static CS_RESULT take_hours(struct json_in *in, struct policy_window *w)
{
    struct span text = SPAN_NONE;

    if (!json_next_is(in, "window.hours")) {
        return CS_SUCCESS;
    }
    TRY(open_texts(in, "window.hours", CALENDAR_HOURS_MAX, &w->hour_count));
    w->hours = arena_array(in->arena, w->hour_count, sizeof(*w->hours));
    ENSURE(w->hours != NULL, CS_E_NOMEM, "window.hours");
    for (size_t i = 0; i < w->hour_count; i++) {
        TRY(take_text(in, "window.hours", HOURS_BYTES_MAX, &text));
        TRY(model_hours_decode(text, &w->hours[i], "window.hours"));
        ENSURE(i == 0 || w->hours[i].from > w->hours[i - 1].until, CS_E_ORDER, "window.hours");
    }
    return json_close_array(in, "window.hours");
}

static CS_RESULT take_window(struct json_in *in, struct policy_window *w)
{
    TRY(json_item_object(in, "calendar.windows"));
    TRY(take_dates(in, w));
    TRY(take_days(in, w));
    TRY(take_hours(in, w));
    TRY(json_get_id(in, "window.zone", MODEL_ID_MAX, &w->zone));
    ENSURE(w->date_count > 0 || w->days != 0 || w->hour_count > 0, CS_E_MISSING, "calendar.windows");
    return json_close(in, "calendar.windows");
}

static CS_RESULT take_windows(struct json_in *in, const char *what, struct policy_calendar *c)
{
    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &c->window_count));
    ENSURE(c->window_count >= 1 && c->window_count <= CALENDAR_WINDOWS_MAX, CS_E_RANGE, what);
    c->windows = arena_array(in->arena, c->window_count, sizeof(*c->windows));
    ENSURE(c->windows != NULL, CS_E_NOMEM, what);
    for (size_t i = 0; i < c->window_count; i++) {
        TRY(take_window(in, &c->windows[i]));
    }
    return json_close_array(in, what);
}

static CS_RESULT take_item(struct json_in *in, struct policy_calendar *c)
{
    const struct model_set names = {.min = 1, .max = POLICY_NAMES_MAX, .id_max = MODEL_ID_MAX};

    TRY(json_item_object(in, "policy.calendar"));
    c->allow = json_next_is(in, "calendar.allow");
    TRY(take_windows(in, c->allow ? "calendar.allow" : "calendar.deny", c));
    TRY(model_take_set_arena(in, "calendar.environments", names, &c->environments, &c->environment_count));
    TRY(model_policy_part_id(in, "calendar.id", &c->id));
    return json_close(in, "policy.calendar");
}

CS_RESULT model_policy_calendar_if(struct json_in *in, struct policy_doc *doc)
{
    if (!json_next_is(in, "policy.calendar")) {
        return CS_SUCCESS;
    }
    TRY(json_get_array(in, "policy.calendar"));
    TRY(model_count_items(in, "policy.calendar", &doc->calendar_count));
    ENSURE(doc->calendar_count >= 1 && doc->calendar_count <= CALENDAR_ITEMS_MAX, CS_E_RANGE, "policy.calendar");
    doc->calendar = arena_array(in->arena, doc->calendar_count, sizeof(*doc->calendar));
    ENSURE(doc->calendar != NULL, CS_E_NOMEM, "policy.calendar");
    for (size_t i = 0; i < doc->calendar_count; i++) {
        TRY(take_item(in, &doc->calendar[i]));
        for (size_t k = 0; k < i; k++) {
            ENSURE(!span_eq(doc->calendar[k].id, doc->calendar[i].id), CS_E_DUPLICATE, "calendar.id");
        }
    }
    return json_close_array(in, "policy.calendar");
}

static CS_RESULT find_zones(const struct policy_doc *doc, struct policy_calendar *c)
{
    for (size_t i = 0; i < c->window_count; i++) {
        c->windows[i].at = model_policy_zone(doc, c->windows[i].zone);
        ENSURE(c->windows[i].at != NULL, CS_E_UNKNOWN, "window.zone");
    }
    return CS_SUCCESS;
}

CS_RESULT model_policy_calendar_check(struct policy_doc *doc)
{
    ENSURE(doc->freeze == NULL || model_policy_has_role(doc, doc->freeze->thaw_by), CS_E_UNKNOWN, "freeze.thaw_by");
    for (size_t i = 0; i < doc->calendar_count; i++) {
        struct policy_calendar *c = &doc->calendar[i];
        for (size_t k = 0; k < c->environment_count; k++) {
            ENSURE(model_policy_has_environment(doc, c->environments[k]), CS_E_UNKNOWN, "calendar.environments");
        }
        TRY(find_zones(doc, c));
    }
    return CS_SUCCESS;
}

/* --- freeze --- */

CS_RESULT model_policy_freeze_if(struct json_in *in, const struct policy_freeze **ret_freeze)
{
    struct policy_freeze *f = NULL;
    struct span word = SPAN_NONE;

    if (!json_next_is(in, "policy.freeze")) {
        return CS_SUCCESS;
    }
    f = arena_alloc(in->arena, sizeof(*f));
    ENSURE(f != NULL, CS_E_NOMEM, "policy.freeze");
    TRY(json_get_object(in, "policy.freeze"));
    TRY(json_get_str(in, "freeze.pass", MODEL_ID_MAX, &word));
    f->remediates = span_is(word, "remediates");
    ENSURE(f->remediates || span_is(word, "nothing"), CS_E_UNKNOWN, "freeze.pass");
    TRY(json_get_id(in, "freeze.thaw_by", MODEL_ID_MAX, &f->thaw_by));
    TRY(json_close(in, "policy.freeze"));
    *ret_freeze = f;
    return CS_SUCCESS;
}
