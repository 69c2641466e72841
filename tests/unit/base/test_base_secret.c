/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base_secret.h"

static bool all_zero(const void *p, size_t n)
{
    const uint8_t *b = p;
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++) {
        any |= b[i];
    }
    return any == 0;
}

static void set_replaces_and_wipes(void **state)
{
    (void)state;
    struct secret s;
    memset(&s, 0x5a, sizeof(s));
    secret_init(&s);
    assert_int_equal(s.len, 0);
    assert_int_equal(secret_set(&s, SPAN_LIT("a long secret")).code, CS_OK);
    assert_true(span_is(secret_span(&s), "a long secret"));
    assert_int_equal(secret_set(&s, SPAN_LIT("short")).code, CS_OK);
    assert_true(span_is(secret_span(&s), "short"));
    assert_true(all_zero(s.b + 5, sizeof(s.b) - 5)); /* nothing of the first one is left behind it */
    secret_release(&s);
    assert_true(all_zero(&s, sizeof(s)));
}

static void typed_and_cut(void **state)
{
    (void)state;
    struct secret s = {0};
    assert_int_equal(secret_append(&s, SPAN_LIT("12")).code, CS_OK);
    assert_int_equal(secret_append(&s, SPAN_LIT("34")).code, CS_OK);
    assert_int_equal(secret_append(&s, SPAN_NONE).code, CS_OK);
    assert_true(span_is(secret_span(&s), "1234"));
    secret_cut(&s, 1);
    assert_true(span_is(secret_span(&s), "123"));
    assert_int_equal(s.b[3], 0);
    secret_cut(&s, 99);
    assert_true(all_zero(&s, sizeof(s)));
}

static void bounds(void **state)
{
    (void)state;
    static const uint8_t full[SECRET_MAX_BYTES] = {1};
    static const uint8_t over[SECRET_MAX_BYTES + 1] = {2};
    struct secret s = {0};
    assert_int_equal(secret_set(&s, SPAN_LIT("kept")).code, CS_OK);
    assert_int_equal(secret_set(&s, SPAN_OF(over)).code, CS_E_FULL);
    assert_true(span_is(secret_span(&s), "kept"));
    assert_int_equal(secret_append(&s, span_make(full, SECRET_MAX_BYTES - 3)).code, CS_E_FULL);
    assert_true(span_is(secret_span(&s), "kept"));
    assert_int_equal(secret_set(&s, SPAN_OF(full)).code, CS_OK);
    assert_int_equal(s.len, SECRET_MAX_BYTES);
    assert_int_equal(secret_append(&s, SPAN_LIT("x")).code, CS_E_FULL);
    secret_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set_replaces_and_wipes),
        cmocka_unit_test(typed_and_cut),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
