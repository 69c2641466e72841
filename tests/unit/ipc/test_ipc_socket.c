/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/ipc_socket.h"

static const struct ipc_limits limits = {0};

struct place {
    char dir[64];
    char path[96];
};

static int make_place(void **state)
{
    static struct place p;
    p = (struct place){.dir = "/tmp/cs-ipc-XXXXXX"};
    if (mkdtemp(p.dir) == NULL) {
        return -1;
    }
    (void)snprintf(p.path, sizeof(p.path), "%s/s", p.dir);
    *state = &p;
    return 0;
}

static int drop_place(void **state)
{
    const struct place *p = *state;
    (void)unlink(p->path);
    return rmdir(p->dir);
}

static void listen_connect_accept(void **state)
{
    const struct place *p = *state;
    struct ipc_conn client = {0};
    struct ipc_conn server = {0};
    struct span f;
    struct stat st;
    int fd = -1;

    assert_int_equal(ipc_listen(p->path, 0620, &fd).code, CS_OK);
    assert_int_equal(stat(p->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0620);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(ipc_accept(fd, &limits, &server).code, CS_E_SHORT);
    assert_int_equal(ipc_connect(p->path, &limits, &client).code, CS_OK);
    assert_int_equal(ipc_accept(fd, &limits, &server).code, CS_OK);
    assert_true((fcntl(server.fd, F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(server.peer.pid, getpid());
    assert_int_equal(ipc_send(&client, SPAN_LIT("{}"), 1000).code, CS_OK);
    assert_int_equal(ipc_receive(&server, 1000, &f).code, CS_OK);
    assert_true(span_is(f, "{}"));
    ipc_close(&client);
    ipc_close(&server);
    assert_int_equal(close(fd), 0);
}

static void stale_socket_is_replaced_a_live_one_is_not(void **state)
{
    const struct place *p = *state;
    int first = -1;
    int second = -7;
    assert_int_equal(ipc_listen(p->path, 0600, &first).code, CS_OK);
    assert_int_equal(ipc_listen(p->path, 0600, &second).code, CS_E_STATE);
    assert_int_equal(second, -7);
    assert_int_equal(access(p->path, F_OK), 0);
    assert_int_equal(close(first), 0);
    assert_int_equal(ipc_listen(p->path, 0600, &second).code, CS_OK);
    assert_int_equal(close(second), 0);
}

static void what_is_not_a_socket_is_left_alone(void **state)
{
    const struct place *p = *state;
    int fd = open(p->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    fd = -7;
    assert_int_equal(ipc_listen(p->path, 0600, &fd).code, CS_E_REFUSED);
    assert_int_equal(fd, -7);
    assert_int_equal(access(p->path, F_OK), 0);
}

static void a_link_is_not_followed(void **state)
{
    const struct place *p = *state;
    int fd = -7;
    assert_int_equal(symlink("/nonexistent/socket", p->path), 0);
    assert_int_equal(ipc_listen(p->path, 0600, &fd).code, CS_E_REFUSED);
}

static void paths_and_absence(void **state)
{
    const struct place *p = *state;
    char longest[108];
    struct ipc_conn c = {.fd = 42};
    int fd = -7;
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(ipc_connect(longest, &limits, &c).code, CS_E_MISSING); /* 107 bytes fit */
    char too_long[109];
    memset(too_long, 'x', sizeof(too_long));
    too_long[sizeof(too_long) - 1] = '\0';
    assert_int_equal(ipc_connect(too_long, &limits, &c).code, CS_E_RANGE);
    assert_int_equal(ipc_listen(too_long, 0600, &fd).code, CS_E_RANGE);
    assert_int_equal(ipc_listen("", 0600, &fd).code, CS_E_RANGE);
    assert_int_equal(ipc_connect(p->path, &limits, &c).code, CS_E_MISSING);
    assert_int_equal(ipc_listen(p->path, 0600, &fd).code, CS_OK);
    assert_int_equal(close(fd), 0);
    assert_int_equal(ipc_connect(p->path, &limits, &c).code, CS_E_MISSING); /* nobody listens any more */
    assert_int_equal(c.fd, 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(listen_connect_accept, make_place, drop_place),
        cmocka_unit_test_setup_teardown(stale_socket_is_replaced_a_live_one_is_not, make_place, drop_place),
        cmocka_unit_test_setup_teardown(what_is_not_a_socket_is_left_alone, make_place, drop_place),
        cmocka_unit_test_setup_teardown(a_link_is_not_followed, make_place, drop_place),
        cmocka_unit_test_setup_teardown(paths_and_absence, make_place, drop_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
