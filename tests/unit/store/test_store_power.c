/* SPDX-License-Identifier: Apache-2.0 */
/* The power fails. Every call that changes the disk is recorded while a store works; then, for every point between two
 * of them, a disk is made that holds what had been synced, and of the rest nothing, all, or some of it in pieces. Each
 * such disk must start with everything that had been acknowledged by then.
 *
 * The model is harder than a real file system: data counts only after a sync of its file, a name only after a sync of
 * its directory; writes in between may be lost, torn at a sector, or reach the disk without the ones before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_bed.h"

enum {
    OPS_MAX = 4000,
    INODES_MAX = 64,
    FDS_MAX = 256,
    NAME_BYTES = 40,
    FILE_BYTES = 1 << 20,
    SECTOR = 512,
    VARIANTS = 6
};

enum kind { CREATE, RENAME, UNLINK, WRITE, TRUNCATE, SYNC, SYNC_DIR };

struct op {
    enum kind kind;
    int inode;
    char name[NAME_BYTES];
    char to[NAME_BYTES];
    size_t at;
    size_t n;
    uint8_t *bytes;
    uint64_t acknowledged; /* entries, when the call was made */
};

/* In place of the C library's, for SQLite as well. */
#define SHOWN __attribute__((visibility("default")))

/* --- the recorder --- */

static struct op ops[OPS_MAX];
static size_t op_count;
static bool recording;
static const char *watched; /* directory */
static uint64_t acknowledged;
static int inode_of_fd[FDS_MAX]; /* 0: not watched; -1: the directory; else the inode */
static struct {
    char name[NAME_BYTES];
    int inode;
} names[INODES_MAX];
static int inodes;

/* The C library's own. */
static struct {
    int (*open)(const char *path, int flags, ...);
    ssize_t (*pwrite)(int fd, const void *p, size_t n, off_t at);
    ssize_t (*write)(int fd, const void *p, size_t n);
    int (*fsync)(int fd);
    int (*fdatasync)(int fd);
    int (*ftruncate)(int fd, off_t size);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
} libc;

static void resolve(void *slot, const char *name)
{
    void *p = dlsym(RTLD_NEXT, name);
    memcpy(slot, &p, sizeof(p));
}

__attribute__((constructor)) static void resolve_all(void)
{
    resolve(&libc.open, "open64");
    resolve(&libc.pwrite, "pwrite64");
    resolve(&libc.write, "write");
    resolve(&libc.fsync, "fsync");
    resolve(&libc.fdatasync, "fdatasync");
    resolve(&libc.ftruncate, "ftruncate64");
    resolve(&libc.rename, "rename");
    resolve(&libc.unlink, "unlink");
}

static struct op *record(enum kind kind, int inode)
{
    if (op_count == OPS_MAX) {
        abort();
    }
    struct op *op = &ops[op_count++];
    *op = (struct op){.kind = kind, .inode = inode, .acknowledged = acknowledged};
    return op;
}

/* The part below the watched directory, "" for the directory itself, NULL elsewhere. */
static const char *inside(const char *path)
{
    const size_t n = watched != NULL ? strlen(watched) : 0;
    if (!recording || n == 0 || strncmp(path, watched, n) != 0) {
        return NULL;
    }
    return path[n] == '/' ? path + n + 1 : path[n] == '\0' ? "" : NULL;
}

