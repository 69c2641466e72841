/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of people's roles: granted, used, reviewed, lapsed. Pure. Source: docs/policy.md, "Access reviews". */
#ifndef MODEL_STATE_REVIEW_H
#define MODEL_STATE_REVIEW_H

#include "model/model_state.h"

/* Gives a person these roles and no others; what they had keeps its past, a lapse too. CS_E_NOMEM. */
CS_RESULT state_entitle(struct state *s, struct state_person *p, const struct span *roles, size_t count);
/* NULL when the person was not given it, or is outside a state. */
struct state_entitlement *state_entitlement_find(const struct state_person *p, struct span role);
bool state_entitlement_lapsed(const struct state_person *p, struct span role);
/* A decision in this role of their own; nothing for the empty role. */
void state_entitlement_used(struct state_person *p, struct span role, uint64_t time_ms);
/* A policy comes into force: where it asks for reviews more often than the one before, time begins anew. */
void state_review_from(struct state *s, const struct policy_doc *doc);
/* Carries out an approved access review. CS_E_STATE. */
CS_RESULT state_reviewed(struct state *s, const struct access_review_content *c, uint64_t index);
CS_RESULT state_lapse(struct state *s, const struct lapse *x, uint64_t index);
CS_RESULT state_alarm(struct state *s, const struct alarms *x, uint64_t index);

#endif
