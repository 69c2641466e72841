/* SPDX-License-Identifier: Apache-2.0 */
/* Break-glass: may this emergency be asked for and signed now, what does it grant, what is owed. Pure.
 * Source: docs/policy.md, "Emergencies". */
#ifndef POLICY_EMERGENCY_H
#define POLICY_EMERGENCY_H

#include "policy/policy_sheet.h"

/* The word of the policy's change types for going back to what ran before. */
#define POLICY_ROLLBACK "rollback"

/* An emergency with what it names looked up. Anything may be missing: then policy_emergency_may says why. */
struct emergency_case {
    const struct emergency_content *content;
    const struct state_request *of;      /* the deployment */
    const struct deploy_content *deploy; /* what it is; NULL once it is closed and not kept */
    const struct state_policy *under;    /* the policy that it was opened under */
    const struct state_request *voucher; /* NULL when none is named, or there is no such request */
    const struct voucher_content *scope; /* of the voucher while it can be used */
};

/* Fills the case as far as it goes; into the arena. CS_E_NOMEM, or a decoder's error for what the log holds. */
CS_RESULT policy_emergency_look(const struct state *s, const struct emergency_content *content, struct arena *arena,
                                struct emergency_case *ret_case);

/* Kind, environment, change type, anchor, justification, who asks, the deployment's state, what ran before, overdue
 * reviews, the voucher. `sparse`: a receipt, which need not hold what ran before. */
struct verdict policy_emergency_may(const struct state *s, const struct emergency_case *x, uint64_t now_ms,
                                    bool sparse);
/* Can the roster fill every seat of the document's emergencies, and is everybody on its list there? */
bool policy_emergency_fillable(const struct policy_doc *doc, const struct state *s);
/* The incident that it is about; empty when its kind points to something else. */
struct span policy_emergency_incident(const struct policy_emergency *e, const struct emergency_content *content);
/* On the list of those who may ask and sign? True when the policy has no list. */
bool policy_emergency_lists(const struct policy_emergency *e, struct span person);
/* Does the voucher that the case names stand in for one person in its seat now? REASON_OK, or why not. Whether who gave
 * it is kept apart from the deployment is policy_emergency_may's to ask, and the sheet's. */
enum policy_reason policy_voucher_holds(const struct state *s, const struct emergency_case *x, uint64_t now_ms);
/* Is it for this person to use? */
bool policy_voucher_is_for(const struct voucher_content *v, const struct state_person *p);
/* The person whose voucher it is; NULL when none is named or it was not signed. */
const struct state_decision *policy_voucher_decision(const struct state_request *voucher);

/* The newest deployment of the same place that succeeded with the same artifacts, or NULL. */
const struct state_request *policy_ran_before(const struct state *s, const struct deploy_content *d,
                                              struct arena *arena);

/* What the emergency entry says when `q`, whose sheet this is, is granted at now_ms. The lists live in the arena. */
CS_RESULT policy_emergency_grant(const struct state *s, const struct state_request *q, const struct sheet *sheet,
                                 struct arena *arena, struct emergency_grant *ret_grant);

/* May this person give such a voucher? */
struct verdict policy_voucher_may(const struct state *s, const struct voucher_content *v);
/* Is this the review of an emergency that owes one? */
struct verdict policy_review_may(const struct state *s, const struct review_content *r);

#endif
