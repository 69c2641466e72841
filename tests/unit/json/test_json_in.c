/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "json/json_in.h"

struct check_row {
    const char *name;
    struct span in;
    enum cs_code want;
    uint32_t at;
};
#define ROW(n, lit, c, off)                                                                                            \
    {                                                                                                                  \
        n, {(const uint8_t *)(lit), sizeof(lit) - 1}, c, off                                                           \
    }
#define O8  "[[[[[[[["
#define C8  "]]]]]]]]"
#define K32 "abcdefghijklmnopqrstuvwxyz012345"

static const struct check_row check_rows[] = {
    ROW("object", "{\"a\":1,\"b\":[true,false,null,\"x\"]}", CS_OK, 0),
    ROW("empty object", "{}", CS_OK, 0),
    ROW("empty array", "[]", CS_OK, 0),
    ROW("nested empties", "[{},[],{\"a\":{}}]", CS_OK, 0),
    ROW("string at top", "\"x\"", CS_OK, 0),
    ROW("number at top", "0", CS_OK, 0),
    ROW("null at top", "null", CS_OK, 0),
    ROW("negative", "-1", CS_OK, 0),
    ROW("largest", "9007199254740991", CS_OK, 0),
    ROW("smallest", "-9007199254740991", CS_OK, 0),
    ROW("one past largest", "9007199254740992", CS_E_RANGE, 0),
    ROW("one past smallest", "-9007199254740992", CS_E_RANGE, 0),
    ROW("seventeen digits", "10000000000000000", CS_E_RANGE, 0),
    ROW("very many digits", "99999999999999999999999999999999999999", CS_E_RANGE, 0),
    ROW("minus zero", "-0", CS_E_SYNTAX, 0),
    ROW("leading zero", "01", CS_E_SYNTAX, 0),
    ROW("leading zero after minus", "-01", CS_E_SYNTAX, 0),
    ROW("plus", "+1", CS_E_SYNTAX, 0),
    ROW("minus alone", "-", CS_E_SHORT, 0),
    ROW("minus and letter", "-a", CS_E_SYNTAX, 0),
    ROW("fraction", "1.0", CS_E_TYPE, 0),
    ROW("exponent", "1e2", CS_E_TYPE, 0),
    ROW("large exponent", "1E400", CS_E_TYPE, 0),
    ROW("nothing", "", CS_E_SHORT, 0),
    ROW("space before", " 1", CS_E_SYNTAX, 0),
    ROW("space after", "1 ", CS_E_TRAILING, 1),
    ROW("line feed after", "{}\n", CS_E_TRAILING, 2),
    ROW("space inside", "[1, 2]", CS_E_SYNTAX, 3),
    ROW("space after colon", "{\"a\": 1}", CS_E_SYNTAX, 5),
    ROW("two values", "{}{}", CS_E_TRAILING, 2),
    ROW("byte order mark", "\xef\xbb\xbf{}", CS_E_SYNTAX, 0),
    ROW("comment", "/**/1", CS_E_SYNTAX, 0),
    ROW("NaN", "NaN", CS_E_SYNTAX, 0),
    ROW("word cut", "tru", CS_E_SYNTAX, 0),
    ROW("word too long", "nulll", CS_E_TRAILING, 4),
    ROW("trailing comma", "[1,]", CS_E_SYNTAX, 3),
    ROW("leading comma", "[,1]", CS_E_SYNTAX, 1),
    ROW("missing comma", "[1\"a\"]", CS_E_SYNTAX, 2),
    ROW("object trailing comma", "{\"a\":1,}", CS_E_SYNTAX, 7),
    ROW("unclosed array", "[1", CS_E_SHORT, 2),
    ROW("unclosed object", "{\"a\":1", CS_E_SHORT, 6),
    ROW("wrong bracket", "[1}", CS_E_SYNTAX, 2),
    ROW("wrong brace", "{\"a\":1]", CS_E_SYNTAX, 6),
    ROW("close alone", "]", CS_E_SYNTAX, 0),
    ROW("key without value", "{\"a\"}", CS_E_SYNTAX, 4),
    ROW("key without quotes", "{a:1}", CS_E_SYNTAX, 1),
    ROW("number as key", "{1:1}", CS_E_SYNTAX, 1),
    ROW("keys out of order", "{\"b\":1,\"a\":2}", CS_E_ORDER, 7),
    ROW("prefix must come first", "{\"ab\":1,\"a\":2}", CS_E_ORDER, 8),
    ROW("prefix first", "{\"a\":1,\"a_\":2,\"aa\":3}", CS_OK, 0),
    ROW("digit before letter", "{\"a1\":1,\"aa\":2}", CS_OK, 0),
    ROW("duplicate", "{\"a\":1,\"a\":2}", CS_E_DUPLICATE, 7),
    ROW("inner keys start anew", "{\"b\":{\"a\":1},\"c\":{\"a\":1}}", CS_OK, 0),
    ROW("outer order survives inner", "{\"b\":{\"z\":1},\"a\":1}", CS_E_ORDER, 13),
    ROW("empty key", "{\"\":1}", CS_E_UNKNOWN, 1),
    ROW("capital key", "{\"A\":1}", CS_E_UNKNOWN, 1),
    ROW("key with dash", "{\"a-b\":1}", CS_E_UNKNOWN, 1),
    ROW("key starts with digit", "{\"1a\":1}", CS_E_UNKNOWN, 1),
    ROW("key starts with underscore", "{\"_a\":1}", CS_E_UNKNOWN, 1),
    ROW("escaped key", "{\"\\u0061\":1}", CS_E_UNKNOWN, 1),
    ROW("key of 64 bytes", "{\"" K32 K32 "\":1}", CS_OK, 0),
    ROW("key of 65 bytes", "{\"" K32 K32 "a\":1}", CS_E_UNKNOWN, 1),
    ROW("unclosed key", "{\"abc", CS_E_SHORT, 5),
    ROW("unclosed string", "\"abc", CS_E_SHORT, 4),
    ROW("quote and backslash", "\"\\\"\\\\\"", CS_OK, 0),
    ROW("short escapes", "\"\\b\\t\\n\\f\\r\"", CS_OK, 0),
    ROW("unit escapes", "\"\\u0001\\u000b\\u001f\"", CS_OK, 0),
    ROW("delete stands for itself", "\"\x7f\"", CS_OK, 0),
    ROW("slash escaped", "\"\\/\"", CS_E_SYNTAX, 1),
    ROW("letter escaped", "\"\\u0061\"", CS_E_SYNTAX, 1),
    ROW("tab by unit", "\"\\u0009\"", CS_E_SYNTAX, 1),
    ROW("capital hex", "\"\\u000B\"", CS_E_SYNTAX, 1),
    ROW("NUL escaped", "\"\\u0000\"", CS_E_RANGE, 1),
    ROW("NUL raw", "\"\0\"", CS_E_SYNTAX, 1),
    ROW("tab raw", "\"\t\"", CS_E_SYNTAX, 1),
    ROW("last control raw", "\"\x1f\"", CS_E_SYNTAX, 1),
    ROW("unknown escape", "\"\\x\"", CS_E_SYNTAX, 1),
    ROW("escape cut", "\"\\", CS_E_SHORT, 1),
    ROW("unit cut", "\"\\u00", CS_E_SHORT, 1),
    ROW("surrogate pair escaped", "\"\\ud83d\\ude00\"", CS_E_SYNTAX, 1),
    ROW("two, three, four byte sequences", "\"\xc2\x80\xe2\x82\xac\xf0\x9f\x98\x80\"", CS_OK, 0),
    ROW("line separator stands for itself", "\"\xe2\x80\xa8\"", CS_OK, 0),
    ROW("overlong", "\"\xc0\x80\"", CS_E_UTF8, 1),
    ROW("overlong three", "\"\xe0\x80\x80\"", CS_E_UTF8, 1),
    ROW("surrogate in UTF-8", "\"\xed\xa0\x80\"", CS_E_UTF8, 1),
    ROW("above the last code point", "\"\xf4\x90\x80\x80\"", CS_E_UTF8, 1),
    ROW("sequence cut", "\"\xe2\x82", CS_E_UTF8, 1),
    ROW("continuation alone", "\"a\x80\"", CS_E_UTF8, 2),
    ROW("ff", "\"\xff\"", CS_E_UTF8, 1),
    ROW("depth 16", O8 O8 C8 C8, CS_OK, 0),
    ROW("depth 17", O8 O8 "[]" C8 C8, CS_E_DEPTH, 16),
    ROW("value at depth 16", O8 O8 "1" C8 C8, CS_OK, 0),
    ROW("object at depth 17", O8 O8 "{}" C8 C8, CS_E_DEPTH, 16),
};

