/* SPDX-License-Identifier: Apache-2.0 */
/* The start: every way in which what is on disk is not what was acknowledged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "store_bed.h"

/* Each row starts from the same log: batches of 3, 1 and 4 entries, so checkpoints at 3, 4 and 8. */
static const struct row {
    const char *name;
    const char *sql;
    enum store_condition want;
    uint64_t at;
} rows[] = {
    {"nothing", "SELECT 1", STORE_SOUND, 8},
    {"one byte of a leaf", "UPDATE entry SET leaf = CAST('entry-X' AS BLOB) WHERE idx = 5", STORE_CORRUPT, 5},
    {"one byte of a hash", "UPDATE entry SET leaf_hash = zeroblob(32) WHERE idx = 0", STORE_CORRUPT, 0},
    {"leaf and hash of another entry",
     "UPDATE entry SET leaf = (SELECT leaf FROM entry WHERE idx = 1), "
     "leaf_hash = (SELECT leaf_hash FROM entry WHERE idx = 1) WHERE idx = 2",
     STORE_CORRUPT, 3},
    {"an entry is gone", "DELETE FROM entry WHERE idx = 4", STORE_CORRUPT, 4},
    {"the first entry is gone", "DELETE FROM entry WHERE idx = 0", STORE_CORRUPT, 0},
    {"the last entry is gone", "DELETE FROM entry WHERE idx = 7", STORE_BEHIND, 7},
    {"the last batch is gone", "DELETE FROM entry WHERE idx > 3; DELETE FROM checkpoint WHERE size = 8", STORE_BEHIND,
     4},
    {"everything is gone", "DELETE FROM entry; DELETE FROM checkpoint", STORE_BEHIND, 0},
    {"the last checkpoint is gone", "DELETE FROM checkpoint WHERE size = 8", STORE_CORRUPT, 4},
    {"an early checkpoint is gone", "DELETE FROM checkpoint WHERE size = 3", STORE_SOUND, 8},
    {"a note is garbage", "UPDATE checkpoint SET note = CAST('3 xx' AS BLOB) WHERE size = 3", STORE_CORRUPT, 3},
    {"a note under another size", "UPDATE checkpoint SET size = 2 WHERE size = 3", STORE_CORRUPT, 2},
    {"a note with another root",
     "UPDATE checkpoint SET note = CAST(replace(CAST(note AS TEXT), 'a', 'b') AS BLOB) WHERE size = 4", STORE_CORRUPT,
     4},
    {"an entry too many", "INSERT INTO entry SELECT 8, leaf, leaf_hash FROM entry WHERE idx = 7", STORE_CORRUPT, 8},
    {"a negative index", "UPDATE entry SET idx = -1 WHERE idx = 0", STORE_CORRUPT, 0},
};

static void make_log(struct bed *b)
{
    bed_open(b, STORE_SOUND);
    bed_append(b, 3);
    bed_append(b, 1);
    bed_append(b, 4);
    bed_close(b);
}

static void tampering(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bed b;
        struct store_verdict v = {0};
        assert_true(bed_init(&b));
        make_log(&b);
        bed_tamper(&b, rows[i].sql);
        const struct cs_result r = bed_try_open(&b, &v);
        if (r.code != CS_OK || v.condition != rows[i].want || v.at != rows[i].at) {
            fail_msg("%s: %s %s; condition %u at %llu: %s", rows[i].name, cs_code_name(r.code), r.msg,
                     (unsigned)v.condition, (unsigned long long)v.at, v.why != NULL ? v.why : "-");
        }
        const bool sound = v.condition == STORE_SOUND;
        assert_true(sound == (store_begin(b.s).code == CS_OK));
        assert_true(sound == (v.why[0] == '\0'));
        bed_clear(&b);
    }
}

