/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_call.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

struct client {
    CURL *curl;
    char url[CLIENT_URL_MAX];
    char bearer[CLIENT_TOKEN_MAX + 32];
};

enum { CONNECT_S = 15, ANNOUNCED_BYTES = 64 << 10, ANNOUNCED_MS = 10000 };

static CS_RESULT read_token(const char *path, char *into, size_t cap)
{
    char text[CLIENT_TOKEN_MAX + 2] = {0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);

    ENSURE(fd >= 0, CS_E_MISSING, "token file");
    const ssize_t n = read(fd, text, sizeof(text) - 1);
    (void)close(fd);
    ENSURE(n >= 0, CS_E_IO, "token file");
    text[strcspn(text, "\r\n")] = '\0';
    const size_t len = strlen(text);
    const bool fits = len > 0 && len <= CLIENT_TOKEN_MAX;
    if (fits) {
        (void)snprintf(into, cap, "Authorization: Bearer %s", text);
    }
    explicit_bzero(text, sizeof(text));
    return fits ? CS_SUCCESS : CS_FAIL(CS_E_RANGE, "token file");
}

static CS_RESULT set_up(struct client *c, const struct client_config *config)
{
    CURLcode bad = CURLE_OK;

    c->curl = curl_easy_init();
    ENSURE(c->curl != NULL, CS_E_NOMEM, "client");
    bad |= curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "https");
    bad |= curl_easy_setopt(c->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    bad |= curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    bad |= curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    bad |= curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "countersign");
    if (config->ca != NULL) {
        bad |= curl_easy_setopt(c->curl, CURLOPT_CAINFO, config->ca);
    }
    if (config->cert != NULL) {
        bad |= curl_easy_setopt(c->curl, CURLOPT_SSLCERT, config->cert);
        bad |= curl_easy_setopt(c->curl, CURLOPT_SSLKEY, config->key);
    }
    return bad == CURLE_OK ? CS_SUCCESS : CS_FAIL(CS_E_NOMEM, "client");
}

CS_RESULT client_open(const struct client_config *config, struct client **ret_client)
{
    ENSURE(config->url != NULL && strncmp(config->url, "https://", 8) == 0, CS_E_RANGE, "server");
    ENSURE(strlen(config->url) < CLIENT_URL_MAX / 2, CS_E_RANGE, "server");
    struct client *c = calloc(1, sizeof(*c));
    ENSURE(c != NULL, CS_E_NOMEM, "client");

    (void)snprintf(c->url, sizeof(c->url), "%s", config->url);
    size_t n = strlen(c->url);
    while (n > 0 && c->url[n - 1] == '/') {
        c->url[--n] = '\0';
    }
    struct cs_result r = CS_SUCCESS;
    if (config->token_file != NULL) {
        r = read_token(config->token_file, c->bearer, sizeof(c->bearer));
    }
    if (r.code == CS_OK) {
        r = set_up(c, config);
    }
    if (r.code != CS_OK) {
        client_close(c);
        return r;
    }
    *ret_client = c;
    return CS_SUCCESS;
}

void client_close(struct client *c)
{
    if (c == NULL) {
        return;
    }
    curl_easy_cleanup(c->curl);
    explicit_bzero(c->bearer, sizeof(c->bearer));
    free(c);
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
    struct writer *w = user;
    wr_bytes(w, span_make(data, size * count));
    return w->fail == CS_OK ? size * count : 0;
}

static size_t take_header(char *data, size_t size, size_t count, void *user)
{
    static const char name[] = "etag:";
    struct client_reply *r = user;
    const size_t n = size * count;

    if (n <= sizeof(name) || strncasecmp(data, name, sizeof(name) - 1) != 0) {
        return n;
    }
    struct span value = span_make(data + sizeof(name) - 1, n - (sizeof(name) - 1));
    while (value.left > 0 && value.p[0] == ' ') {
        value = span_from(value, 1);
    }
    while (value.left > 0 && (value.p[value.left - 1] == '\r' || value.p[value.left - 1] == '\n')) {
        value.left--;
    }
    if (value.left > 0 && value.left < sizeof(r->etag)) {
        memcpy(r->etag, value.p, value.left);
        r->etag[value.left] = '\0';
    }
    return n;
}

