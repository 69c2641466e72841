/* SPDX-License-Identifier: Apache-2.0 */
/* One log in which everything happens that can happen, and the leaves that were refused on the way. */
#ifndef GOLDEN_LIFE_H
#define GOLDEN_LIFE_H

#include "judge/judge_finding.h"
#include "support/author_log.h"

enum { GOLDEN_WRONG_MAX = 128, GOLDEN_RECEIPTS_MAX = 32 };

/* A leaf that the judge refuses when it stands at `at`, after the log's own first `at` entries. */
struct golden_wrong {
    const char *name;
    uint64_t at;
    struct span leaf;
    enum policy_reason reason;
};

struct golden_receipt {
    const char *name;
    uint64_t request;
    enum finding_class want;
};

struct golden_life {
    struct author_log *l;
    struct arena arena;
    struct golden_wrong wrong[GOLDEN_WRONG_MAX];
    size_t wrong_count;
    struct golden_receipt receipt[GOLDEN_RECEIPTS_MAX];
    size_t receipt_count;
    uint64_t range_first; /* of the receipt "range" */
    uint64_t range_count;
};

/* Aborts if the judge answers anything but what the scenario says. */
void golden_life_make(struct golden_life *g);
/* The same of PIV cards. */
void golden_cards_make(struct golden_life *g);
/* The same of emergencies. */
void golden_glass_make(struct golden_life *g);
/* And of policies and people that change while requests are open or approved. */
void golden_changes_make(struct golden_life *g);
/* And of stages: what ran before, how it went, and what goes back. */
void golden_evidence_make(struct golden_life *g);
void golden_gates_make(struct golden_life *g);
/* And of incidents and a calendar. */
void golden_freeze_make(struct golden_life *g);
/* A directory outside that takes roles away. */
void golden_directory_make(struct golden_life *g);
/* People suspended, off duty, stood in for, reviewed or not. */
void golden_people_make(struct golden_life *g);
/* And of groups that vote, seats in an order over rules, and escalations. */
void golden_routing_make(struct golden_life *g);
void golden_life_release(struct golden_life *g);

#endif
