/* SPDX-License-Identifier: Apache-2.0 */
/* What nobody can sign any more: said at once, not when somebody tries. Pure. Source: docs/policy.md, "Alarms". */
#ifndef POLICY_ALARM_H
#define POLICY_ALARM_H

#include "policy/policy_sheet.h"

/* Everything that is wrong with who can sign, at this moment, under the policy in force; sorted. */
void policy_alarms(const struct state *s, uint64_t now_ms, struct alarms *ret_alarms);
/* When time alone may change that, after now_ms; UINT64_MAX: never. */
uint64_t policy_alarm_next(const struct state *s, uint64_t now_ms);
/* Is it what the log says already? */
bool policy_alarms_known(const struct state *s, const struct alarms *x);
/* A sentence about it. */
const char *policy_alarm_text(struct span code);

#endif
