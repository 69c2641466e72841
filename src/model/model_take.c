/* SPDX-License-Identifier: Apache-2.0 */
#include "model/model_take.h"

#include "base/base_text.h"

size_t model_points(struct span utf8)
{
    size_t n = 0;
    for (size_t i = 0; i < utf8.left; i++) {
        n += (utf8.p[i] & 0xc0U) != 0x80U ? 1U : 0U;
    }
    return n;
}

bool model_is_printable(struct span text)
{
    bool good = true;
    for (size_t i = 0; good && i < text.left; i++) {
        good = text.p[i] >= 0x20 && text.p[i] <= 0x7e;
    }
    return good;
}

CS_RESULT model_take_version(struct json_in *in, const char *what)
{
    uint64_t v = 0;
    TRY(json_get_uint(in, what, (uint64_t)JSON_INT_MAX, &v));
    ENSURE(v == 1, CS_E_RANGE, what);
    return CS_SUCCESS;
}

CS_RESULT model_take_text(struct json_in *in, const char *what, size_t min, size_t max, struct span *ret_text)
{
    struct span text = SPAN_NONE;
    TRY(json_get_str(in, what, max * 4, &text));
    const size_t points = model_points(text);
    ENSURE(points >= min && points <= max, CS_E_RANGE, what);
    *ret_text = text;
    return CS_SUCCESS;
}

CS_RESULT model_take_printable(struct json_in *in, const char *what, size_t min, size_t max, struct span *ret_text)
{
    struct span text = SPAN_NONE;
    TRY(json_get_str(in, what, max, &text));
    ENSURE(text.left >= min, CS_E_RANGE, what);
    ENSURE(model_is_printable(text), CS_E_SYNTAX, what);
    *ret_text = text;
    return CS_SUCCESS;
}

CS_RESULT model_take_id_or_empty(struct json_in *in, const char *what, size_t max, struct span *ret_id)
{
    struct span text = SPAN_NONE;
    TRY(json_get_str(in, what, max, &text));
    if (text.left > 0) {
        TRY(text_id_check(text, max, what));
    }
    *ret_id = text;
    return CS_SUCCESS;
}

CS_RESULT model_take_bytes(struct json_in *in, const char *what, size_t min, size_t max, struct span *ret_bytes)
{
    struct span bytes = SPAN_NONE;
    TRY(json_get_bytes(in, what, max, &bytes));
    ENSURE(bytes.left >= min, CS_E_RANGE, what);
    *ret_bytes = bytes;
    return CS_SUCCESS;
}

CS_RESULT model_take_auth_data(struct json_in *in, const char *what, struct span *ret_data)
{
    if (!json_next_is(in, what)) {
        *ret_data = SPAN_NONE;
        return CS_SUCCESS;
    }
    return model_take_bytes(in, what, MODEL_AUTH_DATA_LEAST, MODEL_AUTH_DATA_MAX, ret_data);
}

void model_put_auth_data(struct json_out *o, struct span data)
{
    if (data.left > 0) {
        json_put_bytes(o, "auth_data", data);
    }
}

CS_RESULT model_take_root(struct json_in *in, const char *what, struct sha256 *ret_root)
{
    struct span text = SPAN_NONE;
    TRY(json_get_str(in, what, 43, &text));
    return text_base64url_exact(text, ret_root->b, SHA256_BYTES, what);
}

CS_RESULT model_take_hex(struct json_in *in, const char *what, size_t n, struct span *ret_bytes)
{
    struct span text = SPAN_NONE;
    TRY(json_get_str(in, what, 2 * n, &text));
    uint8_t *p = arena_alloc(in->arena, n);
    ENSURE(p != NULL, CS_E_NOMEM, what);
    TRY(text_hex_decode(text, p, n, what));
    *ret_bytes = span_make(p, n);
    return CS_SUCCESS;
}

CS_RESULT model_take_id_if(struct json_in *in, const char *what, size_t max, struct span *ret_id)
{
    if (!json_next_is(in, what)) {
        *ret_id = SPAN_NONE;
        return CS_SUCCESS;
    }
    return json_get_id(in, what, max, ret_id);
}

void model_put_id_if(struct json_out *o, const char *key, struct span id)
{
    if (id.left > 0) {
        json_put_str(o, key, id);
    }
}

CS_RESULT model_take_ders(struct json_in *in, const char *what, struct model_ders range, struct span *ret_items,
                          size_t *ret_count)
{
    size_t n = 0;

    TRY(json_get_array(in, what));
    while (json_more(in)) {
        struct span text = SPAN_NONE;
        ENSURE(n < range.max, CS_E_RANGE, what);
        TRY(json_item_str(in, what, MODEL_CERTIFICATE_MAX * 4 / 3 + 4, &text));
        uint8_t *p = arena_alloc(in->arena, text.left);
        ENSURE(p != NULL, CS_E_NOMEM, what);
        struct writer w = wr_fixed(p, text.left);
        TRY(text_base64url_decode(text, &w, what));
        ENSURE(w.len >= 1 && w.len <= MODEL_CERTIFICATE_MAX, CS_E_RANGE, what);
        ret_items[n] = wr_span(&w);
        n++;
    }
    ENSURE(n >= range.min, CS_E_RANGE, what);
    TRY(json_close_array(in, what));
    *ret_count = n;
    return CS_SUCCESS;
}

