/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "screen/screen_ansi.h"
#include "screen/screen_pages.h"

enum { ARENA_BYTES = 16 << 20, COLS = 48, ROWS = 18 };

static struct arena arena;

static int set_up(void **state)
{
    (void)state;
    arena_init(&arena, ARENA_BYTES);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

static void flatten(const struct pages *p, size_t line, struct writer *w)
{
    unsigned x = 0;
    for (size_t i = 0; i < p->lines[line].count; i++) {
        const struct page_piece *piece = &p->lines[line].pieces[i];
        for (; x < piece->x; x++) {
            wr_u8(w, ' ');
        }
        wr_bytes(w, piece->text);
        x += piece->cells;
    }
}

static void assert_lines(const struct pages *p, const char *const *want, size_t count)
{
    assert_int_equal(p->line_count, count);
    for (size_t i = 0; i < count; i++) {
        AUTO_WRITER w = wr_heap(4096);
        flatten(p, i, &w);
        if (!span_is(wr_span(&w), want[i])) {
            fail_msg("line %zu: \"%.*s\"", i, (int)wr_span(&w).left, (const char *)wr_span(&w).p);
        }
    }
}

static void texts_wrap_and_nothing_is_cut(void **state)
{
    (void)state;
    static const struct row {
        const char *text;
        const char *want[4];
        size_t count;
    } rows[] = {
        {"one two three", {"one two ", "three"}, 2},
        {"exactly10!", {"exactly10!"}, 1},
        {"exactly10! more", {"exactly10!", "more"}, 2},
        {"averyverylongword", {"averyveryl", "ongword"}, 2},
        {"a  b", {"a  b"}, 1},
        {"12345678 \xE2\x80\xAEx", {"12345678 ", "⟦U+202E⟧x"}, 2},
        {"", {""}, 1},
        {"e\xCC\x81t\xC3\xA9 caf\xC3\xA9 noir", {"e\xCC\x81t\xC3\xA9 caf\xC3\xA9 ", "noir"}, 2},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pages p;
        assert_int_equal(screen_wrap(span_str(rows[i].text), INK_FRAME, 10, 8, &arena, &p).code, CS_OK);
        assert_lines(&p, rows[i].want, rows[i].count);
    }
}

static void a_digest_is_whole_on_two_lines_of_one_page(void **state)
{
    (void)state;
    const struct sha256 d = digest_sha256(SPAN_LIT("abc"));
    static const char *const want[] = {
        "sha256  ba78 16bf 8f01 cfea  4141 40de 5dae 2223",
        "        b003 61a3 9617 7a9c  b410 ff61 f200 15ad",
    };
    struct doc doc;
    struct pages p;
    doc_init(&doc, &arena, REPERTOIRE_CELLS);
    doc_digest(&doc, "sha256", &d);
    assert_int_equal(screen_pages(&doc, COLS, ROWS, &arena, &p).code, CS_OK);
    assert_lines(&p, want, 2);
    /* pushed to the end of a page, it goes to the next one as a whole */
    doc_init(&doc, &arena, REPERTOIRE_CELLS);
    for (unsigned i = 0; i < ROWS - 1; i++) {
        doc_note(&doc, "line");
    }
    doc_digest(&doc, "sha256", &d);
    assert_int_equal(screen_pages(&doc, COLS, ROWS, &arena, &p).code, CS_OK);
    assert_int_equal(p.count, 2);
    assert_int_equal(p.first[1], ROWS - 1);
    assert_int_equal(p.end[1] - p.first[1], 2);
}

static void twenty_pages_fit_and_one_line_more_does_not(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        struct doc doc;
        struct pages p;
        doc_init(&doc, &arena, REPERTOIRE_CELLS);
        for (unsigned i = 0; i < (PAGES_MAX * ROWS) + more; i++) {
            doc_note(&doc, "line");
        }
        assert_int_equal(screen_pages(&doc, COLS, ROWS, &arena, &p).code, CS_OK);
        assert_int_equal(p.count, PAGES_MAX);
        assert_int_equal(p.too_long, more == 1);
    }
}

static void the_longest_title_fits_and_one_letter_more_cannot_be_signed(void **state)
{
    (void)state;
    uint8_t title[201];
    memset(title, 'x', sizeof(title));
    for (size_t n = 200; n <= 201; n++) {
        struct doc doc;
        doc_init(&doc, &arena, REPERTOIRE_CELLS);
        doc_title(&doc, span_make(title, n));
        assert_int_equal(doc.unshown, n == 201);
    }
}

static void chips_in_plain_fields_hide_and_elsewhere_only_mark(void **state)
{
    (void)state;
    struct doc doc;
    doc_init(&doc, &arena, REPERTOIRE_CELLS);
    doc_text(&doc, SPAN_LIT("risk"), SPAN_LIT("a\u200Bb"), DOC_FREE);
    assert_true(doc.chipped);
    assert_false(doc.hidden);
    doc_field(&doc, "Environment", SPAN_LIT("prod\u200B"), DOC_PLAIN);
    assert_true(doc.hidden);
    assert_int_equal(doc.chip_count, 1); /* the same code point once */
}

static void a_full_arena_fails_the_document(void **state)
{
    (void)state;
    struct arena small;
    arena_init(&small, 2048);
    struct doc doc;
    struct pages p = {.count = 77};
    doc_init(&doc, &small, REPERTOIRE_CELLS);
    for (unsigned i = 0; i < 100; i++) {
        doc_note(&doc, "line");
    }
    assert_int_equal(screen_pages(&doc, COLS, ROWS, &small, &p).code, CS_E_NOMEM);
    assert_int_equal(p.count, 77);
    arena_release(&small);
}

