/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_control.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

uint64_t softkey_now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t softkey_now_ms(void)
{
    return softkey_now_us() / 1000;
}

bool softkey_control_init(struct softkey_control *control, softkey_obey *obey, void *ctx)
{
    sigset_t set;

    memset(control, 0, sizeof(*control));
    control->obey = obey;
    control->ctx = ctx;
    control->listen_fd = -1;
    for (size_t i = 0; i < SOFTKEY_CLIENTS_MAX; i++) {
        control->clients[i].fd = -1;
    }
    if (sigemptyset(&set) != 0 || sigaddset(&set, SIGINT) != 0 || sigaddset(&set, SIGTERM) != 0 ||
        sigaddset(&set, SIGCHLD) != 0 || pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return false;
    }
    control->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    return control->signal_fd >= 0;
}

bool softkey_control_listen(struct softkey_control *control, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path)) {
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    control->listen_fd = fd;
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, SOFTKEY_CLIENTS_MAX) == 0;
}

bool softkey_control_child(struct softkey_control *control, char **command)
{
    control->child = fork();
    if (control->child != 0) {
        return control->child > 0;
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    (void)execvp(command[0], command);
    (void)fprintf(stderr, "%s: cannot be run\n", command[0]);
    _exit(127);
}

/* True when the program is to end. */
static bool on_signal(struct softkey_control *control)
{
    struct signalfd_siginfo info;
    int status = 0;

    if (read(control->signal_fd, &info, sizeof(info)) != sizeof(info)) {
        return true;
    }
    if (info.ssi_signo != SIGCHLD) {
        if (control->child > 0) {
            (void)kill(control->child, SIGTERM);
        }
        return control->child == 0;
    }
    if (control->child == 0 || waitpid(control->child, &status, WNOHANG) != control->child) {
        return false;
    }
    control->child = 0;
    control->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

static void on_connect(struct softkey_control *control)
{
    const int fd = accept4(control->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    for (size_t i = 0; fd >= 0 && i < SOFTKEY_CLIENTS_MAX; i++) {
        if (control->clients[i].fd < 0) {
            control->clients[i].fd = fd;
            control->clients[i].len = 0;
            return;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void drop(struct softkey_client *c)
{
    (void)close(c->fd);
    c->fd = -1;
}

/* Answers every whole line; a line that does not fit ends the client. */
static void on_client(struct softkey_control *control, struct softkey_client *c)
{
    char answer[SOFTKEY_LINE_MAX];
    const ssize_t n = read(c->fd, c->line + c->len, sizeof(c->line) - 1 - c->len);

    if (n <= 0) {
        drop(c);
        return;
    }
    c->len += (size_t)n;
    c->line[c->len] = '\0';
    for (char *end = strchr(c->line, '\n'); end != NULL; end = strchr(c->line, '\n')) {
        *end = '\0';
        control->obey(control->ctx, c->line, softkey_now_ms(), answer);
        const size_t used = (size_t)(end + 1 - c->line);
        c->len -= used;
        memmove(c->line, end + 1, c->len + 1);
        if (send(c->fd, answer, strlen(answer), MSG_NOSIGNAL) != (ssize_t)strlen(answer)) {
            drop(c);
            return;
        }
    }
    if (c->len == sizeof(c->line) - 1) {
        drop(c);
    }
}

void softkey_control_fill(const struct softkey_control *control, struct pollfd ret_fds[SOFTKEY_CONTROL_FDS])
{
    ret_fds[0] = (struct pollfd){control->signal_fd, POLLIN, 0};
    ret_fds[1] = (struct pollfd){control->listen_fd, POLLIN, 0};
    for (size_t i = 0; i < SOFTKEY_CLIENTS_MAX; i++) {
        ret_fds[2 + i] = (struct pollfd){control->clients[i].fd, POLLIN, 0};
    }
}

bool softkey_control_serve(struct softkey_control *control, const struct pollfd fds[SOFTKEY_CONTROL_FDS])
{
    if (fds[0].revents != 0 && on_signal(control)) {
        return false;
    }
    for (size_t i = 0; i < SOFTKEY_CLIENTS_MAX; i++) {
        if (control->clients[i].fd >= 0 && fds[2 + i].revents != 0) {
            on_client(control, &control->clients[i]);
        }
    }
    if (fds[1].revents != 0) {
        on_connect(control);
    }
    return true;
}

void softkey_control_end(struct softkey_control *control, const char *path)
{
    if (control->child > 0) {
        (void)kill(control->child, SIGTERM);
        (void)waitpid(control->child, NULL, 0);
    }
    (void)unlink(path);
}
