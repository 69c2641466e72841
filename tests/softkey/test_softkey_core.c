/* SPDX-License-Identifier: Apache-2.0 */
/* The soft key without its bed: frames and requests that no well-behaved host sends, and what lies in the key file. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <unistd.h>

#include "softkey_hid.h"

enum { SENT_MAX = 300 };

/* A key on the table: what it sent, its time. */
struct table {
    struct softkey_ca ca;
    struct softkey_core core;
    struct softkey_hid hid;
    uint64_t now_ms;
    size_t sent;
    uint8_t reports[SENT_MAX][SOFTKEY_REPORT_BYTES];
};

static void on_send(void *ctx, const uint8_t *report)
{
    struct table *t = ctx;

    assert_true(t->sent < SENT_MAX);
    memcpy(t->reports[t->sent++], report, SOFTKEY_REPORT_BYTES);
}

static int set_up(void **state)
{
    static const uint8_t seed[SOFTKEY_HASH_BYTES] = {1};
    struct table *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    assert_true(softkey_ca_init(&t->ca, seed));
    softkey_store_new(&t->core.store);
    t->core.ca = &t->ca;
    t->core.protocols = 1u << 1 | 1u << 2;
    t->hid.core = &t->core;
    t->hid.send = on_send;
    t->hid.send_ctx = t;
    t->now_ms = 1000;
    softkey_core_power(&t->core, t->now_ms);
    softkey_hid_power(&t->hid);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct table *t = *state;

    softkey_core_release(&t->core);
    softkey_ca_release(&t->ca);
    free(t);
    return 0;
}

/* One frame: `head` is the command with its top bit, or a sequence number. */
static void frame(struct table *t, uint32_t cid, uint8_t head, size_t len, const uint8_t *data, size_t n)
{
    uint8_t report[SOFTKEY_REPORT_BYTES] = {(uint8_t)(cid >> 24), (uint8_t)(cid >> 16), (uint8_t)(cid >> 8),
                                            (uint8_t)cid, head};
    size_t at = 5;

    if ((head & 0x80u) != 0) {
        report[at++] = (uint8_t)(len >> 8);
        report[at++] = (uint8_t)len;
    }
    if (n > 0) {
        memcpy(report + at, data, n);
    }
    t->sent = 0;
    softkey_hid_report(&t->hid, report, t->now_ms);
}

static uint32_t open_channel(struct table *t)
{
    static const uint8_t nonce[8] = {8, 7, 6, 5, 4, 3, 2, 1};

    frame(t, UINT32_MAX, 0x86, 8, nonce, 8);
    assert_int_equal(t->sent, 1);
    const uint8_t *r = t->reports[0];
    assert_memory_equal(r, "\xff\xff\xff\xff\x86\x00\x11\x08\x07\x06\x05\x04\x03\x02\x01", 15);
    assert_int_equal(r[23], 0x0d); /* wink, CBOR, no U2F */
    return (uint32_t)r[15] << 24 | (uint32_t)r[16] << 16 | (uint32_t)r[17] << 8 | r[18];
}

static void expect_one(const struct table *t, uint8_t command, uint8_t first)
{
    if (t->sent != 1 || t->reports[0][4] != (command | 0x80u) || t->reports[0][7] != first) {
        fail_msg("%zu reports, the first %02x %02x, wanted %02x %02x", t->sent, t->reports[0][4], t->reports[0][7],
                 command | 0x80u, first);
    }
}

static const uint8_t selection[1] = {0x0b}; /* the shortest request that wants a touch */

static void blink(struct table *t, uint32_t cid)
{
    frame(t, cid, 0x90, 1, selection, 1);
    expect_one(t, 0x3b, 2); /* the keepalive says: touch me */
    assert_int_equal(t->hid.state, SOFTKEY_BLINKING);
}

