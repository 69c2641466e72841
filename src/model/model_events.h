/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of the small entries, and what people sign. Pure. Source: docs/formats/entry.md, docs/formats/statement.md. */
#ifndef MODEL_EVENTS_H
#define MODEL_EVENTS_H

#include "model/model_request.h"

/* What a person signs about one request; rebuilt and compared by the judge, member by member. */
struct statement {
    uint64_t anchor_size; /* head of the log that the kiosk computed itself */
    struct sha256 anchor_root;
    struct sha256 credential_sha256; /* of the credential id */
    enum decision_word decision;
    bool has_delegation;     /* signed in the place of somebody: */
    uint64_t delegation;     /* request that made the delegation */
    struct span environment; /* empty but for deploy and emergency */
    uint64_t expires_at_ms;
    uint64_t issued_at_ms;
    enum request_kind kind;
    struct span kiosk;
    uint8_t nonce[MODEL_NONCE_BYTES];
    struct span origin;
    struct span person;
    uint64_t policy_index;
    struct sha256 policy_sha256; /* of the policy document's bytes */
    bool has_previous;           /* in a sequence: the seat that had to be full before */
    struct sha256 previous;      /* SHA-256 of the last signature (DER) given in that seat */
    struct span reason;
    uint64_t request_index;
    struct sha256 request_leaf_sha256; /* SHA-256 of the leaf's bytes, without the tree's prefix */
    uint64_t request_revision;
    uint64_t roster_index;
    struct span seat; /* "RULE/SEAT" */
    struct sha256 sheet_sha256;
    struct named_digest subject[MODEL_ARTIFACTS_MAX]; /* artifacts, or the policy / change list itself */
    size_t subject_count;
};

CS_RESULT model_statement_encode(const struct statement *s, struct writer *w);
CS_RESULT model_statement_decode(struct span text, struct arena *arena, struct statement *ret_statement);

struct decision {
    struct span auth_data; /* authenticatorData, raw; empty for a card */
    struct span sig;       /* DER, or RSA */
    struct span statement; /* exact text that was signed */
};
CS_RESULT model_decision_decode(struct span body, struct arena *arena, struct decision *ret_decision);
CS_RESULT model_decision_encode(const struct decision *d, struct writer *w);

/* The genesis statement: who may start this log, under which policy and keys. */
struct genesis_statement {
    struct roster_changes changes; /* people, credentials, clients, models: the first roster */
    uint64_t created_ms;
    struct span log_key;     /* Ed25519 public key, 32 bytes */
    struct span origin;      /* name of the log, and of its key */
    struct span outcome_key; /* P-256 SubjectPublicKeyInfo DER */
    struct span policy;      /* canonical bytes of the first policy document */
    struct span rp_id;
};
CS_RESULT model_genesis_statement_encode(const struct genesis_statement *g, struct writer *w);
CS_RESULT model_genesis_statement_decode(struct span text, struct arena *arena,
                                         struct genesis_statement *ret_statement);

enum { GENESIS_SIGNATURES_MAX = 16 };
struct genesis_signature {
    struct span auth_data; /* empty for a card */
    struct sha256 credential_sha256;
    struct span person;
    struct span sig;
};
struct genesis {
    struct genesis_signature signatures[GENESIS_SIGNATURES_MAX];
    size_t signature_count;
    struct span statement;
};
CS_RESULT model_genesis_decode(struct span body, struct arena *arena, struct genesis *ret_genesis);
CS_RESULT model_genesis_encode(const struct genesis *g, struct writer *w);

/* policy and roster entries: an approved request takes effect. prev chains them, so that a receipt can show none is
 * left out. */
struct effect {
    uint64_t prev;
    uint64_t request;
    struct sha256 sha256; /* of the policy document, or of the canonical change list */
};
CS_RESULT model_effect_decode(struct span body, struct arena *arena, struct effect *ret_effect);
CS_RESULT model_effect_encode(const struct effect *e, struct writer *w);

