/* SPDX-License-Identifier: Apache-2.0 */
/* A log whose policy and people change while requests are open or approved, and what no longer counts then. */
#include "golden_life.h"
#include "support/author_change.h"

#define RULE(id, require)     "{\"id\":\"" id "\",\"require\":{" require "}}"
#define SEAT(id, role)        "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define TURN(id, role, after) "{\"after\":\"" after "\",\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static struct verdict approve(struct golden_life *g, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(g->l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static uint64_t opened(struct golden_life *g, const char *title, const char *initiator)
{
    const struct author_request q = {.title = title, .initiator = initiator};
    uint64_t id = 0;
    golden_allow(title, author_log_request(g->l, &q, &id));
    return id;
}

static uint64_t approved(struct golden_life *g, const char *title)
{
    const uint64_t id = opened(g, title, NULL);
    golden_allow("tom", approve(g, "tom", id, tech));
    golden_allow("bea", approve(g, "bea", id, business));
    return id;
}

/* A field that requests from before do not have. */
static void more_fields(struct golden_life *g)
{
    const uint64_t open = opened(g, "Open", NULL);
    const uint64_t done = approved(g, "Approved");
    golden_allow("policy", author_change_policy(g->l, RULE("ticket", "\"fields\":[\"ticket\"]")));
    golden_refuse(g, "approves_what_lacks_a_field", REASON_MISSING_FIELD, approve(g, "tom", open, tech));
    golden_refuse(g, "uses_what_lacks_a_field", REASON_MISSING_FIELD, author_log_redeem(g->l, done, false));
    golden_allow("reject", author_log_decide(g->l, "tom", open, tech, DECISION_REJECT, "no ticket was opened", NULL));
    golden_keep(g, "lacks_a_field", open, FINDING_NOT_APPROVED);
}

/* Seats that keep their name and change their role or their turn. */
static void other_seats(struct golden_life *g)
{
    golden_allow("policy",
                 author_change_policy(g->l, RULE("production", "\"seats\":[" SEAT("business", "business") "," SEAT(
                                                                   "tech", "tech") "]")));
    const uint64_t own = opened(g, "Own work", "gitlab:tom");
    golden_refuse(g, "requester_where_no_rule_separates", REASON_IS_REQUESTER, approve(g, "tom", own, tech));
    const uint64_t open = opened(g, "Open", NULL);
    golden_allow("bea", approve(g, "bea", open, business));
    golden_allow("policy", author_change_policy(
                               g->l, RULE("production", "\"seats\":[" TURN("business", "business",
                                                                           "tech") "," SEAT("tech", "officer") "]")));
    golden_refuse(g, "old_seat_with_new_role", REASON_NO_ROLE, approve(g, "olga", open, tech));
    golden_refuse(g, "new_seat_with_old_role", REASON_NO_ROLE, approve(g, "tom", open, "production/tech/v5"));
    golden_refuse(g, "new_turn", REASON_SEAT_ORDER, approve(g, "bill", open, "production/business/v5"));
    golden_allow("tom", approve(g, "tom", open, tech));
    golden_refuse(g, "half_approved", REASON_NOT_APPROVED, author_log_redeem(g->l, open, false));
    golden_allow("olga", approve(g, "olga", open, "production/tech/v5"));
    golden_allow("bill", approve(g, "bill", open, "production/business/v5"));
    golden_allow("redeem", author_log_redeem(g->l, open, false));
    golden_keep(g, "two_policies", open, FINDING_HOLDS);
}

/* Who signed loses the role or the key. */
static void other_people(struct golden_life *g)
{
    golden_allow("policy", author_change_policy(g->l, RULE("production", "\"seats\":[" SEAT("tech", "tech") "," TURN(
                                                                             "business", "business", "tech") "]")));
    golden_allow("key", author_change_add_key(g->l, "bea", "bea-2"));
    const uint64_t done = approved(g, "Approved");
    const uint64_t open = opened(g, "Open", NULL);
    golden_allow("tom", approve(g, "tom", open, tech));
    golden_allow("roles", author_change_roles(g->l, "tom", "business"));
    golden_refuse(g, "uses_what_lost_its_role", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, done, false));
    golden_refuse(g, "after_an_empty_seat", REASON_SEAT_ORDER, approve(g, "bea", open, business));
    golden_allow("tina", approve(g, "tina", open, tech));
    golden_allow("bea", approve(g, "bea", open, business));
    golden_allow("key", author_change_revoke(g->l, "bea"));
    golden_refuse(g, "uses_what_lost_its_key", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, open, false));
    golden_keep(g, "was_approved", open, FINDING_HOLDS);

    const uint64_t again = opened(g, "Again", NULL);
    golden_allow("tina", approve(g, "tina", again, tech));
    const struct author_wrong second = {.credential_of = "bea-2"};
    golden_allow("bea", author_log_decide(g->l, "bea", again, business, DECISION_APPROVE, NULL, &second));
    golden_allow("redeem", author_log_redeem(g->l, again, false));
    golden_keep(g, "used", again, FINDING_HOLDS);
    g->range_first = again;
    g->range_count = 4;
}

void golden_changes_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    more_fields(g);
    other_seats(g);
    other_people(g);
}
