/* SPDX-License-Identifier: Apache-2.0 */
/* Cards: keys, certificates, attestations and lists of revoked ones, with every rule broken once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "cardpki/cardpki_cert.h"
#include "crypt/crypt_card.h"

#define NOW     ((uint64_t)1767600000) /* 2026-01-05 */
#define MESSAGE "what the card signed"

enum { KINDS = 5 };
static const enum cardpki_kind kinds[KINDS] = {CARDPKI_P256, CARDPKI_P384, CARDPKI_RSA2048, CARDPKI_RSA3072,
                                               CARDPKI_RSA4096};

struct fixture {
    struct cardpki pki;
    struct cardpki_key key[KINDS];
    struct cardpki_key other; /* P-256 */
    struct cardpki_key small; /* RSA-1024 */
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    assert_non_null(f);
    assert_true(cardpki_init(&f->pki));
    for (size_t i = 0; i < KINDS; i++) {
        assert_true(cardpki_key_init(&f->key[i], kinds[i], "card"));
    }
    assert_true(cardpki_key_init(&f->other, CARDPKI_P256, "other"));
    assert_true(cardpki_key_init(&f->small, CARDPKI_RSA1024, "small"));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    cardpki_release(&f->pki);
    for (size_t i = 0; i < KINDS; i++) {
        cardpki_key_release(&f->key[i]);
    }
    cardpki_key_release(&f->other);
    cardpki_key_release(&f->small);
    free(f);
    return 0;
}

static struct span key_span(const struct cardpki_key *k)
{
    return span_make(k->spki, k->spki_len);
}

static struct span der_span(const struct cardpki_der *d)
{
    return span_make(d->p, d->len);
}

/* A card and all about it, as it would be enrolled. */
struct enrolment {
    struct cardpki_der certificate;
    struct cardpki_der attestation;
    struct cardpki_der f9;
    struct cardpki_sig sig;
    struct span x5c[CRYPT_X5C_MAX + 1];
    struct span roots[2];
    struct span attestation_roots[2];
    struct crypt_card_in in;
};

static const struct cardpki_plan good = {0};
static const struct cardpki_plan good_f9 = {.ca = true, .serial = 2};

static void enrol(const struct fixture *f, const struct cardpki_key *key, const struct cardpki_plan *certificate,
                  const struct cardpki_plan *attestation, struct enrolment *e)
{
    memset(e, 0, sizeof(*e));
    assert_true(cardpki_certificate(&f->pki, key, certificate, &e->certificate));
    assert_true(cardpki_f9(&f->pki, &good_f9, &e->f9));
    assert_true(cardpki_sign(key, MESSAGE, sizeof(MESSAGE) - 1, &e->sig));
    e->roots[0] = der_span(&f->pki.ca);
    e->attestation_roots[0] = der_span(&f->pki.root);
    e->in = (struct crypt_card_in){.key = key_span(key),
                                   .certificate = der_span(&e->certificate),
                                   .message = SPAN_LIT(MESSAGE),
                                   .sig = span_make(e->sig.b, e->sig.len),
                                   .x5c = e->x5c,
                                   .roots = e->roots,
                                   .root_count = 1,
                                   .attestation_roots = e->attestation_roots,
                                   .attestation_root_count = 1,
                                   .time_s = NOW};
    if (attestation != NULL) {
        assert_true(cardpki_attestation(&f->pki, key, attestation, &e->attestation));
        e->x5c[0] = der_span(&e->attestation);
        e->x5c[1] = der_span(&e->f9);
        e->in.x5c_count = 2;
    }
}

static void leave(struct enrolment *e)
{
    cardpki_der_release(&e->certificate);
    cardpki_der_release(&e->attestation);
    cardpki_der_release(&e->f9);
}

static void expect(const char *name, const struct enrolment *e, enum crypt_card want)
{
    const enum crypt_card got = crypt_card_check(&e->in);
    if (got != want) {
        fail_msg("%s: %s", name, crypt_card_text(got));
    }
}

