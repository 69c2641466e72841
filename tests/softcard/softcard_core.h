/* SPDX-License-Identifier: Apache-2.0 */
/* A PIV card: command APDUs in, answers out. No clock and no descriptor: time and touch are arguments. Sources: NIST SP
 * 800-73-4 parts 1 and 2; for what YubiKeys add (policies, attestation, version, serial number), their public manuals.
 */
#ifndef SOFTCARD_CORE_H
#define SOFTCARD_CORE_H

#include "softcard_apdu.h"
#include "softcard_cert.h"
#include "softcard_store.h"

enum {
    SOFTCARD_DATA_MAX = 3584,     /* of one command, whole, after chaining */
    SOFTCARD_ANSWER_MAX = 100000, /* of one answer, whole, before it is cut into pieces; honest ones end at 3.1 kB */
    SOFTCARD_APDU_MAX = 65535,
    SOFTCARD_CACHED_MS = 15000,
    SOFTCARD_TOUCH_TIMEOUT_MS = 15000,
    SOFTCARD_CHALLENGE_MAX = 16,
};

/* Status words. */
enum {
    SW_OK = 0x9000,
    SW_MORE = 0x6100,
    SW_TRIES = 0x63c0,
    SW_LENGTH = 0x6700,
    SW_CHAIN = 0x6883,
    SW_SECURITY = 0x6982,
    SW_BLOCKED = 0x6983,
    SW_CONDITIONS = 0x6985,
    SW_DATA = 0x6a80,
    SW_NOT_FOUND = 0x6a82,
    SW_NO_ROOM = 0x6a84,
    SW_PARAMETERS = 0x6a86,
    SW_REFERENCE = 0x6a88,
    SW_INS = 0x6d00,
    SW_CLA = 0x6e00,
    SW_BROKEN = 0x6f00,
};

/* What management key authentication has sent and waits for. */
struct softcard_handshake {
    enum { SOFTCARD_QUIET, SOFTCARD_WITNESS, SOFTCARD_CHALLENGE } step;
    uint8_t bytes[SOFTCARD_CHALLENGE_MAX];
};

/* What goes wrong with the next whole answer, once; all zero is nothing. */
struct softcard_spoil {
    bool flip;     /* one bit of its last byte */
    bool truncate; /* only the first `keep` bytes of it */
    size_t keep;
    size_t chop;   /* so many bytes fewer */
    size_t pad_to; /* zeros up to this length */
};

/* A card; all that comes after `spoil` is gone without power. */
struct softcard {
    struct softcard_store store;
    const struct softcard_ca *ca; /* borrowed */
    uint32_t signatures;          /* made so far, for whoever wants to know that none was */
    bool any_pin;                 /* a fault: every PIN is the right one */
    struct softcard_spoil spoil;

    bool selected;
    bool pin_verified;
    bool pin_fresh; /* the last command was the VERIFY that succeeded */
    bool managed;
    bool waiting; /* for a touch */
    uint64_t touched_until_ms;
    struct softcard_handshake handshake;

    struct softcard_command command; /* the one that is collected, or that waits; its data is `data` */
    bool chaining;
    size_t data_len;
    uint8_t data[SOFTCARD_DATA_MAX];

    uint16_t sw; /* of the answer, once all of it has gone out */
    size_t answer_at;
    size_t answer_len;
    uint8_t answer[SOFTCARD_ANSWER_MAX];
};

/* One answer APDU; sized for the longest that a fault makes. */
struct softcard_reply {
    size_t len;
    uint8_t bytes[SOFTCARD_APDU_MAX];
};

/* Power comes, or the card is reset: RAM is new. */
void softcard_power(struct softcard *card);

/* The answer to reset, borrowed for ever. */
struct span softcard_atr(void);

/* The card's attestation certificate F9, and an empty CHUID and discovery object, for a card that was just made. */
SOFTKEY_MUST bool softcard_personalize(struct softcard *card);

/* Answer an APDU. False: nothing is answered yet, the card blinks; call softcard_touch. */
SOFTKEY_MUST bool softcard_transmit(struct softcard *card, struct span apdu, uint64_t now_ms,
                                    struct softcard_reply *ret_reply);

/* The finger came, or it did not in time. Only while the card blinks. */
void softcard_touch(struct softcard *card, bool touched, uint64_t now_ms, struct softcard_reply *ret_reply);

/* Put a key and a certificate into a slot, as an issuer does before a person gets the card. */
SOFTKEY_MUST bool softcard_issue(struct softcard *card, const struct softcard_key *wanted, enum softcard_cert_kind kind,
                                 const char *person);

/* A new certificate of the issuer for the key that is in the slot. */
SOFTKEY_MUST bool softcard_renew(struct softcard *card, uint8_t slot, const char *person);

/* The object that holds a slot's certificate; 0 if it has none. */
uint32_t softcard_cert_tag(uint8_t slot);

#endif
