/* SPDX-License-Identifier: Apache-2.0 */
#include "note/note_der.h"

static CS_RESULT length(struct reader *r, size_t *ret_length, const char *what)
{
    uint8_t first = 0;
    uint8_t one = 0;
    uint16_t two = 0;

    TRY(rd_u8(r, &first, what));
    switch (first) {
    case 0x81:
        TRY(rd_u8(r, &one, what));
        ENSURE(one >= 0x80, CS_E_SYNTAX, what);
        *ret_length = one;
        return CS_SUCCESS;
    case 0x82:
        TRY(rd_u16(r, &two, what));
        ENSURE(two >= 0x100, CS_E_SYNTAX, what);
        *ret_length = two;
        return CS_SUCCESS;
    default:
        ENSURE(first != 0x80, CS_E_SYNTAX, what); /* indefinite */
        ENSURE(first < 0x80, CS_E_RANGE, what);
        *ret_length = first;
        return CS_SUCCESS;
    }
}

CS_RESULT note_der_take(struct reader *r, uint8_t tag, struct span *ret_contents, const char *what)
{
    uint8_t have = 0;
    size_t n = 0;

    TRY(rd_u8(r, &have, what));
    ENSURE(have == tag, CS_E_TYPE, what);
    TRY(length(r, &n, what));
    return rd_take(r, n, ret_contents, what);
}

CS_RESULT note_der_uint(struct reader *r, size_t max, struct span *ret_contents, const char *what)
{
    struct span s = SPAN_NONE;

    TRY(note_der_take(r, NOTE_DER_INTEGER, &s, what));
    ENSURE(s.left >= 1 && s.left <= max, CS_E_RANGE, what);
    ENSURE((s.p[0] & 0x80U) == 0, CS_E_RANGE, what);
    ENSURE(s.left == 1 || s.p[0] != 0 || (s.p[1] & 0x80U) != 0, CS_E_SYNTAX, what);
    *ret_contents = s;
    return CS_SUCCESS;
}

CS_RESULT note_ecdsa_decode(struct span der, size_t field_bytes, struct note_ecdsa *ret_sig)
{
    struct reader r = rd_make(der);
    struct span body = SPAN_NONE;
    struct note_ecdsa sig = {.r = SPAN_NONE};

    TRY(note_der_take(&r, NOTE_DER_SEQUENCE, &body, "ecdsa"));
    TRY(rd_end(&r, "ecdsa"));
    r = rd_make(body);
    TRY(note_der_uint(&r, field_bytes + 1, &sig.r, "ecdsa.r"));
    TRY(note_der_uint(&r, field_bytes + 1, &sig.s, "ecdsa.s"));
    TRY(rd_end(&r, "ecdsa"));
    *ret_sig = sig;
    return CS_SUCCESS;
}
