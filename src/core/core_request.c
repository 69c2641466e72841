/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for approval: what a pipeline sends and what is proposed inside the box. */
#include "core/core_make.h"

/* Above this share of the state's memory no new request is taken, so that what is open can still be decided. */
enum { ROOM_NUMERATOR = 7, ROOM_DENOMINATOR = 8 };

bool core_has_room(const struct core *c)
{
    const struct arena *a = &c->judge.state.arena;
    return a->used_bytes / ROOM_NUMERATOR < a->cap_bytes / ROOM_DENOMINATOR;
}

/* One request on its way in. */
struct incoming {
    const struct core_call *call;
    struct span actor;
    struct request q;
    struct sheet_input in;
};

static bool take_faults(struct core *c, const struct content_faults *from, struct wire_answer *a)
{
    struct content_faults *kept = arena_alloc(&c->scratch, sizeof(*kept));
    if (kept == NULL) {
        return false;
    }
    *kept = *from;
    for (size_t i = 0; i < kept->count; i++) {
        a->faults[i] = (struct wire_fault){.code = span_str(kept->item[i].code),
                                           .detail = span_str(kept->item[i].detail),
                                           .pointer = span_str(kept->item[i].pointer)};
    }
    a->fault_count = kept->count;
    return true;
}

/* Where in the body a line of the sheet looks: "documentation.backout_plan" is /documentation/backout_plan. */
static struct span pointer_of(struct core *c, const struct sheet_line *line)
{
    static const char suffix[] = "_sha256";
    const size_t n = 1 + line->id.left + sizeof(suffix) - 1;
    uint8_t *p = arena_alloc(&c->scratch, n);
    struct writer w = wr_fixed(p, p != NULL ? n : 0);

    wr_u8(&w, '/');
    for (size_t i = 0; i < line->id.left; i++) {
        wr_u8(&w, line->id.p[i] == '.' ? '/' : line->id.p[i]);
    }
    if (line->kind == SHEET_BIND && !span_is(line->id, "artifacts")) {
        wr_text(&w, suffix);
    }
    return wr_span(&w);
}

/* Every line of the sheet that the request does not meet. */
static void take_missing(struct core *c, const struct sheet *sheet, struct wire_answer *a)
{
    for (size_t i = 0; i < sheet->count && a->fault_count < CONTENT_FAULTS_MAX; i++) {
        const struct sheet_line *l = &sheet->lines[i];
        if (l->kind == SHEET_SEAT || policy_line_passes(l)) {
            continue;
        }
        a->faults[a->fault_count++] = (struct wire_fault){.code = span_str(policy_reason_code(l->reason)),
                                                          .detail = span_str(policy_reason_sentence(l->reason)),
                                                          .pointer = pointer_of(c, l)};
    }
}

static void one_fault(struct wire_answer *a, enum policy_reason reason, const char *pointer)
{
    a->faults[0] = (struct wire_fault){.code = span_str(policy_reason_code(reason)),
                                       .detail = span_str(policy_reason_sentence(reason)),
                                       .pointer = span_str(pointer)};
    a->fault_count = 1;
}

/* A refusal that is about the body says where. */
static void refuse_request(struct core *c, struct wire_answer *a, struct verdict v, const struct sheet *sheet)
{
    core_refuse(c, a, v);
    if (v.reason == REASON_MISSING_FIELD && sheet != NULL) {
        take_missing(c, sheet, a);
    } else if (v.reason == REASON_UNKNOWN_ENVIRONMENT) {
        one_fault(a, v.reason, "/environment");
    } else if (v.reason == REASON_UNKNOWN_CHANGE_TYPE) {
        one_fault(a, v.reason, "/change_type");
    }
}

/* Fills in the sheet's digest if a sheet can be made; the judge says what is wrong when it cannot. */
static CS_RESULT make_sheet(struct core *c, struct incoming *x, struct sheet *sheet, bool *ret_made)
{
    x->in.kind = x->q.kind;
    x->in.opened_under = c->judge.state.policy;
    x->in.in_force = c->judge.state.policy;
    x->in.state = &c->judge.state;
    x->in.now_ms = core_time_ms(c);
    const struct cs_result r = policy_sheet(&x->in, &c->scratch, sheet);
    ENSURE(r.code != CS_E_NOMEM, CS_E_NOMEM, "core.sheet");
    *ret_made = r.code == CS_OK;
    if (*ret_made) {
        x->q.sheet_sha256 = sheet->digest;
    }
    return CS_SUCCESS;
}

