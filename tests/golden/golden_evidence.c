/* SPDX-License-Identifier: Apache-2.0 */
/* A log with files about deployments: what blocks, what is waived and until when, what is known, and whose signatures
 * end. */
#include "golden_life.h"
#include "support/author_evidence.h"

enum { MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, STATE_BYTES = 64 << 20 };

#define LINES                                                                                                          \
    "{\"from\":\"staging\",\"id\":\"canary\",\"kind\":\"canary\",\"limits\":[{\"le\":9999,\"name\":"                   \
    "\"most_error_rate\"}]},{\"baseline\":\"deployed\",\"id\":\"sast\",\"kind\":\"sarif\",\"limits\":[{\"le\":0,"      \
    "\"name\":\"critical\"},{\"le\":0,\"name\":\"high\"}],\"waivable_by\":\"owner\"},{\"id\":\"tests\",\"kind\":"      \
    "\"junit\",\"limits\":[{\"ge\":1000000,\"name\":\"pass_ppm\"}],\"max_age_s\":7200}"
#define N(n, v)                                                                                                        \
    {                                                                                                                  \
        SPAN_LIT(n), (v)                                                                                               \
    }

_Noreturn static void give_up(const char *what, struct verdict v)
{
    (void)fprintf(stderr, "golden: %s: %s (%s)\n", what, policy_reason_code(v.reason),
                  v.cause.msg != NULL ? v.cause.msg : "");
    abort();
}

static void allow(const char *what, struct verdict v)
{
    if (!v.allow) {
        give_up(what, v);
    }
}

static void refuse(struct golden_life *g, const char *name, enum policy_reason want, struct verdict v)
{
    if (v.allow || v.reason != want || g->wrong_count == GOLDEN_WRONG_MAX) {
        give_up(name, v);
    }
    struct golden_wrong *w = &g->wrong[g->wrong_count++];
    *w = (struct golden_wrong){.name = name, .at = author_log_size(g->l), .reason = want};
    if (arena_copy(&g->arena, author_log_last_leaf(g->l), &w->leaf).code != CS_OK) {
        give_up(name, VERDICT_DENY(REASON_NO_ROOM));
    }
}

static void keep_receipt(struct golden_life *g, const char *name, uint64_t request, enum finding_class want)
{
    g->receipt[g->receipt_count++] = (struct golden_receipt){.name = name, .request = request, .want = want};
}

static uint64_t opened(struct golden_life *g, const char *title)
{
    uint64_t id = 0;
    allow(title, author_log_request(g->l, &(struct author_request){.title = title}, &id));
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
    refuse(g, "nothing_came", REASON_EVIDENCE_MISSING, tom(g, q));
    struct author_evidence e = found(q);
    e.actor = "client:ci";
    refuse(g, "no_scope", REASON_NO_SCOPE, send(g, e));
    e = found(q);
    e.other_artifact = true;
    refuse(g, "another_artifact", REASON_EVIDENCE_ARTIFACT, send(g, e));
    e = found(q);
    e.line = "production/dast";
    refuse(g, "no_such_line", REASON_EVIDENCE_LINE, send(g, e));
    e.line = "production/tests";
    refuse(g, "another_kind", REASON_EVIDENCE_KIND, send(g, e));
    e = found(q);
    e.ahead_ms = HOUR_MS;
    refuse(g, "from_tomorrow", REASON_EVIDENCE_TIME, send(g, e));
    e = found(q);
    e.out_of_chain = true;
    refuse(g, "out_of_chain", REASON_WRONG_EFFECT, send(g, e));
    allow("findings", send(g, found(q)));
    allow("tests", send(g, tests(q, 99, 1)));
    allow("canary", send(g, canary(q, 100)));
    refuse(g, "a_test_failed", REASON_EVIDENCE_LIMIT, tom(g, q));
    allow("tests", send(g, tests(q, 100, 0)));
    refuse(g, "two_findings", REASON_EVIDENCE_LIMIT, tom(g, q));
    uint64_t w = 0;
    refuse(g, "no_such_finding", REASON_WAIVER_FINDINGS,
           author_waiver_ask(g->l, &(struct author_waiver){.request = q, .findings = {"0c"}}, &w));
    refuse(g, "not_waivable", REASON_WAIVER_LINE,
           author_waiver_ask(g->l, &(struct author_waiver){.request = q, .line = "production/tests"}, &w));
    allow("asked", author_waiver_ask(g->l, &(struct author_waiver){.request = q, .findings = {"0a", "0b"}}, &w));
    refuse(g, "not_an_owner", REASON_NO_ROLE,
           author_log_decide(g->l, "bea", w, "waiver/owner", DECISION_APPROVE, NULL, NULL));
    refuse(g, "unsigned_waiver", REASON_NOT_APPROVED, author_waiver_effect(g->l, w));
    allow("carol", author_log_decide(g->l, "carol", w, "waiver/owner", DECISION_APPROVE, NULL, NULL));
    allow("waived", author_waiver_effect(g->l, w));
    allow("tom", tom(g, q));
    allow("tests", send(g, tests(q, 101, 0)));
    allow("bea", bea(g, q));
    allow("tom", tom(g, q));
    allow("canary", send(g, canary(q, 10000)));
    refuse(g, "canary_out_of_bounds", REASON_EVIDENCE_LIMIT, author_log_redeem(g->l, q, false));
    allow("canary", send(g, canary(q, 1)));
    allow("redeem", author_log_redeem(g->l, q, false));
    allow("outcome", author_log_outcome(g->l, q, STATUS_SUCCEEDED));
    keep_receipt(g, "waived", q, FINDING_HOLDS);
    keep_receipt(g, "waiver", w, FINDING_HOLDS);
}

