/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated logs: under generated policies, which change, people, pipelines and machines do what they may and what they
 * may not, in any order. Every entry goes through the judge of an author_log. What was done, and what is so as their
 * maker knows it without asking the product, stands beside it; a trace can be printed. A seed repeats all of it.
 */
#ifndef SUPPORT_ANY_LOG_H
#define SUPPORT_ANY_LOG_H

#include "support/any_policy.h"
#include "support/author_evidence.h"

enum {
    ANY_PEOPLE = 15,
    ANY_OFFICERS = 3, /* the first ones */
    ANY_ROLES = 6,
    ANY_POLICIES = 6,
    ANY_REQUESTS = 160,
    ANY_SAID = 512,
    ANY_REFUSED = 256,
    ANY_NAME_BYTES = 24,
    ANY_SHIFTS = 3,
    ANY_LINE_BYTES = 64,
    ANY_NOBODY = ANY_PEOPLE,
};

extern const char *const any_roles[ANY_ROLES];

/* A person, as officers have made them. */
struct any_person {
    char id[8];
    unsigned roles; /* bits of any_roles */
    bool suspended;
    bool removed;
    bool keyless;
};

/* A deployment that is in the log. */
struct any_request {
    uint64_t index;
    size_t policy; /* that it was opened under */
    unsigned environment;
    const char *change_type;
    const char *data; /* NULL: not said */
    size_t initiator; /* of people; ANY_NOBODY: somebody else */
    size_t trigger;
    size_t author;
    const char *service;
    const char *artifact;
    bool remediates;           /* INC-1 */
    bool ran;                  /* something of its service was used there before */
    uint32_t group[ANY_ROLES]; /* people of each role when it was opened */
    enum request_status status;
};

/* A decision that the judge took. */
struct any_said {
    uint64_t request;
    uint64_t index;
    uint64_t time_ms;
    size_t person;
    size_t by; /* in whose place; ANY_NOBODY: their own */
    enum decision_word word;
    char seat[ANY_NAME_BYTES];
    char port[4];  /* of an emergency */
    bool off_duty; /* whoever has the role was not on duty */
    bool not_lent; /* it was not the time of the delegation, or it was taken back */
};

/* A delegation that was signed. */
struct any_lent {
    uint64_t request;
    size_t by;
    size_t to;
    uint64_t from_ms;
    uint64_t until_ms;
    bool ended;
};

/* A file about a line that the judge took, or a waiver of it. */
struct any_file {
    uint64_t request;
    uint64_t index;
    uint64_t made_ms;
    uint64_t until_ms; /* of a waiver; 0: a file */
    enum report_kind kind;
    bool good;
    char line[ANY_LINE_BYTES];
};

/* A use, and how it went. */
struct any_run {
    const struct any_request *of;
    uint64_t good_ms; /* 0: it did not succeed, as far as is known */
};

struct any_frozen {
    uint64_t index;
    unsigned environment;
    unsigned incident;
    bool ended;
};

struct any_shift {
    uint64_t from_ms;
    uint64_t until_ms; /* with the hand-over */
    const char *people[2];
};

/* An entry that the judge refused where the log had so many. */
struct any_refused {
    uint64_t at;
    struct span leaf;
    enum policy_reason reason;
};

struct any_log {
    struct author_log *log;
    struct arena kept;
    struct chance chance;
    bool backwards; /* every policy's rules, and nothing else */
    struct any_person people[ANY_PEOPLE];
    struct any_policy *policies; /* ANY_POLICIES of them */
    size_t editors[ANY_POLICIES];
    size_t policy_count; /* the last is in force */
    struct any_request requests[ANY_REQUESTS];
    size_t request_count;
    struct any_said said[ANY_SAID];
    size_t said_count;
    struct any_lent lent[ANY_SAID];
    size_t lent_count;
    struct any_refused refused[ANY_REFUSED];
    size_t refused_count;
    struct any_file files[ANY_SAID];
    size_t file_count;
    struct any_run runs[ANY_REQUESTS];
    size_t run_count;
    struct any_frozen frozen[ANY_REQUESTS];
    size_t frozen_count;
    struct any_shift shifts[ANY_SHIFTS];
    uint8_t builder[MODEL_SPKI_BYTES];
    struct writer trace;     /* a line for each thing that was done */
    struct writer documents; /* every policy that came into force */
    size_t done;
};

/* Genesis, people and a first policy. Aborts when that is refused. */
struct any_log *any_log_new(uint64_t seed, uint64_t round, bool backwards);
void any_log_free(struct any_log *l);

/* One thing happens, or is refused. False: the log is as long as it gets. */
bool any_log_step(struct any_log *l);

/* Notes what was done, and what came of it. */
struct verdict any_did(struct any_log *l, struct verdict v, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Both on stderr, to see what happened. */
void any_log_print(const struct any_log *l);
/* What is in force. */
const struct any_policy *any_now(const struct any_log *l);
const struct state *any_state(struct any_log *l);
unsigned any_role_bit(const char *role);
/* NULL: none of that index. */
struct any_request *any_request_of(struct any_log *l, uint64_t index);

#endif
