/* SPDX-License-Identifier: Apache-2.0 */
#include "token/token_hid.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

enum {
    QUIET_MAX_MS = 5000,   /* a key at work sends a keepalive every 100 ms; some say nothing while they compute */
    PEEK_MAX = 64,         /* reports in one look; hidraw keeps as many */
    TOUCH_GUESS_MS = 1000, /* a key that does not say that it waits for a touch is believed to do so by now */
    WITHDRAW_MAX_MS = 500, /* for the answer to a cancel */
    FRAME_CMD = 4,         /* offsets in a report */
    FRAME_DATA = 7,
    HID_CANCEL = 0x80 | CTAP_CMD_CANCEL,
    HID_CBOR = 0x80 | CTAP_CMD_CBOR,
    HID_KEEPALIVE = 0x80 | CTAP_KEEPALIVE,
    KEEPALIVE_TOUCH = 2, /* CTAP 2.1 §11.2.9.1.6: STATUS_UPNEEDED */
};

/* libfido2's open function is given a path and nothing else, so the operation's state waits here for it. */
static _Thread_local struct token_hid *opening;

uint64_t token_clock_ms(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

void token_hid_init(struct token_hid *h, const struct token_wait *wait, uint64_t deadline_ms)
{
    *h = (struct token_hid){.fd = -1, .wait = *wait, .deadline_ms = deadline_ms};
}

static void *hid_open(const char *path)
{
    struct token_hid *h = opening;

    const int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        h->end = errno == ENOENT || errno == ENODEV || errno == ENXIO ? TOKEN_END_REMOVED : TOKEN_END_HELD;
        return NULL;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) { /* libfido2 in another process: two on one key garble each other */
        h->end = TOKEN_END_HELD;
        (void)close(fd);
        return NULL;
    }
    h->fd = fd;
    return h;
}

static void hid_close(void *handle)
{
    struct token_hid *h = handle;

    if (h->fd >= 0) {
        (void)close(h->fd);
        h->fd = -1;
    }
}

static bool touch_belongs(const struct token_hid *h)
{
    return !h->silent && (h->asked == CTAP_CBOR_MAKECRED || h->asked == CTAP_CBOR_ASSERT);
}

static void tell_touch(struct token_hid *h)
{
    if (touch_belongs(h) && !h->touch_told) {
        h->touch_told = true;
        h->wait.touch(h->wait.ctx);
    }
}

void token_hid_withdraw(struct token_hid *h)
{
    uint8_t report[TOKEN_REPORT_BYTES + 1] = {0};
    const uint64_t until_ms = token_clock_ms() + WITHDRAW_MAX_MS;
    uint64_t now_ms = token_clock_ms();

    if (h->fd < 0 || !h->pending ||
        memcmp(h->cid, "\xff\xff\xff\xff", sizeof(h->cid)) == 0) { /* nothing, or no channel yet */
        return;
    }
    h->pending = false;
    memcpy(report + 1, h->cid, sizeof(h->cid));
    report[1 + FRAME_CMD] = HID_CANCEL;
    if (write(h->fd, report, sizeof(report)) != (ssize_t)sizeof(report)) {
        return;
    }
    while (now_ms < until_ms) {
        struct pollfd p = {.fd = h->fd, .events = POLLIN};
        if (poll(&p, 1, (int)(until_ms - now_ms)) < 0 && errno != EINTR) {
            return;
        }
        const ssize_t n = read(h->fd, report, TOKEN_REPORT_BYTES);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return;
        }
        if (n == TOKEN_REPORT_BYTES && memcmp(report, h->cid, sizeof(h->cid)) == 0 &&
            report[FRAME_CMD] != HID_KEEPALIVE) {
            return;
        }
        now_ms = token_clock_ms();
    }
}

/* When this wait has to be looked at again: the deadline, the end of the key's silence, or the touch to guess. */
static uint64_t wait_until_ms(const struct token_hid *h)
{
    uint64_t until_ms = h->heard_ms + QUIET_MAX_MS;

    if (touch_belongs(h) && h->pending) {
        until_ms = h->touch_told ? h->deadline_ms : h->asked_ms + TOUCH_GUESS_MS;
    }
    return until_ms < h->deadline_ms ? until_ms : h->deadline_ms;
}

