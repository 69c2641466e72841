/* SPDX-License-Identifier: Apache-2.0 */
/* About the server itself: its description, its health, its numbers. */
#include "http/http_files.h"
#include "http/http_front.h"
#include "http/http_route.h"

enum { METRICS_MAX = 32 << 10 };

static void reply_file(struct http_call *c, struct span name)
{
    for (size_t i = 0; i < http_file_count; i++) {
        if (span_is(name, http_files[i].name)) {
            http_reply_text(c, 200, HTTP_JSON, span_make(http_files[i].bytes, http_files[i].len));
            return;
        }
    }
    http_reply_problem(c, PROBLEM_NOT_FOUND);
}

void http_serve_openapi(struct http_call *c)
{
    reply_file(c, SPAN_LIT("openapi.json"));
}

void http_serve_schema(struct http_call *c)
{
    const struct span name = http_name_span(&c->target.name);
    if (name.left > 5 &&
        span_is(span_from(name, name.left - 5), ".json")) { /* other files have addresses of their own */
        reply_file(c, name);
        return;
    }
    http_reply_problem(c, PROBLEM_NOT_FOUND);
}

void http_serve_healthz(struct http_call *c)
{
    http_reply_text(c, 200, "text/plain", SPAN_LIT("ok\n"));
}

/* Ready: everything the core signed is shown, and the core is there. Says why not otherwise. */
void http_serve_readyz(struct http_call *c)
{
    const struct http_front *f = c->front;
    if (http_front_live(f)) {
        http_reply_text(c, 200, "text/plain", SPAN_LIT("ready\n"));
        return;
    }
    AUTO_WRITER w = wr_heap(1024);
    switch (f->follow.state) {
    case FOLLOW_LOST:
        wr_text(&w, "the core cannot be reached");
        break;
    case FOLLOW_BEHIND:
        wr_text(&w, "reading the log");
        break;
    case FOLLOW_LIVE:
        wr_text(&w, f->stopping ? "stopping" : f->fault.msg);
        break;
    case FOLLOW_BROKEN:
        wr_text(&w, "the log cannot be believed: ");
        wr_text(&w, f->follow.why);
        break;
    }
    wr_text(&w, "\n");
    http_reply_own(c, 503, "text/plain", &w);
}

void http_serve_metrics(struct http_call *c)
{
    struct http_front *f = c->front;
    uint64_t by_status[STATUS_COUNT] = {0};
    AUTO_WRITER w = wr_heap(METRICS_MAX);

    for (size_t i = 0; i < f->view.count; i++) {
        by_status[f->view.record[i]->status]++;
    }
    const struct http_gauges g = {
        .log_size = f->follow.judge.state.size,
        .verified_size = f->follow.verified,
        .denied = f->denied.total,
        .core_silent_ms = f->follow.heard_ms == 0 ? 0 : f->now_ms - f->follow.heard_ms,
        .live = http_front_live(f),
        .sealed = f->follow.sealed,
        .reviews_owed = f->view.reviews_owed,
        .reviews_overdue = f->view.reviews_overdue,
        .frozen = f->view.frozen,
        .alarms = f->view.alarm_count,
        .by_status = by_status,
    };
    http_metrics_write(&f->metrics, &g, &w);
    http_reply_own(c, 200, "text/plain; version=0.0.4; charset=utf-8", &w);
}
