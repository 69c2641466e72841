/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a call: admission in the order of cost, then its route. */
#include <arpa/inet.h>
#include <strings.h>
#include <time.h>

#include "base/base_text.h"
#include "http/http_evidence.h"
#include "http/http_front.h"
#include "http/http_handler.h"
#include "http/http_route.h"

/* ---- admission: NULL refusal means go on ---- */

struct tally {
    unsigned lengths;
    unsigned hosts;
    unsigned encodings;
    unsigned authorizations;
    unsigned keys;
    unsigned misnamed; /* a name that is no token: another reader may take it for what it resembles */
};

static bool is_token(const char *name)
{
    const size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        const char c = name[i];
        const char low = (char)(c | 0x20);
        if (!((low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || strchr("!#$%&'*+-.^_`|~", c) != NULL)) {
            return false;
        }
    }
    return n > 0;
}

static enum MHD_Result tally_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct tally *t = cls;
    (void)kind;
    (void)value;
    t->lengths += strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0 ? 1U : 0U;
    t->hosts += strcasecmp(name, MHD_HTTP_HEADER_HOST) == 0 ? 1U : 0U;
    t->encodings += strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0 ? 1U : 0U;
    t->authorizations += strcasecmp(name, MHD_HTTP_HEADER_AUTHORIZATION) == 0 ? 1U : 0U;
    t->keys += strcasecmp(name, "Idempotency-Key") == 0 ? 1U : 0U;
    t->misnamed += is_token(name) ? 0U : 1U;
    return MHD_YES;
}

/* Debian's libmicrohttpd 0.9.75 accepts what smuggling is made of: repeated lengths, a length beside a coding, a coding
 * that it does not know. */
static bool framed_well(struct http_call *c, const char *version)
{
    struct tally t = {.lengths = 0};
    (void)MHD_get_connection_values(c->connection, MHD_HEADER_KIND, tally_header, &t);
    const bool twice = t.lengths > 1 || t.hosts > 1 || t.encodings > 1 || t.authorizations > 1 || t.keys > 1;
    const bool coded_oddly =
        t.encodings > 0 &&
        (t.lengths > 0 || !span_is(http_call_header(c, MHD_HTTP_HEADER_TRANSFER_ENCODING), "chunked"));
    const bool nameless = t.hosts == 0 && strcmp(version, MHD_HTTP_VERSION_1_1) == 0;
    if (twice || coded_oddly || nameless || t.misnamed > 0) {
        http_reply_problem(c, PROBLEM_BAD_FRAMING);
        http_reply_header(c, MHD_HTTP_HEADER_CONNECTION, "close");
        return false;
    }
    return true;
}

static bool target_known(struct http_call *c, const char *method)
{
    if (c->target_fault.code != CS_OK) {
        struct http_refusal r =
            http_refusal_of(c->target_fault.code == CS_E_FULL ? PROBLEM_TARGET_LONG : PROBLEM_BAD_TARGET);
        char detail[128];
        (void)snprintf(detail, sizeof(detail), "%s %s", c->target_fault.msg, cs_code_text(c->target_fault.code));
        r.detail = span_str(detail);
        http_reply_refusal(c, &r, 0);
        return false;
    }
    if (c->target.path == PATH_NONE) {
        http_reply_problem(c, PROBLEM_NOT_FOUND);
        return false;
    }
    c->route = http_route_find(c->target.path, method);
    c->head = strcmp(method, "HEAD") == 0;
    if (c->route == NULL || (c->head && c->target.path == PATH_EVENTS)) {
        char allow[32];
        struct writer w = wr_fixed(allow, sizeof(allow) - 1);
        http_route_allow(c->target.path, &w);
        allow[w.len] = '\0';
        http_reply_problem(c, PROBLEM_METHOD);
        http_reply_header(c, MHD_HTTP_HEADER_ALLOW, allow);
        return false;
    }
    return true;
}

static void deny(struct http_call *c, enum http_problem p)
{
    const struct http_refusal r = http_refusal_of(p);
    http_front_deny(c->front, c, (const char *)r.code.p); /* a literal of the table */
    http_reply_refusal(c, &r, 0);
}

