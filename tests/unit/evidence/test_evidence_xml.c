/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit and Cobertura reports. What counts; what is no report; bombs, and tags without end. */
#include "evidence_bed.h"

#define E8 "<a><a><a><a><a><a><a><a>"
#define F8 "</a></a></a></a></a></a></a></a>"

#define NUMBERS(failed, ppm, passed, skipped)                                                                          \
    "\"numbers\":{\"failed\":" #failed ",\"pass_ppm\":" #ppm ",\"passed\":" #passed ",\"skipped\":" #skipped "}"
/* without and with findings */
#define CLEAN(ppm, passed, skipped) "{\"format\":\"junit\"," NUMBERS(0, ppm, passed, skipped) ",\"total\":0}"
/* a failed case without class and name */
#define NAMELESS "2db40723f1b91896df6ba7f0eec16f82"
#define ONE_FAILED(ppm, passed, skipped)                                                                               \
    "{\"findings\":{\"failed\":[\"" NAMELESS                                                                           \
    "\"]},\"format\":\"junit\"," NUMBERS(1, ppm, passed, skipped) ",\"rows\":[{\"id\":\"" NAMELESS                     \
                                                                  "\",\"place\":\"\",\"rule\":\"\"}],\"total\":1}"

static const struct bed_row junit[] = {
    {"passed", "<testsuite><testcase name=\"a\"/><testcase name=\"b\"></testcase></testsuite>", CS_OK,
     CLEAN(1000000, 2, 0)},
    {"failure", "<testsuite><testcase><failure>x</failure></testcase><testcase/></testsuite>", CS_OK,
     ONE_FAILED(500000, 1, 0)},
    {"error", "<testsuite><testcase><error/></testcase></testsuite>", CS_OK, ONE_FAILED(0, 0, 0)},
    {"skipped", "<testsuite><testcase><skipped/></testcase></testsuite>", CS_OK, CLEAN(0, 0, 1)},
    {"not run", "<testsuite><testcase status=\"notrun\"/><testcase status=\"run\"/></testsuite>", CS_OK,
     CLEAN(1000000, 1, 1)},
    {"disabled", "<testsuite><testcase a=\"b\" status=\"disabled\"/></testsuite>", CS_OK, CLEAN(0, 0, 1)},
    {"failed counts above skipped", "<t><testcase><skipped/><failure/></testcase></t>", CS_OK, ONE_FAILED(0, 0, 0)},
    {"and in the other order", "<t><testcase><error/><skipped/></testcase></t>", CS_OK, ONE_FAILED(0, 0, 0)},
    {"two failures are one case", "<t><testcase><failure/><error/></testcase></t>", CS_OK, ONE_FAILED(0, 0, 0)},
    {"one of three", "<t><testcase/><testcase/><testcase><failure/></testcase></t>", CS_OK, ONE_FAILED(666666, 2, 0)},
    {"suites in suites",
     "<testsuites><testsuite><testsuite><testcase/></testsuite><testcase/></testsuite></testsuites>", CS_OK,
     CLEAN(1000000, 2, 0)},
    {"a comment and CDATA hold no case", "<t><!-- <testcase/> --><testcase><![CDATA[<failure/>]]></testcase></t>",
     CS_OK, CLEAN(1000000, 1, 0)},
    {"totals are not believed", "<testsuite tests=\"0\" skipped=\"9\"><testcase/></testsuite>", CS_OK,
     CLEAN(1000000, 1, 0)},
    {"a run that did not come to its end",
     "<testsuites tests=\"100\"><testsuite tests=\"1\"><testcase/></testsuite></testsuites>", CS_E_REFUSED,
     "junit.testsuite"},
    {"cases of a suite before do not help",
     "<t><testsuite tests=\"1\"><testcase/></testsuite><testsuite tests=\"1\"/></t>", CS_E_REFUSED, "junit.testsuite"},
    {"as many as it says",
     "<testsuites tests=\"3\" failures=\"1\"><testsuite "
     "tests=\"2\"><testcase/><testcase><skipped/></testcase></testsuite>"
     "<testsuite tests=\"1\"><testcase status=\"failed\"/></testsuite></testsuites>",
     CS_OK, ONE_FAILED(500000, 1, 1)},
    {"failed by its status alone", "<t><testcase/><testcase status=\"failed\" result=\"completed\"/></t>", CS_OK,
     ONE_FAILED(500000, 1, 0)},
    {"by its result alone", "<t><testcase/><testcase status=\"run\" result=\"aborted\"/></t>", CS_OK,
     ONE_FAILED(500000, 1, 0)},
    {"a word that nobody knows is no pass", "<t><testcase status=\"Passed?\"/></t>", CS_OK, ONE_FAILED(0, 0, 0)},
    {"words of those that passed and that did not run",
     "<t><testcase status=\"run\" result=\"completed\"/><testcase status=\"passed\"/><testcase status=\"success\"/>"
     "<testcase status=\"skipped\"/><testcase status=\"notrun\" result=\"suppressed\"/></t>",
     CS_OK, CLEAN(1000000, 3, 2)},
    {"the earliest time with a zone",
     "<t><testsuite timestamp=\"2026-11-26T19:00:00+01:00\"><testcase/></testsuite>"
     "<testsuite timestamp=\"2026-11-26T18:00:01Z\"/><testsuite timestamp=\"2026-11-26T07:00:00\"/></t>",
     CS_OK,
     "{\"format\":\"junit\"," NUMBERS(0, 1000000, 1, 0) ",\"produced\":\"2026-11-26T18:00:00.000Z\",\"total\":0}"},
    {"failures that are not shown", "<testsuite failures=\"1\"><testcase/></testsuite>", CS_E_REFUSED,
     "junit.testsuite"},
    {"errors that are not shown",
     "<testsuites errors=\"2\"><testsuite><testcase><error/></testcase></testsuite></testsuites>", CS_E_REFUSED,
     "junit.testsuite"},
    {"those of the suite before do not help",
     "<t><testsuite failures=\"1\"><testcase><failure/></testcase></testsuite><testsuite "
     "failures=\"1\"><testcase/></testsuite></t>",
     CS_E_REFUSED, "junit.testsuite"},
    {"64 deep",
     E8 E8 E8 E8 E8 E8 E8 "<a><a><a><a><a><a><a><testcase/></a></a></a></a></a></a></a>" F8 F8 F8 F8 F8 F8 F8, CS_OK,
     CLEAN(1000000, 1, 0)},
    {"65 deep", E8 E8 E8 E8 E8 E8 E8 E8 "<testcase/>" F8 F8 F8 F8 F8 F8 F8 F8, CS_E_DEPTH, "junit"},
    {"a case in a case", "<t><testcase><testcase/></testcase></t>", CS_E_SYNTAX, "junit.testcase"},
    {"a document type", "<!DOCTYPE t><t><testcase/></t>", CS_E_SYNTAX, "junit"},
    {"one from the web", "<!DOCTYPE t SYSTEM \"http://a/b\"><t><testcase/></t>", CS_E_SYNTAX, "junit"},
    {"entities that multiply",
     "<!DOCTYPE t [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><t><testcase>&b;&b;</testcase></t>",
     CS_E_SYNTAX, "junit"},
    {"an external entity", "<!DOCTYPE t [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><t><testcase>&x;</testcase></t>",
     CS_E_SYNTAX, "junit"},
    {"an entity that nobody declares", "<t><testcase>&x;</testcase></t>", CS_E_SYNTAX, "junit"},
    {"cut", "<testsuite><testcase/>", CS_E_SHORT, "junit"},
    {"cut in a case", "<testsuite><testcase><fail", CS_E_SHORT, "junit"},
    {"two documents", "<t><testcase/></t><t><testcase/></t>", CS_E_SYNTAX, "junit"},
    {"not XML", "{\"passed\": 3}", CS_E_SYNTAX, "junit"},
    {"not UTF-8", "<t><testcase name=\"\xc3(\"/></t>", CS_E_SYNTAX, "junit"},
    {"an encoding that nobody has", "<?xml version=\"1.0\" encoding=\"ebcdic\"?><t><testcase/></t>", CS_E_UTF8,
     "junit"},
    {"nothing", "", CS_E_SHORT, "junit"},
    {"no case", "<testsuite tests=\"0\"/>", CS_E_MISSING, "junit.testcase"},
};

