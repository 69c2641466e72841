/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "merkle_reference.h"
#include "merkle_vectors.h"

enum { LEAVES = 70 };

struct fixture {
    struct merkle_nodes nodes;
    struct sha256 leaf[LEAVES];
    struct sha256 root[LEAVES + 1]; /* by size */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    if (f == NULL) {
        return -1;
    }
    merkle_nodes_init(&f->nodes, LEAVES);
    for (unsigned i = 0; i < LEAVES; i++) {
        f->leaf[i] = vector_leaf(i);
        if (merkle_nodes_append(&f->nodes, &f->leaf[i]).code != CS_OK) {
            return -1;
        }
        f->root[i + 1] = reference_root(f->leaf, i + 1);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    merkle_nodes_release(&f->nodes);
    free(f);
    return 0;
}

static void proof_of(struct merkle_proof *p, size_t n, const char *const *hex)
{
    p->count = n;
    for (size_t i = 0; i < n; i++) {
        p->hash[i] = vector(hex[i]);
    }
}

static void assert_proof(const struct merkle_proof *got, size_t n, const char *const *hex)
{
    assert_int_equal(got->count, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(is_vector(&got->hash[i], hex[i]));
    }
}

static void published_proofs_are_made_and_accepted(void **state)
{
    static const char *const in2[] = {V_LEAF3, V_ROOT2, V_NODE4TO7};
    static const char *const in6[] = {V_NODE4TO6, V_ROOT4};
    static const char *const from3[] = {V_LEAF2, V_LEAF3, V_ROOT2, V_NODE4TO7};
    static const char *const from4[] = {V_NODE4TO7};
    const struct fixture *f = *state;
    const struct sha256 root7 = vector(V_ROOT7);
    const struct sha256 root3 = vector(V_ROOT3);
    const struct sha256 root4 = vector(V_ROOT4);
    struct merkle_proof p;

    assert_int_equal(merkle_nodes_inclusion(&f->nodes, 2, 7, &p).code, CS_OK);
    assert_proof(&p, 3, in2);
    proof_of(&p, 3, in2);
    assert_int_equal(merkle_check_inclusion(2, 7, &f->leaf[2], &p, &root7).code, CS_OK);
    assert_int_equal(merkle_nodes_inclusion(&f->nodes, 6, 7, &p).code, CS_OK);
    assert_proof(&p, 2, in6);
    assert_int_equal(merkle_check_inclusion(6, 7, &f->leaf[6], &p, &root7).code, CS_OK);
    assert_int_equal(merkle_nodes_consistency(&f->nodes, 3, 7, &p).code, CS_OK);
    assert_proof(&p, 4, from3);
    assert_int_equal(merkle_check_consistency(3, 7, &root3, &root7, &p).code, CS_OK);
    assert_int_equal(merkle_nodes_consistency(&f->nodes, 4, 7, &p).code, CS_OK);
    assert_proof(&p, 1, from4);
    assert_int_equal(merkle_check_consistency(4, 7, &root4, &root7, &p).code, CS_OK);
}

static void assert_same_proof(const struct merkle_proof *a, const struct merkle_proof *b)
{
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->hash, b->hash, a->count * sizeof(a->hash[0]));
}

/* Every change of one thing in a good inclusion proof is refused. */
static void bent_inclusion_is_refused(const struct fixture *f, size_t i, size_t n, const struct merkle_proof *good)
{
    struct merkle_proof p = *good;
    const struct sha256 *root = &f->root[n];

    for (size_t k = 0; k < good->count; k++) {
        p.hash[k].b[31] ^= 1;
        assert_int_equal(merkle_check_inclusion(i, n, &f->leaf[i], &p, root).code, CS_E_MISMATCH);
        p = *good;
    }
    if (good->count > 0) {
        p.count--;
        assert_int_equal(merkle_check_inclusion(i, n, &f->leaf[i], &p, root).code, CS_E_SHORT);
    }
    p.count = good->count + 1;
    p.hash[good->count] = f->leaf[0];
    assert_int_equal(merkle_check_inclusion(i, n, &f->leaf[i], &p, root).code, CS_E_TRAILING);
    assert_int_equal(merkle_check_inclusion(i, n, &f->root[0], good, root).code, CS_E_MISMATCH);
    assert_int_equal(merkle_check_inclusion(n, n, &f->leaf[i], good, root).code, CS_E_RANGE);
    if (i > 0) {
        assert_int_not_equal(merkle_check_inclusion(i - 1, n, &f->leaf[i], good, root).code, CS_OK);
    }
}

static void every_inclusion_up_to_seventy(void **state)
{
    const struct fixture *f = *state;
    struct merkle_proof want;
    struct merkle_proof got;

    for (size_t n = 1; n <= LEAVES; n++) {
        for (size_t i = 0; i < n; i++) {
            want.count = 0;
            reference_path(i, f->leaf, n, &want);
            assert_int_equal(merkle_nodes_inclusion(&f->nodes, i, n, &got).code, CS_OK);
            assert_same_proof(&got, &want);
            assert_int_equal(merkle_check_inclusion(i, n, &f->leaf[i], &got, &f->root[n]).code, CS_OK);
            bent_inclusion_is_refused(f, i, n, &got);
        }
    }
}

