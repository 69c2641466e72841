/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands on the white sheet, as items in reading order. Labels are ours; a text from outside is split into safe
 * runs as it is added, and the document remembers whether any of it hides something. Pure. docs/kiosk.md.
 */
#ifndef SCREEN_DOC_H
#define SCREEN_DOC_H

#include "base/base_digest.h"
#include "base/base_writer.h"
#include "screen/screen_text.h"

enum item_kind {
    ITEM_TITLE,   /* value alone, strong */
    ITEM_HEADING, /* label alone: a section of ours */
    ITEM_FIELD,   /* label and a short value */
    ITEM_TEXT,    /* label above, value over the whole width */
    ITEM_DIGEST,  /* label and 64 hex digits in groups of four */
    ITEM_WORD,    /* value alone, the decision */
    ITEM_POINT,   /* mark and value */
    ITEM_NOTE,    /* value alone, our own words, muted */
};

enum item_mark { MARK_NONE, MARK_OK, MARK_OPEN, MARK_WARN, MARK_NEW, MARK_GONE };

struct doc_item {
    enum item_kind kind;
    enum item_mark mark;
    struct safe_text label;
    struct safe_text value;
    struct sha256 digest;
};

/* One code point (or byte) that hides something, for the frame to explain. */
struct doc_chip {
    struct text_run run;
};

enum { DOC_ITEMS_MAX = 4096, DOC_CHIPS_MAX = 4, DOC_LINE_MAX = 320 };

struct doc {
    struct arena *arena; /* borrowed; everything lives there */
    enum text_repertoire repertoire;
    struct doc_item *items;
    size_t count;
    size_t cap;
    struct doc_chip chips[DOC_CHIPS_MAX]; /* the first different ones */
    size_t chip_count;
    bool chipped;      /* some field has a chip */
    bool hidden;       /* a field that must be plain has one: only reject */
    bool unshown;      /* something cannot be drawn, or does not fit: nothing can be signed */
    enum cs_code fail; /* sticky, CS_E_NOMEM */
};

/* Must every letter of the field be plain (title, environment, artifact, rollback, identifiers)? */
enum doc_care { DOC_FREE, DOC_PLAIN };

void doc_init(struct doc *d, struct arena *arena, enum text_repertoire repertoire);
/* CS_E_NOMEM if any addition failed; the document must then not be shown. */
CS_RESULT doc_end(const struct doc *d);

void doc_title(struct doc *d, struct span title);
void doc_heading(struct doc *d, const char *label);
void doc_section(struct doc *d, struct span label); /* a heading from outside: a key */
void doc_field(struct doc *d, const char *label, struct span value, enum doc_care care);
/* The label is from outside too: an attribute's or a document's key. */
void doc_named(struct doc *d, struct span label, struct span value);
/* Long text; may have line breaks. */
void doc_text(struct doc *d, struct span label, struct span value, enum doc_care care);
void doc_digest(struct doc *d, const char *label, const struct sha256 *digest);
void doc_word(struct doc *d, struct span value);
void doc_point(struct doc *d, enum item_mark mark, struct span value);
void doc_lines(struct doc *d, enum item_mark mark, struct span value); /* the same, may have line breaks */
/* Words of ours, and numbers that we write. */
void doc_note(struct doc *d, const char *words);
void doc_literal(struct doc *d, const char *label, const char *value);
void doc_number(struct doc *d, const char *label, uint64_t value);
/* "2026-11-24 14:32:07 UTC" */
void doc_time(struct doc *d, const char *label, uint64_t ms);
void doc_bytes(struct doc *d, const char *label, struct span bytes); /* hex in groups of four */

/* A line made from parts: start with doc_line, write to it, and use doc_line_end's span. Longer than DOC_LINE_MAX bytes
 * fails the document. */
struct doc_line {
    struct doc *doc;
    uint8_t room[DOC_LINE_MAX];
    struct writer w;
};
void doc_line(struct doc_line *l, struct doc *d);
struct span doc_line_end(struct doc_line *l);

/* "14:32:07", "2026-11-24 14:32" and "2026-11-24 14:32:07 UTC" of a time in milliseconds; nothing past year 9999. */
void screen_write_clock(struct writer *w, uint64_t ms);
void screen_write_minute(struct writer *w, uint64_t ms);
void screen_write_date(struct writer *w, uint64_t ms);
/* "2 d 4 h", "1 h 27 min", "12 min", "40 s": what is left of a time, rounded down. */
void screen_write_span(struct writer *w, uint64_t ms);
/* "1 d 2 h 3 min 4 s", "90 s" as "1 min 30 s": what somebody signs, with nothing left out. */
void screen_write_exact(struct writer *w, uint64_t seconds);

#endif
