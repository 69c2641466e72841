/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/wire_command.h"

#define HEX "abababababababababababababababababababababababababababababababab"
#define AT  "2026-01-02T03:04:05.678Z"

#define ROW(name, want, cmd, lit)                                                                                      \
    {                                                                                                                  \
        name, want, cmd,                                                                                               \
        {                                                                                                              \
            (const uint8_t *)(lit), sizeof(lit) - 1                                                                    \
        }                                                                                                              \
    }
static const struct row {
    const char *name;
    enum cs_code want;
    enum wire_cmd cmd;
    struct span in;
} rows[] = {
    ROW("follow", CS_OK, WIRE_FOLLOW, "{\"cmd\":\"follow\",\"from\":7}"),
    ROW("request", CS_OK, WIRE_REQUEST,
        "{\"body\":\"{ }\",\"client\":\"ci\",\"cmd\":\"request\",\"id\":1,\"ip\":\"::1\",\"key\":\"k\"}"),
    ROW("withdraw", CS_OK, WIRE_WITHDRAW,
        "{\"client\":\"ci\",\"cmd\":\"withdraw\",\"id\":2,\"ip\":\"::1\",\"reason\":\"\",\"request\":5}"),
    ROW("freeze", CS_OK, WIRE_FREEZE,
        "{\"client\":\"pager\",\"cmd\":\"freeze\",\"content\":\"{}\",\"id\":2,\"ip\":\"::1\"}"),
    ROW("directory", CS_OK, WIRE_DIRECTORY,
        "{\"client\":\"dir\",\"cmd\":\"directory\",\"content\":\"{}\",\"id\":2,\"ip\":\"::1\"}"),
    ROW("directory of nobody", CS_E_MISSING, WIRE_NONE,
        "{\"cmd\":\"directory\",\"content\":\"{}\",\"id\":2,\"ip\":\"::1\"}"),
    ROW("freeze at the kiosk", CS_OK, WIRE_FREEZE,
        "{\"cmd\":\"freeze\",\"content\":\"{}\",\"id\":2,\"kiosk\":\"rack-3\"}"),
    ROW("freeze of nobody", CS_E_MISSING, WIRE_NONE, "{\"cmd\":\"freeze\",\"content\":\"{}\",\"id\":2}"),
    ROW("freeze of a client at the kiosk", CS_E_UNKNOWN, WIRE_NONE,
        "{\"client\":\"pager\",\"cmd\":\"freeze\",\"content\":\"{}\",\"id\":2,\"ip\":\"::1\",\"kiosk\":\"rack-3\"}"),
    ROW("withdraw at the kiosk", CS_OK, WIRE_WITHDRAW,
        "{\"cmd\":\"withdraw\",\"id\":2,\"kiosk\":\"rack-3\",\"reason\":\"\",\"request\":5}"),
    ROW("redeem", CS_OK, WIRE_REDEEM,
        "{\"client\":\"ci\",\"cmd\":\"redeem\",\"id\":3,\"ip\":\"::1\",\"presented\":{\"artifacts\":[{\"name\":\"a\","
        "\"sha256\":\"" HEX "\"}],\"config_sha256\":\"" HEX "\",\"plan_sha256\":\"" HEX "\"},\"request\":5}"),
    ROW("redeem, nothing bound", CS_OK, WIRE_REDEEM,
        "{\"client\":\"ci\",\"cmd\":\"redeem\",\"id\":3,\"ip\":\"::1\",\"presented\":{\"artifacts\":[]},"
        "\"request\":5}"),
    ROW("outcome", CS_OK, WIRE_OUTCOME,
        "{\"client\":\"ci\",\"cmd\":\"outcome\",\"finished\":\"" AT "\",\"id\":4,\"incident\":\"\",\"ip\":\"::1\","
        "\"request\":5,\"result\":\"failed\",\"started\":\"" AT "\"}"),
    ROW("blob", CS_OK, WIRE_BLOB,
        "{\"at\":0,\"bytes\":\"AAAA\",\"cmd\":\"blob\",\"id\":4,\"sha256\":\"" HEX "\",\"size\":3}"),
    ROW("blob of nothing", CS_E_RANGE, WIRE_NONE,
        "{\"at\":0,\"bytes\":\"\",\"cmd\":\"blob\",\"id\":4,\"sha256\":\"" HEX "\",\"size\":3}"),
    ROW("blob past its end", CS_E_RANGE, WIRE_NONE,
        "{\"at\":1,\"bytes\":\"AAAA\",\"cmd\":\"blob\",\"id\":4,\"sha256\":\"" HEX "\",\"size\":3}"),
    ROW("blob too large", CS_E_RANGE, WIRE_NONE,
        "{\"at\":0,\"bytes\":\"AAAA\",\"cmd\":\"blob\",\"id\":4,\"sha256\":\"" HEX "\",\"size\":33554433}"),
    ROW("evidence", CS_OK, WIRE_EVIDENCE,
        "{\"artifacts\":[\"" HEX
        "\"],\"client\":\"ci\",\"cmd\":\"evidence\",\"id\":4,\"ip\":\"::1\",\"line\":\"r/tests\","
        "\"report\":{},\"request\":5,\"sha256\":\"" HEX "\",\"size\":3}"),
    ROW("fetch", CS_OK, WIRE_FETCH, "{\"at\":0,\"cmd\":\"fetch\",\"id\":4,\"sha256\":\"" HEX "\"}"),
    ROW("evidence that reports no object", CS_E_RANGE, WIRE_NONE,
        "{\"artifacts\":[],\"client\":\"ci\",\"cmd\":\"evidence\",\"id\":4,\"ip\":\"::1\",\"line\":\"r/tests\","
        "\"report\":[],\"request\":5,\"sha256\":\"" HEX "\",\"size\":3}"),
    ROW("access", CS_OK, WIRE_ACCESS,
        "{\"actor\":\"system:http\",\"cmd\":\"access\",\"code\":\"unknown_client\",\"count\":1,\"id\":5}"),
    ROW("access, all", CS_OK, WIRE_ACCESS,
        "{\"actor\":\"person:bo\",\"cmd\":\"access\",\"code\":\"pin\",\"count\":2,\"credential\":\"" HEX "\",\"id\":5,"
        "\"ip\":\"::1\",\"person\":\"bo\",\"port\":\"1-2\",\"request\":5}"),
    ROW("access, of nothing", CS_E_RANGE, WIRE_NONE,
        "{\"actor\":\"system:http\",\"cmd\":\"access\",\"code\":\"unknown_client\",\"count\":0,\"id\":5}"),
    ROW("begin", CS_OK, WIRE_BEGIN, "{\"cmd\":\"begin\",\"id\":6}"),
    ROW("decision", CS_OK, WIRE_DECISION,
        "{\"auth_data\":\"AAAA\",\"cmd\":\"decision\",\"id\":7,\"kiosk\":\"k1\",\"port\":\"1-1\",\"sig\":\"AQID\","
        "\"statement\":\"{}\"}"),
    ROW("decision, switch on", CS_OK, WIRE_DECISION,
        "{\"auth_data\":\"AAAA\",\"cmd\":\"decision\",\"id\":7,\"kiosk\":\"k1\",\"port\":\"1-1\",\"sig\":\"AQID\","
        "\"statement\":\"{}\",\"switch\":\"on\"}"),
    ROW("decision of a card", CS_OK, WIRE_DECISION,
        "{\"cmd\":\"decision\",\"id\":7,\"kiosk\":\"k1\",\"port\":\"1-1\",\"sig\":\"AQID\",\"statement\":\"{}\"}"),
    ROW("decision with no bytes of data", CS_E_RANGE, WIRE_NONE,
        "{\"auth_data\":\"\",\"cmd\":\"decision\",\"id\":7,\"kiosk\":\"k1\",\"port\":\"1-1\",\"sig\":\"AQID\","
        "\"statement\":\"{}\"}"),
    ROW("genesis signed by a card", CS_OK, WIRE_GENESIS,
        "{\"cmd\":\"genesis\",\"id\":10,\"kiosk\":\"k1\",\"signatures\":[{\"credential\":\"" HEX
        "\",\"person\":\"ada\",\"sig\":\"AQ\"}],\"statement\":\"{}\"}"),
    ROW("propose an emergency", CS_OK, WIRE_PROPOSE,
        "{\"cmd\":\"propose\",\"content\":\"{}\",\"id\":8,\"kind\":\"emergency\",\"kiosk\":\"k1\"}"),
    ROW("propose", CS_OK, WIRE_PROPOSE,
        "{\"cmd\":\"propose\",\"content\":\"{}\",\"id\":8,\"kind\":\"roster\",\"kiosk\":\"k1\"}"),
    ROW("propose a deployment", CS_E_RANGE, WIRE_NONE,
        "{\"cmd\":\"propose\",\"content\":\"{}\",\"id\":8,\"kind\":\"deploy\"}"),
    ROW("proposal", CS_OK, WIRE_PROPOSAL, "{\"cmd\":\"proposal\",\"id\":9}"),
    ROW("genesis", CS_OK, WIRE_GENESIS,
        "{\"cmd\":\"genesis\",\"id\":10,\"kiosk\":\"k1\",\"signatures\":[{\"auth_data\":\"AA\",\"credential\":\"" HEX
        "\",\"person\":\"bo\",\"sig\":\"AQ\"}],\"statement\":\"{}\"}"),
    ROW("no cmd", CS_E_MISSING, WIRE_NONE, "{\"id\":9}"),
    ROW("unknown cmd", CS_E_UNKNOWN, WIRE_NONE, "{\"cmd\":\"approve\",\"id\":9}"),
    ROW("the word for none", CS_E_UNKNOWN, WIRE_NONE, "{\"cmd\":\"none\",\"id\":9}"),
    ROW("one member more", CS_E_UNKNOWN, WIRE_NONE, "{\"cmd\":\"begin\",\"id\":6,\"x\":1}"),
    ROW("one member less", CS_E_MISSING, WIRE_NONE, "{\"cmd\":\"begin\"}"),
    ROW("not an object", CS_E_TYPE, WIRE_NONE, "[1]"),
    ROW("bytes left over", CS_E_TRAILING, WIRE_NONE, "{\"cmd\":\"begin\",\"id\":6} "),
    ROW("control byte in a key", CS_E_RANGE, WIRE_NONE,
        "{\"body\":\"{ }\",\"client\":\"ci\",\"cmd\":\"request\",\"id\":1,\"ip\":\"::1\",\"key\":\"\\n\"}"),
    ROW("empty key", CS_E_RANGE, WIRE_NONE,
        "{\"body\":\"{ }\",\"client\":\"ci\",\"cmd\":\"request\",\"id\":1,\"ip\":\"::1\",\"key\":\"\"}"),
};

