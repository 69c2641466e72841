/* SPDX-License-Identifier: Apache-2.0 */
/* What is frozen, and what passes nevertheless. Pure. Source: docs/policy.md, "Freezes". */
#ifndef POLICY_FREEZE_H
#define POLICY_FREEZE_H

#include "policy/policy_sheet.h"

/* Why this deployment is held by an incident, and which freeze says so (NULL when none does): REASON_OK, REASON_FROZEN
 * or REASON_NOT_RESPONDER. remediates: does the policy let pass what puts the incident right? */
enum policy_reason policy_frozen(const struct state *s, const struct deploy_content *d, bool remediates,
                                 const struct state_freeze **ret_by);
/* The same of what an emergency about this incident (empty: about something else) would deploy: whoever signs it at the
 * appliance needs not be a responder. */
enum policy_reason policy_frozen_emergency(const struct state *s, const struct deploy_content *d, struct span incident,
                                           const struct state_freeze **ret_by);
/* The same of what an emergency granted: what was frozen for the same incidents before the grant was judged with it. */
enum policy_reason policy_frozen_granted(const struct state *s, const struct deploy_content *d,
                                         const struct state_grant *g);

/* May this be frozen by this actor, or ended? */
struct verdict policy_freeze_may(const struct state *s, const struct freeze *f, struct span by);
struct verdict policy_thaw_may(const struct state *s, const struct thaw_content *c);
/* Of a policy that is to come: does it leave what is frozen as it is, with somebody who can end it, and does every
 * environment open within 400 days from the log's time? */
struct verdict policy_times_load(const struct policy_doc *doc, const struct state *s);

#endif
