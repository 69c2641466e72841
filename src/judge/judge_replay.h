/* SPDX-License-Identifier: Apache-2.0 */
/* A whole log from its first entry to a checkpoint, every signature verified. Pure. Source: docs/formats/verify.md. */
#ifndef JUDGE_REPLAY_H
#define JUDGE_REPLAY_H

#include "judge/judge_checkpoint.h"

struct replay {
    struct judge judge;        /* its state is the log's after the last entry */
    const struct trust *trust; /* borrowed */
    struct checkpoint head;
};

/* state_cap_bytes as judge_init. ret is to be released whenever FINDING_HOLDS was returned. */
struct finding judge_replay_begin(struct span note, const struct trust *t, size_t state_cap_bytes, struct replay *ret);
void judge_replay_release(struct replay *r);
/* The next entry. After anything but FINDING_HOLDS the replay is over. Entries past the checkpoint are FINDING_FORMAT.
 */
struct finding judge_replay_entry(struct replay *r, struct span leaf, struct entry *ret_entry);
/* Every entry up to the checkpoint was there, and they add up to it. */
struct finding judge_replay_end(const struct replay *r);

#endif
