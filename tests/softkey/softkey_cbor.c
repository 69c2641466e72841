/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_cbor.h"

enum major { MAJOR_UINT, MAJOR_NEGATIVE, MAJOR_BYTES, MAJOR_TEXT, MAJOR_ARRAY, MAJOR_MAP, MAJOR_TAG, MAJOR_SIMPLE };

enum { SIMPLE_FALSE = 20, SIMPLE_TRUE = 21 };

void softkey_cbor_put_raw(struct softkey_cbor *w, const void *bytes, size_t len)
{
    if (w->full || len > w->cap - w->len) {
        w->full = true;
        return;
    }
    if (len > 0) {
        memcpy(w->p + w->len, bytes, len);
    }
    w->len += len;
}

static void put_head(struct softkey_cbor *w, enum major major, uint64_t value)
{
    uint8_t head[9] = {(uint8_t)((unsigned)major << 5)};
    size_t more = 0;

    if (value < 24) {
        head[0] |= (uint8_t)value;
    } else if (value <= UINT8_MAX) {
        head[0] |= 24;
        more = 1;
    } else if (value <= UINT16_MAX) {
        head[0] |= 25;
        more = 2;
    } else if (value <= UINT32_MAX) {
        head[0] |= 26;
        more = 4;
    } else {
        head[0] |= 27;
        more = 8;
    }
    for (size_t i = 0; i < more; i++) {
        head[1 + i] = (uint8_t)(value >> (8 * (more - 1 - i)));
    }
    softkey_cbor_put_raw(w, head, 1 + more);
}

void softkey_cbor_put_map(struct softkey_cbor *w, size_t pairs)
{
    put_head(w, MAJOR_MAP, pairs);
}

void softkey_cbor_put_array(struct softkey_cbor *w, size_t items)
{
    put_head(w, MAJOR_ARRAY, items);
}

void softkey_cbor_put_int(struct softkey_cbor *w, int64_t value)
{
    if (value < 0) {
        put_head(w, MAJOR_NEGATIVE, (uint64_t)(-(value + 1)));
    } else {
        put_head(w, MAJOR_UINT, (uint64_t)value);
    }
}

void softkey_cbor_put_bytes(struct softkey_cbor *w, const void *bytes, size_t len)
{
    put_head(w, MAJOR_BYTES, len);
    softkey_cbor_put_raw(w, bytes, len);
}

void softkey_cbor_put_text(struct softkey_cbor *w, const char *text)
{
    put_head(w, MAJOR_TEXT, strlen(text));
    softkey_cbor_put_raw(w, text, strlen(text));
}

void softkey_cbor_put_bool(struct softkey_cbor *w, bool value)
{
    put_head(w, MAJOR_SIMPLE, value ? SIMPLE_TRUE : SIMPLE_FALSE);
}

struct head {
    enum major major;
    uint64_t value;
};

/* Takes a shortest-form head; nothing else is one. */
static bool take_head(struct softkey_span *in, struct head *ret_head)
{
    static const uint64_t least[4] = {24, UINT8_MAX + 1, UINT16_MAX + 1, (uint64_t)UINT32_MAX + 1};

    if (in->len < 1) {
        return false;
    }
    const uint8_t low = in->p[0] & 0x1fu;
    struct head h = {.major = (enum major)(in->p[0] >> 5), .value = low};
    size_t more = 0;
    if (low >= 24) {
        if (low > 27) {
            return false;
        }
        more = (size_t)1 << (low - 24);
        if (more > in->len - 1) {
            return false;
        }
        h.value = 0;
        for (size_t i = 0; i < more; i++) {
            h.value = h.value << 8 | in->p[1 + i];
        }
        if (h.value < least[low - 24]) {
            return false;
        }
    }
    in->p += 1 + more;
    in->len -= 1 + more;
    *ret_head = h;
    return true;
}

/* Takes a head and, of a string, its content; what a map or an array holds is left to come. */
static bool take_flat(struct softkey_span *in, struct head *ret_head)
{
    struct softkey_span rest = *in;
    struct head h;

    if (!take_head(&rest, &h)) {
        return false;
    }
    if (h.major == MAJOR_BYTES || h.major == MAJOR_TEXT) {
        if (h.value > rest.len) {
            return false;
        }
        rest.p += h.value;
        rest.len -= h.value;
    }
    if (h.major == MAJOR_TAG || (h.major == MAJOR_SIMPLE && h.value != SIMPLE_FALSE && h.value != SIMPLE_TRUE)) {
        return false;
    }
    *in = rest;
    *ret_head = h;
    return true;
}

/* What is still to come inside an open map or array. */
struct open {
    uint64_t left;
    bool is_map; /* then an even `left` means that a key is next */
    struct softkey_span last_key;
};

static bool key_follows(struct softkey_span last, struct softkey_span key)
{
    const size_t common = last.len < key.len ? last.len : key.len;
    const int order = last.p == NULL ? -1 : memcmp(last.p, key.p, common);

    return order < 0 || (order == 0 && last.len < key.len);
}

static bool take_key(struct open *in, const struct head *h, struct softkey_span key)
{
    if (h->major != MAJOR_UINT && h->major != MAJOR_NEGATIVE && h->major != MAJOR_TEXT) {
        return false;
    }
    if (!key_follows(in->last_key, key)) {
        return false;
    }
    in->last_key = key;
    return true;
}

static bool opens(const struct head *h, size_t left_bytes, struct open *ret_open)
{
    if (h->value > left_bytes) { /* each item is one byte at least: a count beyond that is a lie */
        return false;
    }
    *ret_open = (struct open){.left = h->major == MAJOR_MAP ? 2 * h->value : h->value, .is_map = h->major == MAJOR_MAP};
    return true;
}