static void command_rows(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wire_command c = {.cmd = WIRE_NONE, .id = 77};
        const struct cs_result r = wire_command_decode(rows[i].in, &arena, &c);
        if (r.code != rows[i].want || c.cmd != rows[i].cmd) {
            fail_msg("%s: %s, %s (%s)", rows[i].name, cs_code_name(r.code), wire_cmd_text(c.cmd), r.msg);
        }
        if (r.code != CS_OK) {
            assert_int_equal(c.id, 77);
            continue;
        }
        AUTO_WRITER w = wr_heap(4096);
        assert_int_equal(wire_command_encode(&c, &w).code, CS_OK);
        assert_true(span_eq(wr_span(&w), rows[i].in));
    }
    arena_release(&arena);
}

static void every_kind_has_a_row(void **state)
{
    (void)state;
    for (enum wire_cmd cmd = WIRE_FOLLOW; cmd < WIRE_CMD_COUNT; cmd++) {
        bool seen = false;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            seen = seen || rows[i].cmd == cmd;
        }
        if (!seen) {
            fail_msg("no row for %s", wire_cmd_text(cmd));
        }
    }
}

static void a_cut_command_is_refused(void **state)
{
    (void)state;
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t n = 0; rows[i].want == CS_OK && n < rows[i].in.left; n++) {
            struct wire_command c;
            assert_int_not_equal(wire_command_decode(span_make(rows[i].in.p, n), &arena, &c).code, CS_OK);
            arena_reset(&arena);
        }
    }
    arena_release(&arena);
}

