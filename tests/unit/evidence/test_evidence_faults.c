/* SPDX-License-Identifier: Apache-2.0 */
/* Each format with its k-th allocation failing, ours or expat's or libcrypto's, until a run passes: the same summary,
 * or none; nothing leaks (the sanitizer looks). libcrypto does not always say that it was memory. */
#include "evidence_bed.h"

#include "../crypt/crypt_signer.h"
#include "note/note_dsse.h"

#include <openssl/crypto.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);

static unsigned fail_at; /* 0: never */
static unsigned calls;

static bool fails_now(void)
{
    calls++;
    return fail_at != 0 && calls == fail_at;
}

void *__wrap_malloc(size_t n)
{
    return fails_now() ? NULL : __real_malloc(n);
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
    return fails_now() ? NULL : __real_malloc(n);
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

/* CS_OK and the summary, or the failure. */
static struct cs_result read_once(const struct evidence_options *o, struct span text, struct writer *w)
{
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    struct cs_result r = evidence_begin(o, &e);

    r = r.code == CS_OK ? evidence_feed(e, text) : r;
    r = r.code == CS_OK ? evidence_end(e, &s) : r;
    if (r.code == CS_OK) {
        struct json_out out = json_out_make(w);
        evidence_show(s, &out, NULL);
        r = json_out_end(&out, "summary");
    }
    return r;
}

static void sweep(const char *name, const struct evidence_options *o, struct span text)
{
    static uint8_t good[EVIDENCE_SHOW_MAX];
    static uint8_t again[EVIDENCE_SHOW_MAX];
    struct writer want = wr_fixed(good, sizeof(good));
    unsigned said_memory = 0;

    fail_at = 0;
    assert_int_equal(read_once(o, text, &want).code, CS_OK);
    for (unsigned k = 1; k < 5000; k++) {
        struct writer w = wr_fixed(again, sizeof(again));
        calls = 0;
        fail_at = k;
        const struct cs_result r = read_once(o, text, &w);
        const bool failed = calls >= k;
        fail_at = 0;
        said_memory += r.code == CS_E_NOMEM ? 1U : 0U;
        if (r.code == CS_OK && !span_eq(wr_span(&w), wr_span(&want))) {
            fail_msg("%s: another summary when allocation %u fails", name, k);
        }
        if (!failed) {
            assert_int_equal(r.code, CS_OK);
            assert_true(said_memory > 0);
            return;
        }
    }
    fail_msg("%s: no end", name);
}

static void formats(void **state)
{
    static const struct {
        enum evidence_format format;
        const char *text;
    } rows[] = {
        {EVIDENCE_JUNIT, "<t><testcase classname=\"a\" name=\"b\"><failure/></testcase><testcase/></t>"},
        {EVIDENCE_COBERTURA, "<coverage><class><line hits=\"1\"/></class></coverage>"},
        {EVIDENCE_SARIF, "{\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"rules\":[{\"id\":\"a\"}]}},"
                         "\"results\":[{\"ruleId\":\"a\"}]}]}"},
        {EVIDENCE_CYCLONEDX,
         "{\"bomFormat\":\"CycloneDX\",\"vulnerabilities\":[{\"id\":\"a\",\"affects\":[{\"ref\":\"p\"}]}]}"},
        {EVIDENCE_PLAN, "{\"format_version\":\"1.2\",\"resource_changes\":[]}"},
        {EVIDENCE_CANARY, "{\"v\":1,\"environment\":\"a\",\"readings\":[{\"at\":\"2026-11-26T18:00:00Z\",\"metric\":"
                          "\"m\",\"value\":1}]}"},
        {EVIDENCE_MIGRATION, "{\"v\":1,\"schema\":{\"from\":\"1\",\"to\":\"2\"},\"reversible\":true,\"backup\":{\"id\":"
                             "\"b\",\"taken\":\"2026-11-26T18:00:00Z\",\"bytes\":1}}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct evidence_options o = {.format = rows[i].format};
        sweep(evidence_format_name(rows[i].format), &o, span_str(rows[i].text));
    }
}

static void provenance(void **state)
{
    static const char payload[] = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://slsa.dev/"
                                  "provenance/v1\",\"subject\":[{\"digest\":{"
                                  "\"sha256\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}],"
                                  "\"predicate\":{\"runDetails\":{\"builder\":{"
                                  "\"id\":\"b\"}}}}";
    static const char type[] = "application/vnd.in-toto+json";
    EVP_PKEY *key = signer_ed25519();
    const struct bytes spki = signer_spki(key);
    const struct evidence_options o = {.format = EVIDENCE_PROVENANCE, .key = bytes_span(&spki)};
    AUTO_WRITER pae = wr_heap(4096);
    AUTO_WRITER envelope = wr_heap(8192);

    (void)state;
    assert_int_equal(note_dsse_pae(span_str(type), span_str(payload), &pae).code, CS_OK);
    const struct bytes sig = signer_sign(key, NULL, wr_span(&pae));
    assert_int_equal(
        note_dsse_write(span_str(type), span_str(payload), bytes_span(&spki), bytes_span(&sig), &envelope).code, CS_OK);
    sweep("provenance", &o, wr_span(&envelope));
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(formats), cmocka_unit_test(provenance)};

    if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
