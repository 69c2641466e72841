/* SPDX-License-Identifier: Apache-2.0 */
/* Documents that people read before they decide: requests of each kind, policies and roster changes in words. Pure. */
#ifndef SCREEN_READ_H
#define SCREEN_READ_H

#include "model/model_state_delegate.h"
#include "policy/policy_sheet.h"
#include "screen/screen_doc.h"

/* Everything that one read document is made from. The sheet holds the decoded content. */
struct read_input {
    const struct state *state;
    const struct state_request *request;
    const struct sheet *sheet;
    const struct change_facts *facts;       /* of a roster's changes; NULL: none */
    const struct state_decision *rejection; /* what ended it, first of all; NULL: nothing did */
};

/*
 * The whole request: every member of its content, what the policy asks, and the digests that a signature names. Fails
 * the document on no memory; a policy text that cannot be decoded makes it unsignable.
 */
void screen_read_request(struct doc *d, const struct read_input *in);

/* Kind roster, and nothing of its sheet. */
void screen_read_roster(struct doc *d, const struct roster_content *c, const struct change_facts *facts,
                        const struct state *state);
/* Can all of that be read on the least face, with what else stands there and so many pages more? Nothing longer is
 * asked for. facts and state may be NULL. CS_E_NOMEM. */
CS_RESULT screen_roster_fits(const struct roster_content *c, const struct change_facts *facts,
                             const struct state *state, size_t spare_pages, struct arena *arena, bool *ret_fits);
CS_RESULT screen_access_review_fits(const struct access_review_content *c, const struct state *state,
                                    struct arena *arena, bool *ret_fits);

/* Kind thaw, and what is frozen now; what a thaw is called. */
void screen_read_thaw(struct doc *d, const struct read_input *in);
void screen_read_freeze(struct doc *d, const struct state_freeze *f);
struct span screen_thaw_title(const struct state *s, const struct state_request *q, struct arena *arena);
/* Kinds emergency, voucher and review; the same way. */
void screen_read_emergency(struct doc *d, const struct read_input *in);
/* What an emergency's sheet goes around, and what it still asks. */
void screen_read_skips(struct doc *d, const struct sheet *sheet);
/* What files say about a deployment, as far as its sheet asks for them; and a waiver of some of it. */
void screen_read_files(struct doc *d, const struct read_input *in);
void screen_read_waiver(struct doc *d, const struct read_input *in);
/* Every member of a deployment. */
void screen_read_deploy(struct doc *d, const struct deploy_content *c);
/* What a request is called in lists and on its signing page; in is its sheet's. May live in the arena; empty when it is
 * not known. */
struct span screen_title(const struct state *s, const struct state_request *q, const struct sheet_input *in,
                         struct arena *arena);

/*
 * Changes to the roster, in words. state may be NULL before genesis. facts: what their certificates and lists say, one
 * item for each; a card or a list without its facts is shown as far as it can be and makes the document unsignable.
 */
void screen_read_changes(struct doc *d, const struct roster_changes *changes, const struct change_facts *facts,
                         const struct state *state);
/* Parts of it: a card; a list of revoked ones; whose keys and cards a change switches off, and which of their decisions
 * are not over; those of one key. */
void screen_read_card(struct doc *d, const struct roster_change *c, const struct change_facts *facts,
                      const struct state *state);
void screen_read_crl(struct doc *d, const struct roster_change *c, const struct change_facts *facts,
                     const struct state *state);
/* What a card's certificate says, its digests aside; marked, and unshown, when it cannot be read. */
void screen_read_certificate(struct doc *d, const struct change_facts *facts);
/* A name that a certificate says, however it was made: every letter of it must be plain. */
void screen_read_name(struct doc *d, const char *label, struct span name);
void screen_read_dark(struct doc *d, const struct roster_change *c, const struct crl_facts *crl,
                      const struct state *state);
void screen_read_decided(struct doc *d, const struct state_credential *k, const struct state *state);
/* A policy, rule by rule. old may be NULL; with it, what is new, changed or gone is marked. */
void screen_read_policy(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);

/* Parts of it: when environments are open; what comes after what; which keys may sign; the way around the rules, and
 * what it was. */
void screen_read_calendar(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);
void screen_read_promotions(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);
void screen_read_source(struct doc *d, const struct policy_rule *r); /* and the ticket */
void screen_read_tokens(struct doc *d, const struct policy_doc *policy);
void screen_read_emergencies(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);

/* A duty roster that a change brings, and what of the one before it ends by that (state NULL: there was none); in which
 * ones a policy asks people to be, and what it asked before. */
void screen_read_duty(struct doc *d, const struct duty_roster *r, const struct state *state);
/* A delegation, or its end; which ones a policy lets people give, and did before. */
void screen_read_delegate(struct doc *d, const struct delegate_content *c, const struct state *state);
/* Which roles stay whose, and since when they wait (state NULL: not known, and unsignable). What a policy asks about
 * that. */
void screen_read_access_review(struct doc *d, const struct access_review_content *c, const struct state *state);
void screen_read_directory(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);
void screen_read_reviews(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);
void screen_read_delegations(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);
void screen_read_duties(struct doc *d, const struct policy_doc *policy, const struct policy_doc *old);

/* One item of evidence, marked. */
void screen_read_evidence(struct doc *d, enum item_mark mark, const struct evidence_item *e);

/* What differs between two revisions of a deployment, before and now; says so when nothing that is read differs. */
void screen_read_difference(struct doc *d, const struct deploy_content *before, const struct deploy_content *now);

#endif
