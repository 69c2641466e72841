/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token/token_tlv.h"

struct row {
    const char *name;
    const char *in;
    size_t n;
    enum cs_code want;
    uint32_t tag;
    size_t value_bytes;
};
#define ROW(name, lit, code, tag, bytes)                                                                               \
    {                                                                                                                  \
        (name), (lit), sizeof(lit) - 1, (code), (tag), (bytes)                                                         \
    }

static const struct row rows[] = {
    ROW("one byte tag", "\x53\x01x", CS_OK, 0x53, 1),
    ROW("empty value", "\x82\x00", CS_OK, 0x82, 0),
    ROW("two byte tag", "\x7f\x49\x00", CS_OK, 0x7f49, 0),
    ROW("three byte tag", "\x5f\xc1\x05\x00", CS_OK, 0x5fc105, 0),
    ROW("low number in two bytes", "\x5f\x1e\x00", CS_E_SYNTAX, 0, 0),
    ROW("lowest number in two bytes", "\x5f\x1f\x00", CS_OK, 0x5f1f, 0),
    ROW("number with a leading zero", "\x5f\x80\x05\x00", CS_E_SYNTAX, 0, 0),
    ROW("four byte tag", "\x5f\xc1\x85\x05\x00", CS_E_SYNTAX, 0, 0),
    ROW("nothing", "", CS_E_SHORT, 0, 0),
    ROW("tag alone", "\x53", CS_E_SHORT, 0, 0),
    ROW("tag cut", "\x5f", CS_E_SHORT, 0, 0),
    ROW("tag cut later", "\x5f\xc1", CS_E_SHORT, 0, 0),
    ROW("value cut", "\x53\x02x", CS_E_SHORT, 0, 0),
    ROW("length cut", "\x53\x81", CS_E_SHORT, 0, 0),
    ROW("longer length cut", "\x53\x82\x01", CS_E_SHORT, 0, 0),
    ROW("indefinite", "\x53\x80\x00\x00", CS_E_SYNTAX, 0, 0),
    ROW("long form of a short length", "\x53\x81\x7f", CS_E_SYNTAX, 0, 0),
    ROW("longer form of 255", "\x53\x82\x00\xff", CS_E_SYNTAX, 0, 0),
    ROW("three bytes of length", "\x53\x83\x01\x00\x00", CS_E_SYNTAX, 0, 0),
    ROW("length ff", "\x53\xff", CS_E_SYNTAX, 0, 0),
};

static void next_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reader r = rd_make(span_make(rows[i].in, rows[i].n));
        uint32_t tag = 7;
        struct span value = SPAN_LIT("before");
        const struct cs_result got = token_tlv_next(&r, &tag, &value, "test");
        if (got.code != rows[i].want) {
            fail_msg("%s: %s", rows[i].name, cs_code_name(got.code));
        }
        if (got.code == CS_OK) {
            assert_int_equal(tag, rows[i].tag);
            assert_int_equal(value.left, rows[i].value_bytes);
            assert_int_equal(r.rest.left, 0);
        } else { /* nothing was taken */
            assert_int_equal(tag, 7);
            assert_int_equal(value.left, 6);
            assert_int_equal(r.rest.left, rows[i].n);
        }
    }
}

/* What is written is read again, in every form of length. */
static void lengths_both_ways(void **state)
{
    static const size_t lengths[] = {0, 1, 127, 128, 255, 256, 65535};
    static const uint32_t tags[] = {0x53, 0x7f49, 0x5fc105};
    static const uint8_t bytes[65535];
    (void)state;

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        AUTO_WRITER w = wr_heap(70000);
        struct span value;
        token_tlv_head(&w, tags[i % 3], lengths[i]);
        wr_bytes(&w, span_make(bytes, lengths[i]));
        assert_int_equal(wr_end(&w, "test").code, CS_OK);
        assert_int_equal(token_tlv_only(wr_span(&w), tags[i % 3], &value, "test").code, CS_OK);
        assert_int_equal(value.left, lengths[i]);
        assert_int_equal(token_tlv_only(wr_span(&w), 0x54, &value, "test").code, CS_E_UNKNOWN);
    }
    AUTO_WRITER w = wr_heap(70000);
    token_tlv_head(&w, 0x53, 65536);
    assert_int_equal(wr_end(&w, "test").code, CS_E_RANGE);
}

static void finding(void **state)
{
    struct span value;
    (void)state;

    assert_int_equal(token_tlv_find(SPAN_LIT("\x70\x01x\x71\x01\x00\xfe\x00"), 0x71, &value, "test").code, CS_OK);
    assert_int_equal(value.left, 1);
    assert_int_equal(token_tlv_find(SPAN_LIT("\x70\x01x\x70\x01x"), 0x70, &value, "test").code, CS_E_DUPLICATE);
    assert_int_equal(token_tlv_find(SPAN_LIT("\x70\x01x"), 0x71, &value, "test").code, CS_E_MISSING);
    assert_int_equal(token_tlv_find(SPAN_NONE, 0x71, &value, "test").code, CS_E_MISSING);
    /* what comes behind is read too */
    assert_int_equal(token_tlv_find(SPAN_LIT("\x70\x01x\x71"), 0x70, &value, "test").code, CS_E_SHORT);
    assert_int_equal(token_tlv_only(SPAN_LIT("\x70\x01x\x71\x00"), 0x70, &value, "test").code, CS_E_TRAILING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_rows),
        cmocka_unit_test(lengths_both_ways),
        cmocka_unit_test(finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
