/* SPDX-License-Identifier: Apache-2.0 */
/* What a soft key can be told to do wrong: one list for the author, the device and the control socket. */
#ifndef SOFTKEY_FAULT_H
#define SOFTKEY_FAULT_H

#include <stdbool.h>
#include <stdint.h>

/* name of the constant, name on the control socket, what goes wrong */
#define SOFTKEY_FAULTS(X)                                                                                              \
    X(WRONG_RP, "wrong-rp", "authenticatorData carries the hash of another RP id")                                     \
    X(NO_UP, "no-up", "the user-present flag is clear")                                                                \
    X(NO_UV, "no-uv", "the user-verified flag is clear")                                                               \
    X(BACKUP, "backup", "the backup-eligible and backed-up flags are set")                                             \
    X(REPLAY_COUNTER, "replay-counter", "the counter repeats its last value")                                          \
    X(BAD_SIG, "bad-sig", "the signature is over other bytes")                                                         \
    X(OTHER_KEY, "other-key", "the signature is made with another key")                                                \
    X(OTHER_ID, "other-id", "an assertion names a credential id that nobody enrolled")                                 \
    X(TRAILING, "trailing", "authenticatorData has one byte more than its content")                                    \
    X(NO_CRED_PROTECT, "no-cred-protect", "a registration ignores credProtect")                                        \
    X(OTHER_AAGUID, "other-aaguid", "authenticatorData names an AAGUID that the certificate does not")                 \
    X(UNKNOWN_MODEL, "unknown-model", "certificate and authenticatorData name an AAGUID of another model")             \
    X(EXPIRED_CERT, "expired-cert", "the attestation certificate is expired")                                          \
    X(FUTURE_CERT, "future-cert", "the attestation certificate is not valid yet")                                      \
    X(CA_TRUE, "ca-true", "the attestation certificate calls itself a CA")                                             \
    X(NO_AAGUID_EXT, "no-aaguid-ext", "the attestation certificate has no AAGUID extension")                           \
    X(WRONG_OU, "wrong-ou", "the attestation certificate's OU is another")                                             \
    X(OTHER_ROOT, "other-root", "the attestation certificate is issued by an unknown root of the same name")           \
    X(SELF_ATTEST, "self-attest", "packed attestation without a certificate, signed by the credential itself")         \
    X(NONE_ATTEST, "none-attest", "attestation format none")                                                           \
    X(MUTE, "mute", "the key takes requests and never answers")                                                        \
    X(TRUNCATE, "truncate", "an answer is half as long as it should be, its header honest about that")                 \
    X(GARBAGE, "garbage", "an answer's body is noise")                                                                 \
    X(LATE, "late", "the key ignores a cancel and answers when it is touched")                                         \
    X(ENDLESS, "endless", "the key says that it is still busy, for ever, whatever it is told")                         \
    X(FLOOD, "flood", "as endless, and as fast as anybody reads it")                                                   \
    X(DELAY, "delay-ms", "each answer waits the number of ms given")

enum softkey_fault {
#define X(id, name, what) SOFTKEY_FAULT_##id,
    SOFTKEY_FAULTS(X)
#undef X
        SOFTKEY_FAULT_COUNT
};

/** A set of faults is a sum of these bits. */
#define SOFTKEY_BIT(id) (UINT32_C(1) << (unsigned)SOFTKEY_FAULT_##id)

static inline bool softkey_has(uint32_t faults, enum softkey_fault fault)
{
    return (faults & (UINT32_C(1) << (unsigned)fault)) != 0;
}

#endif
