/* SPDX-License-Identifier: Apache-2.0 */
/* The standard log under a judge that proves everything, and what tests ask of it. */
#ifndef JUDGE_BED_H
#define JUDGE_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/author_log.h"

enum { CAP_BYTES = 64 << 20 };

static inline void expect(struct verdict v, enum policy_reason want, const char *what)
{
    if (v.reason != want || v.allow != (want == REASON_OK)) {
        fail_msg("%s: %s (%s), wanted %s", what, policy_reason_code(v.reason), v.cause.msg != NULL ? v.cause.msg : "",
                 policy_reason_code(want));
    }
}

static inline struct author_log *standard_log(void)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    author_log_standard(l);
    return l;
}

static inline int begin_standard(void **state)
{
    *state = standard_log();
    return 0;
}

static inline int end(void **state)
{
    author_log_free(*state);
    return 0;
}

static inline const struct state *state_of(struct author_log *l)
{
    return &author_log_judge(l)->state;
}

static inline const struct state_request *found(struct author_log *l, uint64_t id)
{
    return state_request_find(state_of(l), id);
}

static inline uint64_t opened(struct author_log *l, const char *title)
{
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = title}, &id), REASON_OK, title);
    return id;
}

static inline struct verdict approve(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

/* A log folded again is the same state. */
static inline void ends(struct author_log *l)
{
    struct judge fold;
    const struct sha256 want = state_digest(state_of(l));

    assert_int_equal(judge_init(&fold, JUDGE_FOLD, CAP_BYTES).code, CS_OK);
    for (uint64_t i = 0; i < author_log_size(l); i++) {
        expect(judge_entry(&fold, author_log_leaf(l, i), NULL), REASON_OK, "fold");
    }
    const struct sha256 got = state_digest(&fold.state);
    assert_true(sha256_eq(&got, &want));
    judge_release(&fold);
    author_log_free(l);
}

#endif
