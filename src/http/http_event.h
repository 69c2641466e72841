/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of the log as an event in the shape of CDEvents 0.4 (a custom event type). Pure. */
#ifndef HTTP_EVENT_H
#define HTTP_EVENT_H

#include "model/model_body.h"

enum { HTTP_EVENT_MAX = 8 << 10 };

/* What the event is about; texts borrow. */
struct http_event {
    const struct entry *entry;
    const struct entry_body *body;
    struct span origin;         /* of the log */
    uint64_t request;           /* index of the request */
    enum request_status status; /* that the entry led to */
    struct span environment;    /* empty for policy and roster requests */
    struct span service;
};

/*
 * {"context":{…},"customData":{…},"subject":{…}} on one line, without a line end. The type's last word is the entry's
 * type, for decisions "approved" or "rejected": dev.cdeventsx.countersign-approval.requested.0.1.0.
 */
CS_RESULT http_event_write(const struct http_event *e, struct writer *w);

/* The request an entry is about; UINT64_MAX for none. */
uint64_t http_event_request(const struct entry *e, const struct entry_body *b);

#endif
