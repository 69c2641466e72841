/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP front: follows the log, answers reads from its own pages, passes commands on to the core. It holds no key
 * and no handle on the log's database; there is no route that approves, rejects, breaks glass or edits policy, people
 * or keys. One loop and one thread own all of it. Source: docs/api.md, docs/adr/0032-http-loop.md.
 */
#ifndef HTTP_FRONT_H
#define HTTP_FRONT_H

#include "follow/follow.h"
#include "http/http_auth.h"
#include "http/http_call.h"
#include "http/http_denied.h"
#include "http/http_limit.h"
#include "http/http_metrics.h"

enum {
    HTTP_COMMANDS_MAX = 1024,     /* commands on their way at once; more are answered 503 busy */
    HTTP_COMMAND_WAIT_MS = 20000, /* then the client is told that the outcome is unknown */
    HTTP_STREAM_BEAT_MS = 15000,  /* a sign of life on an event stream */
    HTTP_SWEEP_MS = 10000,        /* how often suspended connections are asked whether their client is still there */
    HTTP_HEAD_MS = 20000,         /* from the request line to the end of the headers */
    HTTP_BODY_MS = 30000,         /* to the end of the body */
    HTTP_WHEEL_SLOTS = 64,        /* seconds; every deadline is nearer */
    HTTP_BODIES_MAX = 128 << 20,  /* bytes of request bodies in memory at once */
    HTTP_SCRATCH_BYTES = 8 << 20,
    HTTP_LOCATION_MAX = 512,
};

/* Texts are borrowed for as long as the front lives, PEM until http_serve_open returns. */
struct http_config {
    const char *core_socket;
    const char *spool_dir;  /* NULL: leaves stay in memory */
    const char *address;    /* numeric, or NULL for every address */
    uint16_t port;          /* 0: any free one */
    const char *public_url; /* "https://approval.example", or NULL: taken from the Host header */
    const char *cert_pem;   /* contents, NUL-terminated */
    const char *key_pem;
    const char *client_ca_pem; /* NULL: no client certificates */
    unsigned connections_max;
    unsigned idle_s;         /* a connection that sends nothing for so long is closed */
    uint32_t writes_per_min; /* a client's commands */
    uint32_t reads_per_s;    /* a client's, or an address's, other calls */
    size_t state_cap_bytes;
};

struct http_front {
    struct http_config config;
    struct follow follow;
    struct http_view view;
    struct http_auth auth;
    struct http_limit *writes;
    struct http_limit *reads;
    struct http_denied denied;
    struct http_metrics metrics;
    struct arena scratch;
    unsigned uploads;            /* files on their way in */
    struct http_call *giving;    /* the one that gets a file from the core; NULL: none */
    struct http_call *uploading; /* the one that the core is getting; NULL: none */
    uint64_t now_ms;             /* CLOCK_MONOTONIC at the start of this turn of the loop */
    uint64_t denied_due_ms;
    uint64_t sweep_due_ms;
    uint64_t wheel_s; /* second up to which the wheel was turned */
    struct http_conn *conns;
    struct http_call *wheel[HTTP_WHEEL_SLOTS];
    struct http_call *command[HTTP_COMMANDS_MAX]; /* by id modulo their number */
    uint64_t last_command;                        /* id of the newest */
    struct http_call *folding;                    /* answered, but the entry was not verified yet */
    struct http_call *streams;                    /* event streams without anything to send */
    size_t bodies_bytes;
    bool stopping;
    struct cs_result fault; /* the view cannot follow: everything but health is answered 503 */
};

CS_RESULT http_front_init(struct http_front *f, const struct http_config *config);
void http_front_release(struct http_front *f);

/* Everything that is due, but the connections' own work. now_ms is CLOCK_MONOTONIC; core_ready: the follower's
 * descriptor has something for us. */
void http_front_turn(struct http_front *f, uint64_t now_ms, bool core_ready);
/* When http_front_turn wants to be called at the latest. */
uint64_t http_front_wake_ms(const struct http_front *f);
/* Wakes every suspended call, so that the daemon can be stopped. */
void http_front_stop(struct http_front *f);

/* Is all that the core signed so far shown here, and is the core there? */
bool http_front_live(const struct http_front *f);

/* ---- for the calls ---- */

/* Suspends the call until it is woken or its deadline passes; peers may be NULL. */
void http_call_park(struct http_call *c, enum http_wait why, uint64_t deadline_ms, struct http_call **peers);
void http_call_wake(struct http_call *c, bool timed_out);
/* Out of every list, without waking: the connection is ending. */
void http_call_forget(struct http_call *c);

/* Sends a command for this call and suspends it; the answer is in c->answer when it is served again. */
void http_call_command(struct http_call *c, const struct wire_command *command);

/* Counts a denied call and keeps it for the log. */
void http_front_deny(struct http_front *f, const struct http_call *c, const char *code);
void http_front_count_reply(struct http_front *f, unsigned status);
void http_front_count_problem(struct http_front *f, const struct http_refusal *r);

#endif
