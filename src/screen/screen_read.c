/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_read.h"

#include "screen/screen_words.h"

/* Plans for going back are read before anything is approved: nothing may hide in them. */
static bool is_backout(struct span key)
{
    return span_starts(key, SPAN_LIT("backout")) || span_starts(key, SPAN_LIT("rollback"));
}

static void put_optional(struct doc *d, const char *label, struct span value, enum doc_care care)
{
    if (value.left > 0) {
        doc_field(d, label, value, care);
    }
}

static void read_head(struct doc *d, const struct deploy_content *c)
{
    doc_title(d, c->title);
    doc_field(d, "Environment", c->environment, DOC_PLAIN);
    doc_field(d, "Service", c->service, DOC_PLAIN);
    doc_field(d, "Change type", c->change_type, DOC_PLAIN);
    doc_field(d, "Asked for by", c->initiator, DOC_PLAIN);
    put_optional(d, "Triggered by", c->trigger, DOC_PLAIN);
    put_optional(d, "Ticket", c->ticket, DOC_PLAIN);
    put_optional(d, "Ticket's state", c->ticket_state, DOC_PLAIN);
    put_optional(d, "Ticket's system", c->ticket_system, DOC_PLAIN);
    for (size_t i = 0; i < c->remediates_count; i++) {
        doc_field(d, i == 0 ? "Puts right" : "", c->remediates[i], DOC_PLAIN);
    }
}

static void read_artifacts(struct doc *d, const struct deploy_content *c)
{
    doc_heading(d, "What is deployed");
    for (size_t i = 0; i < c->artifact_count; i++) {
        doc_field(d, "Artifact", c->artifacts[i].name, DOC_PLAIN);
        doc_digest(d, "sha256", &c->artifacts[i].sha256);
    }
    if (c->has_config) {
        doc_digest(d, "Configuration sha256", &c->config_sha256);
    }
    if (c->has_plan) {
        doc_digest(d, "Plan sha256", &c->plan_sha256);
    }
}

/* Signed together with what is deployed, so it is read with it. */
static void read_rollback(struct doc *d, const struct deploy_rollback *r)
{
    if (r == NULL) {
        return;
    }
    doc_heading(d, "What it may go back to");
    for (size_t i = 0; i < r->artifact_count; i++) {
        doc_field(d, "Artifact", r->artifacts[i].name, DOC_PLAIN);
        doc_digest(d, "sha256", &r->artifacts[i].sha256);
    }
    if (r->has_config) {
        doc_digest(d, "Configuration sha256", &r->config_sha256);
    }
    if (r->has_plan) {
        doc_digest(d, "Plan sha256", &r->plan_sha256);
    }
    for (size_t i = 0; i < r->trigger_count; i++) {
        doc_field(d, i == 0 ? "if it fails by" : "or by", r->triggers[i], DOC_PLAIN);
    }
    doc_note(d, "Your signature lets the pipeline go back to it once, without asking again.");
}

static void read_documentation(struct doc *d, const struct deploy_content *c)
{
    if (c->documentation_count > 0) {
        doc_heading(d, "What the requester writes");
    }
    for (size_t i = 0; i < c->documentation_count; i++) {
        const struct text_pair *p = &c->documentation[i];
        const bool backout = is_backout(p->key);
        doc_text(d, span_is(p->key, "backout_plan") ? SPAN_LIT("If it goes wrong") : p->key, p->value,
                 backout ? DOC_PLAIN : DOC_FREE);
    }
}

static void read_size(struct doc *d, const struct request_source *s)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_dec(&l.w, s->commits);
    wr_text(&l.w, s->commits == 1 ? " commit, " : " commits, ");
    wr_dec(&l.w, s->files_changed);
    wr_text(&l.w, s->files_changed == 1 ? " file, " : " files, ");
    wr_dec(&l.w, s->lines_added);
    wr_text(&l.w, " lines added, ");
    wr_dec(&l.w, s->lines_removed);
    wr_text(&l.w, " removed");
    doc_field(d, "Size", doc_line_end(&l), DOC_FREE);
}

