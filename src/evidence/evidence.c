/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_in.h"

static const struct evidence_reader *const readers[EVIDENCE_FORMAT_COUNT] = {
    [EVIDENCE_CANARY] = &evidence_canary,         [EVIDENCE_COBERTURA] = &evidence_cobertura,
    [EVIDENCE_CYCLONEDX] = &evidence_cyclonedx,   [EVIDENCE_JUNIT] = &evidence_junit,
    [EVIDENCE_MIGRATION] = &evidence_migration,   [EVIDENCE_PLAN] = &evidence_plan,
    [EVIDENCE_PROVENANCE] = &evidence_provenance, [EVIDENCE_SARIF] = &evidence_sarif,
};

CS_RESULT evidence_fail(struct evidence *e, enum cs_code code, const char *what, const char *advice)
{
    e->advice = advice != NULL ? advice : e->advice;
    return CS_FAIL_AT(code, what, (uint32_t)e->summary.bytes);
}

CS_RESULT evidence_begin(const struct evidence_options *options, struct evidence **ret_evidence)
{
    ENSURE(options->format < EVIDENCE_FORMAT_COUNT, CS_E_UNKNOWN, "evidence.format");
    ENSURE(options->artifacts.left % SHA256_BYTES == 0, CS_E_RANGE, "evidence.artifacts");

    const struct evidence_reader *reader = readers[options->format];
    AUTO_EVIDENCE *e = calloc(1, sizeof(*e) + reader->own_bytes);
    ENSURE(e != NULL, CS_E_NOMEM, "evidence");
    e->reader = reader;
    e->options = *options;
    e->summary.format = options->format;
    e->failed = CS_SUCCESS;
    sha256_begin(&e->hash);
    TRY(reader->begin(e));
    *ret_evidence = e;
    e = NULL;
    return CS_SUCCESS;
}

void evidence_free(struct evidence *e)
{
    if (e != NULL) {
        e->reader->release(e);
        evidence_findings_release(e);
        free(e);
    }
}

CS_RESULT evidence_feed(struct evidence *e, struct span bytes)
{
    ENSURE(!e->over, CS_E_STATE, "evidence");
    TRY(e->failed);
    if (bytes.left > EVIDENCE_BYTES_MAX - e->summary.bytes) {
        e->failed = evidence_fail(e, CS_E_FULL, "evidence.bytes", "Send a smaller file.");
        return e->failed;
    }
    e->summary.bytes += bytes.left;
    sha256_add(&e->hash, bytes);
    e->failed = e->reader->feed(e, bytes);
    return e->failed;
}

CS_RESULT evidence_end(struct evidence *e, const struct evidence_summary **ret_summary)
{
    ENSURE(!e->over, CS_E_STATE, "evidence");
    TRY(e->failed);
    e->failed = e->reader->end(e);
    TRY(e->failed);
    evidence_findings_end(e);
    e->summary.sha256 = sha256_end(&e->hash);
    e->over = true;
    *ret_summary = &e->summary;
    return CS_SUCCESS;
}

uint64_t evidence_line(const struct evidence *e)
{
    return e->reader->line(e);
}

/* Where the reader has nothing more exact to say. */
static const char *advice_of(enum cs_code code)
{
    if (code == CS_E_SHORT) {
        return "The file is cut: send all of it.";
    }
    if (code == CS_E_NOMEM) {
        return "Send it again later.";
    }
    if (code == CS_E_UTF8) {
        return "Write the file in UTF-8.";
    }
    if (code == CS_E_DEPTH) {
        return "Nothing may be nested deeper than 64.";
    }
    if (code == CS_E_DUPLICATE) {
        return "A member may stand only once in its object.";
    }
    return "Check that the file is of the format that it was sent as.";
}

const char *evidence_advice(const struct evidence *e)
{
    return e->advice != NULL ? e->advice : advice_of(e->failed.code);
}
