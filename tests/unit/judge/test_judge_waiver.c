/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waivers. Requirement 3.2: an object of its own, signed by the owner of the risk, with an end; of the file that they
 * read, and of no other; as long as the policy lets them.
 */
#include "evidence_bed.h"

/* 3.2: a waiver names findings, has an owner and an end. */
static void a_waiver_lets_findings_pass(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    send(l, bad(id), REASON_OK, "two findings");
    expect(tom(l, id), REASON_EVIDENCE_LIMIT, "two findings");
    expect(author_waiver(l, &(struct author_waiver){.request = id, .findings = {"a1"}}), REASON_OK, "one waived");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    expect(author_waiver(l, &(struct author_waiver){.request = id, .findings = {"a1", "b2"}, .life_ms = HOUR}),
           REASON_OK, "both");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    expect(tom(l, id), REASON_OK, "tom");
    send(l, bad(id), REASON_OK, "the same again");
    assert_false(request(l, id)->decisions[0].lapsed);
    author_log_advance(l, HOUR + MINUTE);
    expect(bea(l, id), REASON_EVIDENCE_LIMIT, "it has run out");
    expect(author_waiver(l, &(struct author_waiver){.request = id, .findings = {"b2"}}), REASON_OK, "again");
    assert_true(request(l, id)->decisions[0].lapsed); /* a waiver is something new to sign for */
    expect(bea(l, id), REASON_OK, "bea");
    expect(tom(l, id), REASON_OK, "tom again");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    author_log_free(l);
}

static void a_waiver_of_the_line_ends_with_the_file(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    struct author_evidence more = bad(id);
    more.more = true;
    more.numbers[0].value = 500;
    send(l, more, REASON_OK, "more than can be listed");
    expect(author_waiver(l, &(struct author_waiver){.request = id, .findings = {"a1", "b2"}}), REASON_OK,
           "what is listed");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    expect(author_waiver(l, &(struct author_waiver){.request = id}), REASON_OK, "all");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    send(l, more, REASON_OK, "the same file again");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

static void whom_and_what_no_waiver_is_for(void **state)
{
    (void)state;
    struct author_log *l = with(SAST "," TESTS);
    const uint64_t id = opened(l, "Release");
    uint64_t w = 0;
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}}, &w), REASON_WAIVER_FINDINGS,
           "nothing came yet");
    send(l, bad(id), REASON_OK, "findings");
    send(l, tests(id, 5, 1), REASON_OK, "tests");
    static const struct {
        const char *name;
        struct author_waiver ask;
        enum policy_reason want;
    } rows[] = {
        {"unknown finding", {.findings = {"a1", "c3"}}, REASON_WAIVER_FINDINGS},
        {"a line that nobody may waive", {.line = "production/tests"}, REASON_WAIVER_LINE},
        {"no line", {.line = "production/dast"}, REASON_EVIDENCE_LINE},
        {"for ever", {.findings = {"a1"}, .life_ms = (WAIVER_LIFE_MAX_S + 60) * UINT64_C(1000)}, REASON_WAIVER_EXPIRED},
        {"owned by nobody", {.findings = {"a1"}, .owner = "mallory"}, REASON_UNKNOWN_INITIATOR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct author_waiver ask = rows[i].ask;
        ask.request = id;
        expect(author_waiver_ask(l, &ask, &w), rows[i].want, rows[i].name);
    }
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id + 1000}, &w), REASON_UNKNOWN_REQUEST, "request");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}}, &w), REASON_OK, "asked");
    expect(approve(l, "tom", w, "waiver/owner"), REASON_NO_ROLE, "tom owns nothing");
    expect(author_waiver_effect(l, w), REASON_NOT_APPROVED, "unsigned");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}, .owner = "tom"}, &w),
           REASON_OK, "in tom's name");
    expect(approve(l, "carol", w, "waiver/owner"), REASON_WAIVER_PERSON, "carol, for tom");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"b2"}}, &w), REASON_OK, "asked");
    expect(author_log_withdraw(l, id, "client:ci"), REASON_OK, "withdraw");
    expect(approve(l, "carol", w, "waiver/owner"), REASON_UNKNOWN_SEAT, "about nothing any more");
    author_log_free(l);
}

