/* SPDX-License-Identifier: Apache-2.0 */
/* What may stand at the path, and what the database itself refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/store_sql.h"
#include "store_bed.h"

static struct cs_result open_only(struct bed *b)
{
    struct store *s = NULL;
    const struct cs_result r = store_open(b->db, &s);
    assert_true((s != NULL) == (r.code == CS_OK));
    store_close(s);
    return r;
}

static void fresh_file_is_private(void **state)
{
    struct bed *b = *state;
    struct stat st;
    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    assert_int_equal(stat(b->db, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(b->wal, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(stat(b->head, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
}

static void settings_are_in_force(void **state)
{
    struct bed *b = *state;
    static const struct {
        const char *pragma;
        const char *want;
    } rows[] = {{"PRAGMA journal_mode", "wal"}, {"PRAGMA locking_mode", "exclusive"},
                {"PRAGMA synchronous", "2"},    {"PRAGMA page_size", "8192"},
                {"PRAGMA secure_delete", "1"},  {"PRAGMA recursive_triggers", "1"},
                {"PRAGMA trusted_schema", "0"}, {"PRAGMA wal_autocheckpoint", "0"}};
    bed_open(b, STORE_SOUND);
    (void)sqlite3_set_authorizer(b->s->db, NULL, NULL);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sqlite3_stmt *stmt = NULL;
        assert_int_equal(sqlite3_prepare_v2(b->s->db, rows[i].pragma, -1, &stmt, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        assert_string_equal(sqlite3_column_text(stmt, 0), rows[i].want);
        (void)sqlite3_finalize(stmt);
    }
    char shm[80];
    (void)snprintf(shm, sizeof(shm), "%s-shm", b->db);
    assert_int_equal(access(shm, F_OK), -1); /* one process: no shared memory file */
}