static void check_refuses_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(check_rows) / sizeof(check_rows[0]); i++) {
        const struct cs_result got = json_check(check_rows[i].in, "x");
        if (got.code != check_rows[i].want || got.at != check_rows[i].at) {
            fail_msg("%s: %s at %u", check_rows[i].name, cs_code_name(got.code), got.at);
        }
    }
}

static void every_cut_is_refused(void **state)
{
    static const char whole[] = "{\"a\":[1,-2,\"\\n\xc3\xa9\",{\"b\":null}],\"c\":true,\"d\":\"x\"}";
    (void)state;
    for (size_t n = 0; n < sizeof(whole) - 1; n++) {
        assert_int_not_equal(json_check(span_make(whole, n), "x").code, CS_OK);
    }
    assert_int_equal(json_check(SPAN_LIT(whole), "x").code, CS_OK);
}

/* A record with every kind of member, as the model's decoders read theirs. */
struct record {
    struct span id;
    uint64_t time_ms;
    uint8_t digest[32];
    struct span key;
    bool flag;
    int64_t number;
    struct span text;
    struct span raw;
    size_t items;
    uint64_t size;
};

static CS_RESULT record_items(struct json_in *in, size_t *ret_items)
{
    TRY(json_get_array(in, "record.items"));
    while (json_more(in)) {
        struct span s = SPAN_NONE;
        int64_t v = 0;
        switch (json_item_kind(in)) {
        case JSON_STRING:
            TRY(json_item_str(in, "record.items", 8, &s));
            break;
        case JSON_INT:
            TRY(json_item_int(in, "record.items", 0, 9, &v));
            break;
        case JSON_OBJECT:
            TRY(json_item_object(in, "record.items"));
            TRY(json_get_int(in, "item.v", 0, 9, &v));
            TRY(json_close(in, "item"));
            break;
        case JSON_ARRAY:
            TRY(json_item_array(in, "record.items"));
            TRY(json_close_array(in, "item"));
            break;
        case JSON_BOOL:
        case JSON_NULL:
        case JSON_BAD:
            TRY(json_item_raw(in, "record.items", &s));
            break;
        }
        (*ret_items)++;
    }
    return json_close_array(in, "record.items");
}

