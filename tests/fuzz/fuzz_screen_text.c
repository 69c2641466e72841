/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as title, field and long text: laid out and drawn, nothing but plain letters may come out, in its bounds.
 */
#include "base/base_text.h"
#include "screen/screen_ansi.h"
#include "screen/screen_pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ARENA_BYTES = 64 << 20, TWIN_BYTES = 1 << 20 };

static void require(bool good)
{
    if (!good) {
        abort();
    }
}

static void check_cell(const struct grid_cell *c)
{
    uint32_t point = 0;
    size_t bytes = 0;
    struct span rest = span_make(c->b, c->len);
    require(c->len <= GRID_CELL_BYTES && c->ink < INK_COUNT);
    for (bool first = true; rest.left > 0; first = false) {
        require(text_utf8_next(rest, &point, &bytes).code == CS_OK);
        const enum code_class class = screen_code_class(point);
        const bool bracket = c->ink == INK_CHIP && (point == 0x27E6 || point == 0x27E7);
        require(bracket || class == (first ? CODE_PLAIN : CODE_MARK));
        rest = span_from(rest, bytes);
    }
}

static void check_lines(const struct pages *p, unsigned cols, unsigned rows)
{
    for (size_t n = 0; n < p->count; n++) {
        require(p->first[n] <= p->end[n] && p->end[n] <= p->line_count && p->end[n] - p->first[n] <= rows);
        require(n == 0 || p->first[n] >= p->end[n - 1]);
    }
    for (size_t i = 0; i < p->line_count; i++) {
        for (size_t k = 0; k < p->lines[i].count; k++) {
            const struct page_piece *piece = &p->lines[i].pieces[k];
            require(piece->x + piece->cells <= cols);
        }
    }
}

static void draw_all(const struct pages *p, struct arena *arena)
{
    struct grid g;
    AUTO_WRITER out = wr_heap(TWIN_BYTES);
    require(screen_grid_init(&g, 60, 40, arena).code == CS_OK);
    for (size_t i = 0; i < p->line_count; i++) {
        unsigned x = 0;
        for (size_t k = 0; k < p->lines[i].count; k++) {
            const struct page_piece *piece = &p->lines[i].pieces[k];
            const unsigned n = screen_grid_put(&g, piece->x, (unsigned)(i % 40), piece->cells, piece->ink, piece->text);
            require(n == piece->cells && piece->x >= x); /* as wide as it was set, and never over another */
            x = piece->x + n;
        }
    }
    for (size_t i = 0; i < (size_t)g.cols * g.rows; i++) {
        check_cell(&g.cell[i]);
    }
    screen_grid_twin(&g, &out);
    for (size_t i = 0; i < out.len; i++) {
        require(out.p[i] >= 0x20 || out.p[i] == '\n');
        require(out.p[i] != 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct doc d;
    struct pages p;
    const unsigned cols = 46 + (size > 0 ? data[0] % 14U : 0U);
    arena_init(&arena, ARENA_BYTES);
    doc_init(&d, &arena, REPERTOIRE_CELLS);
    const struct span text = span_make(data, size);
    doc_title(&d, text);
    doc_field(&d, "Field", text, DOC_FREE);
    doc_named(&d, text, text);
    doc_text(&d, SPAN_LIT("Text"), text, DOC_FREE);
    doc_lines(&d, MARK_OK, text);
    if (screen_pages(&d, cols, 18, &arena, &p).code == CS_OK) {
        check_lines(&p, cols, 18);
        draw_all(&p, &arena);
    }
    arena_release(&arena);
    return 0;
}
