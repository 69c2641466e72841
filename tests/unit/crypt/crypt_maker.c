/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt_maker.h"

#include <openssl/objects.h>

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "test certificate: %s\n", what);
        abort();
    }
}

static void put_name(X509_NAME *name, const char *part, const char *text, const char *usual)
{
    const char *value = text != NULL ? text : usual;
    if (value != NULL && value[0] != 0) {
        must(X509_NAME_add_entry_by_txt(name, part, MBSTRING_ASC, (const unsigned char *)value, -1, -1, 0) == 1, part);
    }
}

static void put_subject(X509 *cert, const struct cert_plan *p)
{
    X509_NAME *name = X509_get_subject_name(cert);
    put_name(name, "C", p->country, "SE");
    put_name(name, "O", p->org, "Tests");
    put_name(name, "OU", p->unit, "Authenticator Attestation");
    put_name(name, "OU", p->second_unit, NULL);
    put_name(name, "CN", p->name, "Model One");
}

static void put_extension(X509 *cert, const char *oid, bool critical, struct span value)
{
    ASN1_OBJECT *obj = OBJ_txt2obj(oid, 1);
    ASN1_OCTET_STRING *os = ASN1_OCTET_STRING_new();
    must(obj != NULL && os != NULL && ASN1_OCTET_STRING_set(os, value.p, (int)value.left) == 1, oid);
    X509_EXTENSION *ext = X509_EXTENSION_create_by_OBJ(NULL, obj, critical ? 1 : 0, os);
    must(ext != NULL && X509_add_ext(cert, ext, -1) == 1, oid);
    X509_EXTENSION_free(ext);
    ASN1_OCTET_STRING_free(os);
    ASN1_OBJECT_free(obj);
}

#define AAGUID_OID "1.3.6.1.4.1.45724.1.1.4"

static void put_aaguid(X509 *cert, enum aaguid_extension which)
{
    const struct span good = SPAN_LIT("\x04\x10"
                                      "0123456789abcdef");
    const struct span other = SPAN_LIT("\x04\x10"
                                       "0123456789abcdeX");
    switch (which) {
    case AAGUID_NONE:
        break;
    case AAGUID_TWICE:
        put_extension(cert, AAGUID_OID, false, good);
        put_extension(cert, AAGUID_OID, false, good);
        break;
    case AAGUID_GOOD:
    case AAGUID_CRITICAL:
        put_extension(cert, AAGUID_OID, which == AAGUID_CRITICAL, good);
        break;
    case AAGUID_OTHER:
        put_extension(cert, AAGUID_OID, false, other);
        break;
    case AAGUID_SHORT:
        put_extension(cert, AAGUID_OID, false, span_make(good.p, good.left - 1));
        break;
    }
}

static void put_extensions(X509 *cert, const struct cert_plan *p)
{
    if (!p->no_constraints) {
        put_extension(cert, "2.5.29.19", true, p->ca ? SPAN_LIT("\x30\x03\x01\x01\xff") : SPAN_LIT("\x30\x00"));
    }
    put_aaguid(cert, p->aaguid);
    if (p->critical_unknown) {
        put_extension(cert, "1.2.3.4.5", true, SPAN_LIT("\x05\x00"));
    }
}

struct maker_cert maker_cert_new(EVP_PKEY *key, const struct maker_cert *issuer, const struct cert_plan *plan)
{
    struct maker_cert c = {.key = key, .cert = X509_new(), .der = {.n = 0}};
    time_t at = (time_t)MAKER_TIME;
    uint8_t *p = c.der.b;

    must(c.cert != NULL, "new");
    must(X509_set_version(c.cert, plan->version1 ? X509_VERSION_1 : X509_VERSION_3) == 1, "version");
    must(ASN1_INTEGER_set(X509_get_serialNumber(c.cert), 7) == 1, "serial");
    put_subject(c.cert, plan);
    must(X509_set_issuer_name(c.cert, X509_get_subject_name(issuer != NULL ? issuer->cert : c.cert)) == 1, "issuer");
    must(X509_time_adj_ex(X509_getm_notBefore(c.cert), plan->from_days != 0 ? plan->from_days : -365, 0, &at) != NULL,
         "from");
    must(X509_time_adj_ex(X509_getm_notAfter(c.cert), plan->to_days != 0 ? plan->to_days : 365, 0, &at) != NULL, "to");
    must(X509_set_pubkey(c.cert, key) == 1, "key");
    if (!plan->version1) {
        put_extensions(c.cert, plan);
    }
    must(X509_sign(c.cert, issuer != NULL ? issuer->key : key, plan->md != NULL ? plan->md : EVP_sha256()) > 0, "sign");
    const int n = i2d_X509(c.cert, NULL);
    must(n > 0 && (size_t)n <= sizeof(c.der.b) && i2d_X509(c.cert, &p) == n, "der");
    c.der.n = (size_t)n;
    return c;
}

void maker_cert_release(struct maker_cert *c)
{
    X509_free(c->cert);
    EVP_PKEY_free(c->key);
}
