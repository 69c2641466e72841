/* SPDX-License-Identifier: Apache-2.0 */
/* Problem documents and their status codes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_problem.h"

static void a_problem_with_faults(void **state)
{
    const struct http_fault faults[] = {
        {SPAN_LIT("/title"), SPAN_LIT("missing"), SPAN_LIT("Send one.")},
        {SPAN_LIT("/service"), SPAN_LIT("type"), SPAN_LIT("Send text.")},
        {SPAN_LIT("/documentation/backout_plan"), SPAN_LIT("missing_field"), SPAN_LIT("Send one.")},
    };
    struct http_refusal r = http_refusal_reason(SPAN_LIT("invalid_request"));
    AUTO_WRITER w = wr_heap(4096);
    (void)state;
    r.faults = faults;
    r.fault_count = 3;
    assert_int_equal(http_refusal_write(&r, &w).code, CS_OK);
    assert_true(
        span_is(wr_span(&w),
                "{\"code\":\"invalid_request\",\"faults\":[{\"code\":\"missing\",\"detail\":\"Send "
                "one.\",\"pointer\":\"/title\"},"
                "{\"code\":\"type\",\"detail\":\"Send text.\",\"pointer\":\"/service\"},"
                "{\"code\":\"missing_field\",\"detail\":\"Send one.\",\"pointer\":\"/documentation/backout_plan\"}],"
                "\"missing\":[\"/title\",\"/documentation/backout_plan\"],\"status\":422,"
                "\"title\":\"The request is not complete or not "
                "valid.\",\"type\":\"urn:countersign:problem:invalid_request\"}"));
}

static void status_of_each_reason(void **state)
{
    static const struct {
        const char *code;
        unsigned status;
    } rows[] = {
        {"unknown_client", 403},  {"no_scope", 403},
        {"not_yours", 403},       {"evidence_line", 422},
        {"evidence_kind", 422},   {"evidence_artifact", 422},
        {"evidence_time", 422},   {"evidence_unknown", 404},
        {"evidence_full", 409},   {"directory_moved", 409},
        {"directory_total", 422}, {"evidence_blob", 409},
        {"unknown_request", 404}, {"missing_field", 422},
        {"no_seats", 422},        {"idempotency_mismatch", 422},
        {"drifted", 409},         {"lapsed", 409},
        {"redeemed", 409},        {"not_approved", 409},
        {"sealed", 503},          {"busy", 503},
        {"clock", 503},           {"of_the_future", 409},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct http_refusal r = http_refusal_reason(span_str(rows[i].code));
        if (r.status != rows[i].status) {
            fail_msg("%s: %u", rows[i].code, r.status);
        }
        assert_true(r.title.left > 0);
    }
}

/* A refusal must never look like success to a client that reads only the status. */
static void no_refusal_is_a_success(void **state)
{
    (void)state;
    for (unsigned p = 0; p < HTTP_PROBLEM_COUNT; p++) {
        const struct http_refusal r = http_refusal_of((enum http_problem)p);
        assert_in_range(r.status, 400, 599);
        assert_true(r.code.left > 0 && r.title.left > 0);
    }
    for (unsigned p = 0; p < REASON_COUNT; p++) {
        assert_in_range(http_reason_status((enum policy_reason)p), 400, 599);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_with_faults),
        cmocka_unit_test(status_of_each_reason),
        cmocka_unit_test(no_refusal_is_a_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
