/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_auth.h"

/* Stands in the index for a credential that more than one client claims. */
static struct state_client nobody;

void http_auth_release(struct http_auth *a)
{
    arena_release(&a->arena);
    *a = (struct http_auth){.built = false};
}

static CS_RESULT claim(struct http_auth *a, struct map *m, const struct sha256 *key, struct state_client *c)
{
    const struct state_client *there = map_get(m, key);
    return map_put(m, &a->pool, key, there == NULL || there == c ? c : &nobody);
}

static CS_RESULT add_client(struct http_auth *a, struct state_client *c)
{
    for (size_t i = 0; i < c->token_count; i++) {
        TRY(claim(a, &a->tokens, &c->tokens[i], c));
    }
    for (size_t i = 0; i < c->tls_count; i++) {
        const struct sha256 key = digest_sha256(c->tls[i]);
        TRY(claim(a, &a->names, &key, c));
    }
    return CS_SUCCESS;
}

CS_RESULT http_auth_refresh(struct http_auth *a, const struct state *s)
{
    if (!s->begun || (a->built && a->roster_index == s->roster_index)) {
        return CS_SUCCESS;
    }
    http_auth_release(a);
    arena_init(&a->arena, HTTP_AUTH_CAP_BYTES);
    pool_init(&a->pool, &a->arena);
    size_t at = 0;
    for (struct state_client *c = map_next(&s->clients, &at); c != NULL; c = map_next(&s->clients, &at)) {
        const struct cs_result r = c->removed ? CS_SUCCESS : add_client(a, c);
        if (r.code != CS_OK) {
            http_auth_release(a);
            return r;
        }
    }
    a->built = true;
    a->roster_index = s->roster_index;
    return CS_SUCCESS;
}

const struct state_client *http_auth_token(const struct http_auth *a, struct span token)
{
    const struct sha256 digest = digest_sha256(token);
    const struct state_client *c = map_get(&a->tokens, &digest);
    if (c == NULL || c == &nobody || c->removed) {
        return NULL;
    }
    bool match = false;
    for (size_t i = 0; i < c->token_count; i++) {
        match |= span_eq_secret(sha256_span(&c->tokens[i]), sha256_span(&digest));
    }
    return match ? c : NULL;
}

const struct state_client *http_auth_name(const struct http_auth *a, struct span name)
{
    const struct sha256 key = digest_sha256(name);
    const struct state_client *c = map_get(&a->names, &key);
    if (c == NULL || c == &nobody || c->removed) {
        return NULL;
    }
    for (size_t i = 0; i < c->tls_count; i++) {
        if (span_eq(c->tls[i], name)) {
            return c;
        }
    }
    return NULL;
}

bool http_auth_may(const struct state_client *c, uint32_t scopes)
{
    return c != NULL && (c->scopes & scopes) != 0;
}
