/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base_writer.h"

enum { WR_FIRST_BYTES = 256 };

struct writer wr_fixed(void *p, size_t cap)
{
    return (struct writer){.p = p, .len = 0, .cap = cap, .max = cap, .heap = false, .fail = CS_OK};
}

struct writer wr_heap(size_t max)
{
    return (struct writer){.p = NULL, .len = 0, .cap = 0, .max = max, .heap = true, .fail = CS_OK};
}

void wr_release(struct writer *w)
{
    if (w->heap) {
        free(w->p);
    }
    *w = (struct writer){0};
}

static bool grow(struct writer *w, size_t n)
{
    if (n > w->max - w->len) {
        w->fail = CS_E_FULL;
        return false;
    }
    size_t cap = w->cap > 0 ? w->cap : WR_FIRST_BYTES;
    while (cap - w->len < n) {
        cap = cap > w->max / 2 ? w->max : cap * 2;
    }
    uint8_t *p = w->heap ? realloc(w->p, cap) : NULL;
    if (p == NULL) {
        w->fail = CS_E_NOMEM;
        return false;
    }
    w->p = p;
    w->cap = cap;
    return true;
}

uint8_t *wr_room(struct writer *w, size_t n)
{
    if (w->fail != CS_OK) {
        return NULL;
    }
    if (n > w->cap - w->len && !grow(w, n)) {
        return NULL;
    }
    uint8_t *at = w->p + w->len;
    w->len += n;
    return at;
}

void wr_bytes(struct writer *w, struct span s)
{
    if (s.left == 0) {
        return;
    }
    uint8_t *at = wr_room(w, s.left);
    if (at != NULL) {
        memcpy(at, s.p, s.left);
    }
}

void wr_text(struct writer *w, const char *s)
{
    wr_bytes(w, span_str(s));
}

static void wr_uint(struct writer *w, uint64_t v, size_t n)
{
    uint8_t *at = wr_room(w, n);
    for (size_t i = 0; at != NULL && i < n; i++) {
        at[i] = (uint8_t)(v >> (8 * (n - 1 - i)) & 0xffU);
    }
}

void wr_u8(struct writer *w, uint8_t v)
{
    uint8_t *at = wr_room(w, 1);
    if (at != NULL) {
        at[0] = v;
    }
}

void wr_u16(struct writer *w, uint16_t v)
{
    wr_uint(w, v, 2);
}

void wr_u32(struct writer *w, uint32_t v)
{
    wr_uint(w, v, 4);
}

void wr_u64(struct writer *w, uint64_t v)
{
    wr_uint(w, v, 8);
}

void wr_dec(struct writer *w, uint64_t v)
{
    uint8_t digits[20];
    size_t n = sizeof(digits);

    do {
        digits[--n] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while (v != 0);
    wr_bytes(w, span_make(digits + n, sizeof(digits) - n));
}

void wr_millionths(struct writer *w, uint64_t v)
{
    enum { MILLION = 1000000 };
    uint64_t rest = v % MILLION;

    wr_dec(w, v / MILLION);
    wr_text(w, rest > 0 ? "." : "");
    for (uint64_t place = MILLION / 10; rest > 0; place /= 10) {
        wr_dec(w, rest / place);
        rest %= place;
    }
}

void wr_hex(struct writer *w, struct span s)
{
    static const char hex[] = "0123456789abcdef";

    uint8_t *at = s.left <= SIZE_MAX / 2 ? wr_room(w, 2 * s.left) : NULL;
    for (size_t i = 0; at != NULL && i < s.left; i++) {
        at[2 * i] = (uint8_t)hex[s.p[i] >> 4];
        at[2 * i + 1] = (uint8_t)hex[s.p[i] & 15];
    }
}

/* Whole groups of three bytes. */
static void b64_groups(uint8_t *at, struct span s, const char *alphabet)
{
    for (size_t i = 0; i + 3 <= s.left; i += 3) {
        const uint32_t v = (uint32_t)s.p[i] << 16 | (uint32_t)s.p[i + 1] << 8 | s.p[i + 2];
        at[0] = (uint8_t)alphabet[v >> 18];
        at[1] = (uint8_t)alphabet[v >> 12 & 63U];
        at[2] = (uint8_t)alphabet[v >> 6 & 63U];
        at[3] = (uint8_t)alphabet[v & 63U];
        at += 4;
    }
}

static void wr_b64(struct writer *w, struct span s, const char *alphabet, bool pad)
{
    const size_t tail = s.left % 3;
    const size_t last = tail == 0 ? 0 : (pad ? 4 : tail + 1);
    uint8_t *at = s.left <= SIZE_MAX / 2 ? wr_room(w, s.left / 3 * 4 + last) : NULL;

    if (at == NULL || s.left == 0) {
        return;
    }
    b64_groups(at, s, alphabet);
    const struct span rest = span_from(s, s.left - tail);
    const uint32_t v = tail == 0 ? 0 : (uint32_t)rest.p[0] << 16 | (tail == 2 ? (uint32_t)rest.p[1] << 8 : 0U);
    for (size_t k = 0; k < last; k++) {
        at[s.left / 3 * 4 + k] = k <= tail ? (uint8_t)alphabet[v >> (18 - 6 * k) & 63U] : (uint8_t)'=';
    }
}

void wr_base64(struct writer *w, struct span s)
{
    wr_b64(w, s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

void wr_base64url(struct writer *w, struct span s)
{
    wr_b64(w, s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

struct span wr_span(const struct writer *w)
{
    return w->fail == CS_OK ? span_make(w->p, w->len) : SPAN_NONE;
}

CS_RESULT wr_end(const struct writer *w, const char *what)
{
    return w->fail == CS_OK ? CS_SUCCESS : CS_FAIL(w->fail, what);
}
