/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "crypt_maker.h"
#include "softkey/softkey_author.h"

#define RP     "approval.example"
#define CLIENT "{\"type\":\"webauthn.create\"}" /* any bytes: they are only hashed here */
#define AAGUID "0123456789abcdef"

struct fixture {
    EVP_PKEY *credential;
    struct maker_cert root;
    struct maker_cert middle;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const struct cert_plan ca = {.name = "Root", .unit = "Roots", .ca = true, .aaguid = AAGUID_NONE};
    const struct cert_plan middle = {.name = "Middle", .unit = "Middles", .ca = true, .aaguid = AAGUID_NONE};
    if (f == NULL) {
        return -1;
    }
    f->credential = signer_ec("P-256");
    f->root = maker_cert_new(signer_ec("P-256"), NULL, &ca);
    f->middle = maker_cert_new(signer_ec("P-256"), &f->root, &middle);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    EVP_PKEY_free(f->credential);
    maker_cert_release(&f->root);
    maker_cert_release(&f->middle);
    free(f);
    return 0;
}

/* rpIdHash flags counter aaguid idLen id COSE [credProtect] */
static struct bytes auth_data(const struct fixture *f, uint8_t flags, struct span extension)
{
    struct bytes out = {.n = 0};
    struct writer w = wr_fixed(out.b, sizeof(out.b));
    const struct sha256 rp = digest_sha256(SPAN_LIT(RP));
    const struct bytes spki = signer_spki(f->credential);

    wr_bytes(&w, sha256_span(&rp));
    wr_u8(&w, flags);
    wr_u32(&w, 3);
    wr_bytes(&w, SPAN_LIT(AAGUID));
    wr_u16(&w, 4);
    wr_bytes(&w, SPAN_LIT("cred"));
    wr_bytes(&w, SPAN_LIT("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"));
    wr_bytes(&w, span_make(spki.b + 27, 32));
    wr_bytes(&w, SPAN_LIT("\x22\x58\x20"));
    wr_bytes(&w, span_make(spki.b + 59, 32));
    wr_bytes(&w, extension);
    out.n = w.len;
    return out;
}

#define PROTECT3                                                                                                       \
    SPAN_LIT("\xa1\x6b"                                                                                                \
             "credProtect"                                                                                             \
             "\x03")

static struct bytes sign_attestation(EVP_PKEY *key, const struct bytes *data)
{
    uint8_t buf[2048];
    struct writer w = wr_fixed(buf, sizeof(buf));
    const struct sha256 client = digest_sha256(SPAN_LIT(CLIENT));

    wr_bytes(&w, bytes_span(data));
    wr_bytes(&w, sha256_span(&client));
    return signer_sign(key, EVP_sha256(), wr_span(&w));
}

/* One attestation, and the models that are allowed. */
struct trial {
    struct bytes data;
    struct bytes sig;
    struct span x5c[CRYPT_X5C_MAX + 1];
    struct span root;
    struct crypt_model model;
    struct crypt_attest_in in;
};

static void trial_set(struct trial *t, const struct fixture *f, const struct maker_cert *leaf)
{
    t->data = auth_data(f, 0xc5, PROTECT3);
    t->sig = sign_attestation(leaf->key, &t->data);
    t->x5c[0] = bytes_span(&leaf->der);
    t->root = bytes_span(&f->root.der);
    t->model = (struct crypt_model){.aaguid = SPAN_LIT(AAGUID), .roots = &t->root, .root_count = 1};
    t->in = (struct crypt_attest_in){
        .rp_id = SPAN_LIT(RP),
        .client_data = SPAN_LIT(CLIENT),
        .auth_data = bytes_span(&t->data),
        .sig = bytes_span(&t->sig),
        .x5c = t->x5c,
        .x5c_count = 1,
        .time_s = MAKER_TIME,
    };
}

