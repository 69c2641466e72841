/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where files stop to count: at the millisecond, when something else runs, when their client may not any more, when
 * half of them never came. Requirements 3.1, 3.3, 3.4, 3.5.
 */
#include "evidence_bed.h"

/* What never came cannot be waived with what did. */
static void half_of_infrastructure_is_missing(void **state)
{
    (void)state;
    struct author_log *l = with(
        "{\"id\":\"iac\",\"kind\":\"iac\"" LIMITS(LE("0", "drift") "," LE("0", "error")) ",\"waivable_by\":\"owner\"}");
    const uint64_t id = opened(l, "Release");
    const struct author_evidence lint = {
        .request = id, .line = "production/iac", .kind = REPORT_SARIF, .numbers = {N("error", 0)}};
    send(l, lint, REASON_OK, "findings");
    line_is(l, id, "iac", SHEET_MISSING, REASON_EVIDENCE_MISSING);
    expect(author_waiver(l, &(struct author_waiver){.request = id, .line = "production/iac"}), REASON_OK, "all of it");
    line_is(l, id, "iac", SHEET_MISSING, REASON_EVIDENCE_MISSING);
    expect(tom(l, id), REASON_EVIDENCE_MISSING, "tom");
    author_log_free(l);
}

/* 3.4: against what runs there now, and nothing else: not what failed, nor what it took the place of. */
static void compared_with_what_does_not_run_any_more(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t first = opened(l, "First");
    const uint64_t zeroth = opened(l, "Zeroth");
    send(l, clean(zeroth), REASON_OK, "before anything ran");
    line_is(l, zeroth, "sast", SHEET_MET, REASON_OK);
    send(l, clean(first), REASON_OK, "clean");
    ran(l, first);
    line_is(l, zeroth, "sast", SHEET_MISSING, REASON_EVIDENCE_BASELINE);
    const uint64_t second = opened(l, "Second");
    send(l, bad(second), REASON_OK, "bad");
    expect(author_waiver(l, &(struct author_waiver){.request = second, .findings = {"a1", "b2"}}), REASON_OK, "waived");
    expect(tom(l, second), REASON_OK, "tom");
    expect(bea(l, second), REASON_OK, "bea");
    const uint64_t third = opened(l, "Third");
    expect(author_log_redeem(l, second, false), REASON_OK, "redeem");
    send(l, bad(third), REASON_OK, "the same findings");
    line_is(l, third, "sast", SHEET_MET, REASON_OK);
    expect(tom(l, third), REASON_OK, "tom");
    expect(author_log_outcome(l, second, STATUS_FAILED), REASON_OK, "it failed");
    line_is(l, third, "sast", SHEET_MISSING, REASON_EVIDENCE_BASELINE);
    expect(bea(l, third), REASON_EVIDENCE_BASELINE, "bea");
    send(l, bad(third), REASON_OK, "the same again");
    line_is(l, third, "sast", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

static void compared_with_what_was_the_only_one(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t first = opened(l, "First");
    const uint64_t second = opened(l, "Second");
    send(l, bad(first), REASON_OK, "bad");
    expect(author_waiver(l, &(struct author_waiver){.request = first, .findings = {"a1", "b2"}}), REASON_OK, "waived");
    expect(tom(l, first), REASON_OK, "tom");
    expect(bea(l, first), REASON_OK, "bea");
    expect(author_log_redeem(l, first, false), REASON_OK, "redeem");
    send(l, bad(second), REASON_OK, "the same findings");
    line_is(l, second, "sast", SHEET_MET, REASON_OK);
    expect(author_log_outcome(l, first, STATUS_FAILED), REASON_OK, "it failed, and nothing runs there");
    line_is(l, second, "sast", SHEET_MISSING, REASON_EVIDENCE_BASELINE);
    author_log_free(l);
}

/* 3.3: other bytes are another plan, whatever it counts. */
static void another_plan_ends_signatures(void **state)
{
    (void)state;
    struct author_log *l = with(LINE("plan", "plan", LIMITS(LE("0", "delete"))));
    const uint64_t id = opened(l, "Release");
    struct author_evidence p = {.request = id,
                                .line = "production/plan",
                                .kind = REPORT_PLAN,
                                .numbers = {N("delete", 0), N("update", 1)},
                                .file = "plan one"};
    send(l, p, REASON_OK, "one");
    expect(tom(l, id), REASON_OK, "tom");
    send(l, p, REASON_OK, "the same");
    assert_false(request(l, id)->decisions[0].lapsed);
    p.file = "plan two";
    send(l, p, REASON_OK, "two, of the same counts");
    assert_true(request(l, id)->decisions[0].lapsed);
    author_log_free(l);
}

static void a_plan_is_the_one_that_the_request_binds(void **state)
{
    (void)state;
    struct author_log *l = with(LINE("plan", "plan", LIMITS(LE("0", "delete"))) "," SAST);
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = "Bound", .plan = "plan one"}, &id), REASON_OK,
           "open");
    struct author_evidence p = {.request = id,
                                .line = "production/plan",
                                .kind = REPORT_PLAN,
                                .numbers = {N("delete", 0), N("update", 1)},
                                .file = "plan two"};
    send(l, p, REASON_EVIDENCE_ARTIFACT, "another");
    p.file = "plan one";
    send(l, p, REASON_OK, "that one");
    send(l, clean(id), REASON_OK, "files of other kinds are no plan");
    author_log_free(l);
}

