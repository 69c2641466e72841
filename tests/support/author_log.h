/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Logs without a daemon: builds entries as the core does, with people's keys made from their names, and gives each to a
 * judge. For unit tests, golden logs and benchmarks. Everything follows from the calls: the same calls give the same
 * log.
 *
 * The standard log: officers olga, omar, odette (threshold 2); tom and tina (tech), bea and bill (business); client ci
 * with all scopes (bearer token "ci-token"); policy docs/examples/policy-two-people.json in its compiled form.
 */
#ifndef SUPPORT_AUTHOR_LOG_H
#define SUPPORT_AUTHOR_LOG_H

#include "cardpki/cardpki_cert.h"
#include "judge/judge.h"

#define AUTHOR_ORIGIN "approval.example/log1"
#define AUTHOR_RP_ID  "approval.example"
#define AUTHOR_KIOSK  "kiosk-1"

struct author_log;

/* An empty log whose judge proves everything. depth as for judge_init. NULL without memory. */
struct author_log *author_log_new(enum judge_depth depth, size_t state_cap_bytes);
void author_log_free(struct author_log *l);

struct judge *author_log_judge(struct author_log *l);
uint64_t author_log_size(const struct author_log *l);
/* Borrowed until the log is freed. */
struct span author_log_leaf(const struct author_log *l, uint64_t index);
/* The log's Ed25519 key (seed 00..1f of docs/formats/note.md) and the outcome key's SPKI. */
struct span author_log_key(const struct author_log *l);
struct span author_log_outcome_key(const struct author_log *l);
/* Signs with the log's key (Ed25519), to make checkpoints. */
CS_RESULT author_log_sign(const struct author_log *l, struct span message, uint8_t ret_sig[64]);

/* The clock of the entries; starts at 2026-01-05T09:00:00.000Z and goes on 1 ms with each entry. */
uint64_t author_log_now(const struct author_log *l);
void author_log_advance(struct author_log *l, uint64_t ms);

/* Genesis with the start policy; then people, client and the two-people policy, each decided by olga and omar. Fails
 * the running cmocka test, or aborts, if the judge refuses one of them. */
void author_log_begin(struct author_log *l);
/* The same, but olga holds an attested P-256 card, omar an RSA-2048 card, and odette a key as before. */
void author_log_begin_with_cards(struct author_log *l);
void author_log_standard(struct author_log *l);

/* Builds one leaf with this body and judges it; if allowed it is appended. */
struct verdict author_log_append(struct author_log *l, enum entry_type type, const char *actor, struct span body);
/* The leaf as it would be, without judging or appending. */
CS_RESULT author_log_build(struct author_log *l, enum entry_type type, const char *actor, struct span body,
                           struct writer *w);
struct verdict author_log_append_leaf(struct author_log *l, struct span leaf);

/* A deploy request to production with its own title and artifact; *ret_index is its id. */
struct author_request {
    const char *title;
    const char *environment; /* NULL: "production" */
    const char *initiator;   /* NULL: "gitlab:7" */
    const char *author;      /* NULL: none */
    const char *key;         /* idempotency key; NULL: made from the index */
    const char *backout;     /* NULL: "Roll back." ; "" leaves it out */
    const char *change_type; /* NULL: "normal" */
    const char *artifact;    /* whose digest it names; NULL: the title's */
    const char *service;     /* NULL: "payments" */
    const char *plan;        /* whose digest it binds; NULL: none */
    const char *remediates;  /* NULL: no incident */
    const char *rollback;    /* whose digest it may go back to, by trigger error_rate; NULL: to nothing */
    bool revises_set;
    uint64_t revises;
};
struct verdict author_log_request(struct author_log *l, const struct author_request *q, uint64_t *ret_index);
/* The same with any content (canonical), which takes the place of another one's unless that is NULL. */
struct verdict author_log_deploy(struct author_log *l, struct span content, const struct state_request *revises,
                                 uint64_t *ret_index);
/* A request of kind roster or policy with this content (canonical). */
struct verdict author_log_propose(struct author_log *l, enum request_kind kind, struct span content,
                                  uint64_t *ret_index);

/* What is wrong about a decision; all-zero is a right one. */
struct author_wrong {
    const char *rp_id; /* the key signs for this one */
    bool no_presence;
    bool no_verification;
    bool backup;
    bool bad_signature;
    bool counter_back;
    bool with_auth_data; /* a card's decision carries authenticator data */
    bool without_auth_data;
    const char *key_of;        /* signed with this person's key, but naming the person's own credential */
    const char *credential_of; /* this person's key and credential, under the person's name */
    const uint8_t *nonce;      /* this one instead of a fresh one */
    uint64_t age_ms;           /* the statement was issued that long ago */
    bool other_anchor;
    bool other_sheet;
    bool other_policy;
    bool other_subject;
    const char *environment;
    uint64_t delegation;                         /* signed by this delegation; 0: in their own place */
    const char *port;                            /* of the token; NULL: none */
    const char *presence_switch;                 /* NULL: none */
    void (*bend)(struct statement *st);          /* changes the statement before it is signed, */
    void (*bend_subjects)(struct statement *st); /* and what it names */
};
/* person fills seat of request; reason may be NULL ("" is signed). The statement is built from the judge's own state.
 */
