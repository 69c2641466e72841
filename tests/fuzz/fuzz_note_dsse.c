/* SPDX-License-Identifier: Apache-2.0 */
/* An envelope that is read keeps its type and payload when we write them again. */
#include "note/note_dsse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct note_dsse *e)
{
    AUTO_WRITER w = wr_heap((size_t)4 << 20);
    struct arena arena;
    struct note_dsse twice;

    if (note_dsse_write(e->type, e->payload, SPAN_NONE, e->signature[0].sig, &w).code != CS_OK) {
        return; /* a type that we would not write */
    }
    arena_init(&arena, (size_t)64 << 20);
    if (note_dsse_decode(wr_span(&w), &arena, &twice).code != CS_OK || !span_eq(twice.type, e->type) ||
        !span_eq(twice.payload, e->payload) || !span_eq(twice.signature[0].sig, e->signature[0].sig)) {
        abort();
    }
    arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct note_dsse e;

    arena_init(&arena, (size_t)64 << 20);
    if (size < 100000 && note_dsse_decode(span_make(data, size), &arena, &e).code == CS_OK) {
        again(&e);
    }
    arena_release(&arena);
    return 0;
}
