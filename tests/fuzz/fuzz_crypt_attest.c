/* SPDX-License-Identifier: Apache-2.0 */
/* n:u16 auth_data n:u16 x5c[0] n:u16 x5c[1] sig: no input may crash the certificate rules or be taken without a root.
 */
#include "crypt/crypt_attest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(struct reader *r, struct span *ret)
{
    uint16_t n = 0;
    return rd_u16(r, &n, "n").code == CS_OK && rd_take(r, n, ret, "bytes").code == CS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    struct span x5c[2] = {SPAN_NONE, SPAN_NONE};
    struct span auth_data = SPAN_NONE;
    struct crypt_registration reg;

    if (!take(&r, &auth_data) || !take(&r, &x5c[0]) || !take(&r, &x5c[1])) {
        return 0;
    }
    const struct crypt_attest_in in = {
        .rp_id = SPAN_LIT("approval.example"),
        .client_data = SPAN_LIT("{}"),
        .auth_data = auth_data,
        .sig = r.rest,
        .x5c = x5c,
        .x5c_count = x5c[1].left > 0 ? 2 : 1,
        .time_s = 1700000000,
    };
    const struct crypt_model model = {.aaguid = SPAN_LIT("0123456789abcdef"), .roots = NULL, .root_count = 0};
    if (crypt_registration_decode(auth_data, &reg) == CRYPT_ATTEST_HOLDS && reg.id.left == 0) {
        abort();
    }
    if (crypt_attest_check(&in, &model, 1, &reg) == CRYPT_ATTEST_HOLDS) {
        abort(); /* there is no root that it could lead to */
    }
    return 0;
}
