/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crypt_signer.h"
#include "note/note_der.h"

#define MSG SPAN_LIT("what is signed")

static struct crypt_key *open_or_fail(EVP_PKEY *pkey)
{
    const struct bytes spki = signer_spki(pkey);
    struct crypt_key *key = NULL;
    const struct cs_result r = crypt_key_open(bytes_span(&spki), &key);
    if (r.code != CS_OK) {
        fail_msg("%s %s", r.msg, cs_code_name(r.code));
    }
    return key;
}

static const struct alg_row {
    const char *name;
    enum crypt_alg alg;
    const char *kind; /* "P-256", "P-384", "rsa", "ed25519" */
    const char *md;
} rows[] = {
    {"es256", CRYPT_ES256, "P-256", "SHA256"},   {"es384", CRYPT_ES384, "P-384", "SHA384"},
    {"rs256", CRYPT_RS256, "rsa", "SHA256"},     {"rs512", CRYPT_RS512, "rsa", "SHA512"},
    {"ed25519", CRYPT_ED25519, "ed25519", NULL},
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static EVP_PKEY *key_of(const struct alg_row *row)
{
    if (row->kind[0] == 'P') {
        return signer_ec(row->kind);
    }
    return row->kind[0] == 'r' ? signer_rsa(2048) : signer_ed25519();
}

static struct bytes sign_of(EVP_PKEY *pkey, const struct alg_row *row, struct span msg)
{
    return signer_sign(pkey, row->md != NULL ? EVP_get_digestbyname(row->md) : NULL, msg);
}

static void refuses_what_was_not_signed(struct crypt_key *key, const struct alg_row *row, struct bytes sig)
{
    const struct span good = bytes_span(&sig);

    assert_int_equal(crypt_verify(key, row->alg, SPAN_LIT("what is Signed"), good).code, CS_E_BADSIG);
    assert_int_equal(crypt_verify(key, row->alg, SPAN_NONE, good).code, CS_E_BADSIG);
    assert_int_equal(crypt_verify(key, row->alg, MSG, SPAN_NONE).code, CS_E_BADSIG);
    assert_int_equal(crypt_verify(key, row->alg, MSG, span_make(good.p, good.left - 1)).code, CS_E_BADSIG);
    assert_int_equal(crypt_verify(key, row->alg, MSG, span_make(good.p, good.left + 1)).code, CS_E_BADSIG);
    sig.b[sig.n - 1] ^= 1;
    assert_int_equal(crypt_verify(key, row->alg, MSG, bytes_span(&sig)).code, CS_E_BADSIG);
    sig.b[sig.n - 1] ^= 1;
    /* a failed verification must leave the cached context usable */
    assert_int_equal(crypt_verify(key, row->alg, MSG, bytes_span(&sig)).code, CS_OK);
}

static void each_algorithm_verifies_its_own(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        EVP_PKEY *pkey = key_of(&rows[i]);
        EVP_PKEY *other = key_of(&rows[i]);
        AUTO_CRYPT_KEY *key = open_or_fail(pkey);
        AUTO_CRYPT_KEY *other_key = open_or_fail(other);
        const struct bytes sig = sign_of(pkey, &rows[i], MSG);
        enum crypt_alg alg = CRYPT_ALG_COUNT;

        assert_int_equal(crypt_alg_decode(span_str(rows[i].name), &alg).code, CS_OK);
        assert_int_equal(alg, rows[i].alg);
        for (int twice = 0; twice < 2; twice++) {
            if (crypt_verify(key, alg, MSG, bytes_span(&sig)).code != CS_OK) {
                fail_msg("%s", rows[i].name);
            }
        }
        assert_int_equal(crypt_verify(other_key, alg, MSG, bytes_span(&sig)).code, CS_E_BADSIG);
        refuses_what_was_not_signed(key, &rows[i], sig);
        EVP_PKEY_free(pkey);
        EVP_PKEY_free(other);
    }
}

