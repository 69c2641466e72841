/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_sql.h"

#define TEXT(name, text) [name] = (text),
static const char *const texts[SQL_COUNT] = {STORE_STATEMENTS(TEXT)};
#undef TEXT

struct cs_result store_read_error(int rc, const char *what)
{
    switch (rc & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
        return CS_FAIL(CS_E_MISMATCH, what);
    case SQLITE_NOMEM:
        return CS_FAIL(CS_E_NOMEM, what);
    default:
        return CS_FAIL(CS_E_IO, what);
    }
}

struct cs_result store_write_error(struct store *s, const char *what)
{
    s->broken = true;
    return CS_FAIL(CS_E_IO, what);
}

CS_RESULT store_sql_prepare(struct store *s)
{
    for (unsigned i = 0; i < SQL_COUNT; i++) {
        const int rc = sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->sql[i], NULL);
        if (rc != SQLITE_OK) {
            return store_read_error(rc, "store.prepare");
        }
    }
    return CS_SUCCESS;
}

void store_sql_finalize(struct store *s)
{
    for (unsigned i = 0; i < SQL_COUNT; i++) {
        (void)sqlite3_finalize(s->sql[i]);
        s->sql[i] = NULL;
    }
}

struct store_use store_use(struct store *s, enum store_sql which)
{
    return (struct store_use){.s = s, .stmt = s->sql[which], .rc = SQLITE_OK};
}

void store_use_end(struct store_use *u)
{
    (void)sqlite3_reset(u->stmt);
    (void)sqlite3_clear_bindings(u->stmt);
}

void store_bind_u64(struct store_use *u, int at, uint64_t value)
{
    if (u->rc == SQLITE_OK) {
        u->rc = value <= INT64_MAX ? sqlite3_bind_int64(u->stmt, at, (sqlite3_int64)value) : SQLITE_RANGE;
    }
}

void store_bind_span(struct store_use *u, int at, struct span value)
{
    if (u->rc == SQLITE_OK) {
        const void *p = value.p != NULL ? (const void *)value.p : ""; /* NULL would bind NULL */
        u->rc = sqlite3_bind_blob64(u->stmt, at, p, value.left, SQLITE_STATIC);
    }
}

int store_step(struct store_use *u)
{
    if (u->rc != SQLITE_OK) {
        return u->rc;
    }
    const int rc = sqlite3_step(u->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        u->rc = rc;
    }
    return rc;
}

struct span store_column_span(const struct store_use *u, int at)
{
    const void *p = sqlite3_column_blob(u->stmt, at); /* before the length, as SQLite asks */
    const int n = sqlite3_column_bytes(u->stmt, at);
    return p != NULL ? span_make(p, (size_t)n) : SPAN_NONE;
}

bool store_column_u64(const struct store_use *u, int at, uint64_t *ret_value)
{
    const sqlite3_int64 v = sqlite3_column_int64(u->stmt, at);
    if (sqlite3_column_type(u->stmt, at) != SQLITE_INTEGER || v < 0) {
        return false;
    }
    *ret_value = (uint64_t)v;
    return true;
}
