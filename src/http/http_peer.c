/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_peer.h"

#include <gnutls/x509.h>

#define CN_PREFIX "cn:"

struct crt {
    gnutls_x509_crt_t x;
};
static void crt_release(struct crt *c)
{
    if (c->x != NULL) {
        gnutls_x509_crt_deinit(c->x);
    }
}

static bool is_client_purpose(gnutls_x509_crt_t x)
{
    for (unsigned i = 0; i < 16; i++) {
        char oid[64];
        size_t n = sizeof(oid);
        const int r = gnutls_x509_crt_get_key_purpose_oid(x, i, oid, &n, NULL);
        if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return false;
        }
        if (r == 0 && strcmp(oid, GNUTLS_KP_TLS_WWW_CLIENT) == 0) {
            return true;
        }
    }
    return false;
}

/* Counts the URIs; the last one is left in the peer's name. -1 when the names cannot be read. */
static int read_uris(gnutls_x509_crt_t x, struct http_peer *p)
{
    int uris = 0;
    for (unsigned i = 0; i < 64; i++) {
        char san[HTTP_PEER_NAME_MAX];
        size_t n = sizeof(san);
        unsigned type = 0;
        const int r = gnutls_x509_crt_get_subject_alt_name2(x, i, san, &n, &type, NULL);
        if (r == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return uris;
        }
        if (r < 0 && (r != GNUTLS_E_SHORT_MEMORY_BUFFER || type == 0)) {
            return -1;
        }
        if (type != GNUTLS_SAN_URI) {
            continue;
        }
        if (r < 0 || n == 0 || n >= sizeof(san) || memchr(san, '\0', n) != NULL) {
            return -1;
        }
        memcpy(p->name, san, n);
        p->name_len = n;
        uris++;
    }
    return -1;
}

static bool read_common_name(gnutls_x509_crt_t x, struct http_peer *p)
{
    char cn[HTTP_PEER_NAME_MAX - sizeof(CN_PREFIX)];
    char second[8];
    size_t n = sizeof(cn);
    size_t m = sizeof(second);

    if (gnutls_x509_crt_get_dn_by_oid(x, GNUTLS_OID_X520_COMMON_NAME, 0, 0, cn, &n) != 0) {
        return false;
    }
    if (gnutls_x509_crt_get_dn_by_oid(x, GNUTLS_OID_X520_COMMON_NAME, 1, 0, second, &m) !=
        GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return false;
    }
    if (n == 0 || n >= sizeof(cn) || memchr(cn, '\0', n) != NULL) {
        return false;
    }
    memcpy(p->name, CN_PREFIX, sizeof(CN_PREFIX) - 1);
    memcpy(p->name + sizeof(CN_PREFIX) - 1, cn, n);
    p->name_len = n + sizeof(CN_PREFIX) - 1;
    return true;
}

/* NULL when the leaf is fit to name a client. */
static const char *leaf_fault(const gnutls_datum_t *der, struct http_peer *p)
{
    __attribute__((cleanup(crt_release))) struct crt crt = {.x = NULL};
    if (gnutls_x509_crt_init(&crt.x) != 0) {
        crt.x = NULL;
        return "certificate.memory";
    }
    if (gnutls_x509_crt_import(crt.x, der, GNUTLS_X509_FMT_DER) != 0) {
        return "certificate.form";
    }
    if (gnutls_x509_crt_get_ca_status(crt.x, NULL) > 0) {
        return "certificate.is_ca";
    }
    if (!is_client_purpose(crt.x)) {
        return "certificate.purpose";
    }
    p->expires_s = (int64_t)gnutls_x509_crt_get_expiration_time(crt.x);
    const int uris = read_uris(crt.x, p);
    if (uris == 1 || (uris == 0 && read_common_name(crt.x, p))) {
        return NULL;
    }
    return "certificate.name";
}

void http_peer_read(gnutls_session_t session, struct http_peer *ret_peer)
{
    struct http_peer p = {.state = PEER_NONE};
    unsigned count = 0;
    unsigned status = 1;

    const gnutls_datum_t *chain = gnutls_certificate_get_peers(session, &count);
    if (chain == NULL || count == 0) {
        *ret_peer = p;
        return;
    }
    p.state = PEER_REFUSED;
    if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509) {
        p.why = "certificate.type";
    } else if (gnutls_certificate_verify_peers2(session, &status) != 0 || status != 0) {
        p.why = "certificate.untrusted";
    } else {
        p.why = leaf_fault(&chain[0], &p);
        p.state = p.why == NULL ? PEER_NAMED : PEER_REFUSED;
    }
    *ret_peer = p;
}
