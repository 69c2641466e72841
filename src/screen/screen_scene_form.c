/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of forms: one question each. */
#include "screen/screen_scene_in.h"

enum { OPTION_BYTES = 512 };

static void fill_option(struct stage *g, const struct question *q, size_t i, struct scene_row *row)
{
    static const struct text_rule rule = {.form = TEXT_LINE, .repertoire = REPERTOIRE_CELLS, .max_points = 1024};
    const struct flow_form *m = &g->f->form;
    const bool set = (m->answer[m->at].set & UINT64_C(1) << i) != 0;
    uint8_t *room = arena_alloc(g->arena, 2 * (size_t)OPTION_BYTES);
    if (room == NULL) {
        g->fail = CS_E_NOMEM;
        return;
    }
    struct form_choice o = {.title = wr_fixed(room, OPTION_BYTES),
                            .below = wr_fixed(room + OPTION_BYTES, OPTION_BYTES)};
    if (q->kind == QUESTION_SET) {
        wr_text(&o.title, set ? "[x] " : "[ ] ");
    }
    form_option(g->f, g->w, m->at, i, &o);
    if (screen_text(wr_span(&o.title), &rule, g->arena, &row->title).code != CS_OK) {
        g->fail = CS_E_NOMEM;
    }
    row->below = wr_span(&o.below);
}

static void options(struct stage *g, const struct question *q)
{
    const size_t from = g->f->form.page * FLOW_QUEUE_ROWS;
    const bool more = from + FLOW_QUEUE_ROWS < q->options;
    for (size_t i = from; i < q->options && i < from + FLOW_QUEUE_ROWS; i++) {
        struct scene_row *row = &g->s->row[g->s->row_count++];
        row->digit = (char)('1' + (i - from));
        fill_option(g, q, i, row);
    }
    g->s->empty = "Nothing can be chosen here.";
    scene_button(g, "1-8", "", q->kind == QUESTION_SET ? "On or off" : "This one", g->s->row_count > 0);
    if (from > 0 || more) {
        scene_button(g, "PgDn", "n", "More", more);
        scene_button(g, "PgUp", "p", "Less", from > 0);
    }
    if (q->kind == QUESTION_SET) {
        scene_button(g, "Enter", "", "Go on", g->f->form.answer[g->f->form.at].set != 0);
    }
}

static void written(struct stage *g, const struct question *q)
{
    const struct flow_form *m = &g->f->form;
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    doc_title(&p->doc, span_str(q->title));
    doc_text(&p->doc, q->about.left > 0 ? q->about : SPAN_LIT("Your words"),
             scene_typed(g, span_make(m->typed, m->typed_len)), DOC_FREE);
    scene_sheet_end(g, p);
    scene_button(g, "Enter", "", "Go on", true);
}

void scene_form(struct stage *g)
{
    struct question q;
    struct scene_text x;
    if (!form_question(g->f, g->w, g->f->form.at, &q)) {
        return;
    }
    g->s->heading = span_str(q.title);
    scene_button(g, "Esc", "", "Back", true);
    if (q.kind == QUESTION_TEXT) {
        written(g, &q);
    } else {
        options(g, &q);
    }
    struct scene_card *c = scene_card(g, CARD_PLAIN, g->f->form.what == FORM_CARD ? "Enrol a card" : "Question");
    scene_say_text(c, INK_FRAME, q.hint);
    if (q.kind == QUESTION_TEXT && q.least > 1) {
        scene_text(&x, g);
        wr_text(&x.w, "At least ");
        wr_dec(&x.w, q.least);
        wr_text(&x.w, " characters.");
        scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
    }
}
