/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_pages.h"

#include "base/base_text.h"

enum {
    COLS_MAX = 200,
    LINES_MAX = 4096,
    LABEL_COLS = 16,  /* column in which short values start */
    DIGEST_COLS = 40, /* "9f2c 4e71 b08d 53aa  6c1f 0e97 d442 7b18" */
    INDENT = 2,
};

/* One letter with its marks, one chip, or one line break. */
struct glyph {
    struct span text;
    unsigned cells;
    enum ink ink;
    bool space;
    bool stop;
};

struct setter {
    struct arena *arena;
    unsigned cols;
    struct page_line *lines;
    size_t count;
    size_t cap;
    bool too_long;
    enum cs_code fail;
};

/* Where and how a text is set. */
struct setting {
    enum ink ink;
    unsigned x;
    unsigned width;
};

static void *take(struct setter *s, size_t count, size_t size)
{
    void *p = arena_array(s->arena, count, size);
    if (p == NULL) {
        s->fail = CS_E_NOMEM;
    }
    return p;
}

static bool room_for_line(struct setter *s)
{
    if (s->count < s->cap) {
        return true;
    }
    if (s->cap >= LINES_MAX) {
        s->too_long = true;
        return false;
    }
    const size_t cap = s->cap == 0 ? 64 : s->cap * 2;
    struct page_line *lines = take(s, cap, sizeof(*lines));
    if (lines == NULL) {
        return false;
    }
    if (s->count > 0) {
        memcpy(lines, s->lines, s->count * sizeof(*lines));
    }
    s->lines = lines;
    s->cap = cap;
    return true;
}

static void put_line(struct setter *s, const struct page_piece *pieces, size_t count, bool keep)
{
    if (s->fail != CS_OK || !room_for_line(s)) {
        return;
    }
    struct page_piece *copy = take(s, count, sizeof(*copy));
    if (copy == NULL) {
        return;
    }
    if (count > 0) {
        memcpy(copy, pieces, count * sizeof(*copy));
    }
    s->lines[s->count++] = (struct page_line){.pieces = copy, .count = count, .keep = keep};
}

static void put_gap(struct setter *s)
{
    if (s->count > 0 && s->lines[s->count - 1].count > 0) {
        put_line(s, NULL, 0, false);
    }
}

static struct glyph chip_glyph(struct setter *s, const struct text_run *run)
{
    char code[TEXT_CHIP_MAX];
    screen_chip_text(run, code);
    const size_t n = strlen(code);
    const size_t size = n + 6; /* the two brackets take three bytes each */
    uint8_t *text = take(s, size, 1);
    if (text == NULL) {
        return (struct glyph){0};
    }
    struct writer w = wr_fixed(text, size);
    wr_text(&w, "⟦");
    wr_text(&w, code);
    wr_text(&w, "⟧");
    return (struct glyph){.text = wr_span(&w), .cells = (unsigned)n + 2, .ink = INK_CHIP};
}

/* The letter at the start of a safe text, with the marks that follow it. */
static struct glyph letter_glyph(struct span text, enum ink ink)
{
    uint32_t point = 0;
    size_t bytes = 0;
    struct glyph g = {.text = span_make(text.p, 0), .cells = 1, .ink = ink};
    while (text_utf8_next(span_from(text, g.text.left), &point, &bytes).code == CS_OK) {
        const enum code_class class = screen_code_class(point);
        const bool mark = class == CODE_MARK || class == CODE_SHAPED_MARK;
        if (g.text.left > 0 && !mark) {
            break;
        }
        g.space = g.text.left == 0 && point == ' ';
        g.text.left += bytes;
    }
    return g;
}

