/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps who had which role when, and who may stand in by now. Pure. */
#include "model/model_state_in.h"
#include "model/model_state_roster.h"

struct state_role *state_role_find(const struct state *s, struct span role)
{
    const struct sha256 key = digest_sha256(role);
    return map_get(&s->roles, &key);
}

static struct state_tenure *tenure_now(const struct state_role *r, const struct state_person *p)
{
    for (size_t i = 0; r != NULL && i < r->count; i++) {
        if (r->tenure[i].person == p && r->tenure[i].until == UINT64_MAX) {
            return &r->tenure[i];
        }
    }
    return NULL;
}

static CS_RESULT begin(struct state *s, const struct state_person *p, struct span role, uint64_t index)
{
    struct state_role *r = state_role_find(s, role);

    if (r == NULL) {
        const struct sha256 key = digest_sha256(role);
        r = pool_alloc(&s->pool, sizeof(*r));
        ENSURE(r != NULL, CS_E_NOMEM, "state.role");
        TRY(map_put(&s->roles, &s->pool, &key, r));
    }
    TRY(pool_grow(&s->pool, (void **)&r->tenure, r->count, &r->cap, sizeof(*r->tenure)));
    r->tenure[r->count++] = (struct state_tenure){.person = p, .from = index, .until = UINT64_MAX};
    return CS_SUCCESS;
}

static void end_unless(const struct state *s, const struct state_person *p, const struct person *to, uint64_t index)
{
    for (size_t i = 0; !p->removed && i < p->role_count; i++) {
        struct state_tenure *t = tenure_now(state_role_find(s, p->roles[i]), p);
        if (t != NULL && (to == NULL || !span_among(p->roles[i], to->roles, to->role_count))) {
            t->until = index;
        }
    }
}

CS_RESULT state_tenures_change(struct state *s, const struct state_person *p, const struct person *to, uint64_t index)
{
    end_unless(s, p, to, index);
    for (size_t i = 0; i < to->role_count; i++) {
        if (!state_person_given_role(p, to->roles[i])) {
            TRY(begin(s, p, to->roles[i], index));
        }
    }
    return CS_SUCCESS;
}

void state_tenures_end(struct state *s, const struct state_person *p, uint64_t index)
{
    end_unless(s, p, NULL, index);
}

bool state_tenure_lasted(const struct state_tenure *t, uint64_t index)
{
    return t->from < index && index <= t->until;
}

bool state_had_role(const struct state *s, const struct state_person *p, struct span role, uint64_t index)
{
    const struct state_role *r = state_role_find(s, role);
    size_t i = 0;

    while (r != NULL && i < r->count && !(r->tenure[i].person == p && state_tenure_lasted(&r->tenure[i], index))) {
        i++;
    }
    return r != NULL && i < r->count;
}

size_t state_had_role_count(const struct state *s, struct span role, uint64_t index)
{
    const struct state_role *r = state_role_find(s, role);
    size_t n = 0;

    for (size_t i = 0; r != NULL && i < r->count; i++) {
        n += state_tenure_lasted(&r->tenure[i], index) ? 1U : 0U;
    }
    return n;
}

/* --- escalation --- */

bool state_escalated(const struct state_request *q, struct span rule, struct span to)
{
    size_t i = 0;
    while (i < q->step_count && !(span_eq(q->steps[i].rule, rule) && span_eq(q->steps[i].to, to))) {
        i++;
    }
    return i < q->step_count;
}

CS_RESULT state_apply_escalate(struct state *s, const struct entry *e, const struct escalate *x)
{
    struct state_request *q = state_request_find(s, x->request);

    ENSURE(q != NULL, CS_E_STATE, "escalate.request");
    TRY(pool_grow(&s->pool, (void **)&q->steps, q->step_count, &q->step_cap, sizeof(*q->steps)));
    struct state_step *step = &q->steps[q->step_count];
    *step = (struct state_step){.index = e->seq};
    TRY(pool_copy(&s->pool, x->rule, &step->rule));
    TRY(pool_copy(&s->pool, x->to, &step->to));
    q->step_count++;
    return state_move(s, q, EVENT_ESCALATED, e);
}
