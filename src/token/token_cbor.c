/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_cbor.h"

enum { INFO_1_BYTE = 24, INFO_8_BYTES = 27 };

CS_RESULT token_cbor_head(struct reader *r, enum token_cbor_kind *ret_kind, uint64_t *ret_n, const char *what)
{
    struct reader at = *r;
    uint8_t first = 0;
    struct span more;

    TRY(rd_u8(&at, &first, what));
    const unsigned info = first & 0x1fu;
    ENSURE(info <= INFO_8_BYTES, CS_E_SYNTAX, what);
    uint64_t n = info;
    if (info >= INFO_1_BYTE) {
        TRY(rd_take(&at, (size_t)1 << (info - INFO_1_BYTE), &more, what));
        n = 0;
        for (size_t i = 0; i < more.left; i++) {
            n = n << 8 | more.p[i];
        }
    }
    *r = at;
    *ret_kind = (enum token_cbor_kind)(first >> 5);
    *ret_n = n;
    return CS_SUCCESS;
}

CS_RESULT token_cbor_expect(struct reader *r, enum token_cbor_kind kind, uint64_t max, uint64_t *ret_n,
                            const char *what)
{
    enum token_cbor_kind got = TOKEN_CBOR_SIMPLE;
    uint64_t n = 0;

    TRY(token_cbor_head(r, &got, &n, what));
    ENSURE(got == kind, CS_E_TYPE, what);
    ENSURE(n <= max, CS_E_RANGE, what);
    *ret_n = n;
    return CS_SUCCESS;
}

CS_RESULT token_cbor_string(struct reader *r, enum token_cbor_kind kind, size_t max, struct span *ret_s,
                            const char *what)
{
    uint64_t n = 0;

    TRY(token_cbor_expect(r, kind, max, &n, what));
    ENSURE(n > 0, CS_E_RANGE, what);
    return rd_take(r, (size_t)n, ret_s, what);
}
