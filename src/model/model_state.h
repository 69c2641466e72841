/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fold: what the entries so far add up to. Only state_apply changes it; it depends on nothing but its arguments, so
 * the same entries give the same state in daemon, kiosk, HTTP front and auditor. Whether an entry may be applied is the
 * judge's question, not the fold's. Pure; memory comes from one arena with a cap.
 */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H

#include "base/base_map.h"
#include "base/base_pool.h"
#include "model/model_body.h"

enum { STATE_CRL_SERIALS_MAX = 32768 };

/* The lists of revoked certificates of one CA of the issuer: number and time are the newest's. */
struct state_crl {
    struct sha256 authority;
    struct card_number number;
    uint64_t this_update_ms;
    struct card_number *serials; /* all that ever stood on one of them, sorted; STATE_CRL_SERIALS_MAX at most */
    size_t serial_count;
};

struct state_issuer {
    struct span id;
    struct span name;
    struct span certification; /* empty: none */
    struct span *roots;
    struct sha256 *root_sha256; /* of each */
    size_t root_count;
    struct span *attestation_roots;
    size_t attestation_root_count;
    struct state_crl *crls;
    size_t crl_count;
    size_t crl_cap;
    bool removed;
};

/* What is known of a credential that is in a PIV card. */
struct state_card {
    struct state_issuer *issuer;
    struct card_facts facts;
    bool cert_revoked; /* its certificate stood on a list once */
    uint64_t cert_revoked_index;
};

struct state_credential {
    enum credential_kind kind;
    struct sha256 id_sha256;
    struct span id;
    struct span key; /* SPKI DER */
    struct span nickname;
    struct state_person *person;
    struct state_model *model; /* of a FIDO2 key, else NULL */
    struct state_card *card;   /* of a PIV card, else NULL */
    bool revoked;
    uint64_t revoked_index; /* entry that revoked it */
    uint64_t revoked_ms;    /* its time */
    uint64_t enrolled_index;
    uint32_t counter; /* of a FIDO2 key's last signature, the first being the registration's */
};

/* Why a role does not count, by the directory. */
enum state_bar {
    BAR_NONE,
    BAR_UNLISTED, /* it does not have this person in this role */
    BAR_STALE,    /* it was not read, or not in time */
};

/* What became of one role of a person; in the order of their roles. */
struct state_entitlement {
    uint64_t granted_ms;
    uint64_t reviewed_ms;  /* 0: never */
    uint64_t used_ms;      /* last decision in this role of their own; 0: none */
    uint64_t lapsed_index; /* lapse entry since which it does not count; 0 */
    bool listed;           /* the directory has this person in this role */
    enum state_bar bar;    /* model_state_directory.h */
};

struct state_person {
    struct span id;
    struct span *roles;
    size_t role_count;
    struct state_entitlement *entitlements; /* one for each role; NULL: outside a state */
    struct span *accounts;
    size_t account_count;
    bool removed;
    bool suspended; /* by officers, who alone can end it; putting the person anew does not */
};

/* Somebody had a role on the roster from the entry `from` on until the entry `until`. */
struct state_tenure {
    const struct state_person *person;
    uint64_t from;
    uint64_t until; /* UINT64_MAX while it lasts */
};

/* Everybody who ever had a role: groups vote as they were when a request was opened. */
struct state_role {
    struct state_tenure *tenure; /* in the order of the log */
    size_t count;
    size_t cap;
};

/* A policy document once in force; kept for as long as the log is, for open requests and for replay. */
struct state_policy {
    uint64_t index; /* entry that put it in force */
    struct sha256 sha256;
    struct policy_doc doc;
    struct span text;
    struct span editor; /* initiator of the request that brought it; empty for the genesis policy */
};

struct state_decision {
    uint64_t index;
    uint64_t time_ms;
    enum decision_word word;
    bool counted;  /* it held a seat when the last one was filled; false before */
    bool lapsed;   /* evidence that was signed for has changed since: it holds no seat any more */
    uint16_t port; /* of an emergency: one more than the place of its port among the policy's; else 0 */
    struct state_person *person;
    const struct state_delegation *delegation; /* by which it was signed for somebody else; NULL */
    struct state_credential *credential;
    struct span seat; /* "RULE/SEAT" */
    struct sha256 sig_sha256;
    struct sha256 sheet_sha256; /* what was signed: of an emergency it must still be the same */
    struct span reason;         /* of an approval: empty once the request is final */
};

