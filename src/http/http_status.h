/* SPDX-License-Identifier: Apache-2.0 */
/* The words and JSON that say how a request stands. Pure. Source: docs/api.md, docs/api/status.json. */
#ifndef HTTP_STATUS_H
#define HTTP_STATUS_H

#include "http/http_view.h"

/* Canonical JSON values kept from the last time the request was open, so that it can be shown for ever. */
struct http_body {
    struct span content; /* object */
    struct span seats;   /* array of {count, have, role, seat} */
    struct span sheet;   /* array of lines */
    struct span rules;   /* array of {because, earned?, policy, rule}: of a deployment, those that apply */
    struct span title;
    struct span waiting;      /* roles whose seats are not full: "business, security" */
    struct span missing;      /* what else it waits for: "evidence production/tests, window production/weekend" */
    enum request_status seen; /* as policy_status says */
    bool varies;              /* time, or entries about something else, may change it */
    uint64_t until_ms;        /* when time may: UINT64_MAX never */
    struct sha256 sheet_sha256;
    uint64_t policy_index;
    uint32_t need;
    uint32_t have;
};

/* Reads an open request as it is at now_ms, the core's time. Texts live in the arena. */
CS_RESULT http_body_read(const struct state *s, const struct state_request *q, uint64_t now_ms, struct arena *arena,
                         struct http_body *ret_body);
/* What is shown as its status: as the body saw it, while the request is open or approved. */
enum request_status http_seen(const struct state_request *q, const struct http_body *b);
/* A copy on the heap in one block; free() releases it. NULL without memory. */
struct http_body *http_body_copy(const struct http_body *b);

CS_RESULT http_status_write(const struct state_request *q, const struct http_record *r, const struct http_body *b,
                            struct writer *w);
CS_RESULT http_sheet_write(const struct state_request *q, const struct http_record *r, const struct http_body *b,
                           struct writer *w);
/* {"items":[…]}: what is frozen, newest first. */
CS_RESULT http_incidents_write(const struct state *s, struct writer *w);
/* {"items":[…]}: the newest emergencies and the reviews that they owe. */
CS_RESULT http_reviews_write(const struct state *s, struct writer *w);
/* {"index":…,"items":[…]}: what nobody can sign, as the last alarm entry says. */
CS_RESULT http_alarms_write(const struct state *s, struct writer *w);
/* One line for people: "1 of 2 signatures; waiting for business". */
void http_progress_write(const struct state_request *q, const struct http_body *b, struct writer *w);

#endif
