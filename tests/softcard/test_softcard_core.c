/* SPDX-License-Identifier: Apache-2.0 */
/* The soft card without a reader: what it answers, and what it refuses, APDU by APDU. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base_text.h"
#include "softcard_core.h"

/* A card on the table, and its last answer. */
struct table {
    struct softcard_ca ca;
    struct softcard card;
    struct softcard_reply reply;
    uint64_t now_ms;
    bool blinks;
};

static int set_up(void **state)
{
    static const uint8_t seed[32] = {7};
    struct table *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    assert_true(softcard_ca_init(&t->ca, seed));
    softcard_store_new(&t->card.store);
    t->card.ca = &t->ca;
    t->now_ms = 1000;
    softcard_power(&t->card);
    assert_true(softcard_personalize(&t->card));
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct table *t = *state;

    softcard_store_release(&t->card.store);
    softcard_ca_release(&t->ca);
    free(t);
    return 0;
}

static unsigned sw_of(const struct table *t)
{
    assert_true(t->reply.len >= 2);
    return (unsigned)t->reply.bytes[t->reply.len - 2] << 8 | t->reply.bytes[t->reply.len - 1];
}

static struct span data_of(const struct table *t)
{
    return span_make(t->reply.bytes, t->reply.len - 2);
}

static unsigned send_bytes(struct table *t, struct span apdu)
{
    t->blinks = !softcard_transmit(&t->card, apdu, t->now_ms, &t->reply);
    return t->blinks ? 0 : sw_of(t);
}

/* APDU in hex, blanks ignored. */
static unsigned tell(struct table *t, const char *hex)
{
    uint8_t apdu[1024];
    char packed[2 * sizeof(apdu)];
    size_t n = 0;

    for (const char *p = hex; *p != '\0'; p++) {
        if (*p != ' ') {
            packed[n++] = *p;
        }
    }
    assert_int_equal(text_hex_decode(span_make(packed, n), apdu, n / 2, "hex").code, CS_OK);
    return send_bytes(t, span_make(apdu, n / 2));
}

static unsigned touch(struct table *t, bool touched)
{
    softcard_touch(&t->card, touched, t->now_ms, &t->reply);
    return sw_of(t);
}

#define SELECT  "00 a4 04 00 09 a00000030800001000 00"
#define VERIFY  "00 20 00 80 08 313233343536ffff"
#define WRONG   "00 20 00 80 08 393939393939ffff"
#define SIGN_9A "00 87 11 9a 26 7c 24 82 00 81 20 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00"
#define SIGN_9C "00 87 11 9c 26 7c 24 82 00 81 20 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00"

static void issue(struct table *t, uint8_t slot, enum softcard_alg alg, enum softcard_touch_policy touch_policy)
{
    const struct softcard_key key = {.slot = slot, .alg = alg, .touch = touch_policy};
    assert_true(softcard_issue(&t->card, &key, SOFTCARD_CERT_ISSUED, "olga"));
}

