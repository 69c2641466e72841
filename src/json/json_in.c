/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json_in.h"

#include "base/base_text.h"
#include "json/json_scan.h"

struct json_in json_in_make(struct span canonical, struct arena *arena)
{
    struct json_in in = {.r = {.rest = canonical, .at = 0}, .arena = arena, .depth = 0};
    return in;
}

/* "request.title" asks for the member "title". */
static struct span key_of(const char *what)
{
    const char *dot = strrchr(what, '.');
    return span_str(dot != NULL ? dot + 1 : what);
}

static struct json_level *level(struct json_in *in)
{
    return &in->level[in->depth - 1];
}

static bool in_array(const struct json_in *in)
{
    return in->depth > 0 && in->level[in->depth - 1].array;
}

static bool in_object(const struct json_in *in)
{
    return in->depth > 0 && !in->level[in->depth - 1].array;
}

static CS_RESULT fail_here(const struct json_in *in, enum cs_code code, const char *what)
{
    return CS_FAIL_AT(in->r.rest.left == 0 ? CS_E_SHORT : code, what, in->r.at);
}

static CS_RESULT expect(const struct json_in *in, enum json_kind kind, const char *what)
{
    const enum json_kind have = json_scan_kind(in->r.rest);
    if (have == kind) {
        return CS_SUCCESS;
    }
    return fail_here(in, have == JSON_BAD ? CS_E_SYNTAX : CS_E_TYPE, what);
}

static CS_RESULT open_kind(struct json_in *in, enum json_kind kind, const char *what)
{
    TRY(expect(in, kind, what));
    if (in->depth >= JSON_DEPTH_MAX) {
        return CS_FAIL_AT(CS_E_DEPTH, what, in->r.at);
    }
    TRY(json_scan_byte(&in->r, kind == JSON_ARRAY ? '[' : '{', what));
    in->level[in->depth] = (struct json_level){.last_key = SPAN_NONE, .array = kind == JSON_ARRAY, .filled = false};
    in->depth++;
    return CS_SUCCESS;
}

static CS_RESULT close_kind(struct json_in *in, bool array, const char *what)
{
    ENSURE(array ? in_array(in) : in_object(in), CS_E_STATE, what);
    if (in->r.rest.left > 0 && in->r.rest.p[0] == (array ? ']' : '}')) {
        in->depth--;
        return json_scan_byte(&in->r, array ? ']' : '}', what);
    }
    const bool filled = level(in)->filled;
    const struct span rest = in->r.rest;
    const bool comma = filled && rest.left > 0 && rest.p[0] == ',';
    const bool first = !filled && (array ? json_scan_kind(rest) != JSON_BAD : json_scan_kind(rest) == JSON_STRING);
    return fail_here(in, comma || first ? CS_E_UNKNOWN : CS_E_SYNTAX, what);
}

/* The comma and the key of the next member; nothing is said yet of which key it is. */
static CS_RESULT take_key(struct json_in *in, const char *what, struct span *ret_key)
{
    struct span key = SPAN_NONE;

    if (level(in)->filled) {
        TRY(json_scan_byte(&in->r, ',', what));
    }
    const size_t at = in->r.at;
    TRY(json_scan_key(&in->r, what, &key));
    if (level(in)->last_key.p != NULL) {
        const int order = span_cmp(level(in)->last_key, key);
        if (order >= 0) {
            return CS_FAIL_AT(order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what, at);
        }
    }
    TRY(json_scan_byte(&in->r, ':', what));
    level(in)->last_key = key;
    level(in)->filled = true;
    *ret_key = key;
    return CS_SUCCESS;
}

static CS_RESULT member(struct json_in *in, const char *what)
{
    struct span key = SPAN_NONE;
    const size_t at = in->r.at;

    ENSURE(in_object(in), CS_E_STATE, what);
    if (in->r.rest.left > 0 && in->r.rest.p[0] == '}') {
        return CS_FAIL_AT(CS_E_MISSING, what, at);
    }
    TRY(take_key(in, what, &key));
    const int order = span_cmp(key, key_of(what));
    if (order != 0) {
        return CS_FAIL_AT(order > 0 ? CS_E_MISSING : CS_E_UNKNOWN, what, at);
    }
    return CS_SUCCESS;
}

/* Before an item: its comma in an array; the value of a free key or the top value has none. */
static CS_RESULT item(struct json_in *in, const char *what)
{
    if (!in_array(in)) {
        return CS_SUCCESS;
    }
    if (level(in)->filled) {
        TRY(json_scan_byte(&in->r, ',', what));
    }
    level(in)->filled = true;
    return CS_SUCCESS;
}

CS_RESULT json_open(struct json_in *in, const char *what)
{
    ENSURE(in->depth == 0, CS_E_STATE, what);
    return open_kind(in, JSON_OBJECT, what);
}

