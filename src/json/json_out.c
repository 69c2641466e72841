/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_out.h"

#include "base/base_text.h"
#include "json/json_scan.h"

struct json_out json_out_make(struct writer *w)
{
    struct json_out o = {.w = w, .depth = 0, .keyed = false, .done = false};
    return o;
}

static bool failed(const struct json_out *o)
{
    return o->w->fail != CS_OK;
}

/* The first failure stays. */
static void fail(struct json_out *o, enum cs_code code)
{
    o->w->fail = failed(o) ? o->w->fail : code;
}

static bool key_is_legal(struct span key)
{
    bool legal = key.left >= 1 && key.left <= JSON_KEY_MAX && key.p[0] >= 'a' && key.p[0] <= 'z';

    for (size_t i = 1; legal && i < key.left; i++) {
        const uint8_t c = key.p[i];
        legal = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    }
    return legal;
}

void json_put_key(struct json_out *o, struct span key)
{
    if (failed(o)) {
        return;
    }
    if (o->depth == 0 || o->level[o->depth - 1].array || o->keyed) {
        fail(o, CS_E_STATE);
        return;
    }
    if (!key_is_legal(key)) {
        fail(o, CS_E_SYNTAX);
        return;
    }
    struct json_out_level *l = &o->level[o->depth - 1];
    const int order = l->filled ? span_cmp(span_make(l->last_key, l->last_len), key) : -1;
    if (order >= 0) {
        fail(o, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER);
        return;
    }
    const size_t comma = l->filled ? 1 : 0;
    uint8_t *at = wr_room(o->w, comma + key.left + 3);
    if (at == NULL) {
        return;
    }
    at[0] = ','; /* overwritten by the quote when there is no comma */
    at[comma] = '"';
    memcpy(at + comma + 1, key.p, key.left);
    at[comma + 1 + key.left] = '"';
    at[comma + 2 + key.left] = ':';
    memcpy(l->last_key, key.p, key.left);
    l->last_len = key.left;
    l->filled = true;
    o->keyed = true;
}

/* Everything that stands before a value; true if the value may be written. */
static bool begin(struct json_out *o, const char *key)
{
    if (key != NULL) {
        json_put_key(o, span_str(key));
    }
    if (failed(o)) {
        return false;
    }
    if (o->depth == 0) {
        if (o->done) {
            fail(o, CS_E_STATE);
        }
        return !o->done;
    }
    struct json_out_level *l = &o->level[o->depth - 1];
    if (!l->array && !o->keyed) {
        fail(o, CS_E_STATE);
        return false;
    }
    if (l->array && l->filled) {
        wr_u8(o->w, ',');
    }
    l->filled = true;
    o->keyed = false;
    return true;
}

static void end(struct json_out *o)
{
    o->done = o->depth == 0;
}

static void put_open(struct json_out *o, const char *key, bool array)
{
    if (!begin(o, key)) {
        return;
    }
    if (o->depth >= JSON_DEPTH_MAX) {
        fail(o, CS_E_DEPTH);
        return;
    }
    struct json_out_level *l = &o->level[o->depth];
    l->last_len = 0;
    l->array = array;
    l->filled = false;
    o->depth++;
    wr_u8(o->w, array ? '[' : '{');
}

void json_put_object(struct json_out *o, const char *key)
{
    put_open(o, key, false);
}

void json_put_array(struct json_out *o, const char *key)
{
    put_open(o, key, true);
}

void json_put_close(struct json_out *o)
{
    if (failed(o)) {
        return;
    }
    if (o->depth == 0 || o->keyed) {
        fail(o, CS_E_STATE);
        return;
    }
    o->depth--;
    wr_u8(o->w, o->level[o->depth].array ? ']' : '}');
    end(o);
}

static void put_escape(struct writer *w, uint8_t c)
{
    static const uint8_t shorts[0x20] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    const uint8_t letter = c < 0x20 ? shorts[c] : c;

    if (letter != 0) {
        wr_u8(w, '\\');
        wr_u8(w, letter);
        return;
    }
    wr_bytes(w, SPAN_LIT("\\u00"));
    wr_hex(w, span_make(&c, 1));
}

