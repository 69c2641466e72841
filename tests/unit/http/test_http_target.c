/* SPDX-License-Identifier: Apache-2.0 */
/* Request targets and header values, row by row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/http_target.h"

struct row {
    const char *text;
    enum cs_code want;
    enum http_path path;
    uint64_t id;
};

static const struct row targets[] = {
    {"/v1/requests", CS_OK, PATH_REQUESTS, 0},
    {"/v1/requests/", CS_OK, PATH_NONE, 0},
    {"/v1/requests/17", CS_OK, PATH_REQUEST, 17},
    {"/v1/requests/017", CS_OK, PATH_NONE, 0},
    {"/v1/requests/-1", CS_OK, PATH_NONE, 0},
    {"/v1/requests/18446744073709551615", CS_OK, PATH_REQUEST, UINT64_MAX},
    {"/v1/requests/18446744073709551616", CS_OK, PATH_NONE, 0},
    {"/v1/requests/17/", CS_OK, PATH_NONE, 0},
    {"/v1/requests/17/redeem", CS_OK, PATH_REDEEM, 17},
    {"/v1/requests/17/redeem/", CS_OK, PATH_NONE, 17},
    {"/v1/requests/17/evidence/every/tests?format=junit", CS_OK, PATH_EVIDENCE, 17},
    {"/v1/requests/17/evidence/every/tests/v3", CS_OK, PATH_EVIDENCE, 17},
    {"/v1/requests/17/evidence/every", CS_OK, PATH_NONE, 17},
    {"/v1/requests/17/evidence/", CS_OK, PATH_NONE, 17},
    {"/v1/requests/17/evidence/every/te%20sts", CS_OK, PATH_NONE, 17},
    {"/v1/requests/17/evidence/every/tests?artifact=a", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/v1/requests/17/approve", CS_OK, PATH_NONE, 17},
    {"/v1/requests/%31%37", CS_OK, PATH_NONE, 0},
    {"/v1//requests", CS_OK, PATH_NONE, 0},
    {"/v1/../v1/requests", CS_OK, PATH_NONE, 0},
    {"/V1/requests", CS_OK, PATH_NONE, 0},
    {"v1/requests", CS_OK, PATH_NONE, 0},
    {"*", CS_OK, PATH_NONE, 0},
    {"", CS_OK, PATH_NONE, 0},
    {"https://h/v1/requests", CS_OK, PATH_NONE, 0},
    {"/v1/evidence/000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", CS_OK, PATH_FILE, 0},
    {"/v1/evidence/000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F", CS_OK, PATH_NONE, 0},
    {"/v1/evidence/00", CS_OK, PATH_NONE, 0},
    {"/v1/gate/3", CS_OK, PATH_GATE, 3},
    {"/v1/gate/3/x", CS_OK, PATH_NONE, 0},
    {"/v1/schemas/status.json", CS_OK, PATH_SCHEMA, 0},
    {"/v1/schemas/", CS_OK, PATH_NONE, 0},
    {"/v1/schemas/a/b", CS_OK, PATH_NONE, 0},
    {"/checkpoint", CS_OK, PATH_CHECKPOINT, 0},
    {"/tile/0/000", CS_OK, PATH_TILE, 0},
    {"/tile/0/x001/234", CS_OK, PATH_TILE, 0},
    {"/tile/0/000.p/7", CS_OK, PATH_TILE, 0},
    {"/tile/0/000.p/256", CS_OK, PATH_NONE, 0},
    {"/tile/0/0", CS_OK, PATH_NONE, 0},
    {"/tile/entries/000", CS_OK, PATH_ENTRIES, 0},
    {"/v1/requests/17?wait=30", CS_OK, PATH_REQUEST, 17},
    {"/v1/requests/17?wait=", CS_E_RANGE, PATH_NONE, 0},
    {"/v1/requests/17?wait=-1", CS_E_SYNTAX, PATH_NONE, 0},
    {"/v1/requests/17?wait=1&wait=2", CS_E_DUPLICATE, PATH_NONE, 0},
    {"/v1/requests/17?pause=1", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/v1/requests/17?", CS_OK, PATH_REQUEST, 17},
    {"/v1/requests?wait=1", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/v1/requests?limit=0", CS_E_RANGE, PATH_NONE, 0},
    {"/v1/requests?limit=100", CS_OK, PATH_REQUESTS, 0},
    {"/v1/requests?limit=101", CS_E_RANGE, PATH_NONE, 0},
    {"/v1/requests?status=eligible&environment=a%2Fb&service=x", CS_OK, PATH_REQUESTS, 0},
    {"/v1/requests?status=open", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/v1/requests?environment=%00", CS_E_SYNTAX, PATH_NONE, 0},
    {"/v1/requests?environment=%zz", CS_E_SYNTAX, PATH_NONE, 0},
    {"/v1/requests?environment=%4", CS_E_SYNTAX, PATH_NONE, 0},
    {"/v1/requests?environment=%ff", CS_E_UTF8, PATH_NONE, 0},
    {"/v1/requests?environment=", CS_E_RANGE, PATH_NONE, 0},
    {"/v1/reviews", CS_OK, PATH_REVIEWS, 0},
    {"/v1/alarms", CS_OK, PATH_ALARMS, 0},
    {"/v1/directory?cursor=256", CS_OK, PATH_DIRECTORY, 0},
    {"/v1/directory?limit=2", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/v1/events?after=9", CS_OK, PATH_EVENTS, 0},
    {"/", CS_OK, PATH_WAITING, 0},
    {"/?", CS_OK, PATH_WAITING, 0},
    {"//", CS_OK, PATH_NONE, 0},
    {"/?environment=&status=", CS_OK, PATH_WAITING, 0}, /* a form that nothing was chosen in */
    {"/?environment=a%2Bb&status=paused&cursor=7", CS_OK, PATH_WAITING, 0},
    {"/?environment=&environment=a", CS_E_DUPLICATE, PATH_NONE, 0},
    {"/?environment=a+b", CS_E_SYNTAX, PATH_NONE, 0},
    {"/?environment=%3Cscript%3E", CS_OK, PATH_WAITING, 0}, /* a name that nothing has */
    {"/?status=open", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/?limit=5", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/?service=a", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/?cursor=-1", CS_E_SYNTAX, PATH_NONE, 0},
    {"/requests/17", CS_OK, PATH_PAGE, 17},
    {"/requests/17?wait=1", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/requests/17?wait=", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/requests/17/", CS_OK, PATH_NONE, 0},
    {"/requests/", CS_OK, PATH_NONE, 0},
    {"/requests", CS_OK, PATH_NONE, 0},
    {"/dashboard.css", CS_OK, PATH_STYLE, 0},
    {"/dashboard.css?x=1", CS_E_UNKNOWN, PATH_NONE, 0},
    {"/favicon.svg", CS_OK, PATH_ICON, 0},
    {"/nowhere?x=y", CS_OK, PATH_NONE, 0},
};

