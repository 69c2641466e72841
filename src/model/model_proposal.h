/* SPDX-License-Identifier: Apache-2.0 */
/* What the operator proposes as the start of a log, before anybody has a key. Pure. docs/formats/proposal.md. */
#ifndef MODEL_PROPOSAL_H
#define MODEL_PROPOSAL_H

#include "model/model_roster.h"

struct proposal {
    struct roster_changes changes; /* people, clients and models; keys are added in the ceremony */
    struct span origin;
    struct span policy; /* canonical bytes of the policy document */
    struct span rp_id;
};

/* Everything borrows from text or lives in the arena. Errors are json_in's and the changes' own; CS_E_REFUSED when a
 * change is neither a person, a client nor a model. */
CS_RESULT model_proposal_decode(struct span text, struct arena *arena, struct proposal *ret_proposal);
CS_RESULT model_proposal_encode(const struct proposal *p, struct writer *w);

#endif
