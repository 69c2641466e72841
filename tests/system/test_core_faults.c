/* SPDX-License-Identifier: Apache-2.0 */
/* D5, 8.5: a real core on a disk that fails, killed at every write, and started on a log that somebody has changed.
 * Either every acknowledged entry is there after the next start and nothing that was never sent, or the core is
 * read-only and says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core_rig.h"
#include "ipc/ipc_socket.h"
#include "wire/wire_answer.h"
#include "wire/wire_batch.h"

enum { REQUESTS = 3, FIRST_NUMBER = 1000, FILE_MAX_BYTES = 4 << 20, WAIT_MS = 5000, FILES_MAX = 8 };

static struct rig rig;
static struct arena arena;

/* Cut to the room; gcc sees through snprintf and asks for a size that it can prove. */
static void copy_text(char *to, size_t room, const void *from, size_t n)
{
    const size_t cut = n < room ? n : room - 1;
    memcpy(to, from, cut);
    to[cut] = '\0';
}

/* "DIR/NAME", whole or the test fails. */
static void join(const char *dir, const char *name, char ret_path[RIG_PATH_MAX])
{
    const size_t a = strlen(dir);
    const size_t b = strlen(name);
    assert_true(a + b + 2 <= RIG_PATH_MAX);
    memcpy(ret_path, dir, a);
    ret_path[a] = '/';
    memcpy(ret_path + a + 1, name, b + 1);
}

/* --- the state directory, kept and put back --- */

struct kept {
    char name[64];
    uint8_t *bytes;
    size_t n;
};
static struct kept kept[FILES_MAX];
static size_t kept_count;

static void state_path(const char *name, char *path)
{
    join(rig.state, name, path);
}

static void keep_file(const char *name)
{
    char path[RIG_PATH_MAX];
    struct kept *k = &kept[kept_count];
    state_path(name, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && kept_count < FILES_MAX);
    k->bytes = malloc(FILE_MAX_BYTES);
    assert_non_null(k->bytes);
    const ssize_t n = read(fd, k->bytes, FILE_MAX_BYTES);
    assert_true(n >= 0 && n < FILE_MAX_BYTES);
    assert_int_equal(close(fd), 0);
    k->n = (size_t)n;
    copy_text(k->name, sizeof(k->name), name, strlen(name));
    kept_count++;
}

static void keep_state(void)
{
    DIR *d = opendir(rig.state);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            keep_file(e->d_name);
        }
    }
    (void)closedir(d);
}

static void put_file(const char *name, const uint8_t *bytes, size_t n)
{
    char path[RIG_PATH_MAX];
    state_path(name, path);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
}

static void put_state_back(void)
{
    DIR *d = opendir(rig.state);
    assert_non_null(d);
    for (struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
        if (e->d_name[0] != '.') {
            char path[RIG_PATH_MAX];
            state_path(e->d_name, path);
            (void)unlink(path);
        }
    }
    (void)closedir(d);
    for (size_t i = 0; i < kept_count; i++) {
        put_file(kept[i].name, kept[i].bytes, kept[i].n);
    }
}

static struct kept *kept_file(const char *name)
{
    for (size_t i = 0; i < kept_count; i++) {
        if (strcmp(kept[i].name, name) == 0) {
            return &kept[i];
        }
    }
    fail_msg("there is no %s", name);
    return NULL;
}

/* --- a client that expects the core to go away --- */

struct sent {
    bool sent;
    bool acknowledged;
    uint64_t index;
};
static struct sent sent[REQUESTS];

/* CS_OK when the core answers "ok" or "same_request". */
static struct cs_result ask_request(struct ipc_conn *conn, unsigned i, uint64_t *ret_index)
{
    AUTO_WRITER body = wr_heap(4096);
    AUTO_WRITER frame = wr_heap(16384);
    char key[32];
    struct span got = SPAN_NONE;
    struct wire_answer a;
    struct wire_command c = {.cmd = WIRE_REQUEST, .id = i + 1, .client = SPAN_LIT("ci"), .ip = SPAN_LIT("192.0.2.7")};

