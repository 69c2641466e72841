/* SPDX-License-Identifier: Apache-2.0 */
/* What decodes must encode to the very same bytes. */
#include "wire/wire_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_ARENA_BYTES = 1 << 20 };

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct wire_answer x = {0};
    AUTO_WRITER w = wr_heap(size + 1);

    arena_init(&arena, FUZZ_ARENA_BYTES);
    if (wire_answer_decode(span_make(data, size), &arena, &x).code == CS_OK) {
        must(wire_answer_encode(&x, &w).code == CS_OK);
        must(span_eq(wr_span(&w), span_make(data, size)));
    }
    arena_release(&arena);
    return 0;
}
