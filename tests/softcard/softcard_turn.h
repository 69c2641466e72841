/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the card: one command's turn, and who answers it. */
#ifndef SOFTCARD_TURN_H
#define SOFTCARD_TURN_H

#include "softcard_core.h"

enum softcard_finger { SOFTCARD_FINGER_UNASKED, SOFTCARD_FINGER_CAME, SOFTCARD_FINGER_LATE };

enum { SOFTCARD_WAIT = 0 }; /* in place of a status word: blink, then ask again */

struct softcard_turn {
    struct softcard *card;
    const struct softcard_command *c;
    uint64_t now_ms;
    enum softcard_finger finger;
    struct writer out; /* what is answered when the status word is 9000 */
};

/* Each answers the status word; SW_BROKEN when the card's own file or libcrypto fails. */
typedef uint16_t softcard_instruction(struct softcard_turn *t);

softcard_instruction softcard_ins_verify;
softcard_instruction softcard_ins_change;
softcard_instruction softcard_ins_unblock;
softcard_instruction softcard_ins_retries;
softcard_instruction softcard_ins_reset;

softcard_instruction softcard_ins_authenticate;
softcard_instruction softcard_ins_manage;

softcard_instruction softcard_ins_get_data;
softcard_instruction softcard_ins_put_data;
softcard_instruction softcard_ins_generate;
softcard_instruction softcard_ins_attest;
softcard_instruction softcard_ins_metadata;
softcard_instruction softcard_ins_version;
softcard_instruction softcard_ins_serial;

extern const uint8_t softcard_firmware[3];

/* 9A 9C 9D 9E and 82 to 95. */
bool softcard_is_slot(uint8_t slot);

/* Says what the card is to do when nothing was said: PIN always in 9C, never in 9E, once elsewhere; no touch. */
void softcard_settle(struct softcard_key *key);

/* SW_OK once the file is written. */
uint16_t softcard_saved(const struct softcard *card);

#endif
