/* SPDX-License-Identifier: Apache-2.0 */
/* Denied calls, added up before they go to the log: a flood becomes a few entries with counts. Pure. */
#ifndef HTTP_DENIED_H
#define HTTP_DENIED_H

#include "base/base_span.h"

enum { HTTP_DENIED_KINDS = 32, HTTP_DENIED_EVERY_MS = 10000, HTTP_DENIED_TEXT = 80, HTTP_DENIED_CODE = 32 };

/* One kind of denial. Texts are NUL-terminated; ip is empty when it stands for many addresses. */
struct http_denial {
    char actor[HTTP_DENIED_TEXT];
    char ip[HTTP_DENIED_TEXT];
    char code[HTTP_DENIED_CODE];
    uint64_t count; /* 0: free */
};

/* All-zero is empty. */
struct http_denied {
    struct http_denial kind[HTTP_DENIED_KINDS];
    uint64_t total;
};

/* Never fails: what finds no place of its own is counted without its address, and then as one kind for all. */
void http_denied_add(struct http_denied *d, const char *actor, const char *ip, const char *code);
/* Takes one kind out; false when nothing is there. */
bool http_denied_take(struct http_denied *d, struct http_denial *ret_kind);

#endif