/* Takes the next head inside `now`; a map or array that it opens goes to `ret_inner`. */
static bool take_next(struct softkey_span *in, struct open *now, struct open *ret_inner, bool *ret_opened)
{
    const struct softkey_span start = *in;
    struct head h;

    if (!take_flat(in, &h)) {
        return false;
    }
    const bool is_key = now->is_map && now->left % 2 == 0;
    if (is_key && !take_key(now, &h, (struct softkey_span){start.p, start.len - in->len})) {
        return false;
    }
    now->left--;
    *ret_opened = h.major == MAJOR_ARRAY || h.major == MAJOR_MAP;
    return !*ret_opened || opens(&h, in->len, ret_inner);
}

bool softkey_cbor_check(struct softkey_span in)
{
    struct open open[SOFTKEY_CBOR_DEPTH_MAX + 2] = {{.left = 1}};
    size_t depth = 0;

    while (depth > 0 || open[0].left > 0) {
        bool opened = false;
        if (open[depth].left == 0) {
            depth--;
        } else if (!take_next(&in, &open[depth], &open[depth + 1], &opened)) {
            return false;
        }
        depth += opened ? 1 : 0;
        if (depth > SOFTKEY_CBOR_DEPTH_MAX) {
            return false;
        }
    }
    return in.len == 0;
}

/* Takes a whole item with all it holds. */
static bool take_item(struct softkey_span *in, struct softkey_span *ret_item)
{
    const struct softkey_span start = *in;
    uint64_t left = 1;

    while (left > 0) {
        struct head h;
        if (!take_flat(in, &h)) {
            return false;
        }
        left--;
        if (h.major == MAJOR_ARRAY) {
            left += h.value;
        } else if (h.major == MAJOR_MAP) {
            left += 2 * h.value;
        }
    }
    *ret_item = (struct softkey_span){start.p, start.len - in->len};
    return true;
}

bool softkey_cbor_int(struct softkey_span item, int64_t *ret_value)
{
    struct head h;

    if (!take_head(&item, &h) || h.value > INT64_MAX || (h.major != MAJOR_UINT && h.major != MAJOR_NEGATIVE)) {
        return false;
    }
    *ret_value = h.major == MAJOR_UINT ? (int64_t)h.value : -1 - (int64_t)h.value;
    return true;
}

static bool string(struct softkey_span item, enum major major, struct softkey_span *ret_string)
{
    struct head h;

    if (!take_head(&item, &h) || h.major != major || h.value > item.len) {
        return false;
    }
    *ret_string = (struct softkey_span){item.p, h.value};
    return true;
}

bool softkey_cbor_bytes(struct softkey_span item, struct softkey_span *ret_bytes)
{
    return string(item, MAJOR_BYTES, ret_bytes);
}

bool softkey_cbor_text(struct softkey_span item, struct softkey_span *ret_text)
{
    return string(item, MAJOR_TEXT, ret_text);
}

bool softkey_cbor_bool(struct softkey_span item, bool *ret_value)
{
    struct head h;

    if (!take_head(&item, &h) || h.major != MAJOR_SIMPLE) {
        return false;
    }
    *ret_value = h.value == SIMPLE_TRUE;
    return true;
}

static bool count(struct softkey_span *item, enum major major, uint64_t *ret_count)
{
    struct head h;

    if (!take_head(item, &h) || h.major != major) {
        return false;
    }
    *ret_count = h.value;
    return true;
}

bool softkey_cbor_map(struct softkey_span item, uint64_t *ret_pairs)
{
    return count(&item, MAJOR_MAP, ret_pairs);
}

bool softkey_cbor_array(struct softkey_span item, uint64_t *ret_items)
{
    return count(&item, MAJOR_ARRAY, ret_items);
}

bool softkey_cbor_at(struct softkey_span array, uint64_t index, struct softkey_span *ret_item)
{
    uint64_t items = 0;
    struct softkey_span item = {NULL, 0};

    if (!count(&array, MAJOR_ARRAY, &items) || index >= items) {
        return false;
    }
    for (uint64_t i = 0; i <= index; i++) {
        if (!take_item(&array, &item)) {
            return false;
        }
    }
    *ret_item = item;
    return true;
}

static bool by_key(struct softkey_span map, struct softkey_span want, struct softkey_span *ret_item)
{
    uint64_t pairs = 0;

    if (!count(&map, MAJOR_MAP, &pairs)) {
        return false;
    }
    for (uint64_t i = 0; i < pairs; i++) {
        struct softkey_span key;
        struct softkey_span value;
        if (!take_item(&map, &key) || !take_item(&map, &value)) {
            return false;
        }
        if (key.len == want.len && memcmp(key.p, want.p, want.len) == 0) {
            *ret_item = value;
            return true;
        }
    }
    return false;
}

bool softkey_cbor_by_int(struct softkey_span map, int64_t key, struct softkey_span *ret_item)
{
    uint8_t buf[9];
    struct softkey_cbor w = {.p = buf, .cap = sizeof(buf)};

    softkey_cbor_put_int(&w, key);
    return by_key(map, (struct softkey_span){buf, w.len}, ret_item);
}

bool softkey_cbor_by_text(struct softkey_span map, const char *key, struct softkey_span *ret_item)
{
    uint8_t buf[64];
    struct softkey_cbor w = {.p = buf, .cap = sizeof(buf)};

    softkey_cbor_put_text(&w, key);
    return !w.full && by_key(map, (struct softkey_span){buf, w.len}, ret_item);
}
