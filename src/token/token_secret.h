/* SPDX-License-Identifier: Apache-2.0 */
/* PINs live on one page that is locked into memory, left out of core dumps and empty in a forked process, and nowhere
 * else in this one. */
#ifndef TOKEN_SECRET_H
#define TOKEN_SECRET_H

#include "base/base_span.h"

enum {
    TOKEN_PIN_MIN_POINTS = 4, /* CTAP 2.1 §6.5.1: four code points to 63 bytes */
    TOKEN_PIN_MAX_BYTES = 63,
};

/* NUL-terminated; empty means none. */
struct token_secret {
    char text[TOKEN_PIN_MAX_BYTES + 1];
};

/* One PIN in use by the operation that runs, one as it arrives with the next command. */
struct token_vault {
    struct token_secret running;
    struct token_secret incoming;
};

/* CS_E_NOMEM without memory, CS_E_IO if the page cannot be locked. Freed with token_vault_free, which wipes it. */
CS_RESULT token_vault_new(struct token_vault **ret_vault);
void token_vault_free(struct token_vault *v);
void token_secret_wipe(struct token_secret *s);
/* Moves incoming to running and wipes incoming. */
void token_vault_start(struct token_vault *v);

/*
 * Takes the PIN out of a canonical JSON string as it stands in a frame, quotes included: only \" and \\ can be
 * unescaped. CS_E_RANGE when it is too short, too long or has a control character; the secret is empty then.
 */
CS_RESULT token_secret_take(struct span quoted, struct token_secret *ret_pin);

#endif
