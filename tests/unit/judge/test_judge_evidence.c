/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files about a deployment, what they do to signatures, and waivers. Requirements 3.1, 3.2, 3.3, 3.5, 3.6: a line of
 * evidence blocks until its file is there, young enough and within its limits, about these artifacts, from a client
 * that may; a waiver is an object of its own, signed by its owner, with an end; what people signed for does not change
 * behind them.
 */
#include "judge_bed.h"

#include "policy/policy_evidence.h"
#include "support/author_evidence.h"

enum { MINUTE = 60000, HOUR = 60 * MINUTE };

#define LIMITS(items)        ",\"limits\":[" items "]"
#define LE(bound, name)      "{\"le\":" bound ",\"name\":\"" name "\"}"
#define GE(bound, name)      "{\"ge\":" bound ",\"name\":\"" name "\"}"
#define DROP(bound, name)    "{\"drop\":" bound ",\"name\":\"" name "\"}"
#define LINE(id, kind, rest) "{\"id\":\"" id "\",\"kind\":\"" kind "\"" rest "}"
#define SAST                                                                                                           \
    "{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\"" LIMITS(                                            \
        LE("0", "critical") "," LE("0", "high")) ",\"waivable_by\":\"owner\"}"
#define TESTS LINE("tests", "junit", LIMITS(GE("1000000", "pass_ppm")) ",\"max_age_s\":3600")

#define N(n, v)                                                                                                        \
    {                                                                                                                  \
        SPAN_LIT(n), (v)                                                                                               \
    }

static struct author_log *with(const char *lines)
{
    struct author_log *l = standard_log();
    author_evidence_begin(l, lines);
    return l;
}

static struct verdict tom(struct author_log *l, uint64_t id)
{
    return approve(l, "tom", id, "production/tech");
}

static struct verdict bea(struct author_log *l, uint64_t id)
{
    return approve(l, "bea", id, "production/business");
}

static const struct state_request *request(struct author_log *l, uint64_t id)
{
    return state_request_find(&author_log_judge(l)->state, id);
}

/* The line, or the seat, as it is now. */
static struct sheet_line line_of(struct author_log *l, uint64_t id, const char *name)
{
    static struct arena a;
    static struct sheet sheet;
    const struct state *s = &author_log_judge(l)->state;
    struct state_loaded *loaded = NULL;

    arena_release(&a);
    arena_init(&a, CAP_BYTES);
    loaded = arena_alloc(&a, sizeof(*loaded));
    assert_int_equal(state_load(request(l, id), &a, loaded).code, CS_OK);
    assert_int_equal(policy_sheet_at(s, request(l, id), loaded, author_log_now(l), &a, &sheet).code, CS_OK);
    for (size_t i = 0; i < sheet.count; i++) {
        const bool either = sheet.lines[i].kind == SHEET_EVIDENCE || sheet.lines[i].kind == SHEET_SEAT;
        if (either && span_is(sheet.lines[i].id, name)) {
            return sheet.lines[i];
        }
    }
    fail_msg("no line %s", name);
    return (struct sheet_line){.kind = SHEET_FIELD};
}

static void line_is(struct author_log *l, uint64_t id, const char *name, enum sheet_state state,
                    enum policy_reason reason)
{
    const struct sheet_line x = line_of(l, id, name);
    if (x.state != state || x.reason != reason) {
        fail_msg("%s: state %d, %s: %.*s", name, (int)x.state, policy_reason_code(x.reason), (int)x.value.left,
                 (const char *)x.value.p);
    }
}

static struct author_evidence clean(uint64_t id)
{
    return (struct author_evidence){
        .request = id, .kind = REPORT_SARIF, .numbers = {N("critical", 0), N("high", 0), N("low", 2)}};
}

static struct author_evidence bad(uint64_t id)
{
    return (struct author_evidence){.request = id,
                                    .kind = REPORT_SARIF,
                                    .numbers = {N("critical", 1), N("high", 1)},
                                    .findings = {{"a1", "critical"}, {"b2", "high"}}};
}

static struct author_evidence tests(uint64_t id, uint64_t passed, uint64_t failed)
{
    return (struct author_evidence){
        .request = id,
        .line = "production/tests",
        .kind = REPORT_JUNIT,
        .numbers = {N("failed", failed), N("pass_ppm", passed * 1000000 / (passed + failed)), N("passed", passed)}};
}

static void send(struct author_log *l, struct author_evidence e, enum policy_reason want, const char *what)
{
    expect(author_evidence_send(l, &e, NULL), want, what);
}

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
    /* nor is what was asked about one file for the next one */
    uint64_t first = 0;
    struct author_evidence again = bad(id);
    expect(author_evidence_send(l, &again, &first), REASON_OK, "a file");
    expect(author_evidence_send(l, &again, NULL), REASON_OK, "and another one");
    expect(author_waiver_ask(l, &(struct author_waiver){.request = id, .evidence = first}, &first),
           REASON_WAIVER_EVIDENCE, "of the one before");
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

static struct author_evidence coverage(uint64_t id, uint64_t ppm)
{
    return (struct author_evidence){
        .request = id, .line = "production/coverage", .kind = REPORT_COVERAGE, .numbers = {N("line_ppm", ppm)}};
}

static void ran(struct author_log *l, uint64_t id)
{
    expect(tom(l, id), REASON_OK, "tom");
    expect(bea(l, id), REASON_OK, "bea");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    expect(author_log_outcome(l, id, STATUS_SUCCEEDED), REASON_OK, "outcome");
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

static struct author_evidence canary(uint64_t id, const char *where, uint64_t errors)
{
    return (struct author_evidence){.request = id,
                                    .line = "production/canary",
                                    .kind = REPORT_CANARY,
                                    .numbers = {N("most_error_rate", errors), N("window_s", 1800)},
                                    .text_key = "environment",
                                    .text = where};
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

static struct author_evidence migration(struct author_log *l, uint64_t id, uint64_t backup_ago_ms,
                                        uint64_t restore_ago_ms)
{
    return (struct author_evidence){.request = id,
                                    .line = "production/db",
                                    .kind = REPORT_MIGRATION,
                                    .numbers = {N("backup_ms", author_log_now(l) - backup_ago_ms),
                                                N("restore_ms", author_log_now(l) - restore_ago_ms)}};
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
    line_is(l, id, "iac", SHEET_FAILED, REASON_EVIDENCE_LIMIT);
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
        cmocka_unit_test(a_waiver_lets_findings_pass),
        cmocka_unit_test(a_waiver_of_the_line_ends_with_the_file),
        cmocka_unit_test(whom_and_what_no_waiver_is_for),
        cmocka_unit_test(the_initiator_waives_nothing),
        cmocka_unit_test(known_findings_do_not_count),
        cmocka_unit_test(coverage_does_not_drop),
        cmocka_unit_test(a_canary_pauses),
        cmocka_unit_test(a_migration_has_a_fresh_backup),
        cmocka_unit_test(a_migration_starts_where_the_last_one_ended),
        cmocka_unit_test(infrastructure_takes_two_files),
    };
    return cmocka_run_group_tests(all, NULL, NULL);
}
