/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_out.h"

#include "base/base_text.h"

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
    if (l->filled) {
        wr_u8(o->w, ',');
    }
    wr_u8(o->w, '"');
    wr_bytes(o->w, key);
    wr_bytes(o->w, SPAN_LIT("\":"));
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

/* Runs of bytes that stand for themselves are copied whole. */
static void put_quoted(struct writer *w, struct span s)
{
    size_t start = 0;

    wr_u8(w, '"');
    for (size_t i = 0; i < s.left; i++) {
        if (s.p[i] >= 0x20 && s.p[i] != '"' && s.p[i] != '\\') {
            continue;
        }
        wr_bytes(w, span_make(s.p + start, i - start));
        put_escape(w, s.p[i]);
        start = i + 1;
    }
    wr_bytes(w, span_from(s, start));
    wr_u8(w, '"');
}

void json_put_str(struct json_out *o, const char *key, struct span utf8)
{
    if (!begin(o, key)) {
        return;
    }
    if (text_utf8_check(utf8, "json").code != CS_OK) {
        fail(o, CS_E_UTF8);
        return;
    }
    if (utf8.left > 0 && memchr(utf8.p, 0, utf8.left) != NULL) {
        fail(o, CS_E_RANGE); /* U+0000 is outside the profile */
        return;
    }
    put_quoted(o->w, utf8);
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