/* One use of an approval: its artifacts began to run in one environment. */
struct state_run {
    struct state_request *of;
    const struct state_trail *trail;
    struct state_place *place;
    uint64_t redeem_index;
    uint64_t redeemed_ms;
    uint64_t outcome_index; /* 0: not reported */
    uint64_t outcome_ms;
    bool good;           /* it succeeded; false before that is known */
    bool back;           /* of the rollback that was signed with a deployment */
    uint64_t left_index; /* redeem of other artifacts there, which took their place; 0: none yet */
    uint64_t left_ms;
    struct state_run *before; /* the use before it of the same artifacts, wherever that was */
};

/* Every use of exactly these artifacts of one service, newest first. */
struct state_trail {
    struct state_run *last;
};

/* What ran last of one service in one environment: what a rollback may go back to. */
enum { STATE_RAN_KEPT = 8 };
struct state_place {
    struct span environment;
    struct state_run *now;                     /* the last that was redeemed there, however it went */
    struct state_request *armed;               /* whose fallback->open is there; NULL: none */
    struct state_request *ran[STATE_RAN_KEPT]; /* redeemed and not known to have failed, oldest first */
    size_t count;
    struct state_run **runs; /* every use ever, oldest first */
    size_t run_count;
    size_t run_cap;
    struct state_outage *outages; /* that are over, oldest first */
    size_t outage_count;
    size_t outage_cap;
    uint64_t down_ms;    /* since when what was deployed there is failed; 0: it is not */
    uint64_t down_index; /* redeem of the newest use that failed since */
};
struct state_outage {
    uint64_t from_ms;
    uint64_t to_ms;
};

/* The newest file of one kind for one line of a request; or a waiver of the line. */
struct state_evidence {
    uint64_t index;   /* evidence or waiver entry */
    uint64_t time_ms; /* its time */
    bool waiver;
    enum report_kind kind; /* of the file */
    uint64_t of;           /* of a waiver: its request, */
    uint64_t evidence;     /* and the evidence entry that the line stood on; 0: none */
    struct span source;    /* client that sent it; empty for a waiver */
    struct span line;      /* "RULE/ID" */
    struct span body;      /* of the evidence entry; of a waiver its request's content */
};

struct state_indices {
    uint64_t *item;
    size_t count;
    size_t cap;
};

/* What only an open or approved request needs; NULL in state_request once it is neither. */
struct state_open {
    struct span
        leaf; /* own copy; decoded again when it is needed, which is rare, so that waiting costs little memory */
    struct state_policy *opened_under;
    struct state_place *place;       /* once it is redeemed */
    struct state_evidence *evidence; /* in the order in which lines first got any */
    size_t evidence_count;
    size_t evidence_cap;
};

/* The rollback that was signed together with a deployment: there once an outcome named one of its triggers. */
struct state_fallback {
    struct state_open *open; /* NULL once it is used, or something else was redeemed there */
    uint64_t outcome_index;  /* says that it failed, and by which trigger */
    uint64_t until_ms;
    uint64_t first_index;  /* redeem of the deployment that failed */
    uint64_t redeem_index; /* of the rollback; 0: not used */
};

/* An emergency granted this deployment; the newest stands in the request. */
struct state_grant {
    uint64_t index;                  /* emergency entry */
    struct state_request *emergency; /* whose decisions carry the approval */
    struct state_request *voucher;   /* with this one's; or NULL */
    uint64_t redeem_index;           /* of the redeem before it, when a deployment is used again; else 0 */
    uint64_t outcome_index;
    uint64_t approved_ms; /* likewise: what stood there before */
    uint64_t use_by_ms;
    uint64_t ended_index; /* of one that was not used: what ended it */
    struct state_grant *before;
};

