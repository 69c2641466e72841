/* SPDX-License-Identifier: Apache-2.0 */
/* What a request says of its source and ticket, against what a rule asks. Requirements 1.4, 1.6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy/policy_sheet.h"

#define HEAD                                                                                                           \
    "{\"change_types\":[\"normal\"],\"environments\":[\"production\"],\"name\":\"t\",\"officers\":{\"sign_by_s\":60,"  \
    "\"threshold\":2},\"roles\":[\"officer\",\"tech\"],\"rules\":[{\"id\":\"r\",\"require\":{\"seats\":[{\"count\":1," \
    "\"id\":\"t\",\"role\":\"tech\"}],"
#define TAIL(version) "}}],\"v\":1,\"version\":" version "}"
#define POLICY(asks)  HEAD asks TAIL("7")

#define REFS    "\"source\":{\"refs\":[\"refs/heads/main\",\"refs/tags/v*\"]}"
#define MERGED  "\"source\":{\"pull_request\":\"merged\"}"
#define GUARDED "\"source\":{\"protected\":true}"
#define BY(n)   "\"source\":{\"reviewers\":" n "}"
#define TICKET  "\"ticket\":{\"state\":[\"implement\",\"scheduled\"],\"system\":\"any\"}"
#define SNOW    "\"ticket\":{\"system\":\"servicenow\"}"
#define FROM(x)                                                                                                        \
    "\"source\":{\"authors\":[\"git:aa\",\"git:bb\"],\"commit\":\"0123456789abcdef0123456789abcdef01234567\","         \
    "\"commits\":1,\"files_changed\":1,\"lines_added\":1,\"lines_removed\":1," x "\"since\":\"root\"},"
#define REF(ref) "\"ref\":\"" ref "\",\"repository\":\"shop\","
#define MAIN     REF("refs/heads/main")
#define READ(by) FROM(MAIN "\"reviewers\":[" by "],")

/* A body is what BODY makes of its source and its ticket. */
static const char body_head[] =
    "{\"artifacts\":[{\"name\":\"api\",\"sha256\":\"00000000000000000000000000000000000000000000000000000000000000aa\"}"
    "],"
    "\"change_type\":\"normal\",\"environment\":\"production\",\"initiator\":\"gitlab:7\",\"service\":\"payments\",";
static const char body_tail[] = "\"title\":\"Release\",\"trigger\":\"gitlab:8\"}";

struct row {
    const char *name;
    const char *asks;
    const char *source; /* members of the body, with a comma after each */
    const char *ticket;
    enum sheet_state state;
    enum policy_reason reason;
    const char *value;
};

