/* SPDX-License-Identifier: Apache-2.0 */
/* The sheet: which rules apply, what they add, and that adding never approves more.
 * Requirements 1.2, 1.3, 2.2, 4.3, 5.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_match.h"
#include "support/author_log.h"

#define HEAD                                                                                                           \
    "{\"change_types\":[\"normal\"],\"environments\":[\"production\",\"staging\"],\"name\":\"t\",\"officers\":{"       \
    "\"sign_by_s\":60,"                                                                                                \
    "\"threshold\":2},\"roles\":[\"business\",\"officer\",\"tech\"],\"rules\":["
#define TAIL                    "],\"v\":1,\"version\":7}"
#define SEAT(id, role, n)       "{\"count\":" n ",\"id\":\"" id "\",\"role\":\"" role "\"}"
#define WHEN(name, value)       ",\"when\":[{\"is\":[\"" value "\"],\"name\":\"" name "\"}]"
#define RULE(id, require, when) "{\"id\":\"" id "\",\"require\":{" require "}" when "}"

struct fixture {
    struct arena arena;
    struct deploy_content deploy;
    struct state_policy a;
    struct state_policy b;
};

static void load(struct fixture *f, struct state_policy *p, const char *text)
{
    const struct cs_result r = model_policy_decode(span_str(text), &f->arena, &p->doc);
    if (r.code != CS_OK) {
        fail_msg("%s: %s", r.msg, cs_code_name(r.code));
    }
}

static struct fixture *fixture(const char *policy_a, const char *policy_b)
{
    static const char content[] =
        "{\"artifacts\":[{\"name\":\"api\",\"sha256\":"
        "\"00000000000000000000000000000000000000000000000000000000000000aa\"}],\"attributes\":{\"criticality\":"
        "\"high\","
        "\"lines\":2000},\"change_type\":\"normal\",\"documentation\":{\"backout_plan\":\"undo\"},\"environment\":"
        "\"production\",\"initiator\":\"gitlab:7\",\"service\":\"payments\",\"title\":\"Release\"}";
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    arena_init(&f->arena, 16 << 20);
    const struct cs_result r = model_deploy_decode(SPAN_LIT(content), &f->arena, &f->deploy);
    if (r.code != CS_OK) {
        fail_msg("%s at %u: %s", r.msg, r.at, cs_code_name(r.code));
    }
    load(f, &f->a, policy_a);
    load(f, &f->b, policy_b != NULL ? policy_b : policy_a);
    return f;
}

static void release(struct fixture *f)
{
    arena_release(&f->arena);
    free(f);
}

static struct sheet sheet_of(struct fixture *f, bool both)
{
    const struct sheet_input in = {
        .kind = KIND_DEPLOY, .deploy = &f->deploy, .opened_under = &f->a, .in_force = both ? &f->b : &f->a};
    struct sheet s;
    assert_int_equal(policy_sheet(&in, &f->arena, &s).code, CS_OK);
    return s;
}

static size_t seats(const struct sheet *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->count; i++) {
        n += s->lines[i].kind == SHEET_SEAT ? s->lines[i].count : 0U;
    }
    return n;
}

struct match_row {
    const char *name;
    const char *when;
    size_t seats;
};

static void rules_apply_when_all_conditions_hold(void **state)
{
#define ONE(when)        HEAD RULE("r", "\"seats\":[" SEAT("t", "tech", "1") "]", when) TAIL
#define FORM(form, name) ",\"when\":[{" form ",\"name\":\"" name "\"}]"
#define ANY(environment)                                                                                               \
    ",\"when\":[{\"any\":[{\"ge\":2001,\"name\":\"attributes.lines\"},{\"is\":[\"" environment                         \
    "\"],\"name\":\"environment\"}]}]"
    static const struct match_row rows[] = {
        {"no condition", ONE(""), 1},
        {"environment", ONE(WHEN("environment", "production")), 1},
        {"other environment", ONE(WHEN("environment", "staging")), 0},
        {"service", ONE(WHEN("service", "payments")), 1},
        {"other service", ONE(WHEN("service", "search")), 0},
        {"attribute", ONE(WHEN("attributes.criticality", "high")), 1},
        {"other attribute", ONE(WHEN("attributes.criticality", "low")), 0},
        {"number", ONE(WHEN("attributes.lines", "2000")), 1},
        {"missing attribute matches", ONE(WHEN("attributes.data", "pii")), 1},
        {"one of two",
         ONE(",\"when\":[{\"is\":[\"high\"],\"name\":\"attributes.criticality\"},{\"is\":[\"staging\"],\"name\":"
             "\"environment\"}]"),
         0},
        {"at least, reached", ONE(FORM("\"ge\":2000", "attributes.lines")), 1},
        {"at least, one short", ONE(FORM("\"ge\":2001", "attributes.lines")), 0},
        {"at most, reached", ONE(FORM("\"le\":2000", "attributes.lines")), 1},
        {"at most, one over", ONE(FORM("\"le\":1999", "attributes.lines")), 0},
        {"number that is a text", ONE(FORM("\"ge\":1", "attributes.criticality")), 1},
        {"number that is missing", ONE(FORM("\"ge\":1", "attributes.files")), 1},
        {"none of", ONE(FORM("\"is_not\":[\"low\"]", "attributes.criticality")), 1},
        {"none of, but is", ONE(FORM("\"is_not\":[\"high\",\"low\"]", "attributes.criticality")), 0},
        {"none of, missing", ONE(FORM("\"is_not\":[\"pii\"]", "attributes.data")), 1},
        {"like", ONE(FORM("\"glob\":[\"pay*\"]", "service")), 1},
        {"not like it", ONE(FORM("\"glob\":[\"*pay\"]", "service")), 0},
        {"like none", ONE(FORM("\"glob_not\":[\"pay*\"]", "service")), 0},
        {"like, missing", ONE(FORM("\"glob\":[\"refs/*\"]", "source.ref")), 1},
        {"one alternative holds", ONE(ANY("production")), 1},
        {"no alternative holds", ONE(ANY("staging")), 0},
        {"any of a list", ONE(",\"when\":[{\"is\":[\"production\",\"staging\"],\"name\":\"environment\"}]"), 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = fixture(rows[i].when, NULL);
        const struct sheet s = sheet_of(f, false);
        if (seats(&s) != rows[i].seats) {
            fail_msg("%s: %zu seats", rows[i].name, seats(&s));
        }
        release(f);
    }
}

static void seats_of_two_rules_are_added(void **state)
{
    struct fixture *f = fixture(HEAD RULE("a", "\"seats\":[" SEAT("t", "tech", "1") "]",
                                          "") "," RULE("b", "\"seats\":[" SEAT("t", "tech", "2") "]", "") TAIL,
                                NULL);
    const struct sheet s = sheet_of(f, false);
    (void)state;
    assert_int_equal(seats(&s), 3);
    assert_non_null(policy_sheet_seat(&s, SPAN_LIT("a/t")));
    assert_non_null(policy_sheet_seat(&s, SPAN_LIT("b/t")));
    assert_null(policy_sheet_seat(&s, SPAN_LIT("a/b/t")));
    assert_null(policy_sheet_seat(&s, SPAN_LIT("a")));
    assert_null(policy_sheet_seat(&s, SPAN_LIT("")));
    release(f);
}

/* Nine to twelve in a place that two policies place differently. */
#define OPEN_AT(offset)                                                                                                \
    "{\"calendar\":[{\"allow\":[{\"hours\":[\"09:00-12:00\"],\"zone\":\"Somewhere\"}],\"environments\":["              \
    "\"production\"],\"id\":\"work\"}],\"change_types\":[\"normal\"],\"environments\":[\"production\",\"staging\"],"   \
    "\"name\":\"t\",\"officers\":{\"sign_by_s\":60,\"threshold\":2},\"roles\":[\"business\",\"officer\",\"tech\"],"    \
    "\"rules\":[],\"v\":1,\"version\":7,\"zones\":[{\"id\":\"Somewhere\",\"offsets\":[1704067200," offset "]}]}"

