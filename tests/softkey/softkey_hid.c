/* SPDX-License-Identifier: Apache-2.0 */
#include "softkey_hid.h"

#include <openssl/rand.h>

enum hid_command {
    HID_PING = 0x01,
    HID_MSG = 0x03,
    HID_INIT = 0x06,
    HID_WINK = 0x08,
    HID_CBOR = 0x10,
    HID_CANCEL = 0x11,
    HID_KEEPALIVE = 0x3b,
    HID_ERROR = 0x3f,
};

enum hid_error {
    HID_ERR_INVALID_CMD = 0x01,
    HID_ERR_INVALID_LEN = 0x03,
    HID_ERR_INVALID_SEQ = 0x04,
    HID_ERR_MSG_TIMEOUT = 0x05,
    HID_ERR_CHANNEL_BUSY = 0x06,
    HID_ERR_INVALID_CHANNEL = 0x0b,
};

enum {
    INIT_DATA = SOFTKEY_REPORT_BYTES - 7,
    NEXT_DATA = SOFTKEY_REPORT_BYTES - 5,
    KEEPALIVE_PROCESSING = 1,
    KEEPALIVE_UP_NEEDED = 2,
    CAPABILITIES = 0x01 | 0x04 | 0x08, /* wink, CBOR, no U2F messages */
};

static const uint32_t broadcast = UINT32_MAX;

static uint32_t get_cid(const uint8_t *report)
{
    return (uint32_t)report[0] << 24 | (uint32_t)report[1] << 16 | (uint32_t)report[2] << 8 | report[3];
}

static void put_cid(uint8_t *report, uint32_t cid)
{
    for (unsigned i = 0; i < 4; i++) {
        report[i] = (uint8_t)(cid >> (24 - 8 * i));
    }
}

static void send_report(struct softkey_hid *hid, const uint8_t *report)
{
    if (!softkey_has(hid->core->faults, SOFTKEY_FAULT_MUTE)) {
        hid->send(hid->send_ctx, report);
    }
}

static void send_message(struct softkey_hid *hid, uint32_t cid, enum hid_command command, struct softkey_span bytes)
{
    uint8_t report[SOFTKEY_REPORT_BYTES] = {0};
    size_t at = bytes.len < INIT_DATA ? bytes.len : INIT_DATA;

    put_cid(report, cid);
    report[4] = (uint8_t)((unsigned)command | 0x80u);
    report[5] = (uint8_t)(bytes.len >> 8);
    report[6] = (uint8_t)bytes.len;
    if (at > 0) {
        memcpy(report + 7, bytes.p, at);
    }
    send_report(hid, report);
    for (uint8_t sequence = 0; at < bytes.len; sequence++) {
        const size_t n = bytes.len - at < NEXT_DATA ? bytes.len - at : NEXT_DATA;
        memset(report, 0, sizeof(report));
        put_cid(report, cid);
        report[4] = sequence;
        memcpy(report + 5, bytes.p + at, n);
        send_report(hid, report);
        at += n;
    }
}

static void send_byte(struct softkey_hid *hid, uint32_t cid, enum hid_command command, unsigned value)
{
    const uint8_t byte = (uint8_t)value;
    send_message(hid, cid, command, (struct softkey_span){&byte, 1});
}

static void send_error(struct softkey_hid *hid, uint32_t cid, enum hid_error error)
{
    send_byte(hid, cid, HID_ERROR, error);
}

void softkey_hid_power(struct softkey_hid *hid)
{
    memset(hid->channels, 0, sizeof(hid->channels));
    hid->next_channel = 0;
    hid->state = SOFTKEY_IDLE;
}

static bool channel_known(const struct softkey_hid *hid, uint32_t cid)
{
    for (size_t i = 0; i < SOFTKEY_CHANNELS_MAX; i++) {
        if (cid != 0 && hid->channels[i] == cid) {
            return true;
        }
    }
    return false;
}

static uint32_t new_channel(struct softkey_hid *hid)
{
    uint8_t bytes[4];
    uint32_t cid = 0;

    while (cid == 0 || cid == broadcast || channel_known(hid, cid)) {
        if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
            abort();
        }
        cid = get_cid(bytes);
    }
    hid->channels[hid->next_channel] = cid;
    hid->next_channel = (hid->next_channel + 1) % SOFTKEY_CHANNELS_MAX;
    return cid;
}

static void answer_init(struct softkey_hid *hid, const uint8_t *report)
{
    const uint32_t cid = get_cid(report);
    uint8_t body[17];

    if (report[5] != 0 || report[6] != 8) {
        send_error(hid, cid, HID_ERR_INVALID_LEN);
        return;
    }
    if (cid != broadcast && cid == hid->cid) {
        hid->state = SOFTKEY_IDLE; /* INIT is how a host gives up on its own transaction */
    }
    memcpy(body, report + 7, 8);
    put_cid(body + 8, cid == broadcast ? new_channel(hid) : cid);
    body[12] = 2; /* CTAPHID protocol version */
    body[13] = 1;
    body[14] = 0;
    body[15] = 0;
    body[16] = CAPABILITIES;
    send_message(hid, cid, HID_INIT, (struct softkey_span){body, sizeof(body)});
}

