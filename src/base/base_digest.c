/* SPDX-License-Identifier: Apache-2.0 */
/* The low-level calls are deprecated in favour of fetched algorithms, which need state and can fail: docs/adr/0002. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/base_digest.h"

#include <openssl/sha.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256_run), "a run has room for libcrypto's own");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct sha256_run), "and stands where that may stand");

/* The run's bytes are libcrypto's own struct. */
static SHA256_CTX *context(struct sha256_run *run)
{
    return (SHA256_CTX *)(void *)run->state;
}

void sha256_begin(struct sha256_run *run)
{
    (void)SHA256_Init(context(run));
}

void sha256_add(struct sha256_run *run, struct span part)
{
    if (part.left > 0) {
        (void)SHA256_Update(context(run), part.p, part.left);
    }
}

struct sha256 sha256_end(struct sha256_run *run)
{
    struct sha256 d;

    (void)SHA256_Final(d.b, context(run));
    return d;
}

struct sha256 digest_sha256_parts(const struct span *parts, size_t count)
{
    struct sha256_run run;

    sha256_begin(&run);
    for (size_t i = 0; i < count; i++) {
        sha256_add(&run, parts[i]);
    }
    return sha256_end(&run);
}

struct sha256 digest_sha256(struct span a)
{
    return digest_sha256_parts(&a, 1);
}

void digest_sha384(struct span a, uint8_t ret_digest[SHA384_BYTES])
{
    SHA512_CTX c;

    (void)SHA384_Init(&c);
    (void)SHA384_Update(&c, a.p, a.left);
    (void)SHA384_Final(ret_digest, &c);
}

void digest_sha512(struct span a, uint8_t ret_digest[SHA512_BYTES])
{
    SHA512_CTX c;

    (void)SHA512_Init(&c);
    (void)SHA512_Update(&c, a.p, a.left);
    (void)SHA512_Final(ret_digest, &c);
}

bool sha256_eq(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->b, b->b, SHA256_BYTES) == 0;
}
