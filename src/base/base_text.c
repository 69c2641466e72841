/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_text.h"

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

CS_RESULT text_hex_decode(struct span text, uint8_t *ret_bytes, size_t n, const char *what)
{
    ENSURE(text.left % 2 == 0 && text.left / 2 == n, CS_E_RANGE, what);
    for (size_t i = 0; i < text.left; i++) {
        if (hex_value(text.p[i]) < 0) {
            return CS_FAIL_AT(CS_E_SYNTAX, what, i);
        }
    }
    for (size_t i = 0; i < n; i++) {
        ret_bytes[i] = (uint8_t)(hex_value(text.p[2 * i]) * 16 + hex_value(text.p[2 * i + 1]));
    }
    return CS_SUCCESS;
}

static int b64_value(uint8_t c, bool url)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    if (c == (url ? '-' : '+')) {
        return 62;
    }
    return c == (url ? '_' : '/') ? 63 : -1;
}

/* Up to four characters from `at` on, as the high bits of 24; missing ones count as zero. */
static CS_RESULT b64_group(struct span text, size_t at, bool url, uint32_t *ret_bits, const char *what)
{
    uint32_t v = 0;
    for (size_t k = 0; k < 4; k++) {
        const int d = at + k < text.left ? b64_value(text.p[at + k], url) : 0;
        if (d < 0) {
            return CS_FAIL_AT(CS_E_SYNTAX, what, at + k);
        }
        v = v << 6 | (uint32_t)d;
    }
    *ret_bits = v;
    return CS_SUCCESS;
}

static CS_RESULT b64_decode(struct span text, struct writer *w, bool url, const char *what)
{
    ENSURE(text.left % 4 != 1, CS_E_SYNTAX, what);

    for (size_t i = 0; i < text.left; i += 4) {
        const size_t n = text.left - i < 4 ? text.left - i : 4;
        uint32_t v = 0;
        TRY(b64_group(text, i, url, &v, what));
        /* n characters carry n - 1 bytes; bits past them must be zero, or two spellings would mean the same */
        if ((v & (0xffffffU >> (8 * (n - 1)))) != 0) {
            return CS_FAIL_AT(CS_E_ORDER, what, i);
        }
        for (size_t k = 0; k + 1 < n; k++) {
            wr_u8(w, (uint8_t)(v >> (16 - 8 * k) & 0xffU));
        }
    }
    return wr_end(w, what);
}

CS_RESULT text_base64_decode(struct span text, struct writer *w, const char *what)
{
    ENSURE(text.left % 4 == 0, CS_E_SYNTAX, what);
    size_t n = text.left;
    while (n > 0 && text.left - n < 2 && text.p[n - 1] == '=') {
        n--;
    }
    return b64_decode(span_make(text.p, n), w, false, what);
}

CS_RESULT text_base64url_decode(struct span text, struct writer *w, const char *what)
{
    return b64_decode(text, w, true, what);
}

CS_RESULT text_base64url_exact(struct span text, uint8_t *ret_bytes, size_t n, const char *what)
{
    uint8_t bytes[128];
    struct writer w = wr_fixed(bytes, sizeof(bytes));

    ENSURE(n <= sizeof(bytes) && text.left == (n * 4 + 2) / 3, CS_E_RANGE, what);
    TRY(text_base64url_decode(text, &w, what));
    memcpy(ret_bytes, bytes, n);
    return CS_SUCCESS;
}

CS_RESULT text_dec_decode(struct span text, uint64_t *ret_value, const char *what)
{
    uint64_t v = 0;

    ENSURE(text.left >= 1 && text.left <= 20, CS_E_RANGE, what);
    ENSURE(text.left == 1 || text.p[0] != '0', CS_E_SYNTAX, what);
    for (size_t i = 0; i < text.left; i++) {
        ENSURE(text.p[i] >= '0' && text.p[i] <= '9', CS_E_SYNTAX, what);
        ENSURE(!__builtin_mul_overflow(v, (uint64_t)10, &v) &&
                   !__builtin_add_overflow(v, (uint64_t)(text.p[i] - '0'), &v),
               CS_E_RANGE, what);
    }
    *ret_value = v;
    return CS_SUCCESS;
}

