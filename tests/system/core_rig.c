/* SPDX-License-Identifier: Apache-2.0 */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATE_BYTES = 256 << 20, ARENA_BYTES = 16 << 20 };

static const char *const socket_names[RIG_PEERS] = {"http.sock", "kiosk.sock", "operator.sock"};

static uint64_t mono_ms(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

/* --- files --- */

static void join(const char *dir, const char *name, char ret_path[RIG_PATH_MAX])
{
    struct writer w = wr_fixed(ret_path, RIG_PATH_MAX);

    wr_text(&w, dir);
    wr_text(&w, "/");
    wr_text(&w, name);
    wr_u8(&w, 0);
    assert_int_equal(wr_end(&w, "path").code, CS_OK);
}

void rig_path(const struct rig *r, const char *name, char ret_path[RIG_PATH_MAX])
{
    join(r->state, name, ret_path);
}

static void write_file(const char *path, struct span text)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.left), text.left);
    assert_int_equal(close(fd), 0);
}

static void remove_all(const char *path)
{
    char inner[RIG_PATH_MAX];
    DIR *d = opendir(path);

    for (struct dirent *e = d != NULL ? readdir(d) : NULL; e != NULL; e = readdir(d)) {
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) {
            join(path, e->d_name, inner);
            (void)unlink(inner);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
    (void)rmdir(path);
}

void rig_init(struct rig *r)
{
    char proposal[RIG_PATH_MAX];
    char cwd[RIG_PATH_MAX - 64];
    AUTO_WRITER text = wr_heap(CAST_TEXT_MAX);

    memset(r, 0, sizeof(*r));
    r->daemon = COUNTERSIGND;
    cast_init(&r->cast);
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    (void)snprintf(r->dir, sizeof(r->dir), "%s/rig-XXXXXX", cwd);
    assert_non_null(mkdtemp(r->dir));
    join(r->dir, "state", r->state);
    join(r->dir, "run", r->run);
    assert_int_equal(mkdir(r->state, 0700), 0);
    assert_int_equal(mkdir(r->run, 0700), 0);
    cast_proposal(&r->cast, &text);
    rig_path(r, "proposal.json", proposal);
    write_file(proposal, wr_span(&text));
}

void rig_release(struct rig *r)
{
    if (r->pid > 0) {
        (void)rig_end(r, SIGKILL);
    }
    rig_disconnect(r);
    cast_release(&r->cast);
    remove_all(r->run);
    remove_all(r->state);
    remove_all(r->dir);
}

/* --- the daemon --- */

void rig_set_clock(struct rig *r, const char *words)
{
    char path[RIG_PATH_MAX];
    char next[RIG_PATH_MAX];

    rig_path(r, "faketime", path);
    rig_path(r, "faketime.next", next);
    write_file(next, span_str(words));
    assert_int_equal(rename(next, path), 0);
}

static void run_daemon(const struct rig *r)
{
    const char *argv[16] = {COUNTERSIGND, "--state", r->state, "--run", r->run};
    char log[RIG_PATH_MAX];
    char clock[RIG_PATH_MAX];
    size_t n = 5;

    for (size_t i = 0; i < RIG_ARGS_MAX && r->args[i] != NULL; i++) {
        argv[n++] = r->args[i];
    }
    join(r->dir, "log", log);
    const int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || dup2(fd, STDERR_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) {
        _exit(126); /* a test that crashes takes its daemon along */
    }
    if (r->clock != NULL) {
        rig_path(r, "faketime", clock);
        (void)setenv("LD_PRELOAD", FAKETIME_LIBRARY, 1);
        (void)setenv("FAKETIME_TIMESTAMP_FILE", clock, 1);
        (void)setenv("FAKETIME_NO_CACHE", "1", 1);
        (void)setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
    }
    (void)execv(COUNTERSIGND, (char *const *)(uintptr_t)argv);
    _exit(127);
}

void rig_spawn(struct rig *r)
{
    char path[RIG_PATH_MAX];

    if (r->clock != NULL) {
        rig_set_clock(r, r->clock);
    }
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        run_daemon(r);
    }
    join(r->run, "operator.sock", path);
    for (unsigned i = 0; access(path, F_OK) != 0; i++) {
        assert_true(i < RIG_WAIT_MS / 5);
        assert_int_equal(waitpid(r->pid, NULL, WNOHANG), 0);
        (void)usleep(5000);
    }
}

