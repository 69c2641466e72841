/* SPDX-License-Identifier: Apache-2.0 */
/* CycloneDX vulnerabilities and Terraform plans, and that nothing of a plan is kept. */
#include "evidence_bed.h"

#define BOM(vulnerabilities)                                                                                           \
    "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"vulnerabilities\":[" vulnerabilities "]}"
#define FOUND(c, h, i, l, m, s, u)                                                                                     \
    "\"numbers\":{\"critical\":" #c ",\"high\":" #h ",\"info\":" #i ",\"low\":" #l ",\"medium\":" #m                   \
    ",\"suppressed\":" #s ",\"unrated\":" #u "}"
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const struct bed_row cyclonedx[] = {
    {"none", BOM(""), CS_OK, "{\"format\":\"cyclonedx\"," FOUND(0, 0, 0, 0, 0, 0, 0) ",\"total\":0}"},
    {"the worst rating, for each component",
     BOM("{\"affects\":[{\"ref\":\"p\"},{\"ref\":\"q\"}],\"ratings\":[{\"severity\":\"low\"},{\"severity\":"
         "\"critical\",\"score\":1},"
         "{\"severity\":\"info\"}],\"id\":\"CVE-1\"}"),
     CS_OK,
     "{\"findings\":{\"critical\":[\"a8699b4022afce9db4714a33dc77ccf2\",\"e71fe69d8d2741737af8a2350c6dcd07\"]},"
     "\"format\":\"cyclonedx\"," FOUND(
         2, 0, 0, 0, 0, 0,
         0) ",\"rows\":[{\"id\":\"a8699b4022afce9db4714a33dc77ccf2\",\"place\":\"p\",\"rule\":\"CVE-1\"},{\"id\":"
            "\"e71fe69d8d2741737af8a2350c6dcd07\",\"place\":\"q\",\"rule\":\"CVE-1\"}],\"total\":2}"},
    {"by the score", BOM("{\"id\":\"a\",\"ratings\":[{\"score\":7.0},{\"severity\":\"unknown\",\"score\":6.9}]}"),
     CS_OK,
     "{\"findings\":{\"high\":[\"cf0d0253538a5f4440baae43feeae90d\"]},\"format\":\"cyclonedx\"," FOUND(
         0, 1, 0, 0, 0, 0,
         0) ",\"rows\":[{\"id\":\"cf0d0253538a5f4440baae43feeae90d\",\"place\":\"\",\"rule\":\"a\"}],\"total\":1}"},
    {"of word and score the worse", BOM("{\"id\":\"a\",\"ratings\":[{\"score\":9.8,\"severity\":\"none\"}]}"), CS_OK,
     "{\"findings\":{\"critical\":[\"cf0d0253538a5f4440baae43feeae90d\"]},\"format\":\"cyclonedx\"," FOUND(
         1, 0, 0, 0, 0, 0,
         0) ",\"rows\":[{\"id\":\"cf0d0253538a5f4440baae43feeae90d\",\"place\":\"\",\"rule\":\"a\"}],\"total\":1}"},
    {"a score of nothing alone says nothing",
     BOM("{\"id\":\"a\",\"ratings\":[{\"score\":0.0,\"severity\":\"unknown\"}]}"), CS_OK,
     "{\"findings\":{\"high\":[\"cf0d0253538a5f4440baae43feeae90d\"]},\"format\":\"cyclonedx\"," FOUND(
         0, 1, 0, 0, 0, 0,
         1) ",\"rows\":[{\"id\":\"cf0d0253538a5f4440baae43feeae90d\",\"place\":\"\",\"rule\":\"a\"}],\"total\":1}"},
    {"1970 is a time",
     "{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"timestamp\":\"1970-01-01T00:00:00Z\"},\"vulnerabilities\":[]}",
     CS_OK,
     "{\"format\":\"cyclonedx\"," FOUND(0, 0, 0, 0, 0, 0, 0) ",\"produced\":\"1970-01-01T00:00:00.000Z\",\"total\":0}"},
    {"unrated is high", BOM("{\"id\":\"a\",\"ratings\":[{\"severity\":\"unknown\"}]}"), CS_OK,
     "{\"findings\":{\"high\":[\"cf0d0253538a5f4440baae43feeae90d\"]},\"format\":\"cyclonedx\"," FOUND(
         0, 1, 0, 0, 0, 0,
         1) ",\"rows\":[{\"id\":\"cf0d0253538a5f4440baae43feeae90d\",\"place\":\"\",\"rule\":\"a\"}],\"total\":1}"},
    {"what the file itself lets pass counts",
     BOM("{\"id\":\"a\",\"analysis\":{\"state\":\"not_affected\"},\"ratings\":[{\"severity\":\"none\"}]}"), CS_OK,
     "{\"findings\":{\"info\":[\"cf0d0253538a5f4440baae43feeae90d\"]},\"format\":\"cyclonedx\"," FOUND(
         0, 0, 1, 0, 0, 1,
         0) ",\"rows\":[{\"id\":\"cf0d0253538a5f4440baae43feeae90d\",\"place\":\"\",\"rule\":\"a\"}],\"total\":1}"},
    {"the artifacts that it is about",
     "{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"timestamp\":\"2026-11-26T18:00:00.5+00:00\",\"component\":{"
     "\"version\":\"sha256:" B64 "\",\"hashes\":[{\"alg\":\"SHA-1\",\"content\":\"00\"},{\"content\":\"AAAAAAAA"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "\",\"alg\":\"SHA-256\"}]}},\"vulnerabilities\":[]}",
     CS_OK,
     "{\"artifacts\":[\"" A64 "\",\"" B64 "\"],\"format\":\"cyclonedx\"," FOUND(
         0, 0, 0, 0, 0, 0, 0) ",\"produced\":\"2026-11-26T18:00:00.500Z\",\"total\":0}"},
    {"a hash that is none",
     "{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"component\":{\"hashes\":[{\"alg\":\"SHA-256\",\"content\":\"00\"}]}}"
     ",\"vulnerabilities\":[]}",
     CS_E_SYNTAX, "cyclonedx.hashes"},
    {"a hash without content",
     "{\"bomFormat\":\"CycloneDX\",\"metadata\":{\"component\":{\"hashes\":[{\"alg\":\"SHA-256\"}]}},"
     "\"vulnerabilities\":[]}",
     CS_E_SYNTAX, "cyclonedx.hashes"},
    {"no list", "{\"bomFormat\":\"CycloneDX\",\"components\":[]}", CS_E_MISSING, "cyclonedx.vulnerabilities"},
    {"another format", "{\"bomFormat\":\"SPDX\",\"vulnerabilities\":[]}", CS_E_UNKNOWN, "cyclonedx.bom_format"},
    {"no format", "{\"vulnerabilities\":[]}", CS_E_MISSING, "cyclonedx.vulnerabilities"},
    {"no id", BOM("{\"ratings\":[]}"), CS_E_MISSING, "cyclonedx.id"},
    {"an empty id", BOM("{\"id\":\"\"}"), CS_E_RANGE, "cyclonedx.id"},
    {"a severity that is none", BOM("{\"id\":\"a\",\"ratings\":[{\"severity\":\"bad\"}]}"), CS_E_UNKNOWN,
     "cyclonedx.severity"},
    {"a score below nothing", BOM("{\"id\":\"a\",\"ratings\":[{\"score\":-1}]}"), CS_E_RANGE, "cyclonedx.score"},
    {"a score that is no number", BOM("{\"id\":\"a\",\"ratings\":[{\"score\":NaN}]}"), CS_E_SYNTAX, "cyclonedx"},
    {"a score without end", BOM("{\"id\":\"a\",\"ratings\":[{\"score\":1e400}]}"), CS_E_RANGE, "cyclonedx.score"},
    {"the list twice", "{\"bomFormat\":\"CycloneDX\",\"vulnerabilities\":[{\"id\":\"a\"}],\"vulnerabilities\":[]}",
     CS_E_DUPLICATE, "cyclonedx"},
};

