/* SPDX-License-Identifier: Apache-2.0 */
/* What two policies ask of people: duty, standing in, reviews. */
#include "draft/draft_diff.h"

static void compare_duty(struct draft_diff *d, struct span was, struct span is)
{
    if (span_eq(was, is)) {
        return;
    }
    const enum draft_way way = was.left == 0 ? WAY_STRICTER : (is.left == 0 ? WAY_LOOSER : WAY_OTHER);
    draft_diff_say(d, way, "must be on duty in ", is.left > 0 ? is : was,
                   was.left == 0 ? "" : (is.left == 0 ? " no longer" : " instead of another roster"));
}

void draft_diff_duty(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    d->about = "role ";
    for (size_t i = 0; i < b->duty_count; i++) {
        d->name = b->duties[i].role;
        compare_duty(d, model_policy_duty(a, d->name), b->duties[i].roster);
    }
    for (size_t i = 0; i < a->duty_count; i++) {
        d->name = a->duties[i].role;
        if (model_policy_duty(b, d->name).left == 0) {
            compare_duty(d, a->duties[i].roster, SPAN_NONE);
        }
    }
    d->about = NULL;
}

static bool lets(const struct policy_delegation *x, struct span role)
{
    for (size_t i = 0; x != NULL && i < x->to_count; i++) {
        if (span_eq(x->to[i], role)) {
            return true;
        }
    }
    return false;
}

/* Those of one document that the other does not let stand in. */
static void only_in(struct draft_diff *d, const struct policy_doc *one, const struct policy_doc *other, bool is_new)
{
    for (size_t i = 0; i < one->delegation_count; i++) {
        const struct policy_delegation *x = &one->delegations[i];
        const struct policy_delegation *y = model_policy_delegation(other, x->role);
        d->name = x->role;
        for (size_t k = 0; k < x->to_count; k++) {
            if (!lets(y, x->to[k])) {
                draft_diff_say(d, is_new ? WAY_LOOSER : WAY_STRICTER, "may be lent to ", x->to[k],
                               is_new ? "" : " no longer");
            }
        }
    }
}

void draft_diff_delegation(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    d->about = "role ";
    only_in(d, b, a, true);
    only_in(d, a, b, false);
    for (size_t i = 0; i < b->delegation_count; i++) {
        const struct policy_delegation *had = model_policy_delegation(a, b->delegations[i].role);
        d->name = b->delegations[i].role;
        if (had != NULL) {
            draft_diff_most(d, had->most_s, b->delegations[i].most_s, "seconds that it may be lent for:");
        }
    }
    d->about = NULL;
}

void draft_diff_reviews(struct draft_diff *d, const struct policy_review *a, const struct policy_review *b)
{
    d->about = "access_review ";
    d->name = SPAN_NONE;
    draft_diff_clock(d, a->every_s, b->every_s, "seconds until a role must be reviewed:");
    draft_diff_clock(d, a->unused_s, b->unused_s, "seconds that a role may go unused:");
    d->about = NULL;
}

static void governed_only_in(struct draft_diff *d, const struct policy_directory *one, const struct policy_doc *other,
                             bool is_new)
{
    for (size_t i = 0; i < one->role_count; i++) {
        d->name = one->roles[i];
        if (!model_policy_directory_governs(other, d->name)) {
            draft_diff_say(d, is_new ? WAY_STRICTER : WAY_LOOSER, "must be in the directory ", one->source,
                           is_new ? "" : " no longer");
        }
    }
}

void draft_diff_directory(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    d->about = "role ";
    governed_only_in(d, &b->directory, a, true);
    governed_only_in(d, &a->directory, b, false);
    d->about = "directory ";
    d->name = SPAN_NONE;
    draft_diff_clock(d, a->directory.max_stale_s, b->directory.max_stale_s, "seconds that it may be old:");
    if (a->directory.max_stale_s != 0 && b->directory.max_stale_s != 0 &&
        !span_eq(a->directory.source, b->directory.source)) {
        draft_diff_say(d, WAY_OTHER, "is now ", b->directory.source, "");
    }
    d->about = NULL;
}
