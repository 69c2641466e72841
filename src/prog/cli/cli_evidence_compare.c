/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a file again and compares: does the log say of it what is in it? Nobody is asked; the receipt is to be verified
 * by itself (countersign-audit). */
#include "cli_pipe.h"

#include "evidence/evidence_report.h"
#include "judge/judge_receipt.h"

static const char usage[] = "usage: countersign compare --receipt RECEIPT FILE\n"
                            "  --receipt RECEIPT  a receipt or a range with the entry that names the file\n"
                            "  --key-file FILE    of provenance: the public key that must have signed it, PEM or DER\n"
                            "  --help\n";

struct comparison {
    const struct pipe_options *o;
    struct span file;
    struct sha256 sha256;
    struct arena arena;
    unsigned same;
    unsigned other;
    unsigned unknown;
};

/* What reading it here gives, in the entry's own form; `produced` is the entry's where the file does not say it. */
static CS_RESULT read_again(struct comparison *c, const struct evidence_note *x, struct writer *w)
{
    struct evidence_options options = {.artifacts =
                                           span_make(x->artifacts, x->artifact_count * sizeof(x->artifacts[0]))};
    const struct evidence_summary *s = NULL;
    struct report report;
    AUTO_WRITER key = wr_heap(PIPE_BODY_MAX);

    ENSURE(evidence_report_format(span_str(report_kind_text(x->report.kind)), &options.format), CS_E_UNKNOWN, "file");
    if (c->o->key_file != NULL) {
        TRY(cli_read(c->o->name, c->o->key_file, &key));
        TRY(cli_der("PUBLIC KEY", wr_span(&key), &c->arena, &options.key));
    }
    struct evidence *reader = NULL;
    struct cs_result r = evidence_begin(&options, &reader);
    r = r.code == CS_OK ? evidence_feed(reader, c->file) : r;
    r = r.code == CS_OK ? evidence_end(reader, &s) : r;
    r = r.code == CS_OK ? evidence_report(s, x->report.produced_ms, &c->arena, &report) : r;
    r = r.code == CS_OK ? model_report_encode(&report, w) : r;
    evidence_free(reader);
    return r;
}

static void compare(struct comparison *c, const struct evidence_note *x)
{
    AUTO_WRITER said = wr_heap(MODEL_LEAF_MAX);
    AUTO_WRITER is = wr_heap(MODEL_LEAF_MAX);
    const struct cs_result r = read_again(c, x, &is);
    const bool told = r.code == CS_OK && model_report_encode(&x->report, &said).code == CS_OK;
    const bool same = told && span_eq(wr_span(&said), wr_span(&is));

    (void)printf("request %llu, ", (unsigned long long)x->request);
    file_show(stdout, x->line);
    if (!told) { /* nothing was compared, so nobody is accused */
        (void)printf(": cannot tell: %s %s%s\n", r.msg, cs_code_text(r.code),
                     x->report.kind == REPORT_PROVENANCE && c->o->key_file == NULL ? " (--key-file)" : "");
        c->unknown++;
        return;
    }
    (void)printf("%s\n", same ? ": the log says what is in the file" : ": THE LOG SAYS SOMETHING ELSE");
    c->same += same ? 1U : 0U;
    c->other += same ? 0U : 1U;
}

static CS_RESULT look_at(struct comparison *c, struct span leaf)
{
    struct entry e;
    struct evidence_note *x = NULL;

    TRY(model_entry_decode(leaf, &c->arena, &e));
    if (e.type != ENTRY_EVIDENCE) {
        return CS_SUCCESS;
    }
    x = arena_alloc(&c->arena, sizeof(*x));
    ENSURE(x != NULL, CS_E_NOMEM, "entry");
    TRY(model_evidence_decode(e.body, &c->arena, x));
    if (sha256_eq(&x->sha256, &c->sha256)) {
        compare(c, x);
    }
    return CS_SUCCESS;
}

static int look_through(struct comparison *c, struct span text)
{
    struct receipt receipt = {.is_range = false};
    struct cs_result r = judge_receipt_decode(text, &c->arena, &receipt);

    for (size_t i = 0; r.code == CS_OK && i < receipt.entry_count; i++) {
        r = look_at(c, receipt.entries[i].leaf);
    }
    if (r.code != CS_OK) {
        return cli_fail(CLI_FAILED, c->o->name, "the receipt: %s %s", r.msg, cs_code_text(r.code));
    }
    if (c->same + c->other + c->unknown == 0) {
        return cli_fail(CLI_FAILED, c->o->name, "no entry of the receipt names this file");
    }
    if (c->other > 0) {
        return CLI_VERIFY;
    }
    return c->unknown == 0 ? CLI_OK : CLI_FAILED;
}

int cli_compare(int argc, char **argv)
{
    struct pipe_options o;
    AUTO_WRITER file = wr_heap(REPORT_BLOB_MAX_BYTES);
    AUTO_WRITER receipt = wr_heap(RECEIPT_MAX_BYTES);
    int status = pipe_read(argc, argv, usage, &o);

    if (status >= 0) {
        return status;
    }
    if (o.file == NULL || o.receipt == NULL) {
        (void)fputs(usage, stderr);
        return CLI_USAGE;
    }
    if (cli_read(o.name, o.file, &file).code != CS_OK || cli_read(o.name, o.receipt, &receipt).code != CS_OK) {
        return CLI_FAILED;
    }
    struct comparison c = {.o = &o, .file = wr_span(&file), .sha256 = digest_sha256(wr_span(&file))};
    arena_init(&c.arena, RECEIPT_ARENA_BYTES);
    status = look_through(&c, wr_span(&receipt));
    arena_release(&c.arena);
    return status;
}
