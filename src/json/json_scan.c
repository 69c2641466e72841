/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_scan.h"

#include "base/base_text.h"

enum byte_class { PLAIN, CONTROL, QUOTE, BACKSLASH, HIGH };

#define C8  CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL
#define H16 HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH, HIGH

/* Everything not named here is PLAIN: ASCII that stands for itself. */
static const uint8_t classes[256] = {C8,  C8,  C8,  C8, [0x22] = QUOTE, [0x5c] = BACKSLASH, [0x80] = H16, H16, H16, H16,
                                     H16, H16, H16, H16};

static void skip(struct reader *r, size_t n)
{
    r->rest.p += n;
    r->rest.left -= n;
    r->at += n;
}

/* Is any of the eight bytes of x zero? */
static bool has_zero(uint64_t x)
{
    return ((x - 0x0101010101010101ULL) & ~x & 0x8080808080808080ULL) != 0;
}

size_t json_scan_plain(struct span s)
{
    size_t i = 0;

    while (s.left - i >= 8) { /* eight at a time: most text is plain */
        uint64_t x = 0;
        memcpy(&x, s.p + i, sizeof(x));
        const bool high_or_control = (((x - 0x2020202020202020ULL) | x) & 0x8080808080808080ULL) != 0;
        if (high_or_control || has_zero(x ^ 0x2222222222222222ULL) || has_zero(x ^ 0x5c5c5c5c5c5c5c5cULL)) {
            break;
        }
        i += 8;
    }
    while (i < s.left && classes[s.p[i]] == PLAIN) {
        i++;
    }
    return i;
}

enum json_kind json_scan_kind(struct span rest)
{
    if (rest.left == 0) {
        return JSON_BAD;
    }
    switch (rest.p[0]) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
    case 'f':
        return JSON_BOOL;
    case 'n':
        return JSON_NULL;
    default:
        return rest.p[0] == '-' || (rest.p[0] >= '0' && rest.p[0] <= '9') ? JSON_INT : JSON_BAD;
    }
}

CS_RESULT json_scan_byte(struct reader *r, char byte, const char *what)
{
    if (r->rest.left == 0) {
        return CS_FAIL_AT(CS_E_SHORT, what, r->at);
    }
    if (r->rest.p[0] != (uint8_t)byte) {
        return CS_FAIL_AT(CS_E_SYNTAX, what, r->at);
    }
    skip(r, 1);
    return CS_SUCCESS;
}

static int hex_digit(uint8_t c, enum json_spelling s)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return s == JSON_FREE && c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Four hex digits at s[0..3]. */
static CS_RESULT hex_unit(struct span s, enum json_spelling spelling, uint32_t *ret_unit)
{
    uint32_t v = 0;

    ENSURE(s.left >= 4, CS_E_SHORT, "json.escape");
    for (size_t i = 0; i < 4; i++) {
        const int d = hex_digit(s.p[i], spelling);
        ENSURE(d >= 0, CS_E_SYNTAX, "json.escape");
        v = v << 4 | (uint32_t)d;
    }
    *ret_unit = v;
    return CS_SUCCESS;
}