static const struct row rows[] = {
    {"the branch", REFS, FROM(MAIN), "", SHEET_MET, REASON_OK, "refs/heads/main"},
    {"a tag that is like it", REFS, FROM(REF("refs/tags/v4.19.0")), "", SHEET_MET, REASON_OK, "refs/tags/v4.19.0"},
    {"another branch", REFS, FROM(REF("refs/heads/main2")), "", SHEET_FAILED, REASON_SOURCE_REF, "refs/heads/main2"},
    {"a branch named like the tag", REFS, FROM(REF("refs/heads/refs/tags/v1")), "", SHEET_FAILED, REASON_SOURCE_REF,
     "refs/heads/refs/tags/v1"},
    {"letter case of a ref", REFS, FROM(REF("refs/heads/Main")), "", SHEET_FAILED, REASON_SOURCE_REF,
     "refs/heads/Main"},
    {"no source", REFS, "", "", SHEET_MISSING, REASON_SOURCE_REF, "missing"},
    {"merged", MERGED, FROM("\"pull_request\":{\"number\":12,\"state\":\"merged\"}," MAIN), "", SHEET_MET, REASON_OK,
     "merged, number 12"},
    {"still open", MERGED, FROM("\"pull_request\":{\"number\":12,\"state\":\"open\"}," MAIN), "", SHEET_FAILED,
     REASON_SOURCE_PULL_REQUEST, "open, number 12"},
    {"closed", MERGED, FROM("\"pull_request\":{\"number\":12,\"state\":\"closed\"}," MAIN), "", SHEET_FAILED,
     REASON_SOURCE_PULL_REQUEST, "closed, number 12"},
    {"no pull request", MERGED, FROM(MAIN), "", SHEET_MISSING, REASON_SOURCE_PULL_REQUEST, "missing"},
    {"protected", GUARDED, FROM("\"protected\":true," MAIN), "", SHEET_MET, REASON_OK, "true"},
    {"not protected", GUARDED, FROM("\"protected\":false," MAIN), "", SHEET_FAILED, REASON_SOURCE_PROTECTED, "false"},
    {"protected is not said", GUARDED, FROM(MAIN), "", SHEET_MISSING, REASON_SOURCE_PROTECTED, "missing"},
    {"one reviewer", BY("1"), READ("\"anna\""), "", SHEET_MET, REASON_OK, "anna"},
    {"one of two", BY("2"), READ("\"anna\""), "", SHEET_FAILED, REASON_SOURCE_REVIEWERS, "anna"},
    {"two", BY("2"), READ("\"anna\",\"ben\""), "", SHEET_MET, REASON_OK, "anna, ben"},
    {"one twice in another letter case", BY("2"), READ("\"Anna\",\"anna\""), "", SHEET_FAILED, REASON_SOURCE_REVIEWERS,
     "Anna"},
    {"an author", BY("1"), READ("\"git:aa\""), "", SHEET_MISSING, REASON_SOURCE_REVIEWERS, "missing"},
    {"an author in another letter case", BY("1"), READ("\"GIT:BB\""), "", SHEET_MISSING, REASON_SOURCE_REVIEWERS,
     "missing"},
    {"who asks", BY("1"), READ("\"gitlab:7\""), "", SHEET_MISSING, REASON_SOURCE_REVIEWERS, "missing"},
    {"who started it", BY("1"), READ("\"gitlab:8\""), "", SHEET_MISSING, REASON_SOURCE_REVIEWERS, "missing"},
    {"an author and another", BY("2"), READ("\"anna\",\"git:aa\""), "", SHEET_FAILED, REASON_SOURCE_REVIEWERS, "anna"},
    {"nobody", BY("1"), FROM(MAIN), "", SHEET_MISSING, REASON_SOURCE_REVIEWERS, "missing"},
    {"ticket", TICKET, "", "\"ticket\":\"CHG1\",\"ticket_state\":\"implement\",", SHEET_MET, REASON_OK, "implement"},
    {"ticket in another state", TICKET, "", "\"ticket\":\"CHG1\",\"ticket_state\":\"closed\",", SHEET_FAILED,
     REASON_TICKET_STATE, "closed"},
    {"ticket without a state", TICKET, "", "\"ticket\":\"CHG1\",", SHEET_MISSING, REASON_TICKET_STATE, "missing"},
    {"a state without a ticket", TICKET, "", "\"ticket_state\":\"implement\",", SHEET_MISSING, REASON_TICKET_SYSTEM,
     "missing"},
    {"of the system", SNOW, "", "\"ticket\":\"CHG1\",\"ticket_system\":\"servicenow\",", SHEET_MET, REASON_OK,
     "servicenow"},
    {"of another system", SNOW, "", "\"ticket\":\"CHG1\",\"ticket_system\":\"jira\",", SHEET_FAILED,
     REASON_TICKET_SYSTEM, "jira"},
    {"of no system", SNOW, "", "\"ticket\":\"CHG1\",", SHEET_MISSING, REASON_TICKET_SYSTEM, "missing"},
    {"a system without a ticket", SNOW, "", "\"ticket_system\":\"servicenow\",", SHEET_FAILED, REASON_TICKET_SYSTEM,
     "servicenow"},
};

struct fixture {
    struct arena arena;
    struct deploy_content deploy;
    struct state_policy opened;
    struct state_policy in_force;
};

static struct fixture *fixture(const char *source, const char *ticket)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct content_faults faults;
    struct span content = SPAN_NONE;
    bool set = false;
    uint64_t revises = 0;
    AUTO_WRITER body = wr_heap(16384);

    assert_non_null(f);
    arena_init(&f->arena, 16 << 20);
    wr_text(&body, body_head);
    wr_text(&body, source);
    wr_text(&body, ticket);
    wr_text(&body, body_tail);
    struct cs_result r = model_deploy_from_body(wr_span(&body), &f->arena, &content, &set, &revises, &faults);
    r = r.code == CS_OK ? model_deploy_decode(content, &f->arena, &f->deploy) : r;
    if (r.code != CS_OK) {
        fail_msg("%.*s: %s %s", (int)body.len, (const char *)body.p, cs_code_name(r.code),
                 faults.count > 0 ? faults.item[0].pointer : "");
    }
    return f;
}

static void release(struct fixture *f)
{
    arena_release(&f->arena);
    free(f);
}

