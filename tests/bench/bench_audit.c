/* SPDX-License-Identifier: Apache-2.0 */
/* Judging a whole log with every signature, against nothing but those signatures, verified by libcrypto with the key
 * and its context kept. G4.
 *
 * usage: bench_audit DIRECTORY [DECISIONS]      the directory is not used; 100000 decisions unless said otherwise */
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <unistd.h>

#include "base/base_text.h"
#include "bench.h"
#include "judge/judge_replay.h"
#include "note/note_client_data.h"
#include "note/note_dsse.h"
#include "note/note_sshsig.h"
#include "support/author_log.h"

enum { DECISIONS = 100000, DECISIONS_MAX = 10000000, SLICES = 41, STATE_GIB = 8, CREDENTIALS_MAX = 64 };

/* One signature as libcrypto wants it. */
struct bare {
    struct sha256 digest;
    uint8_t sig[80];
    uint8_t sig_len;
    uint8_t key; /* place in keys */
};

static struct {
    struct author_log *log;
    struct bare *bare;
    size_t bare_count;
    size_t bare_cap;
    size_t *upto; /* signatures in the entries before this one */
    struct span spki[CREDENTIALS_MAX];
    EVP_PKEY *pkey[CREDENTIALS_MAX];
    EVP_PKEY_CTX *ctx[CREDENTIALS_MAX];
    size_t key_count;
} w;

static void must(bool holds, const char *what)
{
    if (!holds) {
        (void)fprintf(stderr, "bench_audit: %s\n", what);
        _exit(1);
    }
}

static void allow(struct verdict v, const char *what)
{
    must(v.allow, v.allow ? "" : what);
}

