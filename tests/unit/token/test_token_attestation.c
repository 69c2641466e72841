/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token/token_attestation.h"

#define ALG                                                                                                            \
    "\x63"                                                                                                             \
    "alg\x26"
#define SIG                                                                                                            \
    "\x63"                                                                                                             \
    "sig\x43"                                                                                                          \
    "SSS"
#define X5C1                                                                                                           \
    "\x63"                                                                                                             \
    "x5c\x81\x42LL"
#define X5C3                                                                                                           \
    "\x63"                                                                                                             \
    "x5c\x83\x42LL\x41I\x41R"
#define ROW(name, lit, c, n)                                                                                           \
    {                                                                                                                  \
        name, {(const uint8_t *)(lit), sizeof(lit) - 1}, (c), (n)                                                      \
    }

static const struct row {
    const char *name;
    struct span in;
    enum cs_code want;
    size_t value; /* certificates, or the level */
} rows[] = {
    ROW("leaf only", "\xa3" ALG SIG X5C1, CS_OK, 1),
    ROW("chain", "\xa3" ALG SIG X5C3, CS_OK, 3),
    ROW("other order", "\xa3" X5C3 SIG ALG, CS_OK, 3),
    ROW("alg of two bytes",
        "\xa3" SIG X5C1 "\x63"
        "alg\x39\x01\x00",
        CS_OK, 1),
    ROW("length of two bytes", "\xa3" ALG "\x63sig\x59\x00\x03SSS" X5C1, CS_OK, 1),
    ROW("self attestation", "\xa2" ALG SIG, CS_E_MISSING, 0),
    ROW("no signature", "\xa2" ALG X5C1, CS_E_MISSING, 0),
    ROW("no alg", "\xa2" SIG X5C1, CS_E_MISSING, 0),
    ROW("none", "\xa0", CS_E_MISSING, 0),
    ROW("two algs", "\xa3" ALG ALG SIG, CS_E_DUPLICATE, 0),
    ROW("two signatures", "\xa3" SIG SIG X5C1, CS_E_DUPLICATE, 0),
    ROW("two chains", "\xa3" SIG X5C1 X5C1, CS_E_DUPLICATE, 0),
    ROW("a fourth member", "\xa4" ALG SIG X5C1 "\x61xF", CS_E_RANGE, 0),
    ROW("another member", "\xa3" SIG X5C1 "\x61x\x01", CS_E_UNKNOWN, 0),
    ROW("a long name", "\xa1\x69nnnnnnnnn\x01", CS_E_RANGE, 0),
    ROW("alg is text",
        "\xa3\x63"
        "alg\x61x" SIG X5C1,
        CS_E_TYPE, 0),
    ROW("empty chain", "\xa3" ALG SIG "\x63x5c\x80", CS_E_RANGE, 0),
    ROW("four certificates", "\xa3" ALG SIG "\x63x5c\x84\x41L\x41L\x41L\x41L", CS_OK, 4),
    ROW("five certificates", "\xa3" ALG SIG "\x63x5c\x85\x41L\x41L\x41L\x41L\x41L", CS_E_RANGE, 0),
    ROW("2^64-1 certificates", "\xa3" ALG SIG "\x63x5c\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x41L", CS_E_RANGE, 0),
    ROW("empty certificate", "\xa3" ALG SIG "\x63x5c\x81\x40", CS_E_RANGE, 0),
    ROW("certificate too long", "\xa3" ALG SIG "\x63x5c\x81\x59\x20\x01L", CS_E_RANGE, 0),
    ROW("certificate is text", "\xa3" ALG SIG "\x63x5c\x81\x62LL", CS_E_TYPE, 0),
    ROW("chain is bytes", "\xa3" ALG SIG "\x63x5c\x42LL", CS_E_TYPE, 0),
    ROW("chain of unknown length", "\xa3" ALG SIG "\x63x5c\x9f\x42LL\xff", CS_E_SYNTAX, 0),
    ROW("signature is text", "\xa3" ALG "\x63sig\x63SSS" X5C1, CS_E_TYPE, 0),
    ROW("trailing byte", "\xa3" ALG SIG X5C1 "!", CS_E_TRAILING, 0),
    ROW("cut", "\xa3" ALG SIG "\x63x5c\x81\x42L", CS_E_SHORT, 0),
    ROW("cut in a head", "\xa3" ALG SIG "\x63x5c\x81\x59\x01", CS_E_SHORT, 0),
    ROW("array", "\x81\x01", CS_E_TYPE, 0),
    ROW("empty", "", CS_E_SHORT, 0),
};

