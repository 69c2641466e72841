/* SPDX-License-Identifier: Apache-2.0 */
/* A whole leaf with the body of its type, as every fold reads it. */
#include "model_again.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct entry_body body;
    struct arena arena;
    struct entry e;
    AUTO_WRITER w = wr_heap(1U << 20);

    arena_init(&arena, 1U << 22);
    if (model_entry_decode(span_make(data, size), &arena, &e).code == CS_OK &&
        model_body_decode(&e, &arena, &body).code == CS_OK) {
        const struct cs_result again = model_again((unsigned)e.type, e.body, &arena, &w);
        if (again.code != CS_OK || !span_eq(wr_span(&w), e.body)) {
            abort();
        }
    }
    arena_release(&arena);
    return 0;
}
