/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF. Severities, rules before and after, what is not counted, ids that outlive lines, bad files. */
#include "evidence_bed.h"

#include <time.h>

#define RUN(results)                                                                                                   \
    "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"t\"}},\"results\":[" results "]}]}"
#define RULES(rules, results)                                                                                          \
    "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"rules\":[" rules "]}},\"results\":[" results "]}]}"
#define RULES_LAST(rules, results)                                                                                     \
    "{\"runs\":[{\"results\":[" results "],\"tool\":{\"driver\":{\"rules\":[" rules "]}}}],\"version\":\"2.1.0\"}"

/* Counts: critical, high, medium, low, info; error, warning, note; suppressed, unrated. */
struct counts {
    uint64_t n[10];
};
static const enum evidence_number counted[10] = {EVIDENCE_CRITICAL,   EVIDENCE_HIGH,   EVIDENCE_MEDIUM,  EVIDENCE_LOW,
                                                 EVIDENCE_INFO,       EVIDENCE_ERROR,  EVIDENCE_WARNING, EVIDENCE_NOTE,
                                                 EVIDENCE_SUPPRESSED, EVIDENCE_UNRATED};

static const struct row {
    const char *name;
    const char *text;
    struct counts want;
} rows[] = {
    {"nothing found", RUN(""), {{0}}},
    {"levels",
     RUN("{\"level\":\"error\"},{\"level\":\"warning\"},{\"level\":\"note\"},{\"level\":\"none\"}"),
     {{0, 1, 1, 1, 1, 1, 1, 1, 0, 0}}},
    {"no level is a warning", RUN("{\"ruleId\":\"a\"}"), {{0, 0, 1, 0, 0, 0, 1, 0, 0, 0}}},
    {"the rule's level",
     RULES("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"error\"}}", "{\"ruleId\":\"a\"}"),
     {{0, 1, 0, 0, 0, 1, 0, 0, 0, 0}}},
    {"rules that come last",
     RULES_LAST("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"error\"}}", "{\"ruleId\":\"a\"}"),
     {{0, 1, 0, 0, 0, 1, 0, 0, 0, 0}}},
    {"the result's own level wins",
     RULES("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"error\"}}", "{\"ruleId\":\"a\",\"level\":\"note\"}"),
     {{0, 0, 0, 1, 0, 0, 0, 1, 0, 0}}},
    {"the score of the rule wins over levels",
     RULES("{\"id\":\"a\",\"properties\":{\"security-severity\":\"9.0\"}}", "{\"ruleId\":\"a\",\"level\":\"note\"}"),
     {{1, 0, 0, 0, 0, 0, 0, 1, 0, 0}}},
    {"every step of the score, as text and number",
     RUN("{\"properties\":{\"security-severity\":\"9.0\"}},{\"properties\":{\"security-severity\":8.9999999}},"
         "{\"properties\":{\"security-severity\":\"7.0\"}},{\"properties\":{\"security-severity\":6.9}},"
         "{\"properties\":{\"security-severity\":\"4\"}},{\"properties\":{\"security-severity\":3.9}},"
         "{\"properties\":{\"security-severity\":1e-9}},{\"properties\":{\"security-severity\":\"0.0\"}}"),
     /* 8.9999999 is rounded up: a limit is never missed by a rounding */
     /* 0.0 is how scanners say that they do not know: then the level counts */
     {{2, 1, 3, 2, 0, 0, 8, 0, 0, 0}}},
    {"the result's score wins over the rule's",
     RULES("{\"id\":\"a\",\"properties\":{\"security-severity\":\"9.0\"}}",
           "{\"ruleId\":\"a\",\"properties\":{\"security-severity\":\"1.0\"}}"),
     {{0, 0, 0, 1, 0, 0, 1, 0, 0, 0}}},
    {"scores that are none count as high",
     RUN("{\"properties\":{\"security-severity\":\"NaN\"}},{\"properties\":{\"security-severity\":\"-1\"}},"
         "{\"properties\":{\"security-severity\":\"10.1\"}},{\"properties\":{\"security-severity\":\"\"}}"),
     {{0, 4, 0, 0, 0, 0, 4, 0, 0, 4}}},
    {"by index",
     RULES("{\"id\":\"a\"},{\"id\":\"b\",\"defaultConfiguration\":{\"level\":\"error\"}}", "{\"ruleIndex\":1}"),
     {{0, 1, 0, 0, 0, 1, 0, 0, 0, 0}}},
    {"by the rule object",
     RULES_LAST("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"note\"}}", "{\"rule\":{\"index\":0}}"),
     {{0, 0, 0, 1, 0, 0, 0, 1, 0, 0}}},
    {"an index that is no rule's counts as high",
     RULES("{\"id\":\"a\"}", "{\"ruleIndex\":1},{\"ruleIndex\":-1}"),
     {{0, 1, 1, 0, 0, 0, 2, 0, 0, 1}}},
    {"an index into another component counts as high",
     RULES("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"note\"}}",
           "{\"rule\":{\"index\":0,\"toolComponent\":{\"index\":3}}}"),
     {{0, 1, 0, 0, 0, 0, 1, 0, 0, 1}}},
    {"rules of extensions",
     "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"extensions\":[{\"rules\":[{\"id\":\"x\",\"properties\":{\"security-"
     "severity\":\"9.8\"}}]}],\"driver\":{\"rules\":[{\"id\":\"y\",\"defaultConfiguration\":{\"level\":\"note\"}}]}},"
     "\"results\":[{\"ruleId\":\"x\"},{\"ruleIndex\":0}]}]}",
     {{1, 0, 0, 1, 0, 0, 1, 1, 0, 0}}},
    {"one id for two rules: the worse",
     RULES("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"note\"}},{\"id\":\"a\",\"defaultConfiguration\":{"
           "\"level\":"
           "\"error\"}}",
           "{\"ruleId\":\"a\"}"),
     {{0, 1, 0, 0, 0, 1, 0, 0, 0, 0}}},
    {"what passed and what is gone is not counted",
     RUN("{\"kind\":\"pass\",\"level\":\"none\"},{\"kind\":\"informational\"},{\"kind\":\"notApplicable\"},"
         "{\"baselineState\":\"absent\",\"level\":\"error\"},{\"baselineState\":\"unchanged\",\"level\":\"error\"}"),
     {{0, 1, 0, 0, 0, 1, 0, 0, 0, 0}}},
    {"what nobody has decided is at least medium",
     RUN("{\"kind\":\"open\",\"level\":\"none\"},{\"kind\":\"review\",\"level\":\"error\"}"),
     {{0, 1, 1, 0, 0, 1, 0, 0, 0, 0}}},
    {"what the file itself lets pass counts",
     RUN("{\"level\":\"error\",\"suppressions\":[{\"kind\":\"inSource\"}]},{\"level\":\"error\",\"suppressions\":[]},"
         "{\"level\":\"error\",\"suppressions\":null}"),
     {{0, 3, 0, 0, 0, 3, 0, 0, 1, 0}}},
    {"a score of nothing does not make an error harmless",
     RULES("{\"id\":\"a\",\"properties\":{\"security-severity\":\"0.0\"}}", "{\"ruleId\":\"a\",\"level\":\"error\"}"),
     {{0, 1, 0, 0, 0, 1, 0, 0, 0, 0}}},
    {"a case of a rule, by its index",
     RULES("{\"id\":\"CA2101\",\"properties\":{\"security-severity\":\"9.8\"}}",
           "{\"ruleId\":\"CA2101/1\",\"ruleIndex\":0}"),
     {{1, 0, 0, 0, 0, 0, 1, 0, 0, 0}}},
    {"a case of a rule, by its name",
     RULES("{\"id\":\"CA2101\",\"properties\":{\"security-severity\":\"9.8\"}}", "{\"ruleId\":\"CA2101/1\"}"),
     {{1, 0, 0, 0, 0, 0, 1, 0, 0, 0}}},
    {"an id and an index that say different rules: the worse",
     RULES("{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"note\"}},{\"id\":\"b\",\"defaultConfiguration\":{"
           "\"level\":\"error\"}}",
           "{\"ruleId\":\"a\",\"ruleIndex\":1},{\"ruleId\":\"b\",\"ruleIndex\":0}"),
     {{0, 2, 0, 0, 0, 2, 0, 0, 0, 0}}},
    {"an override counts if it is worse, wherever it stands",
     "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"rules\":[{\"id\":\"a\",\"defaultConfiguration\":{"
     "\"level\":\"note\"}},{\"id\":\"b\",\"defaultConfiguration\":{\"level\":\"error\"}}]}},\"results\":[{\"ruleId\":"
     "\"a\"},{\"ruleIndex\":0},{\"ruleId\":\"b\"}],\"invocations\":[{\"executionSuccessful\":true,"
     "\"ruleConfigurationOverrides\":[{\"descriptor\":{\"id\":\"a\"},\"configuration\":{\"level\":\"error\"}},{"
     "\"descriptor\":{\"id\":\"b\"},\"configuration\":{\"level\":\"none\"}}]}]}]}",
     {{0, 3, 0, 0, 0, 3, 0, 0, 0, 0}}},
    {"what passed with an error did not pass",
     RUN("{\"kind\":\"pass\",\"level\":\"error\"},{\"level\":\"warning\",\"kind\":\"notApplicable\"}"),
     {{0, 1, 1, 0, 0, 1, 1, 0, 0, 0}}},
    {"of many rules with one id the worst, rated or not",
     RULES("{\"id\":\"a\",\"properties\":{\"security-severity\":\"1.0\"}},{\"id\":\"b\",\"properties\":{\"security-"
           "severity\":\"9.5\"}},{\"id\":\"a\",\"defaultConfiguration\":{\"level\":\"note\"}},{\"id\":\"a\"}",
           "{\"ruleId\":\"a\"},{\"ruleId\":\"a\",\"level\":\"error\"},{\"ruleId\":\"b\",\"level\":\"note\"}"),
     {{1, 1, 1, 0, 0, 1, 1, 1, 0, 0}}},
    {"two runs have rules of their own",
     "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"rules\":[{\"id\":\"a\",\"defaultConfiguration\":{"
     "\"level\":"
     "\"error\"}}]}},\"results\":[{\"ruleId\":\"a\"}]},{\"results\":[{\"ruleId\":\"a\"}]}]}",
     {{0, 1, 1, 0, 0, 1, 1, 0, 0, 0}}},
};

