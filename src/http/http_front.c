/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_front.h"

#include "http/http_evidence.h"

#include <poll.h>
#include <sys/socket.h>

enum { SWEEP_AT_ONCE = 256 };

/* ---- lists ---- */

static void link_in(struct http_call *c, struct http_link *l, struct http_call **head)
{
    struct http_call *first = *head;
    l->prev = NULL;
    l->next = first;
    l->head = head;
    if (first != NULL) {
        (l == &c->wheel ? &first->wheel : &first->peers)->prev = c;
    }
    *head = c;
}

static void link_out(struct http_call *c, struct http_link *l)
{
    if (l->head == NULL) {
        return;
    }
    const bool wheel = l == &c->wheel;
    if (l->prev != NULL) {
        (wheel ? &l->prev->wheel : &l->prev->peers)->next = l->next;
    } else {
        *l->head = l->next;
    }
    if (l->next != NULL) {
        (wheel ? &l->next->wheel : &l->next->peers)->prev = l->prev;
    }
    *l = (struct http_link){.head = NULL};
}

/* ---- suspended calls ---- */

void http_call_park(struct http_call *c, enum http_wait why, uint64_t deadline_ms, struct http_call **peers)
{
    struct http_front *f = c->front;
    c->waiting = why;
    c->timed_out = false;
    c->deadline_ms = deadline_ms;
    link_in(c, &c->wheel, &f->wheel[deadline_ms / 1000 % HTTP_WHEEL_SLOTS]);
    if (peers != NULL) {
        link_in(c, &c->peers, peers);
    }
    f->metrics.parked++;
    MHD_suspend_connection(c->connection);
}

static bool unlist(struct http_call *c)
{
    const bool parked = c->wheel.head != NULL;
    link_out(c, &c->wheel);
    link_out(c, &c->peers);
    if (parked) {
        c->front->metrics.parked--;
    }
    return parked;
}

void http_call_wake(struct http_call *c, bool timed_out)
{
    if (unlist(c)) {
        c->timed_out = timed_out;
        MHD_resume_connection(c->connection);
    }
}

void http_call_forget(struct http_call *c)
{
    struct http_front *f = c->front;
    (void)unlist(c);
    if (c->command != 0 && f->command[c->command % HTTP_COMMANDS_MAX] == c) {
        f->command[c->command % HTTP_COMMANDS_MAX] = NULL;
    }
    c->command = 0;
}

static void wake_list(struct http_call **head)
{
    while (*head != NULL) {
        http_call_wake(*head, false);
    }
}

static void turn_wheel(struct http_front *f)
{
    const uint64_t now_s = f->now_ms / 1000;
    if (now_s - f->wheel_s > HTTP_WHEEL_SLOTS) {
        f->wheel_s = now_s - HTTP_WHEEL_SLOTS;
    }
    while (f->wheel_s < now_s) {
        struct http_call *c = f->wheel[f->wheel_s % HTTP_WHEEL_SLOTS];
        f->wheel_s++;
        while (c != NULL) {
            struct http_call *next = c->wheel.next;
            if (c->deadline_ms / 1000 < f->wheel_s) {
                http_call_wake(c, true);
            }
            c = next;
        }
    }
}

/* ---- clients that left while their call was suspended: nobody else would notice ---- */

static void sweep_some(struct http_call **calls, struct pollfd *fds, size_t n)
{
    if (n == 0 || poll(fds, (nfds_t)n, 0) <= 0) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if ((fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0) {
            calls[i]->gone = true;
            http_call_wake(calls[i], true);
        }
    }
}

static void sweep(struct http_front *f)
{
    struct http_call *calls[SWEEP_AT_ONCE];
    struct pollfd fds[SWEEP_AT_ONCE];
    for (size_t slot = 0; slot < HTTP_WHEEL_SLOTS; slot++) {
        struct http_call *c = f->wheel[slot];
        while (c != NULL) {
            size_t n = 0;
            while (c != NULL && n < SWEEP_AT_ONCE) {
                calls[n] = c;
                fds[n++] = (struct pollfd){.fd = c->conn->fd, .events = POLLRDHUP};
                c = c->wheel.next;
            }
            sweep_some(calls, fds, n); /* wakes only calls before c */
        }
    }
}

/* ---- clients that send, but so slowly that no idle limit catches them ---- */

static uint64_t patience_ms(const struct http_front *f, const struct http_conn *conn)
{
    if (conn->call == NULL) {
        return (uint64_t)f->config.idle_s * 1000;
    }
    switch (conn->call->step) {
    case STEP_HEAD:
        return HTTP_HEAD_MS;
    case STEP_BODY:
        return conn->call->target.path == PATH_EVIDENCE ? (uint64_t)HTTP_UPLOAD_MS : (uint64_t)HTTP_BODY_MS;
    case STEP_SERVE:
    case STEP_DONE:
        return UINT64_MAX; /* our turn, or libmicrohttpd's idle limit */
    }
    return 0;
}

