/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Groups that vote, order over rules, escalation (docs/adr/0066). Requirements 4.1, 4.2, 4.3, 4.4: a group is what it
 * was when the request was opened; nobody but its number decides; an escalation lets more people come, and lets nothing
 * go.
 */
#include "judge_bed.h"

#include "policy/policy_sheet.h"
#include "support/author_change.h"
#include "support/author_route.h"

enum { HOUR_MS = 3600000 };

#define RULE(id, require)      "{\"id\":\"" id "\",\"require\":{" require "}}"
#define SEATS(seats)           "\"seats\":[" seats "]"
#define SEAT(id, role)         "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define AFTER(after, id, role) "{\"after\":\"" after "\",\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define GROUP(count, quorum, more)                                                                                     \
    "{\"count\":" count ",\"id\":\"cab\",\"quorum\":\"" quorum "\",\"role\":\"cab\"" more "}"
#define VETO     ",\"veto\":[\"security\"]"
#define MAJORITY RULE("big", SEATS(GROUP("1", "majority", VETO)))

static struct author_log *begun(void **state, const char *rules)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    *state = l;
    route_begin(l, rules);
    return l;
}

static const struct state_request *request(struct author_log *l, uint64_t id)
{
    const struct state_request *q = state_request_find(&author_log_judge(l)->state, id);
    assert_non_null(q);
    return q;
}

static struct sheet_line line_of(struct author_log *l, uint64_t id, const char *seat)
{
    struct arena a;
    struct sheet s;
    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(&author_log_judge(l)->state, request(l, id), &a, &s).code, CS_OK);
    const struct sheet_line *line = policy_sheet_seat(&s, span_str(seat));
    assert_non_null(line);
    const struct sheet_line copy = *line; /* its numbers; its texts are gone */
    arena_release(&a);
    return copy;
}

static struct sha256 sheet_digest(struct author_log *l, uint64_t id)
{
    struct arena a;
    struct sheet s;
    arena_init(&a, 16 << 20);
    assert_int_equal(policy_sheet_of(&author_log_judge(l)->state, request(l, id), &a, &s).code, CS_OK);
    const struct sha256 d = s.digest;
    arena_release(&a);
    return d;
}

static void yes(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    expect(route_say(l, who, id, seat, DECISION_APPROVE), REASON_OK, who);
}

static void no(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    expect(route_say(l, who, id, seat, DECISION_REJECT), REASON_OK, who);
}

static void abstain(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    expect(route_say(l, who, id, seat, DECISION_ABSTAIN), REASON_OK, who);
}

/* --- groups --- */

/* Of five: how many must agree, and how many may be against before it ends. */
static void a_share_of_the_group_must_agree(void **state)
{
    static const struct {
        const char *rules;
        unsigned need;
    } rows[] = {
        {MAJORITY, 3},
        {RULE("big", SEATS(GROUP("1", "two_thirds", ""))), 4},
        {RULE("big", SEATS(GROUP("2", "count", ""))), 2},
        {RULE("big", SEATS(GROUP("4", "majority", ""))), 4}, /* never fewer than that */
    };
    static const char *const cab[] = {"tom", "bea", "tina", "bill", "cleo"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct author_log *l = begun(state, rows[i].rules);
        const uint64_t up = route_open(l, "Up");
        const uint64_t down = route_open(l, "Down");
        struct sheet_line line = line_of(l, up, "big/cab");
        assert_int_equal(line.of, 5);
        assert_int_equal(line.count, rows[i].need);
        for (size_t k = 0; k < rows[i].need; k++) {
            assert_int_equal(request(l, up)->status, STATUS_ELIGIBLE);
            yes(l, cab[k], up, "big/cab");
        }
        assert_int_equal(request(l, up)->status, STATUS_APPROVED);
        for (size_t k = 0; k <= 5 - rows[i].need; k++) {
            assert_int_equal(request(l, down)->status, STATUS_ELIGIBLE);
            no(l, cab[k], down, "big/cab");
        }
        assert_int_equal(request(l, down)->status, STATUS_REJECTED); /* too few are left */
        (void)end(state);
    }
    *state = NULL;
}

