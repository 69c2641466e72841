/* SPDX-License-Identifier: Apache-2.0 */
#include "cage/cage_calls.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cage/cage_sanitized.h"

const char *cage_profile_name(enum cage_profile profile)
{
#define NAME(name, text) [name] = (text),
    static const char *const names[CAGE_PROFILE_COUNT] = {CAGE_PROFILES(NAME)};
#undef NAME
    return (unsigned)profile < CAGE_PROFILE_COUNT ? names[profile] : "unknown";
}

/* Who may: a set of profiles. */
#define CORE   (1U << CAGE_CORE)
#define HTTP   (1U << CAGE_HTTP)
#define TOKEN  (1U << CAGE_TOKEN)
#define CARDS  (1U << CAGE_CARDS)
#define KIOSK  (1U << CAGE_KIOSK)
#define RELAY  (1U << CAGE_RELAY)
#define ALL    (CORE | HTTP | TOKEN | KIOSK | RELAY) /* the programs */
#define EVERY  (ALL | CARDS)
#define THREAD (HTTP | RELAY | KIOSK) /* HTTP workers; the resolver of libcurl; drawing libraries */

enum { ROW_ARGS = 2 };

/* Argument `index` masked with `mask` is `value`; a mask of zero asks nothing. */
struct arg {
    unsigned index;
    uint64_t mask;
    uint64_t value;
};

struct row {
    int call;
    unsigned who;
    struct arg args[ROW_ARGS]; /* all must hold; several rows of one call are alternatives */
};

#define WHOLE     UINT64_MAX
#define LOW       UINT32_MAX /* arguments of 32 bits: the kernel ignores what is above */
#define ANY(name) .call = SCMP_SYS(name)
#define IF(i, m, v)                                                                                                    \
    {                                                                                                                  \
        .index = (i), .mask = (m), .value = (v)                                                                        \
    }
#define IOCTL_TYPE(c) .call = SCMP_SYS(ioctl), .args = {IF(1, 0xff00U, (uint64_t)(c) << 8U)}

