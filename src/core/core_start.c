/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_start.h"

#include "crypt/crypt_note.h"
#include "model/model_body.h"
#include "model/model_proposal.h"

/* --- opening --- */

static CS_RESULT origin_of_genesis(struct core *c, struct span *ret_origin)
{
    AUTO_WRITER leaf = wr_heap(STORE_LEAF_MAX_BYTES);
    struct entry e;
    struct entry_body *body = arena_alloc(&c->scratch, sizeof(*body));

    ENSURE(body != NULL, CS_E_NOMEM, "core.scratch");
    TRY(store_entry(c->log.store, 0, &leaf));
    TRY(model_entry_decode(wr_span(&leaf), &c->scratch, &e));
    ENSURE(e.type == ENTRY_GENESIS, CS_E_TYPE, "log entry 0");
    TRY(model_body_decode(&e, &c->scratch, body));
    return arena_copy(&c->scratch, body->genesis_statement.origin, ret_origin);
}

static CS_RESULT origin_of_proposal(struct core *c, struct span *ret_origin)
{
    struct proposal p;

    ENSURE(c->proposal.left > 0, CS_E_MISSING, "proposal.json");
    TRY(model_proposal_decode(c->proposal, &c->scratch, &p));
    *ret_origin = p.origin;
    return CS_SUCCESS;
}

CS_RESULT core_open(struct core *c, const struct core_files *files)
{
    struct span origin = SPAN_NONE;

    TRY(store_open(files->log, &c->log.store));
    const bool empty = store_size(c->log.store) == 0;
    TRY(empty ? origin_of_proposal(c, &origin) : origin_of_genesis(c, &origin));
    return seal_open(files->keys, origin, empty, &c->log.seal);
}

/* --- the visitor --- */

struct loading {
    struct core *c;
    struct crypt_signer signer;
    bool prove;
    uint64_t last; /* size of the last checkpoint */
    bool refused;  /* the judge stopped; the tree is still recomputed to the end */
    uint64_t at;
    enum policy_reason reason;
};

static CS_RESULT on_checkpoint(void *ctx, struct span bytes, uint64_t *ret_size, struct sha256 *ret_root)
{
    struct loading *l = ctx;
    struct note note;
    struct note_checkpoint cp;

    TRY(note_decode(bytes, &note));
    TRY(note_checkpoint_decode(note.text, &cp));
    ENSURE(span_eq(cp.origin, l->signer.key.name), CS_E_MISMATCH, "checkpoint.origin");
    if (l->prove || cp.size == l->last) {
        TRY(crypt_note_verify(bytes, &l->signer, 1, &note));
    }
    *ret_size = cp.size;
    *ret_root = cp.root;
    return CS_SUCCESS;
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
    const struct note_key key = seal_log_key(c->log.seal);

    if (s->begun &&
        (!span_eq(SPAN_OF(s->log_key), SPAN_OF(key.key)) || !span_eq(s->outcome_key, seal_outcome_spki(c->log.seal)))) {
        core_log_seal(&c->log, policy_reason_sentence(REASON_GENESIS_KEYS));
    }
}

static CS_RESULT verify(struct core *c, struct loading *l)
{
    const struct store_visitor visitor = {.ctx = l, .checkpoint = on_checkpoint, .entry = on_entry};
    struct merkle_frontier tree = {0};
    struct store_verdict v = {.condition = STORE_CORRUPT, .why = ""};

    TRY(store_verify(c->log.store, &visitor, &tree, &v));
    if (v.condition != STORE_SOUND) {
        seal_verdict(&c->log, &v);
    }
    if (l->refused) {
        seal_refused(&c->log, l);
    }
    return CS_SUCCESS;
}

CS_RESULT core_load(struct core *c, bool prove)
{
    struct loading l = {.c = c, .prove = prove, .signer = {.key = seal_log_key(c->log.seal)}};

    const struct cs_result last = store_last_checkpoint(c->log.store, &l.last, &c->log.note);
    ENSURE(last.code == CS_OK || last.code == CS_E_MISSING, last.code, "core.checkpoint");
    c->judge.depth = prove ? JUDGE_PROVE : JUDGE_FOLD;
    const struct cs_result verified = verify(c, &l);
    crypt_signers_release(&l.signer, 1);
    TRY(verified);
    c->judge.depth = JUDGE_PROVE;
    c->log.committed = l.last; /* nobody is shown what nobody signed for */
    check_keys(c);
    if (c->log.sealed) {
        store_seal(c->log.store);
        return CS_SUCCESS;
    }
    return seal_resume(c->log.seal, &c->judge.tree);
}
