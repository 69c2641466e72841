/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/crypt_card.h"

#include "crypt/crypt_yubico.h"

const char *crypt_card_text(enum crypt_card c)
{
#define CRYPT_CARD_TEXT(id, text) [id] = text,
    static const char *const texts[CRYPT_CARD_COUNT] = {CRYPT_CARDS(CRYPT_CARD_TEXT)};
#undef CRYPT_CARD_TEXT
    return (unsigned)c < CRYPT_CARD_COUNT ? texts[c] : "unknown";
}

/* Contents of the modulus: a zero byte, then one with its highest bit set. */
static bool is_rsa_of_a_card(struct span n)
{
    const bool size = n.left == 2048 / 8 + 1 || n.left == 3072 / 8 + 1 || n.left == 4096 / 8 + 1;
    return size && n.p[0] == 0 && (n.p[1] & 0x80U) != 0;
}

CS_RESULT crypt_card_key_check(struct span spki)
{
    struct note_spki key;
    AUTO_CRYPT_KEY *opened = NULL;

    TRY(note_spki_decode(spki, &key));
    ENSURE(key.kind != NOTE_SPKI_ED25519, CS_E_TYPE, "card.key");
    ENSURE(key.kind != NOTE_SPKI_RSA || is_rsa_of_a_card(key.n), CS_E_TYPE, "card.key");
    return crypt_key_open(spki, &opened);
}

CS_RESULT crypt_card_verify(struct crypt_key *key, struct span msg, struct span sig)
{
    switch (crypt_key_kind(key)) {
    case NOTE_SPKI_P256:
        return crypt_verify(key, CRYPT_ES256, msg, sig);
    case NOTE_SPKI_P384:
        return crypt_verify(key, CRYPT_ES384, msg, sig);
    case NOTE_SPKI_RSA:
        return crypt_verify(key, CRYPT_RS512, msg, sig);
    case NOTE_SPKI_ED25519:
        break;
    }
    return CS_FAIL(CS_E_TYPE, "card.key");
}

bool crypt_cert_is_for(const X509 *cert, struct span spki)
{
    uint8_t der[NOTE_SPKI_MAX];
    uint8_t *p = der;
    const X509_PUBKEY *pub = X509_get_X509_PUBKEY(cert);
    const int n = i2d_X509_PUBKEY(pub, NULL);

    return n > 0 && (size_t)n == spki.left && spki.left <= sizeof(der) && i2d_X509_PUBKEY(pub, &p) == n &&
           memcmp(der, spki.p, spki.left) == 0;
}

bool crypt_cert_seconds(const ASN1_TIME *t, uint64_t *ret_s)
{
    AUTO(ASN1_TIME) *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0;
    int seconds = 0;

    if (epoch == NULL || t == NULL || ASN1_TIME_diff(&days, &seconds, epoch, t) != 1 || days < 0 || seconds < 0) {
        return false;
    }
    *ret_s = (uint64_t)days * 86400 + (uint64_t)seconds;
    return true;
}

bool crypt_cert_number(const ASN1_INTEGER *n, uint8_t ret_number[CRYPT_NUMBER_BYTES])
{
    const int len = n != NULL ? ASN1_STRING_length(n) : 0;

    if (len <= 0 || len > CRYPT_NUMBER_BYTES || ASN1_STRING_type(n) != V_ASN1_INTEGER) { /* another type: negative */
        return false;
    }
    memset(ret_number, 0, CRYPT_NUMBER_BYTES);
    memcpy(ret_number + CRYPT_NUMBER_BYTES - len, ASN1_STRING_get0_data(n), (size_t)len);
    return true;
}

bool crypt_cert_name(const X509_NAME *name, struct sha256 *ret_digest)
{
    const unsigned char *der = NULL;
    size_t n = 0;

    if (X509_NAME_get0_der(name, &der, &n) != 1) {
        return false;
    }
    *ret_digest = digest_sha256(span_make(der, n));
    return true;
}

static enum crypt_card refusal(enum crypt_card why)
{
    return crypt_ossl_no_room() ? CRYPT_CARD_NO_ROOM : why;
}

enum crypt_card crypt_card_read(struct span certificate, const struct span *x5c, size_t x5c_count,
                                struct crypt_card_facts *ret)
{
    struct crypt_card_facts f = {.attested = false};
    AUTO(X509) *cert = certificate.left <= CRYPT_CERT_MAX ? crypt_cert_open(certificate) : NULL;

    if (cert == NULL) {
        return refusal(CRYPT_CARD_CERTIFICATE);
    }
    if (!crypt_cert_number(X509_get0_serialNumber(cert), f.serial) ||
        !crypt_cert_seconds(X509_get0_notBefore(cert), &f.not_before_s) ||
        !crypt_cert_seconds(X509_get0_notAfter(cert), &f.not_after_s) ||
        !crypt_cert_name(X509_get_issuer_name(cert), &f.authority)) {
        return refusal(CRYPT_CARD_CERTIFICATE);
    }
    if (x5c_count > 0) {
        const enum crypt_card a = crypt_yubico_read(x5c[0], &f);
        if (a != CRYPT_CARD_HOLDS) {
            return a;
        }
    }
    *ret = f;
    return CRYPT_CARD_HOLDS;
}

