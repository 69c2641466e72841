/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "json/json_out.h"
#include "token/token_proto.h"

struct row {
    const char *name;
    const char *in;
    enum cs_code want;
};

#define SIGN_HEAD                                                                                                      \
    "{\"client_data\":\"{\\\"type\\\":1}\",\"cmd\":\"sign\",\"credentials\":[\"AQID\"],\"device\":9,\"message\":"      \
    "\"bXNn\",\"op\":4,"
#define SIGN SIGN_HEAD "\"pin\":\"1234\",\"rp_id\":\"approval.example\",\"timeout_ms\":30000}"
#define ENROL                                                                                                          \
    "{\"client_data\":\"{}\",\"cmd\":\"enrol\",\"device\":0,\"exclude\":[],\"message\":\"\",\"op\":3,\"pin\":"         \
    "\"1234\",\"rp_id\":\"a.b\","                                                                                      \
    "\"timeout_ms\":30000,\"user_id\":\"AQ\",\"user_name\":\"olga\"}"

static const struct row rows[] = {
    {"list", "{\"cmd\":\"list\",\"op\":1}", CS_OK},
    {"cancel", "{\"cmd\":\"cancel\",\"op\":5}", CS_OK},
    {"identify", "{\"cmd\":\"identify\",\"credentials\":[\"AQID\",\"AQIE\"],\"device\":0,\"op\":2,\"rp_id\":\"a.b\"}",
     CS_OK},
    {"sign", SIGN, CS_OK},
    {"enrol", ENROL, CS_OK},
    {"identify without device", "{\"cmd\":\"identify\",\"credentials\":[\"AQID\"],\"op\":2,\"rp_id\":\"a.b\"}",
     CS_E_MISSING},
    {"select", "{\"cmd\":\"select\",\"op\":2,\"timeout_ms\":30000}", CS_OK},
    {"select without time", "{\"cmd\":\"select\",\"op\":2}", CS_E_MISSING},
    {"select of a device", "{\"cmd\":\"select\",\"device\":1,\"op\":2,\"timeout_ms\":30000}", CS_E_UNKNOWN},
    {"negative device", "{\"cmd\":\"identify\",\"credentials\":[\"AQID\"],\"device\":-1,\"op\":2,\"rp_id\":\"a.b\"}",
     CS_E_RANGE},
    {"unknown command", "{\"cmd\":\"reset\",\"op\":1}", CS_E_UNKNOWN},
    {"no op", "{\"cmd\":\"list\"}", CS_E_MISSING},
    {"negative op", "{\"cmd\":\"list\",\"op\":-1}", CS_E_RANGE},
    {"no command", "{\"op\":1}", CS_E_MISSING},
    {"member of another command", "{\"cmd\":\"list\",\"op\":1,\"rp_id\":\"a.b\"}", CS_E_UNKNOWN},
    {"unknown member", "{\"cmd\":\"list\",\"op\":1,\"zeal\":1}", CS_E_UNKNOWN},
    {"both lists",
     "{\"cmd\":\"identify\",\"credentials\":[\"AQ\"],\"device\":0,\"exclude\":[],\"op\":2,\"rp_id\":\"a.b\"}",
     CS_E_UNKNOWN},
    {"no candidates", "{\"cmd\":\"identify\",\"credentials\":[],\"device\":0,\"op\":2,\"rp_id\":\"a.b\"}", CS_E_RANGE},
    {"empty id", "{\"cmd\":\"identify\",\"credentials\":[\"\"],\"device\":0,\"op\":2,\"rp_id\":\"a.b\"}", CS_E_RANGE},
    {"padded id", "{\"cmd\":\"identify\",\"credentials\":[\"AQ==\"],\"device\":0,\"op\":2,\"rp_id\":\"a.b\"}",
     CS_E_SYNTAX},
    {"no rp", "{\"cmd\":\"identify\",\"credentials\":[\"AQ\"],\"device\":0,\"op\":2}", CS_E_MISSING},
    {"rp with a space", "{\"cmd\":\"identify\",\"credentials\":[\"AQ\"],\"device\":0,\"op\":2,\"rp_id\":\"a b\"}",
     CS_E_SYNTAX},
    {"no pin", SIGN_HEAD "\"rp_id\":\"a.b\",\"timeout_ms\":30000}", CS_E_MISSING},
    {"pin is a number", SIGN_HEAD "\"pin\":1234,\"rp_id\":\"a.b\",\"timeout_ms\":30000}", CS_E_TYPE},
    {"time too short", SIGN_HEAD "\"pin\":\"1234\",\"rp_id\":\"a.b\",\"timeout_ms\":99}", CS_E_RANGE},
    {"time shortest", SIGN_HEAD "\"pin\":\"1234\",\"rp_id\":\"a.b\",\"timeout_ms\":100}", CS_OK},
    {"time longest", SIGN_HEAD "\"pin\":\"1234\",\"rp_id\":\"a.b\",\"timeout_ms\":120000}", CS_OK},
    {"time too long", SIGN_HEAD "\"pin\":\"1234\",\"rp_id\":\"a.b\",\"timeout_ms\":120001}", CS_E_RANGE},
    {"not canonical", "{\"op\":1,\"cmd\":\"list\"}", CS_E_MISSING},
    {"white space", "{\"cmd\": \"list\",\"op\":1}", CS_E_SYNTAX},
    {"left over", "{\"cmd\":\"list\",\"op\":1}x", CS_E_TRAILING},
    {"cut", "{\"cmd\":\"list\",\"op\":1", CS_E_SHORT},
    {"empty", "", CS_E_SHORT},
};

