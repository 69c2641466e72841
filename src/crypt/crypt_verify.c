/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_verify.h"

#include "crypt/crypt_ossl.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

/* One verify context a algorithm, made at its first use and kept. Ed25519 has no digest step and so no EVP_PKEY_CTX. */
struct crypt_key {
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *ctx[CRYPT_ALG_COUNT];
    EVP_MD_CTX *ed25519;
    enum note_spki_kind kind;
};

#define CRYPT_ALG_ROW(id, name, kind) [id] = {name, kind},
static const struct alg_row {
    const char *name;
    enum note_spki_kind kind;
} algs[CRYPT_ALG_COUNT] = {CRYPT_ALGS(CRYPT_ALG_ROW)};
#undef CRYPT_ALG_ROW

CS_RESULT crypt_alg_decode(struct span name, enum crypt_alg *ret_alg)
{
    for (unsigned i = 0; i < CRYPT_ALG_COUNT; i++) {
        if (span_is(name, algs[i].name)) {
            *ret_alg = (enum crypt_alg)i;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_UNKNOWN, "alg");
}

void crypt_key_free(struct crypt_key *key)
{
    if (key == NULL) {
        return;
    }
    for (unsigned i = 0; i < CRYPT_ALG_COUNT; i++) {
        EVP_PKEY_CTX_free(key->ctx[i]);
    }
    EVP_MD_CTX_free(key->ed25519);
    EVP_PKEY_free(key->pkey);
    free(key);
}

enum note_spki_kind crypt_key_kind(const struct crypt_key *key)
{
    return key->kind;
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *pkey = NULL;
    AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        return NULL;
    }
    return pkey;
}

static EVP_PKEY *from_point(const char *curve, struct span point)
{
    char group[16];
    uint8_t pub[128];
    const size_t n = strlen(curve);

    if (n >= sizeof(group) || point.left > sizeof(pub)) {
        return NULL;
    }
    memcpy(group, curve, n + 1); /* OSSL_PARAM does not take const */
    memcpy(pub, point.p, point.left);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, n),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, pub, point.left),
        OSSL_PARAM_construct_end(),
    };
    return from_params("EC", params);
}

/* OSSL_PARAM integers are in the machine's own order. */
static size_t native_order(struct span big_endian, uint8_t *out)
{
    for (size_t i = 0; i < big_endian.left; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        out[i] = big_endian.p[big_endian.left - 1 - i];
#else
        out[i] = big_endian.p[i];
#endif
    }
    return big_endian.left;
}

static EVP_PKEY *from_rsa(const struct note_spki *key)
{
    uint8_t n[NOTE_SPKI_MAX];
    uint8_t e[16];

    if (key->n.left > sizeof(n) || key->e.left > sizeof(e)) {
        return NULL;
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, native_order(key->n, n)),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, native_order(key->e, e)),
        OSSL_PARAM_construct_end(),
    };
    return from_params("RSA", params);
}

static EVP_PKEY *import(const struct note_spki *key)
{
    switch (key->kind) {
    case NOTE_SPKI_P256:
        return from_point("P-256", key->point);
    case NOTE_SPKI_P384:
        return from_point("P-384", key->point);
    case NOTE_SPKI_RSA:
        return from_rsa(key);
    case NOTE_SPKI_ED25519:
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key->point.p, key->point.left);
    }
    return NULL;
}

static CS_RESULT open_key(const struct note_spki *spki, struct crypt_key **ret_key)
{
    AUTO(EVP_PKEY) *pkey = import(spki);
    if (pkey == NULL) {
        return CS_FAIL(crypt_ossl_no_room() ? CS_E_NOMEM : CS_E_CRYPTO, "key");
    }
    struct crypt_key *key = calloc(1, sizeof(*key));
    ENSURE(key != NULL, CS_E_NOMEM, "key");
    key->kind = spki->kind;
    key->pkey = pkey;
    pkey = NULL;
    *ret_key = key;
    return CS_SUCCESS;
}

CS_RESULT crypt_key_open(struct span spki, struct crypt_key **ret_key)
{
    struct note_spki key;

    TRY(note_spki_decode(spki, &key));
    return open_key(&key, ret_key);
}

