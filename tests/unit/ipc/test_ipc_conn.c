/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/ipc_conn.h"

static const struct ipc_limits small = {.frame_max_bytes = 100 << 10, .out_max_bytes = 8 << 10};

struct pair {
    struct ipc_conn a;
    int far; /* the raw other end */
};

static void make_pair(struct pair *p)
{
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    memset(p, 0, sizeof(*p));
    assert_int_equal(ipc_adopt(fd[0], &small, &p->a).code, CS_OK);
    p->far = fd[1];
}

static void drop_pair(struct pair *p)
{
    ipc_close(&p->a);
    (void)close(p->far);
}

static void put(int fd, const void *bytes, size_t n)
{
    assert_int_equal(send(fd, bytes, n, 0), (ssize_t)n);
}

static void adopt_sets_flags_and_peer(void **state)
{
    (void)state;
    struct pair p;
    make_pair(&p);
    assert_true((fcntl(p.a.fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(p.a.fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(p.a.peer.uid, getuid());
    assert_int_equal(p.a.peer.pid, getpid());
    assert_int_equal(ipc_peer_require(&p.a, getuid()).code, CS_OK);
    assert_int_equal(ipc_peer_require(&p.a, getuid() + 1).code, CS_E_REFUSED);
    drop_pair(&p);
    assert_int_equal(ipc_peer_require(&p.a, getuid()).code, CS_E_STATE);
}

static void adopt_refuses_without_taking(void **state)
{
    (void)state;
    struct ipc_conn c = {.fd = 99};
    int fd[2];
    assert_int_equal(pipe2(fd, O_CLOEXEC), 0);
    assert_int_equal(ipc_adopt(fd[0], &small, &c).code, CS_E_IO); /* no peer behind a pipe */
    const struct ipc_limits wide = {.frame_max_bytes = IPC_FRAME_MAX_BYTES + 1};
    assert_int_equal(ipc_adopt(fd[0], &wide, &c).code, CS_E_RANGE);
    assert_int_equal(c.fd, 99);
    assert_int_equal(close(fd[0]), 0); /* still ours */
    assert_int_equal(close(fd[1]), 0);
}

static void closed_refuses_everything(void **state)
{
    (void)state;
    struct ipc_conn c = {0};
    struct span f;
    assert_int_equal(ipc_fill(&c).code, CS_E_STATE);
    assert_int_equal(ipc_next(&c, &f).code, CS_E_STATE);
    assert_int_equal(ipc_queue(&c, SPAN_LIT("{}")).code, CS_E_STATE);
    assert_int_equal(ipc_flush(&c).code, CS_E_STATE);
    ipc_close(&c);
    ipc_close(&c);
}

static void byte_by_byte(void **state)
{
    (void)state;
    static const char stream[] = "\0\0\0\2{}\0\0\0\7{\"a\":1}\0\0\0\1x";
    static const char *const want[] = {"{}", "{\"a\":1}", "x"};
    struct pair p;
    make_pair(&p);
    size_t seen = 0;
    for (size_t i = 0; i < sizeof(stream) - 1; i++) {
        struct span f = SPAN_LIT("untouched");
        put(p.far, stream + i, 1);
        assert_int_equal(ipc_fill(&p.a).code, CS_OK);
        const struct cs_result r = ipc_next(&p.a, &f);
        if (r.code == CS_OK) {
            assert_true(seen < 3 && span_is(f, want[seen]));
            seen++;
        } else {
            assert_int_equal(r.code, CS_E_SHORT);
            assert_true(span_is(f, "untouched"));
        }
        assert_int_equal(ipc_fill(&p.a).code, CS_E_SHORT);
    }
    assert_int_equal(seen, 3);
    drop_pair(&p);
}

static void several_in_one_read(void **state)
{
    (void)state;
    struct pair p;
    struct span f;
    make_pair(&p);
    put(p.far, "\0\0\0\1a\0\0\0\1b\0\0\0\1", 14);
    assert_int_equal(ipc_fill(&p.a).code, CS_OK);
    assert_int_equal(ipc_next(&p.a, &f).code, CS_OK);
    assert_true(span_is(f, "a"));
    assert_int_equal(ipc_next(&p.a, &f).code, CS_OK);
    assert_true(span_is(f, "b"));
    assert_int_equal(ipc_next(&p.a, &f).code, CS_E_SHORT);
    put(p.far, "c", 1);
    assert_int_equal(ipc_fill(&p.a).code, CS_OK);
    assert_int_equal(ipc_next(&p.a, &f).code, CS_OK);
    assert_true(span_is(f, "c"));
    drop_pair(&p);
}

static void broken_length_stays_broken(void **state)
{
    (void)state;
    struct pair p;
    struct span f;
    make_pair(&p);
    put(p.far, "\0\1\x90\1{}", 6); /* one past 100 KiB */
    assert_int_equal(ipc_fill(&p.a).code, CS_OK);
    assert_int_equal(p.a.in_cap, IPC_IN_BYTES); /* nothing was allocated for it */
    assert_int_equal(ipc_next(&p.a, &f).code, CS_E_RANGE);
    assert_int_equal(ipc_next(&p.a, &f).code, CS_E_RANGE);
    assert_int_equal(p.a.in_cap, IPC_IN_BYTES);
    drop_pair(&p);
}

static void long_frame_gets_room_and_gives_it_back(void **state)
{
    (void)state;
    enum { LONG = 100 << 10 };
    static uint8_t body[LONG];
    struct pair p;
    struct span f = SPAN_NONE;
    make_pair(&p);
    for (size_t i = 0; i < LONG; i++) {
        body[i] = (uint8_t)(i * 7U);
    }
    put(p.far, "\0\1\x90\0", 4);
    size_t sent = 0;
    struct cs_result r = CS_FAIL(CS_E_SHORT, "");
    while (r.code == CS_E_SHORT) {
        if (sent < LONG) {
            put(p.far, body + sent, 1024);
            sent += 1024;
        }
        assert_int_equal(ipc_fill(&p.a).code, CS_OK);
        r = ipc_next(&p.a, &f);
    }
    assert_int_equal(r.code, CS_OK);
    assert_true(span_eq(f, SPAN_OF(body)));
    assert_int_equal(p.a.in_cap, LONG + IPC_HEAD_BYTES);
    assert_int_equal(ipc_fill(&p.a).code, CS_E_SHORT);
    assert_int_equal(p.a.in_cap, IPC_IN_BYTES);
    drop_pair(&p);
}

static void undrained_buffer_is_said(void **state)
{
    (void)state;
    static uint8_t frames[IPC_IN_BYTES + 5];
    struct pair p;
    struct span f;
    make_pair(&p);
    for (size_t i = 0; i + 4 < sizeof(frames); i += 5) {
        frames[i + 3] = 1;
    }
    put(p.far, frames, sizeof(frames));
    assert_int_equal(ipc_fill(&p.a).code, CS_OK);
    assert_int_equal(ipc_fill(&p.a).code, CS_E_STATE);
    while (ipc_next(&p.a, &f).code == CS_OK) {
        assert_int_equal(f.left, 1);
    }
    assert_int_equal(ipc_fill(&p.a).code, CS_OK);
    drop_pair(&p);
}

static void end_of_peer(void **state)
{
    (void)state;
    struct pair p;
    struct span f;
    make_pair(&p);
    put(p.far, "\0\0\0\1a\0\0", 7);
    assert_int_equal(close(p.far), 0);
    assert_int_equal(ipc_fill(&p.a).code, CS_OK);
    assert_int_equal(ipc_next(&p.a, &f).code, CS_OK); /* what was whole is still served */
    assert_int_equal(ipc_next(&p.a, &f).code, CS_E_SHORT);
    assert_int_equal(ipc_fill(&p.a).code, CS_E_GONE);
    assert_int_equal(ipc_queue(&p.a, SPAN_LIT("{}")).code, CS_OK);
    assert_int_equal(ipc_flush(&p.a).code, CS_E_GONE); /* and no SIGPIPE */
    ipc_close(&p.a);
}

static void queue_is_bounded_and_whole(void **state)
{
    (void)state;
    static const uint8_t body[1020];
    struct pair p;
    make_pair(&p);
    for (unsigned i = 0; i < 8; i++) {
        assert_int_equal(ipc_queue(&p.a, SPAN_OF(body)).code, CS_OK);
    }
    assert_int_equal(p.a.out.len, small.out_max_bytes);
    assert_int_equal(ipc_queue(&p.a, SPAN_LIT("x")).code, CS_E_FULL);
    assert_int_equal(p.a.out.len, small.out_max_bytes);
    assert_true(ipc_wants_write(&p.a));
    assert_int_equal(ipc_flush(&p.a).code, CS_OK);
    assert_false(ipc_wants_write(&p.a));
    assert_int_equal(ipc_queue(&p.a, SPAN_LIT("x")).code, CS_OK);
    assert_int_equal(ipc_queue(&p.a, SPAN_NONE).code, CS_E_RANGE);
    drop_pair(&p);
}

/* Frames of changing length over a full socket: the ring wraps, stops and goes on, and no byte is lost or doubled. */
static void slow_reader(void **state)
{
    (void)state;
    enum { FRAMES = 5000 };
    struct pair p;
    struct ipc_conn b = {0};
    static uint8_t body[3000];
    unsigned sent = 0;
    unsigned seen = 0;
    unsigned stalls = 0;

    make_pair(&p);
    assert_int_equal(ipc_adopt(p.far, &small, &b).code, CS_OK);
    while (seen < FRAMES) {
        memset(body, (int)(sent & 0xffU), sizeof(body));
        while (sent < FRAMES &&
               ipc_queue(&p.a, span_make(body, 1 + (sent * (size_t)37) % sizeof(body))).code == CS_OK) {
            sent++;
            memset(body, (int)(sent & 0xffU), sizeof(body));
        }
        const struct cs_result r = ipc_flush(&p.a);
        assert_true(r.code == CS_OK || r.code == CS_E_SHORT);
        if (r.code == CS_E_SHORT || sent == FRAMES) {
            stalls++;
            assert_int_equal(ipc_fill(&b).code, CS_OK);
        }
        struct span f;
        while (ipc_next(&b, &f).code == CS_OK) {
            assert_int_equal(f.left, 1 + (seen * (size_t)37) % sizeof(body));
            assert_int_equal(f.p[0], seen & 0xffU);
            assert_int_equal(f.p[f.left - 1], seen & 0xffU);
            seen++;
        }
    }
    assert_true(stalls > 10);
    ipc_close(&p.a);
    ipc_close(&b);
}

static void call_answers_or_times_out(void **state)
{
    (void)state;
    struct pair p;
    struct span f = SPAN_LIT("untouched");
    char got[7] = {0};
    make_pair(&p);
    put(p.far, "\0\0\0\2ok", 6);
    assert_int_equal(ipc_call(&p.a, SPAN_LIT("{}"), 1000, &f).code, CS_OK);
    assert_true(span_is(f, "ok"));
    assert_int_equal(recv(p.far, got, sizeof(got), 0), 6);
    assert_memory_equal(got, "\0\0\0\2{}", 6);

    f = SPAN_LIT("untouched");
    put(p.far, "\0\0\0\2o", 5); /* half an answer */
    assert_int_equal(ipc_call(&p.a, SPAN_LIT("{}"), 30, &f).code, CS_E_TIMEOUT);
    assert_true(span_is(f, "untouched"));
    put(p.far, "k", 1); /* nothing is lost by a time-out */
    assert_int_equal(ipc_receive(&p.a, 1000, &f).code, CS_OK);
    assert_true(span_is(f, "ok"));
    drop_pair(&p);
}

static void send_times_out_on_a_stuck_peer(void **state)
{
    (void)state;
    static const uint8_t body[4000];
    struct pair p;
    make_pair(&p);
    struct cs_result r = CS_SUCCESS;
    for (unsigned i = 0; i < 1000 && r.code == CS_OK; i++) {
        r = ipc_send(&p.a, SPAN_OF(body), 20);
    }
    assert_int_equal(r.code, CS_E_TIMEOUT);
    drop_pair(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adopt_sets_flags_and_peer),
        cmocka_unit_test(adopt_refuses_without_taking),
        cmocka_unit_test(closed_refuses_everything),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(several_in_one_read),
        cmocka_unit_test(broken_length_stays_broken),
        cmocka_unit_test(long_frame_gets_room_and_gives_it_back),
        cmocka_unit_test(undrained_buffer_is_said),
        cmocka_unit_test(end_of_peer),
        cmocka_unit_test(queue_is_bounded_and_whole),
        cmocka_unit_test(slow_reader),
        cmocka_unit_test(call_answers_or_times_out),
        cmocka_unit_test(send_times_out_on_a_stuck_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
