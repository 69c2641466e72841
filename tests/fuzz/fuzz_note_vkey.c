/* SPDX-License-Identifier: Apache-2.0 */
/* A verifier key that is read is written back the same. */
#include "note/note_vkey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = span_make(data, size);
    struct note_key k;
    uint8_t buf[NOTE_VKEY_MAX];
    struct writer w = wr_fixed(buf, sizeof(buf));

    if (note_vkey_decode(in, &k).code != CS_OK) {
        return 0;
    }
    note_vkey_write(&w, &k);
    if (!span_eq(wr_span(&w), in)) {
        abort();
    }
    return 0;
}
