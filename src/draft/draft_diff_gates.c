/* SPDX-License-Identifier: Apache-2.0 */
/* What two policies ask to have happened before: the order of environments, sources, tickets. */
#include "draft/draft_diff.h"

static void compare_promotion(struct draft_diff *d, const struct policy_promotion *a, const struct policy_promotion *b)
{
    if (!span_eq(a->after, b->after)) {
        const bool was = a->after.left > 0;
        const bool is = b->after.left > 0;
        draft_diff_say(d, !was ? WAY_STRICTER : (is ? WAY_OTHER : WAY_LOOSER), "after ", is ? b->after : a->after,
                       !was ? " is new" : (is ? " instead of another" : " is gone"));
    }
    draft_diff_least(d, a->soak_s, b->soak_s, "seconds to soak:");
}

void draft_diff_promotions(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    const struct policy_promotion nothing = {.soak_s = 0};

    d->about = "environment ";
    for (size_t i = 0; i < b->promotion_count; i++) {
        const struct policy_promotion *had = model_policy_promotion(a, b->promotions[i].environment);
        d->name = b->promotions[i].environment;
        compare_promotion(d, had != NULL ? had : &nothing, &b->promotions[i]);
    }
    for (size_t i = 0; i < a->promotion_count; i++) {
        d->name = a->promotions[i].environment;
        if (model_policy_promotion(b, d->name) == NULL) {
            compare_promotion(d, &a->promotions[i], &nothing);
        }
    }
    d->about = NULL;
}

/* --- rules --- */

/* Lists of which one must fit: naming some where all fitted is stricter, one more in a list is looser. */
static void fits_one(struct draft_diff *d, struct draft_words a, struct draft_words b, const char *what)
{
    if ((a.count == 0) == (b.count == 0)) {
        draft_diff_words(d, a, b, WAY_LOOSER, what);
        return;
    }
    for (size_t i = 0; i < a.count + b.count; i++) {
        const bool is = b.count > 0;
        draft_diff_say(d, is ? WAY_STRICTER : WAY_LOOSER, what, is ? b.item[i] : a.item[i],
                       is ? " must be, or another that is named" : " need not be");
    }
}

void draft_diff_source(struct draft_diff *d, const struct policy_source *a, const struct policy_source *b)
{
    static const struct policy_source none;
    const struct policy_source *was = a != NULL ? a : &none;
    const struct policy_source *is = b != NULL ? b : &none;

    draft_diff_flag(d, was->is_protected, is->is_protected, WAY_STRICTER, "a protected branch");
    draft_diff_flag(d, was->merged, is->merged, WAY_STRICTER, "a merged pull request");
    fits_one(d, (struct draft_words){was->refs, was->ref_count}, (struct draft_words){is->refs, is->ref_count}, "ref ");
    draft_diff_least(d, was->reviewers, is->reviewers, "reviewers:");
}

void draft_diff_ticket(struct draft_diff *d, const struct policy_ticket *a, const struct policy_ticket *b)
{
    static const struct policy_ticket none;
    const struct policy_ticket *was = a != NULL ? a : &none;
    const struct policy_ticket *is = b != NULL ? b : &none;

    draft_diff_flag(d, a != NULL, b != NULL, WAY_STRICTER, "a ticket");
    if (a != NULL && b != NULL && !span_eq(a->tracker, b->tracker)) {
        const bool any = span_is(a->tracker, "any");
        draft_diff_say(d, any ? WAY_STRICTER : (span_is(b->tracker, "any") ? WAY_LOOSER : WAY_OTHER),
                       "ticket of system ", b->tracker, "");
    }
    fits_one(d, (struct draft_words){was->states, was->state_count}, (struct draft_words){is->states, is->state_count},
             "ticket state ");
}
