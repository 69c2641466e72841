/* SPDX-License-Identifier: Apache-2.0 */
/* The CBOR of CTAP2: canonical when written, canonical or refused when read. Source: CTAP 2.1 §8 "Message encoding". */
#ifndef SOFTKEY_CBOR_H
#define SOFTKEY_CBOR_H

#include "softkey_ec.h"

/** Borrowed bytes. All zero is empty. */
struct softkey_span {
    const uint8_t *p;
    size_t len;
};

/** Writes into `p[0..cap)`; past the end it writes nothing more and `full` stays set. */
struct softkey_cbor {
    uint8_t *p;
    size_t cap;
    size_t len;
    bool full;
};

/* Keys of a map are the caller's to put in canonical order: smaller major type, then shorter, then bytewise. */
void softkey_cbor_put_map(struct softkey_cbor *w, size_t pairs);
void softkey_cbor_put_array(struct softkey_cbor *w, size_t items);
void softkey_cbor_put_int(struct softkey_cbor *w, int64_t value);
void softkey_cbor_put_bytes(struct softkey_cbor *w, const void *bytes, size_t len);
void softkey_cbor_put_text(struct softkey_cbor *w, const char *text);
void softkey_cbor_put_bool(struct softkey_cbor *w, bool value);
/** Bytes that are CBOR already. */
void softkey_cbor_put_raw(struct softkey_cbor *w, const void *bytes, size_t len);

enum {
    SOFTKEY_CBOR_DEPTH_MAX = 4 /* CTAP 2.1 §8: maps and arrays nested deeper are refused */
};

/**
 * Whether `in` is exactly one canonical item: shortest heads, definite lengths, map keys integer or text in ascending
 * order without repeats, no tags, no floats, only true and false as simple values, valid UTF-8 is not checked.
 * The getters below may be used on checked input only.
 */
SOFTKEY_MUST bool softkey_cbor_check(struct softkey_span in);

/* Each getter answers false, and leaves its output alone, when the item is of another type or not there. */
SOFTKEY_MUST bool softkey_cbor_int(struct softkey_span item, int64_t *ret_value);
SOFTKEY_MUST bool softkey_cbor_bytes(struct softkey_span item, struct softkey_span *ret_bytes);
SOFTKEY_MUST bool softkey_cbor_text(struct softkey_span item, struct softkey_span *ret_text);
SOFTKEY_MUST bool softkey_cbor_bool(struct softkey_span item, bool *ret_value);
SOFTKEY_MUST bool softkey_cbor_map(struct softkey_span item, uint64_t *ret_pairs);
SOFTKEY_MUST bool softkey_cbor_array(struct softkey_span item, uint64_t *ret_items);
SOFTKEY_MUST bool softkey_cbor_at(struct softkey_span array, uint64_t index, struct softkey_span *ret_item);
SOFTKEY_MUST bool softkey_cbor_by_int(struct softkey_span map, int64_t key, struct softkey_span *ret_item);
SOFTKEY_MUST bool softkey_cbor_by_text(struct softkey_span map, const char *key, struct softkey_span *ret_item);

#endif
