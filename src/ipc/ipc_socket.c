/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/ipc_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static CS_RESULT make_address(const char *path, struct sockaddr_un *ret_address)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const size_t n = strlen(path);

    ENSURE(n >= 1 && n < sizeof(a.sun_path), CS_E_RANGE, "ipc.path");
    memcpy(a.sun_path, path, n + 1);
    *ret_address = a;
    return CS_SUCCESS;
}

static int stream_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int connect_once(int fd, const struct sockaddr_un *a)
{
    return connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 ? 0 : errno;
}

/* Only a socket that answers "connection refused" has no owner any more. */
static CS_RESULT remove_stale(const char *path, const struct sockaddr_un *a)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        ENSURE(errno == ENOENT, CS_E_IO, "ipc.listen.path");
        return CS_SUCCESS;
    }
    ENSURE(S_ISSOCK(st.st_mode), CS_E_REFUSED, "ipc.listen.path");

    const int probe = stream_socket();
    ENSURE(probe >= 0, CS_E_IO, "ipc.listen.probe");
    const int answer = connect_once(probe, a);
    (void)close(probe);
    ENSURE(answer == ECONNREFUSED, CS_E_STATE, "ipc.listen.busy");
    ENSURE(unlink(path) == 0, CS_E_IO, "ipc.listen.unlink");
    return CS_SUCCESS;
}

CS_RESULT ipc_listen(const char *path, mode_t mode, int *ret_fd)
{
    struct sockaddr_un a;
    TRY(make_address(path, &a));
    TRY(remove_stale(path, &a));

    const int fd = stream_socket();
    ENSURE(fd >= 0, CS_E_IO, "ipc.listen.socket");
    if (bind(fd, (const struct sockaddr *)&a, sizeof(a)) != 0 || chmod(path, mode) != 0 || listen(fd, SOMAXCONN) != 0) {
        (void)close(fd);
        return CS_FAIL(CS_E_IO, "ipc.listen.bind");
    }
    *ret_fd = fd;
    return CS_SUCCESS;
}

static CS_RESULT adopt_or_close(int fd, const struct ipc_limits *limits, struct ipc_conn *ret_conn)
{
    const struct cs_result r = ipc_adopt(fd, limits, ret_conn);
    if (r.code != CS_OK) {
        (void)close(fd);
    }
    return r;
}

CS_RESULT ipc_accept(int listen_fd, const struct ipc_limits *limits, struct ipc_conn *ret_conn)
{
    const int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        const int e = errno;
        ENSURE(e != EAGAIN && e != EINTR && e != ECONNABORTED, CS_E_SHORT, "ipc.accept");
        ENSURE(e != EMFILE && e != ENFILE && e != ENOBUFS && e != ENOMEM, CS_E_FULL, "ipc.accept");
        return CS_FAIL(CS_E_IO, "ipc.accept");
    }
    return adopt_or_close(fd, limits, ret_conn);
}

CS_RESULT ipc_connect(const char *path, const struct ipc_limits *limits, struct ipc_conn *ret_conn)
{
    struct sockaddr_un a;
    TRY(make_address(path, &a));

    const int fd = stream_socket();
    ENSURE(fd >= 0, CS_E_IO, "ipc.connect.socket");
    const int e = connect_once(fd, &a);
    if (e != 0) {
        (void)close(fd);
        ENSURE(e != ENOENT && e != ECONNREFUSED, CS_E_MISSING, "ipc.connect");
        ENSURE(e != EACCES && e != EPERM, CS_E_REFUSED, "ipc.connect");
        ENSURE(e != EAGAIN, CS_E_FULL, "ipc.connect");
        return CS_FAIL(CS_E_IO, "ipc.connect");
    }
    return adopt_or_close(fd, limits, ret_conn);
}
