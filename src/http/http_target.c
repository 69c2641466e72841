/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_target.h"

#include "base/base_text.h"

static bool take(struct span *s, const char *prefix)
{
    const struct span p = span_str(prefix);
    if (!span_starts(*s, p)) {
        return false;
    }
    *s = span_from(*s, p.left);
    return true;
}

/* The part before `stop`, or all of it; *rest starts after it. */
static struct span until(struct span s, uint8_t stop, struct span *rest)
{
    const uint8_t *at = s.left > 0 ? memchr(s.p, stop, s.left) : NULL;
    if (at == NULL) {
        *rest = SPAN_NONE;
        return s;
    }
    const size_t n = (size_t)(at - s.p);
    *rest = span_from(s, n + 1);
    return span_make(s.p, n);
}

/* ---- paths ---- */

static const struct {
    const char *text;
    enum http_path path;
} fixed[] = {
    {"/v1/requests", PATH_REQUESTS},
    {"/v1/events", PATH_EVENTS},
    {"/v1/openapi.json", PATH_OPENAPI},
    {"/checkpoint", PATH_CHECKPOINT},
    {"/healthz", PATH_HEALTHZ},
    {"/readyz", PATH_READYZ},
    {"/metrics", PATH_METRICS},
    {"/v1/reviews", PATH_REVIEWS},
    {"/v1/incidents", PATH_INCIDENTS},
    {"/v1/alarms", PATH_ALARMS},
    {"/", PATH_WAITING},
    {"/dashboard.css", PATH_STYLE},
    {"/favicon.svg", PATH_ICON},
    {"/v1/directory", PATH_DIRECTORY},
};

static const struct {
    const char *text;
    enum http_path path;
} under_request[] = {
    {"", PATH_REQUEST},        {"explain", PATH_EXPLAIN},   {"redeem", PATH_REDEEM},
    {"outcome", PATH_OUTCOME}, {"withdraw", PATH_WITHDRAW}, {"receipt", PATH_RECEIPT},
};

/* evidence/RULE/ID, with the version of a line that another policy has, too; PATH_NONE for anything else. */
static void path_evidence(struct span line, struct http_target *t)
{
    if (line.left > sizeof(t->line.p) || text_id_check(line, sizeof(t->line.p), "line").code != CS_OK ||
        memchr(line.p, '/', line.left) == NULL) {
        return;
    }
    memcpy(t->line.p, line.p, line.left);
    t->line.len = (uint8_t)line.left;
    t->path = PATH_EVIDENCE;
}

static void path_request(struct span rest, struct http_target *t)
{
    struct span tail = SPAN_NONE;
    const struct span id = until(rest, '/', &tail);
    if (text_dec_decode(id, &t->id, "id").code != CS_OK || (tail.left == 0 && id.left != rest.left)) {
        return;
    }
    if (take(&tail, "evidence/")) {
        path_evidence(tail, t);
        return;
    }
    for (size_t i = 0; i < sizeof(under_request) / sizeof(under_request[0]); i++) {
        if (span_is(tail, under_request[i].text)) {
            t->path = under_request[i].path;
        }
    }
}

/* An id and nothing else. */
static void path_id(struct span rest, enum http_path path, struct http_target *t)
{
    if (text_dec_decode(rest, &t->id, "id").code == CS_OK) {
        t->path = path;
    }
}

static void path_schema(struct span rest, struct http_target *t)
{
    if (rest.left == 0 || rest.left > HTTP_NAME_MAX || memchr(rest.p, '/', rest.left) != NULL) {
        return;
    }
    memcpy(t->name.p, rest.p, rest.left);
    t->name.len = (uint8_t)rest.left;
    t->path = PATH_SCHEMA;
}

static void path_file(struct span rest, struct http_target *t)
{
    if (text_hex_decode(rest, t->file.b, SHA256_BYTES, "file").code == CS_OK) {
        t->path = PATH_FILE;
    }
}

