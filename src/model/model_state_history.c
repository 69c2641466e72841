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

static uint64_t silent_ms(const struct state_run *r)
{
    return state_later(r->redeemed_ms, HISTORY_SILENT_S);
}

/* What failed is down until something succeeds that was redeemed after it. What was silent until then was down before
 * that was told. */
static void went_down(struct state *s, const struct state_run *r)
{
    struct state_place *p = r->place;
    const uint64_t since = p->now == r && silent_ms(r) < s->time_ms ? silent_ms(r) : s->time_ms;

    if (p->down_ms == 0) {
        p->down_ms = since;
        p->down_index = 0;
    }
    p->down_index = r->redeem_index > p->down_index ? r->redeem_index : p->down_index;
}

CS_RESULT state_history_ended(struct state *s, const struct state_run *r, enum request_status result)
{
    struct state_place *p = r->place;

    if (result == STATUS_FAILED) {
        went_down(s, r);
        return CS_SUCCESS;
    }
    if (p->down_ms == 0 || result != STATUS_SUCCEEDED || r->redeem_index <= p->down_index) {
        return CS_SUCCESS;
    }
    TRY(pool_grow(&s->pool, (void **)&p->outages, p->outage_count, &p->outage_cap, sizeof(*p->outages)));
    p->outages[p->outage_count++] = (struct state_outage){.from_ms = p->down_ms, .to_ms = s->time_ms};
    p->down_ms = 0;
    return CS_SUCCESS;
}

/* The longest that what failed was down, in milliseconds. */
static uint64_t longest_outage(const struct state_place *p, uint64_t from_ms, uint64_t now_ms)
{
    uint64_t longest = p->down_ms != 0 ? now_ms - p->down_ms : 0;

    for (size_t i = p->outage_count; i > 0 && p->outages[i - 1].to_ms >= from_ms; i--) {
        const uint64_t took = p->outages[i - 1].to_ms - p->outages[i - 1].from_ms;
        longest = took > longest ? took : longest;
    }
    return longest;
}

/* Likewise of what nobody reports: from when it counts as failed until something succeeds that was redeemed after it.
 */
static uint64_t longest_silence(const struct state_place *p, uint64_t from_ms, uint64_t now_ms)
{
    uint64_t longest = 0;
    uint64_t until_ms = now_ms; /* the first success of those that were redeemed after it */

    for (size_t i = p->run_count; i > 0; i--) {
        const struct state_run *r = p->runs[i - 1];
        if (r->good) {
            until_ms = r->outcome_ms < until_ms ? r->outcome_ms : until_ms;
        } else if (r->outcome_index == 0 && until_ms > silent_ms(r) && until_ms >= from_ms) {
            const uint64_t took = until_ms - silent_ms(r);
            longest = took > longest ? took : longest;
        }
    }
    return longest;
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
        const bool silent = !told && now_ms >= silent_ms(run);
        const uint64_t at_ms = told ? run->outcome_ms : run->redeemed_ms;
        if (!run->back && at_ms >= from_ms && (told || silent)) { /* going back is no deployment */
            w.deployments++;
            w.failed += run->good ? 0U : 1U;
        }
    }
    const uint64_t down_ms = longest_outage(p, from_ms, now_ms);
    const uint64_t quiet_ms = longest_silence(p, from_ms, now_ms);
    w.recovery_s = (down_ms > quiet_ms ? down_ms : quiet_ms) / 1000;
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