/* Who asked for a change does not own its risks. */
static void the_initiator_waives_nothing(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    uint64_t id = 0;
    uint64_t w = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Own", .initiator = "carol"}, &id), REASON_OK,
           "open");
    send(l, bad(id), REASON_OK, "findings");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}}, &w), REASON_OK, "asked");
    expect(approve(l, "carol", w, "waiver/owner"), REASON_IS_REQUESTER, "carol");
    author_log_free(l);
}

/* --- of the file that its owner read, and of no other --- */

#define HIGH_ONLY                                                                                                      \
    "{\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(                                                                      \
        LE("0", "critical") "," LE("0", "high") "," LE("0", "low")) ",\"waivable_by\":\"owner\"}"

static struct author_evidence mild(uint64_t id)
{
    return (struct author_evidence){
        .request = id, .kind = REPORT_SARIF, .numbers = {N("critical", 0), N("high", 1)}, .findings = {{"b2", "high"}}};
}

static struct author_evidence worse(uint64_t id)
{
    return (struct author_evidence){.request = id,
                                    .kind = REPORT_SARIF,
                                    .more = true,
                                    .numbers = {N("critical", 500), N("high", 1)},
                                    .findings = {{"a1", "critical"}, {"b2", "high"}}};
}

static void a_waiver_is_of_the_file_that_was_read(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    uint64_t w = 0;
    send(l, mild(id), REASON_OK, "one high");
    const uint64_t read = state_evidence_last(request(l, id));
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id}, &w), REASON_OK, "all of it");
    const struct sha256 before = sheet_now(l, w)->digest;
    send(l, worse(id), REASON_OK, "500 critical, after the owner read");
    assert_false(sha256_eq(&before, &sheet_now(l, w)->digest));
    expect(approve(l, "carol", w, "waiver/owner"), REASON_UNKNOWN_SEAT, "for another file");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .evidence = read}, &w), REASON_WAIVER_EVIDENCE,
           "the file before");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id}, &w), REASON_OK, "all of the new one");
    expect(approve(l, "carol", w, "waiver/owner"), REASON_OK, "carol");
    send(l, worse(id), REASON_OK, "again, before it took effect");
    expect(author_waiver_effect(l, w), REASON_WAIVER_EVIDENCE, "of the file before");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

/* The digest of what is shown is in the sheet of a waiver of findings, too. */
static void who_waives_findings_signs_what_is_shown(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    uint64_t w = 0;
    send(l, bad(id), REASON_OK, "two findings");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}}, &w), REASON_OK, "asked");
    const struct sha256 before = sheet_now(l, w)->digest;
    send(l, bad(id), REASON_OK, "the same again");
    assert_true(sha256_eq(&before, &sheet_now(l, w)->digest));
    send(l, worse(id), REASON_OK, "more");
    assert_false(sha256_eq(&before, &sheet_now(l, w)->digest));
    author_log_free(l);
}

static void a_finding_is_waived_at_the_level_that_it_had(void **state)
{
    static const struct {
        const char *was;
        const char *is;
        bool covered;
    } rows[] = {{"high", "high", true}, {"high", "critical", false}, {"high", "low", true},
                {"low", "high", false}, {"critical", "high", true},  {"low", "critical", false}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct author_log *l = with(HIGH_ONLY);
        const uint64_t id = opened(l, "Release");
        struct author_evidence e = {.request = id,
                                    .kind = REPORT_SARIF,
                                    .more = true,
                                    .numbers = {N("critical", 0), N("high", 0), N("low", 0)},
                                    .findings = {{"a1", rows[i].was}}};
        for (size_t k = 0; k < 3; k++) {
            e.numbers[k].value = span_is(e.numbers[k].name, rows[i].was) ? 1 : 0;
        }
        send(l, e, REASON_OK, rows[i].was);
        expect(author_waiver(l, &(struct author_waiver){.request = id, .findings = {"a1"}}), REASON_OK, "waived");
        line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
        e.findings[0].level = rows[i].is;
        for (size_t k = 0; k < 3; k++) {
            e.numbers[k].value = span_is(e.numbers[k].name, rows[i].is) ? 1 : 0;
        }
        send(l, e, REASON_OK, rows[i].is);
        line_is(l, id, "sast", rows[i].covered ? SHEET_WAIVED : SHEET_FAILED,
                rows[i].covered ? REASON_OK : REASON_EVIDENCE_LIMIT);
        author_log_free(l);
    }
}

