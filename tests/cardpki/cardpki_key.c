/* SPDX-License-Identifier: Apache-2.0 */
#include "cardpki_key.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

static const struct rsa_primes {
    const char *name;
    const char *p;
    const char *q;
} rsa_primes[] = {
#include "cardpki_rsa.inc"
};

enum { POINT_MAX = 128 };

static bool take_spki(struct cardpki_key *key)
{
    uint8_t *p = key->spki;
    const int n = i2d_PUBKEY(key->pkey, NULL);
    if (n <= 0 || (size_t)n > sizeof(key->spki) || i2d_PUBKEY(key->pkey, &p) != n) {
        return false;
    }
    key->spki_len = (size_t)n;
    return true;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *bld)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
    if (ctx != NULL && params != NULL && EVP_PKEY_fromdata_init(ctx) == 1) {
        (void)EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params);
    }
    OSSL_PARAM_free(params);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* The numbers of an RSA key, in a context that owns them. */
struct rsa_numbers {
    BIGNUM *n, *e, *d, *p, *q, *dp, *dq, *qinv;
};

static bool compute_rsa(const struct rsa_primes *from, BN_CTX *ctx, struct rsa_numbers *x)
{
    BIGNUM *p1 = BN_CTX_get(ctx);
    BIGNUM *q1 = BN_CTX_get(ctx);
    BIGNUM *phi = BN_CTX_get(ctx);
    BIGNUM **all[] = {&x->n, &x->e, &x->d, &x->p, &x->q, &x->dp, &x->dq, &x->qinv};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        *all[i] = BN_CTX_get(ctx);
    }
    return x->qinv != NULL && BN_hex2bn(&x->p, from->p) != 0 && BN_hex2bn(&x->q, from->q) != 0 &&
           BN_set_word(x->e, 65537) == 1 && BN_mul(x->n, x->p, x->q, ctx) == 1 &&
           BN_sub(p1, x->p, BN_value_one()) == 1 && BN_sub(q1, x->q, BN_value_one()) == 1 &&
           BN_mul(phi, p1, q1, ctx) == 1 && BN_mod_inverse(x->d, x->e, phi, ctx) != NULL &&
           BN_mod(x->dp, x->d, p1, ctx) == 1 && BN_mod(x->dq, x->d, q1, ctx) == 1 &&
           BN_mod_inverse(x->qinv, x->q, x->p, ctx) != NULL;
}

static EVP_PKEY *rsa_of(const struct rsa_primes *from)
{
    struct rsa_numbers x = {0};
    EVP_PKEY *pkey = NULL;
    BN_CTX *ctx = BN_CTX_new();
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    if (ctx != NULL && bld != NULL) {
        BN_CTX_start(ctx);
        if (compute_rsa(from, ctx, &x) && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, x.n) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, x.e) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_D, x.d) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_FACTOR1, x.p) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_FACTOR2, x.q) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_EXPONENT1, x.dp) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_EXPONENT2, x.dq) == 1 &&
            OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, x.qinv) == 1) {
            pkey = from_params("RSA", bld);
        }
        BN_CTX_end(ctx);
    }
    OSSL_PARAM_BLD_free(bld);
    BN_CTX_free(ctx);
    return pkey;
}

bool cardpki_key_init_named(struct cardpki_key *key, const char *name)
{
    *key = (struct cardpki_key){.kind = CARDPKI_RSA2048};
    for (size_t i = 0; i < sizeof(rsa_primes) / sizeof(rsa_primes[0]); i++) {
        if (strcmp(rsa_primes[i].name, name) == 0) {
            key->pkey = rsa_of(&rsa_primes[i]);
        }
    }
    return key->pkey != NULL && take_spki(key);
}

static bool private_number(const EC_GROUP *group, const char *label, BN_CTX *ctx, BIGNUM *d)
{
    uint8_t hash[SHA512_DIGEST_LENGTH];
    (void)SHA512((const uint8_t *)label, strlen(label), hash);
    return BN_bin2bn(hash, sizeof(hash), d) != NULL && BN_mod(d, d, EC_GROUP_get0_order(group), ctx) == 1;
}

