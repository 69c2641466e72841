/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_writer.h"
#include "screen/screen_text.h"

static void flatten_chip(const struct text_run *r, char open, char shut, struct writer *w)
{
    char chip[TEXT_CHIP_MAX] = "";
    screen_chip_text(r, chip);
    wr_u8(w, (uint8_t)open);
    wr_text(w, chip);
    wr_u8(w, (uint8_t)shut);
}

/* Runs as one line: texts between |, chips in (), bytes in <>, unshown in {}, breaks as /. */
static void flatten(const struct safe_text *t, struct writer *w)
{
    for (size_t i = 0; i < t->count; i++) {
        const struct text_run *r = &t->runs[i];
        switch (r->kind) {
        case RUN_TEXT:
            wr_text(w, i > 0 && r[-1].kind == RUN_TEXT ? "|" : "");
            wr_bytes(w, r->text);
            break;
        case RUN_BREAK:
            wr_text(w, "/");
            break;
        case RUN_CHIP:
            flatten_chip(r, '(', ')', w);
            break;
        case RUN_BYTE:
            flatten_chip(r, '<', '>', w);
            break;
        case RUN_UNSHOWN:
            flatten_chip(r, '{', '}', w);
            break;
        }
    }
}

#define CELLS_LINE                                                                                                     \
    {                                                                                                                  \
        TEXT_LINE, REPERTOIRE_CELLS, 200                                                                               \
    }
#define CELLS_LINES                                                                                                    \
    {                                                                                                                  \
        TEXT_LINES, REPERTOIRE_CELLS, 200                                                                              \
    }
#define FONTS_LINE                                                                                                     \
    {                                                                                                                  \
        TEXT_LINE, REPERTOIRE_SHAPED, 200                                                                              \
    }

static const struct row {
    const char *name;
    const char *in;
    struct text_rule rule;
    const char *want;
    bool chip;
    bool unshown;
} rows[] = {
    {"plain", "release 4.18.2 to production", CELLS_LINE, "release 4.18.2 to production", false, false},
    {"empty", "", CELLS_LINE, "", false, false},
    {"latin, greek, cyrillic", "é ß Ω ж — “x” €", CELLS_LINE, "é ß Ω ж — “x” €", false, false},
    {"right-to-left override", "safe \u202Egnp.exe", CELLS_LINE, "safe (U+202E)gnp.exe", true, false},
    {"all bidi controls", "\u200E\u200F\u202A\u202B\u202C\u202D\u2066\u2067\u2068\u2069\u061C", FONTS_LINE,
     "(U+200E)(U+200F)(U+202A)(U+202B)(U+202C)(U+202D)(U+2066)(U+2067)(U+2068)(U+2069)(U+061C)", true, false},
    {"zero width", "a\u200Bb\u200C\u200D\u2060\u2064\uFEFF", CELLS_LINE,
     "a(U+200B)b(U+200C)(U+200D)(U+2060)(U+2064)(U+FEFF)", true, false},
    {"soft hyphen and joiner", "a\u00ADb\u034F", CELLS_LINE, "a(U+00AD)b(U+034F)", true, false},
    {"fillers", "\u115F\u1160\u3164\uFFA0\u2800", FONTS_LINE, "(U+115F)(U+1160)(U+3164)(U+FFA0)(U+2800)", true, false},
    {"variation selectors", "a\uFE0F\uFE00\U000E0100", FONTS_LINE, "a(U+FE0F)(U+FE00)(U+E0100)", true, false},
    {"tags", "\U000E0041\U000E007F", FONTS_LINE, "(U+E0041)(U+E007F)", true, false},
    {"separators", "\u2028\u2029", FONTS_LINE, "(U+2028)(U+2029)", true, false},
    {"odd spaces", "\u00A0\u1680\u2003\u202F\u205F\u3000", FONTS_LINE,
     "(U+00A0)(U+1680)(U+2003)(U+202F)(U+205F)(U+3000)", true, false},
    {"private use", "\uE000\U000F0000\U0010FFFD", FONTS_LINE, "(U+E000)(U+F0000)(U+10FFFD)", true, false},
    {"unassigned and non-characters", "\u0378\uFFFF\U0010FFFF\U0001FFFE", FONTS_LINE,
     "(U+0378)(U+FFFF)(U+10FFFF)(U+1FFFE)", true, false},
    {"brackets", "⟦U+202E⟧", CELLS_LINE, "(U+27E6)U+202E(U+27E7)", true, false},
    {"controls", "\x1b[31mred\x7f\xc2\x85\xc2\x9b", CELLS_LINE, "(U+001B)[31mred(U+007F)(U+0085)(U+009B)", true, false},
    {"newline in a line", "a\nb\tc\r", CELLS_LINE, "a(U+000A)b(U+0009)c(U+000D)", true, false},
    {"newline in lines", "a\nb\tc", CELLS_LINES, "a/b|    |c", false, false},
    {"carriage return in lines", "a\r\nb", CELLS_LINES, "a(U+000D)/b", true, false},
    {"two marks", "e\u0301\u0302x", CELLS_LINE, "e\u0301\u0302x", false, false},
    {"three marks", "e\u0301\u0302\u0303x", CELLS_LINE, "e\u0301\u0302(U+0303)x", true, false},
    {"mark on nothing", "\u0301x", CELLS_LINE, "(U+0301)x", true, false},
    {"mark on a space", " \u0301x", CELLS_LINE, " (U+0301)x", true, false},
    {"mark on a chip", "a\u200B\u0301", CELLS_LINE, "a(U+200B)(U+0301)", true, false},
    {"bad bytes", "ok \xC0\xAF\xFF end", CELLS_LINE, "ok <byte C0><byte AF><byte FF> end", true, false},
    {"cut sequence", "x\xE2\x82", CELLS_LINE, "x<byte E2><byte 82>", true, false},
    {"surrogate", "\xED\xA0\x80", CELLS_LINE, "<byte ED><byte A0><byte 80>", true, false},
    {"hebrew in cells", "אב", CELLS_LINE, "{U+05D0}{U+05D1}", false, true},
    {"hebrew with fonts", "אב", FONTS_LINE, "אב", false, false},
    {"wide in cells", "中x", CELLS_LINE, "{U+4E2D}x", false, true},
    {"shaped mark after an unshown letter", "ב\u05B0", CELLS_LINE, "{U+05D1}(U+05B0)", true, true},
};

