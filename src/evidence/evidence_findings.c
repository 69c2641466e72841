/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/evidence_in.h"

enum { PARTS_MAX = 8, TEXT_BYTES_MAX = 16 * 1024 * 1024 };

void evidence_id(const struct evidence *e, const struct span *parts, size_t count, uint8_t ret_id[EVIDENCE_ID_BYTES])
{
    static const uint8_t nul[1] = {0};
    struct sha256_run run;

    sha256_begin(&run);
    sha256_add(&run, SPAN_LIT("countersign-finding-1"));
    sha256_add(&run, SPAN_OF(nul));
    sha256_add(&run, span_str(evidence_format_name(e->options.format)));
    sha256_add(&run, SPAN_OF(nul));
    for (size_t i = 0; i < count; i++) {
        sha256_add(&run, parts[i]);
        sha256_add(&run, SPAN_OF(nul));
    }
    const struct sha256 d = sha256_end(&run);
    memcpy(ret_id, d.b, EVIDENCE_ID_BYTES);
}

static CS_RESULT grow(struct evidence *e)
{
    struct evidence_list *l = &e->list;

    if (l->count == EVIDENCE_FINDINGS_MAX) {
        return evidence_fail(e, CS_E_FULL, "evidence.findings",
                             "Let the tool report fewer findings: nobody reads so many.");
    }
    if (l->count < l->cap) {
        return CS_SUCCESS;
    }
    const size_t cap = l->cap == 0 ? 64 : l->cap * 2;
    struct evidence_pending *p = realloc(l->item, cap * sizeof(*p));
    if (p == NULL) {
        return evidence_fail(e, CS_E_NOMEM, "evidence.findings", NULL);
    }
    l->item = p;
    l->cap = cap;
    return CS_SUCCESS;
}

/* What is shown of a finding, in the list's text; past TEXT_BYTES_MAX there is only the id. */
static CS_RESULT put_row(struct evidence *e, struct span rule, struct span place, uint32_t *ret_text)
{
    struct evidence_row row;
    struct writer *w = &e->list.text;
    const size_t at = w->len;

    if (w->max == 0) {
        *w = wr_heap(TEXT_BYTES_MAX);
    }
    if (sizeof(row) > TEXT_BYTES_MAX - at) {
        *ret_text = EVIDENCE_NO_TEXT;
        return CS_SUCCESS;
    }
    evidence_clean(rule, row.rule, sizeof(row.rule));
    evidence_clean(place, row.place, sizeof(row.place));
    wr_text(w, row.rule);
    wr_u8(w, 0);
    wr_text(w, row.place);
    wr_u8(w, 0);
    if (wr_end(w, "evidence.findings").code != CS_OK) {
        return evidence_fail(e, CS_E_NOMEM, "evidence.findings", NULL);
    }
    *ret_text = (uint32_t)at;
    return CS_SUCCESS;
}

CS_RESULT evidence_found(struct evidence *e, const uint8_t id[EVIDENCE_ID_BYTES], struct span rule, struct span place,
                         struct evidence_pending **ret_finding)
{
    struct evidence_list *l = &e->list;
    uint32_t text = EVIDENCE_NO_TEXT;

    TRY(grow(e));
    TRY(put_row(e, rule, place, &text));
    struct evidence_pending *f = &l->item[l->count];
    memset(f, 0, sizeof(*f));
    memcpy(f->id, id, EVIDENCE_ID_BYTES);
    f->order = (uint32_t)l->count;
    f->text = text;
    f->severity = EVIDENCE_IS_CRITICAL; /* whoever forgets to say how bad it is has said that it is */
    l->count++;
    *ret_finding = f;
    return CS_SUCCESS;
}

static int by_id(const void *a, const void *b)
{
    const struct evidence_pending *x = a;
    const struct evidence_pending *y = b;
    const int order = memcmp(x->id, y->id, EVIDENCE_ID_BYTES);

    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int by_weight(const void *a, const void *b)
{
    const struct evidence_pending *x = a;
    const struct evidence_pending *y = b;

    return x->severity != y->severity ? (int)x->severity - (int)y->severity : by_id(a, b);
}

/* The n-th after the first of the same id. */
static void renumber(struct evidence_pending *f, const uint8_t first[EVIDENCE_ID_BYTES], uint32_t n)
{
    const uint8_t number[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
    const struct span parts[2] = {span_make(first, EVIDENCE_ID_BYTES), SPAN_OF(number)};
    const struct sha256 d = digest_sha256_parts(parts, 2);

    memcpy(f->id, d.b, EVIDENCE_ID_BYTES);
}

static void number_repeated(struct evidence_list *l)
{
    uint8_t first[EVIDENCE_ID_BYTES] = {0};
    uint32_t n = 0;

    for (size_t i = 0; i < l->count; i++) {
        if (i > 0 && memcmp(l->item[i].id, first, EVIDENCE_ID_BYTES) == 0) {
            n++;
            renumber(&l->item[i], first, n);
        } else {
            memcpy(first, l->item[i].id, EVIDENCE_ID_BYTES);
            n = 0;
        }
    }
}

static void keep_row(struct evidence *e, const struct evidence_pending *f)
{
    struct evidence_row *row = &e->summary.row[e->summary.row_count];

    e->summary.row_count++;
    if (f->text == EVIDENCE_NO_TEXT) {
        return;
    }
    const struct span all = span_from(wr_span(&e->list.text), f->text);
    const struct span rule = span_str((const char *)all.p);
    evidence_clean(rule, row->rule, sizeof(row->rule));
    evidence_clean(span_str((const char *)all.p + rule.left + 1), row->place, sizeof(row->place));
}

static enum evidence_number number_of(enum evidence_severity severity)
{
    static const enum evidence_number numbers[EVIDENCE_SEVERITY_COUNT] = {
        [EVIDENCE_IS_CRITICAL] = EVIDENCE_CRITICAL, [EVIDENCE_IS_HIGH] = EVIDENCE_HIGH,
        [EVIDENCE_FAILS] = EVIDENCE_FAILED,         [EVIDENCE_IS_MEDIUM] = EVIDENCE_MEDIUM,
        [EVIDENCE_IS_LOW] = EVIDENCE_LOW,           [EVIDENCE_IS_INFO] = EVIDENCE_INFO,
    };
    return numbers[severity];
}

void evidence_findings_end(struct evidence *e)
{
    struct evidence_list *l = &e->list;
    struct evidence_summary *s = &e->summary;

    if (l->count > 1) {
        qsort(l->item, l->count, sizeof(l->item[0]), by_id);
        number_repeated(l);
        qsort(l->item, l->count, sizeof(l->item[0]), by_weight);
    }
    for (size_t i = 0; i < l->count; i++) {
        const struct evidence_pending *f = &l->item[i];
        evidence_count(e, number_of((enum evidence_severity)f->severity));
        if (s->id_count < EVIDENCE_IDS_MAX) {
            memcpy(s->finding[s->id_count].id, f->id, EVIDENCE_ID_BYTES);
            s->finding[s->id_count].severity = (enum evidence_severity)f->severity;
            s->id_count++;
        }
        if (s->row_count < EVIDENCE_ROWS_MAX) {
            keep_row(e, f);
        }
    }
    s->total = l->count;
}

void evidence_findings_release(struct evidence *e)
{
    free(e->list.item);
    wr_release(&e->list.text);
}