static void targets_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        const struct row *r = &targets[i];
        struct http_target t;
        struct http_target before;
        memset(&t, 0x5a, sizeof(t));
        memcpy(&before, &t, sizeof(t));
        const struct cs_result got = http_target_parse(span_str(r->text), &t);
        if (got.code != r->want || (got.code == CS_OK && t.path != r->path)) {
            fail_msg("%s: %s, path %d", r->text, cs_code_name(got.code), (int)t.path);
        }
        if (got.code != CS_OK) {
            assert_memory_equal(&t, &before, sizeof(t));
        } else if (r->path != PATH_NONE && t.id != r->id) {
            fail_msg("%s: id", r->text);
        }
    }
}

static void parameters_are_kept(void **state)
{
    struct http_target t;
    (void)state;
    assert_int_equal(http_target_parse(SPAN_LIT("/v1/requests?environment=a%2Fb&cursor=7&limit=3"), &t).code, CS_OK);
    assert_true(span_is(http_name_span(&t.query.environment), "a/b"));
    assert_true(t.query.has_cursor);
    assert_int_equal(t.query.cursor, 7);
    assert_int_equal(t.query.limit, 3);
    assert_int_equal(http_target_parse(SPAN_LIT("/v1/requests/1?wait=9999"), &t).code, CS_OK);
    assert_int_equal(t.query.wait_s, HTTP_WAIT_MAX_S); /* no longer, but no error either */
    assert_int_equal(http_target_parse(SPAN_LIT("/tile/entries/x001/002.p/9"), &t).code, CS_OK);
    assert_int_equal(t.tile.index, 1002);
    assert_int_equal(t.tile.width, 9);
}

static void names_and_targets_have_their_limits(void **state)
{
    char text[HTTP_TARGET_MAX + 8];
    struct http_target t;
    (void)state;
    memset(text, 'a', sizeof(text));
    assert_int_equal(http_target_parse(span_make(text, HTTP_TARGET_MAX), &t).code, CS_OK);
    assert_int_equal(http_target_parse(span_make(text, HTTP_TARGET_MAX + 1), &t).code, CS_E_FULL);
    const size_t head = (size_t)snprintf(text, sizeof(text), "/v1/requests?service=");
    memset(text + head, 'a', HTTP_NAME_MAX + 1);
    assert_int_equal(http_target_parse(span_make(text, head + HTTP_NAME_MAX), &t).code, CS_OK);
    assert_int_equal(http_target_parse(span_make(text, head + HTTP_NAME_MAX + 1), &t).code, CS_E_RANGE);
}

