/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "merkle_vectors.h"

void *__real_realloc(void *p, size_t n);
void *__wrap_realloc(void *p, size_t n);
static unsigned fail_in; /* the how manieth call from now on fails; 0: none */

void *__wrap_realloc(void *p, size_t n)
{
    return fail_in > 0 && --fail_in == 0 ? NULL : __real_realloc(p, n);
}

static void hashes_are_the_published_ones(void **state)
{
    const struct sha256 empty = merkle_empty();
    const struct sha256 leaf0 = vector_leaf(0);
    const struct sha256 leaf2 = vector_leaf(2);
    (void)state;

    assert_true(is_vector(&empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    assert_true(is_vector(&leaf0, V_LEAF0));
    assert_true(is_vector(&leaf2, V_LEAF2));
}

static void frontier_has_the_published_roots(void **state)
{
    static const struct {
        unsigned size;
        const char *root;
    } rows[] = {{1, V_LEAF0}, {2, V_ROOT2},     {3, V_ROOT3},     {4, V_ROOT4},
                {7, V_ROOT7}, {256, V_ROOT256}, {257, V_ROOT257}, {300, V_ROOT300}};
    struct merkle_frontier f = {.size = 0};
    struct sha256 root = merkle_root(&f);
    (void)state;

    assert_true(is_vector(&root, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        while (f.size < rows[i].size) {
            const struct sha256 leaf = vector_leaf((unsigned)f.size);
            assert_int_equal(merkle_append(&f, &leaf).code, CS_OK);
        }
        root = merkle_root(&f);
        if (!is_vector(&root, rows[i].root)) {
            fail_msg("root of size %u", rows[i].size);
        }
    }
}

static void a_full_frontier_refuses(void **state)
{
    struct merkle_frontier f = {.size = MERKLE_SIZE_MAX - 1};
    const struct sha256 leaf = vector_leaf(0);
    (void)state;

    assert_int_equal(merkle_append(&f, &leaf).code, CS_OK);
    assert_int_equal(f.size, MERKLE_SIZE_MAX);
    assert_int_equal(merkle_append(&f, &leaf).code, CS_E_FULL);
    assert_int_equal(f.size, MERKLE_SIZE_MAX);
}

static void nodes_agree_with_the_frontier(void **state)
{
    struct merkle_nodes n;
    struct merkle_frontier f = {.size = 0};
    (void)state;

    merkle_nodes_init(&n, 600);
    for (unsigned i = 0; i < 600; i++) {
        const struct sha256 leaf = vector_leaf(i);
        struct sha256 got;
        assert_int_equal(merkle_append(&f, &leaf).code, CS_OK);
        assert_int_equal(merkle_nodes_append(&n, &leaf).code, CS_OK);
        const struct sha256 want = merkle_root(&f);
        assert_int_equal(merkle_nodes_root(&n, i + 1, &got).code, CS_OK);
        assert_true(sha256_eq(&got, &want));
    }
    const struct sha256 leaf = vector_leaf(0);
    struct sha256 root;
    assert_int_equal(merkle_nodes_append(&n, &leaf).code, CS_E_FULL);
    assert_int_equal(n.size, 600);
    assert_int_equal(merkle_nodes_root(&n, 601, &root).code, CS_E_RANGE);
    assert_int_equal(merkle_nodes_root(&n, 300, &root).code, CS_OK);
    assert_true(is_vector(&root, V_ROOT300));
    assert_int_equal(merkle_nodes_root(&n, 0, &root).code, CS_OK);
    const struct sha256 empty = merkle_empty();
    assert_true(sha256_eq(&root, &empty));
    merkle_nodes_release(&n);
    assert_int_equal(merkle_nodes_append(&n, &leaf).code, CS_E_FULL);
}

/* Whichever level's array cannot grow, the store stays as it was. */
static void a_refused_allocation_changes_nothing(void **state)
{
    const struct sha256 leaf = vector_leaf(1);
    struct merkle_nodes n;
    struct sha256 before;
    struct sha256 after;
    unsigned refused = 0;
    (void)state;

    merkle_nodes_init(&n, 8192);
    while (n.size < 4096) {
        assert_int_equal(merkle_nodes_root(&n, n.size, &before).code, CS_OK);
        for (unsigned k = 1; k < 14; k++) {
            const uint64_t size = n.size;
            fail_in = k;
            const struct cs_result r = merkle_nodes_append(&n, &leaf);
            fail_in = 0;
            if (r.code == CS_OK) {
                break;
            }
            refused++;
            assert_int_equal(r.code, CS_E_NOMEM);
            assert_int_equal(n.size, size);
            assert_int_equal(merkle_nodes_root(&n, size, &after).code, CS_OK);
            assert_true(sha256_eq(&before, &after));
        }
    }
    assert_true(refused > 12);
    merkle_nodes_release(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes_are_the_published_ones),
        cmocka_unit_test(frontier_has_the_published_roots),
        cmocka_unit_test(a_full_frontier_refuses),
        cmocka_unit_test(nodes_agree_with_the_frontier),
        cmocka_unit_test(a_refused_allocation_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
