/* SPDX-License-Identifier: Apache-2.0 */
/* n:u16 certificate n:u16 x5c[0] n:u16 x5c[1] n:u16 key sig: no input may crash the rules of cards, be read another way
 * the second time, or be taken without a root. */
#include "crypt/crypt_card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool take(struct reader *r, struct span *ret)
{
    uint16_t n = 0;
    return rd_u16(r, &n, "n").code == CS_OK && rd_take(r, n, ret, "bytes").code == CS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_make(span_make(data, size));
    struct span x5c[2] = {SPAN_NONE, SPAN_NONE};
    struct span certificate = SPAN_NONE;
    struct span key = SPAN_NONE;
    struct crypt_card_facts facts = {.attested = false};

    if (!take(&r, &certificate) || !take(&r, &x5c[0]) || !take(&r, &x5c[1]) || !take(&r, &key)) {
        return 0;
    }
    const size_t count = (x5c[0].left > 0 ? 1U : 0U) + (x5c[1].left > 0 ? 1U : 0U);
    if (crypt_card_read(certificate, x5c, count, &facts) == CRYPT_CARD_HOLDS) {
        const bool said = facts.pin >= 1 && facts.pin <= 3 && facts.touch >= 1 && facts.touch <= 3;
        if (facts.attested != (count > 0) || (facts.attested && !said)) {
            abort();
        }
    }
    struct crypt_cert_words words;
    if (crypt_cert_words(certificate, &words) == CRYPT_CARD_HOLDS &&
        (words.subject.len > CRYPT_NAME_MAX || words.issuer.len > CRYPT_NAME_MAX)) {
        abort();
    }
    const struct crypt_card_in in = {.key = key,
                                     .certificate = certificate,
                                     .message = SPAN_LIT("fuzz"),
                                     .sig = r.rest,
                                     .x5c = x5c,
                                     .x5c_count = count,
                                     .time_s = 1767600000};
    if (crypt_card_check(&in) == CRYPT_CARD_HOLDS) {
        abort(); /* there is no root that it could lead to */
    }
    if (crypt_card_root_check(certificate) == CRYPT_CARD_NOT_CHECKED) {
        abort();
    }
    return 0;
}
