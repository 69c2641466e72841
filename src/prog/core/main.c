/* SPDX-License-Identifier: Apache-2.0 */
/* countersignd: docs/man/countersignd.8. */
#include <errno.h>
#include <signal.h>
#include <sys/random.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "cage/cage_enter.h"
#include "cage/cage_signals.h"
#include "cage/cage_user.h"
#include "core/core_server.h"
#include "core/core_start.h"
#include "ipc/ipc_socket.h"
#include "options.h"

enum { SOCKET_MODE = 0660, DESCRIPTORS_MAX = 256 };

static const int signals[] = {SIGTERM, SIGINT};

static void say(const char *line)
{
    (void)fprintf(stderr, SD_INFO "%s\n", line);
}

static struct cs_result random_bytes(uint8_t *bytes, size_t n)
{
    ENSURE(getrandom(bytes, n, 0) == (ssize_t)n, CS_E_IO, "getrandom");
    return CS_SUCCESS;
}

static uint64_t clock_ms(clockid_t clock)
{
    struct timespec t = {0};
    (void)clock_gettime(clock, &t); /* cannot fail for these clocks */
    return (uint64_t)t.tv_sec * 1000U + (uint64_t)t.tv_nsec / 1000000U;
}

static void set_time(struct core *c)
{
    c->real_ms = clock_ms(CLOCK_REALTIME);
    c->mono_ms = clock_ms(CLOCK_MONOTONIC);
}

static CS_RESULT listen_all(const struct options *o, struct core_server *s)
{
    char path[OPTIONS_PATH_MAX + 64];
    char name[32];

    for (enum core_peer_kind k = CORE_HTTP; k < CORE_PEER_COUNT; k++) {
        gid_t gid = 0;
        s->uid[k] = geteuid();
        if (o->users[k][0] != '\0') {
            TRY(cage_user_find(o->users[k], &s->uid[k], &gid));
        }
        (void)snprintf(name, sizeof(name), "%s.sock", core_peer_name(k));
        TRY(options_path(o->run, name, path, sizeof(path)));
        TRY(ipc_listen(path, SOCKET_MODE, &s->listen_fd[k]));
    }
    return CS_SUCCESS;
}

/* First of all: keys and log must be the user's own, and new ones are made as that user. */
static CS_RESULT become(const struct options *o)
{
    bool changed = false;
    return o->user[0] != '\0' ? cage_user_become(o->user, &changed) : CS_SUCCESS;
}

static CS_RESULT open_files(const struct options *o, struct core *c, struct writer *proposal)
{
    char log[OPTIONS_PATH_MAX + 64];

    TRY(options_path(o->state, "log.db", log, sizeof(log)));
    const struct cs_result r = options_file(o, "proposal.json", proposal);
    ENSURE(r.code == CS_OK || r.code == CS_E_MISSING, r.code, r.msg);
    c->proposal = wr_span(proposal);
    const struct core_files files = {.log = log, .keys = o->state};
    return core_open(c, &files);
}

static CS_RESULT enter_cage(const struct options *o)
{
    const struct cage_path paths[] = {{.path = o->state, .access = CAGE_WRITE, .optional = false},
                                      {.path = o->run, .access = CAGE_WRITE, .optional = false}};
    const struct cage_plan plan = {.profile = CAGE_CORE,
                                   .paths = paths,
                                   .path_count = sizeof(paths) / sizeof(paths[0]),
                                   .nofile = DESCRIPTORS_MAX};
    struct cage_report report;

    TRY(cage_enter(&plan, &report));
    if (report.landlock_abi == 0) {
        say("this kernel has no Landlock");
    }
    if (!report.seccomp) {
        say("sanitizer build without seccomp");
    }
    return CS_SUCCESS;
}

static CS_RESULT load(struct core *c, bool prove)
{
    char line[CORE_WHY_MAX + 32];

    set_time(c);
    TRY(core_load(c, prove));
    set_time(c);
    TRY(core_boot(c));
    (void)snprintf(line, sizeof(line), "%llu entries", (unsigned long long)c->log.committed);
    say(line);
    if (c->log.sealed) {
        (void)snprintf(line, sizeof(line), "sealed, read-only: %s", c->log.why);
        say(line);
    }
    (void)sd_notifyf(0, "READY=1\nSTATUS=%s", line);
    return CS_SUCCESS;
}

/* Until a signal; the last turn is the caller's. */
static CS_RESULT run(struct core_server *s, int stop_fd)
{
    uint64_t watchdog_us = 0;
    const bool watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
    const int beat_ms = watched ? (int)(watchdog_us / 2000U) : -1;

    for (;;) {
        size_t n = 0;
        int timeout_ms = -1;
        core_server_prepare(s, &n, &timeout_ms);
        s->fds[n] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
        timeout_ms = beat_ms >= 0 && (timeout_ms < 0 || timeout_ms > beat_ms) ? beat_ms : timeout_ms;
        ENSURE(poll(s->fds, n + 1, timeout_ms) >= 0 || errno == EINTR, CS_E_IO, "poll");
        set_time(s->core);
        if ((s->fds[n].revents & POLLIN) != 0) {
            return CS_SUCCESS;
        }
        TRY(core_server_turn(s));
        if (watched) {
            (void)sd_notify(0, "WATCHDOG=1");
        }
    }
}

static void remove_sockets(const struct options *o)
{
    char path[OPTIONS_PATH_MAX + 64];
    char name[32];

    for (enum core_peer_kind k = CORE_HTTP; k < CORE_PEER_COUNT; k++) {
        (void)snprintf(name, sizeof(name), "%s.sock", core_peer_name(k));
        if (options_path(o->run, name, path, sizeof(path)).code == CS_OK) {
            (void)unlink(path);
        }
    }
}

static CS_RESULT serve(const struct options *o, struct core *c, struct core_server *s, struct writer *proposal)
{
    int stop_fd = -1;

    c->version = COUNTERSIGN_VERSION;
    c->random = random_bytes;
    s->say = say;
    TRY(become(o));
    TRY(cage_signals(signals, sizeof(signals) / sizeof(signals[0]), &stop_fd));
    TRY(open_files(o, c, proposal));
    TRY(listen_all(o, s));
    TRY(enter_cage(o));
    TRY(load(c, o->prove));
    TRY(run(s, stop_fd));
    (void)sd_notify(0, "STOPPING=1");
    TRY(core_server_finish(s));
    remove_sockets(o);
    return CS_SUCCESS;
}

int main(int argc, char **argv)
{
    static struct core core;
    static struct core_server server;
    struct options o;
    AUTO_WRITER proposal = wr_heap(WIRE_CONTENT_MAX);

    const int status = options_read(argc, argv, &o);
    if (status >= 0) {
        return status;
    }
    struct cs_result r = core_init(&core, (size_t)o.state_mib << 20U);
    if (r.code == CS_OK) {
        r = core_server_init(&server, &core);
    }
    if (r.code == CS_OK) {
        r = serve(&o, &core, &server, &proposal);
    }
    if (r.code != CS_OK) {
        /* What is on disk may not be what was meant: nothing more is written, answered or cleaned up. The next start
         * finds out. */
        (void)fprintf(stderr, SD_CRIT "ends: %s %s\n", r.msg, cs_code_text(r.code));
        _exit(1);
    }
    core_server_release(&server);
    core_release(&core);
    return 0;
}
