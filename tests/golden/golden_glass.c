/* SPDX-License-Identifier: Apache-2.0 */
/* A log with emergencies: granted by two who were there, by a voucher, past the budget, gone back to, owed and paid. */
#include "golden_life.h"
#include "support/author_glass.h"

enum { STATE_BYTES = 64 << 20, DAY_S = 86400 };

static void give_up(const char *what, struct verdict v)
{
    (void)fprintf(stderr, "golden_glass: %s: %s\n", what, policy_reason_code(v.reason));
    abort();
}

static void allow(const char *what, struct verdict v)
{
    if (!v.allow) {
        give_up(what, v);
    }
}

/* Keeps the leaf that was just refused. */
static void refuse(struct golden_life *g, const char *name, enum policy_reason want, struct verdict v)
{
    if (v.allow || v.reason != want || g->wrong_count == GOLDEN_WRONG_MAX) {
        give_up(name, v);
    }
    struct golden_wrong *w = &g->wrong[g->wrong_count++];
    *w = (struct golden_wrong){.name = name, .at = author_log_size(g->l), .reason = want};
    if (arena_copy(&g->arena, author_log_last_leaf(g->l), &w->leaf).code != CS_OK) {
        give_up(name, VERDICT_DENY(REASON_NO_ROOM));
    }
}

static void keep_receipt(struct golden_life *g, const char *name, uint64_t request, enum finding_class want)
{
    g->receipt[g->receipt_count++] = (struct golden_receipt){.name = name, .request = request, .want = want};
}

static struct verdict ask(struct golden_life *g, const struct glass_ask *how)
{
    uint64_t id = 0;
    return glass_open(g->l, how, &id);
}

static void other_due(struct emergency_grant *grant)
{
    grant->due_ms += DAY_S;
}

static void uncounted(struct emergency_grant *grant)
{
    grant->used = 0;
}

static uint64_t by_two(struct golden_life *g)
{
    uint64_t m = 0;
    const uint64_t q = glass_request(g->l, "Hotfix 1", NULL);
    refuse(g, "kind", REASON_EMERGENCY_KIND, ask(g, &(struct glass_ask){.request = q, .kind = "boredom"}));
    refuse(g, "anchor", REASON_EMERGENCY_ANCHOR, ask(g, &(struct glass_ask){.request = q, .kind = "patch"}));
    refuse(g, "person", REASON_EMERGENCY_PERSON, ask(g, &(struct glass_ask){.request = q, .initiator = "olga"}));
    refuse(g, "never_deployed", REASON_NEVER_DEPLOYED,
           ask(g, &(struct glass_ask){.request = glass_request(g->l, "Back", "Release 0")}));
    allow("open", glass_open(g->l, &(struct glass_ask){.request = q}, &m));
    refuse(g, "other_port", REASON_PRESENCE_PORT, glass_sign(g->l, "tina", m, "emergency/operator", "7-7"));
    allow("operator", glass_sign(g->l, "tina", m, "emergency/operator", "1-1"));
    refuse(g, "same_port", REASON_PRESENCE_PORT, glass_sign(g->l, "bea", m, "emergency/endorse", "1-1"));
    refuse(g, "same_person", REASON_ALREADY_SIGNED, glass_sign(g->l, "tina", m, "emergency/operator", "1-2"));
    refuse(g, "grant_of_one", REASON_NOT_APPROVED, author_log_grant(g->l, m, NULL));
    author_log_advance(g->l, 121000);
    allow("endorse", glass_sign(g->l, "bea", m, "emergency/endorse", "1-2"));
    refuse(g, "grant_of_a_stale_one", REASON_NOT_APPROVED, author_log_grant(g->l, m, NULL));
    allow("operator again", glass_sign(g->l, "tina", m, "emergency/operator", "1-1"));
    refuse(g, "grant_due_later", REASON_WRONG_EFFECT, author_log_grant(g->l, m, other_due));
    refuse(g, "grant_uncounted", REASON_WRONG_EFFECT, author_log_grant(g->l, m, uncounted));
    allow("grant", author_log_grant(g->l, m, NULL));
    const uint64_t grant = author_log_size(g->l) - 1;
    glass_use(g->l, q);
    keep_receipt(g, "break_glass", q, FINDING_HOLDS);
    keep_receipt(g, "emergency", m, FINDING_HOLDS);
    return grant;
}

