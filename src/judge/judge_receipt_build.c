/* SPDX-License-Identifier: Apache-2.0 */
/* Which entries a receipt needs, and their proofs. */
#include "judge/judge_receipt.h"

struct builder {
    const struct receipt_source *src;
    const struct state *s;
    uint64_t size; /* of the checkpoint */
    struct arena *arena;
    struct arena scratch; /* bodies, one entry at a time */
    uint64_t *index;      /* of the entries wanted: sorted, distinct */
    uint64_t *queue;      /* the same in the order they were found; those before `seen` were looked into */
    size_t count;
    size_t cap;
    size_t seen;
    bool emergencies; /* their chain is needed */
    bool freezes;     /* theirs */
};

enum { SCRATCH_BYTES = 8 * 1024 * 1024, FIRST_CAP = 64 };

static CS_RESULT builder_init(struct builder *b, const struct receipt_source *src, const struct state *s, uint64_t size,
                              struct arena *arena)
{
    *b = (struct builder){.src = src, .s = s, .size = size, .arena = arena};
    arena_init(&b->scratch, SCRATCH_BYTES);
    ENSURE(s->begun && size >= 1 && size <= s->size, CS_E_STATE, "receipt.checkpoint");
    return CS_SUCCESS;
}

static CS_RESULT grow(struct builder *b)
{
    const size_t cap = b->cap == 0 ? (size_t)FIRST_CAP : b->cap * 2;
    uint64_t *index = arena_array(b->arena, cap, sizeof(*index));
    uint64_t *queue = arena_array(b->arena, cap, sizeof(*queue));

    ENSURE(index != NULL && queue != NULL, CS_E_NOMEM, "receipt");
    if (b->count > 0) {
        memcpy(index, b->index, b->count * sizeof(*index));
        memcpy(queue, b->queue, b->count * sizeof(*queue));
    }
    b->index = index;
    b->queue = queue;
    b->cap = cap;
    return CS_SUCCESS;
}

static CS_RESULT want(struct builder *b, uint64_t index)
{
    size_t at = b->count;

    while (at > 0 && b->index[at - 1] > index) {
        at--;
    }
    if (at > 0 && b->index[at - 1] == index) {
        return CS_SUCCESS;
    }
    ENSURE(index < b->size, CS_E_STATE, "receipt.checkpoint");
    ENSURE(b->count < RECEIPT_ENTRIES_MAX, CS_E_RANGE, "receipt.entries");
    if (b->count == b->cap) {
        TRY(grow(b));
    }
    memmove(&b->index[at + 1], &b->index[at], (b->count - at) * sizeof(*b->index));
    b->index[at] = index;
    b->queue[b->count] = index;
    b->count++;
    return CS_SUCCESS;
}

static CS_RESULT want_if(struct builder *b, uint64_t index)
{
    return index > 0 && index < b->size ? want(b, index) : CS_SUCCESS;
}

/* What an emergency granted is not known without it, nor what the deployment did before, nor what ended a grant. */
static CS_RESULT want_grants(struct builder *b, const struct state_grant *g)
{
    for (; g != NULL; g = g->before) {
        TRY(want_if(b, g->index));
        TRY(want_if(b, g->redeem_index));
        TRY(want_if(b, g->outcome_index));
        TRY(want_if(b, g->ended_index));
    }
    return CS_SUCCESS;
}

/* What touched the request, as far as the checkpoint reaches. */
static CS_RESULT want_request(struct builder *b, uint64_t request)
{
    const struct state_request *q = state_request_find(b->s, request);
    ENSURE(q != NULL, CS_E_UNKNOWN, "receipt.request");

    TRY(want(b, q->index));
    for (size_t i = 0; i < q->decision_count; i++) {
        if (q->decisions[i].index < b->size) {
            TRY(want(b, q->decisions[i].index));
        }
    }
    for (size_t i = 0; q->evidence != NULL && i < q->evidence->count && q->evidence->item[i] < b->size; i++) {
        TRY(want(b, q->evidence->item[i]));
    }
    for (size_t i = 0; i < q->step_count; i++) {
        TRY(want_if(b, q->steps[i].index));
    }
    if (q->redeem_index > 0 && q->redeem_index < b->size) {
        TRY(want(b, q->redeem_index));
    }
    if (q->fallback != NULL) {
        TRY(want_if(b, q->fallback->first_index));
        TRY(want_if(b, q->fallback->outcome_index));
    }
    TRY(want_grants(b, q->grant));
    TRY(want_grants(b, q->unused));
    return q->last_index < b->size ? want(b, q->last_index) : CS_SUCCESS;
}

