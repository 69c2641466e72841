/* SPDX-License-Identifier: Apache-2.0 */
/* The author's results are checked with OpenSSL's own verification, not with the code that made them. */
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "softkey_author.h"
#include "softkey_cbor.h"

static const char rp[] = "approval.example";

static const uint8_t *from_hex(const char *hex, uint8_t *ret_bytes)
{
    for (size_t i = 0; hex[2 * i] != '\0'; i++) {
        const char two[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        ret_bytes[i] = (uint8_t)strtoul(two, NULL, 16);
    }
    return ret_bytes;
}

/* RFC 6979 §A.2.5, message "sample" with SHA-256 */
static void signs_the_vector(void **state)
{
    uint8_t number[32];
    uint8_t digest[SOFTKEY_HASH_BYTES];
    uint8_t want[72];
    struct softkey_sig sig;
    (void)state;

    struct softkey_ec *key =
        softkey_ec_from_private(from_hex("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721", number));
    assert_non_null(key);
    softkey_sha256("sample", 6, digest);
    assert_true(softkey_ec_sign(key, digest, &sig));
    from_hex("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
             "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
             want);
    assert_int_equal(sig.len, 72);
    assert_memory_equal(sig.der, want, 72);
    softkey_ec_free(key);
}

static void refuses_what_is_no_private_key(void **state)
{
    uint8_t number[32] = {0};
    (void)state;

    assert_null(softkey_ec_from_private(number));
    assert_null(
        softkey_ec_from_private(from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", number)));
}

/* 1 verifies, 0 or less does not */
static int verify(EVP_PKEY *key, const struct softkey_auth_data *data, const uint8_t *hash,
                  const struct softkey_sig *sig)
{
    uint8_t msg[SOFTKEY_AUTH_DATA_MAX + SOFTKEY_HASH_BYTES];
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    memcpy(msg, data->bytes, data->len);
    memcpy(msg + data->len, hash, SOFTKEY_HASH_BYTES);
    assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    const int got = EVP_DigestVerify(ctx, sig->der, sig->len, msg, data->len + SOFTKEY_HASH_BYTES);
    EVP_MD_CTX_free(ctx);
    return got;
}

static EVP_PKEY *author_key(const struct softkey_author *author)
{
    const uint8_t *der = softkey_author_spki(author);
    EVP_PKEY *key = d2i_PUBKEY(NULL, &der, SOFTKEY_SPKI_BYTES);
    assert_non_null(key);
    return key;
}

static X509 *parse(const struct softkey_cert *cert)
{
    const uint8_t *der = cert->der;
    X509 *x = d2i_X509(NULL, &der, (long)cert->len);
    assert_non_null(x);
    assert_ptr_equal(der, cert->der + cert->len);
    return x;
}

/* X509_V_OK or the reason, at a time in 2026, under the strict rules of RFC 5280 */
static int chain_error(const struct softkey_cert *leaf, const struct softkey_cert *root)
{
    X509 *l = parse(leaf);
    X509 *r = parse(root);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();

    assert_int_equal(X509_STORE_add_cert(store, r), 1);
    X509_VERIFY_PARAM_set_time(param, 1790000000);
    assert_int_equal(X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT), 1);
    assert_int_equal(X509_STORE_set1_param(store, param), 1);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, l, NULL), 1);
    const int ok = X509_verify_cert(ctx);
    const int error = X509_STORE_CTX_get_error(ctx);
    assert_int_equal(ok == 1, error == X509_V_OK);
    X509_VERIFY_PARAM_free(param);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    X509_free(l);
    X509_free(r);
    return error;
}

static void register_as(const char *name, uint32_t faults, struct softkey_registration *ret_r)
{
    struct softkey_author *author = softkey_author_new(name);
    uint8_t hash[SOFTKEY_HASH_BYTES];
    const struct softkey_frame frame = {rp, 1, SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV, faults};

    assert_non_null(author);
    softkey_sha256("client data", 11, hash);
    assert_true(softkey_author_register(author, &frame, hash, 3, ret_r));
    softkey_author_free(author);
}

