/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of people, what they bring about, and how the log begins. */
#include "core/core_make.h"

#include "base/base_text.h"
#include "model/model_proposal.h"
#include "policy/policy_emergency.h"
#include "policy/policy_evidence.h"

/* --- decisions --- */

/* What a refused decision said of itself; none of it is proven. */
static CS_RESULT attempted(struct core *c, const struct core_call *call, const struct statement *st,
                           enum policy_reason reason)
{
    const bool named = st != NULL && text_id_check(st->person, MODEL_ID_MAX, "person").code == CS_OK;
    struct core_attempt t = {
        .actor = SPAN_LIT("system:kiosk"),
        .origin = core_origin(call),
        .note = {.code = span_str(policy_reason_code(reason)), .count = 1, .person = named ? st->person : SPAN_NONE}};
    if (st != NULL) {
        t.note.has_credential = true;
        t.note.credential_sha256 = st->credential_sha256;
        t.note.has_request = true;
        t.note.request = st->request_index;
    }
    return core_attempted(c, &t);
}

/* The body of an entry that carries out what was approved. */
static CS_RESULT grant_body(struct core *c, const struct state_request *q, struct cs_result *ret_made, struct writer *w)
{
    const struct state *s = &c->judge.state;
    struct emergency_grant *g = arena_alloc(&c->scratch, sizeof(*g));
    struct state_loaded l = {0};
    struct sheet sheet;

    ENSURE(g != NULL, CS_E_NOMEM, "core.scratch");
    TRY(state_load(q, &c->scratch, &l));
    TRY(policy_sheet_at(s, q, &l, core_time_ms(c), &c->scratch, &sheet));
    *ret_made = policy_emergency_grant(s, q, &sheet, &c->scratch, g);
    ENSURE(ret_made->code != CS_E_NOMEM, CS_E_NOMEM, "core.scratch");
    *ret_made = ret_made->code == CS_OK ? model_grant_encode(g, w) : *ret_made;
    return CS_SUCCESS;
}

static CS_RESULT review_body(struct core *c, const struct state_request *q, struct cs_result *ret_made,
                             struct writer *w)
{
    struct state_loaded l = {0};

    TRY(state_load(q, &c->scratch, &l));
    const struct review_effect x = {
        .emergency = l.review->emergency, .prev = c->judge.state.emergency_index, .request = q->index};
    *ret_made = model_review_effect_encode(&x, w);
    return CS_SUCCESS;
}

static CS_RESULT waiver_body(struct core *c, const struct state_request *q, struct cs_result *ret_made,
                             struct writer *w)
{
    const struct state *s = &c->judge.state;
    struct state_loaded l = {0};
    struct sheet_input in = {.kind = KIND_WAIVER};
    struct waiver_ground g = {.stood = 0};

    TRY(state_load(q, &c->scratch, &l));
    TRY(policy_sheet_waiver(s, l.waiver, core_time_ms(c), &c->scratch, &in));
    const struct state_request *of = state_request_find(s, l.waiver->request);
    const struct verdict v = policy_waiver_may(s, l.waiver, in.deploy, in.now_ms, &c->scratch, &g);
    if (!v.allow || of == NULL) {
        *ret_made = CS_FAIL(CS_E_STATE, "waiver.line"); /* it ran out, or its line is no more */
        return CS_SUCCESS;
    }
    const struct waiver_effect x = {
        .evidence = g.stood, .prev = state_evidence_last(of), .request = q->index, .waives = of->index};
    *ret_made = model_waiver_effect_encode(&x, w);
    return CS_SUCCESS;
}

static CS_RESULT thaw_body(struct core *c, const struct state_request *q, struct cs_result *ret_made, struct writer *w)
{
    struct state_loaded l = {0};

    TRY(state_load(q, &c->scratch, &l));
    const struct thaw x = {.freeze = l.thaw->freeze, .prev = c->judge.state.freeze_index, .request = q->index};
    *ret_made = model_thaw_encode(&x, w);
    return CS_SUCCESS;
}

static CS_RESULT effect_digest(struct core *c, const struct state_request *q, struct sha256 *ret_digest)
{
    struct state_loaded l = {0};

    TRY(state_load(q, &c->scratch, &l));
    if (q->kind == KIND_DELEGATE || q->kind == KIND_ACCESS_REVIEW) {
        *ret_digest = digest_sha256(l.request.content);
        return CS_SUCCESS;
    }
    if (q->kind == KIND_ROSTER) {
        return model_changes_digest(&l.roster->changes, &c->scratch, ret_digest);
    }
    *ret_digest = digest_sha256(l.policy->policy);
    return CS_SUCCESS;
}

