/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: libmicrohttpd driven by our own poll, because its own epoll loop stalls when exactly 128 connections are
 * ready at once (docs/adr/0032-http-loop.md). */
#ifndef HTTP_SERVE_H
#define HTTP_SERVE_H

#include "http/http_front.h"

struct http_serve {
    struct http_front *front;
    struct MHD_Daemon *daemon;
    gnutls_datum_t ticket_key;
    int listen_fd; /* MHD's once the daemon runs */
    int epoll_fd;
};

/**
 * Listen. The port is open from here on; nothing is answered before http_serve_run.
 *
 * Errors: CS_E_RANGE   the address is not numeric
 *         CS_E_IO      the kernel refused the listener
 *         CS_E_CRYPTO  certificate, key or client CA cannot be used
 */
CS_RESULT http_serve_open(struct http_serve *s, struct http_front *front);
/* The port in use. */
uint16_t http_serve_port(const struct http_serve *s);
/* Serves until stop_fd is readable. CS_E_IO if polling fails. */
CS_RESULT http_serve_run(struct http_serve *s, int stop_fd);
void http_serve_close(struct http_serve *s);

#endif
