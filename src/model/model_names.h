/* SPDX-License-Identifier: Apache-2.0 */
/* Closed lists of the log's words, each written once: entry types, request kinds, states, decisions. */
#ifndef MODEL_NAMES_H
#define MODEL_NAMES_H

#include "base/base_span.h"

/* Sizes of what a leaf may hold; docs/formats/entry.md. */
enum {
    MODEL_LEAF_MAX = 32768,
    MODEL_ID_MAX = 64,       /* person, role, seat, rule, environment, client, kiosk */
    MODEL_ACCOUNT_MAX = 128, /* a person's name elsewhere, "git:…", "gitlab:123"; tickets, incidents, log origins */
    MODEL_NAME_MAX = 256,    /* artifact, repository, ref, tag, TLS name */
    MODEL_SEAT_MAX = 147,    /* "RULE/SEAT" or "RULE/SEAT/vVERSION" */
    MODEL_TITLE_MAX = 200,   /* code points; 4 bytes each at most */
    MODEL_FIELD_MAX = 4000,  /* code points */
    MODEL_ARTIFACTS_MAX = 16,
    MODEL_AUTHORS_MAX = 64,
    MODEL_TRIGGERS_MAX = 16, /* of a rollback */
    MODEL_ATTRIBUTES_MAX = 32,
    MODEL_DOCS_MAX = 16,
    MODEL_EVIDENCE_MAX = 16,
    MODEL_REMEDIATES_MAX = 8,
    MODEL_ROLES_MAX = 32,
    MODEL_CHANGES_MAX = 32,
    MODEL_X5C_MAX = 4,
    MODEL_CONTENT_MAX = 30720,   /* bytes of a request's content: what an entry leaves */
    MODEL_STATEMENT_MAX = 28672, /* bytes of a signed statement */
    MODEL_ENVELOPE_MAX = 24576,
    MODEL_CERTIFICATE_MAX = 4096,
    MODEL_CREDENTIAL_ID_MAX = 1023,
    MODEL_AUTH_DATA_LEAST = 37,
    MODEL_AUTH_DATA_MAX = 2048,
    MODEL_SIG_LEAST = 8,
    MODEL_SIG_MAX = 512, /* attestation keys may be RSA */
    MODEL_SPKI_BYTES = 91,
    MODEL_CARD_KEY_LEAST = 91, /* P-256; a P-384 key has 120 bytes, RSA 2048, 3072 and 4096 have 294, 422 and 550 */
    MODEL_CARD_KEY_MAX = 600,
    MODEL_CARD_ID_BYTES = 32,
    MODEL_ISSUER_ROOTS_MAX = 4,
    MODEL_CRL_MAX = 20480, /* as base64url it leaves room for the rest of the entry */
    MODEL_CRL_SERIALS_MAX = 1024,
    MODEL_NUMBER_BYTES = 20, /* serial and CRL numbers, RFC 5280 §4.1.2.2, §5.2.3 */
    MODEL_ALARMS_MAX = 64,
    MODEL_ENTITLEMENTS_MAX = 256,
    MODEL_LAPSED_MAX = 64,
    MODEL_LISTED_MAX = 256, /* people that one entry about the directory names */
    MODEL_SHIFTS_MAX = 512,
    MODEL_SHIFT_PEOPLE_MAX = 16,
    MODEL_HAND_OVER_MAX_S = 86400,
    MODEL_AAGUID_BYTES = 16,
    MODEL_LOG_KEY_BYTES = 32,
    MODEL_NONCE_BYTES = 16,
    MODEL_STATEMENT_LIFE_MS = 120000,
};

