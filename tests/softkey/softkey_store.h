/* SPDX-License-Identifier: Apache-2.0 */
/* What a soft key keeps without power: its seed, PIN, counters and credentials, in one text file per key. */
#ifndef SOFTKEY_STORE_H
#define SOFTKEY_STORE_H

#include "softkey_make.h"

enum {
    SOFTKEY_CREDENTIALS_MAX = 64,
    SOFTKEY_RP_ID_MAX = 253,
    SOFTKEY_USER_ID_MAX = 64,
    SOFTKEY_USER_NAME_MAX = 64,
    SOFTKEY_PIN_HASH_BYTES = 16, /* CTAP keeps the left half of SHA-256(PIN) */
    SOFTKEY_PIN_RETRIES = 8,
    SOFTKEY_PATH_MAX = 1024,
};

struct softkey_credential {
    uint32_t index; /* the private key follows from the seed and this */
    uint8_t id[SOFTKEY_ID_BYTES];
    uint8_t protect; /* credProtect level 1..3 */
    bool resident;
    char rp_id[SOFTKEY_RP_ID_MAX + 1];
    uint8_t user_id[SOFTKEY_USER_ID_MAX];
    size_t user_id_len;
    char user_name[SOFTKEY_USER_NAME_MAX + 1]; /* may be empty */
};

struct softkey_store {
    char path[SOFTKEY_PATH_MAX]; /* empty: nothing is written */
    uint8_t seed[SOFTKEY_HASH_BYTES];
    uint32_t counter; /* one for all credentials, as many real keys do */
    uint32_t next_index;
    uint8_t retries;
    bool pin_set;
    uint8_t pin_hash[SOFTKEY_PIN_HASH_BYTES];
    size_t count;
    struct softkey_credential credentials[SOFTKEY_CREDENTIALS_MAX];
};

/** Read the key of this file, or make a new one there. False when the file cannot be read, parsed or written. */
SOFTKEY_MUST bool softkey_store_open(const char *path, struct softkey_store *ret_store);

/** A new key in memory only. */
void softkey_store_new(struct softkey_store *ret_store);

/** Write the file anew and put it in place whole. False when it cannot be written. */
SOFTKEY_MUST bool softkey_store_save(const struct softkey_store *store);

/** Forget all: a new seed, no PIN, no credentials. The path stays. */
void softkey_store_reset(struct softkey_store *store);

/** Add a credential with its own id and key; NULL when there is no room. A resident one replaces its like. */
struct softkey_credential *softkey_store_add(struct softkey_store *store, const struct softkey_credential *like);

/** The private key of a credential; free with softkey_ec_free. NULL when memory runs out. */
struct softkey_ec *softkey_store_key(const struct softkey_store *store, const struct softkey_credential *credential);

/** The credential of this id at this RP, NULL if there is none. */
const struct softkey_credential *softkey_store_find(const struct softkey_store *store, const char *rp_id,
                                                    const uint8_t *id, size_t id_len);

/** The 32 bytes of the file at `path`, made from randomness when there is no such file. */
SOFTKEY_MUST bool softkey_store_seed(const char *path, uint8_t ret_seed[SOFTKEY_HASH_BYTES]);

/** Write `len` bytes to `path`, whole or not at all. */
SOFTKEY_MUST bool softkey_store_write(const char *path, const void *bytes, size_t len);

#endif
