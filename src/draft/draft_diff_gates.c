/* SPDX-License-Identifier: Apache-2.0 */
/* What two policies ask to have happened before: the order of environments. */
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