#define MODEL_ENTRY_TYPES(X)                                                                                           \
    X(ENTRY_GENESIS, "genesis")                                                                                        \
    X(ENTRY_POLICY, "policy")                                                                                          \
    X(ENTRY_ROSTER, "roster")                                                                                          \
    X(ENTRY_REQUEST, "request")                                                                                        \
    X(ENTRY_DECISION, "decision")                                                                                      \
    X(ENTRY_WITHDRAW, "withdraw")                                                                                      \
    X(ENTRY_EXPIRE, "expire")                                                                                          \
    X(ENTRY_REDEEM, "redeem")                                                                                          \
    X(ENTRY_OUTCOME, "outcome")                                                                                        \
    X(ENTRY_ACCESS, "access")                                                                                          \
    X(ENTRY_BOOT, "boot")                                                                                              \
    X(ENTRY_CLOCK, "clock")                                                                                            \
    X(ENTRY_EMERGENCY, "emergency")                                                                                    \
    X(ENTRY_OVERDUE, "overdue")                                                                                        \
    X(ENTRY_REVIEW, "review")                                                                                          \
    X(ENTRY_EVIDENCE, "evidence")                                                                                      \
    X(ENTRY_WAIVER, "waiver")                                                                                          \
    X(ENTRY_FREEZE, "freeze")                                                                                          \
    X(ENTRY_THAW, "thaw")                                                                                              \
    X(ENTRY_LAPSE, "lapse")                                                                                            \
    X(ENTRY_ALARM, "alarm")                                                                                            \
    X(ENTRY_ESCALATE, "escalate")                                                                                      \
    X(ENTRY_DIRECTORY, "directory")

#define MODEL_KINDS(X)                                                                                                 \
    X(KIND_DEPLOY, "deploy")                                                                                           \
    X(KIND_POLICY, "policy")                                                                                           \
    X(KIND_ROSTER, "roster")                                                                                           \
    X(KIND_EMERGENCY, "emergency")                                                                                     \
    X(KIND_REVIEW, "review")                                                                                           \
    X(KIND_VOUCHER, "voucher")                                                                                         \
    X(KIND_WAIVER, "waiver")                                                                                           \
    X(KIND_THAW, "thaw")                                                                                               \
    X(KIND_DELEGATE, "delegate")                                                                                       \
    X(KIND_ACCESS_REVIEW, "access_review")

/* States of a request, in the words the API shows. */
#define MODEL_STATUSES(X)                                                                                              \
    X(STATUS_ELIGIBLE, "eligible")                                                                                     \
    X(STATUS_APPROVED, "approved")                                                                                     \
    X(STATUS_REJECTED, "rejected")                                                                                     \
    X(STATUS_EXPIRED, "expired")                                                                                       \
    X(STATUS_LAPSED, "lapsed")                                                                                         \
    X(STATUS_WITHDRAWN, "withdrawn")                                                                                   \
    X(STATUS_SUPERSEDED, "superseded")                                                                                 \
    X(STATUS_REDEEMED, "redeemed")                                                                                     \
    X(STATUS_VOID, "void")                                                                                             \
    X(STATUS_APPLIED, "applied")                                                                                       \
    X(STATUS_SUCCEEDED, "succeeded")                                                                                   \
    X(STATUS_FAILED, "failed")                                                                                         \
    X(STATUS_ROLLED_BACK, "rolled_back")                                                                               \
    /* seen at a time, never stored: open, and something but signatures is missing; open or approved, and not now */   \
    X(STATUS_BLOCKED, "blocked")                                                                                       \
    X(STATUS_PAUSED, "paused")

#define MODEL_DECISIONS(X)                                                                                             \
    X(DECISION_APPROVE, "approve")                                                                                     \
    X(DECISION_REJECT, "reject")                                                                                       \
    X(DECISION_ABSTAIN, "abstain")

#define MODEL_SCOPES(X)                                                                                                \
    X(SCOPE_REQUEST, "request")                                                                                        \
    X(SCOPE_REDEEM, "redeem")                                                                                          \
    X(SCOPE_OUTCOME, "outcome")                                                                                        \
    X(SCOPE_READ, "read")                                                                                              \
    X(SCOPE_AUDIT, "audit")                                                                                            \
    X(SCOPE_MIRROR, "mirror")                                                                                          \
    X(SCOPE_EVIDENCE_CANARY, "evidence:canary")                                                                        \
    X(SCOPE_EVIDENCE_COVERAGE, "evidence:coverage")                                                                    \
    X(SCOPE_EVIDENCE_CYCLONEDX, "evidence:cyclonedx")                                                                  \
    X(SCOPE_EVIDENCE_JUNIT, "evidence:junit")                                                                          \
    X(SCOPE_EVIDENCE_MIGRATION, "evidence:migration")                                                                  \
    X(SCOPE_EVIDENCE_PLAN, "evidence:plan")                                                                            \
    X(SCOPE_EVIDENCE_PROVENANCE, "evidence:provenance")                                                                \
    X(SCOPE_EVIDENCE_SARIF, "evidence:sarif")                                                                          \
    X(SCOPE_INCIDENT, "incident")                                                                                      \
    X(SCOPE_DIRECTORY, "directory")

