/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_ec.h"

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/obj_mac.h>

struct softkey_ec {
    EC_GROUP *group;
    BN_CTX *ctx;
    BIGNUM *d;
    uint8_t number[32];
    uint8_t point[SOFTKEY_POINT_BYTES];
};

/* A digest of public test data cannot fail but for memory, and a wrong one would be a wrong test: stop. */
static void must(bool ok)
{
    if (!ok) {
        abort();
    }
}

void softkey_sha256_two(const void *a, size_t a_len, const void *b, size_t b_len, uint8_t ret_hash[SOFTKEY_HASH_BYTES])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    must(ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 && EVP_DigestUpdate(ctx, a, a_len) == 1 &&
         EVP_DigestUpdate(ctx, b, b_len) == 1 && EVP_DigestFinal_ex(ctx, ret_hash, NULL) == 1);
    EVP_MD_CTX_free(ctx);
}

void softkey_sha256(const void *bytes, size_t len, uint8_t ret_hash[SOFTKEY_HASH_BYTES])
{
    softkey_sha256_two(bytes, len, "", 0, ret_hash);
}

void softkey_hmac(const void *key, size_t key_len, const void *msg, size_t msg_len, uint8_t ret_mac[SOFTKEY_HASH_BYTES])
{
    must(key_len <= 1024 && HMAC(EVP_sha256(), key, (int)key_len, msg, msg_len, ret_mac, NULL) != NULL);
}

void softkey_ec_free(struct softkey_ec *key)
{
    if (key == NULL) {
        return;
    }
    EC_GROUP_free(key->group);
    BN_CTX_free(key->ctx);
    BN_clear_free(key->d);
    OPENSSL_cleanse(key->number, sizeof(key->number));
    free(key);
}

static bool fill(struct softkey_ec *key, const uint8_t number[32])
{
    key->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    key->ctx = BN_CTX_new();
    key->d = BN_bin2bn(number, 32, NULL);
    if (key->group == NULL || key->ctx == NULL || key->d == NULL || BN_is_zero(key->d) ||
        BN_cmp(key->d, EC_GROUP_get0_order(key->group)) >= 0) {
        return false;
    }
    memcpy(key->number, number, 32);

    EC_POINT *point = EC_POINT_new(key->group);
    const bool ok = point != NULL && EC_POINT_mul(key->group, point, key->d, NULL, NULL, key->ctx) == 1 &&
                    EC_POINT_point2oct(key->group, point, POINT_CONVERSION_UNCOMPRESSED, key->point, sizeof(key->point),
                                       key->ctx) == sizeof(key->point);
    EC_POINT_free(point);
    return ok;
}

struct softkey_ec *softkey_ec_from_private(const uint8_t number[32])
{
    struct softkey_ec *key = calloc(1, sizeof(*key));

    if (key != NULL && !fill(key, number)) {
        softkey_ec_free(key);
        return NULL;
    }
    return key;
}

struct softkey_ec *softkey_ec_from_seed(const uint8_t seed[SOFTKEY_HASH_BYTES], const char *label)
{
    uint8_t number[SOFTKEY_HASH_BYTES];
    uint8_t named[SOFTKEY_HASH_BYTES];

    softkey_sha256_two(seed, SOFTKEY_HASH_BYTES, label, strlen(label), named);
    for (uint8_t i = 0; i < 8; i++) { /* one number in 2^32 is no key */
        softkey_sha256_two(named, sizeof(named), &i, 1, number);
        struct softkey_ec *key = softkey_ec_from_private(number);
        if (key != NULL) {
            return key;
        }
    }
    return NULL;
}

const uint8_t *softkey_ec_point(const struct softkey_ec *key)
{
    return key->point;
}

