/* SPDX-License-Identifier: Apache-2.0 */
/* A grid as bytes for a terminal: cursor position, colours, letters, nothing else. Pure. */
#ifndef SCREEN_ANSI_H
#define SCREEN_ANSI_H

#include "screen/screen_grid.h"

/* Appends what turns `before` into `now`; before may be NULL, or of another size: then all of it. */
void screen_ansi(const struct grid *before, const struct grid *now, bool colour, struct writer *w);

/* The screen is ours: other buffer, no cursor, empty. And back. And empty again, after its size changed. */
extern const char screen_ansi_enter[];
extern const char screen_ansi_leave[];
extern const char screen_ansi_clear[];

#endif
