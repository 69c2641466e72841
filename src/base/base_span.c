/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_span.h"

struct span span_str(const char *s)
{
    return s != NULL ? span_make(s, strlen(s)) : SPAN_NONE;
}

bool span_eq(struct span a, struct span b)
{
    return a.left == b.left && (a.left == 0 || memcmp(a.p, b.p, a.left) == 0);
}

bool span_among(struct span word, const struct span *items, size_t count)
{
    size_t i = 0;
    while (i < count && !span_eq(items[i], word)) {
        i++;
    }
    return i < count;
}

bool span_is(struct span a, const char *literal)
{
    return span_eq(a, span_str(literal));
}

int span_cmp(struct span a, struct span b)
{
    const size_t n = a.left < b.left ? a.left : b.left;
    const int c = n > 0 ? memcmp(a.p, b.p, n) : 0;

    if (c != 0) {
        return c;
    }
    return a.left == b.left ? 0 : (a.left < b.left ? -1 : 1);
}

bool span_eq_secret(struct span a, struct span b)
{
    if (a.left != b.left) {
        return false;
    }
    volatile uint8_t diff = 0;
    for (size_t i = 0; i < a.left; i++) {
        diff = (uint8_t)(diff | (a.p[i] ^ b.p[i]));
    }
    return diff == 0;
}

bool span_starts(struct span a, struct span prefix)
{
    return a.left >= prefix.left && span_eq(span_make(a.p, prefix.left), prefix);
}

struct span span_from(struct span a, size_t from)
{
    return from >= a.left ? SPAN_NONE : span_make(a.p + from, a.left - from);
}

static void advance(struct reader *r, size_t n)
{
    r->rest.p += n;
    r->rest.left -= n;
    r->at += n;
}

CS_RESULT rd_take(struct reader *r, size_t n, struct span *ret_bytes, const char *what)
{
    if (n > r->rest.left) {
        return CS_FAIL_AT(CS_E_SHORT, what, r->at);
    }
    *ret_bytes = span_make(r->rest.p, n);
    if (n > 0) {
        advance(r, n);
    }
    return CS_SUCCESS;
}

static CS_RESULT rd_uint(struct reader *r, size_t n, uint64_t *ret_value, const char *what)
{
    struct span b = SPAN_NONE;
    uint64_t v = 0;

    TRY(rd_take(r, n, &b, what));
    for (size_t i = 0; i < n; i++) {
        v = v << 8 | b.p[i];
    }
    *ret_value = v;
    return CS_SUCCESS;
}

CS_RESULT rd_u8(struct reader *r, uint8_t *ret_value, const char *what)
{
    uint64_t v = 0;
    TRY(rd_uint(r, 1, &v, what));
    *ret_value = (uint8_t)v;
    return CS_SUCCESS;
}

CS_RESULT rd_u16(struct reader *r, uint16_t *ret_value, const char *what)
{
    uint64_t v = 0;
    TRY(rd_uint(r, 2, &v, what));
    *ret_value = (uint16_t)v;
    return CS_SUCCESS;
}

CS_RESULT rd_u32(struct reader *r, uint32_t *ret_value, const char *what)
{
    uint64_t v = 0;
    TRY(rd_uint(r, 4, &v, what));
    *ret_value = (uint32_t)v;
    return CS_SUCCESS;
}

CS_RESULT rd_u64(struct reader *r, uint64_t *ret_value, const char *what)
{
    return rd_uint(r, 8, ret_value, what);
}

CS_RESULT rd_until(struct reader *r, uint8_t stop, struct span *ret_bytes, const char *what)
{
    const uint8_t *end = r->rest.left > 0 ? memchr(r->rest.p, stop, r->rest.left) : NULL;

    if (end == NULL) {
        return CS_FAIL_AT(CS_E_SHORT, what, r->at);
    }
    const size_t n = (size_t)(end - r->rest.p);
    *ret_bytes = span_make(r->rest.p, n);
    advance(r, n + 1);
    return CS_SUCCESS;
}

CS_RESULT rd_end(const struct reader *r, const char *what)
{
    return r->rest.left == 0 ? CS_SUCCESS : CS_FAIL_AT(CS_E_TRAILING, what, r->at);
}