static CS_RESULT record_map(struct json_in *in)
{
    bool more = false;
    struct span key = SPAN_NONE;
    int64_t v = 0;

    TRY(json_get_object(in, "record.map"));
    TRY(json_next_key(in, "record.map", &more, &key));
    while (more) {
        ENSURE(json_item_kind(in) == JSON_INT, CS_E_TYPE, "record.map");
        TRY(json_item_int(in, "record.map", 0, 9, &v));
        TRY(json_next_key(in, "record.map", &more, &key));
    }
    return json_close(in, "record.map");
}

static CS_RESULT record_decode(struct span s, struct arena *arena, struct record *ret)
{
    struct json_in in = json_in_make(s, arena);
    struct record r = {0};

    TRY(json_open(&in, "record"));
    TRY(json_get_time(&in, "record.at", &r.time_ms));
    TRY(json_get_bytes(&in, "record.blob", 4, &r.key));
    TRY(json_get_sha256(&in, "record.digest", r.digest));
    TRY(json_get_bool(&in, "record.flag", &r.flag));
    TRY(json_get_id(&in, "record.id", 8, &r.id));
    TRY(record_items(&in, &r.items));
    TRY(record_map(&in));
    TRY(json_get_int(&in, "record.number", -5, 5, &r.number));
    if (json_next_is(&in, "record.optional")) {
        TRY(json_get_raw(&in, "record.optional", &r.raw));
    }
    TRY(json_get_uint(&in, "record.size", UINT64_MAX, &r.size));
    TRY(json_get_str(&in, "record.text", 4, &r.text));
    TRY(json_close(&in, "record"));
    TRY(json_end(&in, "record"));
    *ret = r;
    return CS_SUCCESS;
}

