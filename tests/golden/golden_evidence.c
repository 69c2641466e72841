/* SPDX-License-Identifier: Apache-2.0 */
/* A log with files about deployments: what blocks, what is waived and until when, what is known, and whose signatures
 * end. */
#include "golden_life.h"
#include "support/author_evidence.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS };

#define LINES                                                                                                          \
    "{\"from\":\"staging\",\"id\":\"canary\",\"kind\":\"canary\",\"limits\":[{\"le\":9999,\"name\":"                   \
    "\"most_error_rate\"}],\"max_age_s\":86400},{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\","        \
    "\"limits\":[{\"le\":0,"                                                                                           \
    "\"name\":\"critical\"},{\"le\":0,\"name\":\"high\"}],\"waivable_by\":\"owner\"},{\"id\":\"tests\",\"kind\":"      \
    "\"junit\",\"limits\":[{\"ge\":1000000,\"name\":\"pass_ppm\"}],\"max_age_s\":7200}"
#define N(n, v)                                                                                                        \
    {                                                                                                                  \
        SPAN_LIT(n), (v)                                                                                               \
    }

static uint64_t opened(struct golden_life *g, const char *title)
{
    uint64_t id = 0;
    golden_allow(title, author_log_request(g->l, &(struct author_request){.title = title}, &id));
    return id;
}

static struct verdict tom(struct golden_life *g, uint64_t id)
{
    return author_log_decide(g->l, "tom", id, "production/tech", DECISION_APPROVE, NULL, NULL);
}

static struct verdict bea(struct golden_life *g, uint64_t id)
{
    return author_log_decide(g->l, "bea", id, "production/business", DECISION_APPROVE, NULL, NULL);
}

static struct author_evidence found(uint64_t id)
{
    return (struct author_evidence){.request = id,
                                    .kind = REPORT_SARIF,
                                    .numbers = {N("critical", 0), N("high", 2)},
                                    .findings = {{"0a", "high"}, {"0b", "high"}}};
}

static struct author_evidence tests(uint64_t id, uint64_t passed, uint64_t failed)
{
    return (struct author_evidence){
        .request = id,
        .line = "production/tests",
        .kind = REPORT_JUNIT,
        .numbers = {N("failed", failed), N("pass_ppm", passed * 1000000 / (passed + failed)), N("passed", passed)}};
}

static struct author_evidence canary(uint64_t id, uint64_t errors)
{
    return (struct author_evidence){.request = id,
                                    .line = "production/canary",
                                    .kind = REPORT_CANARY,
                                    .numbers = {N("most_error_rate", errors)},
                                    .text_key = "environment",
                                    .text = "staging"};
}

static struct verdict send(struct golden_life *g, struct author_evidence e)
{
    return author_evidence_send(g->l, &e, NULL);
}

