/* SPDX-License-Identifier: Apache-2.0 */
/* Which FIDO2 keys are in, kept current by udev. libfido2 says which hidraw nodes are keys; udev says when to look. */
#ifndef TOKEN_DEVICES_H
#define TOKEN_DEVICES_H

#include "token/token_proto.h"

struct udev;
struct udev_monitor;

struct token_devices {
    struct udev *udev;
    struct udev_monitor *monitor;
    uint64_t next_number;
    size_t count;
    struct token_device list[TOKEN_DEVICES_MAX];
};

/* Listens first, then looks, so no key is missed between the two. CS_E_NOMEM, CS_E_IO: *ret_d is all-zero then. */
CS_RESULT token_devices_open(struct token_devices *ret_d);
void token_devices_close(struct token_devices *d);
/* Readable when something changed. */
int token_devices_fd(const struct token_devices *d);
/* Takes the events that wait. True if the list is another one now. */
bool token_devices_update(struct token_devices *d);
/* The token with this number, or NULL: it is not in, or no more. Valid until the list changes. */
const struct token_device *token_devices_find(const struct token_devices *d, uint64_t number);

#endif
