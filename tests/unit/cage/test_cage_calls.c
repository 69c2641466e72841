/* SPDX-License-Identifier: Apache-2.0 */
/* Each profile against calls it must and must not make. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/hidraw.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "cage/cage_calls.h"
#include "cage/cage_sanitized.h"

#include "cage_child.h"

enum { IN_CAGE_FAILED = 99, KILLED = 1000 + SIGSYS };

static void make_socket(int family)
{
    (void)socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void do_unix(void)
{
    make_socket(AF_UNIX);
}

static void do_inet(void)
{
    make_socket(AF_INET);
}

static void do_inet6(void)
{
    make_socket(AF_INET6);
}

static void do_netlink(void)
{
    (void)socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static void do_packet(void)
{
    (void)socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static void do_exec(void)
{
    char *const argv[] = {NULL};
    (void)execve("/nonexistent", argv, argv);
}

static void do_fork(void)
{
    (void)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

/* As the C library does it, and waited for. */
static void do_own_process(void)
{
    const pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    (void)waitpid(pid, NULL, 0);
}

static void do_kill_own(void)
{
    (void)kill(0x7fffffff, SIGKILL); /* no such process */
}

static void do_another_cage(void)
{
    (void)syscall(SYS_seccomp, 1 /* SECCOMP_SET_MODE_FILTER */, 0, NULL);
}

static void *thread_body(void *arg)
{
    return arg;
}

static void do_thread(void)
{
    pthread_t t;
    if (pthread_create(&t, NULL, thread_body, NULL) == 0) {
        (void)pthread_join(t, NULL);
    }
}