static void assert_attest(const struct trial *t, enum crypt_attest want, const char *name)
{
    struct crypt_registration reg;
    struct crypt_registration before;
    memset(&reg, 0x5a, sizeof(reg));
    memcpy(&before, &reg, sizeof(reg));
    const enum crypt_attest got = crypt_attest_check(&t->in, &t->model, 1, &reg);
    if (got != want) {
        fail_msg("%s: %s", name, crypt_attest_text(got));
    }
    if (got != CRYPT_ATTEST_HOLDS) {
        assert_memory_equal(&reg, &before, sizeof(reg));
    }
}

static void a_good_registration_holds(void **state)
{
    const struct fixture *f = *state;
    const struct cert_plan plan = {.ca = false};
    struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->root, &plan);
    struct trial t;
    struct crypt_registration reg;
    const struct bytes spki = signer_spki(f->credential);

    trial_set(&t, f, &leaf);
    assert_int_equal(crypt_attest_check(&t.in, &t.model, 1, &reg), CRYPT_ATTEST_HOLDS);
    assert_true(span_is(reg.id, "cred"));
    assert_true(span_is(reg.aaguid, AAGUID));
    assert_true(span_eq(SPAN_OF(reg.spki), bytes_span(&spki)));
    assert_int_equal(reg.counter, 3);
    assert_int_equal(reg.cred_protect, 3);
    assert_int_equal(crypt_attest_check(&t.in, &t.model, 0, &reg), CRYPT_ATTEST_MODEL);
    assert_int_equal(crypt_attest_check(&t.in, &t.model, 1, NULL), CRYPT_ATTEST_HOLDS);
    t.data = auth_data(f, 0x45, SPAN_NONE);
    t.sig = sign_attestation(leaf.key, &t.data);
    t.in.auth_data = bytes_span(&t.data);
    t.in.sig = bytes_span(&t.sig);
    assert_int_equal(crypt_attest_check(&t.in, &t.model, 1, &reg), CRYPT_ATTEST_HOLDS);
    assert_int_equal(reg.cred_protect, 0);
    maker_cert_release(&leaf);
}

static void certificates_are_refused_by_row(void **state)
{
    static const struct {
        const char *name;
        struct cert_plan plan;
        enum crypt_attest want;
    } rows[] = {
        {"good", {.ca = false}, CRYPT_ATTEST_HOLDS},
        {"version 1", {.version1 = true}, CRYPT_ATTEST_CERT_VERSION},
        {"no country", {.country = ""}, CRYPT_ATTEST_CERT_SUBJECT},
        {"no organisation", {.org = ""}, CRYPT_ATTEST_CERT_SUBJECT},
        {"no name", {.name = ""}, CRYPT_ATTEST_CERT_SUBJECT},
        {"no unit", {.unit = ""}, CRYPT_ATTEST_CERT_UNIT},
        {"other unit", {.unit = "Authenticator attestation"}, CRYPT_ATTEST_CERT_UNIT},
        {"two units", {.second_unit = "Authenticator Attestation"}, CRYPT_ATTEST_CERT_UNIT},
        {"a CA", {.ca = true}, CRYPT_ATTEST_CERT_CA},
        {"no constraints", {.no_constraints = true}, CRYPT_ATTEST_CERT_CA},
        {"no AAGUID", {.aaguid = AAGUID_NONE}, CRYPT_ATTEST_CERT_NO_AAGUID},
        {"other AAGUID", {.aaguid = AAGUID_OTHER}, CRYPT_ATTEST_CERT_AAGUID},
        {"AAGUID critical", {.aaguid = AAGUID_CRITICAL}, CRYPT_ATTEST_CERT_AAGUID},
        {"AAGUID twice", {.aaguid = AAGUID_TWICE}, CRYPT_ATTEST_CERT_AAGUID},
        {"AAGUID short", {.aaguid = AAGUID_SHORT}, CRYPT_ATTEST_CERT_AAGUID},
        {"expired", {.to_days = -1}, CRYPT_ATTEST_EXPIRED},
        {"not yet valid", {.from_days = 1}, CRYPT_ATTEST_NOT_YET},
        {"unknown critical extension", {.critical_unknown = true}, CRYPT_ATTEST_CHAIN},
    };
    const struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->root, &rows[i].plan);
        struct trial t;
        trial_set(&t, f, &leaf);
        assert_attest(&t, rows[i].want, rows[i].name);
        maker_cert_release(&leaf);
    }
    const struct cert_plan sha1 = {.md = EVP_sha1()};
    struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->root, &sha1);
    struct trial t;
    trial_set(&t, f, &leaf);
    assert_attest(&t, CRYPT_ATTEST_CHAIN, "SHA-1");
    maker_cert_release(&leaf);
}

