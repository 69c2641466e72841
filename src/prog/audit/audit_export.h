/* SPDX-License-Identifier: Apache-2.0 */
/* A whole log in a directory of C2SP tiles: checkpoint, tile/entries/..., tile/0/... */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include "judge/judge_receipt.h"
#include "judge/judge_replay.h"
#include "merkle/merkle_nodes.h"

struct audit_export {
    struct replay replay;
    const struct receipt_ask *ask; /* borrowed */
    struct merkle_nodes *nodes;    /* NULL, or takes every leaf's hash, for making proofs; borrowed */
    bool asked;                    /* for more than that it holds */
    uint64_t *matches;             /* requests that name what was asked for */
    size_t match_count;
    size_t match_cap;
    bool begun;    /* the replay holds something */
    bool progress; /* say on stderr how far it is */
    uint64_t said_ms;
};

struct audit_wish {
    const struct trust *trust;
    const struct receipt_ask *ask;
    size_t state_cap_bytes;
    struct merkle_nodes *nodes;
};

/* Everything under the directory dir. Must be released whatever the finding is. */
struct finding audit_export_verify(int dir, const struct audit_wish *wish, struct audit_export *ret_export);
void audit_export_release(struct audit_export *x);

/* One entry of an export of this size, copied into the arena. The bundle that was read last is kept in w, which is the
 * caller's heap writer of AUDIT_BUNDLE_BYTES_MAX; last names it and starts as UINT64_MAX. */
struct audit_shelf {
    int dir;
    uint64_t size;
    struct writer *w;
    uint64_t last;
};
CS_RESULT audit_export_leaf(struct audit_shelf *s, uint64_t index, struct arena *arena, struct span *ret_leaf);
enum { AUDIT_BUNDLE_BYTES_MAX = 256 * (MODEL_LEAF_MAX + 2) };

#endif