static void path_tile(struct span path, struct http_target *t)
{
    if (merkle_tile_decode(path, &t->tile).code == CS_OK) {
        t->path = t->tile.entries ? PATH_ENTRIES : PATH_TILE;
    }
}

static void path_parse(struct span path, struct http_target *t)
{
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (span_is(path, fixed[i].text)) {
            t->path = fixed[i].path;
            return;
        }
    }
    struct span rest = path;
    if (take(&rest, "/v1/requests/")) {
        path_request(rest, t);
    } else if (take(&rest, "/v1/gate/")) {
        path_id(rest, PATH_GATE, t);
    } else if (take(&rest, "/requests/")) {
        path_id(rest, PATH_PAGE, t);
    } else if (take(&rest, "/v1/evidence/")) {
        path_file(rest, t);
    } else if (take(&rest, "/v1/schemas/")) {
        path_schema(rest, t);
    } else if (span_starts(path, SPAN_LIT("/tile/"))) {
        path_tile(span_from(path, 1), t);
    }
}

/* ---- query ---- */

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const uint8_t low = c | 0x20;
    return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static CS_RESULT percent_decode(struct span text, const char *what, struct http_name *ret_name)
{
    struct http_name name = {.len = 0};
    for (size_t i = 0; i < text.left; i++) {
        uint8_t c = text.p[i];
        ENSURE(c != '+', CS_E_SYNTAX, what); /* which a form means as a space; a name's own is %2B */
        if (c == '%') {
            ENSURE(text.left - i > 2, CS_E_SYNTAX, what);
            const int high = hex_digit(text.p[i + 1]);
            const int low = hex_digit(text.p[i + 2]);
            ENSURE(high >= 0 && low >= 0, CS_E_SYNTAX, what);
            c = (uint8_t)(high * 16 + low);
            i += 2;
        }
        ENSURE(c > ' ' && c != 0x7f, CS_E_SYNTAX, what);
        ENSURE(name.len < HTTP_NAME_MAX, CS_E_RANGE, what);
        name.p[name.len++] = c;
    }
    TRY(text_utf8_check(http_name_span(&name), what));
    *ret_name = name;
    return CS_SUCCESS;
}

enum param {
    PARAM_WAIT,
    PARAM_AFTER,
    PARAM_CURSOR,
    PARAM_LIMIT,
    PARAM_STATUS,
    PARAM_ENVIRONMENT,
    PARAM_SERVICE,
    PARAM_FORMAT,
    PARAM_COUNT
};

static const char *const param_names[PARAM_COUNT] = {
    [PARAM_WAIT] = "wait",       [PARAM_AFTER] = "after",   [PARAM_CURSOR] = "cursor",
    [PARAM_LIMIT] = "limit",     [PARAM_STATUS] = "status", [PARAM_ENVIRONMENT] = "environment",
    [PARAM_SERVICE] = "service", [PARAM_FORMAT] = "format",
};

#define BIT(p) (1u << (p))
static uint32_t params_of(enum http_path path)
{
    switch (path) {
    case PATH_REQUEST:
        return BIT(PARAM_WAIT);
    case PATH_REQUESTS:
        return BIT(PARAM_CURSOR) | BIT(PARAM_LIMIT) | BIT(PARAM_STATUS) | BIT(PARAM_ENVIRONMENT) | BIT(PARAM_SERVICE);
    case PATH_WAITING:
        return BIT(PARAM_CURSOR) | BIT(PARAM_STATUS) | BIT(PARAM_ENVIRONMENT);
    case PATH_DIRECTORY:
        return BIT(PARAM_CURSOR);
    case PATH_EVENTS:
        return BIT(PARAM_AFTER);
    case PATH_RECEIPT:
    case PATH_EVIDENCE:
        return BIT(PARAM_FORMAT);
    case PATH_NONE:
    case PATH_REVIEWS:
    case PATH_INCIDENTS:
    case PATH_ALARMS:
    case PATH_EXPLAIN:
    case PATH_REDEEM:
    case PATH_OUTCOME:
    case PATH_WITHDRAW:
    case PATH_FILE:
    case PATH_GATE:
    case PATH_OPENAPI:
    case PATH_SCHEMA:
    case PATH_CHECKPOINT:
    case PATH_TILE:
    case PATH_ENTRIES:
    case PATH_HEALTHZ:
    case PATH_READYZ:
    case PATH_METRICS:
    case PATH_PAGE:
    case PATH_STYLE:
    case PATH_ICON:
    case PATH_COUNT:
        return 0;
    }
    return 0;
}

