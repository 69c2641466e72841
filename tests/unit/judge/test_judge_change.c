/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is open or approved while policy and people change (docs/adr/0005). Requirements 2.2, 2.3, 4.1, 4.3: a new
 * policy that asks for more reaches what is not used yet, one that asks for less does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/author_change.h"

enum { CAP_BYTES = 64 << 20 };

#define RULE(id, require) "{\"id\":\"" id "\",\"require\":{" require "}}"
#define SEATS(seats)      "\"seats\":[" seats "]"
#define SEAT(id, role)    "{\"count\":1,\"id\":\"" id "\",\"role\":\"" role "\"}"
#define BOTH              SEATS(SEAT("business", "business") "," SEAT("tech", "tech"))

static int begin(void **state)
{
    struct author_log *l = author_log_new(JUDGE_PROVE, CAP_BYTES);
    assert_non_null(l);
    author_log_standard(l);
    *state = l;
    return 0;
}

static int end(void **state)
{
    author_log_free(*state);
    return 0;
}

static void expect(struct verdict v, enum policy_reason want, const char *what)
{
    if (v.reason != want || v.allow != (want == REASON_OK)) {
        fail_msg("%s: %s (%s), wanted %s", what, policy_reason_code(v.reason), v.cause.msg, policy_reason_code(want));
    }
}

static uint64_t opened(struct author_log *l, const char *title)
{
    uint64_t id = 0;
    expect(author_log_request(l, &(struct author_request){.title = title}, &id), REASON_OK, title);
    return id;
}

static struct verdict approve(struct author_log *l, const char *who, uint64_t id, const char *seat)
{
    return author_log_decide(l, who, id, seat, DECISION_APPROVE, NULL, NULL);
}

static uint64_t approved(struct author_log *l, const char *title)
{
    const uint64_t id = opened(l, title);
    expect(approve(l, "tom", id, "production/tech"), REASON_OK, "tom");
    expect(approve(l, "bea", id, "production/business"), REASON_OK, "bea");
    return id;
}

static enum request_status status_of(struct author_log *l, uint64_t id)
{
    return state_request_find(&author_log_judge(l)->state, id)->status;
}

/* What a new policy asks for and the request does not say. */
static void what_lacks_something_is_never_approved(void **state)
{
    static const struct {
        const char *name;
        const char *rule;
    } rows[] = {
        {"a field", RULE("ticket", "\"fields\":[\"ticket\"]")},
        {"a digest", RULE("plan", "\"bind\":[\"plan\"]")},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)begin(state);
        struct author_log *l = *state;
        const uint64_t open = opened(l, "Open");
        const uint64_t half = opened(l, "Half");
        const uint64_t done = approved(l, "Done");
        expect(approve(l, "tom", half, "production/tech"), REASON_OK, rows[i].name);
        expect(author_change_policy(l, rows[i].rule), REASON_OK, rows[i].name);
        expect(approve(l, "tom", open, "production/tech"), REASON_MISSING_FIELD, rows[i].name);
        expect(approve(l, "bea", half, "production/business"), REASON_MISSING_FIELD, rows[i].name);
        expect(author_log_redeem(l, done, false), REASON_MISSING_FIELD, rows[i].name);
        assert_int_equal(status_of(l, half), STATUS_ELIGIBLE);
        assert_int_equal(status_of(l, done), STATUS_APPROVED); /* until it lapses or is replaced */
        expect(author_log_decide(l, "tom", open, "production/tech", DECISION_REJECT, "no ticket was opened", NULL),
               REASON_OK, "reject");
        (void)end(state);
    }
    *state = NULL;
}

/* An approval is used only while everything that the policy in force asks for is there. */
static void an_approval_meets_the_policy_of_its_use(void **state)
{
    struct author_log *l = *state;
    const uint64_t used = approved(l, "Used");
    const uint64_t late = approved(l, "Late");
    expect(author_change_policy(l, RULE("production", BOTH)), REASON_OK, "asks for less");
    expect(author_log_redeem(l, used, false), REASON_OK, "redeem under less");
    expect(author_change_policy(l, RULE("production", BOTH) "," RULE("second", SEATS(SEAT("tech", "tech")))), REASON_OK,
           "asks for more");
    expect(author_log_redeem(l, late, false), REASON_TOO_FEW_SIGNED, "redeem under more");
}

static void an_approval_falls_with_its_signatures(void **state)
{
    struct author_log *l = *state;
    const uint64_t id = approved(l, "Release");
    expect(author_change_revoke(l, "bea"), REASON_OK, "switch off");
    expect(author_log_redeem(l, id, false), REASON_TOO_FEW_SIGNED, "redeem");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lacks_something_is_never_approved),
        cmocka_unit_test_setup_teardown(an_approval_meets_the_policy_of_its_use, begin, end),
        cmocka_unit_test_setup_teardown(an_approval_falls_with_its_signatures, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