static void one_process_holds_it(void **state)
{
    struct bed *b = *state;
    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    assert_int_equal(open_only(b).code, CS_E_STATE);
    const pid_t pid = fork();
    if (pid == 0) {
        struct store *s = NULL;
        _exit(store_open(b->db, &s).code == CS_E_STATE ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    bed_append(b, 1); /* the attempts took nothing away */
    bed_close(b);
    assert_int_equal(open_only(b).code, CS_OK);
}

static void only_our_file(void **state)
{
    struct bed *b = *state;
    bed_write_file(b->db, "this is a text, longer than the head of any database file, and then some more of it", 84);
    assert_int_equal(open_only(b).code, CS_E_TYPE);
    assert_int_equal(unlink(b->db), 0);
    bed_write_file(b->db, "", 0);
    assert_int_equal(open_only(b).code, CS_OK); /* an empty file is one that was just made */
    assert_int_equal(unlink(b->db), 0);
    (void)unlink(b->wal);

    bed_write_file(b->db, "", 0);
    assert_int_equal(bed_sql(b, "CREATE TABLE entry(idx)"), SQLITE_OK);
    assert_int_equal(open_only(b).code, CS_E_TYPE);
    assert_int_equal(unlink(b->db), 0);
    (void)unlink(b->wal);

    assert_int_equal(mkdir(b->db, 0700), 0);
    assert_int_equal(open_only(b).code, CS_E_TYPE);
    assert_int_equal(rmdir(b->db), 0);
    assert_int_equal(symlink(b->head, b->db), 0);
    assert_int_equal(open_only(b).code, CS_E_TYPE);
    assert_int_equal(unlink(b->db), 0);
    assert_int_equal(mkfifo(b->db, 0600), 0);
    assert_int_equal(open_only(b).code, CS_E_TYPE);

    char path[STORE_PATH_MAX_BYTES + 2];
    memset(path, 'x', sizeof(path));
    path[sizeof(path) - 1] = '\0';
    struct store *s = NULL;
    assert_int_equal(store_open(path, &s).code, CS_E_RANGE);
    assert_int_equal(store_open("", &s).code, CS_E_RANGE);
    assert_int_equal(store_open("/nonexistent/log.db", &s).code, CS_E_IO);
    assert_null(s);
}

static void only_our_schema(void **state)
{
    struct bed *b = *state;
    static const struct {
        const char *sql;
        enum cs_code want;
    } rows[] = {
        {"PRAGMA user_version = 2", CS_E_UNKNOWN},
        {"PRAGMA user_version = 1", CS_OK},
        {"PRAGMA application_id = 7", CS_E_TYPE},
        {"PRAGMA application_id = 1129532487", CS_OK},
        {"CREATE TRIGGER spy AFTER INSERT ON entry BEGIN SELECT 1; END", CS_E_MISMATCH},
        {"DROP TRIGGER spy", CS_OK},
        {"CREATE VIEW v AS SELECT 1", CS_E_MISMATCH},
        {"DROP VIEW v", CS_OK},
        {"CREATE INDEX i ON entry(leaf)", CS_E_MISMATCH},
        {"DROP INDEX i", CS_OK},
        {"DROP TRIGGER entry_no_DELETE; CREATE TRIGGER entry_no_DELETE BEFORE DELETE ON entry BEGIN SELECT 1; END",
         CS_E_MISMATCH},
        {"DROP TRIGGER entry_no_DELETE", CS_E_MISMATCH},
    };
    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    bed_close(b);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(bed_sql(b, rows[i].sql), SQLITE_OK);
        const struct cs_result r = open_only(b);
        if (r.code != rows[i].want) {
            fail_msg("after %s: %s %s", rows[i].sql, cs_code_name(r.code), r.msg);
        }
    }
}

/* Somebody else's connection, without our authorizer: the triggers alone must hold. */
static void triggers_refuse(void **state)
{
    struct bed *b = *state;
    static const char *const statements[] = {
        "UPDATE entry SET leaf = x'00'",
        "DELETE FROM entry",
        "INSERT INTO entry VALUES(3, x'00', zeroblob(32))",
        "INSERT OR REPLACE INTO entry VALUES(0, x'00', zeroblob(32))",
        "INSERT OR REPLACE INTO entry VALUES(1, x'00', zeroblob(32))",
        "INSERT INTO entry VALUES(-1, x'00', zeroblob(32))",
        "INSERT INTO entry VALUES(NULL, x'00', zeroblob(32)); INSERT INTO entry VALUES(9, x'00', zeroblob(32))",
        "INSERT INTO entry VALUES(2, 'text', zeroblob(32))",
        "INSERT INTO entry VALUES(2, x'00', zeroblob(31))",
        "UPDATE checkpoint SET note = x'00'",
        "DELETE FROM checkpoint",
        "INSERT OR REPLACE INTO checkpoint VALUES(2, x'00', 1)",
        "INSERT INTO checkpoint VALUES(3, x'00', 1)",
        "INSERT INTO checkpoint VALUES(1, x'00', 1)",
        "UPDATE cosig SET line = x'00'",
        "DELETE FROM cosig",
        "INSERT OR REPLACE INTO cosig VALUES(2, CAST('one' AS BLOB))",
        "INSERT INTO cosig VALUES(7, x'00')",
        "UPDATE stamp SET token = x'00'",
        "DELETE FROM stamp",
        "INSERT OR REPLACE INTO stamp VALUES(2, CAST('token' AS BLOB))",
        "INSERT INTO stamp VALUES(7, x'00')",
        "UPDATE blob SET data = x'00'",
        "DELETE FROM blob",
        "INSERT OR REPLACE INTO blob SELECT sha256, x'00' FROM blob",
        "UPDATE meta SET value = 2",
        "DELETE FROM meta",
        "INSERT OR REPLACE INTO meta VALUES('schema', 2)",
        "INSERT INTO meta VALUES('x', 2)",
    };
    struct sha256 name;
    bed_open(b, STORE_SOUND);
    bed_append(b, 2);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_cosig(b->s, 2, SPAN_LIT("one")).code, CS_OK);
    assert_int_equal(store_put_stamp(b->s, 2, SPAN_LIT("token")).code, CS_OK);
    assert_int_equal(store_put_blob(b->s, SPAN_LIT("blob"), &name).code, CS_OK);
    assert_int_equal(store_commit(b->s).code, CS_OK);
    bed_close(b);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        const int rc = bed_sql(b, statements[i]);
        if (rc != SQLITE_CONSTRAINT) {
            fail_msg("%s: %d", statements[i], rc);
        }
    }
}

/* Our own connection can do nothing but what its statements do. */
static void authorizer_refuses(void **state)
{
    struct bed *b = *state;
    static const char *const statements[] = {
        "DELETE FROM entry",
        "UPDATE entry SET leaf = x'00'",
        "DELETE FROM checkpoint",
        "INSERT INTO meta VALUES('x', 1)",
        "DROP TRIGGER entry_next",
        "CREATE TABLE t(x)",
        "CREATE TEMP TABLE t(x)",
        "CREATE TEMP TRIGGER t AFTER INSERT ON entry BEGIN SELECT 1; END",
        "ALTER TABLE entry RENAME TO e",
        "ATTACH ':memory:' AS m",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "SELECT load_extension('x')",
        "SELECT sql FROM sqlite_schema",
        "VACUUM",
        "REINDEX",
    };
    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        sqlite3_stmt *stmt = NULL;
        const int prepared = sqlite3_prepare_v2(b->s->db, statements[i], -1, &stmt, NULL);
        const int rc = prepared == SQLITE_OK ? sqlite3_step(stmt) : prepared;
        (void)sqlite3_finalize(stmt);
        if ((rc & 0xff) != SQLITE_AUTH && (rc & 0xff) != SQLITE_ERROR) {
            fail_msg("%s: %d", statements[i], rc);
        }
    }
}