static size_t add_run(struct setter *s, const struct text_run *run, enum ink ink, struct glyph *glyphs)
{
    if (run->kind == RUN_BREAK) {
        glyphs[0] = (struct glyph){.stop = true};
        return 1;
    }
    if (run->kind != RUN_TEXT) {
        glyphs[0] = chip_glyph(s, run);
        return 1;
    }
    size_t n = 0;
    for (size_t at = 0; at < run->text.left; at += glyphs[n - 1].text.left) {
        glyphs[n++] = letter_glyph(span_from(run->text, at), ink);
        if (glyphs[n - 1].text.left == 0) {
            break; /* not reached: the run is safe UTF-8 */
        }
    }
    return n;
}

/* How many glyphs from `from` on stand on one line of `width` cells; breaks after a space where there is one. */
static size_t line_end(const struct glyph *g, size_t from, size_t count, unsigned width)
{
    unsigned cells = 0;
    size_t at = from;
    size_t after_space = from;
    while (at < count && !g[at].stop && cells + g[at].cells <= width) {
        cells += g[at].cells;
        at++;
        after_space = g[at - 1].space ? at : after_space;
    }
    if (at == count || g[at].stop || g[at].space || after_space == from) {
        return at == from && at < count && !g[at].stop ? at + 1 : at;
    }
    return after_space;
}

static bool joins(const struct page_piece *last, const struct glyph *g)
{
    return last->ink == g->ink && last->text.p + last->text.left == g->text.p;
}

static size_t pieces_of(const struct glyph *g, size_t count, unsigned x, struct page_piece *ret_pieces)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (n > 0 && joins(&ret_pieces[n - 1], &g[i])) {
            ret_pieces[n - 1].text.left += g[i].text.left;
            ret_pieces[n - 1].cells += g[i].cells;
        } else {
            ret_pieces[n++] = (struct page_piece){.x = x, .cells = g[i].cells, .ink = g[i].ink, .text = g[i].text};
        }
        x += g[i].cells;
    }
    return n;
}

static struct glyph *glyphs_of(struct setter *s, const struct safe_text *t, enum ink ink, size_t *ret_count)
{
    struct glyph *g = take(s, t->points, sizeof(*g));
    size_t count = 0;
    for (size_t i = 0; g != NULL && i < t->count; i++) {
        count += add_run(s, &t->runs[i], ink, g + count);
    }
    *ret_count = count;
    return s->fail == CS_OK ? g : NULL;
}

/* Sets a text; `lead` (may be NULL) stands on its first line, left of it. */
static void set_text(struct setter *s, const struct safe_text *t, const struct setting *how,
                     const struct page_piece *lead, bool keep_first)
{
    size_t count = 0;
    const struct glyph *g = glyphs_of(s, t, how->ink, &count);
    struct page_piece pieces[COLS_MAX + 1];
    size_t at = 0;
    bool first = true;
    while (g != NULL && (first || at < count) && s->fail == CS_OK && !s->too_long) {
        const size_t end = line_end(g, at, count, how->width);
        size_t n = 0;
        if (first && lead != NULL) {
            pieces[n++] = *lead;
        }
        n += pieces_of(g + at, end - at, how->x, pieces + n);
        put_line(s, pieces, n, first && keep_first);
        /* the break itself, or the one space that the end of the line stands for, is not drawn */
        const bool skip = end < count && (g[end].stop || (g[end].space && end > at));
        at = skip ? end + 1 : end;
        first = false;
    }
}

static void set_label(struct setter *s, const struct safe_text *label, enum ink ink)
{
    const struct setting how = {.ink = ink, .x = 0, .width = s->cols};
    set_text(s, label, &how, NULL, true);
    if (s->count > 0) {
        s->lines[s->count - 1].keep = true;
    }
}

/* Cells of a text that fits one line, or more than any line has. */
static unsigned width_of(const struct safe_text *t)
{
    return t->count == 1 && t->runs[0].kind == RUN_TEXT && t->points < COLS_MAX ? (unsigned)t->points : COLS_MAX;
}

