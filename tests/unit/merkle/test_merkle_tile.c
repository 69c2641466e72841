/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "merkle/merkle_tile.h"
#include "merkle_vectors.h"

static const struct good {
    const char *path;
    struct merkle_tile tile;
} goods[] = {
    {"tile/0/000", {false, 0, 0, 256}},
    {"tile/0/001.p/44", {false, 0, 1, 44}},
    {"tile/1/000.p/1", {false, 1, 0, 1}},
    {"tile/0/x001/x234/067", {false, 0, 1234067, 256}},
    {"tile/0/x001/000", {false, 0, 1000, 256}},
    {"tile/0/999", {false, 0, 999, 256}},
    {"tile/63/000.p/255", {false, 63, 0, 255}},
    {"tile/entries/000", {true, 0, 0, 256}},
    {"tile/entries/x123/456.p/7", {true, 0, 123456, 7}},
    {"tile/0/x009/x223/x372/x036/x854/x775/807", {false, 0, INT64_MAX, 256}},
};

static void paths_have_one_spelling(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(goods) / sizeof(goods[0]); i++) {
        struct merkle_tile t;
        uint8_t buf[80];
        struct writer w = wr_fixed(buf, sizeof(buf));
        const struct merkle_tile *want = &goods[i].tile;
        if (merkle_tile_decode(span_str(goods[i].path), &t).code != CS_OK) {
            fail_msg("%s", goods[i].path);
        }
        assert_true(t.entries == want->entries && t.level == want->level && t.index == want->index &&
                    t.width == want->width);
        merkle_tile_path(&w, &t);
        assert_true(span_is(wr_span(&w), goods[i].path));
    }
}

static const char *const bads[] = {
    "",
    "/tile/0/000",
    "tile",
    "tile/",
    "tile/0",
    "tile/0/",
    "tile/0/0",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/000/",
    "tile/0/000.",
    "tile/0/000.p",
    "tile/0/000.p/",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/1/",
    "tile/0/000.q/1",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/a/000",
    "tile/entry/000",
    "tile/0/x000/001",
    "tile/0/x000/x001/001",
    "tile/0/x001",
    "tile/0/x001/x002",
    "tile/0/x01/001",
    "tile/0/x0001/001",
    "tile/0/001/002",
    "tile/0/a00",
    "tile/0/x00a/001",
    "tile/0/0\0",
    "tiles/0/000",
    "tile/0/x009/x223/x372/x036/x854/x775/808",
    "tile/0/x999/x999/x999/x999/x999/x999/999",
    "tile/0/x001/x999/x999/x999/x999/x999/x999/999",
};

static void other_spellings_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        struct merkle_tile t;
        struct merkle_tile before;
        memset(&t, 0x5a, sizeof(t));
        memcpy(&before, &t, sizeof(t));
        if (merkle_tile_decode(span_str(bads[i]), &t).code == CS_OK) {
            fail_msg("accepted %s", bads[i]);
        }
        assert_memory_equal(&t, &before, sizeof(t));
    }
}

static void widths_follow_the_size(void **state)
{
    static const struct {
        struct merkle_tile tile;
        uint64_t size;
        unsigned want;
    } rows[] = {
        {{false, 0, 0, 0}, 0, 0},           {{false, 0, 0, 0}, 1, 1},         {{false, 0, 0, 0}, 255, 255},
        {{false, 0, 0, 0}, 256, 256},       {{false, 0, 1, 0}, 256, 0},       {{false, 1, 0, 0}, 255, 0},
        {{false, 1, 0, 0}, 256, 1},         {{false, 0, 272, 0}, 70000, 256}, {{false, 0, 273, 0}, 70000, 112},
        {{false, 0, 274, 0}, 70000, 0},     {{false, 1, 0, 0}, 70000, 256},   {{false, 1, 1, 0}, 70000, 17},
        {{false, 2, 0, 0}, 70000, 1},       {{false, 3, 0, 0}, 70000, 0},     {{true, 0, 273, 0}, 70000, 112},
        {{false, 7, 0, 0}, INT64_MAX, 127}, {{false, 8, 0, 0}, INT64_MAX, 0}, {{false, 63, 0, 0}, INT64_MAX, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(merkle_tile_width(&rows[i].tile, rows[i].size), rows[i].want);
    }
}

static void grow(struct merkle_nodes *n, unsigned leaves)
{
    merkle_nodes_init(n, leaves);
    for (unsigned i = 0; i < leaves; i++) {
        const struct sha256 leaf = vector_leaf(i);
        assert_int_equal(merkle_nodes_append(n, &leaf).code, CS_OK);
    }
}

static void tiles_are_the_published_bytes(void **state)
{
    static const struct {
        struct merkle_tile tile;
        const char *digest;
    } rows[] = {{{false, 0, 0, 256}, V_TILE_0_000}, {{false, 0, 1, 44}, V_TILE_0_001}};
    struct merkle_nodes n;
    struct merkle_tile_hashes *h = calloc(1, sizeof(*h));
    (void)state;

    assert_non_null(h);
    grow(&n, 300);
    const struct merkle_source s = merkle_nodes_source(&n);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(MERKLE_TILE_BYTES);
        assert_int_equal(merkle_tile_write(&s, &rows[i].tile, &w).code, CS_OK);
        const struct sha256 d = digest_sha256(wr_span(&w));
        assert_true(is_vector(&d, rows[i].digest));
        assert_int_equal(merkle_tile_hashes_decode(&rows[i].tile, wr_span(&w), h).code, CS_OK);
        const struct sha256 first = vector_leaf((unsigned)i * 256);
        assert_true(sha256_eq(&h->hash[0], &first));
        assert_int_equal(h->count, rows[i].tile.width);
        if (rows[i].tile.width == 256) {
            const struct sha256 root = merkle_tile_root(h);
            assert_true(is_vector(&root, V_ROOT256));
        }
    }
    const struct merkle_tile above = {false, 1, 0, 1};
    AUTO_WRITER w = wr_heap(MERKLE_TILE_BYTES);
    assert_int_equal(merkle_tile_write(&s, &above, &w).code, CS_OK);
    const struct sha256 want = vector(V_ROOT256);
    assert_true(span_eq(wr_span(&w), sha256_span(&want)));
    const struct merkle_tile too_wide = {false, 0, 1, 45};
    assert_int_equal(merkle_tile_write(&s, &too_wide, &w).code, CS_E_RANGE);
    const struct merkle_tile bundle = {true, 0, 0, 1};
    assert_int_equal(merkle_tile_write(&s, &bundle, &w).code, CS_E_TYPE);
    merkle_nodes_release(&n);
    free(h);
}

