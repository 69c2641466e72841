/* SPDX-License-Identifier: Apache-2.0 */
/* The journal cut at every length, and with every byte changed: what was acknowledged is all there, or the log is
 * behind or corrupt and refuses writes. Nothing else may come out, and never an entry that is not ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "store_bed.h"

enum { FILE_MAX_BYTES = 1 << 20, ACKNOWLEDGED = 6 };

struct copy {
    uint8_t bytes[FILE_MAX_BYTES];
    size_t n;
};
static struct copy db;
static struct copy wal;
static struct copy head;
static uint8_t changed[FILE_MAX_BYTES];

static void take(struct copy *c, const char *path)
{
    c->n = bed_read_file(path, c->bytes, sizeof(c->bytes));
}

static void prepare(struct bed *b)
{
    bed_open(b, STORE_SOUND);
    bed_append(b, 2);
    bed_append(b, 1);
    bed_append(b, 3);
    bed_close(b);
    take(&db, b->db);
    take(&wal, b->wal);
    take(&head, b->head);
    assert_true(wal.n > 40000); /* it is all in the journal, which makes this the hard case */
}

/* Puts the files back, with `n` bytes of `journal` (none: no file), and opens. */
static enum store_condition try(struct bed *b, const uint8_t *journal, size_t n, const char *what)
{
    struct store_verdict v = {0};
    bed_write_file(b->db, db.bytes, db.n);
    bed_write_file(b->head, head.bytes, head.n);
    (void)unlink(b->wal);
    if (journal != NULL) {
        bed_write_file(b->wal, journal, n);
    }
    const struct cs_result r = bed_try_open(b, &v);
    if (r.code == CS_E_TYPE || r.code == CS_E_MISMATCH || r.code == CS_E_UNKNOWN) {
        bed_close(b);
        return STORE_CORRUPT; /* not even opened */
    }
    if (r.code != CS_OK) {
        fail_msg("%s: %s %s", what, cs_code_name(r.code), r.msg);
    }
    const bool sound = v.condition == STORE_SOUND;
    if (sound && (v.at != ACKNOWLEDGED || store_size(b->s) != ACKNOWLEDGED)) {
        fail_msg("%s: sound with %llu entries", what, (unsigned long long)v.at);
    }
    assert_true(sound == (store_begin(b->s).code == CS_OK));
    bed_close(b);
    return v.condition;
}

static void cut(void **state)
{
    struct bed *b = *state;
    unsigned behind = 0;
    prepare(b);
    assert_int_equal(try(b, wal.bytes, wal.n, "whole"), STORE_SOUND);
    assert_int_equal(try(b, NULL, 0, "deleted"), STORE_BEHIND);
    for (size_t n = 0; n < wal.n; n += 61) {
        behind += try(b, wal.bytes, n, "cut") == STORE_BEHIND ? 1 : 0;
    }
    assert_true(behind > wal.n / 61 - 2);
    assert_int_equal(try(b, wal.bytes, wal.n - 1, "the last byte"), STORE_BEHIND);
}

static void flipped(void **state)
{
    struct bed *b = *state;
    unsigned sound = 0;
    unsigned tried = 0;
    prepare(b);
    for (size_t at = 0; at < wal.n; at += at < 100 ? 1 : 487) {
        memcpy(changed, wal.bytes, wal.n);
        changed[at] ^= 0x10;
        sound += try(b, changed, wal.n, "flipped") == STORE_SOUND ? 1 : 0;
        tried++;
    }
    /* the header's fields that SQLite does not use on reading (its own version of the counter) may pass; no frame may
     */
    assert_true(tried > 150 && sound < 8);
}

static void of_another_time(void **state)
{
    struct bed *b = *state;
    prepare(b);
    memcpy(changed, wal.bytes, wal.n);
    const size_t n = wal.n;
    /* the database of today with the journal of yesterday: its entries are in the database, the journal's are not newer
     */
    bed_write_file(b->db, db.bytes, db.n);
    bed_write_file(b->wal, wal.bytes, wal.n);
    bed_open(b, STORE_SOUND);
    bed_append(b, 1); /* begins by putting the old journal back into the database */
    bed_close(b);
    take(&db, b->db);
    take(&head, b->head);
    assert_int_equal(try(b, changed, n, "yesterday's journal"), STORE_BEHIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(cut, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(flipped, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(of_another_time, bed_make, bed_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