void model_put_ders(struct json_out *o, const char *key, const struct span *items, size_t count)
{
    json_put_array(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_bytes(o, NULL, items[i]);
    }
    json_put_close(o);
}

CS_RESULT model_take_raw_object(struct json_in *in, const char *what, struct span *ret_object)
{
    struct span raw = SPAN_NONE;
    TRY(json_get_raw(in, what, &raw));
    ENSURE(raw.p[0] == '{', CS_E_TYPE, what);
    *ret_object = raw;
    return CS_SUCCESS;
}

CS_RESULT model_count_items(const struct json_in *in, const char *what, size_t *ret_count)
{
    struct json_in ahead = *in;
    struct span item = SPAN_NONE;
    size_t n = 0;

    while (json_more(&ahead)) {
        TRY(json_item_raw(&ahead, what, &item));
        n++;
    }
    *ret_count = n;
    return CS_SUCCESS;
}

/* The items of an opened array of identifiers, and its end. */
static CS_RESULT set_items(struct json_in *in, const char *what, struct model_set set, struct span *ret_items,
                           size_t *ret_count)
{
    size_t n = 0;

    while (json_more(in)) {
        ENSURE(n < set.max, CS_E_RANGE, what);
        TRY(json_item_str(in, what, set.id_max, &ret_items[n]));
        TRY(text_id_check(ret_items[n], set.id_max, what));
        const int order = n > 0 ? span_cmp(ret_items[n - 1], ret_items[n]) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what);
        n++;
    }
    ENSURE(n >= set.min, CS_E_RANGE, what);
    TRY(json_close_array(in, what));
    *ret_count = n;
    return CS_SUCCESS;
}

CS_RESULT model_take_set(struct json_in *in, const char *what, struct model_set set, struct span *ret_items,
                         size_t *ret_count)
{
    TRY(json_get_array(in, what));
    return set_items(in, what, set, ret_items, ret_count);
}

CS_RESULT model_take_set_arena(struct json_in *in, const char *what, struct model_set set, struct span **ret_items,
                               size_t *ret_count)
{
    size_t n = 0;

    TRY(json_get_array(in, what));
    TRY(model_count_items(in, what, &n));
    ENSURE(n <= set.max, CS_E_RANGE, what);
    struct span *items = arena_array(in->arena, n, sizeof(*items));
    ENSURE(items != NULL, CS_E_NOMEM, what);
    TRY(set_items(in, what, set, items, &n));
    *ret_items = items;
    *ret_count = n;
    return CS_SUCCESS;
}

void model_put_set(struct json_out *o, const char *key, const struct span *items, size_t count)
{
    json_put_array(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_str(o, NULL, items[i]);
    }
    json_put_close(o);
}

CS_RESULT model_take_digests(struct json_in *in, const char *what, size_t min, struct named_digest *ret_items,
                             size_t *ret_count)
{
    size_t n = 0;

    TRY(json_get_array(in, what));
    while (json_more(in)) {
        ENSURE(n < MODEL_ARTIFACTS_MAX, CS_E_RANGE, what);
        struct named_digest *d = &ret_items[n];
        TRY(json_item_object(in, what));
        TRY(json_get_id(in, "digest.name", MODEL_NAME_MAX, &d->name));
        TRY(json_get_sha256(in, "digest.sha256", d->sha256.b));
        TRY(json_close(in, what));
        const int order = n > 0 ? span_cmp(ret_items[n - 1].name, d->name) : -1;
        ENSURE(order < 0, order == 0 ? CS_E_DUPLICATE : CS_E_ORDER, what);
        n++;
    }
    ENSURE(n >= min, CS_E_RANGE, what);
    TRY(json_close_array(in, what));
    *ret_count = n;
    return CS_SUCCESS;
}

void model_put_digests(struct json_out *o, const char *key, const struct named_digest *items, size_t count)
{
    json_put_array(o, key);
    for (size_t i = 0; i < count; i++) {
        json_put_object(o, NULL);
        json_put_str(o, "name", items[i].name);
        json_put_hex(o, "sha256", sha256_span(&items[i].sha256));
        json_put_close(o);
    }
    json_put_close(o);
}

CS_RESULT model_take_digest_if(struct json_in *in, const char *what, bool *ret_has, struct sha256 *ret_digest)
{
    struct sha256 d = {0};

    if (!json_next_is(in, what)) {
        *ret_has = false;
        return CS_SUCCESS;
    }
    TRY(json_get_sha256(in, what, d.b));
    *ret_digest = d;
    *ret_has = true;
    return CS_SUCCESS;
}

void model_put_digest_if(struct json_out *o, const char *key, bool has, const struct sha256 *digest)
{
    if (has) {
        json_put_hex(o, key, sha256_span(digest));
    }
}