static void command_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a;
        struct token_secret pin;
        struct token_command c;
        struct token_command before;
        const struct token_secret none = {{0}};
        arena_init(&a, 65536);
        memset(&c, 0x5a, sizeof(c));
        memcpy(&before, &c, sizeof(c));
        memset(&pin, 0x5a, sizeof(pin));
        const struct cs_result got = token_command_decode(span_str(rows[i].in), &a, &pin, &c);
        if (got.code != rows[i].want) {
            fail_msg("%s: %s %s", rows[i].name, got.msg, cs_code_name(got.code));
        }
        if (got.code != CS_OK) {
            assert_memory_equal(&c, &before, sizeof(c));
            assert_memory_equal(&pin, &none, sizeof(pin));
        }
        arena_release(&a);
    }
}

static struct token_command decoded(const char *in, struct arena *a, struct token_secret *pin)
{
    struct token_command c = {.cmd = TOKEN_CMD_COUNT};
    char *frame = strdup(in);

    assert_non_null(frame);
    arena_init(a, 65536);
    const struct cs_result res = token_command_decode(span_str(frame), a, pin, &c);
    assert_int_equal(res.code, CS_OK);
    memset(frame, '!', strlen(in)); /* nothing may borrow from it: it is wiped */
    free(frame);
    return c;
}

static void sign_members(void **state)
{
    struct arena a;
    struct token_secret pin;
    (void)state;

    const struct token_command c = decoded(SIGN, &a, &pin);
    assert_int_equal(c.cmd, TOKEN_CMD_SIGN);
    assert_int_equal(c.op, 4);
    assert_true(span_is(c.client_data, "{\"type\":1}"));
    assert_int_equal(c.device, 9);
    assert_true(span_is(c.message, "msg"));
    assert_int_equal(c.id_count, 1);
    assert_true(span_is(c.ids[0], "\x01\x02\x03"));
    assert_string_equal(c.rp_id, "approval.example");
    assert_int_equal(c.timeout_ms, 30000);
    assert_false(c.pin_unusable);
    assert_string_equal(pin.text, "1234");
    arena_release(&a);
}

static void enrol_members(void **state)
{
    struct arena a;
    struct token_secret pin;
    (void)state;

    const struct token_command c = decoded(ENROL, &a, &pin);
    assert_int_equal(c.cmd, TOKEN_CMD_ENROL);
    assert_true(span_is(c.client_data, "{}"));
    assert_int_equal(c.id_count, 0);
    assert_true(span_is(c.user_id, "\x01"));
    assert_string_equal(c.user_name, "olga");
    arena_release(&a);
}

static void unusable_pin_is_no_malformed_command(void **state)
{
    struct arena a;
    struct token_secret pin;
    (void)state;

    const struct token_command c =
        decoded(SIGN_HEAD "\"pin\":\"123\",\"rp_id\":\"a.b\",\"timeout_ms\":30000}", &a, &pin);
    assert_true(c.pin_unusable);
    assert_string_equal(pin.text, "");
    arena_release(&a);
}

/* As many ids as are allowed, and one more. */
static void id_count_is_bounded(void **state)
{
    (void)state;
    for (unsigned n = TOKEN_IDS_MAX; n <= TOKEN_IDS_MAX + 1; n++) {
        AUTO_WRITER w = wr_heap(65536);
        struct json_out o = json_out_make(&w);
        struct arena a;
        struct token_secret pin;
        struct token_command c;
        arena_init(&a, 65536);
        json_put_object(&o, NULL);
        json_put_text(&o, "cmd", "identify");
        json_put_array(&o, "credentials");
        for (unsigned i = 0; i < n; i++) {
            json_put_text(&o, NULL, "AQID");
        }
        json_put_close(&o);
        json_put_uint(&o, "device", 0);
        json_put_uint(&o, "op", 1);
        json_put_text(&o, "rp_id", "a.b");
        json_put_close(&o);
        assert_int_equal(json_out_end(&o, "test").code, CS_OK);
        assert_int_equal(token_command_decode(wr_span(&w), &a, &pin, &c).code, n <= TOKEN_IDS_MAX ? CS_OK : CS_E_RANGE);
        arena_release(&a);
    }
}