static struct page_piece label_piece(const struct safe_text *label)
{
    return (struct page_piece){.x = 0, .cells = width_of(label), .ink = INK_SHEET_DIM, .text = label->runs[0].text};
}

static void set_field(struct setter *s, const struct doc_item *item)
{
    if (width_of(&item->label) < LABEL_COLS) {
        const struct page_piece lead = label_piece(&item->label);
        const struct setting how = {.ink = INK_SHEET, .x = LABEL_COLS, .width = s->cols - LABEL_COLS};
        set_text(s, &item->value, &how, &lead, false);
        return;
    }
    set_label(s, &item->label, INK_SHEET_DIM);
    const struct setting how = {.ink = INK_SHEET, .x = LABEL_COLS, .width = s->cols - LABEL_COLS};
    set_text(s, &item->value, &how, NULL, false);
}

static void set_long(struct setter *s, const struct doc_item *item)
{
    put_gap(s);
    set_label(s, &item->label, INK_SHEET_DIM);
    const struct setting how = {.ink = INK_SHEET, .x = INDENT, .width = s->cols - INDENT};
    set_text(s, &item->value, &how, NULL, false);
}

/* One row of eight groups, every second in the other ink, a wider gap in the middle. */
static void set_digest_row(struct setter *s, const uint8_t *hex, const struct page_piece *lead, bool keep)
{
    struct page_piece pieces[9];
    size_t n = 0;
    if (lead != NULL) {
        pieces[n++] = *lead;
    }
    const unsigned x = s->cols - DIGEST_COLS;
    for (unsigned i = 0; i < 8; i++) {
        pieces[n++] = (struct page_piece){.x = x + (i * 5) + (i >= 4 ? 1 : 0),
                                          .cells = 4,
                                          .ink = i % 2 == 0 ? INK_DIGEST : INK_DIGEST_ALT,
                                          .text = span_make(hex + ((size_t)i * 4), 4)};
    }
    put_line(s, pieces, n, keep);
}

static void set_digest(struct setter *s, const struct doc_item *item)
{
    uint8_t *hex = take(s, (size_t)2 * SHA256_BYTES, 1);
    if (hex == NULL) {
        return;
    }
    struct writer w = wr_fixed(hex, (size_t)2 * SHA256_BYTES);
    wr_hex(&w, sha256_span(&item->digest));
    const bool beside = width_of(&item->label) + 1 < s->cols - DIGEST_COLS;
    if (!beside) {
        set_label(s, &item->label, INK_SHEET_DIM);
    }
    const struct page_piece lead = beside ? label_piece(&item->label) : (struct page_piece){0};
    set_digest_row(s, hex, beside ? &lead : NULL, true);
    set_digest_row(s, hex + SHA256_BYTES, NULL, false);
}

static const struct mark_text {
    const char *text;
    enum ink ink;
} marks[] = {
    [MARK_NONE] = {"-", INK_SHEET_DIM},     [MARK_OK] = {"[x]", INK_SHEET_OK},
    [MARK_OPEN] = {"[ ]", INK_SHEET_WARN},  [MARK_WARN] = {"[!]", INK_SHEET_WARN},
    [MARK_NEW] = {"[+]", INK_SHEET_STRONG}, [MARK_GONE] = {"[-]", INK_SHEET_STRONG},
};

static void set_point(struct setter *s, const struct doc_item *item)
{
    const struct mark_text *m = &marks[item->mark];
    const struct page_piece lead = {
        .x = 0, .cells = (unsigned)strlen(m->text), .ink = m->ink, .text = span_str(m->text)};
    const struct setting how = {.ink = INK_SHEET, .x = 4, .width = s->cols - 4};
    set_text(s, &item->value, &how, &lead, false);
}

static void set_whole(struct setter *s, const struct safe_text *t, enum ink ink)
{
    const struct setting how = {.ink = ink, .x = 0, .width = s->cols};
    set_text(s, t, &how, NULL, false);
}