static void read_source(struct doc *d, const struct request_source *s)
{
    if (!s->present) {
        return;
    }
    doc_heading(d, "Where it comes from");
    put_optional(d, "Repository", s->repository, DOC_FREE);
    put_optional(d, "Branch or tag", s->ref, DOC_FREE);
    put_optional(d, "Commit", s->commit, DOC_PLAIN);
    put_optional(d, "Since", s->since, DOC_FREE);
    read_size(d, s);
    for (size_t i = 0; i < s->author_count; i++) {
        doc_field(d, "Author", s->authors[i], DOC_PLAIN);
    }
    if (s->has_protected) {
        doc_literal(d, "Protected branch", s->is_protected ? "yes" : "no");
    }
    if (s->pull_request_state.left > 0) {
        doc_number(d, "Pull request", s->pull_request);
        doc_field(d, "which is", s->pull_request_state, DOC_PLAIN);
    }
    for (size_t i = 0; i < s->reviewer_count; i++) {
        doc_field(d, "Reviewed by", s->reviewers[i], DOC_PLAIN);
    }
}

void screen_read_evidence(struct doc *d, enum item_mark mark, const struct evidence_item *e)
{
    struct doc_line l;
    doc_point(d, mark, e->name);
    doc_field(d, "Kind", e->kind, DOC_FREE);
    doc_line(&l, d);
    wr_dec(&l.w, e->passed);
    wr_text(&l.w, " passed, ");
    wr_dec(&l.w, e->failed);
    wr_text(&l.w, " failed, ");
    wr_dec(&l.w, e->skipped);
    wr_text(&l.w, " skipped");
    doc_field(d, "Result", doc_line_end(&l), DOC_FREE);
    doc_number(d, "Bytes", e->size_bytes);
    doc_digest(d, "sha256", &e->sha256);
}

static void read_evidence(struct doc *d, const struct deploy_content *c)
{
    if (c->evidence_count > 0) {
        doc_heading(d, "Evidence");
    }
    for (size_t i = 0; i < c->evidence_count; i++) {
        const struct evidence_item *e = &c->evidence[i];
        screen_read_evidence(d, e->failed == 0 ? MARK_OK : MARK_WARN, e);
    }
}

static void read_attributes(struct doc *d, const struct deploy_content *c)
{
    if (c->attribute_count > 0) {
        doc_heading(d, "Attributes");
    }
    for (size_t i = 0; i < c->attribute_count; i++) {
        doc_named(d, c->attributes[i].key, c->attributes[i].value);
    }
}

/* How deployments of this service went here, as it was when this was opened. */
static void read_history(struct doc *d, const struct deploy_content *c)
{
    if (c->history_count > 0) {
        doc_heading(d, "How it went here before");
    }
    for (size_t i = 0; i < c->history_count; i++) {
        const struct history_window *h = &c->history[i];
        struct doc_line l;
        struct doc_line of;
        doc_line(&of, d);
        wr_text(&of.w, "Last ");
        screen_write_exact(&of.w, h->window_s);
        doc_line(&l, d);
        wr_dec(&l.w, h->deployments);
        wr_text(&l.w, h->deployments == 1 ? " deployment, " : " deployments, ");
        wr_dec(&l.w, h->failed);
        wr_text(&l.w, " failed");
        if (h->recovery_s > 0) {
            wr_text(&l.w, "; down for at most ");
            screen_write_exact(&l.w, h->recovery_s);
        }
        doc_named(d, doc_line_end(&of), doc_line_end(&l));
    }
}

void screen_read_deploy(struct doc *d, const struct deploy_content *c)
{
    read_head(d, c);
    read_artifacts(d, c);
    read_rollback(d, c->rollback);
    read_documentation(d, c);
    read_source(d, &c->source);
    read_evidence(d, c);
    read_attributes(d, c);
    read_history(d, c);
}