/* One id of the longest length, and one byte more. */
static void id_length_is_bounded(void **state)
{
    static const uint8_t bytes[TOKEN_ID_MAX + 1];
    (void)state;
    for (size_t n = TOKEN_ID_MAX; n <= TOKEN_ID_MAX + 1; n++) {
        AUTO_WRITER w = wr_heap(65536);
        struct arena a;
        struct token_secret pin;
        struct token_command c;
        arena_init(&a, 65536);
        wr_text(&w, "{\"cmd\":\"identify\",\"credentials\":[\"");
        wr_base64url(&w, span_make(bytes, n));
        wr_text(&w, "\"],\"device\":0,\"op\":1,\"rp_id\":\"a.b\"}");
        const struct cs_result got = token_command_decode(wr_span(&w), &a, &pin, &c);
        assert_int_equal(got.code == CS_OK, n <= TOKEN_ID_MAX);
        arena_release(&a);
    }
}

/* Every cap until it suffices: out of memory is said, and nothing is half done. */
static void memory_sweep(void **state)
{
    bool done = false;
    (void)state;
    for (size_t cap = 0; !done; cap += 16) {
        struct arena a;
        struct token_secret pin;
        struct token_command c = {.op = 77};
        arena_init(&a, cap);
        const struct cs_result got = token_command_decode(span_str(ENROL), &a, &pin, &c);
        done = got.code == CS_OK;
        assert_true(done || (got.code == CS_E_NOMEM && c.op == 77 && pin.text[0] == '\0'));
        assert_true(cap < 65536);
        arena_release(&a);
    }
}

static void assert_event(struct cs_result res, const struct writer *w, const char *want)
{
    assert_int_equal(res.code, CS_OK);
    if (!span_is(wr_span(w), want)) {
        fail_msg("%.*s\nnot %s", (int)w->len, (const char *)w->p, want);
    }
}

static void events(void **state)
{
    uint8_t room[4096];
    struct token_device d = {.number = 7,
                             .kind = TOKEN_KIND_FIDO2,
                             .port = "1-2",
                             .product = "Key",
                             .vendor = "Maker",
                             .path = "/dev/hidraw0"};
    (void)state;

    struct writer w = wr_fixed(room, sizeof(room));
    assert_event(
        token_event_devices(&d, 1, &w), &w,
        "{\"devices\":[{\"device\":7,\"kind\":\"fido2\",\"port\":\"1-2\",\"product\":\"Key\",\"vendor\":\"Maker\"}],"
        "\"event\":\"devices\"}");
    w = wr_fixed(room, sizeof(room));
    assert_event(token_event_devices(NULL, 0, &w), &w, "{\"devices\":[],\"event\":\"devices\"}");
    w = wr_fixed(room, sizeof(room));
    assert_event(token_event_touch(4, &w), &w, "{\"event\":\"touch\",\"op\":4}");
}

static void assert_done(enum token_cmd cmd, uint64_t op, const struct token_outcome *out, const char *want)
{
    uint8_t room[4096];
    struct writer w = wr_fixed(room, sizeof(room));

    assert_event(token_event_done(cmd, op, out, &w), &w, want);
}

static struct token_outcome key_gave(void)
{
    return (struct token_outcome){.code = TOKEN_OK,
                                  .device = 7,
                                  .kind = TOKEN_KIND_FIDO2,
                                  .port = "1-2",
                                  .credential = SPAN_LIT("\x01\x02\x03"),
                                  .auth_data = SPAN_LIT("a"),
                                  .sig = SPAN_LIT("s"),
                                  .counter = 9,
                                  .key = SPAN_LIT("k"),
                                  .x5c = {SPAN_LIT("l"), SPAN_LIT("i")},
                                  .x5c_count = 2};
}

