/* SPDX-License-Identifier: Apache-2.0 */
/* How many calls a client may make: one token bucket a client. Time is an argument. Pure but for its own table. */
#ifndef HTTP_LIMIT_H
#define HTTP_LIMIT_H

#include "base/base_digest.h"

enum { HTTP_LIMIT_SLOTS = 4096 }; /* clients remembered; the least recently seen of a slot's neighbours is forgotten */

struct http_bucket {
    struct sha256 who;
    uint64_t seen_ms;
    uint64_t left_milli; /* thousandths of a call */
};

/* burst calls at once, and burst more over window_s. All-zero allows nothing. */
struct http_limit {
    uint32_t burst;
    uint32_t window_s;
    struct http_bucket slot[HTTP_LIMIT_SLOTS];
};

struct http_allowance {
    bool allowed;
    uint64_t left;    /* whole calls left now */
    uint64_t reset_s; /* until the bucket is full again */
    uint64_t retry_s; /* until the next call is allowed; at least 1 when it is not */
};

/* Takes one call of `who` at now_ms (a clock that never goes back). */
struct http_allowance http_limit_take(struct http_limit *l, const struct sha256 *who, uint64_t now_ms);

#endif
