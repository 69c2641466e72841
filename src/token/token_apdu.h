/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Commands and answers of a card, in short APDUs: command chaining out, GET RESPONSE and a repeated Le in, each with a
 * cap. Pure: the card is a function of the caller. Source: ISO/IEC 7816-4:2013 §5.1, §5.3.3.
 */
#ifndef TOKEN_APDU_H
#define TOKEN_APDU_H

#include "token/token_proto.h"

enum {
    TOKEN_APDU_MAX = 261,         /* bytes of one command: head, Lc, 255 bytes, Le */
    TOKEN_APDU_ANSWER_MAX = 258,  /* bytes of one answer: 256 and the status word */
    TOKEN_APDU_DATA_MAX = 1024,   /* bytes of one command's data, over all its parts */
    TOKEN_APDU_ROUNDS_MAX = 64,   /* GET RESPONSEs after one command */
    TOKEN_APDU_TOTAL_MAX = 12288, /* bytes of one answer, over all its parts */
    TOKEN_SW_OK = 0x9000,
};

/* How to reach a card. */
struct token_link {
    /* One command to the card and its answer of at most cap bytes. TOKEN_OK, or why there is no answer. */
    enum token_code (*transmit)(void *ctx, struct span command, uint8_t *answer, size_t cap, size_t *ret_n);
    void *ctx;
    bool t0; /* protocol T=0: a command with data has no Le */
};

struct token_apdu {
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    struct span data;   /* at most TOKEN_APDU_DATA_MAX; empty: none */
    bool wants_nothing; /* no answer but the status word is asked for */
};

/*
 * One command, however many parts it takes. With TOKEN_OK the card has answered: *ret_sw is its last status word,
 * *answer has its data appended. What was sent is wiped here.
 *
 * Else: what link->transmit said, or TOKEN_FAILED: a malformed or oversize answer, data too long for a command, a card
 * that goes on and on. *ret_sw is then untouched, *answer undefined.
 */
enum token_code token_apdu_exchange(const struct token_link *link, const struct token_apdu *apdu, struct writer *answer,
                                    uint16_t *ret_sw);

#endif
