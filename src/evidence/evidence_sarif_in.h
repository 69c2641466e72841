/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF's places, rules (which may stand after the results that name them) and results. Private to this room. */
#ifndef EVIDENCE_SARIF_IN_H
#define EVIDENCE_SARIF_IN_H

#include "evidence/evidence_walk.h"

enum sarif_place {
    TOP = WALK_START + 1,
    VERSION,
    INLINE,
    RUNS,
    RUN,
    EXTERNAL,
    INVOCATIONS,
    INVOCATION,
    SUCCESSFUL,
    ENDED,
    OVERRIDES,
    OVERRIDE,
    OVERRIDE_OF,
    OVERRIDE_ID,
    OVERRIDE_CONFIGURATION,
    OVERRIDE_LEVEL,
    RESULTS,
    TOOL,
    DRIVER,
    DRIVER_NAME,
    DRIVER_RULES,
    EXTENSIONS,
    EXTENSION,
    EXTENSION_RULES,
    RULE,
    RULE_ID,
    RULE_CONFIGURATION,
    RULE_LEVEL,
    RULE_PROPERTIES,
    RULE_SECURITY,
    RESULT,
    R_RULE_ID,
    R_RULE_INDEX,
    R_RULE,
    R_RULE_OF,
    R_LEVEL,
    R_KIND,
    R_BASELINE,
    R_SUPPRESSIONS,
    R_SUPPRESSION,
    R_MESSAGE,
    R_MESSAGE_TEXT,
    R_MESSAGE_ID,
    R_FINGERPRINTS,
    R_FINGERPRINT,
    R_PARTIALS,
    R_PARTIAL,
    R_PROPERTIES,
    R_SECURITY,
    LOCATIONS,
    LOCATION,
    PHYSICAL,
    ARTIFACT,
    URI,
    REGION,
    LINE,
    SNIPPET,
    SNIPPET_TEXT
};

enum sarif_level { SARIF_ERROR, SARIF_WARNING, SARIF_NOTE, SARIF_NONE, SARIF_UNSET };
enum sarif_rated { SARIF_UNRATED, SARIF_RATED, SARIF_ODD /* what stands there is no number */ };

struct sarif_rule {
    uint64_t key; /* of its id */
    uint8_t level;
    uint8_t rated;
    uint8_t severity;
    uint8_t unrated_level; /* of several with one id: the worst level of those that are not rated */
    bool unrated;          /* there is one */
};

/* How a result names its rule; both may be. */
enum sarif_by { SARIF_BY_ID = 1, SARIF_BY_INDEX = 2 };

/* Of the run that is open. */
struct sarif_rules {
    struct sarif_rule *rule;
    size_t count;
    size_t cap;
    size_t driver_first;
    size_t driver_count;
};

/* CS_E_FULL "sarif.rules", CS_E_NOMEM. */
CS_RESULT sarif_rule_add(struct evidence *e, struct sarif_rules *rules, const struct sarif_rule *rule);
uint64_t sarif_rule_key(struct span id);
/* Gives the findings from `first` on their severity and counts their levels. CS_E_NOMEM. */
CS_RESULT sarif_resolve(struct evidence *e, const struct sarif_rules *rules, size_t first);

/* A text of a result, kept until the result is whole. */
struct sarif_text {
    size_t len;
    bool set;
    uint8_t b[JSON_STREAM_TEXT_MAX];
};

/* What tells one result from another beside rule and place, the best first. */
enum sarif_telling { BY_FINGERPRINT, BY_PARTIAL, BY_SNIPPET, BY_MESSAGE, BY_MESSAGE_ID, TELLINGS };

struct sarif_result {
    struct sarif_text rule;
    struct sarif_text uri;
    struct sarif_text line; /* digits */
    struct sarif_text telling[TELLINGS];
    size_t locations;
    bool indexed;
    bool elsewhere; /* its rule is in another component than the driver */
    bool suppressed;
    bool absent;
    bool counted;
    struct evidence_pending finding;
};

/* evidence_sarif_result.c */
CS_RESULT sarif_level_of(struct evidence *e, struct span word, uint8_t *ret_level);
void sarif_score_of(struct span text, uint8_t *ret_rated, uint8_t *ret_severity);
void sarif_result_begin(struct sarif_result *r);
/* A scalar at a place from R_RULE_ID on. */
CS_RESULT sarif_result_value(struct evidence *e, struct sarif_result *r, unsigned place, const struct json_token *t);
/* Its finding, unless it does not count. */
CS_RESULT sarif_result_end(struct evidence *e, const struct sarif_result *r);

#endif
