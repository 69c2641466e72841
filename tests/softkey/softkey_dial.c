/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_dial.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int dial(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path)) {
        return -1;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        (void)close(fd);
        return -1;
    }
    return fd;
}

static bool talk(int fd, const char *command, char *ret_answer)
{
    size_t at = 0;

    if (dprintf(fd, "%s\n", command) < 0) {
        return false;
    }
    while (at == 0 || ret_answer[at - 1] != '\n') {
        const ssize_t n = read(fd, ret_answer + at, SOFTKEY_DIAL_LINE_MAX - at);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    ret_answer[at - 1] = '\0';
    return true;
}

bool softkey_dial(const char *path, const char *command, char ret_answer[SOFTKEY_DIAL_LINE_MAX])
{
    const int fd = dial(path);

    if (fd < 0) {
        return false;
    }
    const bool ok = talk(fd, command, ret_answer);
    (void)close(fd);
    return ok;
}
