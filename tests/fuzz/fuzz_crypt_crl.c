/* SPDX-License-Identifier: Apache-2.0 */
/* A list of revoked certificates: no input may crash its rules, give serials out of order, or be taken without a root.
 */
#include "crypt/crypt_card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypt_crl_facts facts;
    const struct span crl = span_make(data, size);

    if (crypt_crl_read(crl, &facts) == CRYPT_CARD_HOLDS) {
        for (size_t i = 1; i < facts.serial_count; i++) {
            if (memcmp(facts.serial[i - 1], facts.serial[i], CRYPT_NUMBER_BYTES) >= 0) {
                abort();
            }
        }
    }
    struct crypt_name issuer;
    if (crypt_crl_words(crl, &issuer) == CRYPT_CARD_HOLDS && issuer.len > CRYPT_NAME_MAX) {
        abort();
    }
    if (crypt_crl_check(crl, NULL, 0, 1767600000) == CRYPT_CARD_HOLDS) {
        abort();
    }
    return 0;
}
