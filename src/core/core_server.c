/* SPDX-License-Identifier: Apache-2.0 */
#include "core/core_server.h"

#include "ipc/ipc_socket.h"

enum { FRAME_ARENA_BYTES = 4 << 20, ANSWERS_TURN_BYTES = 16 << 20, ANSWERS_MAX_BYTES = 32 << 20, LINE_MAX_BYTES = 160 };

static const char left[] = "left"; /* not worth a line in the log */

CS_RESULT core_server_init(struct core_server *s, struct core *core)
{
    *s = (struct core_server){.core = core, .answers = wr_heap(ANSWERS_MAX_BYTES)};
    arena_init(&s->frame, FRAME_ARENA_BYTES);
    for (size_t i = 0; i < CORE_PEER_COUNT; i++) {
        s->listen_fd[i] = -1;
    }
    return CS_SUCCESS;
}

static void free_peer(struct core_peer *p)
{
    ipc_close(&p->conn);
    free(p);
}

void core_server_release(struct core_server *s)
{
    for (size_t i = 0; i < s->peer_count; i++) {
        free_peer(s->peer[i]);
    }
    wr_release(&s->answers);
    free(s->pending);
    arena_release(&s->frame);
    *s = (struct core_server){0};
}

static void say(const struct core_server *s, const struct core_peer *p, const char *what)
{
    char line[LINE_MAX_BYTES];

    if (s->say != NULL && strcmp(what, left) != 0) {
        (void)snprintf(line, sizeof(line), "%s peer (pid %ld) %s", core_peer_name(p->kind), (long)p->conn.peer.pid,
                       what);
        s->say(line);
    }
}

/* --- waiting --- */

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* What this peer makes the loop wake for. */
static uint64_t wake_of(const struct core_peer *p, const struct core *c)
{
    if (p->more || core_peer_hungry(p, c)) {
        return 0;
    }
    const uint64_t beat = p->following ? p->beat_ms + CORE_BEAT_MS : UINT64_MAX;
    const uint64_t stuck = ipc_wants_write(&p->conn) ? p->taken_ms + CORE_STUCK_MS : UINT64_MAX;
    const uint64_t at = least(beat, stuck);
    return at == UINT64_MAX ? at : (at > c->mono_ms ? at - c->mono_ms : 0);
}

void core_server_prepare(struct core_server *s, size_t *ret_count, int *ret_timeout_ms)
{
    uint64_t wake = core_wake_in_ms(s->core);
    size_t n = 0;

    for (size_t i = 0; i < CORE_PEER_COUNT; i++) {
        /* full: those that wait to be accepted wait on */
        const int fd = s->kind_count[i] < CORE_CONNECTIONS_EACH ? s->listen_fd[i] : -1;
        s->fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
    }
    for (size_t i = 0; i < s->peer_count; i++) {
        const struct core_peer *p = s->peer[i];
        const short events = (short)(ipc_wants_write(&p->conn) ? POLLIN | POLLOUT : POLLIN);
        s->fds[n++] = (struct pollfd){.fd = p->conn.fd, .events = events};
        wake = least(wake, wake_of(p, s->core));
    }
    *ret_count = n;
    *ret_timeout_ms = wake == UINT64_MAX ? -1 : (int)least(wake, INT32_MAX);
}

/* --- peers come --- */

static void adopt(struct core_server *s, enum core_peer_kind kind, struct ipc_conn *conn)
{
    struct core_peer *p = calloc(1, sizeof(*p));

    if (p == NULL) {
        ipc_close(conn);
        return;
    }
    *p = (struct core_peer){.kind = kind, .conn = *conn, .taken_ms = s->core->mono_ms, .beat_ms = s->core->mono_ms};
    s->peer[s->peer_count++] = p;
    s->kind_count[kind]++;
    if (ipc_peer_require(&p->conn, s->uid[kind]).code != CS_OK) {
        core_peer_end(p, "is not the user that this socket is for");
    }
}

static void accept_peers(struct core_server *s)
{
    const struct ipc_limits limits = {.out_max_bytes = CORE_OUT_MAX_BYTES};

    for (enum core_peer_kind k = CORE_HTTP; k < CORE_PEER_COUNT; k++) {
        struct ipc_conn conn = {0};
        while (s->listen_fd[k] >= 0 && s->kind_count[k] < CORE_CONNECTIONS_EACH &&
               ipc_accept(s->listen_fd[k], &limits, &conn).code == CS_OK) {
            adopt(s, k, &conn);
            conn = (struct ipc_conn){0};
        }
    }
}

/* --- commands --- */

static CS_RESULT keep_answer(struct core_server *s, struct core_peer *p, const struct wire_answer *a)
{
    if (s->pending_count == s->pending_cap) {
        const size_t cap = s->pending_cap > 0 ? s->pending_cap * 2 : CORE_TURN_FRAMES;
        struct core_pending *grown = reallocarray(s->pending, cap, sizeof(*grown));
        ENSURE(grown != NULL, CS_E_NOMEM, "core.answers");
        s->pending = grown;
        s->pending_cap = cap;
    }
    TRY(wire_answer_encode(a, &s->answers));
    s->pending[s->pending_count++] = (struct core_pending){.peer = p, .end = s->answers.len};
    return CS_SUCCESS;
}