static int find_name(const char *name)
{
    for (int i = 0; i < INODES_MAX; i++) {
        if (names[i].inode != 0 && strcmp(names[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void set_name(char to[NAME_BYTES], const char *from)
{
    const size_t n = strlen(from);
    if (n >= NAME_BYTES) {
        abort();
    }
    memcpy(to, from, n + 1);
}

static int made_or_found(const char *name, bool fresh)
{
    if (!fresh) {
        const int i = find_name(name);
        return i >= 0 ? names[i].inode : 0;
    }
    if (++inodes >= INODES_MAX) {
        abort();
    }
    for (int i = 0; i < INODES_MAX; i++) {
        if (names[i].inode == 0) {
            names[i].inode = inodes;
            set_name(names[i].name, name);
            set_name(record(CREATE, inodes)->name, name);
            return inodes;
        }
    }
    abort();
}

static int open_recorded(const char *path, int flags, mode_t mode)
{
    const char *name = inside(path);
    struct stat st;
    const bool fresh = name != NULL && name[0] != '\0' && (flags & O_CREAT) != 0 && stat(path, &st) != 0;
    const int fd = libc.open(path, flags, mode);
    if (fd < 0 || fd >= FDS_MAX) {
        return fd;
    }
    inode_of_fd[fd] = 0;
    if (name == NULL) {
        return fd;
    }
    inode_of_fd[fd] = name[0] == '\0' ? -1 : made_or_found(name, fresh);
    if ((flags & O_TRUNC) != 0 && !fresh) {
        record(TRUNCATE, inode_of_fd[fd])->n = 0;
    }
    return fd;
}

SHOWN int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_recorded(path, flags, mode);
}

SHOWN int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open_recorded(path, flags, mode);
}

static int inode_at(int fd)
{
    return recording && fd >= 0 && fd < FDS_MAX ? inode_of_fd[fd] : 0;
}

static void record_write(int fd, const void *p, ssize_t n, off_t at)
{
    const int inode = inode_at(fd);
    if (inode <= 0 || n <= 0) {
        return;
    }
    struct op *op = record(WRITE, inode);
    op->at = (size_t)at;
    op->n = (size_t)n;
    op->bytes = malloc((size_t)n);
    if (op->bytes == NULL || op->at + op->n > FILE_BYTES) {
        abort();
    }
    memcpy(op->bytes, p, (size_t)n);
}

SHOWN ssize_t pwrite64(int fd, const void *p, size_t n, off_t at)
{
    const ssize_t r = libc.pwrite(fd, p, n, at);
    record_write(fd, p, r, at);
    return r;
}

SHOWN ssize_t write(int fd, const void *p, size_t n)
{
    const off_t at = inode_at(fd) > 0 ? lseek(fd, 0, SEEK_CUR) : 0;
    const ssize_t r = libc.write(fd, p, n);
    record_write(fd, p, r, at);
    return r;
}

static int sync_recorded(int fd, int (*sync_it)(int))
{
    const int r = sync_it(fd);
    const int inode = inode_at(fd);
    if (inode != 0) {
        (void)record(inode < 0 ? SYNC_DIR : SYNC, inode);
    }
    return r;
}

SHOWN int fsync(int fd)
{
    return sync_recorded(fd, libc.fsync);
}

SHOWN int fdatasync(int fd)
{
    return sync_recorded(fd, libc.fdatasync);
}

SHOWN int ftruncate64(int fd, off_t size)
{
    const int inode = inode_at(fd);
    if (inode > 0) {
        record(TRUNCATE, inode)->n = (size_t)size;
    }
    return libc.ftruncate(fd, size);
}

SHOWN int rename(const char *from, const char *to)
{
    const int r = libc.rename(from, to);
    const char *a = inside(from);
    const char *b = inside(to);
    if (r == 0 && a != NULL && b != NULL) {
        struct op *op = record(RENAME, 0);
        set_name(op->name, a);
        set_name(op->to, b);
        const int old = find_name(b);
        if (old >= 0) {
            names[old].inode = 0;
        }
        set_name(names[find_name(a)].name, b);
    }
    return r;
}

SHOWN int unlink(const char *path)
{
    const int r = libc.unlink(path);
    const char *name = inside(path);
    if (r == 0 && name != NULL) {
        set_name(record(UNLINK, 0)->name, name);
        names[find_name(name)].inode = 0;
    }
    return r;
}

/* --- the disk after the power failed --- */

struct file {
    uint8_t *bytes; /* FILE_BYTES of them */
    size_t n;
};
static struct file disk[INODES_MAX];
static struct {
    char name[NAME_BYTES];
    int inode;
} directory[INODES_MAX];

static int entry_of(const char *name)
{
    for (int i = 0; i < INODES_MAX; i++) {
        if (directory[i].inode != 0 && strcmp(directory[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

static void apply_name(const struct op *op)
{
    const int from = entry_of(op->name);
    if (op->kind == UNLINK || op->kind == RENAME) {
        const int to = op->kind == RENAME ? entry_of(op->to) : from;
        if (to >= 0) {
            directory[to].inode = 0;
        }
        if (op->kind == RENAME && from >= 0) {
            set_name(directory[from].name, op->to);
        }
        return;
    }
    for (int i = 0; i < INODES_MAX; i++) {
        if (directory[i].inode == 0) {
            directory[i].inode = op->inode;
            set_name(directory[i].name, op->name);
            return;
        }
    }
}

/* The first n bytes of a write. */
static void apply_data(const struct op *op, size_t n)
{
    struct file *f = &disk[op->inode];
    if (op->kind == TRUNCATE) {
        if (op->n > f->n) {
            memset(f->bytes + f->n, 0, op->n - f->n);
        }
        f->n = op->n;
        return;
    }
    if (op->at > f->n) {
        memset(f->bytes + f->n, 0, op->at - f->n);
    }
    memcpy(f->bytes + op->at, op->bytes, n);
    f->n = op->at + n > f->n ? op->at + n : f->n;
}

static bool is_name(const struct op *op)
{
    return op->kind == CREATE || op->kind == RENAME || op->kind == UNLINK;
}

static bool is_data(const struct op *op)
{
    return op->kind == WRITE || op->kind == TRUNCATE;
}

static uint32_t draw(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 16U;
}

/* What the failing power made of a call that was not synced. Variant 0: nothing; 1: all; others: some. */
static void leftover(const struct op *op, unsigned variant, uint32_t *seed, bool *names_go_on)
{
    const bool whole = variant == 1 || (variant > 1 && draw(seed) % 2 == 0);
    if (is_name(op)) {
        *names_go_on = *names_go_on && whole; /* a journal keeps the order of names */
        if (*names_go_on) {
            apply_name(op);
        }
    } else if (whole) {
        apply_data(op, op->n);
    } else if (variant > 3 && op->kind == WRITE && op->n > SECTOR) {
        apply_data(op, op->n / 2 / SECTOR * SECTOR);
    }
}

/* Is the call `at` made durable by a sync before call `end`? */
static bool is_synced(size_t at, size_t end)
{
    for (size_t i = at + 1; i < end; i++) {
        if (is_name(&ops[at]) ? ops[i].kind == SYNC_DIR : ops[i].kind == SYNC && ops[i].inode == ops[at].inode) {
            return true;
        }
    }
    return false;
}

static void make_disk(size_t end, unsigned variant)
{
    uint32_t seed = (uint32_t)(end * 31U + variant);
    bool names_go_on = true;
    for (int i = 0; i < INODES_MAX; i++) {
        disk[i].n = 0;
        directory[i].inode = 0;
    }
    for (size_t i = 0; i < end; i++) {
        const struct op *op = &ops[i];
        if (!is_name(op) && !is_data(op)) {
            continue;
        }
        if (!is_synced(i, end)) {
            leftover(op, variant, &seed, &names_go_on);
        } else if (is_name(op)) {
            apply_name(op);
        } else {
            apply_data(op, op->n);
        }
    }
}

static void put_disk(const struct bed *b)
{
    for (int i = 0; i < INODES_MAX; i++) {
        if (directory[i].inode != 0) {
            char path[sizeof(b->dir) + NAME_BYTES + 1];
            const struct file *f = &disk[directory[i].inode];
            (void)snprintf(path, sizeof(path), "%s/%.*s", b->dir, NAME_BYTES - 1, directory[i].name);
            bed_write_file(path, f->bytes, f->n);
        }
    }
}

static void remove_files(const struct bed *b)
{
    static const char *const files[] = {"log.db", "log.db-wal", "log.db-journal", "log.db.head", "log.db.head.new"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[96];
        (void)snprintf(path, sizeof(path), "%s/%s", b->dir, files[i]);
        (void)unlink(path);
    }
}

static void start_after(struct bed *b, size_t end, unsigned variant)
{
    const uint64_t must = end < op_count ? ops[end].acknowledged : acknowledged;
    struct store_verdict v = {0};
    make_disk(end, variant);
    put_disk(b);
    const struct cs_result r = bed_try_open(b, &v);
    if (r.code != CS_OK || v.condition != STORE_SOUND || v.at < must) {
        fail_msg("after call %zu (of kind %d), variant %u: %s %s; condition %u, %llu of %llu entries: %s", end,
                 end > 0 ? (int)ops[end - 1].kind : -1, variant, cs_code_name(r.code), r.msg, (unsigned)v.condition,
                 (unsigned long long)v.at, (unsigned long long)must, v.why != NULL ? v.why : "-");
    }
    bed_append(b, 1); /* and it goes on */
    bed_close(b);
    remove_files(b);
}

/* A life with enough in it: the making, batches, a blob, a restart in which the journal goes back into the database. */
static void work(struct bed *b)
{
    static const uint8_t blob[30000] = {1};
    struct sha256 name;
    bed_open(b, STORE_SOUND);
    for (unsigned i = 1; i <= 4; i++) {
        bed_append(b, i);
        acknowledged = store_size(b->s);
    }
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_blob(b->s, SPAN_OF(blob), &name).code, CS_OK);
    assert_int_equal(store_commit(b->s).code, CS_OK);
    bed_close(b);
    bed_open(b, STORE_SOUND);
    for (unsigned i = 1; i <= 3; i++) {
        bed_append(b, 2);
        acknowledged = store_size(b->s);
    }
    bed_close(b);
}

static void power_fails_between_any_two_calls(void **state)
{
    struct bed *b = *state;
    for (int i = 0; i < INODES_MAX; i++) {
        disk[i].bytes = malloc(FILE_BYTES);
        assert_non_null(disk[i].bytes);
    }
    watched = b->dir;
    recording = true;
    work(b);
    recording = false;
    remove_files(b);
    assert_true(op_count > 100 && acknowledged == 16);
    for (size_t end = 0; end <= op_count; end++) {
        for (unsigned variant = 0; variant < VARIANTS; variant++) {
            start_after(b, end, variant);
        }
    }
    print_message("%zu calls, %u disks\n", op_count, (unsigned)(op_count + 1) * VARIANTS);
    for (size_t i = 0; i < op_count; i++) {
        free(ops[i].bytes);
    }
    for (int i = 0; i < INODES_MAX; i++) {
        free(disk[i].bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(power_fails_between_any_two_calls, bed_make, bed_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
