/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state_delegate.h"

#include "model/model_state_roster.h"

static struct state_delegation *find(const struct state *s, uint64_t request)
{
    size_t lo = 0;
    size_t hi = s->delegation_count;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->delegations[mid]->request < request) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < s->delegation_count && s->delegations[lo]->request == request ? s->delegations[lo] : NULL;
}

const struct state_delegation *state_delegation_find(const struct state *s, uint64_t request)
{
    return find(s, request);
}

/* Requests may come into force in another order than they were asked for. */
static CS_RESULT keep(struct state *s, struct state_delegation *g)
{
    TRY(pool_grow(&s->pool, (void **)&s->delegations, s->delegation_count, &s->delegation_cap,
                  sizeof(struct state_delegation *)));
    size_t at = s->delegation_count;
    while (at > 0 && s->delegations[at - 1]->request > g->request) {
        s->delegations[at] = s->delegations[at - 1];
        at--;
    }
    s->delegations[at] = g;
    s->delegation_count++;
    return CS_SUCCESS;
}

/* The key of the one decision that carried it. */
static const struct state_credential *signed_with(const struct state_request *q)
{
    for (size_t i = 0; i < q->decision_count; i++) {
        if (q->decisions[i].counted) {
            return q->decisions[i].credential;
        }
    }
    return NULL;
}

CS_RESULT state_delegate_apply(struct state *s, const struct delegate_content *c, const struct state_request *q,
                               uint64_t index)
{
    if (c->revokes_set) {
        struct state_delegation *ended = find(s, c->revokes);
        ENSURE(ended != NULL && ended->ended_index == 0, CS_E_STATE, "delegate.revokes");
        ended->ended_index = index;
        s->roster_index = index;
        return CS_SUCCESS;
    }
    struct state_delegation *g = pool_alloc(&s->pool, sizeof(*g));
    ENSURE(g != NULL, CS_E_NOMEM, "state.delegation");
    *g = (struct state_delegation){.request = q->index,
                                   .index = index,
                                   .by = state_person_find(s, c->initiator),
                                   .to = state_person_find(s, c->to),
                                   .key = signed_with(q),
                                   .environment_count = c->environment_count,
                                   .service_count = c->service_count,
                                   .from_ms = c->from_ms,
                                   .until_ms = c->until_ms};
    ENSURE(g->by != NULL && g->to != NULL && g->key != NULL, CS_E_STATE, "delegate");
    TRY(pool_copy(&s->pool, c->role, &g->role));
    TRY(state_copy_list(s, c->environments, c->environment_count, &g->environments));
    TRY(state_copy_list(s, c->services, c->service_count, &g->services));
    TRY(keep(s, g));
    s->roster_index = index;
    return CS_SUCCESS;
}