void softkey_ec_spki(const struct softkey_ec *key, uint8_t ret_spki[SOFTKEY_SPKI_BYTES])
{
    static const uint8_t head[SOFTKEY_SPKI_BYTES - SOFTKEY_POINT_BYTES] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    };
    memcpy(ret_spki, head, sizeof(head));
    memcpy(ret_spki + sizeof(head), key->point, SOFTKEY_POINT_BYTES);
}

void softkey_ec_cose(const struct softkey_ec *key, uint8_t ret_cose[SOFTKEY_COSE_BYTES])
{
    static const uint8_t before_x[10] = {0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20};
    static const uint8_t before_y[3] = {0x22, 0x58, 0x20};

    memcpy(ret_cose, before_x, sizeof(before_x));
    memcpy(ret_cose + 10, key->point + 1, 32);
    memcpy(ret_cose + 42, before_y, sizeof(before_y));
    memcpy(ret_cose + 45, key->point + 33, 32);
}

/* The state of the nonce generator. Source: RFC 6979 §3.2. */
struct nonces {
    uint8_t k[SOFTKEY_HASH_BYTES];
    uint8_t v[SOFTKEY_HASH_BYTES];
};

static void nonces_mix(struct nonces *n, uint8_t step, const uint8_t *more, size_t more_len)
{
    uint8_t msg[SOFTKEY_HASH_BYTES + 1 + 64];

    memcpy(msg, n->v, sizeof(n->v));
    msg[sizeof(n->v)] = step;
    if (more_len > 0) {
        memcpy(msg + sizeof(n->v) + 1, more, more_len);
    }
    softkey_hmac(n->k, sizeof(n->k), msg, sizeof(n->v) + 1 + more_len, n->k);
    softkey_hmac(n->k, sizeof(n->k), n->v, sizeof(n->v), n->v);
}

static void nonces_next(struct nonces *n, uint8_t ret_k[32])
{
    softkey_hmac(n->k, sizeof(n->k), n->v, sizeof(n->v), n->v);
    memcpy(ret_k, n->v, sizeof(n->v));
}

/* An INTEGER of a DER sequence: no leading zeros but the one that keeps it positive. */
static size_t der_integer(const uint8_t value[32], uint8_t *ret_der)
{
    size_t skip = 0;
    size_t at = 2;

    while (skip < 31 && value[skip] == 0) {
        skip++;
    }
    if ((value[skip] & 0x80u) != 0) {
        ret_der[at++] = 0;
    }
    memcpy(ret_der + at, value + skip, 32 - skip);
    at += 32 - skip;
    ret_der[0] = 0x02;
    ret_der[1] = (uint8_t)(at - 2);
    return at;
}

static void der_signature(const BIGNUM *r, const BIGNUM *s, struct softkey_sig *ret_sig)
{
    uint8_t value[32];

    memset(ret_sig, 0, sizeof(*ret_sig));
    must(BN_bn2binpad(r, value, 32) == 32);
    size_t at = 2 + der_integer(value, ret_sig->der + 2);
    must(BN_bn2binpad(s, value, 32) == 32);
    at += der_integer(value, ret_sig->der + at);
    ret_sig->der[0] = 0x30;
    ret_sig->der[1] = (uint8_t)(at - 2);
    ret_sig->len = at;
}

enum attempt { ATTEMPT_FAILED, ATTEMPT_AGAIN, ATTEMPT_DONE };

/* One try with the nonce k: r = (k*G).x mod n, s = (z + r*d) / k mod n. */
static enum attempt sign_once(const struct softkey_ec *key, const BIGNUM *k, const BIGNUM *z,
                              struct softkey_sig *ret_sig)
{
    const BIGNUM *n = EC_GROUP_get0_order(key->group);
    EC_POINT *point = EC_POINT_new(key->group);
    enum attempt got = ATTEMPT_FAILED;

