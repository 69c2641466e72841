/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_state.h"

#include "model/model_state_delegate.h"
#include "model/model_state_directory.h"
#include "model/model_state_review.h"
#include "model/model_state_in.h"
#include "model/model_state_roster.h"

enum request_status state_next(enum request_status from, enum state_event event)
{
    static const uint8_t next[STATUS_COUNT][EVENT_COUNT] = {
        [STATUS_ELIGIBLE] =
            {
                [EVENT_SIGNED] = STATUS_ELIGIBLE,
                [EVENT_SIGNED_LAST] = STATUS_APPROVED,
                [EVENT_REJECTED] = STATUS_REJECTED,
                [EVENT_SIGN_BY] = STATUS_EXPIRED,
                [EVENT_WITHDRAWN] = STATUS_WITHDRAWN,
                [EVENT_SUPERSEDED] = STATUS_SUPERSEDED,
                [EVENT_GRANTED] = STATUS_APPROVED,
                [EVENT_ESCALATED] = STATUS_ELIGIBLE,
            },
        [STATUS_APPROVED] =
            {
                [EVENT_USE_BY] = STATUS_LAPSED,
                [EVENT_WITHDRAWN] = STATUS_WITHDRAWN,
                [EVENT_SUPERSEDED] = STATUS_SUPERSEDED,
                [EVENT_REDEEMED] = STATUS_REDEEMED,
                [EVENT_DRIFTED] = STATUS_VOID,
                [EVENT_TOOK_EFFECT] = STATUS_APPLIED,
                [EVENT_NOT_REUSED] = STATUS_SUCCEEDED,
            },
        [STATUS_REDEEMED] =
            {
                [EVENT_SUCCEEDED] = STATUS_SUCCEEDED,
                [EVENT_FAILED] = STATUS_FAILED,
                [EVENT_ROLLED_BACK] = STATUS_ROLLED_BACK,
            },
        [STATUS_FAILED] = {[EVENT_FELL_BACK] = STATUS_REDEEMED},
        [STATUS_SUCCEEDED] = {[EVENT_GRANTED] = STATUS_APPROVED}, /* a rollback to it */
    };
    if ((unsigned)from >= STATUS_COUNT || (unsigned)event >= EVENT_COUNT) {
        return STATUS_NONE;
    }
    return (enum request_status)next[from][event];
}

bool state_is_live(enum request_status status)
{
    return status == STATUS_ELIGIBLE || status == STATUS_APPROVED;
}

CS_RESULT state_init(struct state *s, size_t cap_bytes)
{
    *s = (struct state){0};
    arena_init(&s->arena, cap_bytes);
    pool_init(&s->pool, &s->arena);
    s->heads = arena_array(&s->arena, STATE_HEADS_KEPT, sizeof(*s->heads));
    if (s->heads == NULL) {
        state_release(s);
        return CS_FAIL(CS_E_NOMEM, "state");
    }
    return CS_SUCCESS;
}

void state_release(struct state *s)
{
    arena_release(&s->arena);
    *s = (struct state){0};
}

struct state_request *state_request_find(const struct state *s, uint64_t index)
{
    size_t lo = 0;
    size_t hi = s->request_count;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (s->requests[mid]->index < index) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }
    return lo < s->request_count && s->requests[lo]->index == index ? s->requests[lo] : NULL;
}

static struct sha256 idempotency_digest(struct span actor, struct span key)
{
    const struct span parts[] = {actor, SPAN_LIT("\0"), key};
    return digest_sha256_parts(parts, 3);
}

struct state_request *state_idempotent(const struct state *s, struct span actor, struct span key)
{
    const struct sha256 d = idempotency_digest(actor, key);
    return map_get(&s->idempotency, &d);
}

const struct sha256 *state_head(const struct state *s, uint64_t n)
{
    const bool kept = n < s->size && s->size - n <= STATE_HEADS_KEPT;
    return kept ? &s->heads[n % STATE_HEADS_KEPT] : NULL;
}