struct withdraw {
    struct span reason; /* may be empty */
    uint64_t request;
};
CS_RESULT model_withdraw_decode(struct span body, struct arena *arena, struct withdraw *ret_withdraw);
CS_RESULT model_withdraw_encode(const struct withdraw *x, struct writer *w);

struct expire {
    uint64_t request; /* the state says which clock ran out */
};
CS_RESULT model_expire_decode(struct span body, struct arena *arena, struct expire *ret_expire);
CS_RESULT model_expire_encode(const struct expire *x, struct writer *w);

/* Nobody came for long enough: people of the role `to` may fill the seats of the rule as well. */
struct escalate {
    uint64_t request;
    struct span rule;
    struct span to;
};
CS_RESULT model_escalate_decode(struct span body, struct arena *arena, struct escalate *ret_escalate);
CS_RESULT model_escalate_encode(const struct escalate *x, struct writer *w);

/* What a pipeline says it is about to deploy. */
struct redeem {
    struct named_digest artifacts[MODEL_ARTIFACTS_MAX];
    size_t artifact_count;
    bool has_config;
    struct sha256 config_sha256;
    bool has_plan;
    struct sha256 plan_sha256;
    struct span envelope; /* DSSE envelope text, or empty when what was presented differs (drifted) */
    uint64_t request;
    bool rollback; /* of what the request goes back to, after it failed */
};
CS_RESULT model_redeem_decode(struct span body, struct arena *arena, struct redeem *ret_redeem);
CS_RESULT model_redeem_encode(const struct redeem *x, struct writer *w);

struct outcome {
    uint64_t finished_ms;
    struct span incident; /* may be empty */
    uint64_t request;
    enum request_status result; /* STATUS_SUCCEEDED, STATUS_FAILED or STATUS_ROLLED_BACK */
    uint64_t started_ms;
    struct span trigger; /* of what failed: which of the rollback's triggers that met; may be empty */
};
CS_RESULT model_outcome_decode(struct span body, struct arena *arena, struct outcome *ret_outcome);
CS_RESULT model_outcome_encode(const struct outcome *x, struct writer *w);

/*
 * From bodies as clients send them (any member order and white space); request and envelope are not in them and stay
 * zero. On a fault every fault that can be seen is listed, and the result is CS_E_REFUSED; a body that is not JSON of
 * the profile gives one fault and json_tree's code. Texts live in the arena or borrow the body.
 */
CS_RESULT model_redeem_from_body(struct span body, struct arena *arena, struct redeem *ret_redeem,
                                 struct content_faults *ret_faults);
CS_RESULT model_outcome_from_body(struct span body, struct arena *arena, struct outcome *ret_outcome,
                                  struct content_faults *ret_faults);
CS_RESULT model_withdraw_from_body(struct span body, struct arena *arena, struct withdraw *ret_withdraw,
                                   struct content_faults *ret_faults);

/* An attempt that did not count: refused touches, unknown keys, wrong PINs, denied calls. */
struct access_note {
    struct span code; /* reason code or token code, identifier */
    uint64_t count;   /* how many alike attempts this entry stands for, at least 1 */
    bool has_credential;
    struct sha256 credential_sha256;
    struct span person; /* may be empty */
    bool has_request;
    uint64_t request;
};
CS_RESULT model_access_decode(struct span body, struct arena *arena, struct access_note *ret_access);
CS_RESULT model_access_encode(const struct access_note *x, struct writer *w);

struct boot {
    struct span version; /* of the core that starts */
};
CS_RESULT model_boot_decode(struct span body, struct arena *arena, struct boot *ret_boot);
CS_RESULT model_boot_encode(const struct boot *x, struct writer *w);

/* The clock went back by back_ms (signing stops), or is past the last entry again (back_ms == 0, signing goes on). */
struct clock_note {
    uint64_t back_ms;
};
CS_RESULT model_clock_decode(struct span body, struct arena *arena, struct clock_note *ret_clock);
CS_RESULT model_clock_encode(const struct clock_note *x, struct writer *w);

#endif