static CS_RESULT append_request(struct core *c, struct incoming *x, struct wire_answer *a)
{
    struct sheet sheet;
    bool made = false;
    struct writer body;
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    uint64_t index = 0;

    TRY(make_sheet(c, x, &sheet, &made));
    x->q.policy = c->judge.state.policy_index;
    x->q.roster = c->judge.state.roster_index;
    TRY(core_body_writer(c, &body));
    const struct cs_result r = model_request_encode(&x->q, &body);
    if (r.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r));
        return CS_SUCCESS;
    }
    const struct core_draft d = {
        .type = ENTRY_REQUEST, .actor = x->actor, .origin = core_origin(x->call), .body = wr_span(&body)};
    TRY(core_append(c, &d, &v, &index));
    if (v.allow) {
        core_done(a, index);
    } else {
        refuse_request(c, a, v, made ? &sheet : NULL);
    }
    return CS_SUCCESS;
}

/* True when the answer is known without looking at the body. */
static bool seen_before(struct core *c, const struct incoming *x, struct wire_answer *a)
{
    const struct state_request *same = state_idempotent(&c->judge.state, x->actor, x->q.idempotency_key);

    if (same == NULL) {
        return false;
    }
    if (!sha256_eq(&same->body_sha256, &x->q.body_sha256)) {
        core_refuse(c, a, VERDICT_DENY(REASON_IDEMPOTENCY_MISMATCH));
        return true;
    }
    a->code = span_str(policy_reason_code(REASON_SAME_REQUEST));
    a->has_index = true;
    a->index = same->index;
    return true;
}

/* Unknown clients learn nothing about bodies and keys. */
static struct verdict may_ask(const struct core *c, struct span client)
{
    const struct state_client *known = state_client_find(&c->judge.state, client);

    if (!c->judge.state.begun) {
        return VERDICT_DENY(REASON_NO_GENESIS);
    }
    if (known == NULL || known->removed) {
        return VERDICT_DENY(REASON_UNKNOWN_CLIENT);
    }
    if ((known->scopes & 1U << (unsigned)SCOPE_REQUEST) == 0) {
        return VERDICT_DENY(REASON_NO_SCOPE);
    }
    return core_has_room(c) ? VERDICT_ALLOW : VERDICT_DENY(REASON_BUSY);
}

static CS_RESULT take_body(struct core *c, struct incoming *x, struct wire_answer *a, bool *ret_valid)
{
    struct content_faults faults = {.count = 0};
    struct deploy_content *d = arena_alloc(&c->scratch, sizeof(*d));

    ENSURE(d != NULL, CS_E_NOMEM, "core.scratch");
    struct cs_result r = model_deploy_from_body(x->call->c->request.body, &c->scratch, &x->q.content, &x->q.revises_set,
                                                &x->q.revises, &faults);
    if (r.code == CS_OK) {
        r = model_deploy_decode(x->q.content, &c->scratch, d);
    }
    ENSURE(r.code != CS_E_NOMEM, CS_E_NOMEM, "core.scratch");
    *ret_valid = r.code == CS_OK;
    if (!*ret_valid) {
        core_refuse(c, a, VERDICT_DENY(REASON_INVALID_REQUEST));
        ENSURE(take_faults(c, &faults, a), CS_E_NOMEM, "core.scratch");
        return CS_SUCCESS;
    }
    x->in.deploy = d;
    return state_histories(&c->judge.state, d, core_time_ms(c), &c->scratch, &x->q);
}

