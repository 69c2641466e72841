/* SPDX-License-Identifier: Apache-2.0 */
/* A log in which incidents freeze what waits and what is approved, with a calendar beside. */
#include "golden_life.h"
#include "support/author_freeze.h"

enum { HOUR_MS = 3600000 };

/* The log begins on Monday, 5 January 2026, at 9 in UTC and 10 in Berlin. */
#define CALENDAR                                                                                                       \
    "\"calendar\":[{\"deny\":[{\"dates\":[\"02-29\",\"12-24..01-02\"],\"zone\":\"UTC\"},{\"days\":[\"sat\",\"sun\"],"  \
    "\"hours\":[\"08:00-24:00\"],\"zone\":\"UTC\"}],\"environments\":[\"production\"],\"id\":\"rest\"}],"

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static uint64_t opened(struct golden_life *g, const struct author_request *q)
{
    uint64_t id = 0;
    golden_allow(q->title, author_log_request(g->l, q, &id));
    return id;
}

static struct verdict approve(struct golden_life *g, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(g->l, who, id, seat, DECISION_APPROVE, "", NULL);
}

static uint64_t approved(struct golden_life *g, const char *title)
{
    const uint64_t id = opened(g, &(struct author_request){.title = title});
    golden_allow("tom", approve(g, "tom", id, tech));
    golden_allow("bea", approve(g, "bea", id, business));
    return id;
}

/* Approved, frozen, thawed, used. */
static uint64_t held(struct golden_life *g)
{
    const struct freeze f = freeze_incident("INC-1");
    struct freeze other = freeze_incident("INC-2");
    const uint64_t ready = approved(g, "Ready");
    const uint64_t waits = opened(g, &(struct author_request){.title = "Waits"});
    uint64_t id = 0;

    golden_refuse(g, "frozen_by_a_pipeline", REASON_NO_SCOPE, author_log_freeze(g->l, &f, "client:ci"));
    const uint64_t index = freeze_begin(g->l, &f);
    golden_refuse(g, "frozen_twice", REASON_ALREADY_FROZEN, author_log_freeze(g->l, &f, "system:kiosk"));
    other.prev = 1;
    golden_refuse(g, "frozen_in_no_chain", REASON_WRONG_EFFECT, author_log_freeze(g->l, &other, "system:kiosk"));
    golden_refuse(g, "used_while_frozen", REASON_FROZEN, author_log_redeem(g->l, ready, false));
    golden_refuse(g, "signed_while_frozen", REASON_FROZEN, approve(g, "tom", waits, tech));
    const uint64_t fix =
        opened(g, &(struct author_request){.title = "Fix", .initiator = "tina", .remediates = "INC-1"});
    const uint64_t stranger = opened(g, &(struct author_request){.title = "Other fix", .remediates = "INC-1"});
    golden_refuse(g, "remediated_by_a_stranger", REASON_NOT_RESPONDER, approve(g, "tom", stranger, tech));
    golden_allow("tom", approve(g, "tom", fix, tech));
    golden_allow("bea", approve(g, "bea", fix, business));
    golden_allow("fix", author_log_redeem(g->l, fix, false));
    golden_keep(g, "fix", fix, FINDING_HOLDS);
    golden_refuse(g, "thaw_of_nothing", REASON_NOT_FROZEN, freeze_ask(g->l, 1, &id));
    golden_allow("ask", freeze_ask(g->l, index, &id));
    golden_refuse(g, "thawed_unsigned", REASON_NOT_APPROVED, author_log_thaw(g->l, id, index));
    golden_refuse(g, "thaw_signed_by_another_role", REASON_NO_ROLE, approve(g, "bea", id, "thaw/commander"));
    golden_allow("sign", approve(g, "tom", id, "thaw/commander"));
    golden_refuse(g, "thawed_another", REASON_WRONG_EFFECT, author_log_thaw(g->l, id, index - 1));
    golden_allow("thaw", author_log_thaw(g->l, id, index));
    golden_refuse(g, "thawed_twice", REASON_NOT_APPROVED, author_log_thaw(g->l, id, index));
    golden_allow("use", author_log_redeem(g->l, ready, false));
    golden_keep(g, "held", ready, FINDING_HOLDS);
    golden_keep(g, "waits", waits, FINDING_NOT_APPROVED);
    return ready;
}

/* Two incidents, of which one ends; then a weekend. */
static void two_and_a_weekend(struct golden_life *g)
{
    const struct freeze first = freeze_incident("INC-3");
    const struct freeze second = freeze_incident("INC-4");
    const uint64_t one = freeze_begin(g->l, &first);
    const uint64_t two = freeze_begin(g->l, &second);
    const uint64_t fix =
        opened(g, &(struct author_request){.title = "Half a fix", .initiator = "tina", .remediates = "INC-4"});

    golden_refuse(g, "held_by_the_other", REASON_FROZEN, approve(g, "tom", fix, tech));
    freeze_end(g->l, one);
    golden_allow("tom", approve(g, "tom", fix, tech));
    freeze_end(g->l, two);
    author_log_advance(g->l, (uint64_t)5 * 24 * HOUR_MS);
    const uint64_t q = approved(g, "Weekend");
    golden_refuse(g, "used_at_the_weekend", REASON_CLOSED_NOW, author_log_redeem(g->l, q, false));
    golden_keep(g, "closed", q, FINDING_HOLDS);
}

void golden_freeze_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    freeze_policy(g->l, 3, CALENDAR, FREEZES_PASS);
    g->range_first = held(g);
    g->range_count = 6;
    two_and_a_weekend(g);
}
