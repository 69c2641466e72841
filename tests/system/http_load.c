/* SPDX-License-Identifier: Apache-2.0 */
/* So many clients at once on keep-alive TLS, each with one call under way: prints the answers per second of each round.
 * An answer other than 200 ends it with status 1. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/base_text.h"

enum { CLIENTS_MAX = 1024, BATCH = 256, CALL_MAX = 1024, ANSWER_MAX = 16 << 10 };

struct client {
    SSL *ssl;
    int fd;
    size_t have;
    char answer[ANSWER_MAX];
};

static struct client clients[CLIENTS_MAX];
static char call[CALL_MAX];
static size_t call_len;

static double now_s(void)
{
    struct timespec t = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool give_up(const char *what)
{
    (void)fprintf(stderr, "http_load: %s\n", what);
    return false;
}

static bool ask(struct client *c)
{
    c->have = 0;
    return SSL_write(c->ssl, call, (int)call_len) == (int)call_len || give_up("a call could not be sent");
}

static bool client_open(struct client *c, SSL_CTX *ctx, uint16_t port, int loop)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const union {
        const struct sockaddr_in *in;
        const struct sockaddr *any;
    } address = {.in = &to};
    struct epoll_event e = {.events = EPOLLIN, .data = {.ptr = c}};

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    c->ssl = SSL_new(ctx);
    if (c->fd < 0 || c->ssl == NULL || connect(c->fd, address.any, sizeof(to)) != 0 || SSL_set_fd(c->ssl, c->fd) != 1 ||
        SSL_connect(c->ssl) != 1) {
        return give_up("no connection");
    }
    return fcntl(c->fd, F_SETFL, O_NONBLOCK) == 0 && epoll_ctl(loop, EPOLL_CTL_ADD, c->fd, &e) == 0;
}

/* 1 when a whole answer is there, 0 when not yet, -1 when it is not what was asked for. */
static int client_read(struct client *c)
{
    const int n = SSL_read(c->ssl, c->answer + c->have, (int)(sizeof(c->answer) - 1 - c->have));
    if (n <= 0) {
        return SSL_get_error(c->ssl, n) == SSL_ERROR_WANT_READ ? 0 : -1;
    }
    c->have += (size_t)n;
    c->answer[c->have] = '\0';
    const char *end = strstr(c->answer, "\r\n\r\n");
    const char *length = strcasestr(c->answer, "\r\ncontent-length:");
    if (end == NULL || length == NULL) {
        return c->have == sizeof(c->answer) - 1 ? -1 : 0;
    }
    const size_t whole = (size_t)(end - c->answer) + 4 + strtoul(length + 17, NULL, 10);
    if (strncmp(c->answer, "HTTP/1.1 200", 12) != 0 || c->have > whole) {
        return -1;
    }
    return c->have == whole ? 1 : 0;
}

/* Answers in this round; negative when one was wrong. */
static long round_trip(int loop, double seconds)
{
    const double end_s = now_s() + seconds;
    struct epoll_event events[BATCH];
    long answers = 0;

    while (now_s() < end_s) {
        const int n = epoll_wait(loop, events, BATCH, 1000);
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            const int got = client_read(c);
            if (got < 0 || (got > 0 && !ask(c))) {
                return -1;
            }
            answers += got;
        }
    }
    return answers;
}

static bool number(const char *text, uint64_t most, uint64_t *ret_n)
{
    return text_dec_decode(span_str(text), ret_n, "number").code == CS_OK && *ret_n > 0 && *ret_n <= most;
}

static bool run(uint64_t port, uint64_t count, uint64_t ms, uint64_t rounds)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method()); /* measures; who the server is, other tests ask */
    const int loop = epoll_create1(EPOLL_CLOEXEC);

    if (ctx == NULL || loop < 0) {
        return give_up("no memory");
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!client_open(&clients[i], ctx, (uint16_t)port, loop)) {
            return false;
        }
    }
    for (uint64_t i = 0; i < count; i++) {
        if (!ask(&clients[i])) {
            return false;
        }
    }
    for (uint64_t i = 0; i < rounds; i++) {
        const double began_s = now_s();
        const long answers = round_trip(loop, (double)ms / 1000.0);
        if (answers < 0) {
            return give_up("another answer than 200");
        }
        (void)printf("%.0f\n", (double)answers / (now_s() - began_s));
        (void)fflush(stdout);
    }
    return true; /* the end of the process closes everything */
}

int main(int argc, char **argv)
{
    uint64_t port = 0;
    uint64_t count = 0;
    uint64_t ms = 0;
    uint64_t rounds = 0;

    if (argc != 7 || !number(argv[1], 65535, &port) || !number(argv[4], CLIENTS_MAX, &count) ||
        !number(argv[5], 60000, &ms) || !number(argv[6], 1000, &rounds)) {
        (void)fprintf(stderr, "usage: http_load PORT TOKEN PATH CONNECTIONS MILLISECONDS ROUNDS\n");
        return 2;
    }
    const int n = snprintf(call, sizeof(call), "GET %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
                           argv[3], argv[2]);
    if (n <= 0 || n >= (int)sizeof(call)) {
        return 2;
    }
    call_len = (size_t)n;
    return run(port, count, ms, rounds) ? 0 : 1;
}
