/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/policy_tokens.h"

#include "policy/policy_sheet.h"

struct policy_key policy_key_of(const struct state_credential *c)
{
    struct policy_key key = {.kind = c->kind, .certification = state_credential_certification(c)};

    if (c->kind == CREDENTIAL_PIV) {
        const struct card_facts *f = &c->card->facts;
        key.issuer = c->card->issuer->id;
        key.attested = f->attested;
        key.touch = f->touch == CARD_USE_ALWAYS || f->touch == CARD_USE_CACHED;
    } else if (c->kind == CREDENTIAL_FIDO2) {
        key.model = c->model->aaguid;
        key.attested = true; /* no other is enrolled */
        key.touch = true;    /* no other decision counts */
    }
    return key;
}

enum policy_reason policy_standing_reason(enum credential_standing s)
{
    switch (s) {
    case STANDING_COUNTS:
        return REASON_OK;
    case STANDING_CERT_REVOKED:
        return REASON_CERT_REVOKED;
    case STANDING_ROOT_REMOVED:
        return REASON_CERT_CHAIN;
    case STANDING_NONE:
    case STANDING_REVOKED:
    case STANDING_PERSON_REMOVED:
    case STANDING_MODEL_REMOVED:
    case STANDING_ISSUER_REMOVED:
        break;
    }
    return REASON_REVOKED;
}

static bool listed(const struct policy_token *t, const struct policy_key *key)
{
    if (t->model_count == 0 && t->issuer_count == 0) {
        return true;
    }
    return key->kind == CREDENTIAL_PIV ? span_among(key->issuer, t->issuers, t->issuer_count)
                                       : span_among(key->model, t->models, t->model_count);
}

static bool satisfies(const struct policy_token *t, const struct policy_key *key)
{
    const bool certified = t->certification.left == 0 || span_eq(t->certification, key->certification);
    return key->kind != CREDENTIAL_NONE && listed(t, key) && certified && (!t->attested || key->attested) &&
           (!t->touch || key->touch);
}

bool policy_key_fits(const struct policy_doc *doc, struct span role, const struct policy_key *key)
{
    for (size_t i = 0; i < doc->token_count; i++) {
        if (span_eq(doc->tokens[i].role, role) && !satisfies(&doc->tokens[i], key)) {
            return false;
        }
    }
    return true;
}

/* Whether a policy may come into force is not the directory's to say: when it is silent, officers repair by another
 * one.
 */
static bool counts_for(const struct policy_doc *doc, const struct state *s, const struct state_person *p,
                       struct span role)
{
    const bool in_force = s->policy != NULL && doc == &s->policy->doc;
    return in_force ? state_person_has_role(p, role) : state_person_keeps_role(p, role);
}

/* With rule == NULL: whatever the rules ask. */
static bool is_holder(const struct policy_doc *doc, const struct policy_rule *rule, const struct state *s,
                      const struct state_person *p, struct span role)
{
    size_t at = 0;
    const struct state_credential *c = NULL;

    while (counts_for(doc, s, p, role) && (c = map_next(&s->credentials, &at)) != NULL) {
        if (c->person == p && state_credential_counts_at(c, s->time_ms)) {
            const struct policy_key key = policy_key_of(c);
            if (policy_key_fits(doc, role, &key) && (rule == NULL || !rule->token_attested || key.attested)) {
                return true;
            }
        }
    }
    return false;
}

bool policy_role_holder(const struct policy_doc *doc, const struct state *s, const struct state_person *p,
                        struct span role)
{
    return is_holder(doc, NULL, s, p, role);
}

static uint64_t holders(const struct policy_doc *doc, const struct policy_rule *rule, const struct state *s,
                        struct span role, uint64_t most)
{
    uint64_t n = 0;
    size_t at = 0;
    const struct state_person *p = NULL;

    while (n < most && (p = map_next(&s->people, &at)) != NULL) {
        n += is_holder(doc, rule, s, p, role) ? 1U : 0U;
    }
    return n;
}

bool policy_rule_enough(const struct policy_doc *doc, const struct policy_rule *rule, const struct state *s,
                        struct span role, uint64_t need)
{
    return holders(doc, rule, s, role, need) == need;
}

size_t policy_role_holders(const struct policy_doc *doc, const struct state *s, struct span role)
{
    return (size_t)holders(doc, NULL, s, role, UINT64_MAX);
}
