/* SPDX-License-Identifier: Apache-2.0 */
/* Emergencies, vouchers and reviews in words: what is skipped, what still holds, what is owed. */
#include "screen/screen_read.h"

#include "model/model_emergency.h"

static void say_seconds(struct doc *d, const char *before, struct span seconds, const char *after)
{
    struct doc_line l;
    uint64_t s = 0;
    for (size_t i = 0; i < seconds.left && i < 12; i++) {
        s = (s * 10U) + (uint64_t)(seconds.p[i] - '0');
    }
    doc_line(&l, d);
    wr_text(&l.w, before);
    screen_write_exact(&l.w, s);
    wr_text(&l.w, after);
    doc_point(d, MARK_OK, doc_line_end(&l));
}

static void say_value(struct doc *d, const char *before, struct span value, const char *after)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, before);
    wr_bytes(&l.w, value);
    wr_text(&l.w, after);
    doc_point(d, MARK_OK, doc_line_end(&l));
}

/* One ground of the emergency in words; false when this line has words of its own elsewhere. */
static bool say_ground(struct doc *d, const struct sheet_line *line)
{
    if (span_is(line->id, "presence.window")) {
        say_seconds(d, "all of them within ", line->limit, "");
    } else if (span_is(line->id, "presence.switch")) {
        doc_point(d, MARK_OK, SPAN_LIT("the emergency switch is on"));
    } else if (span_is(line->id, "use_by")) {
        say_seconds(d, "it works once, for these artifacts only, within ", line->limit, "");
    } else if (span_is(line->id, "review")) {
        say_seconds(d, "its review is owed within ", line->limit, "");
    } else if (span_is(line->id, "voucher")) {
        say_value(d, "voucher ", line->value, " stands in for one person");
    } else if (span_is(line->id, "clock")) {
        doc_point(d, MARK_WARN, SPAN_LIT("the clock cannot be trusted; the policy allows it here"));
    } else {
        return false;
    }
    return true;
}

static void say_budget(struct doc *d, const struct sheet_line *line)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "emergencies in this period so far: ");
    wr_bytes(&l.w, line->value);
    wr_text(&l.w, " of ");
    wr_bytes(&l.w, line->limit);
    doc_point(d, MARK_OK, doc_line_end(&l));
}

static void say_skipped(struct doc *d, const struct sheet_line *line)
{
    struct doc_line l;
    doc_line(&l, d);
    if (line->role.left > 0) {
        wr_dec(&l.w, line->count);
        wr_text(&l.w, " x ");
        wr_bytes(&l.w, line->role);
    } else {
        wr_bytes(&l.w, line->value);
    }
    wr_text(&l.w, " for ");
    wr_bytes(&l.w, line->rule);
    wr_u8(&l.w, '/');
    wr_bytes(&l.w, line->id);
    doc_point(d, MARK_GONE, doc_line_end(&l));
}

void screen_read_skips(struct doc *d, const struct sheet *sheet)
{
    size_t skipped = 0;
    doc_heading(d, "This skips");
    for (size_t i = 0; i < sheet->count; i++) {
        if (sheet->lines[i].kind == SHEET_SKIPPED) {
            say_skipped(d, &sheet->lines[i]);
            skipped++;
        }
    }
    if (skipped == 0) {
        doc_note(d, "nothing");
    }
    doc_heading(d, "This still holds");
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_line *line = &sheet->lines[i];
        if (line->kind == SHEET_EMERGENCY && span_is(line->id, "budget")) {
            say_budget(d, line);
        } else if (line->kind == SHEET_EMERGENCY) {
            (void)say_ground(d, line);
        }
    }
}

static void put_title(struct doc *d, const char *before, struct span name)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, before);
    wr_bytes(&l.w, name);
    doc_title(d, doc_line_end(&l));
}

static void read_emergency(struct doc *d, const struct read_input *in, const struct emergency_content *c)
{
    const struct state_request *of = state_request_find(in->state, c->request);
    struct state_loaded l = {0};
    put_title(d, "EMERGENCY: ", c->kind);
    doc_field(d, "Asked for by", c->initiator, DOC_PLAIN);
    doc_field(d, "Points to", c->anchor, DOC_PLAIN);
    doc_text(d, SPAN_LIT("Why it cannot wait"), c->justification, DOC_FREE);
    doc_number(d, "Deployment", c->request);
    if (of == NULL || (of->open == NULL && of->kept == NULL) || state_load(of, d->arena, &l).code != CS_OK ||
        l.deploy == NULL) {
        d->unshown = true; /* what is deployed cannot be shown: nobody signs it */
        doc_note(d, "The deployment that it is about is not there any more.");
        return;
    }
    if (of->status == STATUS_SUCCEEDED) {
        doc_point(d, MARK_WARN, SPAN_LIT("goes back to what ran before"));
    }
    screen_read_skips(d, in->sheet);
    doc_heading(d, "The deployment");
    screen_read_deploy(d, l.deploy);
}

