/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation certificate and its chain; private to this room. WebAuthn L2 §8.2.1, RFC 5280 §6. */
#ifndef CRYPT_CERT_H
#define CRYPT_CERT_H

#include "crypt/crypt_attest.h"
#include "crypt/crypt_ossl.h"

/* After libcrypto failed: this reason, or CRYPT_ATTEST_NO_ROOM if it was memory. */
enum crypt_attest crypt_cert_refusal(enum crypt_attest why);
/* NULL unless it is one DER certificate and nothing else, or memory is out. */
X509 *crypt_cert_open(struct span der);
/* Version, subject, basic constraints, model. */
enum crypt_attest crypt_cert_check_leaf(X509 *leaf, struct span aaguid);
/* The leaf's key. CS_E_TYPE unless it is P-256; CS_E_NOMEM, CS_E_CRYPTO. */
CS_RESULT crypt_cert_key(X509 *leaf, struct crypt_key **ret_key);
/* All borrowed. */
struct crypt_chain {
    const struct span *between; /* certificates that may be used on the way */
    size_t between_count;
    const struct span *roots; /* the only anchors; need not sign themselves */
    size_t root_count;
    uint64_t time_s; /* all must be valid then */
    size_t least;    /* certificates that the chain has, leaf and anchor included */
};
enum crypt_chain_said {
    CRYPT_CHAIN_BROKEN, /* zero: refused */
    CRYPT_CHAIN_HOLDS,
    CRYPT_CHAIN_ROOT,        /* a root is malformed */
    CRYPT_CHAIN_CERTIFICATE, /* one between is malformed */
    CRYPT_CHAIN_EXPIRED,
    CRYPT_CHAIN_NOT_YET,
    CRYPT_CHAIN_NO_ROOM,
};
enum crypt_chain_said crypt_cert_chain(X509 *leaf, const struct crypt_chain *c);

/* From the leaf over x5c[1..] to one of the roots, all valid at time_s. */
enum crypt_attest crypt_cert_check_chain(X509 *leaf, const struct crypt_attest_in *in, const struct crypt_model *model);

#endif
