/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed notes, checkpoints and cosignatures: framing only, crypt_note verifies. C2SP signed-note, tlog-checkpoint,
 * tlog-cosignature; docs/formats/note.md. Pure; everything borrows from the note's bytes.
 */
#ifndef NOTE_SIGNED_H
#define NOTE_SIGNED_H

#include "merkle/merkle_tree.h"
#include "note/note_vkey.h"

enum { NOTE_BYTES_MAX = 131072, NOTE_SIGNATURES_MAX = 64, NOTE_SIGNATURE_BYTES_MAX = 16384 };

struct note {
    struct span text;  /* what is signed: up to and with its last line feed */
    struct span lines; /* the signature lines, all well formed */
    size_t signature_count;
};

/* One signature line. */
struct note_signature {
    struct span name;
    uint32_t key_id;
    struct span base64; /* of key id and signature */
};

/*
 * CS_E_RANGE   over NOTE_BYTES_MAX or NOTE_SIGNATURES_MAX, a name or signature out of its bounds
 * CS_E_UTF8    not UTF-8
 * CS_E_SYNTAX  a control character, no blank line before the signatures, a line of another form, base64 not strict
 * CS_E_SHORT   no signature, or the last line does not end
 */
CS_RESULT note_decode(struct span bytes, struct note *ret_note);
/* The next line of note.lines; loop while r.rest.left > 0. Cannot fail on lines that note_decode took. */
CS_RESULT note_signature_next(struct reader *r, struct note_signature *ret_sig);
/* Signature bytes without the key id, exactly n of them. CS_E_RANGE. */
CS_RESULT note_signature_bytes(const struct note_signature *sig, uint8_t *ret_bytes, size_t n);

/* A note is its text, an empty line, then signature lines. */
void note_write_text(struct writer *w, struct span text);
void note_write_signature(struct writer *w, const struct note_key *key, struct span sig);

/* Text of a checkpoint: origin, size, root; no extension lines. origin borrows. */
struct note_checkpoint {
    struct span origin;
    uint64_t size;
    struct sha256 root;
};
/* CS_E_RANGE (a size over MERKLE_SIZE_MAX, an origin out of bounds), CS_E_SYNTAX, CS_E_SHORT, CS_E_TRAILING (extension
 * lines), CS_E_ORDER (base64 with spare bits), CS_E_UTF8. An empty tree must have the empty root: CS_E_MISMATCH. */
CS_RESULT note_checkpoint_decode(struct span text, struct note_checkpoint *ret_checkpoint);
void note_checkpoint_write(struct writer *w, const struct note_checkpoint *c);

/* What a witness signs: "cosignature/v1\ntime <t>\n" and the whole text. time_s at most 2^63-1. */
enum { NOTE_COSIGNATURE_BYTES = 8 + NOTE_ED25519_SIG_BYTES };
void note_cosignature_message(struct writer *w, uint64_t time_s, struct span text);

#endif
