/* SPDX-License-Identifier: Apache-2.0 */
/* The test bed under which soft keys show as /dev/hidrawN, with libudev events: umockdev, and one pty per key. */
#ifndef SOFTKEY_BED_H
#define SOFTKEY_BED_H

#include "softkey_ec.h"

enum {
    SOFTKEY_BED_NODE_MAX = 32,
    SOFTKEY_BED_PORT_MAX = 32,
    SOFTKEY_BED_DEVICES = 4, /* usb device, usb interface, hid, hidraw */
    SOFTKEY_BED_READERS_MAX = 16,
};

struct softkey_bed;

/** A device in the bed. All zero is none. */
struct softkey_plug {
    int key_fd;                      /* what the key reads and writes; nonblocking */
    int host_fd;                     /* the other side, held open so that the host's may come and go */
    char node[SOFTKEY_BED_NODE_MAX]; /* "/dev/hidraw0" */
    char *sys[SOFTKEY_BED_DEVICES];  /* paths under /sys, outermost first */
    char host[SOFTKEY_BED_NODE_MAX]; /* the pty */
};

/** A new bed; the process must run under umockdev's preload library. Sets UMOCKDEV_DIR in the environment of this
 * process, which its children inherit. NULL on failure. */
struct softkey_bed *softkey_bed_new(void);
void softkey_bed_free(struct softkey_bed *bed);

/** The bed's directory, what UMOCKDEV_DIR must be; valid as long as the bed. */
const char *softkey_bed_dir(const struct softkey_bed *bed);

/**
 * Put a FIDO key into USB port `port` ("1-2") as /dev/hidraw<number>, and send the add event. The caller keeps ports
 * and numbers apart. False, with the reason on stderr, when the bed cannot.
 */
SOFTKEY_MUST bool softkey_bed_plug(struct softkey_bed *bed, const char *port, unsigned number,
                                   struct softkey_plug *ret_plug);

/** Take it out: the node goes, whoever holds it open sees it hang up, the remove event is sent. */
void softkey_bed_unplug(struct softkey_bed *bed, struct softkey_plug *plug);

/** Put the card reader `number` (tests/softcard/softreader.c: bus 7, device number + 1) into USB port `port`, or
 * another one; NULL takes it out. False when the bed cannot. */
SOFTKEY_MUST bool softkey_bed_reader(struct softkey_bed *bed, unsigned number, const char *port);

/** Bytes that the host has not read yet. */
size_t softkey_bed_waiting(const struct softkey_plug *plug);

/** Send a report to the host. When nobody has read for long, what is unread goes first, as in a real ring buffer. */
void softkey_bed_send(const struct softkey_plug *plug, const uint8_t *report);

#endif