/* What is not plain ASCII at the start of s: escaped, or a whole UTF-8 sequence. Bytes taken; 0 after a failure. */
static size_t put_special(struct json_out *o, struct span s)
{
    uint32_t point = 0;
    size_t n = 0;

    if (s.p[0] < 0x80) {
        if (s.p[0] == 0) {
            fail(o, CS_E_RANGE); /* U+0000 is outside the profile */
            return 0;
        }
        put_escape(o->w, s.p[0]);
        return 1;
    }
    if (text_utf8_next(s, &point, &n).code != CS_OK) {
        fail(o, CS_E_UTF8);
        return 0;
    }
    wr_bytes(o->w, span_make(s.p, n));
    return n;
}

void json_put_str(struct json_out *o, const char *key, struct span utf8)
{
    if (!begin(o, key)) {
        return;
    }
    wr_u8(o->w, '"');
    while (utf8.left > 0) {
        size_t n = json_scan_plain(utf8);
        if (n > 0) {
            wr_bytes(o->w, span_make(utf8.p, n));
        } else {
            n = put_special(o, utf8);
        }
        if (n == 0) {
            return;
        }
        utf8 = span_from(utf8, n);
    }
    wr_u8(o->w, '"');
    end(o);
}

void json_put_text(struct json_out *o, const char *key, const char *text)
{
    json_put_str(o, key, span_str(text));
}

void json_put_int(struct json_out *o, const char *key, int64_t v)
{
    if (!begin(o, key)) {
        return;
    }
    if (v > JSON_INT_MAX || v < -JSON_INT_MAX) {
        fail(o, CS_E_RANGE);
        return;
    }
    if (v < 0) {
        wr_u8(o->w, '-');
    }
    wr_dec(o->w, (uint64_t)(v < 0 ? -v : v));
    end(o);
}

void json_put_uint(struct json_out *o, const char *key, uint64_t v)
{
    if (v > (uint64_t)JSON_INT_MAX) {
        fail(o, CS_E_RANGE);
        return;
    }
    json_put_int(o, key, (int64_t)v);
}

static void put_verbatim(struct json_out *o, const char *key, struct span value)
{
    if (!begin(o, key)) {
        return;
    }
    wr_bytes(o->w, value);
    end(o);
}

void json_put_bool(struct json_out *o, const char *key, bool v)
{
    put_verbatim(o, key, v ? SPAN_LIT("true") : SPAN_LIT("false"));
}

void json_put_null(struct json_out *o, const char *key)
{
    put_verbatim(o, key, SPAN_LIT("null"));
}

void json_put_raw(struct json_out *o, const char *key, struct span canonical)
{
    if (canonical.left == 0) {
        fail(o, CS_E_MISSING);
        return;
    }
    put_verbatim(o, key, canonical);
}

void json_put_hex(struct json_out *o, const char *key, struct span bytes)
{
    if (!begin(o, key)) {
        return;
    }
    wr_u8(o->w, '"');
    wr_hex(o->w, bytes);
    wr_u8(o->w, '"');
    end(o);
}

void json_put_bytes(struct json_out *o, const char *key, struct span bytes)
{
    if (!begin(o, key)) {
        return;
    }
    wr_u8(o->w, '"');
    wr_base64url(o->w, bytes);
    wr_u8(o->w, '"');
    end(o);
}

void json_put_time(struct json_out *o, const char *key, uint64_t ms)
{
    if (!begin(o, key)) {
        return;
    }
    wr_u8(o->w, '"');
    text_time_write(o->w, ms);
    wr_u8(o->w, '"');
    end(o);
}

CS_RESULT json_out_end(const struct json_out *o, const char *what)
{
    TRY(wr_end(o->w, what));
    ENSURE(o->done && o->depth == 0, CS_E_STATE, what);
    return CS_SUCCESS;
}