static void channels_differ_and_must_be_known(void **state)
{
    struct table *t = *state;

    const uint32_t a = open_channel(t);
    const uint32_t b = open_channel(t);
    assert_int_not_equal(a, b);
    frame(t, a ^ b ^ 1u, 0x81, 0, NULL, 0);
    expect_one(t, 0x3f, 0x0b);
    frame(t, UINT32_MAX, 0x81, 0, NULL, 0);
    expect_one(t, 0x3f, 0x0b);
    frame(t, a, 0x86, 7, selection, 1);
    expect_one(t, 0x3f, 0x03);
    frame(t, a, 0xc0, 0, NULL, 0);
    expect_one(t, 0x3f, 0x01);
    frame(t, a, 0x83, 0, NULL, 0); /* U2F */
    expect_one(t, 0x3f, 0x01);
    frame(t, a, 0x88, 0, NULL, 0);
    expect_one(t, 0x08, 0);
    assert_int_equal(t->hid.winks, 1);
}

static void echoes_the_longest_message(void **state)
{
    static uint8_t message[SOFTKEY_MESSAGE_MAX];
    struct table *t = *state;
    const uint32_t a = open_channel(t);
    size_t at = 57;

    for (size_t i = 0; i < sizeof(message); i++) {
        message[i] = (uint8_t)(i * 31 + i / 256);
    }
    frame(t, a, 0x81, sizeof(message) + 1, message, 57);
    expect_one(t, 0x3f, 0x03);
    frame(t, a, 0x81, sizeof(message), message, 57);
    for (uint8_t sequence = 0; sequence < 128; sequence++) {
        assert_int_equal(t->sent, 0);
        frame(t, a, sequence, 0, message + at, 59);
        at += 59;
    }
    assert_int_equal(at, sizeof(message));
    assert_int_equal(t->sent, 129);
    assert_memory_equal(t->reports[0] + 7, message, 57);
    for (size_t i = 1; i < 129; i++) {
        assert_int_equal(t->reports[i][4], i - 1);
        assert_memory_equal(t->reports[i] + 5, message + 57 + (i - 1) * 59, 59);
    }
}

static void frames_come_in_order_and_in_time(void **state)
{
    static const uint8_t data[57] = {0};
    struct table *t = *state;
    const uint32_t a = open_channel(t);
    const uint32_t b = open_channel(t);

    frame(t, a, 0x00, 0, data, 57); /* a lone continuation */
    assert_int_equal(t->sent, 0);
    frame(t, a, 0x81, 100, data, 57);
    frame(t, b, 0x81, 0, NULL, 0);
    expect_one(t, 0x3f, 0x06);
    frame(t, b, 0x00, 0, data, 57); /* of another channel: not part of it */
    assert_int_equal(t->sent, 0);
    frame(t, a, 0x01, 0, data, 57);
    expect_one(t, 0x3f, 0x04);

    frame(t, a, 0x81, 100, data, 57);
    frame(t, a, 0x81, 100, data, 57);
    expect_one(t, 0x3f, 0x04);

    frame(t, a, 0x81, 100, data, 57);
    t->now_ms += SOFTKEY_FRAME_TIMEOUT_MS - 1;
    softkey_hid_tick(&t->hid, t->now_ms);
    assert_int_equal(t->sent, 0);
    assert_int_equal(softkey_hid_wait_ms(&t->hid, t->now_ms), 1);
    t->now_ms += 1;
    softkey_hid_tick(&t->hid, t->now_ms);
    expect_one(t, 0x3f, 0x05);
    frame(t, a, 0x00, 0, data, 57);
    assert_int_equal(t->sent, 0);
}

static void keeps_alive_until_the_touch(void **state)
{
    struct table *t = *state;
    const uint32_t a = open_channel(t);

    assert_false(softkey_hid_touch(&t->hid, t->now_ms)); /* before it is asked for */
    blink(t, a);
    t->sent = 0;
    for (int i = 0; i < 10; i++) {
        t->now_ms += 50;
        softkey_hid_tick(&t->hid, t->now_ms);
    }
    assert_int_equal(t->sent, 5);
    t->sent = 0;
    assert_true(softkey_hid_touch(&t->hid, t->now_ms));
    expect_one(t, 0x10, 0x00);
    assert_false(softkey_hid_touch(&t->hid, t->now_ms));
    assert_int_equal(softkey_hid_wait_ms(&t->hid, t->now_ms), -1);

    blink(t, a);
    t->now_ms += SOFTKEY_TOUCH_TIMEOUT_MS;
    t->sent = 0;
    softkey_hid_tick(&t->hid, t->now_ms);
    expect_one(t, 0x10, 0x2f);
}