static void read_proposed_policy(struct doc *d, const struct read_input *in)
{
    const struct policy_content *c = in->sheet->in.policy;
    struct policy_doc *next = arena_alloc(d->arena, sizeof(*next));

    doc_title(d, c->title);
    doc_field(d, "Asked for by", c->initiator, DOC_PLAIN);
    doc_text(d, SPAN_LIT("Why"), c->reason, DOC_FREE);
    if (next == NULL || model_policy_decode(c->policy, d->arena, next).code != CS_OK) {
        d->unshown = true;
        return;
    }
    screen_read_policy(d, next, &in->state->policy->doc);
    const struct sha256 digest = digest_sha256(c->policy);
    doc_digest(d, "Policy sha256", &digest);
}

void screen_read_roster(struct doc *d, const struct roster_content *c, const struct change_facts *facts,
                        const struct state *state)
{
    doc_title(d, c->title);
    doc_field(d, "Asked for by", c->initiator, DOC_PLAIN);
    doc_text(d, SPAN_LIT("Why"), c->reason, DOC_FREE);
    screen_read_changes(d, &c->changes, facts, state);
    struct sha256 digest = {{0}};
    if (model_changes_digest(&c->changes, d->arena, &digest).code != CS_OK) {
        d->unshown = true;
    }
    doc_digest(d, "Roster sha256", &digest);
}

static void write_seat(struct writer *w, const struct sheet_line *line)
{
    wr_dec(w, line->count);
    if (line->quorum != QUORUM_NONE) {
        wr_text(w, " of the ");
        wr_dec(w, line->of);
    }
    wr_text(w, " x ");
    wr_bytes(w, line->role);
    for (size_t i = 0; i < line->also_count; i++) {
        wr_text(w, " or ");
        wr_bytes(w, line->also[i]);
    }
    wr_text(w, " for ");
    wr_bytes(w, line->id);
    if (line->after.left > 0) {
        wr_text(w, ", after ");
        wr_bytes(w, line->after_rule);
        wr_text(w, line->after_rule.left > 0 ? "/" : "");
        wr_bytes(w, line->after);
    }
    if (line->duty.left > 0) {
        wr_text(w, ", on duty in ");
        wr_bytes(w, line->duty);
    }
    for (size_t i = 0; i < line->veto_count; i++) {
        wr_text(w, i == 0 ? "; a no ends it of: " : ", ");
        wr_bytes(w, line->veto[i]);
    }
}

static void write_need(struct writer *w, const struct sheet_line *line)
{
    if (line->kind == SHEET_SEAT) {
        write_seat(w, line);
        return;
    }
    wr_bytes(w, line->id);
    if (line->kind == SHEET_REASON) {
        wr_text(w, ": ");
        wr_dec(w, line->count);
        wr_text(w, line->count == 1 ? " character" : " characters");
    } else if (line->kind == SHEET_CLOCK) {
        wr_text(w, ": ");
        screen_write_exact(w, line->count);
    }
}

/* Lists of names go on one line; everything else has its own. */
static bool joins(const struct sheet_line *a, const struct sheet_line *b)
{
    const bool list = a->kind == SHEET_FIELD || a->kind == SHEET_BIND || a->kind == SHEET_SEPARATE;
    return list && a->kind == b->kind && a->state == b->state && span_eq(a->rule, b->rule);
}

/* One point for the lines from `at` on that go together; says how many. */
static size_t read_needs_from(struct doc *d, const struct sheet *s, size_t at)
{
    enum { ROOM_LEFT = 2 * MODEL_ID_MAX };
    const struct sheet_line *first = &s->lines[at];
    struct doc_line l;
    size_t n = 1;
    doc_line(&l, d);
    wr_bytes(&l.w, first->rule);
    wr_text(&l.w, ": ");
    wr_text(&l.w, screen_need_words(first->kind));
    write_need(&l.w, first);
    while (at + n < s->count && joins(first, &s->lines[at + n]) && l.w.len + ROOM_LEFT < DOC_LINE_MAX) {
        wr_text(&l.w, ", ");
        write_need(&l.w, &s->lines[at + n]);
        n++;
    }
    /* who has signed is the rail's to say: these pages stay the same while they are read */
    const bool seat = first->kind == SHEET_SEAT;
    doc_point(d, seat ? MARK_NONE : (policy_line_passes(first) ? MARK_OK : MARK_OPEN), doc_line_end(&l));
    return n;
}

