/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/base_text.h"
#include "store_bed.h"

bool bed_init(struct bed *b)
{
    *b = (struct bed){.dir = "/dev/shm/cs-store-XXXXXX"}; /* memory: the sweeps start thousands of stores */
    if (mkdtemp(b->dir) == NULL) {
        *b = (struct bed){.dir = "/tmp/cs-store-XXXXXX"};
        if (mkdtemp(b->dir) == NULL) {
            return false;
        }
    }
    (void)snprintf(b->db, sizeof(b->db), "%s/log.db", b->dir);
    (void)snprintf(b->head, sizeof(b->head), "%s.head", b->db);
    (void)snprintf(b->wal, sizeof(b->wal), "%s-wal", b->db);
    return true;
}

void bed_clear(struct bed *b)
{
    static const char *const names[] = {"", "-wal", "-shm", "-journal", ".head", ".head.new", ".old"};
    bed_close(b);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[80];
        (void)snprintf(path, sizeof(path), "%s%s", b->db, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(b->dir);
}

int bed_make(void **state)
{
    static struct bed b;
    *state = &b;
    return bed_init(&b) ? 0 : -1;
}

int bed_drop(void **state)
{
    bed_clear(*state);
    return 0;
}

void bed_close(struct bed *b)
{
    store_close(b->s);
    b->s = NULL;
}

static struct cs_result read_note(void *ctx, struct span note, uint64_t *ret_size, struct sha256 *ret_root)
{
    struct reader r = rd_make(note);
    struct span size_text;
    struct span root_text;
    uint64_t size = 0;
    struct sha256 root;
    (void)ctx;
    TRY(rd_until(&r, ' ', &size_text, "note"));
    TRY(rd_until(&r, '\n', &root_text, "note"));
    TRY(rd_end(&r, "note"));
    TRY(text_dec_decode(size_text, &size, "note"));
    TRY(text_hex_decode(root_text, root.b, SHA256_BYTES, "note"));
    *ret_size = size;
    *ret_root = root;
    return CS_SUCCESS;
}

static struct cs_result see_entry(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    struct bed *b = ctx;
    const struct sha256 computed = merkle_leaf(leaf);
    ENSURE(!b->stops || idx != b->stop_at, CS_E_MISMATCH, "bed.stops");
    ENSURE(idx == b->entries_seen && sha256_eq(&computed, hash), CS_E_ORDER, "bed.unchecked");
    b->entries_seen++;
    return CS_SUCCESS;
}

struct cs_result bed_try_open(struct bed *b, struct store_verdict *ret_verdict)
{
    const struct store_visitor v = {.ctx = b, .checkpoint = read_note, .entry = see_entry};
    b->entries_seen = 0;
    TRY(store_open(b->db, &b->s));
    return store_verify(b->s, &v, &b->tree, ret_verdict);
}

void bed_open(struct bed *b, enum store_condition want)
{
    struct store_verdict v = {0};
    const struct cs_result r = bed_try_open(b, &v);
    if (r.code != CS_OK || v.condition != want) {
        fail_msg("%s %s; condition %u at %llu: %s", cs_code_name(r.code), r.msg, (unsigned)v.condition,
                 (unsigned long long)v.at, v.why != NULL ? v.why : "-");
    }
}

struct span bed_leaf(uint64_t idx, char buf[32])
{
    return span_make(buf, (size_t)snprintf(buf, 32, "entry-%llu", (unsigned long long)idx));
}

struct span bed_note(const struct bed *b, char buf[128])
{
    struct writer w = wr_fixed(buf, 128);
    const struct sha256 root = merkle_root(&b->tree);
    wr_dec(&w, b->tree.size);
    wr_text(&w, " ");
    wr_hex(&w, sha256_span(&root));
    wr_text(&w, "\n");
    return wr_span(&w);
}

struct cs_result bed_put(struct bed *b)
{
    char buf[32];
    const struct span leaf = bed_leaf(b->tree.size, buf);
    const struct sha256 hash = merkle_leaf(leaf);
    TRY(store_put_entry(b->s, b->tree.size, leaf, &hash));
    return merkle_append(&b->tree, &hash);
}

struct cs_result bed_batch(struct bed *b, unsigned n)
{
    char note[128];
    TRY(store_begin(b->s));
    for (unsigned i = 0; i < n; i++) {
        TRY(bed_put(b));
    }
    TRY(store_put_checkpoint(b->s, b->tree.size, bed_note(b, note), 1000));
    return store_commit(b->s);
}

void bed_append(struct bed *b, unsigned n)
{
    const struct cs_result r = bed_batch(b, n);
    if (r.code != CS_OK) {
        fail_msg("append: %s %s", cs_code_name(r.code), r.msg);
    }
}

static void must(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    }
}

void bed_tamper(const struct bed *b, const char *sql)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    char *drop[32];
    char *make[32];
    unsigned n = 0;

    assert_int_equal(sqlite3_open_v2(b->db, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT 'DROP TRIGGER ' || name, sql FROM sqlite_schema WHERE type='trigger'",
                                        -1, &stmt, NULL),
                     SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW && n < 32) {
        drop[n] = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 0));
        make[n] = sqlite3_mprintf("%s", sqlite3_column_text(stmt, 1));
        n++;
    }
    (void)sqlite3_finalize(stmt);
    assert_true(n > 10);
    for (unsigned i = 0; i < n; i++) {
        must(db, drop[i]);
    }
    must(db, sql);
    for (unsigned i = 0; i < n; i++) {
        must(db, make[i]);
        sqlite3_free(drop[i]);
        sqlite3_free(make[i]);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

int bed_sql(const struct bed *b, const char *sql)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(b->db, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    }
    (void)sqlite3_close(db);
    return rc;
}

size_t bed_read_file(const char *path, uint8_t *buf, size_t room)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t n = fd >= 0 ? read(fd, buf, room) : -1;
    if (fd >= 0) {
        (void)close(fd);
    }
    if (n < 0 || (size_t)n == room) {
        fail_msg("cannot read all of %s", path);
    }
    return n < 0 ? 0 : (size_t)n;
}

void bed_write_file(const char *path, const void *bytes, size_t n)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    assert_int_equal(close(fd), 0);
}
