/* SPDX-License-Identifier: Apache-2.0 */
/* SLSA provenance: only what the pinned key has signed is read, and it must say what it is about. */
#include "evidence_bed.h"

#include "../crypt/crypt_signer.h"
#include "note/note_dsse.h"

#define TYPE "application/vnd.in-toto+json"
#define A64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define SUBJECTS                                                                                                       \
    "\"subject\":[{\"name\":\"b\",\"digest\":{\"sha512\":\"x\",\"sha256\":\"" B64                                      \
    "\"}},{\"digest\":{\"sha256\":\"" A64 "\"}}]"
#define V1(subjects, run)                                                                                              \
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://slsa.dev/provenance/v1\"," subjects    \
    ",\"predicate\":{\"buildDefinition\":{\"buildType\":\"t\",\"externalParameters\":{\"deep\":[1.5,{\"x\":null}]},"   \
    "\"resolvedDependencies\":[{\"uri\":\"pkg:deb/x\",\"digest\":{\"sha256\":\"y\"}},{\"uri\":\"git+https://g/"        \
    "r\",\"digest\":{\"gitCommit\":\"c0ffee\"}}]},"                                                                    \
    "\"runDetails\":{" run "\"metadata\":{\"finishedOn\":\"2026-11-26T18:00:00Z\"}}}}"
#define BUILDER "\"builder\":{\"id\":\"https://b\"},"

/* One envelope over payload, by key. */
static void make_envelope(EVP_PKEY *key, const EVP_MD *md, const char *type, const char *payload, struct writer *w)
{
    AUTO_WRITER pae = wr_heap(1 << 20);
    const struct bytes spki = signer_spki(key);

    assert_int_equal(note_dsse_pae(span_str(type), span_str(payload), &pae).code, CS_OK);
    const struct bytes sig = signer_sign(key, md, wr_span(&pae));
    assert_int_equal(note_dsse_write(span_str(type), span_str(payload), bytes_span(&spki), bytes_span(&sig), w).code,
                     CS_OK);
}

static void read_by(EVP_PKEY *pinned, struct span envelope, size_t piece, struct bed_answer *ret_answer)
{
    const struct bytes spki = signer_spki(pinned);
    const struct evidence_options o = {.format = EVIDENCE_PROVENANCE, .key = bytes_span(&spki)};

    bed_read(&o, envelope, piece, ret_answer);
}

static const struct row {
    const char *name;
    const char *type;
    const char *payload;
    enum cs_code code;
    const char *want; /* a part of the summary, or what the error names */
} rows[] = {
    {"version 1", TYPE, V1(SUBJECTS, BUILDER), CS_OK,
     "{\"artifacts\":[\"" A64 "\",\"" B64
     "\"],\"format\":\"provenance\",\"numbers\":{},\"produced\":\"2026-11-26T18:00:00.000Z\",\"texts\":{"
     "\"build_type\":\"t\",\"builder\":\"https://b\",\"key_sha256\":\""},
    {"its source", TYPE, V1(SUBJECTS, BUILDER), CS_OK,
     "\",\"predicate_type\":\"https://slsa.dev/provenance/v1\",\"source\":\"git+https://g/"
     "r\",\"source_commit\":\"c0ffee\"},\"total\":0}"},
    {"version 0.2, the predicate first", TYPE,
     "{\"predicate\":{\"builder\":{\"id\":\"https://"
     "o\"},\"materials\":[{\"digest\":{\"sha1\":\"5eed\"},\"uri\":\"git+https://m\"},{\"uri\":\"z\",\"digest\":"
     "{\"sha1\":\"1\"}}],\"metadata\":{\"buildFinishedOn\":\"2026-11-26T18:00:01Z\"}},\"predicateType\":\"https://"
     "slsa.dev/provenance/v0.2\"," SUBJECTS ",\"_type\":\"https://in-toto.io/Statement/v0.1\"}",
     CS_OK, "\"source\":\"git+https://m\",\"source_commit\":\"5eed\""},
    {"another payload", "application/json", V1(SUBJECTS, BUILDER), CS_E_UNKNOWN, "provenance.payload_type"},
    {"no builder", TYPE, V1(SUBJECTS, ""), CS_E_MISSING, "provenance.builder"},
    {"a builder of the other version", TYPE,
     "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://slsa.dev/provenance/v1\"," SUBJECTS
     ",\"predicate\":{\"builder\":{\"id\":\"https://o\"}}}",
     CS_E_MISSING, "provenance.builder"},
    {"two builders", TYPE,
     "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://slsa.dev/provenance/v1\"," SUBJECTS
     ",\"predicate\":{\"builder\":{\"id\":\"https://o\"},\"runDetails\":{\"builder\":{\"id\":\"https://p\"}}}}",
     CS_E_MISSING, "provenance.builder"},
    {"no subject", TYPE, V1("\"subject\":[]", BUILDER), CS_E_MISSING, "provenance"},
    {"a subject without SHA-256", TYPE, V1("\"subject\":[{\"digest\":{\"sha1\":\"00\"}}]", BUILDER), CS_E_MISSING,
     "provenance.subject"},
    {"a subject without digest after one with", TYPE,
     V1("\"subject\":[{\"digest\":{\"sha256\":\"" A64 "\"}},{\"name\":\"x\"}]", BUILDER), CS_E_MISSING,
     "provenance.subject"},
    {"a digest that is none", TYPE, V1("\"subject\":[{\"digest\":{\"sha256\":\"AA\"}}]", BUILDER), CS_E_SYNTAX,
     "provenance.subject"},
    {"another statement", TYPE, "{\"_type\":\"https://in-toto.io/Link/v1\"}", CS_E_UNKNOWN, "provenance.type"},
    {"another predicate", TYPE,
     "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicateType\":\"https://slsa.dev/verification_summary/v1\"}",
     CS_E_UNKNOWN, "provenance.predicate_type"},
    {"no type", TYPE, "{\"predicateType\":\"https://slsa.dev/provenance/v1\"," SUBJECTS "}", CS_E_MISSING,
     "provenance"},
    {"the subjects twice", TYPE, "{" SUBJECTS "," SUBJECTS "}", CS_E_DUPLICATE, "provenance"},
    {"a cut payload", TYPE, "{", CS_E_SHORT, "provenance"},
    {"an empty payload", TYPE, "", CS_E_SHORT, "provenance"},
};

