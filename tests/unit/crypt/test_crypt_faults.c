/* SPDX-License-Identifier: Apache-2.0 */
/* Each verification with its k-th allocation failing, ours or libcrypto's, until a run passes: a good input is refused
 * or holds, a forged one never holds, nothing is written, nothing leaks. libcrypto does not always say that it was
 * memory, so a refusal may name another reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../note/note_vectors.h"
#include "crypt/crypt_assertion.h"
#include "cardpki/cardpki_cert.h"
#include "crypt/crypt_attest.h"
#include "crypt/crypt_card.h"
#include "crypt/crypt_note.h"
#include "softkey/softkey_author.h"

#include <openssl/crypto.h>

#define RP "approval.example"

void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static unsigned fail_at; /* 0: never */
static unsigned calls;

static bool fails_now(void)
{
    calls++;
    return fail_at != 0 && calls == fail_at;
}

void *__wrap_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t n)
{
    return fails_now() ? NULL : __real_realloc(p, n);
}

static void *crypto_malloc(size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails_now() ? NULL : malloc(n);
}

static void *crypto_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails_now() ? NULL : __real_realloc(p, n);
}

static void crypto_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

/* What one scenario answered. */
enum answer { ANSWER_HOLDS, ANSWER_NO_ROOM, ANSWER_REFUSED };

/* Runs with k = 1, 1 + step, … until no allocation was left to fail. The first run warms libcrypto's caches. */
static void sweep_by(unsigned step, enum answer (*scenario)(void *), void *ctx, enum answer usual)
{
    unsigned said_memory = 0;
    fail_at = 0;
    assert_int_equal(scenario(ctx), usual);
    for (unsigned k = 1; k < 20000; k += step) {
        calls = 0;
        fail_at = k;
        const enum answer a = scenario(ctx);
        const bool failed = calls >= k;
        fail_at = 0;
        if (usual == ANSWER_REFUSED) {
            assert_int_not_equal(a, ANSWER_HOLDS);
        }
        said_memory += a == ANSWER_NO_ROOM ? 1 : 0;
        if (!failed) {
            assert_int_equal(a, usual);
            assert_true(said_memory > 3); /* otherwise nothing was swept */
            return;
        }
    }
    fail_msg("no end");
}

static void sweep(enum answer (*scenario)(void *), void *ctx, enum answer usual)
{
    sweep_by(1, scenario, ctx, usual);
}

struct signed_things {
    const struct softkey_author *author;
    struct softkey_client_data client;
    struct softkey_auth_data data;
    struct softkey_sig sig;
    struct softkey_registration registration;
};

static struct signed_things make(const struct softkey_author *author)
{
    struct signed_things t = {.author = author};
    const struct softkey_frame frame = {.rp_id = RP, .counter = 1, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV};
    assert_true(softkey_client_data("webauthn.get", (const uint8_t *)"challenge", 9, RP, &t.client));
    assert_true(softkey_author_assert(author, &frame, t.client.hash, &t.data, &t.sig));
    assert_true(softkey_author_register(author, &frame, t.client.hash, 3, &t.registration));
    return t;
}

static enum answer assertion(void *ctx)
{
    const struct signed_things *t = ctx;
    const struct crypt_assertion_in in = {
        .rp_id = SPAN_LIT(RP),
        .challenge = SPAN_LIT("challenge"),
        .auth_data = span_make(t->data.bytes, t->data.len),
        .sig = span_make(t->sig.der, t->sig.len),
    };
    AUTO_CRYPT_KEY *key = NULL;

    const struct cs_result r = crypt_key_open(span_make(softkey_author_spki(t->author), SOFTKEY_SPKI_BYTES), &key);
    if (r.code != CS_OK) {
        assert_null(key);
        return r.code == CS_E_NOMEM ? ANSWER_NO_ROOM : ANSWER_REFUSED;
    }
    const enum crypt_assertion a = crypt_assertion_check(key, &in, NULL);
    if (a == CRYPT_ASSERTION_HOLDS) {
        return ANSWER_HOLDS;
    }
    return a == CRYPT_ASSERTION_NO_ROOM ? ANSWER_NO_ROOM : ANSWER_REFUSED;
}

