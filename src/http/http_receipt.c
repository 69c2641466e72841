/* SPDX-License-Identifier: Apache-2.0 */
/* What a pipeline takes away: a file that proves itself. docs/formats/receipt.md */
#include "http/http_front.h"
#include "http/http_route.h"
#include "judge/judge_receipt.h"

enum { RECEIPT_CAP_BYTES = 64 << 20 };

/* The outcome envelope as it stands in the redeem entry. */
static CS_RESULT envelope_of(struct http_front *f, uint64_t index, struct span *ret_envelope)
{
    struct entry e;
    struct redeem x;
    struct span leaf = SPAN_NONE;

    arena_reset(&f->scratch);
    uint8_t *bytes = arena_alloc(&f->scratch, MODEL_LEAF_MAX);
    ENSURE(bytes != NULL, CS_E_NOMEM, "receipt.leaf");
    TRY(follow_spool_read(&f->follow.spool, index, bytes, MODEL_LEAF_MAX, &leaf));
    TRY(model_entry_decode(leaf, &f->scratch, &e));
    TRY(model_redeem_decode(e.body, &f->scratch, &x));
    *ret_envelope = x.envelope;
    return CS_SUCCESS;
}

static CS_RESULT leaf_of(const void *ctx, uint64_t index, struct arena *arena, struct span *ret_leaf)
{
    const struct http_front *f = ctx;
    uint8_t *bytes = arena_alloc(arena, MODEL_LEAF_MAX);
    ENSURE(bytes != NULL, CS_E_NOMEM, "receipt.leaf");
    return follow_spool_read(&f->follow.spool, index, bytes, MODEL_LEAF_MAX, ret_leaf);
}

static CS_RESULT write_receipt(const struct http_front *f, uint64_t request, struct arena *arena, struct writer *w)
{
    const struct receipt_source source = {.leaf = leaf_of, .ctx = f, .tree = merkle_nodes_source(&f->follow.nodes)};
    const struct receipt_note note = {.text = span_make(f->follow.note, f->follow.note_len),
                                      .size = f->follow.verified};
    struct receipt receipt;

    TRY(judge_receipt_build(&source, &f->follow.judge.state, request, &note, arena, &receipt));
    return judge_receipt_encode(&receipt, w);
}

static void reply_receipt(struct http_call *c)
{
    struct arena arena;
    AUTO_WRITER w = wr_heap(RECEIPT_CAP_BYTES);
    arena_init(&arena, RECEIPT_CAP_BYTES);
    const struct cs_result r = write_receipt(c->front, c->target.id, &arena, &w);
    arena_release(&arena);
    if (r.code != CS_OK) {
        http_reply_problem(c, r.code == CS_E_STATE ? PROBLEM_BEHIND : PROBLEM_INTERNAL);
        return;
    }
    http_reply_own(c, 200, HTTP_JSON, &w);
}

static void reply_envelope(struct http_call *c, const struct http_record *r)
{
    struct span envelope = SPAN_NONE;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);
    if (r->redeem_index == 0) {
        const struct http_refusal none = http_refusal_reason(span_str(policy_reason_code(REASON_NOT_APPROVED)));
        http_reply_refusal(c, &none, 0);
        return;
    }
    if (envelope_of(c->front, r->redeem_index, &envelope).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    wr_bytes(&w, envelope);
    http_reply_own(c, 200, "application/vnd.dsse.envelope.v1+json", &w);
}

void http_serve_receipt(struct http_call *c)
{
    const struct http_record *r = http_view_find(&c->front->view, c->target.id);
    const struct span format = http_name_span(&c->target.query.format);

    if (r == NULL) {
        const struct http_refusal none = http_refusal_reason(span_str(policy_reason_code(REASON_UNKNOWN_REQUEST)));
        http_reply_refusal(c, &none, 0);
    } else if (format.left == 0) {
        reply_receipt(c);
    } else if (span_is(format, "dsse")) {
        reply_envelope(c, r);
    } else {
        http_reply_problem(c, PROBLEM_BAD_TARGET);
    }
}
