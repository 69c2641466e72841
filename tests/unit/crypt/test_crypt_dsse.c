/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crypt/crypt_dsse.h"
#include "crypt_signer.h"

#define TYPE    SPAN_LIT("application/vnd.in-toto+json")
#define PAYLOAD SPAN_LIT("{\"_type\":\"https://in-toto.io/Statement/v1\"}")

static struct crypt_key *open_key(EVP_PKEY *pkey)
{
    const struct bytes spki = signer_spki(pkey);
    struct crypt_key *key = NULL;
    assert_int_equal(crypt_key_open(bytes_span(&spki), &key).code, CS_OK);
    return key;
}

static struct bytes sign_pae(EVP_PKEY *pkey, const EVP_MD *md)
{
    AUTO_WRITER pae = wr_heap(4096);
    assert_int_equal(note_dsse_pae(TYPE, PAYLOAD, &pae).code, CS_OK);
    return signer_sign(pkey, md, wr_span(&pae));
}

static void each_kind_of_key_signs(void **state)
{
    EVP_PKEY *const keys[] = {signer_ec("P-256"), signer_ec("P-384"), signer_ed25519(), signer_rsa(2048)};
    const EVP_MD *const mds[] = {EVP_sha256(), EVP_sha384(), NULL, EVP_sha256()};
    (void)state;

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        AUTO_CRYPT_KEY *key = open_key(keys[i]);
        const struct bytes sig = sign_pae(keys[i], mds[i]);
        struct note_dsse e = {.type = TYPE, .payload = PAYLOAD, .signature_count = 1};
        e.signature[0].sig = bytes_span(&sig);
        assert_int_equal(crypt_dsse_verify(key, &e).code, i < 3 ? CS_OK : CS_E_TYPE);
        EVP_PKEY_free(keys[i]);
    }
}

static void one_good_signature_is_enough_and_needed(void **state)
{
    EVP_PKEY *pkey = signer_ec("P-256");
    EVP_PKEY *other = signer_ec("P-256");
    AUTO_CRYPT_KEY *key = open_key(pkey);
    const struct bytes sig = sign_pae(pkey, EVP_sha256());
    const struct bytes foreign = sign_pae(other, EVP_sha256());
    struct note_dsse e = {.type = TYPE, .payload = PAYLOAD, .signature_count = 2};
    (void)state;

    e.signature[0].sig = bytes_span(&foreign);
    e.signature[1].sig = bytes_span(&sig);
    assert_int_equal(crypt_dsse_verify(key, &e).code, CS_OK);
    e.signature_count = 1;
    assert_int_equal(crypt_dsse_verify(key, &e).code, CS_E_BADSIG);
    e.signature_count = 0;
    assert_int_equal(crypt_dsse_verify(key, &e).code, CS_E_BADSIG);
    e.signature_count = 2;
    e.type = SPAN_LIT("application/vnd.in-toto+jsoN");
    assert_int_equal(crypt_dsse_verify(key, &e).code, CS_E_BADSIG);
    e.type = TYPE;
    e.payload.left--;
    assert_int_equal(crypt_dsse_verify(key, &e).code, CS_E_BADSIG);
    EVP_PKEY_free(pkey);
    EVP_PKEY_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_key_signs),
        cmocka_unit_test(one_good_signature_is_enough_and_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
