/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_text.h"

#include "base/base_text.h"

static const char four_spaces[] = "    ";

/* One step of the walk: what stands here and how many bytes it takes. */
struct glimpse {
    struct text_run run;
    size_t bytes;
};

struct walk {
    const struct text_rule *rule;
    bool base;      /* a letter stands before, that marks may combine with */
    unsigned marks; /* on it so far */
};

static enum run_kind kind_of_mark(struct walk *w, enum code_class class)
{
    if (!w->base || w->marks >= TEXT_MARKS_MAX) {
        return RUN_CHIP;
    }
    w->marks++;
    return class == CODE_SHAPED_MARK && w->rule->repertoire == REPERTOIRE_CELLS ? RUN_UNSHOWN : RUN_TEXT;
}

static enum run_kind kind_of_point(struct walk *w, uint32_t point)
{
    const enum code_class class = screen_code_class(point);
    switch (class) {
    case CODE_MARK:
    case CODE_SHAPED_MARK:
        return kind_of_mark(w, class);
    case CODE_PLAIN:
    case CODE_SHAPED: {
        const bool shown = class == CODE_PLAIN || w->rule->repertoire == REPERTOIRE_SHAPED;
        w->base = shown && point != 0x20;
        w->marks = 0;
        return shown ? RUN_TEXT : RUN_UNSHOWN;
    }
    case CODE_REFUSED:
        break;
    }
    w->base = false;
    return RUN_CHIP;
}

static struct glimpse look(struct walk *w, struct span in)
{
    uint32_t point = 0;
    size_t bytes = 0;
    if (text_utf8_next(in, &point, &bytes).code != CS_OK) {
        w->base = false;
        return (struct glimpse){.run = {.kind = RUN_BYTE, .code = in.p[0]}, .bytes = 1};
    }
    if (w->rule->form == TEXT_LINES && (point == '\n' || point == '\t')) {
        w->base = false;
        const struct span spaces = point == '\t' ? span_str(four_spaces) : SPAN_NONE;
        return (struct glimpse){.run = {.kind = point == '\t' ? RUN_TEXT : RUN_BREAK, .text = spaces, .code = point},
                                .bytes = bytes};
    }
    const enum run_kind kind = kind_of_point(w, point);
    const struct span text = kind == RUN_TEXT ? span_make(in.p, bytes) : SPAN_NONE;
    return (struct glimpse){.run = {.kind = kind, .text = text, .code = point}, .bytes = bytes};
}

/* Does the run go on where the last one ended? */
static bool continues(const struct text_run *last, const struct text_run *next)
{
    return last != NULL && last->kind == RUN_TEXT && next->kind == RUN_TEXT &&
           last->text.p + last->text.left == next->text.p;
}

/* Counts the runs, or fills them when runs is not NULL. */
static size_t split(struct span in, const struct text_rule *rule, struct text_run *runs, struct safe_text *text)
{
    struct walk w = {.rule = rule};
    struct text_run last = {.kind = RUN_BREAK};
    size_t count = 0;
    while (in.left > 0) {
        const struct glimpse g = look(&w, in);
        in = span_from(in, g.bytes);
        text->points += g.run.kind == RUN_TEXT && g.run.code == '\t' ? sizeof(four_spaces) - 1 : 1;
        text->has_chip = text->has_chip || g.run.kind == RUN_CHIP || g.run.kind == RUN_BYTE;
        text->has_unshown = text->has_unshown || g.run.kind == RUN_UNSHOWN;
        if (count > 0 && continues(&last, &g.run)) {
            last.text.left += g.run.text.left;
        } else {
            last = g.run;
            count++;
        }
        if (runs != NULL) {
            runs[count - 1] = last;
        }
    }
    return count;
}

CS_RESULT screen_text(struct span in, const struct text_rule *rule, struct arena *arena, struct safe_text *ret_text)
{
    /* no code point is longer than four bytes: longer inputs are refused before they are walked */
    ENSURE(in.left / 4 <= rule->max_points, CS_E_RANGE, "text");
    struct safe_text text = {0};
    text.count = split(in, rule, NULL, &text);
    ENSURE(text.points <= rule->max_points, CS_E_RANGE, "text");
    text.runs = arena_array(arena, text.count, sizeof(struct text_run));
    ENSURE(text.runs != NULL, CS_E_NOMEM, "text");
    struct safe_text again = {0};
    (void)split(in, rule, text.runs, &again);
    *ret_text = text;
    return CS_SUCCESS;
}

void screen_chip_text(const struct text_run *run, char ret_text[TEXT_CHIP_MAX])
{
    if (run->kind == RUN_BYTE) {
        (void)snprintf(ret_text, TEXT_CHIP_MAX, "byte %02X", (unsigned)(run->code & 0xFFU));
    } else {
        (void)snprintf(ret_text, TEXT_CHIP_MAX, "U+%04X", (unsigned)(run->code & 0x1FFFFFU));
    }
}
