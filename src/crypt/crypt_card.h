/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PIV cards: their keys and signatures, the certificate that they are enrolled with, lists of revoked certificates, and
 * what a YubiKey attests about a slot. NIST SP 800-73-4, RFC 5280; docs/formats/entry.md. Pure: the time is an
 * argument, the roots are arguments.
 */
#ifndef CRYPT_CARD_H
#define CRYPT_CARD_H

#include "crypt/crypt_attest.h"

enum {
    CRYPT_NUMBER_BYTES = 20, /* serial and CRL numbers, RFC 5280 §4.1.2.2, §5.2.3 */
    CRYPT_CRL_SERIALS_MAX = 1024,
};

/* Why a card, its certificate, its attestation or a list does not hold. */
#define CRYPT_CARDS(X)                                                                                                 \
    X(CRYPT_CARD_NOT_CHECKED, "nothing was checked")                                                                   \
    X(CRYPT_CARD_HOLDS, "the card holds")                                                                              \
    X(CRYPT_CARD_KEY, "the key is not P-256, P-384, RSA 2048, 3072 or 4096")                                           \
    X(CRYPT_CARD_PROOF, "the card did not sign that it is enrolled here for this person")                              \
    X(CRYPT_CARD_CERTIFICATE, "the certificate is malformed, or has no positive serial of 20 bytes at most")           \
    X(CRYPT_CARD_CERT_VERSION, "the certificate is not version 3")                                                     \
    X(CRYPT_CARD_CERT_KEY, "the certificate is for another key")                                                       \
    X(CRYPT_CARD_CERT_CA, "the certificate is one of a certificate authority")                                         \
    X(CRYPT_CARD_CERT_USAGE, "the certificate's key usage allows no signatures")                                       \
    X(CRYPT_CARD_CERT_EXPIRED, "the certificate, or one above it, had expired")                                        \
    X(CRYPT_CARD_CERT_NOT_YET, "the certificate, or one above it, was not valid yet")                                  \
    X(CRYPT_CARD_CERT_CHAIN, "the certificate does not lead to a root of the issuer")                                  \
    X(CRYPT_CARD_ROOT, "a root of the issuer is no certificate of an authority")                                       \
    X(CRYPT_CARD_ATTEST_NONE, "the issuer names no root for attestations")                                             \
    X(CRYPT_CARD_ATTEST_FORM, "a certificate of the attestation is malformed or too long, or the chain is")            \
    X(CRYPT_CARD_ATTEST_KEY, "the attestation is for another key")                                                     \
    X(CRYPT_CARD_ATTEST_CA, "the attestation's certificate is one of a certificate authority")                         \
    X(CRYPT_CARD_ATTEST_SLOT, "the attestation is not for slot 9A, 9C, 9D or 9E")                                      \
    X(CRYPT_CARD_ATTEST_EXTENSION, "an extension of the attestation is missing, critical, there twice or malformed")   \
    X(CRYPT_CARD_ATTEST_EXPIRED, "a certificate of the attestation had expired")                                       \
    X(CRYPT_CARD_ATTEST_NOT_YET, "a certificate of the attestation was not valid yet")                                 \
    X(CRYPT_CARD_ATTEST_CHAIN, "the attestation does not lead to a root that the issuer names for it")                 \
    X(CRYPT_CARD_CRL, "the list of revoked certificates is malformed, or has a critical extension")                    \
    X(CRYPT_CARD_CRL_NUMBER, "the list of revoked certificates has no number")                                         \
    X(CRYPT_CARD_CRL_LONG, "the list of revoked certificates is too long")                                             \
    X(CRYPT_CARD_CRL_NOT_YET, "the list of revoked certificates is from the future")                                   \
    X(CRYPT_CARD_CRL_SIGNATURE, "no root of the issuer signed the list of revoked certificates")                       \
    X(CRYPT_CARD_NO_ROOM, "out of memory")
#define CRYPT_CARD_ENUM(id, text) id,
enum crypt_card { CRYPT_CARDS(CRYPT_CARD_ENUM) CRYPT_CARD_COUNT };
#undef CRYPT_CARD_ENUM

const char *crypt_card_text(enum crypt_card c);

