/* SPDX-License-Identifier: Apache-2.0 */
/* A tlog proof that is read is written back the same. */
#include "base/base_text.h"
#include "note/note_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = span_make(data, size);
    struct note_proof p;
    AUTO_WRITER extra = wr_heap(1U << 20);
    AUTO_WRITER w = wr_heap(1U << 20);

    if (note_proof_decode(in, &p).code != CS_OK) {
        return 0;
    }
    if (text_base64_decode(p.extra, &extra, "extra").code != CS_OK ||
        note_proof_write(&w, wr_span(&extra), p.index, &p.proof, p.checkpoint).code != CS_OK ||
        !span_eq(wr_span(&w), in)) {
        abort();
    }
    return 0;
}
