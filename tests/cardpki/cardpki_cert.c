/* SPDX-License-Identifier: Apache-2.0 */
#include "cardpki_cert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

enum { SERIAL = 4711, DEVICE = 12345678, LONG_SERIAL_BYTES = 21 };

void cardpki_der_release(struct cardpki_der *der)
{
    free(der->p);
    *der = (struct cardpki_der){.p = NULL};
}

static bool put_extension(X509 *cert, const char *oid, bool critical, const void *bytes, size_t len)
{
    ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *os = ASN1_OCTET_STRING_new();
    X509_EXTENSION *ext = NULL;
    bool ok = obj != NULL && os != NULL && ASN1_OCTET_STRING_set(os, bytes, (int)len) == 1;
    if (ok) {
        ext = X509_EXTENSION_create_by_OBJ(NULL, obj, critical ? 1 : 0, os);
        ok = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
    }
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(os);
    ASN1_OBJECT_free(obj);
    return ok;
}

/* Who is who: the subject, the issuer, and the key that signs. */
struct parties {
    const char *subject;
    const struct cardpki_key *subject_key;
    const char *issuer;
    const struct cardpki_key *issuer_key;
};

static bool set_name(X509_NAME *name, const char *common)
{
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)common, -1, -1, 0) == 1;
}

static bool add_units(X509_NAME *name, unsigned count)
{
    static const uint8_t unit[] = "a unit with a name of fifty-eight bytes, more or less so..";
    bool ok = true;
    for (unsigned i = 0; ok && i < count; i++) {
        ok = X509_NAME_add_entry_by_txt(name, "OU", MBSTRING_UTF8, unit, -1, -1, 0) == 1;
    }
    return ok;
}

static bool set_serial(X509 *cert, const struct cardpki_plan *plan)
{
    ASN1_INTEGER *serial = X509_get_serialNumber(cert);
    uint8_t bytes[LONG_SERIAL_BYTES];
    BIGNUM *n = BN_new();
    memset(bytes, 0x55, sizeof(bytes));
    bool ok = n != NULL && (plan->long_serial ? BN_bin2bn(bytes, sizeof(bytes), n) != NULL
                                              : BN_set_word(n, plan->serial != 0 ? plan->serial : SERIAL) == 1);
    if (ok) {
        BN_set_negative(n, plan->negative_serial ? 1 : 0);
        ok = BN_to_ASN1_INTEGER(n, serial) != NULL;
    }
    BN_free(n);
    return ok;
}

static bool set_frame(X509 *cert, const struct parties *who, const struct cardpki_plan *plan)
{
    const char *from = plan->not_before != NULL ? plan->not_before : "20250101000000Z";
    const char *to = plan->not_after != NULL ? plan->not_after : "20350101000000Z";
    return X509_set_version(cert, plan->version1 ? X509_VERSION_1 : X509_VERSION_3) == 1 && set_serial(cert, plan) &&
           set_name(X509_get_subject_name(cert), plan->name != NULL ? plan->name : who->subject) &&
           add_units(X509_get_subject_name(cert), plan->units) && set_name(X509_get_issuer_name(cert), who->issuer) &&
           ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), from) == 1 &&
           ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), to) == 1 &&
           X509_set_pubkey(cert, who->subject_key->pkey) == 1;
}

static bool finish(X509 *cert, const struct parties *who, bool sha1, struct cardpki_der *ret_der)
{
    uint8_t *der = NULL;
    if (X509_sign(cert, who->issuer_key->pkey, sha1 ? EVP_sha1() : EVP_sha256()) <= 0) {
        return false;
    }
    const int n = i2d_X509(cert, &der);
    ret_der->p = n > 0 ? malloc((size_t)n) : NULL;
    if (ret_der->p != NULL) {
        memcpy(ret_der->p, der, (size_t)n);
        ret_der->len = (size_t)n;
    }
    OPENSSL_free(der);
    return ret_der->p != NULL;
}

/* Basic constraints and key usage, as they are asked for. */
static bool put_usual(X509 *cert, const struct cardpki_plan *plan)
{
    static const uint8_t ca[] = {0x30, 0x03, 0x01, 0x01, 0xff};
    static const uint8_t no_ca[] = {0x30, 0x00};
    static const uint8_t sign[] = {0x03, 0x02, 0x06, 0xc0};     /* digitalSignature, nonRepudiation */
    static const uint8_t encipher[] = {0x03, 0x02, 0x05, 0x20}; /* keyEncipherment */
    static const uint8_t certs[] = {0x03, 0x02, 0x01, 0x06};    /* keyCertSign, cRLSign */
    const uint8_t *usage = plan->ca ? certs : sign;
    usage = plan->encipher_only ? encipher : usage;
    return put_extension(cert, "2.5.29.19", true, plan->ca ? ca : no_ca, plan->ca ? sizeof(ca) : sizeof(no_ca)) &&
           (plan->no_usage || put_extension(cert, "2.5.29.15", true, usage, sizeof(sign))) &&
           (!plan->unknown_critical || put_extension(cert, "1.2.3.4.5", true, "\x05\x00", 2));
}

