/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The people of a test log that a real core writes, and what they would do at a kiosk: the genesis ceremony, and
 * decisions built from a follower's own fold, right or wrong in one way. For unit and system tests of the core.
 *
 * ada, bob, cyd are officers (threshold 2), ada also tech, bob business, cyd security; dan and eve are tech, fay is
 * business. Clients: `ci` with every scope, `watch` that may only read; each one's token is its name. Environments:
 * production (seats tech and business), staging (tech), lab (tech, then security).
 */
#ifndef SUPPORT_CAST_H
#define SUPPORT_CAST_H

#include "judge/judge.h"
#include "cardpki/cardpki_cert.h"
#include "softkey/softkey_author.h"

#define CAST_ORIGIN "cast.example/log1"
#define CAST_RP_ID  "cast.example"
#define CAST_KIOSK  "kiosk-1"

#define CAST_CLIENT_URI "spiffe://cast.example/ci" /* what ci's certificate says */

enum { CAST_PEOPLE = 7, CAST_TEXT_MAX = 64 << 10 };

struct cast_person {
    const char *id;
    const char *roles[3]; /* sorted, NULL-ended */
    struct softkey_author *key;
    uint32_t counter; /* of the next signature */
    struct cardpki_key card;
    bool uses_card; /* signs with the card, no longer with the key */
};

struct cast {
    struct cast_person person[CAST_PEOPLE];
    struct arena arena;
};

/* Every call fails the running test (or aborts) when something cannot be made. */
void cast_init(struct cast *c);
void cast_release(struct cast *c);
struct cast_person *cast_person(struct cast *c, const char *id);

/* The text of proposal.json. */
void cast_proposal(struct cast *c, struct writer *w);
/* The canonical policy document of this version; seats are those above, and one more for production when `more`. */
void cast_policy(uint64_t version, bool more, struct writer *w);

/* What the ceremony makes of a proposal: every person enrols one key, ada and bob sign. Text is in the cast's arena. */
struct cast_ceremony {
    struct span proposal;
    struct span log_key;
    struct span outcome_key;
    uint64_t now_ms;
    size_t signers; /* of ada, bob, cyd */
};
void cast_genesis(struct cast *c, const struct cast_ceremony *how, struct genesis *ret_genesis);

/* One visit at the kiosk. All-zero members are right. */
struct cast_visit {
    const char *person;
    uint64_t request;
    const char *seat;
    enum decision_word word;
    const char *reason;
    const uint8_t *nonce; /* MODEL_NONCE_BYTES */
    uint64_t issued_ms;
    const char *port; /* of the token; NULL: the rig's own */
    /* what goes wrong: */
    uint32_t faults;                    /* softkey_fault.h */
    const char *rp_id;                  /* of the key's signature */
    const char *key_of;                 /* signed by this person's key */
    const char *credential_of;          /* names this person's credential, and is signed by it */
    bool same_counter;                  /* the counter does not go on */
    void (*bend)(struct statement *st); /* changes the statement before it is signed */
};
/* Statement, assertion and all, in the cast's arena until cast_forget. `view` is a fold of the core's log. */
void cast_decide(struct cast *c, const struct judge *view, const struct cast_visit *visit,
                 struct decision *ret_decision);
void cast_forget(struct cast *c);

/* A roster change that enrols a new person with one key of the soft model, as canonical content of kind roster;
 * `initiator` asks for it. */
void cast_enrol(struct cast *c, const char *id, const char *role, const char *initiator, struct writer *w);
/* The same for a card of somebody who is there: allows its issuer, enrols it, and it signs from now on. */
void cast_enrol_card(struct cast *c, const char *id, enum cardpki_kind kind, const char *initiator, struct writer *w);

#endif