    rig_body("lab", FIRST_NUMBER + i, &body);
    (void)snprintf(key, sizeof(key), "fault-%u", i);
    c.request.body = wr_span(&body);
    c.request.key = span_str(key);
    TRY(wire_command_encode(&c, &frame));
    TRY(ipc_call(conn, wr_span(&frame), WAIT_MS, &got));
    arena_reset(&arena);
    TRY(wire_answer_decode(got, &arena, &a));
    ENSURE(a.id == i + 1, CS_E_ORDER, "answer");
    ENSURE(span_is(a.code, "ok") || span_is(a.code, "same_request"), CS_E_REFUSED, "answer");
    *ret_index = a.index;
    return CS_SUCCESS;
}

static struct cs_result connect_http(struct ipc_conn *ret_conn)
{
    const struct ipc_limits limits = {0};
    char path[RIG_PATH_MAX];
    join(rig.run, "http.sock", path);
    return ipc_connect(path, &limits, ret_conn);
}

/* What a killed core leaves behind would look like a core that listens. */
static void clear_sockets(void)
{
    static const char *const names[] = {"http.sock", "kiosk.sock", "operator.sock"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[RIG_PATH_MAX];
        join(rig.run, names[i], path);
        (void)unlink(path);
    }
}

/* --- the daemon with a fault --- */

static bool ended(pid_t pid)
{
    return waitpid(pid, NULL, WNOHANG) == pid;
}

/* Starts it; false when it ended before it listened. */
static bool spawn_faulty(void)
{
    char path[RIG_PATH_MAX];
    static char daemon[] = COUNTERSIGND;
    static char state[] = "--state";
    static char run[] = "--run";
    char *const argv[] = {daemon, state, rig.state, run, rig.run, NULL};
    join(rig.run, "operator.sock", path);
    clear_sockets();
    rig.pid = fork();
    assert_true(rig.pid >= 0);
    if (rig.pid == 0) {
        const int quiet = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(quiet, STDERR_FILENO);
        (void)setenv("LD_PRELOAD", FAULT_SHIM, 1);
        (void)execv(daemon, argv);
        _exit(127);
    }
    for (unsigned ms = 0; ms < WAIT_MS; ms += 2) {
        if (ended(rig.pid)) {
            rig.pid = 0;
            return false;
        }
        if (access(path, F_OK) == 0) {
            return true;
        }
        (void)usleep(2000);
    }
    fail_msg("the core neither listens nor ends");
    return false;
}

/* False when the core left before it had acknowledged them all. */
static bool send_all(void)
{
    AUTO_IPC_CONN conn = {0};
    if (connect_http(&conn).code != CS_OK) {
        return false;
    }
    for (unsigned i = 0; i < REQUESTS; i++) {
        sent[i].sent = true;
        const struct cs_result r = ask_request(&conn, i, &sent[i].index);
        sent[i].acknowledged = r.code == CS_OK;
        if (r.code == CS_E_TIMEOUT || r.code == CS_E_REFUSED || r.code == CS_E_ORDER) {
            fail_msg("request %u: %s %s", i, cs_code_name(r.code), r.msg);
        }
        if (r.code != CS_OK) {
            return false;
        }
    }
    return true;
}

/* A core that left its client unanswered has to end. */
static void wait_ended(const char *what)
{
    for (unsigned ms = 0; !ended(rig.pid); ms += 2) {
        if (ms > WAIT_MS) {
            fail_msg("%s: the core answers nobody, and does not end", what);
        }
        (void)usleep(2000);
    }
    rig.pid = 0;
}

static void stop(void)
{
    if (rig.pid > 0) {
        (void)kill(rig.pid, SIGKILL);
        (void)waitpid(rig.pid, NULL, 0);
        rig.pid = 0;
    }
    clear_sockets();
}

/* --- afterwards --- */

static bool is_title(const struct entry *e, unsigned i)
{
    char title[64];
    (void)snprintf(title, sizeof(title), "\"Release %u\"", FIRST_NUMBER + i);
    return e->type == ENTRY_REQUEST && memmem(e->body.p, e->body.left, title, strlen(title)) != NULL;
}

