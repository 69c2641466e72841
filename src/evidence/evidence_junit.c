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
    uint64_t failures;                   /* elements that say so: a case may have several */
    struct writer name;                  /* classname NUL name NUL of the open case */
    uint64_t claimed[XML_DEPTH_MAX + 1]; /* failures and errors of the suite at this depth */
    uint64_t before[XML_DEPTH_MAX + 1];  /* failures when it began */
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
    /* many write a local time without saying where: that is no time */
    if (evidence_time(xml_attribute(attributes, "timestamp"), &ms, "junit").code == CS_OK) {
        evidence_produced(e, ms);
    }
    return CS_SUCCESS;
}

static CS_RESULT open_case(struct evidence *e, unsigned depth, const char **attributes)
{
    struct junit *j = junit_of(e);
    const struct span status = xml_attribute(attributes, "status");

    if (j->open != CASE_NONE) {
        return evidence_fail(e, CS_E_SYNTAX, "junit.testcase", "A testcase may not stand in another.");
    }
    /* ctest marks what it did not run by a status */
    j->open = span_is(status, "notrun") || span_is(status, "disabled") ? CASE_SKIPPED : CASE_PASSED;
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
    const struct span class_name = span_str((const char *)j->name.p);
    return failed_case(e, class_name, span_str((const char *)j->name.p + class_name.left + 1));
}

static struct cs_result on_close(struct evidence *e, unsigned depth, const char *name)
{
    const struct junit *j = junit_of(e);

    if (strcmp(name, "testcase") == 0) {
        return close_case(e);
    }
    if (is_suite(name) && j->claimed[depth] > j->failures - j->before[depth]) {
        return evidence_fail(e, CS_E_REFUSED, "junit.testsuite",
                             "A suite says that more of it failed than its test cases show: send the whole report.");
    }
    return CS_SUCCESS;
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
