/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "fake_card.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/base_digest.h"
#include "token/token_tlv.h"

static struct {
    const char *kind;
    const char *type; /* for EVP_PKEY_Q_keygen */
    const char *curve;
    size_t bits;
    EVP_PKEY *key;
} keys[] = {
    {"p256", "EC", "P-256", 0, NULL},     {"p384", "EC", "P-384", 0, NULL},      {"p521", "EC", "P-521", 0, NULL},
    {"rsa1024", "RSA", NULL, 1024, NULL}, {"rsa2048", "RSA", NULL, 2048, NULL},  {"rsa3072", "RSA", NULL, 3072, NULL},
    {"rsa4096", "RSA", NULL, 4096, NULL}, {"ed25519", "ED25519", NULL, 0, NULL}, {"other", "EC", "P-256", 0, NULL},
};

EVP_PKEY *fake_key(const char *kind)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strcmp(keys[i].kind, kind) == 0) {
            if (keys[i].key == NULL && keys[i].curve != NULL) {
                keys[i].key = EVP_PKEY_Q_keygen(NULL, NULL, keys[i].type, keys[i].curve);
            } else if (keys[i].key == NULL && keys[i].bits > 0) {
                keys[i].key = EVP_PKEY_Q_keygen(NULL, NULL, keys[i].type, keys[i].bits);
            } else if (keys[i].key == NULL) {
                keys[i].key = EVP_PKEY_Q_keygen(NULL, NULL, keys[i].type);
            }
            assert_non_null(keys[i].key);
            return keys[i].key;
        }
    }
    fail_msg("no key %s", kind);
    return NULL;
}

void fake_keys_free(void)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        EVP_PKEY_free(keys[i].key);
        keys[i].key = NULL;
    }
}

static void add_policies(X509 *x, uint8_t pin, uint8_t touch)
{
    const uint8_t both[] = {pin, touch};
    ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.41482.3.8", 1);
    ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();

    assert_int_equal(ASN1_OCTET_STRING_set(value, both, sizeof(both)), 1);
    X509_EXTENSION *e = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(value);
    ASN1_OBJECT_free(oid);
}

void fake_certificate(EVP_PKEY *of, uint8_t pin_policy, uint8_t touch_policy, struct fake_bytes *ret_der)
{
    X509 *x = X509_new();
    uint8_t *to = ret_der->b;
    const bool is_pure = EVP_PKEY_is_a(of, "ED25519") == 1;

    assert_int_equal(X509_set_version(x, X509_VERSION_3), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 1), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
    assert_int_equal(
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const uint8_t *)"olga", -1, -1, 0),
        1);
    assert_int_equal(X509_set_pubkey(x, of), 1);
    if (pin_policy != 0) {
        add_policies(x, pin_policy, touch_policy);
    }
    assert_true(X509_sign(x, of, is_pure ? NULL : EVP_sha256()) > 0);
    const int n = i2d_X509(x, NULL);
    assert_true(n > 0 && n < FAKE_BYTES && i2d_X509(x, &to) == n);
    ret_der->len = (size_t)n;
    X509_free(x);
}

struct sha256 fake_id(EVP_PKEY *key)
{
    uint8_t spki[1024];
    uint8_t *to = spki;
    const int n = i2d_PUBKEY(key, NULL);

    assert_true(n > 0 && (size_t)n <= sizeof(spki) && i2d_PUBKEY(key, &to) == n);
    return digest_sha256(span_make(spki, (size_t)n));
}

void fake_card_init(struct fake_card *c, EVP_PKEY *key)
{
    memset(c, 0, sizeof(*c));
    memcpy(c->pin, "123456", 7);
    c->tries = 3;
    c->same = TOKEN_OK;
    c->slots[0].key = key;
    if (key != NULL) {
        fake_certificate(key, 0, 0, &c->slots[0].certificate);
    }
}

/* --- answers --- */

static struct span span_of(const struct fake_bytes *b)
{
    return span_make(b->b, b->len);
}

static uint16_t give(struct fake_card *c, struct span data)
{
    assert_true(data.left <= sizeof(c->rest.b));
    if (data.left > 0) {
        memcpy(c->rest.b, data.p, data.left);
    }
    c->rest.len = data.left;
    return 0x9000;
}

static uint16_t give_object(struct fake_card *c, const struct fake_bytes *certificate, uint8_t packed)
{
    static uint8_t room[FAKE_BYTES];
    static uint8_t all[FAKE_BYTES];
    struct writer w = wr_fixed(room, sizeof(room));
    struct writer whole = wr_fixed(all, sizeof(all));

    token_tlv_head(&w, 0x70, certificate->len);
    wr_bytes(&w, span_of(certificate));
    token_tlv_head(&w, 0x71, 1);
    wr_u8(&w, packed);
    token_tlv_head(&w, 0xfe, 0);
    token_tlv_head(&whole, 0x53, w.len);
    wr_bytes(&whole, wr_span(&w));
    assert_int_equal(wr_end(&whole, "object").code, CS_OK);
    return give(c, c->object_nonsense ? SPAN_LIT("\x53\x82\xff") : wr_span(&whole));
}

static uint16_t get_data(struct fake_card *c, struct span data)
{
    assert_int_equal(data.left, 5);
    const uint32_t tag = (uint32_t)data.p[2] << 16 | (uint32_t)data.p[3] << 8 | data.p[4];

    if (tag == 0x5fc10a && c->slots[0].certificate.len > 0) {
        return give_object(c, &c->slots[0].certificate, c->slots[0].packed);
    }
    if (tag == 0x5fc105 && c->slots[1].certificate.len > 0) {
        return give_object(c, &c->slots[1].certificate, c->slots[1].packed);
    }
    return tag == 0x5fff01 && c->maker.len > 0 ? give_object(c, &c->maker, 0) : 0x6a82;
}

