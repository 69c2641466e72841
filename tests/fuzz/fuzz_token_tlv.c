/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as a data object is what would be written: one form for each. */
#include "token/token_tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    struct span found;

    while (r.rest.left > 0) {
        const struct span before = r.rest;
        AUTO_WRITER w = wr_heap(70000);
        uint32_t tag = 0;
        struct span value;
        if (token_tlv_next(&r, &tag, &value, "fuzz").code != CS_OK) {
            must(r.rest.left == before.left);
            break;
        }
        token_tlv_head(&w, tag, value.left);
        wr_bytes(&w, value);
        must(wr_end(&w, "fuzz").code == CS_OK);
        must(span_eq(wr_span(&w), span_make(before.p, before.left - r.rest.left)));
    }
    if (token_tlv_only(span_make(data, size), 0x53, &found, "fuzz").code == CS_OK) {
        must(found.left < size && token_tlv_find(span_make(data, size), 0x53, &found, "fuzz").code == CS_OK);
    }
    return 0;
}
