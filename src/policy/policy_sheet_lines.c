/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a sheet while they are collected: room for what is asked, each line once, their order. */
#include "policy/policy_sheet_in.h"

/* Where lines of this name are: FNV-1a. Names are the policy's, which officers sign; nobody else chooses them. */
static uint32_t *bucket(const struct builder *b, enum sheet_kind kind, struct span rule, struct span id)
{
    const struct span parts[] = {rule, id};
    uint32_t h = (2166136261U ^ (uint32_t)kind) * 16777619U;

    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < parts[k].left; i++) {
            h = (h ^ parts[k].p[i]) * 16777619U;
        }
        h = (h ^ '/') * 16777619U;
    }
    return &b->first[h & b->mask];
}

CS_RESULT policy_lines_make(struct builder *b, size_t cap)
{
    size_t buckets = 16;

    while (buckets < cap) {
        buckets *= 2;
    }
    b->cap = cap;
    b->mask = (uint32_t)buckets - 1;
    b->lines = arena_array(b->arena, cap, sizeof(*b->lines));
    b->next = arena_array(b->arena, cap, sizeof(*b->next));
    b->first = arena_array(b->arena, buckets, sizeof(*b->first));
    ENSURE(b->lines != NULL && b->next != NULL && b->first != NULL, CS_E_NOMEM, "sheet");
    return CS_SUCCESS;
}

static size_t bits(uint32_t set)
{
    size_t n = 0;
    for (; set != 0; set &= set - 1) {
        n++;
    }
    return n;
}

/* What it asks for, and no more: of a thousand rules most ask for little. */
static size_t lines_of(const struct policy_rule *r)
{
    const bool said[] = {r->reason_approve_min != 0, r->reason_reject_min != 0, r->sign_by_s != 0,
                         r->use_by_s != 0,           r->token_attested,         r->token_verification};
    size_t n = r->field_count + r->seat_count + r->evidence_count;

    for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
        n += said[i] ? 1U : 0U;
    }
    n += bits(r->separate) + bits(r->bind);
    return n + (r->source != NULL || r->ticket != NULL ? (size_t)POLICY_SOURCE_LINES : 0U);
}

size_t policy_rules_lines(const struct policy_doc *doc)
{
    size_t n = 1 + doc->calendar_count; /* what must have run before */
    for (size_t i = 0; i < doc->rule_count; i++) {
        n += lines_of(&doc->rules[i]);
    }
    return n;
}

/* What comes and goes by itself is one line only where both policies ask the same. */
static bool same_line(const struct sheet_line *a, const struct sheet_line *b)
{
    return a->kind == b->kind && span_eq(a->rule, b->rule) && span_eq(a->id, b->id) &&
           (!a->passing || span_eq(a->limit, b->limit));
}

/* Of the same window in zones that two policies spell out differently, the closed one counts. */
static void keep_stricter(struct sheet_line *have, const struct sheet_line *line)
{
    if (line->passing && policy_line_passes(have) && !policy_line_passes(line)) {
        have->value = line->value;
        have->state = line->state;
        have->reason = line->reason;
    }
}

static CS_RESULT merge(struct builder *b, struct sheet_line *have, const struct sheet_line *line)
{
    const bool stricter = line->kind == SHEET_CLOCK ? line->count < have->count : line->count > have->count;

    have->count = stricter ? line->count : have->count;
    have->self = have->self && line->self;
    have->voucher = have->voucher && line->voucher;
    keep_stricter(have, line);
    return line->kind == SHEET_SEAT ? policy_seat_merge(b, have, line) : CS_SUCCESS;
}

CS_RESULT policy_line_add(struct builder *b, const struct sheet_line *line)
{
    uint32_t *first = bucket(b, line->kind, line->rule, line->id);

    for (uint32_t at = *first; at != 0; at = b->next[at - 1]) {
        if (same_line(&b->lines[at - 1], line)) {
            return merge(b, &b->lines[at - 1], line);
        }
    }
    ENSURE(b->count < b->cap, CS_E_FULL, "sheet");
    b->lines[b->count] = *line;
    b->next[b->count++] = *first;
    *first = (uint32_t)b->count;
    return CS_SUCCESS;
}

void policy_lines_again(struct builder *b)
{
    memset(b->first, 0, ((size_t)b->mask + 1) * sizeof(*b->first));
    for (size_t i = 0; i < b->count; i++) {
        uint32_t *first = bucket(b, b->lines[i].kind, b->lines[i].rule, b->lines[i].id);
        b->next[i] = *first;
        *first = (uint32_t)i + 1;
    }
}

const struct sheet_line *policy_line_named(const struct builder *b, enum sheet_kind kind, struct span rule,
                                           struct span id)
{
    for (uint32_t at = *bucket(b, kind, rule, id); at != 0; at = b->next[at - 1]) {
        const struct sheet_line *l = &b->lines[at - 1];
        if (l->kind == kind && span_eq(l->rule, rule) && span_eq(l->id, id)) {
            return l;
        }
    }
    return NULL;
}

/* Numbers get their text once every rule has had its say. */
CS_RESULT policy_lines_limits(struct builder *b)
{
    for (size_t i = 0; i < b->count; i++) {
        struct sheet_line *line = &b->lines[i];
        if (line->kind == SHEET_REASON || line->kind == SHEET_CLOCK) {
            uint8_t digits[20];
            struct writer w = wr_fixed(digits, sizeof(digits));
            wr_dec(&w, line->count);
            TRY(arena_copy(b->arena, wr_span(&w), &line->limit));
        }
    }
    return CS_SUCCESS;
}

static int line_cmp(const void *va, const void *vb)
{
    const struct sheet_line *a = va;
    const struct sheet_line *b = vb;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    int c = span_cmp(a->rule, b->rule);
    c = c != 0 ? c : span_cmp(a->id, b->id);
    c = c != 0 || !a->passing ? c : span_cmp(a->limit, b->limit);
    return c != 0 || a->kind != SHEET_SKIPPED ? c : span_cmp(a->value, b->value); /* seats have none */
}

void policy_lines_sort(struct sheet *s)
{
    if (s->count > 1) {
        qsort(s->lines, s->count, sizeof(*s->lines), line_cmp);
    }
}
