/* SPDX-License-Identifier: Apache-2.0 */
/* The dashboard's addresses: pages made at each call, the style sheet and the icon. docs/adr/0074-dashboard.md */
#include "http/http_files.h"
#include "http/http_front.h"
#include "http/http_dash.h"
#include "http/http_route.h"

enum { SETTLE_MS = 2000, TAG_BYTES = 8 };

/* Nothing is loaded but our own style sheet and icon, nothing runs, nothing frames it, and no address of it is told. */
static void guard(struct http_call *c)
{
    http_reply_header(
        c, "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'");
    http_reply_header(c, "X-Content-Type-Options", "nosniff");
    http_reply_header(c, "Referrer-Policy", "no-referrer");
    http_reply_header(c, "Cross-Origin-Opener-Policy", "same-origin");
    http_reply_header(c, "Cross-Origin-Resource-Policy", "same-origin");
}

/* The answer is set: its tag follows from its bytes, and who has them gets 304. */
static void tag(struct http_call *c, struct span bytes)
{
    const struct span known = http_call_header(c, MHD_HTTP_HEADER_IF_NONE_MATCH);
    const struct sha256 d = digest_sha256(bytes);
    char quoted[2 * TAG_BYTES + 3];
    struct writer w = wr_fixed(quoted, sizeof(quoted) - 1);
    wr_text(&w, "\"");
    wr_hex(&w, span_make(d.b, TAG_BYTES));
    wr_text(&w, "\"");
    quoted[w.len] = '\0';
    if (known.left > 0 && http_tag_matches(known, span_make(quoted + 1, w.len - 2))) {
        http_reply_set(c, 304, NULL, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
    }
    if (c->reply.response != NULL) {
        (void)MHD_del_response_header(c->reply.response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
    }
    http_reply_header(c, MHD_HTTP_HEADER_CACHE_CONTROL, "private, no-cache");
    http_reply_header(c, MHD_HTTP_HEADER_ETAG, quoted);
    guard(c);
}

static void reply_page(struct http_call *c, struct cs_result made, struct writer *w)
{
    if (made.code == CS_E_UNKNOWN) {
        const struct http_refusal none = http_refusal_reason(span_str(policy_reason_code(REASON_UNKNOWN_REQUEST)));
        http_reply_refusal(c, &none, 0);
        return;
    }
    if (made.code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    const struct span bytes = wr_span(w); /* the response's own from now on, which lives as long as the call */
    http_reply_own(c, 200, HTTP_HTML, w);
    if (c->reply.status == 200) {
        tag(c, bytes);
    }
}

/* Nothing is shown that no checkpoint covers yet: waits for the one that is on its way. False once there is a reply, or
 * the call waits. */
static bool settled(struct http_call *c)
{
    struct http_front *f = c->front;
    const uint64_t taken = f->view.after_count;

    if (taken > 0 && f->view.shown_count == taken) {
        return true;
    }
    if (c->waiting == WAIT_NOTHING) {
        c->deadline_ms = f->now_ms + SETTLE_MS;
    }
    if (taken == 0 || c->timed_out || f->stopping || c->deadline_ms <= f->now_ms) {
        http_reply_problem(c, PROBLEM_BEHIND);
        return false;
    }
    c->answer_index = taken - 1;
    http_call_park(c, WAIT_FOLD, c->deadline_ms, &f->folding);
    return false;
}

static struct dash_world world_of(struct http_front *f)
{
    arena_reset(&f->scratch);
    return (struct dash_world){
        .state = &f->follow.judge.state,
        .view = &f->view,
        .head = judge_root(&f->follow.judge),
        .now_ms = follow_core_time_ms(&f->follow, f->now_ms),
        .live = http_front_live(f),
        .arena = &f->scratch,
    };
}

void http_serve_waiting(struct http_call *c)
{
    if (!settled(c)) {
        return;
    }
    const struct dash_world x = world_of(c->front);
    AUTO_WRITER w = wr_heap(DASH_PAGE_MAX);
    reply_page(c, http_dash_waiting(&x, &c->target.query, &w), &w);
}

void http_serve_page(struct http_call *c)
{
    if (!settled(c)) {
        return;
    }
    const struct http_record *r = http_view_find(&c->front->view, c->target.id);
    const struct dash_world x = world_of(c->front);
    AUTO_WRITER w = wr_heap(DASH_PAGE_MAX);
    reply_page(c, r != NULL ? http_dash_request(&x, r, &w) : CS_FAIL(CS_E_UNKNOWN, "request"), &w);
}

bool http_dash_refuse(struct http_call *c, const struct http_refusal *r)
{
    if (c->target.path != PATH_WAITING && c->target.path != PATH_PAGE) {
        return false;
    }
    AUTO_WRITER w = wr_heap(DASH_PAGE_MAX);
    struct arena arena; /* the front's own may be in use: its words may live there */
    arena_init(&arena, DASH_PAGE_MAX);
    const struct cs_result made = http_dash_refusal(r, &arena, &w);
    arena_release(&arena);
    if (made.code != CS_OK) {
        return false;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(w.len, w.p, MHD_RESPMEM_MUST_FREE);
    if (response != NULL) {
        w = wr_heap(0); /* the storage is the response's now */
    }
    http_reply_set(c, r->status, HTTP_HTML, response);
    guard(c);
    return true;
}

/* ---- what pages load ---- */

static void reply_asset(struct http_call *c, const char *name, const char *type)
{
    for (size_t i = 0; i < http_file_count; i++) {
        if (strcmp(http_files[i].name, name) == 0) {
            const struct span bytes = span_make(http_files[i].bytes, http_files[i].len);
            http_reply_text(c, 200, type, bytes);
            tag(c, bytes);
            return;
        }
    }
    http_reply_problem(c, PROBLEM_NOT_FOUND);
}

void http_serve_style(struct http_call *c)
{
    reply_asset(c, "dashboard.css", "text/css; charset=utf-8");
}

void http_serve_icon(struct http_call *c)
{
    reply_asset(c, "favicon.svg", "image/svg+xml");
}