static bool is_idle_upload(const struct http_front *f, const struct http_call *c)
{
    return c != NULL && c->step == STEP_BODY && c->upload != NULL && f->now_ms - c->fed_ms > HTTP_UPLOAD_IDLE_MS;
}

static void sweep_slow(struct http_front *f)
{
    for (struct http_conn *conn = f->conns; conn != NULL; conn = conn->next) {
        if (f->now_ms - conn->since_ms > patience_ms(f, conn) || is_idle_upload(f, conn->call)) {
            (void)shutdown(conn->fd, SHUT_RDWR); /* libmicrohttpd sees the end and closes */
        }
    }
}

/* ---- the core ---- */

static void refuse_reason(struct http_call *c, enum policy_reason reason, uint64_t retry_s)
{
    const struct http_refusal r = http_refusal_reason(span_str(policy_reason_code(reason)));
    http_reply_refusal(c, &r, retry_s);
}

void http_call_command(struct http_call *c, const struct wire_command *command)
{
    struct http_front *f = c->front;
    uint64_t id = 0;

    if (f->follow.sealed) {
        refuse_reason(c, REASON_SEALED, 30);
        return;
    }
    if (f->command[(f->last_command + 1) % HTTP_COMMANDS_MAX] != NULL) { /* ids are given in a row */
        refuse_reason(c, REASON_BUSY, 2);
        return;
    }
    const struct cs_result sent =
        http_front_live(f) ? follow_send(&f->follow, command, &id) : CS_FAIL(CS_E_STATE, "core");
    if (sent.code == CS_E_FULL) {
        refuse_reason(c, REASON_BUSY, 2);
        return;
    }
    if (sent.code != CS_OK) {
        http_reply_problem(c, sent.code == CS_E_STATE ? PROBLEM_UNAVAILABLE : PROBLEM_MALFORMED);
        return;
    }
    f->last_command = id;
    c->command = id;
    f->command[id % HTTP_COMMANDS_MAX] = c;
    f->metrics.commands++;
    http_call_park(c, WAIT_CORE, f->now_ms + HTTP_COMMAND_WAIT_MS, NULL);
}

/* The answer is kept as its own bytes: the call decodes it when it is served. */
static void on_answer(void *user, const struct wire_answer *a)
{
    struct http_front *f = user;
    struct http_call *c = f->command[a->id % HTTP_COMMANDS_MAX];
    AUTO_WRITER w = wr_heap(IPC_FRAME_MAX_BYTES);

    if (c == NULL || c->command != a->id) {
        return; /* the client left meanwhile, or it was our own note of denied calls */
    }
    f->command[a->id % HTTP_COMMANDS_MAX] = NULL;
    c->command = 0;
    if (wire_answer_encode(a, &w).code == CS_OK) {
        c->answer = w.p;
        c->answer_len = w.len;
        w = wr_heap(0);
    }
    if (a->has_index && a->index >= f->follow.verified) {
        c->answer_index = a->index;
        const uint64_t deadline_ms = c->deadline_ms;
        link_out(c, &c->peers);
        c->waiting = WAIT_FOLD;
        c->deadline_ms = deadline_ms;
        link_in(c, &c->peers, &f->folding);
        return;
    }
    http_call_wake(c, false);
}

static void on_lost(void *user)
{
    struct http_front *f = user;
    for (size_t i = 0; i < HTTP_COMMANDS_MAX; i++) {
        struct http_call *c = f->command[i];
        if (c != NULL) {
            f->command[i] = NULL;
            c->command = 0;
            f->metrics.commands_late++;
            http_call_wake(c, true);
        }
    }
}

static void on_entry(void *user, const struct entry *e, struct span leaf)
{
    struct http_front *f = user;
    (void)leaf;
    if (f->fault.code == CS_OK) {
        f->fault = http_view_apply(&f->view, &f->follow.judge.state, e);
    }
}

static void on_verified(void *user)
{
    struct http_front *f = user;
    if (f->fault.code == CS_OK) {
        f->fault = http_view_publish(&f->view, &f->follow.judge.state);
    }
    if (f->fault.code == CS_OK) {
        f->fault = http_auth_refresh(&f->auth, &f->follow.judge.state);
    }
    struct http_call *c = f->folding;
    while (c != NULL) {
        struct http_call *next = c->peers.next;
        if (c->answer_index < f->follow.verified) {
            http_call_wake(c, false);
        }
        c = next;
    }
    wake_list(&f->streams);
}

