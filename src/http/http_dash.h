/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dashboard's pages: HTML without script, for people to read on a second device. Each is a function of the folded
 * log, of what the view shows of it, and of a time; nothing can be decided on them. Pure. Source:
 * docs/adr/0074-dashboard.md.
 */
#ifndef HTTP_DASH_H
#define HTTP_DASH_H

#include "http/http_html.h"
#include "http/http_problem.h"
#include "http/http_target.h"
#include "http/http_view.h"

enum {
    DASH_PAGE_MAX = 4 << 20,
    DASH_ROWS = 50,           /* requests on one page of those that wait */
    DASH_FULL_BYTES = 2 << 20 /* findings of further files are only counted on a page that has so much */
};

/* What a page is made from; everything borrowed. The state is the one that the view was last published from. */
struct dash_world {
    const struct state *state;
    const struct http_view *view;
    struct sha256 head; /* of the log that the state has folded */
    uint64_t now_ms;    /* the core's time, as far as it is known */
    bool live;          /* the core is there, and all that it signed is shown */
    struct arena *arena;
};

/* Does it wait for people, or for what lets them sign or use it? */
bool http_dash_waits(enum request_status s);

/*
 * What waits, the nearest deadline first, with q's filters, and after the request that its cursor names.
 *
 * Errors: CS_E_UNKNOWN  the cursor names no request
 *         CS_E_NOMEM, CS_E_FULL
 */
CS_RESULT http_dash_waiting(const struct dash_world *x, const struct http_query *q, struct writer *w);
/* One request, open or not. CS_E_NOMEM, CS_E_FULL, or a decoder's error for what the fold should have refused. */
CS_RESULT http_dash_request(const struct dash_world *x, const struct http_record *r, struct writer *w);
/* The refusal of such a page. */
CS_RESULT http_dash_refusal(const struct http_refusal *r, struct arena *arena, struct writer *w);

#endif
