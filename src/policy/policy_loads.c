/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a policy or a roster change can take effect at all: nobody must be able to lock everybody out by mistake. */
#include "model/model_state_directory.h"
#include "model/model_state_review.h"
#include "policy/policy_cards.h"
#include "policy/policy_emergency.h"
#include "policy/policy_freeze.h"
#include "policy/policy_route.h"
#include "policy/policy_tokens.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

/* Seats of one role in one rule need that many distinct people; a group is as large as it would be now. */
static uint64_t people_needed(const struct policy_rule *rule, struct span role, const struct state *s)
{
    const size_t of = state_had_role_count(s, role, UINT64_MAX);
    uint64_t need = 0;

    for (size_t i = 0; i < rule->seat_count; i++) {
        need += span_eq(rule->seats[i].role, role) ? policy_quorum_need(&rule->seats[i], (uint32_t)of) : 0U;
    }
    return need;
}

/* Widening to a role that nobody has would be a promise that nobody keeps. */
struct span policy_rule_lacks(const struct policy_doc *doc, const struct policy_rule *rule, const struct state *s,
                              size_t *at)
{
    while (*at < rule->seat_count + rule->step_count) {
        const size_t i = (*at)++;
        const bool seat = i < rule->seat_count;
        const struct span role = seat ? rule->seats[i].role : rule->steps[i - rule->seat_count].to;
        if (!policy_rule_enough(doc, rule, s, role, seat ? people_needed(rule, role, s) : 1)) {
            return role;
        }
    }
    return SPAN_NONE;
}

struct verdict policy_loads(const struct policy_doc *doc, const struct state *s)
{
    if (!model_policy_has_role(doc, officer)) {
        return VERDICT_CAUSE(REASON_POLICY_INVALID, CS_FAIL(CS_E_MISSING, "policy.roles.officer"));
    }
    if (!policy_rule_enough(doc, NULL, s, officer, (uint64_t)doc->officers_threshold + 1)) {
        return VERDICT_DENY(REASON_TOO_FEW_OFFICERS);
    }
    for (size_t i = 0; i < doc->rule_count; i++) {
        size_t at = 0;
        if (policy_rule_lacks(doc, &doc->rules[i], s, &at).left > 0) {
            return VERDICT_CAUSE(REASON_UNFILLABLE_SEAT, CS_FAIL_AT(CS_E_RANGE, "policy.rules", i));
        }
    }
    if (!policy_emergency_fillable(doc, s)) {
        return VERDICT_CAUSE(REASON_UNFILLABLE_SEAT, CS_FAIL(CS_E_RANGE, "policy.emergency"));
    }
    return policy_times_load(doc, s);
}

static const struct roster_change *op_about(const struct roster_changes *c, size_t before, enum change_op op,
                                            struct span id)
{
    for (size_t i = 0; i < before; i++) {
        if (c->item[i].op == op && span_eq(c->item[i].id, id)) {
            return &c->item[i];
        }
    }
    return NULL;
}

static bool person_there(const struct state *s, const struct roster_changes *c, size_t at, struct span id)
{
    const struct state_person *p = state_person_find(s, id);
    return (p != NULL && !p->removed) || op_about(c, at, CHANGE_PUT_PERSON, id) != NULL;
}

/* A suspension begins and ends once. */
static bool suspended_now(const struct state *s, struct span id)
{
    const struct state_person *p = state_person_find(s, id);
    return p != NULL && p->suspended;
}

/* The directory took them out, and only it lets them in again. */
static bool unlisted_now(const struct state_person *p)
{
    return p != NULL && state_directory_bar(p, officer) != BAR_NONE;
}

static bool model_there(const struct state *s, const struct roster_changes *c, size_t at, struct span aaguid)
{
    const struct state_model *m = state_model_find(s, aaguid);
    return (m != NULL && !m->removed) || op_about(c, at, CHANGE_PUT_MODEL, aaguid) != NULL;
}

static bool issuer_there(const struct state *s, const struct roster_changes *c, size_t at, struct span id)
{
    const struct state_issuer *x = state_issuer_find(s, id);
    return (x != NULL && !x->removed) || op_about(c, at, CHANGE_PUT_ISSUER, id) != NULL;
}

