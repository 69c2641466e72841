/* SPDX-License-Identifier: Apache-2.0 */
/* What the extensions of a slot's attestation certificate say; private to this room. Yubico, "PIV attestation". */
#ifndef CRYPT_YUBICO_H
#define CRYPT_YUBICO_H

#include "crypt/crypt_card.h"
#include "crypt/crypt_cert.h"

/* Form only: pin, touch and device of ret, and attested. */
enum crypt_card crypt_yubico_read(struct span leaf, struct crypt_card_facts *ret);
/* The whole chain: x5c of in, to one of its attestation roots. */
enum crypt_card crypt_yubico_check(const struct crypt_card_in *in);

/* NULL unless it is one DER list and nothing else, or memory is out. */
X509_CRL *crypt_crl_open(struct span der);
/* Is this key the one in the certificate? */
bool crypt_cert_is_for(const X509 *cert, struct span spki);
/* Seconds since 1970; false for a time before, or one that is malformed. */
bool crypt_cert_seconds(const ASN1_TIME *t, uint64_t *ret_s);
/* Positive, at most CRYPT_NUMBER_BYTES, big-endian with zeros first. */
bool crypt_cert_number(const ASN1_INTEGER *n, uint8_t ret_number[CRYPT_NUMBER_BYTES]);
/* SHA-256 of the Name in DER; false without memory. */
bool crypt_cert_name(const X509_NAME *name, struct sha256 *ret_digest);
/* Are they the same bytes in DER? */
bool crypt_cert_same_name(const X509_NAME *a, const X509_NAME *b);

#endif
