/* SPDX-License-Identifier: Apache-2.0 */
/* One HTTP exchange from its request line to the end of its answer. Private to this room. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include <microhttpd.h>

#include "http/http_peer.h"
#include "http/http_problem.h"
#include "http/http_target.h"
#include "http/http_view.h"

enum { HTTP_BODY_MAX = 1 << 20, HTTP_IP_MAX = 46, HTTP_MEMO_MAX = 64 };

struct http_front;
struct http_route;
struct http_upload;

/* Lives as long as its TCP connection. */
struct http_conn {
    char ip[HTTP_IP_MAX];
    struct http_peer peer;
    gnutls_session_t session;
    int fd;
    uint64_t since_ms;      /* when it began to wait for what it now waits for */
    struct http_call *call; /* the exchange under way */
    struct http_conn *prev;
    struct http_conn *next;
};

enum http_step {
    STEP_HEAD,  /* headers not looked at */
    STEP_BODY,  /* body may arrive */
    STEP_SERVE, /* body complete: it is our turn */
    STEP_DONE,  /* reply queued */
};

/* Why a call is suspended. */
enum http_wait { WAIT_NOTHING, WAIT_CHANGE, WAIT_CORE, WAIT_FOLD, WAIT_ENTRIES, WAIT_COUNT };

/* A place in a list of calls; all-zero is in no list. */
struct http_link {
    struct http_call *prev;
    struct http_call *next;
    struct http_call **head;
};

struct http_reply {
    unsigned status; /* 0: none yet */
    struct MHD_Response *response;
    bool kept; /* the response belongs to a page and outlives the call */
};

struct http_call {
    struct http_front *front;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    struct http_target target;
    struct cs_result target_fault;
    const struct http_route *route;
    enum http_step step;
    bool head; /* HEAD: as GET, without content */
    char client[MODEL_ID_MAX + 1];
    struct http_key key;
    struct writer body;
    size_t body_counted;      /* of body, in the front's sum */
    size_t ignored_bytes;     /* of a body that nobody wants */
    uint8_t allowance_policy; /* 1: the client's rate was asked, and stands in the next two */
    uint64_t allowance_left;
    uint64_t allowance_reset_s;
    struct http_reply reply;

    /* while suspended */
    enum http_wait waiting;
    bool timed_out; /* woken by its deadline, or because nobody can wake it any more */
    bool gone;      /* the client has left */
    uint64_t deadline_ms;
    struct http_link wheel; /* every suspended call, by the second of its deadline */
    struct http_link peers; /* those that wait for the same request, or for the core */
    struct http_record *record;
    uint64_t seen_index; /* the tag the client has */

    /* a command on its way to the core */
    uint64_t command;   /* 0: none */
    struct sha256 memo; /* SHA-256(client 00 key) of a submission */
    bool has_memo;
    uint8_t *answer; /* the core's frame, or NULL */
    size_t answer_len;
    struct http_upload *upload; /* a file about a deployment; NULL: none */
    uint64_t fed_ms;            /* when bytes of it came last */
    uint64_t answer_index;      /* entry that must be shown before the answer is given */
};

/* ---- replies: each takes the place of whatever reply was there ---- */

void http_reply_drop(struct http_call *c);
/* Takes over the response. NULL, for want of memory, closes the connection without an answer. */
void http_reply_set(struct http_call *c, unsigned status, const char *type, struct MHD_Response *response);
/* Takes over w's heap storage. */
void http_reply_own(struct http_call *c, unsigned status, const char *type, struct writer *w);
/* text must live for ever. */
void http_reply_text(struct http_call *c, unsigned status, const char *type, struct span text);
void http_reply_problem(struct http_call *c, enum http_problem p);
/* retry_s == 0: without Retry-After. */
void http_reply_refusal(struct http_call *c, const struct http_refusal *r, uint64_t retry_s);
/* The page with its ETag, or 304 when the client has it. */
void http_reply_page(struct http_call *c, struct http_page *page);
/* The page's ETag on an answer of its own that holds it. */
void http_reply_tag(struct http_call *c, const struct http_page *page);
void http_reply_header(struct http_call *c, const char *name, const char *value);
void http_reply_number(struct http_call *c, const char *name, uint64_t value);
/* Hands the reply to the connection. */
enum MHD_Result http_reply_queue(struct http_call *c);

/* A request header's only value; empty when absent. */
struct span http_call_header(const struct http_call *c, const char *name);

/* Refuses a page of the dashboard in HTML; false when the call is for none, and nothing was set. */
bool http_dash_refuse(struct http_call *c, const struct http_refusal *r);

#define HTTP_JSON "application/json"
#define HTTP_HTML "text/html; charset=utf-8"

#endif