static void load(struct fixture *f, const char *text, struct state_policy *p)
{
    const struct cs_result r = model_policy_decode(span_str(text), &f->arena, &p->doc);
    if (r.code != CS_OK) {
        fail_msg("%s: %s %s", text, r.msg, cs_code_name(r.code));
    }
}

static struct sheet sheet_of(struct fixture *f, const struct state_policy *in_force)
{
    const struct sheet_input in = {
        .kind = KIND_DEPLOY, .deploy = &f->deploy, .opened_under = &f->opened, .in_force = in_force};
    struct sheet s;
    assert_int_equal(policy_sheet(&in, &f->arena, &s).code, CS_OK);
    return s;
}

/* The first line of source or ticket that does not let pass; if all do, the last. */
static const struct sheet_line *telling(const struct sheet *s)
{
    const struct sheet_line *last = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const struct sheet_line *l = &s->lines[i];
        const bool ours = l->kind == SHEET_SOURCE || l->kind == SHEET_TICKET;
        if (ours && !policy_line_passes(l) && (last == NULL || policy_line_passes(last))) {
            return l;
        }
        /* state stands before system: what is met is told by the one that is asked in the row */
        last = ours && (last == NULL || l->kind == SHEET_SOURCE) ? l : last;
    }
    assert_non_null(last);
    return last;
}

/* 1.4 */
static void each_row_holds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *row = &rows[i];
        struct fixture *f = fixture(row->source, row->ticket);
        AUTO_WRITER policy = wr_heap(16384);
        wr_text(&policy, HEAD);
        wr_text(&policy, row->asks);
        wr_text(&policy, TAIL("7"));
        wr_u8(&policy, 0);
        load(f, (const char *)policy.p, &f->opened);
        const struct sheet s = sheet_of(f, &f->opened);
        const struct sheet_line *l = telling(&s);
        const bool met = row->state == SHEET_MET;
        const struct verdict v = policy_sheet_complete(&s);
        if (v.allow != met || v.reason != (met ? REASON_OK : l->reason) || !policy_sheet_said(&s).allow) {
            fail_msg("%s: %s", row->name, policy_reason_code(v.reason));
        }
        const bool right = l->state == row->state && l->reason == row->reason && span_is(l->value, row->value);
        /* a state without a ticket lacks both: its first line says so of the state */
        if (!right && !(l->reason == REASON_TICKET_STATE && row->reason == REASON_TICKET_SYSTEM)) {
            fail_msg("%s: %d %s %.*s", row->name, (int)l->state, policy_reason_code(l->reason), (int)l->value.left,
                     (const char *)l->value.p);
        }
        release(f);
    }
}

/* Each of the two lines needs the ticket itself. */
static void a_state_without_a_ticket_is_none(void **state)
{
    (void)state;
    struct fixture *f = fixture("", "\"ticket_state\":\"implement\",");
    size_t lines = 0;
    load(f, HEAD TICKET TAIL("7"), &f->opened);
    const struct sheet s = sheet_of(f, &f->opened);
    for (size_t i = 0; i < s.count; i++) {
        const struct sheet_line *l = &s.lines[i];
        lines += l->kind == SHEET_TICKET ? 1U : 0U;
        assert_true(l->kind != SHEET_TICKET || !policy_line_passes(l));
    }
    assert_int_equal(lines, 2);
    release(f);
}

