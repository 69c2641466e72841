/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_grid.h"

#include "base/base_text.h"

enum { RAIL_COLS_MAX = 40, BAR_KIOSK_MAX = 20 };

CS_RESULT screen_grid_init(struct grid *g, unsigned cols, unsigned rows, struct arena *arena)
{
    struct grid n = {.cols = cols < GRID_COLS_MAX ? cols : GRID_COLS_MAX,
                     .rows = rows < GRID_ROWS_MAX ? rows : GRID_ROWS_MAX};
    n.cell = arena_array(arena, (size_t)n.cols * n.rows, sizeof(*n.cell));
    ENSURE(n.cell != NULL, CS_E_NOMEM, "grid");
    *g = n;
    return CS_SUCCESS;
}

/* ---- cells */

static struct grid_cell *cell_at(struct grid *g, unsigned x, unsigned y)
{
    return x < g->cols && y < g->rows ? &g->cell[((size_t)y * g->cols) + x] : NULL;
}

/* Only the marks of a chip may be drawn with the brackets that no text may have. */
static bool drawable(uint32_t point, enum ink ink)
{
    const bool bracket = point == 0x27E6 || point == 0x27E7;
    return bracket ? ink == INK_CHIP : screen_code_class(point) == CODE_PLAIN;
}

static void set_cell(struct grid_cell *c, enum ink ink, struct span letter)
{
    c->ink = (uint8_t)ink;
    c->marks = 0;
    c->len = span_is(letter, " ") ? 0 : (uint8_t)letter.left;
    memcpy(c->b, letter.p, letter.left);
}

/* What stands at the start of a text: a letter, a mark for the letter before it, or something that is not drawn. */
struct sight {
    struct span bytes;
    bool mark;
    bool plain;
};

static struct sight look_at(struct span text, enum ink ink)
{
    uint32_t point = 0;
    size_t bytes = 1;
    if (text_utf8_next(text, &point, &bytes).code != CS_OK) {
        return (struct sight){.bytes = span_make(text.p, 1)};
    }
    return (struct sight){.bytes = span_make(text.p, bytes),
                          .mark = screen_code_class(point) == CODE_MARK,
                          .plain = drawable(point, ink)};
}

static bool takes_mark(const struct grid_cell *c)
{
    return c != NULL && c->len > 0 && c->marks < TEXT_MARKS_MAX;
}

unsigned screen_grid_put(struct grid *g, unsigned x, unsigned y, unsigned cells, enum ink ink, struct span text)
{
    struct grid_cell *last = NULL;
    unsigned n = 0;
    while (text.left > 0) {
        const struct sight s = look_at(text, ink);
        text = span_from(text, s.bytes.left);
        if (s.mark && takes_mark(last)) {
            memcpy(last->b + last->len, s.bytes.p, s.bytes.left);
            last->len = (uint8_t)(last->len + s.bytes.left);
            last->marks++;
            continue;
        }
        last = n < cells ? cell_at(g, x + n, y) : NULL;
        if (last == NULL) {
            return n;
        }
        set_cell(last, ink, s.plain ? s.bytes : SPAN_LIT("?"));
        n++;
    }
    return n;
}

static void fill(struct grid *g, unsigned x, unsigned y, unsigned cells, enum ink ink)
{
    for (unsigned i = 0; i < cells; i++) {
        (void)screen_grid_put(g, x + i, y, 1, ink, SPAN_LIT(" "));
    }
}

static unsigned width_of(struct span text)
{
    unsigned n = 0;
    for (size_t i = 0; i < text.left; i++) {
        n += (text.p[i] & 0xC0U) != 0x80U ? 1U : 0U;
    }
    return n;
}

/* ---- the bar */

