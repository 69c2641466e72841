/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json/json_tree.h"

#define BYTES(lit)                                                                                                     \
    {                                                                                                                  \
        (const uint8_t *)(lit), sizeof(lit) - 1                                                                        \
    }
#define O8 "[[[[[[[["
#define C8 "]]]]]]]]"

/* want == NULL: refused with code at offset; else the canonical spelling. */
static const struct row {
    const char *name;
    struct span in;
    const char *want;
    enum cs_code code;
    uint32_t at;
} rows[] = {
#define OKAY(n, lit, out)                                                                                              \
    {                                                                                                                  \
        n, {(const uint8_t *)(lit), sizeof(lit) - 1}, out, CS_OK, 0                                                    \
    }
#define REFUSE(n, lit, c, off)                                                                                         \
    {                                                                                                                  \
        n, {(const uint8_t *)(lit), sizeof(lit) - 1}, NULL, c, off                                                     \
    }
    OKAY("white space", " \t\r\n{ \"a\" : [ 1 , 2 ] } \n", "{\"a\":[1,2]}"),
    OKAY("sorted", "{\"c\":1,\"a\":2,\"b\":{\"z\":1,\"y\":2}}", "{\"a\":2,\"b\":{\"y\":2,\"z\":1},\"c\":1}"),
    OKAY("sorted, five", "{\"e\":5,\"d\":4,\"c\":3,\"b\":2,\"a\":1}", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}"),
    OKAY("prefix", "{\"ab\":1,\"a\":2}", "{\"a\":2,\"ab\":1}"),
    OKAY("arrays keep order", "[3,1,2]", "[3,1,2]"),
    OKAY("empties", "[{},[ ],{ }]", "[{},[],{}]"),
    OKAY("slash", "\"\\/\"", "\"/\""),
    OKAY("unit letter", "\"\\u0041\\u00e9\\u20AC\"", "\"A\xc3\xa9\xe2\x82\xac\""),
    OKAY("unit control", "\"\\u000A\\u000B\"", "\"\\n\\u000b\""),
    OKAY("surrogate pair", "\"\\uD83D\\ude00\"", "\"\xf0\x9f\x98\x80\""),
    OKAY("minus zero", "-0", "0"),
    OKAY("words", "[true,false,null]", "[true,false,null]"),
    OKAY("depth 16", O8 O8 C8 C8, O8 O8 C8 C8),
    REFUSE("depth 17", O8 O8 "[]" C8 C8, CS_E_DEPTH, 16),
    REFUSE("nothing", "", CS_E_SHORT, 0),
    REFUSE("only space", "  ", CS_E_SHORT, 2),
    REFUSE("byte order mark", "\xef\xbb\xbf{}", CS_E_SYNTAX, 0),
    REFUSE("two values", "1 2", CS_E_TRAILING, 2),
    REFUSE("form feed is no space", "\f1", CS_E_SYNTAX, 0),
    REFUSE("duplicate", "{\"a\":1,\"b\":1,\"a\":2}", CS_E_DUPLICATE, 14),
    REFUSE("duplicate next to it", "{\"a\":1,\"a\":2}", CS_E_DUPLICATE, 8),
    REFUSE("capital key", "{\"Name\":1}", CS_E_UNKNOWN, 1),
    REFUSE("escaped key", "{\"\\u0061\":1}", CS_E_UNKNOWN, 1),
    REFUSE("fraction", "[1.5]", CS_E_TYPE, 1),
    REFUSE("exponent", "[1e5]", CS_E_TYPE, 1),
    REFUSE("too large", "[9007199254740992]", CS_E_RANGE, 1),
    REFUSE("leading zero", "[00]", CS_E_SYNTAX, 1),
    REFUSE("lone high surrogate", "\"\\ud83d\"", CS_E_UTF8, 1),
    REFUSE("lone low surrogate", "\"\\ude00\"", CS_E_UTF8, 1),
    REFUSE("two high surrogates", "\"\\ud83d\\ud83d\"", CS_E_UTF8, 1),
    REFUSE("high surrogate and letter", "\"\\ud83dA\"", CS_E_UTF8, 1),
    REFUSE("NUL", "\"\\u0000\"", CS_E_RANGE, 1),
    REFUSE("raw control", "\"a\nb\"", CS_E_SYNTAX, 2),
    REFUSE("overlong", "\"\xc0\xaf\"", CS_E_UTF8, 1),
    REFUSE("unknown escape", "\"\\q\"", CS_E_SYNTAX, 1),
    REFUSE("unit cut", "\"\\u12", CS_E_SHORT, 1),
    REFUSE("unit not hex", "\"\\u12g4\"", CS_E_SYNTAX, 1),
    REFUSE("trailing comma", "[1,]", CS_E_SYNTAX, 3),
    REFUSE("object trailing comma", "{\"a\":1,}", CS_E_SYNTAX, 7),
    REFUSE("no comma", "[1 2]", CS_E_SYNTAX, 3),
    REFUSE("no colon", "{\"a\" 1}", CS_E_SYNTAX, 5),
    REFUSE("unclosed", "{\"a\":[1}", CS_E_SYNTAX, 7),
    REFUSE("cut", "{\"a\":", CS_E_SHORT, 5),
    REFUSE("single quotes", "{'a':1}", CS_E_SYNTAX, 1),
    REFUSE("comment", "[1/*x*/]", CS_E_SYNTAX, 2),
    REFUSE("capital word", "True", CS_E_SYNTAX, 0),
};

