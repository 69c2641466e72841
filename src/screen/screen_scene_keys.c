/* SPDX-License-Identifier: Apache-2.0 */
/* The screens about keys and cards: whose are in, insert yours, which of several. */
#include "screen/screen_scene_in.h"

/* "tom, soft key, port 1-2" */
static void say_device(struct stage *g, struct scene_card *c, const struct flow_device *d)
{
    const struct state_person *p = flow_device_person(d, g->w->state);
    struct flow_short name;
    struct scene_text x;
    scene_text(&x, g);
    if (p != NULL) {
        wr_bytes(&x.w, p->id);
        flow_key_name(g->w->state, &d->credential, &name);
        wr_text(&x.w, ", ");
        wr_bytes(&x.w, flow_text(&name));
    } else {
        const bool asking = !d->asked || (g->f->token.op != 0 && g->f->token.op_device == d->number);
        wr_text(&x.w, asking ? "(being asked)" : "(nobody known here)");
    }
    scene_say(c, p != NULL ? INK_FRAME_STRONG : INK_FRAME_DIM, scene_text_end(&x));
}

void scene_card_several(struct stage *g, const char *more)
{
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Keys and cards in");
    for (size_t i = 0; i < g->f->token.devices; i++) {
        say_device(g, c, &g->f->token.device[i]);
    }
    scene_say_text(c, INK_FRAME, more);
}

void scene_identify(struct stage *g)
{
    struct scene_text x;
    scene_rail(g);
    g->s->sheet = &g->f->reading.page;
    struct scene_card *c =
        scene_card(g, CARD_ACT, g->f->token.devices == 0 ? "Insert your key or card" : "Looking whose it is");
    scene_text(&x, g);
    wr_text(&x.w, "To ");
    wr_text(&x.w, decision_word_text(g->f->reading.word));
    wr_text(&x.w, " this request. ");
    wr_dec(&x.w, scene_seconds_left(g, g->f->entered_ms, FLOW_KEY_MS));
    wr_text(&x.w, " seconds");
    scene_say(c, INK_ACT, scene_text_end(&x));
    scene_button(g, "Esc", "", "Stop, sign nothing", true);
}

/* Several that are in may sign: which one does? */
void scene_choose(struct stage *g)
{
    static const struct text_rule rule = {.form = TEXT_LINE, .repertoire = REPERTOIRE_CELLS, .max_points = 256};
    const struct flow_token *k = &g->f->token;
    const size_t n = k->choices < FLOW_QUEUE_ROWS ? k->choices : FLOW_QUEUE_ROWS;
    for (size_t i = 0; i < n; i++) {
        const struct flow_device *d = &k->device[k->choice[i]];
        struct scene_row *row = &g->s->row[i];
        struct flow_short name;
        struct scene_text x;
        row->digit = (char)('1' + i);
        if (screen_text(flow_text(&d->person), &rule, g->arena, &row->title).code != CS_OK) {
            g->fail = CS_E_NOMEM;
        }
        flow_key_name(g->w->state, &d->credential, &name);
        scene_text(&x, g);
        wr_bytes(&x.w, flow_text(&name));
        row->below = scene_text_end(&x);
        row->right = d->card ? SPAN_LIT("card") : SPAN_LIT("key");
        scene_text(&x, g);
        wr_text(&x.w, "port ");
        wr_bytes(&x.w, flow_text(&d->port));
        row->right_below = d->port.len > 0 ? scene_text_end(&x) : SPAN_NONE;
    }
    g->s->row_count = n;
    g->s->heading = SPAN_LIT("Who decides?");
    scene_card_seats(g);
    struct scene_card *c = scene_card(g, CARD_ACT, k->touch ? "Touch your key" : "Press your number");
    struct scene_text x;
    scene_text(&x, g);
    wr_text(&x.w, k->touch ? "Or press your number. " : "");
    wr_text(&x.w, "Only that one is used from now on. ");
    wr_dec(&x.w, scene_seconds_left(g, g->f->entered_ms, FLOW_KEY_MS));
    wr_text(&x.w, " seconds");
    scene_say(c, INK_ACT, scene_text_end(&x));
    scene_button(g, "1-8", "", "This one", n > 0);
    scene_button(g, "Esc", "", "Stop, sign nothing", true);
}
