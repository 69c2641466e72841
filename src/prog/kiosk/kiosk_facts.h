/* SPDX-License-Identifier: Apache-2.0 */
/* What the certificates and lists in roster changes say, for the pages: the screen reads no X.509 itself. Pure. */
#ifndef KIOSK_FACTS_H
#define KIOSK_FACTS_H

#include "base/base_arena.h"
#include "model/model_roster.h"

/*
 * One item for each change, in the arena; what cannot be read has none, and the pages then cannot be signed. NULL when
 * there is no memory. Form only, as the judge reads it (src/judge/judge_cards.c): the core has verified a request
 * before anybody sees it, and nothing that is shown here is believed before the judge took it.
 */
const struct change_facts *kiosk_facts(const struct roster_changes *changes, struct arena *arena);

#endif