/* Calendars and freezes say what they ask in words of their own, of any length. */
static void read_hold(struct doc *d, const struct sheet_line *line)
{
    const size_t most = line->rule.left + line->id.left + line->limit.left + 64;
    uint8_t *room = arena_alloc(d->arena, most);
    struct writer w = wr_fixed(room, room != NULL ? most : 0);
    wr_bytes(&w, line->rule);
    wr_text(&w, ": ");
    wr_text(&w, screen_need_words(line->kind));
    wr_bytes(&w, line->id);
    wr_text(&w, ": ");
    wr_bytes(&w, line->limit);
    d->fail = room == NULL ? CS_E_NOMEM : d->fail;
    doc_point(d, policy_line_passes(line) ? MARK_OK : MARK_OPEN, wr_span(&w));
}

static size_t read_need(struct doc *d, const struct sheet *s, size_t at)
{
    const enum sheet_kind kind = s->lines[at].kind;
    if (kind == SHEET_WINDOW || kind == SHEET_FREEZE) {
        read_hold(d, &s->lines[at]);
        return 1;
    }
    return read_needs_from(d, s, at);
}

static void read_needs(struct doc *d, const struct sheet *s)
{
    doc_heading(d, "What the policy asks");
    for (size_t at = 0; at < s->count;) {
        const bool said = s->lines[at].kind == SHEET_EMERGENCY || s->lines[at].kind == SHEET_SKIPPED;
        at += said ? 1 : read_need(d, s, at); /* screen_read_skips says those */
    }
}

static void read_place(struct doc *d, const struct read_input *in)
{
    const struct state_request *q = in->request;
    doc_heading(d, "Its place in the log");
    doc_number(d, "Request", q->index);
    doc_number(d, "Revision", q->revision);
    if (q->client != NULL) {
        doc_field(d, "Sent by", q->client->id, DOC_PLAIN);
    }
    doc_time(d, "Opened", q->opened_ms);
    doc_time(d, "Closes", q->sign_by_ms);
    doc_digest(d, "Request sha256", &q->leaf_sha256);
    doc_digest(d, "Sheet sha256", &in->sheet->digest);
}

static void read_rejection(struct doc *d, const struct state_decision *no)
{
    doc_heading(d, "Rejected: nothing more can be signed");
    doc_field(d, "By", no->person->id, DOC_PLAIN);
    doc_field(d, "For", no->seat, DOC_PLAIN);
    doc_time(d, "At", no->time_ms);
    if (no->reason.left > 0) {
        doc_text(d, SPAN_LIT("Why"), no->reason, DOC_FREE);
    } else {
        doc_literal(d, "Why", "no reason was given");
    }
}

void screen_read_request(struct doc *d, const struct read_input *in)
{
    const enum request_kind kind = in->request->kind;
    if (in->rejection != NULL) {
        read_rejection(d, in->rejection);
        doc_heading(d, "What was asked");
    }
    if (kind == KIND_THAW) {
        screen_read_thaw(d, in);
    } else if (kind == KIND_EMERGENCY || kind == KIND_VOUCHER || kind == KIND_REVIEW) {
        screen_read_emergency(d, in);
    } else if (kind == KIND_WAIVER) {
        screen_read_waiver(d, in);
    } else if (in->sheet->in.deploy != NULL) {
        screen_read_deploy(d, in->sheet->in.deploy);
        screen_read_files(d, in);
    } else if (in->sheet->in.policy != NULL) {
        read_proposed_policy(d, in);
    } else if (in->sheet->in.access_review != NULL) {
        screen_read_access_review(d, in->sheet->in.access_review, in->state);
    } else if (in->sheet->in.delegate != NULL) {
        screen_read_delegate(d, in->sheet->in.delegate, in->state);
    } else if (in->sheet->in.roster != NULL) {
        screen_read_roster(d, in->sheet->in.roster, in->facts, in->state);
    }
    read_needs(d, in->sheet);
    read_place(d, in);
}