static CS_RESULT change_body(struct core *c, const struct state_request *q, struct cs_result *ret_made,
                             struct writer *w)
{
    const struct state *s = &c->judge.state;
    struct effect e = {.prev = q->kind == KIND_POLICY ? s->policy_index : s->roster_index, .request = q->index};

    TRY(effect_digest(c, q, &e.sha256));
    *ret_made = model_effect_encode(&e, w);
    return CS_SUCCESS;
}

/* What an approved request of each kind brings about; nothing for deployments and vouchers, which wait to be used. */
static const struct effect_maker {
    enum entry_type type;
    struct cs_result (*body)(struct core *, const struct state_request *, struct cs_result *, struct writer *);
} effects[KIND_COUNT] = {
    [KIND_POLICY] = {ENTRY_POLICY, change_body},      [KIND_ROSTER] = {ENTRY_ROSTER, change_body},
    [KIND_EMERGENCY] = {ENTRY_EMERGENCY, grant_body}, [KIND_REVIEW] = {ENTRY_REVIEW, review_body},
    [KIND_WAIVER] = {ENTRY_WAIVER, waiver_body},      [KIND_THAW] = {ENTRY_THAW, thaw_body},
    [KIND_DELEGATE] = {ENTRY_ROSTER, change_body},    [KIND_ACCESS_REVIEW] = {ENTRY_ROSTER, change_body},
};

/* The last signature under such a request carries it out, in the same commit. */
static CS_RESULT take_effect(struct core *c, uint64_t request)
{
    const struct state_request *q = state_request_find(&c->judge.state, request);
    struct cs_result made = CS_SUCCESS;
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    if (q == NULL || effects[q->kind].body == NULL || q->status != STATUS_APPROVED) {
        return CS_SUCCESS;
    }
    TRY(core_body_writer(c, &body));
    TRY(effects[q->kind].body(c, q, &made, &body));
    const struct core_draft d = {.type = effects[q->kind].type,
                                 .actor = SPAN_LIT("system:core"),
                                 .origin = {.peer = SPAN_LIT("core")},
                                 .body = wr_span(&body)};
    if (made.code == CS_OK) {
        TRY(core_append(c, &d, &v, &index));
    } else {
        v = VERDICT_CAUSE(REASON_WRONG_EFFECT, made);
    }
    if (v.allow) {
        return CS_SUCCESS;
    }
    /* what fitted when it was proposed does not any more; it lapses, and the log says why */
    const struct core_attempt t = {
        .actor = d.actor,
        .origin = d.origin,
        .note = {.code = span_str(policy_reason_code(v.reason)), .count = 1, .has_request = true, .request = request}};
    return core_attempted(c, &t);
}

static struct verdict begun_here(const struct core *c, const struct statement *st)
{
    if (core_nonces_known(&c->nonces, st->nonce, core_time_ms(c)) || state_nonce_used(&c->judge.state, st->nonce)) {
        return VERDICT_ALLOW; /* the judge refuses one that was used */
    }
    return VERDICT_DENY(REASON_NONCE_UNKNOWN);
}

static CS_RESULT append_decision(struct core *c, const struct core_call *call, const struct statement *st,
                                 struct verdict *ret_verdict, uint64_t *ret_index)
{
    struct writer body;
    struct core_draft d = {.type = ENTRY_DECISION, .origin = core_origin(call)};

    *ret_verdict = begun_here(c, st);
    if (!ret_verdict->allow) {
        return CS_SUCCESS;
    }
    TRY(core_actor(c, "person:", st->person, &d.actor));
    TRY(core_body_writer(c, &body));
    const struct cs_result r = model_decision_encode(&call->c->decision, &body);
    if (r.code != CS_OK) {
        *ret_verdict = VERDICT_CAUSE(REASON_MALFORMED, r);
        return CS_SUCCESS;
    }
    d.body = wr_span(&body);
    return core_append(c, &d, ret_verdict, ret_index);
}

CS_RESULT core_do_decision(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    struct statement *st = arena_alloc(&c->scratch, sizeof(*st));
    struct verdict v = VERDICT_DENY(REASON_NO_GENESIS);
    uint64_t index = 0;
    bool decoded = false;

    ENSURE(st != NULL, CS_E_NOMEM, "core.scratch");
    if (c->judge.state.begun) {
        const struct cs_result r = model_statement_decode(call->c->decision.statement, &c->scratch, st);
        decoded = r.code == CS_OK;
        v = VERDICT_CAUSE(REASON_STATEMENT, r);
    }
    if (decoded) {
        TRY(append_decision(c, call, st, &v, &index));
    }
    if (v.allow) {
        core_done(a, index);
        return take_effect(c, st->request_index);
    }
    core_refuse(c, a, v);
    return c->judge.state.begun ? attempted(c, call, decoded ? st : NULL, v.reason) : CS_SUCCESS;
}

