/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a decoder (entry, body of a type, statement, policy …), the rest is its text. What it accepts
 * must be written again byte for byte. */
#include "model_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    AUTO_WRITER w = wr_heap(1U << 20);

    if (size == 0) {
        return 0;
    }
    const struct span text = span_make(data + 1, size - 1);
    arena_init(&arena, 1U << 22);
    const struct cs_result r = model_again(data[0] - (unsigned)'A', text, &arena, &w);
    if (r.code == CS_E_STATE || (r.code == CS_OK && !span_eq(wr_span(&w), text))) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
