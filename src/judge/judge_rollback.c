/* SPDX-License-Identifier: Apache-2.0 */
/* The rollback that was signed together with a deployment: when it may be used, and for what. */
#include "judge/judge_rules.h"
#include "policy/policy_gates.h"

/* Is what q deployed still the last that was redeemed there? Going back from it must not undo another's work. */
static bool runs_still(const struct state_open *words, const struct state_request *q)
{
    return words->place != NULL && q->run != NULL && words->place->now == q->run;
}

static bool names(const struct deploy_rollback *r, struct span trigger)
{
    size_t i = 0;
    while (i < r->trigger_count && !span_eq(r->triggers[i], trigger)) {
        i++;
    }
    return i < r->trigger_count;
}

/* What is silent for as long as that counts as failed, and whoever reports it then has not been watching. */
static bool in_time(const struct judge_case *c, const struct state_request *q)
{
    return c->e.time_ms - q->run->redeemed_ms < (uint64_t)HISTORY_SILENT_S * 1000;
}

bool judge_arms(const struct judge_case *c, const struct state_request *q, const struct outcome *o)
{
    struct state_loaded l = {0};
    const bool may = o->result == STATUS_FAILED && o->trigger.left > 0 && q->grant == NULL && q->fallback == NULL &&
                     q->kept != NULL && runs_still(q->kept, q) && in_time(c, q);

    return may && state_load(q, &c->j->scratch, &l).code == CS_OK && l.deploy != NULL && l.deploy->rollback != NULL &&
           names(l.deploy->rollback, o->trigger);
}

static bool same_digest(bool have_a, const struct sha256 *a, bool have_b, const struct sha256 *b)
{
    return have_a == have_b && (!have_a || sha256_eq(a, b));
}

static bool presents(const struct redeem *r, const struct deploy_rollback *b)
{
    bool same = r->artifact_count == b->artifact_count &&
                same_digest(r->has_config, &r->config_sha256, b->has_config, &b->config_sha256) &&
                same_digest(r->has_plan, &r->plan_sha256, b->has_plan, &b->plan_sha256);
    for (size_t i = 0; same && i < b->artifact_count; i++) {
        same = span_eq(r->artifacts[i].name, b->artifacts[i].name) &&
               sha256_eq(&r->artifacts[i].sha256, &b->artifacts[i].sha256);
    }
    return same;
}

/* Armed, in time, once, by who opened the request. */
static struct verdict usable(const struct judge_case *c, const struct state_request *q)
{
    const struct state *s = &c->j->state;

    if (q == NULL) {
        return VERDICT_DENY(REASON_UNKNOWN_REQUEST);
    }
    if (q->client == NULL || q->client != state_client_find(s, model_actor_client(c->e.actor))) {
        return VERDICT_DENY(REASON_NOT_YOURS);
    }
    const struct state_fallback *f = q->fallback;
    if (f != NULL && f->redeem_index != 0) {
        return VERDICT_DENY(REASON_REDEEMED);
    }
    if (q->status != STATUS_FAILED || f == NULL || f->open == NULL || !runs_still(f->open, q)) {
        return VERDICT_DENY(REASON_NO_ROLLBACK);
    }
    if (s->clock_back) {
        return VERDICT_DENY(REASON_CLOCK); /* entries stand at one time, so it would never run out */
    }
    return c->e.time_ms <= f->until_ms ? VERDICT_ALLOW : VERDICT_DENY(REASON_LAPSED);
}

/* Those who signed still count, for every seat that is asked for now. What comes and goes by itself does not hold up a
 * way back. */
static struct verdict signatures_stand(const struct judge_case *c, const struct state_request *q,
                                       const struct state_loaded *l)
{
    struct sheet sheet;

    const struct cs_result r = policy_sheet_at(&c->j->state, q, l, c->e.time_ms, &c->j->scratch, &sheet);
    if (r.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, r);
    }
    return sheet.seats_full ? VERDICT_ALLOW : VERDICT_DENY(REASON_TOO_FEW_SIGNED);
}

struct verdict judge_falls_back(const struct judge_case *c, const struct state_request *q, const struct redeem *r,
                                struct state_loaded *ret_loaded)
{
    struct state_loaded l = {0};

    struct verdict v = usable(c, q);
    if (!v.allow) {
        return v;
    }
    const struct cs_result loaded = state_load(q, &c->j->scratch, &l);
    if (loaded.code != CS_OK) {
        return VERDICT_CAUSE(REASON_NO_ROOM, loaded);
    }
    if (l.deploy == NULL || l.deploy->rollback == NULL) {
        return VERDICT_DENY(REASON_NO_ROLLBACK);
    }
    v = signatures_stand(c, q, &l);
    if (!v.allow) {
        return v;
    }
    if (!policy_goes_back(&c->j->state, l.deploy)) {
        return VERDICT_DENY(REASON_NEVER_DEPLOYED);
    }
    if (!presents(r, l.deploy->rollback)) {
        return VERDICT_DENY(REASON_DRIFTED); /* nothing ends by it: what goes back is still what was signed */
    }
    *ret_loaded = l;
    return VERDICT_ALLOW;
}
