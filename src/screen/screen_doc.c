/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_doc.h"

#include "base/base_text.h"

enum { LINE_POINTS_MAX = 1024, TEXT_POINTS_MAX = 4000, TITLE_POINTS_MAX = 200 };

void doc_init(struct doc *d, struct arena *arena, enum text_repertoire repertoire)
{
    *d = (struct doc){.arena = arena, .repertoire = repertoire};
}

CS_RESULT doc_end(const struct doc *d)
{
    ENSURE(d->fail == CS_OK, d->fail, "doc");
    return CS_SUCCESS;
}

static void grow(struct doc *d)
{
    const size_t cap = d->cap == 0 ? 32 : d->cap * 2;
    struct doc_item *items = cap <= DOC_ITEMS_MAX ? arena_array(d->arena, cap, sizeof(*items)) : NULL;
    if (items == NULL) {
        d->fail = CS_E_NOMEM;
        return;
    }
    if (d->count > 0) {
        memcpy(items, d->items, d->count * sizeof(*items));
    }
    d->items = items;
    d->cap = cap;
}

static void add(struct doc *d, const struct doc_item *item)
{
    if (d->fail == CS_OK && d->count == d->cap) {
        grow(d);
    }
    if (d->fail == CS_OK) {
        d->items[d->count++] = *item;
    }
}

static void remember(struct doc *d, const struct text_run *run)
{
    for (size_t i = 0; i < d->chip_count; i++) {
        if (d->chips[i].run.code == run->code && d->chips[i].run.kind == run->kind) {
            return;
        }
    }
    if (d->chip_count < DOC_CHIPS_MAX) {
        d->chips[d->chip_count++].run = *run;
    }
}

static void note_chips(struct doc *d, const struct safe_text *t, enum doc_care care)
{
    d->chipped = d->chipped || t->has_chip;
    d->hidden = d->hidden || (t->has_chip && care == DOC_PLAIN);
    d->unshown = d->unshown || t->has_unshown;
    for (size_t i = 0; i < t->count && (t->has_chip || t->has_unshown); i++) {
        if (t->runs[i].kind != RUN_TEXT && t->runs[i].kind != RUN_BREAK) {
            remember(d, &t->runs[i]);
        }
    }
}

/* A text that is too long is not laid out at all; the document then cannot be signed. */
static struct safe_text make(struct doc *d, struct span s, enum text_form form, size_t max, enum doc_care care)
{
    const struct text_rule rule = {.form = form, .repertoire = d->repertoire, .max_points = max};
    struct safe_text t = {0};
    struct span own = SPAN_NONE; /* the document outlives what it was made from */
    struct cs_result r = arena_copy(d->arena, s, &own);
    if (r.code == CS_OK) {
        r = screen_text(own, &rule, d->arena, &t);
    }
    if (r.code == CS_E_RANGE) {
        d->unshown = true;
    } else if (r.code != CS_OK) {
        d->fail = CS_E_NOMEM;
    } else {
        note_chips(d, &t, care);
    }
    return t;
}

static struct safe_text ours(struct doc *d, const char *s)
{
    return make(d, span_str(s), TEXT_LINE, LINE_POINTS_MAX, DOC_FREE);
}

void doc_title(struct doc *d, struct span title)
{
    const struct doc_item item = {.kind = ITEM_TITLE, .value = make(d, title, TEXT_LINE, TITLE_POINTS_MAX, DOC_PLAIN)};
    add(d, &item);
}

void doc_heading(struct doc *d, const char *label)
{
    const struct doc_item item = {.kind = ITEM_HEADING, .label = ours(d, label)};
    add(d, &item);
}

void doc_section(struct doc *d, struct span label)
{
    const struct doc_item item = {.kind = ITEM_HEADING, .label = make(d, label, TEXT_LINE, LINE_POINTS_MAX, DOC_PLAIN)};
    add(d, &item);
}

void doc_field(struct doc *d, const char *label, struct span value, enum doc_care care)
{
    const struct doc_item item = {
        .kind = ITEM_FIELD, .label = ours(d, label), .value = make(d, value, TEXT_LINE, LINE_POINTS_MAX, care)};
    add(d, &item);
}

void doc_named(struct doc *d, struct span label, struct span value)
{
    const struct doc_item item = {.kind = ITEM_FIELD,
                                  .label = make(d, label, TEXT_LINE, LINE_POINTS_MAX, DOC_PLAIN),
                                  .value = make(d, value, TEXT_LINE, TEXT_POINTS_MAX, DOC_FREE)};
    add(d, &item);
}

void doc_text(struct doc *d, struct span label, struct span value, enum doc_care care)
{
    const struct doc_item item = {.kind = ITEM_TEXT,
                                  .label = make(d, label, TEXT_LINE, LINE_POINTS_MAX, DOC_PLAIN),
                                  .value = make(d, value, TEXT_LINES, TEXT_POINTS_MAX, care)};
    add(d, &item);
}

void doc_digest(struct doc *d, const char *label, const struct sha256 *digest)
{
    const struct doc_item item = {.kind = ITEM_DIGEST, .label = ours(d, label), .digest = *digest};
    add(d, &item);
}

