/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt_signer.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "test key: %s\n", what);
        abort();
    }
}

EVP_PKEY *signer_ec(const char *curve)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);
    must(key != NULL, curve);
    return key;
}

EVP_PKEY *signer_rsa(unsigned bits)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
    must(key != NULL, "rsa");
    return key;
}

EVP_PKEY *signer_ed25519(void)
{
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    must(key != NULL, "ed25519");
    return key;
}

struct bytes signer_spki(EVP_PKEY *key)
{
    struct bytes out = {.n = 0};
    uint8_t *p = out.b;
    const int n = i2d_PUBKEY(key, NULL);

    must(n > 0 && (size_t)n <= sizeof(out.b), "spki");
    must(i2d_PUBKEY(key, &p) == n, "spki");
    out.n = (size_t)n;
    return out;
}

struct bytes signer_sign(EVP_PKEY *key, const EVP_MD *md, struct span msg)
{
    struct bytes out = {.n = sizeof(out.b)};
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    must(ctx != NULL && EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1, "sign");
    must(EVP_DigestSign(ctx, out.b, &out.n, msg.p, msg.left) == 1, "sign");
    EVP_MD_CTX_free(ctx);
    return out;
}
