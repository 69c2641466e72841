/* SPDX-License-Identifier: Apache-2.0 */
/* `calendar`: when environments are open, and `zones`: what the places that it names are from UTC. */
#include "base/base_text.h"
#include "draft/draft_parts.h"
#include "draft/draft_zone.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const uint64_t from_ms = (uint64_t)CALENDAR_FROM_S * 1000;
static const uint64_t until_ms = (uint64_t)CALENDAR_UNTIL_S * 1000;

/* --- a window --- */

static void put_dates(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, CALENDAR_DATES_MAX, row->key);

    for (size_t i = 0; i < set.count; i++) {
        struct policy_dates d;
        const struct draft_node *n = set.item[i].node;
        const struct cs_result r = model_dates_decode(n->text, &d, row->key);
        if (r.code == CS_E_RANGE) {
            draft_fault(c->d, n->at, "`%s` is no day of the years 2024 to 2037", draft_show(n->text).text);
        } else if (r.code == CS_E_ORDER) {
            draft_fault(c->d, n->at, "`%s` ends before it begins; one day is written alone", draft_show(n->text).text);
        } else if (r.code != CS_OK) {
            draft_fault(c->d, n->at,
                        "`%s` is no date: 2026-12-24, 12-24 for every year, or two of them as in 12-24..01-06",
                        draft_show(n->text).text);
        }
    }
    draft_put_set(c, row->member, &set);
}

static void put_days(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, 7, row->key);

    for (size_t i = 0; i < set.count; i++) {
        const struct draft_node *n = set.item[i].node;
        if (model_day_of(n->text) > 6) {
            draft_fault(c->d, n->at, "`%s` is no day: mon, tue, wed, thu, fri, sat or sun", draft_show(n->text).text);
        }
    }
    if (set.count == 7) {
        draft_fault(c->d, v->at, "these are all days of the week; leave `days` out");
    }
    draft_put_set(c, row->member, &set);
}

static void hours_fault(struct draft_ctx *c, const struct draft_node *n, enum cs_code code)
{
    if (code == CS_E_ORDER) {
        draft_fault(c->d, n->at, "`%s` goes past midnight; write it in two, as in [\"22:00-24:00\", \"00:00-06:00\"]",
                    draft_show(n->text).text);
    } else if (span_is(n->text, "00:00-24:00")) {
        draft_fault(c->d, n->at, "`%s` is no part of a day; leave `hours` out for the whole of it",
                    draft_show(n->text).text);
    } else {
        draft_fault(c->d, n->at, "`%s` is no time of day such as 09:00-17:30", draft_show(n->text).text);
    }
}

static void put_hours(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const struct draft_set set = draft_take_set(c, v, CALENDAR_HOURS_MAX, row->key);
    struct policy_hours before = {0};

    for (size_t i = 0; i < set.count; i++) {
        const struct draft_node *n = set.item[i].node;
        struct policy_hours h = {0};
        const struct cs_result r = model_hours_decode(n->text, &h, row->key);
        if (r.code != CS_OK) {
            hours_fault(c, n, r.code);
        } else if (before.until > 0 && h.from <= before.until) {
            draft_fault(c->d, n->at, "`%s` begins before `%s` is over; write them as one", draft_show(n->text).text,
                        draft_show(set.item[i - 1].node->text).text);
        }
        before = h;
    }
    draft_put_set(c, row->member, &set);
}

/* Remembers it for `zones`. */
static void put_zone(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    json_put_str(c->o, row->member, v != NULL ? v->text : SPAN_LIT("UTC"));
    if (v != NULL) {
        draft_use_zone(c, v);
    }
}

static const struct draft_row window_rows[] = {
    {"dates", DRAFT_MAY, put_dates, "dates", 0, 0, 0},
    {"days", DRAFT_MAY, put_days, "days", 0, 0, 0},
    {"hours", DRAFT_MAY, put_hours, "hours", 0, 0, 0},
    {"zone", DRAFT_ALWAYS, put_zone, "zone", 0, 0, 0},
};

