/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a policy that are no rules: which keys may sign in which role, and the way around the rules. */
#include "screen/screen_read.h"

static void put_words(struct doc *d, const char *label, const struct span *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        doc_field(d, i == 0 ? label : "", items[i], DOC_PLAIN);
    }
}

static void put_span(struct doc *d, const char *label, uint64_t seconds)
{
    struct doc_line l;
    doc_line(&l, d);
    screen_write_exact(&l.w, seconds);
    doc_field(d, label, doc_line_end(&l), DOC_FREE);
}

/* ---- keys */

static void put_token(struct doc *d, const struct policy_token *t)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, "keys of the role ");
    wr_bytes(&l.w, t->role);
    doc_point(d, MARK_NONE, doc_line_end(&l));
    for (size_t i = 0; i < t->model_count; i++) {
        doc_bytes(d, i == 0 ? "Of model" : "", t->models[i]);
    }
    put_words(d, "Cards of", t->issuers, t->issuer_count);
    if (t->certification.left > 0) {
        doc_field(d, "Certified", t->certification, DOC_PLAIN);
    }
    if (t->attested) {
        doc_literal(d, "Cards must", "have attested where their key is");
    }
    if (t->touch) {
        doc_literal(d, "Cards must", "ask for a touch");
    }
}

void screen_read_tokens(struct doc *d, const struct policy_doc *policy)
{
    if (policy->token_count > 0) {
        doc_heading(d, "Keys that may sign");
    }
    for (size_t i = 0; i < policy->token_count; i++) {
        put_token(d, &policy->tokens[i]);
    }
}

/* ---- emergencies */

static void put_kind(struct doc *d, const struct policy_emergency_kind *k)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_bytes(&l.w, k->id);
    wr_text(&l.w, ", pointing to: ");
    wr_text(&l.w, policy_anchor_text(k->anchor));
    doc_point(d, MARK_NONE, doc_line_end(&l));
    put_words(d, "Change types", k->change_types, k->change_type_count);
    put_words(d, "In", k->environments, k->environment_count);
}

static void put_seats(struct doc *d, const char *before, const struct policy_seats *seats)
{
    for (size_t i = 0; i < seats->count; i++) {
        const struct policy_seat *s = &seats->item[i];
        struct doc_line l;
        doc_line(&l, d);
        wr_text(&l.w, before);
        wr_dec(&l.w, s->count);
        wr_text(&l.w, " x ");
        wr_bytes(&l.w, s->role);
        wr_text(&l.w, " for ");
        wr_bytes(&l.w, s->id);
        wr_text(&l.w, s->self ? ", may be who asks" : "");
        wr_text(&l.w, s->voucher ? ", takes a voucher" : "");
        doc_point(d, MARK_NONE, doc_line_end(&l));
    }
}

static void put_presence(struct doc *d, const struct policy_emergency *e)
{
    doc_number(d, "People, least", e->tokens);
    put_span(d, "All within", e->window_s);
    put_words(d, "In the ports", e->ports, e->port_count);
    doc_literal(d, "Switch", e->presence_switch ? "must be on" : "not asked for");
    doc_literal(d, "Clock that is back", e->untrusted_clock ? "does not stop it" : "stops it");
    put_words(d, "Only these people", e->people, e->person_count);
}

static void put_after(struct doc *d, const struct policy_emergency *e)
{
    put_span(d, "Must be signed in", e->sign_by_s);
    put_span(d, "Must be used in", e->use_by_s);
    put_span(d, "Review owed in", e->review_due_s);
    put_words(d, "Review says", e->review_fields, e->review_field_count);
    put_seats(d, "the review is signed by ", &e->review);
    if (e->voucher_life_s > 0) {
        put_span(d, "Vouchers hold for", e->voucher_life_s);
    }
    if (e->has_budget) {
        doc_number(d, "Emergencies", e->budget_count);
        put_span(d, "in", e->budget_per_s);
        put_seats(d, "past that also ", &e->over);
    }
}

static void put_emergencies(struct doc *d, const struct policy_emergency *e)
{
    for (size_t i = 0; i < e->kind_count; i++) {
        put_kind(d, &e->kinds[i]);
    }
    put_seats(d, "is signed by ", &e->seats);
    doc_number(d, "Reason, characters", e->justification_min);
    put_presence(d, e);
    put_after(d, e);
}

void screen_read_emergencies(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old)
{
    const bool had = old != NULL && old->emergency != NULL;
    if (policy->emergency == NULL && !had) {
        return;
    }
    doc_heading(d, "The way around the rules");
    if (policy->emergency == NULL) {
        doc_point(d, MARK_GONE, SPAN_LIT("there were emergencies, and there are none any more"));
        return;
    }
    doc_point(d, had ? MARK_NONE : MARK_NEW, SPAN_LIT("an emergency skips every seat of the rules"));
    put_emergencies(d, policy->emergency);
    if (had) {
        doc_heading(d, "As it was until now");
        put_emergencies(d, old->emergency);
    }
}
