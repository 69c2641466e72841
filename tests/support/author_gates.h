/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stages in an author_log: a policy whose environments come after each other, and what runs in them. For unit and
 * golden tests.
 *
 * test, then staging, then production after `soak_s` in staging. One seat, every/tech, which tom fills.
 */
#ifndef SUPPORT_AUTHOR_GATES_H
#define SUPPORT_AUTHOR_GATES_H

#include "support/author_log.h"

struct gates_policy {
    uint64_t version;
    uint64_t soak_s;     /* 0: an hour */
    bool none;           /* no order of environments */
    const char *require; /* members of `require` of one more rule; NULL: none */
};
void gates_policy_text(const struct gates_policy *how, struct writer *w);
/* Puts it in force. */
void gates_policy(struct author_log *l, const struct gates_policy *how);

/* These abort when something is refused. A request for the artifact of this name: */
uint64_t gates_open(struct author_log *l, const char *environment, const char *artifact);
/* signed by tom and used; */
void gates_use(struct author_log *l, uint64_t request);
/* and how it went. */
void gates_end(struct author_log *l, uint64_t request, enum request_status result);
/* All of it. */
uint64_t gates_run(struct author_log *l, const char *environment, const char *artifact, enum request_status result);

struct verdict gates_sign(struct author_log *l, uint64_t request);

#endif
