/* SPDX-License-Identifier: Apache-2.0 */
/* Every route there is. What is not in this table does not exist. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "http/http_call.h"

struct http_route {
    enum http_path path;
    const char *method;
    uint32_t scopes; /* one of these is needed; 0: open to everyone */
    bool writes;     /* takes a body and becomes a command to the core */
    /* Sets the reply or parks the call; called again when it was woken. */
    void (*serve)(struct http_call *c);
};

extern const struct http_route http_routes[];
extern const size_t http_route_count;

/* HEAD finds GET. NULL when the path does not take the method. */
const struct http_route *http_route_find(enum http_path path, const char *method);
/* "GET, POST" */
void http_route_allow(enum http_path path, struct writer *w);
const char *http_path_text(enum http_path path);

/* ---- the handlers, by file ---- */

/* http_read.c */
void http_serve_status(struct http_call *c);
void http_serve_list(struct http_call *c);
void http_serve_explain(struct http_call *c);
void http_serve_reviews(struct http_call *c);
void http_serve_alarms(struct http_call *c);
void http_serve_gate(struct http_call *c);
/* http_write.c */
void http_serve_submit(struct http_call *c);
void http_serve_redeem(struct http_call *c);
void http_serve_outcome(struct http_call *c);
void http_serve_withdraw(struct http_call *c);
/* http_incidents.c */
void http_serve_incidents(struct http_call *c);
void http_serve_freeze(struct http_call *c);
/* http_directory.c */
void http_serve_listed(struct http_call *c);
void http_serve_directory(struct http_call *c);
/* http_evidence.c */
void http_serve_evidence(struct http_call *c);
void http_serve_file(struct http_call *c);
/* http_receipt.c */
void http_serve_receipt(struct http_call *c);
/* http_log.c */
void http_serve_checkpoint(struct http_call *c);
void http_serve_tile(struct http_call *c);
void http_serve_entries(struct http_call *c);
/* http_events.c */
void http_serve_events(struct http_call *c);
/* http_dash_serve.c */
void http_serve_waiting(struct http_call *c);
void http_serve_page(struct http_call *c);
void http_serve_style(struct http_call *c);
void http_serve_icon(struct http_call *c);
/* http_meta.c */
void http_serve_openapi(struct http_call *c);
void http_serve_schema(struct http_call *c);
void http_serve_healthz(struct http_call *c);
void http_serve_readyz(struct http_call *c);
void http_serve_metrics(struct http_call *c);

#endif