/* Days since 1970-01-01 of a proleptic Gregorian date: whole 400-year eras, years starting in March. */
static uint64_t days_of(uint64_t y, uint64_t m, uint64_t d)
{
    const uint64_t yy = m <= 2 ? y - 1 : y;
    const uint64_t era = yy / 400;
    const uint64_t yoe = yy - era * 400;
    const uint64_t doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
    const uint64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    return era * 146097 + doe - 719468;
}

static uint64_t days_in(uint64_t y, uint64_t m)
{
    static const uint8_t len[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m == 2 && leap ? 29 : len[m - 1];
}

static CS_RESULT fixed_digits(struct span text, size_t at, size_t n, uint64_t *ret_value, const char *what)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) {
        const uint8_t c = text.p[at + i];
        if (c < '0' || c > '9') {
            return CS_FAIL_AT(CS_E_SYNTAX, what, at + i);
        }
        v = v * 10 + (uint64_t)(c - '0');
    }
    *ret_value = v;
    return CS_SUCCESS;
}

CS_RESULT text_time_decode(struct span text, uint64_t *ret_ms, const char *what)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    uint64_t y = 0;
    uint64_t mo = 0;
    uint64_t d = 0;
    uint64_t h = 0;
    uint64_t mi = 0;
    uint64_t s = 0;
    uint64_t ms = 0;

    ENSURE(text.left == TEXT_TIME_LEN, CS_E_RANGE, what);
    for (size_t i = 0; i < TEXT_TIME_LEN; i++) {
        if (shape[i] != 'd' && text.p[i] != (uint8_t)shape[i]) {
            return CS_FAIL_AT(CS_E_SYNTAX, what, i);
        }
    }
    TRY(fixed_digits(text, 0, 4, &y, what));
    TRY(fixed_digits(text, 5, 2, &mo, what));
    TRY(fixed_digits(text, 8, 2, &d, what));
    TRY(fixed_digits(text, 11, 2, &h, what));
    TRY(fixed_digits(text, 14, 2, &mi, what));
    TRY(fixed_digits(text, 17, 2, &s, what));
    TRY(fixed_digits(text, 20, 3, &ms, what));
    ENSURE(y >= 1970 && mo >= 1 && mo <= 12, CS_E_RANGE, what);
    ENSURE(d >= 1 && d <= days_in(y, mo) && h <= 23 && mi <= 59 && s <= 59, CS_E_RANGE, what);
    *ret_ms = ((days_of(y, mo, d) * 24 + h) * 60 + mi) * 60000 + s * 1000 + ms;
    return CS_SUCCESS;
}

void wr_padded(struct writer *w, uint64_t v, unsigned digits)
{
    uint8_t *at = wr_room(w, digits);
    for (unsigned i = digits; at != NULL && i > 0; i--) {
        at[i - 1] = (uint8_t)('0' + v % 10);
        v /= 10;
    }
}

void text_time_write(struct writer *w, uint64_t ms)
{
    const uint64_t days = ms / 86400000;
    const uint64_t in_day = ms % 86400000;
    const uint64_t z = days + 719468;
    const uint64_t era = z / 146097;
    const uint64_t doe = z - era * 146097;
    const uint64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const uint64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const uint64_t mp = (5 * doy + 2) / 153;
    const uint64_t month = mp < 10 ? mp + 3 : mp - 9;
    const uint64_t year = yoe + era * 400 + (month <= 2 ? 1U : 0U);

    if (days > 2932896) { /* 9999-12-31 */
        w->fail = w->fail == CS_OK ? CS_E_RANGE : w->fail;
        return;
    }
    wr_padded(w, year, 4);
    wr_u8(w, '-');
    wr_padded(w, month, 2);
    wr_u8(w, '-');
    wr_padded(w, doy - (153 * mp + 2) / 5 + 1, 2);
    wr_u8(w, 'T');
    wr_padded(w, in_day / 3600000, 2);
    wr_u8(w, ':');
    wr_padded(w, in_day / 60000 % 60, 2);
    wr_u8(w, ':');
    wr_padded(w, in_day / 1000 % 60, 2);
    wr_u8(w, '.');
    wr_padded(w, in_day % 1000, 3);
    wr_u8(w, 'Z');
}

