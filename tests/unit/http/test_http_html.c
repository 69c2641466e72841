/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a text holds, a page shows it as text: row by row, and every byte there is. 3.4 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_html.h"

enum { ARENA_BYTES = 4 << 20, PAGE_BYTES = 1 << 20 };

struct bed {
    struct arena arena;
    struct writer w;
    struct html h;
};

static int begin(void **state)
{
    struct bed *b = calloc(1, sizeof(*b));
    assert_non_null(b);
    arena_init(&b->arena, ARENA_BYTES);
    b->w = wr_heap(PAGE_BYTES);
    b->h = (struct html){.w = &b->w, .arena = &b->arena};
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bed *b = *state;
    wr_release(&b->w);
    arena_release(&b->arena);
    free(b);
    return 0;
}

#define CHIP(code, words) "<span class=\"chip\">" code "<span class=\"vh\">, " words "</span></span>"

static const struct {
    const char *name;
    const char *in;
    const char *text; /* between <bdi>s */
    const char *bare;
} rows[] = {
    {"a control character", "\x1b[2J", CHIP("U+001B", "control character") "[2J", "\u27e6U+001B\u27e7[2J"},
    {"plain", "Release 2", "Release 2", "Release 2"},
    {"nothing", "", "", ""},
    {"a tag", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
     "&lt;script&gt;alert(1)&lt;/script&gt;"},
    {"out of an attribute", "\" onload='x' \"", "&quot; onload=&#39;x&#39; &quot;", "&quot; onload=&#39;x&#39; &quot;"},
    {"a reference", "&lt;&#60;&copy", "&amp;lt;&amp;#60;&amp;copy", "&amp;lt;&amp;#60;&amp;copy"},
    {"a comment", "--><!--", "--&gt;&lt;!--", "--&gt;&lt;!--"},
    {"turns around", "a\u202eb", "a" CHIP("U+202E", "turns text around") "b", "a\u27e6U+202E\u27e7b"},
    {"isolates", "\u2066", CHIP("U+2066", "turns text around"), "\u27e6U+2066\u27e7"},
    {"no width", "pay\u200bments", "pay" CHIP("U+200B", "invisible space or joiner") "ments",
     "pay\u27e6U+200B\u27e7ments"},
    {"a newline in one line", "a\nb", "a" CHIP("U+000A", "new line") "b", "a\u27e6U+000A\u27e7b"},
    {"a bad byte", "a\xc0z", "a" CHIP("byte C0", "byte that is no text") "z", "a\u27e6byte C0\u27e7z"},
    {"brackets of ours", "\u27e6U+202E\u27e7", NULL, "\u27e6U+27E6\u27e7U+202E\u27e6U+27E7\u27e7"},
    {"another script", "\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"},
};

static void expect(struct bed *b, const char *name, const char *before, const char *want, const char *after)
{
    AUTO_WRITER all = wr_heap(PAGE_BYTES);
    wr_text(&all, before);
    wr_text(&all, want);
    wr_text(&all, after);
    if (!span_eq(wr_span(&b->w), wr_span(&all))) {
        fail_msg("%s: %.*s, wanted %.*s", name, (int)b->w.len, (const char *)b->w.p, (int)all.len, (const char *)all.p);
    }
    wr_release(&b->w);
    b->w = wr_heap(PAGE_BYTES);
}

static void texts_by_row(void **state)
{
    struct bed *b = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].text != NULL) {
            html_text(&b->h, span_str(rows[i].in));
            expect(b, rows[i].name, "<bdi dir=\"ltr\">", rows[i].text, "</bdi>");
        }
        html_ours(&b->h, "\"");
        html_bare(&b->h, span_str(rows[i].in));
        expect(b, rows[i].name, "\"", rows[i].bare, "");
    }
}

static void lines_break_where_they_may(void **state)
{
    struct bed *b = *state;
    html_lines(&b->h, SPAN_LIT("one\n\t<two>"));
    expect(b, "lines", "<bdi dir=\"ltr\">", "one<br>    &lt;two&gt;", "</bdi>");
}

/* Of every two bytes that can stand in a text, none leaves a `<`, a quote, a control or a `&` that we did not write. */
static void no_byte_gets_through(void **state)
{
    struct bed *b = *state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            const uint8_t in[] = {(uint8_t)first, (uint8_t)second};
            arena_reset(&b->arena);
            html_bare(&b->h, SPAN_OF(in));
            for (size_t i = 0; i < b->w.len; i++) {
                const uint8_t c = b->w.p[i];
                if (c < 0x20 || c == 0x7f || c == '<' || c == '>' || c == '"' || c == '\'') {
                    fail_msg("%02x %02x gives %02x", first, second, c);
                }
            }
            wr_release(&b->w);
            b->w = wr_heap(PAGE_BYTES);
        }
    }
}

static void what_is_too_long_is_said(void **state)
{
    struct bed *b = *state;
    static uint8_t text[4 * HTML_POINTS_MAX + 8];
    memset(text, 'a', sizeof(text));
    html_text(&b->h, span_make(text, HTML_POINTS_MAX));
    assert_int_equal(b->w.len, HTML_POINTS_MAX + strlen("<bdi dir=\"ltr\"></bdi>"));
    wr_release(&b->w);
    b->w = wr_heap(PAGE_BYTES);
    html_text(&b->h, span_make(text, HTML_POINTS_MAX + 1));
    expect(b, "too long", "", "<em>(too long to show)</em>", "");
    html_bare(&b->h, SPAN_OF(text));
    expect(b, "far too long", "", "(too long to show)", "");
}

/* Without memory the page fails; it is not shown with something left out. */
static void no_memory_fails_the_page(void **state)
{
    struct bed *b = *state;
    struct arena none = {.cap_bytes = 0};
    struct html h = {.w = &b->w, .arena = &none};
    html_text(&h, SPAN_LIT("a"));
    assert_int_equal(wr_end(&b->w, "page").code, CS_E_NOMEM);
}

static void digests_as_on_the_kiosk(void **state)
{
    struct bed *b = *state;
    const struct sha256 d = digest_sha256(SPAN_NONE);
    html_digest(&b->h, &d);
    const char *start = "<code class=\"digest\"><span>e3b0</span><span class=\"odd\">c442</span><span>98fc</span>";
    assert_memory_equal(b->w.p, start, strlen(start));
    size_t spans = 0;
    for (size_t i = 0; i + 5 < b->w.len; i++) {
        spans += memcmp(b->w.p + i, "<span", 5) == 0 ? 1 : 0;
    }
    assert_int_equal(spans, 16);
}

static void queries_are_encoded(void **state)
{
    struct bed *b = *state;
    html_query(&b->h, SPAN_LIT("a/b+c&d=\"<%\xc3\xa9~"));
    expect(b, "query", "", "a%2Fb%2Bc%26d%3D%22%3C%25%C3%A9~", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(texts_by_row, begin, end),
        cmocka_unit_test_setup_teardown(lines_break_where_they_may, begin, end),
        cmocka_unit_test_setup_teardown(no_byte_gets_through, begin, end),
        cmocka_unit_test_setup_teardown(what_is_too_long_is_said, begin, end),
        cmocka_unit_test_setup_teardown(no_memory_fails_the_page, begin, end),
        cmocka_unit_test_setup_teardown(digests_as_on_the_kiosk, begin, end),
        cmocka_unit_test_setup_teardown(queries_are_encoded, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
