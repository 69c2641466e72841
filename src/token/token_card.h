/* SPDX-License-Identifier: Apache-2.0 */
/* The three things a card does for us: the agent's side. docs/adr/0045-token-cards.md */
#ifndef TOKEN_CARD_H
#define TOKEN_CARD_H

#include "token/token_hid.h"
#include "token/token_report.h"

struct udev;

/* What a card operation needs of the agent. */
struct token_card_setup {
    CS_RESULT (*confine)(void);
    struct udev *udev; /* to name the reader's port */
    struct token_wait wait;
};

/*
 * Runs one identify, enrol or sign on one card, in a process that is killed at the end, and returns when it has ended,
 * however it did. setup->wait is called for every pause.
 *
 * The outcome's spans live in the arena; *ret_outcome is always written, and holds results only with TOKEN_OK.
 */
void token_card_run(const struct token_command *cmd, const struct token_secret *pin, const struct token_device *device,
                    const struct token_card_setup *setup, struct arena *arena, struct token_outcome *ret_outcome);

#endif