static enum answer attestation(void *ctx)
{
    const struct signed_things *t = ctx;
    const struct softkey_registration *r = &t->registration;
    const struct softkey_cert *root = softkey_author_root(t->author);
    const struct span roots[1] = {span_make(root->der, root->len)};
    const struct span x5c[1] = {span_make(r->attestation.leaf.der, r->attestation.leaf.len)};
    const struct crypt_model model = {
        .aaguid = span_make(softkey_aaguid, SOFTKEY_AAGUID_BYTES), .roots = roots, .root_count = 1};
    const struct crypt_attest_in in = {
        .rp_id = SPAN_LIT(RP),
        .client_data = span_make(t->client.json, t->client.len),
        .auth_data = span_make(r->data.bytes, r->data.len),
        .sig = span_make(r->attestation.sig.der, r->attestation.sig.len),
        .x5c = x5c,
        .x5c_count = 1,
        .time_s = 1700000000,
    };
    struct crypt_registration reg = {.counter = 77};
    const enum crypt_attest a = crypt_attest_check(&in, &model, 1, &reg);
    if (a == CRYPT_ATTEST_HOLDS) {
        return ANSWER_HOLDS;
    }
    assert_int_equal(reg.counter, 77);
    return a == CRYPT_ATTEST_NO_ROOM ? ANSWER_NO_ROOM : ANSWER_REFUSED;
}

static enum answer note(void *ctx)
{
    struct crypt_signer signers[2] = {{.opened = NULL}, {.opened = NULL}};
    struct note n;

    assert_int_equal(note_vkey_decode(SPAN_LIT(V_LOG_VKEY), &signers[0].key).code, CS_OK);
    assert_int_equal(note_vkey_decode(SPAN_LIT(V_WITNESS_VKEY), &signers[1].key).code, CS_OK);
    const struct cs_result r = crypt_note_verify(*(const struct span *)ctx, signers, 2, &n);
    assert_int_equal(signers[0].verified, r.code == CS_OK);
    assert_int_equal(signers[1].verified, r.code == CS_OK);
    crypt_signers_release(signers, 2);
    if (r.code == CS_OK) {
        return ANSWER_HOLDS;
    }
    return r.code == CS_E_NOMEM ? ANSWER_NO_ROOM : ANSWER_REFUSED;
}

static void assertions(void **state)
{
    struct signed_things t = make(*state);
    sweep(assertion, &t, ANSWER_HOLDS);
    t.data.bytes[36] ^= 1;
    sweep(assertion, &t, ANSWER_REFUSED);
}

static void attestations(void **state)
{
    struct signed_things t = make(*state);
    sweep(attestation, &t, ANSWER_HOLDS);
    t.client.json[3] ^= 1;
    sweep(attestation, &t, ANSWER_REFUSED);
}