static void the_leaf_key_must_be_p256(void **state)
{
    const struct fixture *f = *state;
    const struct cert_plan plan = {.ca = false};
    EVP_PKEY *const keys[] = {signer_ec("P-384"), signer_ed25519(), signer_rsa(2048)};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct maker_cert leaf = maker_cert_new(keys[i], &f->root, &plan);
        struct maker_cert signer = maker_cert_new(signer_ec("P-256"), &f->root, &plan);
        struct trial t;
        trial_set(&t, f, &signer);
        t.x5c[0] = bytes_span(&leaf.der);
        assert_attest(&t, CRYPT_ATTEST_CERT_KEY, "leaf key");
        maker_cert_release(&leaf);
        maker_cert_release(&signer);
    }
}

static void chains_lead_to_a_root_of_the_model(void **state)
{
    const struct fixture *f = *state;
    const struct cert_plan plan = {.ca = false};
    const struct cert_plan ca = {.name = "Root", .unit = "Roots", .ca = true, .aaguid = AAGUID_NONE};
    struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->middle, &plan);
    struct maker_cert other = maker_cert_new(signer_ec("P-256"), NULL, &ca);
    struct maker_cert under_leaf = maker_cert_new(signer_ec("P-256"), &leaf, &plan);
    struct trial t;

    trial_set(&t, f, &leaf);
    assert_attest(&t, CRYPT_ATTEST_CHAIN, "without the middle");
    t.x5c[1] = bytes_span(&f->middle.der);
    t.in.x5c_count = 2;
    assert_attest(&t, CRYPT_ATTEST_HOLDS, "with the middle");
    t.x5c[2] = bytes_span(&f->root.der);
    t.in.x5c_count = 3;
    assert_attest(&t, CRYPT_ATTEST_HOLDS, "with the root as well");
    t.in.x5c_count = 2;
    t.root = bytes_span(&other.der);
    assert_attest(&t, CRYPT_ATTEST_CHAIN, "another root of the same name");
    t.model.root_count = 0;
    assert_attest(&t, CRYPT_ATTEST_CHAIN, "no root");
    t.model.root_count = 1;
    t.root = bytes_span(&f->middle.der);
    t.in.x5c_count = 1;
    assert_attest(&t, CRYPT_ATTEST_HOLDS, "the middle as the anchor");
    t.root = span_make(f->root.der.b, f->root.der.n - 1);
    assert_attest(&t, CRYPT_ATTEST_ROOT, "malformed root");
    t.root = bytes_span(&f->root.der);
    t.x5c[1] = span_make(f->middle.der.b, f->middle.der.n - 1);
    t.in.x5c_count = 2;
    assert_attest(&t, CRYPT_ATTEST_CERTIFICATE, "malformed middle");
    t.in.time_s = MAKER_TIME + (uint64_t)366 * 86400;
    t.x5c[1] = bytes_span(&f->middle.der);
    assert_attest(&t, CRYPT_ATTEST_EXPIRED, "all expired");
    trial_set(&t, f, &under_leaf);
    t.x5c[1] = bytes_span(&leaf.der);
    t.x5c[2] = bytes_span(&f->middle.der);
    t.in.x5c_count = 3;
    assert_attest(&t, CRYPT_ATTEST_CHAIN, "issued by a leaf");
    maker_cert_release(&leaf);
    maker_cert_release(&other);
    maker_cert_release(&under_leaf);
}

