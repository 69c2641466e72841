/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/events: what happened, by log index, as server-sent events or as JSON lines; for as long as the client wants.
 */
#include "base/base_text.h"
#include "http/http_event.h"
#include "http/http_front.h"
#include "http/http_route.h"

enum { BLOCK_BYTES = 4096, ENTRIES_AT_ONCE = 512 };

struct stream {
    struct http_front *front;
    struct http_call *call; /* only while the connection reads: it may end before the response does */
    bool sse;
    uint64_t next; /* index of the next entry to look at */
    struct writer w;
    size_t sent; /* of w */
};

static CS_RESULT put_event(struct stream *s, const struct http_event *e)
{
    struct writer *w = &s->w;
    if (s->sse) {
        wr_text(w, "id: ");
        wr_dec(w, e->entry->seq);
        wr_text(w, "\nevent: approval\ndata: ");
    }
    TRY(http_event_write(e, w));
    wr_text(w, s->sse ? "\n\n" : "\n");
    return wr_end(w, "event");
}

static CS_RESULT next_event(struct stream *s)
{
    struct http_front *f = s->front;
    struct http_event event = {.status = http_view_after(&f->view, s->next)};
    struct entry e;
    struct entry_body b;
    struct span leaf = SPAN_NONE;

    if (event.status == STATUS_NONE) {
        s->next++;
        return CS_SUCCESS;
    }
    arena_reset(&f->scratch);
    uint8_t *bytes = arena_alloc(&f->scratch, MODEL_LEAF_MAX);
    ENSURE(bytes != NULL, CS_E_NOMEM, "event.leaf");
    TRY(follow_spool_read(&f->follow.spool, s->next, bytes, MODEL_LEAF_MAX, &leaf));
    TRY(model_entry_decode(leaf, &f->scratch, &e));
    TRY(model_body_decode(&e, &f->scratch, &b));
    event.entry = &e;
    event.body = &b;
    event.origin = f->follow.judge.state.origin;
    event.request = http_event_request(&e, &b);
    const struct http_record *r = http_view_find(&f->view, event.request);
    if (r != NULL && r->environment != NULL) {
        event.environment = span_make(r->environment->p, r->environment->len);
        event.service = span_make(r->service->p, r->service->len);
    }
    s->next++;
    return put_event(s, &event);
}

/* Refills an empty buffer with what is there; leaves it empty when nothing is. */
static CS_RESULT refill(struct stream *s)
{
    const struct http_front *f = s->front;
    s->w.len = 0;
    s->sent = 0;
    for (unsigned looked = 0; s->next < f->view.shown_count && s->w.len == 0; looked++) {
        if (looked == ENTRIES_AT_ONCE) {
            wr_text(&s->w, s->sse ? ": \n\n" : "\n"); /* let others run */
            break;
        }
        TRY(next_event(s));
    }
    return CS_SUCCESS;
}

static ssize_t stream_read(void *cls, uint64_t pos, char *buf, size_t max)
{
    struct stream *s = cls;
    struct http_call *c = s->call;
    (void)pos;
    if (s->sent == s->w.len) {
        if (c->gone || c->front->stopping || c->front->fault.code != CS_OK) {
            return MHD_CONTENT_READER_END_OF_STREAM;
        }
        if (refill(s).code != CS_OK) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    }
    if (s->sent == s->w.len && c->timed_out) {
        c->timed_out = false;
        wr_text(&s->w, s->sse ? ": \n\n" : "\n"); /* a sign of life for what stands between */
    }
    if (s->sent == s->w.len) {
        http_call_park(c, WAIT_ENTRIES, c->front->now_ms + HTTP_STREAM_BEAT_MS, &c->front->streams);
        return 0;
    }
    const size_t left = s->w.len - s->sent;
    const size_t n = left < max ? left : max;
    memcpy(buf, s->w.p + s->sent, n);
    s->sent += n;
    return (ssize_t)n;
}

static void stream_free(void *cls)
{
    struct stream *s = cls;
    s->front->metrics.streams--;
    wr_release(&s->w);
    free(s);
}

/* Last-Event-ID is where a browser's reconnect goes on; after=N wins over it. */
static uint64_t start_of(const struct http_call *c)
{
    uint64_t last = 0;
    if (c->target.query.has_after) {
        return c->target.query.after < UINT64_MAX ? c->target.query.after + 1 : UINT64_MAX;
    }
    if (text_dec_decode(http_call_header(c, "Last-Event-ID"), &last, "last_event_id").code == CS_OK) {
        return last < UINT64_MAX ? last + 1 : UINT64_MAX;
    }
    return 0;
}

void http_serve_events(struct http_call *c)
{
    struct stream *s = calloc(1, sizeof(*s));
    if (s == NULL) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    *s = (struct stream){.front = c->front, .call = c, .w = wr_heap((size_t)2 * HTTP_EVENT_MAX), .next = start_of(c)};
    s->sse = http_accepts(http_call_header(c, "Accept"), "text/event-stream");
    struct MHD_Response *r =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, stream_read, s, stream_free);
    if (r == NULL) {
        free(s);
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    c->front->metrics.streams++;
    http_reply_set(c, 200, s->sse ? "text/event-stream" : "application/jsonl", r);
}
