/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of policy and people in an author's log, in force: odette (policies) or the operator (people) asks, olga and
 * omar sign. The verdict is that of the first step that is refused.
 */
#ifndef SUPPORT_AUTHOR_CHANGE_H
#define SUPPORT_AUTHOR_CHANGE_H

#include "support/author_log.h"

/* The next version, with these rules: the inside of the JSON array, "" for none. */
struct verdict author_change_policy(struct author_log *l, const char *rules);
/* Asked for by this officer; the other two sign. */
struct verdict author_change_policy_by(struct author_log *l, const char *editor, const char *rules);
/* The next version, with the same rules. */
struct verdict author_change_threshold(struct author_log *l, unsigned threshold);
/* One to MODEL_CHANGES_MAX changes. */
struct verdict author_change_roster(struct author_log *l, struct roster_change *items, size_t count);
/* The person as they are, with these roles: words parted by a blank, "" for none. */
struct verdict author_change_roles(struct author_log *l, const char *person, const char *roles);
/* Switches off the key made from this name, or gives the person one. */
struct verdict author_change_revoke(struct author_log *l, const char *key_of);
struct verdict author_change_add_key(struct author_log *l, const char *person, const char *key_of);

#endif