static bool roles_known(const struct person *p, const struct policy_doc *doc)
{
    for (size_t i = 0; i < p->role_count; i++) {
        if (!model_policy_has_role(doc, p->roles[i])) {
            return false;
        }
    }
    return true;
}

/* What two credentials must not have in common: id and public key, whatever they are in. */
struct identity {
    struct sha256 id_sha256; /* of the id */
    struct span key;
};

static struct identity identity_of(const struct roster_change *x)
{
    if (x->op == CHANGE_ADD_CARD) {
        const struct sha256 id = model_card_id(x->card.key);
        return (struct identity){.id_sha256 = digest_sha256(sha256_span(&id)), .key = x->card.key};
    }
    return (struct identity){.id_sha256 = digest_sha256(x->credential.id), .key = x->credential.key};
}

static bool same_identity(const struct identity *a, const struct identity *b)
{
    return sha256_eq(&a->id_sha256, &b->id_sha256) || span_eq(a->key, b->key);
}

static bool adds_key(const struct roster_change *x)
{
    return x->op == CHANGE_ADD_CREDENTIAL || x->op == CHANGE_ADD_CARD;
}

/* One key, one person: neither the id nor the public key may be there already, revoked or not, but in the card that
 * the change renews. */
static bool credential_taken(const struct state *s, const struct roster_changes *c, size_t at,
                             const struct state_credential *renewed)
{
    const struct identity mine = identity_of(&c->item[at]);
    for (size_t i = 0; i < at; i++) {
        const struct identity other = identity_of(&c->item[i]);
        if (adds_key(&c->item[i]) && same_identity(&other, &mine)) {
            return true;
        }
    }
    size_t k = 0;
    const struct state_credential *have = NULL;
    while ((have = map_next(&s->credentials, &k)) != NULL) {
        const struct identity other = {.id_sha256 = have->id_sha256, .key = have->key};
        if (have != renewed && same_identity(&other, &mine)) {
            return true;
        }
    }
    return false;
}

static bool shares_token(const struct sha256 *tokens, size_t n, const struct client *mine)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < mine->token_count; k++) {
            if (sha256_eq(&tokens[i], &mine->tokens[k])) {
                return true;
            }
        }
    }
    return false;
}

/* A bearer token names one client. */
static bool token_taken(const struct state *s, const struct roster_changes *c, size_t at)
{
    const struct client *mine = &c->item[at].client;
    for (size_t i = 0; i < at; i++) {
        const struct client *x = &c->item[i].client;
        if (c->item[i].op == CHANGE_PUT_CLIENT && shares_token(x->tokens, x->token_count, mine)) {
            return true;
        }
    }
    size_t k = 0;
    const struct state_client *have = NULL;
    while ((have = map_next(&s->clients, &k)) != NULL) {
        if (!have->removed && !span_eq(have->id, mine->id) && shares_token(have->tokens, have->token_count, mine)) {
            return true;
        }
    }
    return false;
}

static enum policy_reason add_fits(const struct state *s, const struct roster_changes *c, size_t at)
{
    if (!person_there(s, c, at, c->item[at].id)) {
        return REASON_ROSTER_INVALID;
    }
    if (credential_taken(s, c, at, NULL)) {
        return REASON_CREDENTIAL_TAKEN;
    }
    return model_there(s, c, at, c->item[at].credential.aaguid) ? REASON_OK : REASON_MODEL_UNKNOWN;
}

/* A list in the same change could hold it, too, but then the two clash. */
static enum policy_reason card_fits(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct roster_changes *c = p->changes;

    if (!person_there(s, c, at, c->item[at].id)) {
        return REASON_ROSTER_INVALID;
    }
    if (credential_taken(s, c, at, policy_renewed(s, p, at))) {
        return REASON_CREDENTIAL_TAKEN;
    }
    return issuer_there(s, c, at, c->item[at].card.issuer) ? policy_card_fits(s, p, at) : REASON_ISSUER_UNKNOWN;
}

static enum policy_reason crl_fits(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct roster_changes *c = p->changes;
    return issuer_there(s, c, at, c->item[at].id) ? policy_crl_fits(s, p, at) : REASON_ISSUER_UNKNOWN;
}

