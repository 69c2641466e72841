/* SPDX-License-Identifier: Apache-2.0 */
/* What `tokens` and `emergency` of two policies ask. */
#include "draft/draft_diff.h"

/* --- keys --- */

static const struct policy_token *token_of(const struct policy_doc *doc, struct span role)
{
    size_t i = 0;
    while (i < doc->token_count && !span_eq(doc->tokens[i].role, role)) {
        i++;
    }
    return i < doc->token_count ? &doc->tokens[i] : NULL;
}

/* Which models and issuers: naming some where all were allowed is stricter, one more in a list is looser. */
static void allowed(struct draft_diff *d, struct draft_words a, struct draft_words b, const char *what)
{
    if ((a.count == 0) != (b.count == 0)) {
        draft_diff_begin(d, a.count == 0 ? WAY_STRICTER : WAY_LOOSER);
        wr_text(d->w, what);
        wr_text(d->w, a.count == 0 ? "s are named\n" : "s are no longer named\n");
    } else if (a.count > 0) {
        size_t same = 0;
        for (size_t i = 0; i < a.count && a.count == b.count; i++) {
            same += span_eq(a.item[i], b.item[i]) ? 1U : 0U;
        }
        if (same != a.count) {
            draft_diff_begin(d, WAY_OTHER);
            wr_text(d->w, what);
            wr_text(d->w, "s are others\n");
        }
    }
}

static void compare_token(struct draft_diff *d, const struct policy_token *a, const struct policy_token *b)
{
    draft_diff_flag(d, a->attested, b->attested, WAY_STRICTER, "attestation");
    draft_diff_flag(d, a->touch, b->touch, WAY_STRICTER, "touch");
    if (!span_eq(a->certification, b->certification)) {
        const bool was = a->certification.left > 0;
        const bool is = b->certification.left > 0;
        draft_diff_say(d, !was ? WAY_STRICTER : (is ? WAY_OTHER : WAY_LOOSER), "certification ",
                       is ? b->certification : a->certification,
                       !was ? " is new" : (is ? " instead of another" : " is gone"));
    }
    allowed(d, (struct draft_words){a->models, a->model_count}, (struct draft_words){b->models, b->model_count},
            "model");
    allowed(d, (struct draft_words){a->issuers, a->issuer_count}, (struct draft_words){b->issuers, b->issuer_count},
            "issuer");
}

void draft_diff_tokens(struct draft_diff *d, const struct policy_doc *a, const struct policy_doc *b)
{
    const struct policy_token nothing = {.role = SPAN_NONE};

    d->about = "keys of role ";
    for (size_t i = 0; i < b->token_count; i++) {
        const struct policy_token *had = token_of(a, b->tokens[i].role);
        d->name = b->tokens[i].role;
        compare_token(d, had != NULL ? had : &nothing, &b->tokens[i]);
    }
    for (size_t i = 0; i < a->token_count; i++) {
        d->name = a->tokens[i].role;
        if (token_of(b, d->name) == NULL) {
            compare_token(d, &a->tokens[i], &nothing);
        }
    }
    d->about = NULL;
}

/* --- emergencies --- */

static const struct policy_emergency_kind *kind_of(const struct policy_emergency *e, struct span id)
{
    size_t i = 0;
    while (i < e->kind_count && !span_eq(e->kinds[i].id, id)) {
        i++;
    }
    return i < e->kind_count ? &e->kinds[i] : NULL;
}

static void compare_kind(struct draft_diff *d, const struct policy_emergency_kind *a,
                         const struct policy_emergency_kind *b)
{
    if (a->anchor != b->anchor) {
        draft_diff_say(d, WAY_OTHER, "kind ", b->id, " points to something else");
    }
    draft_diff_words(d, (struct draft_words){a->environments, a->environment_count},
                     (struct draft_words){b->environments, b->environment_count}, WAY_LOOSER, "environment ");
    draft_diff_words(d, (struct draft_words){a->change_types, a->change_type_count},
                     (struct draft_words){b->change_types, b->change_type_count}, WAY_LOOSER, "change type ");
}

static void compare_kinds(struct draft_diff *d, const struct policy_emergency *a, const struct policy_emergency *b)
{
    for (size_t i = 0; i < b->kind_count; i++) {
        const struct policy_emergency_kind *had = kind_of(a, b->kinds[i].id);
        if (had == NULL) {
            draft_diff_say(d, WAY_LOOSER, "kind ", b->kinds[i].id, " is new");
        } else {
            d->name = b->kinds[i].id;
            compare_kind(d, had, &b->kinds[i]);
            d->name = SPAN_NONE;
        }
    }
    for (size_t i = 0; i < a->kind_count; i++) {
        if (kind_of(b, a->kinds[i].id) == NULL) {
            draft_diff_say(d, WAY_STRICTER, "kind ", a->kinds[i].id, " is gone");
        }
    }
}