static void only_its_channel_ends_it(void **state)
{
    static const uint8_t nonce[8] = {0};
    struct table *t = *state;
    const uint32_t a = open_channel(t);
    const uint32_t b = open_channel(t);

    blink(t, a);
    frame(t, b, 0x90, 1, selection, 1);
    expect_one(t, 0x3f, 0x06);
    frame(t, a, 0x90, 1, selection, 1);
    expect_one(t, 0x3f, 0x06);
    frame(t, b, 0x91, 0, NULL, 0);
    assert_int_equal(t->sent, 0);
    (void)open_channel(t);
    frame(t, b, 0x86, 8, nonce, 8);
    assert_int_equal(t->hid.state, SOFTKEY_BLINKING);
    frame(t, a, 0x91, 0, NULL, 0);
    expect_one(t, 0x10, 0x2d);
    frame(t, a, 0x91, 0, NULL, 0); /* nothing to cancel: no answer */
    assert_int_equal(t->sent, 0);

    blink(t, a);
    frame(t, a, 0x86, 8, nonce, 8); /* INIT gives up without an answer */
    expect_one(t, 0x06, 0x00);
    assert_int_equal(t->hid.state, SOFTKEY_IDLE);
}

static void late_and_delay(void **state)
{
    struct table *t = *state;
    const uint32_t a = open_channel(t);

    t->core.faults = SOFTKEY_BIT(LATE);
    blink(t, a);
    frame(t, a, 0x91, 0, NULL, 0);
    assert_int_equal(t->sent, 0);
    assert_true(softkey_hid_touch(&t->hid, t->now_ms));
    expect_one(t, 0x10, 0x00);

    t->core.faults = SOFTKEY_BIT(DELAY);
    t->hid.delay_ms = 150;
    frame(t, a, 0x90, 1, (const uint8_t *)"\x08", 1); /* getNextAssertion, of nothing */
    assert_int_equal(t->sent, 0);
    softkey_hid_tick(&t->hid, t->now_ms);
    expect_one(t, 0x3b, 1); /* the keepalive says: busy */
    t->now_ms += 150;
    t->sent = 0;
    softkey_hid_tick(&t->hid, t->now_ms);
    expect_one(t, 0x10, 0x30);

    t->core.faults = SOFTKEY_BIT(MUTE);
    frame(t, a, 0x81, 0, NULL, 0);
    assert_int_equal(t->sent, 0);
}

static void endless(void **state)
{
    struct table *t = *state;
    const uint32_t a = open_channel(t);

    blink(t, a);
    t->core.faults = SOFTKEY_BIT(ENDLESS);
    t->now_ms += 3600000;
    t->sent = 0;
    frame(t, a, 0x91, 0, NULL, 0);
    expect_one(t, 0x3b, 2);
    assert_false(softkey_hid_touch(&t->hid, t->now_ms));
    assert_int_equal(softkey_hid_wait_ms(&t->hid, t->now_ms), 100);
    t->core.faults = SOFTKEY_BIT(FLOOD);
    t->now_ms += 100;
    t->sent = 0;
    softkey_hid_tick(&t->hid, t->now_ms);
    expect_one(t, 0x3b, 2);
    assert_int_equal(softkey_hid_wait_ms(&t->hid, t->now_ms), 0);
}

static enum softkey_status answer(struct table *t, struct softkey_span message, struct softkey_reply *ret_reply)
{
    const struct softkey_request request = {message, t->now_ms, false};
    const enum softkey_status status = softkey_core_answer(&t->core, &request, ret_reply);

