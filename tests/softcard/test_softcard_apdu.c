/* SPDX-License-Identifier: Apache-2.0 */
/* The seven cases of a command APDU, the TLVs inside it, and the faults' arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "softcard_fault.h"

#define ROW(what, lit, c, n, l)                                                                                        \
    {                                                                                                                  \
        what, {(const uint8_t *)(lit), sizeof(lit) - 1}, n, c, l                                                       \
    }

static const struct {
    const char *name;
    struct span in;
    size_t data;
    enum cs_code want;
    uint32_t le;
} rows[] = {
    ROW("empty", "", CS_E_SHORT, 0, 0),
    ROW("three bytes", "\0\xa4\x04", CS_E_SHORT, 0, 0),
    ROW("case 1", "\0\xa4\x04\0", CS_OK, 0, 0),
    ROW("case 2", "\0\xa4\x04\0\x10", CS_OK, 0, 16),
    ROW("case 2, all", "\0\xa4\x04\0\0", CS_OK, 0, 256),
    ROW("case 3",
        "\0\xa4\x04\0\x02"
        "ab",
        CS_OK, 2, 0),
    ROW("case 4",
        "\0\xa4\x04\0\x02"
        "ab\0",
        CS_OK, 2, 256),
    ROW("case 4, one too many",
        "\0\xa4\x04\0\x02"
        "ab\0\0",
        CS_E_SYNTAX, 0, 0),
    ROW("Lc past the end",
        "\0\xa4\x04\0\x03"
        "ab",
        CS_E_SYNTAX, 0, 0),
    ROW("Lc 1 of 3 and no room for Le",
        "\0\xa4\x04\0\x01"
        "abc",
        CS_E_SYNTAX, 0, 0),
    ROW("half of an extended length", "\0\xa4\x04\0\0\x01", CS_E_SYNTAX, 0, 0),
    ROW("case 2 extended", "\0\xa4\x04\0\0\x01\x02", CS_OK, 0, 258),
    ROW("case 2 extended, all", "\0\xa4\x04\0\0\0\0", CS_OK, 0, 65536),
    ROW("case 3 extended",
        "\0\xa4\x04\0\0\0\x02"
        "ab",
        CS_OK, 2, 0),
    ROW("case 4 extended",
        "\0\xa4\x04\0\0\0\x02"
        "ab\x01\0",
        CS_OK, 2, 256),
    ROW("case 4 extended, all",
        "\0\xa4\x04\0\0\0\x02"
        "ab\0\0",
        CS_OK, 2, 65536),
    ROW("case 4 extended, half of Le",
        "\0\xa4\x04\0\0\0\x02"
        "ab\0",
        CS_E_SYNTAX, 0, 0),
    ROW("extended Lc of zero", "\0\xa4\x04\0\0\0\0\0", CS_E_SYNTAX, 0, 0),
    ROW("extended Lc past the end",
        "\0\xa4\x04\0\0\xff\xff"
        "ab",
        CS_E_SYNTAX, 0, 0),
};

static void command_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct softcard_command c;
        struct softcard_command before;
        memset(&c, 0x5a, sizeof(c));
        memcpy(&before, &c, sizeof(c));
        const struct cs_result got = softcard_command_parse(rows[i].in, &c);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s", rows[i].name, cs_code_name(got.code));
        }
        if (got.code != CS_OK) {
            assert_memory_equal(&c, &before, sizeof(c));
        } else if (c.data.left != rows[i].data || c.le != rows[i].le) {
            fail_msg("%s: data %zu, Le %u", rows[i].name, c.data.left, (unsigned)c.le);
        }
    }
}

#define TLV(what, lit, c, t, n)                                                                                        \
    {                                                                                                                  \
        what, {(const uint8_t *)(lit), sizeof(lit) - 1}, c, t, n                                                       \
    }

static const struct {
    const char *name;
    struct span in;
    enum cs_code want;
    uint32_t tag;
    size_t len;
} tlvs[] = {
    TLV("one byte tag", "\x5c\x01\x7e", CS_OK, 0x5c, 1),
    TLV("two byte tag", "\x7f\x49\x01\x00", CS_OK, 0x7f49, 1),
    TLV("empty", "\x81\x00", CS_OK, 0x81, 0),
    TLV("length in one more byte",
        "\x53\x81\x02"
        "ab",
        CS_OK, 0x53, 2),
    TLV("length in two more bytes",
        "\x53\x82\0\x02"
        "ab",
        CS_OK, 0x53, 2),
    TLV("length in three",
        "\x53\x83\0\0\x02"
        "ab",
        CS_E_SYNTAX, 0, 0),
    TLV("indefinite",
        "\x53\x80"
        "ab\0\0",
        CS_E_SYNTAX, 0, 0),
    TLV("three byte tag", "\x5f\xc1\x05\x00", CS_E_SYNTAX, 0, 0),
    TLV("nothing", "", CS_E_SHORT, 0, 0),
    TLV("tag only", "\x53", CS_E_SHORT, 0, 0),
    TLV("half a tag", "\x7f", CS_E_SHORT, 0, 0),
    TLV("half a length", "\x53\x82\x01", CS_E_SHORT, 0, 0),
    TLV("value past the end",
        "\x53\x03"
        "ab",
        CS_E_SHORT, 0, 0),
    TLV("value far past the end",
        "\x53\x82\xff\xff"
        "ab",
        CS_E_SHORT, 0, 0),
};

static void tlv_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(tlvs) / sizeof(tlvs[0]); i++) {
        struct reader r = rd_make(tlvs[i].in);
        uint32_t tag = 0;
        struct span value = SPAN_NONE;
        const struct cs_result got = softcard_tlv_next(&r, &tag, &value);
        if (got.code != tlvs[i].want || tag != tlvs[i].tag || value.left != tlvs[i].len) {
            fail_msg("%s: %s, tag %x, %zu bytes", tlvs[i].name, cs_code_name(got.code), (unsigned)tag, value.left);
        }
    }
}

static void lengths_are_the_shortest(void **state)
{
    static const size_t lens[] = {0, 127, 128, 255, 256, 3000};
    static const size_t heads[] = {2, 2, 3, 3, 4, 4};
    static uint8_t bytes[3000];
    (void)state;

    for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
        uint8_t out[3100];
        struct writer w = wr_fixed(out, sizeof(out));
        struct span value = SPAN_NONE;
        softcard_tlv_put(&w, 0x53, span_make(bytes, lens[i]));
        assert_int_equal(wr_span(&w).left, lens[i] + heads[i]);
        assert_int_equal(softcard_tlv_find(wr_span(&w), 0x53, &value).code, CS_OK);
        assert_int_equal(value.left, lens[i]);
    }
}

static struct softcard_fault fault(enum softcard_fault_kind kind, int ins, uint32_t nth, uint32_t value)
{
    return (struct softcard_fault){.kind = kind, .ins = ins, .nth = nth, .value = value};
}

static void a_fault_fires_with_its_apdu_only(void **state)
{
    struct softcard_faults faults = {0};
    struct softcard_plan plan;
    const struct softcard_fault second = fault(SOFTCARD_FAULT_SW, 0x20, 2, 0x6982);
    const struct softcard_fault each = fault(SOFTCARD_FAULT_FLIP, SOFTCARD_ANY_INS, 0, 0);
    (void)state;

    assert_true(softcard_faults_add(&faults, &second));
    assert_true(softcard_faults_add(&faults, &each));
    softcard_faults_fire(&faults, 0x20, &plan);
    assert_false(plan.on[SOFTCARD_FAULT_SW]);
    assert_true(plan.on[SOFTCARD_FAULT_FLIP]);
    softcard_faults_fire(&faults, 0x87, &plan); /* another instruction does not count */
    assert_false(plan.on[SOFTCARD_FAULT_SW]);
    softcard_faults_fire(&faults, 0x20, &plan);
    assert_true(plan.on[SOFTCARD_FAULT_SW]);
    assert_int_equal(plan.what[SOFTCARD_FAULT_SW].value, 0x6982);
    softcard_faults_fire(&faults, 0x20, &plan); /* it was for one APDU */
    assert_false(plan.on[SOFTCARD_FAULT_SW]);
    assert_true(plan.on[SOFTCARD_FAULT_FLIP]);
    assert_int_equal(faults.count, 1);
}