static void every_kind_of_key_is_enrolled_and_signs(void **state)
{
    const struct fixture *f = *state;
    static const size_t bytes[KINDS] = {91, 120, 294, 422, 550};

    for (size_t i = 0; i < KINDS; i++) {
        struct enrolment e;
        struct crypt_key *key = NULL;
        enrol(f, &f->key[i], &good, &good, &e);
        assert_int_equal(f->key[i].spki_len, bytes[i]);
        expect("whole", &e, CRYPT_CARD_HOLDS);
        assert_int_equal(crypt_card_key_check(key_span(&f->key[i])).code, CS_OK);
        assert_int_equal(crypt_key_open(key_span(&f->key[i]), &key).code, CS_OK);
        assert_int_equal(crypt_card_verify(key, SPAN_LIT(MESSAGE), e.in.sig).code, CS_OK);
        assert_int_equal(crypt_card_verify(key, SPAN_LIT("another"), e.in.sig).code, CS_E_BADSIG);
        assert_int_equal(crypt_card_verify(key, SPAN_LIT(MESSAGE), span_make(e.sig.b, e.sig.len - 1)).code,
                         CS_E_BADSIG);
        e.sig.b[e.sig.len - 1] ^= 1;
        assert_int_equal(crypt_card_verify(key, SPAN_LIT(MESSAGE), e.in.sig).code, CS_E_BADSIG);
        expect("bad proof", &e, CRYPT_CARD_PROOF);
        crypt_key_free(key);
        leave(&e);
    }
}

static void no_other_key_is_a_cards(void **state)
{
    const struct fixture *f = *state;
    static const uint8_t ed25519[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21,
                                      0x00, 0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b,
                                      0xfe, 0xd3, 0xc9, 0x64, 0x07, 0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda,
                                      0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07, 0x51, 0x1a};
    struct enrolment e;
    struct crypt_key *key = NULL;

    assert_int_not_equal(crypt_card_key_check(key_span(&f->small)).code, CS_OK);
    assert_int_equal(crypt_card_key_check(SPAN_OF(ed25519)).code, CS_E_TYPE);
    assert_int_equal(crypt_card_key_check(SPAN_NONE).code, CS_E_SHORT);
    assert_int_equal(crypt_key_open(SPAN_OF(ed25519), &key).code, CS_OK);
    assert_int_equal(crypt_card_verify(key, SPAN_LIT(MESSAGE), SPAN_LIT("signature")).code, CS_E_TYPE);
    crypt_key_free(key);
    /* a modulus whose size no card has: 2049 bits */
    uint8_t odd[CARDPKI_SPKI_MAX];
    memcpy(odd, f->key[2].spki, f->key[2].spki_len);
    odd[32] = 0x01; /* the zero byte before the modulus */
    assert_int_not_equal(crypt_card_key_check(span_make(odd, f->key[2].spki_len)).code, CS_OK);

    enrol(f, &f->small, &good, NULL, &e);
    expect("RSA-1024", &e, CRYPT_CARD_KEY);
    leave(&e);
}