static CS_RESULT param_number(enum param p, struct span value, struct http_query *q)
{
    uint64_t n = 0;
    TRY(text_dec_decode(value, &n, param_names[p]));
    if (p == PARAM_WAIT) {
        q->wait_s = n < HTTP_WAIT_MAX_S ? n : HTTP_WAIT_MAX_S;
    } else if (p == PARAM_AFTER) {
        q->has_after = true;
        q->after = n;
    } else if (p == PARAM_CURSOR) {
        q->has_cursor = true;
        q->cursor = n;
    } else {
        ENSURE(n >= 1 && n <= HTTP_LIMIT_MAX, CS_E_RANGE, param_names[p]);
        q->limit = n;
    }
    return CS_SUCCESS;
}

static CS_RESULT param_set(enum param p, struct span value, struct http_query *q)
{
    struct http_name name = {.len = 0};
    if (p <= PARAM_LIMIT) {
        return param_number(p, value, q);
    }
    TRY(percent_decode(value, param_names[p], &name));
    ENSURE(name.len > 0, CS_E_RANGE, param_names[p]);
    if (p == PARAM_STATUS) {
        return request_status_decode(http_name_span(&name), &q->status, param_names[p]);
    }
    if (p == PARAM_ENVIRONMENT) {
        q->environment = name;
    } else if (p == PARAM_SERVICE) {
        q->service = name;
    } else {
        q->format = name;
    }
    return CS_SUCCESS;
}

static CS_RESULT query_parse(struct span query, enum http_path path, struct http_query *q)
{
    const uint32_t allowed = params_of(path);
    uint32_t seen = 0;

    while (query.left > 0) {
        struct span rest = SPAN_NONE;
        struct span value = SPAN_NONE;
        const struct span pair = until(query, '&', &rest);
        const struct span key = until(pair, '=', &value);
        unsigned p = 0;
        while (p < PARAM_COUNT && !span_is(key, param_names[p])) {
            p++;
        }
        ENSURE(p < PARAM_COUNT && (allowed & BIT(p)) != 0, CS_E_UNKNOWN, "query");
        ENSURE((seen & BIT(p)) == 0, CS_E_DUPLICATE, param_names[p]);
        seen |= BIT(p);
        query = rest;
        if (path == PATH_WAITING && value.left == 0) {
            continue; /* what a form sends of a filter that nobody chose */
        }
        TRY(param_set((enum param)p, value, q));
    }
    return CS_SUCCESS;
}

CS_RESULT http_target_parse(struct span target, struct http_target *ret_target)
{
    struct http_target t = {.path = PATH_NONE};
    struct span query = SPAN_NONE;

    ENSURE(target.left <= HTTP_TARGET_MAX, CS_E_FULL, "target");
    const struct span path = until(target, '?', &query);
    path_parse(path, &t);
    if (t.path != PATH_NONE) {
        TRY(query_parse(query, t.path, &t.query));
    }
    *ret_target = t;
    return CS_SUCCESS;
}

/* ---- header values ---- */

static struct span trim(struct span s)
{
    while (s.left > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s = span_from(s, 1);
    }
    while (s.left > 0 && (s.p[s.left - 1] == ' ' || s.p[s.left - 1] == '\t')) {
        s.left--;
    }
    return s;
}