static uint64_t by_voucher(struct golden_life *g)
{
    uint64_t m = 0;
    const uint64_t q = glass_request(g->l, "Hotfix 2", NULL);
    const uint64_t other = glass_voucher_signed(g->l, &(struct glass_voucher){.kind = "patch"});
    refuse(g, "voucher_scope", REASON_VOUCHER_SCOPE, ask(g, &(struct glass_ask){.request = q, .voucher = other}));
    const uint64_t v = glass_voucher_signed(g->l, &(struct glass_voucher){0});
    allow("open", glass_open(g->l, &(struct glass_ask){.request = q, .voucher = v}, &m));
    refuse(g, "voucher_and_its_giver", REASON_ALREADY_SIGNED, glass_sign(g->l, "bea", m, "emergency/endorse", "1-2"));
    allow("operator", glass_sign(g->l, "tom", m, "emergency/operator", "1-1"));
    allow("grant", author_log_grant(g->l, m, NULL));
    const uint64_t grant = author_log_size(g->l) - 1;
    refuse(g, "voucher_used", REASON_VOUCHER_USED,
           ask(g, &(struct glass_ask){.request = glass_request(g->l, "Hotfix 3", NULL), .voucher = v}));
    glass_use(g->l, q);
    keep_receipt(g, "voucher", q, FINDING_HOLDS);
    return grant;
}

/* The third in a month takes three people; it goes back to what ran first. */
static uint64_t over_budget(struct golden_life *g)
{
    const uint64_t old = author_log_judge(g->l)->state.emergencies[0]->grants;
    uint64_t m = 0;
    allow("open", glass_open(g->l, &(struct glass_ask){.request = old}, &m));
    allow("operator", glass_sign(g->l, "tina", m, "emergency/operator", "1-1"));
    allow("endorse", glass_sign(g->l, "bill", m, "emergency/endorse", "1-2"));
    refuse(g, "over_budget_by_two", REASON_NOT_APPROVED, author_log_grant(g->l, m, NULL));
    allow("second", glass_sign(g->l, "omar", m, "emergency/second", "1-3"));
    allow("grant", author_log_grant(g->l, m, NULL));
    const uint64_t grant = author_log_size(g->l) - 1;
    glass_use(g->l, old);
    keep_receipt(g, "over_budget_rollback", old, FINDING_HOLDS);
    return grant;
}

static void debts(struct golden_life *g, const uint64_t *owed)
{
    uint64_t id = 0;
    glass_pay(g->l, owed[0]);
    refuse(g, "overdue_too_early", REASON_NOT_DUE, author_log_overdue(g->l, owed[1]));
    author_log_advance(g->l, (uint64_t)DAY_S * 1000);
    allow("overdue", author_log_overdue(g->l, owed[1]));
    const uint64_t q = glass_request(g->l, "Hotfix 4", NULL);
    refuse(g, "review_overdue", REASON_REVIEW_OVERDUE, ask(g, &(struct glass_ask){.request = q}));
    refuse(g, "review_half", REASON_MISSING_FIELD, glass_review(g->l, owed[1], "{\"impact\":\"none\"}", &id));
    refuse(g, "review_not_owed", REASON_REVIEW_NOT_OWED, glass_review(g->l, owed[0], NULL, &id));
    glass_pay(g->l, owed[1]);
    glass_pay(g->l, owed[2]);
    allow("paid", ask(g, &(struct glass_ask){.request = q}));
    keep_receipt(g, "not_granted", q, FINDING_NOT_APPROVED);
}

void golden_glass_make(struct golden_life *g)
{
    uint64_t owed[3] = {0};

    memset(g, 0, sizeof(*g));
    arena_init(&g->arena, (size_t)256 << 20);
    g->l = author_log_new(JUDGE_PROVE, STATE_BYTES);
    if (g->l == NULL) {
        abort();
    }
    author_log_standard(g->l);
    glass_policy(g->l, &(struct glass_policy){.version = 3});
    owed[0] = by_two(g);
    owed[1] = by_voucher(g);
    owed[2] = over_budget(g);
    debts(g, owed);
    g->range_first = 20;
    g->range_count = 20;
}
