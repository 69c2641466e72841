/* SPDX-License-Identifier: Apache-2.0 */
/* What a verifier has from somewhere else than the log. Pure. Source: docs/formats/receipt.md §3. */
#ifndef JUDGE_TRUST_H
#define JUDGE_TRUST_H

#include "base/base_arena.h"
#include "base/base_digest.h"
#include "base/base_writer.h"

struct trust {
    struct span origin;
    struct span log; /* verifier key of the log, NAME+HEX+BASE64 */
    struct sha256 genesis_sha256;
    bool has_checkpoint;
    uint64_t checkpoint_size;
    struct sha256 checkpoint_root;
};

/* Any spelling of JSON. Errors are those of json_tree_parse, and CS_E_MISSING, CS_E_TYPE, CS_E_RANGE, CS_E_SYNTAX,
 * CS_E_UNKNOWN naming the member. Spans borrow from text or arena. */
CS_RESULT judge_trust_decode(struct span text, struct arena *arena, struct trust *ret_trust);
/* Canonical. */
CS_RESULT judge_trust_encode(const struct trust *t, struct writer *w);

#endif
