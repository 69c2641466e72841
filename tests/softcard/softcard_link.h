/* SPDX-License-Identifier: Apache-2.0 */
/* Between the cards of a rack and the commands about them. */
#ifndef SOFTCARD_LINK_H
#define SOFTCARD_LINK_H

#include "softcard_rack.h"

bool softcard_name_fits(const char *name);

/* The card of this name among those named so far; NULL if there is none. */
struct softcard_card *softcard_rack_find(const struct softcard_rack *rack, const char *name);

/* The card of a name that was not named before, read or made. NULL without room, or for an unreadable file. */
struct softcard_card *softcard_rack_load(struct softcard_rack *rack, const char *name);

/* Put a card that is out into a reader. False when the reader is taken or not there. */
SOFTKEY_MUST bool softcard_put_in(struct softcard_rack *rack, struct softcard_card *card, unsigned reader);

/* The same, in SOFTCARD_SWAP_MS. False when that card is in, or on its way. */
SOFTKEY_MUST bool softcard_put_in_later(struct softcard_card *card, unsigned reader, uint64_t now_ms);

/* Out, whatever it was doing. Nothing, if it is out. */
void softcard_take_out(struct softcard_card *card);

/* A finger on the card. False, and it does not count later either, when the card does not blink. */
SOFTKEY_MUST bool softcard_finger(struct softcard_rack *rack, struct softcard_card *card, uint64_t now_ms);

#endif
