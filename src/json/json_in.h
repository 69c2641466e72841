/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pull reader for the canonical JSON of the log (docs/formats/json.md: RFC 8785, narrowed). It accepts only the one
 * spelling that json_out writes, so whatever it accepted is canonical and needs no second writing.
 *
 * Members are asked for in sorted order. `what` names the member for errors ("request.title"); the key is the part
 * after its last dot. Pure; borrows the input; text with escapes is copied into the arena.
 */
#ifndef JSON_IN_H
#define JSON_IN_H

#include "base/base_arena.h"

enum { JSON_DEPTH_MAX = 16, JSON_KEY_MAX = 64 };
#define JSON_INT_MAX ((int64_t)9007199254740991) /* 2^53 - 1 */

struct json_in {
    struct reader r;
    struct arena *arena;
    unsigned depth;
    struct json_level {
        struct span last_key; /* of the object at this depth; p == NULL before its first member */
        bool array;
        bool filled; /* at least one member or item was read */
    } level[JSON_DEPTH_MAX];
};

enum json_kind { JSON_BAD, JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INT, JSON_BOOL, JSON_NULL };

struct json_in json_in_make(struct span canonical, struct arena *arena);

/* The whole input as one value: json_open / json_open_array first, then members, close, and json_end at last. */
CS_RESULT json_open(struct json_in *in, const char *what);
CS_RESULT json_open_array(struct json_in *in, const char *what);
CS_RESULT json_close(struct json_in *in, const char *what);     /* CS_E_UNKNOWN if a member is left */
CS_RESULT json_end(const struct json_in *in, const char *what); /* CS_E_TRAILING */

/* Is the next member of the open object named like what's last part? Consumes nothing. */
bool json_next_is(const struct json_in *in, const char *what);

/* Members, all required: CS_E_MISSING if absent, CS_E_TYPE, CS_E_RANGE, CS_E_ORDER, CS_E_DUPLICATE, CS_E_UTF8,
 * CS_E_DEPTH, CS_E_SYNTAX (a spelling that is not canonical), CS_E_SHORT, CS_E_NOMEM. A member that stands before the
 * one asked for is CS_E_UNKNOWN, and so is a key outside the pattern. After a failure the reader is not read on. */
CS_RESULT json_get_str(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_text);
CS_RESULT json_get_int(struct json_in *in, const char *what, int64_t min, int64_t max, int64_t *ret_value);
CS_RESULT json_get_uint(struct json_in *in, const char *what, uint64_t max, uint64_t *ret_value);
CS_RESULT json_get_bool(struct json_in *in, const char *what, bool *ret_value);
/* Any value, checked canonical, as the bytes it stands as. */
CS_RESULT json_get_raw(struct json_in *in, const char *what, struct span *ret_value);
CS_RESULT json_get_object(struct json_in *in, const char *what); /* opens it; json_close ends it */
CS_RESULT json_get_array(struct json_in *in, const char *what);  /* opens it; json_close_array ends it */
/* Typed texts. */
CS_RESULT json_get_sha256(struct json_in *in, const char *what, uint8_t ret_digest[32]); /* lower-case hex */
CS_RESULT json_get_time(struct json_in *in, const char *what, uint64_t *ret_ms);
CS_RESULT json_get_id(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_id); /* text_id_check */
/* base64url without padding, at most max_bytes decoded, into the arena. */
CS_RESULT json_get_bytes(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_bytes);

/* Next member of an open object whose keys are free: CS_OK and *ret_more false at its end. The value must then be read
 * with one of the json_item_* calls. */
CS_RESULT json_next_key(struct json_in *in, const char *what, bool *ret_more, struct span *ret_key);

/* Array items: ask json_more before each; false at the end (then json_close_array) and on a syntax error, which
 * json_close_array reports. */
bool json_more(const struct json_in *in);
CS_RESULT json_item_str(struct json_in *in, const char *what, size_t max_bytes, struct span *ret_text);
CS_RESULT json_item_int(struct json_in *in, const char *what, int64_t min, int64_t max, int64_t *ret_value);
CS_RESULT json_item_raw(struct json_in *in, const char *what, struct span *ret_value);
CS_RESULT json_item_object(struct json_in *in, const char *what);
CS_RESULT json_item_array(struct json_in *in, const char *what);
CS_RESULT json_close_array(struct json_in *in, const char *what);
/* Kind of the next item or, after json_next_key, of its value. */
enum json_kind json_item_kind(const struct json_in *in);

/* Is this one value of the profile in its canonical spelling, byte for byte? Any value may stand at the top. No arena.
 */
CS_RESULT json_check(struct span text, const char *what);

#endif