static void a_file_of_a_client_that_may_not_any_more(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    send(l, clean(id), REASON_OK, "findings");
    line_is(l, id, "sast", SHEET_MET, REASON_OK);
    struct roster_change item = {.op = CHANGE_PUT_CLIENT, .id = SPAN_LIT("scanner")};
    item.client.id = item.id;
    item.client.scopes = 1U << SCOPE_EVIDENCE_JUNIT;
    item.client.tokens[0] = digest_sha256(SPAN_LIT("scanner-token"));
    item.client.token_count = 1;
    expect(author_change_roster(l, &item, 1), REASON_OK, "scanner");
    line_is(l, id, "sast", SHEET_MISSING, REASON_EVIDENCE_SOURCE);
    expect(tom(l, id), REASON_EVIDENCE_SOURCE, "tom");
    author_log_free(l);
}

/* --- boundaries --- */

static void exactly_these_artifacts_and_in_time(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    struct author_evidence e = clean(id);
    e.more_artifacts = true;
    send(l, e, REASON_EVIDENCE_ARTIFACT, "another one besides");
    author_log_advance(l, request(l, id)->sign_by_ms - author_log_now(l));
    send(l, clean(id), REASON_EXPIRED, "after sign-by");
    author_log_free(l);
}

static void age_to_the_millisecond(void **state)
{
    (void)state;
    struct author_log *l = with(TESTS);
    const uint64_t id = opened(l, "Release");
    struct author_evidence e = tests(id, 5, 0);
    const uint64_t came_ms = author_log_now(l);
    e.ahead_ms = REPORT_LATE_MS - MINUTE; /* a clock that goes ahead makes nothing younger */
    send(l, e, REASON_OK, "tests");
    assert_true(sheet_now(l, id)->until_ms == came_ms + HOUR + 1);
    author_log_advance(l, came_ms + HOUR - author_log_now(l));
    line_is(l, id, "tests", SHEET_MET, REASON_OK);
    author_log_advance(l, 1);
    line_is(l, id, "tests", SHEET_MISSING, REASON_EVIDENCE_OLD);
    author_log_free(l);
}