static void notes(void **state)
{
    static const char forged[] = "x" V_NOTE;
    struct span good = SPAN_LIT(V_NOTE);
    struct span bad = SPAN_LIT(forged);
    (void)state;
    sweep(note, &good, ANSWER_HOLDS);
    sweep(note, &bad, ANSWER_REFUSED);
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

/* A card with everything about it, or with one thing wrong. */
struct card_things {
    struct span roots[2];
    struct crypt_card_in in;
    struct span crl;
};

static enum answer of_card(enum crypt_card c)
{
    if (c == CRYPT_CARD_HOLDS) {
        return ANSWER_HOLDS;
    }
    return c == CRYPT_CARD_NO_ROOM ? ANSWER_NO_ROOM : ANSWER_REFUSED;
}

static enum answer card(void *ctx)
{
    const struct card_things *t = ctx;
    struct crypt_card_facts facts;
    const enum crypt_card read = crypt_card_read(t->in.certificate, t->in.x5c, t->in.x5c_count, &facts);
    return of_card(read == CRYPT_CARD_HOLDS ? crypt_card_check(&t->in) : read);
}

static enum answer list(void *ctx)
{
    static struct crypt_crl_facts facts;
    const struct card_things *t = ctx;
    const enum crypt_card read = crypt_crl_read(t->crl, &facts);
    return of_card(read == CRYPT_CARD_HOLDS ? crypt_crl_check(t->crl, t->in.roots, t->in.root_count, t->in.time_s)
                                            : read);
}

static bool reads(const struct crypt_name *n, const char *text)
{
    return span_is(span_make(n->b, n->len), text);
}

/* A name that is said is said whole. */
static enum answer words(void *ctx)
{
    static struct crypt_cert_words w;
    const struct card_things *t = ctx;
    struct crypt_name by;
    enum crypt_card c = crypt_cert_words(t->in.certificate, &w);
    if (c == CRYPT_CARD_HOLDS && !(reads(&w.subject, "CN=Soft Card") && reads(&w.issuer, "CN=Soft Card Issuing CA"))) {
        fail_msg("cut");
    }
    c = c == CRYPT_CARD_HOLDS ? crypt_crl_words(t->crl, &by) : c;
    if (c == CRYPT_CARD_HOLDS && !reads(&by, "CN=Soft Card Issuing CA")) {
        fail_msg("cut");
    }
    return of_card(c);
}

enum { CARD_STEP = 17 }; /* a chain of RSA certificates allocates 11,000 times */

static void cards(void **state)
{
    (void)state;
    static const uint64_t serials[] = {5, 6};
    const struct cardpki_plan plan = {0};
    const struct cardpki_list revoked = {.number = 1, .serials = serials, .count = 2};
    struct cardpki pki;
    struct cardpki_key key;
    struct cardpki_der certificate;
    struct cardpki_der attestation;
    struct cardpki_der crl;
    struct cardpki_sig sig;

    fail_at = 0;
    assert_true(cardpki_init(&pki) && cardpki_key_init(&key, CARDPKI_P256, "card"));
    assert_true(cardpki_certificate(&pki, &key, &plan, &certificate));
    assert_true(cardpki_attestation(&pki, &key, &plan, &attestation) && cardpki_crl(&pki, &revoked, &crl));
    assert_true(cardpki_sign(&key, "message", 7, &sig));
    const struct span x5c[] = {span_make(attestation.p, attestation.len), span_make(pki.f9.p, pki.f9.len)};
    struct card_things t = {.roots = {span_make(pki.ca.p, pki.ca.len), span_make(pki.root.p, pki.root.len)},
                            .crl = span_make(crl.p, crl.len),
                            .in = {.key = span_make(key.spki, key.spki_len),
                                   .certificate = span_make(certificate.p, certificate.len),
                                   .message = SPAN_LIT("message"),
                                   .sig = span_make(sig.b, sig.len),
                                   .x5c = x5c,
                                   .x5c_count = 2,
                                   .root_count = 1,
                                   .attestation_root_count = 1,
                                   .time_s = 1767600000}};
    t.in.roots = &t.roots[0];
    t.in.attestation_roots = &t.roots[1];
    sweep_by(CARD_STEP, card, &t, ANSWER_HOLDS);
    sweep(list, &t, ANSWER_HOLDS);
    sweep(words, &t, ANSWER_HOLDS);
    t.in.roots = &t.roots[1];
    sweep_by(CARD_STEP, card, &t, ANSWER_REFUSED);
    sweep(list, &t, ANSWER_REFUSED);
    t.in.roots = &t.roots[0];
    t.in.attestation_roots = &t.roots[0];
    sweep_by(CARD_STEP, card, &t, ANSWER_REFUSED);
    cardpki_der_release(&certificate);
    cardpki_der_release(&attestation);
    cardpki_der_release(&crl);
    cardpki_key_release(&key);
    cardpki_release(&pki);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assertions),
        cmocka_unit_test(attestations),
        cmocka_unit_test(notes),
        cmocka_unit_test(cards),
    };
    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1) {
        return 1; /* libcrypto allocated before main */
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
