/* SPDX-License-Identifier: Apache-2.0 */
#include "follow/follow.h"

#include <poll.h>

#include "follow/follow_note.h"

enum {
    SCRATCH_BYTES = 4 << 20,
    STEP_FRAMES = 2048, /* in one step: the caller's loop has other work too */
    BACKOFF_LEAST_MS = 100,
    BACKOFF_MOST_MS = 5000,
    SILENCE_MS = 20000, /* four heartbeats missed */
};

static CS_RESULT make_parts(struct follow *f)
{
    f->note = malloc(WIRE_NOTE_MAX);
    f->pending_note = malloc(WIRE_NOTE_MAX);
    ENSURE(f->note != NULL && f->pending_note != NULL, CS_E_NOMEM, "follow.note");
    TRY(judge_init(&f->judge, JUDGE_FOLD, f->config.state_cap_bytes));
    return f->config.keep_leaves ? follow_spool_open(&f->spool, f->config.spool_dir) : CS_SUCCESS;
}

CS_RESULT follow_init(struct follow *f, const struct follow_config *config)
{
    *f = (struct follow){.config = *config, .why = "", .backoff_ms = BACKOFF_LEAST_MS, .next_id = 1};
    arena_init(&f->scratch, SCRATCH_BYTES);
    merkle_nodes_init(&f->nodes, MERKLE_SIZE_MAX);
    const struct cs_result r = make_parts(f);
    if (r.code != CS_OK) {
        follow_release(f);
    }
    return r;
}

void follow_release(struct follow *f)
{
    ipc_close(&f->conn);
    follow_spool_close(&f->spool);
    merkle_nodes_release(&f->nodes);
    judge_release(&f->judge);
    arena_release(&f->scratch);
    free(f->note);
    free(f->pending_note);
    *f = (struct follow){0};
}

int follow_fd(const struct follow *f)
{
    return f->conn.open ? f->conn.fd : -1;
}

short follow_events(const struct follow *f)
{
    return (short)(ipc_wants_write(&f->conn) ? POLLIN | POLLOUT : POLLIN);
}

uint64_t follow_wake_ms(const struct follow *f)
{
    if (f->state == FOLLOW_BROKEN) {
        return UINT64_MAX;
    }
    if (f->more) {
        return 0;
    }
    return f->conn.open ? f->heard_ms + SILENCE_MS : f->retry_ms;
}

uint64_t follow_core_time_ms(const struct follow *f, uint64_t now_ms)
{
    return f->core_time_ms + (now_ms > f->heard_ms ? now_ms - f->heard_ms : 0);
}

/* --- leaving --- */

static void drop(struct follow *f, uint64_t now_ms)
{
    const bool had_one = f->conn.open;

    ipc_close(&f->conn);
    f->leaves_due = 0;
    f->more = false;
    f->retry_ms = now_ms + f->backoff_ms;
    f->backoff_ms = f->backoff_ms * 2 < BACKOFF_MOST_MS ? f->backoff_ms * 2 : BACKOFF_MOST_MS;
    if (f->state != FOLLOW_BROKEN) {
        f->state = FOLLOW_LOST;
    }
    if (had_one && f->config.hooks.lost != NULL) {
        f->config.hooks.lost(f->config.hooks.user);
    }
}

/* Not a fault of the connection but of the log: looking again would not make it right. */
static CS_RESULT broken(struct follow *f, const char *why)
{
    f->state = FOLLOW_BROKEN;
    f->why = why;
    return CS_FAIL(CS_E_MISMATCH, "follow");
}

/* --- the stream --- */

/* Everything folded so far is covered. */
static void believe(struct follow *f)
{
    const bool news = f->state != FOLLOW_LIVE || f->verified != f->judge.state.size;

    f->verified = f->judge.state.size;
    f->state = FOLLOW_LIVE;
    if (news && f->config.hooks.verified != NULL) {
        f->config.hooks.verified(f->config.hooks.user);
    }
}

/* The end of a batch: does the signed checkpoint say what we computed? */
static CS_RESULT settle(struct follow *f)
{
    const struct span note = span_make(f->pending_note, f->pending_note_len);

    if (note.left == 0) {
        return CS_SUCCESS; /* still behind */
    }
    const struct sha256 root = judge_root(&f->judge);
    if (!f->judge.state.begun || follow_note_check(note, &f->judge.state, &root).code != CS_OK) {
        return broken(f, "the core's log does not match its checkpoint");
    }
    memcpy(f->note, note.p, note.left);
    f->note_len = note.left;
    believe(f);
    return CS_SUCCESS;
}

static CS_RESULT keep(struct follow *f, struct span leaf)
{
    if (f->config.keep_leaves) {
        TRY(follow_spool_append(&f->spool, leaf));
    }
    if (f->config.keep_nodes) {
        const struct sha256 hash = merkle_leaf(leaf);
        TRY(merkle_nodes_append(&f->nodes, &hash));
    }
    return CS_SUCCESS;
}

static CS_RESULT take_leaf(struct follow *f, struct span leaf)
{
    struct entry e;

    f->state = FOLLOW_BEHIND;
    f->verdict = judge_entry(&f->judge, leaf, &e);
    if (!f->verdict.allow) {
        return broken(f, f->verdict.reason == REASON_NO_ROOM ? "the log needs more memory than this follower may use"
                                                             : "the core's log holds an entry that must be refused");
    }
    if (keep(f, leaf).code != CS_OK) {
        return broken(f, "this follower has no room left for the log");
    }
    if (f->config.hooks.entry != NULL) {
        f->config.hooks.entry(f->config.hooks.user, &e, leaf);
    }
    f->leaves_due--;
    return f->leaves_due == 0 ? settle(f) : CS_SUCCESS;
}