static void do_map_executable(void)
{
    (void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void do_map_data(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)mprotect(p, 4096, PROT_READ);
    (void)munmap(p, 4096);
}

static void do_make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static void do_ptrace(void)
{
    (void)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void do_kill_parent(void)
{
    (void)kill(getppid(), 0);
}

static void do_raise_limit(void)
{
    const struct rlimit r = {.rlim_cur = 10, .rlim_max = 10};
    (void)setrlimit(RLIMIT_NOFILE, &r);
}

static void do_ask_limit(void)
{
    struct rlimit r;
    (void)getrlimit(RLIMIT_NOFILE, &r);
}

static void do_hidraw(void)
{
    int n = 0;
    (void)ioctl(-1, HIDIOCGRDESCSIZE, &n);
}

static void do_drm(void)
{
    (void)ioctl(-1, _IOC(_IOC_READ, 'd', 0, 8), NULL);
}

static void do_push_input(void)
{
    (void)ioctl(-1, TIOCSTI, "x"); /* typing into the terminal of whoever started us */
}

static void do_fdatasync(void)
{
    (void)fdatasync(-1);
}

static void do_rename(void)
{
    (void)rename("/nonexistent/a", "/nonexistent/b");
}

static void do_listen(void)
{
    (void)listen(-1, 1);
}

static void do_accept(void)
{
    (void)accept4(-1, NULL, NULL, SOCK_CLOEXEC);
}

static void do_open(void)
{
    (void)open("/nonexistent", O_RDONLY | O_CLOEXEC);
}

static void do_mount(void)
{
    (void)syscall(SYS_umount2, "/nonexistent", 0);
}

static void do_new_privs(void)
{
    (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

#define C (1U << CAGE_CORE)
#define H (1U << CAGE_HTTP)
#define T (1U << CAGE_TOKEN)
#define A (1U << CAGE_CARDS)
#define K (1U << CAGE_KIOSK)
#define R (1U << CAGE_RELAY)

static const struct row {
    const char *name;
    void (*act)(void);
    unsigned may; /* profiles that survive it; every other is killed */
} rows[] = {
    {"unix socket", do_unix, C | H | T | A | K | R},
    {"open a file", do_open, C | H | T | K | R},
    {"map data", do_map_data, C | H | T | A | K | R},
    {"ask a limit", do_ask_limit, C | H | T | K | R},
    {"accept", do_accept, C | H | T | K},
    {"thread", do_thread, H | K | R},
    {"TCP socket", do_inet, R},
    {"TCP socket, IPv6", do_inet6, R},
    {"netlink socket", do_netlink, R},
    {"fdatasync", do_fdatasync, C | K | R},
    {"rename", do_rename, C | K | R},
    {"hidraw ioctl", do_hidraw, T},
    {"DRM ioctl", do_drm, K},
    {"packet socket", do_packet, 0},
    {"listen", do_listen, 0},
    {"exec", do_exec, 0},
    {"fork, not as the C library does", do_fork, 0},
    {"fork", do_own_process, T},
    {"kill", do_kill_own, T},
    {"a cage within", do_another_cage, T},
    {"map executable memory", do_map_executable, 0},
    {"make memory executable", do_make_executable, 0},
    {"ptrace", do_ptrace, 0},
    {"signal another process", do_kill_parent, 0},
    {"set a limit", do_raise_limit, 0},
    {"push terminal input", do_push_input, 0},
    {"unmount", do_mount, 0},
    {"be dumpable again", do_new_privs, 0},
};

struct
try {
    enum cage_profile profile;
    const struct row *row;
};

static int enter_and_act(const void *arg)
{
    const struct try *t = arg;
    const struct rlimit none = {0};
    bool active = false;
    (void)setrlimit(RLIMIT_CORE, &none);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || cage_calls_apply(t->profile, &active).code != CS_OK || !active) {
        return IN_CAGE_FAILED;
    }
    t->row->act();
    return 0;
}

static void table(void **state)
{
    (void)state;
#if CAGE_SANITIZED
    skip();
#endif
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (unsigned p = 0; p < CAGE_PROFILE_COUNT; p++) {
            const struct try t = {.profile = (enum cage_profile)p, .row = &rows[i]};
            const int want = (rows[i].may & (1U << p)) != 0 ? 0 : KILLED;
            const int got = in_child(enter_and_act, &t);
            if (got != want) {
                fail_msg("%s in %s: %d, not %d", rows[i].name, cage_profile_name(t.profile), got, want);
            }
        }
    }
}

static int abort_in_cage(const void *arg)
{
    bool active = false;
    (void)arg;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || cage_calls_apply(CAGE_CORE, &active).code != CS_OK) {
        return IN_CAGE_FAILED;
    }
    abort();
}

static void a_bug_still_aborts(void **state)
{
    (void)state;
    assert_int_equal(in_child(abort_in_cage, NULL), 1000 + SIGABRT);
}

static void *wait_then_exec(void *arg)
{
    const int *go = arg;
    char b;
    if (read(*go, &b, 1) == 1) {
        do_exec();
    }
    return NULL;
}

static int thread_outside(const void *arg)
{
    int go[2];
    pthread_t t;
    bool active = false;
    (void)arg;
    if (pipe2(go, O_CLOEXEC) != 0 || pthread_create(&t, NULL, wait_then_exec, &go[0]) != 0) {
        return IN_CAGE_FAILED;
    }
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || cage_calls_apply(CAGE_HTTP, &active).code != CS_OK) {
        return IN_CAGE_FAILED;
    }
    if (write(go[1], "x", 1) != 1) {
        return IN_CAGE_FAILED;
    }
    (void)pthread_join(t, NULL);
    return 0;
}

static void other_threads_are_caged_too(void **state)
{
    (void)state;
#if CAGE_SANITIZED
    skip();
#endif
    assert_int_equal(in_child(thread_outside, NULL), KILLED);
}

static void profiles_have_names(void **state)
{
    (void)state;
    bool active = true;
    assert_string_equal(cage_profile_name(CAGE_CORE), "core");
    assert_string_equal(cage_profile_name(CAGE_PROFILE_COUNT), "unknown");
    assert_int_equal(cage_calls_apply(CAGE_PROFILE_COUNT, &active).code, CS_E_RANGE);
    assert_true(active);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(a_bug_still_aborts),
        cmocka_unit_test(other_threads_are_caged_too),
        cmocka_unit_test(profiles_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
