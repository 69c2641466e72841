/* SPDX-License-Identifier: Apache-2.0 */
/* CTAPHID: channels, framing, keepalives, cancel; a state machine of 64-byte reports. Time is an argument. Reports go
 * out through a function of the caller's. Source: CTAP 2.1 §11.2. */
#ifndef SOFTKEY_HID_H
#define SOFTKEY_HID_H

#include "softkey_core.h"

enum {
    SOFTKEY_REPORT_BYTES = 64,
    SOFTKEY_CHANNELS_MAX = 16,
    SOFTKEY_KEEPALIVE_MS = 100,
    SOFTKEY_FRAME_TIMEOUT_MS = 500,
};

enum softkey_hid_state {
    SOFTKEY_IDLE,
    SOFTKEY_RECEIVING, /* between the frames of a message */
    SOFTKEY_BLINKING,  /* a request wants a touch */
    SOFTKEY_DELAYING,  /* the answer is made and held back */
};

/** Takes one report of SOFTKEY_REPORT_BYTES. */
typedef void softkey_send(void *ctx, const uint8_t *report);

struct softkey_hid {
    struct softkey_core *core; /* borrowed */
    softkey_send *send;
    void *send_ctx;
    uint32_t delay_ms; /* used with the fault DELAY */
    uint32_t winks;

    uint32_t channels[SOFTKEY_CHANNELS_MAX];
    size_t next_channel; /* the oldest gives way */

    enum softkey_hid_state state;
    uint32_t cid; /* of the message that is being received or answered */
    uint8_t command;
    uint8_t sequence;
    size_t want;
    size_t have;
    uint8_t message[SOFTKEY_MESSAGE_MAX];
    uint64_t since_ms; /* when the state began, or the last frame came */
    uint64_t keepalive_ms;
    struct softkey_reply reply;
};

/** As at power-up. Core, send and delay stay. */
void softkey_hid_power(struct softkey_hid *hid);

/** A report from the host. */
void softkey_hid_report(struct softkey_hid *hid, const uint8_t report[SOFTKEY_REPORT_BYTES], uint64_t now_ms);

/** Do what time asks for: keepalives, timeouts, held-back answers. */
void softkey_hid_tick(struct softkey_hid *hid, uint64_t now_ms);

/** How long softkey_hid_tick may wait to be called, -1 for ever. */
int softkey_hid_wait_ms(const struct softkey_hid *hid, uint64_t now_ms);

/** A finger on the key. It counts, and true is answered, only while the key asks for it. */
bool softkey_hid_touch(struct softkey_hid *hid, uint64_t now_ms);

#endif