static void note_sealed(struct follow *f, const struct wire_batch *b)
{
    const size_t n = b->why.left < WIRE_WHY_MAX ? b->why.left : WIRE_WHY_MAX;

    f->sealed = b->sealed;
    if (n > 0) {
        memcpy(f->sealed_why, b->why.p, n);
    }
    f->sealed_why[n] = '\0';
}

static CS_RESULT take_batch(struct follow *f, struct span frame, uint64_t now_ms)
{
    struct wire_batch b = {0};

    TRY(wire_batch_decode(frame, &f->scratch, &b));
    if (b.first < f->judge.state.size) {
        return broken(f, "the core's log is shorter than what was read before");
    }
    ENSURE(b.first == f->judge.state.size, CS_E_RANGE, "batch.first");
    note_sealed(f, &b);
    f->core_time_ms = b.time_ms;
    f->heard_ms = now_ms;
    f->leaves_due = b.count;
    if (b.note.left > 0) {
        memcpy(f->pending_note, b.note.p, b.note.left);
    }
    f->pending_note_len = b.note.left;
    if (b.count > 0) {
        return CS_SUCCESS;
    }
    if (f->judge.state.size == 0 && b.note.left == 0) {
        believe(f); /* an empty log has no checkpoint */
        return CS_SUCCESS;
    }
    return settle(f);
}

static CS_RESULT take_answer(struct follow *f, struct span frame)
{
    struct wire_answer *a = arena_alloc(&f->scratch, sizeof(*a));

    ENSURE(a != NULL, CS_E_NOMEM, "follow.answer");
    TRY(wire_answer_decode(frame, &f->scratch, a));
    if (f->config.hooks.answer != NULL) {
        f->config.hooks.answer(f->config.hooks.user, a);
    }
    return CS_SUCCESS;
}

static CS_RESULT take_frame(struct follow *f, struct span frame, uint64_t now_ms)
{
    arena_reset(&f->scratch);
    if (f->leaves_due > 0) {
        return take_leaf(f, frame);
    }
    return wire_is_answer(frame) ? take_answer(f, frame) : take_batch(f, frame, now_ms);
}

/* CS_E_SHORT when nothing more is there. */
static CS_RESULT next_frame(struct follow *f, struct span *ret_frame)
{
    struct cs_result r = ipc_next(&f->conn, ret_frame);
    while (r.code == CS_E_SHORT) {
        TRY(ipc_fill(&f->conn));
        r = ipc_next(&f->conn, ret_frame);
    }
    return r;
}

static CS_RESULT receive(struct follow *f, uint64_t now_ms)
{
    struct span frame = SPAN_NONE;
    struct cs_result r = CS_SUCCESS;

    for (unsigned i = 0; i < STEP_FRAMES && r.code == CS_OK; i++) {
        r = next_frame(f, &frame);
        if (r.code == CS_OK) {
            r = take_frame(f, frame, now_ms);
            ENSURE(r.code != CS_E_SHORT, CS_E_SYNTAX, "follow.frame"); /* a cut message, not an empty socket */
        }
    }
    f->more = r.code == CS_OK;
    return r.code == CS_E_SHORT ? CS_SUCCESS : r;
}

/* --- the connection --- */

static CS_RESULT queue(struct follow *f, const struct wire_command *c)
{
    AUTO_WRITER w = wr_heap(IPC_FRAME_MAX_BYTES);

    TRY(wire_command_encode(c, &w));
    return ipc_queue(&f->conn, wr_span(&w));
}

static CS_RESULT start(struct follow *f, uint64_t now_ms)
{
    const struct ipc_limits limits = {0};
    const struct wire_command c = {.cmd = WIRE_FOLLOW, .from = f->judge.state.size};

    TRY(ipc_connect(f->config.path, &limits, &f->conn));
    f->state = FOLLOW_BEHIND;
    f->heard_ms = now_ms;
    return queue(f, &c);
}

static CS_RESULT work(struct follow *f, uint64_t now_ms)
{
    if (!f->conn.open) {
        TRY(start(f, now_ms));
    }
    TRY(receive(f, now_ms));
    if (f->state == FOLLOW_LIVE) {
        f->backoff_ms = BACKOFF_LEAST_MS;
    }
    ENSURE(now_ms < f->heard_ms + SILENCE_MS, CS_E_TIMEOUT, "follow.silence");
    const struct cs_result r = ipc_flush(&f->conn);
    return r.code == CS_E_SHORT ? CS_SUCCESS : r;
}

void follow_step(struct follow *f, uint64_t now_ms)
{
    if (f->state == FOLLOW_BROKEN || (!f->conn.open && now_ms < f->retry_ms)) {
        return;
    }
    if (work(f, now_ms).code != CS_OK) {
        drop(f, now_ms);
    }
}

CS_RESULT follow_send(struct follow *f, const struct wire_command *c, uint64_t *ret_id)
{
    struct wire_command numbered = *c;

    ENSURE(f->conn.open && f->state != FOLLOW_BROKEN, CS_E_STATE, "follow.lost");
    numbered.id = f->next_id;
    TRY(queue(f, &numbered));
    *ret_id = f->next_id++;
    return CS_SUCCESS;
}
