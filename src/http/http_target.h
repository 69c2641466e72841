/* SPDX-License-Identifier: Apache-2.0 */
/* What a client asks for, read from the request target and from single header values. Pure. Source: docs/api.md. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "merkle/merkle_tile.h"
#include "model/model_names.h"

enum {
    HTTP_TARGET_MAX = 2048, /* longer targets are answered 414 */
    HTTP_NAME_MAX = 64,
    HTTP_WAIT_MAX_S = 60,
    HTTP_LIMIT_MAX = 100,
    HTTP_LIMIT_DEFAULT = 20,
    HTTP_KEY_MAX = 128, /* idempotency key */
};

/* The paths the server knows, `{}` standing for an id, a tile or a name. */
#define HTTP_PATHS(X)                                                                                                  \
    X(PATH_REQUESTS, "/v1/requests")                                                                                   \
    X(PATH_REQUEST, "/v1/requests/{}")                                                                                 \
    X(PATH_EXPLAIN, "/v1/requests/{}/explain")                                                                         \
    X(PATH_REDEEM, "/v1/requests/{}/redeem")                                                                           \
    X(PATH_OUTCOME, "/v1/requests/{}/outcome")                                                                         \
    X(PATH_WITHDRAW, "/v1/requests/{}/withdraw")                                                                       \
    X(PATH_EVIDENCE, "/v1/requests/{}/evidence/{}")                                                                    \
    X(PATH_RECEIPT, "/v1/requests/{}/receipt")                                                                         \
    X(PATH_FILE, "/v1/evidence/{}")                                                                                    \
    X(PATH_GATE, "/v1/gate/{}")                                                                                        \
    X(PATH_REVIEWS, "/v1/reviews")                                                                                     \
    X(PATH_INCIDENTS, "/v1/incidents")                                                                                 \
    X(PATH_ALARMS, "/v1/alarms")                                                                                       \
    X(PATH_DIRECTORY, "/v1/directory")                                                                                 \
    X(PATH_EVENTS, "/v1/events")                                                                                       \
    X(PATH_OPENAPI, "/v1/openapi.json")                                                                                \
    X(PATH_SCHEMA, "/v1/schemas/{}")                                                                                   \
    X(PATH_CHECKPOINT, "/checkpoint")                                                                                  \
    X(PATH_TILE, "/tile/{}")                                                                                           \
    X(PATH_ENTRIES, "/tile/entries/{}")                                                                                \
    X(PATH_HEALTHZ, "/healthz")                                                                                        \
    X(PATH_READYZ, "/readyz")                                                                                          \
    X(PATH_METRICS, "/metrics")                                                                                        \
    X(PATH_WAITING, "/")                                                                                               \
    X(PATH_PAGE, "/requests/{}")                                                                                       \
    X(PATH_STYLE, "/dashboard.css")                                                                                    \
    X(PATH_ICON, "/favicon.svg")

#define HTTP_ENUM(name, text) name,
enum http_path { PATH_NONE, HTTP_PATHS(HTTP_ENUM) PATH_COUNT };
#undef HTTP_ENUM

/* A text of the client, percent-decoded, kept by value. */
struct http_name {
    uint8_t p[HTTP_NAME_MAX];
    uint8_t len;
};
static inline struct span http_name_span(const struct http_name *n)
{
    return span_make(n->p, n->len);
}

/* "RULE/ID" */
struct http_line {
    uint8_t p[MODEL_SEAT_MAX];
    uint8_t len;
};
static inline struct span http_line_span(const struct http_line *l)
{
    return span_make(l->p, l->len);
}

/* Each number is 0 and each text empty when its parameter was not given; has_* tells where 0 is a value too. */
struct http_query {
    uint64_t wait_s; /* at most HTTP_WAIT_MAX_S */
    bool has_after;
    uint64_t after;
    bool has_cursor;
    uint64_t cursor;
    uint64_t limit; /* 1..HTTP_LIMIT_MAX */
    enum request_status status;
    struct http_name environment;
    struct http_name service;
    struct http_name format;
};

struct http_target {
    enum http_path path; /* PATH_NONE: nothing stands there */
    uint64_t id;         /* paths of requests and gates */
    struct merkle_tile tile;
    struct http_name name; /* file of a schema */
    struct http_line line; /* of evidence */
    struct sha256 file;    /* of a file that is kept */
    struct http_query query;
};

/**
 * Read a request target in origin form.
 *
 * An unknown path is not an error (path is PATH_NONE). A path is never percent-decoded: none that we serve needs it.
 *
 * Errors: CS_E_FULL       longer than HTTP_TARGET_MAX
 *         CS_E_UNKNOWN    a query parameter that this path does not have
 *         CS_E_DUPLICATE  a parameter given twice
 *         CS_E_RANGE, CS_E_SYNTAX, CS_E_UTF8  a value that is not one; msg names the parameter
 */
CS_RESULT http_target_parse(struct span target, struct http_target *ret_target);

/**
 * Idempotency-Key: a bare key or an sf-string in quotes (backslash escapes for `"` and `\` only).
 *
 * Errors: CS_E_RANGE   empty or longer than HTTP_KEY_MAX
 *         CS_E_SYNTAX  bytes outside printable ASCII, a bare key with space or quote, or an open quote
 */
struct http_key {
    uint8_t p[HTTP_KEY_MAX];
    uint8_t len;
};
CS_RESULT http_key_parse(struct span value, struct http_key *ret_key);

/* The token of `Bearer TOKEN`, scheme in any case. CS_E_UNKNOWN for another scheme, CS_E_SYNTAX for a token that is not
 * RFC 6750's b64token. */
CS_RESULT http_bearer_parse(struct span value, struct span *ret_token);

/* Does an If-None-Match name this tag (or `*`)? A malformed list names nothing. */
bool http_tag_matches(struct span if_none_match, struct span opaque_tag);

/* Does an Accept value ask for this media type by its full name with a weight above zero? */
bool http_accepts(struct span accept, const char *media_type);

#endif
