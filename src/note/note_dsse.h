/* SPDX-License-Identifier: Apache-2.0 */
/* DSSE: what is signed, and the one spelling in which we write an envelope. secure-systems-lab DSSE v1.0.2. Pure. */
#ifndef NOTE_DSSE_H
#define NOTE_DSSE_H

#include "base/base_digest.h"
#include "json/json_tree.h"

/* "DSSEv1 " len(type) " " type " " len(body) " " body: the bytes that are signed. */
CS_RESULT note_dsse_pae(struct span type, struct span body, struct writer *w);

/*
 * {"payload":"<base64>","payloadType":"<type>","signatures":[{"keyid":"<hex SHA-256 of the SPKI>","sig":"<base64>"}]}
 * type must be printable ASCII without quote and backslash: CS_E_SYNTAX.
 */
CS_RESULT note_dsse_write(struct span type, struct span payload, struct span spki, struct span sig, struct writer *w);

/* An envelope as anyone may have written it: members in any order, members that are not known here, either base64. */
enum { NOTE_DSSE_SIGNATURES_MAX = 16, NOTE_DSSE_BYTES_MAX = 1 << 20 };
struct note_dsse {
    struct span type;
    struct span payload; /* decoded */
    size_t signature_count;
    struct note_dsse_signature {
        struct span keyid; /* a hint, never trusted; may be empty */
        struct span sig;   /* decoded */
    } signature[NOTE_DSSE_SIGNATURES_MAX];
};
/* Borrows from the text and from the arena. The errors of json_tree_parse_foreign; CS_E_MISSING, CS_E_TYPE, CS_E_RANGE
 * (over NOTE_DSSE_BYTES_MAX; none or too many signatures), CS_E_SYNTAX and CS_E_ORDER (base64). */
CS_RESULT note_dsse_decode(struct span text, struct arena *arena, struct note_dsse *ret_envelope);

#endif
