/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files about a deployment. The front sends the bytes and what it read in them; the core keeps the bytes under the
 * digest that it computes itself, and judges what was read (docs/adr/0063-evidence.md). Of a plan, which holds
 * secrets, it keeps nothing but the digest.
 */
#include "core/core_make.h"

#include "policy/policy_evidence.h"

static void forget(struct core *c)
{
    wr_release(&c->upload.bytes);
    c->upload = (struct core_upload){.size = 0};
}

/* One file at a time: pieces of another one, or out of turn, begin anew or end it. */
CS_RESULT core_do_blob(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const struct wire_blob *b = &call->c->blob;
    struct core_upload *u = &c->upload;

    if (b->at == 0) {
        forget(c);
        *u = (struct core_upload){.sha256 = b->sha256, .size = b->size, .bytes = wr_heap(REPORT_BLOB_MAX_BYTES)};
    }
    if (b->at != u->bytes.len || b->size != u->size || !sha256_eq(&b->sha256, &u->sha256)) {
        forget(c);
        core_refuse(c, a, VERDICT_DENY(REASON_EVIDENCE_BLOB));
        return CS_SUCCESS;
    }
    wr_bytes(&u->bytes, b->bytes);
    ENSURE(wr_end(&u->bytes, "core.blob").code == CS_OK, CS_E_NOMEM, "core.blob");
    a->code = span_str(policy_reason_code(REASON_OK));
    return CS_SUCCESS;
}

/* Is it all there, and what it was announced to be? */
static bool came_whole(const struct core *c, const struct wire_evidence *e)
{
    const struct core_upload *u = &c->upload;
    if (u->size == 0 || u->size != e->size || u->bytes.len != u->size || !sha256_eq(&u->sha256, &e->sha256)) {
        return false;
    }
    const struct sha256 is = digest_sha256(wr_span(&u->bytes));
    return sha256_eq(&is, &e->sha256);
}

static int digest_cmp(const void *a, const void *b)
{
    return memcmp(a, b, SHA256_BYTES);
}

/* Sorted and distinct, as the entry wants them. */
static void take_artifacts(const struct wire_evidence *e, struct evidence_note *x)
{
    memcpy(x->artifacts, e->artifacts, e->artifact_count * sizeof(x->artifacts[0]));
    qsort(x->artifacts, e->artifact_count, sizeof(x->artifacts[0]), digest_cmp);
    for (size_t i = 0; i < e->artifact_count; i++) {
        if (x->artifact_count == 0 || !sha256_eq(&x->artifacts[x->artifact_count - 1], &x->artifacts[i])) {
            x->artifacts[x->artifact_count++] = x->artifacts[i];
        }
    }
}

/* What the entry says besides: its place in the chain, and what ran there. Of a request that is not open the judge says
 * so. */
static CS_RESULT take_ground(struct core *c, struct evidence_note *x)
{
    const struct state *s = &c->judge.state;
    const struct state_request *q = state_request_find(s, x->request);
    struct state_loaded *l = arena_alloc(&c->scratch, sizeof(*l));

    ENSURE(l != NULL, CS_E_NOMEM, "core.scratch");
    if (q == NULL || q->kind != KIND_DEPLOY || q->open == NULL) {
        return CS_SUCCESS;
    }
    TRY(state_load(q, &c->scratch, l));
    const struct sheet_input in = {.kind = KIND_DEPLOY,
                                   .deploy = l->deploy,
                                   .state = s,
                                   .opened_under = q->open->opened_under,
                                   .in_force = s->policy};
    x->prev = state_evidence_last(q);
    return policy_evidence_baseline(&in, x->line, &x->report, &c->scratch, &x->baseline);
}

/* --- how much is kept --- */

enum { FILES_OF_REQUEST_MAX = 64 << 20, SPACE_LEFT_MIN = 256 << 20, SPACE_LEFT_PART = 20 };

