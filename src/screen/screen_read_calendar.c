/* SPDX-License-Identifier: Apache-2.0 */
/* When environments are open, and how far the places that say so are from UTC: all that a policy has of it, in words.
 */
#include "screen/screen_read.h"

static void put_words(struct doc *d, const char *label, const struct span *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        doc_field(d, i == 0 ? label : "", items[i], DOC_PLAIN);
    }
}

static void put_days(struct doc *d, uint32_t days)
{
    struct doc_line l;
    doc_line(&l, d);
    for (uint32_t i = 0; i < 7; i++) {
        if ((days >> i & 1U) != 0) {
            wr_text(&l.w, l.w.len > 0 ? " " : "");
            wr_text(&l.w, model_day_text(i));
        }
    }
    doc_field(d, "On", doc_line_end(&l), DOC_FREE);
}

static void put_window(struct doc *d, const struct policy_window *w, bool first)
{
    doc_point(d, MARK_NONE, first ? SPAN_LIT("whenever it is") : SPAN_LIT("or whenever it is"));
    if (w->days != 0) {
        put_days(d, w->days);
    }
    for (size_t i = 0; i < w->date_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        model_dates_write(&w->dates[i], &l.w);
        doc_field(d, i == 0 ? "Dates" : "", doc_line_end(&l), DOC_FREE);
    }
    for (size_t i = 0; i < w->hour_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        model_hours_write(&w->hours[i], &l.w);
        doc_field(d, i == 0 ? "Hours" : "", doc_line_end(&l), DOC_FREE);
    }
    doc_field(d, "In the time of", w->zone, DOC_PLAIN);
}

static void put_item(struct doc *d, enum item_mark mark, const struct policy_calendar *c, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_bytes(&l.w, c->id);
    wr_text(&l.w, c->allow ? ": open only in these times" : ": closed in these times");
    wr_text(&l.w, after);
    doc_point(d, mark, doc_line_end(&l));
    put_words(d, "Environments", c->environments, c->environment_count);
    for (size_t i = 0; i < c->window_count; i++) {
        put_window(d, &c->windows[i], i == 0);
    }
}

static const struct policy_calendar *item_of(const struct policy_doc *doc, struct span id)
{
    size_t i = 0;
    while (doc != NULL && i < doc->calendar_count && !span_eq(doc->calendar[i].id, id)) {
        i++;
    }
    return doc != NULL && i < doc->calendar_count ? &doc->calendar[i] : NULL;
}

static void put_zones(struct doc *d, const struct policy_doc *policy)
{
    for (size_t i = 0; i < policy->zone_count; i++) {
        const struct policy_zone *z = &policy->zones[i];
        doc_field(d, "Time of", z->id, DOC_PLAIN);
        for (size_t k = 0; k < z->shift_count; k++) {
            struct doc_line l;
            doc_line(&l, d);
            model_shift_write(&z->shifts[k], &l.w);
            doc_field(d, k == 0 ? "Since" : "", doc_line_end(&l), DOC_FREE);
        }
    }
}

static void put_freeze(struct doc *d, enum item_mark mark, const struct policy_freeze *f)
{
    doc_point(d, mark,
              f->remediates ? SPAN_LIT("an incident freezes, but for what remediates it")
                            : SPAN_LIT("an incident freezes everything"));
    doc_field(d, "Ended by the role", f->thaw_by, DOC_PLAIN);
}

/* What it is, and what it was where that differs. */
static void read_freeze(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    const struct policy_freeze *now = policy->freeze;
    const struct policy_freeze *was = old != NULL ? old->freeze : NULL;
    const bool same =
        old == NULL || (now == NULL && was == NULL) ||
        (now != NULL && was != NULL && now->remediates == was->remediates && span_eq(now->thaw_by, was->thaw_by));

    if (now != NULL || was != NULL) {
        doc_heading(d, "Freezes");
    }
    if (now != NULL) {
        put_freeze(d, same ? MARK_NONE : MARK_NEW, now);
    }
    if (was != NULL && !same) {
        doc_point(d, MARK_GONE, SPAN_LIT("until now"));
        put_freeze(d, MARK_GONE, was);
    }
}

/* One item of the new policy beside its old self, if there is an old policy. */
static void put_item_beside(struct doc *d, const struct policy_calendar *c, const struct policy_doc *old)
{
    const struct policy_calendar *was = item_of(old, c->id);

    if (old == NULL || (was != NULL && model_calendar_same(was, c))) {
        put_item(d, MARK_NONE, c, "");
        return;
    }
    put_item(d, MARK_NEW, c, was == NULL ? ", new" : ", changed, now");
    if (was != NULL) {
        put_item(d, MARK_GONE, was, ", as it was");
    }
}

static void put_gone(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    for (size_t i = 0; i < old->calendar_count; i++) {
        if (item_of(policy, old->calendar[i].id) == NULL) {
            put_item(d, MARK_GONE, &old->calendar[i], ", taken away");
        }
    }
}

void screen_read_calendar(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    read_freeze(d, policy, old);
    if (policy->calendar_count > 0 || policy->zone_count > 0 || (old != NULL && old->calendar_count > 0)) {
        doc_heading(d, "When environments are open");
    }
    for (size_t i = 0; i < policy->calendar_count; i++) {
        put_item_beside(d, &policy->calendar[i], old);
    }
    if (old != NULL) {
        put_gone(d, policy, old);
    }
    put_zones(d, policy);
}
