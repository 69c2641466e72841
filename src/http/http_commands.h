/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands of clients have in common. Inside the room only. */
#ifndef HTTP_COMMANDS_H
#define HTTP_COMMANDS_H

#include "http/http_front.h"

/* The body is whole and not too long; otherwise the reply is set. */
bool http_body_ready(struct http_call *c, size_t max_bytes);
void http_refuse_faults(struct http_call *c, const struct http_refusal *r, const struct content_faults *faults);
/* A body that is not JSON of the profile: what, and at which byte. */
void http_refuse_syntax(struct http_call *c, struct cs_result why);
/* Was the body read? Otherwise the reply is set: with every fault when it says what must not be (CS_E_REFUSED). */
bool http_body_read_as(struct http_call *c, struct cs_result read, const struct content_faults *faults);
/* True, with *ret_answer borrowed from the front's scratch, when the core did it, or had done it before; otherwise the
 * reply is set. */
bool http_answered(struct http_call *c, struct wire_answer *ret_answer);

#endif
