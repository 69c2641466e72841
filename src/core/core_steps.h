/* SPDX-License-Identifier: Apache-2.0 */
/* When escalations are due: asked once for each open request and policy, and remembered. Not part of the fold: what is
 * written is judged like everything else. */
#ifndef CORE_CORE_STEPS_H
#define CORE_CORE_STEPS_H

#include "policy/policy_route.h"

struct core_step {
    uint64_t request;
    uint64_t policy_index; /* in force when it was asked */
    size_t done;           /* escalations that it had */
    uint64_t due_ms;       /* UINT64_MAX: none */
};

struct core_steps {
    struct core_step *item; /* of the open deployments, by request; owned */
    size_t count;
    size_t cap;
    struct core_step *spare; /* the same capacity */
    uint64_t size;           /* of the log when it was asked; 0: never */
    uint64_t due_ms;         /* the earliest */
    struct arena scratch;    /* of one request at a time */
};

void core_steps_init(struct core_steps *x);
void core_steps_release(struct core_steps *x);
/* The earliest due time of all, UINT64_MAX for none. CS_E_NOMEM. */
CS_RESULT core_steps_due(struct core_steps *x, const struct state *s, uint64_t *ret_due_ms);
/* The request whose escalation is due first, as of core_steps_due; NULL: none. */
const struct state_request *core_steps_first(const struct core_steps *x, const struct state *s);

#endif