    if (status != CTAP_WANTS_TOUCH) {
        assert_int_equal(ret_reply->bytes[0], status);
    }
    return status;
}

static void information_is_canonical(void **state)
{
    static struct softkey_reply reply;
    struct table *t = *state;

    for (unsigned protocols = 2; protocols <= 6; protocols += 2) {
        t->core.protocols = protocols;
        assert_int_equal(answer(t, (struct softkey_span){(const uint8_t *)"\x04", 1}, &reply), CTAP_OK);
        assert_true(softkey_cbor_check((struct softkey_span){reply.bytes + 1, reply.len - 1}));
    }
}

#define HASH                                                                                                           \
    "\x58\x20"                                                                                                         \
    "0123456789abcdef0123456789abcdef"
#define RP                                                                                                             \
    "\xa1\x62"                                                                                                         \
    "id\x61"                                                                                                           \
    "r"
#define USER                                                                                                           \
    "\xa1\x62"                                                                                                         \
    "id\x41"                                                                                                           \
    "u"
#define ALG                                                                                                            \
    "\x81\xa2\x63"                                                                                                     \
    "alg\x26\x64"                                                                                                      \
    "type\x6a"                                                                                                         \
    "public-key"
#define MAKE "\x01" HASH "\x02" RP "\x03" USER "\x04" ALG
#define ASK                                                                                                            \
    "\x01\x61"                                                                                                         \
    "r\x02" HASH
#define ROW(lit, status)                                                                                               \
    {                                                                                                                  \
        {(const uint8_t *)(lit), sizeof(lit) - 1}, status                                                              \
    }

static const struct {
    struct softkey_span in;
    enum softkey_status want;
} wrong[] = {
    ROW("", CTAP_INVALID_LENGTH),
    ROW("\x03", CTAP_INVALID_COMMAND),
    ROW("\x04\xa0", CTAP_INVALID_LENGTH),
    ROW("\x08", CTAP_NOT_ALLOWED),
    ROW("\x07", CTAP_WANTS_TOUCH),
    ROW("\x0b", CTAP_WANTS_TOUCH),

    ROW("\x01\xa4" MAKE, CTAP_WANTS_TOUCH),
    ROW("\x01\xa4" MAKE "\x00", CTAP_INVALID_CBOR),
    ROW("\x01\xa5" MAKE, CTAP_INVALID_CBOR),
    ROW("\x01\xb8\x04" MAKE, CTAP_INVALID_CBOR), /* a head longer than need be */
    ROW("\x01", CTAP_INVALID_CBOR),
    ROW("\x01\x80", CTAP_CBOR_UNEXPECTED_TYPE),
    ROW("\x01\xa0", CTAP_MISSING_PARAMETER),
    ROW("\x01\xa3\x01" HASH "\x02" RP "\x04" ALG, CTAP_MISSING_PARAMETER),
    ROW("\x01\xa2\x01\x41x\x02" RP, CTAP_INVALID_LENGTH),
    ROW("\x01\xa2\x01\x61x\x02" RP, CTAP_CBOR_UNEXPECTED_TYPE),
    ROW("\x01\xa4\x01" HASH "\x02\xa1\x62"
        "id\x61\0\x03" USER "\x04" ALG,
        CTAP_INVALID_PARAMETER),
    ROW("\x01\xa4\x01" HASH "\x02" RP "\x03" USER "\x04\x81\xa2\x63"
        "alg\x27\x64"
        "type\x6a"
        "public-key",
        CTAP_UNSUPPORTED_ALGORITHM),
    ROW("\x01\xa5" MAKE "\x06\xa1\x6b"
        "credProtect\x04",
        CTAP_INVALID_OPTION),
    ROW("\x01\xa5" MAKE "\x07\xa1\x62"
        "up\xf4",
        CTAP_INVALID_OPTION),
    ROW("\x01\xa5" MAKE "\x07\xa1\x62"
        "uv\xf5",
        CTAP_INVALID_OPTION),
    ROW("\x01\xa5" MAKE "\x07\xa1\x62"
        "rk\x01",
        CTAP_CBOR_UNEXPECTED_TYPE),
    ROW("\x01\xa5" MAKE "\x08\x41x", CTAP_MISSING_PARAMETER),
    ROW("\x01\xa6" MAKE "\x08\x41x\x09\x03", CTAP_INVALID_PARAMETER),
    ROW("\x01\xa6" MAKE "\x08\x41x\x09\x01", CTAP_PIN_NOT_SET),

    ROW("\x02\xa2" ASK, CTAP_NO_CREDENTIALS),
    ROW("\x02\xa3" ASK "\x05\xa1\x62"
        "rk\xf5",
        CTAP_UNSUPPORTED_OPTION),
    ROW("\x02\xa3" ASK "\x05\xa1\x62"
        "uv\xf5",
        CTAP_INVALID_OPTION),
    ROW("\x02\xa1\x01\x61r", CTAP_MISSING_PARAMETER),

    ROW("\x06\xa0", CTAP_MISSING_PARAMETER),
    ROW("\x06\xa1\x02\x01", CTAP_OK),
    ROW("\x06\xa1\x02\x02", CTAP_MISSING_PARAMETER),
    ROW("\x06\xa2\x01\x02\x02\x02", CTAP_OK),
    ROW("\x06\xa2\x01\x03\x02\x02", CTAP_INVALID_PARAMETER),
    ROW("\x06\xa2\x01\x00\x02\x02", CTAP_INVALID_PARAMETER),
    ROW("\x06\xa2\x01\x01\x02\x18\x63", CTAP_INVALID_SUBCOMMAND),
    ROW("\x06\xa2\x01\x01\x02\x05", CTAP_PIN_NOT_SET),
    ROW("\x06\xa3\x01\x01\x02\x05\x09\x01", CTAP_INVALID_PARAMETER),
    ROW("\x06\xa2\x01\x01\x02\x09", CTAP_MISSING_PARAMETER),
    ROW("\x06\xa3\x01\x01\x02\x09\x09\x04", CTAP_UNAUTHORIZED_PERMISSION),
};

