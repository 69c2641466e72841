/* SPDX-License-Identifier: Apache-2.0 */
/* What the readers share; private to this room. */
#ifndef EVIDENCE_IN_H
#define EVIDENCE_IN_H

#include "evidence/evidence.h"
#include "base/base_writer.h"
#include "json/json_in.h"

/* One format. `own` of struct evidence is `own_bytes` zeroed bytes. feed and end fail by evidence_fail; whatever they
 * failed with, release is called. */
struct evidence_reader {
    size_t own_bytes;
    struct cs_result (*begin)(struct evidence *e);
    struct cs_result (*feed)(struct evidence *e, struct span bytes);
    struct cs_result (*end)(struct evidence *e); /* fills the summary, all but findings, digest and size */
    void (*release)(struct evidence *e);
    uint64_t (*line)(const struct evidence *e);
};

extern const struct evidence_reader evidence_canary;
extern const struct evidence_reader evidence_cobertura;
extern const struct evidence_reader evidence_cyclonedx;
extern const struct evidence_reader evidence_junit;
extern const struct evidence_reader evidence_migration;
extern const struct evidence_reader evidence_plan;
extern const struct evidence_reader evidence_provenance;
extern const struct evidence_reader evidence_sarif;

/* A finding before the end of the file; the fields from `rule` on are for the reader that found it. */
struct evidence_pending {
    uint8_t id[EVIDENCE_ID_BYTES];
    uint32_t order; /* in the file */
    uint32_t text;  /* offset of rule NUL place NUL in the list's text, or EVIDENCE_NO_TEXT */
    uint8_t severity;
    uint8_t level;
    uint8_t rated;
    uint8_t by;
    bool undecided;
    uint32_t index;
    uint64_t rule;
    uint64_t parent;
};
#define EVIDENCE_NO_TEXT UINT32_MAX

struct evidence_list {
    struct evidence_pending *item;
    size_t count;
    size_t cap;
    struct writer text;
};

struct evidence {
    const struct evidence_reader *reader;
    struct evidence_options options;
    struct sha256_run hash;
    struct cs_result failed;           /* the first failure, for good */
    const char *advice;                /* a literal, or words */
    char words[EVIDENCE_LINE_MAX + 1]; /* made of what stands in the file */
    bool over;
    struct evidence_list list;
    struct evidence_summary summary;
    _Alignas(16) uint8_t own[];
};

/* The failure of this file, a literal, and what to do about it: one, too, or e->words. */
CS_RESULT evidence_fail(struct evidence *e, enum cs_code code, const char *what, const char *advice);

/* evidence_summary.c */
void evidence_set(struct evidence *e, enum evidence_number n, uint64_t value);
void evidence_count(struct evidence *e, enum evidence_number n); /* one more */
/* part of whole, per million, rounded down; 0 of 0 is 0 */
uint64_t evidence_ppm(uint64_t part, uint64_t whole);
void evidence_put_text(struct evidence *e, enum evidence_text t, struct span text);
/* Printable ASCII, NUL-terminated, at most cap - 1 bytes, the last three of them dots if it was longer. */
void evidence_clean(struct span text, char *ret_clean, size_t cap);
void evidence_produced(struct evidence *e, uint64_t ms); /* the earliest stays */
/* 32 bytes. CS_E_FULL "evidence.artifacts". */
CS_RESULT evidence_artifact(struct evidence *e, const struct sha256 *digest);

/* evidence_findings.c */
/* The id of what is named by these parts, before it is known how often they occur. */
void evidence_id(const struct evidence *e, const struct span *parts, size_t count, uint8_t ret_id[EVIDENCE_ID_BYTES]);
/* One more finding; the reader may go on changing it until the next. CS_E_FULL "evidence.findings", CS_E_NOMEM. */
CS_RESULT evidence_found(struct evidence *e, const uint8_t id[EVIDENCE_ID_BYTES], struct span rule, struct span place,
                         struct evidence_pending **ret_finding);
/* After the last: gives repeated ids their number, keeps the worst in the summary and counts the severities. */
void evidence_findings_end(struct evidence *e);
void evidence_findings_release(struct evidence *e);

/* evidence_number.c; pure */
enum evidence_round { EVIDENCE_DOWN, EVIDENCE_UP };
/* A JSON number, or a text spelled like one, in millionths. CS_E_SYNTAX, CS_E_RANGE past JSON_INT_MAX millionths. */
CS_RESULT evidence_millionths(struct span text, enum evidence_round round, int64_t *ret_value, const char *what);
/* CVSS: from 9 critical, from 7 high, from 4 medium, above 0 low. */
enum evidence_severity evidence_of_score(int64_t millionths);
/* An integer from 0 on, without sign, fraction or exponent, at most JSON_INT_MAX. CS_E_SYNTAX, CS_E_RANGE. */
CS_RESULT evidence_natural(struct span text, uint64_t *ret_value, const char *what);
/* RFC 3339: date, T or t, time, any fraction, Z or an offset. CS_E_SYNTAX, CS_E_RANGE. Fractions are cut to
 * milliseconds; a leap second is the one before it. */
CS_RESULT evidence_time(struct span text, uint64_t *ret_ms, const char *what);

#endif