/* One emergency: what it granted, and the review that it owes. */
struct state_emergency {
    uint64_t index;                        /* emergency entry */
    uint64_t request;                      /* of kind emergency */
    uint64_t grants;                       /* the deployment */
    const struct state_request *signed_by; /* the emergency's request: its decisions carried it, */
    const struct state_request *voucher;   /* and this one's; or NULL */
    uint64_t granted_ms;
    uint64_t due_ms;
    struct span service;
    struct span kind;
    struct state_policy *under; /* in force when it was granted: says what the review takes */
    bool over_budget;
    uint64_t overdue_index; /* entry that said so; 0 before */
    uint64_t review;        /* request that paid; meaningless while review_index is 0 */
    uint64_t review_index;  /* entry that says it is paid; 0 while it is owed */
};

/* Something is frozen: one entry of an incident that has not ended. */
struct state_freeze {
    uint64_t index; /* freeze entry */
    uint64_t since_ms;
    struct span by; /* actor */
    struct span incident;
    struct span *environments;
    size_t environment_count;
    struct span *responders; /* accounts */
    size_t responder_count;
    struct span *services; /* none: all */
    size_t service_count;
    bool ends; /* while a thaw is applied */
};

/* People of one more role may fill the seats of a rule of this request. */
struct state_step {
    uint64_t index; /* escalate entry */
    struct span rule;
    struct span to;
};

/* An open request's own words, decoded into an arena by state_load. */
struct state_loaded {
    struct request request;
    const struct deploy_content *deploy; /* by kind; the others are NULL */
    const struct policy_content *policy;
    const struct roster_content *roster;
    const struct emergency_content *emergency;
    const struct voucher_content *voucher;
    const struct review_content *review;
    const struct waiver_content *waiver;
    const struct thaw_content *thaw;
    const struct delegate_content *delegate;
    const struct access_review_content *access_review;
};

struct state_request {
    uint64_t index; /* its id everywhere */
    enum request_kind kind;
    enum request_status status;
    uint64_t revision;
    uint64_t successor; /* index of the revision that superseded it, or 0 */
    uint64_t opened_ms;
    uint64_t sign_by_ms;
    uint64_t use_by_s;
    uint64_t approved_ms;  /* 0 until approved */
    uint64_t use_by_ms;    /* 0 until approved */
    uint64_t last_index;   /* newest entry that touched it */
    uint64_t redeem_index; /* 0 until a redeem, good or drifted */
    struct sha256 leaf_sha256;
    struct sha256 body_sha256;   /* of what the client sent, to know a repeated trigger from another one */
    struct state_client *client; /* NULL but for deploy */
    size_t live_at;              /* place in state.live while it is open or approved */
    struct state_decision *decisions;
    size_t decision_count;
    size_t decision_cap;
    struct state_indices *evidence; /* of all evidence and waiver entries about it, ascending; NULL: none */
    struct state_step *steps;       /* escalations, in the order of the log */
    size_t step_count;
    size_t step_cap;
    struct state_open *open;
    struct state_open *kept;    /* of a deployment that ran lately: the same, so that it can be gone back to; or NULL */
    struct state_grant *grant;  /* NULL unless an emergency granted it */
    struct state_grant *unused; /* gave it once more, and were not used; newest first */
    struct state_run *run;      /* its last use; NULL before one */
    struct state_fallback *fallback;
};

struct state_client {
    struct span id;
    uint32_t scopes;
    struct span *tls;
    size_t tls_count;
    struct sha256 *tokens;
    size_t token_count;
    bool removed;
};

struct state_model {
    struct span aaguid;
    struct span name;
    struct span certification; /* empty: none */
    struct span *roots;
    size_t root_count;
    bool removed;
};

struct state_nonce {
    uint8_t nonce[MODEL_NONCE_BYTES];
    uint64_t expires_at_ms;
};

enum { STATE_HEADS_KEPT = 65536 }; /* how far back a person's anchor may reach, in entries */

