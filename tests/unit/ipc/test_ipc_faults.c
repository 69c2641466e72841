/* SPDX-License-Identifier: Apache-2.0 */
/* One conversation, with the k-th allocation or socket call failing, until a run passes without a failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/ipc_conn.h"

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
ssize_t __real_recv(int fd, void *p, size_t n, int flags);
ssize_t __real_sendmsg(int fd, const struct msghdr *m, int flags);
void *__wrap_malloc(size_t n);
void *__wrap_realloc(void *p, size_t n);
ssize_t __wrap_recv(int fd, void *p, size_t n, int flags);
ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags);

static unsigned fail_at; /* 0: never */
static unsigned calls;
static int fail_errno;

static bool fails_now(void)
{
    calls++;
    return fail_at != 0 && calls == fail_at;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails_now() ? NULL : __real_realloc(p, n);
}

ssize_t __wrap_recv(int fd, void *p, size_t n, int flags)
{
    if (fails_now()) {
        errno = fail_errno;
        return -1;
    }
    return __real_recv(fd, p, n, flags);
}

ssize_t __wrap_sendmsg(int fd, const struct msghdr *m, int flags)
{
    if (fails_now()) {
        errno = fail_errno;
        return -1;
    }
    return __real_sendmsg(fd, m, flags);
}

/* An answer longer than the first buffer, and a question longer than the first ring. */
static struct cs_result converse(struct ipc_conn *a, struct ipc_conn *b, struct span *ret_frame)
{
    static const uint8_t question[10000];
    static const uint8_t answer[IPC_IN_BYTES + 100];
    struct span q;

    TRY(ipc_send(a, SPAN_LIT("{}"), 200));
    TRY(ipc_send(a, SPAN_OF(question), 200));
    TRY(ipc_receive(b, 200, &q));
    TRY(ipc_receive(b, 200, &q));
    TRY(ipc_send(b, SPAN_OF(answer), 200));
    return ipc_receive(a, 200, ret_frame);
}

static struct cs_result run_once(unsigned k, struct span *ret_frame)
{
    const struct ipc_limits limits = {0};
    int fd[2];
    struct ipc_conn a = {0};
    struct ipc_conn b = {0};

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd), 0);
    assert_int_equal(ipc_adopt(fd[0], &limits, &a).code, CS_OK);
    assert_int_equal(ipc_adopt(fd[1], &limits, &b).code, CS_OK);
    calls = 0;
    fail_at = k;
    const struct cs_result r = converse(&a, &b, ret_frame);
    fail_at = 0;
    ipc_close(&a);
    ipc_close(&b);
    return r;
}

static void sweep(int with_errno, enum cs_code or_recovers)
{
    unsigned failed = 0;
    fail_errno = with_errno;
    for (unsigned k = 1; k < 1000; k++) {
        struct span f = SPAN_LIT("untouched");
        const struct cs_result r = run_once(k, &f);
        if (k > calls) {
            assert_int_equal(r.code, CS_OK);
            assert_true(k > 10);
            assert_true(or_recovers == CS_OK || failed == k - 1);
            return;
        }
        if (r.code == CS_OK) {
            assert_int_equal(or_recovers, CS_OK); /* only a passing failure may be survived */
            continue;
        }
        failed++;
        assert_true(r.code == CS_E_NOMEM || r.code == CS_E_IO || r.code == CS_E_GONE);
        assert_true(span_is(f, "untouched"));
    }
    fail_msg("the sweep never ended");
}

static void lasting_failures_are_told(void **state)
{
    (void)state;
    sweep(EIO, CS_E_IO);
    sweep(ECONNRESET, CS_E_GONE);
    sweep(EPIPE, CS_E_GONE);
}

static void passing_failures_are_survived(void **state)
{
    (void)state;
    sweep(EINTR, CS_OK);
    sweep(EAGAIN, CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lasting_failures_are_told),
        cmocka_unit_test(passing_failures_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
