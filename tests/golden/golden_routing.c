/* SPDX-License-Identifier: Apache-2.0 */
/* A log of groups that vote, seats in an order over rules, and escalations. */
#include "golden_life.h"
#include "support/author_change.h"
#include "support/author_route.h"

enum { HOUR_MS = 3600000 };

#define RULE(id, require) "{\"id\":\"" id "\",\"require\":{" require "}}"
#define SEAT(id, role)    "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define CAB                                                                                                            \
    RULE("big", "\"seats\":[{\"count\":1,\"id\":\"cab\",\"quorum\":\"majority\",\"role\":\"cab\",\"veto\":["           \
                "\"security\"]}]")
#define PRODUCTION                                                                                                     \
    RULE("production", "\"escalate\":[{\"after_s\":14400,\"to\":\"duty\"}],\"seats\":[" SEAT(                          \
                           "tech", "tech") "],\"token\":{\"verification\":true}")
#define PRIVACY                                                                                                        \
    RULE("privacy", "\"seats\":[{\"after\":\"production/"                                                              \
                    "tech\",\"count\":1,\"id\":\"privacy\",\"role\":\"security\"}]")

static const char cab[] = "big/cab";
static const char tech[] = "production/tech";
static const char privacy[] = "privacy/privacy";

static void say(struct golden_life *g, const char *who, uint64_t id, const char *seat, enum decision_word word)
{
    golden_allow(who, route_say(g->l, who, id, seat, word));
}

/* Three of five, two of whom are gone and one of whom came, with a vote against and an abstention. */
static void groups(struct golden_life *g)
{
    const uint64_t id = route_open(g->l, "Large");
    const uint64_t lost = route_open(g->l, "Lost");
    const uint64_t vetoed = route_open(g->l, "Vetoed");
    route_person(g->l, "ned", "cab");
    golden_refuse(g, "vote_of_a_newcomer", REASON_NOT_IN_GROUP, route_say(g->l, "ned", id, cab, DECISION_APPROVE));
    say(g, "tom", id, cab, DECISION_REJECT);
    golden_refuse(g, "vote_again", REASON_ALREADY_SIGNED, route_say(g->l, "tom", id, cab, DECISION_APPROVE));
    say(g, "tina", id, cab, DECISION_APPROVE);
    say(g, "cleo", id, cab, DECISION_APPROVE);
    golden_refuse(g, "used_with_two_of_five", REASON_NOT_APPROVED, author_log_redeem(g->l, id, false));
    say(g, "bea", id, cab, DECISION_APPROVE);
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "majority", id, FINDING_HOLDS);

    say(g, "tom", lost, cab, DECISION_ABSTAIN);
    say(g, "tina", lost, cab, DECISION_REJECT);
    say(g, "bea", lost, cab, DECISION_REJECT);
    golden_keep(g, "outvoted", lost, FINDING_NOT_APPROVED);

    golden_refuse(g, "approval_by_a_veto", REASON_NO_ROLE, route_say(g->l, "sam", vetoed, cab, DECISION_APPROVE));
    say(g, "sam", vetoed, cab, DECISION_REJECT);
    golden_keep(g, "vetoed", vetoed, FINDING_NOT_APPROVED);
}

static void without_previous(struct statement *st)
{
    st->has_previous = false;
}

static void order(struct golden_life *g)
{
    const struct author_wrong none = {.bend = without_previous};
    const uint64_t id = route_open(g->l, "Personal data");
    golden_refuse(g, "too_early", REASON_SEAT_ORDER, route_say(g->l, "sam", id, privacy, DECISION_APPROVE));
    golden_refuse(g, "abstains_where_nobody_votes", REASON_NO_ABSTENTION,
                  route_say(g->l, "tom", id, tech, DECISION_ABSTAIN));
    say(g, "tom", id, tech, DECISION_APPROVE);
    golden_refuse(g, "over_no_signature", REASON_PREVIOUS,
                  author_log_decide(g->l, "sam", id, privacy, DECISION_APPROVE, NULL, &none));
    say(g, "sam", id, privacy, DECISION_APPROVE);
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "in_order", id, FINDING_HOLDS);
}

static void escalation(struct golden_life *g)
{
    const uint64_t id = route_open(g->l, "Nobody comes");
    golden_refuse(g, "stands_in_too_early", REASON_NO_ROLE, route_say(g->l, "dora", id, tech, DECISION_APPROVE));
    golden_refuse(g, "escalates_too_early", REASON_NOT_DUE,
                  route_escalate(g->l, "system:core", id, "production", "duty"));
    author_log_advance(g->l, 4 * (uint64_t)HOUR_MS);
    golden_refuse(g, "escalates_by_a_client", REASON_WRONG_ACTOR,
                  route_escalate(g->l, "client:ci", id, "production", "duty"));
    golden_refuse(g, "escalates_to_another_role", REASON_WRONG_EFFECT,
                  route_escalate(g->l, "system:core", id, "production", "cab"));
    golden_allow("escalate", route_escalate(g->l, "system:core", id, "production", "duty"));
    golden_refuse(g, "escalates_twice", REASON_WRONG_EFFECT,
                  route_escalate(g->l, "system:core", id, "production", "duty"));
    say(g, "dora", id, tech, DECISION_APPROVE);
    golden_refuse(g, "stands_in_twice", REASON_NO_ROLE, route_say(g->l, "dora", id, privacy, DECISION_APPROVE));
    say(g, "sam", id, privacy, DECISION_APPROVE);
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "stood_in", id, FINDING_HOLDS);
    g->range_first = id;
    g->range_count = 5;
}

void golden_routing_make(struct golden_life *g)
{
    golden_begin(g);
    route_begin(g->l, CAB);
    groups(g);
    route_rules(g->l, PRODUCTION "," PRIVACY);
    order(g);
    escalation(g);
}
