/* SPDX-License-Identifier: Apache-2.0 */
#include "client/client_junit.h"

#include <expat.h>
#include <fcntl.h>
#include <unistd.h>

enum { PART_BYTES = 65536 };

enum case_result { CASE_NONE, CASE_PASSED, CASE_SKIPPED, CASE_FAILED };

struct junit {
    XML_Parser parser;
    struct junit_counts counts;
    unsigned depth;
    enum case_result open; /* the case we are in */
    bool refused;
};

static void refuse(struct junit *j)
{
    j->refused = true;
    (void)XML_StopParser(j->parser, XML_FALSE);
}

static bool says(const XML_Char **attributes, const char *name, const char *value)
{
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        if (strcmp(attributes[i], name) == 0) {
            return strcmp(attributes[i + 1], value) == 0;
        }
    }
    return false;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct junit *j = user;

    if (++j->depth > JUNIT_DEPTH_MAX) {
        refuse(j);
        return;
    }
    if (strcmp(name, "testcase") == 0) {
        if (j->open != CASE_NONE) {
            refuse(j); /* a case in a case is no JUnit */
            return;
        }
        /* ctest marks what it did not run by a status */
        j->open =
            says(attributes, "status", "notrun") || says(attributes, "status", "disabled") ? CASE_SKIPPED : CASE_PASSED;
    } else if (j->open != CASE_NONE && (strcmp(name, "failure") == 0 || strcmp(name, "error") == 0)) {
        j->open = CASE_FAILED;
    } else if (j->open == CASE_PASSED && strcmp(name, "skipped") == 0) {
        j->open = CASE_SKIPPED;
    }
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct junit *j = user;

    j->depth--;
    if (strcmp(name, "testcase") == 0) {
        j->counts.passed += j->open == CASE_PASSED ? 1U : 0U;
        j->counts.failed += j->open == CASE_FAILED ? 1U : 0U;
        j->counts.skipped += j->open == CASE_SKIPPED ? 1U : 0U;
        j->open = CASE_NONE;
    }
}

/* Entities come only with a document type. */
static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *sysid, const XML_Char *pubid,
                               int has_internal)
{
    (void)name;
    (void)sysid;
    (void)pubid;
    (void)has_internal;
    refuse(user);
}

struct junit *junit_new(void)
{
    struct junit *j = calloc(1, sizeof(*j));
    if (j == NULL) {
        return NULL;
    }
    j->parser = XML_ParserCreate(NULL);
    if (j->parser == NULL) {
        free(j);
        return NULL;
    }
    XML_SetUserData(j->parser, j);
    XML_SetElementHandler(j->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(j->parser, on_doctype);
    return j;
}

void junit_free(struct junit *j)
{
    if (j != NULL) {
        XML_ParserFree(j->parser);
        free(j);
    }
}

CS_RESULT junit_feed(struct junit *j, struct span part)
{
    ENSURE(part.left <= PART_BYTES, CS_E_RANGE, "junit");
    const enum XML_Status s = XML_Parse(j->parser, part.left > 0 ? (const char *)part.p : "", (int)part.left, 0);
    ENSURE(s == XML_STATUS_OK && !j->refused, CS_E_SYNTAX, "junit");
    return CS_SUCCESS;
}

CS_RESULT junit_end(struct junit *j, struct junit_counts *ret_counts)
{
    ENSURE(XML_Parse(j->parser, "", 0, 1) == XML_STATUS_OK && !j->refused, CS_E_SYNTAX, "junit");
    ENSURE(j->counts.passed + j->counts.failed + j->counts.skipped > 0, CS_E_MISSING, "junit.testcase");
    *ret_counts = j->counts;
    return CS_SUCCESS;
}

static CS_RESULT feed_file(int fd, struct junit *j, struct junit_counts *ret_counts)
{
    uint8_t *part = malloc(PART_BYTES);
    ENSURE(part != NULL, CS_E_NOMEM, "junit");
    struct cs_result r = CS_SUCCESS;
    ssize_t n = 0;

    while (r.code == CS_OK && (n = read(fd, part, PART_BYTES)) > 0) {
        r = junit_feed(j, span_make(part, (size_t)n));
    }
    free(part);
    TRY(r);
    ENSURE(n == 0, CS_E_IO, "file");
    return junit_end(j, ret_counts);
}

CS_RESULT junit_file(const char *path, struct junit_counts *ret_counts)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ENSURE(fd >= 0, CS_E_MISSING, "file");
    struct junit *j = junit_new();
    const struct cs_result r = j != NULL ? feed_file(fd, j, ret_counts) : CS_FAIL(CS_E_NOMEM, "junit");
    junit_free(j);
    (void)close(fd);
    return r;
}
