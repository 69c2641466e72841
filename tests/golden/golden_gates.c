/* SPDX-License-Identifier: Apache-2.0 */
/* A log whose environments come after each other. */
#include "golden_life.h"
#include "support/author_gates.h"

enum { STATE_BYTES = 64 << 20, HOUR_MS = 3600000 };

static void allow(const char *what, struct verdict v)
{
    if (!v.allow) {
        (void)fprintf(stderr, "golden: %s: %s\n", what, policy_reason_code(v.reason));
        abort();
    }
}

/* Keeps the leaf that was just refused. */
static void refuse(struct golden_life *g, const char *name, enum policy_reason want, struct verdict v)
{
    if (v.allow || v.reason != want || g->wrong_count == GOLDEN_WRONG_MAX) {
        allow(name, VERDICT_DENY(v.reason));
    }
    struct golden_wrong *w = &g->wrong[g->wrong_count++];
    *w = (struct golden_wrong){.name = name, .at = author_log_size(g->l), .reason = want};
    if (arena_copy(&g->arena, author_log_last_leaf(g->l), &w->leaf).code != CS_OK) {
        abort();
    }
}

static void keep_receipt(struct golden_life *g, const char *name, uint64_t request, enum finding_class want)
{
    g->receipt[g->receipt_count++] = (struct golden_receipt){.name = name, .request = request, .want = want};
}

/* Through all three, as it should be. */
static void promoted(struct golden_life *g)
{
    (void)gates_run(g->l, "test", "Release 1", STATUS_SUCCEEDED);
    const uint64_t q = gates_open(g->l, "production", "Release 1");
    refuse(g, "nothing_in_staging", REASON_NOT_PROMOTED, gates_sign(g->l, q));
    (void)gates_run(g->l, "staging", "Release 1", STATUS_SUCCEEDED);
    refuse(g, "too_early", REASON_SOAKING, gates_sign(g->l, q));
    author_log_advance(g->l, HOUR_MS);
    refuse(g, "another_digest", REASON_NOT_PROMOTED, gates_sign(g->l, gates_open(g->l, "production", "Release 2")));
    gates_use(g->l, q);
    gates_end(g->l, q, STATUS_SUCCEEDED);
    keep_receipt(g, "promoted", q, FINDING_HOLDS);
}

/* Approved, and then it fails in the stage before, and is put right. */
static void failed_since(struct golden_life *g)
{
    (void)gates_run(g->l, "test", "Release 2", STATUS_SUCCEEDED);
    (void)gates_run(g->l, "staging", "Release 2", STATUS_SUCCEEDED);
    author_log_advance(g->l, HOUR_MS);
    const uint64_t q = gates_open(g->l, "production", "Release 2");
    allow("sign", gates_sign(g->l, q));
    (void)gates_run(g->l, "staging", "Release 2", STATUS_ROLLED_BACK);
    refuse(g, "used_after_a_failure", REASON_STAGE_FAILED, author_log_redeem(g->l, q, false));
    refuse(g, "signed_after_a_failure", REASON_STAGE_FAILED,
           gates_sign(g->l, gates_open(g->l, "production", "Release 2")));
    (void)gates_run(g->l, "staging", "Release 2", STATUS_SUCCEEDED);
    refuse(g, "used_too_early", REASON_SOAKING, author_log_redeem(g->l, q, false));
    author_log_advance(g->l, HOUR_MS);
    allow("redeem", author_log_redeem(g->l, q, false));
    keep_receipt(g, "failed_before", q, FINDING_HOLDS);
}

/* Another one takes its place before its time is over. */
static void cut_short(struct golden_life *g)
{
    (void)gates_run(g->l, "test", "Release 3", STATUS_SUCCEEDED);
    (void)gates_run(g->l, "test", "Release 4", STATUS_SUCCEEDED);
    (void)gates_run(g->l, "staging", "Release 3", STATUS_SUCCEEDED);
    author_log_advance(g->l, HOUR_MS / 2);
    (void)gates_run(g->l, "staging", "Release 4", STATUS_SUCCEEDED);
    author_log_advance(g->l, HOUR_MS);
    const uint64_t q = gates_open(g->l, "production", "Release 3");
    refuse(g, "cut_short", REASON_SOAK_CUT, gates_sign(g->l, q));
    keep_receipt(g, "not_promoted", q, FINDING_NOT_APPROVED);
    const uint64_t next = gates_open(g->l, "production", "Release 4");
    gates_use(g->l, next);
    keep_receipt(g, "replacing", next, FINDING_HOLDS);
}

static uint64_t opened(struct golden_life *g, const char *title, const char *rollback)
{
    const struct author_request r = {.title = title, .rollback = rollback, .environment = "test"};
    uint64_t id = 0;
    allow(title, author_log_request(g->l, &r, &id));
    return id;
}

/* Signed with the approval, met by its trigger, used once. */
static void gone_back(struct golden_life *g)
{
    uint64_t id = 0;
    const struct author_request never = {.title = "Release 6", .rollback = "Release 0", .environment = "test"};
    refuse(g, "back_to_what_never_ran", REASON_NEVER_DEPLOYED, author_log_request(g->l, &never, &id));
    (void)gates_run(g->l, "test", "Release 5", STATUS_SUCCEEDED);
    const uint64_t q = opened(g, "Release 6", "Release 5");
    gates_use(g->l, q);
    refuse(g, "back_before_it_failed", REASON_NO_ROLLBACK, author_log_go_back(g->l, q, false));
    allow("failed", author_log_failed(g->l, q, "error_rate"));
    refuse(g, "back_to_something_else", REASON_DRIFTED, author_log_go_back(g->l, q, true));
    allow("back", author_log_go_back(g->l, q, false));
    refuse(g, "back_twice", REASON_REDEEMED, author_log_go_back(g->l, q, false));
    refuse(g, "what_went_back_succeeded", REASON_ROLLBACK_OUTCOME, author_log_outcome(g->l, q, STATUS_SUCCEEDED));
    keep_receipt(g, "gone_back", q, FINDING_HOLDS);
    allow("outcome", author_log_outcome(g->l, q, STATUS_ROLLED_BACK));
    const uint64_t other = opened(g, "Release 7", "Release 5");
    gates_use(g->l, other);
    allow("failed", author_log_failed(g->l, other, "latency"));
    refuse(g, "back_by_another_trigger", REASON_NO_ROLLBACK, author_log_go_back(g->l, other, false));
    keep_receipt(g, "not_gone_back", other, FINDING_HOLDS);
}

void golden_gates_make(struct golden_life *g)
{
    memset(g, 0, sizeof(*g));
    arena_init(&g->arena, (size_t)256 << 20);
    g->l = author_log_new(JUDGE_PROVE, STATE_BYTES);
    if (g->l == NULL) {
        abort();
    }
    author_log_standard(g->l);
    gates_policy(g->l, &(struct gates_policy){.version = 3});
    promoted(g);
    failed_since(g);
    cut_short(g);
    gone_back(g);
    g->range_first = 20;
    g->range_count = 20;
}
