/* SPDX-License-Identifier: Apache-2.0 */
/* What two rules say of groups, of who comes when nobody does, and of keys. */
#include "draft/draft_diff.h"

static void say_quorum(struct draft_diff *d, enum draft_way way, const struct policy_seat *s, const char *what)
{
    draft_diff_begin(d, way);
    wr_text(d->w, "seat ");
    wr_text(d->w, draft_show(s->id).text);
    wr_text(d->w, what);
    wr_text(d->w, policy_quorum_text(s->quorum));
    wr_text(d->w, "\n");
}

/* A share of two thirds is never less than more than half, and neither than the least that is said beside it. A vote is
 * no plain seat: more people may be needed, and one rejection does not end it. */
void draft_diff_quorum(struct draft_diff *d, const struct policy_seat *a, const struct policy_seat *b)
{
    if (a->quorum == b->quorum) {
        return;
    }
    if (a->quorum == QUORUM_NONE || b->quorum == QUORUM_NONE) {
        say_quorum(d, WAY_OTHER, b, b->quorum == QUORUM_NONE ? ", no longer votes: " : ", votes: ");
        return;
    }
    say_quorum(d, b->quorum > a->quorum ? WAY_STRICTER : WAY_LOOSER, b, ", votes otherwise: ");
}

void draft_diff_veto(struct draft_diff *d, const struct policy_seat *a, const struct policy_seat *b)
{
    draft_diff_words(d, (struct draft_words){a->veto, a->veto_count}, (struct draft_words){b->veto, b->veto_count},
                     WAY_STRICTER, "veto of role ");
}

static bool same_when(const struct policy_step *a, const struct policy_step *b)
{
    const struct policy_rule ra = {.when = a->when, .when_count = a->when_count};
    const struct policy_rule rb = {.when = b->when, .when_count = b->when_count};
    return draft_diff_within(&ra, &rb) && draft_diff_within(&rb, &ra);
}

static bool has_step(const struct policy_rule *r, const struct policy_step *step)
{
    size_t i = 0;
    while (i < r->step_count && !(r->steps[i].after_s == step->after_s && span_eq(r->steps[i].to, step->to) &&
                                  same_when(&r->steps[i], step))) {
        i++;
    }
    return i < r->step_count;
}

static void say_step(struct draft_diff *d, enum draft_way way, const struct policy_step *step, const char *what)
{
    draft_diff_begin(d, way);
    wr_text(d->w, "escalation to role ");
    wr_text(d->w, draft_show(step->to).text);
    wr_text(d->w, " after seconds: ");
    wr_dec(d->w, step->after_s);
    wr_text(d->w, what);
    wr_text(d->w, "\n");
}

/* Letting more people come is looser, whoever they are and whenever it is. */
void draft_diff_steps(struct draft_diff *d, const struct policy_rule *a, const struct policy_rule *b)
{
    for (size_t i = 0; i < b->step_count; i++) {
        if (!has_step(a, &b->steps[i])) {
            say_step(d, WAY_LOOSER, &b->steps[i], " is new");
        }
    }
    for (size_t i = 0; i < a->step_count; i++) {
        if (!has_step(b, &a->steps[i])) {
            say_step(d, WAY_STRICTER, &a->steps[i], " is gone");
        }
    }
}
