/* SPDX-License-Identifier: Apache-2.0 */
/* What files say about a deployment, and waivers of it: every word that the digest people sign covers. */
#include "screen/screen_read.h"

#include "policy/policy_evidence.h"

static enum item_mark mark_of(const struct sheet_line *l)
{
    switch (l->state) {
    case SHEET_MET:
        return MARK_OK;
    case SHEET_WAIVED:
        return MARK_WARN;
    case SHEET_MISSING:
    case SHEET_FAILED:
    case SHEET_BLOCKED:
        break;
    }
    return MARK_OPEN;
}

/* how: known to what runs there, or new; empty where nothing was compared. */
static void read_finding(struct doc *d, const struct report_finding *f, const char *how)
{
    struct doc_line l;

    doc_line(&l, d);
    wr_bytes(&l.w, f->level);
    wr_text(&l.w, how);
    wr_text(&l.w, ": ");
    wr_bytes(&l.w, f->id);
    doc_field(d, "Finding", doc_line_end(&l), DOC_PLAIN);
    if (f->text.left > 0) {
        doc_field(d, "", f->text, DOC_FREE);
    }
}

static void read_numbers(struct doc *d, const struct report *r)
{
    for (size_t i = 0; i < r->number_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_dec(&l.w, r->numbers[i].value);
        doc_named(d, r->numbers[i].name, doc_line_end(&l));
    }
    for (size_t i = 0; i < r->text_count; i++) {
        doc_named(d, r->texts[i].key, r->texts[i].value);
    }
}

/* What it was compared with. */
static void read_baseline(struct doc *d, const struct evidence_note *x)
{
    struct doc_line ran;
    struct doc_line fixed;
    doc_line(&ran, d);
    wr_text(&ran.w, "request ");
    wr_dec(&ran.w, x->baseline.request);
    doc_field(d, "Ran there", doc_line_end(&ran), DOC_FREE);
    doc_line(&fixed, d);
    wr_text(&fixed.w, x->report.more ? "at most " : ""); /* what is not listed may be among those that are not seen */
    wr_dec(&fixed.w, x->baseline.fixed);
    doc_field(d, "Fixed since", doc_line_end(&fixed), DOC_FREE);
}

static void read_file(struct doc *d, const struct state_evidence *kept)
{
    struct evidence_note *x = arena_alloc(d->arena, sizeof(*x));

    if (x == NULL || model_evidence_decode(kept->body, d->arena, x).code != CS_OK) {
        d->unshown = true;
        return;
    }
    doc_field(d, "File", span_str(report_kind_text(x->report.kind)), DOC_PLAIN);
    doc_field(d, "Sent by", kept->source, DOC_PLAIN);
    doc_time(d, "Came", kept->time_ms);
    doc_time(d, "Made", x->report.produced_ms);
    read_numbers(d, &x->report);
    if (x->baseline.present) {
        read_baseline(d, x);
    }
    for (size_t i = 0; i < x->report.finding_count; i++) {
        const char *how = model_evidence_known(x, i) ? ", known" : ", new";
        read_finding(d, &x->report.findings[i], x->baseline.present ? how : "");
    }
    if (x->report.more) {
        doc_note(d, "There are more findings than can be shown here. They count.");
    }
    doc_digest(d, "File sha256", &x->sha256);
}

/* The findings, each at the level that it had. */
static void read_waives(struct doc *d, const struct waiver_content *c)
{
    for (size_t i = 0; i < c->finding_count; i++) {
        struct doc_line l;
        doc_line(&l, d);
        wr_bytes(&l.w, c->findings[i].level);
        wr_text(&l.w, ": ");
        wr_bytes(&l.w, c->findings[i].id);
        doc_field(d, "Waives", doc_line_end(&l), DOC_PLAIN);
    }
}

static void read_waived(struct doc *d, const struct waiver_content *c)
{
    doc_field(d, "Waived by", c->initiator, DOC_PLAIN);
    doc_time(d, "Waived until", c->expires_ms);
    if (c->finding_count == 0) {
        doc_note(d, "All that the file says is waived.");
    }
    read_waives(d, c);
    doc_text(d, SPAN_LIT("Why it is waived"), c->reason, DOC_FREE);
}

static void read_kept(struct doc *d, const struct state_evidence *kept)
{
    struct waiver_content c = {0};

    if (!kept->waiver) {
        read_file(d, kept);
    } else if (model_waiver_content_decode(kept->body, d->arena, &c).code == CS_OK) {
        read_waived(d, &c);
    } else {
        d->unshown = true;
    }
}

static void read_line(struct doc *d, const struct sheet_line *l, const struct state_open *o)
{
    struct doc_line name;

    doc_line(&name, d);
    wr_bytes(&name.w, l->rule);
    wr_text(&name.w, ": ");
    wr_bytes(&name.w, l->id);
    doc_point(d, mark_of(l), doc_line_end(&name));
    doc_field(d, "Asked", l->limit, DOC_FREE);
    doc_field(d, l->state == SHEET_WAIVED ? "Waived" : "Says", l->value, DOC_FREE);
    for (size_t i = 0; o != NULL && i < o->evidence_count; i++) {
        if (policy_evidence_is_of(l->rule, l->id, o->evidence[i].line)) {
            read_kept(d, &o->evidence[i]);
        }
    }
    if (l->has_says) {
        doc_digest(d, "What they say sha256", &l->says);
    }
}

static bool has_files(const struct sheet *s)
{
    size_t i = 0;
    while (i < s->count && s->lines[i].kind != SHEET_EVIDENCE) {
        i++;
    }
    return i < s->count;
}

void screen_read_files(struct doc *d, const struct read_input *in)
{
    if (!has_files(in->sheet)) {
        return;
    }
    doc_heading(d, "What files say about it");
    for (size_t i = 0; i < in->sheet->count; i++) {
        if (in->sheet->lines[i].kind == SHEET_EVIDENCE) {
            read_line(d, &in->sheet->lines[i], in->request->open);
        }
    }
}

void screen_read_waiver(struct doc *d, const struct read_input *in)
{
    const struct waiver_content *c = in->sheet->in.waiver;
    const struct state_request *of = state_request_find(in->state, c->request);

    doc_title(d, screen_title(in->state, in->request, &in->sheet->in, d->arena));
    doc_number(d, "For request", c->request);
    if (in->sheet->in.deploy != NULL) {
        doc_field(d, "Title", in->sheet->in.deploy->title, DOC_PLAIN);
        doc_field(d, "Service", in->sheet->in.deploy->service, DOC_PLAIN);
        doc_field(d, "Environment", in->sheet->in.deploy->environment, DOC_PLAIN);
    }
    doc_field(d, "Owned by", c->initiator, DOC_PLAIN);
    doc_time(d, "Until", c->expires_ms);
    doc_text(d, SPAN_LIT("Why"), c->reason, DOC_FREE);
    if (c->finding_count == 0) {
        doc_note(d, "It lets the whole line pass, until another file comes for it.");
        doc_number(d, "Of entry", c->evidence);
    }
    read_waives(d, c);
    doc_heading(d, "What the files say");
    for (size_t i = 0; of != NULL && of->open != NULL && i < of->open->evidence_count; i++) {
        if (span_eq(of->open->evidence[i].line, c->line)) {
            read_kept(d, &of->open->evidence[i]);
        }
    }
    for (size_t i = 0; i < in->sheet->count; i++) {
        if (in->sheet->lines[i].has_says) {
            doc_digest(d, "What they say sha256", &in->sheet->lines[i].says);
        }
    }
}