static const struct state_client *client_of_token(struct http_call *c, struct span header)
{
    struct span token = SPAN_NONE;
    if (http_bearer_parse(header, &token).code != CS_OK) {
        return NULL;
    }
    return http_auth_token(&c->front->auth, token);
}

static const struct state_client *client_of_peer(struct http_call *c)
{
    const struct http_peer *p = &c->conn->peer;
    const time_t now_s = time(NULL);
    if (p->state != PEER_NAMED || (int64_t)now_s >= p->expires_s) {
        return NULL;
    }
    return http_auth_name(&c->front->auth, span_make(p->name, p->name_len));
}

/* A token decides when there is one; a certificate that does not count is refused whatever else is there. */
static bool authentic(struct http_call *c)
{
    struct http_peer *p = &c->conn->peer;
    const struct span header = http_call_header(c, MHD_HTTP_HEADER_AUTHORIZATION);
    if (p->state == PEER_UNSEEN) {
        http_peer_read(c->conn->session, p);
    }
    if (p->state == PEER_REFUSED) {
        deny(c, PROBLEM_BAD_CERTIFICATE);
        return false;
    }
    if (header.left == 0 && p->state == PEER_NONE) {
        deny(c, PROBLEM_NO_CREDENTIALS);
        return false;
    }
    const struct state_client *client = header.left > 0 ? client_of_token(c, header) : client_of_peer(c);
    if (client == NULL || client->id.left > MODEL_ID_MAX) {
        deny(c, header.left > 0 ? PROBLEM_BAD_TOKEN : PROBLEM_BAD_CERTIFICATE);
        return false;
    }
    memcpy(c->client, client->id.p, client->id.left);
    c->client[client->id.left] = '\0';
    if (!http_auth_may(client, c->route->scopes)) {
        deny(c, PROBLEM_NO_SCOPE);
        return false;
    }
    return true;
}

/* A browser sends a person's client certificate along with whatever a page of anybody's makes it send; then it says
 * whose page that was. Pipelines have no pages. */
static bool from_pipeline(struct http_call *c)
{
    if (c->route->writes && http_call_header(c, MHD_HTTP_HEADER_ORIGIN).p != NULL) {
        deny(c, PROBLEM_FROM_PAGE);
        return false;
    }
    return true;
}

static void limit_headers(struct http_call *c)
{
    char text[64];
    const struct http_front *f = c->front;
    if (c->route == NULL || !c->route->writes || c->allowance_policy == 0) {
        return;
    }
    (void)snprintf(text, sizeof(text), "\"writes\";q=%u;w=60", (unsigned)f->config.writes_per_min);
    http_reply_header(c, "RateLimit-Policy", text);
    (void)snprintf(text, sizeof(text), "\"writes\";r=%llu;t=%llu", (unsigned long long)c->allowance_left,
                   (unsigned long long)c->allowance_reset_s);
    http_reply_header(c, "RateLimit", text);
}

static bool within_rate(struct http_call *c)
{
    struct http_front *f = c->front;
    const struct span who = c->client[0] != '\0' ? span_str(c->client) : span_str(c->conn->ip);
    const struct sha256 key = digest_sha256(who);
    const struct http_allowance a = http_limit_take(c->route->writes ? f->writes : f->reads, &key, f->now_ms);
    c->allowance_policy = 1;
    c->allowance_left = a.left;
    c->allowance_reset_s = a.reset_s;
    if (!a.allowed) {
        const struct http_refusal r = http_refusal_of(PROBLEM_RATE);
        http_reply_refusal(c, &r, a.retry_s);
    }
    return a.allowed;
}

/* application/json, with or without parameters. */
static bool is_json(struct span type)
{
    static const char json[] = HTTP_JSON;
    const size_t n = sizeof(json) - 1;
    return type.left >= n && strncasecmp((const char *)type.p, json, n) == 0 &&
           (type.left == n || type.p[n] == ';' || type.p[n] == ' ');
}

/* Bytes of body that the path takes; files about deployments are the only large ones. */
static size_t body_max(const struct http_call *c)
{
    const bool file = c->target.path == PATH_EVIDENCE || c->target.path == PATH_FILE; /* of the latter: of the answer */
    return file ? (size_t)HTTP_UPLOAD_MAX : (size_t)HTTP_BODY_MAX;
}