static void algorithms_do_not_mix(void **state)
{
    EVP_PKEY *rsa = signer_rsa(2048);
    EVP_PKEY *ec = signer_ec("P-256");
    AUTO_CRYPT_KEY *rsa_key = open_or_fail(rsa);
    AUTO_CRYPT_KEY *ec_key = open_or_fail(ec);
    const struct bytes rs256 = signer_sign(rsa, EVP_sha256(), MSG);
    const struct bytes es256 = signer_sign(ec, EVP_sha256(), MSG);
    enum crypt_alg alg = CRYPT_ES384;
    (void)state;

    assert_int_equal(crypt_verify(rsa_key, CRYPT_RS512, MSG, bytes_span(&rs256)).code, CS_E_BADSIG);
    assert_int_equal(crypt_verify(rsa_key, CRYPT_RS256, MSG, bytes_span(&rs256)).code, CS_OK);
    assert_int_equal(crypt_verify(rsa_key, CRYPT_ES256, MSG, bytes_span(&es256)).code, CS_E_TYPE);
    assert_int_equal(crypt_verify(ec_key, CRYPT_RS256, MSG, bytes_span(&rs256)).code, CS_E_TYPE);
    assert_int_equal(crypt_verify(ec_key, CRYPT_ES384, MSG, bytes_span(&es256)).code, CS_E_TYPE);
    assert_int_equal(crypt_verify(ec_key, CRYPT_ALG_COUNT, MSG, bytes_span(&es256)).code, CS_E_TYPE);
    const struct sha256 d = digest_sha256(MSG);
    assert_int_equal(crypt_verify_es256_digest(ec_key, &d, bytes_span(&es256)).code, CS_OK);
    assert_int_equal(crypt_verify_es256_digest(rsa_key, &d, bytes_span(&es256)).code, CS_E_TYPE);
    assert_int_equal(crypt_alg_decode(SPAN_LIT("ES256"), &alg).code, CS_E_UNKNOWN);
    assert_int_equal(crypt_alg_decode(SPAN_NONE, &alg).code, CS_E_UNKNOWN);
    assert_int_equal(alg, CRYPT_ES384);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
}

static void raw_keys_open(void **state)
{
    EVP_PKEY *ec = signer_ec("P-256");
    EVP_PKEY *ed = signer_ed25519();
    const struct bytes ec_spki = signer_spki(ec);
    const struct bytes ed_spki = signer_spki(ed);
    const struct bytes es = signer_sign(ec, EVP_sha256(), MSG);
    const struct bytes eds = signer_sign(ed, NULL, MSG);
    AUTO_CRYPT_KEY *ec_key = NULL;
    AUTO_CRYPT_KEY *ed_key = NULL;
    AUTO_CRYPT_KEY *none = NULL;
    (void)state;

    assert_int_equal(crypt_key_open_p256(span_make(ec_spki.b + 26, 65), &ec_key).code, CS_OK);
    assert_int_equal(crypt_verify(ec_key, CRYPT_ES256, MSG, bytes_span(&es)).code, CS_OK);
    assert_int_equal(crypt_key_open_ed25519(span_make(ed_spki.b + 12, 32), &ed_key).code, CS_OK);
    assert_int_equal(crypt_verify(ed_key, CRYPT_ED25519, MSG, bytes_span(&eds)).code, CS_OK);
    assert_int_equal(crypt_key_open_p256(span_make(ec_spki.b + 25, 65), &none).code, CS_E_TYPE);
    assert_int_equal(crypt_key_open_p256(span_make(ec_spki.b + 26, 64), &none).code, CS_E_TYPE);
    assert_int_equal(crypt_key_open_ed25519(span_make(ed_spki.b, 31), &none).code, CS_E_TYPE);
    uint8_t off[65];
    memcpy(off, ec_spki.b + 26, sizeof(off));
    off[64] ^= 1;
    assert_int_equal(crypt_key_open_p256(SPAN_OF(off), &none).code, CS_E_CRYPTO);
    memset(off + 1, 0, 64);
    assert_int_equal(crypt_key_open_p256(SPAN_OF(off), &none).code, CS_E_CRYPTO);
    assert_null(none);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(ed);
}

