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

/* Every log that there is, by the name of its directory. Each aborts if the judge answers anything but what the
 * scenario says. */
#define GOLDEN_LOGS(X)                                                                                                 \
    X(cards)     /* PIV cards */                                                                                       \
    X(changes)   /* policies and people that change while requests are open or approved */                             \
    X(directory) /* one outside that takes roles away */                                                               \
    X(evidence)  /* files about deployments, and waivers */                                                            \
    X(freeze)    /* incidents and a calendar */                                                                        \
    X(gates)     /* stages: what ran before, how it went, and what goes back */                                        \
    X(glass)     /* emergencies */                                                                                     \
    X(life)      /* everything that happens to a request */                                                            \
    X(people)    /* suspended, off duty, stood in for, reviewed or not */                                              \
    X(routing)   /* groups that vote, seats in an order over rules, and escalations */
#define GOLDEN_MAKE(name) void golden_##name##_make(struct golden_life *g);
GOLDEN_LOGS(GOLDEN_MAKE)
#undef GOLDEN_MAKE

/* --- for the scenarios; each aborts when it is not so --- */

void golden_begin(struct golden_life *g); /* an empty log */
void golden_release(struct golden_life *g);
void golden_allow(const char *what, struct verdict v);
void golden_must(const char *what, struct cs_result r);
/* The judge refused it for this reason; keeps the leaf. */
void golden_refuse(struct golden_life *g, const char *name, enum policy_reason want, struct verdict v);
/* The receipt of this request, and what is found about it. */
void golden_keep(struct golden_life *g, const char *name, uint64_t request, enum finding_class want);
_Noreturn void golden_give_up(const char *what, struct verdict v);

#endif
