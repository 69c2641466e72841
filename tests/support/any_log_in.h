/* SPDX-License-Identifier: Apache-2.0 */
/* The things that happen in a generated log; within this library. */
#ifndef SUPPORT_ANY_LOG_IN_H
#define SUPPORT_ANY_LOG_IN_H

#include "support/any_log.h"

/* A request of this kind that is open or approved; NULL: none. */
const struct state_request *any_live(struct any_log *l, enum request_kind kind);
/* Everything that lives in the arena is the caller's until it is released. */
struct sheet any_sheet(struct any_log *l, const struct state_request *q, struct arena *a);
/* Somebody with this role, or now and then somebody else. */
size_t any_holder(struct any_log *l, const char *role);
/* Says it, and keeps it if the judge takes it. */
struct verdict any_say(struct any_log *l, struct any_said x, const char *reason);
/* Officers sign what was asked for, and it takes effect if enough of them did. */
struct verdict any_officers(struct any_log *l, uint64_t request, enum entry_type type);
/* A policy of its own, in force if it loads. */
struct verdict any_adopt(struct any_log *l);

/* any_log_deploy.c */
void any_open(struct any_log *l);
void any_decide(struct any_log *l);
void any_redeem(struct any_log *l);
void any_outcome(struct any_log *l);
void any_withdraw(struct any_log *l);
/* any_log_files.c */
void any_evidence(struct any_log *l);
void any_waiver(struct any_log *l);
/* any_log_people.c */
void any_change_policy(struct any_log *l);
void any_change_person(struct any_log *l);
void any_duty(struct any_log *l);
void any_delegate(struct any_log *l);
void any_review_access(struct any_log *l);
/* any_log_incident.c */
void any_freeze(struct any_log *l);
void any_thaw(struct any_log *l);
void any_emergency(struct any_log *l);
void any_voucher(struct any_log *l);
void any_pay(struct any_log *l);
/* What the core does when it is due. */
void any_due(struct any_log *l);

#endif