CS_RESULT json_open_array(struct json_in *in, const char *what)
{
    ENSURE(in->depth == 0, CS_E_STATE, what);
    return open_kind(in, JSON_ARRAY, what);
}

CS_RESULT json_close(struct json_in *in, const char *what)
{
    return close_kind(in, false, what);
}

CS_RESULT json_close_array(struct json_in *in, const char *what)
{
    return close_kind(in, true, what);
}

CS_RESULT json_end(const struct json_in *in, const char *what)
{
    ENSURE(in->depth == 0, CS_E_STATE, what);
    return rd_end(&in->r, what);
}

bool json_next_is(const struct json_in *in, const char *what)
{
    if (!in_object(in)) {
        return false;
    }
    const struct span key = key_of(what);
    const bool filled = in->level[in->depth - 1].filled;
    const struct span rest = span_from(in->r.rest, filled ? 2 : 1);
    const bool opened = span_starts(in->r.rest, filled ? SPAN_LIT(",\"") : SPAN_LIT("\""));
    return opened && rest.left > key.left && span_starts(rest, key) && rest.p[key.left] == '"';
}

/* The value at the reader, whatever stood before it. */

static CS_RESULT value_str(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_text)
{
    struct json_text t = {0};
    const size_t at = in->r.at;

    TRY(expect(in, JSON_STRING, what));
    TRY(json_scan_string(&in->r, JSON_CANON, what, &t));
    if (t.decoded_bytes > max_bytes) {
        return CS_FAIL_AT(CS_E_RANGE, what, at);
    }
    return json_scan_decode(t, in->arena, what, ret_text);
}

static CS_RESULT value_int(struct json_in *in, const char *what, int64_t min, int64_t max, int64_t *ret_value)
{
    int64_t v = 0;
    const size_t at = in->r.at;

    TRY(expect(in, JSON_INT, what));
    TRY(json_scan_int(&in->r, JSON_CANON, what, &v));
    if (v < min || v > max) {
        return CS_FAIL_AT(CS_E_RANGE, what, at);
    }
    *ret_value = v;
    return CS_SUCCESS;
}

static CS_RESULT scalar(struct json_in *in, enum json_kind kind, const char *what)
{
    struct json_text text = {0};
    int64_t number = 0;
    bool flag = false;

    if (kind == JSON_STRING) {
        return json_scan_string(&in->r, JSON_CANON, what, &text);
    }
    if (kind == JSON_INT) {
        return json_scan_int(&in->r, JSON_CANON, what, &number);
    }
    return json_scan_word(&in->r, what, &kind, &flag);
}

/* Ends every container above `floor` that ends here; then, if one is still open, steps to its next value. */
static CS_RESULT step(struct json_in *in, unsigned floor, const char *what)
{
    struct span key = SPAN_NONE;

    while (in->depth > floor && in->r.rest.left > 0 && in->r.rest.p[0] == (in_array(in) ? ']' : '}')) {
        TRY(close_kind(in, in_array(in), what));
    }
    if (in->depth == floor) {
        return CS_SUCCESS;
    }
    return in_array(in) ? item(in, what) : take_key(in, what, &key);
}

/* Any value: walks with the reader's own levels, so depth is counted from the top. */
static CS_RESULT value_raw(struct json_in *in, const char *what, struct span *ret_value)
{
    const unsigned floor = in->depth;
    const struct reader start = in->r;

    do {
        const enum json_kind kind = json_scan_kind(in->r.rest);
        if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
            TRY(open_kind(in, kind, what));
        } else {
            TRY(scalar(in, kind, what));
        }
        TRY(step(in, floor, what));
    } while (in->depth > floor);
    *ret_value = span_make(start.rest.p, in->r.at - start.at);
    return CS_SUCCESS;
}

CS_RESULT json_get_str(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_text)
{
    TRY(member(in, what));
    return value_str(in, what, max_bytes, ret_text);
}

CS_RESULT json_get_int(struct json_in *in, const char *what, int64_t min, int64_t max, int64_t *ret_value)
{
    TRY(member(in, what));
    return value_int(in, what, min, max, ret_value);
}

CS_RESULT json_get_uint(struct json_in *in, const char *what, uint64_t max, uint64_t *ret_value)
{
    int64_t v = 0;
    TRY(json_get_int(in, what, 0, max < (uint64_t)JSON_INT_MAX ? (int64_t)max : JSON_INT_MAX, &v));
    *ret_value = (uint64_t)v;
    return CS_SUCCESS;
}

CS_RESULT json_get_bool(struct json_in *in, const char *what, bool *ret_value)
{
    enum json_kind kind = JSON_BAD;

    TRY(member(in, what));
    TRY(expect(in, JSON_BOOL, what));
    return json_scan_word(&in->r, what, &kind, ret_value);
}

