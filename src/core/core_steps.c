/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_steps.h"

#include <stdlib.h>

enum { FIRST_CAP = 64, SCRATCH_BYTES = 16 * MODEL_LEAF_MAX };

void core_steps_init(struct core_steps *x)
{
    *x = (struct core_steps){0};
    arena_init(&x->scratch, SCRATCH_BYTES);
}

void core_steps_release(struct core_steps *x)
{
    free(x->item);
    free(x->spare);
    arena_release(&x->scratch);
    *x = (struct core_steps){0};
}

static CS_RESULT make_room(struct core_steps *x, size_t count)
{
    size_t cap = x->cap == 0 ? (size_t)FIRST_CAP : x->cap;

    while (cap < count) {
        cap *= 2;
    }
    if (cap == x->cap) {
        return CS_SUCCESS;
    }
    struct core_step *item = reallocarray(x->item, cap, sizeof(*item));
    ENSURE(item != NULL, CS_E_NOMEM, "core.steps");
    x->item = item;
    struct core_step *spare = reallocarray(x->spare, cap, sizeof(*spare));
    ENSURE(spare != NULL, CS_E_NOMEM, "core.steps");
    x->spare = spare;
    x->cap = cap;
    return CS_SUCCESS;
}

static bool may_escalate(const struct state *s, const struct state_request *q)
{
    return q->kind == KIND_DEPLOY && q->status == STATUS_ELIGIBLE &&
           (s->policy->doc.has_steps || q->open->opened_under->doc.has_steps);
}

static int by_request(const void *va, const void *vb)
{
    const struct core_step *a = va;
    const struct core_step *b = vb;
    return a->request == b->request ? 0 : (a->request < b->request ? -1 : 1);
}

static CS_RESULT ask(struct core_steps *x, const struct state *s, const struct state_request *q,
                     struct core_step *ret_step)
{
    struct state_loaded l = {0};
    struct policy_escalation next = {.due_ms = UINT64_MAX};

    arena_reset(&x->scratch);
    TRY(state_load(q, &x->scratch, &l));
    const bool any = policy_next_escalation(s, q, l.deploy, &next);
    *ret_step = (struct core_step){.request = q->index,
                                   .policy_index = s->policy_index,
                                   .done = q->step_count,
                                   .due_ms = any ? next.due_ms : UINT64_MAX};
    return CS_SUCCESS;
}

static CS_RESULT take(struct core_steps *x, const struct state *s, const struct state_request *q,
                      struct core_step *ret_step)
{
    const struct core_step key = {.request = q->index};
    const struct core_step *have = x->count > 0 ? bsearch(&key, x->item, x->count, sizeof(*x->item), by_request) : NULL;

    if (have != NULL && have->policy_index == s->policy_index && have->done == q->step_count) {
        *ret_step = *have;
        return CS_SUCCESS;
    }
    return ask(x, s, q, ret_step);
}

static CS_RESULT look(struct core_steps *x, const struct state *s)
{
    size_t n = 0;

    TRY(make_room(x, s->live_count));
    x->due_ms = UINT64_MAX;
    for (size_t i = 0; i < s->live_count; i++) {
        if (may_escalate(s, s->live[i])) {
            TRY(take(x, s, s->live[i], &x->spare[n]));
            x->due_ms = x->spare[n].due_ms < x->due_ms ? x->spare[n].due_ms : x->due_ms;
            n++;
        }
    }
    if (n > 1) {
        qsort(x->spare, n, sizeof(*x->spare), by_request);
    }
    struct core_step *old = x->item;
    x->item = x->spare;
    x->spare = old;
    x->count = n;
    x->size = s->size;
    return CS_SUCCESS;
}

CS_RESULT core_steps_due(struct core_steps *x, const struct state *s, uint64_t *ret_due_ms)
{
    if (x->size != s->size) {
        TRY(look(x, s));
    }
    *ret_due_ms = x->due_ms;
    return CS_SUCCESS;
}

const struct state_request *core_steps_first(const struct core_steps *x, const struct state *s)
{
    for (size_t i = 0; i < x->count && x->due_ms != UINT64_MAX; i++) {
        if (x->item[i].due_ms == x->due_ms) {
            return state_request_find(s, x->item[i].request);
        }
    }
    return NULL;
}
