/* SPDX-License-Identifier: Apache-2.0 */
/* What a granted emergency says of the seats that it passed over. Requirement 6.2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "policy/policy_emergency.h"

enum { LINES = MODEL_BYPASSED_MAX + 2, ARENA_BYTES = 4 << 20 };

/* As many roles as a policy can name, in no order, and then one more seat. */
static struct cs_result grant(struct span last, struct arena *arena, struct emergency_grant *ret_grant)
{
    static struct sheet_line lines[LINES];
    static char names[LINES][8];
    static struct policy_emergency rules;
    static struct state_policy policy;
    static struct state s;
    const struct deploy_content deploy = {.change_type = SPAN_LIT("normal")};
    const struct emergency_content content = {.kind = SPAN_LIT("outage")};
    const struct state_request of = {.index = 7, .status = STATUS_ELIGIBLE};
    const struct state_request q = {.index = 8};
    const struct emergency_case x = {.content = &content, .of = &of, .deploy = &deploy};

    policy.doc.emergency = &rules;
    s.policy = &policy;
    memset(lines, 0, sizeof(lines));
    for (unsigned i = 0; i < MODEL_BYPASSED_MAX; i++) {
        (void)snprintf(names[i], sizeof(names[i]), "r%03u", i * 7 % MODEL_BYPASSED_MAX);
        lines[i] = (struct sheet_line){.kind = SHEET_SKIPPED, .role = span_str(names[i]), .count = 1};
    }
    lines[MODEL_BYPASSED_MAX] = (struct sheet_line){.kind = SHEET_SEAT, .role = SPAN_LIT("kept"), .count = 1};
    lines[MODEL_BYPASSED_MAX + 1] = (struct sheet_line){.kind = SHEET_SKIPPED, .role = last, .count = 3};
    struct sheet sheet = {.lines = lines, .count = LINES};
    sheet.in.emergency = &x;
    return policy_emergency_grant(&s, &q, &sheet, arena, ret_grant);
}

static void a_role_is_told_once_with_all_its_seats(void **state)
{
    (void)state;
    static struct emergency_grant g;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    assert_int_equal(grant(SPAN_LIT("r100"), &arena, &g).code, CS_OK);
    assert_int_equal(g.bypassed_count, MODEL_BYPASSED_MAX);
    for (size_t i = 0; i < g.bypassed_count; i++) {
        assert_true(i == 0 || span_cmp(g.bypassed[i - 1].role, g.bypassed[i].role) < 0);
        assert_int_equal(g.bypassed[i].seats, i == 100 ? 4 : 1);
    }
    arena_release(&arena);
}

static void one_role_too_many_is_refused(void **state)
{
    (void)state;
    static struct emergency_grant g;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    memset(&g, 0x5a, sizeof(g));
    const struct emergency_grant before = g;
    assert_int_equal(grant(SPAN_LIT("stranger"), &arena, &g).code, CS_E_FULL);
    assert_memory_equal(&g, &before, sizeof(g));
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_is_told_once_with_all_its_seats),
        cmocka_unit_test(one_role_too_many_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