int rig_wait_end(struct rig *r)
{
    int status = 0;

    for (unsigned i = 0; waitpid(r->pid, &status, WNOHANG) == 0; i++) {
        if (i == RIG_WAIT_MS / 5) {
            (void)kill(r->pid, SIGKILL);
            fail_msg("the daemon did not end");
        }
        (void)usleep(5000);
    }
    r->pid = 0;
    return status;
}

int rig_end(struct rig *r, int signal)
{
    assert_int_equal(kill(r->pid, signal), 0);
    const int status = rig_wait_end(r);
    rig_disconnect(r);
    return status;
}

/* --- peers --- */

static void keep_text(char *into, size_t cap, struct span s)
{
    const size_t n = s.left < cap - 1 ? s.left : cap - 1;
    if (n > 0) {
        memcpy(into, s.p, n);
    }
    into[n] = '\0';
}

static void on_answer(void *user, const struct wire_answer *a)
{
    struct rig_peer *p = user;
    struct rig_answer *k = &p->answer[p->answer_count++ % RIG_ANSWERS];

    memset(k, 0, sizeof(*k));
    k->id = a->id;
    keep_text(k->code, sizeof(k->code), a->code);
    keep_text(k->detail, sizeof(k->detail), a->detail);
    k->has_index = a->has_index;
    k->index = a->index;
    k->has_begin = a->has_begin;
    memcpy(k->nonce, a->nonce, sizeof(k->nonce));
    k->time_ms = a->time_ms;
    k->fault_count = a->fault_count;
    for (size_t i = 0; i < a->fault_count && i < 4; i++) {
        keep_text(k->pointer[i], sizeof(k->pointer[i]), a->faults[i].pointer);
    }
}

static void on_lost(void *user)
{
    ((struct rig_peer *)user)->lost++;
}

void rig_connect_only(struct rig *r)
{
    for (size_t i = 0; i < RIG_PEERS; i++) {
        static char paths[RIG_PEERS][RIG_PATH_MAX];
        struct rig_peer *p = &r->peer[i];
        memset(p, 0, sizeof(*p));
        join(r->run, socket_names[i], paths[i]);
        const struct follow_config config = {.path = paths[i],
                                             .state_cap_bytes = STATE_BYTES,
                                             .keep_leaves = true,
                                             .keep_nodes = true,
                                             .hooks = {.answer = on_answer, .lost = on_lost, .user = p}};
        assert_int_equal(follow_init(&p->f, &config).code, CS_OK);
    }
}

void rig_connect(struct rig *r)
{
    rig_connect_only(r);
    for (size_t i = 0; i < RIG_PEERS; i++) {
        rig_sync(r, (enum rig_who)i, 0);
    }
}

void rig_disconnect(struct rig *r)
{
    for (size_t i = 0; i < RIG_PEERS; i++) {
        if (r->peer[i].f.config.path != NULL) {
            follow_release(&r->peer[i].f);
        }
    }
}

void rig_start(struct rig *r)
{
    rig_spawn(r);
    rig_connect(r);
}

/* One poll over all peers. */
static void pump_once(struct rig *r, int wait_ms)
{
    struct pollfd fds[RIG_PEERS];

    for (size_t i = 0; i < RIG_PEERS; i++) {
        const struct follow *f = &r->peer[i].f;
        fds[i] = (struct pollfd){.fd = follow_fd(f), .events = follow_events(f)};
        wait_ms = follow_wake_ms(f) == 0 ? 0 : wait_ms;
    }
    (void)poll(fds, RIG_PEERS, wait_ms);
    for (size_t i = 0; i < RIG_PEERS; i++) {
        follow_step(&r->peer[i].f, mono_ms());
    }
}

void rig_pump(struct rig *r, unsigned ms)
{
    const uint64_t end = mono_ms() + ms;
    while (mono_ms() < end) {
        pump_once(r, 10);
    }
}

void rig_sync(struct rig *r, enum rig_who who, uint64_t size)
{
    const struct follow *f = &r->peer[who].f;
    const uint64_t end = mono_ms() + RIG_WAIT_MS;

    while (f->state != FOLLOW_LIVE || f->verified < size) {
        pump_once(r, 20);
        if (f->state == FOLLOW_BROKEN || mono_ms() > end) {
            fail_msg("peer %d is at %llu of %llu, state %d: %s (%s)", (int)who, (unsigned long long)f->verified,
                     (unsigned long long)size, (int)f->state, f->why, policy_reason_code(f->verdict.reason));
        }
    }
}

