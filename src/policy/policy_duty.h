/* SPDX-License-Identifier: Apache-2.0 */
/* Who is on duty. Pure. Source: docs/policy.md, "People". */
#ifndef POLICY_DUTY_H
#define POLICY_DUTY_H

#include "policy/policy_sheet.h"

/* May this person sign in this role at the sheet's time, as far as duty goes? Both the policy that the request was
 * opened under and the one in force must let them. True where neither names a roster for the role. */
bool policy_on_duty(const struct sheet *s, const struct state_person *p, struct span role);
/* Says of each seat in which roster one must be, and how many are. */
void policy_duty_seats(struct sheet *s);

#endif
