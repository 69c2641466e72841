/* SPDX-License-Identifier: Apache-2.0 */
/* `.tlog-proof`: one leaf's inclusion in one signed checkpoint, as a file of its own. C2SP tlog-proof@v1;
 * docs/formats/note.md §5. Framing only. Pure. */
#ifndef NOTE_PROOF_H
#define NOTE_PROOF_H

#include "merkle/merkle_proof.h"
#include "note/note_signed.h"

struct note_proof {
    struct span extra; /* base64 as it stands, strict; empty when there is none. Not covered by any signature */
    uint64_t index;
    struct merkle_proof proof;
    struct span checkpoint; /* the signed note, verbatim; borrowed */
};

/* CS_E_SHORT, CS_E_SYNTAX, CS_E_RANGE (index, more than MERKLE_LEVELS hashes), and the errors of note_decode. */
CS_RESULT note_proof_decode(struct span bytes, struct note_proof *ret_proof);
/* extra: raw bytes, may be empty. */
CS_RESULT note_proof_write(struct writer *w, struct span extra, uint64_t index, const struct merkle_proof *proof,
                           struct span checkpoint);

#endif
