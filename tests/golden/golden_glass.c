/* SPDX-License-Identifier: Apache-2.0 */
/* A log with emergencies: granted by two who were there, by a voucher, past the budget, gone back to, owed and paid. */
#include "golden_life.h"
#include "support/author_glass.h"

enum { DAY_S = 86400 };

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
    golden_refuse(g, "kind", REASON_EMERGENCY_KIND, ask(g, &(struct glass_ask){.request = q, .kind = "boredom"}));
    golden_refuse(g, "anchor", REASON_EMERGENCY_ANCHOR, ask(g, &(struct glass_ask){.request = q, .kind = "patch"}));
    golden_refuse(g, "person", REASON_EMERGENCY_PERSON, ask(g, &(struct glass_ask){.request = q, .initiator = "olga"}));
    golden_refuse(g, "never_deployed", REASON_NEVER_DEPLOYED,
                  ask(g, &(struct glass_ask){.request = glass_request(g->l, "Back", "Release 0")}));
    golden_allow("open", glass_open(g->l, &(struct glass_ask){.request = q}, &m));
    golden_refuse(g, "other_port", REASON_PRESENCE_PORT, glass_sign(g->l, "tina", m, "emergency/operator", "7-7"));
    golden_allow("operator", glass_sign(g->l, "tina", m, "emergency/operator", "1-1"));
    golden_refuse(g, "same_port", REASON_PRESENCE_PORT, glass_sign(g->l, "bea", m, "emergency/endorse", "1-1"));
    golden_refuse(g, "same_person", REASON_ALREADY_SIGNED, glass_sign(g->l, "tina", m, "emergency/operator", "1-2"));
    golden_refuse(g, "grant_of_one", REASON_NOT_APPROVED, author_log_grant(g->l, m, NULL));
    author_log_advance(g->l, 121000);
    golden_allow("endorse", glass_sign(g->l, "bea", m, "emergency/endorse", "1-2"));
    golden_refuse(g, "grant_of_a_stale_one", REASON_NOT_APPROVED, author_log_grant(g->l, m, NULL));
    golden_allow("operator again", glass_sign(g->l, "tina", m, "emergency/operator", "1-1"));
    golden_refuse(g, "grant_due_later", REASON_WRONG_EFFECT, author_log_grant(g->l, m, other_due));
    golden_refuse(g, "grant_uncounted", REASON_WRONG_EFFECT, author_log_grant(g->l, m, uncounted));
    golden_allow("grant", author_log_grant(g->l, m, NULL));
    const uint64_t grant = author_log_size(g->l) - 1;
    glass_use(g->l, q);
    golden_keep(g, "break_glass", q, FINDING_HOLDS);
    golden_keep(g, "emergency", m, FINDING_HOLDS);
    return grant;
}

static uint64_t by_voucher(struct golden_life *g)
{
    uint64_t m = 0;
    const uint64_t q = glass_request(g->l, "Hotfix 2", NULL);
    const uint64_t other = glass_voucher_signed(g->l, &(struct glass_voucher){.kind = "patch"});
    golden_refuse(g, "voucher_scope", REASON_VOUCHER_SCOPE,
                  ask(g, &(struct glass_ask){.request = q, .voucher = other}));
    const uint64_t v = glass_voucher_signed(g->l, &(struct glass_voucher){0});
    golden_allow("open", glass_open(g->l, &(struct glass_ask){.request = q, .voucher = v}, &m));
    golden_refuse(g, "voucher_and_its_giver", REASON_ALREADY_SIGNED,
                  glass_sign(g->l, "bea", m, "emergency/endorse", "1-2"));
    golden_allow("operator", glass_sign(g->l, "tom", m, "emergency/operator", "1-1"));
    golden_allow("grant", author_log_grant(g->l, m, NULL));
    const uint64_t grant = author_log_size(g->l) - 1;
    golden_refuse(g, "voucher_used", REASON_VOUCHER_USED,
                  ask(g, &(struct glass_ask){.request = glass_request(g->l, "Hotfix 3", NULL), .voucher = v}));
    glass_use(g->l, q);
    golden_keep(g, "voucher", q, FINDING_HOLDS);
    return grant;
}

/* The third in a month takes three people; it goes back to what ran first. */
static uint64_t over_budget(struct golden_life *g)
{
    const uint64_t old = author_log_judge(g->l)->state.emergencies[0]->grants;
    uint64_t m = 0;
    golden_allow("open", glass_open(g->l, &(struct glass_ask){.request = old}, &m));
    golden_allow("operator", glass_sign(g->l, "tina", m, "emergency/operator", "1-1"));
    golden_allow("endorse", glass_sign(g->l, "bill", m, "emergency/endorse", "1-2"));
    golden_refuse(g, "over_budget_by_two", REASON_NOT_APPROVED, author_log_grant(g->l, m, NULL));
    golden_allow("second", glass_sign(g->l, "omar", m, "emergency/second", "1-3"));
    golden_allow("grant", author_log_grant(g->l, m, NULL));
    const uint64_t grant = author_log_size(g->l) - 1;
    glass_use(g->l, old);
    golden_keep(g, "over_budget_rollback", old, FINDING_HOLDS);
    return grant;
}

static void debts(struct golden_life *g, const uint64_t *owed)
{
    uint64_t id = 0;
    glass_pay(g->l, owed[0]);
    golden_refuse(g, "overdue_too_early", REASON_NOT_DUE, author_log_overdue(g->l, owed[1]));
    author_log_advance(g->l, (uint64_t)DAY_S * 1000);
    golden_allow("overdue", author_log_overdue(g->l, owed[1]));
    const uint64_t q = glass_request(g->l, "Hotfix 4", NULL);
    golden_refuse(g, "review_overdue", REASON_REVIEW_OVERDUE, ask(g, &(struct glass_ask){.request = q}));
    golden_refuse(g, "review_half", REASON_MISSING_FIELD, glass_review(g->l, owed[1], "{\"impact\":\"none\"}", &id));
    golden_refuse(g, "review_not_owed", REASON_REVIEW_NOT_OWED, glass_review(g->l, owed[0], NULL, &id));
    glass_pay(g->l, owed[1]);
    glass_pay(g->l, owed[2]);
    golden_allow("paid", ask(g, &(struct glass_ask){.request = q}));
    golden_keep(g, "not_granted", q, FINDING_NOT_APPROVED);
}

void golden_glass_make(struct golden_life *g)
{
    uint64_t owed[3] = {0};

    golden_begin(g);
    author_log_standard(g->l);
    glass_policy(g->l, &(struct glass_policy){.version = 3});
    owed[0] = by_two(g);
    owed[1] = by_voucher(g);
    owed[2] = over_budget(g);
    debts(g, owed);
    g->range_first = 20;
    g->range_count = 20;
}