/* Appends; false without memory, and then the list is gone. */
static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[CLIENT_URL_MAX];

    if (value == NULL) {
        return true;
    }
    (void)snprintf(line, sizeof(line), "%s%s", name, value);
    struct curl_slist *more = curl_slist_append(*list, line);
    explicit_bzero(line, sizeof(line)); /* may have held the token */
    if (more == NULL) {
        curl_slist_free_all(*list);
        *list = NULL;
        return false;
    }
    *list = more;
    return true;
}

/* A large body is announced: a server that does not want it says so before it comes, and its answer is not lost. */
static const char *expect_of(const struct client_ask *ask)
{
    if (strcmp(ask->method, "POST") != 0) {
        return NULL;
    }
    return ask->body.left > ANNOUNCED_BYTES ? " 100-continue" : "";
}

static bool headers_of(const struct client *c, const struct client_ask *ask, struct curl_slist **ret_list)
{
    const bool post = strcmp(ask->method, "POST") == 0;
    return add_header(ret_list, "", c->bearer[0] != '\0' ? c->bearer : NULL) &&
           add_header(ret_list, "Content-Type: ", post ? "application/json" : NULL) &&
           add_header(ret_list, "Expect:", expect_of(ask)) && add_header(ret_list, "Idempotency-Key: ", ask->key) &&
           add_header(ret_list, "If-None-Match: ", ask->etag) &&
           add_header(ret_list, "Evidence-Artifacts: ", ask->artifacts);
}

static CURLcode prepare(struct client *c, const struct client_ask *ask, const char *url, struct client_reply *reply)
{
    CURLcode bad = CURLE_OK;

    bad |= curl_easy_setopt(c->curl, CURLOPT_URL, url);
    bad |= curl_easy_setopt(c->curl, CURLOPT_TIMEOUT, (long)ask->timeout_s);
    bad |= curl_easy_setopt(c->curl, CURLOPT_EXPECT_100_TIMEOUT_MS, (long)ANNOUNCED_MS);
    bad |= curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
    bad |= curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, &reply->body);
    bad |= curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header);
    bad |= curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, reply);
    if (strcmp(ask->method, "POST") == 0) {
        bad |= curl_easy_setopt(c->curl, CURLOPT_POST, 1L);
        bad |= curl_easy_setopt(c->curl, CURLOPT_POSTFIELDSIZE, (long)ask->body.left);
        bad |= curl_easy_setopt(c->curl, CURLOPT_POSTFIELDS, ask->body.left > 0 ? (const char *)ask->body.p : "");
    } else {
        bad |= curl_easy_setopt(c->curl, CURLOPT_HTTPGET, 1L);
    }
    return bad;
}

static struct cs_result failure(CURLcode code, const struct client_reply *reply)
{
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
        return CS_FAIL(CS_E_BADSIG, curl_easy_strerror(code));
    }
    return CS_FAIL(reply->body.fail == CS_E_FULL ? CS_E_FULL : CS_E_IO, curl_easy_strerror(code));
}

CS_RESULT client_call(struct client *c, const struct client_ask *ask, struct client_reply *ret_reply)
{
    struct client_reply reply = {.body = wr_heap(ask->max_bytes)};
    struct curl_slist *headers = NULL;
    char url[CLIENT_URL_MAX];
    struct writer u = wr_fixed(url, sizeof(url));

    wr_text(&u, c->url);
    wr_text(&u, ask->path);
    wr_u8(&u, 0);
    TRY(wr_end(&u, "url"));
    ENSURE(headers_of(c, ask, &headers), CS_E_NOMEM, "client");
    CURLcode code = prepare(c, ask, url, &reply);
    code |= curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, headers);
    if (code == CURLE_OK) {
        code = curl_easy_perform(c->curl);
    }
    (void)curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
        const struct cs_result r = failure(code, &reply);
        wr_release(&reply.body);
        return r;
    }
    (void)curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &reply.status);
    *ret_reply = reply;
    return CS_SUCCESS;
}
