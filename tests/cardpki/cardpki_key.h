/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of soft cards, of every kind that a PIV card has, and their signatures: the same bytes on every run. For tests
 * only: nothing here is secret or constant time. */
#ifndef CARDPKI_KEY_H
#define CARDPKI_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#define CARDPKI_MUST __attribute__((warn_unused_result))

enum { CARDPKI_SPKI_MAX = 600, CARDPKI_SIG_MAX = 512 };

enum cardpki_kind {
    CARDPKI_P256,
    CARDPKI_P384,
    CARDPKI_RSA1024, /* which nobody may take */
    CARDPKI_RSA2048,
    CARDPKI_RSA3072,
    CARDPKI_RSA4096,
};

struct cardpki_key {
    enum cardpki_kind kind;
    EVP_PKEY *pkey;
    uint8_t spki[CARDPKI_SPKI_MAX];
    size_t spki_len;
};

/** An EC key follows from `label`. Of RSA keys there is one a size, and label is not looked at. False: no memory. */
CARDPKI_MUST bool cardpki_key_init(struct cardpki_key *key, enum cardpki_kind kind, const char *label);
/** One of the fixed RSA keys by name: "ca", "other", "root", "f9". */
CARDPKI_MUST bool cardpki_key_init_named(struct cardpki_key *key, const char *name);
void cardpki_key_release(struct cardpki_key *key);

struct cardpki_sig {
    uint8_t b[CARDPKI_SIG_MAX];
    size_t len;
};

/** What the card makes of a digest that the host computed: ECDSA over it as it is, DER. */
CARDPKI_MUST bool cardpki_sign_digest(const struct cardpki_key *key, const uint8_t *digest, size_t len,
                                      struct cardpki_sig *ret_sig);
/** The RSA private operation over a block as long as the modulus, which the host padded. */
CARDPKI_MUST bool cardpki_sign_block(const struct cardpki_key *key, const uint8_t *block, size_t len,
                                     struct cardpki_sig *ret_sig);
/** A whole signature over a message: ECDSA with SHA-256 or SHA-384 by the curve, RSA PKCS#1 v1.5 with SHA-512. */
CARDPKI_MUST bool cardpki_sign(const struct cardpki_key *key, const void *msg, size_t len, struct cardpki_sig *ret_sig);

#endif
