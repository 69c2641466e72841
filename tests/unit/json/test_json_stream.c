/* SPDX-License-Identifier: Apache-2.0 */
/* Other people's JSON as tokens: what is told, what is refused and where, and that the pieces make no difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/base_writer.h"
#include "json/json_stream.h"

/* Tokens as a text: { [ ) "text" 'key' #number t f n */
struct told {
    char text[8192];
    struct writer w;
};

static struct cs_result tell(void *user, const struct json_token *t)
{
    static const char marks[] = {
        [JSON_TOKEN_OBJECT] = '{', [JSON_TOKEN_ARRAY] = '[',  [JSON_TOKEN_CLOSE] = ')', [JSON_TOKEN_KEY] = '\'',
        [JSON_TOKEN_STRING] = '"', [JSON_TOKEN_NUMBER] = '#', [JSON_TOKEN_BOOL] = 'b',  [JSON_TOKEN_NULL] = 'n'};
    struct told *told = user;

    wr_u8(&told->w, (uint8_t)marks[t->kind]);
    wr_bytes(&told->w, t->text);
    if (t->cut) {
        wr_text(&told->w, "...");
    }
    if (t->kind == JSON_TOKEN_BOOL) {
        wr_u8(&told->w, t->flag ? '1' : '0');
    }
    wr_u8(&told->w, ' ');
    return span_is(t->text, "stop") ? CS_FAIL(CS_E_REFUSED, "sink") : wr_end(&told->w, "told");
}

static struct cs_result run(struct span text, size_t piece, struct told *ret_told, uint64_t *ret_line)
{
    static struct json_stream s;
    struct cs_result r = CS_SUCCESS;

    ret_told->w = wr_fixed(ret_told->text, sizeof(ret_told->text));
    json_stream_begin(&s, (struct json_sink){.take = tell, .user = ret_told});
    while (r.code == CS_OK && text.left > 0) {
        const size_t n = text.left < piece ? text.left : piece;
        r = json_stream_feed(&s, span_make(text.p, n));
        text = span_from(text, n);
    }
    r = r.code == CS_OK ? json_stream_end(&s) : r;
    *ret_line = s.line;
    return r;
}

#define A16  "[[[[[[[[[[[[[[[["
#define Z16  "]]]]]]]]]]]]]]]]"
#define A16T "[ [ [ [ [ [ [ [ [ [ [ [ [ [ [ [ "
#define Z16T ") ) ) ) ) ) ) ) ) ) ) ) ) ) ) ) "

static const struct row {
    const char *name;
    struct span text;
    enum cs_code code;
    uint32_t at;
    const char *told;
} rows[] = {
#define ROW(name, text, code, at, told)                                                                                \
    {                                                                                                                  \
        name, {(const uint8_t *)(text), sizeof(text) - 1}, code, at, told                                              \
    }
    ROW("scalars", "[\"a\",1,true,false,null]", CS_OK, 0, "[ \"a #1 b1 b0 n ) "),
    ROW("an object", " { \"b\" : { } , \"a\" : [ ] }\n", CS_OK, 0, "{ 'b { ) 'a [ ) ) "),
    ROW("a string alone", "\"x\"", CS_OK, 0, "\"x "),
    ROW("a number alone", "-0.5e+7", CS_OK, 0, "#-0.5e+7 "),
    ROW("numbers as they stand", "[0,-0,1E400,1.0,123456789012345678901234567890]", CS_OK, 0,
        "[ #0 #-0 #1E400 #1.0 #123456789012345678901234567890 ) "),
    ROW("escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", CS_OK, 0,
        "\"\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 "),
    ROW("UTF-8", "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"", CS_OK, 0,
        "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf "),
    ROW("a byte order mark", "\xef\xbb\xbf{}", CS_OK, 0, "{ ) "),
    ROW("64 deep", A16 A16 A16 A16 Z16 Z16 Z16 Z16, CS_OK, 0, A16T A16T A16T A16T Z16T Z16T Z16T Z16T),
    ROW("65 deep", A16 A16 A16 A16 "[", CS_E_DEPTH, 64, NULL),
    ROW("nothing", "", CS_E_SHORT, 0, NULL),
    ROW("only space", " \n", CS_E_SHORT, 2, NULL),
    ROW("half a mark", "\xef\xbb{}", CS_E_UTF8, 2, NULL),
    ROW("a mark later", " \xef\xbb\xbf{}", CS_E_SYNTAX, 1, NULL),
    ROW("cut in an object", "{\"a\":1", CS_E_SHORT, 6, NULL),
    ROW("cut in a string", "\"a", CS_E_SHORT, 2, NULL),
    ROW("cut in a word", "tru", CS_E_SHORT, 3, NULL),
    ROW("cut in a number", "[1", CS_E_SHORT, 2, NULL),
    ROW("two values", "1 2", CS_E_SYNTAX, 2, NULL),
    ROW("a comma too many", "[1,]", CS_E_SYNTAX, 3, NULL),
    ROW("a comma too many in an object", "{\"a\":1,}", CS_E_SYNTAX, 7, NULL),
    ROW("no comma", "[1 2]", CS_E_SYNTAX, 3, NULL),
    ROW("no colon", "{\"a\" 1}", CS_E_SYNTAX, 5, NULL),
    ROW("no key", "{1:2}", CS_E_SYNTAX, 1, NULL),
    ROW("no value", "{\"a\":}", CS_E_SYNTAX, 5, NULL),
    ROW("the wrong bracket", "[1}", CS_E_SYNTAX, 2, NULL),
    ROW("a bracket too many", "]", CS_E_SYNTAX, 0, NULL),
    ROW("NaN", "[NaN]", CS_E_SYNTAX, 1, NULL),
    ROW("Infinity", "[-Infinity]", CS_E_SYNTAX, 2, NULL),
    ROW("a word that is none", "[nul]", CS_E_SYNTAX, 4, NULL),
    ROW("a leading zero", "[01]", CS_E_SYNTAX, 3, NULL),
    ROW("a plus", "[+1]", CS_E_SYNTAX, 1, NULL),
    ROW("no digit after the point", "[1.]", CS_E_SYNTAX, 3, NULL),
    ROW("no digit before it", "[.5]", CS_E_SYNTAX, 1, NULL),
    ROW("no exponent", "[1e]", CS_E_SYNTAX, 3, NULL),
    ROW("a comment", "[1] // x", CS_E_SYNTAX, 4, NULL),
    ROW("single quotes", "['a']", CS_E_SYNTAX, 1, NULL),
    ROW("a line in a string", "\"a\nb\"", CS_E_SYNTAX, 2, NULL),
    ROW("an escape that is none", "\"\\x41\"", CS_E_SYNTAX, 2, NULL),
    ROW("a digit that is none", "\"\\u00g0\"", CS_E_SYNTAX, 5, NULL),
    ROW("a high surrogate alone", "\"\\ud800\"", CS_E_UTF8, 7, NULL),
    ROW("one before a text", "\"\\ud800x\"", CS_E_UTF8, 7, NULL),
    ROW("one before an escape", "\"\\ud800\\n\"", CS_E_UTF8, 8, NULL),
    ROW("one before another", "\"\\ud800\\ud800\"", CS_E_UTF8, 13, NULL),
    ROW("a low surrogate alone", "\"\\udc00\"", CS_E_UTF8, 7, NULL),
    ROW("an overlong form", "\"\xc0\x80\"", CS_E_UTF8, 1, NULL),
    ROW("a longer one", "\"\xe0\x9f\xbf\"", CS_E_UTF8, 2, NULL),
    ROW("the longest", "\"\xf0\x8f\xbf\xbf\"", CS_E_UTF8, 2, NULL),
    ROW("a surrogate in UTF-8", "\"\xed\xa0\x80\"", CS_E_UTF8, 2, NULL),
    ROW("past the last code point", "\"\xf4\x90\x80\x80\"", CS_E_UTF8, 2, NULL),
    ROW("a byte that leads nothing", "\"\xf5\"", CS_E_UTF8, 1, NULL),
    ROW("a continuation alone", "\"\x80\"", CS_E_UTF8, 1, NULL),
    ROW("a sequence that is cut", "\"\xe2\x82\"", CS_E_UTF8, 3, NULL),
    ROW("what the sink says", "[\"stop\"]", CS_E_REFUSED, 0, NULL),
};

