/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writer of the log's canonical JSON. Members must be put in sorted order; a wrong order, a bad key, bad UTF-8, a
 * number out of range or too much depth fails the writer, sticky, so one wr_end (json_out_end) at the end suffices.
 * Pure.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include "base/base_writer.h"
#include "json/json_in.h"

struct json_out {
    struct writer *w;
    unsigned depth;
    struct json_out_level {
        uint8_t last_key[JSON_KEY_MAX]; /* of the object at this depth, for the order check */
        size_t last_len;
        bool array;
        bool filled;
    } level[JSON_DEPTH_MAX];
    bool keyed; /* json_put_key was called and its value is due */
    bool done;  /* the top value is complete */
};

struct json_out json_out_make(struct writer *w);

/* key is a NUL-terminated literal, or NULL for an array item or the top value. */
void json_put_object(struct json_out *o, const char *key);
void json_put_array(struct json_out *o, const char *key);
void json_put_close(struct json_out *o); /* whichever is open */
void json_put_str(struct json_out *o, const char *key, struct span utf8);
void json_put_text(struct json_out *o, const char *key, const char *text);
void json_put_int(struct json_out *o, const char *key, int64_t v);
void json_put_uint(struct json_out *o, const char *key, uint64_t v);
void json_put_bool(struct json_out *o, const char *key, bool v);
void json_put_null(struct json_out *o, const char *key);
/* An already canonical value, trusted to be one (it was checked when it was read). */
void json_put_raw(struct json_out *o, const char *key, struct span canonical);
void json_put_hex(struct json_out *o, const char *key, struct span bytes);
void json_put_bytes(struct json_out *o, const char *key, struct span bytes); /* base64url, unpadded */
void json_put_time(struct json_out *o, const char *key, uint64_t ms);
/* A member whose key is data (checked against the key pattern); its value is put next with key == NULL. */
void json_put_key(struct json_out *o, struct span key);

/* CS_OK only if exactly one whole value was written and nothing failed. */
CS_RESULT json_out_end(const struct json_out *o, const char *what);

#endif