/* How often request i stands in the kiosk's copy; only where it was acknowledged. */
static unsigned count_request(unsigned i, const char *what)
{
    const uint64_t size = rig.peer[RIG_KIOSK].f.judge.state.size;
    unsigned count = 0;
    for (uint64_t at = 0; at < size; at++) {
        struct entry e;
        cast_forget(&rig.cast);
        rig_entry(&rig, at, &e);
        if (!is_title(&e, i)) {
            continue;
        }
        count++;
        if (!sent[i].sent || (sent[i].acknowledged && sent[i].index != at)) {
            fail_msg("%s: request %u stands at %llu", what, i, (unsigned long long)at);
        }
    }
    return count;
}

/* A plain start; every follower verifies all of it against the signed checkpoints; then look for our requests. */
static void check_log(const char *what)
{
    rig_start(&rig);
    for (unsigned i = 0; i < REQUESTS; i++) {
        const unsigned count = count_request(i, what);
        if (count > 1 || (sent[i].acknowledged && count != 1)) {
            fail_msg("%s: request %u is there %u times (acknowledged: %d)", what, i, count, sent[i].acknowledged);
        }
    }
}

/* And it goes on: the client asks again with the same keys and finds each request once. */
static void check_again(const char *what)
{
    AUTO_IPC_CONN conn = {0};
    assert_int_equal(connect_http(&conn).code, CS_OK);
    for (unsigned i = 0; i < REQUESTS; i++) {
        uint64_t index = 0;
        const struct cs_result r = ask_request(&conn, i, &index);
        if (r.code != CS_OK || (sent[i].acknowledged && index != sent[i].index)) {
            fail_msg("%s: asked again for %u: %s %s, index %llu", what, i, cs_code_name(r.code), r.msg,
                     (unsigned long long)index);
        }
    }
    assert_true(WIFEXITED(rig_end(&rig, SIGTERM)));
}

