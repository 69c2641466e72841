/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The three things a PIV card does for us, over a link that carries its APDUs (docs/formats/token-agent.md §6). No
 * device, no clock, no process: those are the caller's. Source: NIST SP 800-73-4 Part 2; Yubico's PIV attestation.
 */
#ifndef TOKEN_PIV_H
#define TOKEN_PIV_H

#include "token/token_apdu.h"
#include "token/token_secret.h"

/* How far an operation is. */
enum token_stage {
    TOKEN_STAGE_OPEN,  /* reader and transaction are asked for: another process may hold them */
    TOKEN_STAGE_READ,  /* it is read: no PIN was given */
    TOKEN_STAGE_PIN,   /* the PIN is on its way */
    TOKEN_STAGE_SIGN,  /* it was asked to sign, and may wait for a touch */
    TOKEN_STAGE_AFTER, /* it has signed */
    TOKEN_STAGE_COUNT
};

/* The caller's side. */
struct token_card {
    struct token_link link;
    /* Is it the insertion that the operation began with? TOKEN_OK, or why not. */
    enum token_code (*same)(void *ctx);
    void (*stage)(void *ctx, enum token_stage stage);
    void *ctx;
};

/*
 * Runs one identify, enrol or sign in a transaction that the caller holds. Nothing is tried twice. The outcome's spans
 * live in the arena; *ret_outcome is always written, and holds results only with TOKEN_OK: of a signature that was
 * verified with the key of the card's certificate. Device, kind and port are the caller's to fill in.
 *
 * *ret_denied: the card refused to sign for want of PIN or touch, which it does not tell apart.
 */
void token_piv_run(const struct token_command *cmd, const struct token_secret *pin, const struct token_card *card,
                   struct arena *arena, struct token_outcome *ret_outcome, bool *ret_denied);

/* Can this be a card's PIN: 6 to 8 printable ASCII characters? SP 800-73-4 Part 2 §2.4.3 */
bool token_piv_pin_fits(const struct token_secret *pin);

#endif
