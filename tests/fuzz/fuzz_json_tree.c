/* SPDX-License-Identifier: Apache-2.0 */
/* What the parser took is written canonically, and parsing that again changes nothing. */
#include "json/json_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool rewrite(struct span in, struct writer *w)
{
    struct arena arena;
    arena_init(&arena, 1U << 24);
    const struct json_value *top = NULL;
    struct json_out o = json_out_make(w);

    const bool ok = json_tree_parse(in, &arena, &top).code == CS_OK;
    if (ok) {
        json_tree_write(top, &o, NULL);
        if (json_out_end(&o, "fuzz").code != CS_OK) {
            abort();
        }
    }
    arena_release(&arena);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO_WRITER once = wr_heap(1U << 24);
    AUTO_WRITER twice = wr_heap(1U << 24);

    if (!rewrite(span_make(data, size), &once)) {
        return 0;
    }
    if (json_check(wr_span(&once), "fuzz").code != CS_OK) {
        abort();
    }
    if (!rewrite(wr_span(&once), &twice) || !span_eq(wr_span(&once), wr_span(&twice))) {
        abort();
    }
    return 0;
}
