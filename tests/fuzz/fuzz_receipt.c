/* SPDX-License-Identifier: Apache-2.0 */
/* A receipt as a stranger hands it over. What is accepted is written again byte for byte, and verified against a trust
 * that the fuzzer cannot forge: it may hold only if it is the corpus's own. */
#include "judge/judge_receipt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char trust_text[] =
    "{\"v\":1,\"origin\":\"approval.example/log1\",\"log\":\"approval.example/log1+2b010405+"
    "AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4\",\"genesis_sha256\":"
    "\"6d6fb0b38646e11e75bc4531224b7607b398ec55265912c2c8083779ba8de5c2\"}";

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void verify(const struct receipt *r, struct arena *arena)
{
    const struct receipt_ask ask = {.now_ms = 1};
    struct trust t;
    struct judge j;

    must(judge_trust_decode(SPAN_LIT(trust_text), arena, &t).code == CS_OK);
    must(judge_init(&j, JUDGE_PROVE, (size_t)64 << 20).code == CS_OK);
    const struct finding f = judge_receipt_verify(r, &t, &ask, &j);
    must(f.class < FINDING_COUNT && judge_finding_sentence(f.class) != NULL);
    if (f.class == FINDING_HOLDS && !r->is_range) {
        const struct state_request *q = state_request_find(&j.state, r->request);
        must(q != NULL && judge_is_approved(q->status));
    }
    judge_release(&j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = span_make(data, size);
    struct arena arena;
    struct receipt r;
    struct trust t;
    AUTO_WRITER w = wr_heap(RECEIPT_MAX_BYTES);

    arena_init(&arena, (size_t)64 << 20);
    if (judge_receipt_decode(text, &arena, &r).code == CS_OK) {
        must(judge_receipt_encode(&r, &w).code == CS_OK && span_eq(wr_span(&w), text));
        verify(&r, &arena);
    }
    if (judge_trust_decode(text, &arena, &t).code == CS_OK) {
        struct trust again;
        must(judge_trust_encode(&t, &w).code == CS_OK);
        must(judge_trust_decode(wr_span(&w), &arena, &again).code == CS_OK && span_eq(again.log, t.log));
    }
    arena_release(&arena);
    return 0;
}
