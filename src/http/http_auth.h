/* SPDX-License-Identifier: Apache-2.0 */
/* Which client of the roster a credential belongs to. Pure: an index over the fold's clients, rebuilt with the roster.
 */
#ifndef HTTP_AUTH_H
#define HTTP_AUTH_H

#include "model/model_state.h"

enum { HTTP_AUTH_CAP_BYTES = 16 << 20 };

/* All-zero knows nobody. */
struct http_auth {
    struct arena arena;
    struct pool pool;
    struct map tokens; /* SHA-256 of a bearer token -> state_client */
    struct map names;  /* SHA-256 of a TLS name -> state_client */
    bool built;
    uint64_t roster_index; /* of the roster it was built from */
};

void http_auth_release(struct http_auth *a);

/* Rebuilds if s has another roster than last time. A credential that two clients share belongs to neither. CS_E_NOMEM
 * leaves an index that knows nobody. */
CS_RESULT http_auth_refresh(struct http_auth *a, const struct state *s);

/* NULL for nobody. The token's digest is compared in constant time. The client borrows from the state. */
const struct state_client *http_auth_token(const struct http_auth *a, struct span token);
/* name: a SPIFFE id, or "cn:NAME". */
const struct state_client *http_auth_name(const struct http_auth *a, struct span name);

/* Has the client one of these scopes (bits 1 << enum client_scope)? */
bool http_auth_may(const struct state_client *c, uint32_t scopes);

#endif
