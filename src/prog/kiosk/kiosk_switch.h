/* SPDX-License-Identifier: Apache-2.0 */
/* A switch beside the screen, as an input device of the kernel: on, off, or gone. */
#ifndef KIOSK_SWITCH_H
#define KIOSK_SWITCH_H

#include "base/base_result.h"
#include "screen/screen_flow.h"

struct input_event;

struct kiosk_switch {
    int fd;        /* -1: there is none */
    uint16_t type; /* EV_SW, or EV_KEY where it is a key that is held */
    uint16_t code;
    enum flow_switch state;
};

/*
 * The lowest switch of the device, or its lowest key; and how it stands now. path NULL: there is none.
 *
 * Errors: CS_E_IO       cannot be opened, or is no input device
 *         CS_E_MISSING  it has neither switch nor key
 */
CS_RESULT kiosk_switch_open(struct kiosk_switch *s, const char *path);
void kiosk_switch_close(struct kiosk_switch *s);
/* What happened since; a device that is gone or lost events counts as off until it says that it is on. */
void kiosk_switch_read(struct kiosk_switch *s);
/* The same for one event. Pure. */
void kiosk_switch_event(struct kiosk_switch *s, const struct input_event *e);

#endif
