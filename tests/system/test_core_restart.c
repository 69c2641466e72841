/* SPDX-License-Identifier: Apache-2.0 */
/* What a restart keeps, what seals the log, and what the clock does. R-D5 */
#include "core_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int setup(void **state)
{
    static struct rig r;
    rig_init(&r);
    rig_start(&r);
    rig_genesis(&r);
    *state = &r;
    return 0;
}

static int teardown(void **state)
{
    rig_release(*state);
    return 0;
}

static struct sha256 digest_now(struct rig *r)
{
    return state_digest(&r->peer[RIG_KIOSK].f.judge.state);
}

static uint64_t size_now(struct rig *r)
{
    return r->peer[RIG_KIOSK].f.judge.state.size;
}

/* --- files --- */

static void copy_file(const struct rig *r, const char *from, const char *to)
{
    char path[RIG_PATH_MAX];
    static uint8_t bytes[8 << 20];

    rig_path(r, from, path);
    const int in = open(path, O_RDONLY | O_CLOEXEC);
    if (in < 0) {
        return; /* nothing there: nothing to copy */
    }
    const ssize_t n = read(in, bytes, sizeof(bytes));
    assert_true(n >= 0 && n < (ssize_t)sizeof(bytes));
    assert_int_equal(close(in), 0);
    rig_path(r, to, path);
    const int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(out >= 0);
    assert_int_equal(write(out, bytes, (size_t)n), n);
    assert_int_equal(close(out), 0);
}

static void remove_file(const struct rig *r, const char *name)
{
    char path[RIG_PATH_MAX];
    rig_path(r, name, path);
    (void)unlink(path);
}

/* Changes the first occurrence of `text` in a file; false when it is not there. */
static bool spoil(const struct rig *r, const char *name, const char *text)
{
    char path[RIG_PATH_MAX];
    static uint8_t bytes[8 << 20];

    rig_path(r, name, path);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    const ssize_t n = read(fd, bytes, sizeof(bytes));
    uint8_t *at = n > 0 ? memmem(bytes, (size_t)n, text, strlen(text)) : NULL;
    if (at != NULL) {
        const uint8_t other = at[0] ^ 1;
        assert_int_equal(pwrite(fd, &other, 1, at - bytes), 1);
    }
    assert_int_equal(close(fd), 0);
    return at != NULL;
}

/* --- restarts --- */

static void a_restart_keeps_everything(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    AUTO_WRITER body = wr_heap(4096);

    rig_approve(r, "dan", q, "production/tech");
    const struct sha256 before = digest_now(r);
    const uint64_t size = size_now(r);
    const int status = rig_end(r, SIGTERM);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    char path[RIG_PATH_MAX];
    (void)snprintf(path, sizeof(path), "%.*s/http.sock", RIG_PATH_MAX - 32, r->run);
    assert_int_not_equal(access(path, F_OK), 0); /* a clean end leaves no sockets */

    rig_start(r);
    rig_sync(r, RIG_KIOSK, size + 1);
    struct entry e;
    rig_entry(r, size, &e);
    assert_int_equal(e.type, ENTRY_BOOT);
    assert_int_equal(rig_state(r, q)->decision_count, 1);
    rig_body("production", 1, &body);
    const struct wire_command again = {.cmd = WIRE_REQUEST,
                                       .client = SPAN_LIT("ci"),
                                       .ip = SPAN_LIT("192.0.2.7"),
                                       .request = {.body = wr_span(&body), .key = SPAN_LIT("key-1")}};
    assert_int_equal(rig_expect(r, RIG_HTTP, &again, "same_request").index, q);
    rig_approve(r, "fay", q, "production/business");
    assert_string_equal(rig_redeem(r, q, 1, false).code, "ok");
    const struct sha256 after = digest_now(r);
    assert_false(sha256_eq(&before, &after));
}

static void a_kill_loses_nothing_that_was_answered(void **state)
{
    struct rig *r = *state;
    uint64_t q[8];

    for (size_t i = 0; i < 8; i++) {
        q[i] = rig_request(r, "staging");
    }
    const uint64_t size = size_now(r);
    const struct sha256 before = digest_now(r);
    (void)rig_end(r, SIGKILL);
    rig_start(r);
    rig_sync(r, RIG_KIOSK, size + 1);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(rig_state(r, q[i])->status, STATUS_ELIGIBLE);
    }
    const struct sha256 after = digest_now(r);
    assert_false(sha256_eq(&before, &after)); /* the boot entry is part of it */
}

static void every_signature_can_be_verified_again(void **state)
{
    struct rig *r = *state;

    (void)rig_approved(r);
    const uint64_t size = size_now(r);
    (void)rig_end(r, SIGTERM);
    r->args[0] = "--prove";
    rig_start(r);
    rig_sync(r, RIG_KIOSK, size + 1);
    assert_false(r->peer[RIG_KIOSK].f.sealed);
}

