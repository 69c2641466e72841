/* SPDX-License-Identifier: Apache-2.0 */
/* What incidents hold, and holding it. Ending a freeze is not here: that is signed at the kiosk. */
#include "http/http_commands.h"
#include "http/http_route.h"

#include "model/model_freeze.h"

enum { CONTENT_MAX = 32768 };

void http_serve_incidents(struct http_call *c)
{
    struct http_page *p = c->front->view.incidents;
    if (p == NULL) {
        http_reply_problem(c, PROBLEM_BEHIND); /* nothing was folded yet */
        return;
    }
    http_reply_page(c, p);
}

/* The body in its canonical spelling; otherwise the reply is set. */
static bool take_content(struct http_call *c, struct writer *content)
{
    struct content_faults faults = {.count = 0};
    struct freeze f;

    const struct cs_result r = model_freeze_from_body(wr_span(&c->body), &c->front->scratch, &f, &faults);
    if (!http_body_read_as(c, r, &faults)) {
        return false;
    }
    if (model_freeze_content_encode(&f, content).code != CS_OK) {
        http_reply_problem(c, PROBLEM_TOO_LARGE);
        return false;
    }
    return true;
}

static void freeze(struct http_call *c)
{
    AUTO_WRITER content = wr_heap(CONTENT_MAX);

    if (!http_body_ready(c, WIRE_BODY_MAX)) {
        return;
    }
    arena_reset(&c->front->scratch);
    if (!take_content(c, &content)) {
        return;
    }
    const struct wire_command command = {.cmd = WIRE_FREEZE,
                                         .client = span_str(c->client),
                                         .ip = span_str(c->conn->ip),
                                         .freeze = {.content = wr_span(&content)}};
    http_call_command(c, &command);
}

/* 201 the first time, 200 with the same bytes while it holds. */
void http_serve_freeze(struct http_call *c)
{
    struct wire_answer a;
    AUTO_WRITER w = wr_heap(HTTP_PAGE_MAX);
    struct json_out o = json_out_make(&w);

    if (c->waiting == WAIT_NOTHING) {
        freeze(c);
        return;
    }
    if (http_answered(c, &a)) {
        json_put_object(&o, NULL);
        json_put_uint(&o, "freeze", a.index);
        json_put_close(&o);
        http_reply_own(c, span_is(a.code, policy_reason_code(REASON_OK)) ? 201 : 200, HTTP_JSON, &w);
    }
}