static double thread_s(void)
{
    struct timespec t;
    must(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0, "clock");
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void one_release(uint64_t n)
{
    char title[64];
    uint64_t id = 0;
    (void)snprintf(title, sizeof(title), "Release %llu", (unsigned long long)n);
    author_log_advance(w.log, 1000); /* a release a second: faster than any company */
    allow(author_log_request(w.log, &(struct author_request){.title = title}, &id), "request");
    const char *tech = n % 2 == 0 ? "tom" : "tina";
    const char *business = n % 2 == 0 ? "bea" : "bill";
    allow(author_log_decide(w.log, tech, id, "production/tech", DECISION_APPROVE, NULL, NULL), "tech");
    allow(author_log_decide(w.log, business, id, "production/business", DECISION_APPROVE, "go", NULL), "business");
    allow(author_log_redeem(w.log, id, false), "redeem");
}

static size_t key_of(struct span spki)
{
    for (size_t i = 0; i < w.key_count; i++) {
        if (span_eq(w.spki[i], spki)) {
            return i;
        }
    }
    must(w.key_count < CREDENTIALS_MAX, "keys");
    const unsigned char *der = spki.p;
    const size_t at = w.key_count++;
    w.spki[at] = spki;
    w.pkey[at] = d2i_PUBKEY(NULL, &der, (long)spki.left);
    w.ctx[at] = EVP_PKEY_CTX_new(w.pkey[at], NULL);
    must(w.ctx[at] != NULL && EVP_PKEY_verify_init(w.ctx[at]) == 1, "key");
    return at;
}

static void keep(struct span spki, const struct sha256 *digest, struct span sig)
{
    if (w.bare_count == w.bare_cap) {
        w.bare_cap = w.bare_cap == 0 ? 1024 : w.bare_cap * 2;
        w.bare = realloc(w.bare, w.bare_cap * sizeof(*w.bare));
        must(w.bare != NULL, "memory");
    }
    struct bare *b = &w.bare[w.bare_count++];
    must(sig.left <= sizeof(b->sig), "signature");
    b->digest = *digest;
    memcpy(b->sig, sig.p, sig.left);
    b->sig_len = (uint8_t)sig.left;
    b->key = (uint8_t)key_of(spki);
}

/* What the key signed: authenticatorData || SHA-256(clientDataJSON). */
static void keep_decision(const struct state *s, const struct entry_body *body)
{
    const struct note_tosign tosign = note_sshsig_tosign(body->decision.statement);
    const struct state_credential *k = state_credential_find(s, &body->statement.credential_sha256);
    AUTO_WRITER w_client = wr_heap(NOTE_CLIENT_DATA_MAX);
    must(note_client_data_write(&w_client, NOTE_WEBAUTHN_GET, SPAN_OF(tosign.b), s->rp_id).code == CS_OK,
         "client data");
    const struct sha256 client = digest_sha256(wr_span(&w_client));
    const struct span parts[] = {body->decision.auth_data, sha256_span(&client)};
    const struct sha256 digest = digest_sha256_parts(parts, 2);
    keep(k->key, &digest, body->decision.sig);
}

/* The outcome's signature is one of the log's too; its bytes are found again by the text of the envelope. */
static void keep_redeem(const struct state *s, const struct entry_body *body)
{
    AUTO_WRITER payload = wr_heap(65536);
    AUTO_WRITER sig = wr_heap(128);
    AUTO_WRITER pae = wr_heap(65536);
    struct span envelope = body->redeem.envelope;
    const struct span start = SPAN_LIT("{\"payload\":\"");
    const uint8_t *end = memchr(envelope.p + start.left, '"', envelope.left - start.left);
    must(end != NULL, "envelope");
    const struct span p64 = span_make(envelope.p + start.left, (size_t)(end - envelope.p) - start.left);
    must(text_base64_decode(p64, &payload, "payload").code == CS_OK, "payload");
    const uint8_t *at = memmem(envelope.p, envelope.left, "\"sig\":\"", 7);
    must(at != NULL, "sig");
    const struct span tail = span_from(envelope, (size_t)(at - envelope.p) + 7);
    const uint8_t *quote = memchr(tail.p, '"', tail.left);
    must(quote != NULL, "sig");
    must(text_base64_decode(span_make(tail.p, (size_t)(quote - tail.p)), &sig, "sig").code == CS_OK, "sig");
    must(note_dsse_pae(SPAN_LIT(JUDGE_OUTCOME_TYPE), wr_span(&payload), &pae).code == CS_OK, "pae");
    const struct sha256 digest = digest_sha256(wr_span(&pae));
    keep(s->outcome_key, &digest, wr_span(&sig));
}

static void keep_genesis(const struct state *s, const struct entry_body *body)
{
    for (size_t i = 0; i < body->genesis.signature_count; i++) {
        const struct genesis_signature *g = &body->genesis.signatures[i];
        const struct note_tosign tosign = note_sshsig_tosign(body->genesis.statement);
        const struct state_credential *k = state_credential_find(s, &g->credential_sha256);
        AUTO_WRITER w_client = wr_heap(NOTE_CLIENT_DATA_MAX);
        must(note_client_data_write(&w_client, NOTE_WEBAUTHN_GET, SPAN_OF(tosign.b), s->rp_id).code == CS_OK, "client");
        const struct sha256 client = digest_sha256(wr_span(&w_client));
        const struct span parts[] = {g->auth_data, sha256_span(&client)};
        const struct sha256 digest = digest_sha256_parts(parts, 2);
        keep(k->key, &digest, g->sig);
    }
}

static void keep_signatures(const struct state *s, const struct entry_body *body)
{
    if (body->type == ENTRY_DECISION) {
        keep_decision(s, body);
    }
    if (body->type == ENTRY_REDEEM) {
        keep_redeem(s, body);
    }
    if (body->type == ENTRY_GENESIS) {
        keep_genesis(s, body);
    }
}

static void collect(void)
{
    const struct state *s = &author_log_judge(w.log)->state;
    const uint64_t size = author_log_size(w.log);
    static struct entry_body body;
    struct arena a;

    w.upto = calloc(size + 1, sizeof(*w.upto));
    must(w.upto != NULL, "memory");
    arena_init(&a, (size_t)16 << 20);
    for (uint64_t i = 0; i < size; i++) {
        struct entry e;
        arena_reset(&a);
        must(model_entry_decode(author_log_leaf(w.log, i), &a, &e).code == CS_OK, "entry");
        must(model_body_decode(&e, &a, &body).code == CS_OK, "body");
        w.upto[i] = w.bare_count;
        keep_signatures(s, &body);
    }
    w.upto[size] = w.bare_count;
    arena_release(&a);
}

/* CPU seconds for the signatures of entries [from, to). */
static double bare_s(uint64_t from, uint64_t to)
{
    const double start = thread_s();
    for (size_t i = w.upto[from]; i < w.upto[to]; i++) {
        const struct bare *b = &w.bare[i];
        must(EVP_PKEY_verify(w.ctx[b->key], b->sig, b->sig_len, b->digest.b, SHA256_BYTES) == 1, "bare signature");
    }
    return thread_s() - start;
}

/* The same with a digest context initialised for each message, as most programs do. */
static double digest_s(uint64_t from, uint64_t to)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    const double start = thread_s();
    for (size_t i = w.upto[from]; i < w.upto[to]; i++) {
        const struct bare *b = &w.bare[i];
        must(EVP_MD_CTX_reset(md) == 1 && EVP_DigestVerifyInit(md, NULL, EVP_sha256(), NULL, w.pkey[b->key]) == 1,
             "digest");
        /* the message is another one: the cost is the same, the answer is no */
        must(EVP_DigestVerify(md, b->sig, b->sig_len, b->digest.b, SHA256_BYTES) != 1, "digest signature");
    }
    const double took = thread_s() - start;
    EVP_MD_CTX_free(md);
    return took;
}

