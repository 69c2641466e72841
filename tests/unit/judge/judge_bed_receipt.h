/* SPDX-License-Identifier: Apache-2.0 */
/* What an auditor says of receipts of the bed's log, whole or with entries taken out. */
#ifndef JUDGE_BED_RECEIPT_H
#define JUDGE_BED_RECEIPT_H

#include "judge_bed.h"

#include "judge/judge_replay.h"
#include "support/author_export.h"

struct bed_receipt {
    uint64_t request;
    const char *subject;                                    /* it must name this one; NULL: any */
    bool (*without)(const struct entry *e, uint64_t which); /* NULL: whole. Otherwise something must be taken out */
    uint64_t which;
};

static inline bool entry_at(const struct entry *e, uint64_t index)
{
    return e->seq == index;
}

static inline void take_out(struct receipt *r, const struct bed_receipt *how, struct arena *arena)
{
    size_t kept = 0;

    for (size_t i = 0; how->without != NULL && i < r->entry_count; i++) {
        struct entry e = {0};
        assert_int_equal(model_entry_decode(r->entries[i].leaf, arena, &e).code, CS_OK);
        if (!how->without(&e, how->which)) {
            r->entries[kept++] = r->entries[i];
        }
    }
    assert_true(how->without == NULL || kept < r->entry_count);
    r->entry_count = how->without != NULL ? kept : r->entry_count;
}

static inline struct finding receipt_says(struct author_log *l, const struct bed_receipt *how)
{
    struct author_export *x = author_export_new(l);
    const struct trust t = author_export_trust(x);
    AUTO_WRITER text = wr_heap(8 << 20);
    struct arena arena;
    struct receipt r;
    struct judge j;
    struct receipt_ask ask = {.redeemed = true, .has_subject = how->subject != NULL};

    ask.subject = how->subject != NULL ? digest_sha256(span_str(how->subject)) : ask.subject;
    arena_init(&arena, RECEIPT_ARENA_BYTES);
    author_export_receipt(x, state_of(l), how->request, &text);
    assert_int_equal(judge_receipt_decode(wr_span(&text), &arena, &r).code, CS_OK);
    take_out(&r, how, &arena);
    assert_int_equal(judge_init(&j, JUDGE_PROVE, CAP_BYTES).code, CS_OK);
    const struct finding f = judge_receipt_verify(&r, &t, &ask, &j);
    judge_release(&j);
    arena_release(&arena);
    author_export_free(x);
    return f;
}

static inline void receipt_holds(struct author_log *l, uint64_t request)
{
    const struct finding f = receipt_says(l, &(struct bed_receipt){.request = request});
    if (f.class != FINDING_HOLDS) {
        fail_msg("receipt of %llu: %s at %llu, %s", (unsigned long long)request, judge_finding_word(f.class),
                 (unsigned long long)f.index, policy_reason_code(f.reason));
    }
}

#endif
