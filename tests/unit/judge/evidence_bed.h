/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of evidence and waivers share: a standard log whose policy asks for files, and files that hold or do not.
 */
#ifndef EVIDENCE_BED_H
#define EVIDENCE_BED_H

#include "judge_bed.h"

#include "support/author_evidence.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

#define LIMITS(items)        ",\"limits\":[" items "]"
#define LE(bound, name)      "{\"le\":" bound ",\"name\":\"" name "\"}"
#define GE(bound, name)      "{\"ge\":" bound ",\"name\":\"" name "\"}"
#define DROP(bound, name)    "{\"drop\":" bound ",\"name\":\"" name "\"}"
#define LINE(id, kind, rest) "{\"id\":\"" id "\",\"kind\":\"" kind "\"" rest "}"
#define SAST                                                                                                           \
    "{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(                                            \
        LE("0", "critical") "," LE("0", "high")) ",\"waivable_by\":\"owner\"}"
#define TESTS LINE("tests", "junit", LIMITS(GE("1000000", "pass_ppm")) ",\"max_age_s\":3600")

#define N(n, v)                                                                                                        \
    {                                                                                                                  \
        SPAN_LIT(n), (v)                                                                                               \
    }

#define SEATS                                                                                                          \
    "\"seats\":[{\"count\":1,\"id\":\"business\",\"role\":\"business\"},{\"count\":1,\"id\":\"tech\",\"role\":"        \
    "\"tech\"}]"
/* The rule of a next version with other lines; more: members after the seats. */
#define RULE(lines, more) "{\"id\":\"production\",\"require\":{\"evidence\":[" lines "]," SEATS more "}}"

/* A standard log, and the rule with these lines. */
struct author_log *with(const char *lines);
struct verdict tom(struct author_log *l, uint64_t id);
struct verdict bea(struct author_log *l, uint64_t id);
const struct state_request *request(struct author_log *l, uint64_t id);
/* The line of evidence, or the seat, as it is now; good until the next call. */
struct sheet_line line_of(struct author_log *l, uint64_t id, const char *name);
void line_is(struct author_log *l, uint64_t id, const char *name, enum sheet_state state, enum policy_reason reason);
struct author_evidence clean(uint64_t id);
struct author_evidence bad(uint64_t id);
struct author_evidence tests(uint64_t id, uint64_t passed, uint64_t failed);
void send(struct author_log *l, struct author_evidence e, enum policy_reason want, const char *what);
void ran(struct author_log *l, uint64_t id);
struct author_evidence canary(uint64_t id, const char *where, uint64_t errors);
struct author_evidence migration(struct author_log *l, uint64_t id, uint64_t backup_ago_ms, uint64_t restore_ago_ms);
struct author_evidence coverage(uint64_t id, uint64_t ppm);
/* The whole sheet of a request as it is now; good until the next call. */
const struct sheet *sheet_now(struct author_log *l, uint64_t id);

#endif
