/* SPDX-License-Identifier: Apache-2.0 */
/* softkey --state DIR --control SOCK [-- command args...]: soft keys under umockdev, see README.md. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "softkey_rack.h"

enum { CLIENTS_MAX = 8 };

struct client {
    int fd; /* -1: free */
    size_t len;
    char line[SOFTKEY_LINE_MAX];
};

struct program {
    struct softkey_rack rack;
    struct softkey_bed *bed;
    struct client clients[CLIENTS_MAX];
    int listen_fd;
    int signal_fd;
    pid_t child; /* 0: none */
    int status;  /* to exit with */
};

static const char preload[] = "libumockdev-preload.so.0";

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
/* glib's and umockdev's own locks are not compiled for the thread sanitizer, which then sees races between them */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "ignore_noninstrumented_modules=1";
}
#endif
#endif

static uint64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int usage(void)
{
    (void)fprintf(stderr, "usage: softkey --state DIR --control SOCK [-- command args...]\n");
    return 2;
}

static bool listen_on(const char *path, int *ret_fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof(address.sun_path)) {
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    (void)unlink(path);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, CLIENTS_MAX) != 0) {
        return false;
    }
    *ret_fd = fd;
    return true;
}

static bool take_signals(int *ret_fd)
{
    sigset_t set;

    if (sigemptyset(&set) != 0 || sigaddset(&set, SIGINT) != 0 || sigaddset(&set, SIGTERM) != 0 ||
        sigaddset(&set, SIGCHLD) != 0 || pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) {
        return false;
    }
    *ret_fd = signalfd(-1, &set, SFD_CLOEXEC);
    return *ret_fd >= 0;
}

static bool start_child(struct program *p, char **command)
{
    p->child = fork();
    if (p->child != 0) {
        return p->child > 0;
    }
    sigset_t none;
    (void)sigemptyset(&none);
    (void)pthread_sigmask(SIG_SETMASK, &none, NULL);
    (void)execvp(command[0], command);
    (void)fprintf(stderr, "softkey: %s: cannot be run\n", command[0]);
    _exit(127);
}

