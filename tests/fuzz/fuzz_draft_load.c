/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a document: a tree or faults, what is in the tree lies within its maxima, and as JSON it is canonical.
 */
#include "draft/draft_json.h"
#include "json/json_in.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every node once, without recursion: by its number in a list that grows while it is walked. */
static void walk(const struct draft_node *top)
{
    static const struct draft_node *seen[DRAFT_NODES_MAX + 1];
    size_t n = 0;

    seen[n++] = top;
    for (size_t i = 0; i < n; i++) {
        size_t count = 0;
        for (const struct draft_node *m = seen[i]->child; m != NULL; m = m->next) {
            if ((m->key != NULL) != (seen[i]->kind == DRAFT_MAP) || n > DRAFT_NODES_MAX || m->at.line == 0) {
                abort();
            }
            seen[n++] = m;
            count++;
        }
        if (count != seen[i]->count || count > DRAFT_ITEMS_MAX) {
            abort();
        }
    }
}

static void as_json(struct draft *d, const struct draft_node *top)
{
    AUTO_WRITER w = wr_heap(1U << 24);
    const struct cs_result r = draft_json(d, top, &w);

    if (r.code == CS_OK && json_check(wr_span(&w), "fuzz").code != CS_OK) {
        abort();
    }
    if (r.code == CS_E_REFUSED && draft_good(d)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, 1U << 26);
    struct draft *d = arena_alloc(&arena, sizeof(*d));
    const struct draft_node *top = NULL;

    if (d != NULL) {
        draft_init(d, &arena);
        const struct cs_result r = draft_load(d, span_make(data, size), &top);
        if ((r.code == CS_OK && top == NULL && draft_good(d)) || (r.code != CS_OK && r.code != CS_E_NOMEM)) {
            abort();
        }
        if (top != NULL) {
            walk(top);
            as_json(d, top);
        }
    }
    arena_release(&arena);
    return 0;
}