/* True: read now. False: the operation has ended, h->end says why. */
static bool await_report(struct token_hid *h)
{
    while (h->end == TOKEN_END_NONE) {
        if (token_clock_ms() >= h->deadline_ms) { /* whatever is there to read: a key may talk for ever */
            h->end = TOKEN_END_TIME;
            break;
        }
        switch (h->wait.wait(h->wait.ctx, h->fd, wait_until_ms(h))) {
        case TOKEN_WAKE_READY:
            return true;
        case TOKEN_WAKE_CANCEL:
            h->end = TOKEN_END_CANCEL;
            break;
        case TOKEN_WAKE_REMOVED:
            h->end = TOKEN_END_REMOVED;
            break;
        case TOKEN_WAKE_TIME:
            if (touch_belongs(h) && h->pending) {
                tell_touch(h);
            } else if (token_clock_ms() >= h->heard_ms + QUIET_MAX_MS) {
                h->end = TOKEN_END_MUTE;
            }
            break;
        }
    }
    return false;
}

/* Is this report ours? Other channels' are skipped: a reader of hidraw sees them all. */
static bool note_report(struct token_hid *h, const uint8_t *report)
{
    if (memcmp(report, h->cid, sizeof(h->cid)) != 0) {
        return false;
    }
    h->heard_ms = token_clock_ms();
    if (report[FRAME_CMD] != HID_KEEPALIVE) {
        h->pending = false;
        h->peek = false; /* what follows belongs to it and is waited for */
    } else if (report[FRAME_DATA] == KEEPALIVE_TOUCH || h->heard_ms >= h->asked_ms + TOUCH_GUESS_MS) {
        tell_touch(h);
    }
    return true;
}

static int hid_read(void *handle, unsigned char *buf, size_t len, int ms)
{
    struct token_hid *h = handle;
    uint8_t report[TOKEN_REPORT_BYTES];

    (void)ms; /* the operation has one deadline for all its calls */
    while (len == sizeof(report) && (h->peek ? h->taken++ < PEEK_MAX : await_report(h))) {
        const ssize_t n = read(h->fd, report, sizeof(report));
        if (n == (ssize_t)sizeof(report)) {
            if (note_report(h, report)) {
                memcpy(buf, report, sizeof(report));
                return (int)sizeof(report);
            }
        } else if (n >= 0 || (errno != EAGAIN && errno != EINTR)) {
            h->end = TOKEN_END_REMOVED; /* hidraw: EIO or ENODEV; a report is never cut */
            h->peek = false;
        } else if (h->peek) {
            return -1; /* nothing yet */
        }
    }
    if (h->end == TOKEN_END_TIME || h->end == TOKEN_END_MUTE || h->end == TOKEN_END_CANCEL) {
        token_hid_withdraw(h);
    }
    return -1;
}

/* buf is a report id of zero and 64 bytes. */
static int hid_write(void *handle, const unsigned char *buf, size_t len)
{
    struct token_hid *h = handle;

    if (len != TOKEN_REPORT_BYTES + 1 || h->end != TOKEN_END_NONE) {
        return -1;
    }
    const uint8_t *report = buf + 1;
    if ((report[FRAME_CMD] & 0x80u) != 0) { /* an initialisation packet starts a request; the others continue it */
        memcpy(h->cid, report, sizeof(h->cid));
        h->asked = report[FRAME_CMD] == HID_CBOR ? report[FRAME_DATA] : 0;
        h->pending = true;
    }
    if (write(h->fd, buf, len) != (ssize_t)len) {
        h->end = TOKEN_END_REMOVED;
        return -1;
    }
    h->asked_ms = token_clock_ms();
    h->heard_ms = h->asked_ms;
    return (int)len;
}

int token_hid_open(struct token_hid *h, fido_dev_t *dev, const char *path)
{
    static const fido_dev_io_t io = {.open = hid_open, .close = hid_close, .read = hid_read, .write = hid_write};

    int r = fido_dev_set_io_functions(dev, &io);
    if (r == FIDO_OK) {
        opening = h;
        r = fido_dev_open(dev, path);
        opening = NULL;
    }
    return r;
}
