/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scene drawn in equal cells: what the terminal face sends, and the text twin that tests and speech read. Whatever
 * text comes in, a cell holds one plain letter with at most TEXT_MARKS_MAX marks: never a control byte. Pure.
 */
#ifndef SCREEN_GRID_H
#define SCREEN_GRID_H

#include "screen/screen_scene.h"

enum { GRID_COLS_MAX = 200, GRID_ROWS_MAX = 80, GRID_CELL_BYTES = 4 * (1 + TEXT_MARKS_MAX) };

struct grid_cell {
    uint8_t b[GRID_CELL_BYTES]; /* len == 0: a space */
    uint8_t len;
    uint8_t marks;
    uint8_t ink; /* enum ink */
};

struct grid {
    unsigned cols;
    unsigned rows;
    struct grid_cell *cell; /* rows * cols, in the arena */
};

/* A face larger than the maxima is drawn in its upper left. CS_E_NOMEM. */
CS_RESULT screen_grid_init(struct grid *g, unsigned cols, unsigned rows, struct arena *arena);
/* Writes from (x, y) on, at most `cells` of them, never past the edge; says how many. */
unsigned screen_grid_put(struct grid *g, unsigned x, unsigned y, unsigned cells, enum ink ink, struct span text);
/* CS_E_NOMEM, or CS_E_RANGE when a part does not fit at all. */
CS_RESULT screen_grid_draw(struct grid *g, const struct scene *s, struct arena *arena);
/* For a face that is too small for any scene. */
void screen_grid_small(struct grid *g);

/* The text twin: one line a row, without spaces at its end. */
void screen_grid_twin(const struct grid *g, struct writer *w);

#endif