static void one_vote_against_does_not_stop_a_majority(void **state)
{
    struct author_log *l = begun(state, MAJORITY);
    const uint64_t id = route_open(l, "Release");
    no(l, "tom", id, "big/cab");
    yes(l, "tina", id, "big/cab");
    no(l, "bea", id, "big/cab");
    const struct sheet_line line = line_of(l, id, "big/cab");
    assert_int_equal(line.have, 1);
    assert_int_equal(line.against, 2);
    assert_int_equal(line.can, 2);
    expect(route_say(l, "tom", id, "big/cab", DECISION_APPROVE), REASON_ALREADY_SIGNED, "tom thinks again");
    yes(l, "bill", id, "big/cab");
    yes(l, "cleo", id, "big/cab");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
}

static void an_abstention_fills_nothing_and_ends_nothing(void **state)
{
    struct author_log *l = begun(state, MAJORITY "," RULE("plain", SEATS(SEAT("tech", "tech"))));
    const uint64_t id = route_open(l, "Release");
    expect(route_say(l, "tom", id, "plain/tech", DECISION_ABSTAIN), REASON_NO_ABSTENTION, "a seat of no group");
    abstain(l, "tom", id, "big/cab");
    expect(route_say(l, "tom", id, "plain/tech", DECISION_APPROVE), REASON_ALREADY_SIGNED, "tom has spoken");
    abstain(l, "bea", id, "big/cab");
    assert_int_equal(line_of(l, id, "big/cab").state, SHEET_MISSING); /* three of five are left */
    abstain(l, "bill", id, "big/cab");
    const struct sheet_line line = line_of(l, id, "big/cab");
    assert_int_equal(line.abstained, 3);
    assert_int_equal(line.state, SHEET_FAILED);
    assert_int_equal(line.reason, REASON_QUORUM_UNREACHABLE);
    assert_int_equal(request(l, id)->status, STATUS_ELIGIBLE);
    no(l, "cleo", id, "big/cab"); /* a vote after which too few are left */
    assert_int_equal(request(l, id)->status, STATUS_REJECTED);
}

/* Whoever signs elsewhere does not vote: one person, one seat. */
static void whoever_sits_elsewhere_is_not_left_to_agree(void **state)
{
    struct author_log *l =
        begun(state, RULE("big", SEATS(GROUP("1", "two_thirds", ""))) "," RULE("plain", SEATS(SEAT("tech", "tech"))));
    const uint64_t id = route_open(l, "Release");
    yes(l, "tom", id, "plain/tech");
    assert_int_equal(line_of(l, id, "big/cab").can, 4);
    abstain(l, "tina", id, "big/cab");
    assert_int_equal(line_of(l, id, "big/cab").state, SHEET_FAILED);
}

static void a_veto_ends_it_at_any_time(void **state)
{
    struct author_log *l = begun(state, MAJORITY "," RULE("plain", SEATS(SEAT("tech", "tech"))));
    const uint64_t early = route_open(l, "Early");
    expect(route_say(l, "sam", early, "big/cab", DECISION_APPROVE), REASON_NO_ROLE, "sam has no vote for it");
    expect(route_say(l, "sam", early, "big/cab", DECISION_ABSTAIN), REASON_NO_ROLE, "nor none");
    expect(route_say(l, "sam", early, "plain/tech", DECISION_REJECT), REASON_NO_ROLE, "and is nobody elsewhere");
    no(l, "sam", early, "big/cab");
    assert_int_equal(request(l, early)->status, STATUS_REJECTED);

    const uint64_t full = route_open(l, "Full");
    yes(l, "bea", full, "big/cab");
    yes(l, "bill", full, "big/cab");
    yes(l, "cleo", full, "big/cab");
    expect(route_say(l, "tina", full, "big/cab", DECISION_REJECT), REASON_SEAT_FULL, "a vote too late");
    no(l, "sam", full, "big/cab");
    assert_int_equal(request(l, full)->status, STATUS_REJECTED);
}

/* A veto has no turn, and so names no signature before it. */
static void a_veto_does_not_wait_for_its_turn(void **state)
{
    struct author_log *l = begun(state, RULE("big", SEATS("{\"after\":\"plain/tech\",\"count\":1,\"id\":\"cab\","
                                                          "\"quorum\":\"majority\",\"role\":\"cab\"" VETO
                                                          "}")) "," RULE("plain", SEATS(SEAT("tech", "tech"))));
    const uint64_t id = route_open(l, "Release");
    expect(route_say(l, "bea", id, "big/cab", DECISION_APPROVE), REASON_SEAT_ORDER, "bea");
    expect(route_say(l, "bea", id, "big/cab", DECISION_REJECT), REASON_SEAT_ORDER, "bea, against");
    no(l, "sam", id, "big/cab");
    assert_int_equal(request(l, id)->status, STATUS_REJECTED);
}