static void junit_rows(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_JUNIT, junit);
}

#define COBERTURA(rest) "{\"format\":\"cobertura\",\"numbers\":{" rest "},\"total\":0}"

#define DATED(time)                                                                                                    \
    "{\"format\":\"cobertura\",\"numbers\":{\"line_ppm\":1000000,\"lines_covered\":1,\"lines_valid\":1},\"produced\":" \
    "\"" time "\",\"total\":0}"

static const struct bed_row cobertura[] = {
    {"half",
     "<coverage><class><lines><line number=\"1\" hits=\"3\"/><line number=\"2\" "
     "hits=\"0\"/></lines></class></coverage>",
     CS_OK, COBERTURA("\"line_ppm\":500000,\"lines_covered\":1,\"lines_valid\":2")},
    {"lines of methods are the same once more",
     "<coverage><class><methods><method><lines><line hits=\"1\"/></lines></method></methods><lines><line "
     "hits=\"1\"/><line "
     "hits=\"0\"/><line hits=\"0\"/></lines></class></coverage>",
     CS_OK, COBERTURA("\"line_ppm\":333333,\"lines_covered\":1,\"lines_valid\":3")},
    {"lines that stand only under the methods of a class",
     "<coverage><class><methods><method><lines><line hits=\"0\"/><line hits=\"0\"/></lines></method></methods><lines/>"
     "</class><class><lines><line hits=\"1\"/></lines></class></coverage>",
     CS_OK, COBERTURA("\"line_ppm\":333333,\"lines_covered\":1,\"lines_valid\":3")},
    {"of as many lines those with fewer hits",
     "<coverage><class><methods><method><lines><line hits=\"0\"/></lines></method></methods><lines><line hits=\"1\"/>"
     "</lines></class></coverage>",
     CS_OK, COBERTURA("\"line_ppm\":0,\"lines_covered\":0,\"lines_valid\":1")},
    {"made, in seconds", "<coverage timestamp=\"1500000000\"><class><line hits=\"1\"/></class></coverage>", CS_OK,
     DATED("2017-07-14T02:40:00.000Z")},
    {"made, in milliseconds", "<coverage timestamp=\"1500000000123\"><class><line hits=\"1\"/></class></coverage>",
     CS_OK, DATED("2017-07-14T02:40:00.123Z")},
    {"made, with a fraction", "<coverage timestamp=\"1500000000.75\"><class><line hits=\"1\"/></class></coverage>",
     CS_OK, DATED("2017-07-14T02:40:00.000Z")},
    {"made in 1970", "<coverage timestamp=\"0\"><class><line hits=\"1\"/></class></coverage>", CS_OK,
     DATED("1970-01-01T00:00:00.000Z")},
    {"made at a time that is none", "<coverage timestamp=\"today\"><class><line hits=\"1\"/></class></coverage>",
     CS_E_SYNTAX, "cobertura.timestamp"},
    {"made in the year 10000", "<coverage timestamp=\"253402300800000\"><class><line hits=\"1\"/></class></coverage>",
     CS_E_SYNTAX, "cobertura.timestamp"},
    {"branches",
     "<coverage line-rate=\"1\"><class><line hits=\"1\" branch=\"true\" condition-coverage=\"50% (1/2)\"/><line "
     "hits=\"1\" "
     "condition-coverage=\"100% (4/4)\"/></class></coverage>",
     CS_OK,
     COBERTURA(
         "\"branch_ppm\":833333,\"branches_covered\":5,\"branches_valid\":6,\"line_ppm\":1000000,\"lines_covered\":2,"
         "\"lines_valid\":2")},
    {"its own document type",
     "<!DOCTYPE coverage SYSTEM \"http://a/b.dtd\"><coverage><class><line hits=\"1\"/></class></coverage>", CS_OK,
     COBERTURA("\"line_ppm\":1000000,\"lines_covered\":1,\"lines_valid\":1")},
    {"a document type with entities",
     "<!DOCTYPE coverage [<!ENTITY a \"1\">]><coverage><class><line hits=\"1\"/></class></coverage>", CS_E_SYNTAX,
     "cobertura"},
    {"an entity from the web",
     "<!DOCTYPE coverage SYSTEM \"http://a/b.dtd\"><coverage>&a;<class><line hits=\"1\"/></class></coverage>",
     CS_E_SYNTAX, "cobertura"},
    {"more branches taken than there are",
     "<coverage><class><line hits=\"1\" condition-coverage=\"50% (2/1)\"/></class></coverage>", CS_E_SYNTAX,
     "cobertura.condition_coverage"},
    {"a line without hits", "<coverage><class><line number=\"1\"/></class></coverage>", CS_E_SYNTAX, "cobertura.hits"},
    {"fewer hits than none", "<coverage><class><line hits=\"-1\"/></class></coverage>", CS_E_SYNTAX, "cobertura.hits"},
    {"a line outside of classes", "<coverage><line hits=\"1\"/></coverage>", CS_E_MISSING, "cobertura.line"},
    {"no line", "<coverage line-rate=\"1\"/>", CS_E_MISSING, "cobertura.line"},
    {"a JUnit report", "<testsuite><testcase/></testsuite>", CS_E_SYNTAX, "cobertura"},
};

