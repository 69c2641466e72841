/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_ansi.h"

const char screen_ansi_enter[] = "\x1b[?1049h\x1b[?25l\x1b[0m\x1b[2J";
const char screen_ansi_clear[] = "\x1b[0m\x1b[2J";
const char screen_ansi_leave[] = "\x1b[0m\x1b[?25h\x1b[?1049l";

/* The sixteen colours that every console has: black on white is the sheet, on yellow is "your body is needed now". */
static const char *const colours[INK_COUNT] = {
    [INK_FRAME] = "0;37;40",          [INK_FRAME_DIM] = "0;36;40",   [INK_FRAME_STRONG] = "0;1;37;40",
    [INK_FRAME_OK] = "0;32;40",       [INK_FRAME_BAD] = "0;1;31;40", [INK_STEP] = "0;1;33;40",
    [INK_BUTTON] = "0;1;37;44",       [INK_BUTTON_OFF] = "0;34;40",  [INK_ACT] = "0;30;43",
    [INK_ACT_STRONG] = "0;1;30;43",   [INK_SHEET] = "0;30;47",       [INK_SHEET_DIM] = "0;34;47",
    [INK_SHEET_STRONG] = "0;1;30;47", [INK_SHEET_OK] = "0;32;47",    [INK_SHEET_WARN] = "0;31;47",
    [INK_STRIPE] = "0;33;40",         [INK_DIGEST] = "0;30;47",      [INK_DIGEST_ALT] = "0;34;47",
    [INK_CHIP] = "0;1;37;41",
};
static const char *const plain[INK_COUNT] = {
    [INK_FRAME] = "0",          [INK_FRAME_DIM] = "0",      [INK_FRAME_STRONG] = "0;1", [INK_FRAME_OK] = "0",
    [INK_FRAME_BAD] = "0;1",    [INK_STEP] = "0;1",         [INK_BUTTON] = "0;1",       [INK_BUTTON_OFF] = "0",
    [INK_ACT] = "0;7",          [INK_ACT_STRONG] = "0;1;7", [INK_SHEET] = "0",          [INK_SHEET_DIM] = "0",
    [INK_SHEET_STRONG] = "0;1", [INK_SHEET_OK] = "0",       [INK_SHEET_WARN] = "0;1",   [INK_DIGEST] = "0",
    [INK_STRIPE] = "0;1",       [INK_DIGEST_ALT] = "0",     [INK_CHIP] = "0;1;7",
};

static bool same_cell(const struct grid_cell *a, const struct grid_cell *b)
{
    return a->ink == b->ink && a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

static bool same_row(const struct grid *a, const struct grid *b, unsigned y)
{
    for (unsigned x = 0; x < b->cols; x++) {
        const size_t at = ((size_t)y * b->cols) + x;
        if (!same_cell(&a->cell[at], &b->cell[at])) {
            return false;
        }
    }
    return true;
}

static void put_row(const struct grid *g, unsigned y, bool colour, struct writer *w)
{
    const char *const *sgr = colour ? colours : plain;
    const struct grid_cell *row = g->cell + ((size_t)y * g->cols);
    unsigned ink = INK_COUNT;

    wr_text(w, "\x1b[");
    wr_dec(w, y + 1U);
    wr_text(w, ";1H");
    for (unsigned x = 0; x < g->cols; x++) {
        if (row[x].ink != ink && row[x].ink < INK_COUNT) {
            ink = row[x].ink;
            wr_text(w, "\x1b[");
            wr_text(w, sgr[ink]);
            wr_u8(w, 'm');
        }
        wr_bytes(w, row[x].len > 0 ? span_make(row[x].b, row[x].len) : SPAN_LIT(" "));
    }
}

void screen_ansi(const struct grid *before, const struct grid *now, bool colour, struct writer *w)
{
    const bool same_size = before != NULL && before->cols == now->cols && before->rows == now->rows;
    const size_t start = w->len;
    for (unsigned y = 0; y < now->rows; y++) {
        if (!same_size || !same_row(before, now, y)) {
            put_row(now, y, colour, w);
        }
    }
    if (w->len > start) {
        wr_text(w, "\x1b[0m");
    }
}
