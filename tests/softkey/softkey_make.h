/* SPDX-License-Identifier: Apache-2.0 */
/* What a security key makes: authenticator data, attestation, assertion signatures; right ones and, told so, wrong
 * ones. Shared by the soft key and by the author. Pure but for memory. Sources: WebAuthn §6.1, §6.5, §8.2; CTAP 2.1
 * §12.1. */
#ifndef SOFTKEY_MAKE_H
#define SOFTKEY_MAKE_H

#include "softkey_cert.h"
#include "softkey_fault.h"

enum {
    SOFTKEY_ID_BYTES = 32,
    SOFTKEY_AUTH_DATA_MAX = 256,
    SOFTKEY_ATT_STMT_MAX = 896,

    SOFTKEY_FLAG_UP = 0x01,
    SOFTKEY_FLAG_UV = 0x04,
};

/** The model that every soft key is, unless a fault says otherwise. */
extern const uint8_t softkey_aaguid[SOFTKEY_AAGUID_BYTES];

/** Who attests: a root and one leaf for all keys of the model. */
struct softkey_ca {
    struct softkey_ec *root;
    struct softkey_ec *other_root;
    struct softkey_ec *leaf;
    struct softkey_cert root_cert;
};

/** All of it follows from `seed`. False when memory runs out; then there is nothing to release. */
SOFTKEY_MUST bool softkey_ca_init(struct softkey_ca *ca, const uint8_t seed[SOFTKEY_HASH_BYTES]);
void softkey_ca_release(struct softkey_ca *ca);

/** Raw authenticator data. */
struct softkey_auth_data {
    uint8_t bytes[SOFTKEY_AUTH_DATA_MAX];
    size_t len;
};

/** The frame of what is made: the same for registration and assertion. */
struct softkey_frame {
    const char *rp_id;
    uint32_t counter; /* what the counter is now */
    uint8_t flags;    /* SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV */
    uint32_t faults;  /* a sum of SOFTKEY_BIT(...) */
};

/** Authenticator data of an assertion: 37 bytes, unless a fault adds to them. */
void softkey_make_assert_data(const struct softkey_frame *frame, struct softkey_auth_data *ret_data);

/** Authenticator data of a registration. `protect` is the credProtect level 1..3, or 0 for no extension. */
void softkey_make_cred_data(const struct softkey_frame *frame, const uint8_t id[SOFTKEY_ID_BYTES],
                            const struct softkey_ec *key, uint8_t protect, struct softkey_auth_data *ret_data);

/** Signs data || client_data_hash with `key`, wrongly when `faults` says so. False only when memory runs out. */
SOFTKEY_MUST bool softkey_make_signature(const struct softkey_ec *key, const struct softkey_auth_data *data,
                                         const uint8_t client_data_hash[SOFTKEY_HASH_BYTES], uint32_t faults,
                                         struct softkey_sig *ret_sig);

/** An attestation; `sig` and `leaf` are empty where the format has none. */
struct softkey_attestation {
    const char *format; /* "packed" or "none" */
    struct softkey_sig sig;
    struct softkey_cert leaf;
    uint8_t stmt[SOFTKEY_ATT_STMT_MAX]; /* attStmt, canonical CBOR */
    size_t stmt_len;
};

/** Attests `data`, the registration of `key`. False only when memory runs out. */
SOFTKEY_MUST bool softkey_make_attestation(const struct softkey_ca *ca, const struct softkey_ec *key,
                                           const struct softkey_auth_data *data,
                                           const uint8_t client_data_hash[SOFTKEY_HASH_BYTES], uint32_t faults,
                                           struct softkey_attestation *ret_att);

#endif