struct state {
    struct arena arena;
    struct pool pool; /* on the arena; for what is given back */
    bool begun;       /* genesis was applied */
    uint64_t size;    /* entries applied, also the next seq */
    uint64_t time_ms; /* of the last entry */
    bool clock_back;  /* signing stops until a clock entry clears it */
    struct span origin;
    struct span rp_id;
    uint8_t log_key[32];
    struct span outcome_key;
    uint64_t policy_index;
    uint64_t
        review_from_ms; /* since when the policy in force asks for access reviews as often as it does; 0: it does not */
    struct {
        uint64_t read_ms;     /* when the newest whole reading began; 0: there was none */
        bool stale;           /* the core said that none came in time since */
        bool governs;         /* the policy in force has a directory */
        uint64_t officers_ms; /* since when it governs officers: an older reading says nothing of them */
    } directory;
    bool partial;                    /* of a receipt: not every entry is there, so nothing follows from what is not */
    uint64_t roster_index;           /* last entry that changed people, credentials, clients or models */
    struct state_policy *policy;     /* in force */
    struct map people;               /* SHA-256(id) -> state_person */
    struct map roles;                /* SHA-256(role) -> state_role */
    struct map credentials;          /* SHA-256(credential id) -> state_credential */
    struct map clients;              /* SHA-256(id) -> state_client */
    struct map models;               /* SHA-256(aaguid) -> state_model */
    struct map duties;               /* SHA-256(id) -> state_duty; model_state_duty.h */
    struct map issuers;              /* SHA-256(id) -> state_issuer */
    struct map idempotency;          /* SHA-256(actor ‖ 00 ‖ key) -> state_request */
    struct state_request **requests; /* by index, ascending */
    size_t request_count;
    size_t request_cap;
    struct state_request **live; /* open and approved ones, in no order */
    size_t live_count;
    size_t live_cap;
    struct state_nonce *nonces; /* used and not yet expired */
    size_t nonce_count;
    size_t nonce_cap;
    uint64_t emergency_index;             /* last emergency, overdue or review entry; 0 for none */
    struct state_emergency **emergencies; /* ascending by index, all of the log */
    size_t emergency_count;
    size_t emergency_cap;
    uint64_t freeze_index;         /* last freeze or thaw entry; 0 for none */
    struct state_freeze **freezes; /* those that hold, ascending by index */
    size_t freeze_count;
    size_t freeze_cap;
    struct state_delegation **delegations; /* by request; model_state_delegate.h */
    size_t delegation_count;
    size_t delegation_cap;
    uint64_t alarm_index; /* last alarm entry; 0: none */
    struct alarm *alarms; /* what it said */
    size_t alarm_count;
    uint64_t *clocks; /* indices of all clock entries, which a receipt of an emergency cannot do without */
    size_t clock_count;
    size_t clock_cap;
    struct map places;    /* SHA-256(service ‖ 00 ‖ environment) -> state_place */
    struct map trails;    /* SHA-256(service and artifacts) -> state_trail */
    bool gated;           /* a policy asked once for what ran before */
    struct sha256 *heads; /* ring: root of size n at n % STATE_HEADS_KEPT */
};

/* Takes its first memory; cap_bytes bounds everything the log can make it hold. CS_E_NOMEM. */
CS_RESULT state_init(struct state *s, size_t cap_bytes);
void state_release(struct state *s);

/* What the judge found out about the entry that the fold cannot know by itself. */
struct state_facts {
    uint64_t sign_by_s; /* of a request's sheet */
    uint64_t use_by_s;
    bool seats_full;  /* with this decision every seat is filled */
    bool stays_open;  /* a rejection that is one vote of a group which may still agree; else it ends the request */
    const bool *held; /* then, of each decision before it: does it hold a seat? NULL: none does */
    /* of genesis and roster entries: one for each change; NULL when none of them is about cards or revoked ones */
    const struct change_facts *changes;
    uint16_t port;                       /* of a decision on an emergency: as state_decision.port */
    const struct deploy_content *deploy; /* of a redeem */
    bool lapses; /* of evidence and waivers: what people signed has changed, so their signatures hold no seat */
    struct span used_role; /* of a decision: in which it was given, of the signer's own; empty: lent */
    bool gates;            /* of a request: it asks for what ran before */
    bool arms;             /* of an outcome: it meets a trigger of the rollback that was signed */
};

/*
 * Applies one decoded entry that the judge allowed; leaf is its bytes. On failure (CS_E_NOMEM, or CS_E_STATE for a cell
 * that next[][] does not have) the state must not be used any further.
 */
CS_RESULT state_apply(struct state *s, const struct entry *e, const struct entry_body *body, struct span leaf,
                      const struct state_facts *facts);