void rig_wait_lost(struct rig *r, enum rig_who who, unsigned times)
{
    const uint64_t end = mono_ms() + RIG_WAIT_MS;

    while (r->peer[who].lost < times) {
        pump_once(r, 20);
        assert_true(mono_ms() < end);
    }
}

/* --- commands --- */

uint64_t rig_send(struct rig *r, enum rig_who who, const struct wire_command *c)
{
    uint64_t id = 0;
    assert_int_equal(follow_send(&r->peer[who].f, c, &id).code, CS_OK);
    return id;
}

static const struct rig_answer *answered(const struct rig_peer *p, uint64_t id)
{
    for (size_t i = 0; i < p->answer_count && i < RIG_ANSWERS; i++) {
        if (p->answer[i].id == id) {
            return &p->answer[i];
        }
    }
    return NULL;
}

struct rig_answer rig_wait(struct rig *r, enum rig_who who, uint64_t id)
{
    const struct rig_peer *p = &r->peer[who];
    const uint64_t end = mono_ms() + RIG_WAIT_MS;

    while (answered(p, id) == NULL) {
        pump_once(r, 20);
        if (p->lost > 0 || mono_ms() > end) {
            fail_msg("no answer (lost %u times)", p->lost);
        }
    }
    return *answered(p, id);
}

struct rig_answer rig_ask(struct rig *r, enum rig_who who, const struct wire_command *c)
{
    return rig_wait(r, who, rig_send(r, who, c));
}

struct rig_answer rig_expect(struct rig *r, enum rig_who who, const struct wire_command *c, const char *code)
{
    const struct rig_answer a = rig_ask(r, who, c);
    if (strcmp(a.code, code) != 0) {
        fail_msg("%s: %s, not %s: %s", wire_cmd_text(c->cmd), a.code, code, a.detail);
    }
    return a;
}

/* --- what happens --- */

/* The answer to `proposal` carries more than rig_answer keeps. */
void rig_keys(struct rig *r, struct cast_ceremony *how)
{
    const struct ipc_limits limits = {0};
    char path[RIG_PATH_MAX];
    AUTO_IPC_CONN conn = {0};
    struct span got = SPAN_NONE;
    struct wire_answer a = {0};

    join(r->run, "kiosk.sock", path);
    assert_int_equal(ipc_connect(path, &limits, &conn).code, CS_OK);
    assert_int_equal(ipc_call(&conn, SPAN_LIT("{\"cmd\":\"proposal\",\"id\":1}"), RIG_WAIT_MS, &got).code, CS_OK);
    assert_int_equal(wire_answer_decode(got, &r->cast.arena, &a).code, CS_OK);
    assert_true(span_is(a.code, "ok"));
    assert_int_equal(arena_copy(&r->cast.arena, a.log_key, &how->log_key).code, CS_OK);
    assert_int_equal(arena_copy(&r->cast.arena, a.outcome_key, &how->outcome_key).code, CS_OK);
}

void rig_genesis(struct rig *r)
{
    AUTO_WRITER proposal = wr_heap(CAST_TEXT_MAX);
    struct wire_command c = {.cmd = WIRE_GENESIS, .kiosk = SPAN_LIT(CAST_KIOSK)};

    cast_proposal(&r->cast, &proposal);
    struct cast_ceremony how = {.proposal = wr_span(&proposal), .now_ms = (uint64_t)time(NULL) * 1000, .signers = 2};
    rig_keys(r, &how);
    cast_genesis(&r->cast, &how, &c.genesis);
    const struct rig_answer a = rig_expect(r, RIG_KIOSK, &c, "ok");
    assert_int_equal(a.index, 0);
    cast_forget(&r->cast);
    rig_sync(r, RIG_KIOSK, 2);
}

void rig_body(const char *environment, uint64_t number, struct writer *w)
{
    char title[64];
    (void)snprintf(title, sizeof(title), "Release %llu", (unsigned long long)number);
    const struct sha256 d = digest_sha256(span_str(title));

    wr_text(w, "{ \"title\": \"");
    wr_text(w, title);
    wr_text(w, "\", \"service\": \"payments\", \"environment\": \"");
    wr_text(w, environment);
    wr_text(w, "\", \"change_type\": \"normal\", \"initiator\": \"gitlab:7\", \"artifacts\": [{\"name\": \"api\", "
               "\"sha256\": \"");
    wr_hex(w, sha256_span(&d));
    wr_text(w, "\"}], \"documentation\": {\"backout_plan\": \"Roll back.\"} }");
}

