/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base_digest.h"
#include "base/base_text.h"

struct time_row {
    const char *text;
    uint64_t ms;
    enum cs_code want;
};

static void times(void **state)
{
    static const struct time_row rows[] = {
        {"1970-01-01T00:00:00.000Z", 0, CS_OK},
        {"1970-01-01T00:00:00.001Z", 1, CS_OK},
        {"2000-02-29T23:59:59.999Z", 951868799999, CS_OK},
        {"2024-02-29T00:00:00.000Z", 1709164800000, CS_OK},
        {"2026-11-24T02:13:00.500Z", 1795486380500, CS_OK},
        {"9999-12-31T23:59:59.999Z", 253402300799999, CS_OK},
        {"2023-02-29T00:00:00.000Z", 0, CS_E_RANGE},
        {"1900-01-01T00:00:00.000Z", 0, CS_E_RANGE},
        {"2100-02-29T00:00:00.000Z", 0, CS_E_RANGE},
        {"2026-13-01T00:00:00.000Z", 0, CS_E_RANGE},
        {"2026-00-01T00:00:00.000Z", 0, CS_E_RANGE},
        {"2026-04-31T00:00:00.000Z", 0, CS_E_RANGE},
        {"2026-01-01T24:00:00.000Z", 0, CS_E_RANGE},
        {"2026-01-01T00:60:00.000Z", 0, CS_E_RANGE},
        {"2026-01-01T00:00:60.000Z", 0, CS_E_RANGE},
        {"2026-01-01t00:00:00.000Z", 0, CS_E_SYNTAX},
        {"2026-01-01T00:00:00.000z", 0, CS_E_SYNTAX},
        {"2026-01-01T00:00:00,000Z", 0, CS_E_SYNTAX},
        {"2026-01-01T0a:00:00.000Z", 0, CS_E_SYNTAX},
        {"2026-01-01T00:00:00Z", 0, CS_E_RANGE},
        {"", 0, CS_E_RANGE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t ms = 77;
        const struct cs_result r = text_time_decode(span_str(rows[i].text), &ms, "t");
        if (r.code != rows[i].want || ms != (r.code == CS_OK ? rows[i].ms : 77)) {
            fail_msg("%s: %s, %llu", rows[i].text, cs_code_name(r.code), (unsigned long long)ms);
        }
        if (r.code == CS_OK) {
            uint8_t buf[TEXT_TIME_LEN];
            struct writer w = wr_fixed(buf, sizeof(buf));
            text_time_write(&w, ms);
            assert_true(span_is(wr_span(&w), rows[i].text));
        }
    }
}

static void time_past_the_end_is_refused(void **state)
{
    uint8_t buf[TEXT_TIME_LEN];
    struct writer w = wr_fixed(buf, sizeof(buf));
    (void)state;
    text_time_write(&w, 253402300800000);
    assert_int_equal(wr_end(&w, "t").code, CS_E_RANGE);
}

struct b64_row {
    const char *text;
    const char *bytes;
    enum cs_code want;
};

static void base64_both_alphabets(void **state)
{
    static const struct b64_row padded[] = {
        {"", "", CS_OK},
        {"Zg==", "f", CS_OK},
        {"Zm8=", "fo", CS_OK},
        {"Zm9v", "foo", CS_OK},
        {"Zm9vYg==", "foob", CS_OK},
        {"Zg=", "", CS_E_SYNTAX},
        {"Zg", "", CS_E_SYNTAX},
        {"Zh==", "", CS_E_ORDER},
        {"Zm9=", "", CS_E_ORDER},
        {"Zm 9", "", CS_E_SYNTAX},
        {"Z===", "", CS_E_SYNTAX},
        {"====", "", CS_E_SYNTAX},
        {"Zg==Zg==", "", CS_E_SYNTAX},
        {"Zm9v\n", "", CS_E_SYNTAX},
        {"__8=", "", CS_E_SYNTAX},
    };
    static const struct b64_row url[] = {
        {"", "", CS_OK},           {"Zg", "f", CS_OK},         {"Zm8", "fo", CS_OK},   {"Zm9v", "foo", CS_OK},
        {"Zg==", "", CS_E_SYNTAX}, {"Z", "", CS_E_SYNTAX},     {"Zh", "", CS_E_ORDER}, {"Zm9", "", CS_E_ORDER},
        {"//8", "", CS_E_SYNTAX},  {"__8", "\xff\xff", CS_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(padded) / sizeof(padded[0]); i++) {
        uint8_t buf[16];
        struct writer w = wr_fixed(buf, sizeof(buf));
        const struct cs_result r = text_base64_decode(span_str(padded[i].text), &w, "b");
        if (r.code != padded[i].want || (r.code == CS_OK && !span_is(wr_span(&w), padded[i].bytes))) {
            fail_msg("padded %s: %s", padded[i].text, cs_code_name(r.code));
        }
    }
    for (size_t i = 0; i < sizeof(url) / sizeof(url[0]); i++) {
        uint8_t buf[16];
        struct writer w = wr_fixed(buf, sizeof(buf));
        const struct cs_result r = text_base64url_decode(span_str(url[i].text), &w, "b");
        if (r.code != url[i].want || (r.code == CS_OK && !span_is(wr_span(&w), url[i].bytes))) {
            fail_msg("url %s: %s", url[i].text, cs_code_name(r.code));
        }
    }
}

static void base64_round_trip(void **state)
{
    uint8_t bytes[67];
    (void)state;
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (uint8_t)(i * 37 + n);
        }
        uint8_t text[128];
        uint8_t back[80];
        struct writer w = wr_fixed(text, sizeof(text));
        struct writer b = wr_fixed(back, sizeof(back));
        wr_base64url(&w, span_make(bytes, n));
        assert_int_equal(text_base64url_decode(wr_span(&w), &b, "b").code, CS_OK);
        assert_true(span_eq(wr_span(&b), span_make(bytes, n)));
        w = wr_fixed(text, sizeof(text));
        b = wr_fixed(back, sizeof(back));
        wr_base64(&w, span_make(bytes, n));
        assert_int_equal(text_base64_decode(wr_span(&w), &b, "b").code, CS_OK);
        assert_true(span_eq(wr_span(&b), span_make(bytes, n)));
    }
}

