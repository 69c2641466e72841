/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence_bed.h"

static void write_summary(const struct evidence_summary *s, char *ret_json)
{
    struct writer w = wr_fixed(ret_json, EVIDENCE_SHOW_MAX);
    struct json_out out = json_out_make(&w);

    evidence_show(s, &out, NULL);
    assert_int_equal(json_out_end(&out, "summary").code, CS_OK);
    ret_json[w.len] = '\0';
    assert_int_equal(json_check(wr_span(&w), "summary").code, CS_OK);
}

void bed_read(const struct evidence_options *o, struct span text, size_t piece, struct bed_answer *ret_answer)
{
    const struct evidence_summary *s = NULL;
    const struct sha256 want = digest_sha256(text);
    const size_t size = text.left;
    AUTO_EVIDENCE *e = NULL;
    struct cs_result r = CS_SUCCESS;

    memset(ret_answer, 0, sizeof(*ret_answer));
    assert_int_equal(evidence_begin(o, &e).code, CS_OK);
    while (r.code == CS_OK && text.left > 0) {
        const size_t n = text.left < piece ? text.left : piece;
        r = evidence_feed(e, span_make(text.p, n));
        text = span_from(text, n);
    }
    if (r.code != CS_OK) { /* a failure stays */
        assert_int_equal(evidence_feed(e, SPAN_LIT("x")).code, r.code);
        assert_int_equal(evidence_end(e, &s).code, r.code);
    } else {
        r = evidence_end(e, &s);
    }
    assert_int_equal(s != NULL, r.code == CS_OK);
    ret_answer->r = r;
    ret_answer->line = evidence_line(e);
    (void)snprintf(ret_answer->advice, sizeof(ret_answer->advice), "%s", evidence_advice(e));
    if (s != NULL) {
        assert_true(sha256_eq(&s->sha256, &want));
        assert_int_equal(s->bytes, size);
        assert_int_equal(evidence_feed(e, SPAN_LIT("x")).code, CS_E_STATE);
        assert_int_equal(evidence_end(e, &s).code, CS_E_STATE);
        write_summary(s, ret_answer->json);
    }
}

static void one_row(enum evidence_format format, const struct bed_row *row, size_t piece)
{
    static struct bed_answer a;
    const struct evidence_options o = {.format = format};

    bed_read(&o, span_str(row->text), piece, &a);
    if (a.r.code != row->code) {
        fail_msg("%s, %zu bytes at a time: %s %s, not %s (line %lu: %s)", row->name, piece, a.r.msg,
                 cs_code_name(a.r.code), cs_code_name(row->code), (unsigned long)a.line, a.advice);
    }
    if (strcmp(row->code == CS_OK ? a.json : a.r.msg, row->want) != 0) {
        fail_msg("%s, %zu bytes at a time:\n  is   %s\n  want %s", row->name, piece,
                 row->code == CS_OK ? a.json : a.r.msg, row->want);
    }
    if (row->code != CS_OK && (a.line == 0 || strlen(a.advice) < 10)) {
        fail_msg("%s: line %lu, advice '%s'", row->name, (unsigned long)a.line, a.advice);
    }
}

void bed_rows(enum evidence_format format, const struct bed_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        one_row(format, &rows[i], SIZE_MAX);
        one_row(format, &rows[i], 1);
        one_row(format, &rows[i], 7);
    }
}
