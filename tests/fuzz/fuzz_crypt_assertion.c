/* SPDX-License-Identifier: Apache-2.0 */
/* n:u8 auth_data sig: nobody has the key, so nothing may hold. */
#include "crypt/crypt_assertion.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The base point of P-256: its private key is 1, but a mutated signature is not a signature. */
static const uint8_t point[NOTE_POINT_P256_BYTES] = {
    0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
    0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f,
    0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
    0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypt_key *key;
    struct reader r = rd_make(span_make(data, size));
    uint8_t n = 0;
    struct crypt_assertion_in in = {.rp_id = SPAN_LIT("approval.example"), .challenge = SPAN_LIT("challenge")};

    if (key == NULL && crypt_key_open_p256(SPAN_OF(point), &key).code != CS_OK) {
        abort();
    }
    if (rd_u8(&r, &n, "n").code != CS_OK || rd_take(&r, n, &in.auth_data, "auth_data").code != CS_OK) {
        return 0;
    }
    in.sig = r.rest;
    if (crypt_assertion_check(key, &in, NULL) == CRYPT_ASSERTION_HOLDS) {
        abort();
    }
    return 0;
}
