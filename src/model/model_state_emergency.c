/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps emergencies, what they owe, and what ran before. Pure. */
#include "model/model_state_in.h"

/* --- what ran --- */

static struct sha256 place_digest(struct span service, struct span environment)
{
    const struct span parts[] = {service, SPAN_LIT("\0"), environment};
    return digest_sha256_parts(parts, 3);
}

const struct state_place *state_place_find(const struct state *s, struct span service, struct span environment)
{
    const struct sha256 key = place_digest(service, environment);
    return map_get(&s->places, &key);
}

/* An approval given again for it, and not used yet, still needs what was kept. */
static void forget_kept(struct state *s, struct state_request *q)
{
    struct state_open *kept = q->kept;
    const bool armed = q->fallback != NULL && q->fallback->open == kept;

    q->kept = NULL;
    if (armed) {
        return; /* with its place */
    }
    kept->place = NULL;
    if (q->open != kept) {
        state_forget_open(s, kept);
    }
}

static void drop_at(struct state *s, struct state_place *p, size_t at)
{
    forget_kept(s, p->ran[at]);
    p->count--;
    memmove(&p->ran[at], &p->ran[at + 1], (p->count - at) * sizeof(struct state_request *));
}

/* It ran before and is kept already; of those that ran it is the last now. */
static void runs_again(struct state_place *p, struct state_request *q)
{
    size_t at = 0;
    while (at + 1 < p->count && p->ran[at] != q) {
        at++;
    }
    memmove(&p->ran[at], &p->ran[at + 1], (p->count - at - 1) * sizeof(struct state_request *));
    p->ran[p->count - 1] = q;
}

CS_RESULT state_place_at(struct state *s, struct span service, struct span environment, struct state_place **ret_place)
{
    const struct sha256 key = place_digest(service, environment);
    struct state_place *p = map_get(&s->places, &key);

    if (p == NULL) {
        p = pool_alloc(&s->pool, sizeof(*p));
        ENSURE(p != NULL, CS_E_NOMEM, "state.place");
        TRY(pool_copy(&s->pool, environment, &p->environment));
        TRY(map_put(&s->places, &s->pool, &key, p));
    }
    *ret_place = p;
    return CS_SUCCESS;
}

CS_RESULT state_ran(struct state *s, struct state_request *q, const struct deploy_content *d)
{
    struct state_place *p = NULL;

    if (q->kept != NULL) {
        runs_again(q->kept->place, q);
        return CS_SUCCESS;
    }
    TRY(state_place_at(s, d->service, d->environment, &p));
    if (p->count == STATE_RAN_KEPT) {
        drop_at(s, p, 0);
    }
    p->ran[p->count++] = q;
    q->kept = q->open;
    q->kept->place = p;
    return CS_SUCCESS;
}

void state_ran_badly(struct state *s, struct state_request *q)
{
    struct state_place *p = q->kept != NULL ? q->kept->place : NULL;

    for (size_t i = 0; p != NULL && i < p->count; i++) {
        if (p->ran[i] == q) {
            drop_at(s, p, i);
            return;
        }
    }
}

/* --- emergencies --- */

struct state_emergency *state_emergency_find(const struct state *s, uint64_t index)
{
    size_t i = s->emergency_count;
    while (i > 0 && s->emergencies[i - 1]->index > index) {
        i--;
    }
    return i > 0 && s->emergencies[i - 1]->index == index ? s->emergencies[i - 1] : NULL;
}

const struct state_emergency *state_next_overdue(const struct state *s, uint64_t *ret_due_ms)
{
    const struct state_emergency *first = NULL;

    for (size_t i = 0; i < s->emergency_count; i++) {
        const struct state_emergency *x = s->emergencies[i];
        const bool owed = x->review_index == 0 && x->overdue_index == 0;
        first = owed && (first == NULL || x->due_ms < first->due_ms) ? x : first;
    }
    if (first != NULL) {
        *ret_due_ms = first->due_ms;
    }
    return first;
}

bool state_review_overdue(const struct state *s, struct span service, uint64_t now_ms)
{
    for (size_t i = 0; i < s->emergency_count; i++) {
        const struct state_emergency *x = s->emergencies[i];
        if (x->review_index == 0 && state_same_name(x->service, service) &&
            (x->overdue_index != 0 || now_ms >= x->due_ms)) {
            return true;
        }
    }
    return false;
}

uint64_t state_emergencies_since(const struct state *s, uint64_t per_s, uint64_t now_ms)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s->emergency_count; i++) {
        n += state_later(s->emergencies[i]->granted_ms, per_s) > now_ms ? 1U : 0U;
    }
    return n;
}

