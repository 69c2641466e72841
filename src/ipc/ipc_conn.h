/* SPDX-License-Identifier: Apache-2.0 */
/* One framed, non-blocking connection: what came in, what waits to go out, and who the peer is.
 *
 * One rule for every call: CS_E_SHORT means "nothing yet, poll and come back"; every other error ends the connection.
 * Not thread-safe; a connection belongs to one loop. */
#ifndef IPC_CONN_H
#define IPC_CONN_H

#include <sys/types.h>

#include "ipc/ipc_frame.h"

enum { IPC_IN_BYTES = 16 << 10, IPC_OUT_MAX_BYTES = 4 << 20 };

/* A field that is 0 takes its default: IPC_FRAME_MAX_BYTES and IPC_OUT_MAX_BYTES. */
struct ipc_limits {
    size_t frame_max_bytes; /* longest payload taken from the peer */
    size_t out_max_bytes;   /* bytes, heads included, that may wait for a slow peer */
};

/* Kernel-made, from SO_PEERCRED at the moment of connect. */
struct ipc_peer {
    uid_t uid;
    gid_t gid;
    pid_t pid;
};

/* A ring of bytes that grows on demand up to a cap. */
struct ipc_ring {
    uint8_t *p;
    size_t cap;
    size_t start;
    size_t len;
};

/* All-zero is a closed connection: every call on it fails with CS_E_STATE and ipc_close is a no-op. */
struct ipc_conn {
    bool open;
    int fd;
    struct ipc_peer peer;
    struct ipc_limits limits;
    uint8_t *in; /* IPC_IN_BYTES, larger only while a longer frame, already announced and accepted, arrives */
    size_t in_cap;
    size_t in_start; /* bytes before it were given out by ipc_next */
    size_t in_end;
    struct ipc_ring out;
};

/**
 * Take over a connected UNIX stream socket; it becomes non-blocking and close-on-exec.
 * On success the connection owns fd; on failure the caller still does.
 *
 * Errors: CS_E_RANGE  frame_max_bytes above IPC_FRAME_MAX_BYTES
 *         CS_E_IO     not a socket that knows its peer
 */
CS_RESULT ipc_adopt(int fd, const struct ipc_limits *limits, struct ipc_conn *ret_conn);
/* Closes, frees, zeroes. What still waits in the out-queue is dropped. */
void ipc_close(struct ipc_conn *c);
static inline void cs_auto_ipc_conn(struct ipc_conn *c)
{
    ipc_close(c);
}
#define AUTO_IPC_CONN __attribute__((cleanup(cs_auto_ipc_conn))) struct ipc_conn

/**
 * Read once what is there. Spans given out by ipc_next before become invalid.
 *
 * Errors: CS_E_SHORT  nothing there now
 *         CS_E_GONE   the peer has closed; a frame it left unfinished is lost
 *         CS_E_STATE  closed, or the buffer is full because ipc_next was not called until CS_E_SHORT
 *         CS_E_NOMEM  no buffer
 *         CS_E_IO     any other failure of the socket
 */
CS_RESULT ipc_fill(struct ipc_conn *c);

/**
 * The next whole frame; borrowed, valid until the next ipc_fill or ipc_close.
 *
 * Errors: CS_E_SHORT  no whole frame yet
 *         CS_E_RANGE  the peer announced a length of zero or above its limit: end it
 *         CS_E_NOMEM  no room for a frame that was announced and is within the limit
 *         CS_E_STATE  closed
 */
CS_RESULT ipc_next(struct ipc_conn *c, struct span *ret_frame);

/* Overwrites in memory every frame that ipc_next gave out: for frames that carried a secret. Spans become invalid. */
void ipc_forget(struct ipc_conn *c);

/**
 * Append one frame to the out-queue; copies the payload, sends nothing, never blocks. All or nothing.
 *
 * Errors: CS_E_RANGE  empty or above IPC_FRAME_MAX_BYTES
 *         CS_E_FULL   out_max_bytes would be exceeded: the peer is too slow
 *         CS_E_NOMEM  no memory
 *         CS_E_STATE  closed
 */
CS_RESULT ipc_queue(struct ipc_conn *c, struct span payload);

/**
 * Send what the socket takes now.
 *
 * Errors: CS_E_SHORT  some of it still waits: poll for POLLOUT
 *         CS_E_GONE   the peer has closed
 *         CS_E_STATE  closed
 *         CS_E_IO     any other failure of the socket
 */
CS_RESULT ipc_flush(struct ipc_conn *c);

/* Does anything wait to be sent? The poll flag. */
static inline bool ipc_wants_write(const struct ipc_conn *c)
{
    return c->out.len > 0;
}

/* For simple clients that have nothing else to do: the same connection, waiting at most timeout_ms for the whole call.
 * Errors: as queue, flush, fill and next, with CS_E_TIMEOUT in place of CS_E_SHORT. */
CS_RESULT ipc_send(struct ipc_conn *c, struct span payload, unsigned timeout_ms);
CS_RESULT ipc_receive(struct ipc_conn *c, unsigned timeout_ms, struct span *ret_frame);
/* Send, then receive one frame. */
CS_RESULT ipc_call(struct ipc_conn *c, struct span payload, unsigned timeout_ms, struct span *ret_answer);

/* CS_E_REFUSED unless the peer runs as uid. */
CS_RESULT ipc_peer_require(const struct ipc_conn *c, uid_t uid);

#endif
