/* SPDX-License-Identifier: Apache-2.0 */
/* A delegation as people write it. Source: docs/policy.md, "Standing in". */
#ifndef DRAFT_DELEGATE_H
#define DRAFT_DELEGATE_H

#include "draft/draft.h"
#include "model/model_people.h"

/* role, to, from, until and perhaps environments and services; or revokes. Initiator and reason stay as they are. Lives
 * in the draft's arena; faults are listed. CS_E_NOMEM. */
CS_RESULT draft_delegate(struct draft *d, const struct draft_node *top, struct delegate_content *c);

#endif
