/* SPDX-License-Identifier: Apache-2.0 */
/* What every golden log's scenario does. */
#include "golden_life.h"

enum { STATE_BYTES = 64 << 20, ARENA_BYTES = 256 << 20 };

void golden_give_up(const char *what, struct verdict v)
{
    (void)fprintf(stderr, "golden: %s: %s (%s)\n", what, policy_reason_code(v.reason),
                  v.cause.msg != NULL ? v.cause.msg : "");
    abort();
}

void golden_begin(struct golden_life *g)
{
    memset(g, 0, sizeof(*g));
    arena_init(&g->arena, ARENA_BYTES);
    g->l = author_log_new(JUDGE_PROVE, STATE_BYTES);
    if (g->l == NULL) {
        golden_give_up("memory", VERDICT_DENY(REASON_NO_ROOM));
    }
}

void golden_release(struct golden_life *g)
{
    author_log_free(g->l);
    arena_release(&g->arena);
}

void golden_allow(const char *what, struct verdict v)
{
    if (!v.allow) {
        golden_give_up(what, v);
    }
}

void golden_must(const char *what, struct cs_result r)
{
    if (r.code != CS_OK) {
        golden_give_up(what, VERDICT_CAUSE(REASON_MALFORMED, r));
    }
}

void golden_refuse(struct golden_life *g, const char *name, enum policy_reason want, struct verdict v)
{
    if (v.allow || v.reason != want || g->wrong_count == GOLDEN_WRONG_MAX) {
        golden_give_up(name, v);
    }
    struct golden_wrong *w = &g->wrong[g->wrong_count++];
    *w = (struct golden_wrong){.name = name, .at = author_log_size(g->l), .reason = want};
    golden_must(name, arena_copy(&g->arena, author_log_last_leaf(g->l), &w->leaf));
}

void golden_keep(struct golden_life *g, const char *name, uint64_t request, enum finding_class want)
{
    if (g->receipt_count == GOLDEN_RECEIPTS_MAX) {
        golden_give_up(name, VERDICT_DENY(REASON_NO_ROOM));
    }
    g->receipt[g->receipt_count++] = (struct golden_receipt){.name = name, .request = request, .want = want};
}