static const struct row rows[] = {
    /* bytes in and out of what is open */
    {ANY(read), .who = EVERY},
    {ANY(readv), .who = ALL},
    {ANY(write), .who = EVERY},
    {ANY(writev), .who = ALL},
    {ANY(close), .who = EVERY},
    {ANY(fstat), .who = EVERY},
    {ANY(lseek), .who = ALL},
    {ANY(dup), .who = ALL},
    {ANY(fcntl), .who = EVERY},
    {ANY(pipe2), .who = ALL},
    {ANY(recvfrom), .who = EVERY},
    {ANY(recvmsg), .who = EVERY},
    {ANY(sendto), .who = EVERY},
    {ANY(sendmsg), .who = EVERY},
    {ANY(shutdown), .who = EVERY},
    {ANY(getsockopt), .who = EVERY},
    {ANY(setsockopt), .who = ALL},
    {ANY(getsockname), .who = ALL},
    {ANY(getpeername), .who = ALL},
    {ANY(socket), .who = EVERY, .args = {IF(0, LOW, AF_UNIX)}},
    {ANY(socketpair), .who = ALL, .args = {IF(0, LOW, AF_UNIX)}},
    {ANY(connect), .who = EVERY}, /* of the sockets that the row of socket() leaves */

    /* waiting */
    {ANY(poll), .who = EVERY},
    {ANY(ppoll), .who = EVERY},
    {ANY(select), .who = TOKEN | KIOSK | RELAY}, /* libldap */
    {ANY(pselect6), .who = TOKEN | KIOSK | RELAY},
    {ANY(epoll_create1), .who = ALL},
    {ANY(epoll_ctl), .who = ALL},
    {ANY(epoll_wait), .who = ALL},
    {ANY(epoll_pwait), .who = ALL},
    {ANY(eventfd2), .who = ALL},
    {ANY(signalfd4), .who = ALL},
    {ANY(timerfd_create), .who = ALL},
    {ANY(timerfd_settime), .who = ALL},
    {ANY(timerfd_gettime), .who = ALL},
    {ANY(futex), .who = EVERY},
    {ANY(nanosleep), .who = EVERY},
    {ANY(clock_nanosleep), .who = EVERY},
    {ANY(clock_gettime), .who = EVERY}, /* where the vDSO has no answer, as the next two */
    {ANY(gettimeofday), .who = EVERY},
    {ANY(time), .who = ALL},
    {ANY(clock_getres), .who = ALL},
    {ANY(restart_syscall), .who = EVERY},
    {ANY(sched_yield), .who = EVERY},

    /* memory, never new and executable */
    {ANY(brk), .who = EVERY},
    {ANY(munmap), .who = EVERY},
    {ANY(mremap), .who = EVERY},
    {ANY(madvise), .who = EVERY},
    {ANY(mlock), .who = EVERY},
    {ANY(munlock), .who = EVERY},
    {ANY(mmap), .who = EVERY, .args = {IF(2, PROT_EXEC, 0)}},
    {ANY(mprotect), .who = EVERY, .args = {IF(2, PROT_EXEC, 0)}},
    {ANY(mmap), .who = RELAY,
     .args = {IF(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), IF(3, MAP_ANONYMOUS, 0)}}, /* libraries of the resolver */

    /* itself */
    {ANY(exit), .who = EVERY},
    {ANY(exit_group), .who = EVERY},
    {ANY(rt_sigaction), .who = EVERY},
    {ANY(rt_sigprocmask), .who = EVERY},
    {ANY(rt_sigreturn), .who = EVERY},
    {ANY(sigaltstack), .who = ALL},
    {ANY(getpid), .who = EVERY},
    {ANY(gettid), .who = EVERY},
    {ANY(getuid), .who = EVERY},
    {ANY(geteuid), .who = EVERY},
    {ANY(getgid), .who = EVERY},
    {ANY(getegid), .who = EVERY},
    {ANY(getrandom), .who = EVERY},
    {ANY(uname), .who = ALL},
    {ANY(sysinfo), .who = ALL},
    {ANY(getcpu), .who = ALL},
    {ANY(getrusage), .who = ALL},
    {ANY(times), .who = ALL},
    {ANY(sched_getaffinity), .who = ALL},
    {ANY(prctl), .who = ALL, .args = {IF(0, LOW, PR_SET_NAME)}},
    {ANY(prlimit64), .who = ALL, .args = {IF(0, LOW, 0), IF(2, WHOLE, 0)}}, /* asking for one's own, not setting */
    {ANY(ioctl), .who = EVERY, .args = {IF(1, LOW, 0x5401U)}},              /* TCGETS: stdio asks what stderr is */

    /* threads; processes of one's own only where calls may block for good, to be killed. Which one kill() names no
     * filter can know beforehand: that it is one of their own is for the user to see to, whom nobody else has */
    {ANY(clone), .who = THREAD, .args = {IF(0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM)}},
    {ANY(clone), .who = TOKEN,
     .args = {IF(0, WHOLE, CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | SIGCHLD)}}, /* fork() */
    {ANY(wait4), .who = TOKEN},
    {ANY(kill), .who = TOKEN, .args = {IF(1, LOW, SIGKILL)}},
    {ANY(close_range), .who = TOKEN}, /* in the child, as the next four */
    {ANY(getppid), .who = TOKEN},
    {ANY(prctl), .who = TOKEN, .args = {IF(0, LOW, PR_SET_PDEATHSIG)}},
    {ANY(prctl), .who = TOKEN, .args = {IF(0, LOW, PR_SET_NO_NEW_PRIVS)}},
    {ANY(seccomp), .who = TOKEN, .args = {IF(0, LOW, SECCOMP_SET_MODE_FILTER)}}, /* a cage within the cage */
    {ANY(set_robust_list), .who = THREAD | TOKEN},
    {ANY(rseq), .who = THREAD},

    /* opening and looking; Landlock says where */
    {ANY(openat), .who = ALL},
    {ANY(open), .who = ALL}, /* liblber and glibc's fopen of old still use it */
    {ANY(stat), .who = EVERY},
    {ANY(lstat), .who = ALL},
    {ANY(newfstatat), .who = EVERY},
    {ANY(statx), .who = ALL},
    {ANY(statfs), .who = ALL},
    {ANY(fstatfs), .who = ALL},
    {ANY(access), .who = ALL},
    {ANY(faccessat), .who = ALL},
    {ANY(faccessat2), .who = ALL},
    {ANY(readlink), .who = ALL},
    {ANY(readlinkat), .who = ALL},
    {ANY(getcwd), .who = ALL},
    {ANY(getdents64), .who = ALL},
    {ANY(pread64), .who = ALL},
    {ANY(fadvise64), .who = ALL},

    /* writing files: the core's log, and state files of the kiosk and the relay */
    {ANY(pwrite64), .who = CORE | RELAY | KIOSK},
    {ANY(fsync), .who = CORE | RELAY | KIOSK},
    {ANY(fdatasync), .who = CORE | RELAY | KIOSK},
    {ANY(ftruncate), .who = CORE | RELAY | KIOSK},
    {ANY(rename), .who = CORE | RELAY | KIOSK},
    {ANY(renameat), .who = CORE | RELAY | KIOSK},
    {ANY(renameat2), .who = CORE | RELAY | KIOSK},
    {ANY(unlink), .who = CORE | HTTP | TOKEN | KIOSK | RELAY}, /* everyone removes its own socket at the end */
    {ANY(unlinkat), .who = CORE | RELAY | KIOSK},
    {ANY(fchmod), .who = CORE | RELAY | KIOSK},
    {ANY(umask), .who = CORE | RELAY | KIOSK},
    {ANY(fallocate), .who = CORE | RELAY},
    {ANY(flock), .who = CORE | TOKEN | RELAY | KIOSK}, /* the token agent: one host on a key */
    {ANY(fchown), .who = CORE},                        /* SQLite, when it still runs as root in a test */

    /* being connected to */
    {ANY(accept4), .who = CORE | HTTP | TOKEN | KIOSK},
    {ANY(accept), .who = CORE | HTTP | TOKEN | KIOSK},

    /* http: libmicrohttpd */
    {ANY(sendfile), .who = HTTP},

    /* token: device nodes; the hotplug monitor is opened before */
    {IOCTL_TYPE('H'), .who = TOKEN}, /* hidraw */

    /* kiosk: display and input */
    {IOCTL_TYPE('d'), .who = KIOSK},                           /* DRM */
    {IOCTL_TYPE('E'), .who = KIOSK},                           /* evdev */
    {IOCTL_TYPE('K'), .who = KIOSK},                           /* console: keyboard and text mode */
    {IOCTL_TYPE('V'), .who = KIOSK},                           /* console: virtual terminals */
    {ANY(ioctl), .who = KIOSK, .args = {IF(1, LOW, 0x5403U)}}, /* TCSETSW: the terminal is given back as it was */
    {ANY(ioctl), .who = KIOSK, .args = {IF(1, LOW, 0x5413U)}}, /* TIOCGWINSZ */

    /* relay: connections out, and the resolver */
    {ANY(socket), .who = RELAY, .args = {IF(0, LOW, AF_INET)}},
    {ANY(socket), .who = RELAY, .args = {IF(0, LOW, AF_INET6)}},
    {ANY(socket), .who = RELAY, .args = {IF(0, LOW, AF_NETLINK)}},
    {ANY(bind), .who = RELAY}, /* of that netlink socket; no listen() goes with it */
    {ANY(sendmmsg), .who = RELAY},
    {ANY(recvmmsg), .who = RELAY},
    {ANY(ioctl), .who = RELAY, .args = {IF(1, LOW, 0x541bU)}}, /* FIONREAD */
};