bool core_space_allows(uint64_t free_bytes, uint64_t all_bytes, uint64_t size)
{
    const uint64_t part = all_bytes / SPACE_LEFT_PART;
    const uint64_t left = part > SPACE_LEFT_MIN ? part : (uint64_t)SPACE_LEFT_MIN;

    return free_bytes >= left && free_bytes - left >= size;
}

struct tally {
    struct arena *arena;
    struct sha256 file[REPORT_ENTRIES_MAX]; /* one that came twice is kept once */
    size_t count;
    uint64_t bytes;
};

static CS_RESULT add_file(void *ctx, uint64_t index, struct span leaf, const struct sha256 *hash)
{
    struct tally *t = ctx;
    struct evidence_note *x = arena_alloc(t->arena, sizeof(*x));
    struct entry e;
    bool before = false;

    (void)index;
    (void)hash;
    ENSURE(x != NULL, CS_E_NOMEM, "core.scratch");
    TRY(model_entry_decode(leaf, t->arena, &e));
    if (e.type != ENTRY_EVIDENCE) {
        return CS_SUCCESS;
    }
    TRY(model_evidence_decode(e.body, t->arena, x));
    for (size_t i = 0; i < t->count; i++) {
        before = before || sha256_eq(&t->file[i], &x->sha256);
    }
    if (!before && x->report.kind != REPORT_PLAN && t->count < REPORT_ENTRIES_MAX) {
        t->file[t->count++] = x->sha256;
        t->bytes += x->size_bytes;
    }
    return CS_SUCCESS;
}

/* Bytes of the files that are kept for this request. */
static CS_RESULT files_of(struct core *c, const struct state_request *q, uint64_t *ret_bytes)
{
    struct arena local;
    struct tally *t = arena_alloc(&c->scratch, sizeof(*t));
    struct cs_result r = CS_SUCCESS;

    ENSURE(t != NULL, CS_E_NOMEM, "core.scratch");
    *t = (struct tally){.arena = &local};
    for (size_t i = 0; r.code == CS_OK && q != NULL && q->evidence != NULL && i < q->evidence->count; i++) {
        arena_init(&local, (size_t)MODEL_LEAF_MAX * 16);
        r = core_log_each(&c->log, q->evidence->item[i], 1, add_file, t);
        arena_release(&local);
    }
    *ret_bytes = t->bytes;
    return r;
}

/* NULL, or why this file cannot be kept. One that is there already takes no room. */
static CS_RESULT no_room_for(struct core *c, const struct evidence_note *x, const char **ret_why)
{
    bool there = x->report.kind == REPORT_PLAN;
    uint64_t free_bytes = 0;
    uint64_t all_bytes = 0;
    uint64_t had = 0;

    *ret_why = NULL;
    if (!there) {
        TRY(store_has_blob(c->log.store, &x->sha256, &there));
    }
    if (there) {
        return CS_SUCCESS;
    }
    TRY(files_of(c, state_request_find(&c->judge.state, x->request), &had));
    if (had > FILES_OF_REQUEST_MAX || x->size_bytes > FILES_OF_REQUEST_MAX - had) {
        *ret_why = "The files of one request may have 64 MiB together. Let the tool say less.";
    } else if (store_space(c->log.store, &free_bytes, &all_bytes).code != CS_OK || /* then it counts as full */
               !core_space_allows(free_bytes, all_bytes, x->size_bytes)) {
        *ret_why = "What is left of the disk is for the log. Its keeper must make room.";
    }
    return CS_SUCCESS;
}

static CS_RESULT append_evidence(struct core *c, const struct core_call *call, const struct evidence_note *x,
                                 struct wire_answer *a)
{
    struct core_draft d = {.type = ENTRY_EVIDENCE, .origin = core_origin(call)};
    struct verdict v = VERDICT_DENY(REASON_NOT_EVALUATED);
    struct writer body;
    uint64_t index = 0;

