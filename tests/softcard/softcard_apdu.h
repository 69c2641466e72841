/* SPDX-License-Identifier: Apache-2.0 */
/* Command APDUs as they come over the wire, and the BER-TLV inside them. Pure. Sources: ISO 7816-3 §12.1 (the seven
 * cases), ISO 7816-4 §5.2.2 (BER-TLV lengths). */
#ifndef SOFTCARD_APDU_H
#define SOFTCARD_APDU_H

#include "base/base_writer.h"

/* A command; data borrows from the bytes that were parsed. */
struct softcard_command {
    uint8_t cla;
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    struct span data;
    uint32_t le; /* at most this much is wanted: 1 to 256, extended 1 to 65536; 0: nothing said */
    bool extended;
};

/* One whole command. CS_E_SHORT under four bytes, CS_E_SYNTAX when the lengths do not add up to any case. */
CS_RESULT softcard_command_parse(struct span apdu, struct softcard_command *ret_command);

/* The next TLV: tags of one or two bytes, definite lengths up to 65535. CS_E_SHORT, CS_E_SYNTAX. */
CS_RESULT softcard_tlv_next(struct reader *r, uint32_t *ret_tag, struct span *ret_value);

/* The value of the first `tag` in `in`; CS_E_MISSING if there is none, or what softcard_tlv_next says. */
CS_RESULT softcard_tlv_find(struct span in, uint32_t tag, struct span *ret_value);

/* Appends a TLV with the shortest length. */
void softcard_tlv_put(struct writer *w, uint32_t tag, struct span value);

#endif