static void cobertura_rows(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_COBERTURA, cobertura);
}

/* head, then n bytes of fill, then tail. */
static struct cs_result long_report(const char *head, size_t n, const char *tail, uint64_t *ret_passed)
{
    static const char fill[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    const struct evidence_options o = {.format = EVIDENCE_JUNIT};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;

    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    struct cs_result r = evidence_feed(e, span_str(head));
    for (size_t i = 0; r.code == CS_OK && i < n; i += sizeof(fill) - 1) {
        r = evidence_feed(e, SPAN_LIT(fill));
    }
    r = r.code == CS_OK ? evidence_feed(e, span_str(tail)) : r;
    r = r.code == CS_OK ? evidence_end(e, &s) : r;
    *ret_passed = r.code == CS_OK ? s->number[EVIDENCE_PASSED] : 0;
    return r;
}

/* What a test has printed may be long; what expat must hold at once may not. */
static void long_things(void **state)
{
    uint64_t passed = 0;
    const size_t fits = (size_t)200 * 1024;
    const size_t large = (size_t)1024 * 1024;

    (void)state;
    assert_int_equal(long_report("<t><testcase><system-out>", 8 * large, "</system-out></testcase></t>", &passed).code,
                     CS_OK);
    assert_int_equal(passed, 1);
    assert_int_equal(
        long_report("<t><testcase><system-out><![CDATA[", 8 * large, "]]></system-out></testcase></t>", &passed).code,
        CS_OK);
    assert_int_equal(passed, 1);
    assert_int_equal(long_report("<t><testcase name='", fits, "'/></t>", &passed).code, CS_OK);
    assert_int_equal(long_report("<t><testcase name='", large, "'/></t>", &passed).code, CS_E_RANGE);
    assert_int_equal(long_report("<t><!--", large, "--><testcase/></t>", &passed).code, CS_E_RANGE);
    assert_int_equal(long_report("<t><?x ", large, "?><testcase/></t>", &passed).code, CS_E_RANGE);
    assert_int_equal(long_report("<t><", large, "/><testcase/></t>", &passed).code, CS_E_RANGE);
    assert_int_equal(long_report("<!DOCTYPE ", large, "><t><testcase/></t>", &passed).code, CS_E_RANGE);
}

/* A file of elements or attributes that all have other names: expat would keep them all. */
static void names_without_end(const char *element, const char *tail)
{
    const struct evidence_options o = {.format = EVIDENCE_JUNIT};
    AUTO_EVIDENCE *e = NULL;
    char text[64];

    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    struct cs_result r = evidence_feed(e, SPAN_LIT("<t><testcase/>"));
    unsigned n = 0;
    for (; r.code == CS_OK && n < 1000000; n++) {
        const int len = snprintf(text, sizeof(text), "<%s%u%s/>", element, n, tail);
        r = evidence_feed(e, span_make(text, (size_t)len));
    }
    assert_int_equal(r.code, CS_E_FULL);
    assert_string_equal(r.msg, "junit");
    assert_non_null(strstr(evidence_advice(e), "different names"));
    assert_in_range(n, 1000, 100000); /* of at least 40 bytes each, in 4 MiB */
}

static void different_names(void **state)
{
    (void)state;
    names_without_end("a", "");
    names_without_end("a b", "=''");
}

static void many_attributes(void **state)
{
    static char text[2048];
    uint64_t passed = 0;

    (void)state;
    for (unsigned n = 64; n <= 65; n++) {
        size_t at = (size_t)snprintf(text, sizeof(text), "<t><testcase");
        for (unsigned i = 0; i < n; i++) {
            at += (size_t)snprintf(text + at, sizeof(text) - at, " a%u=''", i);
        }
        (void)snprintf(text + at, sizeof(text) - at, "/></t>");
        assert_int_equal(long_report(text, 0, "", &passed).code, n == 64 ? CS_OK : CS_E_RANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(junit_rows), cmocka_unit_test(cobertura_rows),
                                       cmocka_unit_test(long_things), cmocka_unit_test(many_attributes),
                                       cmocka_unit_test(different_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