uint64_t rig_request(struct rig *r, const char *environment)
{
    AUTO_WRITER body = wr_heap(4096);
    char key[32];

    r->request_number++;
    rig_body(environment, r->request_number, &body);
    (void)snprintf(key, sizeof(key), "key-%llu", (unsigned long long)r->request_number);
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = wr_span(&body), .key = span_str(key)}};
    const struct rig_answer a = rig_expect(r, RIG_HTTP, &c, "ok");
    rig_sync(r, RIG_KIOSK, a.index + 1);
    return a.index;
}

struct rig_answer rig_begin(struct rig *r)
{
    const struct wire_command c = {.cmd = WIRE_BEGIN};
    const struct rig_answer a = rig_expect(r, RIG_KIOSK, &c, "ok");
    assert_true(a.has_begin);
    return a;
}

struct rig_answer rig_visit(struct rig *r, const struct cast_visit *visit)
{
    struct cast_visit v = *visit;
    struct wire_command c = {.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1.2")};
    const struct rig_answer begun = rig_begin(r);

    v.nonce = v.nonce != NULL ? v.nonce : begun.nonce;
    v.issued_ms = v.issued_ms != 0 ? v.issued_ms : begun.time_ms;
    c.port = v.port != NULL ? span_str(v.port) : c.port;
    cast_decide(&r->cast, &r->peer[RIG_KIOSK].f.judge, &v, &c.decision);
    const struct rig_answer a = rig_ask(r, RIG_KIOSK, &c);
    cast_forget(&r->cast);
    if (a.has_index) {
        rig_sync(r, RIG_KIOSK, a.index + 1);
    }
    return a;
}

void rig_approve(struct rig *r, const char *person, uint64_t request, const char *seat)
{
    const struct cast_visit v = {.person = person, .request = request, .seat = seat, .word = DECISION_APPROVE};
    const struct rig_answer a = rig_visit(r, &v);
    if (strcmp(a.code, "ok") != 0) {
        fail_msg("%s in %s: %s: %s", person, seat, a.code, a.detail);
    }
}

uint64_t rig_approved(struct rig *r)
{
    const uint64_t q = rig_request(r, "production");
    rig_approve(r, "dan", q, "production/tech");
    rig_approve(r, "fay", q, "production/business");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
    return q;
}

struct rig_answer rig_redeem(struct rig *r, uint64_t request, uint64_t number, bool drift)
{
    char title[64];
    struct wire_command c = {.cmd = WIRE_REDEEM, .client = SPAN_LIT("ci"), .ip = SPAN_LIT("192.0.2.7")};

    (void)snprintf(title, sizeof(title), "Release %llu", (unsigned long long)number);
    c.redeem.request = request;
    c.redeem.artifact_count = 1;
    c.redeem.artifacts[0].name = SPAN_LIT("api");
    c.redeem.artifacts[0].sha256 = digest_sha256(span_str(title));
    c.redeem.artifacts[0].sha256.b[0] ^= drift ? 1 : 0;
    const struct rig_answer a = rig_ask(r, RIG_HTTP, &c);
    if (a.has_index) {
        rig_sync(r, RIG_KIOSK, a.index + 1);
    }
    return a;
}

/* --- looking --- */

const struct state_request *rig_state(struct rig *r, uint64_t request)
{
    const struct state_request *q = state_request_find(&r->peer[RIG_KIOSK].f.judge.state, request);
    assert_non_null(q);
    return q;
}

void rig_entry(struct rig *r, uint64_t index, struct entry *ret_entry)
{
    uint8_t *buf = arena_alloc(&r->cast.arena, MODEL_LEAF_MAX);
    struct span leaf = SPAN_NONE;

    assert_non_null(buf);
    assert_int_equal(follow_spool_read(&r->peer[RIG_KIOSK].f.spool, index, buf, MODEL_LEAF_MAX, &leaf).code, CS_OK);
    assert_int_equal(model_entry_decode(leaf, &r->cast.arena, ret_entry).code, CS_OK);
}

bool rig_has_access(struct rig *r, uint64_t from, const char *code, uint64_t request)
{
    const struct follow *f = &r->peer[RIG_KIOSK].f;

    for (uint64_t i = from; i < f->judge.state.size; i++) {
        struct entry e;
        struct access_note n;
        cast_forget(&r->cast);
        rig_entry(r, i, &e);
        if (e.type == ENTRY_ACCESS && model_access_decode(e.body, &r->cast.arena, &n).code == CS_OK &&
            span_is(n.code, code) && (request == 0 || (n.has_request && n.request == request))) {
            return true;
        }
    }
    return false;
}