static CS_RESULT read_entry(struct builder *b, uint64_t index, struct entry *ret_entry, struct entry_body **ret_body)
{
    struct span leaf = SPAN_NONE;

    arena_reset(&b->scratch);
    struct entry_body *body = arena_alloc(&b->scratch, sizeof(*body));
    ENSURE(body != NULL, CS_E_NOMEM, "receipt");
    TRY(b->src->leaf(b->src->ctx, index, &b->scratch, &leaf));
    TRY(model_entry_decode(leaf, &b->scratch, ret_entry));
    TRY(model_body_decode(ret_entry, &b->scratch, body));
    *ret_body = body;
    return CS_SUCCESS;
}

/* An emergency is judged by all that came before it: budget and debts are counted over the whole chain. */
static CS_RESULT want_emergency(struct builder *b, const struct emergency_grant *g)
{
    b->emergencies = true;
    TRY(want(b, g->prev));
    TRY(want_request(b, g->request));
    TRY(want_request(b, g->grants));
    TRY(g->has_ran ? want_request(b, g->ran) : CS_SUCCESS);
    return g->has_voucher ? want_request(b, g->voucher) : CS_SUCCESS;
}

static CS_RESULT want_emergency_request(struct builder *b, const struct request *q)
{
    struct emergency_content c = {0};

    b->emergencies = true;
    TRY(model_emergency_content_decode(q->content, &b->scratch, &c));
    TRY(want_request(b, c.request));
    return c.has_voucher ? want_request(b, c.voucher) : CS_SUCCESS;
}

/* The uses of these artifacts, there or in all other environments, from before the request's own use. */
struct trail_want {
    const struct named_digest *items;
    size_t count;
    bool there;
};

static CS_RESULT want_trail(struct builder *b, const struct deploy_content *d, const struct state_request *q,
                            const struct trail_want *want_of)
{
    const struct state_trail *t = state_trail_find(b->s, d->service, want_of->items, want_of->count);
    const uint64_t before = q->redeem_index > 0 && q->redeem_index < b->size ? q->redeem_index : b->size;

    for (const struct state_run *r = t != NULL ? t->last : NULL; r != NULL; r = r->before) {
        if (r->redeem_index < before && span_eq(r->place->environment, d->environment) == want_of->there) {
            TRY(want_request(b, r->of->index));
            TRY(want(b, r->redeem_index));
            TRY(want_if(b, r->outcome_index));
        }
    }
    return CS_SUCCESS;
}

/* Where the same artifacts ran before, how that went, and what let it: an environment may come after another. And what
 * it would go back to ran there. */
static CS_RESULT want_stages(struct builder *b, const struct entry *e, const struct request *q)
{
    struct deploy_content *d = arena_alloc(&b->scratch, sizeof(*d));
    const struct state_request *of = state_request_find(b->s, e->seq);

    ENSURE(d != NULL, CS_E_NOMEM, "receipt");
    ENSURE(of != NULL, CS_E_UNKNOWN, "receipt.request");
    TRY(model_deploy_reread(q->content, &b->scratch, d));
    if (d->rollback != NULL) {
        TRY(want_trail(b, d, of, &(struct trail_want){d->rollback->artifacts, d->rollback->artifact_count, true}));
    }
    return want_trail(b, d, of, &(struct trail_want){d->artifacts, d->artifact_count, false});
}

static CS_RESULT want_request_needs(struct builder *b, const struct entry *e, const struct request *q)
{
    struct review_content c = {0};

    if (q->revises_set) {
        TRY(want_request(b, q->revises));
    }
    if (q->kind == KIND_DEPLOY && b->s->gated) {
        TRY(want_stages(b, e, q));
    }
    if (q->kind == KIND_EMERGENCY) {
        TRY(want_emergency_request(b, q));
    }
    if (q->kind == KIND_REVIEW) {
        b->emergencies = true;
        TRY(model_review_content_decode(q->content, &b->scratch, &c));
        TRY(want(b, c.emergency));
    }
    return want_request(b, e->seq);
}