static void finish(struct softkey_hid *hid)
{
    hid->state = SOFTKEY_IDLE;
    send_message(hid, hid->cid, HID_CBOR, (struct softkey_span){hid->reply.bytes, hid->reply.len});
}

static void finish_with_status(struct softkey_hid *hid, enum softkey_status status)
{
    hid->reply.bytes[0] = (uint8_t)status;
    hid->reply.len = 1;
    finish(hid);
}

/* Faults of the answer itself; they concern what the host acts on, not how it gets to know the key. */
static void spoil(struct softkey_hid *hid)
{
    struct softkey_reply *r = &hid->reply;
    const uint32_t faults = hid->core->faults;
    const uint8_t command = hid->message[0];

    if (command != CTAP_MAKE_CREDENTIAL && command != CTAP_GET_ASSERTION && command != CTAP_GET_NEXT_ASSERTION) {
        return;
    }
    for (size_t i = 1; softkey_has(faults, SOFTKEY_FAULT_GARBAGE) && i < r->len; i++) {
        r->bytes[i] = (uint8_t)(0xffu - i * 7u);
    }
    if (softkey_has(faults, SOFTKEY_FAULT_TRUNCATE) && r->len > 1) {
        r->len /= 2;
    }
}

static bool never_ends(const struct softkey_hid *hid)
{
    return softkey_has(hid->core->faults, SOFTKEY_FAULT_ENDLESS) || softkey_has(hid->core->faults, SOFTKEY_FAULT_FLOOD);
}

static bool is_assertion(const struct softkey_hid *hid)
{
    return hid->command == HID_CBOR && hid->have > 0 && hid->message[0] == CTAP_GET_ASSERTION;
}

/* Runs the request, for the first time or with the touch it asked for. */
static void run(struct softkey_hid *hid, bool touched, uint64_t now_ms)
{
    const struct softkey_request request = {{hid->message, hid->have}, now_ms, touched};

    hid->since_ms = now_ms;
    if (softkey_core_answer(hid->core, &request, &hid->reply) == CTAP_WANTS_TOUCH) {
        hid->state = SOFTKEY_BLINKING;
        hid->keepalive_ms = now_ms; /* the first one at once */
        softkey_hid_tick(hid, now_ms);
        return;
    }
    spoil(hid);
    const bool late = softkey_has(hid->core->faults, SOFTKEY_FAULT_DELAY) && hid->delay_ms > 0;
    if (late || (never_ends(hid) && is_assertion(hid))) {
        hid->state = SOFTKEY_DELAYING;
        hid->keepalive_ms = now_ms;
        return;
    }
    finish(hid);
}

static void whole_message(struct softkey_hid *hid, uint64_t now_ms)
{
    hid->state = SOFTKEY_IDLE;
    switch (hid->command) {
    case HID_PING:
        send_message(hid, hid->cid, HID_PING, (struct softkey_span){hid->message, hid->have});
        return;
    case HID_WINK:
        hid->winks++;
        send_message(hid, hid->cid, HID_WINK, (struct softkey_span){NULL, 0});
        return;
    case HID_CBOR:
        run(hid, false, now_ms);
        return;
    default: /* a number of the wire; U2F's MSG is among the refused */
        send_error(hid, hid->cid, HID_ERR_INVALID_CMD);
        return;
    }
}

static void first_frame(struct softkey_hid *hid, const uint8_t *report, uint64_t now_ms)
{
    const size_t len = (size_t)report[5] << 8 | report[6];

    if (len > SOFTKEY_MESSAGE_MAX) {
        send_error(hid, get_cid(report), HID_ERR_INVALID_LEN);
        return;
    }
    hid->cid = get_cid(report);
    hid->command = report[4] & 0x7fu;
    hid->sequence = 0;
    hid->want = len;
    hid->have = len < INIT_DATA ? len : INIT_DATA;
    memcpy(hid->message, report + 7, hid->have);
    hid->state = SOFTKEY_RECEIVING;
    hid->since_ms = now_ms;
    if (hid->have == hid->want) {
        whole_message(hid, now_ms);
    }
}

