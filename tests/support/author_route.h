/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups, order and escalation in an author_log: people for them, and a policy with any rules. For unit and golden
 * tests.
 *
 * On top of the standard log: cleo, tom, tina, bea and bill are the group `cab`, five of them; sam has the role
 * security, dora the role duty and no other.
 */
#ifndef SUPPORT_AUTHOR_ROUTE_H
#define SUPPORT_AUTHOR_ROUTE_H

#include "support/author_log.h"

/* These abort when something is refused. The people, and a policy with these rules: the inside of the JSON array. */
void route_begin(struct author_log *l, const char *rules);
/* The next version, with these rules. */
void route_rules(struct author_log *l, const char *rules);
/* A person with one key and these roles. */
void route_person(struct author_log *l, const char *id, const char *role);
uint64_t route_open(struct author_log *l, const char *title);

struct verdict route_say(struct author_log *l, const char *who, uint64_t request, const char *seat,
                         enum decision_word word);
struct verdict route_escalate(struct author_log *l, const char *actor, uint64_t request, const char *rule,
                              const char *to);

#endif
