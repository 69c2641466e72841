/* SPDX-License-Identifier: Apache-2.0 */
/* Appends bytes to fixed or growing storage. Failure is sticky and is asked for once, at the end. */
#ifndef BASE_WRITER_H
#define BASE_WRITER_H

#include "base/base_span.h"

/* All-zero is a writer without room: everything fails with CS_E_FULL. */
struct writer {
    uint8_t *p;
    size_t len;
    size_t cap;
    size_t max; /* cap never grows past this */
    bool heap;  /* p is ours and may be reallocated */
    enum cs_code fail;
};

/* Caller's storage, never reallocated; wr_release is not needed. */
struct writer wr_fixed(void *p, size_t cap);
/* Heap storage that grows up to max bytes; wr_release frees it. */
struct writer wr_heap(size_t max);
void wr_release(struct writer *w);
static inline void cs_auto_writer(struct writer *w)
{
    wr_release(w);
}
#define AUTO_WRITER __attribute__((cleanup(cs_auto_writer))) struct writer

void wr_bytes(struct writer *w, struct span s);
void wr_text(struct writer *w, const char *s);
void wr_u8(struct writer *w, uint8_t v);
void wr_u16(struct writer *w, uint16_t v); /* big-endian, as the next two */
void wr_u32(struct writer *w, uint32_t v);
void wr_u64(struct writer *w, uint64_t v);
void wr_dec(struct writer *w, uint64_t v);          /* decimal, no leading zeros */
void wr_millionths(struct writer *w, uint64_t v);   /* "0.8" for 800000: no trailing zeros */
void wr_hex(struct writer *w, struct span s);       /* lower case */
void wr_base64(struct writer *w, struct span s);    /* RFC 4648 §4, padded */
void wr_base64url(struct writer *w, struct span s); /* RFC 4648 §5, unpadded */
/* n bytes for the caller to fill, or NULL after a failure. Valid until the next append. */
uint8_t *wr_room(struct writer *w, size_t n);

/* What was written so far; empty after a failure. */
struct span wr_span(const struct writer *w);
/* CS_E_FULL or CS_E_NOMEM if any append failed. */
CS_RESULT wr_end(const struct writer *w, const char *what);

#endif
