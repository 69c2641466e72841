/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SubjectPublicKeyInfo of the four kinds of key that sign here, in the one encoding each has: named curve, uncompressed
 * point, NULL parameters for RSA, none for Ed25519. RFC 5480 §2, RFC 8017 A.1, RFC 8410 §4. Pure.
 */
#ifndef NOTE_SPKI_H
#define NOTE_SPKI_H

#include "base/base_writer.h"

enum { NOTE_SPKI_P256_BYTES = 91, NOTE_SPKI_MAX = 600, NOTE_POINT_P256_BYTES = 65, NOTE_ED25519_BYTES = 32 };

enum note_spki_kind { NOTE_SPKI_P256, NOTE_SPKI_P384, NOTE_SPKI_RSA, NOTE_SPKI_ED25519 };

/* Borrows from the DER. */
struct note_spki {
    enum note_spki_kind kind;
    struct span point; /* EC: 04 || x || y; not looked at: is it on the curve? Ed25519: the 32 bytes */
    struct span n;     /* RSA: INTEGER contents, a zero byte first */
    struct span e;
};

/*
 * CS_E_TYPE   another kind of key, curve or encoding
 * CS_E_RANGE  RSA outside 2048..4096 bits ("spki.rsa.n"), exponent even or not in 65537..2^64-1 ("spki.rsa.e")
 * CS_E_SHORT, CS_E_SYNTAX, CS_E_TRAILING  malformed RSA
 */
CS_RESULT note_spki_decode(struct span der, struct note_spki *ret_key);
/* The SPKI of a P-256 point, 65 bytes starting with 04. */
void note_spki_write_p256(struct writer *w, struct span point);
void note_spki_write_ed25519(struct writer *w, struct span key);

#endif