#define HEX64  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define AT     "{\"at\":\"2024-02-29T12:00:00.001Z\","
#define BLOB   AT "\"blob\":\"AAEC_w\","
#define DIGEST BLOB "\"digest\":\"" HEX64 "\","
#define FLAG   DIGEST "\"flag\":true,"
#define ID     FLAG "\"id\":\"p:1\","
#define ITEMS  ID "\"items\":[1,\"two\",{\"v\":3},[],null],"
#define MAP    ITEMS "\"map\":{\"a\":1,\"b\":2},"
#define NUMBER MAP "\"number\":-5,"
#define SIZE   NUMBER "\"size\":9007199254740991,"
#define GOOD   SIZE "\"text\":\"a\\n\\\"b\"}"
#define LEN(s) ((uint32_t)sizeof(s) - 1)
#define KEY(k) (LEN(k) + 3) /* past the key's quotes and colon */

static const struct check_row record_rows[] = {
    ROW("good", GOOD, CS_OK, 0),
    ROW("optional", NUMBER "\"optional\":{\"x\":[1]},\"size\":1,\"text\":\"\"}", CS_OK, 0),
    ROW("optional not canonical", NUMBER "\"optional\":{\"x\":[1 ]},\"size\":1,\"text\":\"\"}", CS_E_SYNTAX,
        LEN(NUMBER) + KEY("optional") + 7),
    ROW("not an object", "[]", CS_E_TYPE, 0),
    ROW("first missing", "{\"blob\":\"\"}", CS_E_MISSING, 1),
    ROW("all missing", "{}", CS_E_MISSING, 1),
    ROW("unknown before", "{\"aa\":1,\"at\":\"2024-02-29T12:00:00.001Z\"}", CS_E_UNKNOWN, 1),
    ROW("middle missing", DIGEST "\"id\":\"p:1\"}", CS_E_MISSING, LEN(DIGEST) - 1),
    ROW("last missing", NUMBER "\"size\":1}", CS_E_MISSING, LEN(NUMBER "\"size\":1")),
    ROW("unknown at the end", SIZE "\"text\":\"\",\"z\":1}", CS_E_UNKNOWN, LEN(SIZE "\"text\":\"\"")),
    ROW("trailing", GOOD "x", CS_E_TRAILING, LEN(GOOD)),
    ROW("not closed", SIZE "\"text\":\"\"", CS_E_SHORT, LEN(SIZE "\"text\":\"\"")),
    ROW("time of wrong type", "{\"at\":1}", CS_E_TYPE, 6),
    ROW("time malformed", "{\"at\":\"2024-02-29T12:00:00.00xZ\"}", CS_E_SYNTAX, 29),
    ROW("time not a date", "{\"at\":\"2023-02-29T12:00:00.000Z\"}", CS_E_RANGE, 7),
    ROW("blob too long", AT "\"blob\":\"AAAAAAA\",", CS_E_RANGE, 0),
    ROW("blob padded", AT "\"blob\":\"AA==\",", CS_E_SYNTAX, LEN(AT) + KEY("blob") + 3),
    ROW("blob with spare bits", AT "\"blob\":\"AB\",", CS_E_ORDER, LEN(AT) + KEY("blob") + 1),
    ROW("digest capital", BLOB "\"digest\":\"A" HEX64 "\",", CS_E_RANGE, LEN(BLOB) + KEY("digest") + 1),
    ROW("flag as word", DIGEST "\"flag\":\"true\",", CS_E_TYPE, LEN(DIGEST) + KEY("flag")),
    ROW("flag null", DIGEST "\"flag\":null,", CS_E_TYPE, LEN(DIGEST) + KEY("flag")),
    ROW("flag malformed", DIGEST "\"flag\":trux,", CS_E_SYNTAX, LEN(DIGEST) + KEY("flag")),
    ROW("id with space", FLAG "\"id\":\"p 1\",", CS_E_SYNTAX, LEN(FLAG) + KEY("id") + 2),
    ROW("id too long", FLAG "\"id\":\"p12345678\",", CS_E_RANGE, LEN(FLAG) + KEY("id") + 1),
    ROW("id with escape", FLAG "\"id\":\"p\\n\",", CS_E_SYNTAX, LEN(FLAG) + KEY("id") + 2),
    ROW("items not an array", ID "\"items\":{},", CS_E_TYPE, LEN(ID) + KEY("items")),
    ROW("item too large", ID "\"items\":[10],", CS_E_RANGE, LEN(ID) + KEY("items") + 1),
    ROW("item with unknown member", ID "\"items\":[{\"v\":1,\"w\":1}],", CS_E_UNKNOWN, LEN(ID) + KEY("items") + 7),
    ROW("items without comma", ID "\"items\":[1 2],", CS_E_SYNTAX, LEN(ID) + KEY("items") + 2),
    ROW("items unclosed", ID "\"items\":[1", CS_E_SHORT, LEN(ID) + KEY("items") + 2),
    ROW("map out of order", ITEMS "\"map\":{\"b\":1,\"a\":2},", CS_E_ORDER, LEN(ITEMS) + KEY("map") + 7),
    ROW("map twice", ITEMS "\"map\":{\"a\":1,\"a\":2},", CS_E_DUPLICATE, LEN(ITEMS) + KEY("map") + 7),
    ROW("map value of wrong type", ITEMS "\"map\":{\"a\":\"1\"},", CS_E_TYPE, 0),
    ROW("number below", MAP "\"number\":-6,", CS_E_RANGE, LEN(MAP) + KEY("number")),
    ROW("number above", MAP "\"number\":6,", CS_E_RANGE, LEN(MAP) + KEY("number")),
    ROW("size negative", NUMBER "\"size\":-1,", CS_E_RANGE, LEN(NUMBER) + KEY("size")),
    ROW("text of four", SIZE "\"text\":\"abcd\"}", CS_OK, 0),
    ROW("text of five", SIZE "\"text\":\"abcde\"}", CS_E_RANGE, LEN(SIZE) + KEY("text")),
    ROW("key twice", SIZE "\"text\":\"\",\"text\":\"\"}", CS_E_UNKNOWN, LEN(SIZE "\"text\":\"\"")),
};

