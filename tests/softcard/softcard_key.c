/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_key.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "softcard_apdu.h"

CS_AUTO_DEFINE(EVP_PKEY, EVP_PKEY_free);
CS_AUTO_DEFINE(EVP_PKEY_CTX, EVP_PKEY_CTX_free);
CS_AUTO_DEFINE(BIGNUM, BN_free);

static const struct {
    const char *name;
    enum softcard_alg alg;
    unsigned bits;
} algorithms[] = {
#define X(id, number, name, bits) {name, SOFTCARD_##id, bits},
    SOFTCARD_ALGORITHMS(X)
#undef X
};

enum { ALGORITHMS = sizeof(algorithms) / sizeof(algorithms[0]), POINT_MAX = 97 };

enum softcard_alg softcard_alg_named(const char *name)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (strcmp(algorithms[i].name, name) == 0) {
            return algorithms[i].alg;
        }
    }
    return SOFTCARD_ALG_NONE;
}

enum softcard_alg softcard_alg_of(uint8_t number)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if ((unsigned)algorithms[i].alg == number) {
            return algorithms[i].alg;
        }
    }
    return SOFTCARD_ALG_NONE;
}

const char *softcard_alg_name(enum softcard_alg alg)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (algorithms[i].alg == alg) {
            return algorithms[i].name;
        }
    }
    return "none";
}

unsigned softcard_alg_bits(enum softcard_alg alg)
{
    for (size_t i = 0; i < ALGORITHMS; i++) {
        if (algorithms[i].alg == alg) {
            return algorithms[i].bits;
        }
    }
    return 0;
}

bool softcard_alg_is_rsa(enum softcard_alg alg)
{
    return softcard_alg_bits(alg) >= 1024;
}

EVP_PKEY *softcard_key_generate(enum softcard_alg alg)
{
    if (alg == SOFTCARD_ALG_NONE) {
        return NULL;
    }
    if (softcard_alg_is_rsa(alg)) {
        return EVP_RSA_gen(softcard_alg_bits(alg));
    }
    return EVP_EC_gen(alg == SOFTCARD_P_256 ? "P-256" : "P-384");
}

static CS_RESULT put_signature(EVP_PKEY_CTX *ctx, struct span in, struct writer *w)
{
    uint8_t sig[SOFTCARD_SIG_MAX];
    size_t len = sizeof(sig);

    ENSURE(EVP_PKEY_sign(ctx, sig, &len, in.p, in.left) == 1, CS_E_CRYPTO, "card.sign");
    wr_bytes(w, span_make(sig, len));
    return CS_SUCCESS;
}

CS_RESULT softcard_key_use(EVP_PKEY *key, enum softcard_alg alg, struct span in, struct writer *w)
{
    const size_t bytes = softcard_alg_bits(alg) / 8;
    AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new(key, NULL);

    ENSURE(ctx != NULL && EVP_PKEY_sign_init(ctx) == 1, CS_E_CRYPTO, "card.sign");
    if (softcard_alg_is_rsa(alg)) {
        ENSURE(in.left == bytes, CS_E_RANGE, "card.block");
        ENSURE(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1, CS_E_CRYPTO, "card.sign");
    } else {
        ENSURE(in.left >= 1 && in.left <= bytes, CS_E_RANGE, "card.digest");
    }
    return put_signature(ctx, in, w);
}

CS_RESULT softcard_key_agree(EVP_PKEY *key, enum softcard_alg alg, struct span point, struct writer *w)
{
    uint8_t x[64];
    size_t len = sizeof(x);
    AUTO(EVP_PKEY) *theirs = EVP_PKEY_new();

    ENSURE(!softcard_alg_is_rsa(alg) && point.left == 1 + 2 * (softcard_alg_bits(alg) / 8), CS_E_RANGE, "card.point");
    ENSURE(theirs != NULL && EVP_PKEY_copy_parameters(theirs, key) == 1, CS_E_CRYPTO, "card.agree");
    ENSURE(EVP_PKEY_set1_encoded_public_key(theirs, point.p, point.left) == 1, CS_E_RANGE, "card.point");
    AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new(key, NULL);
    ENSURE(ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, theirs) == 1 &&
               EVP_PKEY_derive(ctx, x, &len) == 1,
           CS_E_CRYPTO, "card.agree");
    wr_bytes(w, span_make(x, len));
    return CS_SUCCESS;
}

/* Modulus or exponent as a TLV. */
static CS_RESULT put_number(const EVP_PKEY *key, const char *name, uint32_t tag, struct writer *w)
{
    uint8_t bytes[512];
    BIGNUM *n = NULL;

    ENSURE(EVP_PKEY_get_bn_param(key, name, &n) == 1, CS_E_CRYPTO, "card.public");
    AUTO(BIGNUM) *number = n;
    ENSURE(BN_num_bytes(number) <= (int)sizeof(bytes), CS_E_CRYPTO, "card.public");
    softcard_tlv_put(w, tag, span_make(bytes, (size_t)BN_bn2bin(number, bytes)));
    return CS_SUCCESS;
}

CS_RESULT softcard_key_public(const EVP_PKEY *key, enum softcard_alg alg, struct writer *w)
{
    uint8_t point[POINT_MAX];
    size_t len = 0;

    if (softcard_alg_is_rsa(alg)) {
        TRY(put_number(key, OSSL_PKEY_PARAM_RSA_N, 0x81, w));
        return put_number(key, OSSL_PKEY_PARAM_RSA_E, 0x82, w);
    }
    ENSURE(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len) == 1, CS_E_CRYPTO,
           "card.public");
    softcard_tlv_put(w, 0x86, span_make(point, len));
    return CS_SUCCESS;
}

static CS_RESULT put_der(unsigned char *der, int len, struct writer *w)
{
    ENSURE(len > 0 && der != NULL, CS_E_CRYPTO, "card.der");
    wr_bytes(w, span_make(der, (size_t)len));
    OPENSSL_clear_free(der, (size_t)len);
    return CS_SUCCESS;
}

CS_RESULT softcard_key_spki(const EVP_PKEY *key, struct writer *w)
{
    unsigned char *der = NULL;
    const int len = i2d_PUBKEY(key, &der);
    return put_der(der, len, w);
}

CS_RESULT softcard_key_private(const EVP_PKEY *key, struct writer *w)
{
    unsigned char *der = NULL;
    const int len = i2d_PrivateKey(key, &der);
    return put_der(der, len, w);
}

EVP_PKEY *softcard_key_from_private(struct span der)
{
    const unsigned char *p = der.p;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)der.left);

    if (key != NULL && p != der.p + der.left) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}
