/* SPDX-License-Identifier: Apache-2.0 */
/* The screens of taking back what was asked for here. */
#include "screen/screen_scene_in.h"

void scene_card_asker(struct stage *g)
{
    struct scene_text x;
    if (!flow_can_take_back(g->f, g->w) || !flow_asker_is_in(g->f, g->w)) {
        return;
    }
    struct scene_card *c = scene_card(g, CARD_PLAIN, "Asked for here");
    scene_text(&x, g);
    wr_bytes(&x.w, flow_asker(g->f));
    wr_text(&x.w, " can take it back: w");
    scene_say(c, INK_FRAME, scene_text_end(&x));
}

static const char *what_ends(enum request_kind kind)
{
    if (kind == KIND_EMERGENCY) {
        return "Who signed it has signed for nothing, and nothing is granted. The deployment waits as before.";
    }
    if (kind == KIND_THAW) {
        return "What is frozen stays so.";
    }
    return kind == KIND_VOUCHER ? "Nobody can use it any more, or sign it."
                                : "The review stays owed until another is signed.";
}

void scene_back(struct stage *g)
{
    const struct flow_reading *r = &g->f->reading;
    const bool asks = g->f->state == FLOW_BACK;
    struct flow_pages *p = scene_sheet(g);
    if (p == NULL) {
        return;
    }
    g->s->heading = asks ? SPAN_LIT("Take it back?") : SPAN_LIT("Taking it back");
    doc_title(&p->doc, screen_title(g->w->state, &r->request, &r->sheet.in, g->arena));
    doc_number(&p->doc, "Request", r->request.index);
    doc_field(&p->doc, "Asked for by", flow_asker(g->f), DOC_PLAIN);
    const struct span reason = span_make(r->reason, r->reason_len);
    doc_text(&p->doc, SPAN_LIT("Why it is taken back"), asks ? scene_typed(g, reason) : reason, DOC_FREE);
    scene_sheet_end(g, p);
    struct scene_card *c = scene_card(g, CARD_PLAIN, asks ? "What this does" : "One moment");
    if (asks) {
        scene_say_text(c, INK_FRAME, what_ends(r->request.kind));
        scene_say_text(c, INK_FRAME, "It stays in the log, with your name and these words.");
    } else {
        scene_say_text(c, INK_FRAME, "It is taken back when that stands in the log.");
    }
    scene_button(g, "Esc", "", "Keep it", asks);
    scene_button(g, "Enter", "", "Take it back", asks);
}
