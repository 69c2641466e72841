/* SPDX-License-Identifier: Apache-2.0 */
/* The k-th call to the disk or to the allocator fails, for every k until a run passes: what was acknowledged is there
 * at the next start, a failure is told, and after it the store writes no more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store_bed.h"

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *p, size_t n);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *p, size_t n);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

/* --- the fault: the fail_at-th call of the armed kind, and every disk call after it if it lasts --- */
static unsigned fail_at; /* 0: off */
static unsigned calls;
static bool lasts;
static int fail_errno;
static int fail_sqlite;
static bool memory_too;

static bool fails_now(bool memory)
{
    if (fail_at == 0 || memory != memory_too) {
        return false;
    }
    calls++;
    return calls == fail_at || (lasts && calls > fail_at);
}

static bool disk_fails(void)
{
    if (!fails_now(false)) {
        return false;
    }
    errno = fail_errno;
    return true;
}

int __wrap_open(const char *path, int flags, ...)
{
    return disk_fails() ? -1 : __real_open(path, flags, 0600);
}

ssize_t __wrap_write(int fd, const void *p, size_t n)
{
    return disk_fails() ? -1 : __real_write(fd, p, n);
}

int __wrap_fsync(int fd)
{
    return disk_fails() ? -1 : __real_fsync(fd);
}

int __wrap_rename(const char *from, const char *to)
{
    return disk_fails() ? -1 : __real_rename(from, to);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now(true) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails_now(true) ? NULL : __real_realloc(p, n);
}

/* --- SQLite's disk: a VFS over the default one --- */
struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* right behind this struct */
};

static sqlite3_vfs shim;
static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *f)
{
    return ((struct shim_file *)(void *)f)->real;
}

static int shim_close(sqlite3_file *f)
{
    return real_of(f)->pMethods->xClose(real_of(f));
}

static int shim_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return disk_fails() ? SQLITE_IOERR_READ : real_of(f)->pMethods->xRead(real_of(f), p, n, at);
}

static int shim_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (!disk_fails()) {
        return real_of(f)->pMethods->xWrite(real_of(f), p, n, at);
    }
    (void)real_of(f)->pMethods->xWrite(real_of(f), p, n / 2, at); /* torn */
    return fail_sqlite;
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return disk_fails() ? SQLITE_IOERR_TRUNCATE : real_of(f)->pMethods->xTruncate(real_of(f), size);
}

static int shim_sync(sqlite3_file *f, int flags)
{
    return disk_fails() ? SQLITE_IOERR_FSYNC : real_of(f)->pMethods->xSync(real_of(f), flags);
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return disk_fails() ? SQLITE_IOERR_FSTAT : real_of(f)->pMethods->xFileSize(real_of(f), size);
}

static int shim_lock(sqlite3_file *f, int level)
{
    return disk_fails() ? SQLITE_IOERR_LOCK : real_of(f)->pMethods->xLock(real_of(f), level);
}