/* Nothing is signed until everything is there; what is waived runs out; who signed for other findings signs again. */
static void first(struct golden_life *g)
{
    const uint64_t q = opened(g, "Release 1");
    golden_refuse(g, "nothing_came", REASON_EVIDENCE_MISSING, tom(g, q));
    struct author_evidence e = found(q);
    e.actor = "client:ci";
    golden_refuse(g, "no_scope", REASON_NO_SCOPE, send(g, e));
    e = found(q);
    e.other_artifact = true;
    golden_refuse(g, "another_artifact", REASON_EVIDENCE_ARTIFACT, send(g, e));
    e = found(q);
    e.line = "production/dast";
    golden_refuse(g, "no_such_line", REASON_EVIDENCE_LINE, send(g, e));
    e.line = "production/tests";
    golden_refuse(g, "another_kind", REASON_EVIDENCE_KIND, send(g, e));
    e = found(q);
    e.ahead_ms = HOUR_MS;
    golden_refuse(g, "from_tomorrow", REASON_EVIDENCE_TIME, send(g, e));
    e = found(q);
    e.out_of_chain = true;
    golden_refuse(g, "out_of_chain", REASON_WRONG_EFFECT, send(g, e));
    golden_allow("findings", send(g, found(q)));
    golden_allow("tests", send(g, tests(q, 99, 1)));
    golden_allow("canary", send(g, canary(q, 100)));
    golden_refuse(g, "a_test_failed", REASON_EVIDENCE_LIMIT, tom(g, q));
    golden_allow("tests", send(g, tests(q, 100, 0)));
    golden_refuse(g, "two_findings", REASON_EVIDENCE_LIMIT, tom(g, q));
    uint64_t w = 0;
    golden_refuse(g, "no_such_finding", REASON_WAIVER_FINDINGS,
                  author_waiver_ask(g->l, &(struct author_waiver){.request = q, .findings = {"0c"}}, &w));
    golden_refuse(g, "not_waivable", REASON_WAIVER_LINE,
                  author_waiver_ask(g->l, &(struct author_waiver){.request = q, .line = "production/tests"}, &w));
    golden_allow("asked", author_waiver_ask(g->l, &(struct author_waiver){.request = q, .findings = {"0a", "0b"}}, &w));
    golden_refuse(g, "not_an_owner", REASON_NO_ROLE,
                  author_log_decide(g->l, "bea", w, "waiver/owner", DECISION_APPROVE, NULL, NULL));
    golden_refuse(g, "unsigned_waiver", REASON_NOT_APPROVED, author_waiver_effect(g->l, w));
    golden_allow("carol", author_log_decide(g->l, "carol", w, "waiver/owner", DECISION_APPROVE, NULL, NULL));
    golden_allow("waived", author_waiver_effect(g->l, w));
    golden_allow("tom", tom(g, q));
    golden_allow("tests", send(g, tests(q, 101, 0)));
    golden_allow("bea", bea(g, q));
    golden_allow("tom", tom(g, q));
    golden_allow("canary", send(g, canary(q, 10000)));
    golden_refuse(g, "canary_out_of_bounds", REASON_EVIDENCE_LIMIT, author_log_redeem(g->l, q, false));
    golden_allow("canary", send(g, canary(q, 1)));
    golden_allow("redeem", author_log_redeem(g->l, q, false));
    golden_allow("outcome", author_log_outcome(g->l, q, STATUS_SUCCEEDED));
    golden_keep(g, "waived", q, FINDING_HOLDS);
    golden_keep(g, "waiver", w, FINDING_HOLDS);
}

/* What ran before has them, too. */
static void second(struct golden_life *g)
{
    const uint64_t q = opened(g, "Release 2");
    struct author_evidence e = found(q);
    e.without_baseline = true;
    golden_refuse(g, "without_what_ran", REASON_EVIDENCE_BASELINE, send(g, e));
    golden_allow("findings", send(g, found(q)));
    golden_allow("canary", send(g, canary(q, 1)));
    golden_allow("tests", send(g, tests(q, 7, 0)));
    golden_allow("tom", tom(g, q));
    author_log_advance(g->l, 3 * (uint64_t)HOUR_MS);
    golden_refuse(g, "old_tests", REASON_EVIDENCE_OLD, bea(g, q));
    golden_allow("tests", send(g, tests(q, 7, 0)));
    golden_allow("bea", bea(g, q));
    golden_allow("redeem", author_log_redeem(g->l, q, false));
    golden_keep(g, "known", q, FINDING_HOLDS);
}

/* Approved, and then another file comes. */
static void third(struct golden_life *g)
{
    const uint64_t q = opened(g, "Release 3");
    golden_allow("findings", send(g, found(q)));
    golden_allow("canary", send(g, canary(q, 1)));
    golden_allow("tests", send(g, tests(q, 7, 0)));
    golden_allow("tom", tom(g, q));
    golden_allow("bea", bea(g, q));
    golden_allow("tests", send(g, tests(q, 8, 0)));
    golden_refuse(g, "signed_for_other_files", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, q, false));
    golden_keep(g, "signed_for_other_files", q, FINDING_HOLDS); /* it was approved; it is not used */
    const uint64_t r = opened(g, "Release 4");
    golden_allow("findings", send(g, found(r)));
    golden_allow("withdraw", author_log_withdraw(g->l, r, "client:ci"));
    golden_refuse(g, "about_nothing_open", REASON_NOT_OPEN, send(g, found(r)));
    golden_keep(g, "withdrawn", r, FINDING_NOT_APPROVED);
}

void golden_evidence_make(struct golden_life *g)
{
    golden_begin(g);
    author_log_standard(g->l);
    author_evidence_begin(g->l, LINES);
    first(g);
    second(g);
    third(g);
    g->range_first = 20;
    g->range_count = 20;
}
