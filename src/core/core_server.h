/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop: what every peer sent is judged in the order in which it arrived, becomes one group of entries and one
 * commit, and only then is answered and streamed.
 */
#ifndef CORE_SERVER_H
#define CORE_SERVER_H

#include <poll.h>
#include <sys/types.h>

#include "core/core_peer.h"

enum {
    CORE_CONNECTIONS_EACH = 20, /* of one kind: no kind can keep another out */
    CORE_CONNECTIONS_MAX = CORE_PEER_COUNT * CORE_CONNECTIONS_EACH,
    CORE_TURN_FRAMES = 256, /* commands of one peer in one turn */
};

/* One answer that waits for the commit. */
struct core_pending {
    struct core_peer *peer;
    size_t end; /* in the server's answers */
};

struct core_server {
    struct core *core;
    int listen_fd[CORE_PEER_COUNT]; /* -1: not served */
    uid_t uid[CORE_PEER_COUNT];     /* whom each socket is for */
    struct core_peer *peer[CORE_CONNECTIONS_MAX];
    size_t peer_count;
    size_t kind_count[CORE_PEER_COUNT];
    size_t turn; /* whose commands come first this turn */
    struct writer answers;
    struct core_pending *pending;
    size_t pending_count;
    size_t pending_cap;
    struct arena frame; /* of one decoded command */
    /* for the program's log; line is one sentence without a line end */
    void (*say)(const char *line);
    struct pollfd fds[CORE_CONNECTIONS_MAX + CORE_PEER_COUNT + 1]; /* the last is the caller's, for its signals */
};

/* core is borrowed; listen_fd and uid are the caller's to fill in afterwards. CS_E_NOMEM. */
CS_RESULT core_server_init(struct core_server *s, struct core *core);
/* Ends every connection; the listeners stay the caller's. */
void core_server_release(struct core_server *s);

/* Fills s->fds; *ret_count of them are to be polled, for at most *ret_timeout_ms (-1: no limit). */
void core_server_prepare(struct core_server *s, size_t *ret_count, int *ret_timeout_ms);
/**
 * One turn, after core->real_ms and mono_ms were set and s->fds polled.
 * Errors: the end of the process; see core.h
 */
CS_RESULT core_server_turn(struct core_server *s);
/* Writes down what is counted, commits, answers: the last turn. */
CS_RESULT core_server_finish(struct core_server *s);

#endif