/* The byte that a two-character escape stands for, or 0. */
static uint8_t short_escape(uint8_t c, enum json_spelling s)
{
    switch (c) {
    case '"':
    case '\\':
        return c;
    case '/':
        return s == JSON_FREE ? c : 0;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
}

/* Would the canonical writer spell this code point \u00xx? */
static bool needs_unit(uint32_t v)
{
    return v < 0x20 && v != '\b' && v != '\f' && v != '\n' && v != '\r' && v != '\t';
}

/* \uXXXX, or a surrogate pair of them; s starts at the first hex digit. Takes 4 or 10 bytes. */
static CS_RESULT unit_escape(struct span s, enum json_spelling spelling, uint32_t *ret_point, size_t *ret_taken)
{
    uint32_t v = 0;
    uint32_t low = 0;

    TRY(hex_unit(s, spelling, &v));
    ENSURE(v != 0, CS_E_RANGE, "json.escape"); /* U+0000 is outside the profile */
    ENSURE(spelling == JSON_FREE || needs_unit(v), CS_E_SYNTAX, "json.escape");
    if (v < 0xd800 || v > 0xdfff) {
        *ret_point = v;
        *ret_taken = 4;
        return CS_SUCCESS;
    }
    ENSURE(v < 0xdc00 && span_starts(span_from(s, 4), SPAN_LIT("\\u")), CS_E_UTF8, "json.escape");
    TRY(hex_unit(span_from(s, 6), spelling, &low));
    ENSURE(low >= 0xdc00 && low <= 0xdfff, CS_E_UTF8, "json.escape");
    *ret_point = 0x10000 + ((v - 0xd800) << 10 | (low - 0xdc00));
    *ret_taken = 10;
    return CS_SUCCESS;
}

/* An escape; s starts at its backslash. */
static CS_RESULT escape(struct span s, enum json_spelling spelling, uint32_t *ret_point, size_t *ret_taken)
{
    ENSURE(s.left >= 2, CS_E_SHORT, "json.escape");
    if (s.p[1] == 'u') {
        size_t n = 0;
        TRY(unit_escape(span_from(s, 2), spelling, ret_point, &n));
        *ret_taken = 2 + n;
        return CS_SUCCESS;
    }
    const uint8_t c = short_escape(s.p[1], spelling);
    ENSURE(c != 0, CS_E_SYNTAX, "json.escape");
    *ret_point = c;
    *ret_taken = 2;
    return CS_SUCCESS;
}

static size_t utf8_bytes(uint32_t point)
{
    if (point < 0x80) {
        return 1;
    }
    return point < 0x800 ? 2 : (point < 0x10000 ? 3 : 4);
}

/* One element of a string that is not plain ASCII: an escape or a UTF-8 sequence. */
static CS_RESULT element(struct span s, enum json_spelling spelling, size_t *ret_taken, size_t *ret_decoded)
{
    uint32_t point = 0;

    if (classes[s.p[0]] == BACKSLASH) {
        TRY(escape(s, spelling, &point, ret_taken));
        *ret_decoded = utf8_bytes(point);
        return CS_SUCCESS;
    }
    ENSURE(classes[s.p[0]] == HIGH, CS_E_SYNTAX, "json.control");
    TRY(text_utf8_next(s, &point, ret_taken));
    *ret_decoded = *ret_taken;
    return CS_SUCCESS;
}

CS_RESULT json_scan_string(struct reader *r, enum json_spelling s, const char *what, struct json_text *ret_text)
{
    TRY(json_scan_byte(r, '"', what));
    const uint8_t *p = r->rest.p;
    const size_t n = r->rest.left;
    size_t i = 0;
    size_t saved = 0; /* bytes that decoding will take away */

    for (;;) {
        i += json_scan_plain(span_make(p + i, n - i));
        if (i == n) {
            return CS_FAIL_AT(CS_E_SHORT, what, r->at + i);
        }
        if (classes[p[i]] == QUOTE) {
            break;
        }
        size_t taken = 0;
        size_t decoded = 0;
        const struct cs_result e = element(span_make(p + i, n - i), s, &taken, &decoded);
        if (e.code != CS_OK) {
            return CS_FAIL_AT(e.code, what, r->at + i);
        }
        i += taken;
        saved += taken - decoded;
    }
    skip(r, i + 1);
    *ret_text = (struct json_text){.raw = span_make(p, i), .decoded_bytes = i - saved};
    return CS_SUCCESS;
}

static bool is_key_byte(uint8_t c, bool first)
{
    return (c >= 'a' && c <= 'z') || (!first && ((c >= '0' && c <= '9') || c == '_'));
}

CS_RESULT json_scan_key(struct reader *r, const char *what, struct span *ret_key)
{
    const size_t start = r->at;

    TRY(json_scan_byte(r, '"', what));
    const uint8_t *p = r->rest.p;
    size_t i = 0;
    while (i < r->rest.left && is_key_byte(p[i], i == 0)) {
        i++;
    }
    if (i == r->rest.left) {
        return CS_FAIL_AT(CS_E_SHORT, what, r->at + i);
    }
    if (p[i] != '"' || i == 0 || i > JSON_KEY_MAX) {
        return CS_FAIL_AT(CS_E_UNKNOWN, what, start);
    }
    skip(r, i + 1);
    *ret_key = span_make(p, i);
    return CS_SUCCESS;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Digits from s on: how many there are, and their value, or INT64_MAX if that is past any number of the profile. */
static size_t digits(struct span s, int64_t *ret_value)
{
    size_t n = 0;
    int64_t v = 0;

    while (n < s.left && is_digit(s.p[n])) {
        v = n < 16 ? v * 10 + (s.p[n] - '0') : INT64_MAX;
        n++;
    }
    *ret_value = v;
    return n;
}

CS_RESULT json_scan_int(struct reader *r, enum json_spelling s, const char *what, int64_t *ret_value)
{
    const bool minus = r->rest.left > 0 && r->rest.p[0] == '-';
    const struct span t = span_from(r->rest, minus ? 1 : 0);
    int64_t v = 0;
    const size_t n = digits(t, &v);

    if (t.left == 0) {
        return CS_FAIL_AT(CS_E_SHORT, what, r->at);
    }
    const bool spare_zero = t.p[0] == '0' && n > 1;
    const bool minus_zero = minus && v == 0 && s == JSON_CANON;
    if (n == 0 || spare_zero || minus_zero) {
        return CS_FAIL_AT(CS_E_SYNTAX, what, r->at);
    }
    if (n < t.left && (t.p[n] == '.' || t.p[n] == 'e' || t.p[n] == 'E')) {
        return CS_FAIL_AT(CS_E_TYPE, what, r->at);
    }
    if (v > JSON_INT_MAX) {
        return CS_FAIL_AT(CS_E_RANGE, what, r->at);
    }
    skip(r, n + (minus ? 1 : 0));
    *ret_value = minus ? -v : v;
    return CS_SUCCESS;
}

CS_RESULT json_scan_word(struct reader *r, const char *what, enum json_kind *ret_kind, bool *ret_flag)
{
    static const struct {
        struct span word;
        enum json_kind kind;
        bool flag;
    } words[] = {
        {{(const uint8_t *)"false", 5}, JSON_BOOL, false},
        {{(const uint8_t *)"null", 4}, JSON_NULL, false},
        {{(const uint8_t *)"true", 4}, JSON_BOOL, true},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_starts(r->rest, words[i].word)) {
            skip(r, words[i].word.left);
            *ret_kind = words[i].kind;
            *ret_flag = words[i].flag;
            return CS_SUCCESS;
        }
    }
    return CS_FAIL_AT(r->rest.left == 0 ? CS_E_SHORT : CS_E_SYNTAX, what, r->at);
}

static size_t put_utf8(uint8_t *at, uint32_t v)
{
    const size_t n = utf8_bytes(v);
    static const uint8_t lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i > 1; i--) {
        at[i - 1] = (uint8_t)(0x80U | (v & 0x3fU));
        v >>= 6;
    }
    at[0] = (uint8_t)(lead[n] | v);
    return n;
}

CS_RESULT json_scan_decode(struct json_text t, struct arena *arena, const char *what, struct span *ret_text)
{
    if (t.decoded_bytes == t.raw.left) {
        *ret_text = t.raw;
        return CS_SUCCESS;
    }
    uint8_t *out = arena != NULL ? arena_alloc(arena, t.decoded_bytes) : NULL;
    ENSURE(out != NULL, CS_E_NOMEM, what);
    size_t n = 0;
    size_t i = 0;
    while (i < t.raw.left) {
        const uint8_t *stop = memchr(t.raw.p + i, '\\', t.raw.left - i);
        const size_t plain = stop != NULL ? (size_t)(stop - t.raw.p) - i : t.raw.left - i;
        memcpy(out + n, t.raw.p + i, plain);
        n += plain;
        i += plain;
        if (stop != NULL) {
            uint32_t point = 0;
            size_t taken = 0;
            TRY(escape(span_from(t.raw, i), JSON_FREE, &point, &taken));
            n += put_utf8(out + n, point);
            i += taken;
        }
    }
    *ret_text = span_make(out, n);
    return CS_SUCCESS;
}
