/* SPDX-License-Identifier: Apache-2.0 */
/* Text forms of bytes and times. Decoders accept one spelling only, so decode and encode are inverse. Pure. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/base_writer.h"

/* Lower-case hex, exactly 2 * n digits into n bytes. CS_E_RANGE on length, CS_E_SYNTAX on a digit. */
CS_RESULT text_hex_decode(struct span text, uint8_t *ret_bytes, size_t n, const char *what);
/* RFC 4648 §4 with padding, or §5 without; spare bits must be zero. Writes the bytes to w. */
CS_RESULT text_base64_decode(struct span text, struct writer *w, const char *what);
CS_RESULT text_base64url_decode(struct span text, struct writer *w, const char *what);
/* base64url of exactly n bytes. */
CS_RESULT text_base64url_exact(struct span text, uint8_t *ret_bytes, size_t n, const char *what);
/* Decimal without sign or leading zeros, at most 2^64-1. */
CS_RESULT text_dec_decode(struct span text, uint64_t *ret_value, const char *what);
/* The same, of at least so many digits. */
void wr_padded(struct writer *w, uint64_t v, unsigned digits);

/* Times are milliseconds since 1970-01-01 UTC, years 1970 to 9999, written YYYY-MM-DDTHH:MM:SS.mmmZ. */
enum { TEXT_TIME_LEN = 24 };
CS_RESULT text_time_decode(struct span text, uint64_t *ret_ms, const char *what);
/* ms past year 9999 fails the writer with CS_E_RANGE. */
void text_time_write(struct writer *w, uint64_t ms);

/* One code point at s[0..]; CS_E_UTF8 for overlong, surrogate, above 10FFFF, or cut sequences. */
CS_RESULT text_utf8_next(struct span s, uint32_t *ret_point, size_t *ret_bytes);
CS_RESULT text_utf8_check(struct span s, const char *what);

/* How many bytes must be changed, added or left out to make one of the other (Levenshtein); SIZE_MAX for words of more
 * than TEXT_WORD_MAX bytes. */
enum { TEXT_WORD_MAX = 64 };
size_t text_distance(struct span a, struct span b);

/* Identifier: [A-Za-z0-9] then [A-Za-z0-9._@+:/-], at most max bytes. CS_E_RANGE or CS_E_SYNTAX. */
CS_RESULT text_id_check(struct span s, size_t max, const char *what);

#endif
