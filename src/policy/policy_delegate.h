/* SPDX-License-Identifier: Apache-2.0 */
/* Delegations: who may give one, and what it lets somebody do. Pure. Source: docs/policy.md, "Standing in". */
#ifndef POLICY_DELEGATE_H
#define POLICY_DELEGATE_H

#include "model/model_state_delegate.h"
#include "policy/policy_sheet.h"

/* May this be asked for, and take effect, now? */
struct verdict policy_delegate_may(const struct state *s, const struct delegate_content *c, uint64_t now_ms);

/*
 * Does the delegation still give its role, whether its days are over or not: it was not taken back, the key that signed
 * it still counts, its delegator still has the role, and both the policy that the request was opened under and the one
 * in force let this role be delegated to this person for so long?
 */
bool policy_delegation_stands(const struct sheet *s, const struct state_delegation *g);
/* And may it be used for this request now, in a seat of this role, by this person? */
bool policy_delegation_covers(const struct sheet *s, const struct state_delegation *g, const struct state_person *p,
                              struct span role);

#endif
