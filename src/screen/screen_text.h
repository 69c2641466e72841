/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text from outside, made safe to read: what could mislead becomes a marked chip that says which code point or byte it
 * is. Nothing is dropped and nothing is replaced in silence. Pure. Source: docs/kiosk.md, "Text that hides something".
 */
#ifndef SCREEN_TEXT_H
#define SCREEN_TEXT_H

#include "base/base_arena.h"

/* Zero: may not stand in a text. Source: screen_class_table.py. */
enum code_class {
    CODE_REFUSED,
    CODE_PLAIN,       /* one cell, left to right */
    CODE_MARK,        /* combines with a plain one before it */
    CODE_SHAPED,      /* wide, right to left, or of a script that needs shaping */
    CODE_SHAPED_MARK, /* combines with a shaped one */
};
enum code_class screen_code_class(uint32_t point);

/* What the face at hand can draw. */
enum text_repertoire {
    REPERTOIRE_CELLS,  /* rows of equal cells: a shaped code point cannot be shown */
    REPERTOIRE_SHAPED, /* a face with fonts for every script */
};

enum text_form {
    TEXT_LINE,  /* tab and newline are chips */
    TEXT_LINES, /* newline breaks the line, tab is four spaces */
};

enum { TEXT_MARKS_MAX = 2 };

enum run_kind {
    RUN_TEXT,    /* text: safe UTF-8 */
    RUN_BREAK,   /* a newline of a TEXT_LINES field */
    RUN_CHIP,    /* code: a code point that may not stand in a text; drawn as U+202E, marked */
    RUN_BYTE,    /* code: a byte that is not UTF-8; drawn as byte C0, marked */
    RUN_UNSHOWN, /* code: legal, but this face cannot draw it; drawn as U+05D0, marked */
};

struct text_run {
    enum run_kind kind;
    struct span text; /* RUN_TEXT only; borrowed from the input */
    uint32_t code;
};

struct safe_text {
    struct text_run *runs; /* in the arena */
    size_t count;
    size_t points; /* code points and bad bytes in all; a tab counts as what is drawn for it */
    bool has_chip; /* RUN_CHIP or RUN_BYTE */
    bool has_unshown;
};

/* How the text is to be read. max_points: CS_E_RANGE above it, before anything is laid out. */
struct text_rule {
    enum text_form form;
    enum text_repertoire repertoire;
    size_t max_points;
};

/*
 * Splits a text into runs. Spans borrow from `in`.
 *
 * Errors: CS_E_RANGE  more than rule->max_points
 *         CS_E_NOMEM  the arena is full
 */
CS_RESULT screen_text(struct span in, const struct text_rule *rule, struct arena *arena, struct safe_text *ret_text);

/* A run's letters between its marks, "U+202E" or "byte C0", into 12 bytes with a NUL. For RUN_CHIP, BYTE, UNSHOWN. */
enum { TEXT_CHIP_MAX = 12 };
void screen_chip_text(const struct text_run *run, char ret_text[TEXT_CHIP_MAX]);
/* What such a code point does, in words for the frame: "turns text backwards". Never NULL. */
const char *screen_chip_meaning(const struct text_run *run);

#endif
