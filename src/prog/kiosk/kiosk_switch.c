/* SPDX-License-Identifier: Apache-2.0 */
#include "kiosk_switch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BITS_BYTES = (KEY_MAX / 8) + 1, EVENTS = 16 };

static bool bit(const uint8_t *bits, unsigned at)
{
    return (bits[at / 8] & 1U << (at % 8)) != 0;
}

/* The lowest code of this type that the device has; false when it has none. */
static bool lowest(int fd, uint16_t type, unsigned most, uint16_t *ret_code)
{
    uint8_t bits[BITS_BYTES] = {0};
    if (ioctl(fd, EVIOCGBIT((unsigned)type, sizeof(bits)), bits) < 0) {
        return false;
    }
    for (unsigned i = 0; i <= most; i++) {
        if (bit(bits, i)) {
            *ret_code = (uint16_t)i;
            return true;
        }
    }
    return false;
}

static bool stands_on(const struct kiosk_switch *s)
{
    uint8_t bits[BITS_BYTES] = {0};
    const int r =
        s->type == EV_SW ? ioctl(s->fd, EVIOCGSW(sizeof(bits)), bits) : ioctl(s->fd, EVIOCGKEY(sizeof(bits)), bits);
    return r >= 0 && bit(bits, s->code);
}

CS_RESULT kiosk_switch_open(struct kiosk_switch *s, const char *path)
{
    *s = (struct kiosk_switch){.fd = -1, .state = SWITCH_NONE};
    if (path == NULL) {
        return CS_SUCCESS;
    }
    s->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ENSURE(s->fd >= 0, CS_E_IO, "presence-switch");
    if (lowest(s->fd, EV_SW, SW_MAX, &s->code)) {
        s->type = EV_SW;
    } else if (lowest(s->fd, EV_KEY, KEY_MAX, &s->code)) {
        s->type = EV_KEY;
    } else {
        kiosk_switch_close(s);
        return CS_FAIL(CS_E_MISSING, "presence-switch");
    }
    s->state = stands_on(s) ? SWITCH_ON : SWITCH_OFF;
    return CS_SUCCESS;
}

void kiosk_switch_close(struct kiosk_switch *s)
{
    if (s->fd >= 0) {
        (void)close(s->fd);
    }
    s->fd = -1;
    s->state = SWITCH_NONE;
}

void kiosk_switch_event(struct kiosk_switch *s, const struct input_event *e)
{
    if (e->type == EV_SYN && e->code == SYN_DROPPED) {
        s->state = SWITCH_OFF; /* we do not know: it must be turned again */
    } else if (e->type == s->type && e->code == s->code) {
        s->state = e->value != 0 ? SWITCH_ON : SWITCH_OFF;
    }
}

void kiosk_switch_read(struct kiosk_switch *s)
{
    struct input_event events[EVENTS];
    ssize_t n = 0;
    while (s->fd >= 0 && (n = read(s->fd, events, sizeof(events))) > 0) {
        for (size_t i = 0; i < (size_t)n / sizeof(events[0]); i++) {
            kiosk_switch_event(s, &events[i]);
        }
    }
    if (s->fd >= 0 && n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR))) {
        kiosk_switch_close(s);
    }
}
