/* SPDX-License-Identifier: Apache-2.0 */
/* The fold of evidence and waivers. */
#include "model/model_state_in.h"

uint64_t state_evidence_last(const struct state_request *q)
{
    return q->evidence != NULL && q->evidence->count > 0 ? q->evidence->item[q->evidence->count - 1] : 0;
}

const struct state_evidence *state_evidence_find(const struct state_open *o, struct span line, enum report_kind kind)
{
    for (size_t i = 0; i < o->evidence_count; i++) {
        const struct state_evidence *x = &o->evidence[i];
        if (!x->waiver && x->kind == kind && span_eq(x->line, line)) {
            return x;
        }
    }
    return NULL;
}

static void forget(struct state *s, struct state_evidence *x)
{
    pool_free_copy(&s->pool, &x->line);
    pool_free_copy(&s->pool, &x->body);
}

void state_forget_evidence(struct state *s, struct state_open *o)
{
    for (size_t i = 0; i < o->evidence_count; i++) {
        forget(s, &o->evidence[i]);
    }
    pool_free(&s->pool, o->evidence, o->evidence_cap * sizeof(*o->evidence));
    o->evidence = NULL;
    o->evidence_count = 0;
    o->evidence_cap = 0;
}

/* A newer file takes the older one's place; waivers are kept beside each other. */
static CS_RESULT place_of(struct state *s, struct state_open *o, const struct state_evidence *like,
                          struct state_evidence **ret_place)
{
    for (size_t i = 0; !like->waiver && i < o->evidence_count; i++) {
        struct state_evidence *x = &o->evidence[i];
        if (!x->waiver && x->kind == like->kind && span_eq(x->line, like->line)) {
            forget(s, x);
            *ret_place = x;
            return CS_SUCCESS;
        }
    }
    TRY(pool_grow(&s->pool, (void **)&o->evidence, o->evidence_count, &o->evidence_cap, sizeof(*o->evidence)));
    *ret_place = &o->evidence[o->evidence_count];
    **ret_place = (struct state_evidence){0};
    o->evidence_count++;
    return CS_SUCCESS;
}

static CS_RESULT remember(struct state *s, struct state_request *q, uint64_t index)
{
    if (q->evidence == NULL) {
        q->evidence = pool_alloc(&s->pool, sizeof(*q->evidence));
        ENSURE(q->evidence != NULL, CS_E_NOMEM, "state.evidence");
    }
    struct state_indices *all = q->evidence;
    TRY(pool_grow(&s->pool, (void **)&all->item, all->count, &all->cap, sizeof(*all->item)));
    all->item[all->count++] = index;
    q->last_index = index;
    return CS_SUCCESS;
}

/* `like` borrows its texts. */
static CS_RESULT keep(struct state *s, struct state_request *q, const struct state_evidence *like,
                      const struct state_facts *facts)
{
    struct state_evidence *x = NULL;
    struct state_evidence made = *like;

    ENSURE(q != NULL && q->open != NULL, CS_E_STATE, "evidence.request");
    TRY(pool_copy(&s->pool, like->line, &made.line));
    TRY(pool_copy(&s->pool, like->body, &made.body));
    TRY(place_of(s, q->open, like, &x));
    *x = made;
    TRY(remember(s, q, like->index));
    for (size_t i = 0; facts->lapses && i < q->decision_count; i++) {
        q->decisions[i].lapsed = true;
    }
    return CS_SUCCESS;
}

CS_RESULT state_apply_evidence(struct state *s, const struct entry *e, const struct evidence_note *x,
                               const struct state_facts *facts)
{
    const struct state_client *from = state_client_find(s, model_actor_client(e->actor));
    const struct state_evidence like = {.index = e->seq,
                                        .time_ms = e->time_ms,
                                        .kind = x->report.kind,
                                        .source = from != NULL ? from->id : SPAN_NONE,
                                        .line = x->line,
                                        .body = e->body};
    return keep(s, state_request_find(s, x->request), &like, facts);
}

CS_RESULT state_apply_waiver(struct state *s, const struct entry *e, const struct waiver_effect *x,
                             const struct state_facts *facts)
{
    struct state_request *q = state_request_find(s, x->request);
    struct state_loaded l = {0};
    struct arena local;

    ENSURE(q != NULL && q->open != NULL && q->kind == KIND_WAIVER, CS_E_STATE, "waiver.request");
    arena_init(&local, (size_t)MODEL_LEAF_MAX * 16);
    struct cs_result r = state_load(q, &local, &l);
    if (r.code == CS_OK) {
        const struct state_evidence like = {.index = e->seq,
                                            .time_ms = e->time_ms,
                                            .waiver = true,
                                            .of = q->index,
                                            .evidence = x->evidence,
                                            .line = l.waiver->line,
                                            .body = l.request.content};
        r = keep(s, state_request_find(s, x->waives), &like, facts);
    }
    arena_release(&local);
    TRY(r);
    return state_move(s, q, EVENT_TOOK_EFFECT, e);
}
