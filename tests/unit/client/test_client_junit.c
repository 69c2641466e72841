/* SPDX-License-Identifier: Apache-2.0 */
/* What counts as passed, failed and skipped; what is no report at all; and that the pieces it comes in do not matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <unistd.h>

#include "client/client_junit.h"

#define E8 "<a><a><a><a><a><a><a><a>"
#define F8 "</a></a></a></a></a></a></a></a>"

static const struct row {
    const char *name;
    const char *text;
    struct junit_counts want;
    enum cs_code code;
} rows[] = {
    {"passed", "<testsuite><testcase name=\"a\"/><testcase name=\"b\"></testcase></testsuite>", {2, 0, 0}, CS_OK},
    {"failure", "<testsuite><testcase><failure>x</failure></testcase><testcase/></testsuite>", {1, 1, 0}, CS_OK},
    {"error", "<testsuite><testcase><error/></testcase></testsuite>", {0, 1, 0}, CS_OK},
    {"skipped", "<testsuite><testcase><skipped/></testcase></testsuite>", {0, 0, 1}, CS_OK},
    {"not run", "<testsuite><testcase status=\"notrun\"/><testcase status=\"run\"/></testsuite>", {1, 0, 1}, CS_OK},
    {"disabled", "<testsuite><testcase a=\"b\" status=\"disabled\"/></testsuite>", {0, 0, 1}, CS_OK},
    {"failed counts above skipped", "<t><testcase><skipped/><failure/></testcase></t>", {0, 1, 0}, CS_OK},
    {"and in the other order", "<t><testcase><error/><skipped/></testcase></t>", {0, 1, 0}, CS_OK},
    {"two failures are one case", "<t><testcase><failure/><error/></testcase></t>", {0, 1, 0}, CS_OK},
    {"suites in suites",
     "<testsuites><testsuite><testsuite><testcase/></testsuite><testcase/></testsuite></testsuites>",
     {2, 0, 0},
     CS_OK},
    {"a failure outside of cases is none", "<t><failure/><skipped/><testcase/></t>", {1, 0, 0}, CS_OK},
    {"the attributes of the suite are not believed",
     "<testsuite tests=\"9\" failures=\"9\"><testcase/></testsuite>",
     {1, 0, 0},
     CS_OK},
    {"a comment and CDATA hold no case",
     "<t><!-- <testcase/> --><testcase><![CDATA[<failure/>]]></testcase></t>",
     {1, 0, 0},
     CS_OK},
    {"31 deep", E8 E8 E8 "<a><a><a><a><a><a><testcase/></a></a></a></a></a></a>" F8 F8 F8, {1, 0, 0}, CS_OK},
    {"32 deep", E8 E8 E8 "<a><a><a><a><a><a><a><testcase/></a></a></a></a></a></a></a>" F8 F8 F8, {1, 0, 0}, CS_OK},
    {"33 deep", E8 E8 E8 E8 "<testcase/>" F8 F8 F8 F8, {0, 0, 0}, CS_E_SYNTAX},
    {"a case in a case", "<t><testcase><testcase/></testcase></t>", {0, 0, 0}, CS_E_SYNTAX},
    {"a document type", "<!DOCTYPE t><t><testcase/></t>", {0, 0, 0}, CS_E_SYNTAX},
    {"entities that multiply",
     "<!DOCTYPE t [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><t><testcase>&b;&b;</testcase></t>",
     {0, 0, 0},
     CS_E_SYNTAX},
    {"an external entity",
     "<!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><t><testcase>&x;</testcase></t>",
     {0, 0, 0},
     CS_E_SYNTAX},
    {"cut", "<testsuite><testcase/>", {0, 0, 0}, CS_E_SYNTAX},
    {"cut in a case", "<testsuite><testcase><fail", {0, 0, 0}, CS_E_SYNTAX},
    {"two documents", "<t><testcase/></t><t><testcase/></t>", {0, 0, 0}, CS_E_SYNTAX},
    {"not XML", "{\"passed\": 3}", {0, 0, 0}, CS_E_SYNTAX},
    {"nothing", "", {0, 0, 0}, CS_E_SYNTAX},
    {"no case", "<testsuite tests=\"0\"/>", {0, 0, 0}, CS_E_MISSING},
};

static struct cs_result count(struct span text, size_t part, struct junit_counts *ret_counts)
{
    struct junit *j = junit_new();
    struct cs_result r = CS_SUCCESS;

    assert_non_null(j);
    while (r.code == CS_OK && text.left > 0) {
        const size_t n = text.left < part ? text.left : part;
        r = junit_feed(j, span_make(text.p, n));
        text = span_from(text, n);
    }
    r = r.code == CS_OK ? junit_end(j, ret_counts) : r;
    junit_free(j);
    return r;
}

static void expect(const struct row *row, size_t part)
{
    const struct junit_counts before = {77, 78, 79};
    struct junit_counts n = before;
    const struct cs_result r = count(span_str(row->text), part, &n);
    const struct junit_counts *want = row->code == CS_OK ? &row->want : &before;

    if (r.code != row->code || memcmp(&n, want, sizeof(n)) != 0) {
        fail_msg("%s, %zu bytes at a time: %s, %lu passed, %lu failed, %lu skipped", row->name, part,
                 cs_code_name(r.code), (unsigned long)n.passed, (unsigned long)n.failed, (unsigned long)n.skipped);
    }
}

static void counting(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(&rows[i], 65536);
        expect(&rows[i], 1);
        expect(&rows[i], 7);
    }
}

/* A part is at most what the file reader takes at once; expat's int must never be reached. */
static void too_long_a_part(void **state)
{
    static const uint8_t spaces[65537] = {0};
    struct junit *j = junit_new();

    (void)state;
    assert_non_null(j);
    assert_int_equal(junit_feed(j, SPAN_OF(spaces)).code, CS_E_RANGE);
    junit_free(j);
    junit_free(NULL);
}

static void files(void **state)
{
    char path[] = "/tmp/test-client-junit-XXXXXX";
    const char text[] = "<t><testcase/><testcase><failure/></testcase></t>";
    struct junit_counts n = {0};
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    assert_int_equal(close(fd), 0);
    assert_int_equal(junit_file(path, &n).code, CS_OK);
    assert_int_equal(n.passed, 1);
    assert_int_equal(n.failed, 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(junit_file(path, &n).code, CS_E_MISSING);
    assert_int_equal(junit_file("/", &n).code, CS_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting),
        cmocka_unit_test(too_long_a_part),
        cmocka_unit_test(files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