/* What is refused, or answered without a secret; each row on a card that was just selected. */
static const struct {
    const char *name;
    const char *apdu;
    unsigned sw;
} rows[] = {
    {"too short", "00 a4 04", 0x6700},
    {"lengths that do not add up", "00 20 00 80 08 3132", 0x6700},
    {"another class", "80 20 00 80", 0x6e00},
    {"secure messaging", "0c 20 00 80", 0x6e00},
    {"no such instruction", "00 01 00 00", 0x6d00},
    {"another application", "00 a4 04 00 05 a000000527", 0x6a82},
    {"an application id too short to be one", "00 a4 04 00 04 a0000003", 0x6a82},
    {"an application id longer than ours", "00 a4 04 00 0c a00000030800001000010000", 0x6a82},
    {"select by file", "00 a4 00 00 02 3f00", 0x6a86},
    {"the whole application id", "00 a4 04 00 0b a000000308000010000100", 0x9000},
    {"get response with nothing to get", "00 c0 00 00 00", 0x6d00},
    {"tries left", "00 20 00 80", 0x63c3},
    {"verify of the global PIN", "00 20 00 00 08 313233343536ffff", 0x6a88},
    {"verify with another P1", "00 20 01 80 08 313233343536ffff", 0x6a86},
    {"a PIN of seven bytes", "00 20 00 80 07 31323334353637", 0x6a80},
    {"a PIN of five", "00 20 00 80 08 3132333435ffffff", 0x6a80},
    {"a PIN with a hole", "00 20 00 80 08 31323334ff353637", 0x6a80},
    {"get data without a list", "00 cb 3f ff 03 530101 00", 0x6a80},
    {"get data of the wrong file", "00 cb 3f 00 05 5c035fc102 00", 0x6a86},
    {"no such object", "00 cb 3f ff 05 5c035fc105 00", 0x6a82},
    {"an empty tag", "00 cb 3f ff 02 5c00 00", 0x6a82},
    {"a tag of four bytes", "00 cb 3f ff 06 5c045fc10500 00", 0x6a82},
    {"fingerprints without a PIN", "00 cb 3f ff 05 5c035fc103 00", 0x6982},
    {"discovery", "00 cb 3f ff 03 5c017e 00", 0x9000},
    {"CHUID", "00 cb 3f ff 05 5c035fc102 00", 0x9000},
    {"put data without the management key", "00 db 3f ff 09 5c035fc105 5302aabb", 0x6982},
    {"generate without the management key", "00 47 00 9a 05 ac03800111 00", 0x6982},
    {"generate in no slot", "00 47 00 9b 05 ac03800111 00", 0x6a86},
    {"set tries without the management key", "00 fa 05 05", 0x6982},
    {"new management key without the old one",
     "00 ff ff ff 1b 039b18"
     "010203040506070801020304050607080102030405060708",
     0x6982},
    {"reset of a card that is not blocked", "00 fb 00 00", 0x6985},
    {"sign with no key there", SIGN_9A, 0x6a88},
    {"authenticate without a template", "00 87 11 9a 02 8200 00", 0x6a80},
    {"attest no key", "00 f9 9a 00 00", 0x6a88},
    {"a response to a challenge that was not asked for", "00 87 03 9b 0c 7c0a 8208 0000000000000000 00", 0x6982},
    {"a witness that was not asked for", "00 87 03 9b 0c 7c0a 8008 0000000000000000 00", 0x6982},
    {"management key of another algorithm", "00 87 08 9b 04 7c028000 00", 0x6a86},
    {"unblock with the wrong PUK", "00 2c 00 80 10 3939393939393939 313233343536ffff", 0x63c2},
    {"version", "00 fd 00 00 03", 0x9000},
};

static void refusals(void **state)
{
    struct table *t = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(tell(t, SELECT), 0x9000);
        const unsigned sw = tell(t, rows[i].apdu);
        if (sw != rows[i].sw) {
            fail_msg("%s: %04x", rows[i].name, sw);
        }
    }
    assert_int_equal(t->card.signatures, 0);
    assert_false(t->card.managed);
}

static void nothing_before_select(void **state)
{
    struct table *t = *state;

    assert_int_equal(tell(t, VERIFY), 0x6d00);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(data_of(t).p[0], 0x61);
    assert_int_equal(data_of(t).p[1], data_of(t).left - 2);
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, SELECT), 0x9000); /* selecting again forgets nothing */
    assert_int_equal(tell(t, "00 20 00 80"), 0x9000);
    softcard_power(&t->card);
    assert_int_equal(tell(t, "00 20 00 80"), 0x6d00);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, "00 20 00 80"), 0x63c3);
}

static void a_pin_has_three_tries(void **state)
{
    struct table *t = *state;

    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, WRONG), 0x63c2);
    assert_int_equal(tell(t, WRONG), 0x63c1);
    assert_int_equal(tell(t, VERIFY), 0x9000); /* the right one forgives */
    assert_int_equal(tell(t, WRONG), 0x63c2);
    assert_int_equal(tell(t, "00 20 00 80"), 0x63c2); /* and a wrong one takes the right one back */
    assert_int_equal(tell(t, WRONG), 0x63c1);
    assert_int_equal(tell(t, WRONG), 0x6983);
    assert_int_equal(tell(t, VERIFY), 0x6983);
    assert_int_equal(tell(t, "00 20 00 80"), 0x6983);
    assert_int_equal(tell(t, "00 2c 00 80 10 3132333435363738 363534333231ffff"), 0x9000);
    assert_int_equal(tell(t, "00 20 00 80 08 363534333231ffff"), 0x9000);
    assert_int_equal(tell(t, "00 20 ff 80"), 0x9000);
    assert_int_equal(tell(t, "00 20 00 80"), 0x63c3);
}