static void the_head_file(void **state)
{
    struct bed *b = *state;
    static uint8_t head_now[256];
    static uint8_t head_before[256];
    static uint8_t long_head[STORE_NOTE_MAX_BYTES + 1];

    bed_open(b, STORE_SOUND);
    bed_append(b, 3);
    const size_t before = bed_read_file(b->head, head_before, sizeof(head_before));
    bed_append(b, 2);
    bed_append(b, 2);
    bed_close(b);
    const size_t now = bed_read_file(b->head, head_now, sizeof(head_now));

    /* an older head is what a crash after the commit leaves: it is brought up to date */
    bed_write_file(b->head, head_before, before);
    bed_open(b, STORE_SOUND);
    bed_close(b);
    static uint8_t head_after[256];
    assert_int_equal(bed_read_file(b->head, head_after, sizeof(head_after)), now);
    assert_memory_equal(head_after, head_now, now);

    assert_int_equal(unlink(b->head), 0);
    bed_open(b, STORE_BEHIND);
    assert_int_equal(store_size(b->s), 7); /* still there to be read */
    bed_close(b);
    assert_int_equal(access(b->head, F_OK), -1); /* and nothing is written over the trace */

    bed_write_file(b->head, "garbage", 7);
    bed_open(b, STORE_CORRUPT);
    bed_close(b);
    bed_write_file(b->head, long_head, sizeof(long_head));
    bed_open(b, STORE_CORRUPT);
    bed_close(b);
    head_now[now - 2] = head_now[now - 2] == '0' ? '1' : '0';
    bed_write_file(b->head, head_now, now);
    bed_open(b, STORE_CORRUPT);
    bed_close(b);
    head_now[0] = '8'; /* one entry more than there are */
    bed_write_file(b->head, head_now, now);
    bed_open(b, STORE_BEHIND);
    bed_close(b);
    head_now[0] = '0'; /* no checkpoint is of an empty tree */
    bed_write_file(b->head, head_now, now);
    bed_open(b, STORE_CORRUPT);
}

static void a_first_batch_may_lack_its_head(void **state)
{
    struct bed *b = *state;
    bed_open(b, STORE_SOUND);
    bed_append(b, 2);
    bed_close(b);
    assert_int_equal(unlink(b->head), 0);
    bed_open(b, STORE_SOUND);
    bed_close(b);
    assert_int_equal(access(b->head, F_OK), 0);
}

static void a_lost_database_is_not_a_new_one(void **state)
{
    struct bed *b = *state;
    make_log(b);
    assert_int_equal(unlink(b->db), 0);
    assert_int_equal(unlink(b->wal), 0);
    bed_open(b, STORE_BEHIND);
    assert_int_equal(store_begin(b->s).code, CS_E_STATE);
}

static void an_older_copy_is_behind(void **state)
{
    struct bed *b = *state;
    static uint8_t copy[1 << 20];
    bed_open(b, STORE_SOUND);
    bed_append(b, 3);
    bed_close(b);
    assert_int_equal(bed_sql(b, "PRAGMA wal_checkpoint(TRUNCATE)"), SQLITE_OK);
    const size_t n = bed_read_file(b->db, copy, sizeof(copy));
    bed_open(b, STORE_SOUND);
    bed_append(b, 3);
    bed_close(b);
    bed_write_file(b->db, copy, n);
    (void)unlink(b->wal);
    bed_open(b, STORE_BEHIND);
    assert_int_equal(store_size(b->s), 3);
}

static void the_visitors_error_is_returned(void **state)
{
    struct bed *b = *state;
    struct store_verdict v = {.why = "untouched"};
    make_log(b);
    b->stops = true;
    b->stop_at = 5;
    b->tree = (struct merkle_frontier){.size = 77};
    const struct cs_result r = bed_try_open(b, &v);
    assert_int_equal(r.code, CS_E_MISMATCH);
    assert_string_equal(r.msg, "bed.stops");
    assert_string_equal(v.why, "untouched");
    assert_int_equal(b->tree.size, 77);
    assert_int_equal(b->entries_seen, 5);
    assert_int_equal(store_begin(b->s).code, CS_E_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tampering),
        cmocka_unit_test_setup_teardown(the_head_file, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(a_first_batch_may_lack_its_head, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(a_lost_database_is_not_a_new_one, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(an_older_copy_is_behind, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(the_visitors_error_is_returned, bed_make, bed_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
