/* SPDX-License-Identifier: Apache-2.0 */
/* A log whose environments come after each other. */
#include "golden_life.h"
#include "support/author_gates.h"

enum { HOUR_MS = 3600000 };

/* Through all three, as it should be. */
static void promoted(struct golden_life *g)
{
    (void)gates_run(g->l, "test", "Release 1", STATUS_SUCCEEDED);
    const uint64_t q = gates_open(g->l, "production", "Release 1");
    golden_refuse(g, "nothing_in_staging", REASON_NOT_PROMOTED, gates_sign(g->l, q));
    (void)gates_run(g->l, "staging", "Release 1", STATUS_SUCCEEDED);
    golden_refuse(g, "too_early", REASON_SOAKING, gates_sign(g->l, q));
    author_log_advance(g->l, HOUR_MS);
    golden_refuse(g, "another_digest", REASON_NOT_PROMOTED,
                  gates_sign(g->l, gates_open(g->l, "production", "Release 2")));
    gates_use(g->l, q);
    gates_end(g->l, q, STATUS_SUCCEEDED);
    golden_keep(g, "promoted", q, FINDING_HOLDS);
}

/* Approved, and then it fails in the stage before, and is put right. */
static void failed_since(struct golden_life *g)
{
    (void)gates_run(g->l, "test", "Release 2", STATUS_SUCCEEDED);
    (void)gates_run(g->l, "staging", "Release 2", STATUS_SUCCEEDED);
    author_log_advance(g->l, HOUR_MS);
    const uint64_t q = gates_open(g->l, "production", "Release 2");
    golden_allow("sign", gates_sign(g->l, q));
    (void)gates_run(g->l, "staging", "Release 2", STATUS_ROLLED_BACK);
    golden_refuse(g, "used_after_a_failure", REASON_STAGE_FAILED, author_log_redeem(g->l, q, false));
    golden_refuse(g, "signed_after_a_failure", REASON_STAGE_FAILED,
                  gates_sign(g->l, gates_open(g->l, "production", "Release 2")));
    (void)gates_run(g->l, "staging", "Release 2", STATUS_SUCCEEDED);
    golden_refuse(g, "used_too_early", REASON_SOAKING, author_log_redeem(g->l, q, false));
    author_log_advance(g->l, HOUR_MS);
    golden_allow("redeem", author_log_redeem(g->l, q, false));
    golden_keep(g, "failed_before", q, FINDING_HOLDS);
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
    golden_refuse(g, "cut_short", REASON_SOAK_CUT, gates_sign(g->l, q));
    golden_keep(g, "not_promoted", q, FINDING_NOT_APPROVED);
    const uint64_t next = gates_open(g->l, "production", "Release 4");
    gates_use(g->l, next);
    golden_keep(g, "replacing", next, FINDING_HOLDS);
}

static uint64_t opened(struct golden_life *g, const char *title, const char *rollback)
{
    const struct author_request r = {.title = title, .rollback = rollback, .environment = "test"};
    uint64_t id = 0;
    golden_allow(title, author_log_request(g->l, &r, &id));
    return id;
}

/* Signed with the approval, met by its trigger, used once. */
static void gone_back(struct golden_life *g)
{
    uint64_t id = 0;
    const struct author_request never = {.title = "Release 6", .rollback = "Release 0", .environment = "test"};
    golden_refuse(g, "back_to_what_never_ran", REASON_NEVER_DEPLOYED, author_log_request(g->l, &never, &id));
    (void)gates_run(g->l, "test", "Release 5", STATUS_SUCCEEDED);
    const uint64_t q = opened(g, "Release 6", "Release 5");
    gates_use(g->l, q);
    golden_refuse(g, "back_before_it_failed", REASON_NO_ROLLBACK, author_log_go_back(g->l, q, false));
    golden_allow("failed", author_log_failed(g->l, q, "error_rate"));
    golden_refuse(g, "back_to_something_else", REASON_DRIFTED, author_log_go_back(g->l, q, true));
    golden_allow("back", author_log_go_back(g->l, q, false));
    golden_refuse(g, "back_twice", REASON_REDEEMED, author_log_go_back(g->l, q, false));
    golden_refuse(g, "what_went_back_succeeded", REASON_ROLLBACK_OUTCOME,
                  author_log_outcome(g->l, q, STATUS_SUCCEEDED));
    golden_keep(g, "gone_back", q, FINDING_HOLDS);
    golden_allow("outcome", author_log_outcome(g->l, q, STATUS_ROLLED_BACK));
    const uint64_t other = opened(g, "Release 7", "Release 5");
    gates_use(g->l, other);
    golden_allow("failed", author_log_failed(g->l, other, "latency"));
    golden_refuse(g, "back_by_another_trigger", REASON_NO_ROLLBACK, author_log_go_back(g->l, other, false));
    golden_keep(g, "not_gone_back", other, FINDING_HOLDS);
}

void golden_gates_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    gates_policy(g->l, &(struct gates_policy){.version = 3});
    promoted(g);
    failed_since(g);
    cut_short(g);
    gone_back(g);
    g->range_first = 20;
    g->range_count = 20;
}