    BN_CTX_start(key->ctx);
    BIGNUM *r = BN_CTX_get(key->ctx);
    BIGNUM *s = BN_CTX_get(key->ctx);
    BIGNUM *inverse = BN_CTX_get(key->ctx);
    if (point != NULL && inverse != NULL && EC_POINT_mul(key->group, point, k, NULL, NULL, key->ctx) == 1 &&
        EC_POINT_get_affine_coordinates(key->group, point, r, NULL, key->ctx) == 1 &&
        BN_nnmod(r, r, n, key->ctx) == 1 && BN_mod_mul(s, r, key->d, n, key->ctx) == 1 &&
        BN_mod_add(s, s, z, n, key->ctx) == 1 && BN_mod_inverse(inverse, k, n, key->ctx) != NULL &&
        BN_mod_mul(s, s, inverse, n, key->ctx) == 1) {
        got = BN_is_zero(r) || BN_is_zero(s) ? ATTEMPT_AGAIN : ATTEMPT_DONE;
    }
    if (got == ATTEMPT_DONE) {
        der_signature(r, s, ret_sig);
    }
    BN_CTX_end(key->ctx);
    EC_POINT_free(point);
    return got;
}

static bool sign_number(const struct softkey_ec *key, struct nonces *nonces, const BIGNUM *z,
                        struct softkey_sig *ret_sig)
{
    BIGNUM *k = BN_new();
    enum attempt got = k == NULL ? ATTEMPT_FAILED : ATTEMPT_AGAIN;

    while (got == ATTEMPT_AGAIN) {
        uint8_t bytes[32];
        nonces_next(nonces, bytes);
        if (BN_bin2bn(bytes, 32, k) == NULL) {
            got = ATTEMPT_FAILED;
        } else if (!BN_is_zero(k) && BN_cmp(k, EC_GROUP_get0_order(key->group)) < 0) {
            got = sign_once(key, k, z, ret_sig);
        }
        if (got == ATTEMPT_AGAIN) {
            nonces_mix(nonces, 0x00, NULL, 0);
        }
    }
    BN_clear_free(k);
    return got == ATTEMPT_DONE;
}

bool softkey_ec_sign(const struct softkey_ec *key, const uint8_t digest[SOFTKEY_HASH_BYTES],
                     struct softkey_sig *ret_sig)
{
    struct nonces nonces;
    uint8_t both[64];
    BIGNUM *z = BN_bin2bn(digest, SOFTKEY_HASH_BYTES, NULL);

    if (z == NULL || BN_nnmod(z, z, EC_GROUP_get0_order(key->group), key->ctx) != 1) {
        BN_free(z);
        return false;
    }
    memcpy(both, key->number, 32);
    must(BN_bn2binpad(z, both + 32, 32) == 32);
    memset(nonces.k, 0x00, sizeof(nonces.k));
    memset(nonces.v, 0x01, sizeof(nonces.v));
    nonces_mix(&nonces, 0x00, both, sizeof(both));
    nonces_mix(&nonces, 0x01, both, sizeof(both));
    const bool ok = sign_number(key, &nonces, z, ret_sig);
    BN_free(z);
    return ok;
}

bool softkey_ec_shared_x(const struct softkey_ec *key, const uint8_t point[SOFTKEY_POINT_BYTES], uint8_t ret_x[32])
{
    EC_POINT *theirs = EC_POINT_new(key->group);
    EC_POINT *shared = EC_POINT_new(key->group);
    BIGNUM *x = BN_new();

    const bool ok = theirs != NULL && shared != NULL && x != NULL &&
                    EC_POINT_oct2point(key->group, theirs, point, SOFTKEY_POINT_BYTES, key->ctx) == 1 &&
                    EC_POINT_mul(key->group, shared, NULL, theirs, key->d, key->ctx) == 1 &&
                    EC_POINT_get_affine_coordinates(key->group, shared, x, NULL, key->ctx) == 1 &&
                    BN_bn2binpad(x, ret_x, 32) == 32;
    EC_POINT_free(theirs);
    EC_POINT_free(shared);
    BN_clear_free(x);
    return ok;
}
