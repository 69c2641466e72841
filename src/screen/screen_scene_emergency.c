/* SPDX-License-Identifier: Apache-2.0 */
/* What the frame says of emergencies: reviews that are owed, who is here, how long they have. */
#include "screen/screen_scene_in.h"

/* ---- reviews that are owed */

static void say_debt(struct stage *g, struct scene_card *c, const struct state_emergency *x)
{
    struct scene_text t;
    const bool late = x->due_ms <= g->w->clock_ms;
    scene_text(&t, g);
    wr_text(&t.w, late ? "[!] " : "[ ] ");
    wr_bytes(&t.w, x->service);
    if (late) {
        wr_text(&t.w, ": OVERDUE");
    } else {
        wr_text(&t.w, ": in ");
        screen_write_span(&t.w, x->due_ms - g->w->clock_ms);
    }
    scene_say(c, late ? INK_FRAME_BAD : INK_FRAME_STRONG, scene_text_end(&t));
}

void scene_card_debts(struct stage *g)
{
    enum { SHOWN = 3 };
    const struct state *s = g->w->state;
    struct scene_card *c = NULL;
    size_t owed = 0;
    bool late = false;
    for (size_t i = 0; i < s->emergency_count; i++) {
        const bool open = s->emergencies[i]->review_index == 0;
        owed += open ? 1U : 0U;
        late = late || (open && s->emergencies[i]->due_ms <= g->w->clock_ms);
    }
    if (owed == 0) {
        return;
    }
    c = scene_card(g, late ? CARD_BAD : CARD_PLAIN, late ? "A review is overdue" : "Reviews are owed");
    for (size_t i = 0, shown = 0; i < s->emergency_count && shown < SHOWN; i++) {
        if (s->emergencies[i]->review_index == 0) {
            say_debt(g, c, s->emergencies[i]);
            shown++;
        }
    }
    scene_say_text(c, INK_FRAME, late ? "It blocks the next emergency there. Press 9." : "Press 9 to write one.");
}

/* ---- what incidents hold */

void scene_card_frozen(struct stage *g)
{
    enum { SHOWN = 3 };
    const struct state *s = g->w->state;
    if (s->freeze_count == 0) {
        return;
    }
    struct scene_card *c = scene_card(g, CARD_BAD, "Frozen");
    for (size_t i = s->freeze_count; i > 0 && s->freeze_count - i < SHOWN; i--) {
        const struct state_freeze *x = s->freezes[i - 1];
        struct scene_text t;
        scene_text(&t, g);
        wr_bytes(&t.w, x->incident);
        wr_text(&t.w, ": ");
        wr_bytes(&t.w, x->environments[0]);
        wr_text(&t.w, x->environment_count > 1 ? " and others" : "");
        scene_say(c, INK_FRAME_BAD, scene_text_end(&t));
    }
    if (s->freeze_count > SHOWN) {
        struct scene_text t;
        scene_text(&t, g);
        wr_text(&t.w, "and ");
        wr_dec(&t.w, s->freeze_count - SHOWN);
        wr_text(&t.w, " more");
        scene_say(c, INK_FRAME, scene_text_end(&t));
    }
}

static void card_paused(struct stage *g, const struct sheet_line *l)
{
    struct scene_card *c = scene_card(g, CARD_BAD, "Paused");
    struct scene_text t;
    scene_text(&t, g);
    wr_bytes(&t.w, l->value);
    wr_text(&t.w, " holds this.");
    scene_say(c, INK_FRAME_BAD, scene_text_end(&t));
    scene_say_text(c, INK_FRAME, "It cannot be approved until the freeze ends.");
}

/* What is missing, once for each cause; the pages say of which line. */
static void card_blocked(struct stage *g, const struct sheet *s)
{
    enum { SHOWN = 2 };
    struct scene_card *c = scene_card(g, CARD_BAD, "Cannot be approved now");
    enum policy_reason said[SHOWN] = {REASON_OK};
    size_t n = 0;
    for (size_t i = 0; i < s->count && n < SHOWN; i++) {
        const struct sheet_line *l = &s->lines[i];
        const bool holds = l->kind != SHEET_SEAT && l->kind != SHEET_WINDOW && !policy_line_passes(l);
        if (holds && (n == 0 || said[0] != l->reason)) {
            scene_say_text(c, INK_FRAME, policy_reason_sentence(l->reason));
            said[n++] = l->reason;
        }
    }
}

/* Of the request that is read: as it is now, whatever its pages said when they were opened. */
void scene_card_held(struct stage *g)
{
    const struct state_request *q = state_request_find(g->w->state, g->f->reading.request.index);
    struct sheet sheet;
    if (q == NULL || q->open == NULL || q->status != STATUS_ELIGIBLE ||
        flow_sheet(g->w, q, g->arena, &sheet).code != CS_OK || policy_sheet_signable(&sheet).allow) {
        return;
    }
    for (size_t i = 0; i < sheet.count; i++) {
        if (sheet.lines[i].kind == SHEET_FREEZE && !policy_line_passes(&sheet.lines[i])) {
            card_paused(g, &sheet.lines[i]);
            return;
        }
    }
    card_blocked(g, &sheet);
}

/* ---- two people, here, now */

/* When the first of those signed who still count; 0: nobody does. */
static uint64_t first_signed_ms(struct stage *g, const struct state_request *q)
{
    struct sheet sheet;
    if (q->open == NULL || flow_sheet(g->w, q, g->arena, &sheet).code != CS_OK) {
        return 0;
    }
    for (size_t i = 0; i < q->decision_count; i++) {
        if (q->decisions[i].word == DECISION_APPROVE && policy_is_fresh(&sheet, &q->decisions[i])) {
            return q->decisions[i].time_ms;
        }
    }
    return 0;
}

void scene_card_window(struct stage *g, const struct state_request *q)
{
    const struct policy_emergency *e = flow_emergency(g->f, g->w);
    struct scene_text t;
    if (e == NULL) {
        return;
    }
    const uint64_t window_ms = e->window_s * 1000U;
    const uint64_t now = g->w->clock_ms;
    const uint64_t first = first_signed_ms(g, q);
    struct scene_card *c = scene_card(g, CARD_PLAIN, first == 0 ? "All at once" : "Second person");
    scene_text(&t, g);
    if (first == 0) {
        wr_text(&t.w, "All must sign within ");
        screen_write_exact(&t.w, e->window_s);
        wr_text(&t.w, " of the first one.");
    } else {
        wr_text(&t.w, "Another person, another key. ");
        wr_dec(&t.w, first + window_ms > now ? (first + window_ms - now + 999) / 1000 : 0);
        wr_text(&t.w, " seconds left");
    }
    scene_say(c, first == 0 ? INK_FRAME : INK_FRAME_STRONG, scene_text_end(&t));
    if (e->presence_switch) {
        const bool on = g->w->presence_switch == SWITCH_ON;
        scene_say_text(c, on ? INK_FRAME_OK : INK_FRAME_BAD,
                       on ? "[x] Emergency switch on" : "[!] Emergency switch off");
    }
}

bool scene_is_emergency(const struct flow *f)
{
    return f->form.what == FORM_EMERGENCY || (f->reading.open && f->reading.request.kind == KIND_EMERGENCY);
}
