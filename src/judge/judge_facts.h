/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the certificates and lists in roster changes say, read as the judge reads them: for a screen, which reads no
 * X.509 itself. Form only. Nothing here is believed before the judge took the entry. Pure.
 */
#ifndef JUDGE_FACTS_H
#define JUDGE_FACTS_H

#include "base/base_arena.h"
#include "crypt/crypt_card.h"
#include "model/model_roster.h"

/* One item for each change, in the arena; what cannot be read has none. NULL when there is no memory. */
const struct change_facts *judge_change_facts(const struct roster_changes *changes, struct arena *arena);

/* Of one card, of one list; anything but CRYPT_CARD_HOLDS leaves *ret_facts alone. */
__attribute__((warn_unused_result)) enum crypt_card judge_card_facts(const struct card *c, struct arena *arena,
                                                                     struct card_facts **ret_facts);
__attribute__((warn_unused_result)) enum crypt_card judge_crl_facts(struct span crl, struct arena *arena,
                                                                    const struct crl_facts **ret_facts);

#endif