static void other_keys_do_not_open(void **state)
{
    static const struct {
        const char *name;
        const char *curve;
        unsigned rsa_bits;
        enum cs_code want;
    } keys[] = {
        {"RSA 1024", NULL, 1024, CS_E_RANGE},     {"RSA 2040", NULL, 2040, CS_E_RANGE},
        {"RSA 4104", NULL, 4104, CS_E_RANGE},     {"P-521", "P-521", 0, CS_E_TYPE},
        {"secp256k1", "secp256k1", 0, CS_E_TYPE}, {"P-224", "P-224", 0, CS_E_TYPE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        EVP_PKEY *pkey = keys[i].curve != NULL ? signer_ec(keys[i].curve) : signer_rsa(keys[i].rsa_bits);
        const struct bytes spki = signer_spki(pkey);
        struct crypt_key *key = NULL;
        const struct cs_result r = crypt_key_open(bytes_span(&spki), &key);
        if (r.code != keys[i].want || key != NULL) {
            fail_msg("%s: %s %s", keys[i].name, r.msg, cs_code_name(r.code));
        }
        EVP_PKEY_free(pkey);
    }
}

static void bent_keys_do_not_open(void **state)
{
    EVP_PKEY *ec = signer_ec("P-256");
    EVP_PKEY *rsa = signer_rsa(2048);
    struct bytes spki = signer_spki(ec);
    struct crypt_key *key = NULL;
    (void)state;

    assert_int_not_equal(crypt_key_open(SPAN_NONE, &key).code, CS_OK);
    assert_int_not_equal(crypt_key_open(span_make(spki.b, spki.n - 1), &key).code, CS_OK);
    assert_int_not_equal(crypt_key_open(span_make(spki.b, spki.n + 1), &key).code, CS_OK);
    spki.b[26] = 0x06; /* hybrid form */
    assert_int_equal(crypt_key_open(bytes_span(&spki), &key).code, CS_E_TYPE);
    spki.b[26] = 0x04;
    spki.b[90] ^= 1;
    assert_int_equal(crypt_key_open(bytes_span(&spki), &key).code, CS_E_CRYPTO);
    spki = signer_spki(rsa);
    assert_int_equal(crypt_key_open(span_make(spki.b, spki.n + 1), &key).code, CS_E_TRAILING);
    assert_int_equal(crypt_key_open(span_make(spki.b, spki.n - 1), &key).code, CS_E_SHORT);
    spki.b[spki.n - 1] = 0x00; /* 65536: even */
    assert_int_equal(crypt_key_open(bytes_span(&spki), &key).code, CS_E_RANGE);
    assert_null(key);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(rsa);
}

/* SEQUENCE { INTEGER r, INTEGER s } from contents as given. */
static struct bytes der_of(struct span r, struct span s)
{
    struct bytes out = {.n = 0};
    struct writer w = wr_fixed(out.b, sizeof(out.b));
    wr_u8(&w, 0x30);
    wr_u8(&w, (uint8_t)(4 + r.left + s.left));
    wr_u8(&w, 0x02);
    wr_u8(&w, (uint8_t)r.left);
    wr_bytes(&w, r);
    wr_u8(&w, 0x02);
    wr_u8(&w, (uint8_t)s.left);
    wr_bytes(&w, s);
    out.n = w.len;
    return out;
}

#define P256_N                                                                                                         \
    "\x00\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca" \
    "\xc2\xfc\x63\x25\x51"

static void ecdsa_numbers_and_encoding_are_strict(void **state)
{
    EVP_PKEY *ec = signer_ec("P-256");
    AUTO_CRYPT_KEY *key = open_or_fail(ec);
    const struct bytes good = signer_sign(ec, EVP_sha256(), MSG);
    struct note_ecdsa n;
    struct bytes b;
    uint8_t padded[40] = {0};
    (void)state;

    assert_int_equal(note_ecdsa_decode(bytes_span(&good), 32, &n).code, CS_OK);
    b = der_of(n.r, n.s);
    assert_int_equal(crypt_verify(key, CRYPT_ES256, MSG, bytes_span(&b)).code, CS_OK);
    const struct span wrong[] = {SPAN_LIT("\x00"), SPAN_LIT("\x01"), SPAN_LIT(P256_N), SPAN_LIT("\xff")};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        b = der_of(wrong[i], n.s);
        assert_int_equal(crypt_verify(key, CRYPT_ES256, MSG, bytes_span(&b)).code, CS_E_BADSIG);
        b = der_of(n.r, wrong[i]);
        assert_int_equal(crypt_verify(key, CRYPT_ES256, MSG, bytes_span(&b)).code, CS_E_BADSIG);
    }
    memcpy(padded + 1, n.r.p, n.r.left); /* one zero byte too many */
    b = der_of(span_make(padded, n.r.left + 1), n.s);
    assert_int_equal(crypt_verify(key, CRYPT_ES256, MSG, bytes_span(&b)).code, CS_E_BADSIG);
    b = good; /* length in long form */
    memmove(b.b + 2, good.b + 1, good.n - 1);
    b.b[1] = 0x81;
    b.n = good.n + 1;
    assert_int_equal(crypt_verify(key, CRYPT_ES256, MSG, bytes_span(&b)).code, CS_E_BADSIG);
    EVP_PKEY_free(ec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm_verifies_its_own),
        cmocka_unit_test(algorithms_do_not_mix),
        cmocka_unit_test(raw_keys_open),
        cmocka_unit_test(other_keys_do_not_open),
        cmocka_unit_test(bent_keys_do_not_open),
        cmocka_unit_test(ecdsa_numbers_and_encoding_are_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