CS_RESULT core_do_request(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    struct incoming x = {.call = call,
                         .q = {.kind = KIND_DEPLOY,
                               .idempotency_key = call->c->request.key,
                               .body_sha256 = digest_sha256(call->c->request.body),
                               .revision = 1}};
    bool valid = false;

    const struct verdict v = may_ask(c, call->c->client);
    if (!v.allow) {
        core_refuse(c, a, v);
        return CS_SUCCESS;
    }
    TRY(core_actor(c, "client:", call->c->client, &x.actor));
    if (seen_before(c, &x, a)) {
        return CS_SUCCESS;
    }
    TRY(take_body(c, &x, a, &valid));
    if (!valid) {
        return CS_SUCCESS;
    }
    const struct state_request *old = x.q.revises_set ? state_request_find(&c->judge.state, x.q.revises) : NULL;
    x.q.revision = old != NULL ? old->revision + 1 : 1;
    return append_request(c, &x, a);
}

/* --- what is proposed inside --- */

static CS_RESULT take_emergency(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    struct emergency_content *m = arena_alloc(&c->scratch, sizeof(*m));

    ENSURE(m != NULL, CS_E_NOMEM, "core.scratch");
    *ret_decoded = model_emergency_content_decode(x->q.content, &c->scratch, m);
    x->in.now_ms = core_time_ms(c);
    return ret_decoded->code == CS_OK ? policy_sheet_about(&c->judge.state, m, &c->scratch, &x->in) : CS_SUCCESS;
}

static CS_RESULT take_paper(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    struct review_content *r = arena_alloc(&c->scratch, sizeof(*r));
    struct voucher_content *v = arena_alloc(&c->scratch, sizeof(*v));

    ENSURE(r != NULL && v != NULL, CS_E_NOMEM, "core.scratch");
    if (x->q.kind == KIND_VOUCHER) {
        *ret_decoded = model_voucher_content_decode(x->q.content, &c->scratch, v);
        x->in.voucher = v;
        return CS_SUCCESS;
    }
    *ret_decoded = model_review_content_decode(x->q.content, &c->scratch, r);
    x->in.review = r;
    x->in.debt = ret_decoded->code == CS_OK ? state_emergency_find(&c->judge.state, r->emergency) : NULL;
    return CS_SUCCESS;
}

static CS_RESULT take_waiver(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    struct waiver_content *w = arena_alloc(&c->scratch, sizeof(*w));

    ENSURE(w != NULL, CS_E_NOMEM, "core.scratch");
    *ret_decoded = model_waiver_content_decode(x->q.content, &c->scratch, w);
    return ret_decoded->code == CS_OK ? policy_sheet_waiver(&c->judge.state, w, core_time_ms(c), &c->scratch, &x->in)
                                      : CS_SUCCESS;
}

static CS_RESULT take_thaw(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    struct thaw_content *t = arena_alloc(&c->scratch, sizeof(*t));

    ENSURE(t != NULL, CS_E_NOMEM, "core.scratch");
    *ret_decoded = model_thaw_content_decode(x->q.content, &c->scratch, t);
    x->in.thaw = t;
    return CS_SUCCESS;
}

static CS_RESULT take_people(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    struct delegate_content *d = arena_alloc(&c->scratch, sizeof(*d));
    struct access_review_content *r = arena_alloc(&c->scratch, sizeof(*r));

    ENSURE(d != NULL && r != NULL, CS_E_NOMEM, "core.scratch");
    if (x->q.kind == KIND_ACCESS_REVIEW) {
        *ret_decoded = model_access_review_content_decode(x->q.content, &c->scratch, r);
        x->in.access_review = r;
        return CS_SUCCESS;
    }
    *ret_decoded = model_delegate_content_decode(x->q.content, &c->scratch, d);
    x->in.delegate = d;
    return CS_SUCCESS;
}

static CS_RESULT take_change(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    struct policy_content *p = arena_alloc(&c->scratch, sizeof(*p));
    struct roster_content *r = arena_alloc(&c->scratch, sizeof(*r));

    ENSURE(p != NULL && r != NULL, CS_E_NOMEM, "core.scratch");
    if (x->q.kind == KIND_POLICY) {
        *ret_decoded = model_policy_content_decode(x->q.content, &c->scratch, p);
        x->in.policy = p;
    } else {
        *ret_decoded = model_roster_content_decode(x->q.content, &c->scratch, r);
        x->in.roster = r;
    }
    return CS_SUCCESS;
}

