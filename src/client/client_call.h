/* SPDX-License-Identifier: Apache-2.0 */
/* One call at a time to a Countersign server: HTTPS by libcurl, TLS 1.3 only, the server's certificate always checked.
 */
#ifndef CLIENT_CALL_H
#define CLIENT_CALL_H

#include "base/base_writer.h"

enum { CLIENT_URL_MAX = 2048, CLIENT_ETAG_MAX = 128, CLIENT_TOKEN_MAX = 512 };

/* NUL-terminated, borrowed; NULL where not given. */
struct client_config {
    const char *url;  /* https://host[:port] */
    const char *ca;   /* PEM; NULL: the system's */
    const char *cert; /* PEM, with key: mutual TLS */
    const char *key;
    const char *token_file; /* holds a bearer token and perhaps a line feed */
};

struct client;

/* CS_E_RANGE: the URL is not https or too long. CS_E_MISSING, CS_E_IO, CS_E_RANGE "token file". CS_E_NOMEM. */
CS_RESULT client_open(const struct client_config *config, struct client **ret_client);
/* Wipes the token. NULL is allowed. */
void client_close(struct client *c);

struct client_ask {
    const char *method;    /* "GET" or "POST" */
    const char *path;      /* "/v1/requests", with its query */
    struct span body;      /* JSON, for POST */
    const char *key;       /* Idempotency-Key, or NULL */
    const char *etag;      /* If-None-Match, or NULL */
    const char *artifacts; /* Evidence-Artifacts, or NULL */
    unsigned timeout_s;    /* for the whole call */
    size_t max_bytes;      /* of the answer's body */
};

struct client_reply {
    long status; /* of HTTP */
    char etag[CLIENT_ETAG_MAX];
    struct writer body; /* on the heap; wr_release */
};

/*
 * CS_OK: the server answered, with whatever status. CS_E_IO: it could not be reached, or the connection broke; msg says
 * in libcurl's words why (a literal of the library). CS_E_BADSIG: its certificate is not acceptable. CS_E_FULL: a
 * longer answer than max_bytes. ret_reply is released by the caller only after CS_OK.
 */
CS_RESULT client_call(struct client *c, const struct client_ask *ask, struct client_reply *ret_reply);

#endif
