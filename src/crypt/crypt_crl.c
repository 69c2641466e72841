/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revoked certificates. RFC 5280 §5. Complete lists of one authority only: a delta, an indirect list or one of
 * a part says so in a critical extension, and is refused for it. */
#include "crypt/crypt_yubico.h"

enum { LEAST_BITS = 112 }; /* of strength, as for certificates: no RSA below 2048 */

X509_CRL *crypt_crl_open(struct span der)
{
    const uint8_t *p = der.p;
    AUTO(X509_CRL) *crl = d2i_X509_CRL(NULL, &p, (long)der.left);

    if (crl == NULL || p != der.p + der.left) {
        return NULL;
    }
    X509_CRL *ret = crl;
    crl = NULL;
    return ret;
}

static enum crypt_card refusal(enum crypt_card why)
{
    return crypt_ossl_no_room() ? CRYPT_CARD_NO_ROOM : why;
}

static bool any_critical(const STACK_OF(X509_EXTENSION) * list)
{
    for (int i = 0; list != NULL && i < sk_X509_EXTENSION_num(list); i++) {
        if (X509_EXTENSION_get_critical(sk_X509_EXTENSION_value(list, i)) != 0) {
            return true;
        }
    }
    return false;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, CRYPT_NUMBER_BYTES);
}

static void sort_serials(struct crypt_crl_facts *f)
{
    size_t kept = 0;

    if (f->serial_count > 1) {
        qsort(f->serial, f->serial_count, sizeof(f->serial[0]), by_bytes);
    }
    for (size_t i = 0; i < f->serial_count; i++) {
        if (kept == 0 || by_bytes(f->serial[kept - 1], f->serial[i]) != 0) {
            memmove(f->serial[kept++], f->serial[i], sizeof(f->serial[0]));
        }
    }
    f->serial_count = kept;
}

/* On hold, or taken off a list before: on it means revoked. */
static enum crypt_card take_serials(X509_CRL *crl, struct crypt_crl_facts *f)
{
    STACK_OF(X509_REVOKED) *list = X509_CRL_get_REVOKED(crl);
    const int n = list != NULL ? sk_X509_REVOKED_num(list) : 0;

    if (n > CRYPT_CRL_SERIALS_MAX) {
        return CRYPT_CARD_CRL_LONG;
    }
    for (int i = 0; i < n; i++) {
        const X509_REVOKED *x = sk_X509_REVOKED_value(list, i);
        if (any_critical(X509_REVOKED_get0_extensions(x)) ||
            !crypt_cert_number(X509_REVOKED_get0_serialNumber(x), f->serial[f->serial_count])) {
            return CRYPT_CARD_CRL;
        }
        f->serial_count++;
    }
    sort_serials(f);
    return CRYPT_CARD_HOLDS;
}

static enum crypt_card read_crl(X509_CRL *crl, struct crypt_crl_facts *f)
{
    if (any_critical(X509_CRL_get0_extensions(crl)) ||
        !crypt_cert_seconds(X509_CRL_get0_lastUpdate(crl), &f->this_update_s) ||
        !crypt_cert_name(X509_CRL_get_issuer(crl), &f->authority)) {
        return refusal(CRYPT_CARD_CRL);
    }
    AUTO(ASN1_INTEGER) *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    if (!crypt_cert_number(number, f->number)) {
        return refusal(CRYPT_CARD_CRL_NUMBER);
    }
    return take_serials(crl, f);
}

enum crypt_card crypt_crl_read(struct span crl, struct crypt_crl_facts *ret)
{
    AUTO(X509_CRL) *list = crypt_crl_open(crl);

    if (list == NULL) {
        return refusal(CRYPT_CARD_CRL);
    }
    memset(ret, 0, sizeof(*ret));
    return read_crl(list, ret);
}

/* SHA-1 and weaker no longer bind anybody. */
static bool strong(const X509_CRL *crl)
{
    int digest = 0;

    if (OBJ_find_sigid_algs(X509_CRL_get_signature_nid(crl), &digest, NULL) != 1) {
        return false;
    }
    return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512;
}

static bool valid_at(const X509 *cert, uint64_t time_s)
{
    uint64_t from = 0;
    uint64_t to = 0;

    return crypt_cert_seconds(X509_get0_notBefore(cert), &from) && crypt_cert_seconds(X509_get0_notAfter(cert), &to) &&
           from <= time_s && time_s <= to;
}

static enum crypt_card signed_by(X509_CRL *crl, struct span root, uint64_t time_s)
{
    AUTO(X509) *cert = root.left <= CRYPT_CERT_MAX ? crypt_cert_open(root) : NULL;

    if (cert == NULL) {
        return refusal(CRYPT_CARD_ROOT);
    }
    EVP_PKEY *key = X509_get0_pubkey(cert);
    const bool theirs = crypt_cert_same_name(X509_get_subject_name(cert), X509_CRL_get_issuer(crl)) &&
                        X509_check_ca(cert) != 0 && (X509_get_key_usage(cert) & KU_CRL_SIGN) != 0;
    const bool able = theirs && valid_at(cert, time_s) && key != NULL && EVP_PKEY_get_security_bits(key) >= LEAST_BITS;
    const bool holds = able && X509_CRL_verify(crl, key) == 1;
    return holds ? CRYPT_CARD_HOLDS : refusal(CRYPT_CARD_CRL_SIGNATURE);
}

enum crypt_card crypt_crl_check(struct span crl, const struct span *roots, size_t root_count, uint64_t time_s)
{
    AUTO(X509_CRL) *list = crypt_crl_open(crl);
    uint64_t from = 0;

    if (list == NULL || !crypt_cert_seconds(X509_CRL_get0_lastUpdate(list), &from)) {
        return refusal(CRYPT_CARD_CRL);
    }
    if (from > time_s) {
        return CRYPT_CARD_CRL_NOT_YET;
    }
    enum crypt_card c = CRYPT_CARD_CRL_SIGNATURE;
    for (size_t i = 0; strong(list) && c == CRYPT_CARD_CRL_SIGNATURE && i < root_count; i++) {
        c = signed_by(list, roots[i], time_s);
    }
    return c;
}
