/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What machines say about a deployment, and what people waive of it. A report is the summary of one file, made where
 * the file came in; the file itself is a blob under its SHA-256. Pure. Source: docs/formats/evidence.md.
 */
#ifndef MODEL_EVIDENCE_H
#define MODEL_EVIDENCE_H

#include "model/model_request.h"

enum {
    REPORT_NUMBERS_MAX = 32,
    REPORT_TEXTS_MAX = 12,
    REPORT_TEXT_MAX = 120, /* printable ASCII */
    REPORT_FINDINGS_MAX = 320,
    REPORT_NAME_MAX = 48,     /* [a-z][a-z0-9_]*: of numbers and texts, and levels */
    REPORT_ROW_MAX = 120,     /* code points of a finding's words */
    REPORT_ENTRIES_MAX = 256, /* about one request, waivers included */
    REPORT_BLOB_MAX_BYTES = 32 << 20,
    REPORT_LATE_MS = 300000, /* how far a producer's clock may be ahead of ours */
    WAIVER_LIFE_MAX_S = 366 * 86400,
};

struct report_number {
    struct span name;
    uint64_t value; /* counts; _ppm: per million; a canary's least_ and most_: millionths; _ms: since 1970 */
};

struct report_finding {
    struct span id;    /* identifier, 64 bytes: the same defect has the same id in the next file */
    struct span level; /* the name of the number that counts it */
    struct span text;  /* what and where, for people; may be empty */
};

struct report {
    struct report_finding *findings; /* sorted by id, distinct */
    size_t finding_count;
    enum report_kind kind;         /* of the file; never REPORT_IAC */
    bool more;                     /* there are findings that are not listed: those can be neither waived nor known */
    struct report_number *numbers; /* sorted by name, distinct */
    size_t number_count;
    uint64_t produced_ms;
    struct text_pair texts[REPORT_TEXTS_MAX]; /* sorted by key; printable ASCII */
    size_t text_count;
};

/* Of each level, no more findings are listed than its number says; and all of them, unless there are more. */
CS_RESULT model_report_decode(struct span text, struct arena *arena, struct report *ret_report);
CS_RESULT model_report_encode(const struct report *r, struct writer *w);
/* The same as one member, or as an item. */
CS_RESULT model_report_get(struct json_in *in, const char *what, struct report *ret_report);
void model_report_put(struct json_out *o, const char *key, const struct report *r);

/* The number of this name; false when the report does not say it. */
bool model_report_number(const struct report *r, struct span name, uint64_t *ret_value);
/* The text of this name; empty when the report does not say it. */
struct span model_report_text(const struct report *r, struct span name);
const struct report_finding *model_report_finding(const struct report *r, struct span id);

/* What ran there when the evidence came, as far as the line compares with it. */
struct report_baseline {
    bool present;
    uint64_t fixed;                      /* its findings that are not in the report any more */
    uint32_t known[REPORT_FINDINGS_MAX]; /* places of the report's findings that it has, too; ascending */
    size_t known_count;
    struct report_number *numbers; /* as its own report says them */
    size_t number_count;
    uint64_t request; /* the deployment that ran */
    struct text_pair texts[REPORT_TEXTS_MAX];
    size_t text_count;
};

/* The `evidence` entry. Evidence and waiver entries about one request are one chain by prev, 0 at its start. */
struct evidence_note {
    struct sha256 artifacts[MODEL_ARTIFACTS_MAX]; /* that the file is about; sorted, distinct */
    size_t artifact_count;
    struct report_baseline baseline;
    struct span line; /* "RULE/ID" */
    uint64_t prev;
    struct report report;
    uint64_t request;
    struct sha256 sha256; /* of the file */
    uint64_t size_bytes;
};
/* Had what ran there the finding at this place of the report, too? Of use only where the baseline is present. */
bool model_evidence_known(const struct evidence_note *x, size_t finding);
CS_RESULT model_evidence_decode(struct span body, struct arena *arena, struct evidence_note *ret_evidence);
CS_RESULT model_evidence_encode(const struct evidence_note *e, struct writer *w);

/* content of kind waiver: the owner of a risk lets one line of one request pass, until. */
struct waiver_content {
    uint64_t evidence; /* without findings: the newest entry for the line, which its owner read; with them 0 */
    uint64_t expires_ms;
    struct report_finding *findings; /* sorted by id, at the level that they had, without text; none: all of the line */
    size_t finding_count;
    struct span initiator; /* the owner, who signs it */
    struct span line;      /* "RULE/ID" */
    struct span reason;    /* 1..MODEL_FIELD_MAX code points */
    uint64_t request;      /* index of the deploy request */
};
CS_RESULT model_waiver_content_decode(struct span content, struct arena *arena, struct waiver_content *ret_content);
CS_RESULT model_waiver_content_encode(const struct waiver_content *c, struct writer *w);
/* Does it name this finding, and is that no worse now? Of levels that are no severities only the same one is not. */
bool model_waiver_covers(const struct waiver_content *c, const struct report_finding *f);

/* The `waiver` entry: an approved waiver takes effect. */
struct waiver_effect {
    uint64_t evidence; /* entry that the line stood on; 0: none */
    uint64_t prev;
    uint64_t request; /* of kind waiver */
    uint64_t waives;  /* the deploy request */
};
CS_RESULT model_waiver_effect_decode(struct span body, struct arena *arena, struct waiver_effect *ret_effect);
CS_RESULT model_waiver_effect_encode(const struct waiver_effect *x, struct writer *w);

/* The scope that a client needs to send files of this kind; SCOPE_NONE for iac, of which there are none. */
enum client_scope model_evidence_scope(enum report_kind kind);

#endif