static void record_refuses_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(record_rows) / sizeof(record_rows[0]); i++) {
        struct arena arena;
        struct record r;
        struct record before;
        arena_init(&arena, 65536);
        memset(&r, 0x5a, sizeof(r));
        memcpy(&before, &r, sizeof(r));
        const struct cs_result got = record_decode(record_rows[i].in, &arena, &r);
        if (got.code != record_rows[i].want || got.at != record_rows[i].at) {
            fail_msg("%s: %s at %u (%s)", record_rows[i].name, cs_code_name(got.code), got.at, got.msg);
        }
        if (got.code != CS_OK) {
            assert_memory_equal(&r, &before, sizeof(r));
        }
        arena_release(&arena);
    }
}

static void record_reads_what_it_says(void **state)
{
    struct arena arena;
    struct record r = {0};
    (void)state;

    arena_init(&arena, 65536);
    assert_int_equal(record_decode(SPAN_LIT(GOOD), &arena, &r).code, CS_OK);
    assert_int_equal(r.time_ms, 1709208000001);
    assert_true(span_eq(r.key, SPAN_LIT("\x00\x01\x02\xff")));
    assert_int_equal(r.digest[31], 0xff);
    assert_true(r.flag);
    assert_true(span_is(r.id, "p:1"));
    assert_int_equal(r.items, 5);
    assert_int_equal(r.number, -5);
    assert_int_equal(r.size, JSON_INT_MAX);
    assert_true(span_is(r.text, "a\n\"b"));
    assert_int_equal(r.raw.left, 0);
    assert_int_equal(
        record_decode(SPAN_LIT(NUMBER "\"optional\":{\"x\":[1]},\"size\":1,\"text\":\"\"}"), &arena, &r).code, CS_OK);
    assert_true(span_is(r.raw, "{\"x\":[1]}"));
    arena_release(&arena);
}

