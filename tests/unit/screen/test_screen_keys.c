/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen/screen_keys.h"

#define CHAR(p)                                                                                                        \
    {                                                                                                                  \
        PRESS_CHAR, (p)                                                                                                \
    }
#define KEY(k)                                                                                                         \
    {                                                                                                                  \
        (k), 0                                                                                                         \
    }

static const struct row {
    const char *name;
    const char *bytes;
    struct key_press want[4];
    size_t count;
} rows[] = {
    {"letters", "aZ 9", {CHAR('a'), CHAR('Z'), CHAR(' '), CHAR('9')}, 4},
    {"enter both ways", "\r\n", {KEY(PRESS_ENTER), KEY(PRESS_ENTER)}, 2},
    {"tab", "\t", {KEY(PRESS_TAB)}, 1},
    {"erase both ways", "\x7f\x08", {KEY(PRESS_ERASE), KEY(PRESS_ERASE)}, 2},
    {"arrows", "\x1b[A\x1b[B\x1bOA", {KEY(PRESS_UP), KEY(PRESS_DOWN), KEY(PRESS_UP)}, 3},
    {"pages", "\x1b[5~\x1b[6~", {KEY(PRESS_PAGE_UP), KEY(PRESS_PAGE_DOWN)}, 2},
    {"F keys of xterm",
     "\x1bOP\x1bOS\x1b[18~\x1b[24~",
     {KEY(PRESS_F1), KEY(PRESS_F4), KEY(PRESS_F7), KEY(PRESS_F12)},
     4},
    {"F keys of the console", "\x1b[[A\x1b[[D", {KEY(PRESS_F1), KEY(PRESS_F4)}, 2},
    {"F keys of old terminals", "\x1b[11~\x1b[14~", {KEY(PRESS_F1), KEY(PRESS_F4)}, 2},
    {"letters of several bytes", "é€", {CHAR(0xe9), CHAR(0x20ac)}, 2},
    {"a cut letter", "\xc3x", {CHAR('x')}, 1},
    {"bytes that are no text", "\xff\x80z", {CHAR('z')}, 1},
    {"an overlong letter", "\xc0\x80y", {CHAR('y')}, 1},
    {"control bytes",
     "\x01\x03\x1a"
     "b",
     {CHAR('b')},
     1},
    {"an unknown sequence", "\x1b[1;5C\x1b[99~c", {CHAR('c')}, 1},
    {"escape and a letter",
     "\x1b"
     "xd",
     {CHAR('d')},
     1},
    {"escape within a sequence", "\x1b[\x1b[6~", {KEY(PRESS_PAGE_DOWN)}, 1},
    {"a sequence without an end", "\x1b[00000000000000e", {CHAR('e')}, 1},
};

static void bytes_become_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct screen_keys k = {.len = 0};
        size_t n = 0;
        for (const char *c = rows[i].bytes; *c != '\0'; c++) {
            struct key_press p = {.press = PRESS_NONE};
            if (!screen_keys_byte(&k, (uint8_t)*c, 1000, &p)) {
                continue;
            }
            if (n == rows[i].count || p.press != rows[i].want[n].press || p.point != rows[i].want[n].point) {
                fail_msg("%s: key %zu is %d, %u", rows[i].name, n, (int)p.press, (unsigned)p.point);
            }
            n++;
        }
        if (n != rows[i].count) {
            fail_msg("%s: %zu keys", rows[i].name, n);
        }
    }
}

static void a_lone_escape_is_a_key_after_a_while(void **state)
{
    (void)state;
    struct screen_keys k = {.len = 0};
    struct key_press p = {.press = PRESS_NONE};
    assert_false(screen_keys_byte(&k, 0x1b, 1000, &p));
    assert_true(screen_keys_wait(&k));
    assert_false(screen_keys_late(&k, 1000 + KEYS_ESC_MS - 1, &p));
    assert_true(screen_keys_late(&k, 1000 + KEYS_ESC_MS, &p));
    assert_int_equal(p.press, PRESS_ESC);
    assert_false(screen_keys_wait(&k));
    assert_false(screen_keys_byte(&k, 0x1b, 2000, &p));
    assert_false(screen_keys_byte(&k, '[', 2000, &p));
    assert_false(screen_keys_late(&k, 9000, &p)); /* the start of a sequence is no key */
    assert_false(screen_keys_wait(&k));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_keys),
        cmocka_unit_test(a_lone_escape_is_a_key_after_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