static int add_row(scmp_filter_ctx ctx, const struct row *row)
{
    struct scmp_arg_cmp cmp[ROW_ARGS];
    unsigned n = 0;

    for (unsigned i = 0; i < ROW_ARGS; i++) {
        const struct arg *a = &row->args[i];
        if (a->mask != 0) {
            cmp[n] = (struct scmp_arg_cmp){
                .arg = a->index, .op = SCMP_CMP_MASKED_EQ, .datum_a = a->mask, .datum_b = a->value};
            n++;
        }
    }
    return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, row->call, n, cmp);
}

/* Rows whose value is known only now, and calls that are refused politely because their caller has another way. */
static int add_special(scmp_filter_ctx ctx, enum cage_profile profile)
{
    const struct scmp_arg_cmp self = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)getpid(), .datum_b = 0};
    int r = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, &self); /* abort() */

    if (r == 0 && ((1U << (unsigned)profile) & THREAD) != 0) {
        /* its flags lie in memory, where no filter can look: glibc falls back to clone */
        r = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
    }
    return r;
}

static CS_RESULT build(scmp_filter_ctx ctx, enum cage_profile profile)
{
    ENSURE(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0, CS_E_IO, "cage.badarch");
    ENSURE(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) == 0, CS_E_IO, "cage.tsync");
    ENSURE(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2) == 0, CS_E_IO, "cage.optimize");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].who & (1U << (unsigned)profile)) != 0) {
            ENSURE(add_row(ctx, &rows[i]) == 0, CS_E_NOMEM, "cage.row");
        }
    }
    ENSURE(add_special(ctx, profile) == 0, CS_E_NOMEM, "cage.row");
    return CS_SUCCESS;
}

CS_RESULT cage_calls_apply(enum cage_profile profile, bool *ret_active)
{
    ENSURE((unsigned)profile < CAGE_PROFILE_COUNT, CS_E_RANGE, "cage.profile");

    scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
    ENSURE(ctx != NULL, CS_E_NOMEM, "cage.filter");
    struct cs_result r = build(ctx, profile);
#if CAGE_SANITIZED
    const bool active = false; /* the filter is built all the same, so that its table is tested here too */
#else
    const bool active = true;
    if (r.code == CS_OK && seccomp_load(ctx) != 0) {
        r = CS_FAIL(CS_E_IO, "cage.seccomp");
    }
#endif
    seccomp_release(ctx);
    TRY(r);
    *ret_active = active;
    return CS_SUCCESS;
}
