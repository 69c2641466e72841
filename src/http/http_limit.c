/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_limit.h"

enum { NEIGHBOURS = 8, MILLI = 1000 };

/* The client's bucket, or the neighbour seen longest ago, made full for it. */
static struct http_bucket *bucket(struct http_limit *l, const struct sha256 *who, uint64_t now_ms)
{
    const size_t home = ((size_t)who->b[0] << 8 | who->b[1]) % HTTP_LIMIT_SLOTS;
    struct http_bucket *oldest = &l->slot[home];

    for (size_t i = 0; i < NEIGHBOURS; i++) {
        struct http_bucket *b = &l->slot[(home + i) % HTTP_LIMIT_SLOTS];
        if (b->seen_ms != 0 && sha256_eq(&b->who, who)) {
            return b;
        }
        if (b->seen_ms < oldest->seen_ms) {
            oldest = b;
        }
    }
    *oldest = (struct http_bucket){.who = *who, .seen_ms = now_ms, .left_milli = (uint64_t)l->burst * MILLI};
    return oldest;
}

struct http_allowance http_limit_take(struct http_limit *l, const struct sha256 *who, uint64_t now_ms)
{
    struct http_allowance a = {.allowed = false, .retry_s = 1};
    if (l->burst == 0 || l->window_s == 0) {
        return a;
    }
    struct http_bucket *b = bucket(l, who, now_ms);
    const uint64_t full = (uint64_t)l->burst * MILLI;
    const uint64_t window_ms = (uint64_t)l->window_s * 1000;
    const uint64_t idle_ms = now_ms - b->seen_ms < window_ms ? now_ms - b->seen_ms : window_ms;
    const uint64_t gained = idle_ms * full / window_ms;

    if (full - b->left_milli <= gained) {
        b->left_milli = full;
        b->seen_ms = now_ms == 0 ? 1 : now_ms;
    } else {
        b->left_milli += gained;
        b->seen_ms += gained * window_ms / full; /* what was too little to count stays to come */
    }
    if (b->left_milli >= MILLI) {
        b->left_milli -= MILLI;
        a.allowed = true;
        a.retry_s = 0;
    } else {
        const uint64_t need_ms = (MILLI - b->left_milli) * window_ms / full;
        a.retry_s = need_ms / 1000 + 1;
    }
    a.left = b->left_milli / MILLI;
    a.reset_s = ((full - b->left_milli) * window_ms / full + 999) / 1000;
    return a;
}
