/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/ipc_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { RING_START_BYTES = 4 << 10 };

/* --- the out-ring --- */

static CS_RESULT ring_reserve(struct ipc_ring *r, size_t need, size_t max_bytes)
{
    ENSURE(r->len <= max_bytes && need <= max_bytes - r->len, CS_E_FULL, "ipc.queue");
    if (need <= r->cap - r->len) {
        return CS_SUCCESS;
    }

    size_t cap = r->cap > 0 ? r->cap : RING_START_BYTES;
    while (cap - r->len < need) {
        cap *= 2;
    }
    uint8_t *p = malloc(cap);
    ENSURE(p != NULL, CS_E_NOMEM, "ipc.queue");
    if (r->p != NULL) {
        const size_t first = r->len < r->cap - r->start ? r->len : r->cap - r->start;
        memcpy(p, r->p + r->start, first);
        memcpy(p + first, r->p, r->len - first);
        free(r->p);
    }
    r->p = p;
    r->cap = cap;
    r->start = 0;
    return CS_SUCCESS;
}

/* The room was reserved before. */
static void ring_append(struct ipc_ring *r, const uint8_t *p, size_t n)
{
    size_t end = r->start + r->len;
    end = end >= r->cap ? end - r->cap : end;
    const size_t first = n < r->cap - end ? n : r->cap - end;
    memcpy(r->p + end, p, first);
    memcpy(r->p, p + first, n - first);
    r->len += n;
}

static void ring_drop(struct ipc_ring *r, size_t n)
{
    r->len -= n;
    r->start += n;
    r->start = r->start >= r->cap ? r->start - r->cap : r->start;
    if (r->len == 0 && r->cap > RING_START_BYTES) {
        free(r->p); /* a burst does not keep its memory */
        *r = (struct ipc_ring){0};
    }
}

/* --- opening and closing --- */

static CS_RESULT set_flags(int fd)
{
    const int status = fcntl(fd, F_GETFL);
    ENSURE(status >= 0 && fcntl(fd, F_SETFL, status | O_NONBLOCK) == 0, CS_E_IO, "ipc.nonblock");
    const int descriptor = fcntl(fd, F_GETFD);
    ENSURE(descriptor >= 0 && fcntl(fd, F_SETFD, descriptor | FD_CLOEXEC) == 0, CS_E_IO, "ipc.cloexec");
    return CS_SUCCESS;
}

CS_RESULT ipc_adopt(int fd, const struct ipc_limits *limits, struct ipc_conn *ret_conn)
{
    struct ipc_conn c = {.open = true, .fd = fd, .limits = *limits};
    struct ucred cred;
    socklen_t cred_len = sizeof(cred);

    ENSURE(c.limits.frame_max_bytes <= IPC_FRAME_MAX_BYTES, CS_E_RANGE, "ipc.frame_max");
    if (c.limits.frame_max_bytes == 0) {
        c.limits.frame_max_bytes = IPC_FRAME_MAX_BYTES;
    }
    if (c.limits.out_max_bytes == 0) {
        c.limits.out_max_bytes = IPC_OUT_MAX_BYTES;
    }
    ENSURE(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &cred_len) == 0 && cred_len == sizeof(cred), CS_E_IO,
           "ipc.peer");
    TRY(set_flags(fd));
    c.peer = (struct ipc_peer){.uid = cred.uid, .gid = cred.gid, .pid = cred.pid};
    *ret_conn = c;
    return CS_SUCCESS;
}

void ipc_close(struct ipc_conn *c)
{
    if (c->open) {
        (void)close(c->fd);
    }
    if (c->in != NULL) {
        explicit_bzero(c->in, c->in_cap);
        free(c->in);
    }
    free(c->out.p);
    *c = (struct ipc_conn){0};
}

CS_RESULT ipc_peer_require(const struct ipc_conn *c, uid_t uid)
{
    ENSURE(c->open, CS_E_STATE, "ipc.closed");
    ENSURE(c->peer.uid == uid, CS_E_REFUSED, "ipc.peer");
    return CS_SUCCESS;
}

/* --- in --- */

/* Not realloc: what it leaves behind may be a secret. */
static CS_RESULT in_resize(struct ipc_conn *c, size_t cap)
{
    uint8_t *p = malloc(cap);
    ENSURE(p != NULL, CS_E_NOMEM, "ipc.in");
    if (c->in != NULL) {
        memcpy(p, c->in, c->in_end); /* in_end <= both sizes */
        explicit_bzero(c->in, c->in_cap);
        free(c->in);
    }
    c->in = p;
    c->in_cap = cap;
    return CS_SUCCESS;
}

/* Moves what is left to the front, and gives back the room of a long frame that is done with. */
static CS_RESULT in_prepare(struct ipc_conn *c)
{
    const size_t rest = c->in_end - c->in_start;
    if (c->in_start > 0) {
        memmove(c->in, c->in + c->in_start, rest);
        c->in_start = 0;
        c->in_end = rest;
    }
    if (c->in_cap < IPC_IN_BYTES || (rest == 0 && c->in_cap > IPC_IN_BYTES)) {
        TRY(in_resize(c, IPC_IN_BYTES));
    }
    return CS_SUCCESS;
}

