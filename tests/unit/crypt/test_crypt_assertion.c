/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crypt/crypt_assertion.h"
#include "crypt_signer.h"
#include "softkey/softkey_author.h"

#define RP        "approval.example"
#define CHALLENGE SPAN_LIT("SSHSIG what the person saw")

struct made {
    struct softkey_client_data client;
    struct softkey_auth_data data;
    struct softkey_sig sig;
};

static struct made make(const struct softkey_author *author, uint32_t faults)
{
    const struct softkey_frame frame = {
        .rp_id = RP, .counter = 7, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV, .faults = faults};
    struct made m;

    assert_true(softkey_client_data("webauthn.get", CHALLENGE.p, CHALLENGE.left, RP, &m.client));
    assert_true(softkey_author_assert(author, &frame, m.client.hash, &m.data, &m.sig));
    return m;
}

static struct crypt_assertion_in in_of(const struct made *m)
{
    return (struct crypt_assertion_in){
        .rp_id = SPAN_LIT(RP),
        .challenge = CHALLENGE,
        .client_data = span_make(m->client.json, m->client.len),
        .auth_data = span_make(m->data.bytes, m->data.len),
        .sig = span_make(m->sig.der, m->sig.len),
    };
}

static struct crypt_key *key_of(const struct softkey_author *author)
{
    struct crypt_key *key = NULL;
    assert_int_equal(crypt_key_open(span_make(softkey_author_spki(author), SOFTKEY_SPKI_BYTES), &key).code, CS_OK);
    return key;
}

static void a_good_assertion_holds(void **state)
{
    const struct softkey_author *author = *state;
    AUTO_CRYPT_KEY *key = key_of(author);
    const struct made m = make(author, 0);
    struct crypt_assertion_in in = in_of(&m);
    uint32_t counter = 0;

    assert_int_equal(crypt_assertion_check(key, &in, &counter), CRYPT_ASSERTION_HOLDS);
    assert_int_equal(counter, 7);
    in.client_data = SPAN_NONE; /* rebuilt from challenge and rp id */
    assert_int_equal(crypt_assertion_check(key, &in, NULL), CRYPT_ASSERTION_HOLDS);
}

static void a_faulty_key_is_refused(void **state)
{
    static const struct {
        uint32_t faults;
        enum crypt_assertion want;
    } rows[] = {
        {SOFTKEY_BIT(WRONG_RP), CRYPT_ASSERTION_RP_ID},
        {SOFTKEY_BIT(NO_UP), CRYPT_ASSERTION_NO_PRESENCE},
        {SOFTKEY_BIT(NO_UV), CRYPT_ASSERTION_NO_VERIFICATION},
        {SOFTKEY_BIT(BACKUP), CRYPT_ASSERTION_BACKUP},
        {SOFTKEY_BIT(BAD_SIG), CRYPT_ASSERTION_SIGNATURE},
        {SOFTKEY_BIT(OTHER_KEY), CRYPT_ASSERTION_SIGNATURE},
        {SOFTKEY_BIT(TRAILING), CRYPT_ASSERTION_AUTH_DATA},
        {SOFTKEY_BIT(WRONG_RP) | SOFTKEY_BIT(NO_UV), CRYPT_ASSERTION_RP_ID},
        {SOFTKEY_BIT(NO_UP) | SOFTKEY_BIT(BACKUP), CRYPT_ASSERTION_NO_PRESENCE},
    };
    const struct softkey_author *author = *state;
    AUTO_CRYPT_KEY *key = key_of(author);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct made m = make(author, rows[i].faults);
        const struct crypt_assertion_in in = in_of(&m);
        const enum crypt_assertion got = crypt_assertion_check(key, &in, NULL);
        if (got != rows[i].want) {
            fail_msg("row %zu: %s", i, crypt_assertion_text(got));
        }
    }
}

