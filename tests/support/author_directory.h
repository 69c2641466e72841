/* SPDX-License-Identifier: Apache-2.0 */
/* A directory outside, in an author's log: client "dir" says what it has. */
#ifndef SUPPORT_AUTHOR_DIRECTORY_H
#define SUPPORT_AUTHOR_DIRECTORY_H

#include "support/author_log.h"

/* Puts client "dir" on the roster, and a policy as in force with this member before `environments`, then asks. */
struct verdict author_directory_begin(struct author_log *l, const char *member);
/* The policy in force with this member instead of the one that it has; "" for none. */
void author_directory_policy(struct author_log *l, const char *member);
#define AUTHOR_DIRECTORY                                                                                               \
    "\"directory\":{\"max_stale_s\":86400,\"roles\":[\"business\",\"officer\",\"tech\"],\"source\":\"ldap\"},"

enum { AUTHOR_MORE = -1, AUTHOR_RIGHT = -2 };
/* How it is said; all-zero is right but for the total. */
struct author_reading {
    const char *people; /* "bea:business tina:tech tom:": sorted */
    int64_t total;      /* AUTHOR_MORE: more follow; AUTHOR_RIGHT: as many as it is */
    uint64_t age_ms;
    const char *source; /* NULL: ldap */
    const char *actor;  /* NULL: client:dir */
    bool elsewhere;     /* out of its chain */
};
struct verdict author_directory_say(struct author_log *l, const struct author_reading *r);
/* The core says that it was silent. */
struct verdict author_directory_silent(struct author_log *l, const char *actor);
/* What lapses now, as the core writes it. How many. */
size_t author_directory_lapses(struct author_log *l);

#endif
