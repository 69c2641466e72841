/* SPDX-License-Identifier: Apache-2.0 */
/* n:u16 spki sig: any key that opens gives one of three answers to any signature. */
#include "crypt/crypt_verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    uint16_t n = 0;
    struct span spki = SPAN_NONE;
    AUTO_CRYPT_KEY *key = NULL;

    if (rd_u16(&r, &n, "n").code != CS_OK || rd_take(&r, n, &spki, "spki").code != CS_OK ||
        crypt_key_open(spki, &key).code != CS_OK) {
        return 0;
    }
    for (unsigned alg = 0; alg < CRYPT_ALG_COUNT; alg++) {
        const enum cs_code c = crypt_verify(key, (enum crypt_alg)alg, SPAN_LIT("message"), r.rest).code;
        if (c != CS_OK && c != CS_E_BADSIG && c != CS_E_TYPE) {
            abort();
        }
    }
    return 0;
}
