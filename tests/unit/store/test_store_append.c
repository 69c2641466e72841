/* SPDX-License-Identifier: Apache-2.0 */
/* Writing and reading, in order and out of order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "store_bed.h"

static void what_goes_in_comes_out(void **state)
{
    struct bed *b = *state;
    char buf[32];
    char note[128];
    uint64_t size = 0;
    AUTO_WRITER w = wr_heap(4096);

    bed_open(b, STORE_SOUND);
    assert_int_equal(store_size(b->s), 0);
    assert_int_equal(store_last_checkpoint(b->s, &size, &w).code, CS_E_MISSING);
    bed_append(b, 3);
    bed_append(b, 1);
    assert_int_equal(store_size(b->s), 4);
    bed_close(b);
    bed_open(b, STORE_SOUND);
    assert_int_equal(b->entries_seen, 4);
    assert_int_equal(b->tree.size, 4);

    assert_int_equal(store_entry(b->s, 2, &w).code, CS_OK);
    assert_true(span_eq(wr_span(&w), bed_leaf(2, buf)));
    assert_int_equal(store_entry(b->s, 4, &w).code, CS_E_MISSING);
    assert_int_equal(store_entry(b->s, UINT64_MAX, &w).code, CS_E_IO);

    w.len = 0;
    assert_int_equal(store_last_checkpoint(b->s, &size, &w).code, CS_OK);
    assert_int_equal(size, 4);
    assert_true(span_eq(wr_span(&w), bed_note(b, note)));
    w.len = 0;
    assert_int_equal(store_checkpoint_after(b->s, 2, &size, &w).code, CS_OK);
    assert_int_equal(size, 3);
    assert_int_equal(store_checkpoint_after(b->s, 4, &size, &w).code, CS_E_MISSING);
    assert_int_equal(size, 3);
}

struct seen {
    uint64_t first;
    uint64_t count;
    uint64_t stop_at;
};

static struct cs_result count_entry(void *ctx, uint64_t idx, struct span leaf, const struct sha256 *hash)
{
    struct seen *seen = ctx;
    char buf[32];
    const struct sha256 h = merkle_leaf(leaf);
    assert_int_equal(idx, seen->first + seen->count);
    assert_true(span_eq(leaf, bed_leaf(idx, buf)));
    assert_true(sha256_eq(&h, hash));
    ENSURE(idx != seen->stop_at, CS_E_CANCELLED, "test");
    seen->count++;
    return CS_SUCCESS;
}

static struct cs_result count_checkpoint(void *ctx, uint64_t size, struct span note, uint64_t made_at_ms)
{
    uint64_t *sum = ctx;
    assert_true(note.left > 64);
    assert_int_equal(made_at_ms, 1000);
    *sum = *sum * 100 + size;
    return CS_SUCCESS;
}

static void ranges(void **state)
{
    struct bed *b = *state;
    uint64_t sizes = 0;
    static const struct {
        uint64_t first;
        uint64_t count;
        uint64_t stop_at;
        uint64_t want;
        enum cs_code code;
    } rows[] = {
        {0, UINT64_MAX, 99, 9, CS_OK}, {4, 3, 99, 3, CS_OK}, {8, 5, 99, 1, CS_OK},
        {9, 5, 99, 0, CS_OK},          {0, 0, 99, 0, CS_OK}, {0, 9, 4, 4, CS_E_CANCELLED},
    };

    bed_open(b, STORE_SOUND);
    bed_append(b, 4);
    bed_append(b, 5);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct seen seen = {.first = rows[i].first, .stop_at = rows[i].stop_at};
        assert_int_equal(store_each_entry(b->s, rows[i].first, rows[i].count, count_entry, &seen).code, rows[i].code);
        assert_int_equal(seen.count, rows[i].want);
    }
    assert_int_equal(store_each_checkpoint(b->s, 0, count_checkpoint, &sizes).code, CS_OK);
    assert_int_equal(sizes, 409);
    sizes = 0;
    assert_int_equal(store_each_checkpoint(b->s, 4, count_checkpoint, &sizes).code, CS_OK);
    assert_int_equal(sizes, 9);
    bed_append(b, 1); /* a stopped walk holds nothing back */
}