static void members_land_where_they_belong(void **state)
{
    (void)state;
    struct arena arena;
    struct wire_command c = {0};
    arena_init(&arena, 1 << 20);
    const struct span in =
        SPAN_LIT("{\"auth_data\":\"AAAA\",\"cmd\":\"decision\",\"id\":7,\"kiosk\":\"k1\",\"port\":\"1-"
                 "1\",\"sig\":\"AQID\",\"statement\":\"{}\"}");
    assert_int_equal(wire_command_decode(in, &arena, &c).code, CS_OK);
    assert_int_equal(c.id, 7);
    assert_true(span_is(c.kiosk, "k1"));
    assert_true(span_is(c.port, "1-1"));
    assert_true(span_is(c.decision.statement, "{}"));
    assert_true(span_eq(c.decision.sig, SPAN_LIT("\1\2\3")));
    assert_true(span_eq(c.decision.auth_data, SPAN_LIT("\0\0\0")));
    arena_release(&arena);
}

static void too_many_artifacts_do_not_fit(void **state)
{
    (void)state;
    struct arena arena;
    struct wire_command c = {.cmd = WIRE_REDEEM,
                             .client = SPAN_LIT("ci"),
                             .ip = SPAN_LIT("::1"),
                             .redeem = {.artifact_count = MODEL_ARTIFACTS_MAX}};
    AUTO_WRITER w = wr_heap(8192);
    AUTO_WRITER more = wr_heap(8192);
    static const char extra[] = ",{\"name\":\"\",\"sha256\":\"" HEX "\"}";

    arena_init(&arena, 1 << 20);
    assert_int_equal(wire_command_encode(&c, &w).code, CS_OK);
    assert_int_equal(wire_command_decode(wr_span(&w), &arena, &c).code, CS_OK);
    const uint8_t *end = memchr(w.p, ']', w.len);
    assert_non_null(end);
    const size_t head = (size_t)(end - w.p);
    wr_bytes(&more, span_make(w.p, head));
    wr_bytes(&more, span_make(extra, sizeof(extra) - 1));
    wr_bytes(&more, span_make(end, w.len - head));
    assert_int_equal(wire_command_decode(wr_span(&more), &arena, &c).code, CS_E_FULL);
    arena_release(&arena);
}

