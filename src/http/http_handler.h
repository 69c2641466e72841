/* SPDX-License-Identifier: Apache-2.0 */
/* libmicrohttpd's callbacks. Private to this room. */
#ifndef HTTP_HANDLER_H
#define HTTP_HANDLER_H

#include "http/http_serve.h"

/* Before the headers: makes the call from the raw request target. */
void *http_handler_target(void *front, const char *target, struct MHD_Connection *connection);
/* NOLINTNEXTLINE(readability-function-size): the library's own signature */
enum MHD_Result http_handler(void *front, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_size, void **call);
void http_handler_completed(void *front, struct MHD_Connection *connection, void **call,
                            enum MHD_RequestTerminationCode why);
/* A connection starts or ends; starts get the key of the session tickets. */
void http_handler_connection(void *handler, struct MHD_Connection *connection, void **socket_context,
                             enum MHD_ConnectionNotificationCode code);

#endif