static void every_changed_bit_is_refused(void **state)
{
    const struct softkey_author *author = *state;
    AUTO_CRYPT_KEY *key = key_of(author);
    const struct made good = make(author, 0);

    for (size_t bit = 0; bit < good.data.len * 8; bit++) {
        struct made m = good;
        m.data.bytes[bit / 8] ^= (uint8_t)(1U << bit % 8);
        const struct crypt_assertion_in in = in_of(&m);
        assert_int_not_equal(crypt_assertion_check(key, &in, NULL), CRYPT_ASSERTION_HOLDS);
    }
    for (size_t i = 0; i < good.client.len; i++) {
        struct made m = good;
        m.client.json[i] ^= 1;
        const struct crypt_assertion_in in = in_of(&m);
        assert_int_equal(crypt_assertion_check(key, &in, NULL), CRYPT_ASSERTION_CLIENT_DATA);
    }
}

static void forms_are_refused_by_name(void **state)
{
    const struct softkey_author *author = *state;
    AUTO_CRYPT_KEY *key = key_of(author);
    struct made m = make(author, 0);
    struct crypt_assertion_in in = in_of(&m);
    uint32_t counter = 99;

    in.auth_data.left = 36;
    assert_int_equal(crypt_assertion_check(key, &in, &counter), CRYPT_ASSERTION_AUTH_DATA);
    in.auth_data.left = 0;
    assert_int_equal(crypt_assertion_check(key, &in, &counter), CRYPT_ASSERTION_AUTH_DATA);
    in.auth_data.left = 37;
    for (unsigned bit = 0; bit < 8; bit++) {
        static const enum crypt_assertion want[8] = {CRYPT_ASSERTION_NO_PRESENCE,     CRYPT_ASSERTION_RESERVED,
                                                     CRYPT_ASSERTION_NO_VERIFICATION, CRYPT_ASSERTION_BACKUP,
                                                     CRYPT_ASSERTION_BACKUP,          CRYPT_ASSERTION_RESERVED,
                                                     CRYPT_ASSERTION_EXTENDED,        CRYPT_ASSERTION_EXTENDED};
        m.data.bytes[32] ^= (uint8_t)(1U << bit);
        assert_int_equal(crypt_assertion_check(key, &in, NULL), want[bit]);
        m.data.bytes[32] ^= (uint8_t)(1U << bit);
    }
    assert_int_equal(counter, 99);
    in.rp_id = SPAN_LIT("Approval.example");
    assert_int_equal(crypt_assertion_check(key, &in, &counter), CRYPT_ASSERTION_INPUT);
    in.rp_id = SPAN_LIT("other.example");
    assert_int_equal(crypt_assertion_check(key, &in, &counter), CRYPT_ASSERTION_CLIENT_DATA);
    in.client_data = SPAN_NONE;
    assert_int_equal(crypt_assertion_check(key, &in, &counter), CRYPT_ASSERTION_RP_ID);
    assert_int_equal(counter, 7);
    in = in_of(&m);
    in.challenge = SPAN_NONE;
    assert_int_equal(crypt_assertion_check(key, &in, NULL), CRYPT_ASSERTION_INPUT);
    in.challenge = SPAN_LIT("another challenge");
    in.client_data = SPAN_NONE;
    assert_int_equal(crypt_assertion_check(key, &in, NULL), CRYPT_ASSERTION_SIGNATURE);
}

static void another_kind_of_key_is_refused(void **state)
{
    const struct softkey_author *author = *state;
    const struct made m = make(author, 0);
    const struct crypt_assertion_in in = in_of(&m);
    EVP_PKEY *pkey = signer_ed25519();
    const struct bytes spki = signer_spki(pkey);
    AUTO_CRYPT_KEY *key = NULL;

    assert_int_equal(crypt_key_open(bytes_span(&spki), &key).code, CS_OK);
    assert_int_equal(crypt_assertion_check(key, &in, NULL), CRYPT_ASSERTION_KEY);
    EVP_PKEY_free(pkey);
}

static void every_answer_has_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CRYPT_ASSERTION_COUNT; i++) {
        assert_non_null(crypt_assertion_text((enum crypt_assertion)i));
    }
    assert_string_equal(crypt_assertion_text(CRYPT_ASSERTION_COUNT), "unknown");
}

static int set_up(void **state)
{
    *state = softkey_author_new("alice");
    return *state != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    softkey_author_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_assertion_holds),         cmocka_unit_test(a_faulty_key_is_refused),
        cmocka_unit_test(every_changed_bit_is_refused),   cmocka_unit_test(forms_are_refused_by_name),
        cmocka_unit_test(another_kind_of_key_is_refused), cmocka_unit_test(every_answer_has_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