static void tile_bytes_must_fit_the_width(void **state)
{
    const struct merkle_tile t = {false, 0, 0, 2};
    struct merkle_tile_hashes *h = calloc(1, sizeof(*h));
    uint8_t bytes[65] = {0};
    (void)state;

    assert_non_null(h);
    h->count = 77;
    assert_int_equal(merkle_tile_hashes_decode(&t, span_make(bytes, 63), h).code, CS_E_SHORT);
    assert_int_equal(merkle_tile_hashes_decode(&t, span_make(bytes, 65), h).code, CS_E_TRAILING);
    const struct merkle_tile entries = {true, 0, 0, 2};
    assert_int_equal(merkle_tile_hashes_decode(&entries, span_make(bytes, 64), h).code, CS_E_TYPE);
    assert_int_equal(h->count, 77);
    assert_int_equal(merkle_tile_hashes_decode(&t, span_make(bytes, 64), h).code, CS_OK);
    assert_int_equal(h->count, 2);
    free(h);
}

static void bundles_are_the_published_bytes(void **state)
{
    AUTO_WRITER w = wr_heap(4096);
    struct merkle_tile_hashes *h = calloc(1, sizeof(*h));
    struct merkle_tile t = {true, 0, 0, 7};
    char text[24];
    (void)state;

    assert_non_null(h);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(merkle_bundle_put(&w, vector_entry(i, text)).code, CS_OK);
    }
    const struct sha256 d = digest_sha256(wr_span(&w));
    assert_true(is_vector(&d, V_BUNDLE_0_6));
    assert_int_equal(merkle_bundle_hashes(&t, wr_span(&w), h).code, CS_OK);
    const struct sha256 root = merkle_tile_root(h);
    assert_true(is_vector(&root, V_ROOT7));

    struct reader r = rd_make(wr_span(&w));
    struct span entry = SPAN_NONE;
    assert_int_equal(merkle_bundle_next(&r, &entry).code, CS_OK);
    assert_true(span_is(entry, "entry-0"));

    t.width = 6;
    assert_int_equal(merkle_bundle_hashes(&t, wr_span(&w), h).code, CS_E_TRAILING);
    t.width = 8;
    assert_int_equal(merkle_bundle_hashes(&t, wr_span(&w), h).code, CS_E_SHORT);
    t.width = 7;
    assert_int_equal(merkle_bundle_hashes(&t, span_make(w.p, w.len - 1), h).code, CS_E_SHORT);
    t.entries = false;
    assert_int_equal(merkle_bundle_hashes(&t, wr_span(&w), h).code, CS_E_TYPE);
    assert_int_equal(h->count, 7);
    free(h);
}

static void entries_have_a_limit(void **state)
{
    uint8_t *big = calloc(1, MERKLE_ENTRY_MAX + 1);
    AUTO_WRITER w = wr_heap((size_t)1 << 20);
    (void)state;

    assert_non_null(big);
    assert_int_equal(merkle_bundle_put(&w, span_make(big, MERKLE_ENTRY_MAX + 1)).code, CS_E_RANGE);
    assert_int_equal(w.len, 0);
    assert_int_equal(merkle_bundle_put(&w, span_make(big, MERKLE_ENTRY_MAX)).code, CS_OK);
    assert_int_equal(w.len, MERKLE_ENTRY_MAX + 2);
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_have_one_spelling),       cmocka_unit_test(other_spellings_are_refused),
        cmocka_unit_test(widths_follow_the_size),        cmocka_unit_test(tiles_are_the_published_bytes),
        cmocka_unit_test(tile_bytes_must_fit_the_width), cmocka_unit_test(bundles_are_the_published_bytes),
        cmocka_unit_test(entries_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
