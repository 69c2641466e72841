/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures are verified here and made nowhere. When memory runs out inside libcrypto the error is CS_E_NOMEM as far
 * as libcrypto tells; where it does not, a good signature is refused, never a bad one taken. A key is opened once and
 * then costs what the bare verification costs: parsing a key is dearer than using it. Pure but for memory; a key is
 * used by one thread at a time.
 */
#ifndef CRYPT_VERIFY_H
#define CRYPT_VERIFY_H

#include "base/base_digest.h"
#include "note/note_spki.h"

/* Name on a command line; the kind of key. */
#define CRYPT_ALGS(X)                                                                                                  \
    X(CRYPT_ES256, "es256", NOTE_SPKI_P256)                                                                            \
    X(CRYPT_ES384, "es384", NOTE_SPKI_P384)                                                                            \
    X(CRYPT_RS256, "rs256", NOTE_SPKI_RSA)                                                                             \
    X(CRYPT_RS512, "rs512", NOTE_SPKI_RSA)                                                                             \
    X(CRYPT_ED25519, "ed25519", NOTE_SPKI_ED25519)
#define CRYPT_ALG_ENUM(id, name, kind) id,
enum crypt_alg { CRYPT_ALGS(CRYPT_ALG_ENUM) CRYPT_ALG_COUNT };
#undef CRYPT_ALG_ENUM

/* CS_E_UNKNOWN when the name is none of the list. */
CS_RESULT crypt_alg_decode(struct span name, enum crypt_alg *ret_alg);

struct crypt_key;

/*
 * CS_E_TYPE, CS_E_RANGE, CS_E_SYNTAX…: as note_spki_decode; CS_E_CRYPTO: libcrypto does not take it ("key": an EC point
 * that is not on its curve); CS_E_NOMEM.
 */
CS_RESULT crypt_key_open(struct span spki, struct crypt_key **ret_key);
CS_RESULT crypt_key_open_p256(struct span point, struct crypt_key **ret_key);    /* 04 || x || y, 65 bytes */
CS_RESULT crypt_key_open_ed25519(struct span bytes, struct crypt_key **ret_key); /* 32 bytes */
void crypt_key_free(struct crypt_key *key);                                      /* NULL is allowed */
static inline void cs_auto_crypt_key(struct crypt_key **key)
{
    crypt_key_free(*key);
}
#define AUTO_CRYPT_KEY __attribute__((cleanup(cs_auto_crypt_key))) struct crypt_key
enum note_spki_kind crypt_key_kind(const struct crypt_key *key);

/*
 * Does sig, by this key, sign msg? ES256 and ES384: DER ECDSA-Sig-Value, one encoding only, r and s in [1, n-1].
 * RS256 and RS512: PKCS#1 v1.5, as long as the modulus. Ed25519: 64 bytes, RFC 8032.
 *
 * CS_E_TYPE    the key is not one for this algorithm
 * CS_E_BADSIG  does not verify, malformed or not
 * CS_E_NOMEM, CS_E_CRYPTO  libcrypto cannot set up
 */
CS_RESULT crypt_verify(struct crypt_key *key, enum crypt_alg alg, struct span msg, struct span sig);
/* ES256 over a SHA-256 digest that the caller computed. */
CS_RESULT crypt_verify_es256_digest(struct crypt_key *key, const struct sha256 *digest, struct span sig);

#endif
