/* SPDX-License-Identifier: Apache-2.0 */
/* What a soft card keeps without power: PIN, PUK, management key, private keys with their policies, data objects; in
 * one text file per card. */
#ifndef SOFTCARD_STORE_H
#define SOFTCARD_STORE_H

#include "softcard_key.h"

enum {
    SOFTCARD_KEYS_MAX = 24,    /* 9A 9C 9D 9E and the 20 retired ones */
    SOFTCARD_OBJECTS_MAX = 48, /* SP 800-73-4 part 1 table 3 names 36, and there are some of makers */
    SOFTCARD_OBJECT_MAX = 3072,
    SOFTCARD_PIN_BYTES = 8,
    SOFTCARD_PIN_TRIES = 3,
    SOFTCARD_MANAGE_MAX = 32,
    SOFTCARD_SEED_BYTES = 32,
    SOFTCARD_PATH_MAX = 1024,

    SOFTCARD_MANAGE_3DES = 0x03,
    SOFTCARD_MANAGE_AES128 = 0x08,
    SOFTCARD_MANAGE_AES192 = 0x0a,
    SOFTCARD_MANAGE_AES256 = 0x0c,
};

/* As on the wire: what tags AA and AB say at GENERATE. */
enum softcard_pin_policy { SOFTCARD_PIN_DEFAULT, SOFTCARD_PIN_NEVER, SOFTCARD_PIN_ONCE, SOFTCARD_PIN_ALWAYS };
enum softcard_touch_policy {
    SOFTCARD_TOUCH_DEFAULT,
    SOFTCARD_TOUCH_NEVER,
    SOFTCARD_TOUCH_ALWAYS,
    SOFTCARD_TOUCH_CACHED
};

struct softcard_secret {
    uint8_t bytes[SOFTCARD_PIN_BYTES]; /* digits, then FF */
    uint8_t tries;                     /* 0: blocked */
    uint8_t tries_max;
};

struct softcard_key {
    uint8_t slot;
    enum softcard_alg alg;
    enum softcard_pin_policy pin;
    enum softcard_touch_policy touch;
    bool imported; /* not made in the card, so nothing to attest */
    EVP_PKEY *key; /* owned */
};

struct softcard_object {
    uint32_t tag; /* 5FC105, 7E, ... */
    uint8_t *bytes;
    size_t len;
};

struct softcard_store {
    char path[SOFTCARD_PATH_MAX]; /* empty: nothing is written */
    uint32_t serial;
    uint8_t seed[SOFTCARD_SEED_BYTES]; /* the attestation key F9 follows from it */
    struct softcard_secret pin;
    struct softcard_secret puk;
    uint8_t manage_alg;
    uint8_t manage[SOFTCARD_MANAGE_MAX];
    struct softcard_key keys[SOFTCARD_KEYS_MAX];
    size_t key_count;
    struct softcard_object objects[SOFTCARD_OBJECTS_MAX];
    size_t object_count;
};

/* A new card in memory: PIN 123456, PUK 12345678, the management key that every card leaves its factory with. */
void softcard_store_new(struct softcard_store *ret_store);

/* Read the card of this file, or make a new one there. False when it cannot be read, parsed or written. */
__attribute__((warn_unused_result)) bool softcard_store_open(const char *path, struct softcard_store *ret_store);
void softcard_store_release(struct softcard_store *store);

/* Write the file anew and put it in place whole. */
__attribute__((warn_unused_result)) bool softcard_store_save(const struct softcard_store *store);

/* Digits to what stands on the card. False unless 6 to 8 characters. */
bool softcard_secret_set(struct softcard_secret *secret, const char *digits);

/* Bytes of a management key of this algorithm; 0 for no such algorithm. */
size_t softcard_manage_bytes(uint8_t alg);

/* The key in a slot, NULL if there is none. */
struct softcard_key *softcard_store_key(struct softcard_store *store, uint8_t slot);

/* Put a key into its slot, in place of what was there. Owns key->key only when true is returned. */
__attribute__((warn_unused_result)) bool softcard_store_put_key(struct softcard_store *store,
                                                                const struct softcard_key *key);

/* An object's bytes; empty if there is none. Borrowed until it changes. */
struct span softcard_store_object(const struct softcard_store *store, uint32_t tag);

/* Replace an object; an empty value takes it away. False without room. */
__attribute__((warn_unused_result)) bool softcard_store_put_object(struct softcard_store *store, uint32_t tag,
                                                                   struct span value);

#endif
