/* SPDX-License-Identifier: Apache-2.0 */
#include "judge/judge_recent.h"

enum { SLOT_BYTES_MAX = 16 * 1024 * 1024 };

/* A request is one index and, as long as it is open, one leaf: what was decoded from that leaf stays right. */
struct judge_recent {
    struct slot {
        const uint8_t *leaf; /* NULL: empty */
        uint64_t index;
        struct arena arena;
        struct state_loaded loaded;
    } slot[JUDGE_RECENT_SLOTS];
};

struct judge_recent *judge_recent_new(void)
{
    struct judge_recent *recent = calloc(1, sizeof(*recent));

    for (size_t i = 0; recent != NULL && i < JUDGE_RECENT_SLOTS; i++) {
        arena_init(&recent->slot[i].arena, SLOT_BYTES_MAX);
    }
    return recent;
}

void judge_recent_free(struct judge_recent *recent)
{
    for (size_t i = 0; recent != NULL && i < JUDGE_RECENT_SLOTS; i++) {
        arena_release(&recent->slot[i].arena);
    }
    free(recent);
}

CS_RESULT judge_recent_load(struct judge_recent *recent, const struct state_request *q,
                            const struct state_loaded **ret_loaded)
{
    struct slot *s = &recent->slot[q->index % JUDGE_RECENT_SLOTS];

    ENSURE(q->open != NULL, CS_E_STATE, "request");
    if (s->leaf != q->open->leaf.p || s->index != q->index) {
        s->leaf = NULL;
        arena_reset(&s->arena);
        TRY(state_load(q, &s->arena, &s->loaded));
        s->leaf = q->open->leaf.p;
        s->index = q->index;
    }
    *ret_loaded = &s->loaded;
    return CS_SUCCESS;
}
