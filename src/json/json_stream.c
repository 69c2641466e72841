/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_stream.h"

#include "json/json_scan.h"

void json_stream_begin(struct json_stream *s, struct json_sink sink)
{
    memset(s, 0, sizeof(*s));
    s->sink = sink;
    s->state = JSON_AT_VALUE;
    s->line = 1;
}

static CS_RESULT fail(const struct json_stream *s, enum cs_code code)
{
    return CS_FAIL_AT(code, "json", (uint32_t)s->at);
}

static void took(struct json_stream *s, struct span *in, size_t n)
{
    in->p += n;
    in->left -= n;
    s->at += n;
}

static CS_RESULT tell(struct json_stream *s, struct json_token token)
{
    return s->sink.take(s->sink.user, &token);
}

static CS_RESULT tell_kind(struct json_stream *s, enum json_token_kind kind)
{
    return tell(s, (struct json_token){.kind = kind, .text = SPAN_NONE});
}

static bool in_array(const struct json_stream *s)
{
    return (s->arrays >> (s->depth - 1) & 1U) != 0;
}

static void value_ended(struct json_stream *s)
{
    s->state = s->depth == 0 ? JSON_AT_END : JSON_AFTER_VALUE;
}

static CS_RESULT open_container(struct json_stream *s, struct span *in, bool array)
{
    if (s->depth == JSON_STREAM_DEPTH_MAX) {
        return fail(s, CS_E_DEPTH);
    }
    took(s, in, 1);
    const uint64_t bit = (uint64_t)1 << s->depth;
    s->arrays = array ? s->arrays | bit : s->arrays & ~bit;
    s->depth++;
    s->state = array ? JSON_AT_FIRST_ITEM : JSON_AT_FIRST_KEY;
    return tell_kind(s, array ? JSON_TOKEN_ARRAY : JSON_TOKEN_OBJECT);
}

static CS_RESULT close_container(struct json_stream *s)
{
    s->depth--;
    value_ended(s);
    return tell_kind(s, JSON_TOKEN_CLOSE);
}

static void begin_text(struct json_stream *s, enum json_stream_state state, bool is_key)
{
    s->state = state;
    s->is_key = is_key;
    s->len = 0;
    s->cut = false;
}

static void keep(struct json_stream *s, struct span bytes)
{
    const size_t room = sizeof(s->text) - s->len;
    const size_t n = bytes.left < room ? bytes.left : room;

    memcpy(s->text + s->len, bytes.p, n);
    s->len += n;
    s->cut = s->cut || n < bytes.left;
}

/* The first byte of a value. The first character of a number or word is left to who reads those. */
static CS_RESULT at_value(struct json_stream *s, struct span *in)
{
    switch (json_scan_kind(*in)) {
    case JSON_OBJECT:
        return open_container(s, in, false);
    case JSON_ARRAY:
        return open_container(s, in, true);
    case JSON_STRING:
        took(s, in, 1);
        begin_text(s, JSON_IN_STRING, false);
        return CS_SUCCESS;
    case JSON_INT:
        begin_text(s, JSON_IN_NUMBER, false);
        return CS_SUCCESS;
    case JSON_BOOL:
    case JSON_NULL:
        begin_text(s, JSON_IN_WORD, false);
        return CS_SUCCESS;
    case JSON_BAD:
        break;
    }
    return fail(s, CS_E_SYNTAX);
}

static CS_RESULT at_first(struct json_stream *s, struct span *in)
{
    const bool item = s->state == JSON_AT_FIRST_ITEM;

    if (in->p[0] == (item ? ']' : '}')) {
        took(s, in, 1);
        return close_container(s);
    }
    s->state = item ? JSON_AT_VALUE : JSON_AT_KEY;
    return CS_SUCCESS;
}

static CS_RESULT at_key(struct json_stream *s, struct span *in)
{
    if (in->p[0] != '"') {
        return fail(s, CS_E_SYNTAX);
    }
    took(s, in, 1);
    begin_text(s, JSON_IN_STRING, true);
    return CS_SUCCESS;
}

