/* SPDX-License-Identifier: Apache-2.0 */
/* A log of a directory outside: what it takes away and gives back, what it may not say, and what its silence does. */
#include "golden_life.h"
#include "support/author_change.h"
#include "support/author_directory.h"

enum { STATE_BYTES = 64 << 20 };

#define DAY_MS ((uint64_t)86400000)

static const char tech[] = "production/tech";
static const char business[] = "production/business";

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
    allow(title, author_log_request(g->l, &(struct author_request){.title = title}, &id));
    return id;
}

static void keep_receipt(struct golden_life *g, const char *name, uint64_t request, enum finding_class want)
{
    g->receipt[g->receipt_count++] = (struct golden_receipt){.name = name, .request = request, .want = want};
}

static void first_read(struct golden_life *g)
{
    const uint64_t id = opened(g, "First");
    refuse(g, "never_read", REASON_DIRECTORY_STALE, approve(g, "tom", id, tech));
    refuse(g, "a_part_as_a_whole", REASON_DIRECTORY_TOTAL, say(g, "bea:business", 7));
    allow("a part", say(g, "bea:business bill:business odette:officer olga:officer", AUTHOR_MORE));
    refuse(g, "half_read", REASON_DIRECTORY_STALE, approve(g, "bea", id, business));
    allow("the rest", say(g, "omar:officer tina:tech tom:tech", 7));
    allow("tom", approve(g, "tom", id, tech));
    allow("bea", approve(g, "bea", id, business));
    allow("redeem", author_log_redeem(g->l, id, false));
    keep_receipt(g, "read", id, FINDING_HOLDS);
}

static void narrowed(struct golden_life *g)
{
    const uint64_t id = opened(g, "Left");
    const struct author_reading by_ci = {.people = "tom:", .total = 6, .actor = "client:ci"};
    const struct author_reading other = {.people = "tom:", .total = 6, .source = "ad"};
    const struct author_reading old = {.people = "tom:", .total = 6, .age_ms = DAY_MS};
    allow("tom", approve(g, "tom", id, tech));
    allow("bea", approve(g, "bea", id, business));
    refuse(g, "said_by_a_pipeline", REASON_NO_SCOPE, author_directory_say(g->l, &by_ci));
    refuse(g, "of_another_directory", REASON_DIRECTORY_SOURCE, author_directory_say(g->l, &other));
    refuse(g, "old", REASON_DIRECTORY_OLD, author_directory_say(g->l, &old));
    refuse(g, "of_nobody", REASON_DIRECTORY_PERSON, say(g, "mallory:tech", 8));
    refuse(g, "gives_a_role", REASON_DIRECTORY_PERSON, say(g, "tom:business,tech", 8));
    refuse(g, "leaves_out_who_left", REASON_DIRECTORY_TOTAL, say(g, "bea:business tina:tech", 6));
    allow("tom leaves", say(g, "tom:", 6));
    refuse(g, "signs_without", REASON_NOT_IN_DIRECTORY, approve(g, "tom", opened(g, "Next"), tech));
    refuse(g, "stands_on_who_left", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, id, false));
    allow("as before", say(g, "", 6));
    allow("tom is back", say(g, "tom:tech", 7));
    allow("redeem", author_log_redeem(g->l, id, false));
    keep_receipt(g, "back", id, FINDING_HOLDS);
}

static void silent(struct golden_life *g)
{
    author_log_advance(g->l, DAY_MS / 2);
    const uint64_t id = opened(g, "Silence");
    allow("bea", approve(g, "bea", id, business));
    refuse(g, "silent_too_soon", REASON_NOT_DUE, author_directory_silent(g->l, "system:core"));
    author_log_advance(g->l, DAY_MS / 2);
    refuse(g, "after_its_time", REASON_DIRECTORY_STALE, approve(g, "tina", id, tech));
    refuse(g, "silent_by_the_client", REASON_WRONG_ACTOR, author_directory_silent(g->l, "client:dir"));
    allow("silent", author_directory_silent(g->l, "system:core"));
    refuse(g, "while_it_is_silent", REASON_DIRECTORY_STALE, approve(g, "tina", id, tech));
    allow("officers go on", author_change_roles(g->l, "bill", "business"));
    allow("read again", say(g, "", 7));
    allow("tina", approve(g, "tina", id, tech));
    allow("redeem", author_log_redeem(g->l, id, false));
    keep_receipt(g, "after_silence", id, FINDING_HOLDS);
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
    allow("otto", author_change_roster(g->l, otto, 2));
    allow("no officer", say(g, "odette: olga: omar:", 4));
    if (author_directory_lapses(g->l) != 1) {
        abort();
    }
    const uint64_t id = opened(g, "Officers");
    allow("tom", approve(g, "tom", id, tech));
    allow("bea", approve(g, "bea", id, business));
    allow("redeem", author_log_redeem(g->l, id, false));
    keep_receipt(g, "officers_unlisted", id, FINDING_HOLDS);
}

void golden_directory_make(struct golden_life *g)
{
    memset(g, 0, sizeof(*g));
    arena_init(&g->arena, (size_t)256 << 20);
    g->l = author_log_new(JUDGE_PROVE, STATE_BYTES);
    if (g->l == NULL) {
        abort();
    }
    author_log_standard(g->l);
    allow("client", author_directory_begin(g->l, AUTHOR_DIRECTORY));
    first_read(g);
    narrowed(g);
    silent(g);
    officers(g);
}
