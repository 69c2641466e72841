/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_duty.h"

#include "model/model_state_duty.h"

/* Without a log there are no rosters, and nobody is on duty. */
static bool under(const struct sheet *s, const struct policy_doc *doc, const struct state_person *p, struct span role)
{
    const struct span roster = model_policy_duty(doc, role);
    return roster.left == 0 || (s->in.state != NULL && state_on_duty(s->in.state, roster, p, s->in.now_ms));
}

bool policy_on_duty(const struct sheet *s, const struct state_person *p, struct span role)
{
    /* what is lent for an absence is signed before it */
    return s->in.kind == KIND_DELEGATE ||
           (under(s, &s->in.in_force->doc, p, role) && under(s, &s->in.opened_under->doc, p, role));
}

static uint32_t count_on_duty(const struct sheet *s, const struct sheet_line *line)
{
    const struct state_duty *d = state_duty_find(s->in.state, line->duty);
    uint32_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while (d != NULL && (p = state_duty_each(d, s->in.now_ms, &at)) != NULL) {
        n += state_person_has_role(p, line->role) && policy_on_duty(s, p, line->role) ? 1U : 0U;
    }
    return n;
}

void policy_duty_seats(struct sheet *s)
{
    bool any = false;

    for (size_t i = 0; i < s->count; i++) {
        struct sheet_line *line = &s->lines[i];
        if (line->kind != SHEET_SEAT) {
            continue;
        }
        line->duty = model_policy_duty(&s->in.in_force->doc, line->role);
        if (line->duty.left == 0) {
            line->duty = model_policy_duty(&s->in.opened_under->doc, line->role);
        }
        if (line->duty.left > 0 && s->in.state != NULL) {
            line->on_duty = count_on_duty(s, line);
            any = true;
        }
    }
    if (any) {
        const uint64_t next = state_duty_next(s->in.state, s->in.now_ms);
        s->until_ms = next < s->until_ms ? next : s->until_ms;
    }
}