static CS_RESULT at_colon(struct json_stream *s, struct span *in)
{
    if (in->p[0] != ':') {
        return fail(s, CS_E_SYNTAX);
    }
    took(s, in, 1);
    s->state = JSON_AT_VALUE;
    return CS_SUCCESS;
}

static CS_RESULT after_value(struct json_stream *s, struct span *in)
{
    const bool array = in_array(s);

    if (in->p[0] == (array ? ']' : '}')) {
        took(s, in, 1);
        return close_container(s);
    }
    if (in->p[0] != ',') {
        return fail(s, CS_E_SYNTAX);
    }
    took(s, in, 1);
    s->state = array ? JSON_AT_VALUE : JSON_AT_KEY;
    return CS_SUCCESS;
}

static CS_RESULT text_ended(struct json_stream *s, struct span text)
{
    const struct json_token t = {
        .kind = s->is_key ? JSON_TOKEN_KEY : JSON_TOKEN_STRING,
        .text = span_make(text.p, text.left < JSON_STREAM_TEXT_MAX ? text.left : JSON_STREAM_TEXT_MAX),
        .cut = s->cut || text.left > JSON_STREAM_TEXT_MAX,
    };
    if (s->is_key) {
        s->state = JSON_AT_COLON;
    } else {
        value_ended(s);
    }
    return tell(s, t);
}

/* The lead byte of a sequence says how many follow, and what the first of them can be: no overlong forms, no
 * surrogates, nothing above U+10FFFF (Unicode, table 3-7). */
static CS_RESULT lead_byte(struct json_stream *s, uint8_t c)
{
    if (c < 0xc2 || c > 0xf4) {
        return fail(s, CS_E_UTF8);
    }
    s->more = c < 0xe0 ? 1 : (c < 0xf0 ? 2 : 3);
    s->least = c == 0xe0 ? 0xa0 : (c == 0xf0 ? 0x90 : 0x80);
    s->most = c == 0xed ? 0x9f : (c == 0xf4 ? 0x8f : 0xbf);
    s->state = JSON_IN_UTF8;
    return CS_SUCCESS;
}

/* The byte that ends a run of plain ones. */
static CS_RESULT special_byte(struct json_stream *s, struct span *in)
{
    const uint8_t c = in->p[0];

    if (c == '\\') {
        s->state = JSON_IN_ESCAPE;
        took(s, in, 1);
        return CS_SUCCESS;
    }
    if (s->high != 0) {
        return fail(s, CS_E_UTF8);
    }
    if (c == '"') {
        took(s, in, 1);
        return text_ended(s, span_make(s->text, s->len));
    }
    if (c < 0x20) {
        return fail(s, CS_E_SYNTAX);
    }
    TRY(lead_byte(s, c));
    keep(s, span_make(in->p, 1));
    took(s, in, 1);
    return CS_SUCCESS;
}

static CS_RESULT in_string(struct json_stream *s, struct span *in)
{
    const size_t n = json_scan_plain(*in);
    const struct span plain = span_make(in->p, n);

    if (n > 0 && s->high != 0) {
        return fail(s, CS_E_UTF8);
    }
    if (s->len == 0 && n < in->left && in->p[n] == '"' && s->high == 0) {
        took(s, in, n + 1); /* the whole text stands there as it is: most do */
        return text_ended(s, plain);
    }
    keep(s, plain);
    took(s, in, n);
    return in->left > 0 ? special_byte(s, in) : CS_SUCCESS;
}

static CS_RESULT in_utf8(struct json_stream *s, struct span *in)
{
    if (in->p[0] < s->least || in->p[0] > s->most) {
        return fail(s, CS_E_UTF8);
    }
    keep(s, span_make(in->p, 1));
    took(s, in, 1);
    s->least = 0x80;
    s->most = 0xbf;
    s->more--;
    s->state = s->more > 0 ? JSON_IN_UTF8 : JSON_IN_STRING;
    return CS_SUCCESS;
}

