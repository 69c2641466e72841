/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the room only: the connection, its statements, and how SQLite's answers become ours. */
#ifndef STORE_SQL_H
#define STORE_SQL_H

#include <sqlite3.h>

#include "store/store.h"

/* Every statement the room ever runs after set-up; prepared once, in this order. */
#define STORE_STATEMENTS(X)                                                                                            \
    X(SQL_BEGIN, "BEGIN IMMEDIATE")                                                                                    \
    X(SQL_COMMIT, "COMMIT")                                                                                            \
    X(SQL_ROLLBACK, "ROLLBACK")                                                                                        \
    X(SQL_PUT_ENTRY, "INSERT INTO entry(idx, leaf, leaf_hash) VALUES(?1, ?2, ?3)")                                     \
    X(SQL_PUT_CHECKPOINT, "INSERT INTO checkpoint(size, note, made_at) VALUES(?1, ?2, ?3)")                            \
    X(SQL_PUT_BLOB, "INSERT INTO blob(sha256, data) VALUES(?1, ?2)")                                                   \
    X(SQL_PUT_COSIG, "INSERT INTO cosig(size, line) VALUES(?1, ?2)")                                                   \
    X(SQL_PUT_STAMP, "INSERT INTO stamp(size, token) VALUES(?1, ?2)")                                                  \
    X(SQL_ERASE_BLOB, "DELETE FROM blob WHERE sha256 = ?1")                                                            \
    X(SQL_SIZE, "SELECT coalesce(max(idx) + 1, 0) FROM entry")                                                         \
    X(SQL_ENTRIES, "SELECT idx, leaf, leaf_hash FROM entry WHERE idx >= ?1 ORDER BY idx")                              \
    X(SQL_ENTRY, "SELECT leaf FROM entry WHERE idx = ?1")                                                              \
    X(SQL_CHECKPOINTS, "SELECT size, note, made_at FROM checkpoint WHERE size > ?1 ORDER BY size")                     \
    X(SQL_LAST_CHECKPOINT, "SELECT size, note FROM checkpoint ORDER BY size DESC LIMIT 1")                             \
    X(SQL_HAS_CHECKPOINT, "SELECT 1 FROM checkpoint WHERE size = ?1")                                                  \
    X(SQL_COSIGS, "SELECT line FROM cosig WHERE size = ?1 ORDER BY line")                                              \
    X(SQL_STAMPS, "SELECT token FROM stamp WHERE size = ?1 ORDER BY token")                                            \
    X(SQL_BLOB, "SELECT data FROM blob WHERE sha256 = ?1")

#define STORE_SQL_ENUM(name, text) name,
enum store_sql { STORE_STATEMENTS(STORE_SQL_ENUM) SQL_COUNT };
#undef STORE_SQL_ENUM

enum { STORE_PATH_MAX_BYTES = 1000 };

/* What a batch holds between begin and commit. */
struct store_batch {
    bool open;
    bool has_note;
    bool erased;    /* a blob's bytes still stand in the journal */
    uint64_t first; /* size at begin */
    uint64_t noted; /* size of its checkpoint */
    struct writer note;
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *sql[SQL_COUNT];
    uint64_t size;
    uint64_t last_checkpoint;
    int wal_pages;
    bool verified;
    bool sealed;
    bool broken;
    bool flush_journal; /* an erased blob is in the journal: clear it before the next transaction */
    struct store_batch batch;
    char path[STORE_PATH_MAX_BYTES + 1];
};

/* Prepares all statements of the list. CS_E_MISMATCH or CS_E_NOMEM. */
CS_RESULT store_sql_prepare(struct store *s);
void store_sql_finalize(struct store *s);

/* One statement in use: bind, step, and it is reset when the scope ends. */
struct store_use {
    struct store *s;
    sqlite3_stmt *stmt;
    int rc; /* the first thing that went wrong, SQLITE_OK so far */
};
struct store_use store_use(struct store *s, enum store_sql which);
void store_use_end(struct store_use *u);
#define USE __attribute__((cleanup(store_use_end))) struct store_use

void store_bind_u64(struct store_use *u, int at, uint64_t value);
/* Borrowed until the use ends. */
void store_bind_span(struct store_use *u, int at, struct span value);
/* SQLITE_ROW, SQLITE_DONE, or an error code that stays in u->rc. */
int store_step(struct store_use *u);
struct span store_column_span(const struct store_use *u, int at);
/* False unless the column is a non-negative integer. */
bool store_column_u64(const struct store_use *u, int at, uint64_t *ret_value);

/* A read that failed: CS_E_MISMATCH for damage, CS_E_NOMEM, else CS_E_IO. */
struct cs_result store_read_error(int rc, const char *what);
/* A write that failed: the store is broken from now on. */
struct cs_result store_write_error(struct store *s, const char *what);

#endif