/* What time alone changes is shown when it is due. */
static void turn_view(struct http_front *f)
{
    if (!http_front_live(f) || f->view.shown_count < f->view.after_count) {
        return; /* what is taken in is not verified yet: it is shown first */
    }
    f->fault = http_view_turn(&f->view, &f->follow.judge.state, follow_core_time_ms(&f->follow, f->now_ms));
    if (f->fault.code == CS_OK && f->view.pending != NULL) {
        f->fault = http_view_publish(&f->view, &f->follow.judge.state);
    }
}

static void on_touched(void *ctx, struct http_record *r)
{
    (void)ctx;
    wake_list(&r->waiting);
}

bool http_front_live(const struct http_front *f)
{
    return f->follow.state == FOLLOW_LIVE && f->fault.code == CS_OK && !f->stopping;
}

/* ---- denied calls ---- */

void http_front_deny(struct http_front *f, const struct http_call *c, const char *code)
{
    char actor[HTTP_DENIED_TEXT];
    if (c->client[0] != '\0') {
        (void)snprintf(actor, sizeof(actor), "client:%s", c->client);
    } else {
        (void)snprintf(actor, sizeof(actor), "system:http");
    }
    http_denied_add(&f->denied, actor, c->conn->ip, code);
}

static void tell_denied(struct http_front *f)
{
    struct http_denial d;
    while (http_front_live(f) && !f->follow.sealed && http_denied_take(&f->denied, &d)) {
        struct wire_command command = {.cmd = WIRE_ACCESS, .ip = span_str(d.ip)};
        uint64_t id = 0;
        command.access.actor = span_str(d.actor);
        command.access.note.code = span_str(d.code);
        command.access.note.count = d.count;
        if (follow_send(&f->follow, &command, &id).code != CS_OK) {
            return;
        }
        f->last_command = id;
    }
}

void http_front_count_reply(struct http_front *f, unsigned status)
{
    const unsigned class = status / 100;
    f->metrics.replies[class < HTTP_CLASSES ? class : 0]++;
}

void http_front_count_problem(struct http_front *f, const struct http_refusal *r)
{
    if (r->status == 429) {
        f->metrics.rate_limited++;
    }
}

/* ---- the front ---- */

CS_RESULT http_front_init(struct http_front *f, const struct http_config *config)
{
    memset(f, 0, sizeof(*f)); /* too large for a literal on the stack */
    f->config = *config;
    f->writes = calloc(1, sizeof(*f->writes));
    f->reads = calloc(1, sizeof(*f->reads));
    ENSURE(f->writes != NULL && f->reads != NULL, CS_E_NOMEM, "front");
    f->writes->burst = config->writes_per_min;
    f->writes->window_s = 60;
    f->reads->burst = config->reads_per_s;
    f->reads->window_s = 1;
    arena_init(&f->scratch, HTTP_SCRATCH_BYTES);
    TRY(http_view_init(&f->view));
    f->view.touched = on_touched;
    f->view.ctx = f;
    const struct follow_config follow = {
        .path = config->core_socket,
        .spool_dir = config->spool_dir,
        .state_cap_bytes = config->state_cap_bytes,
        .keep_leaves = true,
        .keep_nodes = true,
        .hooks = {.entry = on_entry, .verified = on_verified, .answer = on_answer, .lost = on_lost, .user = f},
    };
    return follow_init(&f->follow, &follow);
}

void http_front_release(struct http_front *f)
{
    follow_release(&f->follow);
    http_view_release(&f->view);
    http_auth_release(&f->auth);
    arena_release(&f->scratch);
    free(f->writes);
    free(f->reads);
    memset(f, 0, sizeof(*f));
    f->stopping = true;
}

void http_front_turn(struct http_front *f, uint64_t now_ms, bool core_ready)
{
    f->now_ms = now_ms;
    if (core_ready || now_ms >= follow_wake_ms(&f->follow)) {
        follow_step(&f->follow, now_ms);
    }
    turn_wheel(f);
    if (now_ms >= f->sweep_due_ms) {
        sweep(f);
        sweep_slow(f);
        turn_view(f);
        f->sweep_due_ms = now_ms + HTTP_SWEEP_MS;
    }
    if (now_ms >= f->denied_due_ms) {
        tell_denied(f);
        f->denied_due_ms = now_ms + HTTP_DENIED_EVERY_MS;
    }
}

uint64_t http_front_wake_ms(const struct http_front *f)
{
    uint64_t due = follow_wake_ms(&f->follow);
    if (f->metrics.parked > 0) {
        const uint64_t second = (f->now_ms / 1000 + 1) * 1000;
        due = second < due ? second : due;
    }
    const uint64_t house = f->sweep_due_ms < f->denied_due_ms ? f->sweep_due_ms : f->denied_due_ms;
    return house < due ? house : due;
}

void http_front_stop(struct http_front *f)
{
    f->stopping = true;
    for (size_t slot = 0; slot < HTTP_WHEEL_SLOTS; slot++) {
        while (f->wheel[slot] != NULL) {
            http_call_wake(f->wheel[slot], true);
        }
    }
}