static void secrets_are_changed_by_who_knows_them(void **state)
{
    struct table *t = *state;

    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, "00 24 00 80 10 393939393939ffff 363534333231ffff"), 0x63c2);
    assert_int_equal(tell(t, "00 24 00 80 10 313233343536ffff 3635343332ffffff"), 0x6a80);
    assert_int_equal(tell(t, "00 24 00 80 10 313233343536ffff 363534333231ffff"), 0x9000);
    assert_int_equal(tell(t, VERIFY), 0x63c2);
    assert_int_equal(tell(t, "00 24 00 81 10 3132333435363738 3837363534333231"), 0x9000);
    assert_int_equal(tell(t, "00 2c 00 80 10 3132333435363738 313233343536ffff"), 0x63c2);
    assert_int_equal(tell(t, "00 24 00 82 10 3132333435363738 3837363534333231"), 0x6a88);
}

/* The signature in the last answer verifies over `digest` with the key of the slot. */
static bool verifies(struct table *t, uint8_t slot, struct span digest)
{
    const struct softcard_key *key = softcard_store_key(&t->card.store, slot);
    struct span body = SPAN_NONE;
    struct span sig = SPAN_NONE;

    assert_int_equal(softcard_tlv_find(data_of(t), 0x7c, &body).code, CS_OK);
    assert_int_equal(softcard_tlv_find(body, 0x82, &sig).code, CS_OK);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key->key, NULL);
    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    const bool ok = EVP_PKEY_verify(ctx, sig.p, sig.left, digest.p, digest.left) == 1;
    EVP_PKEY_CTX_free(ctx);
    return ok;
}

static void digest_32(uint8_t ret_digest[32])
{
    for (uint8_t i = 0; i < 32; i++) {
        ret_digest[i] = i;
    }
}

static void pin_once_and_pin_always(void **state)
{
    struct table *t = *state;
    uint8_t digest[32];

    digest_32(digest);
    issue(t, 0x9a, SOFTCARD_P_256, SOFTCARD_TOUCH_DEFAULT);
    issue(t, 0x9c, SOFTCARD_P_256, SOFTCARD_TOUCH_DEFAULT);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, SIGN_9A), 0x6982);
    assert_int_equal(tell(t, SIGN_9C), 0x6982);
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, SIGN_9C), 0x9000);
    assert_true(verifies(t, 0x9c, SPAN_OF(digest)));
    assert_int_equal(tell(t, SIGN_9C), 0x6982); /* always: once a PIN */
    assert_int_equal(tell(t, SIGN_9A), 0x9000); /* once: as long as the card has power */
    assert_true(verifies(t, 0x9a, SPAN_OF(digest)));
    assert_int_equal(tell(t, SIGN_9A), 0x9000);
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, "00 fd 00 00 03"), 0x9000);
    assert_int_equal(tell(t, SIGN_9C), 0x6982); /* another command came between */
    assert_int_equal(t->card.signatures, 3);
}

static void touch_always_and_cached(void **state)
{
    struct table *t = *state;

    issue(t, 0x9a, SOFTCARD_P_256, SOFTCARD_TOUCH_CACHED);
    issue(t, 0x9c, SOFTCARD_P_256, SOFTCARD_TOUCH_ALWAYS);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(touch(t, true), 0x6f00); /* nobody asked */
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, SIGN_9C), 0);
    assert_true(t->blinks);
    assert_int_equal(touch(t, false), 0x6982);
    assert_int_equal(t->card.signatures, 0);
    assert_int_equal(tell(t, SIGN_9C), 0x6982); /* the PIN was for that one */
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, SIGN_9C), 0);
    assert_int_equal(touch(t, true), 0x9000);
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, SIGN_9C), 0);      /* always is always */
    assert_int_equal(tell(t, SIGN_9A), 0x9000); /* a new command ends the wait; the touch is 15 s old at most */
    t->now_ms += SOFTCARD_CACHED_MS;
    assert_int_equal(tell(t, SIGN_9A), 0);
    assert_int_equal(touch(t, true), 0x9000);
}