static CS_RESULT key_byte(struct http_key *key, uint8_t c)
{
    ENSURE(c >= 0x20 && c < 0x7f, CS_E_SYNTAX, "idempotency_key");
    ENSURE(key->len < HTTP_KEY_MAX, CS_E_RANGE, "idempotency_key");
    key->p[key->len++] = c;
    return CS_SUCCESS;
}

static CS_RESULT key_quoted(struct span s, struct http_key *key)
{
    size_t i = 1;
    while (i < s.left && s.p[i] != '"') {
        if (s.p[i] == '\\') {
            i++;
            ENSURE(i < s.left && (s.p[i] == '"' || s.p[i] == '\\'), CS_E_SYNTAX, "idempotency_key");
        }
        TRY(key_byte(key, s.p[i]));
        i++;
    }
    ENSURE(i + 1 == s.left, CS_E_SYNTAX, "idempotency_key"); /* the closing quote, and nothing after it */
    return CS_SUCCESS;
}

CS_RESULT http_key_parse(struct span value, struct http_key *ret_key)
{
    struct http_key key = {.len = 0};
    const struct span s = trim(value);

    if (s.left > 0 && s.p[0] == '"') {
        TRY(key_quoted(s, &key));
    } else {
        for (size_t i = 0; i < s.left; i++) {
            ENSURE(s.p[i] != ' ' && s.p[i] != '"' && s.p[i] != ',', CS_E_SYNTAX, "idempotency_key");
            TRY(key_byte(&key, s.p[i]));
        }
    }
    ENSURE(key.len > 0, CS_E_RANGE, "idempotency_key");
    *ret_key = key;
    return CS_SUCCESS;
}

static bool is_token68(uint8_t c)
{
    const uint8_t low = c | 0x20;
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || (c != 0 && strchr("-._~+/=", c) != NULL);
}

CS_RESULT http_bearer_parse(struct span value, struct span *ret_token)
{
    static const char scheme[] = "bearer ";
    ENSURE(value.left > sizeof(scheme) - 1, CS_E_UNKNOWN, "authorization");
    for (size_t i = 0; i < sizeof(scheme) - 1; i++) {
        ENSURE((value.p[i] | 0x20) == scheme[i], CS_E_UNKNOWN, "authorization");
    }
    const struct span token = trim(span_from(value, sizeof(scheme) - 1));
    ENSURE(token.left > 0 && token.left <= 512, CS_E_SYNTAX, "authorization");
    for (size_t i = 0; i < token.left; i++) {
        ENSURE(is_token68(token.p[i]), CS_E_SYNTAX, "authorization");
    }
    *ret_token = token;
    return CS_SUCCESS;
}

bool http_tag_matches(struct span if_none_match, struct span opaque_tag)
{
    struct span rest = if_none_match;
    if (span_is(trim(rest), "*")) {
        return true;
    }
    while (rest.left > 0) {
        struct span item = trim(until(rest, ',', &rest));
        (void)take(&item, "W/"); /* the weak comparison, RFC 9110 §13.1.2 */
        if (item.left == opaque_tag.left + 2 && item.p[0] == '"' && item.p[item.left - 1] == '"' &&
            memcmp(item.p + 1, opaque_tag.p, opaque_tag.left) == 0) {
            return true;
        }
    }
    return false;
}

static bool weight_is_zero(struct span params)
{
    while (params.left > 0) {
        struct span p = trim(until(params, ';', &params));
        if (take(&p, "q=0")) {
            for (size_t i = 0; i < p.left; i++) {
                if (p.p[i] != '.' && p.p[i] != '0') {
                    return false;
                }
            }
            return true;
        }
    }
    return false;
}

bool http_accepts(struct span accept, const char *media_type)
{
    while (accept.left > 0) {
        struct span params = SPAN_NONE;
        const struct span item = until(accept, ',', &accept);
        if (span_is(trim(until(item, ';', &params)), media_type)) {
            return !weight_is_zero(params);
        }
    }
    return false;
}