static void escapes_need_an_arena(void **state)
{
    struct json_in in = json_in_make(SPAN_LIT("\"a\\n\""), NULL);
    struct span s = SPAN_NONE;
    (void)state;

    assert_int_equal(json_item_str(&in, "x", 9, &s).code, CS_E_NOMEM);
    in = json_in_make(SPAN_LIT("\"ab\""), NULL);
    assert_int_equal(json_item_str(&in, "x", 9, &s).code, CS_OK);
    assert_true(span_is(s, "ab"));
}

static void calls_out_of_place_are_refused(void **state)
{
    struct json_in in = json_in_make(SPAN_LIT("[1,2]"), NULL);
    int64_t v = 0;
    (void)state;

    assert_int_equal(json_get_int(&in, "a", 0, 9, &v).code, CS_E_STATE);
    assert_int_equal(json_close(&in, "a").code, CS_E_STATE);
    assert_false(json_more(&in));
    assert_int_equal(json_open_array(&in, "a").code, CS_OK);
    assert_int_equal(json_open(&in, "a").code, CS_E_STATE);
    assert_int_equal(json_close(&in, "a").code, CS_E_STATE);
    assert_int_equal(json_end(&in, "a").code, CS_E_STATE);
    assert_false(json_next_is(&in, "a"));
    assert_int_equal(json_item_int(&in, "a", 0, 9, &v).code, CS_OK);
    assert_int_equal(json_close_array(&in, "a").code, CS_E_UNKNOWN);
    assert_int_equal(json_item_int(&in, "a", 0, 9, &v).code, CS_OK);
    assert_int_equal(v, 2);
    assert_false(json_more(&in));
    assert_int_equal(json_item_kind(&in), JSON_BAD);
    assert_int_equal(json_close_array(&in, "a").code, CS_OK);
    assert_int_equal(json_end(&in, "a").code, CS_OK);
}

static void next_is_compares_whole_keys(void **state)
{
    struct json_in in = json_in_make(SPAN_LIT("{\"ab\":1}"), NULL);
    (void)state;

    assert_int_equal(json_open(&in, "x").code, CS_OK);
    assert_true(json_next_is(&in, "x.ab"));
    assert_false(json_next_is(&in, "x.a"));
    assert_false(json_next_is(&in, "x.abc"));
    assert_true(json_next_is(&in, "ab"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_refuses_by_row),        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(record_refuses_by_row),       cmocka_unit_test(record_reads_what_it_says),
        cmocka_unit_test(escapes_need_an_arena),       cmocka_unit_test(calls_out_of_place_are_refused),
        cmocka_unit_test(next_is_compares_whole_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