/* A name that nobody has would be a shift that nobody has. */
static enum policy_reason duty_fits(const struct state *s, const struct roster_changes *c, size_t at)
{
    const struct duty_roster *d = c->item[at].duty;

    for (size_t i = 0; i < d->shift_count; i++) {
        for (size_t k = 0; k < d->shifts[i].person_count; k++) {
            if (!person_there(s, c, at, d->shifts[i].people[k])) {
                return REASON_ROSTER_INVALID;
            }
        }
    }
    return REASON_OK;
}

static enum policy_reason removal_fits(const struct state *s, const struct roster_changes *c, size_t at)
{
    const struct roster_change *x = &c->item[at];
    const struct state_client *client = state_client_find(s, x->id);
    const struct state_credential *credential = state_credential_find(s, &x->credential_sha256);
    bool there = false;

    if (x->op == CHANGE_REMOVE_CLIENT) {
        there = client != NULL && !client->removed;
    } else if (x->op == CHANGE_REMOVE_MODEL) {
        there = model_there(s, c, 0, x->id);
    } else if (x->op == CHANGE_REMOVE_ISSUER) {
        there = issuer_there(s, c, 0, x->id);
    } else if (x->op == CHANGE_REMOVE_PERSON) {
        there = person_there(s, c, 0, x->id);
    } else if (x->op == CHANGE_RESTORE_PERSON || x->op == CHANGE_SUSPEND_PERSON) {
        there = person_there(s, c, 0, x->id) && suspended_now(s, x->id) == (x->op == CHANGE_RESTORE_PERSON);
    } else {
        there = credential != NULL && !credential->revoked;
    }
    return there ? REASON_OK : REASON_ROSTER_INVALID;
}

static enum policy_reason fits(const struct state *s, const struct policy_doc *doc, const struct policy_plan *p,
                               size_t at)
{
    const struct roster_changes *c = p->changes;
    const struct roster_change *x = &c->item[at];

    switch (x->op) {
    case CHANGE_ADD_CREDENTIAL:
        return add_fits(s, c, at);
    case CHANGE_PUT_CLIENT:
        return token_taken(s, c, at) ? REASON_ROSTER_INVALID : REASON_OK;
    case CHANGE_PUT_ISSUER:
    case CHANGE_PUT_MODEL:
        return REASON_OK;
    case CHANGE_PUT_PERSON:
        return roles_known(&x->person, doc) ? REASON_OK : REASON_UNKNOWN_ROLE;
    case CHANGE_ADD_CARD:
        return card_fits(s, p, at);
    case CHANGE_PUT_CRL:
        return crl_fits(s, p, at);
    case CHANGE_PUT_DUTY:
        return duty_fits(s, c, at);
    case CHANGE_REMOVE_CLIENT:
    case CHANGE_REMOVE_ISSUER:
    case CHANGE_REMOVE_MODEL:
    case CHANGE_REMOVE_PERSON:
    case CHANGE_RESTORE_PERSON:
    case CHANGE_REVOKE_CREDENTIAL:
    case CHANGE_SUSPEND_PERSON:
        return removal_fits(s, c, at);
    case CHANGE_NONE:
        break;
    }
    return REASON_ROSTER_INVALID;
}

enum thing {
    THING_NONE,
    THING_CLIENT,
    THING_MODEL,
    THING_PERSON,
    THING_CREDENTIAL,
    THING_ISSUER,
    THING_CRL,
    THING_DUTY
};

static enum thing thing_of(enum change_op op)
{
    switch (op) {
    case CHANGE_PUT_CLIENT:
    case CHANGE_REMOVE_CLIENT:
        return THING_CLIENT;
    case CHANGE_PUT_MODEL:
    case CHANGE_REMOVE_MODEL:
        return THING_MODEL;
    case CHANGE_PUT_PERSON:
    case CHANGE_REMOVE_PERSON:
    case CHANGE_RESTORE_PERSON:
    case CHANGE_SUSPEND_PERSON:
        return THING_PERSON;
    case CHANGE_REVOKE_CREDENTIAL:
        return THING_CREDENTIAL;
    case CHANGE_PUT_ISSUER:
    case CHANGE_REMOVE_ISSUER:
        return THING_ISSUER;
    case CHANGE_PUT_CRL:
        return THING_CRL;
    case CHANGE_PUT_DUTY:
        return THING_DUTY;
    case CHANGE_ADD_CARD:
    case CHANGE_ADD_CREDENTIAL: /* a person may get several; credential_taken knows them apart */
    case CHANGE_NONE:
        break;
    }
    return THING_NONE;
}