static bool body_announced_well(struct http_call *c)
{
    const struct span length = http_call_header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
    const struct span type = http_call_header(c, MHD_HTTP_HEADER_CONTENT_TYPE);
    const struct span key = http_call_header(c, "Idempotency-Key");
    uint64_t bytes = 0;

    if (length.left > 0 && (text_dec_decode(length, &bytes, "length").code != CS_OK || bytes > body_max(c))) {
        http_reply_problem(c, PROBLEM_TOO_LARGE);
        return false;
    }
    if (!c->route->writes) {
        return true;
    }
    if (length.left == 0 && http_call_header(c, MHD_HTTP_HEADER_TRANSFER_ENCODING).left == 0) {
        http_reply_problem(c, PROBLEM_BAD_FRAMING); /* what follows would be read as the next call */
        http_reply_header(c, MHD_HTTP_HEADER_CONNECTION, "close");
        return false;
    }
    if (c->target.path != PATH_EVIDENCE && !is_json(type)) { /* of a file the query says what it is */
        http_reply_problem(c, PROBLEM_MEDIA_TYPE);
        return false;
    }
    if (key.left > 0 && http_key_parse(key, &c->key).code != CS_OK) {
        http_reply_problem(c, PROBLEM_BAD_KEY);
        return false;
    }
    return true;
}

/* False once there is a reply. */
static bool admit(struct http_call *c, const char *method, const char *version)
{
    struct http_front *f = c->front;
    if (!framed_well(c, version) || !target_known(c, method)) {
        return false;
    }
    if (c->route->scopes != 0 && !f->auth.built) {
        http_reply_problem(c, PROBLEM_BEHIND);
        return false;
    }
    const bool may =
        (c->route->scopes == 0 || authentic(c)) && from_pipeline(c) && within_rate(c) && body_announced_well(c);
    return may && (c->target.path != PATH_EVIDENCE || http_upload_begin(c));
}

/* ---- the steps ---- */

static bool has_body(const struct http_call *c)
{
    const struct span length = http_call_header(c, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length.left > 0 && !span_is(length, "0")) ||
           http_call_header(c, MHD_HTTP_HEADER_TRANSFER_ENCODING).left > 0;
}

static enum MHD_Result step_head(struct http_call *c, const char *method, const char *version)
{
    c->step = STEP_BODY;
    if (!admit(c, method, version) && has_body(c)) {
        limit_headers(c);
        return http_reply_queue(c); /* before the body was read: libmicrohttpd closes the connection after it */
    }
    return MHD_YES; /* a reply in this first call would cost the connection */
}

static enum MHD_Result step_body(struct http_call *c, const char *data, size_t *size)
{
    struct http_front *f = c->front;
    const size_t n = *size;
    *size = 0;
    if (c->reply.response != NULL || !c->route->writes) {
        c->ignored_bytes += n;
        return c->ignored_bytes <= HTTP_BODY_MAX ? MHD_YES : MHD_NO;
    }
    if (n > body_max(c) - c->body.len) {
        http_reply_problem(c, PROBLEM_TOO_LARGE);
        return MHD_YES;
    }
    if (n > HTTP_BODIES_MAX - f->bodies_bytes) {
        http_reply_problem(c, PROBLEM_UNAVAILABLE);
        return MHD_YES;
    }
    wr_bytes(&c->body, span_make(data, n));
    http_upload_feed(c, span_make(data, n));
    f->bodies_bytes += n;
    c->body_counted += n;
    return MHD_YES;
}

static enum MHD_Result step_serve(struct http_call *c)
{
    c->step = STEP_SERVE;
    if (c->reply.response == NULL && c->route != NULL) {
        if (c->front->fault.code != CS_OK && c->route->path != PATH_HEALTHZ && c->route->path != PATH_READYZ) {
            http_reply_problem(c, PROBLEM_UNAVAILABLE);
        } else {
            c->route->serve(c);
            if (c->wheel.head != NULL) {
                return MHD_YES; /* parked */
            }
        }
    }
    limit_headers(c);
    return http_reply_queue(c);
}

