/* SPDX-License-Identifier: Apache-2.0 */
/* Is this the log's own signed checkpoint of exactly this tree? Inside the room only. */
#ifndef FOLLOW_NOTE_H
#define FOLLOW_NOTE_H

#include "model/model_state.h"

/* CS_E_MISMATCH for another origin, size or root; CS_E_BADSIG, or the note's own errors. */
CS_RESULT follow_note_check(struct span note, const struct state *s, const struct sha256 *root);

#endif
