/* SPDX-License-Identifier: Apache-2.0 */
/* Throw-away keys and signatures for tests, by libcrypto. Any failure ends the test program. */
#ifndef CRYPT_SIGNER_H
#define CRYPT_SIGNER_H

#include "crypt/crypt_verify.h"

#include <openssl/evp.h>

struct bytes {
    uint8_t b[1024];
    size_t n;
};
static inline struct span bytes_span(const struct bytes *b)
{
    return span_make(b->b, b->n);
}

EVP_PKEY *signer_ec(const char *curve);
EVP_PKEY *signer_rsa(unsigned bits);
EVP_PKEY *signer_ed25519(void);
struct bytes signer_spki(EVP_PKEY *key);
/* md NULL: Ed25519. */
struct bytes signer_sign(EVP_PKEY *key, const EVP_MD *md, struct span msg);

#endif