static void only_in_order(void **state)
{
    struct bed *b = *state;
    static const uint8_t big[STORE_LEAF_MAX_BYTES + 1] = {'x'};
    const struct sha256 hash = {{0}};
    struct sha256 name;

    assert_int_equal(store_open(b->db, &b->s).code, CS_OK);
    assert_int_equal(store_begin(b->s).code, CS_E_STATE); /* not verified */
    bed_close(b);
    bed_open(b, STORE_SOUND);
    assert_int_equal(store_put_entry(b->s, 0, SPAN_LIT("a"), &hash).code, CS_E_STATE);
    assert_int_equal(store_put_blob(b->s, SPAN_LIT("a"), &name).code, CS_E_STATE);
    assert_int_equal(store_commit(b->s).code, CS_E_STATE);
    assert_int_equal(store_rollback(b->s).code, CS_E_STATE);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_begin(b->s).code, CS_E_STATE);
    assert_int_equal(store_put_entry(b->s, 1, SPAN_LIT("a"), &hash).code, CS_E_ORDER);
    assert_int_equal(store_put_entry(b->s, 0, SPAN_NONE, &hash).code, CS_E_RANGE);
    assert_int_equal(store_put_entry(b->s, 0, SPAN_OF(big), &hash).code, CS_E_RANGE);
    assert_int_equal(store_put_checkpoint(b->s, 0, SPAN_LIT("n"), 1).code, CS_E_ORDER);
    assert_int_equal(store_put_entry(b->s, 0, span_make(big, STORE_LEAF_MAX_BYTES), &hash).code, CS_OK);
    assert_int_equal(store_put_checkpoint(b->s, 2, SPAN_LIT("n"), 1).code, CS_E_ORDER);
    assert_int_equal(store_put_checkpoint(b->s, 1, SPAN_NONE, 1).code, CS_E_RANGE);
    assert_int_equal(store_commit(b->s).code, CS_E_STATE); /* an entry that nothing covers */
    assert_int_equal(store_put_checkpoint(b->s, 1, SPAN_LIT("n"), 1).code, CS_OK);
    assert_int_equal(store_put_checkpoint(b->s, 1, SPAN_LIT("n"), 1).code, CS_E_ORDER);
    assert_int_equal(store_put_entry(b->s, 1, SPAN_LIT("a"), &hash).code, CS_OK);
    assert_int_equal(store_commit(b->s).code, CS_E_STATE); /* the note covers one of two */
    assert_int_equal(store_rollback(b->s).code, CS_OK);
    assert_int_equal(store_size(b->s), 0);
    bed_append(b, 2); /* none of these mistakes broke it */
}

static void a_rolled_back_batch_never_was(void **state)
{
    struct bed *b = *state;
    bed_open(b, STORE_SOUND);
    bed_append(b, 2);
    const struct merkle_frontier before = b->tree;
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(bed_put(b).code, CS_OK);
    assert_int_equal(store_size(b->s), 3);
    assert_int_equal(store_rollback(b->s).code, CS_OK);
    b->tree = before;
    assert_int_equal(store_size(b->s), 2);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(bed_put(b).code, CS_OK);
    bed_close(b); /* and so does one that is left open */
    bed_open(b, STORE_SOUND);
    assert_int_equal(store_size(b->s), 2);
    bed_append(b, 1);
}

static void sealed_reads_but_never_writes(void **state)
{
    struct bed *b = *state;
    AUTO_WRITER w = wr_heap(4096);
    bed_open(b, STORE_SOUND);
    bed_append(b, 2);
    store_seal(b->s);
    assert_int_equal(store_begin(b->s).code, CS_E_STATE);
    assert_int_equal(store_entry(b->s, 1, &w).code, CS_OK);
}

static struct cs_result count_item(void *ctx, struct span item)
{
    unsigned *n = ctx;
    *n = *n * 10 + (unsigned)item.left;
    return CS_SUCCESS;
}

static void cosignatures_and_stamps(void **state)
{
    struct bed *b = *state;
    unsigned n = 0;
    bed_open(b, STORE_SOUND);
    bed_append(b, 2);
    assert_int_equal(store_put_cosig(b->s, 2, SPAN_LIT("one")).code, CS_E_STATE);
    assert_int_equal(store_begin(b->s).code, CS_OK);
    assert_int_equal(store_put_cosig(b->s, 1, SPAN_LIT("one")).code, CS_E_MISSING);
    assert_int_equal(store_put_cosig(b->s, 2, SPAN_LIT("one")).code, CS_OK);
    assert_int_equal(store_put_cosig(b->s, 2, SPAN_LIT("one")).code, CS_E_DUPLICATE);
    assert_int_equal(store_put_cosig(b->s, 2, SPAN_LIT("another")).code, CS_OK);
    assert_int_equal(store_put_cosig(b->s, 2, SPAN_NONE).code, CS_E_RANGE);
    assert_int_equal(store_put_stamp(b->s, 2, SPAN_LIT("token")).code, CS_OK);
    assert_int_equal(store_put_stamp(b->s, 2, SPAN_LIT("token")).code, CS_E_DUPLICATE);
    assert_int_equal(store_put_stamp(b->s, 3, SPAN_LIT("token")).code, CS_E_MISSING);
    assert_int_equal(store_commit(b->s).code, CS_OK);
    bed_close(b);
    bed_open(b, STORE_SOUND);
    assert_int_equal(store_each_cosig(b->s, 2, count_item, &n).code, CS_OK);
    assert_int_equal(n, 73); /* "another" before "one" */
    n = 0;
    assert_int_equal(store_each_stamp(b->s, 2, count_item, &n).code, CS_OK);
    assert_int_equal(n, 5);
    n = 0;
    assert_int_equal(store_each_stamp(b->s, 1, count_item, &n).code, CS_OK);
    assert_int_equal(n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_goes_in_comes_out, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(ranges, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(only_in_order, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(a_rolled_back_batch_never_was, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(sealed_reads_but_never_writes, bed_make, bed_drop),
        cmocka_unit_test_setup_teardown(cosignatures_and_stamps, bed_make, bed_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