/* --- the roster of the moment when it was opened --- */

static void whoever_leaves_does_not_make_it_fewer(void **state)
{
    struct author_log *l = begun(state, MAJORITY);
    const uint64_t id = route_open(l, "Release");
    const struct sha256 before = sheet_digest(l, id);
    expect(author_change_roles(l, "tom", "tech"), REASON_OK, "tom leaves");
    expect(author_change_roles(l, "bea", "business"), REASON_OK, "bea leaves");
    const struct sha256 after = sheet_digest(l, id);
    assert_true(sha256_eq(&before, &after)); /* what people sign is the same */
    const struct sheet_line line = line_of(l, id, "big/cab");
    assert_int_equal(line.of, 5);
    assert_int_equal(line.count, 3);
    assert_int_equal(line.can, 3);
    yes(l, "tina", id, "big/cab");
    yes(l, "bill", id, "big/cab");
    assert_int_equal(request(l, id)->status, STATUS_ELIGIBLE);
    yes(l, "cleo", id, "big/cab");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
    assert_int_equal(line_of(l, route_open(l, "Next"), "big/cab").of, 3);
}

static void whoever_comes_later_has_no_vote(void **state)
{
    struct author_log *l = begun(state, MAJORITY);
    const uint64_t id = route_open(l, "Release");
    route_person(l, "ned", "cab");
    expect(author_change_roles(l, "dora", "cab"), REASON_OK, "dora joins");
    expect(route_say(l, "ned", id, "big/cab", DECISION_APPROVE), REASON_NOT_IN_GROUP, "ned");
    expect(route_say(l, "dora", id, "big/cab", DECISION_REJECT), REASON_NOT_IN_GROUP, "dora");
    assert_int_equal(line_of(l, id, "big/cab").of, 5);
    /* who left and came back was there */
    expect(author_change_roles(l, "cleo", "duty"), REASON_OK, "cleo leaves");
    expect(route_say(l, "cleo", id, "big/cab", DECISION_APPROVE), REASON_NO_ROLE, "cleo");
    expect(author_change_roles(l, "cleo", "cab"), REASON_OK, "cleo comes back");
    yes(l, "cleo", id, "big/cab");
    const uint64_t next = route_open(l, "Next");
    assert_int_equal(line_of(l, next, "big/cab").of, 7);
    yes(l, "ned", next, "big/cab");
}

/* A policy that brings a group to what is open brings it as it was then. */
static void a_later_policy_counts_the_roster_of_then(void **state)
{
    struct author_log *l = begun(state, RULE("plain", SEATS(SEAT("tech", "tech"))));
    const uint64_t id = route_open(l, "Release");
    route_person(l, "ned", "cab");
    route_rules(l, MAJORITY);
    assert_int_equal(line_of(l, id, "big/cab").of, 5);
    expect(route_say(l, "ned", id, "big/cab", DECISION_APPROVE), REASON_NOT_IN_GROUP, "ned");
    yes(l, "tom", id, "plain/tech");
    yes(l, "tina", id, "big/cab");
    yes(l, "bea", id, "big/cab");
    yes(l, "bill", id, "big/cab");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
}

/* A vote and a plain seat of one name are two seats. */
static void a_vote_is_no_plain_seat(void **state)
{
    struct author_log *l = begun(state, RULE("big", SEATS(SEAT("cab", "cab"))));
    const uint64_t id = route_open(l, "Release");
    route_rules(l, MAJORITY);
    yes(l, "tom", id, "big/cab");
    expect(route_say(l, "tina", id, "big/cab", DECISION_APPROVE), REASON_SEAT_FULL, "the plain one");
    yes(l, "tina", id, "big/cab/v5");
    no(l, "bea", id, "big/cab/v5");
    assert_int_equal(request(l, id)->status, STATUS_ELIGIBLE);
    yes(l, "bill", id, "big/cab/v5");
    yes(l, "cleo", id, "big/cab/v5");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
}

