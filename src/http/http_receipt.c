/* SPDX-License-Identifier: Apache-2.0 */
/* What a pipeline takes away from a redemption. */
#include "http/http_front.h"
#include "http/http_route.h"

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

void http_serve_receipt(struct http_call *c)
{
    struct http_front *f = c->front;
    const struct http_record *r = http_view_find(&f->view, c->target.id);
    struct span envelope = SPAN_NONE;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);

    if (r == NULL || r->redeem_index == 0) {
        const struct http_refusal none = http_refusal_reason(span_str(policy_reason_code(REASON_NOT_APPROVED)));
        http_reply_refusal(c, &none, 0);
        return;
    }
    if (envelope_of(f, r->redeem_index, &envelope).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    wr_bytes(&w, envelope);
    http_reply_own(c, 200, "application/vnd.dsse.envelope.v1+json", &w);
}
