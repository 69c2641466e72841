/* SPDX-License-Identifier: Apache-2.0 */
/* What files say, as entries hold it: read here or at an auditor's, the same bytes; and every number by the name that a
 * policy uses for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "evidence/evidence_report.h"

enum { CAME_MS = 1767603600 };

#define JUNIT                                                                                                          \
    "<testsuite><testcase classname='a' name='one'/><testcase classname='a' name='two'><failure/></testcase>"          \
    "<testcase classname='a' name='three'><skipped/></testcase></testsuite>"
#define COVERED(n, hits) "<line number='" n "' hits='" hits "'/>"
#define COBERTURA                                                                                                      \
    "<coverage line-rate='0.8'><packages><package name='p'><classes><class name='c' filename='c.c'><lines>" COVERED(   \
        "1", "3") COVERED("2", "1") COVERED("3", "1") COVERED("4", "9")                                                \
        COVERED("5", "0") "</lines></class></classes></package></packages></coverage>"
#define SARIF                                                                                                          \
    "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"lint\"}},\"results\":[{\"ruleId\":\"R1\","     \
    "\"level\":"                                                                                                       \
    "\"error\",\"message\":{\"text\":\"x\"},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"a."  \
    "c\"},"                                                                                                            \
    "\"region\":{\"startLine\":1}}}]}]}]}"
#define PLAN                                                                                                           \
    "{\"format_version\":\"1.2\",\"resource_changes\":[{\"address\":\"a\",\"type\":\"t\",\"change\":{\"actions\":["    \
    "\"delete\"]}}]}"

static void read_as(enum evidence_format format, const char *text, struct arena *arena, struct report *ret_report)
{
    const struct evidence_options options = {.format = format};
    const struct evidence_summary *s = NULL;
    struct evidence *e = NULL;

    assert_int_equal(evidence_begin(&options, &e).code, CS_OK);
    struct cs_result r = evidence_feed(e, span_str(text));
    r = r.code == CS_OK ? evidence_end(e, &s) : r;
    if (r.code != CS_OK) {
        fail_msg("%s: %s %s: %s", evidence_format_name(format), r.msg, cs_code_text(r.code), evidence_advice(e));
    }
    assert_int_equal(evidence_report(s, CAME_MS, arena, ret_report).code, CS_OK);
    evidence_free(e);
}

static const struct row {
    enum evidence_format format;
    const char *text;
    const char *number;
    uint64_t value;
    size_t findings;
} rows[] = {
    {EVIDENCE_JUNIT, JUNIT, "passed", 1, 1},
    {EVIDENCE_JUNIT, JUNIT, "failed", 1, 1},
    {EVIDENCE_JUNIT, JUNIT, "pass_ppm", 500000, 1},
    {EVIDENCE_JUNIT, JUNIT, "skipped", 1, 1},
    {EVIDENCE_COBERTURA, COBERTURA, "line_ppm", 800000, 0},
    {EVIDENCE_SARIF, SARIF, "high", 1, 1}, /* without a severity */
    {EVIDENCE_SARIF, SARIF, "critical", 0, 1},
    {EVIDENCE_SARIF, SARIF, "error", 1, 1},
    {EVIDENCE_PLAN, PLAN, "delete", 1, 0},
    {EVIDENCE_PLAN, PLAN, "drift", 0, 0},
};

/* 3.1 to 3.3 */
static void each_number_has_the_policys_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct report r;
        uint64_t value = 0;

        arena_init(&arena, 1 << 20);
        read_as(rows[i].format, rows[i].text, &arena, &r);
        assert_int_equal(r.kind, evidence_report_kind(rows[i].format));
        if (!policy_evidence_knows(r.kind, span_str(rows[i].number)) ||
            !model_report_number(&r, span_str(rows[i].number), &value) || value != rows[i].value) {
            fail_msg("%s: %s is %llu", evidence_format_name(rows[i].format), rows[i].number, (unsigned long long)value);
        }
        if (rows[i].findings > 0 || rows[i].format != EVIDENCE_PLAN) {
            assert_int_equal(r.finding_count, rows[i].findings);
        }
        assert_false(r.more);
        arena_release(&arena);
    }
}

/* What is written is what the log takes, and reading the file twice is writing it twice. */
static void a_report_is_an_entrys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        struct report r;
        struct report again;
        AUTO_WRITER first = wr_heap(MODEL_LEAF_MAX);
        AUTO_WRITER second = wr_heap(MODEL_LEAF_MAX);
        AUTO_WRITER third = wr_heap(MODEL_LEAF_MAX);

        arena_init(&arena, 4 << 20);
        read_as(rows[i].format, rows[i].text, &arena, &r);
        assert_int_equal(model_report_encode(&r, &first).code, CS_OK);
        const struct cs_result decoded = model_report_decode(wr_span(&first), &arena, &again);
        if (decoded.code != CS_OK) {
            fail_msg("%s: %s %s", evidence_format_name(rows[i].format), decoded.msg, cs_code_name(decoded.code));
        }
        assert_int_equal(model_report_encode(&again, &second).code, CS_OK);
        assert_true(span_eq(wr_span(&first), wr_span(&second)));
        read_as(rows[i].format, rows[i].text, &arena, &r);
        assert_int_equal(model_report_encode(&r, &third).code, CS_OK);
        assert_true(span_eq(wr_span(&first), wr_span(&third)));
        arena_release(&arena);
    }
}

static void every_format_has_a_kind(void **state)
{
    (void)state;
    for (unsigned f = 0; f < EVIDENCE_FORMAT_COUNT; f++) {
        enum evidence_format back = EVIDENCE_FORMAT_COUNT;
        const enum report_kind kind = evidence_report_kind((enum evidence_format)f);
        assert_int_not_equal(kind, REPORT_NONE);
        assert_true(evidence_report_format(span_str(report_kind_text(kind)), &back));
        assert_int_equal(back, f);
        assert_int_not_equal(model_evidence_scope(kind), SCOPE_NONE);
    }
    enum evidence_format none = EVIDENCE_FORMAT_COUNT;
    assert_false(evidence_report_format(SPAN_LIT("iac"), &none));
    assert_int_equal(evidence_report_kind(EVIDENCE_FORMAT_COUNT), REPORT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_number_has_the_policys_name),
        cmocka_unit_test(a_report_is_an_entrys),
        cmocka_unit_test(every_format_has_a_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
