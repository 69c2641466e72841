/* SPDX-License-Identifier: Apache-2.0 */
/* A policy document, compiled to the log's form. Source: docs/policy.md, docs/formats/policy.md. */
#ifndef DRAFT_POLICY_H
#define DRAFT_POLICY_H

#include "draft/draft.h"
#include "model/model_policy.h"

enum { DRAFT_PEOPLE_MAX = 2048 };

struct draft_person {
    struct span id;
    struct span *roles;
    size_t role_count;
    struct span *accounts;
    size_t account_count;
};

/* People as a file for `policy check --roster` or a test case names them: a map of id to roles, or to `roles` and
 * `accounts`. Everything lives in the draft's arena. */
struct draft_roster {
    struct draft_person *item;
    size_t count;
};
CS_RESULT draft_roster(struct draft *d, const struct draft_node *v, struct draft_roster *ret_roster);
/* People who have the role. */
size_t draft_holders(const struct draft_roster *r, struct span role);

/*
 * Compiles the document. What it writes is what model_policy_decode accepts. With a roster, too few officers and seats
 * that too few people can fill are faults, as they are for policy_loads.
 *
 * Errors: CS_E_REFUSED  there are faults; w is as it was
 *         CS_E_NOMEM
 */
CS_RESULT draft_policy(struct draft *d, const struct draft_node *top, const struct draft_roster *roster,
                       struct writer *w);

#endif
