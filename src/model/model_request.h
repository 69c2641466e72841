/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for approval: of a deployment, of a policy, of a roster change. Pure. Source: docs/formats/entry.md. */
#ifndef MODEL_REQUEST_H
#define MODEL_REQUEST_H

#include "model/model_history.h"
#include "model/model_policy.h"
#include "model/model_roster.h"

struct named_digest {
    struct span name;
    struct sha256 sha256;
};

struct text_pair {
    struct span key;
    struct span value; /* text; integers and booleans of attributes in their JSON spelling */
    bool bare;         /* an integer or boolean, which stands without quotes */
};

struct evidence_item {
    struct span kind; /* "junit" */
    struct span name;
    struct sha256 sha256;
    uint64_t size_bytes;
    uint64_t passed;
    uint64_t failed;
    uint64_t skipped;
};

struct request_source {
    bool present;
    struct span repository;
    struct span commit; /* hex */
    struct span ref;
    struct span since; /* tag, or "root" */
    struct span authors[MODEL_AUTHORS_MAX];
    size_t author_count;
    bool has_protected; /* then is_protected says whether the ref's branch is */
    bool is_protected;
    struct span pull_request_state;           /* "closed", "merged", "open"; empty: none */
    uint64_t pull_request;                    /* its number */
    struct span reviewers[MODEL_AUTHORS_MAX]; /* accounts that approved it */
    size_t reviewer_count;
    uint64_t commits;
    uint64_t files_changed;
    uint64_t lines_added;
    uint64_t lines_removed;
};

/* Before the name of what is gone back to, where a statement names it beside what is deployed. */
#define MODEL_ROLLBACK_PREFIX "rollback/"

/* What goes back to what ran there before, signed together with what is deployed. */
struct deploy_rollback {
    struct named_digest artifacts[MODEL_ARTIFACTS_MAX]; /* sorted by name, distinct */
    size_t artifact_count;
    bool has_config;
    struct sha256 config_sha256;
    bool has_plan;
    struct sha256 plan_sha256;
    struct span triggers[MODEL_TRIGGERS_MAX]; /* sorted; a failed outcome that names one of them lets it be used */
    size_t trigger_count;
};

/* content of kind deploy: what a pipeline submits and people read. Absent texts are empty spans. */
struct deploy_content {
    struct named_digest artifacts[MODEL_ARTIFACTS_MAX]; /* sorted by name, distinct */
    size_t artifact_count;
    struct text_pair attributes[MODEL_ATTRIBUTES_MAX]; /* sorted by key */
    size_t attribute_count;
    struct span change_type;
    bool has_config;
    struct sha256 config_sha256;
    struct text_pair documentation[MODEL_DOCS_MAX]; /* sorted by key */
    size_t documentation_count;
    struct span environment;
    struct evidence_item evidence[MODEL_EVIDENCE_MAX];
    size_t evidence_count;
    struct span initiator; /* account */
    bool has_plan;
    struct sha256 plan_sha256;
    struct span remediates[MODEL_REMEDIATES_MAX]; /* incidents, sorted */
    size_t remediates_count;
    const struct deploy_rollback *rollback; /* NULL: none */
    struct span service;
    struct request_source source;
    struct span ticket;
    struct span ticket_state;
    struct span ticket_system;
    struct span title;
    struct span trigger; /* account; empty when none */
    /* not of the content: what stands beside it in the request's entry, where that is known */
    const struct history_window *history; /* windows ascending */
    size_t history_count;
};

/* content of kind policy and roster: what an officer proposes. */
struct policy_content {
    struct span initiator;
    struct span policy; /* canonical bytes of the document */
    struct span reason;
    struct span title;
};
struct roster_content {
    struct roster_changes changes;
    struct span initiator;
    struct span reason;
    struct span title;
};

/* One reason for refusing a body, with a JSON pointer to the place. code is a literal, detail may live in the arena. */
struct content_fault {
    char pointer[96];
    const char *code;   /* "missing", "unknown", "type", "range", "syntax", "utf8", "duplicate", "depth", "too_large" */
    const char *detail; /* a sentence that says what to do */
};
enum { CONTENT_FAULTS_MAX = 32 };
struct content_faults {
    struct content_fault item[CONTENT_FAULTS_MAX];
    size_t count;
};

/* The body of a request entry. */
struct request {
    enum request_kind kind;
    struct span content;            /* canonical JSON object of the kind */
    struct history_window *history; /* exactly the windows that the policy in force asks about, ascending */
    size_t history_count;
    struct span idempotency_key; /* 1..128 printable ASCII */
    struct sha256 body_sha256;   /* of the body as the client sent it */
    uint64_t policy;             /* index of the policy entry that was in force */
    uint64_t roster;             /* index of the roster entry that was in force */
    bool revises_set;
    uint64_t revises;  /* index of the request that this one replaces */
    uint64_t revision; /* 1, or one more than what it revises */
    struct sha256 sheet_sha256;
};

CS_RESULT model_request_decode(struct span body, struct arena *arena, struct request *ret_request);
CS_RESULT model_request_encode(const struct request *q, struct writer *w);

/* Content that model_deploy_encode would not write byte for byte is CS_E_ORDER. */
CS_RESULT model_deploy_decode(struct span content, struct arena *arena, struct deploy_content *ret_content);
/* The same for content that was decoded before, so that its spelling needs no second look. */
CS_RESULT model_deploy_reread(struct span content, struct arena *arena, struct deploy_content *ret_content);
CS_RESULT model_deploy_encode(const struct deploy_content *c, struct writer *w);
CS_RESULT model_policy_content_decode(struct span content, struct arena *arena, struct policy_content *ret_content);
CS_RESULT model_roster_content_decode(struct span content, struct arena *arena, struct roster_content *ret_content);
CS_RESULT model_policy_content_encode(const struct policy_content *c, struct writer *w);
CS_RESULT model_roster_content_encode(const struct roster_content *c, struct writer *w);

/*
 * From a body as sent (any member order and white space) to canonical deploy content. On a fault every fault that can
 * be seen is listed, and the result is CS_E_REFUSED; a body that is not JSON of the profile gives one fault and
 * json_tree's code. A member `revises` (integer) is taken out of the body: it is not part of the content.
 */
CS_RESULT model_deploy_from_body(struct span body, struct arena *arena, struct span *ret_content, bool *ret_revises_set,
                                 uint64_t *ret_revises, struct content_faults *ret_faults);

#endif