static bool push_ec(OSSL_PARAM_BLD *bld, const EC_GROUP *group, const char *name, const char *label, BN_CTX *ctx,
                    uint8_t pub[POINT_MAX])
{
    BIGNUM *d = BN_CTX_get(ctx);
    EC_POINT *point = EC_POINT_new(group);
    bool ok = d != NULL && point != NULL && private_number(group, label, ctx, d) &&
              EC_POINT_mul(group, point, d, NULL, NULL, ctx) == 1;
    const size_t n = ok ? EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, pub, POINT_MAX, ctx) : 0;
    ok = ok && n > 0 && OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, name, 0) == 1 &&
         OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, pub, n) == 1 &&
         OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1;
    EC_POINT_free(point);
    return ok;
}

static EVP_PKEY *ec_of(int nid, const char *label)
{
    uint8_t pub[POINT_MAX]; /* the builder borrows it */
    EVP_PKEY *pkey = NULL;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
    BN_CTX *ctx = BN_CTX_new();
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    if (group != NULL && ctx != NULL && bld != NULL) {
        BN_CTX_start(ctx);
        if (push_ec(bld, group, nid == NID_secp384r1 ? "P-384" : "P-256", label, ctx, pub)) {
            pkey = from_params("EC", bld);
        }
        BN_CTX_end(ctx);
    }
    OSSL_PARAM_BLD_free(bld);
    BN_CTX_free(ctx);
    EC_GROUP_free(group);
    return pkey;
}

bool cardpki_key_init(struct cardpki_key *key, enum cardpki_kind kind, const char *label)
{
    bool ok = false;
    switch (kind) {
    case CARDPKI_P256:
    case CARDPKI_P384:
        *key = (struct cardpki_key){.pkey = ec_of(kind == CARDPKI_P384 ? NID_secp384r1 : NID_X9_62_prime256v1, label)};
        ok = key->pkey != NULL && take_spki(key);
        break;
    case CARDPKI_RSA1024:
        ok = cardpki_key_init_named(key, "card1024");
        break;
    case CARDPKI_RSA2048:
        ok = cardpki_key_init_named(key, "card2048");
        break;
    case CARDPKI_RSA3072:
        ok = cardpki_key_init_named(key, "card3072");
        break;
    case CARDPKI_RSA4096:
        ok = cardpki_key_init_named(key, "card4096");
        break;
    }
    key->kind = kind;
    return ok;
}

void cardpki_key_release(struct cardpki_key *key)
{
    EVP_PKEY_free(key->pkey);
    *key = (struct cardpki_key){.pkey = NULL};
}

/* The nonce follows from the key and what is signed, so that no two digests share one. */
static bool nonce(const BIGNUM *d, const uint8_t *digest, size_t len, const BIGNUM *order, BIGNUM *k, BN_CTX *ctx)
{
    uint8_t key[64] = {0};
    uint8_t mac[SHA512_DIGEST_LENGTH];
    unsigned n = 0;
    return BN_bn2binpad(d, key, sizeof(key)) > 0 &&
           HMAC(EVP_sha512(), key, sizeof(key), digest, len, mac, &n) != NULL &&
           BN_bin2bn(mac, sizeof(mac), k) != NULL && BN_mod(k, k, order, ctx) == 1 && !BN_is_zero(k);
}