static void decode_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct token_outcome out = {.code = TOKEN_FAILED};
        const struct token_outcome before = out;
        struct arena a;
        arena_init(&a, 65536);
        const struct cs_result got = token_attestation_decode(rows[i].in, &a, &out);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].name, got.msg, cs_code_name(got.code));
        }
        if (got.code == CS_OK) {
            assert_int_equal(out.x5c_count, rows[i].value);
            assert_true(span_is(out.sig, "SSS"));
            assert_int_equal(out.x5c[0].p[0], 'L');
        } else {
            assert_memory_equal(&out, &before, sizeof(out));
        }
        arena_release(&a);
    }
}

static void chain_keeps_its_order(void **state)
{
    struct token_outcome out = {.code = TOKEN_FAILED};
    struct arena a;
    (void)state;

    arena_init(&a, 65536);
    assert_int_equal(token_attestation_decode(SPAN_LIT("\xa3" ALG SIG X5C3), &a, &out).code, CS_OK);
    assert_true(span_is(out.x5c[0], "LL") && span_is(out.x5c[1], "I") && span_is(out.x5c[2], "R"));
    arena_release(&a);
}

#define Z4  "\0\0\0\0"
#define Z16 Z4 Z4 Z4 Z4
/* rp hash, then behind the flags: counter, AAGUID, an id of two bytes, a key of 77 */
#define BEFORE Z16 Z16
#define BEHIND Z4 Z16 "\x00\x02ID" Z16 Z16 Z16 Z16 Z4 Z4 Z4 "\0"
#define CP                                                                                                             \
    "\x6b"                                                                                                             \
    "credProtect"

static const struct row protections[] = {
    ROW("no extensions", BEFORE "\x45" BEHIND, CS_OK, 0),
    ROW("level 2", BEFORE "\xc5" BEHIND "\xa1" CP "\x02", CS_OK, 2),
    ROW("level 3", BEFORE "\xc5" BEHIND "\xa1" CP "\x03", CS_OK, 3),
    ROW("another extension before", BEFORE "\xc5" BEHIND "\xa2\x61h\xf5" CP "\x03", CS_OK, 3),
    ROW("another extension only", BEFORE "\xc5" BEHIND "\xa1\x61h\xf5", CS_OK, 0),
    ROW("a level that is true", BEFORE "\xc5" BEHIND "\xa1" CP "\xf5", CS_E_TYPE, 0),
    ROW("an extension that is text", BEFORE "\xc5" BEHIND "\xa1\x61h\x61h", CS_E_TYPE, 0),
    ROW("extensions without their flag", BEFORE "\x45" BEHIND "\xa1" CP "\x02", CS_E_TRAILING, 0),
    ROW("flag without extensions", BEFORE "\xc5" BEHIND, CS_E_SHORT, 0),
    ROW("trailing byte", BEFORE "\xc5" BEHIND "\xa1" CP "\x02!", CS_E_TRAILING, 0),
    ROW("no credential", BEFORE "\x05" Z4, CS_E_SHORT, 0),
    ROW("an id past the end", BEFORE "\x45" Z4 Z16 "\xff\xffID", CS_E_SHORT, 0),
    ROW("empty", "", CS_E_SHORT, 0),
};

static void protection_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(protections) / sizeof(protections[0]); i++) {
        uint64_t level = 77;
        const struct cs_result got = token_protection_decode(protections[i].in, &level);
        if (got.code != protections[i].want) {
            fail_msg("%s: %s %s", protections[i].name, got.msg, cs_code_name(got.code));
        }
        assert_int_equal(level, got.code == CS_OK ? protections[i].value : 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_rows),
        cmocka_unit_test(chain_keeps_its_order),
        cmocka_unit_test(protection_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