CS_RESULT json_get_raw(struct json_in *in, const char *what, struct span *ret_value)
{
    TRY(member(in, what));
    return value_raw(in, what, ret_value);
}

CS_RESULT json_get_object(struct json_in *in, const char *what)
{
    TRY(member(in, what));
    return open_kind(in, JSON_OBJECT, what);
}

CS_RESULT json_get_array(struct json_in *in, const char *what)
{
    TRY(member(in, what));
    return open_kind(in, JSON_ARRAY, what);
}

/* None of the typed texts can hold an escape, so their raw spelling is their text. */
static CS_RESULT member_text(struct json_in *in, const char *what, struct span *ret_text, size_t *ret_at)
{
    struct json_text t = {0};

    TRY(member(in, what));
    TRY(expect(in, JSON_STRING, what));
    *ret_at = in->r.at + 1;
    TRY(json_scan_string(&in->r, JSON_CANON, what, &t));
    *ret_text = t.raw;
    return CS_SUCCESS;
}

static CS_RESULT moved(struct cs_result r, size_t at)
{
    return r.code == CS_OK ? r : CS_FAIL_AT(r.code, r.msg, r.at + at);
}

CS_RESULT json_get_sha256(struct json_in *in, const char *what, uint8_t ret_digest[32])
{
    struct span t = SPAN_NONE;
    size_t at = 0;
    TRY(member_text(in, what, &t, &at));
    return moved(text_hex_decode(t, ret_digest, 32, what), at);
}

CS_RESULT json_get_time(struct json_in *in, const char *what, uint64_t *ret_ms)
{
    struct span t = SPAN_NONE;
    size_t at = 0;
    TRY(member_text(in, what, &t, &at));
    return moved(text_time_decode(t, ret_ms, what), at);
}

CS_RESULT json_get_id(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_id)
{
    struct span t = SPAN_NONE;
    size_t at = 0;
    TRY(member_text(in, what, &t, &at));
    TRY(moved(text_id_check(t, max_bytes, what), at));
    *ret_id = t;
    return CS_SUCCESS;
}

CS_RESULT json_get_bytes(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_bytes)
{
    struct span t = SPAN_NONE;
    size_t at = 0;

    TRY(member_text(in, what, &t, &at));
    const size_t n = t.left / 4 * 3 + (t.left % 4 > 1 ? t.left % 4 - 1 : 0);
    ENSURE(n <= max_bytes, CS_E_RANGE, what);
    uint8_t *p = in->arena != NULL ? arena_alloc(in->arena, n) : NULL;
    ENSURE(p != NULL, CS_E_NOMEM, what);
    struct writer w = wr_fixed(p, n);
    TRY(moved(text_base64url_decode(t, &w, what), at));
    *ret_bytes = span_make(p, n);
    return CS_SUCCESS;
}

CS_RESULT json_next_key(struct json_in *in, const char *what, bool *ret_more, struct span *ret_key)
{
    ENSURE(in_object(in), CS_E_STATE, what);
    if (in->r.rest.left > 0 && in->r.rest.p[0] == '}') {
        *ret_more = false;
        return CS_SUCCESS;
    }
    TRY(take_key(in, what, ret_key));
    *ret_more = true;
    return CS_SUCCESS;
}

bool json_more(const struct json_in *in)
{
    if (!in_array(in) || in->r.rest.left == 0) {
        return false;
    }
    return in->level[in->depth - 1].filled ? in->r.rest.p[0] == ',' : in->r.rest.p[0] != ']';
}

enum json_kind json_item_kind(const struct json_in *in)
{
    const bool comma = in_array(in) && in->level[in->depth - 1].filled;
    if (comma && !json_more(in)) {
        return JSON_BAD;
    }
    return json_scan_kind(span_from(in->r.rest, comma ? 1 : 0));
}

CS_RESULT json_item_str(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_text)
{
    TRY(item(in, what));
    return value_str(in, what, max_bytes, ret_text);
}

CS_RESULT json_item_int(struct json_in *in, const char *what, int64_t min, int64_t max, int64_t *ret_value)
{
    TRY(item(in, what));
    return value_int(in, what, min, max, ret_value);
}

CS_RESULT json_item_raw(struct json_in *in, const char *what, struct span *ret_value)
{
    TRY(item(in, what));
    return value_raw(in, what, ret_value);
}

CS_RESULT json_item_object(struct json_in *in, const char *what)
{
    TRY(item(in, what));
    return open_kind(in, JSON_OBJECT, what);
}

CS_RESULT json_item_array(struct json_in *in, const char *what)
{
    TRY(item(in, what));
    return open_kind(in, JSON_ARRAY, what);
}

CS_RESULT json_check(struct span text, const char *what)
{
    struct json_in in = json_in_make(text, NULL);
    struct span value = SPAN_NONE;

    TRY(value_raw(&in, what, &value));
    return json_end(&in, what);
}