/* r = (k G).x, s = (z + r d) / k. FIPS 186-5 §6.4.1. */
static bool ecdsa(const EC_GROUP *group, const BIGNUM *d, const uint8_t *digest, size_t len, ECDSA_SIG *sig,
                  BN_CTX *ctx)
{
    const BIGNUM *order = EC_GROUP_get0_order(group);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *k = BN_CTX_get(ctx);
    BIGNUM *z = BN_CTX_get(ctx);
    BIGNUM *r = BN_new();
    BIGNUM *s = BN_new();
    const bool ok = point != NULL && z != NULL && r != NULL && s != NULL && BN_bin2bn(digest, (int)len, z) != NULL &&
                    nonce(d, digest, len, order, k, ctx) && EC_POINT_mul(group, point, k, NULL, NULL, ctx) == 1 &&
                    EC_POINT_get_affine_coordinates(group, point, r, NULL, ctx) == 1 && BN_mod(r, r, order, ctx) == 1 &&
                    BN_mod_mul(s, r, d, order, ctx) == 1 && BN_mod_add(s, s, z, order, ctx) == 1 &&
                    BN_mod_inverse(k, k, order, ctx) != NULL && BN_mod_mul(s, s, k, order, ctx) == 1 &&
                    ECDSA_SIG_set0(sig, r, s) == 1;
    if (!ok) {
        BN_free(r);
        BN_free(s);
    }
    EC_POINT_free(point);
    return ok;
}

bool cardpki_sign_digest(const struct cardpki_key *key, const uint8_t *digest, size_t len, struct cardpki_sig *ret_sig)
{
    BIGNUM *d = NULL;
    BN_CTX *ctx = BN_CTX_new();
    ECDSA_SIG *sig = ECDSA_SIG_new();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(key->kind == CARDPKI_P384 ? NID_secp384r1 : NID_X9_62_prime256v1);
    uint8_t *p = ret_sig->b;
    int n = 0;
    if (ctx != NULL && sig != NULL && group != NULL &&
        EVP_PKEY_get_bn_param(key->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1) {
        BN_CTX_start(ctx);
        n = ecdsa(group, d, digest, len, sig, ctx) ? i2d_ECDSA_SIG(sig, NULL) : 0;
        n = n > 0 && n <= CARDPKI_SIG_MAX ? i2d_ECDSA_SIG(sig, &p) : 0;
        BN_CTX_end(ctx);
    }
    BN_clear_free(d);
    ECDSA_SIG_free(sig);
    EC_GROUP_free(group);
    BN_CTX_free(ctx);
    ret_sig->len = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static bool rsa_sign(const struct cardpki_key *key, const uint8_t *in, size_t len, int padding, const EVP_MD *md,
                     struct cardpki_sig *ret_sig)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->pkey, NULL);
    size_t n = sizeof(ret_sig->b);
    const bool ok = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
                    (md == NULL || EVP_PKEY_CTX_set_signature_md(ctx, md) == 1) &&
                    EVP_PKEY_sign(ctx, ret_sig->b, &n, in, len) == 1;
    EVP_PKEY_CTX_free(ctx);
    ret_sig->len = ok ? n : 0;
    return ok;
}

bool cardpki_sign_block(const struct cardpki_key *key, const uint8_t *block, size_t len, struct cardpki_sig *ret_sig)
{
    return rsa_sign(key, block, len, RSA_NO_PADDING, NULL, ret_sig);
}

bool cardpki_sign(const struct cardpki_key *key, const void *msg, size_t len, struct cardpki_sig *ret_sig)
{
    uint8_t digest[SHA512_DIGEST_LENGTH];
    switch (key->kind) {
    case CARDPKI_P256:
        (void)SHA256(msg, len, digest);
        return cardpki_sign_digest(key, digest, SHA256_DIGEST_LENGTH, ret_sig);
    case CARDPKI_P384:
        (void)SHA384(msg, len, digest);
        return cardpki_sign_digest(key, digest, SHA384_DIGEST_LENGTH, ret_sig);
    case CARDPKI_RSA1024:
    case CARDPKI_RSA2048:
    case CARDPKI_RSA3072:
    case CARDPKI_RSA4096:
        break;
    }
    (void)SHA512(msg, len, digest);
    return rsa_sign(key, digest, SHA512_DIGEST_LENGTH, RSA_PKCS1_PADDING, EVP_sha512(), ret_sig);
}
