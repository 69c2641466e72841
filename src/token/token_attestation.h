/* SPDX-License-Identifier: Apache-2.0 */
/* The statement of a packed attestation: WebAuthn §8.2. Pure. */
#ifndef TOKEN_ATTESTATION_H
#define TOKEN_ATTESTATION_H

#include "token/token_proto.h"

/*
 * Fills in sig and x5c of *out, copied into the arena: libfido2 has no call for the certificates behind the first.
 * The statement is a CBOR map of alg, sig and x5c, each once, with 1 to TOKEN_CHAIN_MAX certificates of at most
 * TOKEN_CERT_MAX bytes, and nothing else.
 *
 * Errors: CS_E_SHORT, CS_E_SYNTAX, CS_E_TYPE, CS_E_TRAILING  not such a map
 *         CS_E_RANGE      a maximum is passed, or something is empty
 *         CS_E_DUPLICATE, CS_E_UNKNOWN  a member twice, or another one
 *         CS_E_MISSING    no sig or no x5c: the credential attests itself
 *         CS_E_NOMEM      the arena is full
 * *out is as it was unless CS_OK.
 */
CS_RESULT token_attestation_decode(struct span cbor, struct arena *arena, struct token_outcome *out);

/*
 * The credProtect level that a key says it gave a new ES256 credential; 0 when it says nothing. libfido2 knows only the
 * level that was asked for. @auth_data: authenticator data of a registration (WebAuthn §6.1), raw.
 *
 * Errors: CS_E_SHORT, CS_E_SYNTAX, CS_E_TYPE, CS_E_RANGE, CS_E_TRAILING  not that
 */
CS_RESULT token_protection_decode(struct span auth_data, uint64_t *ret_level);

#endif
