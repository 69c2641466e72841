/* SPDX-License-Identifier: Apache-2.0 */
/* A file about a deployment while it comes in. Private to this room. */
#ifndef HTTP_EVIDENCE_H
#define HTTP_EVIDENCE_H

#include "http/http_call.h"

/* How many may come in at once, one of a client; one that sends nothing for HTTP_UPLOAD_IDLE_MS is ended. */
enum {
    HTTP_UPLOADS_MAX = 3,
    HTTP_UPLOAD_IDLE_MS = 10000,
    HTTP_UPLOAD_MAX = REPORT_BLOB_MAX_BYTES,
    HTTP_UPLOAD_MS = 120000
};

/* After the call is admitted. False once there is a reply. */
bool http_upload_begin(struct http_call *c);
void http_upload_feed(struct http_call *c, struct span bytes);
/* With the call. */
void http_upload_free(struct http_call *c);

#endif
