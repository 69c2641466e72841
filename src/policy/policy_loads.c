/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a policy or a roster change can take effect at all: nobody must be able to lock everybody out by mistake. */
#include "policy/policy_sheet.h"

static const struct span officer = {(const uint8_t *)"officer", 7};

/* Seats of one role in one rule need that many distinct people. */
static bool rule_fillable(const struct policy_rule *rule, const struct state *s)
{
    for (size_t i = 0; i < rule->seat_count; i++) {
        uint64_t need = 0;
        for (size_t k = 0; k < rule->seat_count; k++) {
            need += span_eq(rule->seats[k].role, rule->seats[i].role) ? rule->seats[k].count : 0U;
        }
        if (need > state_role_holders(s, rule->seats[i].role)) {
            return false;
        }
    }
    return true;
}

struct verdict policy_loads(const struct policy_doc *doc, const struct state *s)
{
    if (!model_policy_has_role(doc, officer)) {
        return VERDICT_CAUSE(REASON_POLICY_INVALID, CS_FAIL(CS_E_MISSING, "policy.roles.officer"));
    }
    if (state_role_holders(s, officer) < (size_t)doc->officers_threshold + 1) {
        return VERDICT_DENY(REASON_TOO_FEW_OFFICERS);
    }
    for (size_t i = 0; i < doc->rule_count; i++) {
        if (!rule_fillable(&doc->rules[i], s)) {
            return VERDICT_CAUSE(REASON_UNFILLABLE_SEAT, CS_FAIL_AT(CS_E_RANGE, "policy.rules", i));
        }
    }
    return VERDICT_ALLOW;
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

static bool model_there(const struct state *s, const struct roster_changes *c, size_t at, struct span aaguid)
{
    const struct state_model *m = state_model_find(s, aaguid);
    return (m != NULL && !m->removed) || op_about(c, at, CHANGE_PUT_MODEL, aaguid) != NULL;
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

/* One key, one person: neither the id nor the public key may be there already, revoked or not. */
static bool credential_taken(const struct state *s, const struct roster_changes *c, size_t at)
{
    const struct credential *mine = &c->item[at].credential;
    for (size_t i = 0; i < at; i++) {
        const struct roster_change *x = &c->item[i];
        if (x->op == CHANGE_ADD_CREDENTIAL &&
            (span_eq(x->credential.id, mine->id) || span_eq(x->credential.key, mine->key))) {
            return true;
        }
    }
    size_t k = 0;
    const struct state_credential *have = NULL;
    while ((have = map_next(&s->credentials, &k)) != NULL) {
        if (span_eq(have->id, mine->id) || span_eq(have->key, mine->key)) {
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
    if (credential_taken(s, c, at)) {
        return REASON_CREDENTIAL_TAKEN;
    }
    return model_there(s, c, at, c->item[at].credential.aaguid) ? REASON_OK : REASON_MODEL_UNKNOWN;
}

static enum policy_reason fits(const struct state *s, const struct policy_doc *doc, const struct roster_changes *c,
                               size_t at)
{
    const struct roster_change *x = &c->item[at];
    const struct state_credential *credential = NULL;
    const struct state_client *client = NULL;

    switch (x->op) {
    case CHANGE_ADD_CREDENTIAL:
        return add_fits(s, c, at);
    case CHANGE_PUT_CLIENT:
        return token_taken(s, c, at) ? REASON_ROSTER_INVALID : REASON_OK;
    case CHANGE_PUT_MODEL:
        return REASON_OK;
    case CHANGE_PUT_PERSON:
        return roles_known(&x->person, doc) ? REASON_OK : REASON_UNKNOWN_ROLE;
    case CHANGE_REMOVE_CLIENT:
        client = state_client_find(s, x->id);
        return client != NULL && !client->removed ? REASON_OK : REASON_ROSTER_INVALID;
    case CHANGE_REMOVE_MODEL:
        return model_there(s, c, 0, x->id) ? REASON_OK : REASON_ROSTER_INVALID;
    case CHANGE_REMOVE_PERSON:
        return person_there(s, c, 0, x->id) ? REASON_OK : REASON_ROSTER_INVALID;
    case CHANGE_REVOKE_CREDENTIAL:
        credential = state_credential_find(s, &x->credential_sha256);
        return credential != NULL && !credential->revoked ? REASON_OK : REASON_ROSTER_INVALID;
    case CHANGE_NONE:
        break;
    }
    return REASON_ROSTER_INVALID;
}

enum thing { THING_NONE, THING_CLIENT, THING_MODEL, THING_PERSON, THING_CREDENTIAL };

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
        return THING_PERSON;
    case CHANGE_REVOKE_CREDENTIAL:
        return THING_CREDENTIAL;
    case CHANGE_ADD_CREDENTIAL: /* a person may get several; credential_taken knows them apart */
    case CHANGE_NONE:
        break;
    }
    return THING_NONE;
}

/* A key added for a person, or of a model, that the same list takes away. */
static bool takes_away(const struct roster_change *x, const struct roster_change *added)
{
    return added->op == CHANGE_ADD_CREDENTIAL &&
           ((x->op == CHANGE_REMOVE_PERSON && span_eq(x->id, added->id)) ||
            (x->op == CHANGE_REMOVE_MODEL && span_eq(x->id, added->credential.aaguid)));
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

static bool revoked_here(const struct roster_changes *c, const struct state_credential *k)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct roster_change *x = &c->item[i];
        if ((x->op == CHANGE_REVOKE_CREDENTIAL && sha256_eq(&x->credential_sha256, &k->id_sha256)) ||
            (x->op == CHANGE_REMOVE_MODEL && span_eq(x->id, k->model->aaguid))) {
            return true;
        }
    }
    return false;
}

static bool can_sign_after(const struct state *s, const struct roster_changes *c, struct span person)
{
    if (op_about(c, c->count, CHANGE_ADD_CREDENTIAL, person) != NULL) {
        return true;
    }
    size_t at = 0;
    const struct state_credential *k = NULL;
    while ((k = map_next(&s->credentials, &at)) != NULL) {
        if (span_eq(k->person->id, person) && state_credential_counts(k) && !revoked_here(c, k)) {
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

/* Officers able to sign once the changes are in. */
static size_t officers_after(const struct state *s, const struct roster_changes *c)
{
    size_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while ((p = map_next(&s->people, &at)) != NULL) {
        const bool named = op_about(c, c->count, CHANGE_PUT_PERSON, p->id) != NULL ||
                           op_about(c, c->count, CHANGE_REMOVE_PERSON, p->id) != NULL;
        n += !named && state_person_has_role(p, officer) && can_sign_after(s, c, p->id) ? 1U : 0U;
    }
    for (size_t i = 0; i < c->count; i++) {
        const struct roster_change *x = &c->item[i];
        n += x->op == CHANGE_PUT_PERSON && is_officer(x->person.roles, x->person.role_count) &&
                     can_sign_after(s, c, x->id)
                 ? 1U
                 : 0U;
    }
    return n;
}

struct verdict policy_roster_fits(const struct state *s, const struct policy_doc *doc,
                                  const struct roster_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        const enum policy_reason r = clashes(changes, i) ? REASON_ROSTER_INVALID : fits(s, doc, changes, i);
        if (r != REASON_OK) {
            return VERDICT_CAUSE(r, CS_FAIL_AT(CS_E_REFUSED, "roster.changes", i));
        }
    }
    /* at the threshold, not one above it: a lost officer's key must be switched off before there is a new one */
    if (officers_after(s, changes) < doc->officers_threshold) {
        return VERDICT_DENY(REASON_TOO_FEW_OFFICERS);
    }
    return VERDICT_ALLOW;
}
