/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Security key results without a device: registrations and ES256 assertions, valid or wrong in one named way, for unit
 * tests, golden logs and benchmarks.
 *
 * Everything, the signatures too, follows from the seed: the same calls give the same bytes on every run. All authors
 * share one attestation root, whose seed is known to all: never trust it outside of tests.
 *
 * An author is one key with one credential. It is used by one thread at a time; authors share nothing.
 */
#ifndef SOFTKEY_AUTHOR_H
#define SOFTKEY_AUTHOR_H

#include "softkey_make.h"

enum {
    SOFTKEY_CHALLENGE_MAX = 1023,
    SOFTKEY_CLIENT_DATA_MAX = 2048,
    SOFTKEY_ATT_OBJECT_MAX = 1280,
};

struct softkey_author;

/** The author of this name ("alice"); a name is a credential. NULL when memory runs out. */
struct softkey_author *softkey_author_new(const char *name);
void softkey_author_free(struct softkey_author *author);

/* What an author is; pointers are valid as long as the author. */
const uint8_t *softkey_author_id(const struct softkey_author *author);    /* SOFTKEY_ID_BYTES, the credential id */
const uint8_t *softkey_author_point(const struct softkey_author *author); /* SOFTKEY_POINT_BYTES: 04 || x || y */
const uint8_t *softkey_author_spki(const struct softkey_author *author);  /* SOFTKEY_SPKI_BYTES */
const uint8_t *softkey_author_cose(const struct softkey_author *author);  /* SOFTKEY_COSE_BYTES */
/** The DER of the attestation root: what a genesis names. */
const struct softkey_cert *softkey_author_root(const struct softkey_author *author);

struct softkey_registration {
    struct softkey_auth_data data;
    struct softkey_attestation attestation; /* .sig, .leaf and .stmt, see softkey_make.h */
    uint8_t object[SOFTKEY_ATT_OBJECT_MAX]; /* the WebAuthn attestationObject {fmt, attStmt, authData} */
    size_t object_len;
};

/**
 * Register at `frame->rp_id`. `protect` is the credProtect level, 0 for none.
 * False only when memory runs out, or the rp id makes the result too long.
 */
SOFTKEY_MUST bool softkey_author_register(const struct softkey_author *author, const struct softkey_frame *frame,
                                          const uint8_t client_data_hash[SOFTKEY_HASH_BYTES], uint8_t protect,
                                          struct softkey_registration *ret_registration);

/** Assert. A good frame is { .rp_id, .counter, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV }. False: out of memory. */
SOFTKEY_MUST bool softkey_author_assert(const struct softkey_author *author, const struct softkey_frame *frame,
                                        const uint8_t client_data_hash[SOFTKEY_HASH_BYTES],
                                        struct softkey_auth_data *ret_data, struct softkey_sig *ret_sig);

/** Plain ECDSA over a SHA-256 digest with the author's key, as a PIV card signs. False: out of memory. */
SOFTKEY_MUST bool softkey_author_sign(const struct softkey_author *author, const uint8_t digest[SOFTKEY_HASH_BYTES],
                                      struct softkey_sig *ret_sig);

/** A clientDataJSON, NUL after its text for convenience. */
struct softkey_client_data {
    char json[SOFTKEY_CLIENT_DATA_MAX];
    size_t len;
    uint8_t hash[SOFTKEY_HASH_BYTES];
};

/**
 * {"type":<type>,"challenge":<base64url, unpadded>,"origin":"https://<rp_id>","crossOrigin":false}, with its SHA-256.
 * `type` is "webauthn.get" or "webauthn.create"; type and rp_id are written as they are. False when it does not fit.
 */
SOFTKEY_MUST bool softkey_client_data(const char *type, const uint8_t *challenge, size_t challenge_len,
                                      const char *rp_id, struct softkey_client_data *ret_data);

#endif
