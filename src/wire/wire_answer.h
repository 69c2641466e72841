/* SPDX-License-Identifier: Apache-2.0 */
/* What the core says to one command. Pure. Source: docs/formats/core.md. */
#ifndef WIRE_ANSWER_H
#define WIRE_ANSWER_H

#include "wire/wire_command.h"

/* One thing that is wrong with a body. */
struct wire_fault {
    struct span code;
    struct span detail;
    struct span pointer; /* JSON pointer */
};

/* Spans borrow from the frame or from the arena that it was decoded with. Empty texts are absent. */
struct wire_answer {
    uint64_t id;      /* of the command */
    struct span code; /* "ok", or a reason code */
    struct span detail;
    struct wire_fault faults[CONTENT_FAULTS_MAX];
    size_t fault_count;
    bool has_index; /* of the entry that was written, or of the request that is there already */
    uint64_t index;
    bool has_begin;
    uint64_t expires_ms;
    uint8_t nonce[MODEL_NONCE_BYTES];
    uint64_t time_ms;
    struct span piece; /* fetch: bytes of the file from `at` on, and the length of it all */
    uint64_t size;
    struct span log_key; /* proposal: 32 bytes */
    struct span outcome_key;
    struct span proposal;
};

/* Errors: json_in's. */
CS_RESULT wire_answer_decode(struct span frame, struct arena *arena, struct wire_answer *ret_answer);
CS_RESULT wire_answer_encode(const struct wire_answer *a, struct writer *w);

#endif