static void sizes_and_signatures_are_refused(void **state)
{
    const struct fixture *f = *state;
    const struct cert_plan plan = {.ca = false};
    struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->root, &plan);
    static uint8_t big[CRYPT_CERT_MAX + 1];
    struct trial t;

    trial_set(&t, f, &leaf);
    t.in.x5c_count = 0;
    assert_attest(&t, CRYPT_ATTEST_NO_CERTIFICATE, "self attestation");
    t.in.x5c_count = CRYPT_X5C_MAX + 1;
    assert_attest(&t, CRYPT_ATTEST_CHAIN_LENGTH, "five certificates");
    t.in.x5c_count = 1;
    t.x5c[0] = SPAN_OF(big);
    assert_attest(&t, CRYPT_ATTEST_CHAIN_LENGTH, "large certificate");
    t.x5c[0] = span_make(leaf.der.b, leaf.der.n - 1);
    assert_attest(&t, CRYPT_ATTEST_CERTIFICATE, "cut certificate");
    t.x5c[0] = span_make(leaf.der.b, leaf.der.n + 1);
    assert_attest(&t, CRYPT_ATTEST_CERTIFICATE, "trailing byte");
    t.x5c[0] = bytes_span(&leaf.der);
    t.in.sig.left--;
    assert_attest(&t, CRYPT_ATTEST_SIGNATURE, "cut signature");
    t.in.sig.left++;
    t.in.client_data = SPAN_LIT("{}");
    assert_attest(&t, CRYPT_ATTEST_SIGNATURE, "other client data");
    trial_set(&t, f, &leaf);
    t.sig = sign_attestation(f->credential, &t.data);
    assert_attest(&t, CRYPT_ATTEST_SIGNATURE, "signed by the credential");
    maker_cert_release(&leaf);
}

static void authenticator_data_is_refused_by_row(void **state)
{
    const struct fixture *f = *state;
    const struct cert_plan plan = {.ca = false};
    struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->root, &plan);
    const struct {
        const char *name;
        struct span extension;
        enum crypt_attest want;
        uint8_t flags;
    } rows[] = {
        {"level 1",
         SPAN_LIT("\xa1\x6b"
                  "credProtect"
                  "\x01"),
         CRYPT_ATTEST_HOLDS, 0xc5},
        {"level 0",
         SPAN_LIT("\xa1\x6b"
                  "credProtect"
                  "\x00"),
         CRYPT_ATTEST_EXTENSION, 0xc5},
        {"level 4",
         SPAN_LIT("\xa1\x6b"
                  "credProtect"
                  "\x04"),
         CRYPT_ATTEST_EXTENSION, 0xc5},
        {"other extension",
         SPAN_LIT("\xa1\x6b"
                  "hmac-secret"
                  "\xf5"),
         CRYPT_ATTEST_EXTENSION, 0xc5},
        {"empty map", SPAN_LIT("\xa0"), CRYPT_ATTEST_EXTENSION, 0xc5},
        {"flag without extension", SPAN_NONE, CRYPT_ATTEST_EXTENSION, 0xc5},
        {"extension without flag", PROTECT3, CRYPT_ATTEST_AUTH_DATA, 0x45},
        {"byte left over",
         SPAN_LIT("\xa1\x6b"
                  "credProtect"
                  "\x03\x00"),
         CRYPT_ATTEST_AUTH_DATA, 0xc5},
        {"no credential flag", SPAN_NONE, CRYPT_ATTEST_NO_CREDENTIAL, 0x05},
        {"reserved 1", SPAN_NONE, CRYPT_ATTEST_RESERVED, 0x47},
        {"reserved 5", SPAN_NONE, CRYPT_ATTEST_RESERVED, 0x65},
        {"no presence", SPAN_NONE, CRYPT_ATTEST_NO_PRESENCE, 0x44},
        {"no verification", SPAN_NONE, CRYPT_ATTEST_NO_VERIFICATION, 0x41},
        {"backup eligible", SPAN_NONE, CRYPT_ATTEST_BACKUP, 0x4d},
        {"backed up", SPAN_NONE, CRYPT_ATTEST_BACKUP, 0x55},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct trial t;
        trial_set(&t, f, &leaf);
        t.data = auth_data(f, rows[i].flags, rows[i].extension);
        t.sig = sign_attestation(leaf.key, &t.data);
        t.in.auth_data = bytes_span(&t.data);
        t.in.sig = bytes_span(&t.sig);
        assert_attest(&t, rows[i].want, rows[i].name);
    }
    maker_cert_release(&leaf);
}