static void faults_have_a_bound(void **state)
{
    struct softcard_faults faults = {0};
    const struct softcard_fault f = fault(SOFTCARD_FAULT_MUTE, SOFTCARD_ANY_INS, 0, 0);
    (void)state;

    for (size_t i = 0; i < SOFTCARD_FAULTS_MAX; i++) {
        assert_true(softcard_faults_add(&faults, &f));
    }
    assert_false(softcard_faults_add(&faults, &f));
}

/* The answer "abc" 9000 under one fault: its length then, and its last two bytes. */
static const struct {
    enum softcard_fault_kind kind;
    uint32_t value;
    size_t len;
    uint32_t sw;
} spoils[] = {
    {SOFTCARD_FAULT_LATE_SW, 0x6f00, 2, 0x6f00}, {SOFTCARD_FAULT_FLOOD, 300, 302, 0x9000},
    {SOFTCARD_FAULT_FLOOD, 3, 5, 0x9000},        {SOFTCARD_FAULT_FLOOD, 65533, 65535, 0x9000},
    {SOFTCARD_FAULT_FLOOD, 65534, 5, 0x9000},    {SOFTCARD_FAULT_ENDLESS, 0, 258, 0x61ff},
    {SOFTCARD_FAULT_CUT, 2, 2, 0x6162},          {SOFTCARD_FAULT_CUT, 5, 5, 0x9000},
};

static void spoiled_answers(void **state)
{
    static struct softcard_reply reply;
    (void)state;

    for (size_t i = 0; i < sizeof(spoils) / sizeof(spoils[0]); i++) {
        struct softcard_plan plan = {0};
        memcpy(reply.bytes, "abc\x90\0", 5);
        reply.len = 5;
        plan.on[spoils[i].kind] = true;
        plan.what[spoils[i].kind].value = spoils[i].value;
        softcard_plan_apply(&plan, &reply);
        assert_int_equal(reply.len, spoils[i].len);
        assert_int_equal(reply.bytes[reply.len - 2] << 8 | reply.bytes[reply.len - 1], spoils[i].sw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_rows),
        cmocka_unit_test(tlv_rows),
        cmocka_unit_test(lengths_are_the_shortest),
        cmocka_unit_test(a_fault_fires_with_its_apdu_only),
        cmocka_unit_test(faults_have_a_bound),
        cmocka_unit_test(spoiled_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