static void refuses_what_is_wrong(void **state)
{
    static struct softkey_reply reply;
    struct table *t = *state;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        const enum softkey_status got = answer(t, wrong[i].in, &reply);
        if (got != wrong[i].want) {
            fail_msg("row %zu: %#x, wanted %#x", i, (unsigned)got, (unsigned)wrong[i].want);
        }
    }
    t->now_ms += SOFTKEY_RESET_WINDOW_MS + 1;
    assert_int_equal(answer(t, (struct softkey_span){(const uint8_t *)"\x07", 1}, &reply), CTAP_NOT_ALLOWED);
}

/* A request that waits for a touch has not happened: no credential, no counter. */
static void nothing_happens_before_the_touch(void **state)
{
    static struct softkey_reply reply;
    struct table *t = *state;
    static const uint8_t make[] = "\x01\xa4" MAKE;
    struct softkey_request request = {{make, sizeof(make) - 1}, t->now_ms, false};
    const uint32_t before = t->core.store.counter;

    assert_int_equal(softkey_core_answer(&t->core, &request, &reply), CTAP_WANTS_TOUCH);
    assert_int_equal(t->core.store.count, 0);
    assert_int_equal(t->core.store.counter, before);
    request.touched = true;
    assert_int_equal(softkey_core_answer(&t->core, &request, &reply), CTAP_OK);
    assert_true(softkey_cbor_check((struct softkey_span){reply.bytes + 1, reply.len - 1}));
    assert_int_equal(t->core.store.count, 1);
    assert_int_equal(t->core.store.counter, before + 1);
}

static void temp_path(char ret_path[64])
{
    (void)snprintf(ret_path, 64, "softkey-store-%ld.key", (long)getpid());
    (void)unlink(ret_path);
}

