/* SPDX-License-Identifier: Apache-2.0 */
/* A soft card takes any APDUs in any order: each has an answer, or blinks and then has one; no key signs without a PIN.
 * The input is one byte of flags (1: the management key was proved, 2: fingers come in time), then APDUs, each after
 * its length in two bytes. */
#include "softcard/softcard_core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INS_GENERATE = 0x47, FLAG_MANAGED = 1, FLAG_TOUCHED = 2 };

static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void make(struct softcard *card, struct softcard_ca *ca)
{
    static const uint8_t seed[32] = {3};
    const struct softcard_key once = {.slot = 0x9a, .alg = SOFTCARD_P_256};
    const struct softcard_key touched = {.slot = 0x9c, .alg = SOFTCARD_P_384, .touch = SOFTCARD_TOUCH_ALWAYS};

    must(softcard_ca_init(ca, seed));
    softcard_store_new(&card->store);
    card->ca = ca;
    must(softcard_personalize(card));
    must(softcard_issue(card, &once, SOFTCARD_CERT_ISSUED, "olga"));
    must(softcard_issue(card, &touched, SOFTCARD_CERT_ISSUED, "olga"));
}

static void check_answer(const struct softcard_reply *reply)
{
    must(reply->len >= 2 && reply->len <= sizeof(reply->bytes));
    must(reply->bytes[reply->len - 2] >= 0x61 && reply->bytes[reply->len - 2] <= 0x90);
}

static void tell(struct softcard *card, struct span apdu, bool touched)
{
    static struct softcard_reply reply;
    const uint32_t signatures = card->signatures;
    const bool verified = card->pin_verified;

    if (apdu.left > 1 && apdu.p[1] == INS_GENERATE) {
        return; /* RSA keys take their time */
    }
    if (!softcard_transmit(card, apdu, 1000, &reply)) {
        must(card->waiting && verified);
        softcard_touch(card, touched, 1000, &reply);
        must(touched || card->signatures == signatures);
    }
    must(card->signatures == signatures || verified);
    check_answer(&reply);
    must(card->data_len <= sizeof(card->data) && card->answer_at <= card->answer_len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct softcard card;
    struct softcard_ca ca;
    struct reader r = rd_make(span_make(data, size));
    uint8_t flags = 0;
    uint16_t len = 0;
    struct span apdu = SPAN_NONE;

    memset(&card, 0, sizeof(card));
    make(&card, &ca);
    if (rd_u8(&r, &flags, "flags").code == CS_OK) {
        card.managed = (flags & FLAG_MANAGED) != 0;
    }
    while (rd_u16(&r, &len, "length").code == CS_OK && rd_take(&r, len, &apdu, "apdu").code == CS_OK) {
        tell(&card, apdu, (flags & FLAG_TOUCHED) != 0);
    }
    softcard_store_release(&card.store);
    softcard_ca_release(&ca);
    return 0;
}