static void cyclonedx_rows(void **state)
{
    (void)state;
    BED_ROWS(EVIDENCE_CYCLONEDX, cyclonedx);
}

/* A vulnerability for which nobody has room: its components are counted one by one up to a limit. */
static void components_without_end(void **state)
{
    const struct evidence_options o = {.format = EVIDENCE_CYCLONEDX};
    AUTO_EVIDENCE *e = NULL;
    static char item[1100];
    const int n = snprintf(item, sizeof(item), "{\"ref\":\"%01000d\"},", 7);

    (void)state;
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    struct cs_result r = evidence_feed(e, SPAN_LIT("{\"bomFormat\":\"CycloneDX\",\"vulnerabilities\":[{\"affects\":["));
    for (unsigned i = 0; r.code == CS_OK && i < 2000; i++) {
        r = evidence_feed(e, span_make(item, (size_t)n));
    }
    assert_int_equal(r.code, CS_E_FULL);
    assert_string_equal(r.msg, "cyclonedx.affects");
}

#define CHANGE(actions)                                                                                                \
    "{\"address\":\"SECRET\",\"change\":{\"before\":{\"p\":\"SECRET\"},\"actions\":[" actions                          \
    "],\"after\":[\"SECRET\"]}}"
#define PLAN(changes, drift)                                                                                           \
    "{\"format_version\":\"1.2\",\"terraform_version\":\"1.9.0\",\"planned_values\":{\"outputs\":{\"x\":\"SECRET\"}}," \
    "\"resource_changes\":[" changes "],\"resource_drift\":[" drift "],\"timestamp\":\"2026-11-26T18:00:00Z\"}"
