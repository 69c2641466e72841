/* SPDX-License-Identifier: Apache-2.0 */
/* What certificates and lists say for people to read. Nothing is judged by it. */
#include "crypt/crypt_yubico.h"

/* As RFC 4514 writes a name, but letters beyond ASCII stand as they are, in UTF-8: the screen knows which of them hide
 * something. Separators inside a value are escaped, so that no value looks like two. */
enum { NAME_FORM = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB };

static enum crypt_card refusal(enum crypt_card why)
{
    return crypt_ossl_no_room() ? CRYPT_CARD_NO_ROOM : why;
}

static bool take_name(const X509_NAME *name, struct crypt_name *ret_name)
{
    AUTO(BIO) *out = BIO_new(BIO_s_mem());
    char *text = NULL;

    if (out == NULL || X509_NAME_print_ex(out, name, 0, NAME_FORM) < 0) {
        return false;
    }
    const long n = BIO_get_mem_data(out, &text);
    if (n < 0 || n > CRYPT_NAME_MAX) {
        return false; /* never cut */
    }
    if (n > 0) {
        memcpy(ret_name->b, text, (size_t)n);
    }
    ret_name->len = (size_t)n;
    return true;
}

enum crypt_card crypt_cert_words(struct span certificate, struct crypt_cert_words *ret)
{
    AUTO(X509) *cert = certificate.left <= CRYPT_CERT_MAX ? crypt_cert_open(certificate) : NULL;

    if (cert == NULL || !take_name(X509_get_subject_name(cert), &ret->subject) ||
        !take_name(X509_get_issuer_name(cert), &ret->issuer) ||
        !crypt_cert_seconds(X509_get0_notBefore(cert), &ret->not_before_s) ||
        !crypt_cert_seconds(X509_get0_notAfter(cert), &ret->not_after_s)) {
        return refusal(CRYPT_CARD_CERTIFICATE);
    }
    return CRYPT_CARD_HOLDS;
}

enum crypt_card crypt_crl_words(struct span crl, struct crypt_name *ret_issuer)
{
    AUTO(X509_CRL) *list = crypt_crl_open(crl);

    return list != NULL && take_name(X509_CRL_get_issuer(list), ret_issuer) ? CRYPT_CARD_HOLDS
                                                                            : refusal(CRYPT_CARD_CRL);
}
