/* SPDX-License-Identifier: Apache-2.0 */
/* Counting the test cases of a JUnit XML report, streamed by expat. Pure but for memory. */
#ifndef CLIENT_JUNIT_H
#define CLIENT_JUNIT_H

#include "base/base_span.h"

enum { JUNIT_DEPTH_MAX = 32 };

/* A case counts as failed with a <failure> or <error> in it, else as skipped with a <skipped> or status="notrun", else
 * as passed. */
struct junit_counts {
    uint64_t passed;
    uint64_t failed;
    uint64_t skipped;
};

struct junit;

struct junit *junit_new(void); /* NULL without memory */
void junit_free(struct junit *j);
/* The next bytes of the file. CS_E_SYNTAX: not well-formed XML, or one with a document type (which could blow up). */
CS_RESULT junit_feed(struct junit *j, struct span part);
/* After the last byte. CS_E_SYNTAX; CS_E_MISSING: no test case in it, so it proves nothing. */
CS_RESULT junit_end(struct junit *j, struct junit_counts *ret_counts);

/* Of a file. CS_E_MISSING "file", CS_E_IO, and those above. */
CS_RESULT junit_file(const char *path, struct junit_counts *ret_counts);

#endif
