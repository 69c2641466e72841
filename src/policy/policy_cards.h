/* SPDX-License-Identifier: Apache-2.0 */
/* Which cards and lists of revoked ones a roster change may bring. Inside the room only. Pure. */
#ifndef POLICY_CARDS_H
#define POLICY_CARDS_H

#include "policy/policy_sheet.h"

/* The changes, and what the certificates in them say. */
struct policy_plan {
    const struct roster_changes *changes;
    const struct change_facts *facts; /* NULL: none */
};
const struct card_facts *policy_plan_card(const struct policy_plan *p, size_t at);
const struct crl_facts *policy_plan_crl(const struct policy_plan *p, size_t at);

/* The card that the change gives a later certificate: the same person's, the same key, revoked by nobody. NULL if it is
 * none, so that the key must be a new one. */
const struct state_credential *policy_renewed(const struct state *s, const struct policy_plan *p, size_t at);

/* The card itself, its person and issuer being there and its key free. */
enum policy_reason policy_card_fits(const struct state *s, const struct policy_plan *p, size_t at);
/* A list never goes back, neither its number nor its time, and is remembered whole. */
enum policy_reason policy_crl_fits(const struct state *s, const struct policy_plan *p, size_t at);

/* Does the change take this card away: with its issuer, with its root, or by a list? */
bool policy_takes_card(const struct policy_plan *p, size_t at, const struct state_card *card);

#endif