/* --- the beginning --- */

static CS_RESULT refuse_genesis(struct core *c, struct wire_answer *a, enum policy_reason reason,
                                struct cs_result cause)
{
    core_refuse(c, a, VERDICT_CAUSE(reason, cause));
    return CS_SUCCESS;
}

static bool enrols(enum change_op op)
{
    return op == CHANGE_ADD_CREDENTIAL || op == CHANGE_ADD_CARD;
}

/* Of everything in the list but the keys. */
static CS_RESULT without_keys(struct core *c, const struct roster_changes *all, struct sha256 *ret_digest)
{
    struct roster_changes kept = {.item = arena_array(&c->scratch, all->count, sizeof(*kept.item))};

    ENSURE(kept.item != NULL, CS_E_NOMEM, "core.scratch");
    for (size_t i = 0; i < all->count; i++) {
        if (!enrols(all->item[i].op)) {
            kept.item[kept.count++] = all->item[i];
        }
    }
    return model_changes_digest(&kept, &c->scratch, ret_digest);
}

/* The ceremony adds keys to what was proposed; it changes neither people, roles, clients, models, the log's name, its
 * keys nor its policy. */
static CS_RESULT as_proposed(struct core *c, const struct genesis_statement *g)
{
    struct proposal s;

    TRY(model_proposal_decode(c->proposal, &c->scratch, &s));
    ENSURE(span_eq(g->origin, s.origin), CS_E_MISMATCH, "genesis.origin");
    ENSURE(span_eq(g->rp_id, s.rp_id), CS_E_MISMATCH, "genesis.rp_id");
    ENSURE(span_eq(g->policy, s.policy), CS_E_MISMATCH, "genesis.policy");
    const struct note_key key = seal_log_key(c->log.seal);
    ENSURE(span_eq(g->log_key, SPAN_OF(key.key)), CS_E_MISMATCH, "genesis.log_key");
    ENSURE(span_eq(g->outcome_key, seal_outcome_spki(c->log.seal)), CS_E_MISMATCH, "genesis.outcome_key");
    struct sha256 proposed;
    struct sha256 given;
    TRY(without_keys(c, &s.changes, &proposed));
    TRY(without_keys(c, &g->changes, &given));
    ENSURE(sha256_eq(&proposed, &given), CS_E_MISMATCH, "genesis.changes");
    return CS_SUCCESS;
}

CS_RESULT core_do_genesis(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    struct genesis_statement *g = arena_alloc(&c->scratch, sizeof(*g));
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    ENSURE(g != NULL, CS_E_NOMEM, "core.scratch");
    if (c->judge.state.begun) {
        return refuse_genesis(c, a, REASON_NOT_FIRST, CS_SUCCESS);
    }
    struct cs_result r = model_genesis_statement_decode(call->c->genesis.statement, &c->scratch, g);
    if (r.code != CS_OK) {
        return refuse_genesis(c, a, REASON_MALFORMED, r);
    }
    r = as_proposed(c, g);
    if (r.code != CS_OK) {
        return refuse_genesis(c, a, REASON_GENESIS_KEYS, r);
    }
    TRY(core_body_writer(c, &body));
    r = model_genesis_encode(&call->c->genesis, &body);
    if (r.code != CS_OK) {
        return refuse_genesis(c, a, REASON_MALFORMED, r);
    }
    const struct core_draft d = {
        .type = ENTRY_GENESIS, .actor = SPAN_LIT("system:core"), .origin = core_origin(call), .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    if (!v.allow) {
        core_refuse(c, a, v);
        return CS_SUCCESS;
    }
    core_done(a, index);
    return core_boot(c);
}

CS_RESULT core_do_proposal(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const struct note_key key = seal_log_key(c->log.seal);

    (void)call;
    if (c->judge.state.begun) {
        core_refuse(c, a, VERDICT_DENY(REASON_NOT_FIRST));
        return CS_SUCCESS;
    }
    a->code = span_str(policy_reason_code(REASON_OK));
    TRY(arena_copy(&c->scratch, SPAN_OF(key.key), &a->log_key));
    a->outcome_key = seal_outcome_spki(c->log.seal);
    a->proposal = c->proposal;
    return CS_SUCCESS;
}