/* A peer that reaches for what is not its own: it is ended, and the log says so. */
static CS_RESULT overstepped(struct core_server *s, struct core_peer *p, const char *code, const char *why)
{
    const char *name = core_peer_name(p->kind);
    char actor[32];

    core_peer_end(p, why);
    (void)snprintf(actor, sizeof(actor), "system:%s", name);
    const struct core_attempt t = {
        .actor = span_str(actor), .origin = {.peer = span_str(name)}, .note = {.code = span_str(code), .count = 1}};
    arena_reset(&s->core->scratch);
    return core_attempted(s->core, &t);
}

static bool permitted(enum core_peer_kind kind, const struct wire_command *c)
{
    return core_permits(kind, c->cmd) && (c->cmd != WIRE_ACCESS || core_permits_actor(kind, c->access.actor)) &&
           (c->cmd != WIRE_PROPOSE || core_permits_kind(kind, c->propose.kind)) &&
           ((c->cmd != WIRE_WITHDRAW && c->cmd != WIRE_FREEZE) || core_permits_withdraw(kind, c->client));
}

static CS_RESULT serve(struct core_server *s, struct core_peer *p, struct span frame)
{
    struct wire_command *c = NULL;
    struct wire_answer a;

    arena_reset(&s->frame);
    c = arena_alloc(&s->frame, sizeof(*c));
    ENSURE(c != NULL, CS_E_NOMEM, "core.frame");
    if (wire_command_decode(frame, &s->frame, c).code != CS_OK) {
        return overstepped(s, p, "malformed_command", "sent a malformed command");
    }
    if (!permitted(p->kind, c)) {
        return overstepped(s, p, "not_permitted", "asked for what it may not");
    }
    if (c->cmd == WIRE_FOLLOW) {
        core_peer_follow(p, s->core, c->from);
        return CS_SUCCESS;
    }
    const struct core_call call = {.peer = p->kind, .c = c};
    TRY(core_act(s->core, &call, &a));
    return keep_answer(s, p, &a);
}

/* Is another frame to be taken from this peer in this turn? Reads once more from the socket when its buffer is empty.
 */
static bool next_frame(struct core_peer *p, struct span *ret_frame)
{
    struct cs_result r = ipc_next(&p->conn, ret_frame);

    while (r.code == CS_E_SHORT) {
        r = ipc_fill(&p->conn);
        if (r.code == CS_OK) {
            r = ipc_next(&p->conn, ret_frame);
        } else if (r.code == CS_E_SHORT) {
            return false;
        }
    }
    if (r.code != CS_OK) {
        core_peer_end(p, r.code == CS_E_GONE ? left : "sent a malformed frame");
    }
    return r.code == CS_OK;
}

/* Enough for one commit: the rest waits where it is. */
static bool turn_full(const struct core_server *s)
{
    return core_log_full(&s->core->log) || s->answers.len > ANSWERS_TURN_BYTES;
}

static CS_RESULT drain(struct core_server *s, struct core_peer *p)
{
    struct span frame = SPAN_NONE;
    unsigned taken = 0;

    p->more = false;
    while (!p->dead && taken < CORE_TURN_FRAMES && !turn_full(s) && next_frame(p, &frame)) {
        TRY(serve(s, p, frame));
        taken++;
    }
    p->more = !p->dead && (taken == CORE_TURN_FRAMES || turn_full(s));
    return CS_SUCCESS;
}

/* --- after the commit --- */

static void give_answers(struct core_server *s)
{
    size_t start = 0;

    for (size_t i = 0; i < s->pending_count; i++) {
        const struct core_pending *a = &s->pending[i];
        core_peer_answer(a->peer, span_make(s->answers.p + start, a->end - start));
        start = a->end;
    }
    s->pending_count = 0;
    s->answers.len = 0;
}

static void bury(struct core_server *s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->peer_count; i++) {
        struct core_peer *p = s->peer[i];
        if (p->dead) {
            say(s, p, p->end);
            s->kind_count[p->kind]--;
            free_peer(p);
        } else {
            s->peer[kept++] = p;
        }
    }
    s->peer_count = kept;
}

static CS_RESULT publish(struct core_server *s)
{
    TRY(core_log_commit(&s->core->log, &s->core->judge.tree, core_time_ms(s->core)));
    for (size_t i = 0; i < s->peer_count; i++) {
        TRY(core_peer_feed(s->peer[i], s->core));
    }
    give_answers(s);
    for (size_t i = 0; i < s->peer_count; i++) {
        core_peer_flush(s->peer[i], s->core->mono_ms);
    }
    bury(s);
    return CS_SUCCESS;
}

CS_RESULT core_server_turn(struct core_server *s)
{
    accept_peers(s);
    TRY(core_tick(s->core));
    for (size_t i = 0; i < s->peer_count; i++) {
        TRY(drain(s, s->peer[(s->turn + i) % s->peer_count]));
    }
    s->turn++;
    return publish(s);
}

CS_RESULT core_server_finish(struct core_server *s)
{
    TRY(core_finish(s->core));
    return publish(s);
}