static void registers(void **state)
{
    struct softkey_author *author = softkey_author_new("alice");
    uint8_t hash[SOFTKEY_HASH_BYTES];
    struct softkey_registration r;
    (void)state;

    softkey_sha256("client data", 11, hash);
    register_as("alice", 0, &r);
    assert_int_equal(r.data.bytes[32], 0xc5); /* UP, UV, credential data, extensions */
    assert_memory_equal(r.data.bytes + 37, softkey_aaguid, 16);
    assert_memory_equal(r.data.bytes + 55, softkey_author_id(author), 32);
    assert_memory_equal(r.data.bytes + 87, softkey_author_cose(author), 77);
    assert_memory_equal(r.data.bytes + 164,
                        "\xa1\x6b"
                        "credProtect\x03",
                        14);
    assert_int_equal(r.data.len, 178);
    assert_true(softkey_cbor_check((struct softkey_span){r.object, r.object_len}));
    assert_true(softkey_cbor_check((struct softkey_span){r.data.bytes + 87, 77}));

    X509 *leaf = parse(&r.attestation.leaf);
    assert_int_equal(X509_get_version(leaf), X509_VERSION_3);
    assert_int_equal(verify(X509_get0_pubkey(leaf), &r.data, hash, &r.attestation.sig), 1);
    hash[0] ^= 1u;
    assert_int_equal(verify(X509_get0_pubkey(leaf), &r.data, hash, &r.attestation.sig), 0);
    X509_free(leaf);
    assert_int_equal(chain_error(&r.attestation.leaf, softkey_author_root(author)), X509_V_OK);
    softkey_author_free(author);
}

static void certificate_faults_show(void **state)
{
    static const struct {
        uint32_t faults;
        int want;
    } rows[] = {
        {0, X509_V_OK},
        {SOFTKEY_BIT(EXPIRED_CERT), X509_V_ERR_CERT_HAS_EXPIRED},
        {SOFTKEY_BIT(FUTURE_CERT), X509_V_ERR_CERT_NOT_YET_VALID},
        {SOFTKEY_BIT(OTHER_ROOT), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY},
        {SOFTKEY_BIT(CA_TRUE), X509_V_OK},
        {SOFTKEY_BIT(WRONG_OU), X509_V_OK},
        {SOFTKEY_BIT(NO_AAGUID_EXT), X509_V_OK},
    };
    struct softkey_registration good;
    (void)state;

    register_as("alice", 0, &good);
    struct softkey_author *author = softkey_author_new("alice");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct softkey_registration r;
        register_as("alice", rows[i].faults, &r);
        const int got = chain_error(&r.attestation.leaf, softkey_author_root(author));
        if (got != rows[i].want) {
            fail_msg("faults %x: %d, %s", rows[i].faults, got, X509_verify_cert_error_string(got));
        }
        X509 *leaf = parse(&r.attestation.leaf);
        assert_int_equal(X509_check_ca(leaf) == 1, rows[i].faults == SOFTKEY_BIT(CA_TRUE));
        X509_free(leaf);
        const bool same = r.attestation.leaf.len == good.attestation.leaf.len &&
                          memcmp(r.attestation.leaf.der, good.attestation.leaf.der, good.attestation.leaf.len) == 0;
        assert_int_equal(same, rows[i].faults == 0);
    }
    softkey_author_free(author);
}

static void formats_without_a_certificate(void **state)
{
    struct softkey_registration r;
    struct softkey_author *author = softkey_author_new("alice");
    uint8_t hash[SOFTKEY_HASH_BYTES];
    (void)state;

    softkey_sha256("client data", 11, hash);
    register_as("alice", SOFTKEY_BIT(NONE_ATTEST), &r);
    assert_string_equal(r.attestation.format, "none");
    assert_int_equal(r.attestation.stmt_len, 1);
    assert_int_equal(r.attestation.stmt[0], 0xa0);

    register_as("alice", SOFTKEY_BIT(SELF_ATTEST), &r);
    assert_int_equal(r.attestation.leaf.len, 0);
    EVP_PKEY *key = author_key(author);
    assert_int_equal(verify(key, &r.data, hash, &r.attestation.sig), 1);
    EVP_PKEY_free(key);
    softkey_author_free(author);
}

