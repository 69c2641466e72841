/* SPDX-License-Identifier: Apache-2.0 */
/* Verifier keys of signed notes: `name+hex8+base64`. C2SP signed-note, tlog-cosignature; docs/formats/note.md §2. Pure.
 */
#ifndef NOTE_VKEY_H
#define NOTE_VKEY_H

#include "base/base_digest.h"
#include "base/base_writer.h"

enum {
    NOTE_NAME_MAX = 255,
    NOTE_VKEY_MAX = NOTE_NAME_MAX + 1 + 8 + 1 + 44,
    NOTE_KEY_BYTES = 32,
    NOTE_ED25519_SIG_BYTES = 64,
};

/* The wire's own numbers. */
enum note_key_type {
    NOTE_KEY_ED25519 = 0x01,     /* signs the note's text */
    NOTE_KEY_COSIGNATURE = 0x04, /* a witness: signs a time and the text */
};

struct note_key {
    struct span name; /* borrowed */
    enum note_key_type type;
    uint32_t id;
    uint8_t key[NOTE_KEY_BYTES]; /* Ed25519 */
};

/* Not empty, at most NOTE_NAME_MAX bytes of UTF-8 without control characters, Unicode spaces or '+'. CS_E_RANGE,
 * CS_E_UTF8, CS_E_SYNTAX. */
CS_RESULT note_name_check(struct span name, const char *what);
/* First four bytes, big-endian, of SHA-256(name || 0A || type || key). */
uint32_t note_key_id(struct span name, enum note_key_type type, const uint8_t key[NOTE_KEY_BYTES]);
/* A key with its id; name is borrowed and must have passed note_name_check. */
struct note_key note_key_make(struct span name, enum note_key_type type, const uint8_t key[NOTE_KEY_BYTES]);

/* CS_E_SYNTAX, CS_E_RANGE, CS_E_UTF8; CS_E_TYPE another type of key; CS_E_MISMATCH the id is not that of this key. */
CS_RESULT note_vkey_decode(struct span text, struct note_key *ret_key);
void note_vkey_write(struct writer *w, const struct note_key *key);

#endif
