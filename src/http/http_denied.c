/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_denied.h"

static void copy(char *to, size_t cap, const char *from)
{
    const size_t n = strnlen(from, cap - 1);
    memcpy(to, from, n);
    to[n] = '\0';
}

/* The last place is kept for what fits nowhere else. */
static bool count_in(struct http_denied *d, const struct http_denial *x, size_t places)
{
    struct http_denial *free_kind = NULL;
    for (size_t i = 0; i < places; i++) {
        struct http_denial *k = &d->kind[i];
        if (k->count == 0) {
            free_kind = free_kind == NULL ? k : free_kind;
        } else if (strcmp(k->actor, x->actor) == 0 && strcmp(k->ip, x->ip) == 0 && strcmp(k->code, x->code) == 0) {
            k->count++;
            return true;
        }
    }
    if (free_kind == NULL) {
        return false;
    }
    *free_kind = *x;
    free_kind->count = 1;
    return true;
}

void http_denied_add(struct http_denied *d, const char *actor, const char *ip, const char *code)
{
    struct http_denial x = {.count = 0};
    copy(x.actor, sizeof(x.actor), actor);
    copy(x.ip, sizeof(x.ip), ip);
    copy(x.code, sizeof(x.code), code);
    d->total++;
    if (count_in(d, &x, HTTP_DENIED_KINDS / 2)) {
        return;
    }
    x.ip[0] = '\0';
    if (count_in(d, &x, HTTP_DENIED_KINDS - 1)) {
        return;
    }
    copy(x.actor, sizeof(x.actor), "system:http");
    copy(x.code, sizeof(x.code), "denied");
    (void)count_in(d, &x, HTTP_DENIED_KINDS); /* the last place never holds another kind */
}

bool http_denied_take(struct http_denied *d, struct http_denial *ret_kind)
{
    for (size_t i = 0; i < HTTP_DENIED_KINDS; i++) {
        if (d->kind[i].count > 0) {
            *ret_kind = d->kind[i];
            d->kind[i].count = 0;
            return true;
        }
    }
    return false;
}
