/* SPDX-License-Identifier: Apache-2.0 */
/* What author_log needs of cards; within this library. */
#ifndef SUPPORT_AUTHOR_CARD_H
#define SUPPORT_AUTHOR_CARD_H

#include "support/author_log.h"

/* The card of this id by this key, as a change. Everything is copied into the arena. */
CS_RESULT author_card_change(const struct cardpki *pki, const struct cardpki_key *key, const char *id,
                             const struct author_card *how, struct arena *arena, struct roster_change *ret_change);
struct sha256 author_card_credential(const struct cardpki_key *key);

#endif
