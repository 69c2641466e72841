/* SPDX-License-Identifier: Apache-2.0 */
/* A report of a gigabyte, read piece by piece in the memory of a small one. Requirement 3.1. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/resource.h>

#include "evidence/evidence.h"

enum { PIECE = 65536, GROWS_MOST_KB = 24 * 1024 };

/* A sanitizer reads more slowly, and keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static const uint64_t whole = SANITIZED ? (uint64_t)64 << 20 : (uint64_t)1 << 30;

static long largest_kb(void)
{
    struct rusage u;
    assert_int_equal(getrusage(RUSAGE_SELF, &u), 0);
    return u.ru_maxrss;
}

/* As many whole tests as fit: one in two has printed something. */
static size_t fill(char *piece, uint64_t *tests)
{
    static const char plain[] = "<testcase classname=\"a.b.C\" name=\"adds\" time=\"0.01\"/>";
    static const char loud[] = "<testcase name=\"prints\"><system-out>a line of a log that nobody reads, and one more, "
                               "and so on for a while</system-out></testcase>";
    size_t n = 0;

    *tests = 0;
    while (n + sizeof(plain) + sizeof(loud) < PIECE) {
        memcpy(piece + n, plain, sizeof(plain) - 1);
        n += sizeof(plain) - 1;
        memcpy(piece + n, loud, sizeof(loud) - 1);
        n += sizeof(loud) - 1;
        *tests += 2;
    }
    return n;
}

static void a_gigabyte_takes_no_more_memory(void **state)
{
    static char piece[PIECE];
    const struct evidence_options o = {.format = EVIDENCE_JUNIT};
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    uint64_t each = 0;
    uint64_t tests = 0;
    const size_t n = fill(piece, &each);
    long before = 0;

    (void)state;
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    assert_int_equal(evidence_feed(e, SPAN_LIT("<testsuite>")).code, CS_OK);
    for (uint64_t at = 0; at < whole; at += n) {
        assert_int_equal(evidence_feed(e, span_make(piece, n)).code, CS_OK);
        tests += each;
        before = before == 0 ? largest_kb() : before; /* after the first piece */
    }
    assert_int_equal(evidence_feed(e, SPAN_LIT("</testsuite>")).code, CS_OK);
    assert_int_equal(evidence_end(e, &s).code, CS_OK);
    assert_int_equal(s->number[EVIDENCE_PASSED], tests);
    assert_true(SANITIZED != 0 || largest_kb() - before < GROWS_MOST_KB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_gigabyte_takes_no_more_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
