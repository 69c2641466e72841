/* SPDX-License-Identifier: Apache-2.0 */
/* The head of a batch of the core's stream; `count` frames with the leaves' own bytes follow it. Pure.
 * Source: docs/formats/core.md. */
#ifndef WIRE_BATCH_H
#define WIRE_BATCH_H

#include "wire/wire_command.h"

enum {
    WIRE_BATCH_MAX = 256,     /* entries in one batch */
    WIRE_NOTE_MAX = 16 << 10, /* bytes of a signed checkpoint with its cosignatures */
    WIRE_WHY_MAX = 512,       /* bytes */
};

struct wire_batch {
    uint64_t count;   /* leaves that follow; 0 is a heartbeat */
    uint64_t first;   /* index of the first of them, or the core's size in a heartbeat */
    struct span note; /* signed checkpoint of size first + count; empty while the follower is behind */
    bool sealed;
    uint64_t time_ms; /* the core's clock */
    struct span why;  /* of a sealed core, in words */
};

/* Errors: json_in's; CS_E_RANGE for a count above WIRE_BATCH_MAX. */
CS_RESULT wire_batch_decode(struct span frame, struct arena *arena, struct wire_batch *ret_batch);
CS_RESULT wire_batch_encode(const struct wire_batch *b, struct writer *w);

/* A control frame is an answer or a batch: which, by its first member. */
bool wire_is_answer(struct span frame);

#endif
