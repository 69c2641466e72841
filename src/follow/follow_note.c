/* SPDX-License-Identifier: Apache-2.0 */
#include "follow/follow_note.h"

#include "crypt/crypt_note.h"

CS_RESULT follow_note_check(struct span note, const struct state *s, const struct sha256 *root)
{
    const struct note_key key = note_key_make(s->origin, NOTE_KEY_ED25519, s->log_key);
    struct note_checkpoint c;

    TRY(crypt_checkpoint_verify(note, &key, &c));
    ENSURE(c.size == s->size, CS_E_MISMATCH, "checkpoint.size");
    ENSURE(sha256_eq(&c.root, root), CS_E_MISMATCH, "checkpoint.root");
    return CS_SUCCESS;
}