CS_RESULT crypt_key_open_p256(struct span point, struct crypt_key **ret_key)
{
    const struct note_spki key = {.kind = NOTE_SPKI_P256, .point = point};

    ENSURE(point.left == NOTE_POINT_P256_BYTES && point.p[0] == 0x04, CS_E_TYPE, "key.point");
    return open_key(&key, ret_key);
}

CS_RESULT crypt_key_open_ed25519(struct span bytes, struct crypt_key **ret_key)
{
    const struct note_spki key = {.kind = NOTE_SPKI_ED25519, .point = bytes};

    ENSURE(bytes.left == NOTE_ED25519_BYTES, CS_E_TYPE, "key.ed25519");
    return open_key(&key, ret_key);
}

/* PKCS#1 needs the digest's name inside the padding. ECDSA takes the digest as it is. */
static bool set_padding(EVP_PKEY_CTX *ctx, enum crypt_alg alg)
{
    if (alg != CRYPT_RS256 && alg != CRYPT_RS512) {
        return true;
    }
    return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(ctx, alg == CRYPT_RS256 ? EVP_sha256() : EVP_sha512()) == 1;
}

static EVP_PKEY_CTX *context(struct crypt_key *key, enum crypt_alg alg)
{
    if (key->ctx[alg] == NULL) {
        AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
        if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 && set_padding(ctx, alg)) {
            key->ctx[alg] = ctx;
            ctx = NULL;
        }
    }
    return key->ctx[alg];
}

static CS_RESULT answer(int r, const char *what)
{
    if (r == 1) {
        return CS_SUCCESS;
    }
    /* 0 and negative alike: not verified */
    return CS_FAIL(crypt_ossl_no_room() ? CS_E_NOMEM : CS_E_BADSIG, what);
}

static CS_RESULT verify_digest(struct crypt_key *key, enum crypt_alg alg, struct span digest, struct span sig)
{
    EVP_PKEY_CTX *ctx = context(key, alg);

    if (ctx == NULL) {
        return CS_FAIL(crypt_ossl_no_room() ? CS_E_NOMEM : CS_E_CRYPTO, "signature.context");
    }
    return answer(EVP_PKEY_verify(ctx, sig.p, sig.left, digest.p, digest.left), "signature");
}

static CS_RESULT verify_ed25519(struct crypt_key *key, struct span msg, struct span sig)
{
    if (key->ed25519 == NULL) {
        key->ed25519 = EVP_MD_CTX_new();
        ENSURE(key->ed25519 != NULL, CS_E_NOMEM, "signature.context");
    }
    if (EVP_DigestVerifyInit(key->ed25519, NULL, NULL, NULL, key->pkey) != 1) {
        return CS_FAIL(crypt_ossl_no_room() ? CS_E_NOMEM : CS_E_CRYPTO, "signature.context");
    }
    return answer(EVP_DigestVerify(key->ed25519, sig.p, sig.left, msg.p, msg.left), "signature");
}

CS_RESULT crypt_verify_es256_digest(struct crypt_key *key, const struct sha256 *digest, struct span sig)
{
    ENSURE(key->kind == NOTE_SPKI_P256, CS_E_TYPE, "signature.key");
    return verify_digest(key, CRYPT_ES256, sha256_span(digest), sig);
}

CS_RESULT crypt_verify(struct crypt_key *key, enum crypt_alg alg, struct span msg, struct span sig)
{
    uint8_t digest[SHA512_BYTES];
    struct sha256 d;

    ENSURE((unsigned)alg < CRYPT_ALG_COUNT && key->kind == algs[alg].kind, CS_E_TYPE, "signature.key");
    ENSURE(sig.left > 0, CS_E_BADSIG, "signature");
    switch (alg) {
    case CRYPT_ES256:
    case CRYPT_RS256:
        d = digest_sha256(msg);
        return verify_digest(key, alg, sha256_span(&d), sig);
    case CRYPT_ES384:
        digest_sha384(msg, digest);
        return verify_digest(key, alg, span_make(digest, SHA384_BYTES), sig);
    case CRYPT_RS512:
        digest_sha512(msg, digest);
        return verify_digest(key, alg, span_make(digest, SHA512_BYTES), sig);
    case CRYPT_ED25519:
        return verify_ed25519(key, msg, sig);
    case CRYPT_ALG_COUNT:
        break;
    }
    return CS_FAIL(CS_E_TYPE, "signature.key");
}