static void tokens(void **state)
{
    static struct told told;
    uint64_t line = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t piece = 1; piece < 64; piece += 1 + piece / 3) {
            const struct cs_result r = run(rows[i].text, piece, &told, &line);
            if (r.code != rows[i].code || r.at != rows[i].at) {
                fail_msg("%s, by %zu: %s at %u", rows[i].name, piece, cs_code_name(r.code), r.at);
            }
            if (rows[i].told != NULL && !span_is(wr_span(&told.w), rows[i].told)) {
                fail_msg("%s, by %zu: %.*s", rows[i].name, piece, (int)told.w.len, told.text);
            }
        }
    }
}

/* A text that is longer than what is kept: the same beginning however it comes, and whether it is one more byte or
 * many. */
static void long_texts(void **state)
{
    static struct told whole;
    static struct told pieces;
    static char text[4096];
    uint64_t line = 0;

    (void)state;
    for (size_t n = JSON_STREAM_TEXT_MAX - 1; n < JSON_STREAM_TEXT_MAX + 3; n++) {
        text[0] = '"';
        memset(text + 1, 'x', n);
        text[n + 1] = '"';
        const struct span all = span_make(text, n + 2);
        assert_int_equal(run(all, SIZE_MAX, &whole, &line).code, CS_OK);
        assert_int_equal(run(all, 1, &pieces, &line).code, CS_OK);
        assert_true(span_eq(wr_span(&whole.w), wr_span(&pieces.w)));
        /* the mark, what is kept, a space; and three dots if that was not all */
        assert_int_equal(whole.w.len, n <= JSON_STREAM_TEXT_MAX ? n + 2 : (size_t)JSON_STREAM_TEXT_MAX + 5);
    }
    memset(text, '1', JSON_STREAM_NUMBER_MAX + 1);
    assert_int_equal(run(span_make(text, JSON_STREAM_NUMBER_MAX), 9, &whole, &line).code, CS_OK);
    for (size_t piece = 1; piece < 100; piece += 33) {
        const struct cs_result r = run(span_make(text, JSON_STREAM_NUMBER_MAX + 1), piece, &whole, &line);
        assert_int_equal(r.code, CS_E_RANGE);
        assert_int_equal(r.at, JSON_STREAM_NUMBER_MAX);
    }
}

static void lines(void **state)
{
    static struct told told;
    uint64_t line = 0;

    (void)state;
    assert_int_equal(run(SPAN_LIT("{\n\"a\":\n1,\n\n?"), 3, &told, &line).code, CS_E_SYNTAX);
    assert_int_equal(line, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tokens), cmocka_unit_test(long_texts), cmocka_unit_test(lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
