/* SPDX-License-Identifier: Apache-2.0 */
/* What receipts and replays check alike: the head that everything stands on, and the beginning. Pure. */
#ifndef JUDGE_CHECKPOINT_H
#define JUDGE_CHECKPOINT_H

#include "judge/judge.h"
#include "judge/judge_finding.h"
#include "judge/judge_trust.h"

struct checkpoint {
    uint64_t size;
    struct sha256 root;
    uint8_t log_key[MODEL_LOG_KEY_BYTES]; /* that signed it */
};

/* The note is signed by the trusted log, names its origin, and is not older than the pinned checkpoint. */
struct finding judge_checkpoint_open(struct span note, const struct trust *t, struct checkpoint *ret_head);
/* After genesis: it names the trusted origin and the key that signed the checkpoint. */
struct finding judge_genesis_is_trusted(const struct state *s, const struct trust *t, const struct checkpoint *head);
/* What the judge refused. */
struct finding judge_finding_of_verdict(struct verdict v);

#endif
