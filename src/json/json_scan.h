/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tokens that the canonical reader and the lenient parser share; private to this room. Each call takes its token
 * from the reader or fails with `at` at the byte that is wrong. Pure.
 */
#ifndef JSON_SCAN_H
#define JSON_SCAN_H

#include "json/json_in.h"

/* CANON accepts only the spelling that RFC 8785 writes; FREE accepts any legal JSON spelling of the same value. */
enum json_spelling { JSON_CANON, JSON_FREE };

/* A string between its quotes, checked; decoded_bytes <= raw.left, and equal only when nothing is escaped. */
struct json_text {
    struct span raw;
    size_t decoded_bytes;
};

/* How many bytes from the start stand for themselves in a string: ASCII from U+0020 on without quote and backslash. */
size_t json_scan_plain(struct span s);
/* What a value that starts here must be by its first byte; JSON_BAD when none can, or nothing is left. */
enum json_kind json_scan_kind(struct span rest);
/* Takes one byte. CS_E_SHORT when nothing is left, CS_E_SYNTAX when it is another. */
CS_RESULT json_scan_byte(struct reader *r, char byte, const char *what);
CS_RESULT json_scan_string(struct reader *r, enum json_spelling s, const char *what, struct json_text *ret_text);
/* Quotes included: pattern [a-z][a-z0-9_]*, at most JSON_KEY_MAX bytes, never escaped; anything else is CS_E_UNKNOWN.
 */
CS_RESULT json_scan_key(struct reader *r, const char *what, struct span *ret_key);
CS_RESULT json_scan_int(struct reader *r, enum json_spelling s, const char *what, int64_t *ret_value);
/* true, false or null. */
CS_RESULT json_scan_word(struct reader *r, const char *what, enum json_kind *ret_kind, bool *ret_flag);
/* The text itself: borrowed if nothing is escaped, else decoded into the arena; CS_E_NOMEM. */
CS_RESULT json_scan_decode(struct json_text t, struct arena *arena, const char *what, struct span *ret_text);

#endif
