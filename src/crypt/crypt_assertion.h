/* SPDX-License-Identifier: Apache-2.0 */
/* One answer of a FIDO2 key, checked whole. WebAuthn L2 §6.1, §7.2; docs/formats/statement.md. Pure. */
#ifndef CRYPT_ASSERTION_H
#define CRYPT_ASSERTION_H

#include "crypt/crypt_verify.h"

enum { CRYPT_AUTH_DATA_BYTES = 37 };

/* Why an assertion does not hold, in the order of refusal. */
#define CRYPT_ASSERTIONS(X)                                                                                            \
    X(CRYPT_ASSERTION_NOT_CHECKED, "nothing was checked")                                                              \
    X(CRYPT_ASSERTION_HOLDS, "the assertion holds")                                                                    \
    X(CRYPT_ASSERTION_INPUT, "challenge or rp id is not of a legal form")                                              \
    X(CRYPT_ASSERTION_CLIENT_DATA, "client data is not the exact text for this challenge and rp id")                   \
    X(CRYPT_ASSERTION_AUTH_DATA, "authenticator data is not 37 bytes")                                                 \
    X(CRYPT_ASSERTION_EXTENDED, "authenticator data says that it carries a credential or extensions")                  \
    X(CRYPT_ASSERTION_RESERVED, "a reserved flag of the authenticator data is set")                                    \
    X(CRYPT_ASSERTION_RP_ID, "the key signed for another rp id")                                                       \
    X(CRYPT_ASSERTION_NO_PRESENCE, "the user-present flag is clear")                                                   \
    X(CRYPT_ASSERTION_NO_VERIFICATION, "the user-verified flag is clear")                                              \
    X(CRYPT_ASSERTION_BACKUP, "a backup flag is set: the key can be copied")                                           \
    X(CRYPT_ASSERTION_KEY, "the credential's key is not a P-256 key")                                                  \
    X(CRYPT_ASSERTION_SIGNATURE, "the signature does not verify")                                                      \
    X(CRYPT_ASSERTION_NO_ROOM, "out of memory")
#define CRYPT_ASSERTION_ENUM(id, text) id,
enum crypt_assertion { CRYPT_ASSERTIONS(CRYPT_ASSERTION_ENUM) CRYPT_ASSERTION_COUNT };
#undef CRYPT_ASSERTION_ENUM

const char *crypt_assertion_text(enum crypt_assertion a);

/* All borrowed. */
struct crypt_assertion_in {
    struct span rp_id;
    struct span challenge;   /* raw bytes: the tosign of the statement */
    struct span client_data; /* as received, to be compared; empty: only rebuilt */
    struct span auth_data;
    struct span sig; /* DER */
};

/*
 * Whether the counter went on is the caller's to judge: ret_counter is written once the authenticator data is well
 * formed, also when a later step refuses; NULL is allowed.
 */
__attribute__((warn_unused_result)) enum crypt_assertion
crypt_assertion_check(struct crypt_key *key, const struct crypt_assertion_in *in, uint32_t *ret_counter);

#endif
