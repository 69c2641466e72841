/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys may sign in which role. Pure. Source: docs/policy.md. */
#ifndef POLICY_TOKENS_H
#define POLICY_TOKENS_H

#include "model/model_state.h"

/* What a policy asks about of a key, enrolled or about to be. All-zero fits nothing that is asked for. */
struct policy_key {
    enum credential_kind kind;
    struct span model;  /* raw AAGUID of a FIDO2 key */
    struct span issuer; /* id, of a card */
    struct span certification;
    bool attested;
    bool touch; /* asks for a touch */
};
struct policy_key policy_key_of(const struct state_credential *c);

/* Does this key satisfy what the document asks for in this role? True where it asks for nothing. */
bool policy_key_fits(const struct policy_doc *doc, struct span role, const struct policy_key *key);

/* Has this person the role, and a credential that counts now and fits it? */
bool policy_role_holder(const struct policy_doc *doc, const struct state *s, const struct state_person *p,
                        struct span role);
/* Are there so many of them, under one rule, which may ask more of keys (NULL: under none)? Stops once there are. */
bool policy_rule_enough(const struct policy_doc *doc, const struct policy_rule *rule, const struct state *s,
                        struct span role, uint64_t need);
/* People with this role and at least one credential that counts now and fits the role. */
size_t policy_role_holders(const struct policy_doc *doc, const struct state *s, struct span role);

#endif
