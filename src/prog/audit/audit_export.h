/* SPDX-License-Identifier: Apache-2.0 */
/* A whole log in a directory of C2SP tiles: checkpoint, tile/entries/..., tile/0/... */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include "judge/judge_receipt.h"
#include "judge/judge_replay.h"

struct audit_export {
    struct replay replay;
    const struct receipt_ask *ask;
    bool asked;        /* for a subject or an environment */
    uint64_t *matches; /* requests that name what was asked for */
    size_t match_count;
    size_t match_cap;
    bool begun;    /* the replay holds something */
    bool progress; /* say on stderr how far it is */
    uint64_t said_ms;
};

/* Everything under the directory dir. Must be released whatever the finding is. */
struct finding audit_export_verify(int dir, const struct trust *t, const struct receipt_ask *ask,
                                   size_t state_cap_bytes, struct audit_export *ret_export);
void audit_export_release(struct audit_export *x);

#endif