const struct state_request *state_next_due(const struct state *s, uint64_t *ret_due_ms)
{
    const struct state_request *first = NULL;
    uint64_t due = UINT64_MAX;

    for (size_t i = 0; i < s->live_count; i++) {
        const struct state_request *q = s->live[i];
        const uint64_t at = q->status == STATUS_APPROVED ? q->use_by_ms : q->sign_by_ms;
        /* equal deadlines go by index, so that the order does not depend on how the live list was filled */
        if (first == NULL || at < due || (at == due && q->index < first->index)) {
            first = q;
            due = at;
        }
    }
    if (first != NULL) {
        *ret_due_ms = due;
    }
    return first;
}

/* Room for the content, and its decoder's answer. */
#define LOAD(member, type, decode)                                                                                     \
    struct type *x_##member = arena_alloc(arena, sizeof(*x_##member));                                                 \
    ENSURE(x_##member != NULL, CS_E_NOMEM, "request.content");                                                         \
    l->member = x_##member;                                                                                            \
    return decode(l->request.content, arena, x_##member)

static CS_RESULT load_deploy(struct state_loaded *l, struct arena *arena)
{
    struct deploy_content *d = arena_alloc(arena, sizeof(*d));

    ENSURE(d != NULL, CS_E_NOMEM, "request.content");
    TRY(model_deploy_reread(l->request.content, arena, d));
    d->history = l->request.history;
    d->history_count = l->request.history_count;
    l->deploy = d;
    return CS_SUCCESS;
}

static CS_RESULT load_content(struct state_loaded *l, struct arena *arena)
{
    switch (l->request.kind) {
    case KIND_DEPLOY:
        return load_deploy(l, arena);
    case KIND_POLICY: {
        LOAD(policy, policy_content, model_policy_content_decode);
    }
    case KIND_ROSTER: {
        LOAD(roster, roster_content, model_roster_content_decode);
    }
    case KIND_EMERGENCY: {
        LOAD(emergency, emergency_content, model_emergency_content_decode);
    }
    case KIND_REVIEW: {
        LOAD(review, review_content, model_review_content_decode);
    }
    case KIND_VOUCHER: {
        LOAD(voucher, voucher_content, model_voucher_content_decode);
    }
    case KIND_WAIVER: {
        LOAD(waiver, waiver_content, model_waiver_content_decode);
    }
    case KIND_THAW: {
        LOAD(thaw, thaw_content, model_thaw_content_decode);
    }
    case KIND_DELEGATE: {
        LOAD(delegate, delegate_content, model_delegate_content_decode);
    }
    case KIND_ACCESS_REVIEW: {
        LOAD(access_review, access_review_content, model_access_review_content_decode);
    }
    case KIND_NONE:
    case KIND_COUNT:
        break;
    }
    return CS_FAIL(CS_E_UNKNOWN, "request.kind");
}

const struct state_open *state_words(const struct state_request *q)
{
    const struct state_open *back = q->fallback != NULL ? q->fallback->open : NULL;
    const struct state_open *ran = q->kept != NULL ? q->kept : back;
    return q->open != NULL ? q->open : ran;
}

CS_RESULT state_load(const struct state_request *q, struct arena *arena, struct state_loaded *ret_loaded)
{
    const struct state_open *o = state_words(q);
    struct entry e;
    struct state_loaded l = {0};

    ENSURE(o != NULL, CS_E_STATE, "request");
    TRY(model_entry_decode(o->leaf, arena, &e));
    TRY(model_request_decode(e.body, arena, &l.request));
    TRY(load_content(&l, arena));
    *ret_loaded = l;
    return CS_SUCCESS;
}

void state_forget_open(struct state *s, struct state_open *o)
{
    state_forget_evidence(s, o);
    pool_free_copy(&s->pool, &o->leaf);
    pool_free(&s->pool, o, sizeof(*o));
}

static void leave_live(struct state *s, struct state_request *q)
{
    struct state_request *last = s->live[s->live_count - 1];

    s->live[q->live_at] = last;
    last->live_at = q->live_at;
    s->live_count--;
    if (q->open != q->kept) {
        state_forget_open(s, q->open);
    }
    q->open = NULL;
    for (size_t i = 0; i < q->decision_count; i++) {
        if (q->decisions[i].word !=
            DECISION_REJECT) { /* a "no" is asked about later: one text a request, typed by a person */
            pool_free_copy(&s->pool, &q->decisions[i].reason);
        }
    }
}

CS_RESULT state_move(struct state *s, struct state_request *q, enum state_event event, const struct entry *e)
{
    const enum request_status to = state_next(q->status, event);

    ENSURE(to != STATUS_NONE, CS_E_STATE, "request.status");
    q->last_index = e->seq;
    q->status = to;
    if (q->open != NULL && !state_is_live(to)) {
        leave_live(s, q);
    }
    return CS_SUCCESS;
}

/* A deadline that would pass the end of time stays at it. */
uint64_t state_later(uint64_t from_ms, uint64_t s)
{
    const uint64_t most = (UINT64_MAX - from_ms) / 1000;
    return from_ms + (s < most ? s : most) * 1000;
}

CS_RESULT state_enter_live(struct state *s, struct state_request *q)
{
    TRY(pool_grow(&s->pool, (void **)&s->live, s->live_count, &s->live_cap, sizeof(struct state_request *)));
    q->live_at = s->live_count;
    s->live[s->live_count++] = q;
    return CS_SUCCESS;
}

static CS_RESULT open_request(struct state *s, struct state_request *q, struct span leaf)
{
    q->open = pool_alloc(&s->pool, sizeof(*q->open));
    ENSURE(q->open != NULL, CS_E_NOMEM, "state.open");
    TRY(pool_copy(&s->pool, leaf, &q->open->leaf));
    q->open->opened_under = s->policy;
    return state_enter_live(s, q);
}

static CS_RESULT apply_request(struct state *s, const struct entry *e, const struct request *body, struct span leaf,
                               const struct state_facts *facts)
{
    struct state_request *q = pool_alloc(&s->pool, sizeof(*q));
    ENSURE(q != NULL, CS_E_NOMEM, "state.request");
    q->index = e->seq;
    q->kind = body->kind;
    q->status = STATUS_ELIGIBLE;
    q->revision = body->revision;
    q->opened_ms = e->time_ms;
    q->sign_by_ms = state_later(e->time_ms, facts->sign_by_s);
    q->use_by_s = facts->use_by_s;
    q->last_index = e->seq;
    q->leaf_sha256 = digest_sha256(leaf);
    q->body_sha256 = body->body_sha256;
    q->client = state_client_find(s, model_actor_client(e->actor));
    s->gated = s->gated || facts->gates;

    TRY(pool_grow(&s->pool, (void **)&s->requests, s->request_count, &s->request_cap, sizeof(struct state_request *)));
    TRY(open_request(s, q, leaf));
    s->requests[s->request_count++] = q;

    const struct sha256 key = idempotency_digest(e->actor, body->idempotency_key);
    TRY(map_put(&s->idempotency, &s->pool, &key, q));
    if (!body->revises_set) {
        return CS_SUCCESS;
    }
    struct state_request *old = state_request_find(s, body->revises);
    ENSURE(old != NULL && old != q, CS_E_STATE, "request.revises");
    TRY(state_end_unused(s, old, EVENT_SUPERSEDED, e));
    old->successor = old->status == STATUS_SUPERSEDED ? q->index : 0;
    return CS_SUCCESS;
}

static CS_RESULT remember_nonce(struct state *s, const struct statement *st, uint64_t now_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < s->nonce_count; i++) {
        if (s->nonces[i].expires_at_ms >= now_ms) {
            s->nonces[kept++] = s->nonces[i];
        }
    }
    s->nonce_count = kept;
    TRY(pool_grow(&s->pool, (void **)&s->nonces, s->nonce_count, &s->nonce_cap, sizeof(*s->nonces)));
    struct state_nonce *n = &s->nonces[s->nonce_count++];
    memcpy(n->nonce, st->nonce, sizeof(n->nonce));
    n->expires_at_ms = st->expires_at_ms;
    return CS_SUCCESS;
}

bool state_nonce_used(const struct state *s, const uint8_t nonce[MODEL_NONCE_BYTES])
{
    for (size_t i = 0; i < s->nonce_count; i++) {
        if (memcmp(s->nonces[i].nonce, nonce, MODEL_NONCE_BYTES) == 0) {
            return true;
        }
    }
    return false;
}

/* With the last seat filled it is settled whose signatures carried the approval: the last, and those that hold a seat.
 */
static void settle(struct state_request *q, const struct state_facts *facts)
{
    for (size_t i = 0; i < q->decision_count; i++) {
        q->decisions[i].counted = i + 1 == q->decision_count || (facts->held != NULL && facts->held[i]);
    }
}

static CS_RESULT apply_decision(struct state *s, const struct entry *e, const struct entry_body *body,
                                const struct state_facts *facts)
{
    const struct statement *st = &body->statement;
    struct state_request *q = state_request_find(s, st->request_index);
    struct state_credential *c = state_credential_find(s, &st->credential_sha256);
    ENSURE(q != NULL && c != NULL, CS_E_STATE, "decision");

    TRY(remember_nonce(s, st, e->time_ms));
    TRY(pool_grow(&s->pool, (void **)&q->decisions, q->decision_count, &q->decision_cap, sizeof(*q->decisions)));
    struct state_decision *d = &q->decisions[q->decision_count];
    *d = (struct state_decision){.index = e->seq,
                                 .time_ms = e->time_ms,
                                 .word = st->decision,
                                 .port = facts->port,
                                 .person = c->person,
                                 .delegation = st->has_delegation ? state_delegation_find(s, st->delegation) : NULL,
                                 .credential = c,
                                 .sig_sha256 = digest_sha256(body->decision.sig),
                                 .sheet_sha256 = st->sheet_sha256};
    TRY(pool_copy(&s->pool, st->seat, &d->seat));
    TRY(pool_copy(&s->pool, st->reason, &d->reason));
    q->decision_count++;
    c->counter = state_auth_counter(body->decision.auth_data);
    state_entitlement_used(c->person, facts->used_role, e->time_ms);

    if (st->decision == DECISION_REJECT && !facts->stays_open) {
        return state_move(s, q, EVENT_REJECTED, e);
    }
    if (facts->seats_full) {
        settle(q, facts);
        q->approved_ms = e->time_ms;
        q->use_by_ms = state_later(e->time_ms, q->use_by_s);
    }
    return state_move(s, q, facts->seats_full ? EVENT_SIGNED_LAST : EVENT_SIGNED, e);
}

static CS_RESULT take_policy(struct state *s, uint64_t index, struct span text, struct span editor)
{
    struct state_policy *p = pool_alloc(&s->pool, sizeof(*p));
    ENSURE(p != NULL, CS_E_NOMEM, "state.policy");
    TRY(pool_copy(&s->pool, text, &p->text));
    TRY(pool_copy(&s->pool, editor, &p->editor));
    TRY(model_policy_decode(p->text, &s->arena, &p->doc));
    p->index = index;
    p->sha256 = digest_sha256(p->text);
    state_review_from(s, &p->doc);
    state_directory_policy(s, &p->doc);
    s->policy = p;
    s->policy_index = index;
    state_directory_settle(s);
    s->gated = s->gated || p->doc.promotion_count > 0;
    return CS_SUCCESS;
}

static CS_RESULT apply_genesis(struct state *s, const struct entry *e, const struct entry_body *body,
                               const struct state_facts *facts)
{
    const struct genesis_statement *g = &body->genesis_statement;
    ENSURE(!s->begun && g->log_key.left == sizeof(s->log_key), CS_E_STATE, "genesis");
    TRY(pool_copy(&s->pool, g->origin, &s->origin));
    TRY(pool_copy(&s->pool, g->rp_id, &s->rp_id));
    TRY(pool_copy(&s->pool, g->outcome_key, &s->outcome_key));
    memcpy(s->log_key, g->log_key.p, sizeof(s->log_key));
    TRY(take_policy(s, e->seq, g->policy, SPAN_NONE));
    TRY(state_roster_apply(s, &g->changes, facts->changes, e->seq));
    for (size_t i = 0; i < body->genesis.signature_count; i++) {
        const struct genesis_signature *by = &body->genesis.signatures[i];
        struct state_credential *k = state_credential_find(s, &by->credential_sha256);
        ENSURE(k != NULL, CS_E_STATE, "genesis.signatures");
        k->counter = state_auth_counter(by->auth_data);
    }
    s->begun = true;
    return CS_SUCCESS;
}

/* policy and roster entries: what was approved is read from the request that they name. */
static CS_RESULT apply_effect(struct state *s, const struct entry *e, const struct effect *x,
                              const struct state_facts *facts)
{
    struct state_request *q = state_request_find(s, x->request);
    ENSURE(q != NULL && q->open != NULL, CS_E_STATE, "effect.request");

    struct arena local;
    arena_init(&local, (size_t)MODEL_LEAF_MAX * 16);
    struct state_loaded l = {0};
    struct cs_result r = state_load(q, &local, &l);
    if (r.code == CS_OK && e->type == ENTRY_POLICY && l.policy != NULL) {
        r = take_policy(s, e->seq, l.policy->policy, l.policy->initiator);
    } else if (r.code == CS_OK && e->type == ENTRY_ROSTER && l.roster != NULL) {
        r = state_roster_apply(s, &l.roster->changes, facts->changes, e->seq);
    } else if (r.code == CS_OK && e->type == ENTRY_ROSTER && l.delegate != NULL) {
        r = state_delegate_apply(s, l.delegate, q, e->seq);
    } else if (r.code == CS_OK && e->type == ENTRY_ROSTER && l.access_review != NULL) {
        r = state_reviewed(s, l.access_review, e->seq);
    } else if (r.code == CS_OK) {
        r = CS_FAIL(CS_E_STATE, "effect.kind");
    }
    arena_release(&local);
    TRY(r);
    return state_move(s, q, EVENT_TOOK_EFFECT, e);
}

static bool went_back(const struct state_request *q)
{
    return q->fallback != NULL && q->fallback->redeem_index != 0;
}

static CS_RESULT apply_outcome(struct state *s, const struct entry *e, const struct outcome *o,
                               const struct state_facts *facts)
{
    struct state_request *q = state_request_find(s, o->request);
    ENSURE(q != NULL, CS_E_STATE, "outcome.request");
    /* what went back is where it was meant to be when it is rolled back */
    const bool well = went_back(q) && o->result == STATUS_ROLLED_BACK;
    TRY(state_run_end(s, q, well ? STATUS_SUCCEEDED : o->result, e));
    if (o->result == STATUS_SUCCEEDED) {
        return state_move(s, q, EVENT_SUCCEEDED, e);
    }
    if (facts->arms) {
        TRY(state_arm(s, q, e));
    }
    state_ran_badly(s, q);
    return state_move(s, q, o->result == STATUS_FAILED ? EVENT_FAILED : EVENT_ROLLED_BACK, e);
}

static CS_RESULT apply_withdraw(struct state *s, const struct entry *e, const struct withdraw *x)
{
    struct state_request *q = state_request_find(s, x->request);
    ENSURE(q != NULL, CS_E_STATE, "withdraw.request");
    return state_end_unused(s, q, EVENT_WITHDRAWN, e);
}

static CS_RESULT apply_redeem(struct state *s, const struct entry *e, const struct redeem *x,
                              const struct state_facts *facts)
{
    struct state_request *q = state_request_find(s, x->request);
    const bool good = x->envelope.left > 0;
    ENSURE(q != NULL, CS_E_STATE, "redeem.request");
    q->redeem_index = e->seq;
    if (!good) {
        return state_end_unused(s, q, EVENT_DRIFTED, e);
    }
    if (x->rollback) {
        ENSURE(facts->deploy != NULL, CS_E_STATE, "redeem.rollback");
        TRY(state_fall_back(s, q, facts->deploy, e));
        return state_move(s, q, EVENT_FELL_BACK, e);
    }
    if (facts->deploy != NULL) {
        const struct deploy_content *d = facts->deploy;
        TRY(state_ran(s, q, d));
        TRY(state_run_begin(s, q, d, e));
    }
    return state_move(s, q, EVENT_REDEEMED, e);
}

static CS_RESULT apply_expire(struct state *s, const struct entry *e, const struct expire *x)
{
    struct state_request *q = state_request_find(s, x->request);
    ENSURE(q != NULL, CS_E_STATE, "expire.request");
    return state_end_unused(s, q, q->status == STATUS_APPROVED ? EVENT_USE_BY : EVENT_SIGN_BY, e);
}

static CS_RESULT apply_clock(struct state *s, const struct entry *e, const struct clock_note *n)
{
    TRY(pool_grow(&s->pool, (void **)&s->clocks, s->clock_count, &s->clock_cap, sizeof(*s->clocks)));
    s->clocks[s->clock_count++] = e->seq;
    s->clock_back = n->back_ms > 0;
    return CS_SUCCESS;
}

static CS_RESULT apply_body(struct state *s, const struct entry *e, const struct entry_body *b, struct span leaf,
                            const struct state_facts *facts)
{
    switch (e->type) {
    case ENTRY_GENESIS:
        return apply_genesis(s, e, b, facts);
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
        return apply_effect(s, e, &b->effect, facts);
    case ENTRY_REQUEST:
        return apply_request(s, e, &b->request, leaf, facts);
    case ENTRY_DECISION:
        return apply_decision(s, e, b, facts);
    case ENTRY_WITHDRAW:
        return apply_withdraw(s, e, &b->withdraw);
    case ENTRY_EXPIRE:
        return apply_expire(s, e, &b->expire);
    case ENTRY_REDEEM:
        return apply_redeem(s, e, &b->redeem, facts);
    case ENTRY_OUTCOME:
        return apply_outcome(s, e, &b->outcome, facts);
    case ENTRY_CLOCK:
        return apply_clock(s, e, &b->clock);
    case ENTRY_EMERGENCY:
        return state_apply_grant(s, e, &b->emergency);
    case ENTRY_OVERDUE:
        return state_apply_overdue(s, e, &b->overdue);
    case ENTRY_REVIEW:
        return state_apply_review(s, e, &b->review);
    case ENTRY_EVIDENCE:
        return state_apply_evidence(s, e, &b->evidence, facts);
    case ENTRY_WAIVER:
        return state_apply_waiver(s, e, &b->waiver, facts);
    case ENTRY_FREEZE:
        return state_apply_freeze(s, e, &b->freeze);
    case ENTRY_THAW:
        return state_apply_thaw(s, e, &b->thaw);
    case ENTRY_LAPSE:
        return state_lapse(s, &b->lapse, e->seq);
    case ENTRY_ALARM:
        return state_alarm(s, &b->alarms, e->seq);
    case ENTRY_ESCALATE:
        return state_apply_escalate(s, e, &b->escalate);
    case ENTRY_DIRECTORY:
        return state_apply_directory(s, e, &b->directory);
    case ENTRY_ACCESS:
    case ENTRY_BOOT:
        return CS_SUCCESS; /* witnessed, changes nothing */
    case ENTRY_NONE:
    case ENTRY_TYPE_COUNT:
        break;
    }
    return CS_FAIL(CS_E_UNKNOWN, "entry.type");
}

CS_RESULT state_apply(struct state *s, const struct entry *e, const struct entry_body *body, struct span leaf,
                      const struct state_facts *facts)
{
    s->time_ms = e->time_ms; /* first: what the entry brings about happens at its time */
    TRY(apply_body(s, e, body, leaf, facts));
    s->heads[e->seq % STATE_HEADS_KEPT] = e->head;
    s->size = e->seq + 1;
    return CS_SUCCESS;
}