static void a_key_that_is_switched_off_gives_its_vote_back(void **state)
{
    struct author_log *l = begun(state, MAJORITY);
    const uint64_t id = route_open(l, "Release");
    expect(author_change_add_key(l, "tom", "tom's other key"), REASON_OK, "another key");
    no(l, "tom", id, "big/cab");
    abstain(l, "tina", id, "big/cab");
    expect(author_change_revoke(l, "tom"), REASON_OK, "it was stolen");
    assert_int_equal(line_of(l, id, "big/cab").against, 0);
    const struct author_wrong other = {.credential_of = "tom's other key"};
    expect(author_log_decide(l, "tom", id, "big/cab", DECISION_APPROVE, NULL, &other), REASON_OK, "tom himself");
    assert_int_equal(line_of(l, id, "big/cab").have, 1);
}

static void a_group_that_cannot_be_does_not_load(void **state)
{
    static const struct {
        const char *name;
        const char *rules;
        enum policy_reason want;
    } rows[] = {
        {"six of five", RULE("big", SEATS(GROUP("6", "count", ""))), REASON_UNFILLABLE_SEAT},
        {"no fewer than six", RULE("big", SEATS(GROUP("6", "majority", ""))), REASON_UNFILLABLE_SEAT},
        {"a group and a seat beside it", RULE("big", SEATS(GROUP("5", "count", "") "," SEAT("one", "cab"))),
         REASON_UNFILLABLE_SEAT},
        {"a ring over rules",
         RULE("a", SEATS(AFTER("b/x", "x", "tech"))) "," RULE("b", SEATS(AFTER("a/x", "x", "tech"))),
         REASON_POLICY_INVALID},
        {"after nobody", RULE("a", SEATS(AFTER("b/x", "x", "tech"))), REASON_POLICY_INVALID},
    };
    struct author_log *l = begun(state, MAJORITY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect(author_change_policy(l, rows[i].rules), rows[i].want, rows[i].name);
    }
    expect(author_change_policy(l, RULE("big", SEATS(GROUP("5", "count", "")))), REASON_OK, "all five");
    expect(author_change_roles(l, "dora", "tech"), REASON_OK, "nobody is on duty");
    expect(author_change_policy(
               l, RULE("a", "\"escalate\":[{\"after_s\":60,\"to\":\"duty\"}]," SEATS(SEAT("tech", "tech")))),
           REASON_UNFILLABLE_SEAT, "to nobody");
}

/* --- order --- */

static void another_rules_seat_comes_first(void **state)
{
    struct author_log *l = begun(
        state,
        RULE("privacy",
             SEATS(AFTER("production/tech", "privacy",
                         "security"))) ","
                                       "{\"id\":\"production\",\"require\":{" SEATS(SEAT(
                                           "tech",
                                           "tech")) "},"
                                                    "\"when\":[{\"is\":[\"production\"],\"name\":\"environment\"}]}");
    const uint64_t id = route_open(l, "Release");
    expect(route_say(l, "sam", id, "privacy/privacy", DECISION_APPROVE), REASON_SEAT_ORDER, "sam is early");
    yes(l, "tom", id, "production/tech");
    yes(l, "sam", id, "privacy/privacy");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);

    uint64_t staging = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Try", .environment = "staging"}, &staging),
           REASON_OK, "staging");
    yes(l, "sam", staging, "privacy/privacy"); /* there is no such seat, and nobody to wait for */
    assert_int_equal(request(l, staging)->status, STATUS_APPROVED);
}

static void name_another(struct statement *st)
{
    st->previous.b[0] ^= 1;
}

static void name_none(struct statement *st)
{
    st->has_previous = false;
}

static void each_signs_over_the_signature_before(void **state)
{
    struct author_log *l =
        begun(state, RULE("a", SEATS(AFTER("b/y", "x", "business"))) "," RULE("b", SEATS(SEAT("y", "tech"))));
    const uint64_t id = route_open(l, "Release");
    yes(l, "tom", id, "b/y");
    expect(author_log_decide(l, "bea", id, "a/x", DECISION_APPROVE, NULL, &(struct author_wrong){.bend = name_another}),
           REASON_PREVIOUS, "another one");
    expect(author_log_decide(l, "bea", id, "a/x", DECISION_APPROVE, NULL, &(struct author_wrong){.bend = name_none}),
           REASON_PREVIOUS, "none");
    yes(l, "bea", id, "a/x");
}