/* What is kept of its own words, whether it waits, ran lately, or may go back; NULL once that is forgotten. */
const struct state_open *state_words(const struct state_request *q);
/* CS_E_STATE when that is NULL. Everything lives in the arena or borrows from the state. */
CS_RESULT state_load(const struct state_request *q, struct arena *arena, struct state_loaded *ret_loaded);

struct state_request *state_request_find(const struct state *s, uint64_t index);
struct state_person *state_person_find(const struct state *s, struct span id); /* also removed ones */
struct state_credential *state_credential_find(const struct state *s, const struct sha256 *id_sha256);
struct state_client *state_client_find(const struct state *s, struct span id);
struct state_model *state_model_find(const struct state *s, struct span aaguid);
struct state_issuer *state_issuer_find(const struct state *s, struct span id); /* also removed ones */
/* The lists of this CA of the issuer, or NULL. */
const struct state_crl *state_issuer_crl(const struct state_issuer *x, const struct sha256 *authority);
/* Is it one of the issuer's roots now? */
bool state_issuer_has_root(const struct state_issuer *x, const struct sha256 *root_sha256);
/* Did this certificate ever stand on a list of its CA, whichever issuer the list came by, removed ones included? */
bool state_cert_revoked(const struct state *s, const struct sha256 *authority, const struct card_number *serial);
/* How many serials there are on a CA's lists (NULL: none yet) and on one more. Writes them to ret, sorted, unless it is
 * NULL. */
size_t state_crl_union(const struct state_crl *have, const struct crl_facts *more, struct card_number *ret);
/* The request that this actor ("client:ID") opened under this key, or NULL. */
struct state_request *state_idempotent(const struct state *s, struct span actor, struct span key);
/* Has it and it counts: they are not suspended, it has not lapsed, the directory does not take it away. */
bool state_person_has_role(const struct state_person *p, struct span role);
/* The same, whatever the directory says; but officers whom it took out stay out. For what is to come into force. */
bool state_person_keeps_role(const struct state_person *p, struct span role);
/* Does the roster say so, whether the role counts now or not? */
bool state_person_given_role(const struct state_person *p, struct span role);
/* On the roster, and not suspended: may act, ask and be counted at all. */
bool state_person_counts(const struct state_person *p);
struct state_role *state_role_find(const struct state *s, struct span role);
/* Did it last just before the entry at index? */
bool state_tenure_lasted(const struct state_tenure *t, uint64_t index);
/* Had they the role on the roster just before the entry at index? */
bool state_had_role(const struct state *s, const struct state_person *p, struct span role, uint64_t index);
/* How many people had. */
size_t state_had_role_count(const struct state *s, struct span role, uint64_t index);
/* Were people of the role `to` let into the seats of the rule? */
bool state_escalated(const struct state_request *q, struct span rule, struct span to);
/* Is `account` this person: its id, "person:ID", or one of its accounts? ASCII case does not count. */
bool state_person_is(const struct state_person *p, struct span account);
/* The same text but for ASCII case. */
bool state_same_name(struct span a, struct span b);
/* Can it still become, or is it, approved? Then q->open is there. */
bool state_is_live(enum request_status status);
/* Does this credential count: enrolled, not revoked, of a model or an issuer still allowed, its person not removed, its
 * certificate on no list, and the root that it led to still its issuer's? If not, the first of these that it misses. */
enum credential_standing {
    STANDING_NONE, /* does not count */
    STANDING_COUNTS,
    STANDING_PERSON_REMOVED, /* and all their keys with them */
    STANDING_REVOKED,
    STANDING_MODEL_REMOVED,
    STANDING_ISSUER_REMOVED,
    STANDING_CERT_REVOKED,
    STANDING_ROOT_REMOVED,
};
enum credential_standing state_credential_standing(const struct state_credential *c);
bool state_credential_counts(const struct state_credential *c);
/* And can it sign at this time: is the certificate of a card valid then? */
bool state_credential_counts_at(const struct state_credential *c, uint64_t time_ms);
/* What its model or issuer is certified as; empty when it is not. */
struct span state_credential_certification(const struct state_credential *c);
/*
 * The requests that are open or approved and carry a decision of this credential, by index: what to look at again when
 * the credential is revoked. The array is in the arena. CS_E_NOMEM.
 */