/* A certificate that says nothing about usage restricts nothing (RFC 5280 §4.2.1.3). */
static bool may_sign(X509 *cert)
{
    const uint32_t usage = X509_get_key_usage(cert);
    const bool signs = (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
    return signs && (usage == UINT32_MAX || (usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) == 0);
}

bool crypt_cert_same_name(const X509_NAME *a, const X509_NAME *b)
{
    const unsigned char *p = NULL;
    const unsigned char *q = NULL;
    size_t n = 0;
    size_t m = 0;

    return X509_NAME_get0_der(a, &p, &n) == 1 && X509_NAME_get0_der(b, &q, &m) == 1 && n == m && memcmp(p, q, n) == 0;
}

/* libcrypto takes two names for one when they differ in case, spaces or the type of a string only. Lists of revoked
 * certificates are found by the name's bytes, so a certificate must spell its issuer as the root spells itself. */
static enum crypt_chain_said check_root(X509 *cert, struct span root, uint64_t time_s)
{
    /* two certificates at least: a card's own certificate is nobody's root */
    const struct crypt_chain chain = {.roots = &root, .root_count = 1, .time_s = time_s, .least = 2};
    const enum crypt_chain_said c = crypt_cert_chain(cert, &chain);

    if (c != CRYPT_CHAIN_HOLDS) {
        return c;
    }
    AUTO(X509) *above = crypt_cert_open(root);
    if (above == NULL) {
        return crypt_ossl_no_room() ? CRYPT_CHAIN_NO_ROOM : CRYPT_CHAIN_ROOT;
    }
    const bool same = crypt_cert_same_name(X509_get_issuer_name(cert), X509_get_subject_name(above));
    return same ? CRYPT_CHAIN_HOLDS : CRYPT_CHAIN_BROKEN;
}

static enum crypt_card check_chain(X509 *cert, const struct crypt_card_in *in, size_t *ret_root)
{
    static const enum crypt_card said[] = {
        [CRYPT_CHAIN_BROKEN] = CRYPT_CARD_CERT_CHAIN,
        [CRYPT_CHAIN_HOLDS] = CRYPT_CARD_HOLDS,
        [CRYPT_CHAIN_ROOT] = CRYPT_CARD_ROOT,
        [CRYPT_CHAIN_CERTIFICATE] = CRYPT_CARD_CERTIFICATE,
        [CRYPT_CHAIN_EXPIRED] = CRYPT_CARD_CERT_EXPIRED,
        [CRYPT_CHAIN_NOT_YET] = CRYPT_CARD_CERT_NOT_YET,
        [CRYPT_CHAIN_NO_ROOM] = CRYPT_CARD_NO_ROOM,
    };
    enum crypt_chain_said best = CRYPT_CHAIN_BROKEN;

    /* one root at a time: an authority with a new key may keep its name, and libcrypto would look at the first only */
    for (size_t i = 0; i < in->root_count && best != CRYPT_CHAIN_HOLDS; i++) {
        const enum crypt_chain_said now = check_root(cert, in->roots[i], in->time_s);
        best = now != CRYPT_CHAIN_BROKEN ? now : best;
        *ret_root = i;
    }
    return said[best];
}

enum crypt_card crypt_card_root(const struct crypt_card_in *in, size_t *ret_root)
{
    AUTO(X509) *cert = in->certificate.left <= CRYPT_CERT_MAX ? crypt_cert_open(in->certificate) : NULL;
    size_t root = 0;

    if (cert == NULL) {
        return refusal(CRYPT_CARD_CERTIFICATE);
    }
    const enum crypt_card c = check_chain(cert, in, &root);
    if (c == CRYPT_CARD_HOLDS) {
        *ret_root = root;
    }
    return c;
}

enum crypt_card crypt_card_root_check(struct span root)
{
    AUTO(X509) *cert = root.left <= CRYPT_CERT_MAX ? crypt_cert_open(root) : NULL;

    if (cert == NULL) {
        return refusal(CRYPT_CARD_ROOT);
    }
    return X509_check_ca(cert) != 0 ? CRYPT_CARD_HOLDS : CRYPT_CARD_ROOT;
}

static enum crypt_card check_certificate(const struct crypt_card_in *in)
{
    AUTO(X509) *cert = in->certificate.left <= CRYPT_CERT_MAX ? crypt_cert_open(in->certificate) : NULL;
    size_t root = 0;

    if (cert == NULL) {
        return refusal(CRYPT_CARD_CERTIFICATE);
    }
    if (X509_get_version(cert) != X509_VERSION_3) {
        return CRYPT_CARD_CERT_VERSION;
    }
    if (!crypt_cert_is_for(cert, in->key)) {
        return refusal(CRYPT_CARD_CERT_KEY);
    }
    if (X509_check_ca(cert) != 0) {
        return CRYPT_CARD_CERT_CA;
    }
    return may_sign(cert) ? check_chain(cert, in, &root) : CRYPT_CARD_CERT_USAGE;
}

static enum crypt_card check_proof(const struct crypt_card_in *in)
{
    AUTO_CRYPT_KEY *key = NULL;

    struct cs_result r = crypt_card_key_check(in->key);
    r = r.code == CS_OK ? crypt_key_open(in->key, &key) : r;
    if (r.code != CS_OK) {
        return r.code == CS_E_NOMEM ? CRYPT_CARD_NO_ROOM : CRYPT_CARD_KEY;
    }
    r = crypt_card_verify(key, in->message, in->sig);
    if (r.code == CS_OK) {
        return CRYPT_CARD_HOLDS;
    }
    return r.code == CS_E_BADSIG ? CRYPT_CARD_PROOF : CRYPT_CARD_NO_ROOM;
}

enum crypt_card crypt_card_check(const struct crypt_card_in *in)
{
    enum crypt_card c = check_proof(in);

    c = c == CRYPT_CARD_HOLDS ? check_certificate(in) : c;
    return c == CRYPT_CARD_HOLDS && in->x5c_count > 0 ? crypt_yubico_check(in) : c;
}