static void every_row_gives_its_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        arena_init(&arena, 1 << 20);
        struct safe_text t;
        assert_int_equal(screen_text(span_str(rows[i].in), &rows[i].rule, &arena, &t).code, CS_OK);
        AUTO_WRITER w = wr_heap(4096);
        flatten(&t, &w);
        if (!span_is(wr_span(&w), rows[i].want) || t.has_chip != rows[i].chip || t.has_unshown != rows[i].unshown) {
            fail_msg("%s: %.*s", rows[i].name, (int)wr_span(&w).left, (const char *)wr_span(&w).p);
        }
        arena_release(&arena);
    }
}

static void the_longest_text_fits_and_one_more_does_not(void **state)
{
    (void)state;
    static const struct text_rule rule = {TEXT_LINE, REPERTOIRE_CELLS, 4};
    struct arena arena;
    arena_init(&arena, 1 << 16);
    struct safe_text t = {.points = 77};
    assert_int_equal(screen_text(span_str("éééé"), &rule, &arena, &t).code, CS_OK);
    assert_int_equal(t.points, 4);
    assert_int_equal(screen_text(span_str("ééééé"), &rule, &arena, &t).code, CS_E_RANGE);
    assert_int_equal(screen_text(span_str("12345678901234567890"), &rule, &arena, &t).code, CS_E_RANGE);
    assert_int_equal(t.points, 4);
    arena_release(&arena);
}

static void a_full_arena_is_said(void **state)
{
    (void)state;
    static const struct text_rule rule = {TEXT_LINE, REPERTOIRE_CELLS, 200};
    struct arena arena = {0};
    struct safe_text t = {.points = 77};
    assert_int_equal(screen_text(span_str("abc"), &rule, &arena, &t).code, CS_E_NOMEM);
    assert_int_equal(t.points, 77);
}

/* The class table is sorted and whole: neighbours of known edges have the classes that the standard gives them. */
static void classes_hold_at_their_edges(void **state)
{
    (void)state;
    static const struct edge {
        uint32_t point;
        enum code_class want;
    } edges[] = {
        {0x00, CODE_REFUSED},     {0x1F, CODE_REFUSED},     {0x20, CODE_PLAIN},         {0x7E, CODE_PLAIN},
        {0x7F, CODE_REFUSED},     {0xA0, CODE_REFUSED},     {0xA1, CODE_PLAIN},         {0xAD, CODE_REFUSED},
        {0x2FF, CODE_PLAIN},      {0x300, CODE_MARK},       {0x34F, CODE_REFUSED},      {0x36F, CODE_MARK},
        {0x370, CODE_PLAIN},      {0x5D0, CODE_SHAPED},     {0x200B, CODE_REFUSED},     {0x2010, CODE_PLAIN},
        {0x2027, CODE_PLAIN},     {0x2028, CODE_REFUSED},   {0x27E5, CODE_PLAIN},       {0x27E6, CODE_REFUSED},
        {0x4E2D, CODE_SHAPED},    {0xD800, CODE_REFUSED},   {0xFFFD, CODE_PLAIN},       {0x1F600, CODE_SHAPED},
        {0x10FFFF, CODE_REFUSED}, {0x110000, CODE_REFUSED}, {0xFFFFFFFF, CODE_REFUSED},
    };
    for (size_t i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        if (screen_code_class(edges[i].point) != edges[i].want) {
            fail_msg("U+%04X", edges[i].point);
        }
    }
}

static void every_chip_says_what_it_does(void **state)
{
    (void)state;
    const struct text_run override = {.kind = RUN_CHIP, .code = 0x202E};
    const struct text_run piled = {.kind = RUN_CHIP, .code = 0x0301};
    const struct text_run byte = {.kind = RUN_BYTE, .code = 0xC0};
    const struct text_run hidden = {.kind = RUN_UNSHOWN, .code = 0x5D0};
    const struct text_run odd = {.kind = RUN_CHIP, .code = 0x0378};
    assert_string_equal(screen_chip_meaning(&override), "turns text around");
    assert_string_equal(screen_chip_meaning(&piled), "mark piled on a letter");
    assert_string_equal(screen_chip_meaning(&byte), "byte that is no text");
    assert_string_equal(screen_chip_meaning(&hidden), "cannot be shown here");
    assert_string_equal(screen_chip_meaning(&odd), "not a visible letter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_gives_its_runs),     cmocka_unit_test(the_longest_text_fits_and_one_more_does_not),
        cmocka_unit_test(a_full_arena_is_said),         cmocka_unit_test(classes_hold_at_their_edges),
        cmocka_unit_test(every_chip_says_what_it_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
