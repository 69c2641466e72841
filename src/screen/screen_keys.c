/* SPDX-License-Identifier: Apache-2.0 */
#include "screen/screen_keys.h"

#include "base/base_text.h"

enum { ESC = 0x1b, FIRST_PRINTABLE = 0x20, ERASE_BS = 0x08, ERASE_DEL = 0x7f };

static const struct sequence {
    const char *bytes; /* after the escape */
    enum press press;
} sequences[] = {
    {"[A", PRESS_UP},         {"[B", PRESS_DOWN}, {"OA", PRESS_UP},    {"OB", PRESS_DOWN}, {"[5~", PRESS_PAGE_UP},
    {"[6~", PRESS_PAGE_DOWN}, {"OP", PRESS_F1},   {"OS", PRESS_F4},    {"[11~", PRESS_F1}, {"[14~", PRESS_F4},
    {"[18~", PRESS_F7},       {"[19~", PRESS_F8}, {"[24~", PRESS_F12}, {"[[A", PRESS_F1},  {"[[D", PRESS_F4},
};

static bool find(const struct screen_keys *k, struct key_press *ret_press)
{
    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        if (span_is(span_make(k->b + 1, k->len - 1), sequences[i].bytes)) {
            *ret_press = (struct key_press){.press = sequences[i].press};
            return true;
        }
    }
    return false;
}

/* Is the sequence in b whole, by the rules of ECMA-48 and of the Linux console's "[[" keys? */
static bool sequence_ends(const struct screen_keys *k)
{
    const uint8_t last = k->b[k->len - 1];
    if (k->len == 2) {
        return last != '[' && last != 'O';
    }
    if (k->b[1] == '[' && k->len == 3 && last == '[') {
        return false;
    }
    return k->b[1] == 'O' || (last >= 0x40 && last <= 0x7e);
}

static bool plain(uint8_t byte, struct key_press *ret_press)
{
    if (byte == '\r' || byte == '\n') {
        *ret_press = (struct key_press){.press = PRESS_ENTER};
    } else if (byte == '\t') {
        *ret_press = (struct key_press){.press = PRESS_TAB};
    } else if (byte == ERASE_BS || byte == ERASE_DEL) {
        *ret_press = (struct key_press){.press = PRESS_ERASE};
    } else if (byte >= FIRST_PRINTABLE && byte < 0x80) {
        *ret_press = (struct key_press){.press = PRESS_CHAR, .point = byte};
    } else {
        return false;
    }
    return true;
}

/* A letter of several bytes: whole, still short, or no text at all. */
static bool letter(struct screen_keys *k, struct key_press *ret_press)
{
    uint32_t point = 0;
    size_t bytes = 0;
    if (text_utf8_next(span_make(k->b, k->len), &point, &bytes).code == CS_OK) {
        k->len = 0;
        *ret_press = (struct key_press){.press = PRESS_CHAR, .point = point};
        return true;
    }
    k->len = k->len >= 4 ? 0 : k->len;
    return false;
}

bool screen_keys_byte(struct screen_keys *k, uint8_t byte, uint64_t now_ms, struct key_press *ret_press)
{
    /* a plain byte ends a letter that was cut, and an escape begins anew */
    const bool cut = k->len > 0 && k->b[0] != ESC && (byte < 0x80 || byte >= 0xc0);
    if (cut || (byte == ESC && k->len > 0)) {
        k->len = 0;
    }
    if (k->len == 0) {
        if (byte != ESC && byte < 0xc0) {
            return plain(byte, ret_press);
        }
        k->since_ms = now_ms;
    }
    k->b[k->len++] = byte;
    if (k->b[0] != ESC) {
        return letter(k, ret_press);
    }
    if (k->len == 1 || (!sequence_ends(k) && k->len < KEYS_SEQUENCE_MAX)) {
        return false;
    }
    const bool known = find(k, ret_press);
    k->len = 0;
    return known;
}

bool screen_keys_late(struct screen_keys *k, uint64_t now_ms, struct key_press *ret_press)
{
    if (k->len == 0 || now_ms - k->since_ms < KEYS_ESC_MS) {
        return false;
    }
    const bool lone = k->len == 1 && k->b[0] == ESC;
    k->len = 0;
    if (lone) {
        *ret_press = (struct key_press){.press = PRESS_ESC};
    }
    return lone;
}
