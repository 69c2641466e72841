/* SPDX-License-Identifier: Apache-2.0 */
/* What incidents hold, and what ends it, in words. */
#include "screen/screen_read.h"

static void put_words(struct doc *d, const char *label, const struct span *items, size_t count, const char *none)
{
    for (size_t i = 0; i < count; i++) {
        doc_field(d, i == 0 ? label : "", items[i], DOC_PLAIN);
    }
    if (count == 0) {
        doc_literal(d, label, none);
    }
}

void screen_read_freeze(struct doc *d, const struct state_freeze *f)
{
    doc_field(d, "Incident", f->incident, DOC_PLAIN);
    put_words(d, "Environments", f->environments, f->environment_count, "none");
    put_words(d, "Services", f->services, f->service_count, "all");
    put_words(d, "Responders", f->responders, f->responder_count, "nobody yet");
    doc_time(d, "Frozen", f->since_ms);
    doc_number(d, "Log entry", f->index);
}

/* Every freeze that ends: those of the incident up to the one that is named. */
void screen_read_thaw(struct doc *d, const struct read_input *in)
{
    const struct thaw_content *c = in->sheet->in.thaw;
    const struct state_freeze *f = c != NULL ? state_freeze_find(in->state, c->freeze) : NULL;

    doc_title(d, SPAN_LIT("End a freeze"));
    if (c == NULL) {
        d->unshown = true;
        return;
    }
    doc_field(d, "Asked for by", c->initiator, DOC_PLAIN);
    doc_text(d, SPAN_LIT("Why"), c->reason, DOC_FREE);
    doc_number(d, "Freeze, log entry", c->freeze);
    if (f == NULL) {
        doc_note(d, "This freeze has ended already.");
        return;
    }
    for (size_t i = 0; i < in->state->freeze_count; i++) {
        const struct state_freeze *x = in->state->freezes[i];
        if (x->index <= f->index && span_eq(x->incident, f->incident)) {
            doc_point(d, MARK_GONE, SPAN_LIT("this is no longer frozen"));
            screen_read_freeze(d, x);
        }
    }
}

struct span screen_thaw_title(const struct state *s, const struct state_request *q, struct arena *arena)
{
    struct state_loaded l = {0};
    uint8_t room[MODEL_ACCOUNT_MAX + 32];
    struct writer w = wr_fixed(room, sizeof(room));
    struct span copy = SPAN_NONE;

    if (q->open == NULL || state_load(q, arena, &l).code != CS_OK || l.thaw == NULL) {
        return SPAN_NONE;
    }
    const struct state_freeze *f = state_freeze_find(s, l.thaw->freeze);
    wr_text(&w, "End the freeze of ");
    wr_bytes(&w, f != NULL ? f->incident : SPAN_LIT("an incident that has ended"));
    return arena_copy(arena, wr_span(&w), &copy).code == CS_OK ? copy : SPAN_NONE;
}
