/* SPDX-License-Identifier: Apache-2.0 */
#include "merkle_reference.h"

/* NOLINTBEGIN(misc-no-recursion): the definitions are recursive, and the trees here are small */

static size_t split(size_t n)
{
    size_t k = 1;
    while (k * 2 < n) {
        k *= 2;
    }
    return k;
}

static void add(struct merkle_proof *p, struct sha256 h)
{
    p->hash[p->count] = h;
    p->count++;
}

struct sha256 reference_root(const struct sha256 *leaf, size_t n)
{
    if (n == 1) {
        return leaf[0];
    }
    const size_t k = split(n);
    const struct sha256 l = reference_root(leaf, k);
    const struct sha256 r = reference_root(leaf + k, n - k);
    return merkle_node(&l, &r);
}

void reference_path(size_t m, const struct sha256 *leaf, size_t n, struct merkle_proof *proof)
{
    if (n == 1) {
        return;
    }
    const size_t k = split(n);
    if (m < k) {
        reference_path(m, leaf, k, proof);
        add(proof, reference_root(leaf + k, n - k));
    } else {
        reference_path(m - k, leaf + k, n - k, proof);
        add(proof, reference_root(leaf, k));
    }
}

static void subproof(size_t m, const struct sha256 *leaf, size_t n, bool whole, struct merkle_proof *proof)
{
    if (m == n) {
        if (!whole) {
            add(proof, reference_root(leaf, n));
        }
        return;
    }
    const size_t k = split(n);
    if (m <= k) {
        subproof(m, leaf, k, whole, proof);
        add(proof, reference_root(leaf + k, n - k));
    } else {
        subproof(m - k, leaf + k, n - k, false, proof);
        add(proof, reference_root(leaf, k));
    }
}

void reference_consistency(size_t m, const struct sha256 *leaf, size_t n, struct merkle_proof *proof)
{
    subproof(m, leaf, n, true, proof);
}

/* NOLINTEND(misc-no-recursion) */
