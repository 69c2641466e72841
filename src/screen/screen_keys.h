/* SPDX-License-Identifier: Apache-2.0 */
/* From the bytes that a terminal sends to keys that were pressed. Pure. Source: ECMA-48, xterm and Linux consoles. */
#ifndef SCREEN_KEYS_H
#define SCREEN_KEYS_H

#include "screen/screen_flow.h"

enum {
    KEYS_SEQUENCE_MAX = 16,
    KEYS_ESC_MS = 60, /* a lone escape byte is the key of that name if nothing follows within this */
};

/* All-zero: nothing read yet. */
struct screen_keys {
    uint8_t b[KEYS_SEQUENCE_MAX];
    size_t len;
    uint64_t since_ms; /* of the first byte */
};

struct key_press {
    enum press press;
    uint32_t point; /* of PRESS_CHAR */
};

/* One byte; true when it completes a key. Sequences that are not known, and bytes that are no text, give nothing. */
bool screen_keys_byte(struct screen_keys *k, uint8_t byte, uint64_t now_ms, struct key_press *ret_press);
/* A lone escape that nothing followed; true when it is one. */
bool screen_keys_late(struct screen_keys *k, uint64_t now_ms, struct key_press *ret_press);
/* Bytes wait for more, or for their time to pass. */
static inline bool screen_keys_wait(const struct screen_keys *k)
{
    return k->len > 0;
}

#endif
