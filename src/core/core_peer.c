/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_peer.h"

enum { HEAD_MAX_BYTES = 2 * WIRE_NOTE_MAX };

void core_peer_end(struct core_peer *p, const char *why)
{
    if (!p->dead) {
        p->dead = true;
        p->end = why;
    }
}

/* --- the stream --- */

static void queue(struct core_peer *p, struct span frame)
{
    if (!p->dead && ipc_queue(&p->conn, frame).code != CS_OK) {
        core_peer_end(p, "does not take what it asked for");
    }
}

static CS_RESULT queue_head(struct core_peer *p, const struct core *c, uint64_t count)
{
    const bool ends = p->next + count == c->log.committed;
    const struct wire_batch b = {.count = count,
                                 .first = p->next,
                                 .note = ends ? wr_span(&c->log.note) : SPAN_NONE,
                                 .sealed = c->log.sealed,
                                 .time_ms = core_time_ms(c),
                                 .why = c->log.sealed ? span_str(c->log.why) : SPAN_NONE};
    AUTO_WRITER w = wr_heap(HEAD_MAX_BYTES);

    TRY(wire_batch_encode(&b, &w));
    queue(p, wr_span(&w));
    p->beat_ms = c->mono_ms;
    p->sent = ends ? c->log.committed : p->sent;
    return CS_SUCCESS;
}

void core_peer_follow(struct core_peer *p, const struct core *c, uint64_t from)
{
    if (p->following) {
        core_peer_end(p, "asked to follow twice");
        return;
    }
    p->following = true;
    p->next = from;
    p->sent = UINT64_MAX; /* nothing was told yet: the first batch or heartbeat goes out at once */
    if (from > c->log.committed) {
        p->next = c->log.committed; /* it has read more than there is: its own affair, and it must learn of it */
        if (queue_head(p, c, 0).code != CS_OK) {
            core_peer_end(p, "cannot be told the log's size");
        }
        p->following = false;
    }
}

bool core_peer_hungry(const struct core_peer *p, const struct core *c)
{
    return p->following && !p->dead && p->next < c->log.committed && p->conn.out.len < CORE_FEED_BELOW_BYTES;
}

/* How many of the leaves from `next` on make one batch. */
struct measure {
    uint64_t count;
    size_t bytes;
};

static CS_RESULT measure_leaf(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    struct measure *m = ctx;

    (void)idx;
    (void)hash;
    if (m->bytes < CORE_FEED_BATCH_BYTES) {
        m->bytes += leaf.left;
        m->count++;
    }
    return CS_SUCCESS;
}

static CS_RESULT queue_leaf(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    (void)idx;
    (void)hash;
    queue(ctx, leaf);
    return CS_SUCCESS;
}

static CS_RESULT feed_batch(struct core_peer *p, struct core *c)
{
    const uint64_t behind = c->log.committed - p->next;
    const uint64_t most = behind < WIRE_BATCH_MAX ? behind : WIRE_BATCH_MAX;
    struct measure m = {0};

    TRY(core_log_each(&c->log, p->next, most, measure_leaf, &m));
    ENSURE(m.count > 0, CS_E_MISSING, "log.entry");
    TRY(queue_head(p, c, m.count));
    TRY(core_log_each(&c->log, p->next, m.count, queue_leaf, p));
    p->next += m.count;
    return CS_SUCCESS;
}

CS_RESULT core_peer_feed(struct core_peer *p, struct core *c)
{
    if (core_peer_hungry(p, c)) {
        return feed_batch(p, c);
    }
    const bool level = p->following && !p->dead && p->next == c->log.committed;
    const bool due = p->sent != c->log.committed || c->mono_ms >= p->beat_ms + CORE_BEAT_MS;
    return level && due && !ipc_wants_write(&p->conn) ? queue_head(p, c, 0) : CS_SUCCESS;
}

/* --- answers --- */

void core_peer_answer(struct core_peer *p, struct span answer)
{
    queue(p, answer);
}

void core_peer_flush(struct core_peer *p, uint64_t mono_ms)
{
    if (p->dead) {
        return;
    }
    const size_t waited = p->conn.out.len;
    const struct cs_result r = ipc_flush(&p->conn);
    if (r.code != CS_OK && r.code != CS_E_SHORT) {
        core_peer_end(p, "is gone");
    } else if (p->conn.out.len < waited || !ipc_wants_write(&p->conn)) {
        p->taken_ms = mono_ms;
    } else if (mono_ms >= p->taken_ms + CORE_STUCK_MS) {
        core_peer_end(p, "took nothing for a minute");
    }
}
