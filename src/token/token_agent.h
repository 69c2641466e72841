/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's loop: one thread, one kiosk, one operation at a time (docs/formats/token-agent.md).
 *
 * While an operation runs, libfido2's reads come back into this same loop, so a cancel, a removal, a disconnect or a
 * second command is seen at once and nothing is shared between threads (docs/adr/0011-token-one-thread.md). Cards are
 * used by processes of their own, whose reports come into the loop too (docs/adr/0045-token-cards.md).
 */
#ifndef TOKEN_AGENT_H
#define TOKEN_AGENT_H

#include <sys/types.h>

#include "base/base_result.h"

struct token_agent;

struct token_agent_setup {
    int listen_fd;   /* listening UNIX socket; stays the caller's */
    int stop_fd;     /* readable when the agent shall end; stays the caller's */
    bool check_peer; /* serve peer_uid only */
    uid_t peer_uid;
    /* What a process of the agent's own for cards calls before it talks to the card service. */
    CS_RESULT (*confine_cards)(void);
    /* Told what is worth a line in the log: a literal, and why where a call failed. Never data of a key or a person. */
    void (*note)(const char *what, struct cs_result why);
};

/*
 * Makes an agent that watches for keys. CS_E_NOMEM; CS_E_IO without udev or when memory cannot be locked.
 * Freed with token_agent_free.
 */
CS_RESULT token_agent_new(const struct token_agent_setup *setup, struct token_agent **ret_agent);
void token_agent_free(struct token_agent *a);

/* Until stop_fd is readable (CS_OK) or the listener breaks (CS_E_IO). A running operation is cancelled first. */
CS_RESULT token_agent_run(struct token_agent *a);

#endif
