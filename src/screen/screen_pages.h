/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A document laid out in equal cells: wrapped anywhere, never cut, digests never broken, split into pages. Every piece
 * of text is plain UTF-8 of one cell a letter. Pure.
 */
#ifndef SCREEN_PAGES_H
#define SCREEN_PAGES_H

#include "screen/screen_doc.h"
#include "screen/screen_ink.h"

enum { PAGES_MAX = 20, PAGES_LEAST_COLS = 46, PAGES_LEAST_ROWS = 8 };

struct page_piece {
    unsigned x; /* cells from the left edge */
    unsigned cells;
    enum ink ink;
    struct span text;
};

struct page_line {
    struct page_piece *pieces;
    size_t count;
    bool keep; /* stays on one page with the line after it */
};

struct pages {
    struct page_line *lines;
    size_t line_count;
    size_t first[PAGES_MAX]; /* page n has the lines from first[n] on, before end[n]; gaps between pages are on none */
    size_t end[PAGES_MAX];
    size_t count;  /* at least 1 */
    bool too_long; /* more than PAGES_MAX: what is there must not be signed */
};

/*
 * Lines and pieces live in the arena; texts borrow from the document.
 *
 * Errors: CS_E_RANGE  fewer than PAGES_LEAST_COLS columns or PAGES_LEAST_ROWS rows
 *         CS_E_NOMEM  the arena is full
 */
CS_RESULT screen_pages(const struct doc *d, unsigned cols, unsigned rows, struct arena *arena, struct pages *ret_pages);

/* One text wrapped by itself, for frame and rail; at most max_lines, the rest is dropped. Same errors. */
CS_RESULT screen_wrap(struct span words, enum ink ink, unsigned cols, size_t max_lines, struct arena *arena,
                      struct pages *ret_pages);

#endif