static void bent_consistency_is_refused(const struct fixture *f, size_t m, size_t n, const struct merkle_proof *good)
{
    struct merkle_proof p = *good;
    const struct sha256 *a = &f->root[m];
    const struct sha256 *b = &f->root[n];

    for (size_t k = 0; k < good->count; k++) {
        p.hash[k].b[0] ^= 0x80;
        assert_int_equal(merkle_check_consistency(m, n, a, b, &p).code, CS_E_MISMATCH);
        p = *good;
    }
    if (good->count > 0) {
        p.count--;
        assert_int_equal(merkle_check_consistency(m, n, a, b, &p).code, CS_E_SHORT);
    }
    p.count = good->count + 1;
    p.hash[good->count] = f->leaf[0];
    assert_int_equal(merkle_check_consistency(m, n, a, b, &p).code, CS_E_TRAILING);
    assert_int_equal(merkle_check_consistency(m, n, &f->root[0], b, good).code, CS_E_MISMATCH);
    assert_int_equal(merkle_check_consistency(m, n, a, &f->root[0], good).code, CS_E_MISMATCH);
    assert_int_equal(merkle_check_consistency(0, n, a, b, good).code, CS_E_RANGE);
    assert_int_equal(merkle_check_consistency(n + 1, n, a, b, good).code, CS_E_RANGE);
}

static void every_consistency_up_to_seventy(void **state)
{
    const struct fixture *f = *state;
    struct merkle_proof want;
    struct merkle_proof got;

    for (size_t n = 1; n <= LEAVES; n++) {
        for (size_t m = 1; m <= n; m++) {
            want.count = 0;
            reference_consistency(m, f->leaf, n, &want);
            assert_int_equal(merkle_nodes_consistency(&f->nodes, m, n, &got).code, CS_OK);
            assert_same_proof(&got, &want);
            assert_int_equal(merkle_check_consistency(m, n, &f->root[m], &f->root[n], &got).code, CS_OK);
            bent_consistency_is_refused(f, m, n, &got);
        }
    }
}

static void bounds_are_refused(void **state)
{
    const struct fixture *f = *state;
    struct merkle_proof p = {.count = MERKLE_LEVELS + 1};
    struct merkle_proof untouched;
    struct sha256 root;
    uint8_t bytes[MERKLE_LEVELS * SHA256_BYTES + SHA256_BYTES] = {0};

    assert_int_equal(merkle_root_by_inclusion(0, UINT64_MAX, f->leaf, &p, &root).code, CS_E_RANGE);
    assert_int_equal(merkle_check_consistency(1, UINT64_MAX, f->leaf, f->leaf, &p).code, CS_E_RANGE);
    assert_int_equal(merkle_root_by_inclusion(0, 0, f->leaf, &p, &root).code, CS_E_RANGE);
    memset(&p, 0x5a, sizeof(p));
    untouched = p;
    assert_int_equal(merkle_nodes_inclusion(&f->nodes, 0, LEAVES + 1, &p).code, CS_E_RANGE);
    assert_int_equal(merkle_nodes_inclusion(&f->nodes, 5, 5, &p).code, CS_E_RANGE);
    assert_int_equal(merkle_nodes_consistency(&f->nodes, 0, 5, &p).code, CS_E_RANGE);
    assert_int_equal(merkle_nodes_consistency(&f->nodes, 6, 5, &p).code, CS_E_RANGE);
    assert_int_equal(merkle_nodes_consistency(&f->nodes, 6, LEAVES + 1, &p).code, CS_E_RANGE);
    assert_int_equal(merkle_proof_decode(SPAN_OF(bytes), &p).code, CS_E_RANGE);
    assert_int_equal(merkle_proof_decode(span_make(bytes, 33), &p).code, CS_E_RANGE);
    assert_memory_equal(&p, &untouched, sizeof(p));
    assert_int_equal(merkle_proof_decode(span_make(bytes, sizeof(bytes) - SHA256_BYTES), &p).code, CS_OK);
    assert_int_equal(p.count, MERKLE_LEVELS);
    assert_int_equal(merkle_proof_decode(SPAN_NONE, &p).code, CS_OK);
    assert_int_equal(p.count, 0);
}

/* A source that fails must fail the proof and leave it alone. */
struct failing {
    struct merkle_source inner;
    unsigned left;
};

static struct cs_result fail_later(const void *ctx, unsigned level, uint64_t index, struct sha256 *ret_hash)
{
    struct failing *f = *(struct failing *const *)ctx;
    if (f->left == 0) {
        return CS_FAIL(CS_E_IO, "source");
    }
    f->left--;
    return f->inner.node(f->inner.ctx, level, index, ret_hash);
}

static void a_failing_source_fails_the_proof(void **state)
{
    const struct fixture *f = *state;
    struct failing fail = {.inner = merkle_nodes_source(&f->nodes), .left = 0};
    struct failing *const at = &fail;
    const struct merkle_source s = {.node = fail_later, .ctx = (const void *)&at};
    struct merkle_proof p;
    struct merkle_proof before;
    struct cs_result r = CS_FAIL(CS_E_IO, "");

    memset(&p, 0x5a, sizeof(p));
    before = p;
    for (unsigned k = 0; r.code != CS_OK; k++) {
        fail.left = k;
        r = merkle_prove_inclusion(&s, 33, 69, &p);
        assert_true(k < 20);
        if (r.code != CS_OK) {
            assert_int_equal(r.code, CS_E_IO);
            assert_memory_equal(&p, &before, sizeof(p));
        }
    }
    assert_int_equal(merkle_check_inclusion(33, 69, &f->leaf[33], &p, &f->root[69]).code, CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_proofs_are_made_and_accepted), cmocka_unit_test(every_inclusion_up_to_seventy),
        cmocka_unit_test(every_consistency_up_to_seventy),        cmocka_unit_test(bounds_are_refused),
        cmocka_unit_test(a_failing_source_fails_the_proof),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
