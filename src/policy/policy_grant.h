/* SPDX-License-Identifier: Apache-2.0 */
/* What an emergency gave, and the review that it owes: does the grant still stand, and who may pay. Pure.
 * Source: docs/policy.md, "Emergencies". */
#ifndef POLICY_GRANT_H
#define POLICY_GRANT_H

#include "policy/policy_sheet.h"

/*
 * May the deployment `q`, which is `d` and has a grant, still be used? Everybody who counted must still be somebody who
 * counts, in the role of the seat, with a key for it, on the list; and the policy in force must have such an emergency,
 * for this environment and change type, with no seat that was not filled. What the ordinary sheet asks for besides is
 * asked again where the request was open when it was granted: the caller has its sheet.
 */
struct verdict policy_grant_stands(const struct state *s, const struct state_request *q, const struct deploy_content *d,
                                   const struct sheet *sheet);

/* Did this person sign the emergency, or give its voucher? */
bool policy_grant_signed(const struct state_emergency *m, const struct state_person *p);
/* Not due, and it may still be used, or nobody knows how it went: there is nothing to review. */
bool policy_review_early(const struct state *s, const struct state_emergency *m, uint64_t now_ms);

#endif