static void counting(void **state)
{
    static struct bed_answer a;
    const struct evidence_options o = {.format = EVIDENCE_SARIF};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t piece = 1; piece < 100; piece += 49) {
            bed_read(&o, span_str(rows[i].text), piece, &a);
            if (a.r.code != CS_OK) {
                fail_msg("%s: %s %s (%s)", rows[i].name, a.r.msg, cs_code_name(a.r.code), a.advice);
            }
            for (size_t k = 0; k < 10; k++) {
                char want[64];
                (void)snprintf(want, sizeof(want), "\"%s\":%lu", evidence_number_name(counted[k]),
                               (unsigned long)rows[i].want.n[k]);
                if (strstr(a.json, want) == NULL) {
                    fail_msg("%s: no %s in %s", rows[i].name, want, a.json);
                }
            }
        }
    }
}

#define AT(line)                                                                                                       \
    "\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"a.c\"},\"region\":{\"startLine\":" #line    \
    "}}}]"
#define MESSAGE(text) "\"message\":{\"text\":\"" text "\"}"
#define ZEROS         "\"suppressed\":0,\"unrated\":0,"
#define ONE(id, place)                                                                                                 \
    "{\"findings\":{\"medium\":[\"" id                                                                                 \
    "\"]},\"format\":\"sarif\",\"numbers\":{\"critical\":0,\"error\":0,\"high\":0,\"info\":0,"                         \
    "\"low\":0,\"medium\":1,\"note\":0," ZEROS "\"warning\":1},\"rows\":[{\"id\":\"" id "\",\"place\":\"" place        \
    "\",\"rule\":\"r\"}],\"texts\":{\"tool\":\"t\"},\"total\":1}"