struct verdict author_log_decide(struct author_log *l, const char *person, uint64_t request, const char *seat,
                                 enum decision_word word, const char *reason, const struct author_wrong *wrong);
/* The bytes of the last statement that author_log_decide built, and the assertion over it. */
struct span author_log_last_statement(const struct author_log *l);
/* The leaf that was given to the judge last, allowed or refused; valid until the next. */
struct span author_log_last_leaf(const struct author_log *l);
const uint8_t *author_log_last_nonce(const struct author_log *l);

/* The policy or roster entry for an approved request. */
struct verdict author_log_effect(struct author_log *l, enum entry_type type, uint64_t request);
/* Presents the request's own digests; drift presents another artifact. */
struct verdict author_log_redeem(struct author_log *l, uint64_t request, bool drift);
struct verdict author_log_redeem_as(struct author_log *l, uint64_t request, bool drift, const char *actor);
/* Presents the rollback that was signed with it. */
struct verdict author_log_go_back(struct author_log *l, uint64_t request, bool drift);
struct verdict author_log_outcome(struct author_log *l, uint64_t request, enum request_status result);
/* It failed by this trigger; NULL: by none. */
struct verdict author_log_failed(struct author_log *l, uint64_t request, const char *trigger);
struct verdict author_log_expire(struct author_log *l, uint64_t request);
struct verdict author_log_withdraw(struct author_log *l, uint64_t request, const char *actor);

/* A policy put in force by olga and omar. */
void author_log_adopt(struct author_log *l, struct span document);
/* The emergency entry for an approved emergency, as the core makes it; `bend` may change it before. */
struct verdict author_log_grant(struct author_log *l, uint64_t request, void (*bend)(struct emergency_grant *g));
struct verdict author_log_overdue(struct author_log *l, uint64_t emergency);
/* The review entry for an approved review of this emergency. */
struct verdict author_log_paid(struct author_log *l, uint64_t request, uint64_t emergency);
/* An incident freezes; f->prev is filled in unless it is set. */
struct verdict author_log_freeze(struct author_log *l, const struct freeze *f, const char *actor);
/* The thaw entry for an approved thaw of this freeze. */
struct verdict author_log_thaw(struct author_log *l, uint64_t request, uint64_t freeze);
/* The clock goes back by ms, or with 0 is past the last entry again. */
struct verdict author_log_clock(struct author_log *l, uint64_t back_ms);

/* Roster content that enrols this person with one key of the soft model. */
CS_RESULT author_log_person(struct author_log *l, const char *id, const char *const *roles, size_t role_count,
                            struct arena *arena, struct roster_change ret_changes[2]);
/* A key for this person made from another name, so that one may have several; author_wrong.credential_of signs with it.
 */
CS_RESULT author_log_key_for(struct author_log *l, const char *id, const char *key_of, struct arena *arena,
                             struct roster_change *ret_add);

/* The two-people policy of the standard log in this version; tokens: the item of its `tokens`, or NULL. */
CS_RESULT author_log_policy(struct arena *arena, const char *tokens, uint64_t version, struct span *ret_policy);

/* The authorities of cards, made at first use. */
const struct cardpki *author_log_pki(struct author_log *l);
/* Roster change that allows cards of issuer "corp", certified as "fips-140-3-2". */
void author_log_issuer(struct author_log *l, struct roster_change *ret_change);

/* A card of a person. All-zero is a P-256 card whose policies are declared, not attested. */
struct author_card {
    enum cardpki_kind kind;
    const struct cardpki_plan *certificate; /* NULL: a good one */
    const struct cardpki_plan *attestation; /* NULL: none */
    enum card_use pin;                      /* declared; 0: as attested, always without */
    enum card_use touch;                    /* declared; 0: as attested, never without */
    const char *issuer;                     /* NULL: "corp" */
    const char *proof_of;                   /* the card signed that it is this person's */
    const char *origin;                     /* the log it was signed for; NULL: AUTHOR_ORIGIN */
    bool bad_proof;
};
/* Roster change that enrols a card for this person, who signs with it from now on. */
CS_RESULT author_log_card(struct author_log *l, const char *id, const struct author_card *how, struct arena *arena,
                          struct roster_change *ret_change);
/* With what this person signs: the card, or the FIDO2 key. */
void author_log_use_card(struct author_log *l, const char *id, bool card);
/* SHA-256 of the id of what this person signs with. */
struct sha256 author_log_credential(struct author_log *l, const char *id);

#endif
