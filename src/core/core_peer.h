/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connected peer: its commands in, its answers and the stream out. A peer that does not read never makes the core
 * wait: it is fed only while little waits for it, and ended when it takes nothing for a minute or when more than
 * CORE_OUT_MAX_BYTES wait. docs/formats/core.md
 */
#ifndef CORE_PEER_H
#define CORE_PEER_H

#include "core/core.h"
#include "ipc/ipc_conn.h"
#include "wire/wire_batch.h"

enum {
    CORE_OUT_MAX_BYTES = 8 << 20,
    CORE_FEED_BELOW_BYTES = 1 << 20, /* more of the stream is queued only while less than this waits */
    CORE_FEED_BATCH_BYTES = 1 << 20, /* leaves in one batch, about */
    CORE_BEAT_MS = 5000,
    CORE_STUCK_MS = 60000,
};

struct core_peer {
    enum core_peer_kind kind;
    struct ipc_conn conn;
    bool dead; /* to be ended; why is in end */
    const char *end;
    bool more; /* whole frames may be buffered: come back without waiting */
    bool following;
    uint64_t next;     /* index of the next leaf to send */
    uint64_t sent;     /* committed size that the last note or heartbeat told it */
    uint64_t beat_ms;  /* monotonic: when it was last told anything of the stream */
    uint64_t taken_ms; /* monotonic: when it last took everything that waited */
};

/* Ended at the end of the turn; the first reason stays. */
void core_peer_end(struct core_peer *p, const char *why);

/* `follow` from this index. A second one on a connection, or one past the end of the log, ends the peer; the latter
 * after telling it the log's size. */
void core_peer_follow(struct core_peer *p, const struct core *c, uint64_t from);

/* Could more of the stream be queued now? */
bool core_peer_hungry(const struct core_peer *p, const struct core *c);
/**
 * Queue one batch, or a heartbeat when it is time. Anything that goes wrong with the peer ends the peer.
 * Errors: the store's: the log cannot be read
 */
CS_RESULT core_peer_feed(struct core_peer *p, struct core *c);

/* Queue one answer. */
void core_peer_answer(struct core_peer *p, struct span answer);
/* Send what can be sent; ends a peer that is gone or stuck. */
void core_peer_flush(struct core_peer *p, uint64_t mono_ms);

#endif
