/* SPDX-License-Identifier: Apache-2.0 */
/* A core inside the caller's process, on a real store: no sockets, no loop, and the clock is the caller's. For unit
 * tests and benchmarks. Every call aborts when the core itself does not work. */
#ifndef SUPPORT_CORE_INSIDE_H
#define SUPPORT_CORE_INSIDE_H

#include "core/core_start.h"
#include "support/cast.h"

#define INSIDE_START_MS 1800000000000U /* the first clock */

struct inside {
    struct core core;
    struct cast cast;
    char state[400];
    char log[512];
    struct writer proposal;
    uint64_t flows;
};

/* state is a directory with mode 0700, or one to be made. Starts the core. */
void inside_init(struct inside *w, const char *state, size_t state_cap_bytes);
void inside_release(struct inside *w);
/* Closes log and fold, and starts again over the same files. */
void inside_stop(struct inside *w);
void inside_start(struct inside *w, size_t state_cap_bytes);
void inside_commit(struct inside *w);
void inside_genesis(struct inside *w);

/* One command, answered with this code. Commits when the group is full. */
struct wire_answer inside_act(struct inside *w, enum core_peer_kind peer, const struct wire_command *c,
                              const char *code);
/* The body of a staging request, and what it deploys. */
void inside_body(struct inside *w, struct writer *body, struct sha256 *ret_artifact);
uint64_t inside_request(struct inside *w, struct sha256 *ret_artifact);
/* dan approves a staging request; *ret_command can be given to core_act later, until cast_forget. */
void inside_decision(struct inside *w, uint64_t request, struct wire_command *ret_command);
void inside_redeem(uint64_t request, const struct sha256 *artifact, struct wire_command *ret_command);

#endif
