/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "http/http_handler.h"

enum { BACKLOG = 1024, POOL_BYTES = 8 << 10, STOP_ROUNDS = 200 };

#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3"

static uint64_t monotonic_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- the listener ---- */

union address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static CS_RESULT address_read(const struct http_config *config, union address *a, socklen_t *len)
{
    const char *text = config->address != NULL ? config->address : "::";
    *a = (union address){.in6 = {.sin6_family = AF_INET6}};
    if (inet_pton(AF_INET, text, &a->in.sin_addr) == 1) {
        a->in.sin_family = AF_INET;
        a->in.sin_port = htons(config->port);
        *len = sizeof(a->in);
        return CS_SUCCESS;
    }
    *a = (union address){.in6 = {.sin6_family = AF_INET6, .sin6_port = htons(config->port)}};
    ENSURE(inet_pton(AF_INET6, text, &a->in6.sin6_addr) == 1, CS_E_RANGE, "listen.address");
    *len = sizeof(a->in6);
    return CS_SUCCESS;
}

/* Connections inherit these: a peer that vanished without a word is noticed within two minutes. */
static bool set_options(int fd)
{
    const int on = 1;
    const int idle_s = 60;
    const int between_s = 15;
    const int tries = 4;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s)) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between_s, sizeof(between_s)) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof(tries)) == 0;
}

static CS_RESULT listen_at(const struct http_config *config, int *ret_fd)
{
    union address a;
    socklen_t len = 0;
    TRY(address_read(config, &a, &len));
    const int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ENSURE(fd >= 0, CS_E_IO, "listen.socket");
    if (!set_options(fd) || bind(fd, &a.any, len) != 0 || listen(fd, BACKLOG) != 0) {
        (void)close(fd);
        return CS_FAIL(CS_E_IO, "listen.bind");
    }
    *ret_fd = fd;
    return CS_SUCCESS;
}

uint16_t http_serve_port(const struct http_serve *s)
{
    union address a = {.in6 = {.sin6_family = AF_INET6}};
    socklen_t len = sizeof(a);
    if (getsockname(s->listen_fd, &a.any, &len) != 0) {
        return 0;
    }
    return ntohs(a.any.sa_family == AF_INET ? a.in.sin_port : a.in6.sin6_port);
}

/* ---- the daemon ---- */

static CS_RESULT daemon_start(struct http_serve *s)
{
    const struct http_config *config = &s->front->config;
    const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TLS;
    struct MHD_OptionItem tls[5] = {{MHD_OPTION_END, 0, NULL}};
    union {
        const char *in;
        void *out;
    } cert = {.in = config->cert_pem}, key = {.in = config->key_pem}, ca = {.in = config->client_ca_pem},
      priorities = {.in = PRIORITIES};
    size_t n = 0;

    ENSURE(config->cert_pem != NULL && config->key_pem != NULL, CS_E_STATE, "tls.files"); /* there is no other way in */
    tls[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, cert.out};
    tls[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, key.out};
    tls[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, priorities.out};
    if (config->client_ca_pem != NULL) {
        tls[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, ca.out};
    }
    tls[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, http_handler, s->front, MHD_OPTION_LISTEN_SOCKET, s->listen_fd,
        MHD_OPTION_CONNECTION_LIMIT, config->connections_max, MHD_OPTION_CONNECTION_TIMEOUT, config->idle_s,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_URI_LOG_CALLBACK, http_handler_target,
        s->front, MHD_OPTION_NOTIFY_COMPLETED, http_handler_completed, s->front, MHD_OPTION_NOTIFY_CONNECTION,
        http_handler_connection, s, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    ENSURE(s->daemon != NULL, CS_E_CRYPTO, "tls.files");
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    ENSURE(info != NULL && info->epoll_fd >= 0, CS_E_IO, "loop.epoll");
    s->epoll_fd = info->epoll_fd;
    s->front->config.cert_pem = NULL; /* GnuTLS has its own copies; ours are wiped by their owner */
    s->front->config.key_pem = NULL;
    s->front->config.client_ca_pem = NULL;
    return CS_SUCCESS;
}

CS_RESULT http_serve_open(struct http_serve *s, struct http_front *front)
{
    *s = (struct http_serve){.front = front, .listen_fd = -1, .epoll_fd = -1};
    front->now_ms = monotonic_ms();
    TRY(listen_at(&front->config, &s->listen_fd));
    ENSURE(gnutls_session_ticket_key_generate(&s->ticket_key) == 0, CS_E_CRYPTO, "tls.tickets");
    return daemon_start(s);
}

void http_serve_close(struct http_serve *s)
{
    if (s->daemon != NULL) {
        http_front_stop(s->front);
        for (int i = 0; i < STOP_ROUNDS && s->front->metrics.parked > 0; i++) {
            (void)MHD_run(s->daemon);
            http_front_stop(s->front);
        }
        MHD_stop_daemon(s->daemon); /* closes the listener too */
    } else if (s->listen_fd >= 0) {
        (void)close(s->listen_fd);
    }
    if (s->ticket_key.data != NULL) {
        gnutls_memset(s->ticket_key.data, 0, s->ticket_key.size);
        gnutls_free(s->ticket_key.data);
    }
    *s = (struct http_serve){.listen_fd = -1, .epoll_fd = -1};
}

/* ---- the loop ---- */

static int wait_ms(const struct http_serve *s, uint64_t now_ms)
{
    const uint64_t due_ms = http_front_wake_ms(s->front);
    uint64_t wait = due_ms > now_ms ? due_ms - now_ms : 0;
    MHD_UNSIGNED_LONG_LONG mhd_ms = 0;
    if (MHD_get_timeout(s->daemon, &mhd_ms) == MHD_YES && mhd_ms < wait) {
        wait = mhd_ms;
    }
    return wait < 60000 ? (int)wait : 60000;
}

CS_RESULT http_serve_run(struct http_serve *s, int stop_fd)
{
    bool core_ready = true;
    for (;;) {
        const uint64_t now_ms = monotonic_ms();
        http_front_turn(s->front, now_ms, core_ready);
        ENSURE(MHD_run(s->daemon) == MHD_YES, CS_E_IO, "loop.run");
        struct pollfd fds[] = {
            {.fd = s->epoll_fd, .events = POLLIN},
            {.fd = stop_fd, .events = POLLIN},
            {.fd = follow_fd(&s->front->follow), .events = follow_events(&s->front->follow)},
        };
        const int n = poll(fds, sizeof(fds) / sizeof(fds[0]), wait_ms(s, now_ms));
        ENSURE(n >= 0 || errno == EINTR, CS_E_IO, "loop.poll");
        if (n > 0 && fds[1].revents != 0) {
            return CS_SUCCESS;
        }
        core_ready = n > 0 && fds[2].revents != 0;
    }
}
