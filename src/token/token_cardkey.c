/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_cardkey.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>

enum {
    SIG_DER_MIN = 8, /* SEQUENCE of two one-byte INTEGERs */
    PAD_MIN = 8,     /* bytes FF, RFC 8017 §9.2 */
    OID_TEXT_MAX = 64,
};

struct token_keykind {
    const char *group; /* NULL: RSA */
    int bits;
    uint8_t algorithm;
    size_t sig_max_bytes; /* RSA: exactly */
    const EVP_MD *(*md)(void);
};

static const struct token_keykind kinds[] = {
    {.group = "prime256v1", .bits = 256, .algorithm = 0x11, .sig_max_bytes = 72, .md = EVP_sha256},
    {.group = "secp384r1", .bits = 384, .algorithm = 0x14, .sig_max_bytes = 104, .md = EVP_sha384},
    {.bits = 2048, .algorithm = 0x07, .sig_max_bytes = 256, .md = EVP_sha512},
    {.bits = 3072, .algorithm = 0x05, .sig_max_bytes = 384, .md = EVP_sha512},
    {.bits = 4096, .algorithm = 0x16, .sig_max_bytes = 512, .md = EVP_sha512},
};

static inline void free_x509(X509 *c)
{
    X509_free(c);
}
static inline void free_md_ctx(EVP_MD_CTX *c)
{
    EVP_MD_CTX_free(c);
}
CS_AUTO_DEFINE(X509, free_x509);
CS_AUTO_DEFINE(EVP_MD_CTX, free_md_ctx);

void token_cardkey_init(void)
{
    /* if it fails, the first use tries again, and fails in the cage: no signature leaves */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/* One certificate and nothing behind it. */
static X509 *read_certificate(struct span der)
{
    const uint8_t *p = der.p;

    if (der.left == 0 || der.left > TOKEN_CERT_MAX) {
        return NULL;
    }
    X509 *c = d2i_X509(NULL, &p, (long)der.left);
    if (c != NULL && p != der.p + der.left) {
        X509_free(c);
        return NULL;
    }
    return c;
}

static const struct token_keykind *kind_of(EVP_PKEY *key)
{
    char group[OID_TEXT_MAX] = "";
    const bool is_ec = EVP_PKEY_is_a(key, "EC") == 1;

    if (!is_ec && EVP_PKEY_is_a(key, "RSA") != 1) {
        return NULL;
    }
    if (is_ec && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) != 1) {
        return NULL; /* a curve without a name */
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct token_keykind *k = &kinds[i];
        const bool fits = is_ec ? k->group != NULL && strcmp(k->group, group) == 0
                                : k->group == NULL && EVP_PKEY_get_bits(key) == k->bits;
        if (fits) {
            return k;
        }
    }
    return NULL;
}

/* DER of the SubjectPublicKeyInfo as it stands in the certificate; false when it is larger than any that is taken. */
static bool take_spki(const X509 *c, struct token_cardkey *k)
{
    const X509_PUBKEY *spki = X509_get_X509_PUBKEY(c);
    uint8_t *to = k->spki;

    const int n = spki != NULL ? i2d_X509_PUBKEY(spki, NULL) : -1;
    if (n <= 0 || n > TOKEN_SPKI_MAX || i2d_X509_PUBKEY(spki, &to) != n) {
        return false;
    }
    k->spki_bytes = (size_t)n;
    k->id = digest_sha256(span_make(k->spki, k->spki_bytes));
    return true;
}

enum token_code token_cardkey_read(struct span certificate, struct token_cardkey *ret_key)
{
    AUTO(X509) *c = read_certificate(certificate);
    struct token_cardkey k = {0};

    if (c == NULL) {
        return TOKEN_UNSUPPORTED;
    }
    EVP_PKEY *key = X509_get0_pubkey(c);
    k.kind = key != NULL ? kind_of(key) : NULL;
    if (k.kind == NULL || !take_spki(c, &k)) {
        return TOKEN_WEAK_KEY;
    }
    if (EVP_PKEY_up_ref(key) != 1) {
        return TOKEN_FAILED;
    }
    k.key = key;
    *ret_key = k;
    return TOKEN_OK;
}

void token_cardkey_release(struct token_cardkey *k)
{
    EVP_PKEY_free(k->key);
    *k = (struct token_cardkey){0};
}

