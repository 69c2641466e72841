/* SPDX-License-Identifier: Apache-2.0 */
/* Cards, their issuers' lists, and what certificates say. Inside the room only. */
#ifndef JUDGE_CARDS_H
#define JUDGE_CARDS_H

#include "judge/judge_rules.h"

/*
 * What the certificates in the changes say, one item for each change, in scratch; NULL when no change is about cards.
 * Form, and which root a card's certificate leads to (none is no refusal yet): a follower, who proves no signature of
 * people, must come to the same root as the core.
 */
struct verdict judge_facts(struct judge *j, const struct judge_enrolment *at, const struct roster_changes *changes,
                           const struct change_facts **ret_facts);

/* Every card that the changes add proves itself, its certificate leads to a root; every list is an issuer's. */
struct verdict judge_cards_hold(const struct judge_enrolment *at, const struct roster_changes *changes);
/* Nor has a certificate of one run out since. */
struct verdict judge_cards_valid(const struct roster_changes *changes, const struct change_facts *facts,
                                 uint64_t time_ms);

#endif