/* What the certificates say. */
struct crypt_card_facts {
    struct sha256 authority; /* SHA-256 of the certificate's issuer, a Name in DER */
    uint8_t serial[CRYPT_NUMBER_BYTES];
    uint64_t not_before_s;
    uint64_t not_after_s; /* valid before it, as libcrypto sees it: not in this second any more */
    bool attested;
    uint8_t pin;   /* attested: 1 never, 2 once, 3 always */
    uint8_t touch; /* attested: 1 never, 2 always, 3 cached */
    bool has_device;
    struct sha256 device; /* of the device's serial in decimal */
};

/* All borrowed. */
struct crypt_card_in {
    struct span key; /* SPKI */
    struct span certificate;
    struct span message; /* what the card signed to be enrolled */
    struct span sig;
    const struct span *x5c; /* attestation, leaf first; none when count is 0 */
    size_t x5c_count;
    const struct span *roots;
    size_t root_count;
    const struct span *attestation_roots;
    size_t attestation_root_count;
    uint64_t time_s;
};

/* The key of a card, one of the five kinds; CS_E_TYPE for another, and the errors of crypt_key_open. */
CS_RESULT crypt_card_key_check(struct span spki);
/* Did this card's key sign msg? ECDSA with SHA-256 or SHA-384 by its curve, RSA PKCS#1 v1.5 with SHA-512: the key alone
 * says which. CS_E_TYPE for a key that no card has, and the errors of crypt_verify. */
CS_RESULT crypt_card_verify(struct crypt_key *key, struct span msg, struct span sig);

/* What the certificates claim, in form only: nothing is verified. ret untouched unless it HOLDS. */
__attribute__((warn_unused_result)) enum crypt_card crypt_card_read(struct span certificate, const struct span *x5c,
                                                                    size_t x5c_count, struct crypt_card_facts *ret);
/* Which of the roots the certificate leads to at time_s, by certificate, roots and time_s alone: the first one that
 * holds, which is also the one that crypt_card_check takes. ret_root untouched unless it HOLDS. */
__attribute__((warn_unused_result)) enum crypt_card crypt_card_root(const struct crypt_card_in *in, size_t *ret_root);
/* All of it. */
__attribute__((warn_unused_result)) enum crypt_card crypt_card_check(const struct crypt_card_in *in);

/* A name in UTF-8, as RFC 4514 writes it, what separates escaped; empty when it says nothing. From outside: it may hold
 * any letter but control characters. */
enum { CRYPT_NAME_MAX = 1024 };
struct crypt_name {
    uint8_t b[CRYPT_NAME_MAX];
    size_t len;
};
struct crypt_cert_words {
    struct crypt_name subject;
    struct crypt_name issuer;
    uint64_t not_before_s;
    uint64_t not_after_s;
};
/* Any certificate, a card's or a root, for people to read: nothing is judged by it. CRYPT_CARD_CERTIFICATE for a
 * malformed one and for a name above CRYPT_NAME_MAX. ret is to be read only when it HOLDS. */
__attribute__((warn_unused_result)) enum crypt_card crypt_cert_words(struct span certificate,
                                                                     struct crypt_cert_words *ret);
/* Whose list it says to be; CRYPT_CARD_CRL in the same way. */
__attribute__((warn_unused_result)) enum crypt_card crypt_crl_words(struct span crl, struct crypt_name *ret_issuer);

/* May this certificate be a root: is it one of an authority? CRYPT_CARD_ROOT if not. */
__attribute__((warn_unused_result)) enum crypt_card crypt_card_root_check(struct span root);

/* A list of revoked certificates. */
struct crypt_crl_facts {
    struct sha256 authority;
    uint8_t number[CRYPT_NUMBER_BYTES];
    uint64_t this_update_s;
    size_t serial_count;
    uint8_t serial[CRYPT_CRL_SERIALS_MAX][CRYPT_NUMBER_BYTES]; /* sorted, distinct */
};
/* Form only. ret (large: not for the stack) is to be read only when it HOLDS. */
__attribute__((warn_unused_result)) enum crypt_card crypt_crl_read(struct span crl, struct crypt_crl_facts *ret);
/* Signed by one of the roots, which may sign lists, has a key of 112 bits of strength or more, spells its name as the
 * list does and was valid at time_s; from before time_s. */
__attribute__((warn_unused_result)) enum crypt_card crypt_crl_check(struct span crl, const struct span *roots,
                                                                    size_t root_count, uint64_t time_s);

#endif