static void hex_and_decimal(void **state)
{
    uint8_t b[2] = {7, 7};
    uint64_t v = 5;
    (void)state;
    assert_int_equal(text_hex_decode(SPAN_LIT("0aff"), b, 2, "h").code, CS_OK);
    assert_true(b[0] == 10 && b[1] == 255);
    assert_int_equal(text_hex_decode(SPAN_LIT("0aFF"), b, 2, "h").code, CS_E_SYNTAX);
    assert_int_equal(text_hex_decode(SPAN_LIT("0af"), b, 2, "h").code, CS_E_RANGE);
    assert_int_equal(text_hex_decode(SPAN_LIT("0aff00"), b, 2, "h").code, CS_E_RANGE);
    assert_int_equal(text_dec_decode(SPAN_LIT("18446744073709551615"), &v, "d").code, CS_OK);
    assert_true(v == UINT64_MAX);
    assert_int_equal(text_dec_decode(SPAN_LIT("18446744073709551616"), &v, "d").code, CS_E_RANGE);
    assert_int_equal(text_dec_decode(SPAN_LIT("01"), &v, "d").code, CS_E_SYNTAX);
    assert_int_equal(text_dec_decode(SPAN_LIT("-1"), &v, "d").code, CS_E_SYNTAX);
    assert_int_equal(text_dec_decode(SPAN_LIT(""), &v, "d").code, CS_E_RANGE);
    assert_int_equal(text_dec_decode(SPAN_LIT("0"), &v, "d").code, CS_OK);
    assert_true(v == 0);
}

struct utf8_row {
    const char *bytes;
    size_t n;
    enum cs_code want;
    uint32_t at;
};
#define U(lit, code, where)                                                                                            \
    {                                                                                                                  \
        lit, sizeof(lit) - 1, code, where                                                                              \
    }