/* True when the program is to end. */
static bool on_signal(struct program *p)
{
    struct signalfd_siginfo info;
    int status = 0;

    if (read(p->signal_fd, &info, sizeof(info)) != sizeof(info)) {
        return true;
    }
    if (info.ssi_signo != SIGCHLD) {
        if (p->child > 0) {
            (void)kill(p->child, SIGTERM);
        }
        return p->child == 0;
    }
    if (p->child == 0 || waitpid(p->child, &status, WNOHANG) != p->child) {
        return false;
    }
    p->child = 0;
    p->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

static void on_connect(struct program *p)
{
    const int fd = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC);

    for (size_t i = 0; fd >= 0 && i < CLIENTS_MAX; i++) {
        if (p->clients[i].fd < 0) {
            p->clients[i].fd = fd;
            p->clients[i].len = 0;
            return;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

static void drop(struct client *c)
{
    (void)close(c->fd);
    c->fd = -1;
}

/* Answers every whole line; a line that does not fit ends the client. */
static void on_client(struct program *p, struct client *c)
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
        softkey_rack_command(&p->rack, c->line, now_ms(), answer);
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

enum { FDS_MAX = 2 + CLIENTS_MAX + SOFTKEY_KEYS_MAX };

static nfds_t fill(const struct program *p, struct pollfd ret_fds[FDS_MAX])
{
    nfds_t n = 0;

    ret_fds[n++] = (struct pollfd){p->signal_fd, POLLIN, 0};
    ret_fds[n++] = (struct pollfd){p->listen_fd, POLLIN, 0};
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        ret_fds[n++] = (struct pollfd){p->clients[i].fd, POLLIN, 0};
    }
    for (size_t i = 0; i < p->rack.count; i++) {
        const struct softkey_key *key = p->rack.keys[i];
        ret_fds[n++] = (struct pollfd){key->inserted ? key->plug.key_fd : -1, POLLIN, 0};
    }
    return n;
}

static void serve(struct program *p, const struct pollfd *fds, size_t keys)
{
    /* keys before clients: a command may take a key out whose descriptor was polled */
    for (size_t i = 0; i < keys; i++) {
        if (fds[2 + CLIENTS_MAX + i].revents != 0) {
            softkey_rack_read(p->rack.keys[i], now_ms());
        }
    }
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        if (p->clients[i].fd >= 0 && fds[2 + i].revents != 0) {
            on_client(p, &p->clients[i]);
        }
    }
    if (fds[1].revents != 0) {
        on_connect(p);
    }
}

static void run(struct program *p)
{
    while (!p->rack.quit) {
        struct pollfd fds[FDS_MAX];
        const size_t keys = p->rack.count;
        const nfds_t n = fill(p, fds);
        const int wait = softkey_rack_tick(&p->rack, now_ms());
        if (poll(fds, n, wait) < 0 && errno != EINTR) {
            return;
        }
        if (fds[0].revents != 0 && on_signal(p)) {
            return;
        }
        serve(p, fds, keys);
    }
}

/* umockdev works by a preloaded library; without it, start this program again with it. 0 when it is there. */
static int ensure_preload(char **argv)
{
    const char *old = secure_getenv("LD_PRELOAD");
    char value[SOFTKEY_PATH_MAX];

    if (old != NULL && strstr(old, preload) != NULL) {
        return 0;
    }
    (void)snprintf(value, sizeof(value), "%s%s%s", preload, old == NULL ? "" : ":", old == NULL ? "" : old);
    if (setenv("LD_PRELOAD", value, 1) == 0) { /* NOLINT(concurrency-mt-unsafe): no other thread runs yet */
        (void)execv("/proc/self/exe", argv);
    }
    (void)fprintf(stderr, "softkey: cannot start again under %s\n", preload);
    return 1;
}

static void end_child(const struct program *p)
{
    if (p->child > 0) {
        (void)kill(p->child, SIGTERM);
        (void)waitpid(p->child, NULL, 0);
    }
}

static int start(struct program *p, const char *state, const char *control, char **command)
{
    /* umockdev's thread starts with the bed and must find the signals blocked, else they end up there */
    if (!take_signals(&p->signal_fd)) {
        (void)fprintf(stderr, "softkey: no signals\n");
        return 1;
    }
    p->bed = softkey_bed_new();
    if (p->bed == NULL || !softkey_rack_init(&p->rack, state, p->bed)) {
        (void)fprintf(stderr, "softkey: %s: cannot be used\n", state);
        return 1;
    }
    if (!listen_on(control, &p->listen_fd)) {
        (void)fprintf(stderr, "softkey: %s: cannot listen\n", control);
        return 1;
    }
    if (command[0] != NULL && !start_child(p, command)) {
        (void)fprintf(stderr, "softkey: cannot fork\n");
        return 1;
    }
    if (command[0] == NULL) {
        (void)printf("UMOCKDEV_DIR=%s\nLD_PRELOAD=%s\nready\n", softkey_bed_dir(p->bed), preload);
        (void)fflush(stdout);
    }
    run(p);
    end_child(p);
    (void)unlink(control);
    softkey_rack_release(&p->rack);
    return p->status;
}

int main(int argc, char **argv)
{
    static struct program p;
    const char *state = NULL;
    const char *control = NULL;
    int i = 1;

    for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
        if (strcmp(argv[i], "--state") == 0) {
            state = argv[i + 1];
        } else if (strcmp(argv[i], "--control") == 0) {
            control = argv[i + 1];
        } else {
            return usage();
        }
    }
    if (state == NULL || control == NULL || (i < argc && strcmp(argv[i], "--") != 0)) {
        return usage();
    }
    if (ensure_preload(argv) != 0) {
        return 1;
    }
    for (size_t n = 0; n < CLIENTS_MAX; n++) {
        p.clients[n].fd = -1;
    }
    const int status = start(&p, state, control, i < argc ? argv + i + 1 : argv + argc);
    softkey_bed_free(p.bed);
    return status;
}