static void a_waiver_says_the_level_that_the_file_says(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    uint64_t w = 0;
    send(l, mild(id), REASON_OK, "one high");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"b2"}, .level = "critical"}, &w),
           REASON_WAIVER_FINDINGS, "as a critical one");
    author_log_free(l);
}

/* No limit counts it by its severity: to waive it would have no effect. */
static void what_is_not_counted_is_not_waived(void **state)
{
    (void)state;
    struct author_log *l =
        with("{\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(LE("0", "error")) ",\"waivable_by\":\"owner\"}");
    const uint64_t id = opened(l, "Release");
    uint64_t w = 0;
    send(l,
         (struct author_evidence){.request = id,
                                  .kind = REPORT_SARIF,
                                  .numbers = {N("error", 1), N("high", 1)},
                                  .findings = {{"a1", "high"}}},
         REASON_OK, "an error");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}}, &w), REASON_WAIVER_FINDINGS,
           "by its severity");
    expect(author_waiver(l, &(struct author_waiver){.request = id}), REASON_OK, "all of it");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    author_log_free(l);
}

static void nothing_came_nothing_to_waive(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    uint64_t w = 0;
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id}, &w), REASON_WAIVER_FINDINGS, "of no file");
    author_log_free(l);
}

/* --- the entry --- */

static void an_entry_that_is_not_what_was_signed(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    const uint64_t other = opened(l, "Another"); /* id + 1 */
    uint64_t w = 0;
    send(l, bad(id), REASON_OK, "two findings");
    send(l, bad(other), REASON_OK, "the same there");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1", "b2"}}, &w), REASON_OK,
           "both");
    expect(approve(l, "carol", w, "waiver/owner"), REASON_OK, "carol");
    assert_int_equal(other, id + 1);
    expect(author_waiver_effect_wrong(l, w, WAIVER_OF_ANOTHER), REASON_WRONG_EFFECT, "of another request");
    expect(author_waiver_effect_wrong(l, w, WAIVER_OF_ANOTHER_FILE), REASON_WRONG_EFFECT, "of another file");
    expect(author_waiver_effect_wrong(l, w, WAIVER_OUT_OF_CHAIN), REASON_WRONG_EFFECT, "out of the chain");
    expect(author_waiver_effect(l, w), REASON_OK, "as it is");
    author_log_free(l);
}

/* --- as long as it is theirs to waive --- */

static uint64_t waived(struct author_log *l, uint64_t life_ms)
{
    const uint64_t id = opened(l, "Release");
    send(l, bad(id), REASON_OK, "two findings");
    expect(author_waiver(l, &(struct author_waiver){.request = id, .findings = {"a1", "b2"}, .life_ms = life_ms}),
           REASON_OK, "both");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    return id;
}

static void it_ends_to_the_millisecond(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t ends_ms = author_log_now(l) + 2; /* the waiver is the third entry */
    const uint64_t id = waived(l, HOUR);
    assert_true(sheet_now(l, id)->until_ms == ends_ms + HOUR);
    author_log_advance(l, ends_ms + HOUR - 1 - author_log_now(l));
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    author_log_advance(l, 1);
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

/* Of two policies each asks for a line of its own where they ask for different things. */
static void a_policy_that_lets_nobody_waive_ends_it(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = waived(l, 0);
    uint64_t w = 0;
    expect(author_change_policy(l, RULE("{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(
                                            LE("0", "critical") "," LE("0", "high")) "}",
                                        "")),
           REASON_OK, "policy");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    line_is(l, id, "sast/v4", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    expect(tom(l, id), REASON_EVIDENCE_LIMIT, "tom");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id}, &w), REASON_WAIVER_LINE, "only one lets it");
    author_log_free(l);
}