/* The object's bytes by way of 61xx, in pieces of `le`. */
static size_t collect(struct table *t, const char *first, const char *next, uint8_t *ret_bytes, size_t cap)
{
    unsigned sw = tell(t, first);
    size_t len = 0;

    for (;;) {
        assert_true(data_of(t).left <= cap - len);
        memcpy(ret_bytes + len, data_of(t).p, data_of(t).left);
        len += data_of(t).left;
        if ((sw & 0xff00u) != 0x6100) {
            break;
        }
        sw = tell(t, next);
    }
    assert_int_equal(sw, 0x9000);
    return len;
}

static void long_answers_leave_in_pieces(void **state)
{
    struct table *t = *state;
    uint8_t whole[2048];
    uint8_t pieces[2048];

    issue(t, 0x9c, SOFTCARD_P_256, SOFTCARD_TOUCH_DEFAULT);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, "00 cb 3f ff 00 00 05 5c035fc10a 00 00"), 0x9000); /* an extended Le takes all at once */
    const size_t len = data_of(t).left;
    assert_true(len > 512 && len < 1024);
    memcpy(whole, data_of(t).p, len);
    assert_int_equal(tell(t, "00 cb 3f ff 05 5c035fc10a 00"), 0x6100); /* 256 and more are left */
    assert_int_equal(tell(t, "00 c0 00 00 00"), 0x6100 | (len - 512));
    assert_int_equal(collect(t, "00 cb 3f ff 05 5c035fc10a 00", "00 c0 00 00 00", pieces, sizeof(pieces)), len);
    assert_memory_equal(whole, pieces, len);
    assert_int_equal(collect(t, "00 cb 3f ff 05 5c035fc10a 10", "00 c0 00 00 33", pieces, sizeof(pieces)), len);
    assert_memory_equal(whole, pieces, len);
    assert_int_equal(tell(t, "00 cb 3f ff 05 5c035fc10a 00"), 0x6100); /* 256 and more are left */
    assert_int_equal(tell(t, "00 c0 00 00 00"), 0x6100 | (len - 512));
    assert_int_equal(tell(t, "00 fd 00 00 03"), 0x9000); /* another command drops the rest */
    assert_int_equal(tell(t, "00 c0 00 00 00"), 0x6d00);
}

/* Sends a chain: `parts` parts of `size` bytes, then the last with `last`; the final status word. */
static unsigned chain(struct table *t, const char *header, struct span data, size_t size)
{
    uint8_t apdu[300];
    size_t at = 0;

    assert_int_equal(text_hex_decode(span_str(header), apdu, 4, "hex").code, CS_OK);
    for (;;) {
        const size_t n = data.left - at < size ? data.left - at : size;
        apdu[0] = at + n < data.left ? 0x10 : 0x00;
        apdu[4] = (uint8_t)n;
        memcpy(apdu + 5, data.p + at, n);
        const unsigned sw = send_bytes(t, span_make(apdu, 5 + n));
        at += n;
        if (at == data.left || sw != 0x9000) {
            return sw;
        }
    }
}

/* The management key is the one that every card leaves its factory with. */
static void manage(struct table *t)
{
    t->card.managed = true;
}

