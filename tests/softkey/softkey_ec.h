/* SPDX-License-Identifier: Apache-2.0 */
/* P-256 keys and signatures that follow from a seed alone (nonces by RFC 6979), so that what the tests sign is the
 * same bytes on every run. For tests only: nothing here is constant time. */
#ifndef SOFTKEY_EC_H
#define SOFTKEY_EC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFTKEY_MUST __attribute__((warn_unused_result))

enum {
    SOFTKEY_HASH_BYTES = 32,
    SOFTKEY_POINT_BYTES = 65, /* 04 || x || y */
    SOFTKEY_SPKI_BYTES = 91,  /* DER SubjectPublicKeyInfo of a P-256 key */
    SOFTKEY_COSE_BYTES = 77,  /* canonical COSE_Key {1:2, 3:-7, -1:1, -2:x, -3:y} */
    SOFTKEY_SIG_MAX = 72,     /* DER ECDSA-Sig-Value */
};

/** A DER signature. */
struct softkey_sig {
    uint8_t der[SOFTKEY_SIG_MAX];
    size_t len;
};

/** A private key; heap, owned by whoever made it, used by one thread at a time. */
struct softkey_ec;

/**
 * The key that follows from `seed` and `label`: the first SHA-256(seed || label || 0 || counter) that is a private key.
 * NULL when memory runs out.
 */
struct softkey_ec *softkey_ec_from_seed(const uint8_t seed[SOFTKEY_HASH_BYTES], const char *label);

/** The key with this private number, big endian. NULL when it is no P-256 private key, or memory runs out. */
struct softkey_ec *softkey_ec_from_private(const uint8_t number[32]);

void softkey_ec_free(struct softkey_ec *key);

/** The public point, valid as long as the key. */
const uint8_t *softkey_ec_point(const struct softkey_ec *key);

/** The public key as DER SubjectPublicKeyInfo. */
void softkey_ec_spki(const struct softkey_ec *key, uint8_t ret_spki[SOFTKEY_SPKI_BYTES]);

/** The public key as a canonical COSE_Key for ES256. Source: RFC 9053 §7.1.1. */
void softkey_ec_cose(const struct softkey_ec *key, uint8_t ret_cose[SOFTKEY_COSE_BYTES]);

/** ECDSA over a SHA-256 digest. False only when memory runs out. Source: RFC 6979 §3.2, FIPS 186-5 §6.4. */
SOFTKEY_MUST bool softkey_ec_sign(const struct softkey_ec *key, const uint8_t digest[SOFTKEY_HASH_BYTES],
                                  struct softkey_sig *ret_sig);

/** The x coordinate of (private key * point). False when `point` is not on the curve, or memory runs out. */
SOFTKEY_MUST bool softkey_ec_shared_x(const struct softkey_ec *key, const uint8_t point[SOFTKEY_POINT_BYTES],
                                      uint8_t ret_x[32]);

void softkey_sha256(const void *bytes, size_t len, uint8_t ret_hash[SOFTKEY_HASH_BYTES]);

/** SHA-256(a || b). */
void softkey_sha256_two(const void *a, size_t a_len, const void *b, size_t b_len, uint8_t ret_hash[SOFTKEY_HASH_BYTES]);

void softkey_hmac(const void *key, size_t key_len, const void *msg, size_t msg_len,
                  uint8_t ret_mac[SOFTKEY_HASH_BYTES]);

#endif