    TRY(core_actor(c, "client:", call->c->client, &d.actor));
    TRY(core_body_writer(c, &body));
    const struct cs_result r = model_evidence_encode(x, &body);
    if (r.code != CS_OK) {
        core_refuse(c, a, VERDICT_CAUSE(REASON_INVALID_REQUEST, r));
        return CS_SUCCESS;
    }
    d.body = wr_span(&body);
    TRY(core_append(c, &d, &v, &index));
    if (!v.allow) {
        core_refuse(c, a, v);
        return CS_SUCCESS;
    }
    if (x->report.kind != REPORT_PLAN) {
        TRY(core_log_blob(&c->log, wr_span(&c->upload.bytes)));
    }
    core_done(a, index);
    return CS_SUCCESS;
}

CS_RESULT core_do_evidence(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const struct wire_evidence *e = &call->c->evidence;
    struct evidence_note *x = arena_alloc(&c->scratch, sizeof(*x));
    const char *why = NULL;

    ENSURE(x != NULL, CS_E_NOMEM, "core.scratch");
    if (!c->judge.state.begun || !core_has_room(c)) {
        core_refuse(c, a, VERDICT_DENY(c->judge.state.begun ? REASON_BUSY : REASON_NO_GENESIS));
        return CS_SUCCESS;
    }
    *x = (struct evidence_note){.line = e->line, .request = e->request, .sha256 = e->sha256, .size_bytes = e->size};
    const struct cs_result r = model_report_decode(e->report, &c->scratch, &x->report);
    ENSURE(r.code != CS_E_NOMEM, CS_E_NOMEM, "core.scratch");
    if (r.code != CS_OK || !came_whole(c, e)) {
        core_refuse(c, a,
                    r.code != CS_OK ? VERDICT_CAUSE(REASON_INVALID_REQUEST, r) : VERDICT_DENY(REASON_EVIDENCE_BLOB));
        return CS_SUCCESS;
    }
    take_artifacts(e, x);
    TRY(no_room_for(c, x, &why));
    if (why == NULL) {
        TRY(take_ground(c, x));
        TRY(append_evidence(c, call, x, a));
    } else {
        core_refuse(c, a, VERDICT_DENY(REASON_EVIDENCE_FULL));
        a->detail = span_str(why);
    }
    forget(c);
    return CS_SUCCESS;
}

/* --- what is kept --- */

/* The file that was asked for last stays in memory, because the next piece is asked for next. */
static CS_RESULT look_up(struct core *c, const struct sha256 *sha256, bool *ret_there)
{
    struct core_upload *g = &c->given;

    *ret_there = g->size > 0 && sha256_eq(&g->sha256, sha256);
    if (*ret_there) {
        return CS_SUCCESS;
    }
    wr_release(&g->bytes);
    *g = (struct core_upload){.sha256 = *sha256, .bytes = wr_heap(STORE_BLOB_MAX_BYTES)};
    const struct cs_result r = store_blob(c->log.store, sha256, &g->bytes);
    const bool answered = r.code == CS_OK || r.code == CS_E_MISSING || r.code == CS_E_MISMATCH; /* damaged: not given */
    ENSURE(answered, r.code, "core.blob");
    g->size = r.code == CS_OK ? g->bytes.len : 0;
    *ret_there = g->size > 0;
    return CS_SUCCESS;
}

CS_RESULT core_do_fetch(struct core *c, const struct core_call *call, struct wire_answer *a)
{
    const struct wire_fetch *f = &call->c->fetch;
    bool there = false;

    TRY(look_up(c, &f->sha256, &there));
    if (!there || f->at >= c->given.size) {
        core_refuse(c, a, VERDICT_DENY(REASON_EVIDENCE_UNKNOWN));
        return CS_SUCCESS;
    }
    const uint64_t left = c->given.size - f->at;
    a->code = span_str(policy_reason_code(REASON_OK));
    a->size = c->given.size;
    a->piece = span_make(c->given.bytes.p + f->at, left < WIRE_PIECE_MAX ? (size_t)left : (size_t)WIRE_PIECE_MAX);
    return CS_SUCCESS;
}