/* The seat that comes before gets another meaning: whoever came after it comes after both. */
static void a_renamed_seat_of_another_rule_still_comes_first(void **state)
{
#define CHAIN(role) RULE("a", SEATS(AFTER("b/y", "x", "business"))) "," RULE("b", SEATS(SEAT("y", role)))
    struct author_log *l = begun(state, CHAIN("tech"));
    const uint64_t id = route_open(l, "Release");
    route_rules(l, CHAIN("security"));
    yes(l, "tom", id, "b/y");
    yes(l, "bea", id, "a/x");
    expect(route_say(l, "bill", id, "a/x/v5", DECISION_APPROVE), REASON_SEAT_ORDER, "before sam");
    yes(l, "sam", id, "b/y/v5");
    yes(l, "bill", id, "a/x/v5");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
}

/* --- escalation --- */

#define STEPS                                                                                                          \
    "\"escalate\":[{\"after_s\":3600,\"to\":\"duty\",\"when\":[{\"is\":[\"emergency\"],\"name\":\"change_type\"}]},"   \
    "{\"after_s\":14400,\"to\":\"duty\"}],"
#define ESCALATES RULE("r", STEPS SEATS(SEAT("business", "business") "," SEAT("tech", "tech")))

static void nobody_comes_so_somebody_else_may(void **state)
{
    struct author_log *l = begun(state, ESCALATES);
    const uint64_t id = route_open(l, "Release");
    const struct sha256 before = sheet_digest(l, id);
    expect(route_say(l, "dora", id, "r/tech", DECISION_APPROVE), REASON_NO_ROLE, "dora, before");
    yes(l, "bea", id, "r/business");
    author_log_advance(l, 2 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_NOT_DUE, "for what is critical only");
    author_log_advance(l, 2 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "client:ci", id, "r", "duty"), REASON_WRONG_ACTOR, "by a client");
    expect(route_escalate(l, "system:core", id, "s", "duty"), REASON_WRONG_EFFECT, "of another rule");
    expect(route_escalate(l, "system:core", id, "r", "cab"), REASON_WRONG_EFFECT, "to another role");
    expect(route_escalate(l, "system:core", id + 1000, "r", "duty"), REASON_UNKNOWN_REQUEST, "of no request");
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_OK, "due");
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_WRONG_EFFECT, "twice");
    const struct sha256 after = sheet_digest(l, id);
    assert_false(sha256_eq(&before, &after));
    const struct sheet_line line = line_of(l, id, "r/tech");
    assert_int_equal(line.count, 1);                        /* as many as before */
    assert_int_equal(line_of(l, id, "r/business").have, 1); /* who signed has signed */
    expect(route_say(l, "sam", id, "r/tech", DECISION_APPROVE), REASON_NO_ROLE, "sam");
    yes(l, "dora", id, "r/tech");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
}

static void who_stands_in_has_one_seat(void **state)
{
    struct author_log *l = begun(state, ESCALATES);
    const uint64_t id = route_open(l, "Release");
    author_log_advance(l, 4 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_OK, "due");
    yes(l, "dora", id, "r/tech");
    expect(route_say(l, "dora", id, "r/business", DECISION_APPROVE), REASON_ALREADY_SIGNED, "both");
    yes(l, "bea", id, "r/business");
}

static void an_escalation_can_be_sooner(void **state)
{
    struct author_log *l = begun(state, ESCALATES);
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Fix", .change_type = "emergency"}, &id), REASON_OK,
           "request");
    author_log_advance(l, HOUR_MS - 2);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_NOT_DUE, "a moment before");
    author_log_advance(l, 1);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_OK, "an hour after");
}

static void change_sheet_back(struct statement *st)
{
    st->sheet_sha256.b[0] ^= 1;
}

/* What was shown before it widened is not what is signed after. */
static void a_sheet_from_before_is_not_signed_after(void **state)
{
    struct author_log *l = begun(state, ESCALATES);
    const uint64_t id = route_open(l, "Release");
    author_log_advance(l, 4 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_OK, "due");
    expect(author_log_decide(l, "tom", id, "r/tech", DECISION_APPROVE, NULL,
                             &(struct author_wrong){.bend = change_sheet_back}),
           REASON_SHEET_CHANGED, "tom");
}

