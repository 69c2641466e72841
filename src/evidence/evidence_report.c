/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_report.h"

enum { NAME_BYTES = 80 };

static const enum report_kind kinds[EVIDENCE_FORMAT_COUNT] = {
    [EVIDENCE_CANARY] = REPORT_CANARY,         [EVIDENCE_COBERTURA] = REPORT_COVERAGE,
    [EVIDENCE_CYCLONEDX] = REPORT_CYCLONEDX,   [EVIDENCE_JUNIT] = REPORT_JUNIT,
    [EVIDENCE_MIGRATION] = REPORT_MIGRATION,   [EVIDENCE_PLAN] = REPORT_PLAN,
    [EVIDENCE_PROVENANCE] = REPORT_PROVENANCE, [EVIDENCE_SARIF] = REPORT_SARIF,
};

enum report_kind evidence_report_kind(enum evidence_format format)
{
    return (unsigned)format < EVIDENCE_FORMAT_COUNT ? kinds[format] : REPORT_NONE;
}

bool evidence_report_format(struct span kind, enum evidence_format *ret_format)
{
    for (unsigned f = 0; f < EVIDENCE_FORMAT_COUNT; f++) {
        if (span_is(kind, report_kind_text(kinds[f]))) {
            *ret_format = (enum evidence_format)f;
            return true;
        }
    }
    return false;
}

/* --- numbers --- */

static CS_RESULT add(struct report *r, struct span name, uint64_t value)
{
    ENSURE(r->number_count < REPORT_NUMBERS_MAX, CS_E_FULL, "report.numbers");
    r->numbers[r->number_count++] = (struct report_number){.name = name, .value = value};
    return CS_SUCCESS;
}

static bool is_word(const char *text)
{
    bool good = text[0] >= 'a' && text[0] <= 'z';
    size_t n = 0;
    for (; good && text[n] != '\0'; n++) {
        good = (text[n] >= 'a' && text[n] <= 'z') || (text[n] >= '0' && text[n] <= '9') || text[n] == '_';
    }
    return good && n + sizeof("least_") - 1 <= REPORT_NAME_MAX;
}

/* A reading below zero cannot be said, so no bound holds for it. */
static CS_RESULT add_reading(struct report *r, const char *prefix, const char *metric, int64_t value,
                             struct arena *arena)
{
    uint8_t *p = arena_alloc(arena, NAME_BYTES);
    struct writer w = wr_fixed(p, p != NULL ? (size_t)NAME_BYTES : 0);

    ENSURE(p != NULL, CS_E_NOMEM, "report");
    wr_text(&w, prefix);
    wr_text(&w, metric);
    TRY(wr_end(&w, "report.numbers"));
    return value >= 0 && value <= JSON_INT_MAX ? add(r, wr_span(&w), (uint64_t)value) : CS_SUCCESS;
}

/* What all metrics cover together, and the longest hole in any. */
static CS_RESULT add_readings(const struct evidence_summary *s, struct arena *arena, struct report *r)
{
    uint64_t window_ms = UINT64_MAX;
    uint64_t gap_ms = 0;

    for (size_t i = 0; i < s->reading_count; i++) {
        const struct evidence_reading *x = &s->reading[i];
        window_ms = x->to_ms - x->from_ms < window_ms ? x->to_ms - x->from_ms : window_ms;
        gap_ms = x->gap_ms > gap_ms ? x->gap_ms : gap_ms;
        if (is_word(x->metric)) {
            TRY(add_reading(r, "least_", x->metric, x->least_millionths, arena));
            TRY(add_reading(r, "most_", x->metric, x->greatest_millionths, arena));
        }
    }
    if (s->reading_count == 0) {
        return CS_SUCCESS;
    }
    TRY(add(r, SPAN_LIT("gap_s"), gap_ms / 1000 + (gap_ms % 1000 != 0 ? 1 : 0)));
    return add(r, SPAN_LIT("window_s"), window_ms / 1000);
}

static int number_cmp(const void *va, const void *vb)
{
    const struct report_number *a = va;
    const struct report_number *b = vb;
    return span_cmp(a->name, b->name);
}

