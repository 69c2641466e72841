/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence_bed.h"

#include "policy/policy_evidence.h"

struct author_log *with(const char *lines)
{
    struct author_log *l = standard_log();
    author_evidence_begin(l, lines);
    return l;
}

struct verdict tom(struct author_log *l, uint64_t id)
{
    return approve(l, "tom", id, "production/tech");
}

struct verdict bea(struct author_log *l, uint64_t id)
{
    return approve(l, "bea", id, "production/business");
}

const struct state_request *request(struct author_log *l, uint64_t id)
{
    return state_request_find(&author_log_judge(l)->state, id);
}

const struct sheet *sheet_now(struct author_log *l, uint64_t id)
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
    return &sheet;
}

struct sheet_line line_of(struct author_log *l, uint64_t id, const char *name)
{
    const struct sheet *sheet = sheet_now(l, id);
    for (size_t i = 0; i < sheet->count; i++) {
        const bool either = sheet->lines[i].kind == SHEET_EVIDENCE || sheet->lines[i].kind == SHEET_SEAT;
        if (either && span_is(sheet->lines[i].id, name)) {
            return sheet->lines[i];
        }
    }
    fail_msg("no line %s", name);
    return (struct sheet_line){.kind = SHEET_FIELD};
}

void line_is(struct author_log *l, uint64_t id, const char *name, enum sheet_state state, enum policy_reason reason)
{
    const struct sheet_line x = line_of(l, id, name);
    if (x.state != state || x.reason != reason) {
        fail_msg("%s: state %d, %s: %.*s", name, (int)x.state, policy_reason_code(x.reason), (int)x.value.left,
                 (const char *)x.value.p);
    }
}

struct author_evidence clean(uint64_t id)
{
    return (struct author_evidence){
        .request = id, .kind = REPORT_SARIF, .numbers = {N("critical", 0), N("high", 0), N("low", 2)}};
}

struct author_evidence bad(uint64_t id)
{
    return (struct author_evidence){.request = id,
                                    .kind = REPORT_SARIF,
                                    .numbers = {N("critical", 1), N("high", 1)},
                                    .findings = {{"a1", "critical"}, {"b2", "high"}}};
}

struct author_evidence tests(uint64_t id, uint64_t passed, uint64_t failed)
{
    return (struct author_evidence){
        .request = id,
        .line = "production/tests",
        .kind = REPORT_JUNIT,
        .numbers = {N("failed", failed), N("pass_ppm", passed * 1000000 / (passed + failed)), N("passed", passed)}};
}

void send(struct author_log *l, struct author_evidence e, enum policy_reason want, const char *what)
{
    expect(author_evidence_send(l, &e, NULL), want, what);
}

void ran(struct author_log *l, uint64_t id)
{
    expect(tom(l, id), REASON_OK, "tom");
    expect(bea(l, id), REASON_OK, "bea");
    expect(author_log_redeem(l, id, false), REASON_OK, "redeem");
    expect(author_log_outcome(l, id, STATUS_SUCCEEDED), REASON_OK, "outcome");
}

struct author_evidence canary(uint64_t id, const char *where, uint64_t errors)
{
    return (struct author_evidence){.request = id,
                                    .line = "production/canary",
                                    .kind = REPORT_CANARY,
                                    .numbers = {N("most_error_rate", errors), N("window_s", 1800)},
                                    .text_key = "environment",
                                    .text = where};
}

struct author_evidence coverage(uint64_t id, uint64_t ppm)
{
    return (struct author_evidence){
        .request = id, .line = "production/coverage", .kind = REPORT_COVERAGE, .numbers = {N("line_ppm", ppm)}};
}

struct author_evidence migration(struct author_log *l, uint64_t id, uint64_t backup_ago_ms, uint64_t restore_ago_ms)
{
    return (struct author_evidence){.request = id,
                                    .line = "production/db",
                                    .kind = REPORT_MIGRATION,
                                    .numbers = {N("backup_ms", author_log_now(l) - backup_ago_ms),
                                                N("restore_ms", author_log_now(l) - restore_ago_ms)}};
}
