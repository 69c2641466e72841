/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of the tests' own authorities, byte for byte the same for the same input: any public key, any
 * extensions, signed by a P-256 key of softkey_ec.h. Source: RFC 5280. */
#ifndef SOFTKEY_X509_H
#define SOFTKEY_X509_H

#include "softkey_ec.h"

enum {
    SOFTKEY_X509_MAX = 2560, /* RSA-4096 and all extensions: 1.3 kB */
    SOFTKEY_KEY_ID_BYTES = 20,
    SOFTKEY_SERIAL_MAX = 16,
};

/** What follows C=SE, O=Countersign Tests. */
struct softkey_name {
    const char *unit; /* NULL: none */
    const char *common;
    bool alone; /* the common name is all of it */
};

/** An extension; `value` is what its OCTET STRING holds. */
struct softkey_extension {
    const uint8_t *oid; /* content of the OBJECT IDENTIFIER */
    size_t oid_len;
    const uint8_t *value;
    size_t value_len;
    bool critical;
};

/** What a certificate says. Dates are "YYYYMMDDHHMMSSZ". All pointers are borrowed for the call. */
struct softkey_x509 {
    const struct softkey_name *issuer;
    const struct softkey_name *subject;
    const struct softkey_ec *issuer_key;
    const uint8_t *spki; /* DER SubjectPublicKeyInfo of the subject */
    size_t spki_len;
    uint8_t subject_id[SOFTKEY_KEY_ID_BYTES];
    const struct softkey_extension *more; /* beside key identifiers, key usage of a CA and basic constraints */
    size_t more_count;
    const char *not_before;
    const char *not_after;
    uint8_t serial[SOFTKEY_SERIAL_MAX]; /* big endian, its first bit clear */
    size_t serial_len;
    bool is_ca;
};

/** Writes the certificate to `ret_der`, which has room for `cap` bytes. False when it does not fit, or memory ends. */
SOFTKEY_MUST bool softkey_x509_make(const struct softkey_x509 *x, uint8_t *ret_der, size_t cap, size_t *ret_len);

/** A key identifier: the left part of SHA-256 over the subjectPublicKey bits; for an EC key these are the point. */
void softkey_x509_key_id(const void *bits, size_t len, uint8_t ret_id[SOFTKEY_KEY_ID_BYTES]);

#endif
