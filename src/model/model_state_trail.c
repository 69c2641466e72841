/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps where artifacts ran, and how that went. Pure. */
#include "model/model_state_in.h"

/* These artifacts run there from now on. */
struct state_place_of {
    struct span service;
    struct span environment;
    const struct named_digest *items;
    size_t count;
};

static struct sha256 trail_digest(struct span service, const struct named_digest *items, size_t count)
{
    struct span parts[2 + 3 * MODEL_ARTIFACTS_MAX];
    size_t n = 0;

    parts[n++] = service;
    parts[n++] = SPAN_LIT("\0"); /* no name holds one */
    for (size_t i = 0; i < count && i < MODEL_ARTIFACTS_MAX; i++) {
        parts[n++] = sha256_span(&items[i].sha256);
        parts[n++] = items[i].name;
        parts[n++] = SPAN_LIT("\0");
    }
    return digest_sha256_parts(parts, n);
}

const struct state_trail *state_trail_find(const struct state *s, struct span service, const struct named_digest *items,
                                           size_t count)
{
    const struct sha256 key = trail_digest(service, items, count);
    return map_get(&s->trails, &key);
}

static CS_RESULT trail_at(struct state *s, const struct state_place_of *what, struct state_trail **ret_trail)
{
    const struct sha256 key = trail_digest(what->service, what->items, what->count);
    struct state_trail *t = map_get(&s->trails, &key);

    if (t == NULL) {
        t = pool_alloc(&s->pool, sizeof(*t));
        ENSURE(t != NULL, CS_E_NOMEM, "state.trail");
        TRY(map_put(&s->trails, &s->pool, &key, t));
    }
    *ret_trail = t;
    return CS_SUCCESS;
}

/* Something else runs there now. The same artifacts deployed again did not end their own stay before. */
static void leave(const struct state_place *p, const struct entry *e)
{
    for (struct state_run *r = p->now; r != NULL; r = r->before) {
        if (r->place == p && r->left_index == 0) {
            r->left_index = e->seq;
            r->left_ms = e->time_ms;
        }
    }
}

/* What was redeemed since takes the place of what could be gone back from. */
static void disarm(struct state *s, struct state_place *p)
{
    struct state_request *q = p->armed;

    if (q != NULL) {
        state_forget_open(s, q->fallback->open);
        q->fallback->open = NULL;
        p->armed = NULL;
    }
}

static CS_RESULT begin(struct state *s, struct state_request *q, const struct state_place_of *what,
                       const struct entry *e)
{
    struct state_place *p = NULL;
    struct state_trail *t = NULL;

    TRY(state_place_at(s, what->service, what->environment, &p));
    TRY(trail_at(s, what, &t));
    struct state_run *r = pool_alloc(&s->pool, sizeof(*r));
    ENSURE(r != NULL, CS_E_NOMEM, "state.run");
    disarm(s, p);
    if (p->now != NULL && p->now->trail != t) {
        leave(p, e);
    }
    *r = (struct state_run){
        .of = q, .trail = t, .place = p, .redeem_index = e->seq, .redeemed_ms = e->time_ms, .before = t->last};
    t->last = r;
    p->now = r;
    q->run = r;
    return state_history_began(s, r);
}

CS_RESULT state_run_begin(struct state *s, struct state_request *q, const struct deploy_content *d,
                          const struct entry *e)
{
    const struct state_place_of what = {d->service, d->environment, d->artifacts, d->artifact_count};

    return begin(s, q, &what, e);
}

CS_RESULT state_run_end(struct state *s, struct state_request *q, enum request_status result, const struct entry *e)
{
    struct state_run *r = q->run;

    if (r == NULL) { /* what was redeemed has one */
        return CS_SUCCESS;
    }
    r->outcome_index = e->seq;
    r->outcome_ms = e->time_ms;
    r->good = result == STATUS_SUCCEEDED;
    return state_history_ended(s, r, result);
}

CS_RESULT state_arm(struct state *s, struct state_request *q, const struct entry *e)
{
    struct state_fallback *f = pool_alloc(&s->pool, sizeof(*f));

    ENSURE(f != NULL, CS_E_NOMEM, "state.fallback");
    ENSURE(q->kept != NULL && q->open == NULL && q->fallback == NULL, CS_E_STATE, "outcome.trigger");
    *f = (struct state_fallback){.open = q->kept,
                                 .outcome_index = e->seq,
                                 .until_ms = state_later(e->time_ms, q->use_by_s),
                                 .first_index = q->redeem_index};
    q->fallback = f;
    f->open->place->armed = q;
    return CS_SUCCESS;
}

CS_RESULT state_fall_back(struct state *s, struct state_request *q, const struct deploy_content *d,
                          const struct entry *e)
{
    ENSURE(q->fallback != NULL && d->rollback != NULL, CS_E_STATE, "redeem.rollback");
    const struct state_place_of what = {d->service, d->environment, d->rollback->artifacts,
                                        d->rollback->artifact_count};
    q->fallback->redeem_index = e->seq;
    q->use_by_ms = q->fallback->until_ms;
    TRY(begin(s, q, &what, e));
    q->run->back = true;
    return CS_SUCCESS;
}
