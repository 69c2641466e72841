/* SPDX-License-Identifier: Apache-2.0 */
/* D8: the route table is this list and no other. Whoever adds a route must add it here, and think. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_route.h"

#define S(scope) (1u << SCOPE_##scope)

static const struct {
    const char *method;
    const char *path;
    uint32_t scopes;
} all[] = {
    {"GET", "/v1/requests", S(READ) | S(AUDIT)},
    {"POST", "/v1/requests", S(REQUEST)},
    {"GET", "/v1/requests/{}", S(READ) | S(AUDIT)},
    {"GET", "/v1/requests/{}/explain", S(READ) | S(AUDIT)},
    {"POST", "/v1/requests/{}/redeem", S(REDEEM)},
    {"POST", "/v1/requests/{}/outcome", S(OUTCOME)},
    {"POST", "/v1/requests/{}/evidence/{}",
     S(EVIDENCE_CANARY) | S(EVIDENCE_COVERAGE) | S(EVIDENCE_CYCLONEDX) | S(EVIDENCE_JUNIT) | S(EVIDENCE_MIGRATION) |
         S(EVIDENCE_PLAN) | S(EVIDENCE_PROVENANCE) | S(EVIDENCE_SARIF)},
    {"POST", "/v1/requests/{}/withdraw", S(REQUEST)},
    {"GET", "/v1/requests/{}/receipt", S(READ) | S(AUDIT)},
    {"GET", "/v1/evidence/{}", S(AUDIT)},
    {"GET", "/v1/gate/{}", 0},
    {"GET", "/v1/reviews", S(READ) | S(AUDIT)},
    {"GET", "/v1/incidents", S(READ) | S(AUDIT) | S(INCIDENT)},
    {"POST", "/v1/incidents", S(INCIDENT)},
    {"GET", "/v1/alarms", S(READ) | S(AUDIT)},
    {"GET", "/v1/directory", S(READ) | S(AUDIT) | S(DIRECTORY)},
    {"POST", "/v1/directory", S(DIRECTORY)},
    {"GET", "/v1/events", S(READ) | S(AUDIT)},
    {"GET", "/v1/openapi.json", 0},
    {"GET", "/v1/schemas/{}", 0},
    {"GET", "/checkpoint", 0},
    {"GET", "/tile/{}", 0},
    {"GET", "/tile/entries/{}", S(MIRROR) | S(AUDIT)},
    {"GET", "/healthz", 0},
    {"GET", "/readyz", 0},
    {"GET", "/metrics", S(READ) | S(AUDIT)},
    {"GET", "/", S(READ) | S(AUDIT)},
    {"GET", "/requests/{}", S(READ) | S(AUDIT)},
    {"GET", "/dashboard.css", 0},
    {"GET", "/favicon.svg", 0},
};

static void the_table_is_this_list(void **state)
{
    (void)state;
    assert_int_equal(http_route_count, sizeof(all) / sizeof(all[0]));
    for (size_t i = 0; i < http_route_count; i++) {
        assert_string_equal(http_routes[i].method, all[i].method);
        assert_string_equal(http_path_text(http_routes[i].path), all[i].path);
        assert_int_equal(http_routes[i].scopes, all[i].scopes);
        assert_int_equal(http_routes[i].writes, strcmp(all[i].method, "POST") == 0);
        assert_non_null(http_routes[i].serve);
    }
}

/* Nothing that decides, breaks glass or edits policy, people or keys has an address. */
static void no_address_decides(void **state)
{
    static const char *const words[] = {"approve", "reject",  "decision", "emergency", "policy",
                                        "roster",  "people",  "person",   "key",       "credential",
                                        "client",  "genesis", "propose",  "waive",     "thaw"};
    (void)state;
    for (unsigned p = 1; p < PATH_COUNT; p++) {
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            assert_null(strstr(http_path_text((enum http_path)p), words[i]));
        }
    }
}

static void methods_that_are_not_there(void **state)
{
    static const char *const methods[] = {"PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", ""};
    (void)state;
    for (unsigned p = 1; p < PATH_COUNT; p++) {
        for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
            assert_null(http_route_find((enum http_path)p, methods[i]));
        }
    }
    assert_null(http_route_find(PATH_REDEEM, "GET"));
    assert_null(http_route_find(PATH_NONE, "GET"));
    assert_ptr_equal(http_route_find(PATH_HEALTHZ, "HEAD"), http_route_find(PATH_HEALTHZ, "GET"));
    assert_null(http_route_find(PATH_REDEEM, "HEAD"));
}

static void allow_names_what_is_there(void **state)
{
    char text[64] = {0};
    struct writer w = wr_fixed(text, sizeof(text) - 1);
    (void)state;
    http_route_allow(PATH_REQUESTS, &w);
    assert_string_equal(text, "GET, POST");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_is_this_list),
        cmocka_unit_test(no_address_decides),
        cmocka_unit_test(methods_that_are_not_there),
        cmocka_unit_test(allow_names_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
