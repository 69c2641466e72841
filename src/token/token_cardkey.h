/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key in a card's certificate: which kinds are taken, what is handed to the card to sign, and whether it did. Pure.
 * Nothing is said here about the certificate's issuer or time: who records an enrolment checks those.
 * Source: NIST SP 800-73-4 Part 1 Table 5, SP 800-78-4; RFC 8017 §9.2.
 */
#ifndef TOKEN_CARDKEY_H
#define TOKEN_CARDKEY_H

#include <openssl/evp.h>

#include "base/base_digest.h"
#include "token/token_proto.h"

enum { TOKEN_BLOCK_MAX = 512 }; /* bytes a card is given to sign: an RSA-4096 block */

struct token_cardkey {
    const struct token_keykind *kind;
    EVP_PKEY *key;
    uint8_t spki[TOKEN_SPKI_MAX]; /* SubjectPublicKeyInfo, DER */
    size_t spki_bytes;
    struct sha256 id; /* of spki: the credential's id */
};

/* Once, before anything of libcrypto is used: it reads no configuration, where a process for cards could open no file.
 */
void token_cardkey_init(void);

/*
 * Reads the key out of an X.509 certificate (DER). Released with token_cardkey_release; all-zero is released.
 * TOKEN_OK; TOKEN_UNSUPPORTED if it is not one certificate and nothing more; TOKEN_WEAK_KEY for a key of a kind that is
 * not taken: anything but P-256, P-384 by name, RSA of 2048, 3072 or 4096 bits. *ret_key is untouched then.
 */
enum token_code token_cardkey_read(struct span certificate, struct token_cardkey *ret_key);
void token_cardkey_release(struct token_cardkey *k);
static inline void cs_auto_token_cardkey(struct token_cardkey *k)
{
    token_cardkey_release(k);
}
#define AUTO_CARDKEY __attribute__((cleanup(cs_auto_token_cardkey))) struct token_cardkey

/* The algorithm reference of GENERAL AUTHENTICATE. */
uint8_t token_cardkey_algorithm(const struct token_cardkey *k);
/* What the card signs for this message: the hash, or for RSA the padded block. The number of bytes. */
size_t token_cardkey_block(const struct token_cardkey *k, struct span message, uint8_t ret_block[TOKEN_BLOCK_MAX]);
/* Has sig the form of a signature by such a key, and does it verify? False also without memory. */
bool token_cardkey_verifies(const struct token_cardkey *k, struct span message, struct span sig);

/* One X.509 certificate, well-formed, and nothing behind it. */
bool token_cardkey_is_certificate(struct span certificate);

/*
 * What an attestation certificate (Yubico: extension 1.3.6.1.4.1.41482.3.8) says about the slot. False, and nothing
 * written, if it is not a certificate, or does not say both in words that are known: it then attests nothing.
 */
bool token_cardkey_policies(struct span certificate, enum token_asking *ret_pin, enum token_asking *ret_touch);

#endif