static void draw_steps(struct grid *g, unsigned x, unsigned step)
{
    static const char *const names[] = {"1 Read", "2 Decide", "3 Sign", "4 Receipt"};
    for (unsigned i = 0; i < 4 && step > 0; i++) {
        const bool here = i + 1 == step;
        const enum ink ink = here ? INK_STEP : INK_FRAME_DIM;
        x += screen_grid_put(g, x, 0, 1, ink, here ? SPAN_LIT("[") : SPAN_LIT(" "));
        x += screen_grid_put(g, x, 0, 12, ink, span_str(names[i]));
        x += screen_grid_put(g, x, 0, 1, ink, here ? SPAN_LIT("]") : SPAN_LIT(" "));
    }
}

static void draw_bar(struct grid *g, const struct scene *s)
{
    fill(g, 0, 0, g->cols, INK_FRAME);
    unsigned x = 1 + screen_grid_put(g, 1, 0, 12, INK_FRAME_STRONG, SPAN_LIT("Countersign "));
    (void)screen_grid_put(g, x, 0, BAR_KIOSK_MAX, INK_FRAME_DIM, s->kiosk);
    draw_steps(g, (g->cols - 38) / 2, s->step);
    const unsigned clock = width_of(s->clock);
    x = g->cols - clock - 1;
    (void)screen_grid_put(g, x, 0, clock, s->clock_trusted ? INK_FRAME : INK_FRAME_BAD, s->clock);
    if (!s->clock_trusted && clock > 0) {
        (void)screen_grid_put(g, x - 2, 0, 1, INK_FRAME_BAD, SPAN_LIT("!"));
    }
}

/* ---- the sheet */

static void rule_line(struct grid *g, unsigned y, unsigned width, const char *left, const char *right)
{
    (void)screen_grid_put(g, 0, y, 1, INK_SHEET_DIM, span_str(left));
    for (unsigned i = 1; i + 1 < width; i++) {
        (void)screen_grid_put(g, i, y, 1, INK_SHEET_DIM, SPAN_LIT("─"));
    }
    (void)screen_grid_put(g, width - 1, y, 1, INK_SHEET_DIM, span_str(right));
}

static void stripe(struct grid *g, unsigned y)
{
    for (unsigned x = 0; x < g->cols; x++) {
        (void)screen_grid_put(g, x, y, 1, INK_STRIPE, SPAN_LIT("/"));
    }
}

/* Above and below, over the whole width: this goes around the ordinary rules. */
static void draw_stripes(struct grid *g, unsigned bottom)
{
    static const struct span words = {(const uint8_t *)" EMERGENCY ", 11};
    stripe(g, 1);
    stripe(g, bottom);
    (void)screen_grid_put(g, g->cols - (unsigned)words.left - 4, 1, (unsigned)words.left, INK_FRAME_BAD, words);
}

static void draw_sheet_frame(struct grid *g, const struct scene *s, unsigned width)
{
    const unsigned bottom = g->rows - 4;
    for (unsigned y = 2; y < bottom; y++) {
        fill(g, 0, y, width, INK_SHEET);
        (void)screen_grid_put(g, 0, y, 1, INK_SHEET_DIM, SPAN_LIT("│"));
        (void)screen_grid_put(g, width - 1, y, 1, INK_SHEET_DIM, SPAN_LIT("│"));
    }
    rule_line(g, 1, width, "┌", "┐");
    rule_line(g, bottom, width, "└", "┘");
    if (s->emergency) {
        draw_stripes(g, bottom);
    }
    if (s->heading.left > 0) {
        unsigned x = 2 + screen_grid_put(g, 2, 1, 1, INK_SHEET_STRONG, SPAN_LIT(" "));
        x += screen_grid_put(g, x, 1, width - 6, INK_SHEET_STRONG, s->heading);
        (void)screen_grid_put(g, x, 1, 1, INK_SHEET_STRONG, SPAN_LIT(" "));
    }
    if (s->foot.left > 0) {
        const unsigned n = width_of(s->foot);
        const unsigned x = width > n + 5 ? width - n - 5 : 1;
        (void)screen_grid_put(g, x, bottom, 1, INK_SHEET_STRONG, SPAN_LIT(" "));
        (void)screen_grid_put(g, x + 1, bottom, n, INK_SHEET_STRONG, s->foot);
        (void)screen_grid_put(g, x + 1 + n, bottom, 1, INK_SHEET_STRONG, SPAN_LIT(" "));
    }
}

