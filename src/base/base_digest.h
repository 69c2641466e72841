/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-2 without set-up and without failure: no fetch, no global, no allocation (docs/adr/0002). Pure. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/base_span.h"

enum { SHA256_BYTES = 32, SHA384_BYTES = 48, SHA512_BYTES = 64 };

struct sha256 {
    uint8_t b[SHA256_BYTES];
};

/* The digest of the parts in order, as if they were one message. Source: FIPS 180-4. */
struct sha256 digest_sha256(struct span a);
struct sha256 digest_sha256_parts(const struct span *parts, size_t count);
void digest_sha384(struct span a, uint8_t ret_digest[SHA384_BYTES]);
void digest_sha512(struct span a, uint8_t ret_digest[SHA512_BYTES]);

/* The same of parts that come one by one. Begin first; end gives the digest of all, and the run is begun anew before it
 * is used again. */
struct sha256_run {
    _Alignas(8) uint8_t state[128];
};
void sha256_begin(struct sha256_run *run);
void sha256_add(struct sha256_run *run, struct span part);
struct sha256 sha256_end(struct sha256_run *run);

static inline struct span sha256_span(const struct sha256 *d)
{
    return span_make(d->b, SHA256_BYTES);
}
bool sha256_eq(const struct sha256 *a, const struct sha256 *b);

#endif
