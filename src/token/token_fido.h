/* SPDX-License-Identifier: Apache-2.0 */
/* The three things a FIDO2 key does for us, on libfido2. */
#ifndef TOKEN_FIDO_H
#define TOKEN_FIDO_H

#include "token/token_hid.h"
#include "token/token_proto.h"

/* Once in the thread that calls token_fido_run: CTAP2 only, and no debug output of secrets whatever the environment. */
void token_fido_init(void);

/*
 * Runs one identify, enrol or sign on one key and returns when it has ended, however it did. The caller's wait is
 * called for every pause. Nothing is tried twice.
 *
 * identify  a silent assertion over the candidates, without touch or PIN
 * enrol     silent look-up of the excluded ids, then a new ES256 credential with PIN and touch; not resident,
 *           credProtect 2 (docs/adr/0010-token-credprotect.md), its attestation kept as the key gave it
 * sign      silent look-up first, so that a PIN is never tried on a key that cannot sign; then an assertion with PIN
 *           and touch by the credential found
 *
 * The outcome's spans live in the arena; *ret_outcome is always written, and holds results only with TOKEN_OK.
 */
void token_fido_run(const struct token_command *cmd, const struct token_secret *pin, const struct token_device *device,
                    const struct token_wait *wait, struct arena *arena, struct token_outcome *ret_outcome);

/* The protocol's code for one of libfido2's. Pure. */
enum token_code token_fido_code(int fido_error);

#endif
