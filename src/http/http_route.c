/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_route.h"

#define SCOPE(s) (1u << SCOPE_##s)
#define EVIDENCE                                                                                                       \
    (SCOPE(EVIDENCE_CANARY) | SCOPE(EVIDENCE_COVERAGE) | SCOPE(EVIDENCE_CYCLONEDX) | SCOPE(EVIDENCE_JUNIT) |           \
     SCOPE(EVIDENCE_MIGRATION) | SCOPE(EVIDENCE_PLAN) | SCOPE(EVIDENCE_PROVENANCE) | SCOPE(EVIDENCE_SARIF))
#define READS   (SCOPE(READ) | SCOPE(AUDIT))
#define MIRRORS (SCOPE(MIRROR) | SCOPE(AUDIT))

const struct http_route http_routes[] = {
    {PATH_REQUESTS, "GET", READS, false, http_serve_list},
    {PATH_REQUESTS, "POST", SCOPE(REQUEST), true, http_serve_submit},
    {PATH_REQUEST, "GET", READS, false, http_serve_status},
    {PATH_EXPLAIN, "GET", READS, false, http_serve_explain},
    {PATH_REDEEM, "POST", SCOPE(REDEEM), true, http_serve_redeem},
    {PATH_OUTCOME, "POST", SCOPE(OUTCOME), true, http_serve_outcome},
    {PATH_EVIDENCE, "POST", EVIDENCE, true, http_serve_evidence},
    {PATH_WITHDRAW, "POST", SCOPE(REQUEST), true, http_serve_withdraw},
    {PATH_RECEIPT, "GET", READS, false, http_serve_receipt},
    {PATH_FILE, "GET", SCOPE(AUDIT), false, http_serve_file},
    {PATH_GATE, "GET", 0, false, http_serve_gate},
    {PATH_REVIEWS, "GET", READS, false, http_serve_reviews},
    {PATH_INCIDENTS, "GET", READS | SCOPE(INCIDENT), false, http_serve_incidents},
    {PATH_INCIDENTS, "POST", SCOPE(INCIDENT), true, http_serve_freeze},
    {PATH_ALARMS, "GET", READS, false, http_serve_alarms},
    {PATH_DIRECTORY, "GET", READS | SCOPE(DIRECTORY), false, http_serve_listed},
    {PATH_DIRECTORY, "POST", SCOPE(DIRECTORY), true, http_serve_directory},
    {PATH_EVENTS, "GET", READS, false, http_serve_events},
    {PATH_OPENAPI, "GET", 0, false, http_serve_openapi},
    {PATH_SCHEMA, "GET", 0, false, http_serve_schema},
    {PATH_CHECKPOINT, "GET", 0, false, http_serve_checkpoint},
    {PATH_TILE, "GET", 0, false, http_serve_tile},
    {PATH_ENTRIES, "GET", MIRRORS, false, http_serve_entries},
    {PATH_HEALTHZ, "GET", 0, false, http_serve_healthz},
    {PATH_READYZ, "GET", 0, false, http_serve_readyz},
    {PATH_METRICS, "GET", READS, false, http_serve_metrics},
    {PATH_WAITING, "GET", READS, false, http_serve_waiting},
    {PATH_PAGE, "GET", READS, false, http_serve_page},
    {PATH_STYLE, "GET", 0, false, http_serve_style},
    {PATH_ICON, "GET", 0, false, http_serve_icon},
};
const size_t http_route_count = sizeof(http_routes) / sizeof(http_routes[0]);

const struct http_route *http_route_find(enum http_path path, const char *method)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    for (size_t i = 0; i < http_route_count; i++) {
        if (http_routes[i].path == path && strcmp(http_routes[i].method, wanted) == 0) {
            return &http_routes[i];
        }
    }
    return NULL;
}

void http_route_allow(enum http_path path, struct writer *w)
{
    for (size_t i = 0; i < http_route_count; i++) {
        if (http_routes[i].path == path) {
            wr_text(w, w->len == 0 ? "" : ", ");
            wr_text(w, http_routes[i].method);
        }
    }
}

const char *http_path_text(enum http_path path)
{
    static const char *const texts[PATH_COUNT] = {[PATH_NONE] = "none",
#define HTTP_PATH_TEXT(name, text) [name] = (text),
                                                  HTTP_PATHS(HTTP_PATH_TEXT)
#undef HTTP_PATH_TEXT
    };
    return (unsigned)path < PATH_COUNT ? texts[path] : "none";
}
