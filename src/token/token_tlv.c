/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_tlv.h"

enum {
    MORE_TAG = 0x1f, /* low bits of a first byte that another one follows */
    MORE = 0x80,     /* of a later byte of a tag; of a length that says how many bytes it has */
};

static CS_RESULT read_tag(struct reader *r, uint32_t *ret_tag, const char *what)
{
    uint8_t b = 0;

    TRY(rd_u8(r, &b, what));
    uint32_t tag = b;
    if ((b & MORE_TAG) == MORE_TAG) {
        TRY(rd_u8(r, &b, what));
        ENSURE(b != MORE && ((b & MORE) != 0 || b >= MORE_TAG), CS_E_SYNTAX, what); /* fewer bytes would do */
        tag = tag << 8 | b;
        if ((b & MORE) != 0) {
            TRY(rd_u8(r, &b, what));
            ENSURE((b & MORE) == 0, CS_E_SYNTAX, what);
            tag = tag << 8 | b;
        }
    }
    *ret_tag = tag;
    return CS_SUCCESS;
}

static CS_RESULT read_length(struct reader *r, size_t *ret_n, const char *what)
{
    uint8_t b = 0;
    uint16_t n = 0;

    TRY(rd_u8(r, &b, what));
    if (b == (MORE | 1)) {
        TRY(rd_u8(r, &b, what));
        ENSURE(b >= MORE, CS_E_SYNTAX, what);
        n = b;
    } else if (b == (MORE | 2)) {
        TRY(rd_u16(r, &n, what));
        ENSURE(n > UINT8_MAX, CS_E_SYNTAX, what);
    } else {
        ENSURE(b < MORE, CS_E_SYNTAX, what);
        n = b;
    }
    *ret_n = n;
    return CS_SUCCESS;
}

CS_RESULT token_tlv_next(struct reader *r, uint32_t *ret_tag, struct span *ret_value, const char *what)
{
    struct reader at = *r;
    uint32_t tag = 0;
    size_t n = 0;
    struct span value;

    TRY(read_tag(&at, &tag, what));
    TRY(read_length(&at, &n, what));
    TRY(rd_take(&at, n, &value, what));
    *r = at;
    *ret_tag = tag;
    *ret_value = value;
    return CS_SUCCESS;
}

CS_RESULT token_tlv_find(struct span in, uint32_t tag, struct span *ret_value, const char *what)
{
    struct reader r = rd_make(in);
    struct span found = SPAN_NONE;
    bool has = false;

    while (r.rest.left > 0) {
        uint32_t t = 0;
        struct span value;
        TRY(token_tlv_next(&r, &t, &value, what));
        if (t == tag) {
            ENSURE(!has, CS_E_DUPLICATE, what);
            has = true;
            found = value;
        }
    }
    ENSURE(has, CS_E_MISSING, what);
    *ret_value = found;
    return CS_SUCCESS;
}

CS_RESULT token_tlv_only(struct span in, uint32_t tag, struct span *ret_value, const char *what)
{
    struct reader r = rd_make(in);
    struct span value;
    uint32_t t = 0;

    TRY(token_tlv_next(&r, &t, &value, what));
    ENSURE(t == tag, CS_E_UNKNOWN, what);
    TRY(rd_end(&r, what));
    *ret_value = value;
    return CS_SUCCESS;
}

void token_tlv_head(struct writer *w, uint32_t tag, size_t n)
{
    if (n > UINT16_MAX) {
        w->fail = CS_E_RANGE;
        return;
    }
    if (tag > UINT16_MAX) {
        wr_u8(w, (uint8_t)(tag >> 16));
    }
    if (tag > UINT8_MAX) {
        wr_u8(w, (uint8_t)(tag >> 8));
    }
    wr_u8(w, (uint8_t)tag);
    if (n > UINT8_MAX) {
        wr_u8(w, MORE | 2);
        wr_u16(w, (uint16_t)n);
    } else {
        if (n >= MORE) {
            wr_u8(w, MORE | 1);
        }
        wr_u8(w, (uint8_t)n);
    }
}