static uint16_t verify(struct fake_card *c, struct span data)
{
    uint8_t padded[8];

    if (data.left == 0) {
        const uint16_t honest = c->verified ? 0x9000 : c->tries > 0 ? (uint16_t)(0x63c0 | c->tries) : 0x6983;
        return c->tries_sw != 0 ? c->tries_sw : honest;
    }
    c->verifies++;
    if (c->verify_sw != 0) {
        return c->verify_sw;
    }
    memset(padded, 0xff, sizeof(padded));
    memcpy(padded, c->pin, strlen(c->pin));
    c->verified = c->believes_any_pin || span_eq(data, SPAN_OF(padded));
    if (!c->verified) {
        c->tries -= c->tries > 0 ? 1u : 0u;
        return c->tries > 0 ? (uint16_t)(0x63c0 | c->tries) : 0x6983;
    }
    return 0x9000;
}

static size_t make_signature(EVP_PKEY *key, struct span block, uint8_t sig[FAKE_BYTES])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t n = FAKE_BYTES;
    int r = 0;

    if (EVP_PKEY_is_a(key, "RSA") == 1) { /* the host has padded: the bare private operation */
        r = EVP_PKEY_decrypt_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
            EVP_PKEY_decrypt(ctx, sig, &n, block.p, block.left) == 1;
    } else {
        r = EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, sig, &n, block.p, block.left) == 1;
    }
    assert_int_equal(r, 1);
    EVP_PKEY_CTX_free(ctx);
    return n;
}

static uint16_t authenticate(struct fake_card *c, uint8_t slot, struct span data)
{
    static uint8_t sig[FAKE_BYTES];
    static uint8_t room[FAKE_BYTES];
    const struct fake_slot *s = &c->slots[slot == 0x9c ? 0 : 1];
    struct writer w = wr_fixed(room, sizeof(room));
    struct span dynamic;
    struct span block;

    if (c->swap_to != NULL) {
        c->slots[0].key = c->swap_to;
        fake_certificate(c->swap_to, 0, 0, &c->slots[0].certificate);
        c->verified = false;
        c->swap_to = NULL;
        return 0x6985; /* nothing is selected on it */
    }
    assert_int_equal(token_tlv_only(data, 0x7c, &dynamic, "card").code, CS_OK);
    assert_int_equal(token_tlv_find(dynamic, 0x81, &block, "card").code, CS_OK);
    if (c->sign_sw != 0 || !c->verified) {
        return c->sign_sw != 0 ? c->sign_sw : 0x6982;
    }
    size_t n = make_signature(s->key, block, sig);
    c->signatures++;
    if (c->sign_nonsense) {
        sig[n - 1] ^= 1;
    }
    if (c->sign_bare) {
        return give(c, span_make(sig, n));
    }
    token_tlv_head(&w, 0x7c, n + (n > 255 ? 4u : n > 127 ? 3u : 2u));
    token_tlv_head(&w, 0x82, n);
    wr_bytes(&w, span_make(sig, n));
    return give(c, wr_span(&w));
}

static uint16_t obey(struct fake_card *c, const uint8_t head[4], struct span data)
{
    switch (head[1]) {
    case 0xa4:
        return c->no_application ? 0x6a82 : give(c, SPAN_LIT("\x61\x00"));
    case 0xcb:
        return get_data(c, data);
    case 0x20:
        return verify(c, data);
    case 0x87:
        return authenticate(c, head[3], data);
    case 0xf9:
        return c->attestation.len > 0 ? give(c, span_of(&c->attestation)) : 0x6d00;
    default:
        return 0x6d00;
    }
}

static enum token_code on_transmit(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n)
{
    struct fake_card *c = ctx;
    uint16_t sw = 0x9000;

    assert_true(command.left >= 4 && cap >= 258);
    c->commands++;
    if (c->gone_at != 0 && c->commands >= c->gone_at) {
        return c->gone;
    }
    if (command.p[1] != 0xc0) {
        c->rest.len = 0;
        const size_t n = command.left > 5 ? command.p[4] : 0;
        memcpy(c->chained.b + c->chained.len, command.p + (n > 0 ? 5 : 0), n);
        c->chained.len += n;
        if (command.p[0] == 0) {
            sw = obey(c, command.p, span_of(&c->chained));
            explicit_bzero(&c->chained, sizeof(c->chained));
        }
    }
    const size_t now = c->rest.len < 256 ? c->rest.len : 256;
    memcpy(answer, c->rest.b, now);
    memmove(c->rest.b, c->rest.b + now, c->rest.len - now);
    c->rest.len -= now;
    if (c->rest.len > 0) {
        sw = (uint16_t)(0x6100 | (c->rest.len < 256 ? c->rest.len : 0));
    }
    answer[now] = (uint8_t)(sw >> 8);
    answer[now + 1] = (uint8_t)sw;
    *ret_n = now + 2;
    return TOKEN_OK;
}

static enum token_code on_same(void *ctx)
{
    const struct fake_card *c = ctx;

    return c->same;
}

static void on_stage(void *ctx, enum token_stage stage)
{
    struct fake_card *c = ctx;

    assert_true(stage > c->stage);
    c->stage = stage;
}

struct token_card fake_card_face(struct fake_card *c)
{
    return (struct token_card){
        .link = {.transmit = on_transmit, .ctx = c}, .same = on_same, .stage = on_stage, .ctx = c};
}
