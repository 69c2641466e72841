/* SPDX-License-Identifier: Apache-2.0 */
/* The little DER that framing needs: definite minimal lengths, minimal integers. X.690 §8, §10. Pure. */
#ifndef NOTE_DER_H
#define NOTE_DER_H

#include "base/base_span.h"

enum { NOTE_DER_INTEGER = 0x02, NOTE_DER_BITS = 0x03, NOTE_DER_OCTETS = 0x04, NOTE_DER_SEQUENCE = 0x30 };

/* The contents of the next element, which must have this tag. CS_E_SHORT, CS_E_TYPE (other tag), CS_E_SYNTAX (a length
 * not minimal), CS_E_RANGE (longer than 65535). */
CS_RESULT note_der_take(struct reader *r, uint8_t tag, struct span *ret_contents, const char *what);
/* A non-negative INTEGER of 1..max bytes of contents, minimal, so a leading zero byte stands only before a set bit. */
CS_RESULT note_der_uint(struct reader *r, size_t max, struct span *ret_contents, const char *what);

/* ECDSA-Sig-Value, nothing after it: r and s as their INTEGER contents, at most `field_bytes` + 1 each. */
struct note_ecdsa {
    struct span r;
    struct span s;
};
CS_RESULT note_ecdsa_decode(struct span der, size_t field_bytes, struct note_ecdsa *ret_sig);

#endif
