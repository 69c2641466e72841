/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_start.h"

CS_RESULT core_open(struct core *c, const struct core_files *files)
{
    TRY(store_open(files->log, &c->log.store));
    return seal_open(files->keys, store_size(c->log.store) == 0, &c->log.seal);
}

/* --- the visitor --- */

struct loading {
    struct core *c;
    bool refused; /* the judge stopped; the tree is still recomputed to the end */
    uint64_t at;
    enum policy_reason reason;
};

static CS_RESULT on_checkpoint(void *ctx, struct span note, uint64_t *ret_size, struct sha256 *ret_root)
{
    const struct loading *l = ctx;
    return seal_checkpoint_read(l->c->log.seal, note, ret_size, ret_root);
}

static CS_RESULT on_entry(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    struct loading *l = ctx;

    (void)hash;
    if (l->refused) {
        return CS_SUCCESS;
    }
    const struct verdict v = judge_entry(&l->c->judge, leaf, NULL);
    ENSURE(v.reason != REASON_NO_ROOM, CS_E_NOMEM, "core.state");
    if (!v.allow) {
        l->refused = true;
        l->at = idx;
        l->reason = v.reason;
    }
    return CS_SUCCESS;
}

/* --- what may be written on --- */

static void seal_refused(struct core_log *log, const struct loading *l)
{
    char why[CORE_WHY_MAX];

    (void)snprintf(why, sizeof(why), "Entry %llu does not hold: %s", (unsigned long long)l->at,
                   policy_reason_sentence(l->reason));
    core_log_seal(log, why);
}

static void seal_verdict(struct core_log *log, const struct store_verdict *v)
{
    char why[CORE_WHY_MAX];

    (void)snprintf(why, sizeof(why), "The log is %s (at %llu; the head file says %llu): %s.",
                   v->condition == STORE_BEHIND ? "behind" : "damaged", (unsigned long long)v->at,
                   (unsigned long long)v->head_size, v->why);
    core_log_seal(log, why);
}

/* The genesis names the keys that may go on writing this log. */
static void check_keys(struct core *c)
{
    const struct state *s = &c->judge.state;

    if (s->begun && (!span_eq(span_make(s->log_key, sizeof(s->log_key)), seal_log_key(c->log.seal)) ||
                     !span_eq(s->outcome_key, seal_outcome_key(c->log.seal)))) {
        core_log_seal(&c->log, policy_reason_sentence(REASON_GENESIS_KEYS));
    }
}

CS_RESULT core_load(struct core *c, bool prove)
{
    struct loading l = {.c = c};
    const struct store_visitor visitor = {.ctx = &l, .checkpoint = on_checkpoint, .entry = on_entry};
    struct merkle_frontier tree = {0};
    struct store_verdict v = {.condition = STORE_CORRUPT, .why = ""};
    uint64_t size = 0;

    c->judge.depth = prove ? JUDGE_PROVE : JUDGE_FOLD;
    TRY(store_verify(c->log.store, &visitor, &tree, &v));
    c->judge.depth = JUDGE_PROVE;
    c->log.committed = store_size(c->log.store);
    if (v.condition != STORE_SOUND) {
        seal_verdict(&c->log, &v);
    }
    if (l.refused) {
        seal_refused(&c->log, &l);
        store_seal(c->log.store);
    }
    check_keys(c);
    const struct cs_result r = store_last_checkpoint(c->log.store, &size, &c->log.note);
    ENSURE(r.code == CS_OK || r.code == CS_E_MISSING, r.code, "core.checkpoint");
    if (r.code == CS_OK && size != c->log.committed) {
        core_log_seal(&c->log, "The log has entries that no checkpoint covers.");
    }
    return c->log.sealed ? CS_SUCCESS : seal_resume(c->log.seal, &c->judge.tree);
}