/* What this entry cannot be judged without. */
static CS_RESULT want_needs(struct builder *b, const struct entry *e, const struct entry_body *body)
{
    switch (e->type) {
    case ENTRY_POLICY:
    case ENTRY_ROSTER:
        TRY(want(b, body->effect.prev));
        return want_request(b, body->effect.request);
    case ENTRY_REQUEST:
        return want_request_needs(b, e, &body->request);
    case ENTRY_DECISION:
        return want_request(b, body->statement.request_index);
    case ENTRY_WITHDRAW:
        return want_request(b, body->withdraw.request);
    case ENTRY_EXPIRE:
        return want_request(b, body->expire.request);
    case ENTRY_REDEEM:
        b->freezes = b->freezes || b->s->freeze_index > 0; /* its envelope names the last of them */
        return want_request(b, body->redeem.request);
    case ENTRY_OUTCOME:
        return want_request(b, body->outcome.request);
    case ENTRY_EMERGENCY:
        return want_emergency(b, &body->emergency);
    case ENTRY_OVERDUE:
        b->emergencies = true;
        TRY(want(b, body->overdue.emergency));
        return want(b, body->overdue.prev);
    case ENTRY_REVIEW:
        b->emergencies = true;
        TRY(want(b, body->review.prev));
        return want_request(b, body->review.request);
    case ENTRY_EVIDENCE:
        return want_request(b, body->evidence.request);
    case ENTRY_WAIVER:
        TRY(want_request(b, body->waiver.request));
        return want_request(b, body->waiver.waives);
    case ENTRY_FREEZE:
        b->freezes = true;
        return want(b, body->freeze.prev);
    case ENTRY_THAW:
        b->freezes = true;
        TRY(want(b, body->thaw.freeze));
        TRY(want(b, body->thaw.prev));
        return want_request(b, body->thaw.request);
    case ENTRY_LAPSE:
        return want(b, body->lapse.prev);
    case ENTRY_DIRECTORY:
        return want(b, body->directory.prev);
    case ENTRY_ESCALATE:
        return want_request(b, body->escalate.request);
    case ENTRY_GENESIS:
    case ENTRY_ALARM:
    case ENTRY_ACCESS:
    case ENTRY_BOOT:
    case ENTRY_CLOCK:
    case ENTRY_NONE:
    case ENTRY_TYPE_COUNT:
        break;
    }
    return CS_SUCCESS;
}

static CS_RESULT want_all_needs(struct builder *b)
{
    while (b->seen < b->count) {
        struct entry e = {0};
        struct entry_body *body = NULL;
        TRY(read_entry(b, b->queue[b->seen], &e, &body));
        TRY(want_needs(b, &e, body));
        b->seen++;
    }
    return CS_SUCCESS;
}

/* The entry before it in its chain; UINT64_MAX for what is in none. */
static uint64_t prev_of(const struct entry *e, const struct entry_body *body)
{
    if (e->type == ENTRY_POLICY || e->type == ENTRY_ROSTER) {
        return body->effect.prev;
    }
    if (e->type == ENTRY_LAPSE) {
        return body->lapse.prev;
    }
    if (e->type == ENTRY_DIRECTORY) {
        return body->directory.prev;
    }
    if (e->type == ENTRY_EMERGENCY) {
        return body->emergency.prev;
    }
    if (e->type == ENTRY_OVERDUE) {
        return body->overdue.prev;
    }
    if (e->type == ENTRY_FREEZE || e->type == ENTRY_THAW) {
        return e->type == ENTRY_FREEZE ? body->freeze.prev : body->thaw.prev;
    }
    return e->type == ENTRY_REVIEW ? body->review.prev : UINT64_MAX;
}

/* The newest effect of its kind before the last entry wanted, going back from the one in force. */
static CS_RESULT want_chain(struct builder *b, uint64_t effect)
{
    const uint64_t last = b->index[b->count - 1];

    while (effect > last) {
        struct entry e = {0};
        struct entry_body *body = NULL;
        TRY(read_entry(b, effect, &e, &body));
        const uint64_t before = prev_of(&e, body);
        ENSURE(before < effect, CS_E_STATE, "receipt.chain");
        effect = before;
    }
    TRY(want(b, effect));
    return want_all_needs(b);
}

/* Whether the clock could be trusted is part of what people signed. */
static CS_RESULT want_clocks(struct builder *b)
{
    const uint64_t last = b->index[b->count - 1];

    for (size_t i = 0; i < b->s->clock_count && b->s->clocks[i] < last; i++) {
        TRY(want(b, b->s->clocks[i]));
    }
    return want_all_needs(b);
}

static CS_RESULT want_everything(struct builder *b)
{
    TRY(want_all_needs(b));
    TRY(want(b, 0));
    size_t before = 0;
    while (before != b->count) { /* what one chain brings may reach further than the others did */
        before = b->count;
        TRY(want_chain(b, b->s->policy_index));
        TRY(want_chain(b, b->s->roster_index));
        TRY(b->emergencies ? want_chain(b, b->s->emergency_index) : CS_SUCCESS);
        TRY(b->emergencies ? want_clocks(b) : CS_SUCCESS);
        TRY(b->freezes ? want_chain(b, b->s->freeze_index) : CS_SUCCESS);
    }
    return CS_SUCCESS;
}

static CS_RESULT keep_proof(struct builder *b, const struct merkle_proof *proof, struct span *ret_hashes)
{
    return arena_copy(b->arena, span_make(proof->hash, proof->count * SHA256_BYTES), ret_hashes);
}

