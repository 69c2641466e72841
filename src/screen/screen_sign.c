/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_sign.h"

const char *screen_decision_word(enum decision_word word)
{
    switch (word) {
    case DECISION_APPROVE:
        return "APPROVE";
    case DECISION_REJECT:
        return "REJECT";
    case DECISION_ABSTAIN:
        return "ABSTAIN";
    case DECISION_NONE:
    case DECISION_COUNT:
        break;
    }
    return "NOTHING";
}

static void sign_decision(struct doc *d, const struct statement *s)
{
    struct doc_line l;
    doc_line(&l, d);
    wr_text(&l.w, s->kind == KIND_EMERGENCY ? "EMERGENCY: " : "");
    wr_text(&l.w, screen_decision_word(s->decision));
    wr_text(&l.w, " for ");
    wr_bytes(&l.w, s->seat);
    doc_word(d, doc_line_end(&l));
}

static void sign_subjects(struct doc *d, const struct statement *s)
{
    for (size_t i = 0; i < s->subject_count; i++) {
        doc_field(d, "Artifact", s->subject[i].name, DOC_PLAIN);
        doc_digest(d, "sha256", &s->subject[i].sha256);
    }
}

static void sign_context(struct doc *d, const struct statement *s)
{
    doc_heading(d, "The rest of the statement");
    doc_literal(d, "Kind", request_kind_text(s->kind));
    doc_number(d, "Request", s->request_index);
    doc_number(d, "Revision", s->request_revision);
    doc_digest(d, "Request sha256", &s->request_leaf_sha256);
    doc_digest(d, "Sheet sha256", &s->sheet_sha256);
    doc_number(d, "Policy, entry", s->policy_index);
    doc_digest(d, "Policy sha256", &s->policy_sha256);
    doc_number(d, "Roster, entry", s->roster_index);
    doc_number(d, "Log size", s->anchor_size);
    doc_digest(d, "Log head", &s->anchor_root);
    if (s->has_previous) {
        doc_digest(d, "Signature before", &s->previous);
    }
    doc_digest(d, "Key sha256", &s->credential_sha256);
    doc_field(d, "Log", s->origin, DOC_PLAIN);
    doc_field(d, "Kiosk", s->kiosk, DOC_PLAIN);
    doc_bytes(d, "Nonce", span_make(s->nonce, sizeof(s->nonce)));
    doc_time(d, "From", s->issued_at_ms);
    doc_time(d, "Until", s->expires_at_ms);
}

void screen_sign(struct doc *d, const struct sign_input *in)
{
    const struct statement *s = in->statement;

    sign_decision(d, s);
    doc_title(d, in->title);
    if (s->environment.left > 0) {
        doc_field(d, "Environment", s->environment, DOC_PLAIN);
    }
    doc_field(d, "Person", s->person, DOC_PLAIN);
    if (s->has_delegation) {
        doc_field(d, "In the place of", in->delegator, DOC_PLAIN);
        doc_number(d, "By delegation", s->delegation);
        d->unshown = d->unshown || in->delegator.left == 0;
    }
    if (in->key_name.left > 0) {
        doc_field(d, "Key", in->key_name, DOC_PLAIN);
    }
    if (s->reason.left > 0) {
        doc_field(d, "Reason", s->reason, DOC_FREE);
    } else {
        doc_literal(d, "Reason", "none given");
    }
    sign_subjects(d, s);
    doc_digest(d, "Statement sha256", &in->digest);
    if (in->refreshed) {
        doc_note(d, "Refreshed: made again, because it had become old.");
    }
    sign_context(d, s);
}