static bool make(const struct parties *who, const struct cardpki_plan *plan,
                 bool (*extend)(X509 *cert, const struct cardpki_plan *plan), struct cardpki_der *ret_der)
{
    X509 *cert = X509_new();
    const bool ok = cert != NULL && set_frame(cert, who, plan) && (plan->version1 || extend(cert, plan)) &&
                    finish(cert, who, plan->sha1, ret_der);
    X509_free(cert);
    return ok;
}

#define CA_NAME   "Soft Card Issuing CA"
#define ROOT_NAME "Soft Card PIV Root CA"
#define F9_NAME   "Soft Card PIV Attestation"

bool cardpki_certificate(const struct cardpki *pki, const struct cardpki_key *key, const struct cardpki_plan *plan,
                         struct cardpki_der *ret_der)
{
    const struct parties who = {.subject = "Soft Card",
                                .subject_key = key,
                                .issuer = CA_NAME,
                                .issuer_key = plan->other_issuer_key ? &pki->other_key : &pki->ca_key};
    return make(&who, plan, put_usual, ret_der);
}

static bool put_firmware(X509 *cert, const struct cardpki_plan *plan)
{
    return plan->no_firmware || put_extension(cert, "1.3.6.1.4.1.41482.3.3", false, "\x05\x04\x03", 3);
}

static bool put_serial(X509 *cert, const struct cardpki_plan *plan)
{
    const uint64_t serial = plan->device > 0 ? (uint64_t)plan->device : DEVICE;
    uint8_t der[11] = {plan->serial_no_integer ? 0x04 : 0x02, 0};
    size_t n = 2;
    for (int shift = 56; shift >= 0; shift -= 8) {
        const uint8_t byte = (uint8_t)(serial >> shift);
        if (n == 2 && (byte & 0x80) != 0) {
            der[n++] = 0;
        }
        if (n > 2 || byte != 0) {
            der[n++] = byte;
        }
    }
    der[1] = (uint8_t)(n - 2);
    n += plan->serial_trailing ? 1 : 0;
    return plan->device < 0 || put_extension(cert, "1.3.6.1.4.1.41482.3.7", false, der, n);
}

static bool put_policy(X509 *cert, const struct cardpki_plan *plan)
{
    const uint8_t policy[2] = {plan->pin > 0 ? (uint8_t)plan->pin : 3, plan->touch > 0 ? (uint8_t)plan->touch : 2};
    const size_t len = plan->policy_short ? 1 : 2;
    bool ok = plan->pin < 0 || put_extension(cert, "1.3.6.1.4.1.41482.3.8", plan->policy_critical, policy, len);
    ok = ok && (!plan->policy_twice || put_extension(cert, "1.3.6.1.4.1.41482.3.8", false, policy, len));
    return ok;
}

/* As a YubiKey's slot attests: no basic constraints, no key usage. */
static bool put_attested(X509 *cert, const struct cardpki_plan *plan)
{
    static const uint8_t ca[] = {0x30, 0x03, 0x01, 0x01, 0xff};
    return (!plan->ca || put_extension(cert, "2.5.29.19", true, ca, sizeof(ca))) && put_firmware(cert, plan) &&
           put_serial(cert, plan) && put_policy(cert, plan) &&
           put_extension(cert, "1.3.6.1.4.1.41482.3.9", false, "\x03\x00", plan->form_long ? 2 : 1) &&
           (!plan->unknown_critical || put_extension(cert, "1.2.3.4.5", true, "\x05\x00", 2));
}

bool cardpki_attestation(const struct cardpki *pki, const struct cardpki_key *key, const struct cardpki_plan *plan,
                         struct cardpki_der *ret_der)
{
    char subject[64];
    (void)snprintf(subject, sizeof(subject), "YubiKey PIV Attestation %02x",
                   (unsigned)(plan->slot != 0 ? plan->slot : 0x9c));
    const struct parties who = {.subject = subject,
                                .subject_key = key,
                                .issuer = F9_NAME,
                                .issuer_key = plan->other_issuer_key ? &pki->other_key : &pki->f9_key};
    return make(&who, plan, put_attested, ret_der);
}

bool cardpki_f9(const struct cardpki *pki, const struct cardpki_plan *plan, struct cardpki_der *ret_der)
{
    const struct parties who = {.subject = F9_NAME,
                                .subject_key = &pki->f9_key,
                                .issuer = ROOT_NAME,
                                .issuer_key = plan->other_issuer_key ? &pki->other_key : &pki->root_key};
    return make(&who, plan, put_usual, ret_der);
}

static bool self_signed(const char *name, const struct cardpki_key *key, struct cardpki_der *ret_der)
{
    const struct parties who = {.subject = name, .subject_key = key, .issuer = name, .issuer_key = key};
    const struct cardpki_plan plan = {
        .ca = true, .serial = 1, .not_before = "20200101000000Z", .not_after = "20450101000000Z"};
    return make(&who, &plan, put_usual, ret_der);
}