static void bent_authenticator_data_is_refused(void **state)
{
    const struct fixture *f = *state;
    const struct bytes good = auth_data(f, 0xc5, PROTECT3);
    struct crypt_registration reg;

    for (size_t n = 0; n < good.n; n++) {
        const enum crypt_attest a = crypt_registration_decode(span_make(good.b, n), &reg);
        assert_int_not_equal(a, CRYPT_ATTEST_HOLDS);
    }
    static const struct {
        size_t at;
        uint8_t value;
        enum crypt_attest want;
    } rows[] = {
        {53, 4, CRYPT_ATTEST_CREDENTIAL_ID}, /* id of 1028 bytes */
        {54, 0, CRYPT_ATTEST_CREDENTIAL_ID}, /* empty id */
        {59, 0xa4, CRYPT_ATTEST_COSE},       /* map of four */
        {63, 0x25, CRYPT_ATTEST_COSE},       /* alg -6 */
        {65, 0x02, CRYPT_ATTEST_COSE},       /* curve P-384 */
        {68, 0x1f, CRYPT_ATTEST_COSE},       /* x of 31 bytes */
        {101, 0x23, CRYPT_ATTEST_COSE},      /* label -4 for y */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes b = good;
        b.b[rows[i].at] = rows[i].value;
        const enum crypt_attest got = crypt_registration_decode(bytes_span(&b), &reg);
        if (got != rows[i].want) {
            fail_msg("byte %zu: %s", rows[i].at, crypt_attest_text(got));
        }
    }
}

static void claims_that_are_not_ours_are_refused(void **state)
{
    const struct fixture *f = *state;
    const struct bytes good = auth_data(f, 0xc5, PROTECT3);
    const struct cert_plan plan = {.ca = false};
    struct maker_cert leaf = maker_cert_new(signer_ec("P-256"), &f->root, &plan);
    struct trial t;
    trial_set(&t, f, &leaf);
    t.data.b[good.n - 15] ^= 1; /* last byte of y */
    t.sig = sign_attestation(leaf.key, &t.data);
    t.in.sig = bytes_span(&t.sig);
    assert_attest(&t, CRYPT_ATTEST_KEY, "off the curve");
    t.data = good;
    t.data.b[0] ^= 1;
    assert_attest(&t, CRYPT_ATTEST_RP_ID, "other rp id");
    t.data = good;
    t.data.b[37] ^= 1;
    assert_attest(&t, CRYPT_ATTEST_MODEL, "other model");
    maker_cert_release(&leaf);
}