struct assert_row {
    uint32_t faults;
    uint32_t counter; /* wanted in the data, as are the rest */
    size_t len;
    uint8_t flags;
    bool rp_matches;
    bool verifies;
};

static void check_assert_row(const struct softkey_author *author, EVP_PKEY *key, const struct assert_row *row)
{
    const struct softkey_frame frame = {rp, 0x01020304, SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV, row->faults};
    struct softkey_client_data client;
    struct softkey_auth_data data;
    struct softkey_sig sig;
    uint8_t hash[SOFTKEY_HASH_BYTES];

    assert_true(softkey_client_data("webauthn.get", (const uint8_t *)"\xff\xef challenge", 12, rp, &client));
    assert_true(softkey_author_assert(author, &frame, client.hash, &data, &sig));
    softkey_sha256(rp, strlen(rp), hash);
    assert_int_equal(memcmp(data.bytes, hash, 32) == 0, row->rp_matches);
    assert_int_equal(data.bytes[32], row->flags);
    const uint32_t counter = (uint32_t)data.bytes[33] << 24 | (uint32_t)data.bytes[34] << 16 |
                             (uint32_t)data.bytes[35] << 8 | data.bytes[36];
    assert_int_equal(counter, row->counter);
    assert_int_equal(data.len, row->len);
    assert_int_equal(verify(key, &data, client.hash, &sig) == 1, row->verifies);
}

static void assertion_faults_show(void **state)
{
    static const struct assert_row rows[] = {
        {0, 0x01020304, 37, 0x05, true, true},
        {SOFTKEY_BIT(WRONG_RP), 0x01020304, 37, 0x05, false, true},
        {SOFTKEY_BIT(NO_UP), 0x01020304, 37, 0x04, true, true},
        {SOFTKEY_BIT(NO_UV), 0x01020304, 37, 0x01, true, true},
        {SOFTKEY_BIT(BACKUP), 0x01020304, 37, 0x1d, true, true},
        {SOFTKEY_BIT(REPLAY_COUNTER), 0x01020303, 37, 0x05, true, true},
        {SOFTKEY_BIT(BAD_SIG), 0x01020304, 37, 0x05, true, false},
        {SOFTKEY_BIT(OTHER_KEY), 0x01020304, 37, 0x05, true, false},
        {SOFTKEY_BIT(TRAILING), 0x01020304, 38, 0x05, true, true},
    };
    (void)state;

    struct softkey_author *author = softkey_author_new("alice");
    EVP_PKEY *key = author_key(author);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_assert_row(author, key, &rows[i]);
    }
    EVP_PKEY_free(key);
    softkey_author_free(author);
}

static void writes_client_data(void **state)
{
    struct softkey_client_data client;
    uint8_t big[SOFTKEY_CLIENT_DATA_MAX] = {0};
    (void)state;

    assert_true(softkey_client_data("webauthn.get", (const uint8_t *)"\xfb\xff\x00\x01", 4, rp, &client));
    assert_string_equal(client.json, "{\"type\":\"webauthn.get\",\"challenge\":\"-_8AAQ\","
                                     "\"origin\":\"https://approval.example\",\"crossOrigin\":false}");
    assert_false(softkey_client_data("webauthn.get", big, sizeof(big), rp, &client));
}

static void same_seed_same_bytes(void **state)
{
    struct softkey_registration a;
    struct softkey_registration b;
    (void)state;

    register_as("alice", 0, &a);
    register_as("alice", 0, &b);
    assert_int_equal(a.object_len, b.object_len);
    assert_memory_equal(a.object, b.object, a.object_len);
    register_as("bob", 0, &b);
    assert_memory_not_equal(a.data.bytes + 55, b.data.bytes + 55, 32);
    assert_memory_not_equal(a.data.bytes + 97, b.data.bytes + 97, 32);
    assert_memory_equal(a.attestation.leaf.der, b.attestation.leaf.der, a.attestation.leaf.len);
}

