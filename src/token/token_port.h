/* SPDX-License-Identifier: Apache-2.0 */
/* The place a token is in: the USB port as the kernel names it ("1-2", "1-2.4"), never the token. */
#ifndef TOKEN_PORT_H
#define TOKEN_PORT_H

#include "token/token_proto.h"

struct udev;

/* Outside text becomes at most TOKEN_TEXT_MAX printable ASCII characters, '?' for others. NULL gives the empty text. */
void token_text_printable(const char *from, char ret_text[TOKEN_TEXT_MAX + 1]);

/* Of a hidraw node. Empty if it is on no USB port. */
void token_port_of_node(struct udev *udev, const char *node, char ret_port[TOKEN_TEXT_MAX + 1]);

/*
 * Of a reader, by its SCARD_ATTR_CHANNEL_ID: 0x0020 in the upper half for USB, bus and device number below (libccid).
 * Empty for any other channel, and when no device has these numbers.
 */
void token_port_of_channel(struct udev *udev, uint32_t channel, char ret_port[TOKEN_TEXT_MAX + 1]);

#endif