static void read_voucher(struct doc *d, const struct voucher_content *c)
{
    struct doc_line l;
    put_title(d, "Voucher for the seat ", c->seat);
    doc_note(d, "A signature beforehand: it stands in for one person in one emergency to come.");
    doc_field(d, "Given by", c->initiator, DOC_PLAIN);
    if (c->person.left > 0) {
        doc_field(d, "Used by", c->person, DOC_PLAIN);
    } else {
        doc_field(d, "Used by role", c->role, DOC_PLAIN);
    }
    doc_line(&l, d);
    screen_write_exact(&l.w, c->life_s);
    doc_field(d, "Holds for", doc_line_end(&l), DOC_FREE);
    for (size_t i = 0; i < c->kind_count; i++) {
        doc_field(d, i == 0 ? "Emergencies" : "", c->kinds[i], DOC_PLAIN);
    }
    for (size_t i = 0; i < c->environment_count; i++) {
        doc_field(d, i == 0 ? "In" : "", c->environments[i], DOC_PLAIN);
    }
    for (size_t i = 0; i < c->service_count; i++) {
        doc_field(d, i == 0 ? "Services" : "", c->services[i], DOC_PLAIN);
    }
    if (c->service_count == 0) {
        doc_literal(d, "Services", "any");
    }
    doc_text(d, SPAN_LIT("Why"), c->reason, DOC_FREE);
}

static void read_review(struct doc *d, const struct read_input *in, const struct review_content *c)
{
    const struct state_emergency *x = state_emergency_find(in->state, c->emergency);
    doc_title(d, SPAN_LIT("Review of an emergency"));
    doc_field(d, "Written by", c->initiator, DOC_PLAIN);
    doc_number(d, "Emergency, entry", c->emergency);
    if (x != NULL) {
        doc_field(d, "Kind", x->kind, DOC_PLAIN);
        doc_field(d, "Service", x->service, DOC_PLAIN);
        doc_number(d, "Deployment", x->grants);
        doc_time(d, "Granted", x->granted_ms);
        doc_time(d, "Review due", x->due_ms);
    }
    doc_heading(d, "What is told");
    for (size_t i = 0; i < c->field_count; i++) {
        doc_text(d, c->fields[i].key, c->fields[i].value, DOC_FREE);
    }
}

void screen_read_emergency(struct doc *d, const struct read_input *in)
{
    struct state_loaded l = {0};
    if (state_load(in->request, d->arena, &l).code != CS_OK) {
        d->fail = CS_E_NOMEM;
    } else if (l.emergency != NULL) {
        read_emergency(d, in, l.emergency);
    } else if (l.voucher != NULL) {
        read_voucher(d, l.voucher);
    } else if (l.review != NULL) {
        read_review(d, in, l.review);
    } else {
        d->unshown = true;
    }
}

/* ---- titles */

static struct span made(const char *before, struct span name, struct arena *arena)
{
    uint8_t room[128];
    struct writer w = wr_fixed(room, sizeof(room));
    struct span copy = SPAN_NONE;
    wr_text(&w, before);
    wr_bytes(&w, name);
    return arena_copy(arena, wr_span(&w), &copy).code == CS_OK ? copy : SPAN_NONE;
}

/* An emergency is called like the deployment that it is about. */
static struct span of_deployment(const struct state *s, const struct emergency_content *c, struct arena *arena)
{
    const struct state_request *of = state_request_find(s, c->request);
    struct state_loaded l = {0};
    if (of == NULL || (of->open == NULL && of->kept == NULL) || state_load(of, arena, &l).code != CS_OK) {
        return SPAN_NONE;
    }
    return l.deploy != NULL ? l.deploy->title : SPAN_NONE;
}

static struct span delegate_title(const struct sheet_input *in, struct arena *arena)
{
    if (in->delegate == NULL) {
        return SPAN_NONE;
    }
    return in->delegate->revokes_set ? made("A delegation taken back by ", in->delegate->initiator, arena)
                                     : made("Somebody signs for ", in->delegate->initiator, arena);
}

/* Of kinds emergency, voucher and review. */
static struct span of_emergencies(const struct state *s, const struct state_request *q, struct arena *arena)
{
    struct state_loaded l = {0};
    if (q->open == NULL || state_load(q, arena, &l).code != CS_OK) {
        return SPAN_NONE;
    }
    if (l.emergency != NULL) {
        return of_deployment(s, l.emergency, arena);
    }
    return l.voucher != NULL ? made("Voucher for the seat ", l.voucher->seat, arena)
                             : SPAN_LIT("Review of an emergency");
}

struct span screen_title(const struct state *s, const struct state_request *q, const struct sheet_input *in,
                         struct arena *arena)
{
    switch (q->kind) {
    case KIND_DEPLOY:
        return in->deploy != NULL ? in->deploy->title : SPAN_NONE;
    case KIND_POLICY:
        return in->policy != NULL ? in->policy->title : SPAN_NONE;
    case KIND_ROSTER:
        return in->roster != NULL ? in->roster->title : SPAN_NONE;
    case KIND_EMERGENCY:
    case KIND_REVIEW:
    case KIND_VOUCHER:
        return of_emergencies(s, q, arena);
    case KIND_WAIVER:
        return in->waiver != NULL ? made("Waiver of ", in->waiver->line, arena) : SPAN_NONE;
    case KIND_THAW:
        return screen_thaw_title(s, q, arena);
    case KIND_DELEGATE:
        return delegate_title(in, arena);
    case KIND_ACCESS_REVIEW:
        return SPAN_LIT("Access review");
    case KIND_NONE:
    case KIND_COUNT:
        break;
    }
    return SPAN_NONE;
}
