/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store_schema.h"

#define REFUSE(table, event)                                                                                           \
    {                                                                                                                  \
        table "_no_" event, "CREATE TRIGGER " table "_no_" event " BEFORE " event " ON " table                         \
                            " BEGIN SELECT RAISE(ABORT, '" table " is append-only'); END"                              \
    }

/* SQLite keeps the text of each object as it was given, so the same list makes the database and checks it. */
static const struct object {
    const char *name;
    const char *sql;
} objects[] = {
    {"meta", "CREATE TABLE meta(key TEXT PRIMARY KEY NOT NULL, value ANY NOT NULL) STRICT, WITHOUT ROWID"},
    {"entry", "CREATE TABLE entry(idx INTEGER PRIMARY KEY NOT NULL, "
              "leaf BLOB NOT NULL CHECK(length(leaf) BETWEEN 1 AND 32768), "
              "leaf_hash BLOB NOT NULL CHECK(length(leaf_hash) = 32)) STRICT"},
    {"checkpoint", "CREATE TABLE checkpoint(size INTEGER PRIMARY KEY NOT NULL, note BLOB NOT NULL, "
                   "made_at INTEGER NOT NULL) STRICT"},
    {"cosig",
     "CREATE TABLE cosig(size INTEGER NOT NULL, line BLOB NOT NULL, PRIMARY KEY(size, line)) STRICT, WITHOUT ROWID"},
    {"stamp",
     "CREATE TABLE stamp(size INTEGER NOT NULL, token BLOB NOT NULL, PRIMARY KEY(size, token)) STRICT, WITHOUT ROWID"},
    {"blob",
     "CREATE TABLE blob(sha256 BLOB PRIMARY KEY NOT NULL CHECK(length(sha256) = 32), data BLOB NOT NULL) STRICT"},

    REFUSE("meta", "UPDATE"),
    REFUSE("meta", "DELETE"),
    REFUSE("entry", "UPDATE"),
    REFUSE("entry", "DELETE"),
    REFUSE("checkpoint", "UPDATE"),
    REFUSE("checkpoint", "DELETE"),
    REFUSE("cosig", "UPDATE"),
    REFUSE("cosig", "DELETE"),
    REFUSE("stamp", "UPDATE"),
    REFUSE("stamp", "DELETE"),
    REFUSE("blob", "UPDATE"),
    /* INSERT OR REPLACE would get past the triggers above */
    {"entry_next", "CREATE TRIGGER entry_next BEFORE INSERT ON entry "
                   "WHEN NEW.idx IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM entry) "
                   "BEGIN SELECT RAISE(ABORT, 'entry: not the next index'); END"},
    {"checkpoint_next", "CREATE TRIGGER checkpoint_next BEFORE INSERT ON checkpoint "
                        "WHEN NEW.size <= (SELECT coalesce(max(size), 0) FROM checkpoint) "
                        "OR NEW.size IS NOT (SELECT coalesce(max(idx) + 1, 0) FROM entry) "
                        "BEGIN SELECT RAISE(ABORT, 'checkpoint: not of this tree'); END"},
    {"cosig_new", "CREATE TRIGGER cosig_new BEFORE INSERT ON cosig "
                  "WHEN NOT EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size) "
                  "OR EXISTS (SELECT 1 FROM cosig WHERE size = NEW.size AND line = NEW.line) "
                  "BEGIN SELECT RAISE(ABORT, 'cosig: not new'); END"},
    {"stamp_new", "CREATE TRIGGER stamp_new BEFORE INSERT ON stamp "
                  "WHEN NOT EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size) "
                  "OR EXISTS (SELECT 1 FROM stamp WHERE size = NEW.size AND token = NEW.token) "
                  "BEGIN SELECT RAISE(ABORT, 'stamp: not new'); END"},
    {"blob_new", "CREATE TRIGGER blob_new BEFORE INSERT ON blob "
                 "WHEN EXISTS (SELECT 1 FROM blob WHERE sha256 = NEW.sha256) "
                 "BEGIN SELECT RAISE(ABORT, 'blob: not new'); END"},
    /* the only deletion anywhere: right after the entry that says so */
    {"blob_erase", "CREATE TRIGGER blob_erase BEFORE DELETE ON blob "
                   "WHEN (SELECT instr(leaf, CAST('\"type\":\"erase\"' AS BLOB)) > 0 "
                   "AND instr(leaf, CAST(lower(hex(OLD.sha256)) AS BLOB)) > 0 "
                   "FROM entry ORDER BY idx DESC LIMIT 1) IS NOT 1 "
                   "BEGIN SELECT RAISE(ABORT, 'blob: no erase entry names it'); END"},
    {"meta_closed", "CREATE TRIGGER meta_closed BEFORE INSERT ON meta "
                    "BEGIN SELECT RAISE(ABORT, 'meta is closed'); END"},
};

_Static_assert(STORE_APPLICATION_ID == 1129532487 && STORE_SCHEMA_VERSION == 1, "the two numbers in create_objects");

enum { OBJECT_COUNT = sizeof(objects) / sizeof(objects[0]), META_CLOSED = OBJECT_COUNT - 1 };

static CS_RESULT run(sqlite3 *db, const char *sql)
{
    const int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? CS_SUCCESS : store_read_error(rc, "store.create");
}

