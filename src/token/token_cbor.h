/* SPDX-License-Identifier: Apache-2.0 */
/* As much CBOR as an attestation statement has: heads of definite length and strings, borrowed. Pure. RFC 8949 §3. */
#ifndef TOKEN_CBOR_H
#define TOKEN_CBOR_H

#include "base/base_span.h"

enum token_cbor_kind {
    TOKEN_CBOR_UINT,
    TOKEN_CBOR_NEGATIVE,
    TOKEN_CBOR_BYTES,
    TOKEN_CBOR_TEXT,
    TOKEN_CBOR_ARRAY,
    TOKEN_CBOR_MAP,
    TOKEN_CBOR_TAG,
    TOKEN_CBOR_SIMPLE
};

/*
 * The head of the next item: its kind and its value, length or count. The caller bounds it before use.
 * CS_E_SHORT when cut, CS_E_SYNTAX for indefinite lengths and reserved forms; the reader stays where it was.
 */
CS_RESULT token_cbor_head(struct reader *r, enum token_cbor_kind *ret_kind, uint64_t *ret_n, const char *what);

/* A head of this kind, with at most max: CS_E_TYPE, CS_E_RANGE. */
CS_RESULT token_cbor_expect(struct reader *r, enum token_cbor_kind kind, uint64_t max, uint64_t *ret_n,
                            const char *what);

/* A byte or text string of 1 to max bytes. CS_E_TYPE, CS_E_RANGE, CS_E_SHORT. */
CS_RESULT token_cbor_string(struct reader *r, enum token_cbor_kind kind, size_t max, struct span *ret_s,
                            const char *what);

#endif