static void blobs(void **state)
{
    struct bed *b = *state;
    static const char secret[] = "a name and an address that must be forgotten";
    static uint8_t file[1 << 20];
    struct sha256 name;
    struct sha256 again;
    char leaf[200];
    AUTO_WRITER w = wr_heap(4096);

    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_blob(b->s, SPAN_LIT(secret), &name).code, CS_OK);
    assert_int_equal(store_put_blob(b->s, SPAN_LIT(secret), &again).code, CS_OK); /* once */
    assert_true(sha256_eq(&name, &again));
    assert_int_equal(store_put_blob(b->s, SPAN_NONE, &again).code, CS_OK);
    assert_int_equal(store_commit(b->s).code, CS_OK);
    assert_int_equal(store_blob(b->s, &name, &w).code, CS_OK);
    assert_true(span_is(wr_span(&w), secret));
    assert_int_equal(store_blob(b->s, &again, &w).code, CS_OK); /* the empty one */

    /* the erase entry that names it, then the blob, in one batch */
    struct writer text = wr_fixed(leaf, sizeof(leaf));
    wr_text(&text, "{\"body\":{\"sha256\":\"");
    wr_hex(&text, sha256_span(&name));
    wr_text(&text, "\"},\"type\":\"erase\"}");
    const struct sha256 hash = merkle_leaf(wr_span(&text));
    char note[128];
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_entry(b->s, 1, wr_span(&text), &hash).code, CS_OK);
    assert_int_equal(store_erase_blob(b->s, &name).code, CS_OK);
    assert_int_equal(store_erase_blob(b->s, &name).code, CS_E_MISSING);
    assert_int_equal(merkle_append(&b->tree, &hash).code, CS_OK);
    assert_int_equal(store_put_checkpoint(b->s, 2, bed_note(b, note), 1).code, CS_OK);
    assert_int_equal(store_commit(b->s).code, CS_OK);
    assert_int_equal(store_blob(b->s, &name, &w).code, CS_E_MISSING);

    assert_int_equal(store_begin(b->s).code, CS_OK); /* the journal goes, too */
    assert_int_equal(store_rollback(b->s).code, CS_OK);
    size_t n = bed_read_file(b->db, file, sizeof(file));
    assert_null(memmem(file, n, secret, sizeof(secret) - 1));
    assert_non_null(memmem(file, n, "\"type\":\"erase\"", 14));
    n = bed_read_file(b->wal, file, sizeof(file));
    assert_null(memmem(file, n, secret, sizeof(secret) - 1));
}

static void erasing_without_the_entry_breaks(void **state)
{
    struct bed *b = *state;
    struct sha256 name;
    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_blob(b->s, SPAN_LIT("kept"), &name).code, CS_OK);
    assert_int_equal(store_erase_blob(b->s, &name).code, CS_E_IO);
    assert_int_equal(store_commit(b->s).code, CS_E_STATE);
    assert_int_equal(store_begin(b->s).code, CS_E_STATE);
}

static void a_changed_blob_is_told(void **state)
{
    struct bed *b = *state;
    struct sha256 name;
    AUTO_WRITER w = wr_heap(4096);
    bed_open(b, STORE_SOUND);
    bed_append(b, 1);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_blob(b->s, SPAN_LIT("blob"), &name).code, CS_OK);
    assert_int_equal(store_commit(b->s).code, CS_OK);
    bed_close(b);
    bed_tamper(b, "UPDATE blob SET data = CAST('bl0b' AS BLOB)");
    bed_open(b, STORE_SOUND);
    assert_int_equal(store_blob(b->s, &name, &w).code, CS_E_MISMATCH);
    assert_int_equal(w.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fresh_file_is_private, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(settings_are_in_force, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(one_process_holds_it, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(only_our_file, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(only_our_schema, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(triggers_refuse, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(authorizer_refuses, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(blobs, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(erasing_without_the_entry_breaks, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(a_changed_blob_is_told, bed_make, bed_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
