/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_apdu.h"

enum {
    CLA_CHAIN = 0x10,
    INS_GET_RESPONSE = 0xc0,
    PART_MAX = 255,
    SW1_MORE = 0x61,
    SW1_LENGTH = 0x6c,
};

/* One APDU out, one answer in. */
struct command {
    uint8_t b[TOKEN_APDU_MAX];
    size_t len;
    bool has_le; /* the last byte is Le */
};

static void build(struct command *c, uint8_t cla, const struct token_apdu *apdu, struct span part, bool le)
{
    const uint8_t head[4] = {cla, apdu->ins, apdu->p1, apdu->p2};

    memcpy(c->b, head, sizeof(head));
    c->len = sizeof(head);
    c->has_le = le;
    if (part.left > 0) {
        c->b[c->len] = (uint8_t)part.left;
        memcpy(c->b + c->len + 1, part.p, part.left);
        c->len += 1 + part.left;
    }
    if (le) {
        c->b[c->len] = 0; /* as many as there are, up to 256 */
        c->len++;
    }
}

static enum token_code send(const struct token_link *link, const struct command *c, struct writer *answer,
                            uint16_t *ret_sw)
{
    uint8_t room[TOKEN_APDU_ANSWER_MAX];
    size_t n = 0;

    const enum token_code code = link->transmit(link->ctx, span_make(c->b, c->len), room, sizeof(room), &n);
    if (code != TOKEN_OK) {
        return code;
    }
    if (n < 2 || n > sizeof(room) || n - 2 > TOKEN_APDU_TOTAL_MAX - answer->len) {
        return TOKEN_FAILED;
    }
    wr_bytes(answer, span_make(room, n - 2));
    *ret_sw = (uint16_t)(room[n - 2] << 8 | room[n - 1]);
    return answer->fail == CS_OK ? TOKEN_OK : TOKEN_FAILED;
}

/* Sends c; where the card wants another Le, once more with that. */
static enum token_code send_right(const struct token_link *link, struct command *c, struct writer *answer,
                                  uint16_t *ret_sw)
{
    const size_t before = answer->len;
    uint16_t sw = 0;

    enum token_code code = send(link, c, answer, &sw);
    if (code == TOKEN_OK && sw >> 8 == SW1_LENGTH) {
        if (!c->has_le || answer->len != before) {
            return TOKEN_FAILED;
        }
        c->b[c->len - 1] = (uint8_t)sw;
        code = send(link, c, answer, &sw);
        if (sw >> 8 == SW1_LENGTH) {
            return TOKEN_FAILED;
        }
    }
    *ret_sw = sw;
    return code;
}

static enum token_code take_rest(const struct token_link *link, struct writer *answer, uint16_t *sw)
{
    static const struct token_apdu get_response = {.ins = INS_GET_RESPONSE};
    enum token_code code = TOKEN_OK;

    for (unsigned round = 0; code == TOKEN_OK && *sw >> 8 == SW1_MORE; round++) {
        struct command c;
        if (round == TOKEN_APDU_ROUNDS_MAX) {
            return TOKEN_FAILED;
        }
        build(&c, 0, &get_response, SPAN_NONE, true);
        c.b[c.len - 1] = (uint8_t)*sw;
        code = send_right(link, &c, answer, sw);
    }
    return code;
}

/* All parts; ends early when the card refuses one. */
static enum token_code send_parts(const struct token_link *link, const struct token_apdu *apdu, struct writer *answer,
                                  uint16_t *ret_sw)
{
    struct span rest = apdu->data;
    struct command c;
    enum token_code code = TOKEN_OK;
    uint16_t sw = TOKEN_SW_OK;

    while (code == TOKEN_OK && rest.left > PART_MAX && sw == TOKEN_SW_OK) {
        build(&c, CLA_CHAIN, apdu, span_make(rest.p, PART_MAX), false);
        code = send(link, &c, answer, &sw);
        rest = span_from(rest, PART_MAX);
    }
    if (code == TOKEN_OK && answer->len > 0) {
        code = TOKEN_FAILED; /* data before the command was whole */
    }
    if (code == TOKEN_OK && sw == TOKEN_SW_OK) {
        const bool le = link->t0 ? rest.left == 0 : !apdu->wants_nothing; /* T=0 has one length byte: Lc or Le */
        build(&c, 0, apdu, rest, le);
        code = send_right(link, &c, answer, &sw);
    }
    explicit_bzero(&c, sizeof(c)); /* there may have been a PIN in it */
    *ret_sw = sw;
    return code;
}

enum token_code token_apdu_exchange(const struct token_link *link, const struct token_apdu *apdu, struct writer *answer,
                                    uint16_t *ret_sw)
{
    uint16_t sw = 0;

    if (apdu->data.left > TOKEN_APDU_DATA_MAX || answer->len > 0) {
        return TOKEN_FAILED;
    }
    enum token_code code = send_parts(link, apdu, answer, &sw);
    if (code == TOKEN_OK) {
        code = take_rest(link, answer, &sw);
    }
    if (code == TOKEN_OK) {
        *ret_sw = sw;
    }
    return code;
}
