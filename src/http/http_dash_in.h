/* SPDX-License-Identifier: Apache-2.0 */
/* What the pages of the dashboard have in common. Private to this room. */
#ifndef HTTP_DASH_IN_H
#define HTTP_DASH_IN_H

#include "http/http_dash.h"
#include "http/http_status.h"
#include "json/json_tree.h"

enum dash_page { DASH_NO_PAGE, DASH_WAITING, DASH_REQUEST };

/* From the doctype to the start of <main>; name is that of the page, and may be from outside. x NULL: nothing is said
 * of the log, here and at the end. */
void dash_begin(struct html *h, enum dash_page page, struct span name, const struct dash_world *x);
void dash_end(struct html *h, const struct dash_world *x);
/* Its word in a frame of its own, with a sign: never colour alone. */
void dash_status(struct html *h, enum request_status s);
/* "2 h 5 min left", "time is up"; nothing for 0. */
void dash_left(struct html *h, const struct dash_world *x, uint64_t until_ms);
/* When it must be signed by, or used by once it is approved; 0 when neither matters any more. */
uint64_t dash_due(const struct state_request *q, enum request_status seen);
/* "2 x security, 1 x tech": seats of this array of a body that are not full. Says how many people that are. */
uint64_t dash_empty_seats(struct html *h, const struct json_value *seats);
/* What the kiosk's list says of it: "PEOPLE AND KEYS, officers decide"; "Deployment" for one. */
const char *dash_kind(enum request_kind kind);

/* Members of the view's own JSON: empty, 0 or false when they are not there. */
struct span dash_text(const struct json_value *v, const char *key);
uint64_t dash_uint(const struct json_value *v, const char *key);
bool dash_flag(const struct json_value *v, const char *key);

/* http_dash_evidence.c: what files say about it, line by line of its sheet, and against what runs there now. Writes
 * nothing when the sheet asks for none. */
CS_RESULT dash_evidence(struct html *h, const struct dash_world *x, const struct state_request *q,
                        const struct json_value *sheet);

/* Does it ask for any? */
bool dash_has_evidence(const struct json_value *sheet);

/* http_dash_sheet.c: who must sign and who has; every line in its order; the rules that apply */
void dash_seats(struct html *h, const struct state_request *q, const struct json_value *seats);
void dash_sheet(struct html *h, const struct dash_world *x, const struct json_value *sheet);
void dash_rules(struct html *h, const struct json_value *rules);
/* A document of the kiosk. */
void dash_doc(struct html *h, const struct doc *d);

#endif