/* A list may name any card, and what is revoked is not renewed. */
static bool takes_card(const struct roster_change *x, const struct roster_change *added)
{
    const struct identity card = identity_of(added);
    return x->op == CHANGE_PUT_CRL || (x->op == CHANGE_REMOVE_ISSUER && span_eq(x->id, added->card.issuer)) ||
           (x->op == CHANGE_REVOKE_CREDENTIAL && sha256_eq(&x->credential_sha256, &card.id_sha256));
}

/* A key added for a person, of a model or of an issuer, that the same list takes away or may revoke. */
static bool takes_away(const struct roster_change *x, const struct roster_change *added)
{
    if (!adds_key(added)) {
        return x->op == CHANGE_REMOVE_ISSUER && added->op == CHANGE_PUT_CRL && span_eq(x->id, added->id);
    }
    if (x->op == CHANGE_REMOVE_PERSON) {
        return span_eq(x->id, added->id);
    }
    if (added->op == CHANGE_ADD_CARD) {
        return takes_card(x, added);
    }
    return x->op == CHANGE_REMOVE_MODEL && span_eq(x->id, added->credential.aaguid);
}

/* Two changes about the same thing in one list would make their order matter to the reader. */
static bool clashes(const struct roster_changes *c, size_t at)
{
    const struct roster_change *y = &c->item[at];
    for (size_t i = 0; i < at; i++) {
        const struct roster_change *x = &c->item[i];
        if (takes_away(x, y) || takes_away(y, x)) {
            return true;
        }
        const enum thing thing = thing_of(x->op);
        if (thing == THING_NONE || thing != thing_of(y->op)) {
            continue;
        }
        const bool same =
            thing == THING_CREDENTIAL ? sha256_eq(&x->credential_sha256, &y->credential_sha256) : span_eq(x->id, y->id);
        if (same) {
            return true;
        }
    }
    return false;
}

static bool revokes(const struct policy_plan *p, size_t at, const struct state_credential *k)
{
    const struct roster_change *x = &p->changes->item[at];

    if (x->op == CHANGE_REVOKE_CREDENTIAL) {
        return sha256_eq(&x->credential_sha256, &k->id_sha256);
    }
    if (k->kind != CREDENTIAL_PIV) {
        return x->op == CHANGE_REMOVE_MODEL && span_eq(x->id, k->model->aaguid);
    }
    return policy_takes_card(p, at, k->card);
}

static bool revoked_here(const struct policy_plan *p, const struct state_credential *k)
{
    for (size_t i = 0; i < p->changes->count; i++) {
        if (revokes(p, i, k)) {
            return true;
        }
    }
    return false;
}

/* What the policy would see in a key that is added. */
static struct policy_key key_added(const struct state *s, const struct policy_plan *p, size_t at)
{
    const struct roster_change *x = &p->changes->item[at];
    const struct card_facts *facts = policy_plan_card(p, at);
    struct policy_key key = {.kind = CREDENTIAL_NONE};

    if (x->op == CHANGE_ADD_CREDENTIAL) {
        const struct span model = x->credential.aaguid;
        const struct roster_change *put = op_about(p->changes, p->changes->count, CHANGE_PUT_MODEL, model);
        const struct state_model *have = state_model_find(s, model);
        const struct span known = have != NULL ? have->certification : SPAN_NONE;
        key = (struct policy_key){.kind = CREDENTIAL_FIDO2, .model = model, .attested = true, .touch = true};
        key.certification = put != NULL ? put->model.certification : known;
    } else if (facts != NULL) {
        const struct span issuer = x->card.issuer;
        const struct roster_change *put = op_about(p->changes, p->changes->count, CHANGE_PUT_ISSUER, issuer);
        const struct state_issuer *have = state_issuer_find(s, issuer);
        const struct span known = have != NULL ? have->certification : SPAN_NONE;
        key = (struct policy_key){.kind = CREDENTIAL_PIV, .issuer = issuer, .attested = facts->attested};
        key.touch = facts->touch == CARD_USE_ALWAYS || facts->touch == CARD_USE_CACHED;
        key.certification = put != NULL ? put->issuer.certification : known;
    }
    return key;
}

