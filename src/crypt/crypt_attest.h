/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registration: is this new credential in a key of an allowed model? Packed attestation with certificates only.
 * WebAuthn L2 §6.5.1, §7.1, §8.2; docs/formats/entry.md. Pure: the time is an argument, the roots are arguments.
 */
#ifndef CRYPT_ATTEST_H
#define CRYPT_ATTEST_H

#include "crypt/crypt_verify.h"

enum {
    CRYPT_AAGUID_BYTES = 16,
    CRYPT_CREDENTIAL_ID_MAX = 1023,
    CRYPT_X5C_MAX = 4,     /* certificates in an attestation, leaf first */
    CRYPT_CERT_MAX = 4096, /* bytes of one certificate */
};

/* Why a registration does not hold, in the order of refusal. */
#define CRYPT_ATTESTS(X)                                                                                               \
    X(CRYPT_ATTEST_NOT_CHECKED, "nothing was checked")                                                                 \
    X(CRYPT_ATTEST_HOLDS, "the registration holds")                                                                    \
    X(CRYPT_ATTEST_AUTH_DATA, "authenticator data is malformed or has bytes left over")                                \
    X(CRYPT_ATTEST_NO_CREDENTIAL, "authenticator data carries no credential")                                          \
    X(CRYPT_ATTEST_RESERVED, "a reserved flag of the authenticator data is set")                                       \
    X(CRYPT_ATTEST_CREDENTIAL_ID, "the credential id is empty or too long")                                            \
    X(CRYPT_ATTEST_COSE, "the credential's key is not ES256 in its one encoding")                                      \
    X(CRYPT_ATTEST_EXTENSION, "an extension other than credProtect 1 to 3")                                            \
    X(CRYPT_ATTEST_RP_ID, "the credential was made for another rp id")                                                 \
    X(CRYPT_ATTEST_NO_PRESENCE, "the user-present flag is clear")                                                      \
    X(CRYPT_ATTEST_NO_VERIFICATION, "the user-verified flag is clear")                                                 \
    X(CRYPT_ATTEST_BACKUP, "a backup flag is set: the key can be copied")                                              \
    X(CRYPT_ATTEST_KEY, "the credential's point is not on the curve")                                                  \
    X(CRYPT_ATTEST_MODEL, "the model is not an allowed one")                                                           \
    X(CRYPT_ATTEST_NO_CERTIFICATE, "the key did not attest with a certificate")                                        \
    X(CRYPT_ATTEST_CHAIN_LENGTH, "too many certificates, or one too long")                                             \
    X(CRYPT_ATTEST_CERTIFICATE, "a certificate is malformed")                                                          \
    X(CRYPT_ATTEST_CERT_VERSION, "the certificate is not version 3")                                                   \
    X(CRYPT_ATTEST_CERT_SUBJECT, "the certificate's subject lacks C, O or CN")                                         \
    X(CRYPT_ATTEST_CERT_UNIT, "the certificate's OU is not Authenticator Attestation")                                 \
    X(CRYPT_ATTEST_CERT_CA, "the certificate is not marked CA:FALSE")                                                  \
    X(CRYPT_ATTEST_CERT_NO_AAGUID, "the certificate does not name a model")                                            \
    X(CRYPT_ATTEST_CERT_AAGUID, "the certificate names another model, or names it critically")                         \
    X(CRYPT_ATTEST_CERT_KEY, "the certificate's key is not a P-256 key")                                               \
    X(CRYPT_ATTEST_SIGNATURE, "the attestation signature does not verify")                                             \
    X(CRYPT_ATTEST_ROOT, "a root of the model is malformed")                                                           \
    X(CRYPT_ATTEST_EXPIRED, "a certificate had expired")                                                               \
    X(CRYPT_ATTEST_NOT_YET, "a certificate was not valid yet")                                                         \
    X(CRYPT_ATTEST_CHAIN, "the certificates do not lead to a root of the model")                                       \
    X(CRYPT_ATTEST_NO_ROOM, "out of memory")
#define CRYPT_ATTEST_ENUM(id, text) id,
enum crypt_attest { CRYPT_ATTESTS(CRYPT_ATTEST_ENUM) CRYPT_ATTEST_COUNT };
#undef CRYPT_ATTEST_ENUM

const char *crypt_attest_text(enum crypt_attest a);

/* A model that may be enrolled, and the DER certificates that may end its chains. Borrowed. */
struct crypt_model {
    struct span aaguid; /* CRYPT_AAGUID_BYTES */
    const struct span *roots;
    size_t root_count;
};

/* All borrowed. */
struct crypt_attest_in {
    struct span rp_id;
    struct span client_data; /* the exact bytes that were hashed */
    struct span auth_data;
    struct span sig;        /* of the attestation statement, DER */
    const struct span *x5c; /* leaf first */
    size_t x5c_count;
    uint64_t time_s; /* when the credential was made, seconds since 1970 */
};

/* What a good registration enrols. id and aaguid borrow from auth_data. */
struct crypt_registration {
    struct span aaguid;
    struct span id;
    uint8_t spki[NOTE_SPKI_P256_BYTES];
    uint32_t counter;
    unsigned cred_protect; /* 1..3, or 0 when the key said nothing */
};

/* The form alone, to learn what is claimed: up to and with CRYPT_ATTEST_EXTENSION. ret untouched unless it HOLDS. */
__attribute__((warn_unused_result)) enum crypt_attest crypt_registration_decode(struct span auth_data,
                                                                                struct crypt_registration *ret);

/* All of it. `models` is the allow list. ret untouched unless it HOLDS; NULL is allowed. */
__attribute__((warn_unused_result)) enum crypt_attest crypt_attest_check(const struct crypt_attest_in *in,
                                                                         const struct crypt_model *models,
                                                                         size_t model_count,
                                                                         struct crypt_registration *ret);

#endif