static void parses_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena arena;
        const struct json_value *top = NULL;
        uint8_t buf[256];
        struct writer w = wr_fixed(buf, sizeof(buf));
        struct json_out o = json_out_make(&w);

        arena_init(&arena, 65536);
        const struct cs_result got = json_tree_parse(rows[i].in, &arena, &top);
        if (got.code != rows[i].code || got.at != rows[i].at) {
            fail_msg("%s: %s at %u", rows[i].name, cs_code_name(got.code), got.at);
        }
        if (got.code != CS_OK) {
            assert_null(top);
            arena_release(&arena);
            continue;
        }
        json_tree_write(top, &o, NULL);
        assert_int_equal(json_out_end(&o, "x").code, CS_OK);
        if (!span_is(wr_span(&w), rows[i].want)) {
            fail_msg("%s: wrote %.*s", rows[i].name, (int)w.len, (const char *)buf);
        }
        assert_int_equal(json_check(wr_span(&w), "x").code, CS_OK);
        arena_release(&arena);
    }
}

static void members_are_found(void **state)
{
    struct arena arena;
    const struct json_value *top = NULL;
    (void)state;

    arena_init(&arena, 65536);
    assert_int_equal(json_tree_parse(SPAN_LIT("{\"b\":[1,\"x\"],\"a\":true}"), &arena, &top).code, CS_OK);
    assert_int_equal(top->count, 2);
    assert_true(span_is(top->child->key, "a"));
    assert_true(json_tree_member(top, "a")->flag);
    const struct json_value *b = json_tree_member(top, "b");
    assert_int_equal(b->count, 2);
    assert_int_equal(b->child->number, 1);
    assert_true(span_is(b->child->next->text, "x"));
    assert_null(b->child->next->next);
    assert_null(json_tree_member(top, "c"));
    assert_null(json_tree_member(b, "a"));
    assert_null(json_tree_member(NULL, "a"));
    arena_release(&arena);
}

static void a_subtree_is_written_under_a_key(void **state)
{
    struct arena arena;
    const struct json_value *top = NULL;
    uint8_t buf[64];
    struct writer w = wr_fixed(buf, sizeof(buf));
    struct json_out o = json_out_make(&w);
    (void)state;

    arena_init(&arena, 65536);
    assert_int_equal(json_tree_parse(SPAN_LIT("[[1,{\"k\":2}],3]"), &arena, &top).code, CS_OK);
    json_put_object(&o, NULL);
    json_tree_write(top->child, &o, "k");
    json_put_close(&o);
    assert_int_equal(json_out_end(&o, "x").code, CS_OK);
    assert_true(span_is(wr_span(&w), "{\"k\":[1,{\"k\":2}]}"));
    arena_release(&arena);
}

static void foreign_keys_are_read(void **state)
{
    static const struct {
        struct span in;
        enum cs_code want;
    } bad[] = {
        {BYTES("{\"aB\":1,\"aB\":2}"), CS_E_DUPLICATE},
        {BYTES("{\"aB\":1,\"a\\u0042\":2}"), CS_E_DUPLICATE},
        {BYTES("{\"\\u0000\":1}"), CS_E_RANGE},
        {BYTES("{\"\xff\":1}"), CS_E_UTF8},
        {BYTES("{a:1}"), CS_E_SYNTAX},
    };
    struct arena arena;
    const struct json_value *top = NULL;
    (void)state;

    arena_init(&arena, 65536);
    const struct span in = SPAN_LIT("{\"payloadType\":1,\"_type\":2,\"a b\\n\":3,\"\":4}");
    assert_int_equal(json_tree_parse(in, &arena, &top).code, CS_E_UNKNOWN);
    assert_int_equal(json_tree_parse_foreign(in, &arena, &top).code, CS_OK);
    assert_int_equal(json_tree_member(top, "payloadType")->number, 1);
    assert_int_equal(json_tree_member(top, "_type")->number, 2);
    assert_int_equal(json_tree_member(top, "a b\n")->number, 3);
    assert_int_equal(json_tree_member(top, "")->number, 4);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(json_tree_parse_foreign(bad[i].in, &arena, &top).code, bad[i].want);
    }
    arena_release(&arena);
}

static void many_members_sort_and_fit_the_cap(void **state)
{
    enum { MEMBERS = 5000 };
    char *text = malloc((size_t)MEMBERS * 16);
    size_t n = 0;
    struct arena arena;
    const struct json_value *top = NULL;
    (void)state;

    assert_non_null(text);
    text[n++] = '{';
    for (unsigned i = 0; i < MEMBERS; i++) { /* 2654435761 is odd, so the low 20 bits of its multiples all differ */
        n += (size_t)snprintf(text + n, 16, "%s\"k%05x\":1", i > 0 ? "," : "", i * 2654435761U & 0xfffffU);
    }
    text[n++] = '}';
    arena_init(&arena, 1U << 22);
    assert_int_equal(json_tree_parse(span_make(text, n), &arena, &top).code, CS_OK);
    assert_int_equal(top->count, MEMBERS);
    size_t seen = 1;
    for (const struct json_value *v = top->child; v->next != NULL; v = v->next) {
        assert_true(span_cmp(v->key, v->next->key) < 0);
        seen++;
    }
    assert_int_equal(seen, MEMBERS);
    arena_release(&arena);
    arena_init(&arena, 65536);
    assert_int_equal(json_tree_parse(span_make(text, n), &arena, &top).code, CS_E_NOMEM);
    arena_release(&arena);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_by_row),
        cmocka_unit_test(members_are_found),
        cmocka_unit_test(a_subtree_is_written_under_a_key),
        cmocka_unit_test(foreign_keys_are_read),
        cmocka_unit_test(many_members_sort_and_fit_the_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
