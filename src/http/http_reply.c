/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_call.h"

#include "http/http_front.h"

enum { PROBLEM_MAX = 64 << 10 };

void http_reply_drop(struct http_call *c)
{
    if (c->reply.response != NULL && !c->reply.kept) {
        MHD_destroy_response(c->reply.response);
    }
    c->reply = (struct http_reply){.status = 0};
}

void http_reply_header(struct http_call *c, const char *name, const char *value)
{
    if (c->reply.response != NULL && !c->reply.kept) {
        (void)MHD_add_response_header(c->reply.response, name, value);
    }
}

void http_reply_number(struct http_call *c, const char *name, uint64_t value)
{
    char text[HTTP_TAG_MAX];
    struct writer w = wr_fixed(text, sizeof(text) - 1);
    wr_dec(&w, value);
    text[w.len] = '\0';
    http_reply_header(c, name, text);
}

void http_reply_set(struct http_call *c, unsigned status, const char *type, struct MHD_Response *response)
{
    http_reply_drop(c);
    if (response == NULL) {
        return;
    }
    c->reply = (struct http_reply){.status = status, .response = response};
    if (type != NULL) {
        http_reply_header(c, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    }
    http_reply_header(c, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
}

void http_reply_own(struct http_call *c, unsigned status, const char *type, struct writer *w)
{
    if (wr_end(w, "reply").code != CS_OK || w->len == 0) {
        http_reply_problem(c, PROBLEM_INTERNAL);
        return;
    }
    struct MHD_Response *r = MHD_create_response_from_buffer(w->len, w->p, MHD_RESPMEM_MUST_FREE);
    if (r != NULL) {
        *w = wr_heap(0); /* the storage is the response's now */
    }
    http_reply_set(c, status, type, r);
}

void http_reply_text(struct http_call *c, unsigned status, const char *type, struct span text)
{
    union {
        const uint8_t *in;
        void *out;
    } bytes = {.in = text.p}; /* PERSISTENT: libmicrohttpd reads it only */
    http_reply_set(c, status, type, MHD_create_response_from_buffer(text.left, bytes.out, MHD_RESPMEM_PERSISTENT));
}

/* What goes with every refusal, whatever it is written in. */
static void refused(struct http_call *c, const struct http_refusal *r, uint64_t retry_s)
{
    if (retry_s > 0) {
        http_reply_number(c, MHD_HTTP_HEADER_RETRY_AFTER, retry_s);
    }
    if (r->status == 401) {
        http_reply_header(c, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
    }
    http_front_count_problem(c->front, r);
}

void http_reply_refusal(struct http_call *c, const struct http_refusal *r, uint64_t retry_s)
{
    if (http_dash_refuse(c, r)) {
        refused(c, r, retry_s);
        return;
    }
    AUTO_WRITER w = wr_heap(PROBLEM_MAX);
    if (http_refusal_write(r, &w).code != CS_OK) {
        http_reply_text(c, 500, "text/plain", SPAN_LIT("internal\n"));
        return;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(w.len, w.p, MHD_RESPMEM_MUST_FREE);
    if (response != NULL) {
        w = wr_heap(0);
    }
    http_reply_set(c, r->status, "application/problem+json", response);
    refused(c, r, retry_s);
}

void http_reply_problem(struct http_call *c, enum http_problem p)
{
    const struct http_refusal r = http_refusal_of(p);
    http_reply_refusal(c, &r, r.status == 503 ? 2 : 0);
}

/* ---- pages ---- */

static void page_let_go(void *page)
{
    http_page_drop(page);
}

static void page_forget(void *answer)
{
    MHD_destroy_response(answer);
}

static void tag_header(struct MHD_Response *r, const struct http_page *page)
{
    char quoted[HTTP_TAG_MAX + 3];
    (void)snprintf(quoted, sizeof(quoted), "\"%s\"", page->tag);
    (void)MHD_add_response_header(r, MHD_HTTP_HEADER_ETAG, quoted);
    (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "private, no-cache");
}

/* A command's answer says what it did to whom, so unlike a page it is not stored. */
void http_reply_tag(struct http_call *c, const struct http_page *page)
{
    char quoted[HTTP_TAG_MAX + 3];
    (void)snprintf(quoted, sizeof(quoted), "\"%s\"", page->tag);
    http_reply_header(c, MHD_HTTP_HEADER_ETAG, quoted);
}

/* The prepared answer holds the page; libmicrohttpd lets go of it when the last connection has sent it. */
static struct MHD_Response *page_answer(struct http_page *page)
{
    if (page->answer == NULL) {
        struct MHD_Response *r =
            MHD_create_response_from_buffer_with_free_callback_cls(page->len, page->bytes, page_let_go, page);
        if (r == NULL) {
            return NULL;
        }
        (void)http_page_hold(page);
        (void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, HTTP_JSON);
        tag_header(r, page);
        page->answer = r;
        page->forget = page_forget;
    }
    return page->answer;
}

void http_reply_page(struct http_call *c, struct http_page *page)
{
    const struct span known = http_call_header(c, MHD_HTTP_HEADER_IF_NONE_MATCH);
    if (known.left > 0 && http_tag_matches(known, span_str(page->tag))) {
        http_reply_set(c, 304, NULL, MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT));
        if (c->reply.response != NULL) {
            (void)MHD_del_response_header(c->reply.response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
            tag_header(c->reply.response, page);
        }
        return;
    }
    http_reply_drop(c);
    struct MHD_Response *r = page_answer(page);
    if (r != NULL) {
        c->reply = (struct http_reply){.status = 200, .response = r, .kept = true};
    }
}

enum MHD_Result http_reply_queue(struct http_call *c)
{
    c->step = STEP_DONE;
    if (c->reply.response == NULL) {
        return MHD_NO;
    }
    http_front_count_reply(c->front, c->reply.status);
    const enum MHD_Result r = MHD_queue_response(c->connection, c->reply.status, c->reply.response);
    http_reply_drop(c);
    return r;
}

struct span http_call_header(const struct http_call *c, const char *name)
{
    return span_str(MHD_lookup_connection_value(c->connection, MHD_HEADER_KIND, name));
}
