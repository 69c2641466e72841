/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around a soft card: who issues its certificate, lists of revoked ones, and what a YubiKey would attest;
 * right ones and, told so, wrong ones. The authorities have RSA keys, so the same call gives the same bytes. Sources:
 * RFC 5280; Yubico, "PIV attestation".
 */
#ifndef CARDPKI_CERT_H
#define CARDPKI_CERT_H

#include "cardpki_key.h"

enum { CARDPKI_DER_MAX = 24576 };

struct cardpki_der {
    uint8_t *p; /* heap */
    size_t len;
};
void cardpki_der_release(struct cardpki_der *der);

/** What may be wrong with a certificate. All-zero is a good one, valid 2025 to 2035. */
struct cardpki_plan {
    const char *name;       /* subject's common name; NULL: "Soft Card", or as the kind has it */
    unsigned units;         /* as many organizational units in it, each of 62 bytes as RFC 4514 writes it */
    uint64_t serial;        /* 0: 4711 */
    const char *not_before; /* "20250101000000Z" */
    const char *not_after;
    bool ca;               /* marked as a certificate authority */
    bool no_usage;         /* no key usage at all */
    bool encipher_only;    /* a key usage for key management */
    bool version1;         /* and so without extensions */
    bool sha1;             /* signed with SHA-1 */
    bool unknown_critical; /* a critical extension that nobody knows */
    bool negative_serial;
    bool long_serial; /* 21 bytes */
    bool other_issuer_key;
    /* an attestation's: */
    int slot;       /* 0: 0x9c */
    int pin;        /* 0: 3, always; -1: no such extension, and so below */
    int touch;      /* 0: 2, always */
    int64_t device; /* 0: serial 12345678 */
    bool no_firmware;
    bool policy_short; /* one byte */
    bool policy_critical;
    bool policy_twice;
    bool serial_no_integer; /* an OCTET STRING */
    bool serial_trailing;   /* a byte after the INTEGER */
    bool form_long;         /* two bytes of form factor */
};

/** The authorities of a test: keys and certificates. */
struct cardpki {
    struct cardpki_key ca_key;    /* issues cards' certificates */
    struct cardpki_key other_key; /* of an authority that nobody trusts */
    struct cardpki_key root_key;  /* ends attestations */
    struct cardpki_key f9_key;    /* attests */
    struct cardpki_der ca;
    struct cardpki_der other; /* same name as ca, another key */
    struct cardpki_der root;
    struct cardpki_der f9;
};
CARDPKI_MUST bool cardpki_init(struct cardpki *pki);
void cardpki_release(struct cardpki *pki);

/** A card's certificate by the authority. False: no memory. */
CARDPKI_MUST bool cardpki_certificate(const struct cardpki *pki, const struct cardpki_key *key,
                                      const struct cardpki_plan *plan, struct cardpki_der *ret_der);
/** What slot F9 says about the key in a slot. */
CARDPKI_MUST bool cardpki_attestation(const struct cardpki *pki, const struct cardpki_key *key,
                                      const struct cardpki_plan *plan, struct cardpki_der *ret_der);
/** The certificate of slot F9, made again with something wrong. */
CARDPKI_MUST bool cardpki_f9(const struct cardpki *pki, const struct cardpki_plan *plan, struct cardpki_der *ret_der);

/** A list of revoked certificates. All-zero besides number is a good, empty one. */
struct cardpki_list {
    uint64_t number;         /* 0: no such extension */
    const char *this_update; /* NULL: "20260101000000Z" */
    const uint64_t *serials;
    size_t count;
    size_t filler;  /* that many more serials, from 1000000 on */
    bool other_key; /* signed by an authority with the same name and another key */
    bool sha1;
    bool critical; /* an issuing distribution point, critical */
    bool entry_critical;
};
CARDPKI_MUST bool cardpki_crl(const struct cardpki *pki, const struct cardpki_list *list, struct cardpki_der *ret_der);

#endif