static CS_RESULT numbers(const struct evidence_summary *s, struct arena *arena, struct report *r)
{
    r->numbers = arena_array(arena, REPORT_NUMBERS_MAX, sizeof(*r->numbers));
    ENSURE(r->numbers != NULL, CS_E_NOMEM, "report");
    for (unsigned n = 0; n < EVIDENCE_NUMBER_COUNT; n++) {
        if ((s->has & UINT64_C(1) << n) != 0) {
            TRY(add(r, span_str(evidence_number_name((enum evidence_number)n)), s->number[n]));
        }
    }
    TRY(add_readings(s, arena, r));
    if (r->number_count > 1) {
        qsort(r->numbers, r->number_count, sizeof(*r->numbers), number_cmp);
    }
    return CS_SUCCESS;
}

/* --- findings --- */

static CS_RESULT words(const struct evidence_row *row, struct arena *arena, struct span *ret_text)
{
    uint8_t text[REPORT_ROW_MAX];
    struct writer w = wr_fixed(text, sizeof(text));
    const struct span place = span_str(row->place);

    wr_text(&w, row->rule);
    if (w.len > 0 && place.left > 0) {
        wr_u8(&w, ' ');
    }
    const size_t room = sizeof(text) - w.len;
    wr_bytes(&w, span_make(place.p, place.left < room ? place.left : room));
    return arena_copy(arena, wr_span(&w), ret_text);
}

static CS_RESULT finding(const struct evidence_summary *s, size_t at, struct arena *arena, struct report_finding *f)
{
    enum { HEX = 2 * EVIDENCE_ID_BYTES };
    uint8_t *hex = arena_alloc(arena, HEX);
    struct writer w = wr_fixed(hex, hex != NULL ? (size_t)HEX : 0);

    ENSURE(hex != NULL, CS_E_NOMEM, "report");
    wr_hex(&w, SPAN_OF(s->finding[at].id));
    f->id = wr_span(&w);
    f->level = span_str(evidence_severity_name(s->finding[at].severity));
    return at < s->row_count ? words(&s->row[at], arena, &f->text) : CS_SUCCESS;
}

static int finding_cmp(const void *va, const void *vb)
{
    const struct report_finding *a = va;
    const struct report_finding *b = vb;
    return span_cmp(a->id, b->id);
}

static CS_RESULT findings(const struct evidence_summary *s, struct arena *arena, struct report *r)
{
    ENSURE(s->id_count <= REPORT_FINDINGS_MAX, CS_E_FULL, "report.findings");
    r->findings = arena_array(arena, s->id_count, sizeof(*r->findings));
    ENSURE(r->findings != NULL || s->id_count == 0, CS_E_NOMEM, "report");
    for (size_t i = 0; i < s->id_count; i++) {
        TRY(finding(s, i, arena, &r->findings[i]));
    }
    r->finding_count = s->id_count;
    r->more = s->total > s->id_count;
    if (r->finding_count > 1) {
        qsort(r->findings, r->finding_count, sizeof(*r->findings), finding_cmp);
    }
    return CS_SUCCESS;
}

/* --- the whole --- */

static CS_RESULT texts(const struct evidence_summary *s, struct arena *arena, struct report *r)
{
    for (unsigned t = 0; t < EVIDENCE_TEXT_COUNT; t++) {
        if (s->text[t][0] == '\0') {
            continue;
        }
        ENSURE(r->text_count < REPORT_TEXTS_MAX, CS_E_FULL, "report.texts");
        struct text_pair *p = &r->texts[r->text_count++];
        p->key = span_str(evidence_text_name((enum evidence_text)t));
        TRY(arena_copy(arena, span_str(s->text[t]), &p->value));
    }
    return CS_SUCCESS;
}

CS_RESULT evidence_report(const struct evidence_summary *s, uint64_t came_ms, struct arena *arena,
                          struct report *ret_report)
{
    struct report r = {.kind = evidence_report_kind(s->format)};

    ENSURE(r.kind != REPORT_NONE, CS_E_UNKNOWN, "report.kind");
    r.produced_ms = s->dated ? s->produced_ms : came_ms;
    TRY(numbers(s, arena, &r));
    TRY(findings(s, arena, &r));
    TRY(texts(s, arena, &r));
    *ret_report = r;
    return CS_SUCCESS;
}
