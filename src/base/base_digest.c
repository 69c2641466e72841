/* SPDX-License-Identifier: Apache-2.0 */
/* The low-level calls are deprecated in favour of fetched algorithms, which need state and can fail: docs/adr/0002. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/base_digest.h"

#include <openssl/sha.h>

struct sha256 digest_sha256_parts(const struct span *parts, size_t count)
{
    SHA256_CTX c;
    struct sha256 d;

    (void)SHA256_Init(&c);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].left > 0) {
            (void)SHA256_Update(&c, parts[i].p, parts[i].left);
        }
    }
    (void)SHA256_Final(d.b, &c);
    return d;
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