static void the_soft_key_is_judged_as_a_key(void **state)
{
    static const struct {
        uint32_t faults;
        enum crypt_attest want;
    } rows[] = {
        {0, CRYPT_ATTEST_HOLDS},
        {SOFTKEY_BIT(NO_CRED_PROTECT), CRYPT_ATTEST_HOLDS}, /* the caller looks at cred_protect */
        {SOFTKEY_BIT(WRONG_RP), CRYPT_ATTEST_RP_ID},
        {SOFTKEY_BIT(NO_UP), CRYPT_ATTEST_NO_PRESENCE},
        {SOFTKEY_BIT(NO_UV), CRYPT_ATTEST_NO_VERIFICATION},
        {SOFTKEY_BIT(BACKUP), CRYPT_ATTEST_BACKUP},
        {SOFTKEY_BIT(BAD_SIG), CRYPT_ATTEST_SIGNATURE},
        {SOFTKEY_BIT(TRAILING), CRYPT_ATTEST_AUTH_DATA},
        {SOFTKEY_BIT(UNKNOWN_MODEL), CRYPT_ATTEST_MODEL},
        {SOFTKEY_BIT(EXPIRED_CERT), CRYPT_ATTEST_EXPIRED},
        {SOFTKEY_BIT(FUTURE_CERT), CRYPT_ATTEST_NOT_YET},
        {SOFTKEY_BIT(CA_TRUE), CRYPT_ATTEST_CERT_CA},
        {SOFTKEY_BIT(NO_AAGUID_EXT), CRYPT_ATTEST_CERT_NO_AAGUID},
        {SOFTKEY_BIT(WRONG_OU), CRYPT_ATTEST_CERT_UNIT},
        {SOFTKEY_BIT(OTHER_ROOT), CRYPT_ATTEST_CHAIN},
        {SOFTKEY_BIT(SELF_ATTEST), CRYPT_ATTEST_NO_CERTIFICATE},
        {SOFTKEY_BIT(NONE_ATTEST), CRYPT_ATTEST_NO_CERTIFICATE},
    };
    struct softkey_author *author = softkey_author_new("alice");
    const struct softkey_cert *root = softkey_author_root(author);
    const struct span roots[1] = {span_make(root->der, root->len)};
    const struct crypt_model model = {
        .aaguid = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES), .roots = roots, .root_count = 1};
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct softkey_client_data client;
        struct softkey_registration made;
        const struct softkey_frame frame = {
            .rp_id = RP, .counter = 1, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV, .faults = rows[i].faults};
        assert_true(softkey_client_data("webauthn.create", (const uint8_t *)"nonce", 5, RP, &client));
        assert_true(softkey_author_register(author, &frame, client.hash, 3, &made));
        const struct span x5c[1] = {span_make(made.attestation.leaf.der, made.attestation.leaf.len)};
        const struct crypt_attest_in in = {
            .rp_id = SPAN_LIT(RP),
            .client_data = span_make(client.json, client.len),
            .auth_data = span_make(made.data.bytes, made.data.len),
            .sig = span_make(made.attestation.sig.der, made.attestation.sig.len),
            .x5c = x5c,
            .x5c_count = x5c[0].left > 0 ? 1 : 0,
            .time_s = MAKER_TIME,
        };
        struct crypt_registration reg;
        const enum crypt_attest got = crypt_attest_check(&in, &model, 1, &reg);
        if (got != rows[i].want) {
            fail_msg("row %zu: %s", i, crypt_attest_text(got));
        }
        if (got == CRYPT_ATTEST_HOLDS) {
            assert_true(span_eq(reg.id, span_make(softkey_author_id(author), SOFTKEY_ID_BYTES)));
            assert_int_equal(reg.cred_protect, rows[i].faults == 0 ? 3 : 0);
        }
    }
    softkey_author_free(author);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_registration_holds),          cmocka_unit_test(certificates_are_refused_by_row),
        cmocka_unit_test(the_leaf_key_must_be_p256),          cmocka_unit_test(chains_lead_to_a_root_of_the_model),
        cmocka_unit_test(sizes_and_signatures_are_refused),   cmocka_unit_test(authenticator_data_is_refused_by_row),
        cmocka_unit_test(bent_authenticator_data_is_refused), cmocka_unit_test(claims_that_are_not_ours_are_refused),
        cmocka_unit_test(the_soft_key_is_judged_as_a_key),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