static const struct {
    const char *text;
    enum cs_code want;
    const char *key;
} keys[] = {
    {"abc", CS_OK, "abc"},
    {"\"abc\"", CS_OK, "abc"},
    {"  \"a b\"\t", CS_OK, "a b"},
    {"\"a\\\"b\"", CS_OK, "a\"b"},
    {"\"a\\\\\"", CS_OK, "a\\"},
    {"\"a\\n\"", CS_E_SYNTAX, NULL},
    {"", CS_E_RANGE, NULL},
    {"\"\"", CS_E_RANGE, NULL},
    {"\"abc", CS_E_SYNTAX, NULL},
    {"abc\"", CS_E_SYNTAX, NULL},
    {"a b", CS_E_SYNTAX, NULL},
    {"\"a\" x", CS_E_SYNTAX, NULL},
    {"\"a\";p=1", CS_E_SYNTAX, NULL},
    {"a,b", CS_E_SYNTAX, NULL},
    {"\x01", CS_E_SYNTAX, NULL},
    {"\xc3\xa4", CS_E_SYNTAX, NULL},
    {"\"", CS_E_SYNTAX, NULL},
};

static void idempotency_keys_by_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct http_key k = {.len = 0};
        const struct cs_result got = http_key_parse(span_str(keys[i].text), &k);
        if (got.code != keys[i].want) {
            fail_msg("key %s: %s", keys[i].text, cs_code_name(got.code));
        }
        if (got.code == CS_OK) {
            assert_true(span_is(span_make(k.p, k.len), keys[i].key));
        }
    }
    char longest[HTTP_KEY_MAX + 2];
    struct http_key k;
    memset(longest, 'k', sizeof(longest));
    assert_int_equal(http_key_parse(span_make(longest, HTTP_KEY_MAX), &k).code, CS_OK);
    assert_int_equal(http_key_parse(span_make(longest, HTTP_KEY_MAX + 1), &k).code, CS_E_RANGE);
}

static void bearer_tokens_by_row(void **state)
{
    static const struct {
        const char *text;
        enum cs_code want;
    } rows[] = {
        {"Bearer abc", CS_OK},        {"bEaReR abc", CS_OK},       {"Bearer  abc ", CS_OK},
        {"Bearer a-._~+/=", CS_OK},   {"Bearer", CS_E_UNKNOWN},    {"Bearer ", CS_E_UNKNOWN},
        {"Basic abc", CS_E_UNKNOWN},  {"Bearer a b", CS_E_SYNTAX}, {"Bearer a,b", CS_E_SYNTAX},
        {"Bearer \xc3", CS_E_SYNTAX}, {"", CS_E_UNKNOWN},          {"Bearerabc", CS_E_UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span token = SPAN_NONE;
        const struct cs_result got = http_bearer_parse(span_str(rows[i].text), &token);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s", rows[i].text, cs_code_name(got.code));
        }
    }
}

static void entity_tags_by_row(void **state)
{
    (void)state;
    assert_true(http_tag_matches(SPAN_LIT("\"17\""), SPAN_LIT("17")));
    assert_true(http_tag_matches(SPAN_LIT("W/\"17\""), SPAN_LIT("17")));
    assert_true(http_tag_matches(SPAN_LIT("\"1\", \"17\""), SPAN_LIT("17")));
    assert_true(http_tag_matches(SPAN_LIT("*"), SPAN_LIT("17")));
    assert_false(http_tag_matches(SPAN_LIT("17"), SPAN_LIT("17")));
    assert_false(http_tag_matches(SPAN_LIT("\"171\""), SPAN_LIT("17")));
    assert_false(http_tag_matches(SPAN_LIT("\"1\""), SPAN_LIT("17")));
    assert_false(http_tag_matches(SPAN_LIT(""), SPAN_LIT("17")));
    assert_false(http_tag_matches(SPAN_LIT("\"17"), SPAN_LIT("17")));
}

static void media_types_by_row(void **state)
{
    (void)state;
    assert_true(http_accepts(SPAN_LIT("text/event-stream"), "text/event-stream"));
    assert_true(http_accepts(SPAN_LIT("a/b, text/event-stream;q=0.5"), "text/event-stream"));
    assert_false(http_accepts(SPAN_LIT("text/event-stream;q=0"), "text/event-stream"));
    assert_false(http_accepts(SPAN_LIT("text/event-stream;q=0.000"), "text/event-stream"));
    assert_true(http_accepts(SPAN_LIT("text/event-stream;q=0.001"), "text/event-stream"));
    assert_false(http_accepts(SPAN_LIT("text/*"), "text/event-stream"));
    assert_false(http_accepts(SPAN_LIT(""), "text/event-stream"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_by_row),
        cmocka_unit_test(parameters_are_kept),
        cmocka_unit_test(names_and_targets_have_their_limits),
        cmocka_unit_test(idempotency_keys_by_row),
        cmocka_unit_test(bearer_tokens_by_row),
        cmocka_unit_test(entity_tags_by_row),
        cmocka_unit_test(media_types_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