/* What ran before has them, too. */
static void second(struct golden_life *g)
{
    const uint64_t q = opened(g, "Release 2");
    struct author_evidence e = found(q);
    e.without_baseline = true;
    refuse(g, "without_what_ran", REASON_EVIDENCE_BASELINE, send(g, e));
    allow("findings", send(g, found(q)));
    allow("canary", send(g, canary(q, 1)));
    allow("tests", send(g, tests(q, 7, 0)));
    allow("tom", tom(g, q));
    author_log_advance(g->l, 3 * (uint64_t)HOUR_MS);
    refuse(g, "old_tests", REASON_EVIDENCE_OLD, bea(g, q));
    allow("tests", send(g, tests(q, 7, 0)));
    allow("bea", bea(g, q));
    allow("redeem", author_log_redeem(g->l, q, false));
    keep_receipt(g, "known", q, FINDING_HOLDS);
}

/* Approved, and then another file comes. */
static void third(struct golden_life *g)
{
    const uint64_t q = opened(g, "Release 3");
    allow("findings", send(g, found(q)));
    allow("canary", send(g, canary(q, 1)));
    allow("tests", send(g, tests(q, 7, 0)));
    allow("tom", tom(g, q));
    allow("bea", bea(g, q));
    allow("tests", send(g, tests(q, 8, 0)));
    refuse(g, "signed_for_other_files", REASON_TOO_FEW_SIGNED, author_log_redeem(g->l, q, false));
    keep_receipt(g, "signed_for_other_files", q, FINDING_HOLDS); /* it was approved; it is not used */
    const uint64_t r = opened(g, "Release 4");
    allow("findings", send(g, found(r)));
    allow("withdraw", author_log_withdraw(g->l, r, "client:ci"));
    refuse(g, "about_nothing_open", REASON_NOT_OPEN, send(g, found(r)));
    keep_receipt(g, "withdrawn", r, FINDING_NOT_APPROVED);
}

void golden_evidence_make(struct golden_life *g)
{
    memset(g, 0, sizeof(*g));
    arena_init(&g->arena, (size_t)256 << 20);
    g->l = author_log_new(JUDGE_PROVE, STATE_BYTES);
    if (g->l == NULL) {
        abort();
    }
    author_log_standard(g->l);
    author_evidence_begin(g->l, LINES);
    first(g);
    second(g);
    third(g);
    g->range_first = 20;
    g->range_count = 20;
}
