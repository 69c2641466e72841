/* SPDX-License-Identifier: Apache-2.0 */
/* The side of a card operation that talks to the card service: what runs in the operation's own process. */
#ifndef TOKEN_PCSC_H
#define TOKEN_PCSC_H

#include "token/token_report.h"

struct token_pcsc_job {
    const struct token_command *cmd;
    const char *reader;
    uint16_t insertion; /* the one that is meant */
};

/*
 * Takes the PIN (a struct token_secret) from fd, does what arg, a token_pcsc_job, says in one transaction, and reports
 * each stage and the end to fd (token_report.h). May block for good in a call to the card service: whoever started it
 * has the clock.
 */
void token_pcsc_run(int fd, const void *arg);

/* Once, before anything else is started: the card service's library prints nothing, whatever the environment. */
void token_pcsc_init(void);

/*
 * Watches the readers for good and reports all cards to fd whenever one comes or goes, and when the card service does.
 * Ends when fd is closed at the other side.
 */
void token_pcsc_watch(int fd, const void *arg);

/* The channel of a reader, 0 if it does not say. card: a SCARDHANDLE. */
uint32_t token_pcsc_channel(long card);

#endif