static double audit_s(struct judge *j, uint64_t from, uint64_t to)
{
    const double start = thread_s();
    for (uint64_t i = from; i < to; i++) {
        allow(judge_entry(j, author_log_leaf(w.log, i), NULL), "audit");
    }
    return thread_s() - start;
}

static bool measure(void)
{
    static const struct bench_goal goal = {
        .id = "G4",
        .what = "whole-log audit rate / bare signatures of that log, one thread",
        .kind = BENCH_AT_LEAST,
        .bound = 0.90,
        .limit = "four entries for three signatures: each hashed, parsed strictly, judged by the policy, folded",
    };
    const uint64_t size = author_log_size(w.log);
    const uint64_t warm = 14; /* genesis with its attestations is not what grows */
    double ratio[SLICES];
    double against_digest[SLICES];
    double entry_us[SLICES];
    double signature_us[SLICES];
    struct judge j;

    must(judge_init(&j, JUDGE_PROVE, (size_t)STATE_GIB << 30).code == CS_OK, "judge");
    (void)audit_s(&j, 0, warm);
    uint64_t from = warm;
    for (size_t i = 0; i < SLICES; i++) {
        const uint64_t to = warm + (size - warm) * (i + 1) / SLICES;
        const bool odd = i % 2 == 1;
        const double before = odd ? bare_s(from, to) : 0;
        const double audit = audit_s(&j, from, to);
        const double bare = odd ? before : bare_s(from, to);
        const double signatures = (double)(w.upto[to] - w.upto[from]);
        ratio[i] = bare / audit;
        against_digest[i] = digest_s(from, to) / audit;
        entry_us[i] = (audit - bare) * 1e6 / (double)(to - from);
        signature_us[i] = bare * 1e6 / signatures;
        from = to;
    }
    judge_release(&j);
    const bool met = bench_report(&goal, ratio, SLICES);
    bench_note("the same against EVP_DigestVerify, initialised for each message", "x", against_digest, SLICES);
    bench_note("one bare signature", "us", signature_us, SLICES);
    bench_note("all else of one entry", "us", entry_us, SLICES);
    return met;
}

/* The same entries again without signatures: what a follower, or a start, does. */
static void fold(void)
{
    const uint64_t size = author_log_size(w.log);
    struct judge j;
    double us = 0;

    must(judge_init(&j, JUDGE_FOLD, (size_t)STATE_GIB << 30).code == CS_OK, "judge");
    us = audit_s(&j, 0, size) * 1e6 / (double)size;
    judge_release(&j);
    bench_note("fold of one entry without signatures", "us", &us, 1);
}

int main(int argc, char **argv)
{
    uint64_t decisions = DECISIONS;

    if (argc > 2) {
        must(text_dec_decode(span_str(argv[2]), &decisions, "decisions").code == CS_OK &&
                 decisions >= (uint64_t)2 * SLICES && decisions <= DECISIONS_MAX,
             "usage: bench_audit DIRECTORY [DECISIONS]");
    }
    w.log = author_log_new(JUDGE_FOLD, (size_t)STATE_GIB << 30);
    must(w.log != NULL, "memory");
    author_log_standard(w.log);
    for (uint64_t i = 0; i < decisions / 2; i++) {
        one_release(i);
    }
    collect();
    (void)printf("%llu entries, %zu signatures\n", (unsigned long long)author_log_size(w.log), w.bare_count);
    const bool met = measure();
    fold();
    for (size_t i = 0; i < w.key_count; i++) {
        EVP_PKEY_CTX_free(w.ctx[i]);
        EVP_PKEY_free(w.pkey[i]);
    }
    free(w.bare);
    free(w.upto);
    author_log_free(w.log);
    return met ? 0 : 1;
}