static void set_item(struct setter *s, const struct doc_item *item)
{
    switch (item->kind) {
    case ITEM_TITLE:
        set_whole(s, &item->value, INK_SHEET_STRONG);
        put_gap(s);
        break;
    case ITEM_HEADING:
        put_gap(s);
        set_label(s, &item->label, INK_SHEET_STRONG);
        break;
    case ITEM_FIELD:
        set_field(s, item);
        break;
    case ITEM_TEXT:
        set_long(s, item);
        break;
    case ITEM_DIGEST:
        set_digest(s, item);
        break;
    case ITEM_WORD:
        set_whole(s, &item->value, INK_SHEET_STRONG);
        break;
    case ITEM_POINT:
        set_point(s, item);
        break;
    case ITEM_NOTE:
        set_whole(s, &item->value, INK_SHEET_DIM);
        break;
    }
}

/* The end of the block of lines that must stay together, from `at` on. */
static size_t block_end(const struct setter *s, size_t at)
{
    while (at + 1 < s->count && s->lines[at].keep) {
        at++;
    }
    return at + 1;
}

/* Where the page that starts at `start` ends: blocks stay whole, unless one is longer than a page. */
static size_t page_end(const struct setter *s, size_t start, size_t rows)
{
    size_t at = start;
    while (at < s->count) {
        const size_t end = block_end(s, at);
        if (end - start > rows) {
            return at > start ? at : start + rows;
        }
        at = end;
    }
    return at;
}

static void split(const struct setter *s, size_t rows, struct pages *p)
{
    size_t at = 0;
    do {
        while (at < s->count && s->lines[at].count == 0) {
            at++; /* no gap at the top of a page */
        }
        p->first[p->count] = at;
        at = page_end(s, at, rows);
        p->end[p->count] = at;
        p->count++;
    } while (at < s->count && p->count < PAGES_MAX);
    p->too_long = p->too_long || at < s->count;
}

static CS_RESULT finish(const struct setter *s, size_t rows, struct pages *ret_pages)
{
    ENSURE(s->fail == CS_OK, s->fail, "pages");
    struct pages p = {.lines = s->lines, .line_count = s->count, .too_long = s->too_long};
    split(s, rows, &p);
    *ret_pages = p;
    return CS_SUCCESS;
}

CS_RESULT screen_pages(const struct doc *d, unsigned cols, unsigned rows, struct arena *arena, struct pages *ret_pages)
{
    ENSURE(cols >= PAGES_LEAST_COLS && cols <= COLS_MAX && rows >= PAGES_LEAST_ROWS, CS_E_RANGE, "pages.size");
    TRY(doc_end(d));
    struct setter s = {.arena = arena, .cols = cols};
    for (size_t i = 0; i < d->count && s.fail == CS_OK && !s.too_long; i++) {
        set_item(&s, &d->items[i]);
    }
    return finish(&s, rows, ret_pages);
}

CS_RESULT screen_wrap(struct span words, enum ink ink, unsigned cols, size_t max_lines, struct arena *arena,
                      struct pages *ret_pages)
{
    ENSURE(cols > 0 && cols <= COLS_MAX && max_lines > 0, CS_E_RANGE, "wrap.size");
    const struct text_rule rule = {.form = TEXT_LINE, .repertoire = REPERTOIRE_CELLS, .max_points = LINES_MAX};
    struct safe_text t = {0};
    TRY(screen_text(words, &rule, arena, &t));
    struct setter s = {.arena = arena, .cols = cols};
    const struct setting how = {.ink = ink, .x = 0, .width = cols};
    set_text(&s, &t, &how, NULL, false);
    ENSURE(s.fail == CS_OK, s.fail, "wrap");
    s.count = s.count < max_lines ? s.count : max_lines;
    *ret_pages = (struct pages){.lines = s.lines, .line_count = s.count, .end = {s.count}, .count = 1};
    return CS_SUCCESS;
}
