/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz_evidence.h"

#include "../unit/evidence/evidence_show.h"
#include "evidence/evidence_report.h"

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_summary(const struct evidence_summary *s)
{
    uint64_t by_severity = 0;
    static const enum evidence_number severities[] = {EVIDENCE_CRITICAL, EVIDENCE_HIGH, EVIDENCE_FAILED,
                                                      EVIDENCE_MEDIUM,   EVIDENCE_LOW,  EVIDENCE_INFO};

    for (size_t i = 0; i < EVIDENCE_NUMBER_COUNT; i++) {
        must((s->has >> i & 1U) != 0 || s->number[i] == 0);
    }
    for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
        by_severity += s->number[severities[i]];
    }
    must(by_severity == s->total && s->total <= s->bytes);
    must(s->id_count == (s->total < EVIDENCE_IDS_MAX ? s->total : EVIDENCE_IDS_MAX));
    for (size_t i = 1; i < s->id_count; i++) {
        const struct evidence_finding *a = &s->finding[i - 1];
        const struct evidence_finding *b = &s->finding[i];
        must(a->severity < b->severity || (a->severity == b->severity && memcmp(a->id, b->id, EVIDENCE_ID_BYTES) < 0));
    }
}

/* What goes into an entry fits, and is what a decoder makes of it. */
static void check_report(const struct evidence_summary *s)
{
    static uint8_t first[MODEL_LEAF_MAX];
    static uint8_t second[MODEL_LEAF_MAX];
    struct writer a = wr_fixed(first, sizeof(first));
    struct writer b = wr_fixed(second, sizeof(second));
    struct report report;
    struct arena arena;

    arena_init(&arena, (size_t)1 << 20);
    must(evidence_report(s, 1, &arena, &report).code == CS_OK && model_report_encode(&report, &a).code == CS_OK);
    must(model_report_decode(wr_span(&a), &arena, &report).code == CS_OK &&
         model_report_encode(&report, &b).code == CS_OK);
    must(span_eq(wr_span(&a), wr_span(&b)));
    arena_release(&arena);
}

static struct cs_result answer(const struct evidence_options *o, struct span text, size_t piece, struct writer *w)
{
    const struct evidence_summary *s = NULL;
    AUTO_EVIDENCE *e = NULL;
    struct cs_result r = evidence_begin(o, &e);

    must(r.code == CS_OK);
    while (r.code == CS_OK && text.left > 0) {
        const size_t n = text.left < piece ? text.left : piece;
        r = evidence_feed(e, span_make(text.p, n));
        text = span_from(text, n);
    }
    r = r.code == CS_OK ? evidence_end(e, &s) : r;
    if (r.code != CS_OK) {
        must(evidence_line(e) > 0 && evidence_advice(e)[0] != '\0');
        return r;
    }
    check_summary(s);
    check_report(s);
    struct json_out out = json_out_make(w);
    evidence_show(s, &out, NULL);
    must(json_out_end(&out, "summary").code == CS_OK);
    must(json_check(wr_span(w), "summary").code == CS_OK);
    return r;
}

void fuzz_evidence(const struct evidence_options *o, struct span text)
{
    static uint8_t whole[EVIDENCE_SHOW_MAX];
    static uint8_t bytes[EVIDENCE_SHOW_MAX];
    struct writer a = wr_fixed(whole, sizeof(whole));
    struct writer b = wr_fixed(bytes, sizeof(bytes));

    if (text.left > 65536) {
        return;
    }
    const struct cs_result x = answer(o, text, SIZE_MAX, &a);
    const struct cs_result y = answer(o, text, 1, &b);
    must(x.code == y.code && strcmp(x.msg, y.msg) == 0 && span_eq(wr_span(&a), wr_span(&b)));
}
