/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that other tools write about a change (test reports, findings, plans, readings, provenance), read in one pass
 * and reduced to a summary that fits an entry. A file may have gigabytes; what is kept of it has a fixed bound, and
 * of a plan no value of it is kept at all.
 *
 *     evidence_begin, evidence_feed of any pieces, evidence_end; then read the summary; evidence_free
 *
 * The answer does not depend on the pieces. A file that is cut, odd, empty or too large is refused, never reduced to
 * zeros. Pure but for memory (the summary, at most 40 MiB for findings and their places, and 4 MiB of
 * expat's); one thread at a time. Source: docs/formats/evidence-files.md.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "base/base_digest.h"

/* Which reader; its name in entries and options. A kind of evidence in a policy may take several (iac: sarif, plan). */
#define EVIDENCE_FORMATS(X)                                                                                            \
    X(EVIDENCE_CANARY, "canary")                                                                                       \
    X(EVIDENCE_COBERTURA, "cobertura")                                                                                 \
    X(EVIDENCE_CYCLONEDX, "cyclonedx")                                                                                 \
    X(EVIDENCE_JUNIT, "junit")                                                                                         \
    X(EVIDENCE_MIGRATION, "migration")                                                                                 \
    X(EVIDENCE_PLAN, "plan")                                                                                           \
    X(EVIDENCE_PROVENANCE, "provenance")                                                                               \
    X(EVIDENCE_SARIF, "sarif")
#define EVIDENCE_FORMAT_ENUM(id, name) id,
enum evidence_format { EVIDENCE_FORMATS(EVIDENCE_FORMAT_ENUM) EVIDENCE_FORMAT_COUNT };
#undef EVIDENCE_FORMAT_ENUM

/* What is counted, sorted by name. _ppm: per million, rounded down. _ms: milliseconds since 1970. */
#define EVIDENCE_NUMBERS(X)                                                                                            \
    X(EVIDENCE_BACKUP_BYTES, "backup_bytes")                                                                           \
    X(EVIDENCE_BACKUP_MS, "backup_ms") /* when it was taken */                                                         \
    X(EVIDENCE_BRANCH_PPM, "branch_ppm")                                                                               \
    X(EVIDENCE_BRANCHES_COVERED, "branches_covered")                                                                   \
    X(EVIDENCE_BRANCHES_VALID, "branches_valid")                                                                       \
    X(EVIDENCE_CREATE, "create")     /* resources of a plan; one is in one of these */                                 \
    X(EVIDENCE_CRITICAL, "critical") /* findings; one is in one of critical, high, medium, low, info */                \
    X(EVIDENCE_DELETE, "delete")                                                                                       \
    X(EVIDENCE_DRIFT, "drift")   /* resources that are not what they were left as */                                   \
    X(EVIDENCE_ERROR, "error")   /* SARIF's own levels, beside the severity */                                         \
    X(EVIDENCE_FAILED, "failed") /* test cases with a failure or an error */                                           \
    X(EVIDENCE_FORGET, "forget")                                                                                       \
    X(EVIDENCE_FROM_MS, "from_ms") /* of the first reading, and to_ms of the last */                                   \
    X(EVIDENCE_HIGH, "high")                                                                                           \
    X(EVIDENCE_INFO, "info")                                                                                           \
    X(EVIDENCE_LINE_PPM, "line_ppm")                                                                                   \
    X(EVIDENCE_LINES_COVERED, "lines_covered")                                                                         \
    X(EVIDENCE_LINES_VALID, "lines_valid")                                                                             \
    X(EVIDENCE_LOW, "low")                                                                                             \
    X(EVIDENCE_MEDIUM, "medium")                                                                                       \
    X(EVIDENCE_NOTE, "note")                                                                                           \
    X(EVIDENCE_PASS_PPM, "pass_ppm") /* passed of those that ran */                                                    \
    X(EVIDENCE_PASSED, "passed")                                                                                       \
    X(EVIDENCE_REPLACE, "replace")                                                                                     \
    X(EVIDENCE_RESTORE_MS, "restore_ms") /* when a restore of such a backup was last tested */                         \
    X(EVIDENCE_REVERSIBLE, "reversible") /* 0 or 1 */                                                                  \
    X(EVIDENCE_SKIPPED, "skipped")                                                                                     \
    X(EVIDENCE_SUPPRESSED, "suppressed") /* findings that the file itself waves through; they count like any */        \
    X(EVIDENCE_TO_MS, "to_ms")                                                                                         \
    X(EVIDENCE_UNRATED, "unrated") /* findings without a severity; they count as high */                               \
    X(EVIDENCE_UPDATE, "update")                                                                                       \
    X(EVIDENCE_WARNING, "warning")
#define EVIDENCE_NUMBER_ENUM(id, name) id,
enum evidence_number { EVIDENCE_NUMBERS(EVIDENCE_NUMBER_ENUM) EVIDENCE_NUMBER_COUNT };
#undef EVIDENCE_NUMBER_ENUM
_Static_assert(EVIDENCE_NUMBER_COUNT <= 64, "evidence_summary.has has a bit for each");

/* Short texts, sorted by name; printable ASCII, anything else in them is a question mark. */
#define EVIDENCE_TEXTS(X)                                                                                              \
    X(EVIDENCE_BACKUP_ID, "backup_id")                                                                                 \
    X(EVIDENCE_BUILD_TYPE, "build_type")                                                                               \
    X(EVIDENCE_BUILDER, "builder")                                                                                     \
    X(EVIDENCE_ENVIRONMENT, "environment")                                                                             \
    X(EVIDENCE_KEY_SHA256, "key_sha256") /* hex, of the SPKI whose signature held */                                   \
    X(EVIDENCE_PREDICATE_TYPE, "predicate_type")                                                                       \
    X(EVIDENCE_SCHEMA_FROM, "schema_from")                                                                             \
    X(EVIDENCE_SCHEMA_TO, "schema_to")                                                                                 \
    X(EVIDENCE_SOURCE, "source") /* repository, as the builder names it */                                             \
    X(EVIDENCE_SOURCE_COMMIT, "source_commit")                                                                         \
    X(EVIDENCE_TOOL, "tool")
#define EVIDENCE_TEXT_ENUM(id, name) id,
enum evidence_text { EVIDENCE_TEXTS(EVIDENCE_TEXT_ENUM) EVIDENCE_TEXT_COUNT };
#undef EVIDENCE_TEXT_ENUM

/* Worst first; the names are those of the numbers. A failed test case is of severity EVIDENCE_FAILS. */
#define EVIDENCE_SEVERITIES(X)                                                                                         \
    X(EVIDENCE_IS_CRITICAL, "critical")                                                                                \
    X(EVIDENCE_IS_HIGH, "high")                                                                                        \
    X(EVIDENCE_FAILS, "failed")                                                                                        \
    X(EVIDENCE_IS_MEDIUM, "medium")                                                                                    \
    X(EVIDENCE_IS_LOW, "low")                                                                                          \
    X(EVIDENCE_IS_INFO, "info")
#define EVIDENCE_SEVERITY_ENUM(id, name) id,
enum evidence_severity { EVIDENCE_SEVERITIES(EVIDENCE_SEVERITY_ENUM) EVIDENCE_SEVERITY_COUNT };
#undef EVIDENCE_SEVERITY_ENUM

enum {
    EVIDENCE_ID_BYTES = 16,
    EVIDENCE_IDS_MAX = 320, /* of the worst findings; a file with more says so by total > id_count */
    EVIDENCE_ROWS_MAX = 20,
    EVIDENCE_ARTIFACTS_MAX = 32,
    EVIDENCE_READINGS_MAX = 14,
    EVIDENCE_METRIC_MAX = 42,       /* [a-z][a-z0-9_]* */
    EVIDENCE_WORD_MAX = 64,         /* rules */
    EVIDENCE_LINE_MAX = 120,        /* places, texts */
    EVIDENCE_FINDINGS_MAX = 1 << 18 /* of one file; more is refused */
};
#define EVIDENCE_BYTES_MAX ((uint64_t)0xffffffff) /* of a file */

/* One finding. The same finding has the same id in the next file, whatever line it has moved to. */
struct evidence_finding {
    uint8_t id[EVIDENCE_ID_BYTES];
    enum evidence_severity severity;
};

/* What people are shown of a finding; NUL-terminated printable ASCII. */
struct evidence_row {
    char rule[EVIDENCE_WORD_MAX + 1];  /* rule, vulnerability, class of the test */
    char place[EVIDENCE_LINE_MAX + 1]; /* file and line, component, test case */
};

/* All that was read of one metric: the least rounded down and the greatest rounded up, in millionths. */
struct evidence_reading {
    char metric[EVIDENCE_METRIC_MAX + 1];
    uint64_t samples;
    uint64_t from_ms; /* the first */
    uint64_t to_ms;   /* the last */
    uint64_t gap_ms;  /* the longest without one between them */
    int64_t least_millionths;
    int64_t greatest_millionths;
};

/* All-zero says nothing about anything: no number is there, so no limit is met. */
struct evidence_summary {
    enum evidence_format format;
    struct sha256 sha256; /* of the file */
    uint64_t bytes;
    bool dated;           /* the file says when it was made; 1970 is a time, too */
    uint64_t produced_ms; /* then: of several times the earliest */
    uint64_t has;         /* bit n: number[n] is there */
    uint64_t number[EVIDENCE_NUMBER_COUNT];
    char text[EVIDENCE_TEXT_COUNT][EVIDENCE_LINE_MAX + 1]; /* empty: not there */
    uint64_t total;                                        /* findings in the file */
    size_t id_count;                                       /* worst first, then by id; distinct */
    struct evidence_finding finding[EVIDENCE_IDS_MAX];
    size_t row_count; /* of the first findings */
    struct evidence_row row[EVIDENCE_ROWS_MAX];
    bool names_artifacts;  /* the file says which it is about */
    size_t artifact_count; /* their digests; sorted, distinct */
    struct sha256 artifact[EVIDENCE_ARTIFACTS_MAX];
    size_t reading_count; /* sorted by metric, distinct */
    struct evidence_reading reading[EVIDENCE_READINGS_MAX];
};

struct evidence_options {
    enum evidence_format format;
    /* 32-byte digests, one after the other: of those that the file names only these are kept. Empty: any are, and more
     * than EVIDENCE_ARTIFACTS_MAX are refused. */
    struct span artifacts;
    struct span
        key; /* provenance: the SPKI (P-256 or Ed25519) that must have signed. Both are borrowed until the end. */
};

struct evidence;

/* CS_E_NOMEM; CS_E_RANGE "evidence.artifacts" no whole digests; CS_E_MISSING "evidence.key" or what crypt_key_open
 * says of it. Nothing to free after a failure. */
CS_RESULT evidence_begin(const struct evidence_options *options, struct evidence **ret_evidence);
/*
 * The next bytes, any number of them; they are not kept. After a failure every later call fails the same.
 *
 * CS_E_SYNTAX     no XML, JSON or envelope of this kind, or one with entities of its own
 * CS_E_UTF8       a text that is not UTF-8
 * CS_E_DEPTH      nested deeper than 64
 * CS_E_TYPE       a member has another type than the format says
 * CS_E_RANGE      a number that is not finite or too large, a time that is none, a name or tag that is too long
 * CS_E_DUPLICATE  a member that is read stands twice
 * CS_E_UNKNOWN    another version of the format, or a word that it does not have
 * CS_E_FULL       too large: over EVIDENCE_BYTES_MAX, EVIDENCE_FINDINGS_MAX, or another of the format's limits
 * CS_E_REFUSED    the tool says itself that it did not succeed
 * CS_E_NOMEM
 */
CS_RESULT evidence_feed(struct evidence *e, struct span bytes);
/*
 * After the last byte. The summary is the reader's, until evidence_free; NULL after a failure.
 *
 * Those of evidence_feed; CS_E_SHORT the file is cut; CS_E_MISSING it lacks what it must say, or says nothing at all
 * (no test case, no line, no run, no reading); CS_E_BADSIG the key has not signed it.
 */
CS_RESULT evidence_end(struct evidence *e, const struct evidence_summary **ret_summary);
void evidence_free(struct evidence *e); /* NULL is allowed */
static inline void cs_auto_evidence(struct evidence **e)
{
    evidence_free(*e);
}
#define AUTO_EVIDENCE __attribute__((cleanup(cs_auto_evidence))) struct evidence

/* Where reading stopped, counted from 1, and one sentence of what to do about it; of a failure. Until evidence_free. */
uint64_t evidence_line(const struct evidence *e);
const char *evidence_advice(const struct evidence *e);

/* CS_E_UNKNOWN */
CS_RESULT evidence_format_decode(struct span name, enum evidence_format *ret_format);
const char *evidence_format_name(enum evidence_format format);
const char *evidence_number_name(enum evidence_number number);
const char *evidence_text_name(enum evidence_text text);
const char *evidence_severity_name(enum evidence_severity severity);

#endif