static void draw_line(struct grid *g, unsigned x, unsigned y, const struct page_line *line)
{
    for (size_t i = 0; i < line->count; i++) {
        const struct page_piece *p = &line->pieces[i];
        (void)screen_grid_put(g, x + p->x, y, p->cells, p->ink, p->text);
    }
}

static void draw_pages(struct grid *g, const struct flow_pages *p, unsigned rows)
{
    const struct pages *pages = &p->pages;
    if (p->at >= pages->count) {
        return;
    }
    for (size_t i = 0; pages->first[p->at] + i < pages->end[p->at] && i < rows; i++) {
        draw_line(g, 2, 2 + (unsigned)i, &pages->lines[pages->first[p->at] + i]);
    }
}

static unsigned draw_runs(struct grid *g, unsigned x, unsigned y, unsigned cells, const struct safe_text *t)
{
    unsigned n = 0;
    for (size_t i = 0; i < t->count && n < cells; i++) {
        char code[TEXT_CHIP_MAX];
        if (t->runs[i].kind == RUN_TEXT) {
            n += screen_grid_put(g, x + n, y, cells - n, INK_SHEET_STRONG, t->runs[i].text);
        } else if (t->runs[i].kind != RUN_BREAK) {
            screen_chip_text(&t->runs[i], code);
            n += screen_grid_put(g, x + n, y, cells - n, INK_CHIP, SPAN_LIT("⟦"));
            n += screen_grid_put(g, x + n, y, cells - n, INK_CHIP, span_str(code));
            n += screen_grid_put(g, x + n, y, cells - n, INK_CHIP, SPAN_LIT("⟧"));
        }
    }
    return n;
}

static void draw_row(struct grid *g, unsigned y, unsigned width, const struct scene_row *row)
{
    const unsigned right = width_of(row->right);
    const unsigned below = width_of(row->right_below);
    const unsigned edge = width - 2;
    (void)screen_grid_put(g, 2, y, 1, INK_SHEET_OK, row->mine ? SPAN_LIT("*") : SPAN_LIT(" "));
    (void)screen_grid_put(g, 3, y, 1, INK_SHEET_STRONG, span_make(&row->digit, 1));
    (void)draw_runs(g, 6, y, edge - 6 - right - 1, &row->title);
    (void)screen_grid_put(g, edge - right, y, right, INK_SHEET, row->right);
    (void)screen_grid_put(g, 6, y + 1, edge - 6 - below - 1, INK_SHEET_DIM, row->below);
    (void)screen_grid_put(g, edge - below, y + 1, below, INK_SHEET_DIM, row->right_below);
}

static void draw_rows(struct grid *g, const struct scene *s, unsigned width, unsigned rows)
{
    const unsigned step = rows >= FLOW_QUEUE_ROWS * 3 ? 3 : 2;
    for (size_t i = 0; i < s->row_count; i++) {
        draw_row(g, 2 + ((unsigned)i * step), width, &s->row[i]);
    }
    if (s->row_count == 0 && s->empty != NULL) {
        (void)screen_grid_put(g, 3, 3, width - 6, INK_SHEET_DIM, span_str(s->empty));
    }
}

/* ---- the rail */

struct rail {
    unsigned x;
    unsigned cols;
    unsigned y;
    unsigned end;
    struct arena *arena;
};

static bool urgent(enum card_kind k)
{
    return k != CARD_PLAIN;
}

static enum ink fill_of(enum card_kind k)
{
    return k == CARD_ACT ? INK_ACT : INK_FRAME;
}

static CS_RESULT wrap_card(const struct scene_card *c, const struct rail *r, struct pages *ret_lines)
{
    for (size_t i = 0; i < c->count; i++) {
        TRY(screen_wrap(c->line[i].text, c->line[i].ink, r->cols - 2, 8, r->arena, &ret_lines[i]));
    }
    return CS_SUCCESS;
}

