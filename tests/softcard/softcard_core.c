/* SPDX-License-Identifier: Apache-2.0 */
#include "softcard_core.h"

#include "softcard_turn.h"

enum { CLA_PLAIN = 0x00, CLA_CHAIN = 0x10, INS_SELECT = 0xa4, INS_GET_RESPONSE = 0xc0, INS_AUTHENTICATE = 0x87 };

static const uint8_t aid[] = {0xa0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};
enum { AID_LEAST = 5 };

/* T=0 and T=1 offered; historical bytes: card capabilities with chaining and extended lengths, and who made it. */
static const uint8_t atr[] = {0x3b, 0x8d, 0x80, 0x01, 0x80, 0x73, 0xc0, 0x21, 0xc0,
                              0x57, 's',  'o',  'f',  't',  'P',  'I',  'V',  0xc8};

static const struct {
    uint8_t ins;
    softcard_instruction *run;
} instructions[] = {
    {0x20, softcard_ins_verify},   {0x24, softcard_ins_change},       {0x2c, softcard_ins_unblock},
    {0x47, softcard_ins_generate}, {0x87, softcard_ins_authenticate}, {0xcb, softcard_ins_get_data},
    {0xdb, softcard_ins_put_data}, {0xf7, softcard_ins_metadata},     {0xf8, softcard_ins_serial},
    {0xf9, softcard_ins_attest},   {0xfa, softcard_ins_retries},      {0xfb, softcard_ins_reset},
    {0xfd, softcard_ins_version},  {0xff, softcard_ins_manage},
};

struct span softcard_atr(void)
{
    return SPAN_OF(atr);
}

void softcard_power(struct softcard *card)
{
    card->selected = false;
    card->pin_verified = false;
    card->pin_fresh = false;
    card->managed = false;
    card->waiting = false;
    card->touched_until_ms = 0;
    memset(&card->handshake, 0, sizeof(card->handshake));
    card->chaining = false;
    card->data_len = 0;
    card->sw = SW_OK;
    card->answer_at = 0;
    card->answer_len = 0;
}

static void reply_sw(struct softcard_reply *ret_reply, unsigned sw)
{
    ret_reply->bytes[ret_reply->len++] = (uint8_t)(sw >> 8);
    ret_reply->bytes[ret_reply->len++] = (uint8_t)sw;
}

/* The next piece of the answer: what the host has room for, then how much is left or the status word. */
static void deliver(struct softcard *card, const struct softcard_command *c, struct softcard_reply *ret_reply)
{
    const size_t left = card->answer_len - card->answer_at;
    const size_t room = c->le == 0 ? 256 : c->le;
    const size_t n = left < room ? left : room;

    memcpy(ret_reply->bytes, card->answer + card->answer_at, n);
    ret_reply->len = n;
    card->answer_at += n;
    if (n < left) {
        reply_sw(ret_reply, SW_MORE | (left - n > 0xff ? 0u : (unsigned)(left - n)));
    } else {
        reply_sw(ret_reply, card->sw);
    }
}

static uint16_t do_select(struct softcard_turn *t)
{
    uint8_t properties[64];
    struct writer w = wr_fixed(properties, sizeof(properties));
    const struct span name = t->c->data;

    if (t->c->p1 != 0x04) {
        return SW_PARAMETERS;
    }
    if (name.left < AID_LEAST || name.left > sizeof(aid) || !span_starts(SPAN_OF(aid), name)) {
        return SW_NOT_FOUND;
    }
    t->card->selected = true; /* SP 800-73-4 part 2 §3.1.1: selecting it again changes no security status */
    softcard_tlv_put(&w, 0x4f, span_make(aid + AID_LEAST, sizeof(aid) - AID_LEAST));
    softcard_tlv_put(&w, 0x79, SPAN_LIT("\x4f\x05\xa0\x00\x00\x03\x08"));
    softcard_tlv_put(&w, 0x50, SPAN_LIT("Countersign soft PIV card"));
    softcard_tlv_put(&t->out, 0x61, wr_span(&w));
    return SW_OK;
}

static uint16_t run(struct softcard_turn *t)
{
    if (t->c->ins == INS_SELECT) {
        return do_select(t);
    }
    for (size_t i = 0; t->card->selected && i < sizeof(instructions) / sizeof(instructions[0]); i++) {
        if (instructions[i].ins == t->c->ins) {
            return instructions[i].run(t);
        }
    }
    return SW_INS;
}

