/* SPDX-License-Identifier: Apache-2.0 */
/* One log followed with the k-th allocation or write failing, until a run passes: what is live is right, and everything
 * else says that it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "follow/follow.h"
#include "note/note_signed.h"
#include "support/author_log.h"

enum { STATE_BYTES = 64 << 20, STEPS = 50, TRIES_MAX = 20000 };

#define SOCKET_PATH "test_follow_faults.sock"

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t count, size_t size);
ssize_t __real_write(int fd, const void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t count, size_t size);
ssize_t __wrap_write(int fd, const void *p, size_t n);

static bool armed;
static unsigned left; /* calls until the one that fails; 0: it has failed */

static bool fails_now(void)
{
    if (!armed || left == 0) {
        return false;
    }
    left--;
    return left == 0;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails_now() ? NULL : __real_realloc(p, n);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
    return fails_now() ? NULL : __real_reallocarray(p, count, size);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    if (fails_now()) {
        errno = ENOSPC;
        return -1;
    }
    return __real_write(fd, p, n);
}

static struct author_log *log_of_all;
static int listen_fd;

static int setup(void **state)
{
    (void)state;
    log_of_all = author_log_new(JUDGE_PROVE, STATE_BYTES);
    assert_non_null(log_of_all);
    author_log_standard(log_of_all);
    return ipc_listen(SOCKET_PATH, 0600, &listen_fd).code == CS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    (void)close(listen_fd);
    (void)unlink(SOCKET_PATH);
    author_log_free(log_of_all);
    return 0;
}

/* The log from `from` on, as the core sends it. */
static void send_log(struct ipc_conn *core, uint64_t from)
{
    struct judge *j = author_log_judge(log_of_all);
    AUTO_WRITER text = wr_heap(1024);
    AUTO_WRITER note = wr_heap(WIRE_NOTE_MAX);
    AUTO_WRITER head = wr_heap(1 << 16);
    uint8_t sig[64];
    uint8_t key[NOTE_KEY_BYTES];
    const struct note_checkpoint c = {.origin = SPAN_LIT(AUTHOR_ORIGIN), .size = j->state.size, .root = judge_root(j)};

    note_checkpoint_write(&text, &c);
    assert_int_equal(author_log_sign(log_of_all, wr_span(&text), sig).code, CS_OK);
    memcpy(key, author_log_key(log_of_all).p, sizeof(key));
    const struct note_key k = note_key_make(c.origin, NOTE_KEY_ED25519, key);
    note_write_text(&note, wr_span(&text));
    note_write_signature(&note, &k, SPAN_OF(sig));
    const struct wire_batch b = {.count = j->state.size - from, .first = from, .note = wr_span(&note)};
    assert_int_equal(wire_batch_encode(&b, &head).code, CS_OK);
    assert_int_equal(ipc_queue(core, wr_span(&head)).code, CS_OK);
    for (uint64_t i = from; i < j->state.size; i++) {
        assert_int_equal(ipc_queue(core, author_log_leaf(log_of_all, i)).code, CS_OK);
    }
}

/* What was asked for, if anybody asks. */
static bool wanted(struct ipc_conn *core, uint64_t *ret_from)
{
    struct arena arena;
    struct span frame = SPAN_NONE;
    struct wire_command c = {0};

    if (ipc_receive(core, 50, &frame).code != CS_OK) {
        return false;
    }
    arena_init(&arena, 1 << 16);
    assert_int_equal(wire_command_decode(frame, &arena, &c).code, CS_OK);
    arena_release(&arena);
    *ret_from = c.from;
    return true;
}

static void step(struct follow *f, uint64_t now_ms)
{
    armed = true;
    follow_step(f, now_ms);
    armed = false;
}

/* One connection from its beginning, for as long as it holds. */
static void one_connection(struct follow *f, uint64_t now_ms)
{
    const struct ipc_limits limits = {.out_max_bytes = 64 << 20};
    AUTO_IPC_CONN core = {0};
    uint64_t from = 0;

    step(f, now_ms);
    if (ipc_accept(listen_fd, &limits, &core).code != CS_OK || !wanted(&core, &from)) {
        return;
    }
    send_log(&core, from);
    for (unsigned i = 0; i < STEPS && follow_fd(f) >= 0 && f->state != FOLLOW_LIVE; i++) {
        (void)ipc_flush(&core).code;
        step(f, now_ms);
    }
}

static void must_be_right(const struct follow *f)
{
    struct judge *j = author_log_judge(log_of_all);
    const struct sha256 want = judge_root(j);
    const struct sha256 got = judge_root(&f->judge);

    if (f->state == FOLLOW_LIVE) {
        assert_int_equal(f->verified, j->state.size);
        assert_true(sha256_eq(&want, &got));
        assert_int_equal(f->spool.count, j->state.size);
        assert_int_equal(f->nodes.size, j->state.size);
    } else {
        assert_int_equal(f->verified, 0);
        assert_true(f->state != FOLLOW_BROKEN || f->why[0] != '\0');
    }
}

/* True when nothing failed. */
static bool run(unsigned k)
{
    struct follow f;
    const struct follow_config config = {
        .path = SOCKET_PATH, .state_cap_bytes = STATE_BYTES, .keep_leaves = true, .keep_nodes = true};
    uint64_t now_ms = 1000000;

    left = k;
    armed = true;
    const struct cs_result r = follow_init(&f, &config);
    armed = false;
    if (r.code != CS_OK) {
        assert_int_equal(left, 0);
        return false;
    }
    /* after a failure of the connection the next one does it */
    for (unsigned i = 0; i < 3 && f.state != FOLLOW_LIVE && f.state != FOLLOW_BROKEN; i++) {
        one_connection(&f, now_ms);
        must_be_right(&f);
        now_ms += 20000;
    }
    assert_true(f.state == FOLLOW_LIVE || f.state == FOLLOW_BROKEN);
    const bool clean = left > 0;
    assert_true(!clean || f.state == FOLLOW_LIVE);
    follow_release(&f);
    return clean;
}

static void every_call_fails_once(void **state)
{
    (void)state;
    unsigned k = 1;

    while (k < TRIES_MAX && !run(k)) {
        k++;
    }
    assert_true(k > 20 && k < TRIES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_call_fails_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
