/* SPDX-License-Identifier: Apache-2.0 */
/* Who must sign, and who sits there. */
#include "screen/screen_scene_in.h"

#include "policy/policy_emergency.h"

/* Who sits there without being here. */
static void say_voucher(struct stage *g, struct scene_card *c, const struct sheet *sheet, const struct sheet_line *l)
{
    const struct emergency_case *e = sheet->in.emergency;
    struct scene_text x;
    if (e == NULL || e->scope == NULL || l->have == 0 || !span_eq(l->id, e->scope->seat)) {
        return;
    }
    scene_text(&x, g);
    wr_text(&x.w, "    voucher of ");
    wr_bytes(&x.w, e->scope->initiator);
    scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
}

/* Whether anybody is there to sign, by the duty roster that the policy names. */
static void say_duty(struct stage *g, struct scene_card *c, const struct sheet_line *l)
{
    struct scene_text x;
    scene_text(&x, g);
    if (l->on_duty == 0) {
        wr_text(&x.w, "    nobody is on duty");
    } else {
        wr_text(&x.w, "    on duty: ");
        wr_dec(&x.w, l->on_duty);
    }
    scene_say(c, l->on_duty == 0 ? INK_FRAME_BAD : INK_FRAME_DIM, scene_text_end(&x));
}

static const char *said(enum decision_word word)
{
    if (word == DECISION_APPROVE) {
        return "    ";
    }
    return word == DECISION_ABSTAIN ? "    -- " : "    NO ";
}

/* Of a group: who is left, and who may come instead. */
static void say_group(struct stage *g, struct scene_card *c, const struct sheet_line *l)
{
    if (l->state == SHEET_FAILED) {
        scene_say_text(c, INK_FRAME_BAD, "    too few left to agree");
    }
    for (size_t i = 0; i < l->also_count; i++) {
        struct scene_text x;
        scene_text(&x, g);
        wr_text(&x.w, "    or ");
        wr_bytes(&x.w, l->also[i]);
        scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
    }
}

static void say_seat(struct stage *g, struct scene_card *c, const struct sheet *sheet, const struct sheet_line *l)
{
    struct scene_text x;
    const bool met = l->have >= l->count;
    scene_text(&x, g);
    wr_text(&x.w, met ? "[x] " : "[ ] ");
    wr_bytes(&x.w, l->id);
    wr_text(&x.w, " ");
    wr_dec(&x.w, l->have);
    wr_text(&x.w, " of ");
    wr_dec(&x.w, l->quorum != QUORUM_NONE ? l->of : l->count);
    if (l->quorum != QUORUM_NONE) {
        wr_text(&x.w, ", needs ");
        wr_dec(&x.w, l->count);
    }
    scene_say(c, met ? INK_FRAME_OK : INK_FRAME_STRONG, scene_text_end(&x));
    say_voucher(g, c, sheet, l);
    if (!met && l->duty.left > 0) {
        say_duty(g, c, l);
    }
    say_group(g, c, l);
    for (size_t i = 0; i < sheet->in.decision_count; i++) {
        const struct state_decision *d = &sheet->in.decisions[i];
        struct flow_short seat = {.len = 0};
        struct writer w = wr_fixed(seat.b, sizeof(seat.b));
        policy_seat_name(l, &w);
        if (!span_eq(d->seat, wr_span(&w))) {
            continue;
        }
        scene_text(&x, g);
        wr_text(&x.w, said(d->word));
        wr_bytes(&x.w, d->person->id);
        if (d->delegation != NULL) {
            wr_text(&x.w, " for ");
            wr_bytes(&x.w, d->delegation->by->id);
        }
        wr_text(&x.w, " ");
        screen_write_clock(&x.w, d->time_ms);
        wr_text(&x.w, policy_is_fresh(sheet, d) ? "" : " too old");
        scene_say(c, INK_FRAME_DIM, scene_text_end(&x));
    }
}

void scene_card_seats(struct stage *g)
{
    const struct state_request *q = state_request_find(g->w->state, g->f->reading.request.index);
    struct sheet sheet;
    const bool emergency = flow_emergency(g->f, g->w) != NULL;
    struct scene_card *c = scene_card(g, CARD_PLAIN, emergency ? "Two people, here, now" : "Who must sign");
    if (q == NULL || q->open == NULL || flow_sheet(g->w, q, g->arena, &sheet).code != CS_OK) {
        scene_say_text(c, INK_FRAME_BAD, "No longer open.");
        return;
    }
    for (size_t i = 0; i < sheet.count; i++) {
        if (sheet.lines[i].kind == SHEET_SEAT) {
            say_seat(g, c, &sheet, &sheet.lines[i]);
        }
    }
}