#define PLANNED(c, d, drift, f, r, u)                                                                                  \
    "{\"format\":\"plan\",\"numbers\":{\"create\":" #c ",\"delete\":" #d ",\"drift\":" #drift ",\"forget\":" #f        \
    ",\"replace\":" #r ",\"update\":" #u "},\"produced\":\"2026-11-26T18:00:00.000Z\",\"texts\":{\"tool\":\"1.9.0\"}," \
    "\"total\":0}"

static const struct bed_row plan[] = {
    {"no change", PLAN("", ""), CS_OK, PLANNED(0, 0, 0, 0, 0, 0)},
    {"one of each",
     PLAN(
         CHANGE("\"create\"") "," CHANGE("\"delete\"") "," CHANGE("\"update\"") "," CHANGE("\"forget\"") "," CHANGE(
             "\""
             "no"
             "-o"
             "p"
             "\"") "," CHANGE("\"read\"") "," CHANGE("\"create\",\"delete\"") "," CHANGE("\"delete\","
                                                                                         "\"create\"") "," CHANGE("\"cr"
                                                                                                                  "eate"
                                                                                                                  "\""
                                                                                                                  ",\"f"
                                                                                                                  "orge"
                                                                                                                  "t"
                                                                                                                  "\""),
         CHANGE("\"update\"") "," CHANGE("\"no-op\"") "," CHANGE("\"delete\"")),
     CS_OK, PLANNED(1, 1, 2, 1, 3, 1)},
    {"no resource at all", "{\"format_version\":\"1.2\",\"planned_values\":{}}", CS_OK,
     "{\"format\":\"plan\",\"numbers\":{\"create\":0,\"delete\":0,\"drift\":0,\"forget\":0,\"replace\":0,"
     "\"update\":0},"
     "\"total\":0}"},
    {"what was put off counts",
     "{\"format_version\":\"1.2\",\"planned_values\":{},\"deferred_changes\":[{\"reason\":\"x\",\"resource_"
     "change\":" CHANGE("\"delete\"") "}]}",
     CS_OK,
     "{\"format\":\"plan\",\"numbers\":{\"create\":0,\"delete\":1,\"drift\":0,\"forget\":0,\"replace\":0,\"update\":0},"
     "\"total\":0}"},
    {"a plan of a part", "{\"format_version\":\"1.2\",\"resource_changes\":[],\"complete\":false}", CS_E_REFUSED,
     "plan.complete"},
    {"a state", "{\"format_version\":\"1.0\",\"values\":{\"root_module\":{}}}", CS_E_MISSING, "plan"},
    {"no version", "{\"resource_changes\":[]}", CS_E_MISSING, "plan"},
    {"another version", "{\"format_version\":\"2.0\",\"resource_changes\":[]}", CS_E_UNKNOWN, "plan.format_version"},
    {"it failed", "{\"format_version\":\"1.2\",\"resource_changes\":[],\"errored\":true}", CS_E_REFUSED,
     "plan.errored"},
    {"an action that nobody knows", PLAN(CHANGE("\"destroy\""), ""), CS_E_UNKNOWN, "plan.actions"},
    {"actions that do not go together", PLAN(CHANGE("\"no-op\",\"delete\""), ""), CS_E_UNKNOWN, "plan.actions"},
    {"no action", PLAN(CHANGE(""), ""), CS_E_MISSING, "plan.actions"},
    {"no change in a change", PLAN("{}", ""), CS_E_MISSING, "plan.actions"},
    {"no action in a drift", PLAN("", "{\"change\":{}}"), CS_E_MISSING, "plan.actions"},
    {"actions of another type", PLAN("{\"change\":{\"actions\":\"create\"}}", ""), CS_E_TYPE, "plan"},
    {"the changes twice", "{\"format_version\":\"1.2\",\"resource_changes\":[],\"resource_changes\":[]}",
     CS_E_DUPLICATE, "plan"},
    {"the actions twice", PLAN("{\"change\":{\"actions\":[\"delete\"],\"actions\":[\"no-op\"]}}", ""), CS_E_DUPLICATE,
     "plan"},
};

static void plan_rows(void **state)
{
    static struct bed_answer a;
    const struct evidence_options o = {.format = EVIDENCE_PLAN};

    (void)state;
    BED_ROWS(EVIDENCE_PLAN, plan);
    for (size_t i = 0; i < sizeof(plan) / sizeof(plan[0]); i++) {
        bed_read(&o, span_str(plan[i].text), 3, &a);
        assert_null(strstr(a.json, "SECRET"));
    }
}

/* Not even in the bytes of the summary that are not written. */
static void plan_keeps_nothing(void **state)
{
    const struct evidence_options o = {.format = EVIDENCE_PLAN};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;

    (void)state;
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    assert_int_equal(evidence_feed(e, SPAN_LIT(PLAN(CHANGE("\"create\""), ""))).code, CS_OK);
    assert_int_equal(evidence_end(e, &s).code, CS_OK);
    assert_null(memmem(s, sizeof(*s), "SECRET", 6));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cyclonedx_rows), cmocka_unit_test(components_without_end),
                                       cmocka_unit_test(plan_rows), cmocka_unit_test(plan_keeps_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