static void long_commands_come_in_chains(void **state)
{
    struct table *t = *state;
    static uint8_t object[SOFTCARD_DATA_MAX + 1];
    uint8_t back[SOFTCARD_OBJECT_MAX + 8];
    struct writer w = wr_fixed(object, sizeof(object));
    static uint8_t value[SOFTCARD_OBJECT_MAX];

    memset(value, 0x77, sizeof(value));
    assert_int_equal(tell(t, SELECT), 0x9000);
    manage(t);
    softcard_tlv_put(&w, 0x5c, SPAN_LIT("\x5f\xc1\x0a"));
    softcard_tlv_put(&w, 0x53, SPAN_OF(value));
    assert_int_equal(chain(t, "00db3fff", wr_span(&w), 255), 0x9000);
    assert_int_equal(collect(t, "00 cb 3f ff 05 5c035fc10a 00", "00 c0 00 00 00", back, sizeof(back)),
                     sizeof(value) + 4);
    assert_memory_equal(back + 4, value, sizeof(value));
    assert_int_equal(chain(t, "00db3fff", wr_span(&w), 1), 0x9000);
    assert_int_equal(chain(t, "00db3fff", span_make(object, SOFTCARD_DATA_MAX), 200), 0x9000);
    assert_int_equal(chain(t, "00db3fff", span_make(object, SOFTCARD_DATA_MAX + 1), 200), 0x6700);
    assert_int_equal(tell(t, "00 db 3f ff 07 5c035fc10a5300"), 0x9000); /* empty takes it away */
    assert_int_equal(tell(t, "00 cb 3f ff 05 5c035fc10a 00"), 0x6a82);
}

static void a_chain_is_one_command(void **state)
{
    struct table *t = *state;
    uint8_t digest[32];

    digest_32(digest);
    issue(t, 0x9c, SOFTCARD_P_256, SOFTCARD_TOUCH_DEFAULT);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, VERIFY), 0x9000);
    assert_int_equal(tell(t, "10 87 11 9c 07 7c248200812000"), 0x9000);
    assert_int_equal(tell(t, "00 87 11 9c 1f 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00"),
                     0x9000); /* PIN always: the parts of the chain are no commands between */
    assert_true(verifies(t, 0x9c, SPAN_OF(digest)));
    assert_int_equal(tell(t, "10 87 11 9c 01 7c"), 0x9000);
    assert_int_equal(tell(t, "00 fd 00 00 03"), 0x9000); /* another command ends a chain */
    assert_int_equal(tell(t, "00 87 11 9c 01 24"), 0x6a80);
    assert_int_equal(tell(t, "10 87 11 9c 01 7c"), 0x9000);
    assert_int_equal(tell(t, "00 87 11 9a 01 00"), 0x6a80); /* and so does one for another key */
    assert_int_equal(t->card.signatures, 1);
}

/* Sizes of what is signed: right, one short, one more. */
static const struct {
    const char *header;
    size_t right;
    enum softcard_alg alg;
    unsigned shorter; /* ECDSA takes a shorter digest, RSA no shorter block */
} sizes[] = {
    {"0087119a", 32, SOFTCARD_P_256, 0x9000},
    {"0087149a", 48, SOFTCARD_P_384, 0x9000},
    {"0087069a", 128, SOFTCARD_RSA_1024, 0x6a80},
    {"0087079a", 256, SOFTCARD_RSA_2048, 0x6a80},
};

static unsigned sign_bytes(struct table *t, const char *header, size_t n)
{
    uint8_t block[600] = {0};
    uint8_t inner[640];
    uint8_t outer[660];
    struct writer in = wr_fixed(inner, sizeof(inner));
    struct writer out = wr_fixed(outer, sizeof(outer));

    memset(block + 1, 0x11, n - 1);
    softcard_tlv_put(&in, 0x82, SPAN_NONE);
    softcard_tlv_put(&in, 0x81, span_make(block, n));
    softcard_tlv_put(&out, 0x7c, wr_span(&in));
    return chain(t, header, wr_span(&out), 255);
}

static void every_algorithm_signs_its_own_size(void **state)
{
    struct table *t = *state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        issue(t, 0x9a, sizes[i].alg, SOFTCARD_TOUCH_DEFAULT);
        assert_int_equal(tell(t, SELECT), 0x9000);
        assert_int_equal(tell(t, VERIFY), 0x9000);
        const unsigned right = sign_bytes(t, sizes[i].header, sizes[i].right);
        assert_true(right == 0x9000 || (right & 0xff00u) == 0x6100);
        assert_int_equal(sign_bytes(t, sizes[i].header, sizes[i].right - 1), sizes[i].shorter);
        assert_int_equal(sign_bytes(t, sizes[i].header, sizes[i].right + 1), 0x6a80);
    }
    assert_int_equal(tell(t, SIGN_9A), 0x6a86); /* P-256 asked of an RSA key */
}

