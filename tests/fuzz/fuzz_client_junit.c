/* SPDX-License-Identifier: Apache-2.0 */
/* The answer about a report does not depend on the pieces in which it is read, and counts no more cases than fit. */
#include "client/client_junit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct cs_result count(struct span text, size_t part, struct junit_counts *ret_counts)
{
    struct junit *j = junit_new();
    struct cs_result r = CS_SUCCESS;

    if (j == NULL) {
        abort();
    }
    while (r.code == CS_OK && text.left > 0) {
        const size_t n = text.left < part ? text.left : part;
        r = junit_feed(j, span_make(text.p, n));
        text = span_from(text, n);
    }
    r = r.code == CS_OK ? junit_end(j, ret_counts) : r;
    junit_free(j);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct junit_counts whole = {0};
    struct junit_counts bytes = {0};

    if (size > 65536) {
        return 0;
    }
    const struct cs_result a = count(span_make(data, size), 65536, &whole);
    const struct cs_result b = count(span_make(data, size), 1, &bytes);
    if (a.code != b.code || memcmp(&whole, &bytes, sizeof(whole)) != 0) {
        abort();
    }
    /* "<testcase/>" in an ASCII spelling is 11 bytes, the shortest there is */
    if (a.code == CS_OK && (whole.passed + whole.failed + whole.skipped) * 11 > size) {
        abort();
    }
    return 0;
}