static const struct bed_row ids[] = {
    {"by the message", RUN("{\"ruleId\":\"r\"," MESSAGE("m") "," AT(7) "}"), CS_OK,
     ONE("6c757d779285593f58217bc78fbe8049", "a.c:7")},
    {"the line is not in it", RUN("{" AT(8) ",\"ruleId\":\"r\"," MESSAGE("m") "}"), CS_OK,
     ONE("6c757d779285593f58217bc78fbe8049", "a.c:8")},
    {"escapes are no difference", RUN("{\"rule\\u0049d\":\"\\u0072\"," MESSAGE("\\u006d") "," AT(7) "}"), CS_OK,
     ONE("6c757d779285593f58217bc78fbe8049", "a.c:7")},
    {"a message by its id", RUN("{\"ruleId\":\"r\",\"message\":{\"id\":\"m\"}," AT(7) "}"), CS_OK,
     ONE("6c757d779285593f58217bc78fbe8049", "a.c:7")},
    {"by the snippet",
     RUN("{\"ruleId\":\"r\"," MESSAGE(
         "m") ",\"locations\":[{\"physicalLocation\":{\"region\":{\"snippet\":{\"text\":\"s\"},"
              "\"startLine\":7},\"artifactLocation\":{\"uri\":\"a.c\"}}},{\"physicalLocation\":{\"artifactLocation\":{"
              "\"uri\":\"b.c\"}}}]}"),
     CS_OK, ONE("b9da9f5bb5b33d34afb66cf58f585182", "a.c:7")},
    {"by a partial fingerprint",
     RUN("{\"ruleId\":\"r\"," MESSAGE("m") "," AT(7) ",\"partialFingerprints\":{\"b\":\"1\",\"a\":\"2\"}}"), CS_OK,
     ONE("54e3fb1634a1c8e55bf9e9cfa3c4b431", "a.c:7")},
    {"by a fingerprint",
     RUN("{\"ruleId\":\"r\",\"partialFingerprints\":{\"b\":\"1\"},\"fingerprints\":{\"a\":\"f\"}," MESSAGE("m") "," AT(
         7) "}"),
     CS_OK, ONE("c5c0a54e921b6f2bd35200ac48d99e86", "a.c:7")},
    {"what cannot be shown",
     RUN("{\"ruleId\":\"r\"," MESSAGE(
         "") ",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"C:\\\\a\\\"b\\u202ec"
             "\\u0000\"}}}]}"),
     CS_OK, ONE("1d9600f19ab6d3999209ccaf867a66b3", "C:/a'b???c?")},
};