static void generate(struct table *t)
{
    assert_int_equal(tell(t, SELECT), 0x9000);
    manage(t);
    assert_int_equal(tell(t, "00 47 00 9c 0b ac09 800111 aa0103 ab0102 00"), 0x9000);
}

static void generate_sets_policies(void **state)
{
    struct table *t = *state;
    struct span public = SPAN_NONE;
    struct span point = SPAN_NONE;

    generate(t);
    assert_int_equal(softcard_tlv_find(data_of(t), 0x7f49, &public).code, CS_OK);
    assert_int_equal(softcard_tlv_find(public, 0x86, &point).code, CS_OK);
    assert_int_equal(point.left, 65);
    const struct softcard_key *key = softcard_store_key(&t->card.store, 0x9c);
    assert_int_equal(key->pin, SOFTCARD_PIN_ALWAYS);
    assert_int_equal(key->touch, SOFTCARD_TOUCH_ALWAYS);
    assert_false(key->imported);
    assert_int_equal(tell(t, "00 47 00 9c 08 ac06 800111 aa0104 00"), 0x6a80);
    assert_int_equal(tell(t, "00 47 00 9c 08 ac06 800111 ab0104 00"), 0x6a80);
    assert_int_equal(tell(t, "00 47 00 9c 05 ac03 800199 00"), 0x6a80);
    assert_int_equal(tell(t, "00 47 00 9c 02 ac00 00"), 0x6a80);
}

/* The extension of this OID: its bytes equal `want`. */
static void has_extension(const X509 *cert, const char *oid, struct span want)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    const int at = X509_get_ext_by_OBJ(cert, object, -1);

    ASN1_OBJECT_free(object);
    assert_true(at >= 0);
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(cert, at));
    assert_int_equal(ASN1_STRING_length(value), want.left);
    assert_memory_equal(ASN1_STRING_get0_data(value), want.p, want.left);
}

static void attestation_names_key_card_and_policies(void **state)
{
    struct table *t = *state;
    uint8_t object[2048];
    struct span f9 = SPAN_NONE;
    struct span value = SPAN_NONE;

    t->card.store.serial = 0x00f00001; /* an INTEGER of four bytes: its first bit would be a sign */
    generate(t);
    assert_int_equal(tell(t, "00 f9 9c 00 00 00 00"), 0x9000);
    const unsigned char *p = data_of(t).p;
    X509 *leaf = d2i_X509(NULL, &p, (long)data_of(t).left);
    assert_non_null(leaf);
    assert_ptr_equal(p, data_of(t).p + data_of(t).left);
    const size_t len = collect(t, "00 cb 3f ff 05 5c035fff01 00", "00 c0 00 00 00", object, sizeof(object));
    assert_int_equal(softcard_tlv_find(span_make(object, len), 0x53, &value).code, CS_OK);
    assert_int_equal(softcard_tlv_find(value, 0x70, &f9).code, CS_OK);
    p = f9.p;
    X509 *issuer = d2i_X509(NULL, &p, (long)f9.left);
    p = t->ca.attester_cert.der;
    X509 *root = d2i_X509(NULL, &p, (long)t->ca.attester_cert.len);
    assert_int_equal(X509_verify(leaf, X509_get0_pubkey(issuer)), 1);
    assert_int_equal(X509_verify(issuer, X509_get0_pubkey(root)), 1);
    assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(leaf), softcard_store_key(&t->card.store, 0x9c)->key), 1);
    char *subject = X509_NAME_oneline(X509_get_subject_name(leaf), NULL, 0);
    assert_string_equal(subject, "/CN=YubiKey PIV Attestation 9c"); /* all of it, as YubiKeys write it */
    OPENSSL_free(subject);
    has_extension(leaf, "1.3.6.1.4.1.41482.3.3", SPAN_LIT("\x05\x04\x03"));
    has_extension(leaf, "1.3.6.1.4.1.41482.3.7", SPAN_LIT("\x02\x04\x00\xf0\x00\x01"));
    has_extension(leaf, "1.3.6.1.4.1.41482.3.8", SPAN_LIT("\x03\x02"));
    has_extension(leaf, "1.3.6.1.4.1.41482.3.9", SPAN_LIT("\x01"));
    X509_free(leaf);
    X509_free(issuer);
    X509_free(root);
    t->card.store.keys[0].imported = true;
    assert_int_equal(tell(t, "00 f9 9c 00 00"), 0x6a80);
}