static void next_frame(struct softkey_hid *hid, const uint8_t *report, uint64_t now_ms)
{
    if (hid->state != SOFTKEY_RECEIVING || get_cid(report) != hid->cid) {
        return; /* a stray continuation is ignored */
    }
    if (report[4] != hid->sequence) {
        hid->state = SOFTKEY_IDLE;
        send_error(hid, hid->cid, HID_ERR_INVALID_SEQ);
        return;
    }
    const size_t left = hid->want - hid->have;
    const size_t n = left < NEXT_DATA ? left : NEXT_DATA;
    memcpy(hid->message + hid->have, report + 5, n);
    hid->have += n;
    hid->sequence++;
    hid->since_ms = now_ms;
    if (hid->have == hid->want) {
        whole_message(hid, now_ms);
    }
}

static void cancel(struct softkey_hid *hid, uint32_t cid)
{
    const bool deaf = never_ends(hid) || softkey_has(hid->core->faults, SOFTKEY_FAULT_LATE);
    if (hid->state == SOFTKEY_BLINKING && hid->cid == cid && !deaf) {
        finish_with_status(hid, CTAP_KEEPALIVE_CANCEL);
    }
}

void softkey_hid_report(struct softkey_hid *hid, const uint8_t report[SOFTKEY_REPORT_BYTES], uint64_t now_ms)
{
    const uint32_t cid = get_cid(report);
    const uint8_t command = report[4] & 0x7fu;

    softkey_hid_tick(hid, now_ms);
    if ((report[4] & 0x80u) == 0) {
        next_frame(hid, report, now_ms);
        return;
    }
    if (command == HID_INIT && (cid == broadcast || channel_known(hid, cid))) {
        answer_init(hid, report);
        return;
    }
    if (!channel_known(hid, cid)) {
        send_error(hid, cid, HID_ERR_INVALID_CHANNEL);
        return;
    }
    if (command == HID_CANCEL) {
        cancel(hid, cid);
        return;
    }
    if (hid->state == SOFTKEY_RECEIVING && cid == hid->cid) {
        hid->state = SOFTKEY_IDLE;
        send_error(hid, cid, HID_ERR_INVALID_SEQ);
        return;
    }
    if (hid->state != SOFTKEY_IDLE) {
        send_error(hid, cid, HID_ERR_CHANNEL_BUSY);
        return;
    }
    first_frame(hid, report, now_ms);
}

static void keep_alive(struct softkey_hid *hid, unsigned status, uint64_t now_ms)
{
    if (now_ms >= hid->keepalive_ms) {
        hid->keepalive_ms =
            softkey_has(hid->core->faults, SOFTKEY_FAULT_FLOOD) ? now_ms : now_ms + SOFTKEY_KEEPALIVE_MS;
        send_byte(hid, hid->cid, HID_KEEPALIVE, status);
    }
}

void softkey_hid_tick(struct softkey_hid *hid, uint64_t now_ms)
{
    const uint64_t waited = now_ms - hid->since_ms;

    switch (hid->state) {
    case SOFTKEY_IDLE:
        return;
    case SOFTKEY_RECEIVING:
        if (waited >= SOFTKEY_FRAME_TIMEOUT_MS) {
            hid->state = SOFTKEY_IDLE;
            send_error(hid, hid->cid, HID_ERR_MSG_TIMEOUT);
        }
        return;
    case SOFTKEY_BLINKING:
        if (waited >= SOFTKEY_TOUCH_TIMEOUT_MS && !never_ends(hid)) {
            finish_with_status(hid, CTAP_USER_ACTION_TIMEOUT);
            return;
        }
        keep_alive(hid, KEEPALIVE_UP_NEEDED, now_ms);
        return;
    case SOFTKEY_DELAYING:
        if (waited >= hid->delay_ms && !never_ends(hid)) {
            finish(hid);
            return;
        }
        keep_alive(hid, KEEPALIVE_PROCESSING, now_ms);
        return;
    }
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

int softkey_hid_wait_ms(const struct softkey_hid *hid, uint64_t now_ms)
{
    uint64_t at = 0;

    switch (hid->state) {
    case SOFTKEY_IDLE:
        return -1;
    case SOFTKEY_RECEIVING:
        at = hid->since_ms + SOFTKEY_FRAME_TIMEOUT_MS;
        break;
    case SOFTKEY_BLINKING:
        at = never_ends(hid) ? hid->keepalive_ms : sooner(hid->keepalive_ms, hid->since_ms + SOFTKEY_TOUCH_TIMEOUT_MS);
        break;
    case SOFTKEY_DELAYING:
        at = never_ends(hid) ? hid->keepalive_ms : sooner(hid->keepalive_ms, hid->since_ms + hid->delay_ms);
        break;
    }
    return at <= now_ms ? 0 : (int)(at - now_ms);
}

bool softkey_hid_touch(struct softkey_hid *hid, uint64_t now_ms)
{
    if (hid->state != SOFTKEY_BLINKING || never_ends(hid)) {
        return false;
    }
    run(hid, true, now_ms);
    return true;
}
