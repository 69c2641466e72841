/* SPDX-License-Identifier: Apache-2.0 */
/* A duty plan as people write it, to the shifts of a duty roster. Source: docs/policy.md, "Duty rosters". */
#ifndef DRAFT_DUTY_H
#define DRAFT_DUTY_H

#include "draft/draft.h"
#include "draft/draft_zone.h"
#include "model/model_duty.h"

/*
 * The moment at which clocks there show local_s (both in seconds since 1970; local_s counted as if it were UTC). Of
 * two, when clocks go back, the earlier; of none, when they go forward, as much after the change as it is past the time
 * that was left out. CS_E_RANGE outside of the years that the zone is known for.
 */
CS_RESULT draft_duty_utc(const struct draft_zone *zone, int64_t local_s, int64_t *ret_utc_s);
/* Days since 1970-01-01 of a date YYYY-MM-DD. CS_E_SYNTAX, CS_E_RANGE. */
CS_RESULT draft_duty_day(struct span date, int64_t *ret_day);

/* The zone that the plan names, for who reads the file of it; empty, with a fault, when it names none that could be
 * one. */
struct span draft_duty_zone(struct draft *d, const struct draft_node *top);

/* Everything lives in the draft's arena. Faults are listed, and then *ret_roster is not whole. CS_E_NOMEM. */
CS_RESULT draft_duty(struct draft *d, const struct draft_node *top, const struct draft_zone *zone,
                     struct duty_roster *ret_roster);

#endif
