/* SPDX-License-Identifier: Apache-2.0 */
/* The attestation certificates of the soft keys: a root of their own and one leaf per model, byte for byte the same for
 * the same seed. Sources: WebAuthn §8.2.1, RFC 5280. */
#ifndef SOFTKEY_CERT_H
#define SOFTKEY_CERT_H

#include "softkey_ec.h"

enum {
    SOFTKEY_CERT_MAX = 768,
    SOFTKEY_AAGUID_BYTES = 16,
};

struct softkey_cert {
    uint8_t der[SOFTKEY_CERT_MAX];
    size_t len;
};

/** The self-signed root of `root_key`; valid 2020 to 2099. */
SOFTKEY_MUST bool softkey_cert_root(const struct softkey_ec *root_key, struct softkey_cert *ret_cert);

/**
 * An attestation leaf for `leaf_key`, signed by `root_key`; valid 2020 to 2098, CA:FALSE, C/O/CN, OU "Authenticator
 * Attestation", the AAGUID as extension 1.3.6.1.4.1.45724.1.1.4. Of `faults` (softkey_fault.h) those that speak of the
 * certificate are made: expired, future, CA, no AAGUID extension, wrong OU.
 */
SOFTKEY_MUST bool softkey_cert_leaf(const struct softkey_ec *root_key, const struct softkey_ec *leaf_key,
                                    const uint8_t aaguid[SOFTKEY_AAGUID_BYTES], uint32_t faults,
                                    struct softkey_cert *ret_cert);

#endif
