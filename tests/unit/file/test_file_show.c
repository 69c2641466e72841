/* SPDX-License-Identifier: Apache-2.0 */
/* What outside text looks like on a terminal and in the log of a CI runner. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "file/file_show.h"

enum { SHOWN_MAX = 256 };

static const struct row {
    const char *name;
    const char *text;
    const char *want;
} rows[] = {
    {"plain", "Release 4.18.2: caf\xc3\xa9", "Release 4.18.2: caf\xc3\xa9"},
    {"nothing", "", ""},
    {"escape", "\x1b[2J\x1b]0;x\x07", "[U+001B][2J[U+001B]]0;x[U+0007]"},
    {"C1",
     "a\xc2\x9b"
     "31m",
     "a[U+009B]31m"},
    {"line ends",
     "a\r\nb\xe2\x80\xa8"
     "c",
     "a[U+000D][U+000A]b[U+2028]c"},
    {"bidirectional", "\xe2\x80\xaegpj", "[U+202E]gpj"},
    {"invisible", "a\xe2\x80\x8b\xef\xbb\xbf\xf3\xa0\x80\x81", "a[U+200B][U+FEFF][U+E0001]"},
    {"DEL", "a\x7f", "a[U+007F]"},
    {"an order", "::error::pwned", "[U+003A]:error::pwned"},
    {"an order after spaces", "  ::add-mask::a", "  [U+003A]:add-mask::a"},
    {"an order on the next line", "a\n::error::b", "a[U+000A]::error::b"},
    {"half an order", ":", "[U+003A]"},
    {"not at the start", "std::string", "std::string"},
    {"the older order, anywhere", "a ##[error]b", "a [U+0023]#[error]b"},
    {"many hashes", "###", "[U+0023][U+0023]#"},
    {"one hash", "#12", "#12"},
    {"not UTF-8",
     "a\xff"
     "b",
     "a[U+00FF]b"},
    {"cut UTF-8", "\xe2\x80", "[U+00E2][U+0080]"},
    {"surrogate", "\xed\xa0\x80", "[U+00ED][U+00A0][U+0080]"},
};

static void rows_are_shown(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char shown[SHOWN_MAX] = {0};
        FILE *to = fmemopen(shown, sizeof(shown), "w");
        assert_non_null(to);
        file_show(to, span_str(rows[i].text));
        assert_int_equal(fclose(to), 0);
        if (strcmp(shown, rows[i].want) != 0) {
            fail_msg("%s: %s", rows[i].name, shown);
        }
    }
}

/* No code point below 0x20, nor DEL to U+00A0, comes through, wherever it stands. */
static void no_control_comes_through(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 0x100; c++) {
        char shown[SHOWN_MAX] = {0};
        const uint8_t text[] = {'a', (uint8_t)c, 'b'};
        FILE *to = fmemopen(shown, sizeof(shown), "w");
        assert_non_null(to);
        file_show(to, span_make(text, sizeof(text)));
        assert_int_equal(fclose(to), 0);
        const bool printable = c >= 0x20 && c < 0x7f;
        assert_int_equal(strlen(shown), printable ? 3 : 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_shown), cmocka_unit_test(no_control_comes_through)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
