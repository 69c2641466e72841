/* SPDX-License-Identifier: Apache-2.0 */
/* JUnit XML. docs/formats/evidence-files.md. */
#include "evidence/evidence_xml.h"

enum case_result { CASE_NONE, CASE_PASSED, CASE_SKIPPED, CASE_FAILED };

struct junit {
    struct xml xml; /* first */
    enum case_result open;
    unsigned case_depth;
    uint64_t passed;
    uint64_t skipped;
    uint64_t failed;
    uint64_t failures;                   /* elements that say so: a case may have several; or its status does */
    bool told;                           /* an element of the open case said so */
    struct writer name;                  /* classname NUL name NUL of the open case */
    uint64_t claimed[XML_DEPTH_MAX + 1]; /* failures and errors of the suite at this depth */
    uint64_t before[XML_DEPTH_MAX + 1];  /* failures when it began */
    uint64_t tests[XML_DEPTH_MAX + 1];   /* cases that it claims */
    uint64_t cases[XML_DEPTH_MAX + 1];   /* cases when it began */
};

static struct junit *junit_of(struct evidence *e)
{
    return (struct junit *)(void *)e->own;
}

static bool is_suite(const char *name)
{
    return strcmp(name, "testsuite") == 0 || strcmp(name, "testsuites") == 0;
}

static bool is_failure(const char *name)
{
    return strcmp(name, "failure") == 0 || strcmp(name, "error") == 0;
}

static uint64_t cases_of(const struct junit *j)
{
    return j->passed + j->skipped + j->failed;
}

/* Some say by a word what became of a case. One that is not known here did not pass. */
static enum case_result result_of(struct span word)
{
    static const struct {
        const char *word;
        enum case_result result;
    } words[] = {{"", CASE_PASSED},          {"run", CASE_PASSED},      {"completed", CASE_PASSED},
                 {"passed", CASE_PASSED},    {"success", CASE_PASSED},  {"notrun", CASE_SKIPPED},
                 {"disabled", CASE_SKIPPED}, {"skipped", CASE_SKIPPED}, {"suppressed", CASE_SKIPPED}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (span_is(word, words[i].word)) {
            return words[i].result;
        }
    }
    return CASE_FAILED;
}

/* What cannot be read as a number claims nothing: the cases count. */
static uint64_t claim(const char **attributes, const char *name)
{
    uint64_t v = 0;
    const struct cs_result r = evidence_natural(xml_attribute(attributes, name), &v, "junit");

    return r.code == CS_OK ? v : 0;
}

static CS_RESULT open_suite(struct evidence *e, unsigned depth, const char **attributes)
{
    struct junit *j = junit_of(e);
    uint64_t ms = 0;

    j->claimed[depth] = claim(attributes, "failures") + claim(attributes, "errors");
    j->before[depth] = j->failures;
    j->tests[depth] = claim(attributes, "tests");
    j->cases[depth] = cases_of(j);
    /* many write a local time without saying where: that is no time */
    if (evidence_time(xml_attribute(attributes, "timestamp"), &ms, "junit").code == CS_OK) {
        evidence_produced(e, ms);
    }
    return CS_SUCCESS;
}

static CS_RESULT open_case(struct evidence *e, unsigned depth, const char **attributes)
{
    struct junit *j = junit_of(e);
    const enum case_result status = result_of(xml_attribute(attributes, "status"));
    const enum case_result result = result_of(xml_attribute(attributes, "result"));

    if (j->open != CASE_NONE) {
        return evidence_fail(e, CS_E_SYNTAX, "junit.testcase", "A testcase may not stand in another.");
    }
    j->open = status > result ? status : result;
    j->told = false;
    j->case_depth = depth;
    j->name.len = 0;
    wr_bytes(&j->name, xml_attribute(attributes, "classname"));
    wr_u8(&j->name, 0);
    wr_bytes(&j->name, xml_attribute(attributes, "name"));
    wr_u8(&j->name, 0);
    return wr_end(&j->name, "junit.testcase").code == CS_OK ? CS_SUCCESS
                                                            : evidence_fail(e, CS_E_NOMEM, "junit.testcase", NULL);
}

