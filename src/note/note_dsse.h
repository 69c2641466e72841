/* SPDX-License-Identifier: Apache-2.0 */
/* DSSE: what is signed, and the one spelling in which we write an envelope. secure-systems-lab DSSE v1.0.2. Pure. */
#ifndef NOTE_DSSE_H
#define NOTE_DSSE_H

#include "base/base_digest.h"
#include "base/base_writer.h"

/* "DSSEv1 " len(type) " " type " " len(body) " " body: the bytes that are signed. */
CS_RESULT note_dsse_pae(struct span type, struct span body, struct writer *w);

/*
 * {"payload":"<base64>","payloadType":"<type>","signatures":[{"keyid":"<hex SHA-256 of the SPKI>","sig":"<base64>"}]}
 * type must be printable ASCII without quote and backslash: CS_E_SYNTAX.
 */
CS_RESULT note_dsse_write(struct span type, struct span payload, struct span spki, struct span sig, struct writer *w);

#endif