static int shim_unlock(sqlite3_file *f, int level)
{
    return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static int shim_reserved(sqlite3_file *f, int *out)
{
    return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static int shim_control(sqlite3_file *f, int op, void *arg)
{
    return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static int shim_sector(sqlite3_file *f)
{
    return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static int shim_traits(sqlite3_file *f)
{
    return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

/* Version 1: no shared memory and no mapping, so every read is a call that can fail. */
static const sqlite3_io_methods shim_methods = {
    .iVersion = 1,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_traits,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
    struct shim_file *s = (struct shim_file *)(void *)f;
    (void)vfs;
    s->base.pMethods = NULL;
    if (disk_fails()) {
        return SQLITE_CANTOPEN;
    }
    s->real = (sqlite3_file *)(void *)(s + 1);
    const int rc = real_vfs->xOpen(real_vfs, name, s->real, flags, out);
    if (rc == SQLITE_OK) {
        s->base.pMethods = &shim_methods;
    }
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    return disk_fails() ? SQLITE_IOERR_DELETE : real_vfs->xDelete(real_vfs, name, sync);
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    return disk_fails() ? SQLITE_IOERR_ACCESS : real_vfs->xAccess(real_vfs, name, flags, out);
}

/* --- SQLite's allocator --- */
static sqlite3_mem_methods real_memory;

static void *memory_malloc(int n)
{
    return fails_now(true) ? NULL : real_memory.xMalloc(n);
}

static void *memory_realloc(void *p, int n)
{
    return fails_now(true) ? NULL : real_memory.xRealloc(p, n);
}

static int install(void **state)
{
    (void)state;
    sqlite3_mem_methods m;
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory) != SQLITE_OK) {
        return -1;
    }
    m = real_memory;
    m.xMalloc = memory_malloc;
    m.xRealloc = memory_realloc;
    if (sqlite3_config(SQLITE_CONFIG_MALLOC, &m) != SQLITE_OK || sqlite3_initialize() != SQLITE_OK) {
        return -1;
    }
    real_vfs = sqlite3_vfs_find(NULL);
    shim = *real_vfs;
    shim.zName = "shim";
    shim.szOsFile = (int)sizeof(struct shim_file) + real_vfs->szOsFile;
    shim.xOpen = shim_open;
    shim.xDelete = shim_delete;
    shim.xAccess = shim_access;
    return sqlite3_vfs_register(&shim, 1) == SQLITE_OK ? 0 : -1;
}

/* --- the run --- */
struct run {
    uint64_t acknowledged;
    struct cs_result failed; /* CS_OK: everything passed */
    bool wrote_after;        /* a write was taken after one that failed: must never be */
};

static struct cs_result life(struct bed *b, struct run *run)
{
    static const uint8_t big[20000] = {1};
    struct store_verdict v = {0};
    struct sha256 name;
    TRY(bed_try_open(b, &v));
    ENSURE(v.condition == STORE_SOUND, CS_E_REFUSED, v.why);
    for (unsigned i = 1; i <= 3; i++) {
        TRY(bed_batch(b, i));
        run->acknowledged = store_size(b->s);
    }
    TRY(store_begin(b->s));
    TRY(store_put_blob(b->s, SPAN_OF(big), &name));
    TRY(store_put_cosig(b->s, store_size(b->s), SPAN_LIT("line")));
    TRY(store_commit(b->s));
    TRY(store_begin(b->s));
    TRY(bed_put(b));
    return store_rollback(b->s);
}

static struct run run_once(struct bed *b, unsigned k)
{
    struct run run = {0};
    calls = 0;
    fail_at = k;
    run.failed = life(b, &run);
    fail_at = 0;
    if (run.failed.code == CS_E_IO && b->s != NULL) {
        run.wrote_after = store_begin(b->s).code == CS_OK;
    }
    bed_close(b);
    return run;
}

/* After the fault has gone: everything acknowledged is there, and the log goes on. */
static void check_after(struct bed *b, const struct run *run, unsigned k)
{
    struct store_verdict v = {0};
    const struct cs_result r = bed_try_open(b, &v);
    if (r.code != CS_OK || v.condition != STORE_SOUND || v.at < run->acknowledged || v.at > run->acknowledged + 3) {
        fail_msg("k=%u: %s %s; condition %u at %llu (%llu acknowledged): %s", k, cs_code_name(r.code), r.msg,
                 (unsigned)v.condition, (unsigned long long)v.at, (unsigned long long)run->acknowledged,
                 v.why != NULL ? v.why : "-");
    }
    bed_append(b, 1);
}

static void sweep(unsigned stride_after_300)
{
    for (unsigned k = 1; k < 100000; k += k < 300 ? 1 : stride_after_300) {
        struct bed b;
        assert_true(bed_init(&b));
        const struct run run = run_once(&b, k);
        const bool passed = calls < k;
        if (passed && (run.failed.code != CS_OK || run.acknowledged != 6)) {
            fail_msg("without a fault: %s %s", cs_code_name(run.failed.code), run.failed.msg);
        }
        if (run.wrote_after) {
            fail_msg("k=%u: went on after %s", k, run.failed.msg);
        }
        check_after(&b, &run, k);
        bed_clear(&b);
        if (passed) {
            assert_true(k > 40);
            return;
        }
    }
    fail_msg("the sweep never ended");
}

static void disk_errors(void **state)
{
    (void)state;
    memory_too = false;
    fail_errno = EIO;
    fail_sqlite = SQLITE_IOERR_WRITE;
    lasts = false;
    sweep(1);
    lasts = true;
    sweep(1);
}

static void disk_full(void **state)
{
    (void)state;
    memory_too = false;
    fail_errno = ENOSPC;
    fail_sqlite = SQLITE_FULL;
    lasts = false;
    sweep(1);
    lasts = true;
    sweep(1);
}

static void no_memory(void **state)
{
    (void)state;
    memory_too = true;
    lasts = false;
    sweep(7); /* thousands of small ones, most of them inside the preparation of the same statements */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disk_errors),
        cmocka_unit_test(disk_full),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}