CS_RESULT ipc_fill(struct ipc_conn *c)
{
    ENSURE(c->open, CS_E_STATE, "ipc.closed");
    TRY(in_prepare(c));
    ENSURE(c->in_end < c->in_cap, CS_E_STATE, "ipc.undrained");

    const ssize_t n = recv(c->fd, c->in + c->in_end, c->in_cap - c->in_end, 0);
    if (n > 0) {
        c->in_end += (size_t)n;
        return CS_SUCCESS;
    }
    ENSURE(n != 0, CS_E_GONE, "ipc.peer");
    ENSURE(errno != EAGAIN && errno != EINTR, CS_E_SHORT, "ipc.in");
    ENSURE(errno != ECONNRESET, CS_E_GONE, "ipc.peer");
    return CS_FAIL(CS_E_IO, "ipc.in");
}

CS_RESULT ipc_next(struct ipc_conn *c, struct span *ret_frame)
{
    ENSURE(c->open, CS_E_STATE, "ipc.closed");

    const struct span rest = span_make(c->in + c->in_start, c->in_end - c->in_start);
    size_t length = 0;
    TRY(ipc_frame_length(rest, c->limits.frame_max_bytes, &length));
    if (IPC_HEAD_BYTES + length > c->in_cap) {
        TRY(in_resize(c, IPC_HEAD_BYTES + length)); /* only now: the length is accepted */
        return CS_FAIL(CS_E_SHORT, "ipc.payload");
    }
    size_t used = 0;
    TRY(ipc_frame_split(rest, c->limits.frame_max_bytes, ret_frame, &used));
    c->in_start += used;
    return CS_SUCCESS;
}

void ipc_forget(struct ipc_conn *c)
{
    if (c->in != NULL) {
        explicit_bzero(c->in, c->in_start);
        explicit_bzero(c->in + c->in_end, c->in_cap - c->in_end);
    }
}

/* --- out --- */

CS_RESULT ipc_queue(struct ipc_conn *c, struct span payload)
{
    uint8_t head[IPC_HEAD_BYTES];

    ENSURE(c->open, CS_E_STATE, "ipc.closed");
    TRY(ipc_frame_head(payload.left, head));
    TRY(ring_reserve(&c->out, sizeof(head) + payload.left, c->limits.out_max_bytes));
    ring_append(&c->out, head, sizeof(head));
    ring_append(&c->out, payload.p, payload.left);
    return CS_SUCCESS;
}

CS_RESULT ipc_flush(struct ipc_conn *c)
{
    ENSURE(c->open, CS_E_STATE, "ipc.closed");
    while (c->out.len > 0) {
        struct ipc_ring *r = &c->out;
        const size_t first = r->len < r->cap - r->start ? r->len : r->cap - r->start;
        struct iovec parts[2] = {{.iov_base = r->p + r->start, .iov_len = first},
                                 {.iov_base = r->p, .iov_len = r->len - first}};
        const struct msghdr m = {.msg_iov = parts, .msg_iovlen = parts[1].iov_len > 0 ? 2 : 1};
        const ssize_t n = sendmsg(c->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0) {
            ENSURE(errno != EAGAIN && errno != EINTR, CS_E_SHORT, "ipc.out");
            ENSURE(errno != EPIPE && errno != ECONNRESET, CS_E_GONE, "ipc.peer");
            return CS_FAIL(CS_E_IO, "ipc.out");
        }
        ring_drop(r, (size_t)n);
    }
    return CS_SUCCESS;
}

/* --- waiting, for simple clients --- */

static uint64_t monotonic_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

static CS_RESULT wait_until(const struct ipc_conn *c, short events, uint64_t deadline_ms)
{
    const uint64_t now_ms = monotonic_ms();
    ENSURE(now_ms < deadline_ms, CS_E_TIMEOUT, "ipc.wait");

    struct pollfd p = {.fd = c->fd, .events = events};
    const uint64_t left_ms = deadline_ms - now_ms;
    const int n = poll(&p, 1, left_ms > INT32_MAX ? INT32_MAX : (int)left_ms);
    ENSURE(n >= 0 || errno == EINTR, CS_E_IO, "ipc.wait");
    return CS_SUCCESS; /* the caller tries again and finds out */
}

static CS_RESULT send_until(struct ipc_conn *c, struct span payload, uint64_t deadline_ms)
{
    TRY(ipc_queue(c, payload));
    struct cs_result r = ipc_flush(c);
    while (r.code == CS_E_SHORT) {
        TRY(wait_until(c, POLLOUT, deadline_ms));
        r = ipc_flush(c);
    }
    return r;
}

static CS_RESULT receive_until(struct ipc_conn *c, uint64_t deadline_ms, struct span *ret_frame)
{
    struct cs_result r = ipc_next(c, ret_frame);
    while (r.code == CS_E_SHORT) {
        const struct cs_result filled = ipc_fill(c);
        if (filled.code == CS_E_SHORT) {
            TRY(wait_until(c, POLLIN, deadline_ms));
        } else {
            TRY(filled);
            r = ipc_next(c, ret_frame);
        }
    }
    return r;
}

CS_RESULT ipc_send(struct ipc_conn *c, struct span payload, unsigned timeout_ms)
{
    return send_until(c, payload, monotonic_ms() + timeout_ms);
}

CS_RESULT ipc_receive(struct ipc_conn *c, unsigned timeout_ms, struct span *ret_frame)
{
    return receive_until(c, monotonic_ms() + timeout_ms, ret_frame);
}

CS_RESULT ipc_call(struct ipc_conn *c, struct span payload, unsigned timeout_ms, struct span *ret_answer)
{
    const uint64_t deadline_ms = monotonic_ms() + timeout_ms;
    TRY(send_until(c, payload, deadline_ms));
    return receive_until(c, deadline_ms, ret_answer);
}
