/* SPDX-License-Identifier: Apache-2.0 */
/* The pure core: verification, tree, JSON; each against the bare operation under it, in turns. Goals G1, G2, G5, G15,
 * G16. */
#include "bench.h"
#include "bench_jansson.h"

#include "crypt/crypt_assertion.h"
#include "json/json_tree.h"
#include "merkle/merkle_nodes.h"
#include "note/note_client_data.h"
#include "softkey/softkey_author.h"

#include <fido.h>
#include <fido/es256.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { ROUNDS = 15, SLICE_VERIFY = 120, SLICE_RSA = 400, LEAVES = 1 << 16, SLICE_JSON = 2000 };

#define RP "approval.example"

static void must(bool ok, const char *what)
{
    if (!ok) {
        (void)fprintf(stderr, "bench: %s\n", what);
        abort();
    }
}

/* CPU seconds of n runs of the action. */
static double timed(void (*act)(void *), void *ctx, unsigned n)
{
    const double start = bench_cpu_s();
    for (unsigned i = 0; i < n; i++) {
        act(ctx);
    }
    return bench_cpu_s() - start;
}

static void compare(void (*a)(void *), void (*b)(void *), void *ctx, unsigned n, double *ret_ratios)
{
    (void)timed(a, ctx, n / 4);
    (void)timed(b, ctx, n / 4);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const bool a_first = i % 2 == 0; /* the machine drifts: neither always goes first */
        const double first = timed(a_first ? a : b, ctx, n);
        const double second = timed(a_first ? b : a, ctx, n);
        ret_ratios[i] = a_first ? first / second : second / first;
    }
}

/* One assertion, checked three ways. */
struct assertion {
    struct crypt_key *key;
    EVP_PKEY_CTX *bare;
    es256_pk_t *fido_key;
    uint8_t cbor_auth_data[64];
    size_t cbor_len;
    uint8_t client_hash[32];
    struct softkey_auth_data data;
    struct softkey_sig sig;
    struct sha256 digest;
    struct crypt_assertion_in in;
};

static void assertion_ours(void *ctx)
{
    struct assertion *a = ctx;
    must(crypt_assertion_check(a->key, &a->in, NULL) == CRYPT_ASSERTION_HOLDS, "assertion");
}

static void assertion_bare(void *ctx)
{
    struct assertion *a = ctx;
    must(EVP_PKEY_verify(a->bare, a->sig.der, a->sig.len, a->digest.b, SHA256_BYTES) == 1, "bare");
}

static void assertion_fido(void *ctx)
{
    struct assertion *a = ctx;
    fido_assert_t *f = fido_assert_new();
    must(f != NULL && fido_assert_set_clientdata_hash(f, a->client_hash, 32) == FIDO_OK &&
             fido_assert_set_rp(f, RP) == FIDO_OK && fido_assert_set_count(f, 1) == FIDO_OK &&
             fido_assert_set_authdata(f, 0, a->cbor_auth_data, a->cbor_len) == FIDO_OK &&
             fido_assert_set_up(f, FIDO_OPT_TRUE) == FIDO_OK && fido_assert_set_uv(f, FIDO_OPT_TRUE) == FIDO_OK &&
             fido_assert_set_sig(f, 0, a->sig.der, a->sig.len) == FIDO_OK &&
             fido_assert_verify(f, 0, COSE_ES256, a->fido_key) == FIDO_OK,
         "libfido2");
    fido_assert_free(&f);
}

static EVP_PKEY_CTX *bare_context(struct span spki, bool rsa)
{
    const uint8_t *p = spki.p;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &p, (long)spki.left);
    EVP_PKEY_CTX *ctx = pkey != NULL ? EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL) : NULL;
    must(ctx != NULL && EVP_PKEY_verify_init(ctx) == 1, "context");
    if (rsa) {
        must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha512()) == 1,
             "padding");
    }
    EVP_PKEY_free(pkey); /* the context keeps its own reference */
    return ctx;
}

static void set_assertion(struct assertion *a, const struct softkey_author *author, struct span challenge)
{
    const struct softkey_frame frame = {.rp_id = RP, .counter = 7, .flags = SOFTKEY_FLAG_UP | SOFTKEY_FLAG_UV};
    const struct span spki = span_make(softkey_author_spki(author), SOFTKEY_SPKI_BYTES);
    struct softkey_client_data client;

    must(softkey_client_data("webauthn.get", challenge.p, challenge.left, RP, &client) &&
             softkey_author_assert(author, &frame, client.hash, &a->data, &a->sig),
         "soft key");
    const struct span parts[2] = {span_make(a->data.bytes, a->data.len), span_make(client.hash, 32)};
    a->digest = digest_sha256_parts(parts, 2);
    a->in = (struct crypt_assertion_in){
        .rp_id = SPAN_LIT(RP), .challenge = challenge, .auth_data = parts[0], .sig = span_make(a->sig.der, a->sig.len)};
    memcpy(a->client_hash, client.hash, 32);
    a->cbor_auth_data[0] = 0x58; /* a byte string of one length byte */
    a->cbor_auth_data[1] = (uint8_t)a->data.len;
    memcpy(a->cbor_auth_data + 2, a->data.bytes, a->data.len);
    a->cbor_len = 2 + a->data.len;
    must(crypt_key_open(spki, &a->key).code == CS_OK, "key");
    a->bare = bare_context(spki, false);
    a->fido_key = es256_pk_new();
    must(a->fido_key != NULL && es256_pk_from_ptr(a->fido_key, softkey_author_point(author) + 1, 64) == FIDO_OK,
         "fido key");
}