static size_t hits(char *ret_last)
{
    char path[RIG_PATH_MAX];
    char text[4096];
    join(rig.dir, "trace", path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    (void)unlink(path);
    text[n > 0 ? n : 0] = '\0';
    const size_t end = strcspn(text, "\n");
    copy_text(ret_last, 64, text, end);
    return end;
}

/* may_survive: how many failures the core may pass over. SQLite does so with two: the sync of the directory when it
 * opens the journal (the head file's own sync of that directory comes before any answer), and making the database
 * longer ahead of writing to it (the writing finds out). */
static void sweep(const char *mode, unsigned may_survive)
{
    unsigned survived = 0;
    char trace[RIG_PATH_MAX];
    join(rig.dir, "trace", trace);
    (void)setenv("COUNTERSIGN_FAULT_TRACE", trace, 1);
    for (unsigned k = 1; k < 5000; k++) {
        char fault[64];
        char where[64];
        char what[160];
        put_state_back();
        memset(sent, 0, sizeof(sent));
        (void)snprintf(fault, sizeof(fault), "%s:%u", mode, k);
        (void)setenv("COUNTERSIGN_FAULT", fault, 1);
        const bool listens = spawn_faulty();
        const bool alive = listens && send_all();
        if (listens && !alive) {
            wait_ended(fault);
        }
        stop();
        (void)unsetenv("COUNTERSIGN_FAULT");
        const bool struck = hits(where) > 0;
        (void)snprintf(what, sizeof(what), "%s at %s", mode, struck ? where : "nothing");
        check_log(what);
        check_again(what);
        if (!struck) {
            assert_true(alive && k > 20);
            print_message("%s: %u calls, %u survived\n", mode, k - 1, survived);
            return;
        }
        survived += alive ? 1 : 0;
        if (survived > may_survive) {
            fail_msg("%s: the core went on", what);
        }
    }
    fail_msg("%s: the sweep never ended", mode);
}

static void killed_before_every_write(void **state)
{
    (void)state;
    sweep("kill-before", 0);
}

static void killed_in_the_middle_of_every_write(void **state)
{
    (void)state;
    sweep("kill-torn", 0);
}

static void killed_after_every_write(void **state)
{
    (void)state;
    sweep("kill-after", 0);
}

static void every_write_fails_once(void **state)
{
    (void)state;
    sweep("eio", 2);
}

static void the_disk_fails_from_then_on(void **state)
{
    (void)state;
    sweep("eio-lasts", 0);
}

static void the_disk_is_full_from_then_on(void **state)
{
    (void)state;
    sweep("enospc-lasts", 0);
}

/* --- the very first start --- */

static void put_proposal_only(void)
{
    const struct kept *k = kept_file("proposal.json");
    put_state_back();
    for (size_t i = 0; i < kept_count; i++) {
        char path[RIG_PATH_MAX];
        state_path(kept[i].name, path);
        (void)unlink(path);
    }
    put_file(k->name, k->bytes, k->n);
}

/* Keys and database are half made, or not; the next start makes the rest, and the ceremony takes place. */
static void first_start(const char *mode)
{
    char trace[RIG_PATH_MAX];
    char where[64] = "x";
    unsigned k = 0;
    join(rig.dir, "trace", trace);
    (void)setenv("COUNTERSIGN_FAULT_TRACE", trace, 1);
    while (where[0] != '\0') {
        char fault[64];
        k++;
        put_proposal_only();
        (void)snprintf(fault, sizeof(fault), "%s:%u", mode, k);
        (void)setenv("COUNTERSIGN_FAULT", fault, 1);
        (void)spawn_faulty();
        stop();
        (void)unsetenv("COUNTERSIGN_FAULT");
        (void)hits(where);
        rig_start(&rig);
        rig_genesis(&rig);
        assert_true(WIFEXITED(rig_end(&rig, SIGTERM)));
        assert_true(k < 1000);
    }
    assert_true(k > 20);
}

static void a_first_start_that_is_killed(void **state)
{
    (void)state;
    first_start("kill-torn");
    first_start("kill-after");
}

static void a_first_start_on_a_bad_disk(void **state)
{
    (void)state;
    first_start("eio");
    first_start("enospc-lasts");
}

/* --- what somebody has changed --- */

/* Starts, follows as the operator would, and reads the first batch's word on it. */
static bool starts_sealed(char ret_why[WIRE_WHY_MAX + 1])
{
    AUTO_IPC_CONN conn = {0};
    struct span got = SPAN_NONE;
    struct wire_batch b;

    rig_spawn(&rig);
    assert_int_equal(connect_http(&conn).code, CS_OK);
    assert_int_equal(ipc_call(&conn, SPAN_LIT("{\"cmd\":\"follow\",\"from\":0}"), WAIT_MS, &got).code, CS_OK);
    arena_reset(&arena);
    assert_int_equal(wire_batch_decode(got, &arena, &b).code, CS_OK);
    copy_text(ret_why, WIRE_WHY_MAX + 1, b.why.p, b.why.left);
    return b.sealed;
}

static void must_be_sealed(const char *what, const char *words)
{
    AUTO_IPC_CONN conn = {0};
    char why[WIRE_WHY_MAX + 1];
    uint64_t index = 0;
    const bool sealed = starts_sealed(why);
    if (!sealed || strstr(why, words) == NULL) {
        fail_msg("%s: sealed %d, because \"%s\"", what, sealed, why);
    }
    assert_int_equal(connect_http(&conn).code, CS_OK);
    assert_int_equal(ask_request(&conn, 0, &index).code, CS_E_REFUSED); /* answers, but writes nothing */
    (void)rig_end(&rig, SIGTERM);
}

static void sql(const char *text)
{
    char path[RIG_PATH_MAX];
    sqlite3 *db = NULL;
    state_path("log.db", path);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The triggers hold against everyone who does not first take them away; somebody who also puts them back is thorough.
 */
static void tamper(const char *table, const char *statement)
{
    char text[1024];
    (void)snprintf(
        text, sizeof(text),
        "DROP TRIGGER %s_no_UPDATE; %s;"
        "CREATE TRIGGER %s_no_UPDATE BEFORE UPDATE ON %s BEGIN SELECT RAISE(ABORT, '%s is append-only'); END",
        table, statement, table, table, table);
    sql(text);
}

static void one_byte_of_a_leaf(void **state)
{
    (void)state;
    put_state_back();
    tamper("entry", "UPDATE entry SET leaf = CAST(replace(CAST(leaf AS TEXT), 'lab', 'lap') AS BLOB) WHERE idx = 3");
    must_be_sealed("leaf", "hash");
}

static void one_byte_of_a_checkpoint(void **state)
{
    (void)state;
    put_state_back();
    tamper("checkpoint",
           "UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), '\xe2\x80\x94 ', '\xe2\x80\x94 x') AS BLOB) "
           "WHERE size = (SELECT max(size) FROM checkpoint)");
    must_be_sealed("checkpoint", "checkpoint");
}

static void a_trigger_is_missing(void **state)
{
    (void)state;
    put_state_back();
    sql("DROP TRIGGER entry_no_DELETE");
    (void)spawn_faulty();
    for (unsigned ms = 0; rig.pid > 0 && ms < WAIT_MS; ms += 5) {
        if (ended(rig.pid)) {
            rig.pid = 0;
        }
        (void)usleep(5000);
    }
    assert_int_equal(rig.pid, 0); /* does not even open it */
}

static void the_head_file_is_gone(void **state)
{
    char path[RIG_PATH_MAX];
    (void)state;
    put_state_back();
    state_path("log.db.head", path);
    assert_int_equal(unlink(path), 0);
    must_be_sealed("no head", "head file");
}

static void the_journal(void **state)
{
    struct kept *wal = kept_file("log.db-wal");
    char path[RIG_PATH_MAX];
    (void)state;
    assert_true(wal->n > 8192);
    put_state_back();
    state_path("log.db-wal", path);
    assert_int_equal(unlink(path), 0);
    must_be_sealed("journal deleted", "behind");
    put_state_back();
    put_file("log.db-wal", wal->bytes, wal->n - 1);
    must_be_sealed("journal cut by a byte", "behind");
    put_state_back();
    put_file("log.db-wal", wal->bytes, wal->n / 2);
    must_be_sealed("journal cut in half", "behind");
    put_state_back();
    wal->bytes[wal->n - 4000] ^= 1;
    put_file("log.db-wal", wal->bytes, wal->n);
    wal->bytes[wal->n - 4000] ^= 1;
    must_be_sealed("journal flipped", "behind");
}

static void an_older_copy(void **state)
{
    (void)state;
    put_state_back();
    rig_start(&rig);
    (void)rig_request(&rig, "lab");
    (void)rig_end(&rig, SIGTERM);
    const struct kept *db = kept_file("log.db");
    const struct kept *wal = kept_file("log.db-wal");
    put_file("log.db", db->bytes, db->n);
    put_file("log.db-wal", wal->bytes, wal->n);
    must_be_sealed("older copy", "behind");
}

static int make_world(void **state)
{
    (void)state;
    arena_init(&arena, 4 << 20);
    rig_init(&rig);
    rig_start(&rig);
    rig_genesis(&rig);
    (void)rig_request(&rig, "lab");
    (void)rig_request(&rig, "lab");
    (void)rig_end(&rig, SIGTERM);
    keep_state();
    return 0;
}

static int drop_world(void **state)
{
    (void)state;
    stop();
    rig_release(&rig);
    for (size_t i = 0; i < kept_count; i++) {
        free(kept[i].bytes);
    }
    arena_release(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_of_a_leaf),
        cmocka_unit_test(one_byte_of_a_checkpoint),
        cmocka_unit_test(a_trigger_is_missing),
        cmocka_unit_test(the_head_file_is_gone),
        cmocka_unit_test(the_journal),
        cmocka_unit_test(an_older_copy),
        cmocka_unit_test(a_first_start_that_is_killed),
        cmocka_unit_test(a_first_start_on_a_bad_disk),
        cmocka_unit_test(killed_before_every_write),
        cmocka_unit_test(killed_in_the_middle_of_every_write),
        cmocka_unit_test(killed_after_every_write),
        cmocka_unit_test(every_write_fails_once),
        cmocka_unit_test(the_disk_fails_from_then_on),
        cmocka_unit_test(the_disk_is_full_from_then_on),
    };
    return cmocka_run_group_tests(tests, make_world, drop_world);
}
