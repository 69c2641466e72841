/* SPDX-License-Identifier: Apache-2.0 */
/* Who may be above a card's certificate and sign lists: a root of exactly that name, with a key that is strong enough.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypt/crypt_card.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#define NOW     ((uint64_t)1767600000) /* 2026-01-05 */
#define MESSAGE "what the card signed"

enum { SERIAL = 77, DER_MAX = 1200, SIG_MAX = 512 };

struct der {
    uint8_t b[DER_MAX];
    size_t len;
};

static struct span der_span(const struct der *d)
{
    return span_make(d->b, d->len);
}

struct spelling {
    int type; /* of the string */
    const char *text;
};
static const struct spelling as_root = {V_ASN1_PRINTABLESTRING, "Corp CA"};

static X509_NAME *name_of(const struct spelling *s)
{
    X509_NAME *n = X509_NAME_new();
    assert_non_null(n);
    assert_int_equal(X509_NAME_add_entry_by_NID(n, NID_commonName, s->type, (const unsigned char *)s->text, -1, -1, 0),
                     1);
    return n;
}

static void extend(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(cert, e, -1), 1);
    X509_EXTENSION_free(e);
}

/* Of this key and subject, by that key under this name; an authority's when it signs itself. */
static void certificate(EVP_PKEY *key, const struct spelling *subject, EVP_PKEY *by, const struct spelling *issuer,
                        struct der *ret_der)
{
    X509 *c = X509_new();
    X509_NAME *s = name_of(subject);
    X509_NAME *i = name_of(issuer);
    uint8_t *p = ret_der->b;
    assert_non_null(c);
    assert_int_equal(X509_set_version(c, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(c), SERIAL), 1);
    assert_int_equal(X509_set_subject_name(c, s), 1);
    assert_int_equal(X509_set_issuer_name(c, i), 1);
    assert_int_equal(X509_set_pubkey(c, key), 1);
    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(c), (time_t)NOW - 86400));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(c), (time_t)NOW + 86400));
    if (key == by) {
        extend(c, NID_basic_constraints, "critical,CA:TRUE");
        extend(c, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    assert_true(X509_sign(c, by, EVP_sha256()) > 0);
    assert_true(i2d_X509(c, NULL) <= DER_MAX);
    ret_der->len = (size_t)i2d_X509(c, &p);
    X509_NAME_free(s);
    X509_NAME_free(i);
    X509_free(c);
}

/* Number 5, of NOW, which names SERIAL. */
static void list(EVP_PKEY *by, const struct spelling *issuer, struct der *ret_der)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *i = name_of(issuer);
    ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)NOW);
    X509_REVOKED *r = X509_REVOKED_new();
    ASN1_INTEGER *n = ASN1_INTEGER_new();
    uint8_t *p = ret_der->b;
    assert_true(crl != NULL && at != NULL && r != NULL && n != NULL);
    assert_int_equal(X509_CRL_set_version(crl, X509_CRL_VERSION_2), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, i), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, at), 1);
    assert_int_equal(ASN1_INTEGER_set(n, SERIAL), 1);
    assert_int_equal(X509_REVOKED_set_serialNumber(r, n), 1);
    assert_int_equal(X509_REVOKED_set_revocationDate(r, at), 1);
    assert_int_equal(X509_CRL_add0_revoked(crl, r), 1);
    assert_int_equal(ASN1_INTEGER_set(n, 5), 1);
    assert_int_equal(X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0), 1);
    assert_true(X509_CRL_sign(crl, by, EVP_sha256()) > 0);
    assert_true(i2d_X509_CRL(crl, NULL) <= DER_MAX);
    ret_der->len = (size_t)i2d_X509_CRL(crl, &p);
    ASN1_INTEGER_free(n);
    ASN1_TIME_free(at);
    X509_NAME_free(i);
    X509_CRL_free(crl);
}

struct card {
    EVP_PKEY *key;
    uint8_t sig[SIG_MAX];
    size_t sig_len;
    uint8_t spki[NOTE_SPKI_MAX];
    size_t spki_len;
};

static void card_init(struct card *c)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    uint8_t *p = c->spki;
    c->key = EVP_EC_gen("P-256");
    c->sig_len = sizeof(c->sig);
    assert_true(md != NULL && c->key != NULL);
    assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, c->key), 1);
    assert_int_equal(EVP_DigestSign(md, c->sig, &c->sig_len, (const uint8_t *)MESSAGE, sizeof(MESSAGE) - 1), 1);
    assert_true(i2d_PUBKEY(c->key, NULL) <= (int)sizeof(c->spki));
    c->spki_len = (size_t)i2d_PUBKEY(c->key, &p);
    EVP_MD_CTX_free(md);
}

static struct crypt_card_in card_in(const struct card *c, const struct der *cert, const struct span *roots, size_t n)
{
    return (struct crypt_card_in){.key = span_make(c->spki, c->spki_len),
                                  .certificate = der_span(cert),
                                  .message = SPAN_LIT(MESSAGE),
                                  .sig = span_make(c->sig, c->sig_len),
                                  .roots = roots,
                                  .root_count = n,
                                  .time_s = NOW};
}

