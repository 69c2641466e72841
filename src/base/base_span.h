/* SPDX-License-Identifier: Apache-2.0 */
/* A span borrows bytes; a reader walks a span with every length compared before use. Pure, thread-safe. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "base/base_result.h"

/* Borrowed bytes. All-zero is the empty span. */
struct span {
    const uint8_t *p;
    size_t left;
};

#define SPAN_NONE      ((struct span){.p = NULL, .left = 0})
#define SPAN_LIT(s)    ((struct span){.p = (const uint8_t *)(s), .left = sizeof(s) - 1})
#define SPAN_OF(array) ((struct span){.p = (const uint8_t *)(array), .left = sizeof(array)})

static inline struct span span_make(const void *p, size_t n)
{
    return (struct span){.p = p, .left = n};
}

/* s is NUL-terminated; NULL gives the empty span. */
struct span span_str(const char *s);
bool span_eq(struct span a, struct span b);
/* Is it one of the items? */
bool span_among(struct span word, const struct span *items, size_t count);
/* Compares with a NUL-terminated literal. */
bool span_is(struct span a, const char *literal);
/* memcmp order, shorter first on a tie: <0, 0, >0. */
int span_cmp(struct span a, struct span b);
/* Time depends on the lengths only. */
bool span_eq_secret(struct span a, struct span b);
bool span_starts(struct span a, struct span prefix);
/* From byte `from` on; empty when from is past the end. */
struct span span_from(struct span a, size_t from);

/* Big-endian reader; `at` counts the bytes taken so far and goes into errors. */
struct reader {
    struct span rest;
    size_t at;
};

static inline struct reader rd_make(struct span in)
{
    return (struct reader){.rest = in, .at = 0};
}

/* Each fails with CS_E_SHORT and leaves reader and output alone if too little is left. `what` is a literal. */
CS_RESULT rd_u8(struct reader *r, uint8_t *ret_value, const char *what);
CS_RESULT rd_u16(struct reader *r, uint16_t *ret_value, const char *what);
CS_RESULT rd_u32(struct reader *r, uint32_t *ret_value, const char *what);
CS_RESULT rd_u64(struct reader *r, uint64_t *ret_value, const char *what);
CS_RESULT rd_take(struct reader *r, size_t n, struct span *ret_bytes, const char *what);
/* Bytes up to and without `stop`, which is consumed. CS_E_SHORT if it does not occur. */
CS_RESULT rd_until(struct reader *r, uint8_t stop, struct span *ret_bytes, const char *what);
/* CS_E_TRAILING unless everything was read. */
CS_RESULT rd_end(const struct reader *r, const char *what);

#endif