static void keeps_what_it_knows(void **state)
{
    static struct softkey_store made;
    static struct softkey_store read;
    char path[64];
    (void)state;

    temp_path(path);
    assert_true(softkey_store_open(path, &made));
    made.pin_set = true;
    memcpy(made.pin_hash, "0123456789abcdef", SOFTKEY_PIN_HASH_BYTES);
    made.retries = 5;
    made.counter = 77;
    struct softkey_credential like = {.protect = 3, .resident = true, .user_id = {1, 2}, .user_id_len = 2};
    (void)snprintf(like.rp_id, sizeof(like.rp_id), "approval.example");
    (void)snprintf(like.user_name, sizeof(like.user_name), "Ann of many words");
    assert_non_null(softkey_store_add(&made, &like));
    like.resident = false;
    memset(like.user_name, 0, sizeof(like.user_name));
    assert_non_null(softkey_store_add(&made, &like));
    assert_true(softkey_store_save(&made));
    assert_true(softkey_store_open(path, &read));
    assert_memory_equal(&made, &read, sizeof(made));
    assert_int_equal(read.count, 2);

    struct softkey_ec *key = softkey_store_key(&made, &made.credentials[0]);
    struct softkey_ec *same = softkey_store_key(&read, &read.credentials[0]);
    struct softkey_ec *other = softkey_store_key(&read, &read.credentials[1]);
    assert_memory_equal(softkey_ec_point(key), softkey_ec_point(same), SOFTKEY_POINT_BYTES);
    assert_memory_not_equal(softkey_ec_point(key), softkey_ec_point(other), SOFTKEY_POINT_BYTES);
    softkey_ec_free(key);
    softkey_ec_free(same);
    softkey_ec_free(other);
    (void)unlink(path);
}

static void a_resident_credential_replaces_its_like(void **state)
{
    static struct softkey_store store;
    struct softkey_credential like = {.protect = 1, .resident = true, .rp_id = "a", .user_id = {1}, .user_id_len = 1};
    (void)state;

    softkey_store_new(&store);
    assert_non_null(softkey_store_add(&store, &like));
    const uint32_t first = store.credentials[0].index;
    assert_non_null(softkey_store_add(&store, &like));
    assert_int_equal(store.count, 1);
    assert_int_not_equal(store.credentials[0].index, first);
    like.user_id[0] = 2;
    assert_non_null(softkey_store_add(&store, &like));
    assert_int_equal(store.count, 2);
}

static void refuses_a_damaged_file(void **state)
{
    static const char *const rows[] = {
        "",
        "softkey 2\n",
        "softkey 1\nseed 00\n",
        "softkey 1\nsomething else\n",
        "softkey 1\nseed 0101010101010101010101010101010101010101010101010101010101010101\ncounter -1\nnext 0\npin 8 "
        "-\n",
        "softkey 1\nseed 0101010101010101010101010101010101010101010101010101010101010101\ncounter 1\nnext 0\npin 9 "
        "-\n",
        "softkey 1\nseed 0101010101010101010101010101010101010101010101010101010101010101\ncounter 1\nnext 0\npin 8 -\n"
        "credential 0 00 1 1 61 01 -\n",
    };
    static struct softkey_store store;
    char path[64];
    (void)state;

    temp_path(path);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(softkey_store_write(path, rows[i], strlen(rows[i])));
        if (softkey_store_open(path, &store)) {
            fail_msg("row %zu", i);
        }
    }
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(channels_differ_and_must_be_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(echoes_the_longest_message, set_up, tear_down),
        cmocka_unit_test_setup_teardown(frames_come_in_order_and_in_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keeps_alive_until_the_touch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_its_channel_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(late_and_delay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(endless, set_up, tear_down),
        cmocka_unit_test_setup_teardown(information_is_canonical, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_happens_before_the_touch, set_up, tear_down),
        cmocka_unit_test(keeps_what_it_knows),
        cmocka_unit_test(a_resident_credential_replaces_its_like),
        cmocka_unit_test(refuses_a_damaged_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
