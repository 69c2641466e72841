/* SPDX-License-Identifier: Apache-2.0 */
/* When environments are open, and what may be frozen, under two policies. */
#include "draft/draft_diff.h"

static const struct policy_calendar *item_of(const struct policy_doc *doc, struct span id)
{
    size_t i = 0;
    while (i < doc->calendar_count && !span_eq(doc->calendar[i].id, id)) {
        i++;
    }
    return i < doc->calendar_count ? &doc->calendar[i] : NULL;
}

static void say(struct draft_diff *d, enum draft_way way, const char *before, const struct policy_calendar *c)
{
    draft_diff_begin(d, way);
    wr_text(d->w, before);
    model_calendar_write(c, d->w);
    for (size_t i = 0; i < c->environment_count; i++) {
        wr_text(d->w, i == 0 ? " for " : ", ");
        wr_text(d->w, draft_show(c->environments[i]).text);
    }
    wr_text(d->w, "\n");
}

static void compare_freeze(struct draft_diff *d, const struct policy_freeze *a, const struct policy_freeze *b)
{
    if (a == NULL || b == NULL) {
        draft_diff_flag(d, a != NULL, b != NULL, WAY_STRICTER, "freezing for incidents");
        return;
    }
    draft_diff_flag(d, a->remediates, b->remediates, WAY_LOOSER, "passing a freeze with what remediates");
    if (!span_eq(a->thaw_by, b->thaw_by)) {
        draft_diff_say(d, WAY_OTHER, "freezes are ended by ", b->thaw_by, " instead of another role");
    }
}

/* Each item can only close, so a new one is stricter. */
void draft_diff_calendar(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    d->about = "calendar ";
    for (size_t i = 0; i < b->calendar_count; i++) {
        const struct policy_calendar *had = item_of(a, b->calendar[i].id);
        d->name = b->calendar[i].id;
        if (had == NULL) {
            say(d, WAY_STRICTER, "is new, ", &b->calendar[i]);
        } else if (!model_calendar_same(had, &b->calendar[i])) {
            say(d, WAY_OTHER, "is now ", &b->calendar[i]);
        }
    }
    for (size_t i = 0; i < a->calendar_count; i++) {
        d->name = a->calendar[i].id;
        if (item_of(b, d->name) == NULL) {
            say(d, WAY_LOOSER, "is gone, ", &a->calendar[i]);
        }
    }
    d->about = NULL;
    compare_freeze(d, a->freeze, b->freeze);
}
