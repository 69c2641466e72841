/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json/json_out.h"

static void writes_every_kind(void **state)
{
    uint8_t buf[512];
    struct writer w = wr_fixed(buf, sizeof(buf));
    struct json_out o = json_out_make(&w);
    (void)state;

    json_put_object(&o, NULL);
    json_put_array(&o, "a");
    json_put_int(&o, NULL, -JSON_INT_MAX);
    json_put_object(&o, NULL);
    json_put_close(&o);
    json_put_array(&o, NULL);
    json_put_close(&o);
    json_put_close(&o);
    json_put_bool(&o, "b", true);
    json_put_bytes(&o, "c", SPAN_LIT("\xfb\xff"));
    json_put_hex(&o, "d", SPAN_LIT("\x01\xab"));
    json_put_key(&o, SPAN_LIT("e_1"));
    json_put_null(&o, NULL);
    json_put_raw(&o, "f", SPAN_LIT("[1]"));
    json_put_str(&o, "g", SPAN_LIT("\"\\/\b\t\n\f\r\x01\x1f\x7f\xe2\x82\xac"));
    json_put_time(&o, "h", 0);
    json_put_uint(&o, "i", JSON_INT_MAX);
    json_put_text(&o, "j", "");
    json_put_bool(&o, "k", false);
    json_put_close(&o);
    assert_int_equal(json_out_end(&o, "x").code, CS_OK);
    assert_true(span_is(wr_span(&w),
                        "{\"a\":[-9007199254740991,{},[]],\"b\":true,\"c\":\"-_8\",\"d\":\"01ab\","
                        "\"e_1\":null,\"f\":[1],\"g\":\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xe2\x82\xac\","
                        "\"h\":\"1970-01-01T00:00:00.000Z\",\"i\":9007199254740991,\"j\":\"\",\"k\":false}"));
    assert_int_equal(json_check(wr_span(&w), "x").code, CS_OK);
}

/* Each misuse, from an open object with one member "m", must fail the writer with this code and stay failed. */
static void key_earlier(struct json_out *o)
{
    json_put_null(o, "l");
}
static void key_twice(struct json_out *o)
{
    json_put_null(o, "m");
}
static void key_capital(struct json_out *o)
{
    json_put_null(o, "N");
}
static void key_empty(struct json_out *o)
{
    json_put_null(o, "");
}
static void key_long(struct json_out *o)
{
    json_put_null(o, "naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}
static void value_without_key(struct json_out *o)
{
    json_put_null(o, NULL);
}
static void key_in_array(struct json_out *o)
{
    json_put_array(o, "n");
    json_put_null(o, "a");
}
static void close_after_key(struct json_out *o)
{
    json_put_key(o, SPAN_LIT("n"));
    json_put_close(o);
}
static void key_after_key(struct json_out *o)
{
    json_put_key(o, SPAN_LIT("n"));
    json_put_null(o, "o");
}
static void past_the_end(struct json_out *o)
{
    json_put_close(o);
    json_put_null(o, NULL);
}
static void close_too_often(struct json_out *o)
{
    json_put_close(o);
    json_put_close(o);
}
static void never_closed(struct json_out *o)
{
    json_put_null(o, "n");
}
static void text_not_utf8(struct json_out *o)
{
    json_put_text(o, "n", "\xff");
}
static void text_with_nul(struct json_out *o)
{
    json_put_str(o, "n", SPAN_LIT("a\0b"));
}
static void int_too_large(struct json_out *o)
{
    json_put_int(o, "n", JSON_INT_MAX + 1);
}
static void int_too_small(struct json_out *o)
{
    json_put_int(o, "n", -JSON_INT_MAX - 1);
}
static void int_least(struct json_out *o)
{
    json_put_int(o, "n", INT64_MIN);
}
static void uint_too_large(struct json_out *o)
{
    json_put_uint(o, "n", UINT64_MAX);
}
static void raw_empty(struct json_out *o)
{
    json_put_raw(o, "n", SPAN_NONE);
}
static void time_too_late(struct json_out *o)
{
    json_put_time(o, "n", UINT64_MAX);
}
static void too_deep(struct json_out *o)
{
    json_put_array(o, "n");
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++) {
        json_put_array(o, NULL);
    }
}

static const struct {
    const char *name;
    void (*act)(struct json_out *);
    enum cs_code want;
} misuses[] = {
    {"key earlier", key_earlier, CS_E_ORDER},
    {"key twice", key_twice, CS_E_DUPLICATE},
    {"key capital", key_capital, CS_E_SYNTAX},
    {"key empty", key_empty, CS_E_SYNTAX},
    {"key long", key_long, CS_E_SYNTAX},
    {"value without key", value_without_key, CS_E_STATE},
    {"key in array", key_in_array, CS_E_STATE},
    {"close after key", close_after_key, CS_E_STATE},
    {"key after key", key_after_key, CS_E_STATE},
    {"past the end", past_the_end, CS_E_STATE},
    {"close too often", close_too_often, CS_E_STATE},
    {"never closed", never_closed, CS_E_STATE},
    {"text not UTF-8", text_not_utf8, CS_E_UTF8},
    {"text with NUL", text_with_nul, CS_E_RANGE},
    {"int too large", int_too_large, CS_E_RANGE},
    {"int too small", int_too_small, CS_E_RANGE},
    {"int least", int_least, CS_E_RANGE},
    {"uint too large", uint_too_large, CS_E_RANGE},
    {"raw empty", raw_empty, CS_E_MISSING},
    {"time too late", time_too_late, CS_E_RANGE},
    {"too deep", too_deep, CS_E_DEPTH},
};

static void misuse_fails_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(misuses) / sizeof(misuses[0]); i++) {
        uint8_t buf[512];
        struct writer w = wr_fixed(buf, sizeof(buf));
        struct json_out o = json_out_make(&w);
        json_put_object(&o, NULL);
        json_put_null(&o, "m");
        misuses[i].act(&o);
        const struct cs_result got = json_out_end(&o, "x");
        if (got.code != misuses[i].want) {
            fail_msg("%s: %s", misuses[i].name, cs_code_name(got.code));
        }
    }
}

static void first_failure_stays(void **state)
{
    uint8_t buf[4];
    struct writer w = wr_fixed(buf, sizeof(buf));
    struct json_out o = json_out_make(&w);
    (void)state;

    json_put_text(&o, NULL, "too long");
    json_put_null(&o, NULL);
    json_put_close(&o);
    json_put_uint(&o, NULL, UINT64_MAX);
    assert_int_equal(json_out_end(&o, "x").code, CS_E_FULL);
}

static void depth_sixteen_is_written(void **state)
{
    uint8_t buf[64];
    struct writer w = wr_fixed(buf, sizeof(buf));
    struct json_out o = json_out_make(&w);
    (void)state;

    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++) {
        json_put_array(&o, NULL);
    }
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++) {
        json_put_close(&o);
    }
    assert_int_equal(json_out_end(&o, "x").code, CS_OK);
    assert_int_equal(json_check(wr_span(&w), "x").code, CS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_kind),
        cmocka_unit_test(misuse_fails_by_row),
        cmocka_unit_test(first_failure_stays),
        cmocka_unit_test(depth_sixteen_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