/* Lines of the card with its heading and the gap below it. */
static CS_RESULT height_of(const struct scene_card *c, const struct rail *r, unsigned *ret_height)
{
    struct pages lines[SCENE_CARD_LINES_MAX];
    unsigned n = 2;
    TRY(wrap_card(c, r, lines));
    for (size_t i = 0; i < c->count; i++) {
        n += (unsigned)lines[i].line_count;
    }
    *ret_height = n;
    return CS_SUCCESS;
}

static const char *cue_of(enum card_kind k)
{
    switch (k) {
    case CARD_PLAIN:
        return "";
    case CARD_ACT:
        return "> ";
    case CARD_BAD:
        return "! ";
    case CARD_PIN:
        return "> ";
    }
    return "";
}

static CS_RESULT draw_card(struct grid *g, struct rail *r, const struct scene_card *c, unsigned end)
{
    struct pages lines[SCENE_CARD_LINES_MAX];
    const enum ink back = fill_of(c->kind);
    const enum ink strong = c->kind == CARD_ACT ? INK_ACT_STRONG : INK_FRAME_STRONG;
    TRY(wrap_card(c, r, lines));
    if (r->y >= end) {
        return CS_SUCCESS;
    }
    fill(g, r->x, r->y, r->cols, back);
    const enum ink head = c->kind == CARD_BAD ? INK_FRAME_BAD : strong;
    const unsigned x = r->x + 1 + screen_grid_put(g, r->x + 1, r->y, 3, head, span_str(cue_of(c->kind)));
    (void)screen_grid_put(g, x, r->y, r->x + r->cols - x, head, span_str(c->heading));
    r->y++;
    for (size_t i = 0; i < c->count; i++) {
        for (size_t k = 0; k < lines[i].line_count && r->y < end; k++) {
            fill(g, r->x, r->y, r->cols, back);
            draw_line(g, r->x + 1, r->y, &lines[i].lines[k]);
            r->y++;
        }
    }
    r->y++;
    return CS_SUCCESS;
}

/* Cards that want something of the reader are always whole; the others give way. */
static CS_RESULT draw_rail(struct grid *g, const struct scene *s, struct rail *r)
{
    unsigned kept = 0;
    for (size_t i = 0; i < s->card_count; i++) {
        unsigned height = 0;
        if (urgent(s->card[i].kind)) {
            TRY(height_of(&s->card[i], r, &height));
        }
        kept += height;
    }
    for (size_t i = 0; i < s->card_count; i++) {
        unsigned height = 0;
        const bool first = urgent(s->card[i].kind);
        TRY(height_of(&s->card[i], r, &height));
        const unsigned end = first ? r->end : (r->end > kept ? r->end - kept : 0);
        TRY(draw_card(g, r, &s->card[i], end));
        kept -= first ? height : 0;
    }
    return CS_SUCCESS;
}

/* ---- words and buttons */

static CS_RESULT draw_words(struct grid *g, const struct scene *s, struct arena *arena)
{
    struct pages p;
    fill(g, 0, g->rows - 3, g->cols, INK_FRAME);
    fill(g, 0, g->rows - 2, g->cols, INK_FRAME);
    if (s->words.left == 0) {
        return CS_SUCCESS;
    }
    TRY(screen_wrap(s->words, INK_FRAME_STRONG, g->cols - 4, 2, arena, &p));
    for (size_t i = 0; i < p.line_count; i++) {
        draw_line(g, 2, g->rows - 3 + (unsigned)i, &p.lines[i]);
    }
    return CS_SUCCESS;
}

/* Where there is no room for both names of a key, its letter stands alone. */
static bool both(const struct scene_button *b, bool brief)
{
    return b->plain[0] != '\0' && !brief;
}

static const char *name_of(const struct scene_button *b, bool brief)
{
    return brief && b->plain[0] != '\0' ? b->plain : b->key;
}

