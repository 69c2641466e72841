/* SPDX-License-Identifier: Apache-2.0 */
/* A PIV card as a function, for tests of what talks to cards: two slots, a PIN, and what can go wrong. */
#ifndef FAKE_CARD_H
#define FAKE_CARD_H

#include <openssl/evp.h>

#include "token/token_piv.h"

enum { FAKE_BYTES = 16384 };

struct fake_bytes {
    uint8_t b[FAKE_BYTES];
    size_t len;
};

struct fake_slot {
    EVP_PKEY *key;                 /* NULL: empty. Borrowed. */
    struct fake_bytes certificate; /* DER */
    uint8_t packed;                /* object 71 */
};

struct fake_card {
    struct fake_slot slots[2]; /* 9C, 9A */
    struct fake_bytes attestation;
    struct fake_bytes maker; /* certificate F9 */
    char pin[9];
    unsigned tries;
    bool verified; /* stays so: a card that was not reset */
    /* faults */
    bool believes_any_pin;
    bool no_application;
    uint16_t tries_sw;    /* in place of the honest answer to an empty VERIFY; 0: honest */
    uint16_t verify_sw;   /* the same of VERIFY */
    uint16_t sign_sw;     /* the same of GENERAL AUTHENTICATE */
    EVP_PKEY *swap_to;    /* asked to sign, it is another card, with this key in 9C */
    bool sign_nonsense;   /* a well-formed template with something else than a signature */
    bool sign_bare;       /* a signature without a template */
    bool object_nonsense; /* what GET DATA gives is no TLV */
    enum token_code gone; /* answers nothing, for this reason ... */
    unsigned gone_at;     /* ... from this command on; 0: never */
    enum token_code same; /* what the caller is told about the insertion; TOKEN_OK */
    /* what happened */
    unsigned commands;
    unsigned verifies; /* with a PIN */
    unsigned signatures;
    enum token_stage stage;
    /* inside */
    struct fake_bytes chained;
    struct fake_bytes rest;
};

/* Holds the private keys of all kinds; made once. */
EVP_PKEY *
fake_key(const char *kind); /* "p256", "p384", "p521", "rsa1024", "rsa2048", "rsa3072", "rsa4096", "ed25519" */
void fake_keys_free(void);

/* A certificate of this key, self-made; with a Yubico policy extension if pin is not zero. */
void fake_certificate(EVP_PKEY *of, uint8_t pin_policy, uint8_t touch_policy, struct fake_bytes *ret_der);

/* A card with this key in 9C, PIN 123456, three tries. */
void fake_card_init(struct fake_card *c, EVP_PKEY *key);
struct token_card fake_card_face(struct fake_card *c);
/* SHA-256 of the slot's SubjectPublicKeyInfo. */
struct sha256 fake_id(EVP_PKEY *key);

#endif
