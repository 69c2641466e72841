/* SPDX-License-Identifier: Apache-2.0 */
/* What a process for cards reports: what is taken is what would be written. */
#include "token/token_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_WRITER w = wr_heap(TOKEN_REPORT_MAX);
    struct token_report r;
    struct arena a;
    struct cs_result written;

    arena_init(&a, 1 << 18);
    if (token_report_decode(span_make(data, size), &a, &r).code == CS_OK) {
        switch (r.kind) {
        case TOKEN_REPORT_STAGE:
            written = token_report_stage(r.stage, &w);
            break;
        case TOKEN_REPORT_DONE:
            must(r.outcome.code != TOKEN_OK || r.outcome.credential.left == SHA256_BYTES);
            written = token_report_done(&r.outcome, r.denied, r.channel, &w);
            break;
        case TOKEN_REPORT_READERS:
            written = token_report_readers(r.epoch, r.readers, r.reader_count, &w);
            break;
        case TOKEN_REPORT_NONE:
            abort();
        }
        must(written.code == CS_OK && span_eq(wr_span(&w), span_make(data, size)));
    }
    arena_release(&a);
    return 0;
}