static bool bench_assertion(void)
{
    static const struct bench_goal rate = {"G1", "bare P-256 verify / whole assertion check, CPU", BENCH_AT_LEAST, 0.95,
                                           "the signature itself"};
    static const struct bench_goal fido = {"G5", "libfido2 fido_assert_verify / whole assertion check, CPU",
                                           BENCH_AT_LEAST, 1.5, "it imports the key each time"};
    uint8_t challenge[103] = {1};
    struct softkey_author *author = softkey_author_new("bench");
    struct assertion a;
    double ratios[ROUNDS];
    must(author != NULL, "author");
    set_assertion(&a, author, SPAN_OF(challenge));
    compare(assertion_bare, assertion_ours, &a, SLICE_VERIFY, ratios);
    bool met = bench_report(&rate, ratios, ROUNDS);
    fido_init(0);
    compare(assertion_fido, assertion_ours, &a, SLICE_VERIFY, ratios);
    met = bench_report(&fido, ratios, ROUNDS) && met;
    crypt_key_free(a.key);
    EVP_PKEY_CTX_free(a.bare);
    es256_pk_free(&a.fido_key);
    softkey_author_free(author);
    return met;
}

/* A signature by another kind of key. */
struct plain {
    struct crypt_key *key;
    EVP_PKEY *pkey;
    EVP_PKEY_CTX *bare;
    EVP_MD_CTX *md;
    enum crypt_alg alg;
    uint8_t msg[140];
    uint8_t sig[512];
    size_t sig_len;
};

static void plain_ours(void *ctx)
{
    struct plain *p = ctx;
    must(crypt_verify(p->key, p->alg, SPAN_OF(p->msg), span_make(p->sig, p->sig_len)).code == CS_OK, "plain");
}

static void plain_rsa_bare(void *ctx)
{
    struct plain *p = ctx;
    uint8_t digest[SHA512_BYTES];
    digest_sha512(SPAN_OF(p->msg), digest);
    must(EVP_PKEY_verify(p->bare, p->sig, p->sig_len, digest, sizeof(digest)) == 1, "rsa");
}

static void plain_ed_bare(void *ctx)
{
    struct plain *p = ctx;
    must(EVP_DigestVerify(p->md, p->sig, p->sig_len, p->msg, sizeof(p->msg)) == 1, "ed25519");
}

static void set_plain(struct plain *p, EVP_PKEY *pkey, enum crypt_alg alg)
{
    uint8_t spki[600];
    uint8_t *at = spki;
    const bool rsa = alg == CRYPT_RS512;
    *p = (struct plain){.pkey = pkey, .alg = alg, .sig_len = sizeof(p->sig), .md = EVP_MD_CTX_new()};
    const int n = i2d_PUBKEY(pkey, &at);
    must(n > 0 && p->md != NULL && EVP_DigestSignInit(p->md, NULL, rsa ? EVP_sha512() : NULL, NULL, pkey) == 1 &&
             EVP_DigestSign(p->md, p->sig, &p->sig_len, p->msg, sizeof(p->msg)) == 1,
         "sign");
    must(crypt_key_open(span_make(spki, (size_t)n), &p->key).code == CS_OK, "open");
    must(EVP_MD_CTX_reset(p->md) == 1 && EVP_DigestVerifyInit(p->md, NULL, rsa ? EVP_sha512() : NULL, NULL, pkey) == 1,
         "md");
    p->bare = rsa ? bare_context(span_make(spki, (size_t)n), true) : NULL;
}

static void release_plain(struct plain *p)
{
    crypt_key_free(p->key);
    EVP_PKEY_CTX_free(p->bare);
    EVP_MD_CTX_free(p->md);
    EVP_PKEY_free(p->pkey);
}

static bool bench_plain(void)
{
    static const struct bench_goal rsa = {"G2", "bare RSA-2048 verify / ours, CPU", BENCH_AT_LEAST, 0.93,
                                          "the signature itself"};
    static const struct bench_goal ed = {"G2", "bare Ed25519 verify / ours, CPU", BENCH_AT_LEAST, 0.93,
                                         "the signature itself"};
    struct plain p;
    double ratios[ROUNDS];

    set_plain(&p, EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), CRYPT_RS512);
    compare(plain_rsa_bare, plain_ours, &p, SLICE_RSA, ratios);
    bool met = bench_report(&rsa, ratios, ROUNDS);
    release_plain(&p);
    set_plain(&p, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), CRYPT_ED25519);
    compare(plain_ed_bare, plain_ours, &p, SLICE_VERIFY, ratios);
    met = bench_report(&ed, ratios, ROUNDS) && met;
    release_plain(&p);
    return met;
}

