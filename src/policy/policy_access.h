/* SPDX-License-Identifier: Apache-2.0 */
/* Access reviews: which roles have lapsed, and what brings them back. Pure. Source: docs/policy.md, "Access reviews".
 */
#ifndef POLICY_ACCESS_H
#define POLICY_ACCESS_H

#include "policy/policy_sheet.h"

/* May these be reviewed: does the policy ask for it, and was every role given? */
struct verdict policy_access_review_may(const struct state *s, const struct access_review_content *c);

/* When this role lapses if nobody reviews it and nobody signs in it; UINT64_MAX: never. */
uint64_t policy_role_due(const struct state *s, const struct state_entitlement *e);

/* Has this person's role passed its time, and no entry says so yet? Of officers those who lapse now (policy_lapses);
 * never where not every entry is there. */
bool policy_role_overdue(const struct state *s, const struct state_person *p, struct span role, uint64_t now_ms);
/* Has this person the role at this time, by the log and by the clock? s may be NULL, while there is no log. */
bool policy_role_counts(const struct state *s, const struct state_person *p, struct span role, uint64_t now_ms);

/* What lapses now, the first MODEL_LAPSED_MAX of it; false when nothing does. Officers only as far as one more than the
 * threshold of them can sign afterwards. */
bool policy_lapses(const struct state *s, uint64_t now_ms, struct lapse *ret_lapse);
/* May this entry stand here: is all of it due, and do enough officers stay? */
struct verdict policy_lapse_may(const struct state *s, const struct lapse *x, uint64_t now_ms);
/* When something lapses next, after now_ms; UINT64_MAX: never. */
uint64_t policy_lapse_next(const struct state *s, uint64_t now_ms);
/* Officers whose role passed its time and stays, because too few would be left. */
size_t policy_officers_overdue(const struct state *s, uint64_t now_ms);

#endif
