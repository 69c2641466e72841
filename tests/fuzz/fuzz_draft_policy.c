/* SPDX-License-Identifier: Apache-2.0 */
/* Any document as a policy: it is refused with a fault, or what is compiled is canonical and the core's decoder takes
 * it. */
#include "draft/draft_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void compiled(struct span text, struct arena *arena)
{
    struct policy_doc doc;
    if (json_check(text, "fuzz").code != CS_OK || model_policy_decode(text, arena, &doc).code != CS_OK) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    AUTO_WRITER w = wr_heap(1U << 20);
    arena_init(&arena, 1U << 26);
    struct draft *d = arena_alloc(&arena, sizeof(*d));
    const struct draft_node *top = NULL;

    if (d != NULL) {
        draft_init(d, &arena);
        if (draft_load(d, span_make(data, size), &top).code == CS_OK) {
            const struct cs_result r = draft_policy(d, top, NULL, &w);
            if (r.code == CS_OK) {
                compiled(wr_span(&w), &arena);
            } else if ((r.code == CS_E_REFUSED && draft_good(d)) || w.len != 0 ||
                       (r.code != CS_E_REFUSED && r.code != CS_E_NOMEM)) {
                abort();
            }
        }
    }
    arena_release(&arena);
    return 0;
}
