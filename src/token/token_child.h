/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process of the agent's own for calls that may block for good, or that read what others wrote. It has a copy of the
 * agent's memory of the moment, but not its descriptors, its PIN page or its powers, and dies with the agent or when it
 * is told to.
 */
#ifndef TOKEN_CHILD_H
#define TOKEN_CHILD_H

#include "ipc/ipc_conn.h"

/* All-zero: none. */
struct token_child {
    pid_t pid;
    struct ipc_conn conn; /* to it */
};

struct token_child_body {
    /* Runs in the child and returns when it is done; fd is its end of conn and the only descriptor it has but 0 to 2.
     */
    void (*run)(int fd, const void *arg);
    const void *arg;
    /* Gives up what the child does not need. It ends at once if that fails. */
    CS_RESULT (*confine)(void);
};

/* CS_E_IO without descriptors or processes, CS_E_NOMEM. Ended with token_child_end. */
CS_RESULT token_child_start(const struct token_child_body *body, struct token_child *ret_child);
/* Kills it, whatever it does, and waits for its end: nothing of it comes after this. */
void token_child_end(struct token_child *c);

#endif