#define ROW(lit, ok)                                                                                                   \
    {                                                                                                                  \
        {(const uint8_t *)(lit), sizeof(lit) - 1}, ok                                                                  \
    }

static void cbor_is_canonical_or_refused(void **state)
{
    static const struct {
        struct softkey_span in;
        bool want;
    } rows[] = {
        ROW("\x00", true),
        ROW("\x17", true),
        ROW("\x18\x18", true),
        ROW("\x18\x17", false), /* fits a shorter head */
        ROW("\x19\x00\xff", false),
        ROW("\x1a\x00\x00\xff\xff", false),
        ROW("\x1b\x00\x00\x00\x00\xff\xff\xff\xff", false),
        ROW("\x1b\x00\x00\x00\x01\x00\x00\x00\x00", true),
        ROW("\x00\x00", false), /* two items */
        ROW("", false),
        ROW("\x41", false), /* cut */
        ROW("\x41x", true),
        ROW("\x5f\x41x\xff", false), /* indefinite */
        ROW("\x9f\xff", false),
        ROW("\xbf\xff", false),
        ROW("\xc0\x00", false), /* tag */
        ROW("\xf4", true),
        ROW("\xf5", true),
        ROW("\xf6", false),         /* null */
        ROW("\xf9\x3c\x00", false), /* float */
        ROW("\xa2\x01\x00\x02\x00", true),
        ROW("\xa2\x02\x00\x01\x00", false), /* out of order */
        ROW("\xa2\x01\x00\x01\x00", false), /* twice */
        ROW("\xa2\x20\x00\x01\x00", false), /* negative before positive */
        ROW("\xa2\x01\x00\x20\x00", true),
        ROW("\xa2\x61"
            "b\x00\x62"
            "aa\x00",
            true), /* shorter first */
        ROW("\xa2\x62"
            "aa\x00\x61"
            "b\x00",
            false),
        ROW("\xa1\x41x\x00", false), /* a key of bytes */
        ROW("\xa1\x01", false),
        ROW("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", false),
        ROW("\x81\x81\x81\x81\x00", true),
        ROW("\x81\x81\x81\x81\x81\x00", false), /* too deep */
    };
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (softkey_cbor_check(rows[i].in) != rows[i].want) {
            fail_msg("row %zu", i);
        }
    }
}

static void cbor_finds_what_is_there(void **state)
{
    static const uint8_t doc[] = {0xa3, 0x01, 0x82, 0x41, 0x61, 0x26, 0x20, 0xf5, 0x62, 0x75, 0x70, 0x19, 0x01, 0x00};
    const struct softkey_span map = {doc, sizeof(doc)};
    struct softkey_span item = {NULL, 0};
    int64_t value = 0;
    bool flag = false;
    (void)state;

    assert_true(softkey_cbor_check(map));
    assert_true(softkey_cbor_by_int(map, 1, &item));
    assert_true(softkey_cbor_at(item, 1, &item));
    assert_true(softkey_cbor_int(item, &value));
    assert_int_equal(value, -7);
    assert_true(softkey_cbor_by_int(map, -1, &item));
    assert_true(softkey_cbor_bool(item, &flag));
    assert_true(flag);
    assert_true(softkey_cbor_by_text(map, "up", &item));
    assert_true(softkey_cbor_int(item, &value));
    assert_int_equal(value, 256);
    assert_false(softkey_cbor_by_text(map, "uv", &item));
    assert_false(softkey_cbor_by_int(map, 2, &item));
    assert_false(softkey_cbor_bool(item, &flag));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_the_vector),
        cmocka_unit_test(refuses_what_is_no_private_key),
        cmocka_unit_test(registers),
        cmocka_unit_test(certificate_faults_show),
        cmocka_unit_test(formats_without_a_certificate),
        cmocka_unit_test(assertion_faults_show),
        cmocka_unit_test(writes_client_data),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(cbor_is_canonical_or_refused),
        cmocka_unit_test(cbor_finds_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