/* What a line of evidence asks for, and what a file is. A line of kind iac takes two files: sarif and plan. */
#define MODEL_REPORT_KINDS(X)                                                                                          \
    X(REPORT_CANARY, "canary")                                                                                         \
    X(REPORT_COVERAGE, "coverage")                                                                                     \
    X(REPORT_CYCLONEDX, "cyclonedx")                                                                                   \
    X(REPORT_IAC, "iac")                                                                                               \
    X(REPORT_JUNIT, "junit")                                                                                           \
    X(REPORT_MIGRATION, "migration")                                                                                   \
    X(REPORT_PLAN, "plan")                                                                                             \
    X(REPORT_PROVENANCE, "provenance")                                                                                 \
    X(REPORT_SARIF, "sarif")

/* What a credential is in. */
#define MODEL_CREDENTIAL_KINDS(X)                                                                                      \
    X(CREDENTIAL_FIDO2, "fido2")                                                                                       \
    X(CREDENTIAL_PIV, "piv")

/* How often a card asks for its PIN or for a touch. */
#define MODEL_CARD_USES(X)                                                                                             \
    X(CARD_USE_UNKNOWN, "unknown")                                                                                     \
    X(CARD_USE_NEVER, "never")                                                                                         \
    X(CARD_USE_ONCE, "once")                                                                                           \
    X(CARD_USE_ALWAYS, "always")                                                                                       \
    X(CARD_USE_CACHED, "cached")

#define MODEL_ENUM(name, text) name,
/* In each list zero is "none": never encoded, never decoded. */
enum entry_type { ENTRY_NONE, MODEL_ENTRY_TYPES(MODEL_ENUM) ENTRY_TYPE_COUNT };
enum request_kind { KIND_NONE, MODEL_KINDS(MODEL_ENUM) KIND_COUNT };
enum request_status { STATUS_NONE, MODEL_STATUSES(MODEL_ENUM) STATUS_COUNT };
enum decision_word { DECISION_NONE, MODEL_DECISIONS(MODEL_ENUM) DECISION_COUNT };
enum client_scope { SCOPE_NONE, MODEL_SCOPES(MODEL_ENUM) SCOPE_COUNT };
enum report_kind { REPORT_NONE, MODEL_REPORT_KINDS(MODEL_ENUM) REPORT_KIND_COUNT };
enum credential_kind { CREDENTIAL_NONE, MODEL_CREDENTIAL_KINDS(MODEL_ENUM) CREDENTIAL_KIND_COUNT };
enum card_use { CARD_USE_NONE, MODEL_CARD_USES(MODEL_ENUM) CARD_USE_COUNT };
#undef MODEL_ENUM

/* NUL-terminated; "none" for zero and anything outside the list. */
const char *entry_type_text(enum entry_type t);
const char *request_kind_text(enum request_kind k);
/* Is it about one deployment, so that a statement about it names the environment? */
bool request_kind_deploys(enum request_kind k);
const char *request_status_text(enum request_status s);
const char *decision_word_text(enum decision_word d);
const char *client_scope_text(enum client_scope s);
const char *report_kind_text(enum report_kind k);
const char *credential_kind_text(enum credential_kind k);
const char *card_use_text(enum card_use u);
/* CS_E_UNKNOWN for a word that is not in the list. */
CS_RESULT entry_type_decode(struct span text, enum entry_type *ret_type, const char *what);
CS_RESULT request_kind_decode(struct span text, enum request_kind *ret_kind, const char *what);
CS_RESULT decision_word_decode(struct span text, enum decision_word *ret_word, const char *what);
CS_RESULT client_scope_decode(struct span text, enum client_scope *ret_scope, const char *what);
CS_RESULT report_kind_decode(struct span text, enum report_kind *ret_kind, const char *what);
CS_RESULT card_use_decode(struct span text, enum card_use *ret_use, const char *what);
CS_RESULT request_status_decode(struct span text, enum request_status *ret_status, const char *what);

#endif