/* Does to a whole answer, before it is cut into pieces, what the card was told to do wrong. */
static void spoil(struct softcard *card)
{
    const struct softcard_spoil s = card->spoil;

    memset(&card->spoil, 0, sizeof(card->spoil));
    if (card->answer_len == 0) {
        return;
    }
    if (s.flip) {
        card->answer[card->answer_len - 1] ^= 1;
    }
    card->answer_len -= s.chop < card->answer_len ? s.chop : card->answer_len;
    if (s.truncate && s.keep < card->answer_len) {
        card->answer_len = s.keep;
    }
    if (s.pad_to > card->answer_len && s.pad_to <= sizeof(card->answer)) {
        memset(card->answer + card->answer_len, 0, s.pad_to - card->answer_len);
        card->answer_len = s.pad_to;
    }
}

/* True when there is an answer. */
static bool execute(struct softcard *card, uint64_t now_ms, enum softcard_finger finger,
                    struct softcard_reply *ret_reply)
{
    struct softcard_turn turn = {.card = card, .c = &card->command, .now_ms = now_ms, .finger = finger};

    turn.out = wr_fixed(card->answer, sizeof(card->answer));
    if (card->command.ins != INS_AUTHENTICATE) {
        card->pin_fresh = false; /* a PIN that is asked for always counts for the very next command only */
    }
    const uint16_t sw = run(&turn);
    card->waiting = sw == SOFTCARD_WAIT;
    if (card->waiting) {
        return false;
    }
    if (card->command.ins == INS_AUTHENTICATE) {
        card->pin_fresh = false;
    }
    const bool whole = wr_end(&turn.out, "card.answer").code == CS_OK;
    card->sw = whole ? sw : SW_BROKEN;
    card->answer_at = 0;
    card->answer_len = card->sw == SW_OK ? wr_span(&turn.out).left : 0;
    spoil(card);
    deliver(card, &card->command, ret_reply);
    return true;
}

static bool continues(const struct softcard *card, const struct softcard_command *c)
{
    return card->chaining && c->ins == card->command.ins && c->p1 == card->command.p1 && c->p2 == card->command.p2;
}

/* Adds a command's data to what was collected; a command that does not continue the chain begins anew. */
static bool collect(struct softcard *card, const struct softcard_command *c)
{
    if (!continues(card, c)) {
        card->data_len = 0;
    }
    card->chaining = c->cla == CLA_CHAIN;
    if (c->data.left > sizeof(card->data) - card->data_len) {
        card->chaining = false;
        card->data_len = 0;
        return false;
    }
    if (c->data.left > 0) {
        memcpy(card->data + card->data_len, c->data.p, c->data.left);
    }
    card->data_len += c->data.left;
    card->command = *c;
    card->command.data = span_make(card->data, card->data_len);
    return true;
}

bool softcard_transmit(struct softcard *card, struct span apdu, uint64_t now_ms, struct softcard_reply *ret_reply)
{
    struct softcard_command c;

    ret_reply->len = 0;
    card->waiting = false;
    if (softcard_command_parse(apdu, &c).code != CS_OK) {
        card->chaining = false;
        reply_sw(ret_reply, SW_LENGTH);
        return true;
    }
    if (c.cla != CLA_PLAIN && c.cla != CLA_CHAIN) {
        reply_sw(ret_reply, SW_CLA);
        return true;
    }
    if (c.ins == INS_GET_RESPONSE && card->answer_at < card->answer_len) {
        deliver(card, &c, ret_reply);
        return true;
    }
    card->answer_at = 0;
    card->answer_len = 0;
    if (!collect(card, &c)) {
        reply_sw(ret_reply, SW_LENGTH);
        return true;
    }
    if (card->chaining) {
        reply_sw(ret_reply, SW_OK);
        return true;
    }
    return execute(card, now_ms, SOFTCARD_FINGER_UNASKED, ret_reply);
}

void softcard_touch(struct softcard *card, bool touched, uint64_t now_ms, struct softcard_reply *ret_reply)
{
    ret_reply->len = 0;
    if (!card->waiting || !execute(card, now_ms, touched ? SOFTCARD_FINGER_CAME : SOFTCARD_FINGER_LATE, ret_reply)) {
        reply_sw(ret_reply, SW_BROKEN);
    }
}
