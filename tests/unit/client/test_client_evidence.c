/* SPDX-License-Identifier: Apache-2.0 */
/* A file on disk as evidence: what is read of it, and that what cannot be read is told from what is no report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <unistd.h>

#include "client/client_evidence.h"

static struct cs_result read_junit(const char *path, uint64_t *ret_passed, uint64_t *ret_failed, uint64_t *ret_bytes)
{
    const struct evidence_options options = {.format = EVIDENCE_JUNIT};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;

    assert_int_equal(evidence_begin(&options, &e).code, CS_OK);
    const struct cs_result r = client_evidence(e, path, &s);
    assert_int_equal(s != NULL, r.code == CS_OK);
    if (s != NULL) {
        *ret_passed = s->number[EVIDENCE_PASSED];
        *ret_failed = s->number[EVIDENCE_FAILED];
        *ret_bytes = s->bytes;
    }
    return r;
}

static void files(void **state)
{
    char path[] = "/tmp/test-client-evidence-XXXXXX";
    const char text[] = "<t><testcase/><testcase><failure/></testcase></t>";
    uint64_t passed = 0;
    uint64_t failed = 0;
    uint64_t bytes = 0;
    const int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
    assert_int_equal(close(fd), 0);
    assert_int_equal(read_junit(path, &passed, &failed, &bytes).code, CS_OK);
    assert_int_equal(passed, 1);
    assert_int_equal(failed, 1);
    assert_int_equal(bytes, sizeof(text) - 1);
    assert_int_equal(truncate(path, 20), 0);
    assert_int_equal(read_junit(path, &passed, &failed, &bytes).code, CS_E_SHORT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(read_junit(path, &passed, &failed, &bytes).code, CS_E_MISSING);
    assert_int_equal(read_junit("/", &passed, &failed, &bytes).code, CS_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