bool cardpki_init(struct cardpki *pki)
{
    const struct cardpki_plan f9 = {.ca = true, .serial = 2};
    *pki = (struct cardpki){.ca = {.p = NULL}};
    const bool ok = cardpki_key_init_named(&pki->ca_key, "ca") && cardpki_key_init_named(&pki->other_key, "other") &&
                    cardpki_key_init_named(&pki->root_key, "root") && cardpki_key_init_named(&pki->f9_key, "f9") &&
                    self_signed(CA_NAME, &pki->ca_key, &pki->ca) &&
                    self_signed(CA_NAME, &pki->other_key, &pki->other) &&
                    self_signed(ROOT_NAME, &pki->root_key, &pki->root) && cardpki_f9(pki, &f9, &pki->f9);
    if (!ok) {
        cardpki_release(pki);
    }
    return ok;
}

void cardpki_release(struct cardpki *pki)
{
    cardpki_key_release(&pki->ca_key);
    cardpki_key_release(&pki->other_key);
    cardpki_key_release(&pki->root_key);
    cardpki_key_release(&pki->f9_key);
    cardpki_der_release(&pki->ca);
    cardpki_der_release(&pki->other);
    cardpki_der_release(&pki->root);
    cardpki_der_release(&pki->f9);
}

static bool add_revoked(X509_CRL *crl, uint64_t serial, ASN1_TIME *when, bool critical)
{
    X509_REVOKED *x = X509_REVOKED_new();
    ASN1_INTEGER *n = ASN1_INTEGER_new();
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    bool ok = x != NULL && n != NULL && reason != NULL && ASN1_INTEGER_set_uint64(n, serial) == 1 &&
              X509_REVOKED_set_serialNumber(x, n) == 1 && X509_REVOKED_set_revocationDate(x, when) == 1;
    ok = ok && (!critical || (ASN1_ENUMERATED_set(reason, 1) == 1 &&
                              X509_REVOKED_add1_ext_i2d(x, NID_crl_reason, reason, 1, 0) == 1));
    ok = ok && X509_CRL_add0_revoked(crl, x) == 1;
    if (!ok) {
        X509_REVOKED_free(x);
    }
    ASN1_ENUMERATED_free(reason);
    ASN1_INTEGER_free(n);
    return ok;
}

static bool put_entries(X509_CRL *crl, const struct cardpki_list *list, ASN1_TIME *when)
{
    bool ok = true;
    for (size_t i = 0; ok && i < list->count; i++) {
        ok = add_revoked(crl, list->serials[i], when, list->entry_critical);
    }
    for (size_t i = 0; ok && i < list->filler; i++) {
        ok = add_revoked(crl, 1000000 + i, when, false);
    }
    return ok;
}

static bool put_list_extensions(X509_CRL *crl, const struct cardpki_list *list)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ISSUING_DIST_POINT *point = ISSUING_DIST_POINT_new();
    bool ok = number != NULL && point != NULL;
    if (ok && list->number != 0) {
        ok = ASN1_INTEGER_set_uint64(number, list->number) == 1 &&
             X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;
    }
    if (ok && list->critical) {
        point->onlyuser = 0xff;
        ok = X509_CRL_add1_ext_i2d(crl, NID_issuing_distribution_point, point, 1, 0) == 1;
    }
    ISSUING_DIST_POINT_free(point);
    ASN1_INTEGER_free(number);
    return ok;
}

static bool finish_list(X509_CRL *crl, const struct cardpki_key *key, bool sha1, struct cardpki_der *ret_der)
{
    uint8_t *der = NULL;
    if (X509_CRL_sort(crl) != 1 || X509_CRL_sign(crl, key->pkey, sha1 ? EVP_sha1() : EVP_sha256()) <= 0) {
        return false;
    }
    const int n = i2d_X509_CRL(crl, &der);
    ret_der->p = n > 0 ? malloc((size_t)n) : NULL;
    if (ret_der->p != NULL) {
        memcpy(ret_der->p, der, (size_t)n);
        ret_der->len = (size_t)n;
    }
    OPENSSL_free(der);
    return ret_der->p != NULL;
}

bool cardpki_crl(const struct cardpki *pki, const struct cardpki_list *list, struct cardpki_der *ret_der)
{
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_TIME *when = ASN1_TIME_new();
    const char *text = list->this_update != NULL ? list->this_update : "20260101000000Z";
    const bool ok = crl != NULL && name != NULL && when != NULL && set_name(name, CA_NAME) &&
                    ASN1_TIME_set_string_X509(when, text) == 1 && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
                    X509_CRL_set_issuer_name(crl, name) == 1 && X509_CRL_set1_lastUpdate(crl, when) == 1 &&
                    put_entries(crl, list, when) && put_list_extensions(crl, list) &&
                    finish_list(crl, list->other_key ? &pki->other_key : &pki->ca_key, list->sha1, ret_der);
    ASN1_TIME_free(when);
    X509_NAME_free(name);
    X509_CRL_free(crl);
    return ok;
}
