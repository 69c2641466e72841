/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the fold that keeps how deployments went. Pure. */
#include "model/model_state_in.h"

CS_RESULT state_history_began(struct state *s, struct state_run *r)
{
    struct state_place *p = r->place;

    TRY(pool_grow(&s->pool, (void **)&p->runs, p->run_count, &p->run_cap, sizeof(struct state_run *)));
    p->runs[p->run_count++] = r;
    return CS_SUCCESS;
}

/* What failed is down until something succeeds there, or is rolled back. */
CS_RESULT state_history_ended(struct state *s, const struct state_run *r, enum request_status result)
{
    struct state_place *p = r->place;

    if (result == STATUS_FAILED) {
        p->down_ms = p->down_ms != 0 ? p->down_ms : s->time_ms;
        return CS_SUCCESS;
    }
    if (p->down_ms == 0) {
        return CS_SUCCESS;
    }
    TRY(pool_grow(&s->pool, (void **)&p->outages, p->outage_count, &p->outage_cap, sizeof(*p->outages)));
    p->outages[p->outage_count++] = (struct state_outage){.from_ms = p->down_ms, .to_ms = s->time_ms};
    p->down_ms = 0;
    return CS_SUCCESS;
}

static uint64_t recovery_s(const struct state_place *p, uint64_t from_ms, uint64_t now_ms)
{
    uint64_t longest = p->down_ms != 0 ? now_ms - p->down_ms : 0;

    for (size_t i = p->outage_count; i > 0 && p->outages[i - 1].to_ms >= from_ms; i--) {
        const uint64_t took = p->outages[i - 1].to_ms - p->outages[i - 1].from_ms;
        longest = took > longest ? took : longest;
    }
    return longest / 1000;
}

struct history_window state_history(const struct state *s, const struct deploy_content *d, uint64_t window_s,
                                    uint64_t now_ms)
{
    const struct state_place *p = state_place_find(s, d->service, d->environment);
    const uint64_t window_ms = window_s * 1000;
    const uint64_t from_ms = now_ms > window_ms ? now_ms - window_ms : 0;
    struct history_window w = {.window_s = window_s};

    if (p == NULL) {
        return w;
    }
    for (size_t i = 0; i < p->run_count; i++) {
        const struct state_run *run = p->runs[i];
        const bool told = run->outcome_index != 0;
        const bool silent = !told && now_ms - run->redeemed_ms >= (uint64_t)HISTORY_SILENT_S * 1000;
        const uint64_t at_ms = told ? run->outcome_ms : run->redeemed_ms;
        if (at_ms >= from_ms && (told || silent)) {
            w.deployments++;
            w.failed += run->good ? 0U : 1U;
        }
    }
    w.recovery_s = recovery_s(p, from_ms, now_ms);
    return w;
}

CS_RESULT state_histories(const struct state *s, struct deploy_content *d, uint64_t now_ms, struct arena *arena,
                          struct request *q)
{
    const struct policy_doc *doc = &s->policy->doc;

    if (doc->window_count == 0) {
        return CS_SUCCESS;
    }
    q->history = arena_array(arena, doc->window_count, sizeof(*q->history));
    ENSURE(q->history != NULL, CS_E_NOMEM, "request.history");
    q->history_count = doc->window_count;
    for (size_t i = 0; i < doc->window_count; i++) {
        q->history[i] = state_history(s, d, doc->windows[i], now_ms);
    }
    d->history = q->history;
    d->history_count = q->history_count;
    return CS_SUCCESS;
}