uint8_t token_cardkey_algorithm(const struct token_cardkey *k)
{
    return k->kind->algorithm;
}

size_t token_cardkey_block(const struct token_cardkey *k, struct span message, uint8_t ret_block[TOKEN_BLOCK_MAX])
{
    /* DigestInfo of SHA-512: RFC 8017 §9.2 note 1 */
    static const uint8_t info[] = {0x30, 0x51, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                   0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0x04, 0x40};
    const size_t bytes = (size_t)k->kind->bits / 8;

    if (k->kind->group != NULL && k->kind->bits == 256) {
        const struct sha256 hash = digest_sha256(message);
        memcpy(ret_block, hash.b, sizeof(hash.b));
        return sizeof(hash.b);
    }
    if (k->kind->group != NULL) {
        digest_sha384(message, ret_block);
        return SHA384_BYTES;
    }
    const size_t tail = sizeof(info) + SHA512_BYTES;
    memset(ret_block, 0xff, bytes);
    ret_block[0] = 0;
    ret_block[1] = 1;
    ret_block[bytes - tail - 1] = 0;
    memcpy(ret_block + bytes - tail, info, sizeof(info));
    digest_sha512(message, ret_block + bytes - SHA512_BYTES);
    return bytes;
}
_Static_assert(2048 / 8 >= 2 + PAD_MIN + 1 + 19 + SHA512_BYTES, "the smallest block holds padding and digest");

bool token_cardkey_verifies(const struct token_cardkey *k, struct span message, struct span sig)
{
    const bool is_ec = k->kind->group != NULL;

    if (sig.left > k->kind->sig_max_bytes || sig.left < (is_ec ? (size_t)SIG_DER_MIN : k->kind->sig_max_bytes)) {
        return false;
    }
    AUTO(EVP_MD_CTX) *md = EVP_MD_CTX_new();
    if (md == NULL || EVP_DigestVerifyInit(md, NULL, k->kind->md(), NULL, k->key) != 1) {
        return false;
    }
    return EVP_DigestVerify(md, sig.p, sig.left, message.p, message.left) == 1;
}

bool token_cardkey_is_certificate(struct span certificate)
{
    AUTO(X509) *c = read_certificate(certificate);

    return c != NULL;
}

static enum token_asking pin_of(uint8_t b)
{
    static const enum token_asking says[] = {[1] = TOKEN_ASKS_NEVER, [2] = TOKEN_ASKS_ONCE, [3] = TOKEN_ASKS_ALWAYS};
    return b < sizeof(says) / sizeof(says[0]) ? says[b] : TOKEN_ASKS_UNKNOWN;
}

static enum token_asking touch_of(uint8_t b)
{
    static const enum token_asking says[] = {[1] = TOKEN_ASKS_NEVER, [2] = TOKEN_ASKS_ALWAYS, [3] = TOKEN_ASKS_CACHED};
    return b < sizeof(says) / sizeof(says[0]) ? says[b] : TOKEN_ASKS_UNKNOWN;
}

bool token_cardkey_policies(struct span certificate, enum token_asking *ret_pin, enum token_asking *ret_touch)
{
    /* 1.3.6.1.4.1.41482.3.8: Yubico "PIV attestation", pin and touch policy, one byte each */
    static const uint8_t oid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xc4, 0x0a, 0x03, 0x08};
    AUTO(X509) *c = read_certificate(certificate);
    enum token_asking pin = TOKEN_ASKS_UNKNOWN;
    enum token_asking touch = TOKEN_ASKS_UNKNOWN;

    if (c == NULL) {
        return false;
    }
    for (int i = 0; i < X509_get_ext_count(c); i++) {
        X509_EXTENSION *e = X509_get_ext(c, i);
        const ASN1_OBJECT *name = X509_EXTENSION_get_object(e);
        const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(e);
        if (span_eq(span_make(OBJ_get0_data(name), OBJ_length(name)), SPAN_OF(oid)) && ASN1_STRING_length(value) == 2) {
            pin = pin_of(ASN1_STRING_get0_data(value)[0]);
            touch = touch_of(ASN1_STRING_get0_data(value)[1]);
        }
    }
    if (pin == TOKEN_ASKS_UNKNOWN || touch == TOKEN_ASKS_UNKNOWN) {
        return false;
    }
    *ret_pin = pin;
    *ret_touch = touch;
    return true;
}
