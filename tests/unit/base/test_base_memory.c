/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base_map.h"
#include "base/base_writer.h"

static void arena_keeps_its_cap(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 100000);
    assert_null(arena_alloc(&a, 100001));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    uint8_t *p = arena_alloc(&a, 50000);
    assert_non_null(p);
    for (size_t i = 0; i < 50000; i++) {
        assert_int_equal(p[i], 0);
    }
    assert_null(arena_alloc(&a, 60000));
    assert_true(a.used_bytes <= a.cap_bytes);
    arena_release(&a);
    assert_null(arena_alloc(&a, 1)); /* released is all-zero, and that refuses */
}

static void arena_is_clean_after_reset(void **state)
{
    struct arena a;
    (void)state;
    arena_init(&a, 1 << 20);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 40; i++) {
            uint8_t *p = arena_alloc(&a, 1000);
            assert_non_null(p);
            for (size_t k = 0; k < 1000; k++) {
                assert_int_equal(p[k], 0);
            }
            memset(p, 0xa5, 1000);
        }
        arena_reset(&a);
    }
    assert_true(a.used_bytes < 40000);
    arena_release(&a);
}

static void pool_gives_blocks_again_zeroed(void **state)
{
    struct arena a;
    struct pool p;
    (void)state;
    arena_init(&a, 1 << 20);
    pool_init(&p, &a);
    uint8_t *first = pool_alloc(&p, 100);
    assert_non_null(first);
    memset(first, 0xff, 100);
    pool_free(&p, first, 100);
    uint8_t *again = pool_alloc(&p, 128); /* the same class */
    assert_ptr_equal(again, first);
    assert_int_equal(again[50], 0);
    struct span copy = SPAN_NONE;
    assert_int_equal(pool_copy(&p, SPAN_LIT("hello"), &copy).code, CS_OK);
    assert_true(span_is(copy, "hello"));
    pool_free_copy(&p, &copy);
    assert_int_equal(copy.left, 0);
    arena_release(&a);
}

static struct sha256 key_of(unsigned i)
{
    return digest_sha256(span_make(&i, sizeof(i)));
}

static void map_holds_what_is_put(void **state)
{
    struct arena a;
    struct pool p;
    struct map m = {0};
    static unsigned values[1000];
    (void)state;
    arena_init(&a, 1 << 20);
    pool_init(&p, &a);
    const struct sha256 none = key_of(5000);
    assert_null(map_get(&m, &none));
    for (unsigned i = 0; i < 1000; i++) {
        const struct sha256 k = key_of(i);
        values[i] = i;
        assert_int_equal(map_put(&m, &p, &k, &values[i]).code, CS_OK);
    }
    for (unsigned i = 0; i < 1000; i += 3) {
        const struct sha256 k = key_of(i);
        map_remove(&m, &k);
    }
    size_t left = 0;
    for (unsigned i = 0; i < 1000; i++) {
        const struct sha256 k = key_of(i);
        const unsigned *v = map_get(&m, &k);
        assert_true(i % 3 == 0 ? v == NULL : v == &values[i]);
        left += v != NULL ? 1U : 0U;
    }
    assert_int_equal(m.count, left);
    size_t at = 0;
    size_t walked = 0;
    while (map_next(&m, &at) != NULL) {
        walked++;
    }
    assert_int_equal(walked, left);
    assert_null(map_get(&m, &none));
    arena_release(&a);
}

static void map_without_memory_stays_as_it_was(void **state)
{
    struct arena a;
    struct pool p;
    struct map m = {0};
    int value = 0;
    unsigned n = 0;
    (void)state;
    arena_init(&a, 40000);
    pool_init(&p, &a);
    for (;; n++) {
        const struct sha256 k = key_of(n);
        if (map_put(&m, &p, &k, &value).code != CS_OK) {
            break;
        }
    }
    assert_true(n > 10);
    for (unsigned i = 0; i < n; i++) {
        const struct sha256 k = key_of(i);
        assert_ptr_equal(map_get(&m, &k), &value);
    }
    arena_release(&a);
}

static void writer_fails_once_and_for_all(void **state)
{
    uint8_t buf[4];
    struct writer w = wr_fixed(buf, sizeof(buf));
    (void)state;
    wr_text(&w, "abc");
    wr_text(&w, "de");
    wr_u8(&w, 'x');
    assert_int_equal(wr_end(&w, "w").code, CS_E_FULL);
    assert_int_equal(wr_span(&w).left, 0);

    AUTO_WRITER h = wr_heap(1000);
    for (int i = 0; i < 1000; i++) {
        wr_u8(&h, 'x');
    }
    assert_int_equal(wr_end(&h, "h").code, CS_OK);
    assert_int_equal(wr_span(&h).left, 1000);
    wr_u8(&h, 'x');
    assert_int_equal(wr_end(&h, "h").code, CS_E_FULL);
    struct writer none = {0};
    wr_u8(&none, 1);
    assert_int_equal(wr_end(&none, "n").code, CS_E_FULL);
}

static void reader_never_reads_past_its_end(void **state)
{
    struct reader r = rd_make(SPAN_LIT("\x01\x02\x03"));
    uint16_t v = 9;
    uint32_t big = 9;
    struct span s = SPAN_NONE;
    (void)state;
    assert_int_equal(rd_u32(&r, &big, "r").code, CS_E_SHORT);
    assert_true(big == 9 && r.at == 0);
    assert_int_equal(rd_u16(&r, &v, "r").code, CS_OK);
    assert_int_equal(v, 0x0102);
    assert_int_equal(rd_take(&r, SIZE_MAX, &s, "r").code, CS_E_SHORT);
    assert_int_equal(rd_end(&r, "r").code, CS_E_TRAILING);
    assert_int_equal(rd_until(&r, 0x04, &s, "r").code, CS_E_SHORT);
    assert_int_equal(rd_until(&r, 0x03, &s, "r").code, CS_OK);
    assert_int_equal(s.left, 0);
    assert_int_equal(rd_end(&r, "r").code, CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_keeps_its_cap),
        cmocka_unit_test(arena_is_clean_after_reset),
        cmocka_unit_test(pool_gives_blocks_again_zeroed),
        cmocka_unit_test(map_holds_what_is_put),
        cmocka_unit_test(map_without_memory_stays_as_it_was),
        cmocka_unit_test(writer_fails_once_and_for_all),
        cmocka_unit_test(reader_never_reads_past_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