/* Will this person have a key that an officer may sign with? */
static bool can_sign_after(const struct state *s, const struct policy_doc *doc, const struct policy_plan *p,
                           struct span person)
{
    for (size_t i = 0; i < p->changes->count; i++) {
        const struct roster_change *x = &p->changes->item[i];
        const struct policy_key key = key_added(s, p, i);
        if (adds_key(x) && span_eq(x->id, person) && policy_key_fits(doc, officer, &key)) {
            return true;
        }
    }
    size_t at = 0;
    const struct state_credential *k = NULL;
    while ((k = map_next(&s->credentials, &at)) != NULL) {
        const struct policy_key key = policy_key_of(k);
        if (span_eq(k->person->id, person) && state_credential_counts_at(k, s->time_ms) && !revoked_here(p, k) &&
            policy_key_fits(doc, officer, &key)) {
            return true;
        }
    }
    return false;
}

static bool is_officer(const struct span *roles, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span_eq(roles[i], officer)) {
            return true;
        }
    }
    return false;
}

/* Somebody who stays on the roster as they are, but for a suspension that begins or ends. */
static bool stays_officer(const struct state_person *p, const struct roster_changes *c)
{
    const bool named = op_about(c, c->count, CHANGE_PUT_PERSON, p->id) != NULL ||
                       op_about(c, c->count, CHANGE_REMOVE_PERSON, p->id) != NULL ||
                       op_about(c, c->count, CHANGE_SUSPEND_PERSON, p->id) != NULL;
    const bool restored = op_about(c, c->count, CHANGE_RESTORE_PERSON, p->id) != NULL;
    return !named && state_person_given_role(p, officer) && !state_entitlement_lapsed(p, officer) && !unlisted_now(p) &&
           (!p->suspended || restored);
}

/* Who has a role that lapsed is given it back by a review, not by a change that names it again. */
static bool becomes_officer(const struct state *s, const struct person *x)
{
    const struct state_person *p = state_person_find(s, x->id);
    return is_officer(x->roles, x->role_count) &&
           (p == NULL || (!p->suspended && !unlisted_now(p) && (p->removed || !state_entitlement_lapsed(p, officer))));
}

/* Officers able to sign once the changes are in. */
static size_t officers_after(const struct state *s, const struct policy_doc *doc, const struct policy_plan *plan)
{
    const struct roster_changes *c = plan->changes;
    size_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while ((p = map_next(&s->people, &at)) != NULL) {
        n += stays_officer(p, c) && can_sign_after(s, doc, plan, p->id) ? 1U : 0U;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct roster_change *x = &c->item[i];
        n += x->op == CHANGE_PUT_PERSON && becomes_officer(s, &x->person) && can_sign_after(s, doc, plan, x->id) ? 1U
                                                                                                                 : 0U;
    }
    return n;
}

struct verdict policy_roster_fits(const struct state *s, const struct policy_doc *doc,
                                  const struct roster_changes *changes, const struct change_facts *facts)
{
    const struct policy_plan plan = {.changes = changes, .facts = facts};

    for (size_t i = 0; i < changes->count; i++) {
        const enum policy_reason r = clashes(changes, i) ? REASON_ROSTER_INVALID : fits(s, doc, &plan, i);
        if (r != REASON_OK) {
            return VERDICT_CAUSE(r, CS_FAIL_AT(CS_E_REFUSED, "roster.changes", i));
        }
    }
    /* at the threshold, not one above it: a lost officer's key must be switched off before there is a new one */
    if (officers_after(s, doc, &plan) < doc->officers_threshold) {
        return VERDICT_DENY(REASON_TOO_FEW_OFFICERS);
    }
    return VERDICT_ALLOW;
}