static void a_nonce_of_before_does_not_live_on(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    const struct rig_answer begun = rig_begin(r);
    const uint64_t size = size_now(r);

    (void)rig_end(r, SIGTERM);
    rig_start(r);
    rig_sync(r, RIG_KIOSK, size + 1);
    const struct cast_visit v = {.person = "dan",
                                 .request = q,
                                 .seat = "production/tech",
                                 .word = DECISION_APPROVE,
                                 .nonce = begun.nonce,
                                 .issued_ms = begun.time_ms};
    assert_string_equal(rig_visit(r, &v).code, "nonce_unknown");
}

static void a_used_nonce_stays_used(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "production");
    const struct rig_answer begun = rig_begin(r);
    const struct cast_visit v = {.person = "dan",
                                 .request = q,
                                 .seat = "production/tech",
                                 .word = DECISION_APPROVE,
                                 .nonce = begun.nonce,
                                 .issued_ms = begun.time_ms};
    struct wire_command c = {.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};

    cast_decide(&r->cast, &r->peer[RIG_KIOSK].f.judge, &v, &c.decision);
    const struct rig_answer a = rig_expect(r, RIG_KIOSK, &c, "ok");
    (void)rig_end(r, SIGTERM);
    rig_start(r);
    rig_sync(r, RIG_KIOSK, a.index + 2);
    (void)rig_expect(r, RIG_KIOSK, &c, "nonce_used"); /* a recorded decision, played again */
}

static void two_cores_cannot_write_one_log(void **state)
{
    struct rig *r = *state;
    const pid_t first = r->pid;

    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        (void)execl(r->daemon, "countersignd", "--state", r->state, "--run", r->state, (char *)NULL);
        _exit(127);
    }
    const int status = rig_wait_end(r);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    r->pid = first;
    (void)rig_begin(r);
}

/* --- what seals --- */

static void expect_sealed(struct rig *r, const char *part)
{
    const struct wire_command begin = {.cmd = WIRE_BEGIN};
    AUTO_WRITER body = wr_heap(4096);

    rig_pump(r, 200);
    assert_true(r->peer[RIG_KIOSK].f.sealed);
    if (strstr(r->peer[RIG_KIOSK].f.sealed_why, part) == NULL) {
        fail_msg("sealed, but: %s", r->peer[RIG_KIOSK].f.sealed_why);
    }
    if (r->peer[RIG_KIOSK].f.state == FOLLOW_LIVE) {
        (void)rig_expect(r, RIG_KIOSK, &begin, "sealed");
    }
    rig_body("staging", 1, &body);
    const struct wire_command c = {.cmd = WIRE_REQUEST,
                                   .client = SPAN_LIT("ci"),
                                   .ip = SPAN_LIT("192.0.2.7"),
                                   .request = {.body = wr_span(&body), .key = SPAN_LIT("sealed")}};
    if (r->peer[RIG_HTTP].f.state == FOLLOW_LIVE) {
        (void)rig_expect(r, RIG_HTTP, &c, "sealed");
    }
}

static void an_older_copy_is_read_only(void **state)
{
    struct rig *r = *state;

    (void)rig_request(r, "staging");
    (void)rig_end(r, SIGTERM);
    copy_file(r, "log.db", "older.db");
    copy_file(r, "log.db-wal", "older.db-wal");
    rig_start(r);
    (void)rig_request(r, "staging");
    const uint64_t size = size_now(r);
    (void)rig_end(r, SIGTERM);
    remove_file(r, "log.db-wal");
    copy_file(r, "older.db", "log.db");
    copy_file(r, "older.db-wal", "log.db-wal");
    rig_start(r);
    expect_sealed(r, "behind");
    assert_int_equal(r->peer[RIG_KIOSK].f.state, FOLLOW_LIVE); /* it still shows what it has */
    assert_true(size_now(r) > 0 && size_now(r) < size);
    const uint64_t stays = size_now(r);
    (void)rig_end(r, SIGTERM);
    rig_start(r);
    expect_sealed(r, "behind");
    assert_int_equal(size_now(r), stays); /* not even a boot entry */
}

static void a_changed_entry_is_found(void **state)
{
    struct rig *r = *state;

    (void)rig_request(r, "staging");
    (void)rig_end(r, SIGTERM);
    assert_true(spoil(r, "log.db", "Release 1") || spoil(r, "log.db-wal", "Release 1"));
    rig_spawn(r);
    rig_connect_only(r);
    expect_sealed(r, "The log is "); /* damaged, or behind when the page was still in the journal */
}

static void other_keys_cannot_write_on(void **state)
{
    struct rig *r = *state;

    (void)rig_end(r, SIGTERM);
    remove_file(r, "log.key");
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        (void)execl(r->daemon, "countersignd", "--state", r->state, "--run", r->run, (char *)NULL);
        _exit(127);
    }
    const int status = rig_wait_end(r); /* a missing key is not silently made again */
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