static void sizes_have_limits(void **state)
{
    (void)state;
    struct doc doc;
    struct pages p;
    doc_init(&doc, &arena, REPERTOIRE_CELLS);
    doc_note(&doc, "line");
    assert_int_equal(screen_pages(&doc, PAGES_LEAST_COLS, PAGES_LEAST_ROWS, &arena, &p).code, CS_OK);
    assert_int_equal(screen_pages(&doc, PAGES_LEAST_COLS - 1, ROWS, &arena, &p).code, CS_E_RANGE);
    assert_int_equal(screen_pages(&doc, COLS, PAGES_LEAST_ROWS - 1, &arena, &p).code, CS_E_RANGE);
    assert_int_equal(screen_pages(&doc, 201, ROWS, &arena, &p).code, CS_E_RANGE);
}

static void times_read_as_people_say_them(void **state)
{
    (void)state;
    static const struct row {
        uint64_t ms;
        const char *want;
    } rows[] = {
        {0, "0 s"},       {59999, "59 s"},         {60000, "1 min"},  {3599999, "59 min"},
        {3600000, "1 h"}, {5220000, "1 h 27 min"}, {86400000, "1 d"}, {100800000, "1 d 4 h"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(64);
        screen_write_span(&w, rows[i].ms);
        assert_true(span_is(wr_span(&w), rows[i].want));
    }
}

static void what_is_signed_is_said_to_the_second(void **state)
{
    (void)state;
    static const struct row {
        uint64_t s;
        const char *want;
    } rows[] = {
        {0, "0 s"},      {59, "59 s"},         {60, "1 min"},  {90, "1 min 30 s"},
        {3600, "1 h"},   {3601, "1 h 1 s"},    {86400, "1 d"}, {90061, "1 d 1 h 1 min 1 s"},
        {604800, "7 d"}, {7140, "1 h 59 min"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AUTO_WRITER w = wr_heap(64);
        screen_write_exact(&w, rows[i].s);
        assert_true(span_is(wr_span(&w), rows[i].want));
    }
}

/* ---- what reaches a terminal */

static void no_text_can_send_a_control_byte(void **state)
{
    (void)state;
    struct grid g;
    assert_int_equal(screen_grid_init(&g, 80, 2, &arena).code, CS_OK);
    for (unsigned b = 0; b < 256; b++) {
        const uint8_t byte = (uint8_t)b;
        const unsigned n = screen_grid_put(&g, 0, 0, 80, INK_SHEET, span_make(&byte, 1));
        assert_int_equal(n, 1);
        const struct grid_cell *c = &g.cell[0];
        const bool plain = byte > 0x20 && byte < 0x7f;
        assert_true(byte == ' ' ? c->len == 0 : (c->len == 1 && c->b[0] == (plain ? byte : '?')));
    }
    (void)screen_grid_put(&g, 78, 0, 10, INK_SHEET, SPAN_LIT("abcdef")); /* stops at the edge */
    assert_int_equal(g.cell[80].len, 0);
    (void)screen_grid_put(&g, 0, 1, 2, INK_SHEET, SPAN_LIT("⟦x")); /* brackets are only for chips */
    assert_int_equal(g.cell[80].b[0], '?');
    (void)screen_grid_put(&g, 0, 1, 2, INK_CHIP, SPAN_LIT("⟦x"));
    assert_int_equal(g.cell[80].len, 3);
    (void)screen_grid_put(&g, 0, 1, 2, INK_SHEET, SPAN_LIT("e\u0301\u0302\u0303"));
    assert_int_equal(g.cell[80].marks, 2);
    assert_int_equal(g.cell[81].b[0], '?'); /* the third mark has no place */
}

static void only_rows_that_changed_are_sent(void **state)
{
    (void)state;
    struct grid a;
    struct grid b;
    assert_int_equal(screen_grid_init(&a, 4, 2, &arena).code, CS_OK);
    assert_int_equal(screen_grid_init(&b, 4, 2, &arena).code, CS_OK);
    AUTO_WRITER none = wr_heap(1024);
    screen_ansi(&a, &b, true, &none);
    assert_int_equal(none.len, 0);
    (void)screen_grid_put(&b, 1, 1, 3, INK_ACT, SPAN_LIT("hi"));
    AUTO_WRITER one = wr_heap(1024);
    screen_ansi(&a, &b, true, &one);
    assert_true(span_is(wr_span(&one), "\x1b[2;1H\x1b[0;37;40m \x1b[0;30;43mhi\x1b[0;37;40m \x1b[0m"));
    AUTO_WRITER all = wr_heap(1024);
    screen_ansi(NULL, &b, false, &all);
    assert_true(span_is(wr_span(&all), "\x1b[1;1H\x1b[0m    \x1b[2;1H\x1b[0m \x1b[0;7mhi\x1b[0m \x1b[0m"));
}

#define IN_ARENA(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(texts_wrap_and_nothing_is_cut),
        IN_ARENA(a_digest_is_whole_on_two_lines_of_one_page),
        IN_ARENA(twenty_pages_fit_and_one_line_more_does_not),
        IN_ARENA(the_longest_title_fits_and_one_letter_more_cannot_be_signed),
        IN_ARENA(chips_in_plain_fields_hide_and_elsewhere_only_mark),
        IN_ARENA(a_full_arena_fails_the_document),
        IN_ARENA(sizes_have_limits),
        cmocka_unit_test(times_read_as_people_say_them),
        cmocka_unit_test(what_is_signed_is_said_to_the_second),

        IN_ARENA(no_text_can_send_a_control_byte),
        IN_ARENA(only_rows_that_changed_are_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