static unsigned button_cells(const struct scene_button *b, bool brief)
{
    const size_t plain = both(b, brief) ? strlen(b->plain) + 1 : 0;
    return (unsigned)(2 + strlen(name_of(b, brief)) + plain + 1 + strlen(b->label));
}

static unsigned draw_button(struct grid *g, unsigned x, const struct scene_button *b, bool brief)
{
    const unsigned y = g->rows - 1;
    const unsigned start = x;
    const enum ink key = b->on ? INK_BUTTON : INK_BUTTON_OFF;
    x += screen_grid_put(g, x, y, 1, key, b->on ? SPAN_LIT("[") : SPAN_LIT("("));
    x += screen_grid_put(g, x, y, 8, key, span_str(name_of(b, brief)));
    if (both(b, brief)) {
        x += screen_grid_put(g, x, y, 1, key, SPAN_LIT(" "));
        x += screen_grid_put(g, x, y, 1, key, span_str(b->plain));
    }
    x += screen_grid_put(g, x, y, 1, key, b->on ? SPAN_LIT("]") : SPAN_LIT(")"));
    x += screen_grid_put(g, x, y, 1, INK_FRAME, SPAN_LIT(" "));
    x += screen_grid_put(g, x, y, 30, b->on ? INK_FRAME : INK_BUTTON_OFF, span_str(b->label));
    return x - start;
}

static void draw_buttons(struct grid *g, const struct scene *s)
{
    unsigned total = 0;
    for (size_t i = 0; i < s->button_count; i++) {
        total += button_cells(&s->button[i], false) + 2;
    }
    const unsigned gap = total <= g->cols ? 2 : 1;
    const bool brief = gap == 1 && total - s->button_count > g->cols;
    unsigned x = 1;
    fill(g, 0, g->rows - 1, g->cols, INK_FRAME);
    for (size_t i = 0; i < s->button_count; i++) {
        x += draw_button(g, x, &s->button[i], brief) + gap;
    }
}

CS_RESULT screen_grid_draw(struct grid *g, const struct scene *s, struct arena *arena)
{
    const unsigned cols = flow_page_cols(g->cols, g->rows);
    ENSURE(cols > 0, CS_E_RANGE, "grid.size");
    const unsigned width = cols + 4;
    const unsigned rows = flow_page_rows(g->cols, g->rows);
    struct rail rail = {.x = width, .y = 1, .end = g->rows - 3, .arena = arena};
    if (s->emergency) {
        rail.y = 2;
        rail.end = g->rows - 4;
    }
    rail.cols = g->cols - width < RAIL_COLS_MAX ? g->cols - width : RAIL_COLS_MAX;

    for (unsigned y = 0; y < g->rows; y++) {
        fill(g, 0, y, g->cols, INK_FRAME);
    }
    draw_bar(g, s);
    draw_sheet_frame(g, s, width);
    if (s->sheet != NULL) {
        draw_pages(g, s->sheet, rows);
    } else {
        draw_rows(g, s, width, rows);
    }
    TRY(draw_rail(g, s, &rail));
    TRY(draw_words(g, s, arena));
    draw_buttons(g, s);
    return CS_SUCCESS;
}

void screen_grid_small(struct grid *g)
{
    for (unsigned y = 0; y < g->rows; y++) {
        fill(g, 0, y, g->cols, INK_FRAME);
    }
    (void)screen_grid_put(g, 0, 0, g->cols, INK_FRAME_STRONG, span_str(screen_word_text(WORD_SMALL)));
}

void screen_grid_twin(const struct grid *g, struct writer *w)
{
    for (unsigned y = 0; y < g->rows; y++) {
        const struct grid_cell *row = g->cell + ((size_t)y * g->cols);
        unsigned end = g->cols;
        while (end > 0 && row[end - 1].len == 0) {
            end--;
        }
        for (unsigned x = 0; x < end; x++) {
            wr_bytes(w, row[x].len > 0 ? span_make(row[x].b, row[x].len) : SPAN_LIT(" "));
        }
        wr_u8(w, '\n');
    }
}