/* The sender learns of it, not the core. */
static void what_would_not_be_taken_is_not_written(void **state)
{
    (void)state;
    static uint8_t many[WIRE_REASON_MAX + 1];
    AUTO_WRITER w = wr_heap(1 << 20);
    AUTO_WRITER v = wr_heap(1 << 20);
    struct wire_command c = {.cmd = WIRE_WITHDRAW, .client = SPAN_LIT("ci"), .ip = SPAN_LIT("::1")};

    memset(many, 'a', sizeof(many));
    c.withdraw.reason = span_make(many, WIRE_REASON_MAX);
    assert_int_equal(wire_command_encode(&c, &w).code, CS_OK);
    c.withdraw.reason = span_make(many, WIRE_REASON_MAX + 1);
    assert_int_equal(wire_command_encode(&c, &v).code, CS_E_RANGE);
    c.withdraw.reason = SPAN_NONE;
    c.client = SPAN_LIT("c i");
    assert_int_not_equal(wire_command_encode(&c, &v).code, CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_rows),
        cmocka_unit_test(every_kind_has_a_row),
        cmocka_unit_test(a_cut_command_is_refused),
        cmocka_unit_test(members_land_where_they_belong),
        cmocka_unit_test(too_many_artifacts_do_not_fit),
        cmocka_unit_test(what_would_not_be_taken_is_not_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