static void tree_build(void *ctx)
{
    struct merkle_nodes *n = ctx;
    const struct sha256 leaf = {{1}};
    n->size = 0; /* into memory that is there already: the first touch of a page is the kernel's cost */
    for (unsigned i = 0; i < LEAVES; i++) {
        must(merkle_nodes_append(n, &leaf).code == CS_OK, "append");
    }
}

static void tree_hashes(void *ctx)
{
    uint8_t block[65] = {1};
    (void)ctx;
    for (unsigned i = 0; i < LEAVES; i++) {
        const struct sha256 d = digest_sha256(SPAN_OF(block));
        block[1] = d.b[0];
    }
}

static bool bench_tree(void)
{
    static const struct bench_goal build = {"G15", "tree rebuild per leaf / one SHA-256 of 65 bytes, CPU",
                                            BENCH_AT_MOST, 1.2, "one hash a leaf"};
    static const struct bench_goal proof = {"G15", "one inclusion proof, us of CPU", BENCH_AT_MOST, 1.0, "memory"};
    struct merkle_nodes n = {.size = 0};
    struct merkle_proof p;
    double v[ROUNDS];

    merkle_nodes_init(&n, LEAVES);
    tree_build(&n);
    compare(tree_build, tree_hashes, &n, 1, v);
    bool met = bench_report(&build, v, ROUNDS);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const double start = bench_cpu_s();
        for (uint64_t k = 0; k < LEAVES; k++) {
            must(merkle_nodes_inclusion(&n, k * 40503U % LEAVES, LEAVES, &p).code == CS_OK, "proof");
        }
        v[i] = (bench_cpu_s() - start) / LEAVES * 1e6;
    }
    met = bench_report(&proof, v, ROUNDS) && met;
    merkle_nodes_release(&n);
    return met;
}

/* A request as a pipeline sends it, about 1.9 KB. */
struct document {
    char text[4096];
    size_t len;
    struct arena arena; /* kept from message to message, as the daemons do */
};

static void json_ours(void *ctx)
{
    struct document *d = ctx;
    static uint8_t buf[8192];
    struct writer w = wr_fixed(buf, sizeof(buf));
    struct json_out o = json_out_make(&w);
    const struct json_value *top = NULL;

    must(json_tree_parse(span_make(d->text, d->len), &d->arena, &top).code == CS_OK, "parse");
    json_tree_write(top, &o, NULL);
    must(json_out_end(&o, "json").code == CS_OK, "write");
    arena_reset(&d->arena);
}

static void json_jansson(void *ctx)
{
    const struct document *d = ctx;
    must(bench_jansson(d->text, d->len), "jansson");
}

static void json_canonical(void *ctx)
{
    const struct document *d = ctx;
    must(json_check(span_make(d->text, d->len), "json").code == CS_OK, "check");
}

static void set_document(struct document *d)
{
    static const char item[] = "{\"name\":\"registry.example/team/service-a:2024.11\",\"sha256\":"
                               "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\",\"size\":123456}";
    d->len = (size_t)snprintf(d->text, sizeof(d->text), "{\"artifacts\":[");
    for (unsigned i = 0; i < 10; i++) {
        d->len += (size_t)snprintf(d->text + d->len, sizeof(d->text) - d->len, "%s%s", i > 0 ? "," : "", item);
    }
    d->len +=
        (size_t)snprintf(d->text + d->len, sizeof(d->text) - d->len,
                         "],\"environment\":\"production\",\"reason\":\"Fix \\\"login\\\" for \xc3\xa9l\xc3\xa8ves\\n"
                         "see the ticket\",\"rollback\":true,\"service\":\"shop\",\"tests\":{\"failed\":0,"
                         "\"passed\":1234,\"skipped\":null}}");
}

static bool bench_json(void)
{
    static const struct bench_goal goal = {"G16", "parse + canonical text / jansson parse + sorted dump, CPU",
                                           BENCH_AT_MOST, 0.15, "copying text"};
    struct document d;
    double ratios[ROUNDS];

    set_document(&d);
    arena_init(&d.arena, 1U << 20);
    compare(json_ours, json_jansson, &d, SLICE_JSON, ratios);
    const bool met = bench_report(&goal, ratios, ROUNDS);
    for (unsigned i = 0; i < ROUNDS; i++) {
        ratios[i] = timed(json_canonical, &d, SLICE_JSON) / SLICE_JSON * 1e6;
    }
    bench_note("checking that a request's text is canonical", "us of CPU", ratios, ROUNDS);
    arena_release(&d.arena);
    return met;
}

int main(void)
{
    bool met = bench_assertion();
    met = bench_plain() && met;
    met = bench_tree() && met;
    met = bench_json() && met;
    return met ? 0 : 1;
}
