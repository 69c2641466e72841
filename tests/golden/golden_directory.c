/* SPDX-License-Identifier: Apache-2.0 */
/* A log of a directory outside: what it takes away and gives back, what it may not say, and what its silence does. */
#include "golden_life.h"
#include "support/author_change.h"
#include "support/author_directory.h"

#define DAY_MS ((uint64_t)86400000)

static const char tech[] = "production/tech";
static const char business[] = "production/business";

static struct verdict approve(struct golden_life *g, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(g->l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static struct verdict say(struct golden_life *g, const char *people, int64_t total)
{
    return author_directory_say(g->l, &(struct author_reading){.people = people, .total = total});
}

static uint64_t opened(struct golden_life *g, const char *title)
{
    uint64_t id = 0;
    golden_allow(title, author_log_request(g->l, &(struct author_request){.title = title}, &id));
    return id;
}

static void first_read(struct golden_life *g)
{
    const uint64_t id = opened(g, "First");
    golden_refuse(g, "never_read", REASON_DIRECTORY_STALE, approve(g, "tom", id, tech));
    golden_refuse(g, "a_part_as_a_whole", REASON_DIRECTORY_TOTAL, say(g, "bea:business", 7));
    golden_allow("a part", say(g, "bea:business bill:business odette:officer olga:officer", AUTHOR_MORE));
    golden_refuse(g, "half_read", REASON_DIRECTORY_STALE, approve(g, "bea", id, business));
    golden_allow("the rest", say(g, "omar:officer tina:tech tom:tech", 7));
    golden_allow("tom", approve(g, "tom", id, tech));
    golden_allow("bea", approve(g, "bea", id, business));
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "read", id, FINDING_HOLDS);
}

static void narrowed(struct golden_life *g)
{
    const uint64_t id = opened(g, "Left");
    const struct author_reading by_ci = {.people = "tom:", .total = 6, .actor = "client:ci"};
    const struct author_reading other = {.people = "tom:", .total = 6, .source = "ad"};
    const struct author_reading old = {.people = "tom:", .total = 6, .age_ms = DAY_MS};
    golden_allow("tom", approve(g, "tom", id, tech));
    golden_allow("bea", approve(g, "bea", id, business));
    golden_refuse(g, "said_by_a_pipeline", REASON_NO_SCOPE, author_directory_say(g->l, &by_ci));
    golden_refuse(g, "of_another_directory", REASON_DIRECTORY_SOURCE, author_directory_say(g->l, &other));
    golden_refuse(g, "old", REASON_DIRECTORY_OLD, author_directory_say(g->l, &old));
    golden_refuse(g, "of_nobody", REASON_DIRECTORY_PERSON, say(g, "mallory:tech", 8));
    golden_refuse(g, "gives_a_role", REASON_DIRECTORY_PERSON, say(g, "tom:business,tech", 8));
    golden_refuse(g, "leaves_out_who_left", REASON_DIRECTORY_TOTAL, say(g, "bea:business tina:tech", 6));
    golden_allow("tom leaves", say(g, "tom:", 6));
    golden_refuse(g, "signs_without", REASON_NOT_IN_DIRECTORY, approve(g, "tom", opened(g, "Next"), tech));
    golden_refuse(g, "stands_on_who_left", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, id, false));
    golden_allow("as before", say(g, "", 6));
    golden_allow("tom is back", say(g, "tom:tech", 7));
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "back", id, FINDING_HOLDS);
}

static void silent(struct golden_life *g)
{
    author_log_advance(g->l, DAY_MS / 2);
    const uint64_t id = opened(g, "Silence");
    golden_allow("bea", approve(g, "bea", id, business));
    golden_refuse(g, "silent_too_soon", REASON_NOT_DUE, author_directory_silent(g->l, "system:core"));
    author_log_advance(g->l, DAY_MS / 2);
    golden_refuse(g, "after_its_time", REASON_DIRECTORY_STALE, approve(g, "tina", id, tech));
    golden_refuse(g, "silent_by_the_client", REASON_WRONG_ACTOR, author_directory_silent(g->l, "client:dir"));
    golden_allow("silent", author_directory_silent(g->l, "system:core"));
    golden_refuse(g, "while_it_is_silent", REASON_DIRECTORY_STALE, approve(g, "tina", id, tech));
    golden_allow("officers go on", author_change_roles(g->l, "bill", "business"));
    golden_allow("read again", say(g, "", 7));
    golden_allow("tina", approve(g, "tina", id, tech));
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "after_silence", id, FINDING_HOLDS);
    g->range_first = id;
    g->range_count = 4;
}

static void officers(struct golden_life *g)
{
    static const char *const roles[] = {"officer"};
    struct roster_change *otto = arena_array(&g->arena, 2, sizeof(*otto));
    if (otto == NULL || author_log_person(g->l, "otto", roles, 1, &g->arena, otto).code != CS_OK) {
        abort();
    }
    golden_allow("otto", author_change_roster(g->l, otto, 2));
    golden_allow("no officer", say(g, "odette: olga: omar:", 4));
    if (author_directory_lapses(g->l) != 1) {
        abort();
    }
    const uint64_t id = opened(g, "Officers");
    golden_allow("tom", approve(g, "tom", id, tech));
    golden_allow("bea", approve(g, "bea", id, business));
    golden_allow("redeem", author_log_redeem(g->l, id, false));
    golden_keep(g, "officers_unlisted", id, FINDING_HOLDS);
}

void golden_directory_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    golden_allow("client", author_directory_begin(g->l, AUTHOR_DIRECTORY));
    first_read(g);
    narrowed(g);
    silent(g);
    officers(g);
}
