/* SPDX-License-Identifier: Apache-2.0 */
/* Every message that the kiosk shows because of a key has its code, and only FIDO_OK is ok. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "token/token_fido.h"

static const struct row {
    int fido;
    const char *want;
} rows[] = {
    {FIDO_OK, "ok"},
    {FIDO_ERR_NO_CREDENTIALS, "wrong_key"},
    {FIDO_ERR_PIN_INVALID, "pin_wrong"},
    {FIDO_ERR_PIN_AUTH_BLOCKED, "pin_auth_blocked"},
    {FIDO_ERR_PIN_BLOCKED, "pin_blocked"},
    {FIDO_ERR_PIN_NOT_SET, "pin_not_set"},
    {FIDO_ERR_PIN_REQUIRED, "pin_not_set"},
    {FIDO_ERR_UV_BLOCKED, "uv_blocked"},
    {FIDO_ERR_UV_INVALID, "uv_blocked"},
    {FIDO_ERR_USER_ACTION_TIMEOUT, "timeout"},
    {FIDO_ERR_ACTION_TIMEOUT, "timeout"},
    {FIDO_ERR_KEEPALIVE_CANCEL, "cancelled"},
    {FIDO_ERR_CREDENTIAL_EXCLUDED, "excluded"},
    {FIDO_ERR_UNSUPPORTED_ALGORITHM, "unsupported"},
    {FIDO_ERR_RX, "failed"},
    {FIDO_ERR_TX, "failed"},
    {FIDO_ERR_RX_INVALID_CBOR, "failed"},
    {FIDO_ERR_INTERNAL, "failed"},
};

static void code_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *got = token_code_word(token_fido_code(rows[i].fido));
        if (strcmp(got, rows[i].want) != 0) {
            fail_msg("%s: %s, not %s", fido_strerr(rows[i].fido), got, rows[i].want);
        }
    }
}

static void nothing_else_is_ok(void **state)
{
    (void)state;
    for (int r = -300; r < 300; r++) {
        assert_int_equal(token_fido_code(r) == TOKEN_OK, r == FIDO_OK);
    }
}

static void words_are_distinct(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TOKEN_CODE_COUNT; i++) {
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(token_code_word((enum token_code)i), token_code_word((enum token_code)j));
        }
    }
    assert_string_equal(token_code_word((enum token_code)0), "failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(code_rows),
        cmocka_unit_test(nothing_else_is_ok),
        cmocka_unit_test(words_are_distinct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
