/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents and calendars in an author's log. A call that does not say its verdict aborts unless it is allowed. */
#ifndef SUPPORT_AUTHOR_FREEZE_H
#define SUPPORT_AUTHOR_FREEZE_H

#include "support/author_log.h"

#define FREEZES_PASS    "\"freeze\":{\"pass\":\"remediates\",\"thaw_by\":\"tech\"},"
#define FREEZES_NOTHING "\"freeze\":{\"pass\":\"nothing\",\"thaw_by\":\"tech\"},"

/* The two-people policy of this version, with these members: `"calendar":[…],` or "", `"freeze":{…},` or "". */
void freeze_policy_write(uint64_t version, const char *calendar, const char *freeze, struct writer *w);
/* In force by olga and omar. */
void freeze_policy(struct author_log *l, uint64_t version, const char *calendar, const char *freeze);
/* Of production, with tina as its responder. */
struct freeze freeze_incident(const char *name);
/* At the kiosk; the index of its entry. */
uint64_t freeze_begin(struct author_log *l, const struct freeze *f);
/* tom asks for its end. */
struct verdict freeze_ask(struct author_log *l, uint64_t freeze, uint64_t *ret_id);
/* tom asks for it and signs it, and it ends. */
void freeze_end(struct author_log *l, uint64_t freeze);

#endif