static void results_of_a_key(void **state)
{
    const struct token_outcome gave = key_gave();
    (void)state;

    assert_done(
        TOKEN_CMD_IDENTIFY, 2, &gave,
        "{\"code\":\"ok\",\"credential\":\"AQID\",\"device\":7,\"event\":\"done\",\"kind\":\"fido2\",\"op\":2}");
    assert_done(TOKEN_CMD_SIGN, 4, &gave,
                "{\"auth_data\":\"YQ\",\"code\":\"ok\",\"counter\":9,\"credential\":\"AQID\",\"device\":7,"
                "\"event\":\"done\",\"kind\":\"fido2\",\"op\":4,\"port\":\"1-2\",\"sig\":\"cw\"}");
    assert_done(TOKEN_CMD_ENROL, 3, &gave,
                "{\"aaguid\":\"00000000000000000000000000000000\",\"attestation\":{\"auth_data\":\"YQ\",\"sig\":\"cw\","
                "\"x5c\":[\"bA\",\"aQ\"]},\"code\":\"ok\",\"credential\":\"AQID\",\"device\":7,\"event\":\"done\","
                "\"key\":\"aw\",\"kind\":\"fido2\",\"op\":3,\"port\":\"1-2\"}");
    assert_done(TOKEN_CMD_SELECT, 5, &gave,
                "{\"code\":\"ok\",\"device\":7,\"event\":\"done\",\"kind\":\"fido2\",\"op\":5}");
    assert_done(TOKEN_CMD_LIST, 6, &gave, "{\"code\":\"ok\",\"event\":\"done\",\"op\":6}");
}

static void results_of_a_card(void **state)
{
    const struct token_outcome gave = {.code = TOKEN_OK,
                                       .device = 8,
                                       .kind = TOKEN_KIND_PIV,
                                       .port = "",
                                       .credential = SPAN_LIT("\x01\x02\x03"),
                                       .sig = SPAN_LIT("s"),
                                       .key = SPAN_LIT("k"),
                                       .certificate = SPAN_LIT("c"),
                                       .touch_policy = TOKEN_ASKS_CACHED};
    (void)state;
    assert_done(TOKEN_CMD_IDENTIFY, 2, &gave,
                "{\"code\":\"ok\",\"credential\":\"AQID\",\"device\":8,\"event\":\"done\",\"kind\":\"piv\",\"op\":2}");
    assert_done(TOKEN_CMD_SIGN, 4, &gave,
                "{\"code\":\"ok\",\"credential\":\"AQID\",\"device\":8,\"event\":\"done\",\"kind\":\"piv\",\"op\":4,"
                "\"port\":\"\",\"sig\":\"cw\"}");
    assert_done(
        TOKEN_CMD_ENROL, 3, &gave,
        "{\"attestation\":{\"x5c\":[]},\"certificate\":\"Yw\",\"code\":\"ok\",\"credential\":\"AQID\",\"device\":8,"
        "\"event\":\"done\",\"key\":\"aw\",\"kind\":\"piv\",\"op\":3,\"pin_policy\":\"unknown\",\"port\":\"\","
        "\"sig\":\"cw\",\"touch_policy\":\"cached\"}");
}

/* A refusal carries no result, whatever else is there. */
static void refusals(void **state)
{
    uint8_t room[8];
    struct writer w = wr_fixed(room, sizeof(room));
    struct token_outcome out = key_gave();
    (void)state;

    out.code = TOKEN_PIN_WRONG;
    out.has_tries = true;
    out.tries = 5;
    for (unsigned cmd = 0; cmd < TOKEN_CMD_COUNT; cmd++) {
        assert_done((enum token_cmd)cmd, 4, &out, "{\"code\":\"pin_wrong\",\"event\":\"done\",\"op\":4,\"tries\":5}");
    }
    assert_int_equal(token_event_done(TOKEN_CMD_SIGN, 4, &out, &w).code, CS_E_FULL);
}

/* The longest message a card can be given, and one byte more. */
static void message_length_is_bounded(void **state)
{
    static const uint8_t bytes[TOKEN_MESSAGE_MAX + 1];
    (void)state;
    for (size_t n = TOKEN_MESSAGE_MAX; n <= TOKEN_MESSAGE_MAX + 1; n++) {
        AUTO_WRITER w = wr_heap(65536);
        struct arena a;
        struct token_secret pin;
        struct token_command c;
        arena_init(&a, 65536);
        wr_text(&w, "{\"client_data\":\"{}\",\"cmd\":\"sign\",\"credentials\":[\"AQID\"],\"device\":0,\"message\":\"");
        wr_base64url(&w, span_make(bytes, n));
        wr_text(&w, "\",\"op\":1,\"pin\":\"1234\",\"rp_id\":\"a.b\",\"timeout_ms\":30000}");
        const struct cs_result got = token_command_decode(wr_span(&w), &a, &pin, &c);
        assert_int_equal(got.code == CS_OK, n <= TOKEN_MESSAGE_MAX);
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(command_rows),
        cmocka_unit_test(sign_members),
        cmocka_unit_test(enrol_members),
        cmocka_unit_test(unusable_pin_is_no_malformed_command),
        cmocka_unit_test(id_count_is_bounded),
        cmocka_unit_test(id_length_is_bounded),
        cmocka_unit_test(memory_sweep),
        cmocka_unit_test(events),
        cmocka_unit_test(results_of_a_key),
        cmocka_unit_test(results_of_a_card),
        cmocka_unit_test(refusals),
        cmocka_unit_test(message_length_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
