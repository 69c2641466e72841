/* SPDX-License-Identifier: Apache-2.0 */
/* Which cards are in, as the agent's watching process says; started again when it ends. */
#ifndef TOKEN_READERS_H
#define TOKEN_READERS_H

#include "token/token_child.h"
#include "token/token_report.h"

struct token_readers {
    struct token_child child;
    CS_RESULT (*confine)(void);
    uint64_t retry_ms; /* when it may be started again */
    uint32_t epoch;
    size_t count;
    struct token_reader list[TOKEN_READERS_MAX];
};

/* Readable when something changed; -1 while nobody watches. */
int token_readers_fd(const struct token_readers *r);
/* When token_readers_update has to be called even so: monotonic, UINT64_MAX for never. */
uint64_t token_readers_until_ms(const struct token_readers *r);
/* Starts the watching process if it is time to, and takes what it has said. True if the list may be another one now. */
bool token_readers_update(struct token_readers *r, uint64_t now_ms);
void token_readers_close(struct token_readers *r);

#endif
