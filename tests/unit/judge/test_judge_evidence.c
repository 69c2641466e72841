/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files about a deployment, what they do to signatures, and waivers. Requirements 3.1, 3.2, 3.3, 3.5, 3.6: a line of
 * evidence blocks until its file is there, young enough and within its limits, about these artifacts, from a client
 * that may; a waiver is an object of its own, signed by its owner, with an end; what people signed for does not change
 * behind them.
 */
#include "evidence_bed.h"

/* 3.1: in the log, to be read, and to be rejected; not to be approved. */
static void a_line_blocks_until_its_file_holds(void **state)
{
    (void)state;
    struct author_log *l = with(SAST "," TESTS);
    const uint64_t id = opened(l, "Release");
    line_is(l, id, "tests", SHEET_MISSING, REASON_EVIDENCE_MISSING);
    expect(tom(l, id), REASON_EVIDENCE_MISSING, "nothing came");
    send(l, clean(id), REASON_OK, "findings");
    expect(tom(l, id), REASON_EVIDENCE_MISSING, "no tests");
    send(l, tests(id, 999999, 1), REASON_OK, "one failed");
    line_is(l, id, "tests", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    expect(tom(l, id), REASON_EVIDENCE_LIMIT, "one failed");
    send(l, tests(id, 1, 0), REASON_OK, "all passed");
    line_is(l, id, "tests", SHEET_MET, REASON_OK);
    expect(tom(l, id), REASON_OK, "tom");
    expect(bea(l, id), REASON_OK, "bea");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    author_log_free(l);
}

static void a_file_that_says_nothing_holds_nothing(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    send(l, (struct author_evidence){.request = id, .kind = REPORT_SARIF, .numbers = {N("critical", 0)}}, REASON_OK,
         "half");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, (struct author_evidence){.request = id, .kind = REPORT_SARIF}, REASON_OK, "nothing");
    line_is(l, id, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

/* Who may send what about what. */
static void what_is_refused(void **state)
{
    (void)state;
    struct author_log *l = with(SAST "," TESTS);
    const uint64_t id = opened(l, "Release");
    struct author_evidence e = clean(id);
    e.actor = "client:ci"; /* has every scope but those of evidence */
    send(l, e, REASON_NO_SCOPE, "scope");
    e.actor = "client:who";
    send(l, e, REASON_UNKNOWN_CLIENT, "client");
    e.actor = "system:core";
    send(l, e, REASON_UNKNOWN_CLIENT, "core");
    e = clean(id);
    e.line = "production/dast";
    send(l, e, REASON_EVIDENCE_LINE, "line");
    e.line = "production/tests";
    send(l, e, REASON_EVIDENCE_KIND, "kind");
    e = clean(id);
    e.other_artifact = true;
    send(l, e, REASON_EVIDENCE_ARTIFACT, "another artifact");
    e.other_artifact = false;
    e.no_artifact = true;
    send(l, e, REASON_EVIDENCE_ARTIFACT, "no artifact");
    e = clean(id);
    e.ahead_ms = REPORT_LATE_MS + MINUTE;
    send(l, e, REASON_EVIDENCE_TIME, "from tomorrow");
    e.ahead_ms = REPORT_LATE_MS - MINUTE;
    send(l, e, REASON_OK, "a clock that is a little ahead");
    e = clean(id);
    e.out_of_chain = true;
    send(l, e, REASON_WRONG_EFFECT, "chain");
    e = clean(id + 1000);
    send(l, e, REASON_UNKNOWN_REQUEST, "request");
    expect(author_log_withdraw(l, id, "client:ci"), REASON_OK, "withdraw");
    send(l, clean(id), REASON_NOT_OPEN, "closed");
    author_log_free(l);
}

static void there_is_an_end_to_files(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    for (unsigned i = 0; i < REPORT_ENTRIES_MAX; i++) {
        send(l, clean(id), REASON_OK, "again");
    }
    send(l, clean(id), REASON_EVIDENCE_FULL, "one more");
    author_log_free(l);
}

/* 3.1: old at the last signature, old at the use. Age needs no entry. */
static void a_file_gets_old(void **state)
{
    (void)state;
    struct author_log *l = with(TESTS);
    const uint64_t id = opened(l, "Release");
    struct author_evidence e = tests(id, 5, 0);
    e.age_ms = HOUR + MINUTE;
    send(l, e, REASON_OK, "made long ago");
    line_is(l, id, "tests", SHEET_MISSING, REASON_EVIDENCE_OLD);
    send(l, tests(id, 5, 0), REASON_OK, "new");
    expect(tom(l, id), REASON_OK, "tom");
    author_log_advance(l, HOUR + MINUTE);
    expect(bea(l, id), REASON_EVIDENCE_OLD, "bea, too late");
    send(l, tests(id, 5, 0), REASON_OK, "the same again");
    expect(bea(l, id), REASON_OK, "bea: tom's signature was for the same"); /* and needs no second */
    author_log_advance(l, HOUR + MINUTE);
    expect(author_log_redeem(l, id, false), REASON_EVIDENCE_OLD, "redeem, too late");
    send(l, tests(id, 5, 0), REASON_OK, "the same again");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    author_log_free(l);
}

/* What people signed does not change behind them. */
static void other_evidence_ends_signatures(void **state)
{
    (void)state;
    struct author_log *l = with(SAST "," TESTS);
    const uint64_t id = opened(l, "Release");
    send(l, clean(id), REASON_OK, "findings");
    send(l, tests(id, 5, 0), REASON_OK, "tests");
    expect(tom(l, id), REASON_OK, "tom");
    send(l, tests(id, 6, 0), REASON_OK, "one test more");
    assert_true(request(l, id)->decisions[0].lapsed);
    line_is(l, id, "tech", SHEET_MISSING, REASON_EVIDENCE_CHANGED);
    expect(bea(l, id), REASON_OK, "bea");
    assert_int_equal(request(l, id)->status, STATUS_ELIGIBLE); /* tom's seat is empty */
    expect(tom(l, id), REASON_OK, "tom again");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
    send(l, tests(id, 5, 1), REASON_OK, "after the approval");
    expect(author_log_redeem(l, id, false), REASON_EVIDENCE_LIMIT, "redeem");
    send(l, tests(id, 6, 0), REASON_OK, "as it was signed");
    expect(author_log_redeem(l, id, false), REASON_TOO_FEW_SIGNED, "what was given up does not come back");
    author_log_free(l);
}

static void a_statement_over_other_evidence_is_refused(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    send(l, clean(id), REASON_OK, "findings");
    const struct author_wrong wrong = {.other_sheet = true};
    expect(author_log_decide(l, "tom", id, "production/tech", DECISION_APPROVE, NULL, &wrong), REASON_SHEET_CHANGED,
           "another sheet");
    author_log_free(l);
}

/* 3.4: what runs there has it, too. */
static void known_findings_do_not_count(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t first = opened(l, "First");
    send(l, bad(first), REASON_OK, "first");
    expect(author_waiver(l, &(struct author_waiver){.request = first, .findings = {"a1", "b2"}}), REASON_OK, "waived");
    expect(tom(l, first), REASON_OK, "tom");
    expect(bea(l, first), REASON_OK, "bea");
    const uint64_t second = opened(l, "Second");
    const uint64_t third = opened(l, "Third");
    send(l, bad(third), REASON_OK, "before anything ran");
    expect(author_log_redeem(l, first, false), REASON_OK, "redeem");
    line_is(l, third, "sast", SHEET_MISSING, REASON_EVIDENCE_BASELINE);

    struct author_evidence e = bad(second);
    e.without_baseline = true;
    send(l, e, REASON_EVIDENCE_BASELINE, "does not say what ran");
    e.without_baseline = false;
    e.with_other_baseline = true;
    send(l, e, REASON_EVIDENCE_BASELINE, "says that it knows nothing");
    send(l, bad(second), REASON_OK, "the same findings");
    line_is(l, second, "sast", SHEET_MET, REASON_OK);
    e = bad(second);
    e.numbers[1].value = 2;
    e.findings[2] = (struct author_finding){"c3", "high"};
    send(l, e, REASON_OK, "one more");
    line_is(l, second, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    e = clean(second);
    send(l, e, REASON_OK, "both fixed");
    const struct sheet_line x = line_of(l, second, "sast");
    assert_true(x.state == SHEET_MET && memmem(x.value.p, x.value.left, "2 fixed", 7) != NULL);
    author_log_free(l);
}

static void coverage_does_not_drop(void **state)
{
    (void)state;
    struct author_log *l =
        with(LINE("coverage", "coverage", LIMITS(DROP("10000", "line_ppm") "," GE("800000", "line_ppm"))));
    const uint64_t first = opened(l, "First");
    send(l, coverage(first, 799999), REASON_OK, "too low");
    line_is(l, first, "coverage", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, coverage(first, 900000), REASON_OK, "first");
    ran(l, first);
    const uint64_t second = opened(l, "Second");
    send(l, coverage(second, 889999), REASON_OK, "drops too far");
    line_is(l, second, "coverage", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, coverage(second, 890000), REASON_OK, "just so");
    line_is(l, second, "coverage", SHEET_MET, REASON_OK);
    author_log_free(l);
}

/* 3.6: readings come and go; they end no signature, and nothing is used while they are out of bounds. */
static void a_canary_pauses(void **state)
{
    (void)state;
    struct author_log *l = with("{\"from\":\"staging\",\"id\":\"canary\",\"kind\":\"canary\"" LIMITS(
        LE("9999", "most_error_rate") "," GE("1800", "window_s")) ",\"max_age_s\":3600}");
    const uint64_t id = opened(l, "Release");
    send(l, canary(id, "production", 5), REASON_OK, "elsewhere");
    line_is(l, id, "canary", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, canary(id, "staging", 9999), REASON_OK, "in bounds");
    expect(tom(l, id), REASON_OK, "tom");
    send(l, canary(id, "staging", 10000), REASON_OK, "out of bounds");
    expect(bea(l, id), REASON_EVIDENCE_LIMIT, "bea");
    send(l, canary(id, "staging", 1), REASON_OK, "back");
    expect(bea(l, id), REASON_OK, "bea");
    assert_int_equal(request(l, id)->status, STATUS_APPROVED);
    send(l, canary(id, "staging", 10000), REASON_OK, "out again");
    expect(author_log_redeem(l, id, false), REASON_EVIDENCE_LIMIT, "paused");
    send(l, canary(id, "staging", 1), REASON_OK, "back");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    author_log_free(l);
}

/* 3.5 */
static void a_migration_has_a_fresh_backup(void **state)
{
    (void)state;
    struct author_log *l =
        with("{\"backup_max_age_s\":3600,\"id\":\"db\",\"kind\":\"migration\",\"restore_max_age_s\":86400}");
    const uint64_t id = opened(l, "Release");
    send(l, migration(l, id, HOUR + MINUTE, HOUR), REASON_OK, "old backup");
    line_is(l, id, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, migration(l, id, MINUTE, 25 * HOUR), REASON_OK, "never restored lately");
    line_is(l, id, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, migration(l, id, MINUTE, author_log_now(l)), REASON_OK, "never restored");
    line_is(l, id, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, migration(l, id, MINUTE, HOUR), REASON_OK, "fresh");
    line_is(l, id, "db", SHEET_MET, REASON_OK);
    author_log_advance(l, HOUR);
    line_is(l, id, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

static struct author_evidence schema(struct author_log *l, uint64_t id, const char *key, const char *value)
{
    struct author_evidence e = migration(l, id, MINUTE, MINUTE);
    e.text_key = key;
    e.text = value;
    return e;
}

/* 3.5: from the schema that is there. */
static void a_migration_starts_where_the_last_one_ended(void **state)
{
    (void)state;
    struct author_log *l = with("{\"id\":\"db\",\"kind\":\"migration\",\"schema_from\":\"deployed\"}");
    const uint64_t first = opened(l, "First");
    send(l, schema(l, first, "schema_to", "42"), REASON_OK, "first");
    line_is(l, first, "db", SHEET_MET, REASON_OK); /* nothing ran there */
    ran(l, first);
    const uint64_t second = opened(l, "Second");
    send(l, schema(l, second, "schema_from", "41"), REASON_OK, "from another");
    line_is(l, second, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    send(l, schema(l, second, "schema_from", "42"), REASON_OK, "from that");
    line_is(l, second, "db", SHEET_MET, REASON_OK);
    author_log_free(l);
}

/* 3.3: one line, two files; neither speaks for the other. */
static void infrastructure_takes_two_files(void **state)
{
    (void)state;
    struct author_log *l = with(LINE("iac", "iac", LIMITS(LE("0", "drift") "," LE("0", "error"))));
    const uint64_t id = opened(l, "Release");
    struct author_evidence plan = {
        .request = id, .line = "production/iac", .kind = REPORT_PLAN, .numbers = {N("drift", 0), N("error", 0)}};
    send(l, plan, REASON_OK, "a plan that speaks of errors");
    line_is(l, id, "iac", SHEET_MISSING, REASON_EVIDENCE_MISSING);
    struct author_evidence lint = {
        .request = id, .line = "production/iac", .kind = REPORT_SARIF, .numbers = {N("error", 0)}};
    send(l, lint, REASON_OK, "findings");
    line_is(l, id, "iac", SHEET_MET, REASON_OK);
    plan.numbers[0].value = 1;
    send(l, plan, REASON_OK, "it drifts");
    line_is(l, id, "iac", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(a_line_blocks_until_its_file_holds),
        cmocka_unit_test(a_file_that_says_nothing_holds_nothing),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(there_is_an_end_to_files),
        cmocka_unit_test(a_file_gets_old),
        cmocka_unit_test(other_evidence_ends_signatures),
        cmocka_unit_test(a_statement_over_other_evidence_is_refused),
        cmocka_unit_test(known_findings_do_not_count),
        cmocka_unit_test(coverage_does_not_drop),
        cmocka_unit_test(a_canary_pauses),
        cmocka_unit_test(a_migration_has_a_fresh_backup),
        cmocka_unit_test(a_migration_starts_where_the_last_one_ended),
        cmocka_unit_test(infrastructure_takes_two_files),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