static void put_window(struct draft_ctx *c, const struct draft_node *m)
{
    if (!draft_is(c, m, DRAFT_MAP, "a window is a map of `days`, `hours`, `dates` and `zone`")) {
        return;
    }
    if (draft_member(m, "dates") == NULL && draft_member(m, "days") == NULL && draft_member(m, "hours") == NULL) {
        draft_fault(c->d, m->at, "say `days`, `hours` or `dates`: this would be always");
    }
    json_put_object(c->o, NULL);
    draft_rows(c, m, window_rows, COUNT(window_rows), "a window");
    json_put_close(c->o);
}

/* One map, or a list of them: any of them. */
static void put_windows(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    const bool one = v->kind == DRAFT_MAP;

    if (!one && (v->kind != DRAFT_LIST || v->count < 1 || v->count > CALENDAR_WINDOWS_MAX)) {
        draft_fault(c->d, v->at, "`%s` is a map such as { days: [sat, sun] }, or a list of 1 to %d of them", row->key,
                    CALENDAR_WINDOWS_MAX);
        return;
    }
    json_put_array(c->o, row->member);
    if (one) {
        put_window(c, v);
    }
    for (const struct draft_node *m = one ? NULL : v->child; m != NULL; m = m->next) {
        put_window(c, m);
    }
    json_put_close(c->o);
}

/* --- its items --- */

static const struct draft_row item_rows[] = {
    {"allow", DRAFT_MAY, put_windows, "allow", 0, 0, 0},
    {"deny", DRAFT_MAY, put_windows, "deny", 0, 0, 0},
    {"environments", DRAFT_MUST, draft_put_places, "environments", 0, 0, 0},
    {"id", DRAFT_MUST, draft_put_id, "id", 0, 0, 0},
};

static void put_item(struct draft_ctx *c, const struct draft_node *m)
{
    if (!draft_is(c, m, DRAFT_MAP, "a calendar's item is a map with `id`, `environments`, and `allow` or `deny`")) {
        return;
    }
    if ((draft_member(m, "allow") != NULL) == (draft_member(m, "deny") != NULL)) {
        draft_fault(c->d, m->at, "say either `allow` (open only then) or `deny` (closed then)");
    }
    json_put_object(c->o, NULL);
    draft_rows(c, m, item_rows, COUNT(item_rows), "a calendar's item");
    json_put_close(c->o);
}

void draft_put_calendar(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    if (v->kind != DRAFT_LIST || v->count < 1 || v->count > CALENDAR_ITEMS_MAX) {
        draft_fault(c->d, v->at, "`calendar` is a list of 1 to %d items", CALENDAR_ITEMS_MAX);
        return;
    }
    json_put_array(c->o, row->member);
    for (const struct draft_node *m = v->child; m != NULL; m = m->next) {
        put_item(c, m);
    }
    json_put_close(c->o);
    draft_check_ids(c, v, "item");
}

/* --- zones --- */

void draft_use_zone(struct draft_ctx *c, const struct draft_node *v)
{
    size_t i = 0;

    if (v->kind != DRAFT_SCALAR || text_id_check(v->text, MODEL_ID_MAX, "zone").code != CS_OK ||
        memchr(v->text.p, '.', v->text.left) != NULL) {
        draft_fault(c->d, v->at, "`%s` is no time zone such as Europe/Berlin", draft_show(v->text).text);
        return;
    }
    while (i < c->zone_count && !span_eq(c->zone[i]->text, v->text)) {
        i++;
    }
    if (i < c->zone_count || span_is(v->text, "UTC")) {
        return;
    }
    if (c->zone_count == ZONES_MAX) {
        draft_fault(c->d, v->at, "more than %d time zones in one policy", ZONES_MAX);
        return;
    }
    c->zone[c->zone_count++] = v;
}