/* Length and smallest code point of a sequence by its lead byte; 0 for a byte that cannot lead. */
static size_t utf8_lead(uint8_t c, uint32_t *ret_bits, uint32_t *ret_least)
{
    if (c >= 0xc2 && c <= 0xdf) {
        *ret_bits = c & 0x1fU;
        *ret_least = 0x80;
        return 2;
    }
    if (c >= 0xe0 && c <= 0xef) {
        *ret_bits = c & 0x0fU;
        *ret_least = 0x800;
        return 3;
    }
    if (c >= 0xf0 && c <= 0xf4) {
        *ret_bits = c & 0x07U;
        *ret_least = 0x10000;
        return 4;
    }
    return 0;
}

CS_RESULT text_utf8_next(struct span s, uint32_t *ret_point, size_t *ret_bytes)
{
    ENSURE(s.left > 0, CS_E_SHORT, "utf8");
    if (s.p[0] < 0x80) {
        *ret_point = s.p[0];
        *ret_bytes = 1;
        return CS_SUCCESS;
    }
    uint32_t v = 0;
    uint32_t least = 0;
    const size_t n = utf8_lead(s.p[0], &v, &least);
    ENSURE(n != 0 && n <= s.left, CS_E_UTF8, "utf8");
    for (size_t i = 1; i < n; i++) {
        ENSURE((s.p[i] & 0xc0U) == 0x80U, CS_E_UTF8, "utf8");
        v = v << 6 | (s.p[i] & 0x3fU);
    }
    ENSURE(v >= least && v <= 0x10ffff && (v < 0xd800 || v > 0xdfff), CS_E_UTF8, "utf8");
    *ret_point = v;
    *ret_bytes = n;
    return CS_SUCCESS;
}

CS_RESULT text_utf8_check(struct span s, const char *what)
{
    size_t at = 0;
    while (at < s.left) {
        uint32_t point = 0;
        size_t n = 0;
        if (s.p[at] < 0x80) { /* most of it */
            at++;
            continue;
        }
        if (text_utf8_next(span_from(s, at), &point, &n).code != CS_OK) {
            return CS_FAIL_AT(CS_E_UTF8, what, at);
        }
        at += n;
    }
    return CS_SUCCESS;
}

static bool is_alnum(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

CS_RESULT text_id_check(struct span s, size_t max, const char *what)
{
    ENSURE(s.left >= 1 && s.left <= max, CS_E_RANGE, what);
    ENSURE(is_alnum(s.p[0]), CS_E_SYNTAX, what);
    for (size_t i = 1; i < s.left; i++) {
        if (!is_alnum(s.p[i]) && (s.p[i] == 0 || strchr("._@+:/-", s.p[i]) == NULL)) {
            return CS_FAIL_AT(CS_E_SYNTAX, what, i);
        }
    }
    return CS_SUCCESS;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* One row of the table at a time. */
size_t text_distance(struct span a, struct span b)
{
    size_t row[TEXT_WORD_MAX + 1];

    if (a.left > TEXT_WORD_MAX || b.left > TEXT_WORD_MAX) {
        return SIZE_MAX;
    }
    for (size_t k = 0; k <= b.left; k++) {
        row[k] = k;
    }
    for (size_t i = 1; i <= a.left; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.left; k++) {
            const size_t above = row[k];
            const size_t swap = diagonal + (a.p[i - 1] == b.p[k - 1] ? 0U : 1U);
            row[k] = least(swap, least(above, row[k - 1]) + 1);
            diagonal = above;
        }
    }
    return row[b.left];
}