static const struct {
    uint8_t alg;
    uint8_t block;
    const char *cipher;
} managers[] = {
    {SOFTCARD_MANAGE_3DES, 8, "DES-EDE3-ECB"},
    {SOFTCARD_MANAGE_AES128, 16, "AES-128-ECB"},
    {SOFTCARD_MANAGE_AES192, 16, "AES-192-ECB"},
    {SOFTCARD_MANAGE_AES256, 16, "AES-256-ECB"},
};

static void encipher(const char *name, const uint8_t *key, const uint8_t *block, uint8_t n, uint8_t *ret_block)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    int len = 0;

    assert_int_equal(EVP_EncryptInit_ex2(ctx, cipher, key, NULL, NULL), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(ctx, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, ret_block, &len, block, n), 1);
    assert_int_equal(len, n);
    EVP_CIPHER_free(cipher);
    EVP_CIPHER_CTX_free(ctx);
}

/* Gives the card a management key of this algorithm, as whoever has proved the old one. */
static void set_manager(struct table *t, uint8_t alg, const uint8_t *key)
{
    uint8_t apdu[5 + 3 + SOFTCARD_MANAGE_MAX] = {0x00, 0xff, 0xff, 0xff};
    const size_t n = softcard_manage_bytes(alg);

    apdu[4] = (uint8_t)(3 + n);
    apdu[5] = alg;
    apdu[6] = 0x9b;
    apdu[7] = (uint8_t)n;
    memcpy(apdu + 8, key, n);
    manage(t);
    assert_int_equal(send_bytes(t, span_make(apdu, 8 + n)), 0x9000);
    apdu[7]++;
    assert_int_equal(send_bytes(t, span_make(apdu, 8 + n)), 0x6a80);
    t->card.managed = false;
}

/* Asks the card for a challenge. */
static void challenge(struct table *t, uint8_t alg, uint8_t block)
{
    const uint8_t ask[] = {0x00, 0x87, alg, 0x9b, 0x04, 0x7c, 0x02, 0x81, 0x00, 0x00};

    assert_int_equal(send_bytes(t, SPAN_OF(ask)), 0x9000);
    assert_int_equal(data_of(t).left, 4u + block);
}

static void the_management_key_is_proved(void **state)
{
    struct table *t = *state;
    uint8_t key[SOFTCARD_MANAGE_MAX];

    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t)(7 * i + 1);
    }
    for (size_t i = 0; i < sizeof(managers) / sizeof(managers[0]); i++) {
        const uint8_t alg = managers[i].alg;
        const uint8_t n = managers[i].block;
        uint8_t apdu[26] = {0x00, 0x87, alg, 0x9b, (uint8_t)(4 + n), 0x7c, (uint8_t)(2 + n), 0x82, n};
        assert_int_equal(tell(t, SELECT), 0x9000);
        set_manager(t, alg, key);
        challenge(t, alg, n);
        encipher(managers[i].cipher, key, data_of(t).p + 4, n, apdu + 9);
        assert_int_equal(send_bytes(t, span_make(apdu, 9u + n)), 0x9000);
        assert_true(t->card.managed);
        assert_int_equal(send_bytes(t, span_make(apdu, 9u + n)), 0x6982); /* not twice, and failing takes it back */
        assert_false(t->card.managed);
        challenge(t, alg, n);
        assert_int_equal(send_bytes(t, span_make(apdu, 9u + n)), 0x6982); /* nor for another challenge */
        assert_false(t->card.managed);
    }
}