/* ---- libmicrohttpd's callbacks ---- */

void *http_handler_target(void *front, const char *target, struct MHD_Connection *connection)
{
    struct http_front *f = front;
    struct http_call *c = calloc(1, sizeof(*c));
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (c == NULL || info == NULL || info->socket_context == NULL) {
        free(c);
        return NULL;
    }
    c->front = f;
    c->connection = connection;
    c->conn = info->socket_context;
    c->target_fault = http_target_parse(span_str(target), &c->target);
    c->body = wr_heap(body_max(c));
    c->conn->call = c;
    c->conn->since_ms = f->now_ms;
    return c;
}

/* NOLINTNEXTLINE(readability-function-size): the library's own signature */
enum MHD_Result http_handler(void *front, struct MHD_Connection *connection, const char *url, const char *method,
                             const char *version, const char *upload, size_t *upload_size, void **call)
{
    struct http_call *c = *call;
    (void)front;
    (void)connection;
    (void)url;
    if (c == NULL) {
        return MHD_NO;
    }
    if (c->step == STEP_HEAD) {
        return step_head(c, method, version);
    }
    if (*upload_size > 0) {
        return step_body(c, upload, upload_size);
    }
    return c->step == STEP_DONE ? MHD_YES : step_serve(c);
}

void http_handler_completed(void *front, struct MHD_Connection *connection, void **call,
                            enum MHD_RequestTerminationCode why)
{
    struct http_call *c = *call;
    (void)front;
    (void)connection;
    (void)why;
    if (c == NULL) {
        return;
    }
    http_call_forget(c);
    http_reply_drop(c);
    c->conn->call = NULL;
    c->conn->since_ms = c->front->now_ms;
    c->front->bodies_bytes -= c->body_counted;
    http_upload_free(c);
    wr_release(&c->body);
    free(c->answer);
    free(c);
    *call = NULL;
}

static void read_address(const union MHD_ConnectionInfo *info, struct http_conn *conn)
{
    if (info == NULL || info->client_addr == NULL) {
        return;
    }
    const struct sockaddr *sa = info->client_addr;
    union {
        const struct sockaddr *sa;
        const struct sockaddr_in *in;
        const struct sockaddr_in6 *in6;
    } a = {.sa = sa};
    const void *raw = sa->sa_family == AF_INET6 ? (const void *)&a.in6->sin6_addr : (const void *)&a.in->sin_addr;
    if (sa->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&a.in6->sin6_addr)) {
        (void)inet_ntop(AF_INET, (const uint8_t *)raw + 12, conn->ip, sizeof(conn->ip));
    } else {
        (void)inet_ntop(sa->sa_family, raw, conn->ip, sizeof(conn->ip));
    }
}

static void conn_add(struct http_front *f, struct http_conn *conn)
{
    conn->since_ms = f->now_ms;
    conn->next = f->conns;
    if (f->conns != NULL) {
        f->conns->prev = conn;
    }
    f->conns = conn;
    f->metrics.connections++;
    f->metrics.connections_open++;
}

static void conn_remove(struct http_front *f, struct http_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    if (conn->prev != NULL) {
        conn->prev->next = conn->next;
    } else {
        f->conns = conn->next;
    }
    if (conn->next != NULL) {
        conn->next->prev = conn->prev;
    }
    f->metrics.connections_open--;
    free(conn);
}

void http_handler_connection(void *handler, struct MHD_Connection *connection, void **socket_context,
                             enum MHD_ConnectionNotificationCode code)
{
    struct http_serve *s = handler;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        conn_remove(s->front, *socket_context);
        *socket_context = NULL;
        return;
    }
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *tls = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    struct http_conn *conn = tls != NULL && tls->tls_session != NULL ? calloc(1, sizeof(*conn)) : NULL;
    if (conn == NULL) {
        return; /* no call is taken on it */
    }
    conn->fd = fd != NULL ? fd->connect_fd : -1;
    read_address(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS), conn);
    conn->session = tls->tls_session;
    (void)gnutls_session_ticket_enable_server(conn->session, &s->ticket_key);
    conn_add(s->front, conn);
    *socket_context = conn;
}
