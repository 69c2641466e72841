/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that nobody else may see: a PIN, a seed, a key file. Kept out of swap where the system allows, wiped at the
 * end. */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/base_span.h"

enum { SECRET_MAX_BYTES = 512 };

/* All-zero is an empty secret. Never copy the struct: the copy is neither locked nor wiped. */
struct secret {
    uint8_t b[SECRET_MAX_BYTES];
    size_t len;
};

/* Empties s and asks the kernel to keep its page in memory. A refusal (RLIMIT_MEMLOCK) is not an error: swap is off on
 * the appliance. The page stays locked after release, because a lock is of pages and another secret may lie on the same
 * one. */
void secret_init(struct secret *s);
/* Wipes and empties. */
void secret_release(struct secret *s);
static inline void cs_auto_secret(struct secret *s)
{
    secret_release(s);
}
#define AUTO_SECRET __attribute__((cleanup(cs_auto_secret))) struct secret

/* Replaces what s held. CS_E_FULL above SECRET_MAX_BYTES; s is unchanged then. value must not lie in s. */
CS_RESULT secret_set(struct secret *s, struct span value);
/* Adds at the end: for a PIN that is typed. CS_E_FULL, s unchanged. */
CS_RESULT secret_append(struct secret *s, struct span more);
/* Takes the last n bytes off, or all if there are fewer, and wipes them. */
void secret_cut(struct secret *s, size_t n);
/* Borrowed, until the next change. */
static inline struct span secret_span(const struct secret *s)
{
    return span_make(s->b, s->len);
}

/* explicit_bzero under a name that says what it is for. */
void secret_wipe(void *p, size_t n);

#endif