static void naming(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_SARIF, ids);
}

static const struct bed_row bad[] = {
    {"nothing", "", CS_E_SHORT, "sarif"},
    {"another version", "{\"version\":\"2.0.0\",\"runs\":[]}", CS_E_UNKNOWN, "sarif.version"},
    {"no version", "{\"runs\":[{\"results\":[]}]}", CS_E_MISSING, "sarif.runs"},
    {"no run", "{\"version\":\"2.1.0\",\"runs\":[]}", CS_E_MISSING, "sarif.runs"},
    {"no results", "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{}}]}", CS_E_MISSING, "sarif.results"},
    {"results that were not computed", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":null}]}", CS_E_MISSING,
     "sarif.results"},
    {"no results in the second run", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[]},{}]}", CS_E_MISSING,
     "sarif.results"},
    {"the tool failed",
     "{\"version\":\"2.1.0\",\"runs\":[{\"invocations\":[{\"executionSuccessful\":false}],\"results\":[]}]}",
     CS_E_REFUSED, "sarif.invocation"},
    {"results in another file",
     "{\"version\":\"2.1.0\",\"runs\":[{\"externalPropertyFileReferences\":{},\"results\":[]}]}", CS_E_REFUSED,
     "sarif"},
    {"results behind the runs", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[]}],\"inlineExternalProperties\":[]}",
     CS_E_REFUSED, "sarif"},
    {"results twice", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[{\"level\":\"error\"}],\"results\":[]}]}",
     CS_E_DUPLICATE, "sarif"},
    {"a level twice", RUN("{\"level\":\"error\",\"level\":\"note\"}"), CS_E_DUPLICATE, "sarif"},
    {"a level that is none", RUN("{\"level\":\"fatal\"}"), CS_E_UNKNOWN, "sarif.level"},
    {"a kind that is none", RUN("{\"kind\":\"maybe\"}"), CS_E_UNKNOWN, "sarif.kind"},
    {"a state that is none", RUN("{\"baselineState\":\"old\"}"), CS_E_UNKNOWN, "sarif.baseline_state"},
    {"an index that is no integer", RUN("{\"ruleIndex\":0.5}"), CS_E_RANGE, "sarif.rule_index"},
    {"results of another type", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":{}}]}", CS_E_TYPE, "sarif"},
    {"a result of another type", RUN("7"), CS_E_TYPE, "sarif"},
    {"a number that is none", RUN("{\"rank\":NaN}"), CS_E_SYNTAX, "sarif"},
    {"and another", RUN("{\"rank\":Infinity}"), CS_E_SYNTAX, "sarif"},
    {"and one more", RUN("{\"rank\":-Infinity}"), CS_E_SYNTAX, "sarif"},
    {"a time that is none",
     "{\"version\":\"2.1.0\",\"runs\":[{\"invocations\":[{\"endTimeUtc\":\"yesterday\"}],\"results\":[]}]}",
     CS_E_SYNTAX, "sarif.end_time"},
    {"cut", "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[]}", CS_E_SHORT, "sarif"},
    {"something behind it", RUN("") "{}", CS_E_SYNTAX, "sarif"},
    {"XML", "<testsuite/>", CS_E_SYNTAX, "sarif"},
    {"UTF-16", "\xff\xfe{", CS_E_UTF8, "sarif"},
    {"UTF-16 with the other end first", "\xfe\xff", CS_E_UTF8, "sarif"},
    {"an override of a rule by its index alone",
     "{\"version\":\"2.1.0\",\"runs\":[{\"invocations\":[{\"ruleConfigurationOverrides\":[{\"descriptor\":{\"index\":0}"
     ",\"configuration\":{\"level\":\"note\"}}]}],\"results\":[]}]}",
     CS_E_REFUSED, "sarif.overrides"},
};

static void refusing(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_SARIF, bad);
}

