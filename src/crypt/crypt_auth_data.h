/* SPDX-License-Identifier: Apache-2.0 */
/* Places and flags of authenticator data. WebAuthn L2 §6.1 and L3 (backup flags). */
#ifndef CRYPT_AUTH_DATA_H
#define CRYPT_AUTH_DATA_H

#include "base/base_span.h"

enum {
    CRYPT_AT_FLAGS = 32,
    CRYPT_AT_COUNTER = 33,
    CRYPT_AT_CREDENTIAL = 37,

    CRYPT_FLAG_UP = 0x01,
    CRYPT_FLAG_UV = 0x04,
    CRYPT_FLAG_BE = 0x08,
    CRYPT_FLAG_BS = 0x10,
    CRYPT_FLAG_AT = 0x40,
    CRYPT_FLAG_ED = 0x80,
    CRYPT_FLAGS_RESERVED = 0x22,
};

/* At least 37 bytes. */
static inline uint32_t crypt_auth_data_counter(struct span auth_data)
{
    const uint8_t *p = auth_data.p + CRYPT_AT_COUNTER;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

#endif
