/* SPDX-License-Identifier: Apache-2.0 */
/* Who the other end of a TLS connection says it is, and whether we believe it. */
#ifndef HTTP_PEER_H
#define HTTP_PEER_H

#include <gnutls/gnutls.h>

#include "base/base_span.h"

enum { HTTP_PEER_NAME_MAX = 256 };

enum http_peer_state {
    PEER_UNSEEN,  /* the handshake was not looked at yet */
    PEER_NONE,    /* showed no certificate */
    PEER_REFUSED, /* showed one that does not count: `why` says what is wrong */
    PEER_NAMED,   /* name is its one URI, or "cn:" and its common name */
};

struct http_peer {
    enum http_peer_state state;
    const char *why; /* literal */
    uint8_t name[HTTP_PEER_NAME_MAX];
    size_t name_len;
    int64_t expires_s; /* of the certificate, seconds since 1970 */
};

/*
 * Judges the certificate of a session whose handshake is done. GnuTLS lets a handshake with an untrusted client
 * certificate through, so this decides: the chain verifies (status word zero), the leaf is no CA, its extended key
 * usage says clientAuth, and it has exactly one URI among its alternative names, or none and exactly one common name.
 */
void http_peer_read(gnutls_session_t session, struct http_peer *ret_peer);

#endif