static void a_backup_of_tomorrow(void **state)
{
    (void)state;
    struct author_log *l = with("{\"backup_max_age_s\":3600,\"id\":\"db\",\"kind\":\"migration\"}");
    const uint64_t id = opened(l, "Release");
    struct author_evidence e = migration(l, id, 0, MINUTE);
    e.numbers[0].value = author_log_now(l) + REPORT_LATE_MS + 1;
    send(l, e, REASON_OK, "tomorrow");
    line_is(l, id, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    e.numbers[0].value = author_log_now(l) + REPORT_LATE_MS;
    send(l, e, REASON_OK, "a clock that is a little ahead");
    line_is(l, id, "db", SHEET_MET, REASON_OK);
    author_log_free(l);
}

/* Neither says where it ended nor where it begins: that is not the same place. */
static void no_schema_is_no_schema(void **state)
{
    (void)state;
    struct author_log *l = with("{\"id\":\"db\",\"kind\":\"migration\",\"schema_from\":\"deployed\"}");
    const uint64_t first = opened(l, "First");
    send(l, migration(l, first, MINUTE, MINUTE), REASON_OK, "first");
    ran(l, first);
    const uint64_t second = opened(l, "Second");
    send(l, migration(l, second, MINUTE, MINUTE), REASON_OK, "second");
    line_is(l, second, "db", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

static void a_drop_from_nothing_said(void **state)
{
    (void)state;
    struct author_log *l = with(
        "{\"id\":\"coverage\",\"kind\":\"coverage\"" LIMITS(DROP("10000", "line_ppm")) ",\"waivable_by\":\"owner\"}");
    const uint64_t first = opened(l, "First");
    struct author_evidence e = coverage(first, 0);
    e.numbers[0].name = SPAN_LIT("branch_ppm");
    send(l, e, REASON_OK, "no lines");
    expect(author_waiver(l, &(struct author_waiver){.request = first, .line = "production/coverage"}), REASON_OK,
           "waived");
    ran(l, first);
    const uint64_t second = opened(l, "Second");
    send(l, coverage(second, 900000), REASON_OK, "lines");
    line_is(l, second, "coverage", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

/* Under two policies, each with its own line: only one of them lets pass what runs there. */
static void known_only_where_the_line_compares(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t first = opened(l, "First");
    send(l, bad(first), REASON_OK, "bad");
    expect(author_waiver(l, &(struct author_waiver){.request = first, .findings = {"a1", "b2"}}), REASON_OK, "waived");
    ran(l, first);
    const uint64_t id = opened(l, "Second");
    expect(author_change_policy(
               l, RULE("{\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(LE("0", "critical") "," LE("0", "high")) "}", "")),
           REASON_OK, "policy");
    send(l, bad(id), REASON_OK, "the same findings");
    line_is(l, id, "sast", SHEET_MET, REASON_OK);
    line_is(l, id, "sast/v4", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    expect(tom(l, id), REASON_EVIDENCE_LIMIT, "tom");
    author_log_free(l);
}

static void what_only_the_older_policy_asks(void **state)
{
    (void)state;
    struct author_log *l = with(SAST);
    const uint64_t id = opened(l, "Release");
    expect(author_change_policy(l, RULE(TESTS, "")), REASON_OK, "policy");
    send(l, clean(id), REASON_OK, "findings");
    line_is(l, id, "sast", SHEET_MET, REASON_OK);
    line_is(l, id, "tests", SHEET_MISSING, REASON_EVIDENCE_MISSING);
    const uint64_t next = opened(l, "Next");
    send(l, clean(next), REASON_EVIDENCE_LINE, "not of that one");
    author_log_free(l);
}

/* --- provenance --- */

#define A40 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static void provenance_of_the_pinned_key(void **state)
{
    (void)state;
    struct author_log *l = with("{\"id\":\"built\",\"key\":\"" A40 A40 A40 "AA\",\"kind\":\"provenance\"}");
    const uint64_t id = opened(l, "Release");
    const struct sha256 key = digest_sha256(author_log_judge(l)->state.policy->doc.rules[0].evidence[0].key);
    char hex[2 * SHA256_BYTES + 1] = "";
    struct writer w = wr_fixed(hex, sizeof(hex) - 1);
    wr_hex(&w, sha256_span(&key));
    struct author_evidence e = {
        .request = id, .line = "production/built", .kind = REPORT_PROVENANCE, .text_key = "key_sha256", .text = hex};
    send(l, e, REASON_OK, "signed by it");
    line_is(l, id, "built", SHEET_MET, REASON_OK);
    hex[0] = hex[0] == '0' ? '1' : '0';
    send(l, e, REASON_OK, "signed by another");
    line_is(l, id, "built", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    e.text_key = NULL;
    send(l, e, REASON_OK, "signed by nobody");
    line_is(l, id, "built", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
    author_log_free(l);
}

int main(void)
{
    const struct CMUnitTest all[] = {
        cmocka_unit_test(half_of_infrastructure_is_missing),
        cmocka_unit_test(compared_with_what_does_not_run_any_more),
        cmocka_unit_test(compared_with_what_was_the_only_one),
        cmocka_unit_test(another_plan_ends_signatures),
        cmocka_unit_test(a_plan_is_the_one_that_the_request_binds),
        cmocka_unit_test(a_file_of_a_client_that_may_not_any_more),
        cmocka_unit_test(exactly_these_artifacts_and_in_time),
        cmocka_unit_test(age_to_the_millisecond),
        cmocka_unit_test(a_backup_of_tomorrow),
        cmocka_unit_test(no_schema_is_no_schema),
        cmocka_unit_test(a_drop_from_nothing_said),
        cmocka_unit_test(known_only_where_the_line_compares),
        cmocka_unit_test(what_only_the_older_policy_asks),
        cmocka_unit_test(provenance_of_the_pinned_key),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