void doc_word(struct doc *d, struct span value)
{
    const struct doc_item item = {.kind = ITEM_WORD, .value = make(d, value, TEXT_LINE, LINE_POINTS_MAX, DOC_PLAIN)};
    add(d, &item);
}

void doc_point(struct doc *d, enum item_mark mark, struct span value)
{
    const struct doc_item item = {
        .kind = ITEM_POINT, .mark = mark, .value = make(d, value, TEXT_LINE, TEXT_POINTS_MAX, DOC_FREE)};
    add(d, &item);
}

void doc_lines(struct doc *d, enum item_mark mark, struct span value)
{
    const struct doc_item item = {
        .kind = ITEM_POINT, .mark = mark, .value = make(d, value, TEXT_LINES, TEXT_POINTS_MAX, DOC_FREE)};
    add(d, &item);
}

void doc_note(struct doc *d, const char *words)
{
    const struct doc_item item = {.kind = ITEM_NOTE, .value = ours(d, words)};
    add(d, &item);
}

void doc_literal(struct doc *d, const char *label, const char *value)
{
    doc_field(d, label, span_str(value), DOC_FREE);
}

void doc_line(struct doc_line *l, struct doc *d)
{
    l->doc = d;
    l->w = wr_fixed(l->room, sizeof(l->room));
}

struct span doc_line_end(struct doc_line *l)
{
    struct span copy = SPAN_NONE;
    if (l->w.fail != CS_OK) {
        l->doc->unshown = true; /* it does not fit, so it is not shown, so nothing can be signed */
        return SPAN_LIT("(too long to show)");
    }
    if (arena_copy(l->doc->arena, wr_span(&l->w), &copy).code != CS_OK) {
        l->doc->fail = CS_E_NOMEM;
    }
    return copy;
}

void doc_number(struct doc *d, const char *label, uint64_t value)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_dec(&l.w, value);
    doc_field(d, label, doc_line_end(&l), DOC_FREE);
}

void doc_time(struct doc *d, const char *label, uint64_t ms)
{
    struct doc_line l;
    doc_line(&l, d);
    screen_write_date(&l.w, ms);
    doc_field(d, label, doc_line_end(&l), DOC_FREE);
}

void doc_bytes(struct doc *d, const char *label, struct span bytes)
{
    struct doc_line l;
    doc_line(&l, d);
    for (size_t at = 0; at < bytes.left; at += 2) {
        wr_text(&l.w, at == 0 ? "" : " ");
        wr_hex(&l.w, span_make(bytes.p + at, bytes.left - at < 2 ? 1 : 2));
    }
    doc_field(d, label, doc_line_end(&l), DOC_FREE);
}

void screen_write_clock(struct writer *w, uint64_t ms)
{
    uint8_t room[TEXT_TIME_LEN];
    struct writer t = wr_fixed(room, sizeof(room));
    text_time_write(&t, ms);
    if (t.fail == CS_OK) {
        wr_bytes(w, span_make(room + 11, 8));
    }
}

void screen_write_minute(struct writer *w, uint64_t ms)
{
    uint8_t room[TEXT_TIME_LEN];
    struct writer t = wr_fixed(room, sizeof(room));
    text_time_write(&t, ms);
    if (t.fail == CS_OK) {
        wr_bytes(w, span_make(room, 10));
        wr_u8(w, ' ');
        wr_bytes(w, span_make(room + 11, 5));
    }
}

void screen_write_date(struct writer *w, uint64_t ms)
{
    uint8_t room[TEXT_TIME_LEN];
    struct writer t = wr_fixed(room, sizeof(room));
    text_time_write(&t, ms);
    if (t.fail == CS_OK) {
        wr_bytes(w, span_make(room, 10));
        wr_u8(w, ' ');
        wr_bytes(w, span_make(room + 11, 8));
        wr_text(w, " UTC");
    }
}

static void write_two(struct writer *w, uint64_t big, const char *big_unit, uint64_t small, const char *small_unit)
{
    wr_dec(w, big);
    wr_text(w, big_unit);
    if (small > 0) {
        wr_u8(w, ' ');
        wr_dec(w, small);
        wr_text(w, small_unit);
    }
}

void screen_write_span(struct writer *w, uint64_t ms)
{
    const uint64_t s = ms / 1000;
    if (s >= 86400) {
        write_two(w, s / 86400, " d", (s % 86400) / 3600, " h");
    } else if (s >= 3600) {
        write_two(w, s / 3600, " h", (s % 3600) / 60, " min");
    } else if (s >= 60) {
        write_two(w, s / 60, " min", 0, "");
    } else {
        write_two(w, s, " s", 0, "");
    }
}

void screen_write_exact(struct writer *w, uint64_t seconds)
{
    static const struct unit {
        uint64_t s;
        const char *name;
    } units[] = {{86400, " d"}, {3600, " h"}, {60, " min"}, {1, " s"}};
    bool begun = false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const uint64_t n = seconds / units[i].s;
        seconds %= units[i].s;
        if (n > 0 || (units[i].s == 1 && !begun)) {
            wr_text(w, begun ? " " : "");
            wr_dec(w, n);
            wr_text(w, units[i].name);
            begun = true;
        }
    }
}