static CS_RESULT take_content(struct core *c, struct incoming *x, struct cs_result *ret_decoded)
{
    if (x->q.kind == KIND_EMERGENCY) {
        TRY(take_emergency(c, x, ret_decoded));
    } else if (x->q.kind == KIND_WAIVER) {
        TRY(take_waiver(c, x, ret_decoded));
    } else if (x->q.kind == KIND_REVIEW || x->q.kind == KIND_VOUCHER) {
        TRY(take_paper(c, x, ret_decoded));
    } else if (x->q.kind == KIND_THAW) {
        TRY(take_thaw(c, x, ret_decoded));
    } else if (x->q.kind == KIND_DELEGATE || x->q.kind == KIND_ACCESS_REVIEW) {
        TRY(take_people(c, x, ret_decoded));
    } else {
        TRY(take_change(c, x, ret_decoded));
    }
    ENSURE(ret_decoded->code != CS_E_NOMEM, CS_E_NOMEM, "core.scratch");
    return CS_SUCCESS;
}

/* The key of the n-th time that this is proposed. */
static CS_RESULT nth_key(struct core *c, const struct incoming *x, uint64_t n, struct span *ret_key)
{
    enum { KEY_BYTES = 2 * SHA256_BYTES + 21 };
    uint8_t *p = arena_alloc(&c->scratch, KEY_BYTES);
    struct writer w = wr_fixed(p, p != NULL ? (size_t)KEY_BYTES : 0);

    wr_hex(&w, sha256_span(&x->q.body_sha256));
    wr_u8(&w, '.');
    wr_dec(&w, n);
    TRY(wr_end(&w, "core.scratch"));
    *ret_key = wr_span(&w);
    return CS_SUCCESS;
}

static CS_RESULT nth_time(struct core *c, const struct incoming *x, uint64_t n, const struct state_request **ret_q)
{
    struct span key = SPAN_NONE;

    TRY(nth_key(c, x, n, &key));
    *ret_q = state_idempotent(&c->judge.state, x->actor, key);
    return CS_SUCCESS;
}

/*
 * The same proposal while the first is open is the same request; once that is closed it is a new one. The numbers that
 * were used are 1 to n without a gap, so the first that was not is found by halving.
 */
static CS_RESULT proposal_key(struct core *c, struct incoming *x)
{
    const struct state_request *q = NULL;
    uint64_t used = 0;
    uint64_t not_used = 1;

    TRY(nth_time(c, x, not_used, &q));
    while (q != NULL) {
        used = not_used;
        not_used *= 2;
        TRY(nth_time(c, x, not_used, &q));
    }
    while (not_used - used > 1) {
        const uint64_t mid = used + (not_used - used) / 2;
        TRY(nth_time(c, x, mid, &q));
        used = q != NULL ? mid : used;
        not_used = q != NULL ? not_used : mid;
    }
    if (used > 0) {
        TRY(nth_time(c, x, used, &q));
        not_used = q != NULL && state_is_live(q->status) ? used : not_used;
    }
    return nth_key(c, x, not_used, &x->q.idempotency_key);
}

CS_RESULT core_do_propose(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const struct wire_propose *p = &call->c->propose;
    struct incoming x = {
        .call = call,
        .q = {.kind = p->kind, .content = p->content, .body_sha256 = digest_sha256(p->content), .revision = 1}};
    struct cs_result decoded = CS_SUCCESS;

    if (!c->judge.state.begun || !core_has_room(c)) {
        core_refuse(c, a, VERDICT_DENY(c->judge.state.begun ? REASON_BUSY : REASON_NO_GENESIS));
        return CS_SUCCESS;
    }
    TRY(core_actor(c, "system:", span_str(core_peer_name(call->peer)), &x.actor));
    TRY(proposal_key(c, &x));
    if (seen_before(c, &x, a)) {
        return CS_SUCCESS;
    }
    TRY(take_content(c, &x, &decoded));
    if (decoded.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, decoded));
        return CS_SUCCESS;
    }
    return append_request(c, &x, a);
}
