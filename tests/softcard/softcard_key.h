/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys of the algorithms that PIV knows by number, and what a card does with them. Sources: SP 800-78 table 6-2
 * (03 to 14), and the numbers that cards in the field use for RSA-4096 (16). */
#ifndef SOFTCARD_KEY_H
#define SOFTCARD_KEY_H

#include <openssl/evp.h>

#include "base/base_writer.h"

/* number, name on the control socket, bits of the modulus or of the field */
#define SOFTCARD_ALGORITHMS(X)                                                                                         \
    X(RSA_1024, 0x06, "rsa1024", 1024)                                                                                 \
    X(RSA_2048, 0x07, "rsa2048", 2048)                                                                                 \
    X(RSA_3072, 0x05, "rsa3072", 3072)                                                                                 \
    X(RSA_4096, 0x16, "rsa4096", 4096)                                                                                 \
    X(P_256, 0x11, "p256", 256)                                                                                        \
    X(P_384, 0x14, "p384", 384)

enum softcard_alg {
    SOFTCARD_ALG_NONE = 0,
#define X(id, number, name, bits) SOFTCARD_##id = (number),
    SOFTCARD_ALGORITHMS(X)
#undef X
};

enum { SOFTCARD_SPKI_MAX = 640, SOFTCARD_SIG_MAX = 512 };

/* The algorithm of this name, or of this number; SOFTCARD_ALG_NONE if there is none. */
enum softcard_alg softcard_alg_named(const char *name);
enum softcard_alg softcard_alg_of(uint8_t number);
const char *softcard_alg_name(enum softcard_alg alg);
/* 1024 to 4096, 256, 384. */
unsigned softcard_alg_bits(enum softcard_alg alg);
bool softcard_alg_is_rsa(enum softcard_alg alg);

/* A new key, or NULL. */
EVP_PKEY *softcard_key_generate(enum softcard_alg alg);

/* What GENERAL AUTHENTICATE does with a challenge: RSA is the bare power, so `in` is as long as the modulus; ECDSA
 * signs `in` as the digest, up to the size of the field, in DER. CS_E_RANGE on a wrong length, CS_E_CRYPTO. */
CS_RESULT softcard_key_use(EVP_PKEY *key, enum softcard_alg alg, struct span in, struct writer *w);

/* ECDH with an uncompressed point: its x. CS_E_RANGE for what is no such point, CS_E_CRYPTO. */
CS_RESULT softcard_key_agree(EVP_PKEY *key, enum softcard_alg alg, struct span point, struct writer *w);

/* The public key as GENERATE ASYMMETRIC answers it, without the outer tag: 86 point, or 81 modulus 82 exponent. */
CS_RESULT softcard_key_public(const EVP_PKEY *key, enum softcard_alg alg, struct writer *w);

/* DER SubjectPublicKeyInfo. */
CS_RESULT softcard_key_spki(const EVP_PKEY *key, struct writer *w);

/* DER of the private key, and back. NULL when it is none. */
CS_RESULT softcard_key_private(const EVP_PKEY *key, struct writer *w);
EVP_PKEY *softcard_key_from_private(struct span der);

#endif
