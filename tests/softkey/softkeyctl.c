/* SPDX-License-Identifier: Apache-2.0 */
/* softkeyctl SOCK word...: one command to a soft key's control socket. Prints the answer; exits 0 on "ok", 1 on
 * "error", 2 when there is no answer. */
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512 };

static bool join(int argc, char **argv, char ret_line[LINE_MAX_BYTES])
{
    size_t at = 0;

    for (int i = 2; i < argc; i++) {
        const int n = snprintf(ret_line + at, LINE_MAX_BYTES - at, "%s%s", argv[i], i + 1 < argc ? " " : "\n");
        if (n < 0 || (size_t)n >= LINE_MAX_BYTES - at) {
            return false;
        }
        at += (size_t)n;
    }
    return at > 0;
}

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

static bool talk(int fd, const char *line, char ret_answer[LINE_MAX_BYTES])
{
    size_t at = 0;

    if (write(fd, line, strlen(line)) != (ssize_t)strlen(line)) {
        return false;
    }
    while (at < LINE_MAX_BYTES - 1 && (at == 0 || ret_answer[at - 1] != '\n')) {
        const ssize_t n = read(fd, ret_answer + at, LINE_MAX_BYTES - 1 - at);
        if (n <= 0) {
            return false;
        }
        at += (size_t)n;
    }
    ret_answer[at] = '\0';
    return true;
}

int main(int argc, char **argv)
{
    char line[LINE_MAX_BYTES];
    char answer[LINE_MAX_BYTES];

    if (argc < 3 || !join(argc, argv, line)) {
        (void)fprintf(stderr, "usage: softkeyctl SOCK command [word...]\n");
        return 2;
    }
    const int fd = dial(argv[1]);
    if (fd < 0 || !talk(fd, line, answer)) {
        (void)fprintf(stderr, "softkeyctl: %s: no answer\n", argv[1]);
        return 2;
    }
    (void)close(fd);
    (void)fputs(answer, stdout);
    return strncmp(answer, "ok", 2) == 0 ? 0 : 1;
}
