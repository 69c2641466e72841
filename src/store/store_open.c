/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store_head.h"
#include "store/store_schema.h"
#include "store/store_sql.h"

/* SQLite would make the file with the umask's mode, and would follow a link. */
static CS_RESULT touch_file(const char *path)
{
    struct stat st;
    const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    ENSURE(fd >= 0, errno == ELOOP || errno == EISDIR ? CS_E_TYPE : CS_E_IO, "store.path");
    const bool plain = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    (void)close(fd); /* before SQLite opens it: closing would drop its locks */
    ENSURE(plain, CS_E_TYPE, "store.path");
    return CS_SUCCESS;
}

static CS_RESULT open_error(int rc, const char *what)
{
    switch (rc & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return CS_FAIL(CS_E_STATE, "store.held");
    case SQLITE_NOTADB:
        return CS_FAIL(CS_E_TYPE, "store.application_id");
    default:
        return store_read_error(rc, what);
    }
}

static CS_RESULT set(sqlite3 *db, const char *pragma)
{
    const int rc = sqlite3_exec(db, pragma, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CS_SUCCESS : open_error(rc, "store.pragma");
}

static CS_RESULT switch_to_wal(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    const unsigned char *mode = rc == SQLITE_ROW ? sqlite3_column_text(stmt, 0) : NULL;
    const bool is_wal = mode != NULL && strcmp((const char *)mode, "wal") == 0;
    (void)sqlite3_finalize(stmt);
    if (rc != SQLITE_ROW) {
        return open_error(rc, "store.wal");
    }
    ENSURE(is_wal, CS_E_IO, "store.wal");
    return CS_SUCCESS;
}

/* The order matters: an exclusive lock taken before WAL is entered needs no shared memory, and allows one connection.
 */
static CS_RESULT configure(sqlite3 *db)
{
    ENSURE(sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL) == SQLITE_OK &&
               sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL) == SQLITE_OK &&
               sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL) == SQLITE_OK &&
               sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL) == SQLITE_OK &&
               sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL) == SQLITE_OK &&
               sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) == SQLITE_OK,
           CS_E_IO, "store.config");
    (void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    (void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, STORE_BLOB_MAX_BYTES + STORE_PAGE_BYTES);
    TRY(set(db, "PRAGMA page_size = 8192; PRAGMA locking_mode = EXCLUSIVE"));
    TRY(switch_to_wal(db));
    TRY(set(db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA secure_delete = ON;"
                "PRAGMA recursive_triggers = ON; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
                "PRAGMA mmap_size = 2147418112"));
    return set(db, "BEGIN IMMEDIATE; COMMIT"); /* takes the lock now, not at the first write */
}

static CS_RESULT read_state(struct store *s)
{
    USE size = store_use(s, SQL_SIZE);
    int rc = store_step(&size);
    if (rc != SQLITE_ROW) {
        return store_read_error(rc, "store.size");
    }
    ENSURE(store_column_u64(&size, 0, &s->size), CS_E_MISMATCH, "store.size");

    USE last = store_use(s, SQL_LAST_CHECKPOINT);
    rc = store_step(&last);
    if (rc == SQLITE_ROW) {
        ENSURE(store_column_u64(&last, 0, &s->last_checkpoint), CS_E_MISMATCH, "store.checkpoint");
        return CS_SUCCESS;
    }
    return rc == SQLITE_DONE ? CS_SUCCESS : store_read_error(rc, "store.checkpoint");
}

static int on_wal(void *ctx, sqlite3 *db, const char *name, int pages)
{
    struct store *s = ctx;
    (void)db;
    (void)name;
    s->wal_pages = pages;
    return SQLITE_OK;
}

static CS_RESULT set_up(struct store *s)
{
    bool absent = false;

    TRY(configure(s->db));
    TRY(store_schema_is_absent(s->db, &absent));
    if (absent) {
        TRY(store_schema_create(s->db)); /* the file's own name is durable with the first commit's head file */
    }
    TRY(store_schema_check(s->db));
    store_schema_lock(s->db);
    (void)sqlite3_wal_hook(s->db, on_wal, s);
    TRY(store_sql_prepare(s));
    return read_state(s);
}

CS_RESULT store_open(const char *path, struct store **ret_store)
{
    const size_t n = strlen(path);
    ENSURE(n >= 1 && n + STORE_HEAD_SUFFIX_BYTES <= STORE_PATH_MAX_BYTES, CS_E_RANGE, "store.path");
    TRY(touch_file(path));

    AUTO_STORE *s = calloc(1, sizeof(*s));
    ENSURE(s != NULL, CS_E_NOMEM, "store");
    memcpy(s->path, path, n + 1);
    s->flush_journal = true; /* an erased blob may stand in the journal that the last run left */
    const int rc =
        sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK) {
        return open_error(rc, "store.open");
    }
    TRY(set_up(s));
    *ret_store = s;
    s = NULL;
    return CS_SUCCESS;
}

void store_close(struct store *s)
{
    if (s == NULL) {
        return;
    }
    store_sql_finalize(s);
    (void)sqlite3_close(s->db);
    wr_release(&s->batch.note);
    free(s);
}

uint64_t store_size(const struct store *s)
{
    return s->size;
}

void store_seal(struct store *s)
{
    s->sealed = true;
}
