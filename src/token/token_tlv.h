/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER-TLV as PIV cards write it: definite lengths in their shortest form, tags of one to three bytes. Pure.
 * Source: ISO/IEC 7816-4:2013 §5.2.2; NIST SP 800-73-4 Part 2.
 */
#ifndef TOKEN_TLV_H
#define TOKEN_TLV_H

#include "base/base_span.h"
#include "base/base_writer.h"

/*
 * The next data object; *ret_value borrows from what r reads.
 *
 * Errors: CS_E_SHORT   tag, length or value is cut
 *         CS_E_SYNTAX  a length that is indefinite, of more than two bytes, or longer than it need be; a tag of more
 * than three bytes, or written in more bytes than it needs
 */
CS_RESULT token_tlv_next(struct reader *r, uint32_t *ret_tag, struct span *ret_value, const char *what);

/*
 * The value of the one object with this tag among those in `in`, all of which must be well-formed.
 * Errors: as token_tlv_next; CS_E_MISSING, CS_E_DUPLICATE.
 */
CS_RESULT token_tlv_find(struct span in, uint32_t tag, struct span *ret_value, const char *what);

/* Like token_tlv_find, but no other object may stand beside it: CS_E_UNKNOWN. */
CS_RESULT token_tlv_only(struct span in, uint32_t tag, struct span *ret_value, const char *what);

/* Tag and length of an object whose value of n bytes, at most 65535, follows. */
void token_tlv_head(struct writer *w, uint32_t tag, size_t n);

#endif
