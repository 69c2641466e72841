/* SPDX-License-Identifier: Apache-2.0 */
/* The soft cards' certificates, of authorities of their own: one that issues people's certificates, and one whose chain
 * attests that a key was made in a card, as YubiKeys do it (slot attestation, F9 certificate, root). Pure but for
 * memory. */
#ifndef SOFTCARD_CERT_H
#define SOFTCARD_CERT_H

#include "softcard_key.h"
#include "softkey/softkey_x509.h"

enum { SOFTCARD_SERIAL_BYTES = 8 };

/* A certificate, DER. */
struct softcard_cert {
    uint8_t der[SOFTKEY_X509_MAX];
    size_t len;
};

/* Both authorities, and one that nobody trusts but that has the name of the first. All follow from one seed. */
struct softcard_ca {
    struct softkey_ec *issuer;
    struct softkey_ec *other_issuer;
    struct softkey_ec *attester;
    struct softcard_cert issuer_cert;
    struct softcard_cert attester_cert;
};

/* name of the constant, name on the control socket, what the certificate is */
#define SOFTCARD_CERT_KINDS(X)                                                                                         \
    X(ISSUED, "issued", "right")                                                                                       \
    X(SOON, "soon", "right, for two years less")                                                                       \
    X(EXPIRED, "expired", "expired in 2020")                                                                           \
    X(FUTURE, "future", "not valid before 2098")                                                                       \
    X(OTHER_KEY, "other-key", "of another key than the one in the slot")                                               \
    X(OTHER_ROOT, "other-root", "issued by an unknown root of the same name")                                          \
    X(CA_TRUE, "ca-true", "of a CA")                                                                                   \
    X(NONE, "none", "not there")

enum softcard_cert_kind {
#define X(id, name, what) SOFTCARD_CERT_##id,
    SOFTCARD_CERT_KINDS(X)
#undef X
        SOFTCARD_CERT_KIND_COUNT
};

/* What an attestation says beside the key. */
struct softcard_claim {
    uint32_t serial;
    uint8_t firmware[3];
    uint8_t form_factor;
    uint8_t slot;
    uint8_t pin_policy;   /* 1 never, 2 once, 3 always */
    uint8_t touch_policy; /* 1 never, 2 always, 3 cached */
};

/* False when memory runs out; then there is nothing to release. */
SOFTKEY_MUST bool softcard_ca_init(struct softcard_ca *ca, const uint8_t seed[32]);
void softcard_ca_release(struct softcard_ca *ca);

/* A certificate of `person` for the key of this SubjectPublicKeyInfo; kind NONE is no kind for it. Its serial number
 * follows from key and person. */
SOFTKEY_MUST bool softcard_cert_issue(const struct softcard_ca *ca, enum softcard_cert_kind kind, const char *person,
                                      struct span spki, struct softcard_cert *ret_cert);

/* The certificate of a card's F9 key. */
SOFTKEY_MUST bool softcard_cert_f9(const struct softcard_ca *ca, const struct softkey_ec *f9, const uint8_t firmware[3],
                                   struct softcard_cert *ret_cert);

/* The F9 key's word for the key of this SubjectPublicKeyInfo. */
SOFTKEY_MUST bool softcard_cert_attest(const struct softkey_ec *f9, const struct softcard_claim *claim,
                                       struct span spki, struct softcard_cert *ret_cert);

#endif
