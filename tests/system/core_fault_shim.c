/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the daemon under test: the k-th call that writes to the disk fails, or is the daemon's last.
 *
 * COUNTERSIGN_FAULT=MODE:K      MODE is one of the words below; K counts from 1; 0 fails nothing
 * COUNTERSIGN_FAULT_TRACE=FILE  one line a call that was hit: "K NAME"
 * It works inside the daemon's seccomp table, which a tracer that takes calls out does not. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

enum mode { OFF, EIO_ONCE, EIO_LASTS, ENOSPC_LASTS, KILL_BEFORE, KILL_TORN, KILL_AFTER, MODES };
static const char *const words[MODES] = {"off",         "eio",       "eio-lasts", "enospc-lasts",
                                         "kill-before", "kill-torn", "kill-after"};

static enum mode mode;
static unsigned long target;
static unsigned long calls;
static int trace_fd = -1;
static bool dies_after; /* this call is the last */

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);
static int (*real_open)(const char *, int, ...);

static void resolve(void *slot, const char *name)
{
    void *p = dlsym(RTLD_NEXT, name);
    memcpy(slot, &p, sizeof(p));
}

__attribute__((constructor)) static void start(void)
{
    const char *fault = secure_getenv("COUNTERSIGN_FAULT");
    const char *trace = secure_getenv("COUNTERSIGN_FAULT_TRACE");

    resolve(&real_pwrite, "pwrite64");
    resolve(&real_write, "write");
    resolve(&real_fsync, "fsync");
    resolve(&real_fdatasync, "fdatasync");
    resolve(&real_ftruncate, "ftruncate64");
    resolve(&real_rename, "rename");
    resolve(&real_unlink, "unlink");
    resolve(&real_open, "open64");
    trace_fd = trace != NULL ? real_open(trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    for (unsigned m = 0; fault != NULL && m < MODES; m++) {
        const size_t n = strlen(words[m]);
        if (strncmp(fault, words[m], n) == 0 && fault[n] == ':') {
            mode = (enum mode)m;
            target = strtoul(fault + n + 1, NULL, 10);
        }
    }
}

static void die(void)
{
    (void)syscall(SYS_tgkill, getpid(), gettid(), SIGKILL); /* in the daemon's table: it may end itself */
}

static void note(const char *name)
{
    char line[64];
    const int n = snprintf(line, sizeof(line), "%lu %s\n", calls, name);
    if (trace_fd >= 0 && n > 0) {
        (void)!real_write(trace_fd, line, (size_t)n);
    }
}

/* Does this call fail? `torn` does half of it first. */
static bool hit(const char *name, void (*torn)(void *), void *ctx)
{
    calls++;
    const bool lasts = mode == EIO_LASTS || mode == ENOSPC_LASTS;
    if (target == 0 || calls < target || (calls > target && !lasts)) {
        return false;
    }
    note(name);
    if (mode == KILL_BEFORE) {
        die();
    }
    if ((mode == KILL_TORN || mode == EIO_ONCE || mode == EIO_LASTS) && torn != NULL) {
        torn(ctx);
    }
    if (mode == KILL_TORN) {
        die();
    }
    dies_after = mode == KILL_AFTER;
    errno = mode == ENOSPC_LASTS ? ENOSPC : EIO;
    return mode == EIO_ONCE || lasts;
}

static void done(void)
{
    if (dies_after) {
        die();
    }
}

struct piece {
    int fd;
    const void *p;
    size_t n;
    off_t at; /* -1: where the descriptor stands */
};

static void half(void *ctx)
{
    const struct piece *piece = ctx;
    if (piece->at >= 0) {
        (void)!real_pwrite(piece->fd, piece->p, piece->n / 2, piece->at);
    } else {
        (void)!real_write(piece->fd, piece->p, piece->n / 2);
    }
}

SHOWN ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
    struct piece piece = {.fd = fd, .p = p, .n = n, .at = at};
    if (hit("pwrite", half, &piece)) {
        return -1;
    }
    const ssize_t r = real_pwrite(fd, p, n, at);
    done();
    return r;
}

/* Sockets, event descriptors and the daemon's own messages are not the disk. */
static bool is_disk(int fd)
{
    struct stat st;
    return fd > STDERR_FILENO && fd != trace_fd && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

SHOWN ssize_t write(int fd, const void *p, size_t n)
{
    struct piece piece = {.fd = fd, .p = p, .n = n, .at = -1};
    if (is_disk(fd) && hit("write", half, &piece)) {
        return -1;
    }
    const ssize_t r = real_write(fd, p, n);
    done();
    return r;
}

SHOWN int fsync(int fd)
{
    if (hit("fsync", NULL, NULL)) {
        return -1;
    }
    const int r = real_fsync(fd);
    done();
    return r;
}

SHOWN int fdatasync(int fd)
{
    if (hit("fdatasync", NULL, NULL)) {
        return -1;
    }
    const int r = real_fdatasync(fd);
    done();
    return r;
}

SHOWN int ftruncate64(int fd, off_t size)
{
    if (hit("ftruncate", NULL, NULL)) {
        return -1;
    }
    const int r = real_ftruncate(fd, size);
    done();
    return r;
}

SHOWN int rename(const char *from, const char *to)
{
    if (hit("rename", NULL, NULL)) {
        return -1;
    }
    const int r = real_rename(from, to);
    done();
    return r;
}

SHOWN int unlink(const char *path)
{
    if (hit("unlink", NULL, NULL)) {
        return -1;
    }
    const int r = real_unlink(path);
    done();
    return r;
}

static int open_any(const char *path, int flags, mode_t file_mode)
{
    if ((flags & O_CREAT) != 0 && hit("open", NULL, NULL)) {
        return -1;
    }
    const int r = real_open(path, flags, file_mode);
    done();
    return r;
}

SHOWN int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t file_mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_any(path, flags, file_mode);
}

SHOWN int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t file_mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_any(path, flags, file_mode);
}