/* The same finding once more is another one, so that a waiver of one is not one of all that come after it. */
static void repeated(void **state)
{
    static struct bed_answer a;
    const struct evidence_options o = {.format = EVIDENCE_SARIF};
#define SAME "{\"ruleId\":\"r\",\"message\":{\"text\":\"m\"}}"

    (void)state;
    bed_read(&o, SPAN_LIT(RUN(SAME "," SAME "," SAME)), SIZE_MAX, &a);
    assert_int_equal(a.r.code, CS_OK);
    assert_non_null(strstr(a.json, "\"findings\":{\"medium\":[\"33f9eccf07a77dba15019f4a61137a8a\","
                                   "\"59637c1eedd933adcfa55d9bba08e0ff\",\"6b5838d5fa755d6fd34d15c43ee808ab\"]}"));
    assert_non_null(strstr(a.json, "\"medium\":3"));
}

/* 100,000 results (issue 4): all are counted, the worst are listed, in megabytes. */
static void many(void **state)
{
    const struct evidence_options o = {.format = EVIDENCE_SARIF};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    char text[200];

    (void)state;
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    assert_int_equal(evidence_feed(e, SPAN_LIT("{\"version\":\"2.1.0\",\"runs\":[{\"results\":[")).code, CS_OK);
    for (unsigned i = 0; i < 100000; i++) {
        const int n =
            snprintf(text, sizeof(text), "%s{\"ruleId\":\"r%u\",\"level\":\"%s\",\"message\":{\"text\":\"m%u\"}}",
                     i > 0 ? "," : "", i % 10, i % 1000 == 0 ? "error" : "note", i);
        assert_int_equal(evidence_feed(e, span_make(text, (size_t)n)).code, CS_OK);
    }
    assert_int_equal(evidence_feed(e, SPAN_LIT("]}]}")).code, CS_OK);
    assert_int_equal(evidence_end(e, &s).code, CS_OK);
    assert_int_equal(s->total, 100000);
    assert_int_equal(s->number[EVIDENCE_HIGH], 100);
    assert_int_equal(s->number[EVIDENCE_LOW], 99900);
    assert_int_equal(s->id_count, EVIDENCE_IDS_MAX);
    for (size_t i = 0; i < EVIDENCE_IDS_MAX; i++) {
        assert_int_equal(s->finding[i].severity, i < 100 ? EVIDENCE_IS_HIGH : EVIDENCE_IS_LOW);
    }
    assert_int_equal(s->row_count, EVIDENCE_ROWS_MAX);
    assert_string_equal(s->row[0].rule, "r0");
}