static CS_RESULT put_entries(struct builder *b, struct receipt *r)
{
    r->entries = arena_array(b->arena, b->count, sizeof(*r->entries));
    ENSURE(r->entries != NULL, CS_E_NOMEM, "receipt");
    for (size_t i = 0; i < b->count; i++) {
        struct receipt_entry *e = &r->entries[i];
        struct merkle_proof proof = {0};
        e->index = b->index[i];
        TRY(b->src->leaf(b->src->ctx, e->index, b->arena, &e->leaf));
        TRY(merkle_prove_inclusion(&b->src->tree, e->index, b->size, &proof));
        TRY(keep_proof(b, &proof, &e->proof));
    }
    r->entry_count = b->count;
    return CS_SUCCESS;
}

static CS_RESULT put_anchor(struct builder *b, struct receipt *r, uint64_t size)
{
    struct merkle_proof proof = {0};
    size_t at = r->anchor_count;

    while (at > 0 && r->anchors[at - 1].size > size) {
        at--;
    }
    if (size == 0 || (at > 0 && r->anchors[at - 1].size == size)) {
        return CS_SUCCESS;
    }
    struct receipt_anchor anchor = {.size = size};
    TRY(merkle_prove_consistency(&b->src->tree, size, b->size, &proof));
    TRY(keep_proof(b, &proof, &anchor.proof));
    memmove(&r->anchors[at + 1], &r->anchors[at], (r->anchor_count - at) * sizeof(anchor));
    r->anchors[at] = anchor;
    r->anchor_count++;
    return CS_SUCCESS;
}

static CS_RESULT put_anchors(struct builder *b, struct receipt *r)
{
    r->anchors = arena_array(b->arena, b->count, sizeof(*r->anchors));
    ENSURE(r->anchors != NULL, CS_E_NOMEM, "receipt");
    for (size_t i = 0; i < b->count; i++) {
        struct entry e = {0};
        struct entry_body *body = NULL;
        TRY(read_entry(b, b->index[i], &e, &body));
        if (e.type == ENTRY_DECISION) {
            TRY(put_anchor(b, r, body->statement.anchor_size));
        }
    }
    return CS_SUCCESS;
}

static CS_RESULT put_envelope(struct builder *b, uint64_t request, struct receipt *r)
{
    const struct state_request *q = state_request_find(b->s, request);
    struct entry e = {0};
    struct entry_body *body = NULL;

    if (q == NULL || q->redeem_index == 0 || q->redeem_index >= b->size) {
        return CS_SUCCESS;
    }
    TRY(read_entry(b, q->redeem_index, &e, &body));
    return arena_copy(b->arena, body->redeem.envelope, &r->envelope);
}

static CS_RESULT finish(struct builder *b, const struct receipt_note *note, struct receipt *r)
{
    r->checkpoint = note->text;
    TRY(want_everything(b));
    TRY(put_entries(b, r));
    return put_anchors(b, r);
}

static CS_RESULT build_request(struct builder *b, uint64_t request, const struct receipt_note *note, struct receipt *r)
{
    r->request = request;
    TRY(want_request(b, request));
    TRY(finish(b, note, r));
    return put_envelope(b, request, r);
}

static CS_RESULT build_range(struct builder *b, const struct receipt_range *range, const struct receipt_note *note,
                             struct receipt *r)
{
    const bool fits = range->count >= 1 && range->count <= RECEIPT_ENTRIES_MAX && range->first < b->size &&
                      range->count <= b->size - range->first;
    ENSURE(fits, CS_E_RANGE, "receipt.range");
    r->is_range = true;
    r->first = range->first;
    r->count = range->count;
    for (uint64_t i = 0; i < range->count; i++) {
        TRY(want(b, range->first + i));
    }
    return finish(b, note, r);
}

CS_RESULT judge_receipt_build(const struct receipt_source *src, const struct state *s, uint64_t request,
                              const struct receipt_note *note, struct arena *arena, struct receipt *ret_receipt)
{
    struct builder b;
    struct receipt r = {0};

    TRY(builder_init(&b, src, s, note->size, arena));
    const struct cs_result built = build_request(&b, request, note, &r);
    arena_release(&b.scratch);
    TRY(built);
    *ret_receipt = r;
    return CS_SUCCESS;
}

CS_RESULT judge_range_build(const struct receipt_source *src, const struct state *s, const struct receipt_range *range,
                            const struct receipt_note *note, struct arena *arena, struct receipt *ret_receipt)
{
    struct builder b;
    struct receipt r = {0};

    TRY(builder_init(&b, src, s, note->size, arena));
    const struct cs_result built = build_range(&b, range, note, &r);
    arena_release(&b.scratch);
    TRY(built);
    *ret_receipt = r;
    return CS_SUCCESS;
}