/* A window of two policies is one line, because what is signed is the same: the one that is closed counts. */
static void of_one_window_the_closed_one_counts(void **state)
{
    static const struct {
        const char *opened;
        const char *in_force;
        bool open;
    } rows[] = {
        {OPEN_AT("0"), OPEN_AT("0"), true},
        {OPEN_AT("0"), OPEN_AT("36000"), false},
        {OPEN_AT("36000"), OPEN_AT("0"), false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture *f = fixture(rows[i].opened, rows[i].in_force);
        const struct sheet_input in = {.kind = KIND_DEPLOY,
                                       .deploy = &f->deploy,
                                       .now_ms = UINT64_C(1767607200000), /* 2026-01-05T10:00:00Z */
                                       .opened_under = &f->a,
                                       .in_force = &f->b};
        struct sheet s;
        size_t windows = 0;
        assert_int_equal(policy_sheet(&in, &f->arena, &s).code, CS_OK);
        for (size_t k = 0; k < s.count; k++) {
            if (s.lines[k].kind == SHEET_WINDOW) {
                assert_int_equal(policy_line_passes(&s.lines[k]), rows[i].open);
                windows++;
            }
        }
        assert_int_equal(windows, 1);
        release(f);
    }
}

static void the_shortest_clock_and_the_longest_reason_count(void **state)
{
    struct fixture *f = fixture(
        HEAD RULE("a", "\"reason\":{\"approve\":9,\"reject\":15},\"sign_by_s\":100,\"use_by_s\":900", "") "," RULE(
            "b", "\"reason\":{\"approve\":10,\"reject\":3},\"sign_by_s\":90,\"use_by_s\":1000", "") TAIL,
        NULL);
    const struct sheet s = sheet_of(f, false);
    (void)state;
    assert_int_equal(s.sign_by_s, 90);
    assert_int_equal(s.use_by_s, 900);
    assert_int_equal(s.reason_approve_min, 10);
    assert_int_equal(s.reason_reject_min, 15);
    release(f);
}

static void what_is_missing_is_said_line_by_line(void **state)
{
    struct fixture *f = fixture(
        HEAD RULE("a",
                  "\"bind\":[\"artifacts\",\"config\"],\"fields\":[\"documentation.backout_plan\","
                  "\"documentation.customer_impact\",\"ticket\",\"title\"],\"seats\":[" SEAT("t", "tech", "1") "]",
                  "") TAIL,
        NULL);
    const struct sheet s = sheet_of(f, false);
    size_t missing = 0;
    (void)state;
    assert_false(s.complete);
    for (size_t i = 0; i < s.count; i++) {
        const struct sheet_line *l = &s.lines[i];
        if (l->kind != SHEET_SEAT && l->state == SHEET_MISSING) {
            missing++;
            assert_true(span_is(l->id, "documentation.customer_impact") || span_is(l->id, "ticket") ||
                        span_is(l->id, "config"));
        }
    }
    assert_int_equal(missing, 3);
    release(f);
}

/* An open request keeps what it was opened under and gains what a new policy asks, never the other way (docs/adr/0005).
 */
static void a_new_policy_adds_and_never_removes(void **state)
{
#define OLD      HEAD RULE("r", "\"seats\":[" SEAT("t", "tech", "2") "]", "") TAIL
#define NEW_LESS HEAD RULE("r", "\"seats\":[" SEAT("t", "tech", "1") "]", "") TAIL
#define NEW_MORE                                                                                                       \
    HEAD RULE("r", "\"seats\":[" SEAT("t", "tech", "2") "]",                                                           \
              "") "," RULE("s", "\"seats\":[" SEAT("b", "business", "1") "]", "") TAIL
    struct fixture *less = fixture(OLD, NEW_LESS);
    struct fixture *more = fixture(OLD, NEW_MORE);
    const struct sheet alone = sheet_of(less, false);
    const struct sheet with_less = sheet_of(less, true);
    const struct sheet with_more = sheet_of(more, true);
    (void)state;
    assert_int_equal(seats(&with_less), 2);
    assert_int_equal(seats(&with_more), 3);
    assert_true(sha256_eq(&alone.digest, &with_less.digest));
    assert_false(sha256_eq(&alone.digest, &with_more.digest));
    release(less);
    release(more);
}

struct seat_row {
    const char *name;
    const char *old;
    const char *new;
    const char *seats; /* of the sheet: name=role>after, in its order */
};

#define TURN(id, role, after) "{\"after\":\"" after "\",\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"

/* A seat that changed its meaning stands there in both, under names of its own. */
static void seats_of_two_policies_have_names_of_their_own(void **state)
{
    static const struct seat_row rows[] = {
        {"the same", SEAT("a", "tech", "1"), SEAT("a", "tech", "1"), "r/a=tech>;"},
        {"more people", SEAT("a", "tech", "1"), SEAT("a", "tech", "2"), "r/a=tech>;"},
        {"another role", SEAT("a", "tech", "1"), SEAT("a", "business", "1"), "r/a=tech>;r/a/v7=business>;"},
        {"now after another", SEAT("a", "tech", "1") "," SEAT("b", "tech", "1"),
         SEAT("a", "tech", "1") "," TURN("b", "tech", "a"), "r/a=tech>;r/b=tech>;r/b/v7=tech>a;"},
        {"no longer after another", SEAT("a", "tech", "1") "," TURN("b", "tech", "a"),
         SEAT("a", "tech", "1") "," SEAT("b", "tech", "1"), "r/a=tech>;r/b=tech>a;r/b/v7=tech>;"},
        {"what comes after it follows", SEAT("a", "tech", "1") "," TURN("b", "tech", "a"),
         SEAT("a", "officer", "1") "," TURN("b", "tech", "a"),
         "r/a=tech>;r/a/v7=officer>;r/b=tech>a;r/b/v7=tech>a/v7;"},
        {"a chain, last seat first", SEAT("c", "tech", "1") "," TURN("b", "tech", "c") "," TURN("a", "tech", "b"),
         TURN("a", "tech", "b") "," TURN("b", "tech", "c") "," SEAT("c", "officer", "1"),
         "r/a=tech>b;r/a/v7=tech>b/v7;r/b=tech>c;r/b/v7=tech>c/v7;r/c=tech>;r/c/v7=officer>;"},
        {"a new seat after a changed one", SEAT("a", "tech", "1"), SEAT("a", "officer", "1") "," TURN("b", "tech", "a"),
         "r/a=tech>;r/a/v7=officer>;r/b=tech>a/v7;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char old[1024];
        char new[1024];
        (void)snprintf(old, sizeof(old), HEAD "{\"id\":\"r\",\"require\":{\"seats\":[%s]}}" TAIL, rows[i].old);
        (void)snprintf(new, sizeof(new), HEAD "{\"id\":\"r\",\"require\":{\"seats\":[%s]}}" TAIL, rows[i].new);
        struct fixture *f = fixture(old, new);
        const struct sheet s = sheet_of(f, true);
        AUTO_WRITER got = wr_heap(4096);
        for (size_t k = 0; k < s.count; k++) {
            policy_seat_name(&s.lines[k], &got);
            wr_u8(&got, '=');
            wr_bytes(&got, s.lines[k].role);
            wr_u8(&got, '>');
            wr_bytes(&got, s.lines[k].after);
            wr_u8(&got, ';');
        }
        if (!span_is(wr_span(&got), rows[i].seats)) {
            fail_msg("%s: %.*s", rows[i].name, (int)got.len, (const char *)got.p);
        }
        release(f);
    }
}

static void order_of_rules_does_not_matter(void **state)
{
#define A RULE("a", "\"fields\":[\"title\"],\"seats\":[" SEAT("t", "tech", "1") "]", "")
#define B RULE("b", "\"seats\":[" SEAT("b", "business", "1") "]", "")
    struct fixture *ab = fixture(HEAD A "," B TAIL, NULL);
    struct fixture *ba = fixture(HEAD B "," A TAIL, NULL);
    const struct sheet x = sheet_of(ab, false);
    const struct sheet y = sheet_of(ba, false);
    (void)state;
    assert_true(sha256_eq(&x.digest, &y.digest));
    release(ab);
    release(ba);
}

static void progress_and_clocks_are_not_in_the_digest(void **state)
{
    struct fixture *f = fixture(HEAD RULE("r", "\"seats\":[" SEAT("t", "tech", "1") "],\"sign_by_s\":60", "") TAIL,
                                HEAD RULE("r", "\"seats\":[" SEAT("t", "tech", "1") "],\"sign_by_s\":30", "") TAIL);
    struct span tech = SPAN_LIT("tech");
    struct state_person tom = {.id = SPAN_LIT("tom"), .roles = &tech, .role_count = 1};
    struct state_model model = {0};
    struct state_credential key = {.kind = CREDENTIAL_FIDO2, .person = &tom, .model = &model};
    const struct state_decision d = {
        .word = DECISION_APPROVE, .person = &tom, .credential = &key, .seat = SPAN_LIT("r/t")};
    const struct sheet before = sheet_of(f, true);
    struct sheet_input in = before.in;
    struct sheet after;
    (void)state;
    in.decisions = &d;
    in.decision_count = 1;
    assert_int_equal(policy_sheet(&in, &f->arena, &after).code, CS_OK);
    assert_true(after.seats_full);
    assert_false(before.seats_full);
    assert_true(sha256_eq(&before.digest, &after.digest));
    tech = SPAN_LIT("business");
    assert_int_equal(policy_sheet(&in, &f->arena, &after).code, CS_OK);
    assert_false(after.seats_full);
    tech = SPAN_LIT("tech");
    key.revoked = true;
    assert_int_equal(policy_sheet(&in, &f->arena, &after).code, CS_OK);
    assert_false(after.seats_full);
    assert_true(sha256_eq(&before.digest, &after.digest));
    f->a = f->b;
    const struct sheet other_clock = sheet_of(f, false);
    assert_true(sha256_eq(&before.digest, &other_clock.digest));
    release(f);
}

/* Zero memory means deny: a sheet without a seat is never full, a verdict that nobody wrote refuses (question 4). */
/* 1.3: a machine makes a request blocked or eligible, and never fills a seat. */
static void blocked_and_paused_are_seen(void **state)
{
    struct sheet_line lines[] = {{.kind = SHEET_FIELD, .state = SHEET_MET},
                                 {.kind = SHEET_EVIDENCE, .reason = REASON_NOT_EVALUATED},
                                 {.kind = SHEET_SEAT, .count = 1, .reason = REASON_TOO_FEW_SIGNED}};
    static const enum sheet_state blocks[] = {SHEET_MISSING, SHEET_FAILED, SHEET_BLOCKED};
    struct sheet s = {.lines = lines, .count = 3};
    struct state_grant grant = {0};
    struct state_request open = {.status = STATUS_ELIGIBLE};
    struct state_request approved = {.status = STATUS_APPROVED};
    struct state_request granted = {.status = STATUS_APPROVED, .grant = &grant};
    struct state_request final = {.status = STATUS_REJECTED};
    (void)state;
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        lines[1].state = blocks[i];
        assert_true(policy_sheet_said(&s).allow);
        assert_int_equal(policy_sheet_complete(&s).reason, REASON_NOT_EVALUATED);
        assert_int_equal(policy_status(&open, &s), STATUS_BLOCKED);
        assert_int_equal(policy_status(&approved, &s), STATUS_PAUSED);
        assert_int_equal(policy_status(&granted, &s), STATUS_APPROVED);
        assert_int_equal(policy_status(&final, &s), STATUS_REJECTED);
    }
    lines[1].kind = SHEET_FREEZE;
    assert_int_equal(policy_status(&open, &s), STATUS_PAUSED);
    lines[1].state = SHEET_WAIVED;
    s.complete = true;
    assert_true(policy_sheet_complete(&s).allow);
    assert_int_equal(policy_sheet_met(&s).reason, REASON_TOO_FEW_SIGNED);
    assert_int_equal(policy_status(&open, &s), STATUS_ELIGIBLE);
    assert_int_equal(policy_status(&approved, &s), STATUS_PAUSED); /* a seat is empty again */
    s.seats_full = true;
    assert_int_equal(policy_status(&approved, &s), STATUS_APPROVED);
    lines[0] = (struct sheet_line){.kind = SHEET_FIELD, .reason = REASON_MISSING_FIELD};
    assert_int_equal(policy_sheet_said(&s).reason, REASON_MISSING_FIELD);
}

static void nothing_is_never_enough(void **state)
{
    struct fixture *f = fixture(HEAD RULE("r", "\"fields\":[\"title\"]", "") TAIL, NULL);
    const struct sheet s = sheet_of(f, false);
    const struct verdict v = {0};
    const struct sheet none = {0};
    (void)state;
    assert_false(s.seats_full);
    assert_false(none.seats_full);
    assert_false(v.allow);
    assert_string_equal(policy_reason_code(v.reason), "not_evaluated");
    for (int from = 0; from < STATUS_COUNT; from++) {
        for (int event = 0; event < EVENT_COUNT; event++) {
            const enum request_status to = state_next((enum request_status)from, (enum state_event)event);
            /* approved is entered by the last signature, or by what an emergency grants, and in no other way */
            const bool signed_last = from == STATUS_ELIGIBLE && event == EVENT_SIGNED_LAST;
            const bool granted = (from == STATUS_ELIGIBLE || from == STATUS_SUCCEEDED) && event == EVENT_GRANTED;
            assert_true(to != STATUS_APPROVED || signed_last || granted);
            /* redeemed by using that, or by the rollback that was signed with it once it failed */
            const bool used = from == STATUS_APPROVED && event == EVENT_REDEEMED;
            const bool fell_back = from == STATUS_FAILED && event == EVENT_FELL_BACK;
            assert_true(to != STATUS_REDEEMED || used || fell_back);
        }
    }
    release(f);
}

static void reason_codes_are_distinct_words(void **state)
{
    (void)state;
    for (int i = 0; i < REASON_COUNT; i++) {
        const char *code = policy_reason_code((enum policy_reason)i);
        assert_int_equal(policy_reason_of(span_str(code)), i);
        assert_true(strlen(policy_reason_sentence((enum policy_reason)i)) > 4);
    }
    assert_int_equal(policy_reason_of(SPAN_LIT("nonsense")), REASON_NOT_EVALUATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_apply_when_all_conditions_hold),
        cmocka_unit_test(seats_of_two_rules_are_added),
        cmocka_unit_test(of_one_window_the_closed_one_counts),
        cmocka_unit_test(the_shortest_clock_and_the_longest_reason_count),
        cmocka_unit_test(what_is_missing_is_said_line_by_line),
        cmocka_unit_test(a_new_policy_adds_and_never_removes),
        cmocka_unit_test(seats_of_two_policies_have_names_of_their_own),
        cmocka_unit_test(order_of_rules_does_not_matter),
        cmocka_unit_test(progress_and_clocks_are_not_in_the_digest),
        cmocka_unit_test(blocked_and_paused_are_seen),
        cmocka_unit_test(nothing_is_never_enough),
        cmocka_unit_test(reason_codes_are_distinct_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