static void compare_people(struct draft_diff *d, struct draft_words a, struct draft_words b, const char *what)
{
    if (a.count == 0 || b.count == 0) {
        draft_diff_flag(d, a.count > 0, b.count > 0, WAY_STRICTER, what);
    } else {
        draft_diff_words(d, a, b, WAY_LOOSER, "person ");
    }
}

/* A smaller budget is stricter; none at all is the loosest. */
static void compare_budget(struct draft_diff *d, const struct policy_emergency *a, const struct policy_emergency *b)
{
    if (a->has_budget != b->has_budget) {
        draft_diff_flag(d, a->has_budget, b->has_budget, WAY_STRICTER, "a budget");
        return;
    }
    draft_diff_most(d, a->budget_count, b->budget_count, "emergencies in the budget:");
    draft_diff_least(d, a->budget_per_s, b->budget_per_s, "seconds that the budget is for:");
    draft_diff_seats(d, a->over, b->over);
}

static void compare_presence(struct draft_diff *d, const struct policy_emergency *a, const struct policy_emergency *b)
{
    draft_diff_words(d, (struct draft_words){a->ports, a->port_count}, (struct draft_words){b->ports, b->port_count},
                     WAY_OTHER, "port ");
    draft_diff_flag(d, a->presence_switch, b->presence_switch, WAY_STRICTER, "the presence switch");
    draft_diff_least(d, a->tokens, b->tokens, "tokens:");
    draft_diff_clock(d, a->window_s, b->window_s, "seconds between signatures:");
    draft_diff_flag(d, a->untrusted_clock, b->untrusted_clock, WAY_LOOSER, "going on with an untrusted clock");
}

static void compare_review(struct draft_diff *d, const struct policy_emergency *a, const struct policy_emergency *b)
{
    draft_diff_clock(d, a->review_due_s, b->review_due_s, "seconds until the review is due:");
    draft_diff_words(d, (struct draft_words){a->review_fields, a->review_field_count},
                     (struct draft_words){b->review_fields, b->review_field_count}, WAY_STRICTER, "review field ");
    draft_diff_seats(d, a->review, b->review);
}

void draft_diff_emergency(struct draft_diff *d, const struct policy_emergency *a, const struct policy_emergency *b)
{
    d->about = "emergency ";
    d->name = SPAN_NONE;
    if (a == NULL || b == NULL) {
        draft_diff_flag(d, a != NULL, b != NULL, WAY_LOOSER, "a way around the rules");
    } else {
        compare_kinds(d, a, b);
        compare_people(d, (struct draft_words){a->people, a->person_count},
                       (struct draft_words){b->people, b->person_count}, "a list of people");
        draft_diff_seats(d, a->seats, b->seats);
        draft_diff_least(d, a->justification_min, b->justification_min, "characters of a justification:");
        draft_diff_clock(d, a->sign_by_s, b->sign_by_s, "seconds to sign:");
        draft_diff_clock(d, a->use_by_s, b->use_by_s, "seconds to use it:");
        draft_diff_most(d, a->voucher_life_s, b->voucher_life_s, "seconds that a voucher holds:");
        compare_presence(d, a, b);
        compare_review(d, a, b);
        compare_budget(d, a, b);
    }
    d->about = NULL;
}

static uint64_t kept_s(const struct policy_retention *r, struct span id)
{
    size_t i = 0;
    while (i < r->class_count && !span_eq(r->classes[i].id, id)) {
        i++;
    }
    return i < r->class_count ? r->classes[i].keep_s : 0;
}

void draft_diff_retention(struct draft_diff *d, const struct policy_retention *a, const struct policy_retention *b)
{
    d->about = "retention: ";
    d->name = SPAN_NONE;
    draft_diff_least(d, a->default_s, b->default_s, "seconds that everything is kept:");
    d->about = "retention class ";
    for (size_t i = 0; i < b->class_count; i++) {
        d->name = b->classes[i].id;
        draft_diff_least(d, kept_s(a, d->name), b->classes[i].keep_s, "seconds that it is kept:");
    }
    for (size_t i = 0; i < a->class_count; i++) {
        d->name = a->classes[i].id;
        if (kept_s(b, d->name) == 0) {
            draft_diff_least(d, a->classes[i].keep_s, 0, "seconds that it is kept:");
        }
    }
    d->about = NULL;
}