static void utf8(void **state)
{
    static const struct utf8_row rows[] = {
        U("plain", CS_OK, 0),
        U("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", CS_OK, 0),
        U("\xf4\x8f\xbf\xbf", CS_OK, 0),
        U("\xf4\x90\x80\x80", CS_E_UTF8, 0), /* above 10FFFF */
        U("a\xc0\x80", CS_E_UTF8, 1),        /* overlong NUL */
        U("\xe0\x9f\xbf", CS_E_UTF8, 0),     /* overlong */
        U("\xf0\x8f\xbf\xbf", CS_E_UTF8, 0), /* overlong */
        U("\xed\x9f\xbf", CS_OK, 0),
        U("\xed\xa0\x80", CS_E_UTF8, 0), /* surrogate */
        U("\xed\xbf\xbf", CS_E_UTF8, 0),
        U("ab\x80", CS_E_UTF8, 2),
        U("\xe2\x82", CS_E_UTF8, 0),
        U("\xff", CS_E_UTF8, 0),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cs_result r = text_utf8_check(span_make(rows[i].bytes, rows[i].n), "u");
        if (r.code != rows[i].want || r.at != rows[i].at) {
            fail_msg("row %zu: %s at %u", i, cs_code_name(r.code), r.at);
        }
    }
}

static void identifiers(void **state)
{
    (void)state;
    assert_int_equal(text_id_check(SPAN_LIT("git:0a/b-c_d.e@f+1"), 64, "i").code, CS_OK);
    assert_int_equal(text_id_check(SPAN_LIT(".hidden"), 64, "i").code, CS_E_SYNTAX);
    assert_int_equal(text_id_check(SPAN_LIT("a b"), 64, "i").code, CS_E_SYNTAX);
    assert_int_equal(text_id_check(SPAN_LIT("a\0b"), 64, "i").code, CS_E_SYNTAX);
    assert_int_equal(text_id_check(SPAN_LIT("\xd0\xb0"), 64, "i").code, CS_E_SYNTAX);
    assert_int_equal(text_id_check(SPAN_LIT(""), 64, "i").code, CS_E_RANGE);
    assert_int_equal(text_id_check(SPAN_LIT("abcd"), 3, "i").code, CS_E_RANGE);
    assert_int_equal(text_id_check(SPAN_LIT("abc"), 3, "i").code, CS_OK);
}

static void digests(void **state)
{
    /* FIPS 180-4 examples: the one-block message "abc", and the empty message */
    uint8_t want[64];
    uint8_t got[64];
    const struct sha256 d = digest_sha256(SPAN_LIT("abc"));
    const struct span parts[] = {SPAN_LIT("a"), SPAN_NONE, SPAN_LIT("bc")};
    const struct sha256 same = digest_sha256_parts(parts, 3);
    (void)state;
    assert_int_equal(
        text_hex_decode(SPAN_LIT("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"), want, 32, "h")
            .code,
        CS_OK);
    assert_memory_equal(d.b, want, 32);
    assert_true(sha256_eq(&d, &same));
    assert_int_equal(
        text_hex_decode(SPAN_LIT("cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e"
                                 "7cc2358baeca134c825a7"),
                        want, 48, "h")
            .code,
        CS_OK);
    digest_sha384(SPAN_LIT("abc"), got);
    assert_memory_equal(got, want, 48);
    assert_int_equal(
        text_hex_decode(SPAN_LIT("cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d8"
                                 "5f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"),
                        want, 64, "h")
            .code,
        CS_OK);
    digest_sha512(SPAN_NONE, got);
    assert_memory_equal(got, want, 64);
}

static void distances(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        size_t want;
    } rows[] = {{"", "", 0},       {"a", "", 1},   {"rulez", "rules", 1}, {"kitten", "sitting", 3},
                {"abc", "abc", 0}, {"ab", "ba", 2}};
    uint8_t long_word[TEXT_WORD_MAX + 1] = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(text_distance(span_str(rows[i].a), span_str(rows[i].b)), rows[i].want);
        assert_int_equal(text_distance(span_str(rows[i].b), span_str(rows[i].a)), rows[i].want);
    }
    assert_int_equal(text_distance(span_make(long_word, TEXT_WORD_MAX), SPAN_NONE), TEXT_WORD_MAX);
    assert_int_equal(text_distance(SPAN_OF(long_word), SPAN_NONE), SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(time_past_the_end_is_refused),
        cmocka_unit_test(base64_both_alphabets),
        cmocka_unit_test(base64_round_trip),
        cmocka_unit_test(hex_and_decimal),
        cmocka_unit_test(utf8),
        cmocka_unit_test(identifiers),
        cmocka_unit_test(digests),
        cmocka_unit_test(distances),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