static CS_RESULT in_escape(struct json_stream *s, struct span *in)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    const uint8_t c = in->p[0];

    if (c == 'u') {
        s->unit = 0;
        s->digits = 0;
        s->state = JSON_IN_UNIT;
        took(s, in, 1);
        return CS_SUCCESS;
    }
    const char *at = memchr(names, c, sizeof(names) - 1);
    if (at == NULL || s->high != 0) {
        return fail(s, at == NULL ? CS_E_SYNTAX : CS_E_UTF8);
    }
    keep(s, span_make(bytes + (at - names), 1));
    took(s, in, 1);
    s->state = JSON_IN_STRING;
    return CS_SUCCESS;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const uint8_t lower = c | 0x20U;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static void keep_point(struct json_stream *s, uint32_t v)
{
    uint8_t b[4] = {(uint8_t)v};
    size_t n = 1;

    if (v >= 0x80) {
        n = v < 0x800 ? 2 : (v < 0x10000 ? 3 : 4);
        const uint32_t lead = n == 2 ? 0xc0 : (n == 3 ? 0xe0 : 0xf0);
        for (size_t i = n; i > 1; i--) {
            b[i - 1] = (uint8_t)(0x80U | (v & 0x3fU));
            v >>= 6;
        }
        b[0] = (uint8_t)(lead | v);
    }
    keep(s, span_make(b, n));
}

static CS_RESULT unit_ended(struct json_stream *s)
{
    const bool high = s->unit >= 0xd800 && s->unit <= 0xdbff;
    const bool low = s->unit >= 0xdc00 && s->unit <= 0xdfff;

    if (low != (s->high != 0)) {
        return fail(s, CS_E_UTF8);
    }
    if (low) {
        keep_point(s, 0x10000 + ((s->high - 0xd800) << 10 | (s->unit - 0xdc00)));
    } else if (!high) {
        keep_point(s, s->unit);
    }
    s->high = high ? s->unit : 0;
    s->state = JSON_IN_STRING;
    return CS_SUCCESS;
}

static CS_RESULT in_unit(struct json_stream *s, struct span *in)
{
    const int v = hex_value(in->p[0]);

    if (v < 0) {
        return fail(s, CS_E_SYNTAX);
    }
    took(s, in, 1);
    s->unit = s->unit << 4 | (uint32_t)v;
    s->digits++;
    return s->digits == 4 ? unit_ended(s) : CS_SUCCESS;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_from(struct span text, size_t i)
{
    while (i < text.left && is_digit(text.p[i])) {
        i++;
    }
    return i;
}

/* Nothing, or e and an integer. */
static bool is_exponent(struct span t)
{
    if (t.left == 0) {
        return true;
    }
    const bool sign = t.left > 1 && (t.p[1] == '+' || t.p[1] == '-');
    const size_t i = sign ? 2 : 1;
    const size_t end = digits_from(t, i);

    return (t.p[0] == 'e' || t.p[0] == 'E') && end > i && end == t.left;
}

/* RFC 8259 §6: [-] (0 | digits without a zero first) [. digits] [e [+-] digits]. */
static bool is_number(struct span t)
{
    size_t i = t.left > 0 && t.p[0] == '-' ? 1 : 0;
    size_t end = digits_from(t, i);

    if (end == i || (t.p[i] == '0' && end > i + 1)) {
        return false;
    }
    if (end < t.left && t.p[end] == '.') {
        i = end + 1;
        end = digits_from(t, i);
        if (end == i) {
            return false;
        }
    }
    return is_exponent(span_from(t, end));
}

static CS_RESULT number_ended(struct json_stream *s)
{
    const struct span text = span_make(s->text, s->len);

    if (!is_number(text)) {
        return fail(s, CS_E_SYNTAX);
    }
    value_ended(s);
    return tell(s, (struct json_token){.kind = JSON_TOKEN_NUMBER, .text = text});
}

static bool in_number_byte(uint8_t c)
{
    return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static CS_RESULT in_number(struct json_stream *s, struct span *in)
{
    const size_t room = JSON_STREAM_NUMBER_MAX - s->len;
    size_t n = 0;

    while (n < in->left && n < room && in_number_byte(in->p[n])) {
        n++;
    }
    keep(s, span_make(in->p, n));
    took(s, in, n);
    if (in->left == 0) {
        return CS_SUCCESS;
    }
    return in_number_byte(in->p[0]) ? fail(s, CS_E_RANGE) : number_ended(s);
}

static CS_RESULT in_word(struct json_stream *s, struct span *in)
{
    static const struct {
        struct span word;
        struct json_token token;
    } words[] = {
        {{(const uint8_t *)"false", 5}, {.kind = JSON_TOKEN_BOOL, .flag = false}},
        {{(const uint8_t *)"null", 4}, {.kind = JSON_TOKEN_NULL}},
        {{(const uint8_t *)"true", 4}, {.kind = JSON_TOKEN_BOOL, .flag = true}},
    };

    keep(s, span_make(in->p, 1));
    const struct span have = span_make(s->text, s->len);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_starts(words[i].word, have)) {
            took(s, in, 1);
            if (words[i].word.left > have.left) {
                return CS_SUCCESS;
            }
            value_ended(s);
            return tell(s, words[i].token);
        }
    }
    return fail(s, CS_E_SYNTAX);
}

