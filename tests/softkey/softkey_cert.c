/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_cert.h"
#include "softkey_fault.h"
#include "softkey_x509.h"

static const uint8_t oid_aaguid[] = {0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04};

static const struct softkey_name root_name = {.unit = "Soft Key Attestation Root",
                                              .common = "Countersign Soft Key Root"};

/* Adds whose certificate it is and who signs, and makes it. */
static bool certificate(struct softkey_x509 *x, const struct softkey_ec *key, struct softkey_cert *ret_cert)
{
    uint8_t spki[SOFTKEY_SPKI_BYTES];

    softkey_ec_spki(key, spki);
    softkey_x509_key_id(softkey_ec_point(key), SOFTKEY_POINT_BYTES, x->subject_id);
    x->issuer = &root_name;
    x->spki = spki;
    x->spki_len = sizeof(spki);
    x->serial_len = 1;
    memset(ret_cert, 0, sizeof(*ret_cert));
    const bool ok = softkey_x509_make(x, ret_cert->der, sizeof(ret_cert->der), &ret_cert->len);
    x->spki = NULL; /* it was ours */
    return ok;
}

bool softkey_cert_root(const struct softkey_ec *root_key, struct softkey_cert *ret_cert)
{
    struct softkey_x509 x = {
        .subject = &root_name,
        .issuer_key = root_key,
        .not_before = "20200101000000Z",
        .not_after = "20991231235959Z",
        .serial = {1},
        .is_ca = true,
    };
    return certificate(&x, root_key, ret_cert);
}

bool softkey_cert_leaf(const struct softkey_ec *root_key, const struct softkey_ec *leaf_key,
                       const uint8_t aaguid[SOFTKEY_AAGUID_BYTES], uint32_t faults, struct softkey_cert *ret_cert)
{
    const struct softkey_name subject = {
        .unit = softkey_has(faults, SOFTKEY_FAULT_WRONG_OU) ? "Authenticator Decoration" : "Authenticator Attestation",
        .common = "Countersign Soft Key",
    };
    uint8_t value[2 + SOFTKEY_AAGUID_BYTES] = {0x04, SOFTKEY_AAGUID_BYTES};
    const struct softkey_extension model = {oid_aaguid, sizeof(oid_aaguid), value, sizeof(value), false};
    struct softkey_x509 x = {
        .subject = &subject,
        .issuer_key = root_key,
        .more = &model,
        .more_count = softkey_has(faults, SOFTKEY_FAULT_NO_AAGUID_EXT) ? 0 : 1,
        .not_before = softkey_has(faults, SOFTKEY_FAULT_FUTURE_CERT) ? "20980101000000Z" : "20200101000000Z",
        .not_after = softkey_has(faults, SOFTKEY_FAULT_EXPIRED_CERT) ? "20200201000000Z" : "20981231235959Z",
        .serial = {2},
        .is_ca = softkey_has(faults, SOFTKEY_FAULT_CA_TRUE),
    };

    memcpy(value + 2, aaguid, SOFTKEY_AAGUID_BYTES);
    return certificate(&x, leaf_key, ret_cert);
}