static void approved_and_then_not_waivable_any_more(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = waived(l, 0);
    expect(tom(l, id), REASON_OK, "tom");
    expect(bea(l, id), REASON_OK, "bea");
    expect(author_change_roles(l, "carol", "tech"), REASON_OK, "carol owns no risks any more");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    expect(author_log_redeem(l, id, false), REASON_EVIDENCE_LIMIT, "redeem");
    expect(author_change_roles(l, "carol", "owner tech"), REASON_OK, "she does again");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    author_log_free(l);
}

static void an_owner_who_is_gone_waives_nothing(void **state)
{
    static const enum change_op ops[] = {CHANGE_REMOVE_PERSON, CHANGE_SUSPEND_PERSON};
    (void)state;
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
        struct author_log *l = with(SAST);
        const uint64_t id = waived(l, 0);
        struct roster_change item = {.op = ops[i], .id = SPAN_LIT("carol")};
        expect(author_change_roster(l, &item, 1), REASON_OK, "carol");
        line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
        expect(tom(l, id), REASON_EVIDENCE_LIMIT, "tom");
        author_log_free(l);
    }
}

static void an_owner_who_is_gone_waives_no_whole_line(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    struct roster_change item = {.op = CHANGE_REMOVE_PERSON, .id = SPAN_LIT("carol")};
    send(l, bad(id), REASON_OK, "two findings");
    expect(author_waiver(l, &(struct author_waiver){.request = id}), REASON_OK, "all of it");
    line_is(l, id, "sast", SHEET_WAIVED, REASON_OK);
    expect(author_change_roster(l, &item, 1), REASON_OK, "carol");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

/* --- whom the deployment's own rules keep apart --- */

static void an_author_waives_nothing(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    uint64_t id = 0;
    uint64_t w = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Own", .author = "carol"}, &id), REASON_OK, "open");
    send(l, bad(id), REASON_OK, "findings");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}}, &w), REASON_OK, "asked");
    expect(approve(l, "carol", w, "waiver/owner"), REASON_IS_AUTHOR, "carol");
    author_log_free(l);
}

static void who_wrote_the_policy_waives_nothing(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    uint64_t w = 0;
    expect(author_change_roles(l, "odette", "officer owner"), REASON_OK, "odette");
    const uint64_t before = opened(l, "Before");
    send(l, bad(before), REASON_OK, "findings");
    expect(author_waiver(l, &(struct author_waiver){.request = before, .findings = {"a1", "b2"}, .owner = "odette"}),
           REASON_OK, "no rule keeps her apart yet");
    line_is(l, before, "sast", SHEET_WAIVED, REASON_OK);
    expect(author_change_policy(l, RULE(SAST, ",\"separate\":[\"policy_editor\"]")), REASON_OK, "by odette");
    line_is(l, before, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT); /* now one does */
    const uint64_t id = opened(l, "Release");
    send(l, bad(id), REASON_OK, "findings");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .findings = {"a1"}, .owner = "odette"}, &w),
           REASON_OK, "asked");
    expect(approve(l, "odette", w, "waiver/owner"), REASON_IS_POLICY_EDITOR, "odette");
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(a_waiver_lets_findings_pass),
        cmocka_unit_test(a_waiver_of_the_line_ends_with_the_file),
        cmocka_unit_test(whom_and_what_no_waiver_is_for),
        cmocka_unit_test(the_initiator_waives_nothing),
        cmocka_unit_test(a_waiver_is_of_the_file_that_was_read),
        cmocka_unit_test(who_waives_findings_signs_what_is_shown),
        cmocka_unit_test(a_finding_is_waived_at_the_level_that_it_had),
        cmocka_unit_test(a_waiver_says_the_level_that_the_file_says),
        cmocka_unit_test(what_is_not_counted_is_not_waived),
        cmocka_unit_test(nothing_came_nothing_to_waive),
        cmocka_unit_test(an_entry_that_is_not_what_was_signed),
        cmocka_unit_test(it_ends_to_the_millisecond),
        cmocka_unit_test(a_policy_that_lets_nobody_waive_ends_it),
        cmocka_unit_test(approved_and_then_not_waivable_any_more),
        cmocka_unit_test(an_owner_who_is_gone_waives_nothing),
        cmocka_unit_test(an_owner_who_is_gone_waives_no_whole_line),
        cmocka_unit_test(an_author_waives_nothing),
        cmocka_unit_test(who_wrote_the_policy_waives_nothing),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