static void statements(void **state)
{
    static struct bed_answer a;
    EVP_PKEY *keys[2] = {signer_ec("P-256"), signer_ed25519()};
    const EVP_MD *mds[2] = {EVP_sha256(), NULL};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (size_t k = 0; k < 2; k++) {
            AUTO_WRITER w = wr_heap(1 << 20);
            make_envelope(keys[k], mds[k], rows[i].type, rows[i].payload, &w);
            read_by(keys[k], wr_span(&w), k == 0 ? SIZE_MAX : 5, &a);
            if (a.r.code != rows[i].code || strstr(a.r.code == CS_OK ? a.json : a.r.msg, rows[i].want) == NULL) {
                fail_msg("%s: %s %s %s", rows[i].name, a.r.msg, cs_code_name(a.r.code), a.json);
            }
        }
    }
    EVP_PKEY_free(keys[0]);
    EVP_PKEY_free(keys[1]);
}

/* Each byte of the envelope changed: never is anything said that the key has not signed. */
static void forged(void **state)
{
    static struct bed_answer good;
    static struct bed_answer a;
    EVP_PKEY *key = signer_ec("P-256");
    EVP_PKEY *other = signer_ec("P-256");
    AUTO_WRITER w = wr_heap(1 << 20);

    (void)state;
    make_envelope(key, EVP_sha256(), TYPE, V1(SUBJECTS, BUILDER), &w);
    read_by(key, wr_span(&w), SIZE_MAX, &good);
    assert_int_equal(good.r.code, CS_OK);
    read_by(other, wr_span(&w), SIZE_MAX, &a);
    assert_int_equal(a.r.code, CS_E_BADSIG);
    for (size_t i = 0; i < w.len; i += 3) {
        w.p[i] ^= 1;
        read_by(key, wr_span(&w), SIZE_MAX, &a);
        if (a.r.code == CS_OK) { /* such as in the key id, which nobody looks at */
            assert_string_equal(a.json, good.json);
        }
        w.p[i] ^= 1;
    }
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

/* Which keys can be pinned; without one nothing is read at all. */
static void keys(void **state)
{
    EVP_PKEY *kinds[] = {signer_ec("P-256"), signer_ed25519(), signer_ec("P-384"), signer_rsa(2048)};
    struct evidence_options o = {.format = EVIDENCE_PROVENANCE};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const struct bytes spki = signer_spki(kinds[i]);
        AUTO_EVIDENCE *e = NULL;
        o.key = bytes_span(&spki);
        assert_int_equal(evidence_begin(&o, &e).code, i < 2 ? CS_OK : CS_E_TYPE);
        assert_int_equal(e != NULL, i < 2);
        EVP_PKEY_free(kinds[i]);
    }
    AUTO_EVIDENCE *e = NULL;
    o.key = SPAN_NONE;
    assert_int_equal(evidence_begin(&o, &e).code, CS_E_MISSING);
    o.key = SPAN_LIT("no key");
    assert_int_not_equal(evidence_begin(&o, &e).code, CS_OK);
    assert_null(e);
}

static void too_large(void **state)
{
    static uint8_t spaces[65536];
    EVP_PKEY *key = signer_ec("P-256");
    const struct bytes spki = signer_spki(key);
    const struct evidence_options o = {.format = EVIDENCE_PROVENANCE, .key = bytes_span(&spki)};
    AUTO_EVIDENCE *e = NULL;

    (void)state;
    memset(spaces, ' ', sizeof(spaces));
    assert_int_equal(evidence_begin(&o, &e).code, CS_OK);
    for (size_t n = 0; n < NOTE_DSSE_BYTES_MAX; n += sizeof(spaces)) {
        assert_int_equal(evidence_feed(e, SPAN_OF(spaces)).code, CS_OK);
    }
    assert_int_equal(evidence_feed(e, SPAN_LIT(" ")).code, CS_E_FULL);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(statements), cmocka_unit_test(forged), cmocka_unit_test(keys),
                                       cmocka_unit_test(too_large)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
