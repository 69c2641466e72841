/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Other people's JSON (RFC 8259) of any size, in any pieces, as a stream of tokens; nothing is kept but the text that
 * is being read. Numbers are text: no float is made. What the pieces are makes no difference to what is told. Pure.
 */
#ifndef JSON_STREAM_H
#define JSON_STREAM_H

#include "base/base_span.h"

enum {
    JSON_STREAM_DEPTH_MAX = 64,
    JSON_STREAM_TEXT_MAX = 1024, /* of a text or key that is kept; the rest is read and left out */
    JSON_STREAM_NUMBER_MAX = 64
};

enum json_token_kind {
    JSON_TOKEN_OBJECT,
    JSON_TOKEN_ARRAY,
    JSON_TOKEN_CLOSE, /* of the container that was opened last */
    JSON_TOKEN_KEY,
    JSON_TOKEN_STRING,
    JSON_TOKEN_NUMBER,
    JSON_TOKEN_BOOL,
    JSON_TOKEN_NULL
};

struct json_token {
    enum json_token_kind kind;
    struct span text; /* KEY, STRING: decoded, at most JSON_STREAM_TEXT_MAX bytes; NUMBER: as it stands. For the call */
    bool cut;         /* text is only the beginning */
    bool flag;        /* BOOL */
};

/* A failure of the sink ends the stream with it. */
struct json_sink {
    struct cs_result (*take)(void *user, const struct json_token *token);
    void *user;
};

enum json_stream_state {
    JSON_AT_VALUE,
    JSON_AT_FIRST_ITEM, /* or the end of the array */
    JSON_AT_FIRST_KEY,  /* or the end of the object */
    JSON_AT_KEY,
    JSON_AT_COLON,
    JSON_AFTER_VALUE, /* a comma or the end */
    JSON_IN_STRING,
    JSON_IN_UTF8,
    JSON_IN_ESCAPE,
    JSON_IN_UNIT,
    JSON_IN_NUMBER,
    JSON_IN_WORD,
    JSON_AT_END
};

struct json_stream {
    struct json_sink sink;
    enum json_stream_state state;
    unsigned depth;
    uint64_t arrays; /* bit n: the container at depth n is an array */
    uint64_t at;     /* bytes read */
    uint64_t line;   /* from 1 */
    uint8_t bom;     /* bytes of a byte order mark, which some put first */
    bool is_key;     /* the string that is being read */
    bool cut;
    uint8_t more;   /* continuation bytes that are due */
    uint8_t least;  /* of the next of them */
    uint8_t most;   /* likewise */
    uint8_t digits; /* of \uXXXX, taken so far */
    uint32_t unit;  /* their value */
    uint32_t high;  /* a high surrogate that waits for its low one, or 0 */
    size_t len;
    uint8_t text[JSON_STREAM_TEXT_MAX];
};

void json_stream_begin(struct json_stream *s, struct json_sink sink);
/* CS_E_SYNTAX, CS_E_UTF8 (also lone surrogate escapes), CS_E_DEPTH, CS_E_RANGE (a number of more than
 * JSON_STREAM_NUMBER_MAX characters), what the sink says; `at` is the byte, modulo 2^32. Not fed on after a failure. */
CS_RESULT json_stream_feed(struct json_stream *s, struct span bytes);
/* CS_E_SHORT if the one value is not whole. */
CS_RESULT json_stream_end(struct json_stream *s);

#endif
