/* SPDX-License-Identifier: Apache-2.0 */
/* Whose signatures does this note carry? C2SP signed-note, tlog-cosignature; docs/formats/note.md §3. Pure. */
#ifndef CRYPT_NOTE_H
#define CRYPT_NOTE_H

#include "crypt/crypt_verify.h"
#include "note/note_signed.h"

/* A key that is known, and what was found. The caller fills in `key` and keeps it; `opened` is kept for the next note
 * and freed by crypt_signers_release. */
struct crypt_signer {
    struct note_key key;
    struct crypt_key *opened;
    bool verified;
    uint64_t time_s; /* of a cosignature; 0 for a plain signature */
};

/*
 * Lines of unknown keys (name and id) are passed over. Every line of a known key must verify. At least one must stand
 * there. Fills in verified and time_s of each signer, all false on failure.
 *
 * CS_E_BADSIG   a line of a known key does not verify: the note is refused whole
 * CS_E_MISSING  no known key signed
 * and the errors of note_decode, CS_E_NOMEM, CS_E_CRYPTO.
 */
CS_RESULT crypt_note_verify(struct span bytes, struct crypt_signer *signers, size_t count, struct note *ret_note);
void crypt_signers_release(struct crypt_signer *signers, size_t count);

/* The log's own checkpoint: signed by log_key, whose name is the origin. CS_E_MISMATCH "checkpoint.origin", and the
 * errors of crypt_note_verify and note_checkpoint_decode. Opens the key each time: for many, keep a crypt_signer. */
CS_RESULT crypt_checkpoint_verify(struct span bytes, const struct note_key *log_key, struct note_checkpoint *ret);

#endif