/* --- the clock --- */

static int setup_clock(void **state)
{
    static struct rig r;
    rig_init(&r);
    r.clock = "+0";
    rig_start(&r);
    rig_genesis(&r);
    *state = &r;
    return 0;
}

static void a_clock_that_goes_back_stops_signing(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "staging");
    const struct wire_command begin = {.cmd = WIRE_BEGIN};
    uint64_t size = size_now(r);
    struct entry e;
    struct clock_note n;

    rig_set_clock(r, "-10m");
    (void)rig_ask(r, RIG_KIOSK, &begin); /* anything that wakes it */
    rig_sync(r, RIG_KIOSK, size + 1);
    rig_entry(r, size, &e);
    assert_int_equal(e.type, ENTRY_CLOCK);
    assert_int_equal(model_clock_decode(e.body, &r->cast.arena, &n).code, CS_OK);
    assert_true(n.back_ms > 9 * 60000 && n.back_ms < 11 * 60000);
    (void)rig_expect(r, RIG_KIOSK, &begin, "clock");
    const uint64_t other = rig_request(r, "staging"); /* asking goes on, at the last time there was */
    struct entry asked;
    rig_entry(r, other, &asked);
    assert_true(asked.time_ms == e.time_ms);

    size = size_now(r);
    rig_set_clock(r, "+1s");
    (void)rig_ask(r, RIG_KIOSK, &begin);
    rig_sync(r, RIG_KIOSK, size + 1);
    rig_approve(r, "dan", q, "staging/tech");
    assert_int_equal(rig_state(r, q)->status, STATUS_APPROVED);
}

static void a_decision_from_before_is_refused_while_the_clock_is_back(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "staging");
    const struct rig_answer begun = rig_begin(r);
    const struct cast_visit v = {.person = "dan",
                                 .request = q,
                                 .seat = "staging/tech",
                                 .word = DECISION_APPROVE,
                                 .nonce = begun.nonce,
                                 .issued_ms = begun.time_ms};
    struct wire_command c = {.cmd = WIRE_DECISION, .kiosk = SPAN_LIT(CAST_KIOSK), .port = SPAN_LIT("1-1")};

    (void)rig_request(r, "staging"); /* the log's time is past the moment of issue */
    cast_decide(&r->cast, &r->peer[RIG_KIOSK].f.judge, &v, &c.decision);
    rig_set_clock(r, "-10m");
    (void)rig_expect(r, RIG_KIOSK, &c, "clock");
}

static void deadlines_pass_by_themselves(void **state)
{
    struct rig *r = *state;
    const uint64_t open = rig_request(r, "staging");
    const uint64_t approved = rig_approved(r);
    const uint64_t size = size_now(r);

    rig_set_clock(r, "+11m"); /* use-by is ten minutes */
    rig_sync(r, RIG_KIOSK, size + 1);
    assert_int_equal(rig_state(r, approved)->status, STATUS_LAPSED);
    assert_int_equal(rig_state(r, open)->status, STATUS_ELIGIBLE);
    assert_string_equal(rig_redeem(r, approved, r->request_number, false).code, "lapsed");
    rig_set_clock(r, "+61m"); /* sign-by is an hour */
    rig_pump(r, 6000);
    assert_int_equal(rig_state(r, open)->status, STATUS_EXPIRED);
}

static void a_nonce_lives_two_minutes(void **state)
{
    struct rig *r = *state;
    const uint64_t q = rig_request(r, "staging");
    const struct rig_answer begun = rig_begin(r);

    rig_set_clock(r, "+121s");
    const struct cast_visit v = {
        .person = "dan", .request = q, .seat = "staging/tech", .word = DECISION_APPROVE, .nonce = begun.nonce};
    assert_string_equal(rig_visit(r, &v).code, "nonce_unknown");
}

#define TEST(fn)  cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define CLOCK(fn) cmocka_unit_test_setup_teardown(fn, setup_clock, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_restart_keeps_everything),
        TEST(a_kill_loses_nothing_that_was_answered),
        TEST(every_signature_can_be_verified_again),
        TEST(a_nonce_of_before_does_not_live_on),
        TEST(a_used_nonce_stays_used),
        TEST(two_cores_cannot_write_one_log),
        TEST(an_older_copy_is_read_only),
        TEST(a_changed_entry_is_found),
        TEST(other_keys_cannot_write_on),
    };
    const struct CMUnitTest clock[] = {
        CLOCK(a_clock_that_goes_back_stops_signing),
        CLOCK(a_decision_from_before_is_refused_while_the_clock_is_back),
        CLOCK(deadlines_pass_by_themselves),
        CLOCK(a_nonce_lives_two_minutes),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (RIG_SANITIZED) {
        print_message("a sanitizer cannot be preloaded with another clock: clock tests skipped\n");
    } else {
        failed += cmocka_run_group_tests(clock, NULL, NULL);
    }
    return failed;
}