/* Two policies that ask for different things under one name: both hold, and the digest covers both. */
static void two_policies_both_hold(void **state)
{
    static const struct {
        const char *opened;
        const char *in_force;
        bool met;
        size_t lines;
    } pairs[] = {
        {"\"source\":{\"refs\":[\"refs/heads/main\"]}", "\"source\":{\"refs\":[\"refs/heads/main\"]}", true, 1},
        {"\"source\":{\"refs\":[\"refs/heads/main\"]}", "\"source\":{\"refs\":[\"refs/heads/*\"]}", true, 2},
        {"\"source\":{\"refs\":[\"refs/heads/*\"]}", "\"source\":{\"refs\":[\"refs/tags/*\"]}", false, 2},
        {"\"source\":{\"refs\":[\"refs/tags/*\"]}", "\"source\":{\"refs\":[\"refs/heads/*\"]}", false, 2},
        {BY("1"), BY("2"), false, 2},
        {BY("2"), BY("1"), false, 2},
        {"\"ticket\":{\"system\":\"any\"}", SNOW, false, 2},
        {SNOW, "\"ticket\":{\"system\":\"any\"}", false, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct fixture *f = fixture(READ("\"anna\""), "\"ticket\":\"CHG1\",");
        AUTO_WRITER a = wr_heap(16384);
        AUTO_WRITER b = wr_heap(16384);
        wr_text(&a, HEAD);
        wr_text(&a, pairs[i].opened);
        wr_text(&a, TAIL("7"));
        wr_u8(&a, 0);
        wr_text(&b, HEAD);
        wr_text(&b, pairs[i].in_force);
        wr_text(&b, TAIL("8"));
        wr_u8(&b, 0);
        load(f, (const char *)a.p, &f->opened);
        load(f, (const char *)b.p, &f->in_force);
        const struct sheet one = sheet_of(f, &f->opened);
        const struct sheet both = sheet_of(f, &f->in_force);
        size_t lines = 0;
        for (size_t k = 0; k < both.count; k++) {
            lines += both.lines[k].kind == SHEET_SOURCE || both.lines[k].kind == SHEET_TICKET ? 1U : 0U;
        }
        if (policy_sheet_complete(&both).allow != pairs[i].met || lines != pairs[i].lines ||
            sha256_eq(&one.digest, &both.digest) != (pairs[i].lines == 1)) {
            fail_msg("pair %zu: %zu lines", i, lines);
        }
        release(f);
    }
}

/* 1.6: a rule may ask for a rollback, and what it binds is bound for going back, too. */
static void a_rollback_is_asked_for_and_bound(void **state)
{
#define BACK(more)                                                                                                     \
    "\"rollback\":{\"artifacts\":[{\"name\":\"api\",\"sha256\":"                                                       \
    "\"00000000000000000000000000000000000000000000000000000000000000bb\"}]" more ",\"triggers\":[\"p99\"]},"
#define ONE "\"00000000000000000000000000000000000000000000000000000000000000cc\""
    static const struct {
        const char *asks;
        const char *said;
        bool met;
    } asked[] = {
        {"\"fields\":[\"rollback\"]", "", false},
        {"\"fields\":[\"rollback\"]", BACK(""), true},
        {"\"bind\":[\"config\"]", "\"config_sha256\":" ONE ",", true},
        {"\"bind\":[\"config\"]", "\"config_sha256\":" ONE "," BACK(""), false},
        {"\"bind\":[\"config\"]", "\"config_sha256\":" ONE "," BACK(",\"config_sha256\":" ONE), true},
        {"\"bind\":[\"config\"]", BACK(",\"config_sha256\":" ONE), false},
        {"\"bind\":[\"plan\"]", "\"plan_sha256\":" ONE "," BACK(",\"config_sha256\":" ONE), false},
        {"\"bind\":[\"plan\"]", "\"plan_sha256\":" ONE "," BACK(",\"plan_sha256\":" ONE), true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
        struct fixture *f = fixture(asked[i].said, "");
        AUTO_WRITER policy = wr_heap(16384);
        /* seats stand after bind and fields, and before what the other tests ask for */
        wr_text(&policy,
                "{\"change_types\":[\"normal\"],\"environments\":[\"production\"],\"name\":\"t\",\"officers\":{"
                "\"sign_by_s\":60,\"threshold\":2},\"roles\":[\"officer\"],\"rules\":[{\"id\":\"r\",\"require\":{");
        wr_text(&policy, asked[i].asks);
        wr_text(&policy, TAIL("7"));
        wr_u8(&policy, 0);
        load(f, (const char *)policy.p, &f->opened);
        const struct sheet s = sheet_of(f, &f->opened);
        if (policy_sheet_said(&s).allow != asked[i].met) {
            fail_msg("row %zu", i);
        }
        release(f);
    }
}

/* What is said is signed: another reviewer, state or number is another digest. */
static void what_is_said_is_signed(void **state)
{
    static const char *const said[] = {READ("\"anna\""), READ("\"ben\""), READ("\"anna\",\"ben\"")};
    struct sha256 digest[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct fixture *f = fixture(said[i], "");
        load(f, POLICY(BY("1")), &f->opened);
        digest[i] = sheet_of(f, &f->opened).digest;
        release(f);
    }
    assert_false(sha256_eq(&digest[0], &digest[1]));
    assert_false(sha256_eq(&digest[0], &digest[2]));
    assert_false(sha256_eq(&digest[1], &digest[2]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_state_without_a_ticket_is_none), cmocka_unit_test(each_row_holds),
        cmocka_unit_test(two_policies_both_hold),           cmocka_unit_test(a_rollback_is_asked_for_and_bound),
        cmocka_unit_test(what_is_said_is_signed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
