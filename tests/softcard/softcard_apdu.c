/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_apdu.h"

/* What stands after the header when Lc and Le have one byte each. */
static CS_RESULT short_body(struct span body, struct softcard_command *c)
{
    const uint8_t first = body.p[0];

    if (body.left == 1) {
        c->le = first == 0 ? 256u : first;
        return CS_SUCCESS;
    }
    ENSURE(body.left - 1 == first || body.left - 2 == first, CS_E_SYNTAX, "apdu.lc");
    c->data = span_make(body.p + 1, first);
    if (body.left - 2 == first) {
        const uint8_t le = body.p[body.left - 1];
        c->le = le == 0 ? 256u : le;
    }
    return CS_SUCCESS;
}

static uint32_t two(const uint8_t *p)
{
    return (uint32_t)p[0] << 8 | p[1];
}

/* The same with a zero first, then two bytes each. */
static CS_RESULT extended_body(struct span body, struct softcard_command *c)
{
    ENSURE(body.left >= 3, CS_E_SYNTAX, "apdu.lc");
    const uint32_t first = two(body.p + 1);

    c->extended = true;
    if (body.left == 3) {
        c->le = first == 0 ? 65536u : first;
        return CS_SUCCESS;
    }
    ENSURE(first != 0, CS_E_SYNTAX, "apdu.lc");
    ENSURE(body.left - 3 == first || (body.left >= 5 && body.left - 5 == first), CS_E_SYNTAX, "apdu.lc");
    c->data = span_make(body.p + 3, first);
    if (body.left - 3 != first) {
        const uint32_t le = two(body.p + body.left - 2);
        c->le = le == 0 ? 65536u : le;
    }
    return CS_SUCCESS;
}

CS_RESULT softcard_command_parse(struct span apdu, struct softcard_command *ret_command)
{
    ENSURE(apdu.left >= 4, CS_E_SHORT, "apdu");
    struct softcard_command c = {.cla = apdu.p[0], .ins = apdu.p[1], .p1 = apdu.p[2], .p2 = apdu.p[3]};
    const struct span body = span_from(apdu, 4);

    if (body.left == 1 || (body.left > 1 && body.p[0] != 0)) {
        TRY(short_body(body, &c));
    } else if (body.left > 1) {
        TRY(extended_body(body, &c));
    }
    *ret_command = c;
    return CS_SUCCESS;
}

static CS_RESULT tlv_length(struct reader *r, size_t *ret_len)
{
    uint8_t first = 0;
    uint8_t one = 0;
    uint16_t both = 0;

    TRY(rd_u8(r, &first, "tlv.length"));
    if (first < 0x80) {
        *ret_len = first;
        return CS_SUCCESS;
    }
    ENSURE(first == 0x81 || first == 0x82, CS_E_SYNTAX, "tlv.length");
    if (first == 0x81) {
        TRY(rd_u8(r, &one, "tlv.length"));
        *ret_len = one;
        return CS_SUCCESS;
    }
    TRY(rd_u16(r, &both, "tlv.length"));
    *ret_len = both;
    return CS_SUCCESS;
}

CS_RESULT softcard_tlv_next(struct reader *r, uint32_t *ret_tag, struct span *ret_value)
{
    uint8_t first = 0;
    uint8_t second = 0;
    size_t len = 0;
    struct span value = SPAN_NONE;

    TRY(rd_u8(r, &first, "tlv.tag"));
    uint32_t tag = first;
    if ((first & 0x1fu) == 0x1fu) {
        TRY(rd_u8(r, &second, "tlv.tag"));
        ENSURE((second & 0x80u) == 0, CS_E_SYNTAX, "tlv.tag");
        tag = tag << 8 | second;
    }
    TRY(tlv_length(r, &len));
    TRY(rd_take(r, len, &value, "tlv.value"));
    *ret_tag = tag;
    *ret_value = value;
    return CS_SUCCESS;
}

CS_RESULT softcard_tlv_find(struct span in, uint32_t tag, struct span *ret_value)
{
    struct reader r = rd_make(in);

    while (r.rest.left > 0) {
        uint32_t have = 0;
        struct span value = SPAN_NONE;
        TRY(softcard_tlv_next(&r, &have, &value));
        if (have == tag) {
            *ret_value = value;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL(CS_E_MISSING, "tlv");
}

void softcard_tlv_put(struct writer *w, uint32_t tag, struct span value)
{
    if (tag > 0xff) {
        wr_u8(w, (uint8_t)(tag >> 8));
    }
    wr_u8(w, (uint8_t)tag);
    if (value.left > 0xff) {
        wr_u8(w, 0x82);
        wr_u16(w, (uint16_t)value.left);
    } else if (value.left > 0x7f) {
        wr_u8(w, 0x81);
        wr_u8(w, (uint8_t)value.left);
    } else {
        wr_u8(w, (uint8_t)value.left);
    }
    wr_bytes(w, value);
}