static void put_shifts(struct draft_ctx *c, const struct draft_node *v)
{
    AUTO_WRITER file = wr_heap(DRAFT_ZONE_FILE_MAX);
    struct draft_zone z = {.count = 0};
    struct cs_result r = c->d->zone != NULL ? c->d->zone(v->text, &file) : CS_FAIL(CS_E_MISSING, "zone");

    if (r.code == CS_OK) {
        r = draft_zone_decode(wr_span(&file), &z);
    }
    c->d->no_room = c->d->no_room || r.code == CS_E_NOMEM;
    if (r.code == CS_E_MISSING) {
        draft_fault(c->d, v->at, "the time zones of this machine do not have `%s`", draft_show(v->text).text);
    } else if (r.code != CS_OK) {
        draft_fault(c->d, v->at, "the time zone `%s` cannot be used here: %s %s", draft_show(v->text).text, r.msg,
                    cs_code_text(r.code));
    }
    json_put_object(c->o, NULL);
    json_put_str(c->o, "id", v->text);
    json_put_array(c->o, "offsets");
    for (size_t i = 0; i < z.count; i++) {
        json_put_int(c->o, NULL, z.shift[i].from_s);
        json_put_int(c->o, NULL, z.shift[i].offset_s);
    }
    json_put_close(c->o);
    json_put_close(c->o);
}

static int by_text(const void *va, const void *vb)
{
    const struct draft_node *const *a = va;
    const struct draft_node *const *b = vb;
    return span_cmp((*a)->text, (*b)->text);
}

void draft_put_zones(struct draft_ctx *c, const struct draft_row *row, const struct draft_node *v)
{
    (void)v;
    if (c->zone_count == 0) {
        return;
    }
    qsort(c->zone, c->zone_count, sizeof(const struct draft_node *), by_text);
    json_put_array(c->o, row->member);
    for (size_t i = 0; i < c->zone_count; i++) {
        put_shifts(c, c->zone[i]);
    }
    json_put_close(c->o);
}

/* --- what the whole says --- */

static void check_windows(struct draft *d, const struct policy_calendar *item, const struct draft_node *m)
{
    const struct draft_node *v = draft_member(m, item->allow ? "allow" : "deny");
    const struct draft_node *at = v->kind == DRAFT_MAP ? v : v->child;

    for (size_t i = 0; i < item->window_count; i++) {
        if (!model_window_occurs(&item->windows[i])) {
            draft_fault(d, at->at, "no time of the years 2024 to 2037 is in this window");
        }
        at = at->next;
    }
}

static bool opens(const struct policy_doc *doc, size_t items, struct span environment)
{
    return model_calendar_opens(doc->calendar, items, environment, from_ms, until_ms) != UINT64_MAX;
}

/* The first item with which, after those before it, the environment never opens. */
static void check_environment(struct draft *d, const struct policy_doc *doc, const struct draft_node *list,
                              struct span environment)
{
    const struct draft_node *m = list->child;

    if (opens(doc, doc->calendar_count, environment)) {
        return; /* each look is at fourteen years, so there is one for nearly all */
    }
    for (size_t i = 0; m != NULL && i < doc->calendar_count; i++) {
        if (model_calendar_is_for(&doc->calendar[i], environment) && !opens(doc, i + 1, environment)) {
            const struct draft_node *id = draft_member(m, "id");
            draft_fault(d, id->at, "with this, `%s` never opens: nothing is left of it", draft_show(environment).text);
            return;
        }
        m = m->next;
    }
}

void draft_check_calendar(struct draft *d, const struct policy_doc *doc, const struct draft_node *list)
{
    const struct draft_node *m = list != NULL ? list->child : NULL;

    for (size_t i = 0; m != NULL && i < doc->calendar_count; i++) {
        check_windows(d, &doc->calendar[i], m);
        m = m->next;
    }
    for (size_t i = 0; list != NULL && draft_good(d) && i < doc->environment_count; i++) {
        check_environment(d, doc, list, doc->environments[i]);
    }
}
