/* SPDX-License-Identifier: Apache-2.0 */
/* Attestations by libcrypto with every certificate rule broken on demand. Any failure ends the test program. */
#ifndef CRYPT_MAKER_H
#define CRYPT_MAKER_H

#include "crypt/crypt_attest.h"
#include "crypt_signer.h"

#include <openssl/x509v3.h>

enum aaguid_extension { AAGUID_GOOD, AAGUID_NONE, AAGUID_OTHER, AAGUID_CRITICAL, AAGUID_TWICE, AAGUID_SHORT };

/* All-zero, with `issuer` set, makes a good leaf. */
struct cert_plan {
    const char *country; /* NULL: "SE"; "" leaves it out; the same below */
    const char *org;
    const char *name;
    const char *unit;
    const char *second_unit;
    enum aaguid_extension aaguid;
    bool ca;
    bool no_constraints;
    bool version1;
    bool critical_unknown; /* an unknown critical extension */
    int from_days;         /* 0: a year before MAKER_TIME */
    int to_days;           /* 0: a year after */
    const EVP_MD *md;      /* NULL: SHA-256 */
};

#define MAKER_TIME ((uint64_t)1700000000)

struct maker_cert {
    EVP_PKEY *key;
    X509 *cert;
    struct bytes der;
};

/* issuer NULL: self-signed. key is taken over. */
struct maker_cert maker_cert_new(EVP_PKEY *key, const struct maker_cert *issuer, const struct cert_plan *plan);
void maker_cert_release(struct maker_cert *c);

#endif
