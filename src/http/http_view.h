/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What status reads are answered from: for each request one page of bytes, made when an entry touches the request and
 * never on a read. Pages are immutable and counted, so an answer under way keeps the page it began with. Not
 * thread-safe; one loop owns it.
 */
#ifndef HTTP_VIEW_H
#define HTTP_VIEW_H

#include "model/model_state.h"
#include "policy/policy_sheet.h"

enum {
    HTTP_PAGE_MAX = 16 << 20, /* a sheet may be long: POLICY_SHEET_TEXT_MAX */
    HTTP_TAG_MAX = 40,
    HTTP_VIEW_SCRATCH_BYTES = 4 << 20,
    HTTP_LIST_SCAN = 20000, /* records looked at for one page of a list */
};

/* Immutable bytes with their entity tag. http_page_drop frees with the last holder. */
struct http_page {
    uint32_t holders;
    char tag[HTTP_TAG_MAX]; /* of SHA-256 over the bytes, in hex: the same for the same bytes */
    void *answer;           /* the server's prepared answer, or NULL; it holds the page itself */
    void (*forget)(void *answer);
    size_t len;
    uint8_t bytes[];
};
struct http_page *http_page_hold(struct http_page *p);
void http_page_drop(struct http_page *p);

/* Texts that many requests share. */
struct http_word {
    size_t len;
    uint8_t p[];
};

struct http_call;

struct http_record {
    uint64_t id;
    uint64_t index; /* newest entry that changed what is shown */
    enum request_kind kind;
    enum request_status status; /* as it is seen: docs/policy.md */
    uint64_t use_by_ms;         /* 0 until approved */
    uint64_t successor;
    uint64_t opened_ms;
    uint64_t revision;
    struct sha256 leaf_sha256;
    struct sha256 sheet_sha256;
    const struct http_word *environment; /* NULL for policy and roster */
    const struct http_word *service;
    uint64_t redeem_index;         /* entry that used the approval; 0: none */
    struct http_page *status_page; /* GET /v1/requests/{id} */
    struct http_page *sheet_page;  /* …/explain */
    struct http_body *body;        /* parts of the pages that only an open request can give */
    struct http_call *waiting;     /* parked calls, the server's */
    bool pending;                  /* touched since the last publication */
    uint64_t pending_index;
    struct http_record *next_pending;
};

struct http_view {
    struct http_record **record; /* by id, ascending */
    size_t count;
    size_t cap;
    uint8_t *after;       /* by index: status that the entry led to, 0 when it touched no request */
    uint64_t after_count; /* entries taken */
    uint64_t shown_count; /* entries published */
    size_t after_cap;
    struct http_record *pending;
    uint64_t now_ms;             /* the core's time, as far as it is known */
    uint64_t until_ms;           /* when time alone may change an open request */
    struct http_page *incidents; /* GET /v1/incidents; NULL before the first publication */
    uint64_t incidents_index;    /* last entry of the freezes' chain that it shows */
    uint64_t frozen;             /* freezes that hold */
    struct http_page *reviews;   /* GET /v1/reviews; NULL before the first publication */
    uint64_t reviews_index;      /* last entry of the emergencies' chain that it shows */
    uint64_t reviews_owed;       /* the overdue ones included */
    uint64_t reviews_overdue;
    struct http_page *alarms; /* GET /v1/alarms; likewise */
    uint64_t alarms_index;    /* alarm entry that it shows */
    uint64_t alarm_count;
    struct arena words_arena;
    struct pool words_pool;
    struct map words;
    struct arena scratch;
    /* Called by publish for each record whose pages are new. May be NULL. */
    void (*touched)(void *ctx, struct http_record *r);
    void *ctx;
};

CS_RESULT http_view_init(struct http_view *v);
void http_view_release(struct http_view *v);

/*
 * Takes in what this entry changed; s is the state after it. Entries come in order from index 0. Nothing is shown yet.
 *
 * Errors: CS_E_NOMEM, CS_E_FULL; decoders' errors for an entry that the fold should have refused. Then the view is
 * behind the log and must not be used further.
 */
CS_RESULT http_view_apply(struct http_view *v, const struct state *s, const struct entry *e);
/* Shows everything taken in so far, as s has it. Errors as above. */
CS_RESULT http_view_publish(struct http_view *v, const struct state *s);

/* Time has passed, by the core's clock; to be called before publish. Errors as above. */
CS_RESULT http_view_turn(struct http_view *v, const struct state *s, uint64_t now_ms);

/* NULL when there is none, or it is not shown yet. */
struct http_record *http_view_find(const struct http_view *v, uint64_t id);

/* What a list asks for; empty filters match everything. Newest first, ids below `before`. */
struct http_list {
    uint64_t before;
    uint64_t limit;
    enum request_status status;
    struct span environment;
    struct span service;
};
/* {"items":[…],"next":"CURSOR"?}: items are status pages as they stand. CS_E_FULL. */
CS_RESULT http_view_list(const struct http_view *v, const struct http_list *l, struct writer *w);

/* The status that entry `index` led to; STATUS_NONE when it touched no request or is not shown yet. */
enum request_status http_view_after(const struct http_view *v, uint64_t index);

#endif
