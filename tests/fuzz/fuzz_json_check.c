/* SPDX-License-Identifier: Apache-2.0 */
/* json_check and the lenient parser must agree: x is canonical exactly when the parser takes it and writes x again. */
#include "json/json_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = span_make(data, size);
    struct arena arena;
    arena_init(&arena, 1U << 24);
    AUTO_WRITER w = wr_heap(1U << 24);
    struct json_out o = json_out_make(&w);
    const struct json_value *top = NULL;
    bool same = false;

    const struct cs_result r = json_tree_parse(in, &arena, &top);
    if (r.code == CS_OK) {
        json_tree_write(top, &o, NULL);
        if (json_out_end(&o, "fuzz").code != CS_OK) {
            abort(); /* whatever was parsed can be written */
        }
        same = span_eq(wr_span(&w), in);
    }
    const bool canonical = json_check(in, "fuzz").code == CS_OK;
    if (r.code != CS_E_NOMEM && canonical != same) {
        abort();
    }
    arena_release(&arena);
    return 0;
}