/* White space between tokens; a line can only end there. */
static void skip_space(struct json_stream *s, struct span *in)
{
    while (in->left > 0 && (in->p[0] == ' ' || in->p[0] == '\n' || in->p[0] == '\t' || in->p[0] == '\r')) {
        s->line += in->p[0] == '\n' ? 1U : 0U;
        took(s, in, 1);
    }
}

static bool between_tokens(enum json_stream_state state)
{
    return state <= JSON_AFTER_VALUE || state == JSON_AT_END;
}

static CS_RESULT step(struct json_stream *s, struct span *in)
{
    switch (s->state) {
    case JSON_AT_VALUE:
        return at_value(s, in);
    case JSON_AT_FIRST_ITEM:
    case JSON_AT_FIRST_KEY:
        return at_first(s, in);
    case JSON_AT_KEY:
        return at_key(s, in);
    case JSON_AT_COLON:
        return at_colon(s, in);
    case JSON_AFTER_VALUE:
        return after_value(s, in);
    case JSON_IN_STRING:
        return in_string(s, in);
    case JSON_IN_UTF8:
        return in_utf8(s, in);
    case JSON_IN_ESCAPE:
        return in_escape(s, in);
    case JSON_IN_UNIT:
        return in_unit(s, in);
    case JSON_IN_NUMBER:
        return in_number(s, in);
    case JSON_IN_WORD:
        return in_word(s, in);
    case JSON_AT_END:
        break;
    }
    return fail(s, CS_E_SYNTAX); /* something after the value */
}

static CS_RESULT skip_mark(struct json_stream *s, struct span *in)
{
    static const uint8_t mark[3] = {0xef, 0xbb, 0xbf};

    while (in->left > 0 && s->bom == s->at && s->bom < sizeof(mark) && in->p[0] == mark[s->bom]) {
        s->bom++;
        took(s, in, 1);
    }
    return in->left > 0 && s->bom > 0 && s->bom < sizeof(mark) ? fail(s, CS_E_UTF8) : CS_SUCCESS;
}

CS_RESULT json_stream_feed(struct json_stream *s, struct span bytes)
{
    TRY(skip_mark(s, &bytes));
    while (bytes.left > 0) {
        if (between_tokens(s->state)) {
            skip_space(s, &bytes);
        }
        if (bytes.left > 0) {
            TRY(step(s, &bytes));
        }
    }
    return CS_SUCCESS;
}

CS_RESULT json_stream_end(struct json_stream *s)
{
    if (s->state == JSON_IN_NUMBER && s->depth == 0) {
        TRY(number_ended(s));
    }
    return s->state == JSON_AT_END ? CS_SUCCESS : fail(s, CS_E_SHORT);
}
