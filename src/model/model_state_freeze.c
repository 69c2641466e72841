/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps what is frozen. A freeze that has ended is forgotten; the log has it. Pure. */
#include "model/model_state_in.h"

#include "model/model_state_roster.h"

const struct state_freeze *state_freeze_find(const struct state *s, uint64_t index)
{
    size_t i = 0;
    while (i < s->freeze_count && s->freezes[i]->index != index) {
        i++;
    }
    return i < s->freeze_count ? s->freezes[i] : NULL;
}

bool state_freeze_is_for(const struct state_freeze *f, struct span environment, struct span service)
{
    bool same = f->service_count == 0;

    for (size_t i = 0; i < f->service_count; i++) {
        same = same || state_same_name(f->services[i], service);
    }
    return same && span_among(environment, f->environments, f->environment_count);
}

bool state_freeze_responds(const struct state_freeze *f, struct span account)
{
    size_t i = 0;
    while (i < f->responder_count && !state_same_name(f->responders[i], account)) {
        i++;
    }
    return i < f->responder_count;
}

static bool same_list(const struct span *a, size_t na, const struct span *b, size_t nb)
{
    bool same = na == nb;
    for (size_t i = 0; same && i < na; i++) {
        same = span_eq(a[i], b[i]);
    }
    return same;
}

const struct state_freeze *state_freeze_same(const struct state *s, const struct freeze *f)
{
    for (size_t i = 0; i < s->freeze_count; i++) {
        const struct state_freeze *x = s->freezes[i];
        if (span_eq(x->incident, f->incident) &&
            same_list(x->environments, x->environment_count, f->environments, f->environment_count) &&
            same_list(x->responders, x->responder_count, f->responders, f->responder_count) &&
            same_list(x->services, x->service_count, f->services, f->service_count)) {
            return x;
        }
    }
    return NULL;
}

/* --- the fold --- */

CS_RESULT state_apply_freeze(struct state *s, const struct entry *e, const struct freeze *f)
{
    struct state_freeze *x = pool_alloc(&s->pool, sizeof(*x));
    ENSURE(x != NULL, CS_E_NOMEM, "state.freeze");
    x->index = e->seq;
    x->since_ms = e->time_ms;
    TRY(pool_copy(&s->pool, e->actor, &x->by));
    TRY(pool_copy(&s->pool, f->incident, &x->incident));
    TRY(state_copy_list(s, f->environments, f->environment_count, &x->environments));
    x->environment_count = f->environment_count;
    TRY(state_copy_list(s, f->responders, f->responder_count, &x->responders));
    x->responder_count = f->responder_count;
    TRY(state_copy_list(s, f->services, f->service_count, &x->services));
    x->service_count = f->service_count;
    TRY(pool_grow(&s->pool, (void **)&s->freezes, s->freeze_count, &s->freeze_cap, sizeof(struct state_freeze *)));
    s->freezes[s->freeze_count++] = x;
    s->freeze_index = e->seq;
    return CS_SUCCESS;
}

static void forget_list(struct state *s, struct span *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        pool_free_copy(&s->pool, &list[i]);
    }
    pool_free(&s->pool, list, n * sizeof(*list));
}

static void forget(struct state *s, struct state_freeze *x)
{
    forget_list(s, x->environments, x->environment_count);
    forget_list(s, x->responders, x->responder_count);
    forget_list(s, x->services, x->service_count);
    pool_free_copy(&s->pool, &x->by);
    pool_free_copy(&s->pool, &x->incident);
    pool_free(&s->pool, x, sizeof(*x));
}

CS_RESULT state_apply_thaw(struct state *s, const struct entry *e, const struct thaw *x)
{
    const struct state_freeze *f = state_freeze_find(s, x->freeze);
    struct state_request *q = state_request_find(s, x->request);
    size_t kept = 0;

    ENSURE(f != NULL && q != NULL, CS_E_STATE, "thaw.freeze");
    for (size_t i = 0; i < s->freeze_count; i++) {
        struct state_freeze *y = s->freezes[i];
        y->ends = y->index <= x->freeze && span_eq(y->incident, f->incident);
    }
    for (size_t i = 0; i < s->freeze_count; i++) {
        if (s->freezes[i]->ends) {
            forget(s, s->freezes[i]);
        } else {
            s->freezes[kept++] = s->freezes[i];
        }
    }
    s->freeze_count = kept;
    s->freeze_index = e->seq;
    return state_move(s, q, EVENT_TOOK_EFFECT, e);
}
