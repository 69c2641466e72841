/* SPDX-License-Identifier: Apache-2.0 */
/* The clientDataJSON that our kiosks make, to the byte. WebAuthn L2 §5.8.1; docs/formats/statement.md. Pure. */
#ifndef NOTE_CLIENT_DATA_H
#define NOTE_CLIENT_DATA_H

#include "base/base_digest.h"
#include "base/base_writer.h"

enum { NOTE_RP_ID_MAX = 253, NOTE_CHALLENGE_MAX = 1024, NOTE_CLIENT_DATA_MAX = 2048 };

enum note_ceremony { NOTE_WEBAUTHN_GET, NOTE_WEBAUTHN_CREATE };

/*
 * {"type":"webauthn.get","challenge":"<base64url>","origin":"https://<rp id>","crossOrigin":false}
 *
 * @challenge  1..NOTE_CHALLENGE_MAX bytes, written as base64url without padding.
 * @rp_id      a lower-case domain name of at most NOTE_RP_ID_MAX bytes: letters, digits, '.' and '-'.
 * CS_E_RANGE or CS_E_SYNTAX, and the writer's errors.
 */
CS_RESULT note_client_data_write(struct writer *w, enum note_ceremony ceremony, struct span challenge,
                                 struct span rp_id);

/* Lower-case domain name as above. */
CS_RESULT note_rp_id_check(struct span rp_id, const char *what);

#endif
