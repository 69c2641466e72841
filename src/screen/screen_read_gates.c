/* SPDX-License-Identifier: Apache-2.0 */
/* What a policy asks to have happened before, in words. */
#include "screen/screen_read.h"

static void put_promotion(struct doc *d, enum item_mark mark, const struct policy_promotion *p, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_bytes(&l.w, p->environment);
    wr_text(&l.w, " only for what succeeded in ");
    wr_bytes(&l.w, p->after);
    if (p->soak_s > 0) {
        wr_text(&l.w, " and stayed there for ");
        wr_dec(&l.w, p->soak_s);
        wr_text(&l.w, " seconds");
    }
    wr_text(&l.w, after);
    doc_point(d, mark, doc_line_end(&l));
}

static bool same(const struct policy_promotion *a, const struct policy_promotion *b)
{
    return a != NULL && span_eq(a->after, b->after) && a->soak_s == b->soak_s;
}

/* What the policy before asked, and this one does not. */
static void put_gone(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    for (size_t i = 0; old != NULL && i < old->promotion_count; i++) {
        const struct policy_promotion *was = &old->promotions[i];
        const struct policy_promotion *now = model_policy_promotion(policy, was->environment);
        if (now == NULL || !same(was, now)) {
            put_promotion(d, MARK_GONE, was, now == NULL ? ", taken away" : ", as it was");
        }
    }
}

static const char *change_of(const struct policy_promotion *was)
{
    return was == NULL ? ", new" : ", changed";
}

void screen_read_promotions(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    if (policy->promotion_count > 0 || (old != NULL && old->promotion_count > 0)) {
        doc_heading(d, "Stages");
    }
    for (size_t i = 0; i < policy->promotion_count; i++) {
        const struct policy_promotion *p = &policy->promotions[i];
        const struct policy_promotion *was = old != NULL ? model_policy_promotion(old, p->environment) : NULL;
        const bool as_before = old == NULL || same(was, p);
        put_promotion(d, as_before ? MARK_OK : MARK_NEW, p, as_before ? "" : change_of(was));
    }
    put_gone(d, policy, old);
}

/* One line a word: the first after `before`, the others after "or". */
static void put_one_of(struct doc *d, const char *before, const struct span *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_text(&l.w, i == 0 ? before : "or ");
        wr_bytes(&l.w, items[i]);
        doc_point(d, MARK_NONE, doc_line_end(&l));
    }
}

static void put_reviewers(struct doc *d, uint32_t n)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "reviewed by ");
    wr_dec(&l.w, n);
    wr_text(&l.w, " who neither wrote it nor ask for it");
    doc_point(d, MARK_NONE, doc_line_end(&l));
}

void screen_read_source(struct doc *d, const struct policy_rule *r)
{
    const struct policy_source *s = r->source;
    const struct policy_ticket *t = r->ticket;

    if (s != NULL) {
        put_one_of(d, "the ref is like ", s->refs, s->ref_count);
        if (s->is_protected) {
            doc_point(d, MARK_NONE, SPAN_LIT("its branch is protected"));
        }
        if (s->merged) {
            doc_point(d, MARK_NONE, SPAN_LIT("it came by a merged pull request"));
        }
        if (s->reviewers > 0) {
            put_reviewers(d, s->reviewers);
        }
    }
    if (t != NULL) {
        put_one_of(d, "it has a ticket, of system ", &t->tracker, 1);
        put_one_of(d, "the ticket's state is ", t->states, t->state_count);
    }
}