static CS_RESULT create_objects(sqlite3 *db)
{
    for (unsigned i = 0; i < META_CLOSED; i++) {
        TRY(run(db, objects[i].sql));
    }
    TRY(run(db, "INSERT INTO meta(key, value) VALUES('schema', 1)"));
    TRY(run(db, objects[META_CLOSED].sql)); /* the last one, because it shuts the table that was just filled */
    /* in the same transaction, so that a file is ours wholly or not at all: CSLG, version 1 */
    return run(db, "PRAGMA application_id = 1129532487; PRAGMA user_version = 1");
}

CS_RESULT store_schema_create(sqlite3 *db)
{
    TRY(run(db, "BEGIN IMMEDIATE"));
    TRY(create_objects(db)); /* closing the connection rolls back */
    return run(db, "COMMIT");
}

/* The one integer that `sql` selects. */
static CS_RESULT ask_int(sqlite3 *db, const char *sql, int64_t *ret_value)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    const int64_t value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    (void)sqlite3_finalize(stmt);
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE ? CS_FAIL(CS_E_MISMATCH, "store.schema") : store_read_error(rc, "store.schema");
    }
    *ret_value = value;
    return CS_SUCCESS;
}

static const char *sql_of(const char *name)
{
    for (unsigned i = 0; i < OBJECT_COUNT; i++) {
        if (strcmp(objects[i].name, name) == 0) {
            return objects[i].sql;
        }
    }
    return NULL;
}

/* Every object is one of ours, word for word; SQLite's own index of blob's key has no text. */
static CS_RESULT check_object(sqlite3_stmt *row, unsigned *count)
{
    const unsigned char *name = sqlite3_column_text(row, 0);
    const unsigned char *sql = sqlite3_column_text(row, 1);

    ENSURE(name != NULL, CS_E_MISMATCH, "store.schema");
    if (sql == NULL) {
        ENSURE(strncmp((const char *)name, "sqlite_autoindex_", 17) == 0, CS_E_MISMATCH, "store.schema");
        return CS_SUCCESS;
    }
    const char *ours = sql_of((const char *)name);
    ENSURE(ours != NULL && strcmp(ours, (const char *)sql) == 0, CS_E_MISMATCH, "store.schema");
    (*count)++;
    return CS_SUCCESS;
}

static CS_RESULT check_objects(sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    unsigned count = 0;
    struct cs_result r = CS_SUCCESS;
    int rc = sqlite3_prepare_v2(db, "SELECT name, sql FROM sqlite_schema", -1, &stmt, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    while (rc == SQLITE_ROW && r.code == CS_OK) {
        r = check_object(stmt, &count);
        rc = sqlite3_step(stmt);
    }
    (void)sqlite3_finalize(stmt);
    TRY(r);
    if (rc != SQLITE_DONE) {
        return store_read_error(rc, "store.schema");
    }
    ENSURE(count == OBJECT_COUNT, CS_E_MISMATCH, "store.schema");
    return CS_SUCCESS;
}

CS_RESULT store_schema_is_absent(sqlite3 *db, bool *ret_absent)
{
    int64_t objects_there = 0;
    int64_t id = 0;
    TRY(ask_int(db, "SELECT count(*) FROM sqlite_schema", &objects_there));
    TRY(ask_int(db, "PRAGMA application_id", &id));
    *ret_absent = objects_there == 0 && id == 0;
    return CS_SUCCESS;
}

CS_RESULT store_schema_check(sqlite3 *db)
{
    int64_t value = 0;
    TRY(ask_int(db, "PRAGMA application_id", &value));
    ENSURE(value == STORE_APPLICATION_ID, CS_E_TYPE, "store.application_id");
    TRY(ask_int(db, "PRAGMA user_version", &value));
    ENSURE(value == STORE_SCHEMA_VERSION, CS_E_UNKNOWN, "store.version");
    TRY(check_objects(db));
    TRY(ask_int(db, "SELECT value FROM meta WHERE key = 'schema'", &value));
    ENSURE(value == STORE_SCHEMA_VERSION, CS_E_UNKNOWN, "store.version");
    return CS_SUCCESS;
}

static bool is_one_of(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; word != NULL && i < count; i++) {
        if (strcmp(word, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool table_takes_inserts(const char *table)
{
    static const char *const tables[] = {"entry", "checkpoint", "cosig", "stamp", "blob"};
    return is_one_of(table, tables, sizeof(tables) / sizeof(tables[0]));
}

static bool function_is_used(const char *name)
{
    static const char *const functions[] = {"coalesce", "max", "instr", "lower", "hex", "length"};
    return is_one_of(name, functions, sizeof(functions) / sizeof(functions[0]));
}

static int authorize(void *ctx, int action, const char *a, const char *b, const char *database, const char *trigger)
{
    bool may = false;

    (void)ctx;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_TRANSACTION:
        may = true;
        break;
    case SQLITE_READ:
    case SQLITE_INSERT:
        may = table_takes_inserts(a);
        break;
    case SQLITE_DELETE:
        may = is_one_of(a, (const char *const[]){"blob"}, 1);
        break;
    case SQLITE_FUNCTION:
        may = function_is_used(b);
        break;
    default:
        break;
    }
    return may ? SQLITE_OK : SQLITE_DENY;
}

void store_schema_lock(sqlite3 *db)
{
    (void)sqlite3_set_authorizer(db, authorize, NULL); /* cannot fail */
}
