/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated policies, as people write them, with every word of the language, and what their maker knows of them without
 * asking the product: for tests whose oracle must be independent. Roles, environments and people are those of
 * any_log.h.
 */
#ifndef SUPPORT_ANY_POLICY_H
#define SUPPORT_ANY_POLICY_H

#include "base/base_writer.h"
#include "model/model_policy.h"
#include "support/chance.h"

enum {
    ANY_RULES = 5,
    ANY_SEATS = 2,
    ANY_STEPS = 2,
    ANY_LINES = 2,
    ANY_RULE_BYTES = 6144,
    ANY_PART_BYTES = 4096,
    ANY_ENVIRONMENTS = 3, /* test, staging, production */
};

extern const char *const any_environments[ANY_ENVIRONMENTS];

struct any_seat {
    const char *id;
    const char *role;
    uint32_t count;
    enum policy_quorum quorum;
    uint32_t earned; /* so many can be enough; 0: never fewer */
};

/* A line of evidence. */
struct any_line {
    const char *id;
    enum report_kind kind; /* REPORT_IAC: two files */
    uint64_t max_age_ms;   /* 0: any */
    bool baseline;         /* what ran there counts, too, which the maker cannot tell */
};

struct any_rule {
    char id[24];
    unsigned environments;   /* bits; all: not asked */
    const char *change_type; /* NULL: not asked */
    bool other_type;         /* any but that one */
    const char *data;        /* attributes.data; NULL: not asked */
    bool history;            /* and something that the maker cannot tell */
    uint32_t separate;       /* bits of policy_separate */
    struct any_seat seats[ANY_SEATS];
    size_t seat_count;
    const char *to[ANY_STEPS]; /* roles that may come later */
    size_t to_count;
    struct any_line lines[ANY_LINES];
    size_t line_count;
    char text[ANY_RULE_BYTES]; /* an item of `rules` */
};

struct any_policy {
    unsigned version;
    struct any_rule rules[ANY_RULES];
    size_t rule_count;
    bool emergency;
    bool duty; /* of the roles duty and security */
    bool freezes;
    bool weekend;                 /* production is closed then, in Berlin */
    bool after[ANY_ENVIRONMENTS]; /* the one before it */
    uint64_t soak_ms;             /* of production */
    char parts[ANY_PART_BYTES];   /* all but version and rules */
    char earned[256];             /* of a rule; empty: none */
};

/* builder: the SPKI of who signs provenance. */
void any_policy_make(struct chance *c, unsigned version, struct span builder, struct any_policy *ret);

/* The document, its rules in the order in which they were made, or the other way round. */
void any_policy_write(const struct any_policy *p, bool backwards, struct writer *w);
/* The compiled form of that. Aborts, with the document and its faults on stderr, when it does not compile. */
void any_policy_compile(const struct any_policy *p, bool backwards, struct writer *w);

#endif
