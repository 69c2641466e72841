/* SPDX-License-Identifier: Apache-2.0 */
/* Commands by chance, for a core in the test's own process: whatever each peer may send. */
#ifndef CORE_ANY_H
#define CORE_ANY_H

#include "core_bed.h"
#include "support/any_policy.h"

enum { PLAY_OLD = 8, PLAY_SAID_BYTES = 128 };

struct play {
    struct inside *w;
    struct chance c;
    uint64_t round;
    uint64_t before; /* the entry from which on nobody signs */
    uint64_t policy;
    struct arena arena;                /* of one command */
    struct wire_command old[PLAY_OLD]; /* decisions that counted once */
    size_t old_count;
    size_t taken[WIRE_CMD_COUNT];
    char last[PLAY_SAID_BYTES];
};

static inline const struct state *state_of(const struct play *p)
{
    return &p->w->core.judge.state;
}

/* Writes c of this peer; its cmd is WIRE_NONE when there is nothing to say. */
void core_any_fill(struct play *p, enum core_peer_kind peer, struct wire_command *c);
/* A generated policy of the next version, as content of a request. */
void core_any_policy(struct play *p, struct writer *w);

#endif