static CS_RESULT remember(struct state *s, const struct entry *e, const struct emergency_grant *g,
                          const struct state_grant *grant)
{
    struct state_emergency *x = pool_alloc(&s->pool, sizeof(*x));
    ENSURE(x != NULL, CS_E_NOMEM, "state.emergency");
    *x = (struct state_emergency){.index = e->seq,
                                  .request = g->request,
                                  .grants = g->grants,
                                  .signed_by = grant->emergency,
                                  .voucher = grant->voucher,
                                  .granted_ms = e->time_ms,
                                  .due_ms = g->due_ms,
                                  .under = s->policy,
                                  .over_budget = g->over_budget};
    TRY(pool_copy(&s->pool, g->service, &x->service));
    TRY(pool_copy(&s->pool, g->kind, &x->kind));
    TRY(pool_grow(&s->pool, (void **)&s->emergencies, s->emergency_count, &s->emergency_cap,
                  sizeof(struct state_emergency *)));
    s->emergencies[s->emergency_count++] = x;
    s->emergency_index = e->seq;
    return CS_SUCCESS;
}

/* The deployment may be redeemed once, whether it waited for signatures or had run before. */
static CS_RESULT grant(struct state *s, const struct entry *e, const struct emergency_grant *g,
                       struct state_request *emergency, struct state_request *voucher,
                       const struct state_grant **ret_grant)
{
    struct state_request *q = state_request_find(s, g->grants);
    struct state_grant *x = pool_alloc(&s->pool, sizeof(*x));

    ENSURE(q != NULL, CS_E_STATE, "emergency.grants");
    ENSURE(x != NULL, CS_E_NOMEM, "state.grant");
    const bool again = q->open == NULL;
    *x = (struct state_grant){.index = e->seq,
                              .emergency = emergency,
                              .voucher = voucher,
                              .redeem_index = again ? q->redeem_index : 0,
                              .outcome_index = again ? q->last_index : 0,
                              .approved_ms = q->approved_ms,
                              .use_by_ms = q->use_by_ms,
                              .before = q->grant};
    if (again) {
        ENSURE(q->kept != NULL, CS_E_STATE, "emergency.grants");
        q->open = q->kept;
        q->redeem_index = 0;
        TRY(state_enter_live(s, q));
    }
    q->grant = x;
    *ret_grant = x;
    q->approved_ms = e->time_ms;
    q->use_by_ms = g->use_by_ms;
    return state_move(s, q, EVENT_GRANTED, e);
}

CS_RESULT state_apply_grant(struct state *s, const struct entry *e, const struct emergency_grant *g)
{
    struct state_request *q = state_request_find(s, g->request);
    struct state_request *voucher = g->has_voucher ? state_request_find(s, g->voucher) : NULL;
    const struct state_grant *x = NULL;

    ENSURE(q != NULL && (voucher != NULL) == g->has_voucher, CS_E_STATE, "emergency.request");
    TRY(grant(s, e, g, q, voucher, &x));
    TRY(remember(s, e, g, x));
    if (voucher != NULL) {
        TRY(state_move(s, voucher, EVENT_TOOK_EFFECT, e));
    }
    return state_move(s, q, EVENT_TOOK_EFFECT, e);
}

CS_RESULT state_end_unused(struct state *s, struct state_request *q, enum state_event event, const struct entry *e)
{
    struct state_grant *x = q->grant;

    if (q->status != STATUS_APPROVED || x == NULL || x->outcome_index == 0) {
        return state_move(s, q, event, e);
    }
    q->redeem_index = x->redeem_index; /* what it did before is still so, */
    q->approved_ms = x->approved_ms;   /* and so is what let it */
    q->use_by_ms = x->use_by_ms;
    q->grant = x->before;
    x->ended_index = e->seq;
    x->before = q->unused;
    q->unused = x;
    return state_move(s, q, EVENT_NOT_REUSED, e);
}

CS_RESULT state_apply_overdue(struct state *s, const struct entry *e, const struct overdue *x)
{
    struct state_emergency *m = state_emergency_find(s, x->emergency);

    ENSURE(m != NULL, CS_E_STATE, "overdue.emergency");
    m->overdue_index = e->seq;
    s->emergency_index = e->seq;
    return CS_SUCCESS;
}

CS_RESULT state_apply_review(struct state *s, const struct entry *e, const struct review_effect *x)
{
    struct state_emergency *m = state_emergency_find(s, x->emergency);
    struct state_request *q = state_request_find(s, x->request);

    ENSURE(m != NULL && q != NULL, CS_E_STATE, "review.emergency");
    m->review = q->index;
    m->review_index = e->seq;
    s->emergency_index = e->seq;
    return state_move(s, q, EVENT_TOOK_EFFECT, e);
}