static void nothing_escalates_late_or_by_a_wrong_clock(void **state)
{
    struct author_log *l = begun(state, ESCALATES);
    const uint64_t closed = route_open(l, "Closed");
    const uint64_t id = route_open(l, "Release");
    no(l, "tom", closed, "r/tech");
    author_log_advance(l, 4 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "system:core", closed, "r", "duty"), REASON_NOT_OPEN, "closed");
    expect(author_log_clock(l, 5000), REASON_OK, "back");
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_CLOCK, "while it is back");
    expect(author_log_clock(l, 0), REASON_OK, "right again");
    author_log_advance(l, 24 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "system:core", id, "r", "duty"), REASON_EXPIRED, "past sign-by");
}

/* A policy that does not widen any more takes back who stood in. */
static void both_policies_must_want_it(void **state)
{
    struct author_log *l = begun(state, ESCALATES);
    const uint64_t done = route_open(l, "Done");
    const uint64_t open = route_open(l, "Open");
    author_log_advance(l, 4 * (uint64_t)HOUR_MS);
    expect(route_escalate(l, "system:core", done, "r", "duty"), REASON_OK, "due");
    yes(l, "dora", done, "r/tech");
    yes(l, "bea", done, "r/business");
    assert_int_equal(request(l, done)->status, STATUS_APPROVED);
    route_rules(l, RULE("r", SEATS(SEAT("business", "business") "," SEAT("tech", "tech"))));
    expect(route_escalate(l, "system:core", open, "r", "duty"), REASON_WRONG_EFFECT, "not any more");
    expect(author_log_redeem(l, done, false), REASON_TOO_FEW_SIGNED, "dora does not count any more");
}

/* Of a group those vote who had the role when it was opened, the new one as well. */
static void an_escalated_group_has_the_same_number(void **state)
{
    struct author_log *l =
        begun(state, RULE("big", "\"escalate\":[{\"after_s\":60,\"to\":\"duty\"}]," SEATS(GROUP("1", "majority", ""))));
    const uint64_t id = route_open(l, "Release");
    route_person(l, "dave", "duty");
    abstain(l, "tom", id, "big/cab");
    abstain(l, "bea", id, "big/cab");
    abstain(l, "cleo", id, "big/cab");
    assert_int_equal(line_of(l, id, "big/cab").state, SHEET_FAILED);
    author_log_advance(l, HOUR_MS);
    expect(route_escalate(l, "system:core", id, "big", "duty"), REASON_OK, "due");
    const struct sheet_line line = line_of(l, id, "big/cab");
    assert_int_equal(line.state, SHEET_MISSING); /* within reach again */
    assert_int_equal(line.of, 5);
    assert_int_equal(line.count, 3);
    assert_int_equal(line.can, 3);
    expect(route_say(l, "dave", id, "big/cab", DECISION_APPROVE), REASON_NOT_IN_GROUP, "dave");
    yes(l, "dora", id, "big/cab");
    yes(l, "tina", id, "big/cab");
    yes(l, "bill", id, "big/cab");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
}

int main(void)
{
#define HOLDS(test) cmocka_unit_test_teardown(test, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_share_of_the_group_must_agree),
        HOLDS(one_vote_against_does_not_stop_a_majority),
        HOLDS(an_abstention_fills_nothing_and_ends_nothing),
        HOLDS(whoever_sits_elsewhere_is_not_left_to_agree),
        HOLDS(a_veto_ends_it_at_any_time),
        HOLDS(a_veto_does_not_wait_for_its_turn),
        HOLDS(whoever_leaves_does_not_make_it_fewer),
        HOLDS(whoever_comes_later_has_no_vote),
        HOLDS(a_later_policy_counts_the_roster_of_then),
        HOLDS(a_vote_is_no_plain_seat),
        HOLDS(a_key_that_is_switched_off_gives_its_vote_back),
        HOLDS(a_group_that_cannot_be_does_not_load),
        HOLDS(another_rules_seat_comes_first),
        HOLDS(each_signs_over_the_signature_before),
        HOLDS(a_renamed_seat_of_another_rule_still_comes_first),
        HOLDS(nobody_comes_so_somebody_else_may),
        HOLDS(who_stands_in_has_one_seat),
        HOLDS(an_escalation_can_be_sooner),
        HOLDS(a_sheet_from_before_is_not_signed_after),
        HOLDS(nothing_escalates_late_or_by_a_wrong_clock),
        HOLDS(both_policies_must_want_it),
        HOLDS(an_escalated_group_has_the_same_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