static void a_certificate_keeps_every_rule(void **state)
{
    const struct fixture *f = *state;
    static const struct row {
        const char *name;
        struct cardpki_plan plan;
        enum crypt_card want;
    } rows[] = {
        {"no key usage", {.no_usage = true}, CRYPT_CARD_HOLDS},
        {"until the second before", {.not_after = "20260105080001Z"}, CRYPT_CARD_HOLDS},
        {"until this second", {.not_after = "20260105080000Z"}, CRYPT_CARD_CERT_EXPIRED},
        {"from this second", {.not_before = "20260105080000Z"}, CRYPT_CARD_HOLDS},
        {"from the next", {.not_before = "20260105080001Z"}, CRYPT_CARD_CERT_NOT_YET},
        {"of a CA", {.ca = true}, CRYPT_CARD_CERT_CA},
        {"key management", {.encipher_only = true}, CRYPT_CARD_CERT_USAGE},
        {"version 1", {.version1 = true}, CRYPT_CARD_CERT_VERSION},
        {"signed with SHA-1", {.sha1 = true}, CRYPT_CARD_CERT_CHAIN},
        {"unknown critical extension", {.unknown_critical = true}, CRYPT_CARD_CERT_CHAIN},
        {"by another authority of that name", {.other_issuer_key = true}, CRYPT_CARD_CERT_CHAIN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct enrolment e;
        enrol(f, &f->key[i % KINDS], &rows[i].plan, NULL, &e);
        expect(rows[i].name, &e, rows[i].want);
        leave(&e);
    }
}

static void a_certificate_is_for_its_key_and_its_issuer(void **state)
{
    const struct fixture *f = *state;
    struct enrolment e;

    enrol(f, &f->key[0], &good, NULL, &e);
    e.in.key = key_span(&f->other);
    expect("another key", &e, CRYPT_CARD_PROOF);
    struct cardpki_sig sig;
    assert_true(cardpki_sign(&f->other, MESSAGE, sizeof(MESSAGE) - 1, &sig));
    e.in.sig = span_make(sig.b, sig.len);
    expect("another key, signed", &e, CRYPT_CARD_CERT_KEY);
    leave(&e);

    enrol(f, &f->key[0], &good, NULL, &e);
    e.roots[0] = der_span(&f->pki.root);
    expect("another root", &e, CRYPT_CARD_CERT_CHAIN);
    e.roots[0] = e.in.certificate;
    expect("its own root", &e, CRYPT_CARD_CERT_CHAIN);
    e.in.root_count = 0;
    expect("no root", &e, CRYPT_CARD_CERT_CHAIN);
    e.in.root_count = 1;
    e.roots[0] = SPAN_LIT("no certificate");
    expect("a root that is none", &e, CRYPT_CARD_ROOT);
    e.roots[1] = der_span(&f->pki.ca);
    e.roots[0] = der_span(&f->pki.other);
    e.in.root_count = 2;
    expect("the second root", &e, CRYPT_CARD_HOLDS);
    e.roots[0] = SPAN_LIT("no certificate");
    assert_int_equal(crypt_card_root_check(e.roots[0]), CRYPT_CARD_ROOT);
    assert_int_equal(crypt_card_root_check(e.in.certificate), CRYPT_CARD_ROOT);
    assert_int_equal(crypt_card_root_check(e.roots[1]), CRYPT_CARD_HOLDS);
    e.roots[0] = der_span(&f->pki.other);
    e.in.time_s = 2500000000; /* all have expired by then */
    expect("later", &e, CRYPT_CARD_CERT_EXPIRED);
    leave(&e);
}

static void a_certificate_is_der_and_nothing_else(void **state)
{
    const struct fixture *f = *state;
    struct enrolment e;
    struct crypt_card_facts facts;
    struct crypt_card_facts before;
    uint8_t longer[CRYPT_CERT_MAX + 1] = {0};

    enrol(f, &f->key[0], &good, NULL, &e);
    memset(&facts, 0x5a, sizeof(facts));
    memcpy(&before, &facts, sizeof(before));
    memcpy(longer, e.certificate.p, e.certificate.len);
    for (size_t n = 0; n < e.certificate.len; n++) {
        assert_int_equal(crypt_card_read(span_make(longer, n), NULL, 0, &facts), CRYPT_CARD_CERTIFICATE);
    }
    assert_int_equal(crypt_card_read(span_make(longer, e.certificate.len + 1), NULL, 0, &facts),
                     CRYPT_CARD_CERTIFICATE);
    assert_int_equal(crypt_card_read(SPAN_OF(longer), NULL, 0, &facts), CRYPT_CARD_CERTIFICATE);
    assert_memory_equal(&facts, &before, sizeof(facts));
    e.in.certificate = span_make(longer, e.certificate.len + 1);
    expect("a byte after it", &e, CRYPT_CARD_CERTIFICATE);
    leave(&e);
}

static void what_a_certificate_says_is_read(void **state)
{
    const struct fixture *f = *state;
    const struct cardpki_plan plan = {.serial = 0x0102030405};
    const struct cardpki_plan negative = {.negative_serial = true};
    const struct cardpki_plan too_long = {.long_serial = true};
    static const uint8_t serial[CRYPT_NUMBER_BYTES] = {[15] = 1, 2, 3, 4, 5};
    const struct sha256 device = digest_sha256(SPAN_LIT("12345678"));
    struct crypt_card_facts facts;
    struct enrolment e;

    enrol(f, &f->key[1], &plan, &good, &e);
    assert_int_equal(crypt_card_read(e.in.certificate, e.x5c, 2, &facts), CRYPT_CARD_HOLDS);
    assert_memory_equal(facts.serial, serial, sizeof(serial));
    assert_int_equal(facts.not_before_s, 1735689600);
    assert_int_equal(facts.not_after_s, 2051222400);
    assert_true(facts.attested && facts.has_device);
    assert_int_equal(facts.pin, 3);
    assert_int_equal(facts.touch, 2);
    assert_true(sha256_eq(&facts.device, &device));
    assert_int_equal(crypt_card_read(e.in.certificate, e.x5c, 0, &facts), CRYPT_CARD_HOLDS);
    assert_false(facts.attested || facts.has_device);
    leave(&e);
    enrol(f, &f->key[0], &negative, NULL, &e);
    assert_int_equal(crypt_card_read(e.in.certificate, NULL, 0, &facts), CRYPT_CARD_CERTIFICATE);
    leave(&e);
    enrol(f, &f->key[0], &too_long, NULL, &e);
    assert_int_equal(crypt_card_read(e.in.certificate, NULL, 0, &facts), CRYPT_CARD_CERTIFICATE);
    leave(&e);
}

static void expect_words(struct span certificate, const char *subject, uint64_t until_s)
{
    static struct crypt_cert_words words;
    assert_int_equal(crypt_cert_words(certificate, &words), CRYPT_CARD_HOLDS);
    const struct span s = span_make(words.subject.b, words.subject.len);
    const struct span i = span_make(words.issuer.b, words.issuer.len);
    if (!span_is(s, subject) || !span_is(i, "CN=Soft Card Issuing CA")) {
        fail_msg("%.*s by %.*s", (int)s.left, (const char *)s.p, (int)i.left, (const char *)i.p);
    }
    assert_int_equal(words.not_after_s, until_s);
    assert_true(words.not_before_s > 0 && words.not_before_s < until_s);
}

static void a_certificate_is_put_into_words(void **state)
{
    const struct fixture *f = *state;
    static const struct cardpki_list list = {.number = 1};
    static struct crypt_cert_words words;
    struct cardpki_der crl;
    struct crypt_name by;
    struct enrolment e;

    enrol(f, &f->key[0], &good, NULL, &e);
    expect_words(e.in.certificate, "CN=Soft Card", 2051222400);
    assert_int_equal(crypt_cert_words(span_make(e.in.certificate.p, e.in.certificate.left - 1), &words),
                     CRYPT_CARD_CERTIFICATE);
    leave(&e);
    expect_words(span_make(f->pki.ca.p, f->pki.ca.len), "CN=Soft Card Issuing CA", 2366841600);
    assert_true(cardpki_crl(&f->pki, &list, &crl));
    assert_int_equal(crypt_crl_words(span_make(crl.p, crl.len), &by), CRYPT_CARD_HOLDS);
    assert_true(span_is(span_make(by.b, by.len), "CN=Soft Card Issuing CA"));
    assert_int_equal(crypt_crl_words(span_make(crl.p, crl.len - 1), &by), CRYPT_CARD_CRL);
    cardpki_der_release(&crl);
}

/* A name is never cut: one that does not fit is not said at all. */
static void a_name_that_is_too_long_is_not_said(void **state)
{
    const struct fixture *f = *state;
    static struct crypt_cert_words words;
    size_t last = 0;

    for (unsigned n = 0; n < 20; n++) {
        const struct cardpki_plan plan = {.units = n};
        struct enrolment e;
        enrol(f, &f->key[0], &plan, NULL, &e);
        const enum crypt_card said = crypt_cert_words(e.in.certificate, &words);
        leave(&e);
        if (said != CRYPT_CARD_HOLDS) {
            assert_int_equal(said, CRYPT_CARD_CERTIFICATE);
            assert_true(last > CRYPT_NAME_MAX - 64);
            return;
        }
        assert_true(words.subject.len > last && words.subject.len <= CRYPT_NAME_MAX);
        last = words.subject.len;
    }
    fail_msg("no end");
}

static void an_attestation_keeps_every_rule(void **state)
{
    const struct fixture *f = *state;
    static const struct row {
        const char *name;
        struct cardpki_plan plan;
        enum crypt_card want;
    } rows[] = {
        {"slot 9a", {.slot = 0x9a}, CRYPT_CARD_HOLDS},
        {"slot 9d", {.slot = 0x9d}, CRYPT_CARD_HOLDS},
        {"slot 9e", {.slot = 0x9e}, CRYPT_CARD_HOLDS},
        {"slot 82", {.slot = 0x82}, CRYPT_CARD_ATTEST_SLOT},
        {"slot f9", {.slot = 0xf9}, CRYPT_CARD_ATTEST_SLOT},
        {"another subject", {.name = "YubiKey PIV Attestation 9cx"}, CRYPT_CARD_ATTEST_SLOT},
        {"a larger serial", {.device = INT64_MAX}, CRYPT_CARD_HOLDS},
        {"CA:TRUE", {.ca = true}, CRYPT_CARD_ATTEST_CA},
        {"no firmware", {.no_firmware = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"no serial", {.device = -1}, CRYPT_CARD_ATTEST_EXTENSION},
        {"serial no INTEGER", {.serial_no_integer = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"a byte after the serial", {.serial_trailing = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"no policies", {.pin = -1}, CRYPT_CARD_ATTEST_EXTENSION},
        {"one byte of policies", {.policy_short = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"critical policies", {.policy_critical = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"policies twice", {.policy_twice = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"unknown PIN policy", {.pin = 4}, CRYPT_CARD_ATTEST_EXTENSION},
        {"unknown touch policy", {.touch = 4}, CRYPT_CARD_ATTEST_EXTENSION},
        {"form factor of two bytes", {.form_long = true}, CRYPT_CARD_ATTEST_EXTENSION},
        {"unknown critical extension", {.unknown_critical = true}, CRYPT_CARD_ATTEST_CHAIN},
        {"expired", {.not_after = "20260101000000Z"}, CRYPT_CARD_ATTEST_EXPIRED},
        {"not yet", {.not_before = "20260601000000Z"}, CRYPT_CARD_ATTEST_NOT_YET},
        {"by another key", {.other_issuer_key = true}, CRYPT_CARD_ATTEST_CHAIN},
        {"signed with SHA-1", {.sha1 = true}, CRYPT_CARD_ATTEST_CHAIN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct enrolment e;
        enrol(f, &f->key[i % KINDS], &good, &rows[i].plan, &e);
        expect(rows[i].name, &e, rows[i].want);
        leave(&e);
    }
}

static void an_attestation_leads_over_f9_to_a_root(void **state)
{
    const struct fixture *f = *state;
    const struct cardpki_plan no_ca = {.serial = 2};
    const struct cardpki_plan by_other = {.ca = true, .serial = 2, .other_issuer_key = true};
    const struct cardpki_plan old = {.ca = true, .serial = 2, .not_after = "20260101000000Z"};
    const struct {
        const char *name;
        const struct cardpki_plan *plan;
        enum crypt_card want;
    } f9[] = {{"F9 is no CA", &no_ca, CRYPT_CARD_ATTEST_CHAIN},
              {"F9 by another CA", &by_other, CRYPT_CARD_ATTEST_CHAIN},
              {"F9 expired", &old, CRYPT_CARD_ATTEST_EXPIRED}};
    struct enrolment e;

    enrol(f, &f->key[0], &good, &good, &e);
    expect("whole", &e, CRYPT_CARD_HOLDS);
    for (size_t i = 0; i < sizeof(f9) / sizeof(f9[0]); i++) {
        struct cardpki_der der;
        assert_true(cardpki_f9(&f->pki, f9[i].plan, &der));
        e.x5c[1] = der_span(&der);
        expect(f9[i].name, &e, f9[i].want);
        cardpki_der_release(&der);
    }
    e.x5c[1] = der_span(&e.f9);
    e.in.attestation_root_count = 0;
    expect("no root for attestations", &e, CRYPT_CARD_ATTEST_NONE);
    e.in.attestation_root_count = 1;
    e.attestation_roots[0] = der_span(&f->pki.ca);
    expect("another root", &e, CRYPT_CARD_ATTEST_CHAIN);
    e.attestation_roots[0] = der_span(&e.f9);
    expect("F9 itself as a root", &e, CRYPT_CARD_ATTEST_CHAIN);
    e.attestation_roots[0] = der_span(&e.attestation);
    expect("the slot itself as a root", &e, CRYPT_CARD_ATTEST_CHAIN);
    e.attestation_roots[0] = der_span(&f->pki.root);
    e.in.x5c_count = 1;
    expect("alone", &e, CRYPT_CARD_ATTEST_FORM);
    e.in.x5c_count = CRYPT_X5C_MAX + 1;
    expect("five", &e, CRYPT_CARD_ATTEST_FORM);
    e.in.x5c_count = 2;
    e.x5c[0] = span_make(e.attestation.p, e.attestation.len - 1); /* as one applet answers */
    expect("a byte short", &e, CRYPT_CARD_ATTEST_FORM);
    e.x5c[0] = e.in.certificate;
    expect("the card's certificate", &e, CRYPT_CARD_ATTEST_SLOT);
    e.x5c[0] = der_span(&e.attestation);
    e.x5c[1] = span_make(e.f9.p, e.f9.len - 1);
    expect("F9 a byte short", &e, CRYPT_CARD_ATTEST_FORM);
    leave(&e);

    struct cardpki_der of_other;
    enrol(f, &f->key[0], &good, &good, &e);
    assert_true(cardpki_attestation(&f->pki, &f->other, &good, &of_other));
    e.x5c[0] = der_span(&of_other);
    expect("of another key", &e, CRYPT_CARD_ATTEST_KEY);
    cardpki_der_release(&of_other);
    leave(&e);
}

static void a_list_is_read(void **state)
{
    const struct fixture *f = *state;
    static const uint64_t serials[] = {900, 7, 900, 65536};
    static const uint8_t first[CRYPT_NUMBER_BYTES] = {[19] = 7};
    static const uint8_t number[CRYPT_NUMBER_BYTES] = {[18] = 1, 2};
    const struct cardpki_list list = {.number = 258, .serials = serials, .count = 4};
    struct crypt_crl_facts *facts = calloc(1, sizeof(*facts));
    const struct span roots[] = {der_span(&f->pki.other), der_span(&f->pki.ca)};
    struct crypt_card_facts card;
    struct cardpki_der der;
    struct enrolment e;

    assert_non_null(facts);
    assert_true(cardpki_crl(&f->pki, &list, &der));
    assert_int_equal(crypt_crl_read(der_span(&der), facts), CRYPT_CARD_HOLDS);
    assert_int_equal(facts->serial_count, 3);
    assert_memory_equal(facts->serial[0], first, sizeof(first));
    assert_memory_equal(facts->number, number, sizeof(number));
    assert_int_equal(facts->this_update_s, 1767225600);
    assert_int_equal(crypt_crl_check(der_span(&der), roots, 2, NOW), CRYPT_CARD_HOLDS);
    enrol(f, &f->key[0], &good, NULL, &e);
    assert_int_equal(crypt_card_read(e.in.certificate, NULL, 0, &card), CRYPT_CARD_HOLDS);
    assert_true(sha256_eq(&card.authority, &facts->authority));
    leave(&e);
    for (size_t n = 0; n < der.len; n += 3) {
        assert_int_equal(crypt_crl_read(span_make(der.p, n), facts), CRYPT_CARD_CRL);
        assert_int_equal(crypt_crl_check(span_make(der.p, n), roots, 2, NOW), CRYPT_CARD_CRL);
    }
    der.p[der.len - 1] ^= 1;
    assert_int_equal(crypt_crl_check(der_span(&der), roots, 2, NOW), CRYPT_CARD_CRL_SIGNATURE);
    cardpki_der_release(&der);
    free(facts);
}

static void a_list_keeps_every_rule(void **state)
{
    const struct fixture *f = *state;
    static const uint64_t serial[] = {7};
    static const struct row {
        const char *name;
        struct cardpki_list list;
        enum crypt_card read;
        enum crypt_card check;
    } rows[] = {
        {"empty", {.number = 1}, CRYPT_CARD_HOLDS, CRYPT_CARD_HOLDS},
        {"as long as it may be", {.number = 1, .filler = 1024}, CRYPT_CARD_HOLDS, CRYPT_CARD_HOLDS},
        {"longer", {.number = 1, .filler = 1025}, CRYPT_CARD_CRL_LONG, CRYPT_CARD_HOLDS},
        {"no number", {.number = 0}, CRYPT_CARD_CRL_NUMBER, CRYPT_CARD_HOLDS},
        {"of a part", {.number = 1, .critical = true}, CRYPT_CARD_CRL, CRYPT_CARD_HOLDS},
        {"a critical entry",
         {.number = 1, .serials = serial, .count = 1, .entry_critical = true},
         CRYPT_CARD_CRL,
         CRYPT_CARD_HOLDS},
        {"of this second", {.number = 1, .this_update = "20260105080000Z"}, CRYPT_CARD_HOLDS, CRYPT_CARD_HOLDS},
        {"of the next", {.number = 1, .this_update = "20260105080001Z"}, CRYPT_CARD_HOLDS, CRYPT_CARD_CRL_NOT_YET},
        {"by another of that name", {.number = 1, .other_key = true}, CRYPT_CARD_HOLDS, CRYPT_CARD_CRL_SIGNATURE},
        {"signed with SHA-1", {.number = 1, .sha1 = true}, CRYPT_CARD_HOLDS, CRYPT_CARD_CRL_SIGNATURE},
    };
    struct crypt_crl_facts *facts = calloc(1, sizeof(*facts));
    const struct span ca = der_span(&f->pki.ca);
    const struct span root = der_span(&f->pki.root);

    assert_non_null(facts);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cardpki_der der;
        assert_true(cardpki_crl(&f->pki, &rows[i].list, &der));
        const enum crypt_card read = crypt_crl_read(der_span(&der), facts);
        const enum crypt_card check = crypt_crl_check(der_span(&der), &ca, 1, NOW);
        if (read != rows[i].read || check != rows[i].check) {
            fail_msg("%s: %s; %s", rows[i].name, crypt_card_text(read), crypt_card_text(check));
        }
        assert_int_not_equal(crypt_crl_check(der_span(&der), &root, 1, NOW), CRYPT_CARD_HOLDS);
        assert_int_not_equal(crypt_crl_check(der_span(&der), NULL, 0, NOW), CRYPT_CARD_HOLDS);
        cardpki_der_release(&der);
    }
    free(facts);
}

/* Who signs a list may: a card's own certificate, and an authority that had expired, may not. */
static void a_list_is_by_an_authority(void **state)
{
    const struct fixture *f = *state;
    const struct cardpki_list list = {.number = 1};
    const struct cardpki_plan named = {.name = "Soft Card Issuing CA"};
    const struct span ca = der_span(&f->pki.ca);
    const struct span none = SPAN_LIT("no certificate");
    struct cardpki_der der;
    struct cardpki_der leaf;

    assert_true(cardpki_crl(&f->pki, &list, &der));
    assert_true(cardpki_certificate(&f->pki, &f->pki.ca_key, &named, &leaf)); /* the same key and name, no CA */
    const struct span no_ca = der_span(&leaf);
    assert_int_equal(crypt_crl_check(der_span(&der), &no_ca, 1, NOW), CRYPT_CARD_CRL_SIGNATURE);
    assert_int_equal(crypt_crl_check(der_span(&der), &ca, 1, 2500000000), CRYPT_CARD_CRL_SIGNATURE);
    assert_int_equal(crypt_crl_check(der_span(&der), &none, 1, NOW), CRYPT_CARD_ROOT);
    cardpki_der_release(&leaf);
    cardpki_der_release(&der);
}

static void every_answer_has_its_words(void **state)
{
    (void)state;
    for (unsigned i = 0; i < CRYPT_CARD_COUNT; i++) {
        assert_true(strlen(crypt_card_text((enum crypt_card)i)) > 5);
    }
    assert_string_equal(crypt_card_text(CRYPT_CARD_COUNT), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key_is_enrolled_and_signs),
        cmocka_unit_test(no_other_key_is_a_cards),
        cmocka_unit_test(a_certificate_keeps_every_rule),
        cmocka_unit_test(a_certificate_is_for_its_key_and_its_issuer),
        cmocka_unit_test(a_certificate_is_der_and_nothing_else),
        cmocka_unit_test(what_a_certificate_says_is_read),
        cmocka_unit_test(a_certificate_is_put_into_words),
        cmocka_unit_test(a_name_that_is_too_long_is_not_said),
        cmocka_unit_test(an_attestation_keeps_every_rule),
        cmocka_unit_test(an_attestation_leads_over_f9_to_a_root),
        cmocka_unit_test(a_list_is_read),
        cmocka_unit_test(a_list_keeps_every_rule),
        cmocka_unit_test(a_list_is_by_an_authority),
        cmocka_unit_test(every_answer_has_its_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