/* Each row names the same authority to libcrypto. To us it does only when no byte differs: a list is found by its
 * issuer's bytes, and one that spells them otherwise would not revoke what it names. */
static void an_authority_has_one_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct spelling issuer;
        bool same;
    } rows[] = {
        {"as the root has it", {V_ASN1_PRINTABLESTRING, "Corp CA"}, true},
        {"another type of string", {V_ASN1_UTF8STRING, "Corp CA"}, false},
        {"in lower case", {V_ASN1_PRINTABLESTRING, "corp ca"}, false},
        {"with more spaces", {V_ASN1_PRINTABLESTRING, "Corp  CA"}, false},
    };
    EVP_PKEY *ca = EVP_EC_gen("P-256");
    static const struct spelling alice = {V_ASN1_UTF8STRING, "alice"};
    struct card card;
    struct der root;
    card_init(&card);
    certificate(ca, &as_root, ca, &as_root, &root);
    const struct span roots[] = {der_span(&root)};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct der cert;
        struct der crl;
        size_t which = 9;
        X509_NAME *a = name_of(&as_root);
        X509_NAME *b = name_of(&rows[i].issuer);
        assert_int_equal(X509_NAME_cmp(a, b), 0);
        certificate(card.key, &alice, ca, &rows[i].issuer, &cert);
        list(ca, &rows[i].issuer, &crl);
        const struct crypt_card_in in = card_in(&card, &cert, roots, 1);
        const enum crypt_card enrolled = crypt_card_check(&in);
        const enum crypt_card listed = crypt_crl_check(der_span(&crl), roots, 1, NOW);
        if (enrolled != (rows[i].same ? CRYPT_CARD_HOLDS : CRYPT_CARD_CERT_CHAIN) ||
            listed != (rows[i].same ? CRYPT_CARD_HOLDS : CRYPT_CARD_CRL_SIGNATURE)) {
            fail_msg("%s: %s; %s", rows[i].name, crypt_card_text(enrolled), crypt_card_text(listed));
        }
        assert_int_equal(crypt_card_root(&in, &which), enrolled);
        assert_int_equal(which, rows[i].same ? 0 : 9);
        X509_NAME_free(a);
        X509_NAME_free(b);
    }
    EVP_PKEY_free(card.key);
    EVP_PKEY_free(ca);
}

/* An authority may keep its name when it changes its key. */
static void the_root_is_the_one_that_signed(void **state)
{
    (void)state;
    static const struct spelling alice = {V_ASN1_UTF8STRING, "alice"};
    EVP_PKEY *old = EVP_EC_gen("P-256");
    EVP_PKEY *fresh = EVP_EC_gen("P-256");
    struct card card;
    struct der root[2];
    struct der cert;
    size_t which = 9;
    card_init(&card);
    certificate(old, &as_root, old, &as_root, &root[0]);
    certificate(fresh, &as_root, fresh, &as_root, &root[1]);
    certificate(card.key, &alice, fresh, &as_root, &cert);
    const struct span roots[] = {der_span(&root[0]), der_span(&root[1])};
    struct crypt_card_in in = card_in(&card, &cert, roots, 2);
    assert_int_equal(crypt_card_root(&in, &which), CRYPT_CARD_HOLDS);
    assert_int_equal(which, 1);
    which = 9;
    in.root_count = 1;
    assert_int_equal(crypt_card_root(&in, &which), CRYPT_CARD_CERT_CHAIN);
    in.root_count = 0;
    assert_int_equal(crypt_card_root(&in, &which), CRYPT_CARD_CERT_CHAIN);
    in.certificate = SPAN_LIT("no certificate");
    assert_int_equal(crypt_card_root(&in, &which), CRYPT_CARD_CERTIFICATE);
    assert_int_equal(which, 9);
    EVP_PKEY_free(card.key);
    EVP_PKEY_free(old);
    EVP_PKEY_free(fresh);
}

static void a_weak_root_signs_no_lists(void **state)
{
    (void)state;
    static const struct {
        unsigned bits;
        enum crypt_card want;
    } rows[] = {{1024, CRYPT_CARD_CRL_SIGNATURE}, {2048, CRYPT_CARD_HOLDS}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        EVP_PKEY *ca = EVP_RSA_gen(rows[i].bits);
        struct der root;
        struct der crl;
        certificate(ca, &as_root, ca, &as_root, &root);
        list(ca, &as_root, &crl);
        const struct span roots[] = {der_span(&root)};
        assert_int_equal(crypt_crl_check(der_span(&crl), roots, 1, NOW), rows[i].want);
        EVP_PKEY_free(ca);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_authority_has_one_spelling),
        cmocka_unit_test(the_root_is_the_one_that_signed),
        cmocka_unit_test(a_weak_root_signs_no_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