static CS_RESULT failed_case(struct evidence *e, struct span class_name, struct span name)
{
    const struct span parts[2] = {class_name, name};
    uint8_t id[EVIDENCE_ID_BYTES];
    struct evidence_pending *f = NULL;

    evidence_id(e, parts, 2, id);
    TRY(evidence_found(e, id, class_name, name, &f));
    f->severity = EVIDENCE_FAILS;
    junit_of(e)->failed++;
    return CS_SUCCESS;
}

static struct cs_result on_open(struct evidence *e, unsigned depth, const char *name, const char **attributes)
{
    struct junit *j = junit_of(e);

    if (strcmp(name, "testcase") == 0) {
        return open_case(e, depth, attributes);
    }
    if (is_suite(name)) {
        return open_suite(e, depth, attributes);
    }
    if (is_failure(name)) {
        j->failures++;
        if (j->open == CASE_NONE) { /* a suite that failed as a whole */
            return failed_case(e, SPAN_LIT("suite"), xml_attribute(attributes, "message"));
        }
        j->open = CASE_FAILED;
        j->told = true;
    } else if (j->open == CASE_PASSED && strcmp(name, "skipped") == 0) {
        j->open = CASE_SKIPPED;
    }
    return CS_SUCCESS;
}

static CS_RESULT close_case(struct evidence *e)
{
    struct junit *j = junit_of(e);
    const enum case_result was = j->open;

    j->open = CASE_NONE;
    j->passed += was == CASE_PASSED ? 1U : 0U;
    j->skipped += was == CASE_SKIPPED ? 1U : 0U;
    if (was != CASE_FAILED) {
        return CS_SUCCESS;
    }
    j->failures += j->told ? 0U : 1U;
    const struct span class_name = span_str((const char *)j->name.p);
    return failed_case(e, class_name, span_str((const char *)j->name.p + class_name.left + 1));
}

/* What a suite claims is not believed; but one that claims more than it shows did not come to its end. */
static CS_RESULT close_suite(struct evidence *e, unsigned depth)
{
    const struct junit *j = junit_of(e);

    if (j->claimed[depth] > j->failures - j->before[depth]) {
        return evidence_fail(e, CS_E_REFUSED, "junit.testsuite",
                             "A suite says that more of it failed than its test cases show: send the whole report.");
    }
    if (j->tests[depth] > cases_of(j) - j->cases[depth]) {
        return evidence_fail(e, CS_E_REFUSED, "junit.testsuite",
                             "A suite says that it has more test cases than it shows: send the whole report.");
    }
    return CS_SUCCESS;
}

static struct cs_result on_close(struct evidence *e, unsigned depth, const char *name)
{
    if (strcmp(name, "testcase") == 0) {
        return close_case(e);
    }
    return is_suite(name) ? close_suite(e, depth) : CS_SUCCESS;
}

static struct cs_result begin(struct evidence *e)
{
    static const struct xml_plan plan = {.what = "junit", .doctype = false, .open = on_open, .close = on_close};

    junit_of(e)->name = wr_heap((size_t)2 * XML_TAG_BYTES_MAX + XML_PART_BYTES);
    return xml_begin(e, &plan);
}

static struct cs_result end(struct evidence *e)
{
    const struct junit *j = junit_of(e);

    TRY(xml_end(e));
    if (j->passed + j->failed + j->skipped == 0) {
        return evidence_fail(e, CS_E_MISSING, "junit.testcase", "The report has no test case, so it shows nothing.");
    }
    evidence_set(e, EVIDENCE_FAILED, 0); /* the findings are counted after this */
    evidence_set(e, EVIDENCE_PASS_PPM, evidence_ppm(j->passed, j->passed + j->failed));
    evidence_set(e, EVIDENCE_PASSED, j->passed);
    evidence_set(e, EVIDENCE_SKIPPED, j->skipped);
    return CS_SUCCESS;
}

static void release(struct evidence *e)
{
    wr_release(&junit_of(e)->name);
    xml_release(e);
}

const struct evidence_reader evidence_junit = {.own_bytes = sizeof(struct junit),
                                               .begin = begin,
                                               .feed = xml_feed,
                                               .end = end,
                                               .release = release,
                                               .line = xml_line};