/* One more than may be: refused, not cut. */
static void too_many(void **state)
{
    const struct evidence_options o = {.format = EVIDENCE_SARIF};
    AUTO_EVIDENCE *e = NULL;
    struct cs_result r = CS_SUCCESS;
    unsigned n = 0;

    (void)state;
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    assert_int_equal(evidence_feed(e, SPAN_LIT("{\"version\":\"2.1.0\",\"runs\":[{\"results\":[{}")).code, CS_OK);
    for (n = 1; r.code == CS_OK && n <= EVIDENCE_FINDINGS_MAX; n++) {
        r = evidence_feed(e, SPAN_LIT(",{}"));
    }
    assert_int_equal(r.code, CS_E_FULL);
    assert_string_equal(r.msg, "evidence.findings");
    assert_int_equal(n, EVIDENCE_FINDINGS_MAX + 1);
}

/* As many rules of one id as there may be, and many results of it: a moment, not a minute for each megabyte. */
static void many_rules_of_one_id(void **state)
{
    const struct evidence_options o = {.format = EVIDENCE_SARIF};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    const clock_t start = clock();

    (void)state;
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    assert_int_equal(
        evidence_feed(e, SPAN_LIT("{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"rules\":[{\"id\":\"a\"}"))
            .code,
        CS_OK);
    for (unsigned i = 1; i < 65536; i++) {
        assert_int_equal(evidence_feed(e, SPAN_LIT(",{\"id\":\"a\"}")).code, CS_OK);
    }
    assert_int_equal(evidence_feed(e, SPAN_LIT("]}},\"results\":[{\"ruleId\":\"a\"}")).code, CS_OK);
    for (unsigned i = 1; i < 200000; i++) {
        assert_int_equal(evidence_feed(e, SPAN_LIT(",{\"ruleId\":\"a\"}")).code, CS_OK);
    }
    assert_int_equal(evidence_feed(e, SPAN_LIT("]}]}")).code, CS_OK);
    assert_int_equal(evidence_end(e, &s).code, CS_OK);
    assert_int_equal(s->number[EVIDENCE_MEDIUM], 200000);
    /* of CPU; to look at each rule for each result, 13 thousand million times, takes longer in any build */
    assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counting),
                                       cmocka_unit_test(naming),
                                       cmocka_unit_test(refusing),
                                       cmocka_unit_test(repeated),
                                       cmocka_unit_test(many),
                                       cmocka_unit_test(too_many),
                                       cmocka_unit_test(many_rules_of_one_id)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
