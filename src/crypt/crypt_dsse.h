/* SPDX-License-Identifier: Apache-2.0 */
/* Did this key sign this envelope? DSSE v1.0.2; docs/formats/entry.md. Pure. */
#ifndef CRYPT_DSSE_H
#define CRYPT_DSSE_H

#include "crypt/crypt_verify.h"
#include "note/note_dsse.h"

/*
 * CS_OK if at least one signature is this key's over the envelope's type and payload: ES256, ES384 or Ed25519 by the
 * kind of key. Key ids are not looked at.
 *
 * CS_E_BADSIG  none is; CS_E_TYPE an RSA key; CS_E_NOMEM, CS_E_CRYPTO
 */
CS_RESULT crypt_dsse_verify(struct crypt_key *key, const struct note_dsse *envelope);

#endif
