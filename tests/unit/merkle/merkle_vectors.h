/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves "entry-0", "entry-1", …: values computed by other implementations (docs/formats/tree.md §4). */
#ifndef MERKLE_VECTORS_H
#define MERKLE_VECTORS_H

#include "base/base_text.h"
#include "merkle/merkle_nodes.h"

#define V_LEAF0      "40766b2033429026f53d54502679a839706b4741f8dcaf3a8bba5f41b5ffe075"
#define V_LEAF2      "049d7dcdb56bcfebd313304c9839f196a3d4b6ef3bdc0b08298f93ac8191f0a8"
#define V_LEAF3      "27479b6ab321d2ee477452f68ba527748e863cafe8fbd1df2bf89d1570d1b697"
#define V_ROOT2      "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479"
#define V_ROOT3      "a64bf26e09128f6fe2fe6f8b2d8c801e166b57c047a7cd9b2b809e7a96a2f1cb"
#define V_ROOT4      "256b9e8825e5d370a4ae005d0901ea291977e2927f5cf8e3e72660dd09519edb"
#define V_ROOT7      "9139601cc1ca8ab2a7a0c2c134c04845f2b1ba549a83d6c845cfcda439cc585d"
#define V_ROOT256    "f85f4ead34080710b4d1e808301543aaab81aa04deb88599350dc26a4f2f58de"
#define V_ROOT257    "918b1cec64f317c76e3cf55c0536841c039eff06772ebb8828ce7c176028b5ac"
#define V_ROOT300    "aebb027d5c3dd08871ee52577a61fc83122d0d14352791943639bd4c12d36943"
#define V_NODE4TO7   "e429c5b5ccaa9523c37297f1846766f903137e82195c5199e6be57130d1006c8"
#define V_NODE4TO6   "4a136a70087b637e34c3d3daa6cea768b1db13ec475902d2e240b60e3d999c7a"
#define V_TILE_0_000 "8921c57d2f65271c82bf0f686c002793863c80c8d1cbbbf5db6046ff59e8b590"
#define V_TILE_0_001 "7bac48c6f72db216f103763f08f639e038a4097f2763009eb3cf2bb457280832"
#define V_BUNDLE_0_6 "0327f91917f94f5ad8edb07c834864a3926394c6f7e12cd5dbfc646403a2847b"

static inline struct sha256 vector(const char *hex)
{
    struct sha256 h = {{0}};
    if (text_hex_decode(span_str(hex), h.b, sizeof(h.b), "vector").code != CS_OK) {
        abort();
    }
    return h;
}

static inline struct span vector_entry(unsigned i, char ret_text[24])
{
    return span_make(ret_text, (size_t)snprintf(ret_text, 24, "entry-%u", i));
}

static inline struct sha256 vector_leaf(unsigned i)
{
    char text[24];
    return merkle_leaf(vector_entry(i, text));
}

static inline bool is_vector(const struct sha256 *h, const char *hex)
{
    const struct sha256 v = vector(hex);
    return sha256_eq(h, &v);
}

#endif
