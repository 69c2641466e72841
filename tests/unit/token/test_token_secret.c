/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/mman.h>

#include "token/token_secret.h"

#define SIXTY "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff"

static const struct row {
    const char *quoted;
    const char *want; /* NULL: refused */
} rows[] = {
    {"\"1234\"", "1234"},
    {"\"123\"", NULL},
    {"\"\"", NULL},
    {"\"", NULL},
    {"", NULL},
    {"1234", NULL},
    {"\"p\xc3\xa4ss\"", "p\xc3\xa4ss"},
    {"\"p\xc3\xa4s\"", NULL}, /* five bytes, but three characters */
    {"\"a\\\"b\\\\\"", "a\"b\\"},
    {"\"abc\\n\"", NULL},
    {"\"abcd\\u0007\"", NULL},
    {"\"abcd\\\"", NULL},
    {"\"abcd\x7f\"", NULL},
    {"\"" SIXTY "123\"", SIXTY "123"},
    {"\"" SIXTY "1234\"", NULL},
};

static void take_rows(void **state)
{
    const struct token_secret none = {{0}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct token_secret s;
        memset(&s, 0x5a, sizeof(s));
        const struct cs_result got = token_secret_take(span_str(rows[i].quoted), &s);
        if ((got.code == CS_OK) != (rows[i].want != NULL)) {
            fail_msg("%s: %s", rows[i].quoted, cs_code_name(got.code));
        }
        if (rows[i].want != NULL) {
            assert_string_equal(s.text, rows[i].want);
        } else {
            assert_memory_equal(&s, &none, sizeof(s));
        }
    }
}

/* VmLck of this process, in KiB. */
static unsigned long locked_kib(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *f = fopen("/proc/self/status", "re");

    assert_non_null(f);
    while (fgets(line, sizeof(line), f) != NULL) {
        if (strncmp(line, "VmLck:", 6) == 0) {
            kib = strtoul(line + 6, NULL, 10);
        }
    }
    assert_int_equal(fclose(f), 0);
    return kib;
}

/* Sanitizers turn mlock into nothing. */
static bool locking_works(void)
{
    static char probe[1];

    assert_int_equal(mlock(probe, sizeof(probe)), 0);
    const bool works = locked_kib() > 0;
    assert_int_equal(munlock(probe, sizeof(probe)), 0);
    return works;
}

static void vault_is_locked_and_moves(void **state)
{
    struct token_vault *v = NULL;
    const struct token_secret none = {{0}};
    (void)state;

    assert_int_equal(token_vault_new(&v).code, CS_OK);
    assert_true(locked_kib() > 0 || !locking_works());
    assert_int_equal(token_secret_take(SPAN_LIT("\"1234\""), &v->incoming).code, CS_OK);
    token_vault_start(v);
    assert_string_equal(v->running.text, "1234");
    assert_memory_equal(&v->incoming, &none, sizeof(none));
    token_vault_free(v);
    assert_int_equal(locked_kib(), 0);
    token_vault_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(take_rows),
        cmocka_unit_test(vault_is_locked_and_moves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