static void whole_answers_spoiled(void **state)
{
    struct table *t = *state;
    uint8_t digest[32];

    digest_32(digest);
    issue(t, 0x9a, SOFTCARD_P_256, SOFTCARD_TOUCH_DEFAULT);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, VERIFY), 0x9000);
    t->card.spoil.flip = true;
    assert_int_equal(tell(t, SIGN_9A), 0x9000);
    assert_false(verifies(t, 0x9a, SPAN_OF(digest)));
    t->card.spoil.chop = 1;
    assert_int_equal(tell(t, "00 fd 00 00 00"), 0x9000);
    assert_int_equal(data_of(t).left, 2);
    t->card.spoil = (struct softcard_spoil){.truncate = true, .keep = 1};
    assert_int_equal(tell(t, "00 fd 00 00 00"), 0x9000);
    assert_int_equal(data_of(t).left, 1);
    t->card.spoil.pad_to = 70000;
    assert_int_equal(tell(t, "00 fd 00 00 00"), 0x6100);
    assert_int_equal(data_of(t).left, 256);
    assert_int_equal(tell(t, "00 fd 00 00 00"), 0x9000); /* once */
    assert_int_equal(data_of(t).left, 3);
}

static void a_card_remembers_in_its_file(void **state)
{
    struct table *t = *state;
    char path[] = "/tmp/softcard.XXXXXX";
    static struct softcard_store again;
    struct stat info;

    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    (void)unlink(path);
    (void)snprintf(t->card.store.path, sizeof(t->card.store.path), "%s", path);
    issue(t, 0x9c, SOFTCARD_P_384, SOFTCARD_TOUCH_CACHED);
    assert_int_equal(tell(t, SELECT), 0x9000);
    assert_int_equal(tell(t, WRONG), 0x63c2);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 077, 0);
    assert_true(softcard_store_open(path, &again));
    assert_int_equal(again.pin.tries, 2);
    assert_int_equal(again.serial, t->card.store.serial);
    assert_int_equal(again.key_count, 1);
    assert_int_equal(again.keys[0].alg, SOFTCARD_P_384);
    assert_int_equal(again.keys[0].touch, SOFTCARD_TOUCH_CACHED);
    assert_int_equal(EVP_PKEY_eq(again.keys[0].key, t->card.store.keys[0].key), 1);
    assert_int_equal(again.object_count, t->card.store.object_count);
    assert_true(span_eq(softcard_store_object(&again, 0x5fc10a), softcard_store_object(&t->card.store, 0x5fc10a)));
    softcard_store_release(&again);
    (void)unlink(path);
}

static const char *const bad_files[] = {
    "",
    "softcard 2\n",
    "softcard 1",
    "softcard 1\nserial -1\n",
    "softcard 1\nserial 4294967296\n",
    "softcard 1\npin 31 3 3\n",
    "softcard 1\nmanage 9 00\n",
    "softcard 1\nkey 154 17 1 1 0 00\n",
    "softcard 1\nkey 154 17 4 1 0 00\n",
    "softcard 1\nobject 16777216 00\n",
    "softcard 1\nobject 1 0\n",
    "softcard 1\nobject 1 00 00 00 00 00 00 00\n",
    "softcard 1\nnothing 1\n",
};

static void broken_files_are_refused(void **state)
{
    static struct softcard_store store;
    char path[] = "/tmp/softcard.XXXXXX";
    (void)state;

    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    for (size_t i = 0; i < sizeof(bad_files) / sizeof(bad_files[0]); i++) {
        const size_t len = strlen(bad_files[i]);
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, bad_files[i], len, 0), len);
        if (softcard_store_open(path, &store)) {
            fail_msg("%s", bad_files[i]);
        }
    }
    (void)close(fd);
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(refusals, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_before_select, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_pin_has_three_tries, set_up, tear_down),
        cmocka_unit_test_setup_teardown(secrets_are_changed_by_who_knows_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pin_once_and_pin_always, set_up, tear_down),
        cmocka_unit_test_setup_teardown(touch_always_and_cached, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_answers_leave_in_pieces, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_commands_come_in_chains, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_chain_is_one_command, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_algorithm_signs_its_own_size, set_up, tear_down),
        cmocka_unit_test_setup_teardown(generate_sets_policies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(attestation_names_key_card_and_policies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_management_key_is_proved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whole_answers_spoiled, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_card_remembers_in_its_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_files_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
