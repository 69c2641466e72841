/* SPDX-License-Identifier: Apache-2.0 */
/* The permit table says what docs/formats/core.md says. D8 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/core_make.h"
#include "core/core_permit.h"

static const struct {
    enum wire_cmd cmd;
    const char *who; /* h, k, o */
} table[] = {
    {WIRE_NONE, ""},      {WIRE_FOLLOW, "hko"}, {WIRE_REQUEST, "h"},   {WIRE_WITHDRAW, "hk"}, {WIRE_REDEEM, "h"},
    {WIRE_OUTCOME, "h"},  {WIRE_FREEZE, "hk"},  {WIRE_DIRECTORY, "h"}, {WIRE_ACCESS, "hk"},   {WIRE_BEGIN, "k"},
    {WIRE_DECISION, "k"}, {WIRE_PROPOSE, "ko"}, {WIRE_PROPOSAL, "k"},  {WIRE_GENESIS, "k"},   {WIRE_BLOB, "h"},
    {WIRE_EVIDENCE, "h"}, {WIRE_FETCH, "h"},
};

static void every_cell(void **state)
{
    (void)state;
    static const char letters[CORE_PEER_COUNT] = {'h', 'k', 'o'};
    assert_int_equal(sizeof(table) / sizeof(table[0]), WIRE_CMD_COUNT);
    for (size_t i = 0; i < WIRE_CMD_COUNT; i++) {
        for (size_t p = 0; p < CORE_PEER_COUNT; p++) {
            assert_int_equal(core_permits((enum core_peer_kind)p, table[i].cmd),
                             strchr(table[i].who, letters[p]) != NULL);
        }
    }
}

/* 6.6: break-glass begins at the kiosk. */
static void kinds_have_their_place(void **state)
{
    (void)state;
    static const struct {
        enum request_kind kind;
        const char *who;
    } rows[] = {{KIND_NONE, ""},       {KIND_DEPLOY, ""},     {KIND_POLICY, "ko"},       {KIND_ROSTER, "ko"},
                {KIND_EMERGENCY, "k"}, {KIND_REVIEW, "k"},    {KIND_VOUCHER, "k"},       {KIND_WAIVER, "k"},
                {KIND_THAW, "k"},      {KIND_DELEGATE, "ko"}, {KIND_ACCESS_REVIEW, "ko"}};
    static const char letters[CORE_PEER_COUNT] = {'h', 'k', 'o'};
    assert_int_equal(sizeof(rows) / sizeof(rows[0]), KIND_COUNT);
    for (size_t i = 0; i < KIND_COUNT; i++) {
        for (size_t p = 0; p < CORE_PEER_COUNT; p++) {
            assert_int_equal(core_permits_kind((enum core_peer_kind)p, rows[i].kind),
                             strchr(rows[i].who, letters[p]) != NULL);
        }
    }
    assert_false(core_permits_kind(CORE_PEER_COUNT, KIND_POLICY));
    assert_false(core_permits_kind(CORE_KIOSK, KIND_COUNT));
}

static void each_withdraws_for_its_own(void **state)
{
    (void)state;
    assert_true(core_permits_withdraw(CORE_HTTP, SPAN_LIT("ci")));
    assert_false(core_permits_withdraw(CORE_HTTP, SPAN_NONE));
    assert_true(core_permits_withdraw(CORE_KIOSK, SPAN_NONE));
    assert_false(core_permits_withdraw(CORE_KIOSK, SPAN_LIT("ci")));
    assert_false(core_permits_withdraw(CORE_OPERATOR, SPAN_NONE));
    assert_false(core_permits_withdraw(CORE_OPERATOR, SPAN_LIT("ci")));
}

static void nothing_outside_the_table(void **state)
{
    (void)state;
    assert_false(core_permits(CORE_PEER_COUNT, WIRE_FOLLOW));
    assert_false(core_permits(CORE_KIOSK, WIRE_CMD_COUNT));
}

static void actors_of_ones_own_only(void **state)
{
    (void)state;
    static const struct {
        enum core_peer_kind peer;
        const char *actor;
        bool may;
    } rows[] = {
        {CORE_HTTP, "system:http", true},     {CORE_HTTP, "client:ci", true},
        {CORE_HTTP, "client:", false},        {CORE_HTTP, "client:a b", false},
        {CORE_HTTP, "person:dan", false},     {CORE_HTTP, "system:core", false},
        {CORE_KIOSK, "system:kiosk", true},   {CORE_KIOSK, "person:dan", true},
        {CORE_KIOSK, "client:ci", false},     {CORE_KIOSK, "system:http", false},
        {CORE_KIOSK, "person:", false},       {CORE_OPERATOR, "system:operator", false},
        {CORE_OPERATOR, "person:dan", false}, {CORE_HTTP, "", false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (core_permits_actor(rows[i].peer, span_str(rows[i].actor)) != rows[i].may) {
            fail_msg("%s for %s", rows[i].actor, core_peer_name(rows[i].peer));
        }
    }
}

/* A twentieth of the disk, or 256 MiB, is the log's alone: files end before the log does. */
static void the_log_has_room_of_its_own(void **state)
{
    const uint64_t mib = 1 << 20;
    static const struct {
        uint64_t free_mib;
        uint64_t all_mib;
        uint64_t size_mib;
        bool may;
    } rows[] = {
        {0, 0, 0, false},        {257, 1000, 1, true},     {257, 1000, 2, false},        {255, 1000, 0, false},
        {1032, 20000, 32, true}, {1031, 20000, 32, false}, {1000000, 20000000, 0, true}, {999999, 20000000, 0, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(core_space_allows(rows[i].free_mib * mib, rows[i].all_mib * mib, rows[i].size_mib * mib),
                         rows[i].may);
    }
    assert_false(core_space_allows(UINT64_MAX, 0, UINT64_MAX));
    assert_true(core_space_allows(UINT64_MAX, UINT64_MAX, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell),
        cmocka_unit_test(the_log_has_room_of_its_own),
        cmocka_unit_test(kinds_have_their_place),
        cmocka_unit_test(each_withdraws_for_its_own),
        cmocka_unit_test(nothing_outside_the_table),
        cmocka_unit_test(actors_of_ones_own_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
