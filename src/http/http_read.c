/* SPDX-License-Identifier: Apache-2.0 */
/* How a request stands: straight from the view's pages. */
#include "http/http_front.h"
#include "http/http_route.h"

/* NULL, with the reply set, when there is no such request. */
static struct http_record *record_of(struct http_call *c)
{
    struct http_record *r = http_view_find(&c->front->view, c->target.id);
    if (r == NULL) {
        const struct http_refusal none = http_refusal_reason(span_str(policy_reason_code(REASON_UNKNOWN_REQUEST)));
        http_reply_refusal(c, &none, 0);
    }
    return r;
}

/* Nothing new for this client: it has the page, or it named none and waits for a decision. */
static bool nothing_new(const struct http_call *c, const struct http_record *r)
{
    const struct span known = http_call_header(c, MHD_HTTP_HEADER_IF_NONE_MATCH);
    if (known.left > 0) {
        return http_tag_matches(known, span_str(r->status_page->tag));
    }
    return r->status == STATUS_ELIGIBLE || r->status == STATUS_BLOCKED || r->status == STATUS_PAUSED;
}

void http_serve_status(struct http_call *c)
{
    struct http_record *r = record_of(c);
    const bool first = c->waiting == WAIT_NOTHING;

    if (r == NULL) {
        return;
    }
    if (first) {
        c->deadline_ms = c->front->now_ms + c->target.query.wait_s * 1000;
    }
    if (c->target.query.wait_s > 0 && !c->timed_out && !c->front->stopping && c->deadline_ms > c->front->now_ms &&
        nothing_new(c, r)) {
        http_call_park(c, WAIT_CHANGE, c->deadline_ms, &r->waiting);
        return;
    }
    http_reply_page(c, r->status_page);
}

void http_serve_explain(struct http_call *c)
{
    struct http_record *r = record_of(c);
    if (r != NULL) {
        http_reply_page(c, r->sheet_page);
    }
}

void http_serve_list(struct http_call *c)
{
    const struct http_query *q = &c->target.query;
    const struct http_list list = {
        .before = q->has_cursor ? q->cursor : UINT64_MAX,
        .limit = q->limit > 0 ? q->limit : HTTP_LIMIT_DEFAULT,
        .status = q->status,
        .environment = http_name_span(&q->environment),
        .service = http_name_span(&q->service),
    };
    AUTO_WRITER w = wr_heap((size_t)(HTTP_LIMIT_MAX + 1) * HTTP_PAGE_MAX);
    if (http_view_list(&c->front->view, &list, &w).code != CS_OK) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    http_reply_own(c, 200, HTTP_JSON, &w);
}

void http_serve_reviews(struct http_call *c)
{
    struct http_page *p = c->front->view.reviews;
    if (p == NULL) {
        http_reply_problem(c, PROBLEM_BEHIND); /* nothing was folded yet */
        return;
    }
    http_reply_page(c, p);
}

void http_serve_alarms(struct http_call *c)
{
    struct http_page *p = c->front->view.alarms;
    if (p == NULL) {
        http_reply_problem(c, PROBLEM_BEHIND); /* nothing was folded yet */
        return;
    }
    http_reply_page(c, p);
}

/* ---- the gate: one status code for clients that understand nothing else ---- */

static unsigned gate_status(enum request_status s)
{
    switch (s) {
    case STATUS_APPROVED:
        return 200;
    case STATUS_ELIGIBLE:
    case STATUS_BLOCKED:
        return 503;
    case STATUS_PAUSED:
        return 423;
    case STATUS_NONE:
    case STATUS_REJECTED:
    case STATUS_EXPIRED:
    case STATUS_LAPSED:
    case STATUS_WITHDRAWN:
    case STATUS_SUPERSEDED:
    case STATUS_REDEEMED:
    case STATUS_VOID:
    case STATUS_APPLIED:
    case STATUS_SUCCEEDED:
    case STATUS_FAILED:
    case STATUS_ROLLED_BACK:
    case STATUS_COUNT:
        return 403;
    }
    return 403;
}

void http_serve_gate(struct http_call *c)
{
    struct http_front *f = c->front;
    const struct http_record *r = http_view_find(&f->view, c->target.id);

    if (!http_front_live(f)) {
        http_reply_problem(c, PROBLEM_BEHIND); /* what we show may be old: a gate does not open on that */
        return;
    }
    if (r == NULL) {
        http_reply_problem(c, PROBLEM_NOT_FOUND);
        return;
    }
    const bool in_time = follow_core_time_ms(&f->follow, f->now_ms) < r->use_by_ms;
    /* an approval of something else, such as a voucher, lets nothing be deployed */
    const bool late = r->use_by_ms > 0 && !in_time && (r->status == STATUS_APPROVED || r->status == STATUS_PAUSED);
    const unsigned status = r->kind == KIND_DEPLOY && !late ? gate_status(r->status) : 403;
    AUTO_WRITER w = wr_heap(64);
    wr_text(&w, late ? "lapsed" : request_status_text(r->status));
    wr_text(&w, "\n");
    http_reply_own(c, status, "text/plain", &w);
    if (status == 503 || status == 423) {
        http_reply_header(c, MHD_HTTP_HEADER_RETRY_AFTER, "5");
    }
}
