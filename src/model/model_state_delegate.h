/* SPDX-License-Identifier: Apache-2.0 */
/* Delegations in the state. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_STATE_DELEGATE_H
#define MODEL_STATE_DELEGATE_H

#include "model/model_state.h"

/* All that were ever signed, by the index of their requests; none is forgotten, for decisions lean on them. */
struct state_delegation {
    uint64_t request; /* its name everywhere */
    uint64_t index;   /* roster entry that brought it into force */
    const struct state_person *by;
    const struct state_person *to;
    const struct state_credential *key; /* that signed it */
    struct span role;
    struct span *environments; /* none: any */
    size_t environment_count;
    struct span *services; /* none: any */
    size_t service_count;
    uint64_t from_ms;
    uint64_t until_ms;
    uint64_t ended_index; /* roster entry that took it back; 0 */
};

/* Carries out an approved request of kind delegate. CS_E_STATE, CS_E_NOMEM. */
CS_RESULT state_delegate_apply(struct state *s, const struct delegate_content *c, const struct state_request *q,
                               uint64_t index);

/* NULL when there is none of this name. */
const struct state_delegation *state_delegation_find(const struct state *s, uint64_t request);

#endif