CS_RESULT state_live_decided_by(const struct state *s, const struct state_credential *c, struct arena *arena,
                                const struct state_request ***ret_requests, size_t *ret_count);
/* Root of the tree of size n, if n < size and recent enough to be kept; NULL otherwise. (That of size stands in the
 * next leaf.) */
const struct sha256 *state_head(const struct state *s, uint64_t n);
/* Was this nonce used by a decision that is not expired yet? */
bool state_nonce_used(const struct state *s, const uint8_t nonce[MODEL_NONCE_BYTES]);
/* The earliest deadline over open and approved requests: its request, or NULL when there is none. Linear in them. */
const struct state_request *state_next_due(const struct state *s, uint64_t *ret_due_ms);
/* The emergency whose entry stands at index, or NULL. */
struct state_emergency *state_emergency_find(const struct state *s, uint64_t index);
/* The emergency that owes its review first and was not called overdue yet; NULL when there is none. */
const struct state_emergency *state_next_overdue(const struct state *s, uint64_t *ret_due_ms);
/* Does an emergency of this service owe a review that is overdue? At now_ms, whether or not an entry says so yet. ASCII
 * case does not count. */
bool state_review_overdue(const struct state *s, struct span service, uint64_t now_ms);
/* Emergencies granted less than per_s seconds before now_ms. */
uint64_t state_emergencies_since(const struct state *s, uint64_t per_s, uint64_t now_ms);
/* The newest evidence or waiver entry about it; 0 when there is none. */
uint64_t state_evidence_last(const struct state_request *q);
/* The newest file of this kind for the line, or NULL. */
const struct state_evidence *state_evidence_find(const struct state_open *o, struct span line, enum report_kind kind);
/* The freeze whose entry stands at index, while it holds; or NULL. */
const struct state_freeze *state_freeze_find(const struct state *s, uint64_t index);
/* One that holds and says the same, prev aside; or NULL. */
const struct state_freeze *state_freeze_same(const struct state *s, const struct freeze *f);
bool state_freeze_is_for(const struct state_freeze *f, struct span environment, struct span service);
/* Does it name this account as a responder? ASCII case does not count. */
bool state_freeze_responds(const struct state_freeze *f, struct span account);
/* What ran last of this service there; NULL when nothing did. */
const struct state_place *state_place_find(const struct state *s, struct span service, struct span environment);
/* Every use of exactly these artifacts of this service; NULL when there is none. */
const struct state_trail *state_trail_find(const struct state *s, struct span service, const struct named_digest *items,
                                           size_t count);
/* How deployments of the same service there went in the window_s seconds before now_ms. Linear in all there ever were.
 */
struct history_window state_history(const struct state *s, const struct deploy_content *d, uint64_t window_s,
                                    uint64_t now_ms);
/* What a request for d says and asks about it when it is opened now: over each window of the policy in force.
 * CS_E_NOMEM. */
CS_RESULT state_histories(const struct state *s, struct deploy_content *d, uint64_t now_ms, struct arena *arena,
                          struct request *q);
/* SHA-256 over a canonical dump of everything that decides: replay twice gives the same bytes. */
struct sha256 state_digest(const struct state *s);

/* next[status][event]: zero refuses. */
enum state_event {
    EVENT_SIGNED,      /* a decision, seats left */
    EVENT_SIGNED_LAST, /* a decision, every seat full */
    EVENT_REJECTED,
    EVENT_SIGN_BY,
    EVENT_USE_BY,
    EVENT_WITHDRAWN,
    EVENT_SUPERSEDED,
    EVENT_REDEEMED,
    EVENT_DRIFTED,
    EVENT_TOOK_EFFECT,
    EVENT_SUCCEEDED,
    EVENT_FAILED,
    EVENT_ROLLED_BACK,
    EVENT_GRANTED,    /* by an emergency */
    EVENT_NOT_REUSED, /* a grant of what had run before, its use-by passed */
    EVENT_FELL_BACK,  /* a redeem of its rollback */
    EVENT_ESCALATED,
    EVENT_COUNT
};
enum request_status state_next(enum request_status from, enum state_event event);

#endif
